"""`/v1/creators`: those who bring buyers."""

from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from api import etags
from api.dependencies import CurrentShop, DbSession, IfMatch
from api.paging import PageCursor, PageLimit
from core.wire import Page
from social import creators
from social.creator_schemas import CreatorChange, CreatorCreate, CreatorOut
from social.models import Creator


class CreatorController(Controller):
    """Links name a creator, and a creator may have a discount code: orders know both."""

    path = "/v1/creators"
    tags = ("Links",)

    @post(operation_id="createCreator", opt={"scope": "social:write"})
    async def create(
        self, data: JSONBody[CreatorCreate], session: DbSession, shop: CurrentShop
    ) -> Response[CreatorOut]:
        """Add a creator."""
        return _answer(await creators.create(session, shop, data))

    @get(operation_id="listCreators", opt={"scope": "social:read"})
    async def list(
        self, session: DbSession, shop: CurrentShop, limit: PageLimit = 20, cursor: PageCursor = None
    ) -> Page[CreatorOut]:
        """The shop's creators, newest first, archived ones left out."""
        found, following = await creators.list_page(session, shop, limit, cursor)
        return Page(items=[CreatorOut.of(each) for each in found], next_cursor=following)

    @get("/{creator_id:str}", operation_id="getCreator", opt={"scope": "social:read"})
    async def read(self, creator_id: FromPath[str], session: DbSession, shop: CurrentShop) -> Response[CreatorOut]:
        """One creator, with its ETag."""
        return _answer(await creators.get(session, shop, creator_id))

    @patch("/{creator_id:str}", operation_id="changeCreator", opt={"scope": "social:write"})
    async def change(
        self,
        creator_id: FromPath[str],
        data: JSONBody[CreatorChange],
        session: DbSession,
        shop: CurrentShop,
        if_match: IfMatch = None,
    ) -> Response[CreatorOut]:
        """Change a creator for the orders to come; `archived: false` brings one back."""
        return _answer(await creators.change(session, shop, creator_id, data, etags.wanted(if_match)))

    @delete("/{creator_id:str}", operation_id="archiveCreator", opt={"scope": "social:write"})
    async def archive(self, creator_id: FromPath[str], session: DbSession, shop: CurrentShop) -> None:
        """Put a creator away; links and orders keep them. PATCH `archived` to bring them back."""
        await creators.archive(session, shop, creator_id)


def _answer(creator: Creator) -> Response[CreatorOut]:
    return etags.tagged(CreatorOut.of(creator), creator.version)
