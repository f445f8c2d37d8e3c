"""What Stripe was asked to charge for an order, and where what it took is something else.

The stored request is the measure: it holds the ways of shipping that the page offered and how tax was to be counted.
Only the choice among those ways, and the tax where Stripe computes it, are Stripe's to say.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from checkout import facts
from checkout.models import Checkout, Order, OrderLine, Payment
from checkout.stripe.delivery import DeliveryFacts, TaxBehavior
from checkout.stripe.sessions import LineFacts


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What may be charged, in the minor unit: `shipping` is what each way costs, in the order of the page.

    `tax` is how Stripe counts it, None where it was not asked to.
    """

    currency: str
    subtotal: int
    discount: int = 0
    shipping: tuple[int, ...] = ()
    tax: TaxBehavior | None = None


class Amounts(NamedTuple):
    """What a completed session took, in the minor unit; of two such words the one that took more is the larger."""

    amount_total: int
    amount_subtotal: int
    amount_discount: int
    amount_shipping: int
    amount_tax: int
    currency: str

    @property
    def figures(self) -> tuple[int, int, int, int, int]:
        """The amounts, without their currency."""
        return (
            self.amount_total,
            self.amount_subtotal,
            self.amount_discount,
            self.amount_shipping,
            self.amount_tax,
        )

    @classmethod
    def of(cls, payment: Payment) -> "Amounts":
        """What is known of a session; nothing at all before it is completed."""
        return cls(
            payment.amount_total,
            payment.amount_subtotal,
            payment.amount_discount,
            payment.amount_shipping,
            payment.amount_tax,
            payment.currency,
        )


class _Price(msgspec.Struct):
    tax_behavior: TaxBehavior | None = None


class _Line(msgspec.Struct):
    price_data: _Price


class _Amount(msgspec.Struct):
    amount: int


class _Rate(msgspec.Struct):
    fixed_amount: _Amount


class _Way(msgspec.Struct):
    shipping_rate_data: _Rate


class _Request(msgspec.Struct):
    line_items: list[_Line] = []
    shipping_options: list[_Way] = []


def of(order: Order, checkout: Checkout) -> Asked:
    """What the order's stored request asks for (`checkout.stripe.sessions.parameters`)."""
    sent = msgspec.convert(checkout.parameters, _Request)
    return Asked(
        currency=order.currency,
        subtotal=order.amount_subtotal,
        discount=order.amount_discount,
        shipping=tuple(each.shipping_rate_data.fixed_amount.amount for each in sent.shipping_options),
        tax=next((each.price_data.tax_behavior for each in sent.line_items), None),
    )


def chosen(news: DeliveryFacts) -> int | None:
    """The place of the chosen way of shipping among those that the page offered; None where Stripe names none."""
    wanted = news.shipping_cost.shipping_rate if news.shipping_cost else None
    offered = [each.shipping_rate for each in news.shipping_options]
    return offered.index(wanted) if wanted is not None and wanted in offered else None


def doubts(asked: Asked, took: Amounts, way: int | None) -> list[facts.Review]:
    """What a person should look at in the amounts of a completed session, where the buyer chose this way."""
    found: list[facts.Review] = []
    if took.currency != asked.currency:
        found.append("currency-mismatch")
    goods = took.amount_subtotal == asked.subtotal and took.amount_discount == asked.discount
    if not (goods and _shipping_agrees(asked, took, way) and _tax_agrees(asked, took)):
        found.append("amount-mismatch")
    return found


def _shipping_agrees(asked: Asked, took: Amounts, way: int | None) -> bool:
    if not asked.shipping:
        return took.amount_shipping == 0
    ways = asked.shipping if way is None else asked.shipping[way : way + 1]
    return took.amount_shipping in ways


def _tax_agrees(asked: Asked, took: Amounts) -> bool:
    """The total is goods and shipping, and tax on top where it was asked for so; no tax is more than what it is on."""
    before = took.amount_subtotal - took.amount_discount + took.amount_shipping
    on_top = took.amount_tax if asked.tax == "exclusive" else 0
    most = before if asked.tax else 0
    return took.amount_total == before + on_top and 0 <= took.amount_tax <= most


def lines_agree(asked: Asked, took: Amounts, lines: Sequence[OrderLine], charged: Sequence[LineFacts]) -> bool:
    """Whether the session's lines are the order's, at its prices, and add up to what the session took."""
    ours = [(line.variant_id, line.quantity, line.unit_amount * line.quantity) for line in lines]
    if ours != [((each.metadata or {}).get("variant"), each.quantity, each.amount_subtotal) for each in charged]:
        return False
    tax = sum(each.amount_tax for each in charged)
    on_top = took.amount_tax - tax if asked.tax == "exclusive" else 0  # What is left is shipping's.
    total = sum(each.amount_total for each in charged) + took.amount_shipping + on_top
    discount = sum(each.amount_discount for each in charged)
    return total == took.amount_total and discount == took.amount_discount and tax <= took.amount_tax
