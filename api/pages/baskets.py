"""The page of a cart with several variants, or with nothing left: what can be bought of it, at what price, and why not.

Looking at it changes nothing. Its quantities are part of its address: to change them is to go to another cart's page.
"""

from collections.abc import Mapping, Sequence

import msgspec
from litestar import Response

from api.pages import nonce, notes, others, postage, rendering, shelf, showcase
from api.pages.costs import Costs
from api.pages.places import Basket, Way
from api.pages.rendering import Policy
from api.pages.shelf import Wish
from api.pages.views import Basket as View
from api.pages.views import BasketLine
from api.services import Services
from catalog import offers
from catalog.offers import Offer
from checkout.discounts import redemptions
from checkout.discounts.calculation import Line
from checkout.discounts.models import Discount
from checkout.shipping.pricing import Parcel
from core import clock, money
from core.db import AsyncSession
from core.money import Money
from social.links.wanted import MOST_PIECES

_FEW = 5
# A page of more lines than this stays light: numbers are typed instead of chosen, and thumbnails are JPEG alone.
_MANY = 20


class Piece(msgspec.Struct, frozen=True):
    """A line of a basket as it can be had: so many of `quantity` pieces, 0 where none."""

    offer: Offer
    wanted: int
    quantity: int


def pieces(basket: Basket, *, kept: bool = False) -> list[Piece]:
    """What can be had of a basket. Where it is `kept`, all of it is held for this very visitor."""
    return [_piece(basket.offers[variant_id], wanted, kept=kept) for variant_id, wanted in basket.lines]


def _piece(offer: Offer, wanted: int, *, kept: bool) -> Piece:
    if not offer.sellable:
        return Piece(offer, wanted, 0)
    return Piece(offer, wanted, wanted if kept or not offer.tracked else min(wanted, offer.available))


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What a page of a basket shows besides the basket.

    `page` is the nonce of a page that comes back: its stock may be held for this very visitor. `source` is the host
    that they came from; `notice` says what became of a tap on Buy, `agreed` and `agreed_shipping` what it was said to
    come to then.
    """

    page: str = ""
    source: str = ""
    notice: str = ""
    ship_to: str | None = None
    agreed: int | None = None
    agreed_shipping: int | None = None


async def show(
    session: AsyncSession,
    services: Services,
    basket: Basket,
    chosen: Chosen,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    """The page, with a fresh nonce unless one comes back."""
    had = pieces(basket, kept=bool(chosen.page))
    if not chosen.page:
        page = nonce.issue(services.vault, basket.way.name, clock.now())
        chosen = msgspec.structs.replace(chosen, page=page)
    view = await _view(session, services, basket, had, chosen)
    shown = [*(each.picture for each in (*view.lines, *view.gone)), *(each.picture for each in view.others)]
    policy = Policy(
        pictures=rendering.origins(picture.url for picture in shown if picture),
        form_targets=("'self'", *rendering.payment_origins(services.settings)),
        script=rendering.scripted(basket.way.beacon),
    )
    return rendering.answer("basket.html", basket.way.frame, view, policy, status=status, headers=headers)


async def total(session: AsyncSession, basket: Basket, had: Sequence[Piece]) -> tuple[int, list[tuple[Discount, int]]]:
    """What these pieces come to now, discounts taken off, in the minor unit; and what was taken off."""
    lines = [
        Line(key=offer.variant_id, product_id=offer.product_id, unit_amount=offer.price.amount, quantity=each.quantity)
        for each in had
        if each.quantity and (offer := each.offer).price is not None
    ]
    given = await redemptions.preview(session, basket.way.shop, lines, basket.way.code, clock.now()) if lines else []
    return sum(each.unit_amount * each.quantity for each in lines) - sum(amount for _, amount in given), given


async def _view(
    session: AsyncSession, services: Services, basket: Basket, had: Sequence[Piece], chosen: Chosen
) -> View:
    way, shop, texts = basket.way, basket.way.shop, basket.way.frame.messages
    goods, given = await _total(session, basket, had)
    agreed = goods if chosen.agreed is None else chosen.agreed
    shown = [await _line(session, services, basket, number, each) for number, each in enumerate(had, 1)]
    if len(shown) > _MANY:
        shown = [_lighter(each) for each in shown]
    lines, gone = [each for each in shown if not each.gone], [each for each in shown if each.gone]
    off = [(each.code or each.title, amount) for each, amount in given] if agreed == goods else []
    is_whole = lines and not gone and not (way.cart and way.cart.missing)
    without = {each.offer.product_id for each in had}
    wish = Wish(
        ship_to=chosen.ship_to or (way.cart.ship_to if way.cart else None), agreed_shipping=chosen.agreed_shipping
    )
    reckoned = Costs(amounts={}, given=given)
    return View(
        heading=texts.basket,
        lines=tuple(lines),
        many=len(shown) > _MANY,
        gone=tuple(gone),
        sums=_sums(goods, off, way),
        total=money.display(Money(agreed, shop.currency), texts.locale),
        agreed=agreed,
        page=chosen.page,
        click=way.click,
        source=chosen.source,
        postage=await postage.of_basket(session, shop, _parcel(had, goods), wish, reckoned, texts),
        discounts=tuple(texts.free_shipping.format(name=name) for name, amount in off if not amount),
        notes=tuple(_notes(basket, shown, [each for each, _ in given])) if not chosen.notice else (),
        notice=chosen.notice,
        others=() if is_whole else await others.of_shop(session, services, way, without),
        url=way.shared(services.settings),
    )


def _lighter(line: BasketLine) -> BasketLine:
    picture = line.picture and msgspec.structs.replace(line.picture, sources=())
    return msgspec.structs.replace(line, picture=picture)


def _sums(goods: int, off: Sequence[tuple[str, int]], way: Way) -> tuple[tuple[str, str], ...]:
    """What stands before the total, where something is taken off: the sum of all pieces, and each reduction."""
    taken = [(name, -amount) for name, amount in off if amount]
    parts = [(way.frame.messages.subtotal, goods - sum(amount for _, amount in taken)), *taken] if taken else []
    locale = way.frame.messages.locale
    return tuple((name, money.display(Money(amount, way.shop.currency), locale)) for name, amount in parts)


async def _total(session: AsyncSession, basket: Basket, had: Sequence[Piece]) -> tuple[int, list[tuple[Discount, int]]]:
    """What these pieces come to now, discounts taken off, in the minor unit; and what was taken off."""
    lines = [
        Line(key=offer.variant_id, product_id=offer.product_id, unit_amount=offer.price.amount, quantity=each.quantity)
        for each in had
        if each.quantity and (offer := each.offer).price is not None
    ]
    given = await redemptions.preview(session, basket.way.shop, lines, basket.way.code, clock.now()) if lines else []
    return sum(each.unit_amount * each.quantity for each in lines) - sum(amount for _, amount in given), given


def _parcel(had: Sequence[Piece], goods: int) -> Parcel | None:
    """What of a basket is sent; None where nothing is."""
    sent = [each for each in had if each.quantity and each.offer.requires_shipping]
    weight = sum((each.offer.weight_grams or 0) * each.quantity for each in sent)
    return Parcel(weight_grams=weight, subtotal=goods) if sent else None


def _notes(basket: Basket, shown: Sequence[BasketLine], given: Sequence[Discount]) -> list[str]:
    texts, cart = basket.way.frame.messages, basket.way.cart
    if any(not each.gone for each in shown):
        return notes.of_cart(basket.way, given)
    nothing = texts.basket_gone if shown or (cart and cart.missing) else texts.basket_empty
    return [nothing, *([texts.partial] if cart and cart.partial else [])]


async def _line(session: AsyncSession, services: Services, basket: Basket, number: int, piece: Piece) -> BasketLine:
    way, shop, texts, offer = basket.way, basket.way.shop, basket.way.frame.messages, piece.offer
    picture = None
    if offer.asset_id is not None:
        picture = await showcase.of_asset(
            session, services.storage, shop, offer.asset_id, offer.product_title, showcase.FOR_THUMBNAILS
        )
    url = (way.brief if len(basket.lines) > _MANY else way).beside(product=offer.product_id)
    line = BasketLine(number=number, title=offer.product_title, detail=offer.variant_title, url=url, picture=picture)
    if not piece.quantity or offer.price is None:
        product = await offers.of_product(session, shop, offer.product_id, shop.currency)
        has_more = any(each.in_stock for each in shelf.sellable(product))
        why = texts.line_sold_out if offer.sellable else texts.line_gone
        return msgspec.structs.replace(line, gone=why, url=url if has_more else "")
    price = money.display(offer.price, texts.locale)
    before = offer.compare_at and Money(offer.compare_at.amount * piece.quantity, shop.currency)
    most = offer.available if offer.tracked else MOST_PIECES
    few = offer.tracked and (offer.available <= _FEW or piece.quantity < piece.wanted)
    return msgspec.structs.replace(
        line,
        price=money.display(Money(offer.price.amount * piece.quantity, shop.currency), texts.locale),
        compare_at=money.display(before, texts.locale) if before else "",
        piece=texts.each_piece.format(price=price) if piece.quantity > 1 else "",
        left=offer.available if few else 0,
        most=min(max(most, piece.quantity), MOST_PIECES),
        quantities=shelf.pieces(max(most, piece.quantity), piece.quantity),
        quantity=piece.quantity,
    )
