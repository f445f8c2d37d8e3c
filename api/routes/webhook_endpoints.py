"""`/v1/webhook-endpoints`: who hears of what happens in the shop."""

from typing import Annotated

from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from api import etags
from api.dependencies import AppServices, CurrentShop, DbSession, IfMatch
from api.paging import PageCursor, PageLimit
from core.webhooks import deliveries, endpoints
from core.webhooks.deliveries import Filters
from core.webhooks.models import WebhookEndpoint
from core.webhooks.schemas import (
    SecretRotation,
    Status,
    WebhookDeliveryOut,
    WebhookEndpointChange,
    WebhookEndpointCreate,
    WebhookEndpointMade,
    WebhookEndpointOut,
)
from core.wire import Page

TypeFilter = Annotated[str | None, QueryParameter(min_length=3, max_length=60, pattern=r"^[a-z_]+\.[a-z_]+$")]


class WebhookEndpointController(Controller):
    """Addresses that get signed messages, at least once, and in order for each order."""

    path = "/v1/webhook-endpoints"
    tags = ("Webhooks",)

    @post(operation_id="createWebhookEndpoint", opt={"scope": "webhooks:write"})
    async def create(
        self, data: JSONBody[WebhookEndpointCreate], session: DbSession, shop: CurrentShop, services: AppServices
    ) -> Response[WebhookEndpointMade]:
        """Add an endpoint. Its secret is shown this once: messages are signed with it, as Standard Webhooks says."""
        made, secret = await endpoints.create(session, shop, data, services.vault, services.outbound)
        return etags.tagged(WebhookEndpointMade.shown(made, secret), made.version)

    @get(operation_id="listWebhookEndpoints", opt={"scope": "webhooks:read"})
    async def list(
        self, session: DbSession, shop: CurrentShop, limit: PageLimit = 20, cursor: PageCursor = None
    ) -> Page[WebhookEndpointOut]:
        """The shop's endpoints and how they are, newest first, archived ones left out."""
        found, following = await endpoints.list_page(session, shop, limit, cursor)
        return Page(items=[WebhookEndpointOut.of(each) for each in found], next_cursor=following)

    @get("/{endpoint_id:str}", operation_id="getWebhookEndpoint", opt={"scope": "webhooks:read"})
    async def read(
        self, endpoint_id: FromPath[str], session: DbSession, shop: CurrentShop
    ) -> Response[WebhookEndpointOut]:
        """One endpoint, with its ETag."""
        return _answer(await endpoints.get(session, shop, endpoint_id))

    @patch("/{endpoint_id:str}", operation_id="changeWebhookEndpoint", opt={"scope": "webhooks:write"})
    async def change(
        self,
        endpoint_id: FromPath[str],
        data: JSONBody[WebhookEndpointChange],
        session: DbSession,
        shop: CurrentShop,
        services: AppServices,
        if_match: IfMatch = None,
    ) -> Response[WebhookEndpointOut]:
        """Change an endpoint. `enabled: true` after a failure sends what waits and what was given up once more."""
        version = etags.wanted(if_match)
        return _answer(await endpoints.change(session, shop, endpoint_id, data, version, services.outbound))

    @delete("/{endpoint_id:str}", operation_id="archiveWebhookEndpoint", opt={"scope": "webhooks:write"})
    async def archive(self, endpoint_id: FromPath[str], session: DbSession, shop: CurrentShop) -> None:
        """Send nothing there any more, for good."""
        await endpoints.archive(session, shop, endpoint_id)

    @post("/{endpoint_id:str}/rotate-secret", operation_id="rotateWebhookSecret", opt={"scope": "webhooks:write"})
    async def rotate(
        self,
        endpoint_id: FromPath[str],
        data: JSONBody[SecretRotation],
        session: DbSession,
        shop: CurrentShop,
        services: AppServices,
    ) -> Response[WebhookEndpointMade]:
        """A new secret, shown this once. Until `previous_secret_until` messages carry a signature with each of both."""
        endpoint, secret = await endpoints.rotate(session, shop, endpoint_id, data, services.vault)
        return etags.tagged(WebhookEndpointMade.shown(endpoint, secret), endpoint.version)

    @post(
        "/{endpoint_id:str}/test",
        operation_id="testWebhookEndpoint",
        opt={"scope": "webhooks:write", "problems": ("410",)},
    )
    async def test(self, endpoint_id: FromPath[str], session: DbSession, shop: CurrentShop) -> WebhookDeliveryOut:
        """Send a test event (`webhook_endpoint.test`), once. Read the delivery a moment later to see what came back."""
        endpoint = await endpoints.lock(session, shop, endpoint_id)
        return WebhookDeliveryOut.of(await deliveries.test(session, endpoint))

    @get("/{endpoint_id:str}/deliveries", operation_id="listWebhookDeliveries", opt={"scope": "webhooks:read"})
    async def list_deliveries(
        self,
        endpoint_id: FromPath[str],
        session: DbSession,
        shop: CurrentShop,
        limit: PageLimit = 20,
        cursor: PageCursor = None,
        status: FromQuery[Status | None] = None,
        event_type: TypeFilter = None,
    ) -> Page[WebhookDeliveryOut]:
        """What was sent there, or is to be, newest first; kept for 30 days."""
        endpoint = await endpoints.get(session, shop, endpoint_id)
        found, following = await deliveries.list_page(session, endpoint, Filters(status, event_type), limit, cursor)
        return Page(items=[WebhookDeliveryOut.of(each) for each in found], next_cursor=following)


def _answer(endpoint: WebhookEndpoint) -> Response[WebhookEndpointOut]:
    return etags.tagged(WebhookEndpointOut.of(endpoint), endpoint.version)
