"""`/webhooks/stripe`: where Stripe tells what happened."""

from litestar import post

from api.auth import PUBLIC
from api.dependencies import AppServices, HttpRequest
from checkout.stripe import events
from core import clock


@post("/webhooks/stripe", operation_id="receiveStripeEvent", status_code=200, opt={"scope": PUBLIC}, tags=["Webhooks"])
async def stripe_webhook(request: HttpRequest, services: AppServices) -> dict[str, str]:
    """Take in one signed event. A bad signature is a 400 and nothing is stored; a repeated event is a 200."""
    signature = request.headers.get("stripe-signature", "")
    outcome = await events.receive(services.db, services.vault, await request.body(), signature, clock.now())
    return {"outcome": outcome}
