"""Buy, for a basket: other quantities than were shown are another basket, whose total is shown before it is bought."""

from collections.abc import Mapping

import msgspec
from litestar import Response

from api.pages import baskets, locations, prices, taps
from api.pages.places import Basket
from api.pages.taps import Tap
from catalog.errors import OutOfStock
from checkout.errors import NotForSale, PaymentProviderUnavailable, PriceChanged, ShippingChanged
from checkout.expecting import Expected
from checkout.schemas import CheckoutItemIn
from core.errors import BadRequest, Refusal
from social.links import carts
from social.links.wanted import MOST_PIECES


async def buy(tap: Tap, basket: Basket) -> Response[bytes]:
    """To the payment page, or back to the basket: changed, or with the reason why it cannot be bought as it is."""
    wanted = _quantities(tap.fields, len(basket.lines))
    if tap.fields.get("update") or not _as_shown(basket, wanted):
        return _changed(tap, basket, wanted)
    texts = basket.way.frame.messages
    if tap.page is None or not wanted:
        return await _again(tap, basket, texts.basket_gone if tap.page else texts.page_old, 409 if tap.page else 422)
    items = [
        CheckoutItemIn(variant_id=basket.lines[number - 1][0], quantity=quantity) for number, quantity in wanted.items()
    ]
    expected = Expected(
        goods=prices.amount(tap.fields.get("agreed", "")),
        # What was said of shipping was said of this very basket: no choice is named.
        shipping=prices.shipping(tap.fields.get("shipping", ""), "", 0, tap.ship_to or basket.way.shop.country),
    )
    kept = {"page": tap.page} | ({"ship_to": tap.ship_to} if tap.ship_to else {})
    try:
        return await tap.go(basket.way, items, expected, basket.way.way_back(**kept))
    except taps.ANSWERED as refusal:
        return await _refused(tap, refusal)


def _quantities(fields: Mapping[str, str], lines: int) -> dict[int, int]:
    """Pieces by the numbers of their lines, those that are wanted; refuses BadRequest for what is no quantity."""
    found = {}
    for number in range(1, lines + 1):
        text = fields.get(f"q{number}", "0")
        if not text.isascii() or not text.isdigit() or len(text) > len(str(MOST_PIECES)):
            raise BadRequest(f"A quantity is a number from 0 to {MOST_PIECES}.")
        if int(text):
            found[number] = int(text)
    return found


def _as_shown(basket: Basket, wanted: Mapping[int, int]) -> bool:
    """Whether these are the quantities of the page: what there is, or all of it where it is held for this page."""
    return any(
        wanted == {number: each.quantity for number, each in enumerate(had, 1) if each.quantity}
        for had in (baskets.pieces(basket), baskets.pieces(basket, kept=True))
    )


def _changed(tap: Tap, basket: Basket, wanted: Mapping[int, int]) -> Response[bytes]:
    """To the page of the changed basket. Who has tapped Buy is told to look again."""
    cart = basket.way.cart or carts.Cart(basket.way.shop.id)
    lines = ((basket.lines[number - 1][0], quantity) for number, quantity in wanted.items())
    name = carts.write(tap.services.vault, cart.having(lines, tap.ship_to))
    said = {} if tap.fields.get("update") else {"changed": "1"}
    return locations.own(basket.way.address(name, **said))


async def _refused(tap: Tap, refusal: Refusal) -> Response[bytes]:
    """The page again as things are now."""
    services = tap.services
    async with services.db.read() as session:
        basket = await tap.find(session, tap.query)
    if not isinstance(basket, Basket):
        return locations.own(basket.way.address())
    texts = basket.way.frame.messages
    if isinstance(refusal, OutOfStock | NotForSale):
        return await _again(tap, basket, texts.taken_some, 409)
    said = taps.said(refusal, basket.way)
    if isinstance(refusal, PriceChanged | ShippingChanged):
        return await _again(tap, basket, said, 409, agreed=refusal)
    if isinstance(refusal, PaymentProviderUnavailable):
        # The stock is held for this very page: the same nonce again, so that the next tap goes on where this one stood.
        headers = {"retry-after": str(refusal.retry_after)}
        return await _again(tap, basket, said, 503, page=tap.page or "", headers=headers)
    return await _again(tap, basket, said, refusal.status)


async def _again(
    tap: Tap,
    basket: Basket,
    notice: str,
    status: int,
    *,
    page: str = "",
    agreed: Refusal | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    chosen = baskets.Chosen(page=page, source=tap.query.get("from", ""), notice=notice, ship_to=tap.ship_to)
    if agreed is not None:
        # The page says what it costs today: who taps again has agreed to just that.
        goods, shipping = taps.fact(agreed, "total"), taps.fact(agreed, "shipping")
        chosen = msgspec.structs.replace(chosen, agreed=goods, agreed_shipping=shipping)
    async with tap.services.db.read() as session:
        return await baskets.show(session, tap.services, basket, chosen, status=status, headers=headers)
