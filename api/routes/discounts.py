"""`/v1/discounts`: reductions, for everybody or for those who know a code."""

from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody

from api import etags
from api.dependencies import CurrentShop, DbSession, IfMatch
from api.paging import CodeFilter, PageCursor, PageLimit
from checkout.discounts import discounts
from checkout.discounts.discounts import Filters
from checkout.discounts.models import Discount
from checkout.discounts.schemas import DiscountChange, DiscountCreate, DiscountOut
from core.wire import Page


class DiscountController(Controller):
    """What a shop takes off its prices, when, for whom and how often."""

    path = "/v1/discounts"
    tags = ("Discounts",)

    @post(operation_id="createDiscount", opt={"scope": "discounts:write"})
    async def create(
        self, data: JSONBody[DiscountCreate], session: DbSession, shop: CurrentShop
    ) -> Response[DiscountOut]:
        """Add a discount."""
        return _answer(await discounts.create(session, shop, data))

    @get(operation_id="listDiscounts", opt={"scope": "discounts:read"})
    async def list(
        self,
        session: DbSession,
        shop: CurrentShop,
        code: CodeFilter = None,
        automatic: FromQuery[bool | None] = None,
        limit: PageLimit = 20,
        cursor: PageCursor = None,
    ) -> Page[DiscountOut]:
        """The shop's discounts, newest first; archived ones only where their code is asked for."""
        wanted = Filters(code=code, automatic=automatic)
        found, following = await discounts.list_page(session, shop, wanted, limit, cursor)
        return Page(items=[DiscountOut.of(each) for each in found], next_cursor=following)

    @get("/{discount_id:str}", operation_id="getDiscount", opt={"scope": "discounts:read"})
    async def read(self, discount_id: FromPath[str], session: DbSession, shop: CurrentShop) -> Response[DiscountOut]:
        """One discount, with its ETag."""
        return _answer(await discounts.get(session, shop, discount_id))

    @patch("/{discount_id:str}", operation_id="changeDiscount", opt={"scope": "discounts:write"})
    async def change(
        self,
        discount_id: FromPath[str],
        data: JSONBody[DiscountChange],
        session: DbSession,
        shop: CurrentShop,
        if_match: IfMatch = None,
    ) -> Response[DiscountOut]:
        """Change a discount for the orders to come; `archived: false` brings it back."""
        return _answer(await discounts.change(session, shop, discount_id, data, etags.wanted(if_match)))

    @delete("/{discount_id:str}", operation_id="archiveDiscount", opt={"scope": "discounts:write"})
    async def archive(self, discount_id: FromPath[str], session: DbSession, shop: CurrentShop) -> None:
        """Put a discount away, at once; orders that have it keep it. PATCH `archived` to bring it back."""
        await discounts.archive(session, shop, discount_id)


def _answer(discount: Discount) -> Response[DiscountOut]:
    return etags.tagged(DiscountOut.of(discount), discount.version)
