"""`/orders/{token}`: what the buyer sees of their order. Nothing about the person stands here."""

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from api.auth import PUBLIC
from api.dependencies import AppServices, DbSession, HttpRequest
from api.pages import frames, rendering
from api.pages.frames import Browser
from api.pages.messages import Messages
from api.pages.rendering import Policy
from api.pages.views import Frame, Line, Receipt
from api.services import Services
from catalog.errors import OutOfStock
from checkout import charged, orders, recovery
from checkout.errors import NotForSale, OrderNotFound, PriceChanged, TooManyOpenCheckouts
from checkout.models import Order, OrderLine
from core import money, shops
from core.db import AsyncSession
from core.errors import Refusal, TooManyRequests, Unavailable
from core.money import Money
from core.shops import Shop
from social.links import carts, links
from social.links.carts import Cart
from social.links.errors import LinkNotFound

_LOOKS = 6
# While one of these reviews is open, the shop does not know yet what to make of the payment.
_DOUBTED = frozenset(("amount-mismatch", "currency-mismatch"))
TOKEN_LENGTH = 100


@get("/orders/{token:str}", operation_id="showOrder", opt={"scope": PUBLIC}, include_in_schema=False)
async def receipt(
    token: FromPath[str], request: HttpRequest, session: DbSession, services: AppServices
) -> Response[bytes]:
    """The buyer's order; while the payment is being confirmed the page looks again by itself, a few times."""
    if len(token) > TOKEN_LENGTH:
        raise OrderNotFound
    return await show(session, services, token, Look.of(request))


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody looks at an order: how often they did before, and what their page is written by."""

    seen: int
    query: Mapping[str, str]
    browser: Browser

    @classmethod
    def of(cls, request: HttpRequest) -> "Look":
        """The look that this request is."""
        text = request.query_params.get("look", "0")
        seen = int(text) if text in {str(number) for number in range(_LOOKS + 1)} else _LOOKS
        return cls(seen=seen, query=request.query_params, browser=Browser.of(request))

    @property
    def language(self) -> str:
        """The language that was chosen on a page, or nothing."""
        return frames.chosen(self.query)

    def frame(self, shop: Shop) -> Frame:
        """What surrounds the order."""
        return frames.of_shop(shop, self.query, self.browser)

    def path(self, order: Order) -> str:
        """The address of the same page."""
        return orders.path(order, self.language)


async def show(
    session: AsyncSession, services: Services, token: str, look: Look, refusal: Refusal | None = None
) -> Response[bytes]:
    """The page of an order, and why it could not be taken up again."""
    order, lines = await orders.by_public_token(session, token)
    shop = await shops.get(session, order.shop_id)
    frame = look.frame(shop)
    view = await _view(session, services, shop, order, lines, look, frame.messages, refusal)
    targets = ("'self'", *rendering.payment_origins(services.settings)) if view.again else ()
    headers = {"referrer-policy": "no-referrer"}
    if isinstance(refusal, Unavailable | TooManyRequests):
        headers["retry-after"] = str(refusal.retry_after)
    status = refusal.status if refusal else 200
    return rendering.answer("receipt.html", frame, view, Policy(form_targets=targets), status=status, headers=headers)


async def _view(
    session: AsyncSession,
    services: Services,
    shop: Shop,
    order: Order,
    lines: list[OrderLine],
    look: Look,
    texts: Messages,
    refusal: Refusal | None,
) -> Receipt:
    waiting = order.status in ("draft", "awaiting_payment")
    total = _display(order.amount_total, order, texts.locale)
    today = _display(_expected(order, refusal), order, texts.locale) if isinstance(refusal, PriceChanged) else ""
    taken = await charged.otherwise(session, order)
    paid = money.display(taken, texts.locale) if taken else ""
    heading, sentence, sign = _state(order.status, texts)
    if today:
        heading, sentence, sign = texts.changed_title, texts.changed, "waiting"
    elif paid and order.status == "paid" and _DOUBTED.intersection(order.reviews):
        sentence = texts.paid_otherwise
    action, action_url, refresh = "", "", ""
    if waiting and look.seen < _LOOKS:
        again = {"look": str(look.seen + 1)} | ({frames.CHOICE: look.language} if look.language else {})
        refresh = f"{orders.path(order)}?{urlencode(again)}"
    elif waiting:
        sentence, action, action_url = texts.still_confirming, texts.reload, look.path(order)
    elif order.status in recovery.RECOVERABLE or order.status == "cancelled":
        action, action_url = await _way_back(session, services, shop, order, lines, look)
    return Receipt(
        number=str(order.number) if order.number else order.id[-8:].upper(),
        heading=heading,
        sentence=sentence.format(shop=shop.name, total=total, price=today, paid=paid),
        sign=sign,
        lines=tuple(_line(line, order.currency, texts.locale, texts) for line in lines),
        sums=(*_sums(order, texts.locale, texts), *([(texts.total_before, total)] if today else ())),
        total_name=texts.total_today if today else texts.total,
        total=today or total,
        paid=paid,
        refunded=_display(order.amount_refunded, order, texts.locale) if order.amount_refunded else "",
        refresh=refresh,
        again=(texts.again_for.format(price=today) if today else texts.again)
        if order.status in recovery.RECOVERABLE
        else "",
        again_total=_expected(order, refusal),
        again_url=look.path(order),
        notice=_notice(refusal, texts),
        action=action,
        action_url=action_url,
        keep=order.paid_at is not None or order.status == "processing",
    )


def _state(status: str, texts: Messages) -> tuple[str, str, str]:
    """Heading, sentence and sign of an order's status."""
    return {
        "paid": (texts.thanks, texts.paid, "done"),
        "partially_refunded": (texts.thanks, texts.partially_refunded, "done"),
        "refunded": (texts.refunded_title, texts.refunded, "done"),
        "disputed": (texts.thanks, texts.paid, "done"),
        "charged_back": (texts.refunded_title, texts.refunded, "done"),
        "processing": (texts.processing_title, texts.processing, "waiting"),
        "payment_failed": (texts.failed_title, texts.failed, "failed"),
        "expired": (texts.expired_title, texts.expired, "failed"),
        "cancelled": (texts.cancelled_title, texts.cancelled, "failed"),
    }.get(status, (texts.confirming_title, texts.confirming, "waiting"))


def _display(amount: int, order: Order, locale: str) -> str:
    return money.display(Money(amount, order.currency), locale)


def _sums(order: Order, locale: str, texts: Messages) -> tuple[tuple[str, str], ...]:
    """What stands between the lines and the total, where there is any of it."""
    parts = [
        (texts.discount_line, -order.amount_discount),
        (texts.shipping_line, order.amount_shipping),
        (texts.tax_line, order.amount_total - order.amount_subtotal + order.amount_discount - order.amount_shipping),
    ]
    found = [(name, _display(amount, order, locale)) for name, amount in parts if amount]
    return ((texts.subtotal, _display(order.amount_subtotal, order, locale)), *found) if found else ()


def _expected(order: Order, refusal: Refusal | None) -> int:
    """The total that the page has told last: today's where it had to say one, or else the order's."""
    return int(str(refusal.facts["total"])) if isinstance(refusal, PriceChanged) else order.amount_total


def _notice(refusal: Refusal | None, texts: Messages) -> str:
    """Why an order could not be taken up again, in words."""
    if refusal is None or isinstance(refusal, PriceChanged):
        return ""
    if isinstance(refusal, OutOfStock | NotForSale):
        return texts.again_gone
    if isinstance(refusal, TooManyOpenCheckouts):
        return texts.too_many
    return texts.again_failed if refusal.status == 503 else texts.unpayable


def _line(line: OrderLine, currency: str, locale: str, texts: Messages) -> Line:
    details = [line.variant_title]
    if line.quantity > 1:
        price = money.display(Money(line.unit_amount, currency), locale)
        details.append(texts.times.format(quantity=line.quantity, price=price))
    return Line(
        title=line.title,
        detail=" · ".join(each for each in details if each),
        cost=money.display(Money(line.unit_amount * line.quantity, currency), locale),
    )


async def _way_back(
    session: AsyncSession, services: Services, shop: Shop, order: Order, lines: list[OrderLine], look: Look
) -> tuple[str, str]:
    """A button, and where it leads: the landing page that the order was made on, or else a cart of the same things."""
    texts, again = look.frame(shop).messages, f"?{frames.CHOICE}={look.language}" if look.language else ""
    try:
        link = await links.get(session, shop, order.link_id or "")
    except LinkNotFound:
        link = None
    if link is not None and link.active:
        return texts.back_to_shop, f"/go/{link.slug}{again}"
    wanted = carts.add_up((line.variant_id, line.quantity) for line in lines)
    return texts.back_to_basket, f"/go/{carts.write(services.vault, Cart(shop.id, wanted))}{again}"
