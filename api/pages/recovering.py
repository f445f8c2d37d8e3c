"""The button of an order that was not paid: once more, with today's price and stock."""

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from api import customers
from api.auth import PUBLIC
from api.dependencies import AppServices, HttpRequest
from api.pages import forms, locations, prices, receipts, taps
from api.pages.receipts import Look
from checkout import checkouts, orders, recovery
from checkout.errors import NothingToRecover, OrderNotFound
from checkout.expecting import Expected
from core import clock, shops
from core.errors import Refusal


@post("/orders/{token:str}", operation_id="recoverOrder", opt={"scope": PUBLIC}, include_in_schema=False)
async def recover(token: FromPath[str], request: HttpRequest, services: AppServices) -> Response[bytes]:
    """Start the same checkout anew and send the buyer to pay; the order's page with a reason where that cannot be."""
    fields = await forms.read(request, services.settings)
    if len(token) > receipts.TOKEN_LENGTH:
        raise OrderNotFound
    now, look = clock.now(), Look.of(request)
    async with services.db.read() as session:
        order, _ = await orders.by_public_token(session, token)
        shop = await shops.get(session, order.shop_id)
        try:
            intent = await recovery.intent(session, order, customers.household(request, services.vault, shop, now))
        except NothingToRecover:
            return locations.own(look.path(order))
    shown = prices.amount(fields.get("total", ""))
    # A page without a total in its form is older than that field, and shows the order's.
    expected = Expected(total=order.amount_total if shown is None else shown)
    locale = look.frame(shop).messages.locale
    intent = msgspec.structs.replace(intent, expected=expected, locale=locale, language=look.language)
    try:
        checkout = await checkouts.start(services.gateway, services.db, services.settings, shop, intent, now)
    except taps.ANSWERED as refusal:
        return await _refused(services, token, look, refusal)
    if checkout.status == "open" and checkout.url:
        return locations.payment(checkout.url, services.settings)
    async with services.db.read() as session:
        return locations.own(look.path(await orders.get(session, shop, checkout.order_id)))


async def _refused(services: AppServices, token: str, look: Look, refusal: Refusal) -> Response[bytes]:
    async with services.db.read() as session:
        return await receipts.show(session, services, token, look, refusal)
