"""`/v1/variants`: what lies in the cart, what it costs, what is left of it."""

from litestar import Controller, Response, delete, get, patch, post, put
from litestar.params import FromPath, JSONBody

from api import etags
from api.dependencies import CurrentKey, CurrentShop, DbSession, IfMatch
from api.paging import PageCursor, PageLimit
from catalog import prices, sheets, stock, variants
from catalog.facts import VariantFacts
from catalog.schemas import (
    PriceOut,
    PricesChange,
    PricesOut,
    StockChange,
    StockMovementCreate,
    StockMovementOut,
    StockOut,
    VariantChange,
    VariantOut,
)
from core.wire import Page


class VariantController(Controller):
    """One combination of a product's options; a publishable key sees those that are on sale."""

    path = "/v1/variants/{variant_id:str}"
    tags = ("Catalog",)

    @get(operation_id="getVariant", opt={"scope": "catalog:read", "storefront": True})
    async def read(
        self, variant_id: FromPath[str], session: DbSession, shop: CurrentShop, key: CurrentKey
    ) -> Response[VariantOut]:
        """One variant, with its ETag."""
        return _answer(await sheets.of_variant(session, shop, variant_id, on_sale=key.publishable))

    @patch(operation_id="changeVariant", opt={"scope": "catalog:write"})
    async def change(
        self,
        variant_id: FromPath[str],
        data: JSONBody[VariantChange],
        session: DbSession,
        shop: CurrentShop,
        if_match: IfMatch = None,
    ) -> Response[VariantOut]:
        """Change a variant; prices and stock have addresses of their own."""
        await variants.change(session, shop, variant_id, data, etags.wanted(if_match))
        return _answer(await sheets.of_variant(session, shop, variant_id))

    @delete(operation_id="archiveVariant", opt={"scope": "catalog:write"})
    async def archive(self, variant_id: FromPath[str], session: DbSession, shop: CurrentShop) -> None:
        """Take a variant off sale and free its SKU."""
        await variants.archive(session, shop, variant_id)

    @get("/prices", operation_id="getPrices", opt={"scope": "catalog:read", "storefront": True})
    async def read_prices(
        self, variant_id: FromPath[str], session: DbSession, shop: CurrentShop, key: CurrentKey
    ) -> Response[PricesOut]:
        """What the variant costs in each currency, with the variant's ETag."""
        return _prices(await sheets.of_variant(session, shop, variant_id, on_sale=key.publishable))

    @put("/prices", operation_id="replacePrices", opt={"scope": "catalog:write", "if_match_optional": True})
    async def replace_prices(
        self,
        variant_id: FromPath[str],
        data: JSONBody[PricesChange],
        session: DbSession,
        shop: CurrentShop,
        if_match: IfMatch = None,
    ) -> Response[PricesOut]:
        """Make these all the prices of the variant; `If-Match` may name the variant's version that you read."""
        version = None if if_match is None else etags.wanted(if_match)
        await prices.replace(session, shop, variant_id, data.prices, version)
        return _prices(await sheets.of_variant(session, shop, variant_id))

    @get("/stock", operation_id="getStock", opt={"scope": "catalog:read", "storefront": True})
    async def read_stock(
        self, variant_id: FromPath[str], session: DbSession, shop: CurrentShop, key: CurrentKey
    ) -> StockOut:
        """What is left of the variant: neither sold nor held by a checkout."""
        return StockOut.of(await sheets.of_variant(session, shop, variant_id, on_sale=key.publishable))

    @put("/stock", operation_id="setStock", opt={"scope": "catalog:write"})
    async def set_stock(
        self, variant_id: FromPath[str], data: JSONBody[StockChange], session: DbSession, shop: CurrentShop
    ) -> StockOut:
        """Write down a count. For a delivery or a loss, add a stock movement: it cannot overwrite a sale."""
        await stock.set_available(session, shop, variant_id, data)
        return StockOut.of(await sheets.of_variant(session, shop, variant_id))

    @post("/stock-movements", operation_id="createStockMovement", opt={"scope": "catalog:write"})
    async def move_stock(
        self, variant_id: FromPath[str], data: JSONBody[StockMovementCreate], session: DbSession, shop: CurrentShop
    ) -> StockMovementOut:
        """Pieces came or went outside of Vitrine."""
        return StockMovementOut.of(await stock.adjust(session, shop, variant_id, data.delta, data.reference))

    @get("/stock-movements", operation_id="listStockMovements", opt={"scope": "catalog:read"})
    async def list_movements(
        self,
        variant_id: FromPath[str],
        session: DbSession,
        shop: CurrentShop,
        limit: PageLimit = 20,
        cursor: PageCursor = None,
    ) -> Page[StockMovementOut]:
        """Every piece that came or went, newest first."""
        found, following = await stock.movements_page(session, shop, variant_id, limit, cursor)
        return Page(items=[StockMovementOut.of(each) for each in found], next_cursor=following)


def _answer(variant: VariantFacts) -> Response[VariantOut]:
    return etags.tagged(VariantOut.of(variant), variant.version)


def _prices(variant: VariantFacts) -> Response[PricesOut]:
    out = PricesOut(prices=[PriceOut.of(price) for price in variant.prices])
    return etags.tagged(out, variant.version)
