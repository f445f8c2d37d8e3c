"""`/v1/uploads`: pictures that go straight to the storage, past this application where the storage is S3."""

from litestar import Controller, Response, post
from litestar.params import FromPath, JSONBody

from api import etags
from api.dependencies import AppServices, CurrentShop, CurrentUnit
from core import clock
from media import uploads
from media.formats import own_formats
from media.schemas import AssetOut
from media.upload_schemas import UploadCreate, UploadOut


class UploadController(Controller):
    """Announce a picture, send its bytes to the signed address, say that they are there."""

    path = "/v1/uploads"
    tags = ("Media",)

    @post(operation_id="createUpload", opt={"scope": "media:write"})
    async def create(
        self, data: JSONBody[UploadCreate], unit: CurrentUnit, services: AppServices, shop: CurrentShop
    ) -> UploadOut:
        """Get a signed address that takes this one picture, for 15 minutes."""
        parcel = uploads.announced(shop, data, services.settings.picture_max_bytes, clock.now())
        slip = await services.storage.sign(parcel)
        most, session = services.settings.shop_storage_bytes, await unit.session()
        return UploadOut.of(await uploads.begin(session, shop, data, parcel, shop_bytes=most), slip)

    @post("/{upload_id:str}/complete", operation_id="completeUpload", opt={"scope": "media:write"})
    async def complete(self, upload_id: FromPath[str], services: AppServices, shop: CurrentShop) -> Response[AssetOut]:
        """Make an asset of what was sent, as `POST /v1/assets` does. Asked again, it is the same asset."""
        asset = await uploads.complete(services.db, services.storage, services.pool, shop, upload_id, clock.now())
        async with services.db.read() as session:
            own = await own_formats.canvases(session, shop)
        return etags.tagged(AssetOut.of(asset, services.storage, own), asset.version)
