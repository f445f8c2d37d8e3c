"""`/v1/shipping-rates`: what shipping costs, where, and how long it takes."""

from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from api import etags
from api.dependencies import CurrentShop, DbSession, IfMatch
from api.paging import PageCursor, PageLimit
from checkout.shipping import rates
from checkout.shipping.models import ShippingRate
from checkout.shipping.schemas import ShippingRateChange, ShippingRateCreate, ShippingRateOut
from core.wire import Page


class ShippingRateController(Controller):
    """Ways of shipping; a shop without any asks no buyer for an address and charges no shipping."""

    path = "/v1/shipping-rates"
    tags = ("Shipping",)

    @post(operation_id="createShippingRate", opt={"scope": "shipping:write"})
    async def create(
        self, data: JSONBody[ShippingRateCreate], session: DbSession, shop: CurrentShop
    ) -> Response[ShippingRateOut]:
        """Add a way of shipping."""
        return _answer(await rates.create(session, shop, data))

    @get(operation_id="listShippingRates", opt={"scope": "shipping:read"})
    async def list(
        self, session: DbSession, shop: CurrentShop, limit: PageLimit = 20, cursor: PageCursor = None
    ) -> Page[ShippingRateOut]:
        """The shop's rates, newest first, archived ones left out."""
        found, following = await rates.list_page(session, shop, limit, cursor)
        return Page(items=[ShippingRateOut.of(each) for each in found], next_cursor=following)

    @get("/{rate_id:str}", operation_id="getShippingRate", opt={"scope": "shipping:read"})
    async def read(self, rate_id: FromPath[str], session: DbSession, shop: CurrentShop) -> Response[ShippingRateOut]:
        """One rate, with its ETag."""
        return _answer(await rates.get(session, shop, rate_id))

    @patch("/{rate_id:str}", operation_id="changeShippingRate", opt={"scope": "shipping:write"})
    async def change(
        self,
        rate_id: FromPath[str],
        data: JSONBody[ShippingRateChange],
        session: DbSession,
        shop: CurrentShop,
        if_match: IfMatch = None,
    ) -> Response[ShippingRateOut]:
        """Change a rate, for orders to come. `archived: false` brings it back."""
        return _answer(await rates.change(session, shop, rate_id, data, etags.wanted(if_match)))

    @delete("/{rate_id:str}", operation_id="archiveShippingRate", opt={"scope": "shipping:write"})
    async def archive(self, rate_id: FromPath[str], session: DbSession, shop: CurrentShop) -> None:
        """Offer a rate no more; PATCH `archived` to bring it back."""
        await rates.archive(session, shop, rate_id)


def _answer(rate: ShippingRate) -> Response[ShippingRateOut]:
    return etags.tagged(ShippingRateOut.of(rate), rate.version)
