"""`/v1/assets`: the merchant's pictures."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.datastructures import UploadFile
from litestar.params import Body, FromPath, JSONBody

from api import etags, multipart
from api.dependencies import AppServices, CurrentShop, DbSession, IfMatch
from api.paging import PageCursor, PageLimit
from core.db import AsyncSession
from core.errors import BadRequest
from core.shops import Shop
from core.wire import Page, clean
from media import assets
from media.errors import ImageTooLarge
from media.formats import own_formats
from media.models import Asset
from media.schemas import AltText, AssetChange, AssetImport, AssetOut, SimilarAssetOut, SimilarAssetsOut


class AssetUpload(msgspec.Struct, forbid_unknown_fields=True):
    """A multipart form: the picture in `file` (JPEG, PNG, WebP, GIF, AVIF, HEIC), and what it shows in `alt_text`."""

    file: UploadFile
    alt_text: AltText = ""

    def __post_init__(self) -> None:
        try:
            self.alt_text = clean(self.alt_text)
        except ValueError as error:
            raise ValueError(f"{error} in `alt_text`") from None


Upload = Annotated[AssetUpload, Body(media_type="multipart/form-data")]


class AssetController(Controller):
    """Pictures as they were kept: safe, upright, sRGB, without metadata, each once."""

    path = "/v1/assets"
    tags = ("Media",)

    @post(operation_id="uploadAsset", opt={"scope": "media:write"}, guards=[multipart.readable])
    async def upload(self, data: Upload, services: AppServices, shop: CurrentShop) -> Response[AssetOut]:
        """Keep a picture. The same bytes again give the same asset."""
        limit = services.settings.picture_max_bytes
        async with services.pool.turn(shop.id):
            content = await data.file.read(limit + 1)
            if len(content) > limit:
                raise ImageTooLarge(f"A picture has at most {limit} bytes.", maximum=limit)
            if not content:
                raise BadRequest("The field `file` is empty.", field="file")
            asset = await assets.store(services.db, services.storage, services.pool, shop, content, data.alt_text)
        async with services.db.read() as session:
            return await _answer(session, shop, asset, services)

    @post("/import", operation_id="importAsset", opt={"scope": "media:write"})
    async def fetch(self, data: JSONBody[AssetImport], services: AppServices, shop: CurrentShop) -> Response[AssetOut]:
        """Fetch a picture from the web and keep it. The same bytes again give the same asset, wherever they come from.

        At most three redirects are followed, each to a public address again; all of it may last ten seconds.
        """
        content = await services.fetcher.fetch(data.url)
        async with services.pool.turn(shop.id):
            asset = await assets.store(services.db, services.storage, services.pool, shop, content, data.alt_text)
        async with services.db.read() as session:
            return await _answer(session, shop, asset, services)

    @get(operation_id="listAssets", opt={"scope": "media:read"})
    async def list(
        self,
        services: AppServices,
        session: DbSession,
        shop: CurrentShop,
        limit: PageLimit = 20,
        cursor: PageCursor = None,
    ) -> Page[AssetOut]:
        """The shop's pictures that are not archived, newest first."""
        found, following = await assets.list_page(session, shop, limit, cursor)
        own = await own_formats.canvases(session, shop)
        return Page(items=[AssetOut.of(asset, services.storage, own) for asset in found], next_cursor=following)

    @get("/{asset_id:str}", operation_id="getAsset", opt={"scope": "media:read", "storefront": True})
    async def read(
        self, asset_id: FromPath[str], services: AppServices, session: DbSession, shop: CurrentShop
    ) -> Response[AssetOut]:
        """One picture, with its ETag."""
        return await _answer(session, shop, await assets.get(session, shop, asset_id), services)

    @get("/{asset_id:str}/similar", operation_id="listSimilarAssets", opt={"scope": "media:read"})
    async def similar(
        self, asset_id: FromPath[str], services: AppServices, session: DbSession, shop: CurrentShop
    ) -> SimilarAssetsOut:
        """The same picture in another size, compression or brightness, or cropped a little, unless it is archived."""
        found = await assets.similar(session, shop, asset_id)
        own = await own_formats.canvases(session, shop)
        items = [
            SimilarAssetOut(asset=AssetOut.of(each.asset, services.storage, own), distance=each.distance)
            for each in found
        ]
        return SimilarAssetsOut(items=items)

    @patch("/{asset_id:str}", operation_id="changeAsset", opt={"scope": "media:write"})
    async def change(
        self,
        asset_id: FromPath[str],
        data: JSONBody[AssetChange],
        services: AppServices,
        session: DbSession,
        shop: CurrentShop,
        if_match: IfMatch = None,
    ) -> Response[AssetOut]:
        """Change the alt text or the focal point; visuals made before stay as they are."""
        asset = await assets.change(session, shop, asset_id, data, etags.wanted(if_match))
        return await _answer(session, shop, asset, services)

    @delete("/{asset_id:str}", operation_id="archiveAsset", opt={"scope": "media:write"})
    async def archive(self, asset_id: FromPath[str], session: DbSession, shop: CurrentShop) -> None:
        """Take a picture out of the lists; what was made of it stays."""
        await assets.archive(session, shop, asset_id)


async def _answer(session: AsyncSession, shop: Shop, asset: Asset, services: AppServices) -> Response[AssetOut]:
    own = await own_formats.canvases(session, shop)
    return etags.tagged(AssetOut.of(asset, services.storage, own), asset.version)
