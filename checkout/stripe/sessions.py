"""Checkout Sessions: the exact parameters that we send, and the facts that come back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, cast

import msgspec
from msgspec import Meta
from stripe.params.checkout import SessionCreateParams

from checkout.errors import PaymentProviderRefused
from checkout.models import Checkout, Order, OrderLine
from checkout.stripe.client import Gateway, call, read
from checkout.stripe.delivery import DeliveryFacts, TaxBehavior
from core.shops import Shop

# Bounded like everything that comes from outside: both databases must be able to keep it.
Name = Annotated[str, Meta(max_length=255, pattern="^[!-~]*$")]
Address = Annotated[str, Meta(max_length=5000, pattern="^[!-~]*$")]
# Whoever else sells by this account refers to what they like ("Order 12"): such a session is read, and nobody's here.
Reference = Annotated[str, Meta(max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]
Charged = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Second = Annotated[int, Meta(ge=0, le=2**33)]


# docs.stripe.com/api/checkout/sessions/create (locale); any other is refused, and the checkout with it.
_LANGUAGES = frozenset(
    "bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru"
    " sk sl sv th tr vi zh zh-HK zh-TW".split()
)
# docs.stripe.com/api/checkout/sessions/line_items: a session has at most as many, and a page shows them all.
_MAX_LINES = 100
# docs.stripe.com/payments/payment-methods/payment-method-support: their outcome is known after days only.
INSTANT_ONLY: dict[str, object] = {
    "excluded_payment_method_types": [
        "acss_debit", "au_becs_debit", "bacs_debit", "boleto", "customer_balance", "konbini", "multibanco",
        "nz_bank_account", "oxxo", "sepa_debit", "us_bank_account",
    ]
}  # fmt: skip
"""Leaves the methods out that hold stock for days, and whose outcome is unknown as long."""
_ALIASES = {"no": "nb", "nn": "nb", "tl": "fil", "hi": "hi-IN"}


class TotalDetails(msgspec.Struct, frozen=True):
    """What was added to a session's subtotal and taken off."""

    amount_discount: Charged = 0
    amount_shipping: Charged | None = 0
    amount_tax: Charged = 0


class LineFacts(msgspec.Struct, frozen=True):
    """What a line of a completed session cost: `amount_total` with discount and tax."""

    quantity: Charged | None = None
    amount_subtotal: Charged = 0
    amount_discount: Charged = 0
    amount_tax: Charged = 0
    amount_total: Charged = 0
    metadata: dict[str, str] | None = None


class _Lines(msgspec.Struct, frozen=True):
    data: list[LineFacts]


class SessionFacts(DeliveryFacts, frozen=True, kw_only=True):
    """What a Checkout Session says about itself. Amounts in the minor unit; `payment_intent` null until confirmed."""

    id: Name
    payment_status: Name = "unpaid"
    url: Address | None = None
    amount_subtotal: Charged | None = None
    amount_total: Charged | None = None
    total_details: TotalDetails | None = None
    currency: Name | None = None
    payment_intent: Name | None = None
    client_reference_id: Reference | None = None
    metadata: dict[str, str] | None = None
    created: Second = 0


def parameters(
    order: Order,
    lines: Sequence[OrderLine],
    *,
    success_url: str,
    cancel_url: str,
    expires_at: datetime,
    locale: str,
    shipping: Mapping[str, object] | None = None,
    tax: TaxBehavior | None = None,
) -> dict[str, object]:
    """What POST /v1/checkout/sessions is sent for this order: stored as it is, so that a replay is the same request.

    Prices come from the order's lines alone. `shipping` is what the page asks and offers (`delivery.parameters`); `tax`
    lets Stripe compute it, inside of the prices or on top. The order and its origin stand in the session's metadata and
    in the payment intent's, because only the latter reaches charges (docs.stripe.com/metadata).
    """
    metadata = _metadata(order)
    sent: dict[str, object] = {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "client_reference_id": order.id,
        "line_items": [_line(each, order.currency, tax) for each in lines],
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
        "success_url": success_url,
        "cancel_url": cancel_url,
        "expires_at": int(expires_at.timestamp()),
        "locale": language(locale),
        # What the buyer is charged stays in our currency; the comparison with the order depends on it.
        "adaptive_pricing": {"enabled": False},
        "integration_identifier": "vitrine",
    }
    if tax is not None:
        sent["automatic_tax"] = {"enabled": True}
    return sent | dict(shipping or {})


def language(locale: str) -> str:
    """The language of Stripe's page that is nearest to a shop's locale; `auto` (the browser's) where there is none."""
    exact, plain = locale.replace("_", "-"), locale.split("_", maxsplit=1)[0]
    return next((each for each in (exact, _ALIASES.get(plain, plain)) if each in _LANGUAGES), "auto")


def _metadata(order: Order) -> dict[str, str]:
    facts = {
        "order": order.id,
        "shop": order.shop_id,
        "sl": order.click_token,
        "network": order.network,
        "placement": order.placement,
        "post": order.post_id,
        "link": order.link_id,
    }
    return {name: value for name, value in facts.items() if value}


def _line(line: OrderLine, currency: str, tax: TaxBehavior | None) -> dict[str, object]:
    name = f"{line.title} · {line.variant_title}" if line.variant_title else line.title
    price: dict[str, object] = {
        "currency": currency.lower(),
        "unit_amount": line.unit_amount,
        "product_data": {"name": name},
    }
    if tax is not None:
        price["tax_behavior"] = tax
    return {
        "quantity": line.quantity,
        "price_data": price,
        "metadata": {"variant": line.variant_id, "sku": line.sku},
    }


async def create(gateway: Gateway, shop: Shop, checkout: Checkout) -> SessionFacts:
    """Send the checkout's stored parameters under its idempotency key: as often as needed, one session."""
    client = gateway.client(shop)
    session = await call(
        client.v1.checkout.sessions.create_async(
            cast(SessionCreateParams, checkout.parameters), {"idempotency_key": checkout.stripe_key}
        )
    )
    return read(session, SessionFacts)


async def retrieve(gateway: Gateway, shop: Shop, session_id: str) -> SessionFacts:
    """The session as Stripe has it now."""
    session = await call(gateway.client(shop).v1.checkout.sessions.retrieve_async(session_id))
    return read(session, SessionFacts)


async def outcome(gateway: Gateway, shop: Shop, facts: SessionFacts) -> SessionFacts:
    """The facts of a completed session with what became of its payment where that is taken only later.

    A session whose delayed payment failed stays `unpaid` for ever; its payment intent asks for another method then, or
    is cancelled (docs.stripe.com/payments/paymentintents/lifecycle).
    """
    if facts.status != "complete" or facts.payment_status != "unpaid" or facts.payment_intent is None:
        return facts
    intent = await call(gateway.client(shop).v1.payment_intents.retrieve_async(facts.payment_intent))
    failed = intent.status in ("requires_payment_method", "canceled")
    return msgspec.structs.replace(facts, payment_status="failed") if failed else facts


async def lines(gateway: Gateway, shop: Shop, session_id: str) -> list[LineFacts]:
    """What the session's lines cost in the end; a session expanded with its lines would show the first ten alone."""
    listed = await call(
        gateway.client(shop).v1.checkout.sessions.line_items.list_async(session_id, {"limit": _MAX_LINES})
    )
    return read(listed, _Lines).data


async def expire(gateway: Gateway, shop: Shop, session_id: str) -> SessionFacts:
    """Ask Stripe to end an open session, and say how it ended: it may have been paid in the meantime."""
    try:
        session = await call(gateway.client(shop).v1.checkout.sessions.expire_async(session_id))
    except PaymentProviderRefused:
        # Only an open session can be expired; what became of this one decides, never our wish.
        return await retrieve(gateway, shop, session_id)
    return read(session, SessionFacts)
