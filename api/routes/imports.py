"""`/v1/imports`: products from files."""

from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.datastructures import UploadFile
from litestar.params import Body, FromPath

from api import multipart
from api.dependencies import AppServices, CurrentShop, DbSession
from api.paging import PageCursor, PageLimit
from catalog.imports import runs
from catalog.schemas import ImportOut, ImportRowOut
from core.wire import Page, Slug


class ImportUpload(msgspec.Struct, forbid_unknown_fields=True):
    """A multipart form: the file in `file`, and its `format`: `shopify` for Shopify's product CSV."""

    file: UploadFile
    format: Slug = "shopify"


Upload = Annotated[ImportUpload, Body(media_type="multipart/form-data")]


class ImportController(Controller):
    """Files that were read, and the rows that could not be used."""

    path = "/v1/imports"
    tags = ("Catalog",)

    @post(operation_id="createImport", opt={"scope": "catalog:write"}, guards=[multipart.readable])
    async def create(self, data: Upload, services: AppServices, shop: CurrentShop) -> ImportOut:
        """Read a file into the catalog. Sent again, it changes what differs and doubles nothing."""
        limit = services.settings.catalog_max_bytes
        return ImportOut.of(await runs.run(services.db, shop, data.format, data.file.file, max_bytes=limit))

    @get("/{import_id:str}", operation_id="getImport", opt={"scope": "catalog:read"})
    async def read(self, import_id: FromPath[str], session: DbSession, shop: CurrentShop) -> ImportOut:
        """One import: what became of its rows."""
        return ImportOut.of(await runs.get(session, shop, import_id))

    @get("/{import_id:str}/rows", operation_id="listImportRows", opt={"scope": "catalog:read"})
    async def list_rows(
        self,
        import_id: FromPath[str],
        session: DbSession,
        shop: CurrentShop,
        limit: PageLimit = 20,
        cursor: PageCursor = None,
    ) -> Page[ImportRowOut]:
        """What was wrong with rows, each with line, column and rule; the last one found comes first."""
        found, following = await runs.rows_page(session, shop, import_id, limit, cursor)
        return Page(items=[ImportRowOut.of(each) for each in found], next_cursor=following)
