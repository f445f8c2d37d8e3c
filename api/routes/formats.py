"""`/v1/formats`: the canvases that visuals are made on, built in and of the shop's own."""

from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from api import etags
from api.dependencies import CurrentShop, DbSession, IfMatch
from core.wire import Page
from media.formats import formats, own_formats
from media.formats.format_schemas import FormatChange, FormatCreate, FormatOut
from media.models import ShopFormat


class FormatController(Controller):
    """What networks take is built in; what else a shop needs it adds."""

    path = "/v1/formats"
    tags = ("Media",)

    @post(operation_id="createFormat", opt={"scope": "media:write"})
    async def create(self, data: JSONBody[FormatCreate], session: DbSession, shop: CurrentShop) -> Response[FormatOut]:
        """Add a format of the shop's own, to be named in `POST /v1/visuals` like any other."""
        return _answer(await own_formats.create(session, shop, data))

    @get(operation_id="listFormats", opt={"scope": "media:read"})
    async def list(self, session: DbSession, shop: CurrentShop) -> Page[FormatOut]:
        """The built-in formats with their safe areas, then the shop's own, newest first; always one page."""
        own = [own_formats.canvas(each) for each in await own_formats.all_living(session, shop)]
        return Page(items=[FormatOut.of(each) for each in (*formats.formats(), *own)], next_cursor=None)

    @get("/{format_id:str}", operation_id="getFormat", opt={"scope": "media:read"})
    async def read(self, format_id: FromPath[str], session: DbSession, shop: CurrentShop) -> Response[FormatOut]:
        """One of the shop's own formats, archived or not, with its ETag."""
        return _answer(await own_formats.get(session, shop, format_id))

    @patch("/{format_id:str}", operation_id="changeFormat", opt={"scope": "media:write"})
    async def change(
        self,
        format_id: FromPath[str],
        data: JSONBody[FormatChange],
        session: DbSession,
        shop: CurrentShop,
        if_match: IfMatch = None,
    ) -> Response[FormatOut]:
        """Change one of the shop's own formats; visuals made before stay as they are."""
        return _answer(await own_formats.change(session, shop, format_id, data, etags.wanted(if_match)))

    @delete("/{format_id:str}", operation_id="archiveFormat", opt={"scope": "media:write"})
    async def archive(self, format_id: FromPath[str], session: DbSession, shop: CurrentShop) -> None:
        """Take a format out of the list; what was made in it stays, and its slug is free again."""
        await own_formats.archive(session, shop, format_id)


def _answer(row: ShopFormat) -> Response[FormatOut]:
    return etags.tagged(FormatOut.of(own_formats.canvas(row)), row.version)
