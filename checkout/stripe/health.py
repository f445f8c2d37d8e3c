"""Whether Stripe answers to a shop's key."""

from checkout.stripe.client import Gateway, call
from core.shops import Shop


async def ask(gateway: Gateway, shop: Shop) -> str | None:
    """Ask for one checkout session, which every key of ours may; the Date of Stripe's answer, as HTTP writes it.

    Refuses PaymentsNotConnected for a key that Stripe does not take, PaymentProviderUnavailable without an answer.
    """
    found = await call(gateway.client(shop).v1.checkout.sessions.list_async({"limit": 1}))
    answer = found.last_response
    return answer.headers.get("date") if answer is not None else None
