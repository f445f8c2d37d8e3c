"""What the choices of a landing page come to, discounts taken off: reckoned once for all that the page says."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from api.pages import shelf
from api.pages.views import Form
from catalog.offers import ProductOffers
from checkout.discounts import redemptions
from checkout.discounts.calculation import Line
from checkout.discounts.models import Discount
from core.db import AsyncSession
from core.shops import Shop


class Costs(msgspec.Struct, frozen=True, kw_only=True):
    """Amounts in the minor unit by variant and quantity; `given` is what one piece of the choice gets, and how much."""

    amounts: Mapping[tuple[str, int], int]
    given: Sequence[tuple[Discount, int]] = ()

    @property
    def pieces(self) -> dict[str, int]:
        """What one piece of each variant comes to."""
        return {variant_id: amount for (variant_id, quantity), amount in self.amounts.items() if quantity == 1}

    @property
    def free_shipping(self) -> bool:
        """Whether a discount makes the cheapest way of shipping free: one that takes nothing off does."""
        return any(not amount for _, amount in self.given)

    def of(self, variant_id: str, quantity: int) -> int:
        """What so many pieces come to; 0 for what has no price."""
        return self.amounts.get((variant_id, quantity), 0)


async def of_pieces(
    session: AsyncSession, shop: Shop, product: ProductOffers, code: str | None, now: datetime
) -> dict[str, int]:
    """What one piece of each variant comes to now, in the minor unit."""
    lines = [
        Line(key=each.variant_id, product_id=each.product_id, unit_amount=each.price.amount, quantity=1)
        for each in shelf.sellable(product)
        if each.price is not None
    ]
    return {
        line.key: amount
        for line, (amount, _) in zip(lines, await redemptions.previews(session, shop, lines, code, now), strict=True)
    }


async def of_page(
    session: AsyncSession, shop: Shop, product: ProductOffers, form: Form, code: str | None, now: datetime
) -> Costs:
    """What one piece, the chosen quantity and the most that can be had of each variant come to."""
    quantities = sorted({1, form.quantity, form.quantities[-1]})
    priced = [each for each in shelf.sellable(product) if each.price is not None]
    lines = [
        Line(key=each.variant_id, product_id=each.product_id, unit_amount=each.price.amount, quantity=quantity)
        for each in priced
        if each.price is not None
        for quantity in quantities
    ]
    found = await redemptions.previews(session, shop, lines, code, now)
    amounts = {(line.key, line.quantity): amount for line, (amount, _) in zip(lines, found, strict=True)}
    chosen = form.chosen.variant_id if form.chosen else ""
    pieces = (given for line, (_, given) in zip(lines, found, strict=True) if (line.key, line.quantity) == (chosen, 1))
    return Costs(amounts=amounts, given=next(pieces, ()))
