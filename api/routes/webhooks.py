"""`/webhooks/stripe`: where Stripe tells what happened."""

from litestar import post

from api import clients
from api.auth import PUBLIC
from api.dependencies import AppServices, HttpRequest
from checkout.errors import BadSignature
from checkout.stripe import events
from core import clock
from core.errors import TooManyRequests


@post("/webhooks/stripe", operation_id="receiveStripeEvent", status_code=200, opt={"scope": PUBLIC}, tags=["Webhooks"])
async def stripe_webhook(request: HttpRequest, services: AppServices) -> dict[str, str]:
    """Take in one signed event. A bad signature is a 400 and nothing is stored; a repeated event is a 200.

    Signed bytes that are no event are a 400 too; an event that cannot be read is kept, and a 200.

    An address that has sent many bad ones gets a 429: all shops are not searched for it any more. An event that names
    its shop is heard all the same, so that whoever forges beside it locks nobody out.
    """
    limit, who = services.rates.bad_signatures, clients.household(request.scope)
    wait = limit.look(who, clock.monotonic()).wait
    signature = request.headers.get("stripe-signature", "")
    body = await request.body()
    try:
        outcome = await events.receive(services.db, services.vault, body, signature, clock.now(), search=not wait)
    except BadSignature:
        if wait:
            raise TooManyRequests(
                f"At most {limit.quota} forged events in {limit.window} seconds.", retry_after=wait, policy=limit.name
            ) from None
        limit.take(who, clock.monotonic())
        raise
    return {"outcome": outcome}
