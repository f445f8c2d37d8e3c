"""The API's routes, one module per resource."""

from litestar.types import ControllerRouterHandler

from api.routes.assets import AssetController
from api.routes.checkouts import CheckoutController
from api.routes.insights import InsightController
from api.routes.orders import OrderController
from api.routes.posts import PostController
from api.routes.shop import ShopController
from api.routes.visuals import VisualController, list_formats, list_templates
from api.routes.webhooks import stripe_webhook

ROUTES: tuple[ControllerRouterHandler, ...] = (
    AssetController,
    CheckoutController,
    InsightController,
    OrderController,
    PostController,
    ShopController,
    VisualController,
    list_formats,
    list_templates,
    stripe_webhook,
)
