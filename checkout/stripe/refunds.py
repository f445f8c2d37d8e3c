"""Refunds at Stripe: the request that we send, and what comes back or is heard of."""

from typing import cast

import msgspec
from stripe.params import RefundCreateParams

from checkout.models import Refund
from checkout.stripe.client import Gateway, call, read
from checkout.stripe.sessions import Charged, Name, Second
from core.shops import Shop


class RefundNews(msgspec.Struct, frozen=True):
    """What a refund says about itself; `status` is null for those of some payment methods, which then are pending."""

    id: Name
    amount: Charged
    currency: Name
    status: Name | None = None
    payment_intent: Name | None = None
    reason: Name | None = None
    failure_reason: Name | None = None
    metadata: dict[str, str] | None = None
    created: Second = 0


class _Refunds(msgspec.Struct, frozen=True):
    data: list[RefundNews]


async def create(gateway: Gateway, shop: Shop, refund: Refund) -> RefundNews:
    """Send the refund's stored parameters under its attempt's idempotency key: as often as needed, one refund."""
    name = f"{refund.order_id}:refund:{refund.id}"
    client = gateway.client(shop)
    made = await call(
        client.v1.refunds.create_async(
            cast(RefundCreateParams, refund.parameters),
            {"idempotency_key": name if refund.attempt == 1 else f"{name}:{refund.attempt}"},
        )
    )
    return read(made, RefundNews)


async def find(gateway: Gateway, shop: Shop, refund: Refund) -> RefundNews | None:
    """The refund that Stripe made of ours, if it did: it forgets idempotency keys after a day, and this it keeps."""
    intent = str((refund.parameters or {}).get("payment_intent", ""))
    found = await call(gateway.client(shop).v1.refunds.list_async({"payment_intent": intent, "limit": 100}))
    return next((each for each in read(found, _Refunds).data if is_of(each, refund)), None)


def is_of(news: RefundNews, refund: Refund) -> bool:
    """Whether this is the refund that was asked for by ours: it names ours, and is of the same amount."""
    return (news.metadata or {}).get("refund") == refund.id and news.amount == refund.amount
