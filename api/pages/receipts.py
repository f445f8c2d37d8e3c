"""`/orders/{token}`: what the buyer sees of their order. Nothing about the person stands here."""

from litestar import Response, get
from litestar.params import FromPath

from api.auth import PUBLIC
from api.dependencies import DbSession, HttpRequest
from api.pages import messages, rendering
from api.pages.brand import Brand
from api.pages.messages import Messages
from api.pages.rendering import Policy
from api.pages.views import Frame, Line, Receipt
from checkout import orders
from checkout.errors import OrderNotFound
from checkout.models import Order, OrderLine
from core import money, shops
from core.db import AsyncSession
from core.money import Money
from core.shops import Shop
from social.links import links
from social.links.errors import LinkNotFound

_LOOKS = 6
_TOKEN_LENGTH = 100


@get("/orders/{token:str}", operation_id="showOrder", opt={"scope": PUBLIC}, include_in_schema=False)
async def receipt(token: FromPath[str], request: HttpRequest, session: DbSession) -> Response[bytes]:
    """The buyer's order; while the payment is being confirmed the page looks again by itself, a few times."""
    if len(token) > _TOKEN_LENGTH:
        raise OrderNotFound
    order, lines = await orders.by_public_token(session, token)
    shop = await shops.get(session, order.shop_id)
    frame = Frame(messages=messages.of(shop.locale), shop_name=shop.name, brand=Brand.of(shop))
    look = request.query_params.get("look", "0")
    seen = int(look) if look in {str(number) for number in range(_LOOKS + 1)} else _LOOKS
    view = await _view(session, shop, order, lines, frame.messages, seen)
    return rendering.answer("receipt.html", frame, view, Policy(), headers={"referrer-policy": "no-referrer"})


async def _view(
    session: AsyncSession, shop: Shop, order: Order, lines: list[OrderLine], texts: Messages, seen: int
) -> Receipt:
    waiting = order.status in ("draft", "awaiting_payment")
    heading, sentence, sign = _state(order.status, texts)
    action, action_url, refresh = "", "", ""
    if waiting and seen < _LOOKS:
        refresh = f"{orders.path(order)}?look={seen + 1}"
    elif waiting:
        sentence, action, action_url = texts.still_confirming, texts.reload, orders.path(order)
    elif order.status in ("expired", "cancelled", "payment_failed"):
        action_url = await _way_back(session, shop, order)
        action = texts.back_to_shop if action_url else ""
    return Receipt(
        number=order.id[-8:].upper(),
        heading=heading,
        sentence=sentence.format(shop=shop.name),
        sign=sign,
        lines=tuple(_line(line, order.currency, shop.locale, texts) for line in lines),
        total=money.display(Money(order.amount_total, order.currency), shop.locale),
        refresh=refresh,
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


def _line(line: OrderLine, currency: str, locale: str, texts: Messages) -> Line:
    details = [line.variant_title]
    if line.quantity > 1:
        price = money.display(Money(line.unit_amount, currency), locale)
        details.append(texts.times.format(quantity=line.quantity, price=price))
    return Line(
        title=line.title,
        detail=" · ".join(each for each in details if each),
        cost=money.display(Money(line.amount_total, currency), locale),
    )


async def _way_back(session: AsyncSession, shop: Shop, order: Order) -> str:
    """The landing page that the order was made on, or nothing where its link is gone."""
    if order.link_id is None:
        return ""
    try:
        link = await links.get(session, shop, order.link_id)
    except LinkNotFound:
        return ""
    return f"/go/{link.slug}" if link.active else ""
