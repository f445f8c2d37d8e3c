"""`/v1/orders`: what was bought, and where it came from."""

from datetime import UTC, datetime

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import FromPath, FromQuery

from api.dependencies import AppServices, CurrentShop, DbSession
from api.paging import IdFilter, MomentFilter, PageCursor, PageLimit, SlugFilter
from api.services import Services
from checkout import attribution, contacts, orders, oversold, sheets
from checkout.attribution_schemas import OrderAttributionOut
from checkout.facts import OrderStatus, Review
from checkout.models import Order
from checkout.orders import Filters
from checkout.schemas import OrderOut
from core import clock
from core.db import AsyncSession
from core.errors import BadRequest
from core.wire import Page


class OrderController(Controller):
    """The shop's orders."""

    path = "/v1/orders"
    tags = ("Orders",)

    @get(operation_id="listOrders", opt={"scope": "orders:read"})
    async def list(
        self,
        services: AppServices,
        session: DbSession,
        shop: CurrentShop,
        network: SlugFilter = None,
        post: IdFilter = None,
        link: IdFilter = None,
        creator: IdFilter = None,
        status: FromQuery[OrderStatus | None] = None,
        review: FromQuery[Review | None] = None,
        needs_review: FromQuery[bool | None] = None,
        created_from: MomentFilter = None,
        created_to: MomentFilter = None,
        limit: PageLimit = 20,
        cursor: PageCursor = None,
    ) -> Page[OrderOut]:
        """The shop's orders, newest first; `created_to` itself is not included.

        `review` is a reason why a person should look and nobody has yet; `needs_review` asks whether there is any.
        """
        first, end = _moment("created_from", created_from), _moment("created_to", created_to)
        wanted = Filters(network, post, link, creator, status, review, needs_review, first, end)
        found, following = await orders.list_page(session, shop, wanted, limit, cursor)
        out = await sheets.of_orders(session, services.vault, services.settings, found)
        return Page(items=out, next_cursor=following)

    @get("/{order_id:str}", operation_id="getOrder", opt={"scope": "orders:read"})
    async def read(
        self, order_id: FromPath[str], services: AppServices, session: DbSession, shop: CurrentShop
    ) -> OrderOut:
        """One order."""
        return await _sheet(services, session, await orders.get(session, shop, order_id))

    @get("/{order_id:str}/attribution", operation_id="getOrderAttribution", opt={"scope": "orders:read"})
    async def attribution(self, order_id: FromPath[str], session: DbSession, shop: CurrentShop) -> OrderAttributionOut:
        """Where one order came from: every tap before it, every sign, and the rule that decided, in words."""
        order = await orders.get(session, shop, order_id)
        return OrderAttributionOut.told(order, await attribution.touches(session, order))

    @post(
        "/{order_id:str}/take-missing",
        operation_id="takeMissingPieces",
        status_code=200,
        opt={"scope": "orders:write", "problems": ("409",)},
    )
    async def take_missing(
        self, order_id: FromPath[str], services: AppServices, session: DbSession, shop: CurrentShop
    ) -> OrderOut:
        """Take the pieces of an oversold order off the shelf that were not there when it was paid: all or none."""
        return await _sheet(services, session, await oversold.take(session, shop, order_id))

    @delete("/{order_id:str}/contact", operation_id="eraseOrderContact", opt={"scope": "orders:write"})
    async def erase(self, order_id: FromPath[str], session: DbSession, shop: CurrentShop) -> None:
        """Forget who bought an order, for good; amounts and lines stay. Stripe keeps its own records: ask there too."""
        await contacts.erase(session, shop, order_id, clock.now())


async def _sheet(services: Services, session: AsyncSession, order: Order) -> OrderOut:
    (out,) = await sheets.of_orders(session, services.vault, services.settings, [order])
    return out


def _moment(name: str, value: str | None) -> datetime | None:
    """The moment in UTC; refuses BadRequest for one that is in no calendar."""
    if value is None:
        return None
    try:
        return msgspec.convert(value, datetime).astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        raise BadRequest("There is no such moment in UTC.", parameter=name) from None
