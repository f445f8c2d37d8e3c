"""`/v1/products`: what the shop sells."""

from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody

from api import etags
from api.dependencies import CurrentKey, CurrentShop, DbSession, IfMatch
from api.paging import IdFilter, LineFilter, PageCursor, PageLimit, WordFilter, WordsFilter
from catalog import collections, products, sheets, variants
from catalog.facts import ProductSheet
from catalog.products import Filters
from catalog.schemas import ProductChange, ProductCreate, ProductOut, Status, VariantCreate, VariantOut
from core.errors import Forbidden
from core.wire import Page
from social import cards


class ProductController(Controller):
    """Products with their options, pictures and variants; a publishable key sees the active ones."""

    path = "/v1/products"
    tags = ("Catalog",)

    @post(operation_id="createProduct", opt={"scope": "catalog:write"})
    async def create(
        self, data: JSONBody[ProductCreate], session: DbSession, shop: CurrentShop
    ) -> Response[ProductOut]:
        """Add a product, with variants and pictures if you like."""
        product = await products.create(session, shop, data)
        if data.pictures:
            await cards.want(session, shop, product.id, None)
        return _answer(await sheets.of_product(session, shop, product.id))

    @get(operation_id="listProducts", opt={"scope": "catalog:read", "storefront": True})
    async def list(
        self,
        session: DbSession,
        shop: CurrentShop,
        key: CurrentKey,
        status: FromQuery[Status | None] = None,
        tag: WordFilter = None,
        product_type: LineFilter = None,
        collection: IdFilter = None,
        q: WordsFilter = None,
        limit: PageLimit = 20,
        cursor: PageCursor = None,
    ) -> Page[ProductOut]:
        """The shop's products, newest first; without a `status`, those that are not archived.

        `q` finds words whatever their case and accents, each at the beginning of a word of title, tags, vendor, type,
        SKUs or description. A manual `collection` comes in the merchant's order.
        """
        if key.publishable and status not in (None, "active"):
            raise Forbidden("A publishable key sees active products only.", parameter="status")
        wanted = Filters(status="active" if key.publishable else status, tag=tag, product_type=product_type, q=q)
        within = None if collection is None else await collections.living(session, shop, collection)
        found, following = await sheets.page(session, shop, wanted, limit, cursor, within)
        return Page(items=[ProductOut.of(each) for each in found], next_cursor=following)

    @get("/{product_id:str}", operation_id="getProduct", opt={"scope": "catalog:read", "storefront": True})
    async def read(
        self, product_id: FromPath[str], session: DbSession, shop: CurrentShop, key: CurrentKey
    ) -> Response[ProductOut]:
        """One product, with its ETag."""
        return _answer(await sheets.of_product(session, shop, product_id, on_sale=key.publishable))

    @patch("/{product_id:str}", operation_id="changeProduct", opt={"scope": "catalog:write"})
    async def change(
        self,
        product_id: FromPath[str],
        data: JSONBody[ProductChange],
        session: DbSession,
        shop: CurrentShop,
        if_match: IfMatch = None,
    ) -> Response[ProductOut]:
        """Change a product; tags, options and pictures are replaced as a whole."""
        await products.change(session, shop, product_id, data, etags.wanted(if_match))
        if data.pictures:
            await cards.want(session, shop, product_id, None)
        return _answer(await sheets.of_product(session, shop, product_id))

    @delete("/{product_id:str}", operation_id="archiveProduct", opt={"scope": "catalog:write"})
    async def archive(self, product_id: FromPath[str], session: DbSession, shop: CurrentShop) -> None:
        """Take a product off sale; PATCH its status to bring it back."""
        await products.archive(session, shop, product_id)

    @post("/{product_id:str}/variants", operation_id="createVariant", opt={"scope": "catalog:write"})
    async def add_variant(
        self, product_id: FromPath[str], data: JSONBody[VariantCreate], session: DbSession, shop: CurrentShop
    ) -> Response[VariantOut]:
        """Add a variant to a product, last in order."""
        variant = await variants.add(session, shop, product_id, data)
        out = VariantOut.of(await sheets.of_variant(session, shop, variant.id))
        return etags.tagged(out, variant.version)

    @get("/{product_id:str}/variants", operation_id="listVariants", opt={"scope": "catalog:read", "storefront": True})
    async def list_variants(
        self,
        product_id: FromPath[str],
        session: DbSession,
        shop: CurrentShop,
        key: CurrentKey,
        limit: PageLimit = 20,
        cursor: PageCursor = None,
    ) -> Page[VariantOut]:
        """A product's living variants, newest first."""
        found, following = await variants.list_page(session, shop, product_id, limit, cursor, on_sale=key.publishable)
        out = [VariantOut.of(each) for each in await sheets.of_variants(session, found)]
        return Page(items=out, next_cursor=following)


def _answer(sheet: ProductSheet) -> Response[ProductOut]:
    return etags.tagged(ProductOut.of(sheet), sheet.product.version)
