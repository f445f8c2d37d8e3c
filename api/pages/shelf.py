"""A product's offers as a form shows them: grouped by their options, what is sold out shown and not to be chosen."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from api.pages.messages import Messages
from api.pages.views import Choice, Form, Group
from catalog.offers import Offer, ProductOffers
from core import money
from core.money import Money
from social.links.wanted import MOST_PIECES

_SEPARATOR = " / "
_FEW = 5
_A_LIST = 10
# More buttons than this are slower to read than the phone's own list.
_MOST_BUTTONS = 24


class Wish(msgspec.Struct, frozen=True):
    """What the visitor has chosen so far.

    `ship_to` is a country. `page` is the nonce of a page that comes back with its choice: its stock may be held for
    this very visitor, so the choice counts as available (`kept`). `agreed` is what the choice was just said to cost,
    and `agreed_shipping` its way there.
    """

    variant_id: str | None = None
    quantity: int = 1
    page: str = ""
    kept: bool = False
    ship_to: str | None = None
    agreed: int | None = None
    agreed_shipping: int | None = None


def sellable(product: ProductOffers) -> list[Offer]:
    """What can be sold at all, in stock or not."""
    return [offer for offer in product.offers if offer.sellable]


def cheapest(offers: Sequence[Offer]) -> Offer | None:
    """The offer of the lowest price, those in stock first."""
    priced = [offer for offer in offers if offer.price is not None]
    return min(priced, key=lambda each: (not each.in_stock, each.price.amount if each.price else 0), default=None)


def prices(offer: Offer, locale: str) -> tuple[str, str]:
    """The price and the one before the reduction, as this locale writes them; empty where there is none."""
    price = money.display(offer.price, locale) if offer.price else ""
    return price, money.display(offer.compare_at, locale) if offer.compare_at else ""


def form(
    product: ProductOffers, locale: str, messages: Messages, wish: Wish, *, click: str, source: str
) -> Form | None:
    """The form of a product, for the page that `wish` names; None where nothing of it is in stock."""
    offers = [_held(offer, wish) for offer in sellable(product)]
    groups = _groups(product.option_names, offers, locale)
    choices = [choice for group in groups for choice in group.choices if choice.available]
    if not choices:
        return None
    chosen = next((each for each in choices if each.variant_id == wish.variant_id), choices[0])
    most = max(offer.available if offer.tracked else MOST_PIECES for offer in offers)
    quantities = pieces(most, wish.quantity)
    several = len(offers) > 1
    return Form(
        legend=(" · ".join(product.option_names) or messages.variant) if several else "",
        groups=groups,
        as_list=len(offers) > _MOST_BUTTONS,
        chosen=chosen,
        several_prices=_several(choices),
        quantities=quantities,
        quantity=wish.quantity if wish.quantity in quantities else quantities[-1],
        page=wish.page,
        click=click,
        source=source,
    )


def reduced(form: Form, prices: Mapping[str, Money], locale: str) -> Form:
    """The form with what one piece of each variant costs, discounts taken off; the price without them stands beside."""
    groups = tuple(
        msgspec.structs.replace(group, choices=tuple(_reduced(each, prices, locale) for each in group.choices))
        for group in form.groups
    )
    return msgspec.structs.replace(
        form,
        groups=groups,
        chosen=_reduced(form.chosen, prices, locale) if form.chosen else None,
        several_prices=_several(choice for group in groups for choice in group.choices if choice.available),
    )


def _reduced(choice: Choice, prices: Mapping[str, Money], locale: str) -> Choice:
    price = money.display(prices[choice.variant_id], locale) if choice.variant_id in prices else choice.price
    return choice if price == choice.price else msgspec.structs.replace(choice, price=price, compare_at=choice.price)


def _several(choices: Iterable[Choice]) -> bool:
    return len({choice.price for choice in choices}) > 1


def only(form: Form, variant_id: str | None) -> Form | None:
    """The form with one piece of this variant and nothing to choose; None where it is not the one that is chosen."""
    if form.chosen is None or form.chosen.variant_id != variant_id:
        return None
    groups = (Group(label="", choices=(form.chosen,)),)
    return msgspec.structs.replace(
        form, legend="", groups=groups, as_list=False, several_prices=False, quantities=(1,), quantity=1
    )


def pieces(most: int, wanted: int) -> tuple[int, ...]:
    """The quantities to choose from where there are `most`: a few, and what is wanted beside them."""
    few = tuple(range(1, min(most, _A_LIST) + 1))
    return (*few, wanted) if _A_LIST < wanted <= most else few


def _held(offer: Offer, wish: Wish) -> Offer:
    """The offer as this visitor has it: what was held for their choice is theirs."""
    if not wish.kept or offer.variant_id != wish.variant_id or offer.available >= wish.quantity:
        return offer
    return msgspec.structs.replace(offer, available=wish.quantity)


def switches(form: Form) -> str:
    """CSS that shows the price of the variant that is chosen just now; browsers without `:has` keep the first one."""
    rules = [
        f"form:has(#v{choice.number}:checked) .pick-{choice.number}{{display:block}}"
        for group in form.groups
        for choice in group.choices
        if choice.available
    ]
    if form.as_list or len(rules) < 2:
        return ""
    return f"@supports selector(:has(*)){{.pick{{display:none}}{''.join(rules)}}}"


def _groups(names: Sequence[str], offers: Sequence[Offer], locale: str) -> tuple[Group, ...]:
    """One group for each combination of all options but one, whose values are the labels of the buttons."""
    table = [_values(offer, len(names)) for offer in offers]
    on_buttons = _on_buttons(table)
    found: dict[str, list[Choice]] = {}
    for number, (offer, values) in enumerate(zip(offers, table, strict=True), 1):
        shared = _SEPARATOR.join(value for place, value in enumerate(values) if place != on_buttons)
        price, compare_at = prices(offer, locale)
        found.setdefault(shared, []).append(
            Choice(
                variant_id=offer.variant_id,
                number=number,
                label=values[on_buttons] or offer.product_title,
                price=price,
                compare_at=compare_at,
                left=offer.available if offer.tracked and offer.available <= _FEW else 0,
                available=offer.in_stock,
            )
        )
    return tuple(Group(label=label, choices=tuple(choices)) for label, choices in found.items())


def _values(offer: Offer, count: int) -> list[str]:
    """A value for each option; the whole title as the only one where a value holds the separator itself."""
    values = offer.variant_title.split(_SEPARATOR)
    return values if len(values) == count else [offer.variant_title]


def _on_buttons(table: Sequence[Sequence[str]]) -> int:
    """Which option stands on the buttons: the one with most values, usually the size; the first of equals."""
    count = min(map(len, table), default=1)
    if any(len(values) != count for values in table):
        return 0
    return max(range(count), key=lambda place: len({values[place] for values in table}))
