"""`/v1/shop`: the shop's settings and brand kit."""

from litestar import Controller, Response, get, patch
from litestar.params import JSONBody

from api import etags
from api.dependencies import CurrentShop, DbSession, IfMatch
from core import shops
from core.shops import Shop, ShopChange, ShopOut
from media.looks import dressing


class ShopController(Controller):
    """The shop that the API key opens."""

    path = "/v1/shop"
    tags = ("Shop",)

    @get(operation_id="getShop", opt={"scope": "shop:read"})
    async def read(self, shop: CurrentShop) -> Response[ShopOut]:
        """The shop's settings, with their ETag."""
        return _answer(shop)

    @patch(operation_id="changeShop", opt={"scope": "shop:write"})
    async def change(
        self, data: JSONBody[ShopChange], session: DbSession, shop: CurrentShop, if_match: IfMatch = None
    ) -> Response[ShopOut]:
        """Change settings; `If-Match` names the version that you read."""
        await dressing.check(session, shop, data)
        return _answer(await shops.change(session, shop, data, etags.wanted(if_match)))


def _answer(shop: Shop) -> Response[ShopOut]:
    return etags.tagged(ShopOut.of(shop), shop.version)
