"""`/v1/collections`: products that belong together."""

from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from api import etags
from api.dependencies import CurrentKey, CurrentShop, DbSession, IfMatch
from api.paging import PageCursor, PageLimit
from catalog import collections
from catalog.models import Collection
from catalog.schemas import CollectionChange, CollectionCreate, CollectionOut
from core.wire import Page


class CollectionController(Controller):
    """Collections by hand or by rules; a publishable key sees those that are not archived."""

    path = "/v1/collections"
    tags = ("Catalog",)

    @post(operation_id="createCollection", opt={"scope": "catalog:write"})
    async def create(
        self, data: JSONBody[CollectionCreate], session: DbSession, shop: CurrentShop
    ) -> Response[CollectionOut]:
        """Add a collection."""
        return _answer(await collections.create(session, shop, data))

    @get(operation_id="listCollections", opt={"scope": "catalog:read", "storefront": True})
    async def list(
        self, session: DbSession, shop: CurrentShop, limit: PageLimit = 20, cursor: PageCursor = None
    ) -> Page[CollectionOut]:
        """The shop's collections, newest first, archived ones left out."""
        found, following = await collections.list_page(session, shop, limit, cursor)
        return Page(items=[CollectionOut.of(each) for each in found], next_cursor=following)

    @get("/{collection_id:str}", operation_id="getCollection", opt={"scope": "catalog:read", "storefront": True})
    async def read(
        self, collection_id: FromPath[str], session: DbSession, shop: CurrentShop, key: CurrentKey
    ) -> Response[CollectionOut]:
        """One collection, with its ETag."""
        find = collections.living if key.publishable else collections.get
        return _answer(await find(session, shop, collection_id))

    @patch("/{collection_id:str}", operation_id="changeCollection", opt={"scope": "catalog:write"})
    async def change(
        self,
        collection_id: FromPath[str],
        data: JSONBody[CollectionChange],
        session: DbSession,
        shop: CurrentShop,
        if_match: IfMatch = None,
    ) -> Response[CollectionOut]:
        """Change a collection; products and rules are replaced as a whole. `archived: false` brings it back."""
        return _answer(await collections.change(session, shop, collection_id, data, etags.wanted(if_match)))

    @delete("/{collection_id:str}", operation_id="archiveCollection", opt={"scope": "catalog:write"})
    async def archive(self, collection_id: FromPath[str], session: DbSession, shop: CurrentShop) -> None:
        """Put a collection away; PATCH `archived` to bring it back."""
        await collections.archive(session, shop, collection_id)


def _answer(collection: Collection) -> Response[CollectionOut]:
    return etags.tagged(CollectionOut.of(collection), collection.version)
