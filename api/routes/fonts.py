"""`/v1/fonts`: the letters of a shop's own."""

from typing import Annotated

import msgspec
from litestar import Controller, delete, get, post
from litestar.datastructures import UploadFile
from litestar.params import Body, FromPath

from api import multipart
from api.dependencies import AppServices, CurrentShop, DbSession
from core.errors import BadRequest
from core.wire import Page
from media.typesetting import own_fonts, typefaces
from media.typesetting.font_schemas import FontOut


class FontUpload(msgspec.Struct, forbid_unknown_fields=True):
    """A multipart form: the font in `file`, TrueType, OpenType, WOFF or WOFF2 of at most 20 MB."""

    file: UploadFile


Upload = Annotated[FontUpload, Body(media_type="multipart/form-data")]


class FontController(Controller):
    """Fonts that visuals are set in, where the shop's kit names them."""

    path = "/v1/fonts"
    tags = ("Media",)

    @post(operation_id="uploadFont", opt={"scope": "media:write"}, guards=[multipart.readable])
    async def upload(self, data: Upload, services: AppServices, shop: CurrentShop) -> FontOut:
        """Keep a font that you may draw pictures with. The same bytes again give the same font."""
        async with services.pool.turn(shop.id):
            content = await data.file.read(typefaces.MAX_BYTES + 1)
            if not content:
                raise BadRequest("The field `file` is empty.", field="file")
            return FontOut.of(await own_fonts.store(services.db, services.storage, services.pool, shop, content))

    @get(operation_id="listFonts", opt={"scope": "media:read"})
    async def list(self, session: DbSession, shop: CurrentShop) -> Page[FontOut]:
        """The shop's fonts that are not archived, newest first; always one page."""
        return Page(items=[FontOut.of(each) for each in await own_fonts.all_living(session, shop)], next_cursor=None)

    @get("/{font_id:str}", operation_id="getFont", opt={"scope": "media:read"})
    async def read(self, font_id: FromPath[str], session: DbSession, shop: CurrentShop) -> FontOut:
        """What is known of one font, archived or not."""
        return FontOut.of(await own_fonts.get(session, shop, font_id))

    @delete("/{font_id:str}", operation_id="archiveFont", opt={"scope": "media:write"})
    async def archive(self, font_id: FromPath[str], session: DbSession, shop: CurrentShop) -> None:
        """Draw nothing with this font any more; where the kit names it, the house's fonts stand in."""
        await own_fonts.archive(session, shop, font_id)
