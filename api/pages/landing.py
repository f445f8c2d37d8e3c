"""`/go/{slug}`, `/go/{cart}`: the page that every way in leads to. Looking at it changes nothing."""

from collections.abc import Mapping

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from api.auth import PUBLIC
from api.dependencies import AppServices, HttpRequest
from api.pages import (
    arrivals,
    baskets,
    cards,
    costs,
    nonce,
    notes,
    others,
    places,
    postage,
    prices,
    remembered,
    rendering,
    shelf,
    showcase,
    visits,
)
from api.pages.baskets import Chosen
from api.pages.costs import Costs
from api.pages.places import Basket, Place
from api.pages.rendering import Page, Policy
from api.pages.shelf import Wish
from api.pages.views import Form, Landing, Other, Picture, Postage
from api.pages.visits import Shown, Visit
from api.services import Services
from core import clock, money
from core.db import AsyncSession
from core.money import Money
from social import posts

_STATUS = {"archived": 410, "draft": 404}


@get("/go/{name:str}", operation_id="showLanding", opt={"scope": PUBLIC}, include_in_schema=False)
async def show_landing(name: FromPath[str], request: HttpRequest, services: AppServices) -> Response[bytes]:
    """What a link or a cart is for, ready to be bought."""

    async def make(session: AsyncSession, visit: Visit) -> Shown | Response[bytes]:
        place = await places.find(session, services, name, visit.shared, visit.household, visit.browser)
        return await made(session, services, place, visit)

    return await visits.answer(request, services, name, make)


async def made(
    session: AsyncSession, services: Services, place: Place | Basket, visit: Visit
) -> Shown | Response[bytes]:
    """The page of what was found for a visit, or its card."""
    if visit.previewing:
        card = await cards.of_place(session, services, place)
        if card is not None:
            return card
    led = await arrivals.led(session, place.way, visit.tap)
    way = arrivals.measured(place.way, told=led or not visit.click, objects=visit.objects)
    page = nonce.read(services.vault, way.name, visit.shared.get("page", ""), clock.now()) or ""
    answer: Page | Response[bytes]
    if isinstance(place, Basket):
        notice = way.frame.messages.basket_changed if visit.shared.get("changed") and not page else ""
        chosen = Chosen(page=page, source=visit.source, notice=notice, ship_to=visit.shared.get("ship_to"))
        basket = msgspec.structs.replace(place, way=visit.personal(way))
        answer = await baskets.show(session, services, basket, chosen)
    else:
        place = msgspec.structs.replace(place, way=way)
        wish = msgspec.structs.replace(_wish(place, visit.shared, page), page=remembered.NONCE)
        marks = visit.marks
        found = await _make(session, services, place, wish, click=marks.click, source=marks.source)
        answer = rendering.shared(
            "landing.html", way.frame, found.view, found.policy, status=found.status, style=found.style
        )
    return Shown(answer=answer, shop=way.shop, name=way.name, page=page, led=led)


def _wish(place: Place, query: Mapping[str, str], page: str) -> Wish:
    """What an address has chosen; who comes back from the payment page to this one finds their choice held for them."""
    if not page:
        return notes.fitting(place)
    quantity = int_of(query.get("quantity", "1")) or 1
    return Wish(query.get("variant"), quantity, page, kept=True, ship_to=query.get("ship_to"))


def int_of(text: str) -> int | None:
    """A whole number from 1 to 999 as a form sends it, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 and int(text) > 0 else None


async def show(
    session: AsyncSession,
    services: Services,
    place: Place,
    wish: Wish,
    *,
    notice: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    """The page, with a fresh nonce unless `wish` keeps one; `notice` and `status` say what became of a tap on Buy."""
    way = place.way
    if not wish.page:
        wish = msgspec.structs.replace(wish, page=nonce.issue(services.vault, way.name, clock.now()))
    found = await _make(session, services, place, wish, click=way.click, notice=notice, status=status)
    return rendering.answer(
        "landing.html", way.frame, found.view, found.policy, status=found.status, style=found.style, headers=headers
    )


class _Made(msgspec.Struct, frozen=True, kw_only=True):
    """A page before it is rendered; `style` is its own CSS."""

    view: Landing
    policy: Policy
    status: int
    style: str


async def _make(
    session: AsyncSession,
    services: Services,
    place: Place,
    wish: Wish,
    *,
    click: str,
    source: str = "",
    notice: str = "",
    status: int = 200,
) -> _Made:
    view = await _view(session, services, place, wish, notice, click, source)
    shown = [*view.pictures, *(other.picture for other in view.others if other.picture)]
    if place.closed == "over":
        status = 410
    elif status == 200 and (place.way.link is not None or place.way.own_path):
        status = _STATUS.get(place.product.status, 200)
    policy = Policy(
        pictures=rendering.origins(picture.url for picture in shown),
        form_targets=("'self'", *rendering.payment_origins(services.settings)),
        private=not view.indexed,
        script=rendering.scripted(place.way.beacon),
    )
    return _Made(view=view, policy=policy, status=status, style=_style(view))


def _style(view: Landing) -> str:
    """The page's own CSS: numbers of ours alone, no text of anybody's."""
    rules = []
    if view.pictures:
        first = view.pictures[0]
        rules.append(f".gallery{{--ratio:{first.width}/{first.height}}}")
    for place, each in enumerate(view.pictures, 1):
        if (each.focal_x, each.focal_y) != (0.5, 0.5):
            at = f"{each.focal_x:.1%} {each.focal_y:.1%}"
            rules.append(f".gallery li:nth-child({place}) img{{object-position:{at}}}")
    return "".join(rules) + (shelf.switches(view.form) if view.form else "")


async def _view(
    session: AsyncSession, services: Services, place: Place, wish: Wish, notice: str, click: str, source: str
) -> Landing:
    product, shop, texts = place.product, place.way.shop, place.way.frame.messages
    form = shelf.form(product, texts.locale, texts, wish, click=click, source=source)
    only = shelf.only(form, place.asked.variant_id) if form is not None and place.way.one_tap else None
    form = only or form
    ended = ""
    if place.closed:
        form, ended = None, texts.link_early if place.closed == "early" else texts.link_over
    elif form is None:
        why = texts.sold_out_all if shelf.sellable(product) else texts.ended
        ended = why.format(title=product.title, shop=shop.name)
    cheapest = shelf.cheapest(shelf.sellable(product))
    price, compare_at = shelf.prices(cheapest, texts.locale) if cheapest else ("", "")
    if only is not None and only.chosen is not None:
        price, compare_at = only.chosen.price, only.chosen.compare_at
    reckoned = Costs(amounts={})
    if form is not None:
        reckoned = await costs.of_page(session, shop, product, form, place.way.code, clock.now())
        form = _with_prices(place, wish, form, reckoned)
    given = [each for each, _ in reckoned.given]
    # After a tap the notice says what matters now.
    said = [] if notice or wish.kept else [*notes.of_cart(place.way, given), *_of_link(place, form)]
    pictures = await _pictures(session, services, place)
    is_own = bool(place.way.own_path)
    promised = await cards.promises(session, place) if is_own else {}
    shown = await cards.picture_of(session, services, place) if is_own else pictures[0] if pictures else None
    return Landing(
        title=product.title,
        paragraphs=tuple(each.strip() for each in product.description.split("\n") if each.strip()),
        pictures=pictures,
        price=price,
        compare_at="" if form and form.several_prices else compare_at,
        form=form,
        postage=await postage.of_page(session, shop, product, form, wish, reckoned, texts) if form else Postage(),
        discounts=_discounts(place, form, reckoned) if form else (),
        ended=ended,
        notes=tuple(said),
        notice=notice,
        others=await _others(session, services, place) if form is None or is_own else (),
        card=cards.facts(services, place, shown, reckoned.pieces, promised),
        indexed=is_own and product.status == "active",
        basket_url=place.way.address(place.way.waiting) if place.way.waiting else "",
        shop_url=place.way.shop_address if is_own else "",
        url=place.way.shared(services.settings, **({"product": product.product_id} if place.elsewhere else {})),
    )


def _of_link(place: Place, form: Form | None) -> list[str]:
    return [*notes.of_link(place), *notes.of_choice(place)] if form is not None else []


async def _others(session: AsyncSession, services: Services, place: Place) -> tuple[Other, ...]:
    """Something else instead: where the link is closed, what its shop has told it to show then."""
    link, own = place.way.link, place.product.product_id
    if place.closed and (place.closed == "early" or link is None or link.ended == "page"):
        return ()
    return await others.of_shop(session, services, place.way, {own}, like=own)


def _with_prices(place: Place, wish: Wish, form: Form, reckoned: Costs) -> Form:
    """The form as it carries back what the page says of prices, and with what a piece costs in the end."""
    shop = place.way.shop
    pieces = reckoned.pieces
    shown = {variant_id: Money(amount, shop.currency) for variant_id, amount in pieces.items()}
    chosen = form.chosen.variant_id if form.chosen else ""
    agreed = "" if wish.agreed is None else prices.agree(chosen, form.quantity, wish.agreed)
    form = shelf.reduced(form, shown, place.way.frame.messages.locale)
    return msgspec.structs.replace(form, price=prices.write(pieces), agreed=agreed)


def _discounts(place: Place, form: Form, reckoned: Costs) -> tuple[str, ...]:
    """What is taken off one piece of what is chosen; nothing is said of a code that is not good any more."""
    shop, texts = place.way.shop, place.way.frame.messages
    chosen = form.chosen and form.chosen.variant_id
    offer = next((each for each in shelf.sellable(place.product) if each.variant_id == chosen), None)
    if offer is None or offer.price is None:
        return ()
    off = sum(amount for _, amount in reckoned.given)
    before = money.display(offer.price, texts.locale)
    price = money.display(Money(offer.price.amount - off, shop.currency), texts.locale)
    names = " + ".join(each.code or each.title for each, amount in reckoned.given if amount)
    said = (texts.discount_later if form.several_prices else texts.discount).format
    return (
        *((said(name=names, price=price, before=before),) if off else ()),
        *(texts.free_shipping.format(name=each.code or each.title) for each, amount in reckoned.given if not amount),
    )


async def _pictures(session: AsyncSession, services: Services, place: Place) -> tuple[Picture, ...]:
    """The product's pictures; without one, the picture of the post that the visitor came from."""
    shop, link, title = place.way.shop, place.way.link, place.product.title
    found = await showcase.of_product(session, services.storage, shop, place.product.pictures, title)
    if found or link is None or link.post_id is None or place.elsewhere:
        return found
    post = await posts.get(session, shop, link.post_id)
    shown = await showcase.of_asset(session, services.storage, shop, post.asset_id, title)
    return (shown,) if shown else ()
