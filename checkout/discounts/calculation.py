"""How much which discount takes off which line. No database, no clock: the same basket has the same price everywhere.

Each discount is rounded once, half up to the currency's step, and shared out over its lines by largest remainder.
Neither the order of the lines nor that of the discounts changes the result.
"""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from checkout.discounts.terms import WHOLE, BuyXGetY, Fixed, FreeShipping, Percentage, Terms, Tier, Tiers
from core import money

# Pieces first, then shares of what is left, amounts last: so that an amount is taken off once, and not a share of it.
_ORDER = (BuyXGetY, Percentage, Tiers, Fixed, FreeShipping)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """So many pieces of one variant; `unit_amount` in the minor unit. No two lines of a basket have the same key."""

    key: str
    product_id: str
    unit_amount: int
    quantity: int

    @property
    def amount(self) -> int:
        """What the line costs before any discount."""
        return self.unit_amount * self.quantity


class Deal(msgspec.Struct, frozen=True, kw_only=True):
    """A discount that may be used now. `by_code` where the buyer has named it, and not the shop.

    It is for `product_ids` and for those of the basket's products that are `collected`; for all where there are none of
    the former and the latter is None.
    """

    id: str
    terms: Terms
    product_ids: frozenset[str] = frozenset()
    collected: frozenset[str] | None = None
    minimum_amount: int = 0
    combines: bool = True
    by_code: bool = False

    def takes(self, line: Line) -> bool:
        """Whether the discount is for this line's product."""
        if isinstance(self.terms, Percentage) and line.product_id in _own_rates(self.terms):
            return True
        if not self.product_ids and self.collected is None:
            return True
        return line.product_id in self.product_ids or line.product_id in (self.collected or ())


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What one discount takes off, by the key of the line."""

    deal: Deal
    amounts: Mapping[str, int]

    @property
    def amount(self) -> int:
        """What it takes off altogether."""
        return sum(self.amounts.values())

    @property
    def free_shipping(self) -> bool:
        """Whether the way costs nothing."""
        return isinstance(self.deal.terms, FreeShipping)


class Reduction(msgspec.Struct, frozen=True):
    """The discounts of a basket, in the order in which they were taken off."""

    applied: tuple[Applied, ...] = ()

    @property
    def amount(self) -> int:
        """What is taken off altogether."""
        return sum(each.amount for each in self.applied)

    @property
    def free_shipping(self) -> bool:
        """Whether the way costs nothing."""
        return any(each.free_shipping for each in self.applied)

    def of_line(self, key: str) -> int:
        """What is taken off this line."""
        return sum(each.amounts.get(key, 0) for each in self.applied)


def reduce(currency: str, lines: Sequence[Line], deals: Collection[Deal]) -> Reduction:
    """The discounts that these deals give, at the buyer's best.

    Deals that combine go together; each of the others stands alone, and the choice that takes off most is taken.
    Where the buyer's code gives free shipping, whose worth nobody knows yet, the choice with the code goes first.
    """
    basket = sorted(lines, key=lambda each: each.key)
    usable = [each for each in deals if _reached(each, basket)]
    together = [each for each in usable if each.combines]
    choices = [together, *([each] for each in usable if not each.combines)]
    return max((_apply(currency, basket, each) for each in choices), key=_preference)


def _preference(found: Reduction) -> tuple[bool, int, bool, bool, list[str]]:
    by_code = [each for each in found.applied if each.deal.by_code]
    names = sorted(each.deal.id for each in found.applied)
    return any(each.free_shipping for each in by_code), found.amount, bool(by_code), found.free_shipping, names


def eligible(deal: Deal, lines: Sequence[Line]) -> int:
    """What the goods that the discount is for cost before any discount."""
    return sum(each.amount for each in lines if deal.takes(each))


def _reached(deal: Deal, lines: Sequence[Line]) -> bool:
    return any(deal.takes(each) for each in lines) and eligible(deal, lines) >= deal.minimum_amount


def _apply(currency: str, basket: Sequence[Line], deals: Sequence[Deal]) -> Reduction:
    left = {each.key: each.amount for each in basket}
    applied = []
    for deal in sorted(deals, key=lambda each: (_ORDER.index(type(each.terms)), each.id)):
        amounts = _amounts(currency, deal, basket, left)
        for key, amount in amounts.items():
            left[key] -= amount
        applied.append(Applied(deal=deal, amounts=amounts))
    kept = _leave_enough(currency, sum(left.values()), applied)
    return Reduction(tuple(each for each in kept if each.amount or each.free_shipping))


def _leave_enough(currency: str, total: int, applied: Sequence[Applied]) -> Sequence[Applied]:
    """Cut the discounts, the last one first, until the total is nothing at all or what Stripe charges at least.

    docs.stripe.com/currencies: a total of 0 needs no payment, one between 0 and the minimum cannot be paid.
    """
    smallest = money.minimum(currency)
    surplus = smallest - total if 0 < total < smallest else 0
    kept = []
    for each in reversed(applied):
        cut = min(surplus, each.amount)
        surplus -= cut
        kept.append(_cut(currency, each, each.amount - cut) if cut else each)
    return kept[::-1]


def _cut(currency: str, applied: Applied, amount: int) -> Applied:
    return msgspec.structs.replace(applied, amounts=_share(currency, amount, applied.amounts))


def _amounts(currency: str, deal: Deal, basket: Sequence[Line], left: Mapping[str, int]) -> dict[str, int]:
    lines = [each for each in basket if deal.takes(each)]
    match deal.terms:
        case Percentage(rate=rate):
            own = _own_rates(deal.terms)
            return _at_rates(currency, [(own.get(each.product_id, rate), each.key, left[each.key]) for each in lines])
        case Fixed(amount=amount):
            return _off(currency, amount, lines, left)
        case BuyXGetY():
            return _pieces(currency, deal.terms, basket, lines, left)
        case Tiers():
            return _tier(currency, deal.terms, lines, left)
        case FreeShipping():
            return {}


def _own_rates(terms: Percentage) -> dict[str, int]:
    return {each.product_id: each.rate for each in terms.product_rates}


def _at_rates(currency: str, wanted: Sequence[tuple[int, str, int]]) -> dict[str, int]:
    """A share of each amount: what has the same rate is rounded together, once, half up in the currency's steps."""
    step = money.step(currency)
    found: dict[str, int] = {}
    for rate in sorted({rate for rate, _, _ in wanted}):
        bases = {key: amount for each, key, amount in wanted if each == rate}
        steps = (2 * sum(bases.values()) * rate + WHOLE * step) // (2 * WHOLE * step)
        found |= _share(currency, steps * step, bases)
    return found


def _off(currency: str, amount: int, lines: Sequence[Line], left: Mapping[str, int]) -> dict[str, int]:
    bases = {each.key: left[each.key] for each in lines}
    return _share(currency, min(amount, sum(bases.values())), bases)


def _tier(currency: str, terms: Tiers, lines: Sequence[Line], left: Mapping[str, int]) -> dict[str, int]:
    reached = sum(each.amount if terms.by == "amount" else each.quantity for each in lines)
    steps = [each for each in terms.tiers if each.at_least <= reached]
    tier: Tier | None = max(steps, key=lambda each: each.at_least, default=None)
    if tier is None:
        return {}
    if tier.amount is not None:
        return _off(currency, tier.amount, lines, left)
    return _at_rates(currency, [(tier.rate or 0, each.key, left[each.key]) for each in lines])


def _pieces(
    currency: str, terms: BuyXGetY, basket: Sequence[Line], lines: Sequence[Line], left: Mapping[str, int]
) -> dict[str, int]:
    """The cheapest pieces that come with what is bought."""
    bought = sum(each.quantity for each in lines)
    if terms.get_product_ids:
        rewarded = [each for each in basket if each.product_id in terms.get_product_ids]
        count = min(bought // terms.buy, terms.times) * terms.get
    else:
        rewarded = list(lines)
        rounds, over = divmod(bought, terms.buy + terms.get)
        whole = min(rounds, terms.times)
        count = whole * terms.get + (max(0, over - terms.buy) if whole < terms.times else 0)
    bases = {}
    for each in sorted(rewarded, key=lambda line: (line.unit_amount, line.key)):
        taken = min(count, each.quantity)
        count -= taken
        if taken:
            bases[each.key] = min(each.unit_amount * taken, left[each.key])
    return _at_rates(currency, [(terms.rate, key, base) for key, base in bases.items()])


def _share(currency: str, amount: int, weights: Mapping[str, int]) -> dict[str, int]:
    """`amount` over these keys by weight, in whole steps of the currency; no key gets more than its weight."""
    if amount <= 0:
        return {}
    step = money.step(currency)
    keys = sorted(weights)
    parts = money.split(amount // step, [weights[key] // step for key in keys])
    return {key: part * step for key, part in zip(keys, parts, strict=True) if part}
