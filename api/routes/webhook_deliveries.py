"""`/v1/webhook-deliveries`: one event on its way to one endpoint."""

from litestar import Controller, get, post
from litestar.params import FromPath

from api.dependencies import CurrentShop, DbSession
from core.webhooks import deliveries
from core.webhooks.schemas import WebhookDeliveryOut, WebhookDeliveryRead


class WebhookDeliveryController(Controller):
    """The log of what was sent, and its repetition."""

    path = "/v1/webhook-deliveries/{delivery_id:str}"
    tags = ("Webhooks",)

    @get(operation_id="getWebhookDelivery", opt={"scope": "webhooks:read"})
    async def read(self, delivery_id: FromPath[str], session: DbSession, shop: CurrentShop) -> WebhookDeliveryRead:
        """One delivery: the body, and every try with how the answer began."""
        delivery = await deliveries.get(session, shop, delivery_id)
        return WebhookDeliveryRead.whole(delivery, await deliveries.attempts(session, delivery))

    @post("/resend", operation_id="resendWebhookDelivery", opt={"scope": "webhooks:write"})
    async def resend(self, delivery_id: FromPath[str], session: DbSession, shop: CurrentShop) -> WebhookDeliveryOut:
        """Send it once more, now, with the same id and body."""
        return WebhookDeliveryOut.of(await deliveries.resend(session, shop, delivery_id))

    @post("/skip", operation_id="skipWebhookDelivery", opt={"scope": "webhooks:write"})
    async def skip(self, delivery_id: FromPath[str], session: DbSession, shop: CurrentShop) -> WebhookDeliveryOut:
        """Give it up: what waits behind it about the same subject goes out."""
        return WebhookDeliveryOut.of(await deliveries.skip(session, shop, delivery_id))
