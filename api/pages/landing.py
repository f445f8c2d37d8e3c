"""`/go/{slug}`: the landing page of a link. Looking at it changes nothing."""

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from api.auth import PUBLIC
from api.dependencies import AppServices, DbSession, HttpRequest
from api.pages import costs, messages, nonce, postage, prices, rendering, shelf, showcase
from api.pages.brand import Brand
from api.pages.costs import Costs
from api.pages.rendering import Policy
from api.pages.shelf import Wish
from api.pages.views import Form, Frame, Landing, Other, Picture, Postage
from api.services import Services
from catalog import offers, products
from catalog.offers import ProductOffers
from catalog.products import Filters
from core import clock, money, shops
from core.db import AsyncSession
from core.errors import NotFound
from core.money import Money
from core.shops import Shop
from social import posts
from social.links import links, origin, token
from social.links.models import Link

_OTHERS = 4
_STATUS = {"archived": 410, "draft": 404}


class Place(msgspec.Struct, frozen=True):
    """Where a visitor stands: the link, its shop, the product that is shown, and the click token of the address.

    `elsewhere` where the product is another one of the shop's than the link's own.
    """

    link: Link
    shop: Shop
    product: ProductOffers
    click: str
    elsewhere: bool

    @property
    def frame(self) -> Frame:
        """What the shop's pages share."""
        return Frame(messages=messages.of(self.shop.locale), shop_name=self.shop.name, brand=Brand.of(self.shop))


@get("/go/{slug:str}", operation_id="showLanding", opt={"scope": PUBLIC}, include_in_schema=False)
async def show_landing(
    slug: FromPath[str], request: HttpRequest, session: DbSession, services: AppServices
) -> Response[bytes]:
    """The product of a link, ready to be bought."""
    query = request.query_params
    place = await find(session, slug, query)
    wish = Wish(place.link.variant_id)
    if page := nonce.read(services.vault, place.link.slug, query.get("page", ""), clock.now()):
        # Back from the payment page: what was chosen is held for this page, so it is shown as this page's.
        wish = Wish(
            query.get("variant"), int_of(query.get("quantity", "1")) or 1, page, kept=True, ship_to=query.get("ship_to")
        )
    source = origin.host_of(request.headers.get("referer", "")) or ""
    return await show(session, services, place, wish, source=source)


async def find(session: AsyncSession, slug: str, query: Mapping[str, str]) -> Place:
    """What an address names; refuses LinkNotFound. A product that the shop does not sell is passed over."""
    link = await links.by_slug(session, slug)
    shop = await shops.get(session, link.shop_id)
    product = await offers.of_product(session, shop, link.product_id, shop.currency)
    wanted = query.get("product", product.product_id)
    elsewhere = False
    if wanted != product.product_id:
        try:
            other = await offers.of_product(session, shop, wanted, shop.currency)
        except NotFound:
            other = product
        elsewhere = other.status == "active" and other is not product
        product = other if elsewhere else product
    click = query.get("sl", "")
    return Place(link, shop, product, click if len(click) == token.LENGTH and click.isascii() else "", elsewhere)


def int_of(text: str) -> int | None:
    """A whole number from 1 to 999 as a form sends it, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 and int(text) > 0 else None


def address(place: Place, product_id: str | None = None) -> str:
    """The page's own path, with the click token; of another product of the shop where one is named."""
    query = {"sl": place.click} if place.click else {}
    if product_id is not None and product_id != place.link.product_id:
        query["product"] = product_id
    return f"/go/{place.link.slug}" + (f"?{urlencode(query)}" if query else "")


async def show(
    session: AsyncSession,
    services: Services,
    place: Place,
    wish: Wish,
    *,
    notice: str = "",
    status: int = 200,
    source: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    """The page, with a fresh nonce unless `wish` keeps one; `notice` and `status` say what became of a tap on Buy."""
    if not wish.page:
        wish = msgspec.structs.replace(wish, page=nonce.issue(services.vault, place.link.slug, clock.now()))
    view = await _view(session, services, place, wish, notice, source)
    shown = [*view.pictures, *(other.picture for other in view.others if other.picture)]
    policy = Policy(
        pictures=rendering.origins(picture.url for picture in shown),
        form_targets=("'self'", *rendering.payment_origins(services.settings)),
    )
    if status == 200:
        status = _STATUS.get(place.product.status, 200)
    return rendering.answer(
        "landing.html", place.frame, view, policy, status=status, style=_style(view), headers=headers
    )


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
    session: AsyncSession, services: Services, place: Place, wish: Wish, notice: str, source: str
) -> Landing:
    product, shop, texts = place.product, place.shop, place.frame.messages
    form = shelf.form(product, shop.locale, texts, wish, click=place.click, source=source)
    ended = ""
    if form is None:
        why = texts.sold_out_all if shelf.sellable(product) else texts.ended
        ended = why.format(title=product.title, shop=shop.name)
    cheapest = shelf.cheapest(shelf.sellable(product))
    price, compare_at = shelf.prices(cheapest, shop.locale) if cheapest else ("", "")
    reckoned = Costs(amounts={})
    if form is not None:
        reckoned = await costs.of_page(session, shop, product, form, place.link.discount_code, clock.now())
        form = _with_prices(place, wish, form, reckoned)
    return Landing(
        title=product.title,
        paragraphs=tuple(each.strip() for each in product.description.split("\n") if each.strip()),
        pictures=await _pictures(session, services, place),
        price=price,
        compare_at="" if form and form.several_prices else compare_at,
        form=form,
        postage=await postage.of_page(session, shop, product, form, wish, reckoned, texts) if form else Postage(),
        discounts=_discounts(place, form, reckoned) if form else (),
        ended=ended,
        notice=notice,
        others=await _others(session, services, place) if form is None else (),
    )


def _with_prices(place: Place, wish: Wish, form: Form, reckoned: Costs) -> Form:
    """The form as it carries back what the page says of prices, and with what a piece costs in the end."""
    pieces = {variant_id: amount for (variant_id, quantity), amount in reckoned.amounts.items() if quantity == 1}
    shown = {variant_id: Money(amount, place.shop.currency) for variant_id, amount in pieces.items()}
    chosen = form.chosen.variant_id if form.chosen else ""
    agreed = "" if wish.agreed is None else prices.agree(chosen, form.quantity, wish.agreed)
    form = shelf.reduced(form, shown, place.shop.locale)
    return msgspec.structs.replace(form, price=prices.write(pieces), agreed=agreed)


def _discounts(place: Place, form: Form, reckoned: Costs) -> tuple[str, ...]:
    """What is taken off one piece of what is chosen; nothing is said of a code that is not good any more."""
    shop, texts = place.shop, place.frame.messages
    chosen = form.chosen and form.chosen.variant_id
    offer = next((each for each in shelf.sellable(place.product) if each.variant_id == chosen), None)
    if offer is None or offer.price is None:
        return ()
    off = sum(amount for _, amount in reckoned.given)
    before = money.display(offer.price, shop.locale)
    price = money.display(Money(offer.price.amount - off, shop.currency), shop.locale)
    names = " + ".join(each.code or each.title for each, amount in reckoned.given if amount)
    said = (texts.discount_later if form.several_prices else texts.discount).format
    return (
        *((said(name=names, price=price, before=before),) if off else ()),
        *(texts.free_shipping.format(name=each.code or each.title) for each, amount in reckoned.given if not amount),
    )


async def _pictures(session: AsyncSession, services: Services, place: Place) -> tuple[Picture, ...]:
    """The product's pictures; without one, the picture of the post that the visitor came from."""
    found = await showcase.of_product(
        session, services.storage, place.shop, place.product.pictures, place.product.title
    )
    if found or place.link.post_id is None or place.elsewhere:
        return found
    post = await posts.get(session, place.shop, place.link.post_id)
    shown = await showcase.of_asset(session, services.storage, place.shop, post.asset_id, place.product.title)
    return (shown,) if shown else ()


async def _others(session: AsyncSession, services: Services, place: Place) -> tuple[Other, ...]:
    """Other products of the shop that can be bought now, reached through the same link: the post keeps its credit."""
    rows, _ = await products.list_page(session, place.shop, Filters(status="active"), 3 * _OTHERS, None)
    found: list[Other] = []
    for row in rows:
        if row.id == place.product.product_id or len(found) == _OTHERS:
            continue
        product = await offers.of_product(session, place.shop, row.id, place.shop.currency)
        offer = shelf.cheapest([each for each in shelf.sellable(product) if each.in_stock])
        if offer is None:
            continue
        pictures = await showcase.of_product(
            session, services.storage, place.shop, product.pictures, product.title, most=1
        )
        price, _ = shelf.prices(offer, place.shop.locale)
        found.append(
            Other(title=row.title, price=price, url=address(place, row.id), picture=pictures[0] if pictures else None)
        )
    return tuple(found)
