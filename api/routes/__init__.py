"""The API's routes, one module per resource."""

from litestar.types import ControllerRouterHandler

from api.routes.checkouts import CheckoutController
from api.routes.insights import InsightController
from api.routes.orders import OrderController
from api.routes.shop import ShopController
from api.routes.webhooks import stripe_webhook

ROUTES: tuple[ControllerRouterHandler, ...] = (
    CheckoutController,
    InsightController,
    OrderController,
    ShopController,
    stripe_webhook,
)
