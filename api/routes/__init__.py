"""The API's routes, one module per resource."""

from litestar.types import ControllerRouterHandler

from api.routes.assets import AssetController
from api.routes.checkouts import CheckoutController
from api.routes.collections import CollectionController
from api.routes.creators import CreatorController
from api.routes.discounts import DiscountController
from api.routes.fonts import FontController
from api.routes.formats import FormatController
from api.routes.fulfilment_holds import FulfilmentHoldController
from api.routes.fulfilments import FulfilmentController
from api.routes.health import describe, live, ready
from api.routes.imports import ImportController
from api.routes.insights import InsightController
from api.routes.keys import KeyController
from api.routes.link_hosts import LinkHostController
from api.routes.links import LinkController
from api.routes.networks import NetworkController
from api.routes.order_reviews import OrderReviewController
from api.routes.orders import OrderController
from api.routes.posts import PostController
from api.routes.products import ProductController
from api.routes.reconciliation import entries, reconciliation
from api.routes.refunds import RefundController
from api.routes.shipping_rates import ShippingRateController
from api.routes.shop import ShopController
from api.routes.tags import TagController
from api.routes.templates import TemplateController
from api.routes.uploads import UploadController
from api.routes.variants import VariantController
from api.routes.visual_batches import VisualBatchController
from api.routes.visuals import VisualController
from api.routes.webhook_deliveries import WebhookDeliveryController
from api.routes.webhook_endpoints import WebhookEndpointController
from api.routes.webhooks import stripe_webhook

ROUTES: tuple[ControllerRouterHandler, ...] = (
    AssetController,
    CheckoutController,
    CollectionController,
    CreatorController,
    DiscountController,
    FontController,
    FormatController,
    FulfilmentController,
    FulfilmentHoldController,
    ImportController,
    InsightController,
    KeyController,
    LinkController,
    LinkHostController,
    NetworkController,
    OrderController,
    OrderReviewController,
    PostController,
    ProductController,
    RefundController,
    ShippingRateController,
    ShopController,
    TagController,
    TemplateController,
    UploadController,
    VariantController,
    VisualBatchController,
    VisualController,
    WebhookDeliveryController,
    WebhookEndpointController,
    describe,
    entries,
    live,
    ready,
    reconciliation,
    stripe_webhook,
)
