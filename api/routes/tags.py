"""`/v1/assets/{id}/tags`: products at points of a picture, for the posts that will be made of it."""

from litestar import Controller, Response, get, put
from litestar.params import FromPath, JSONBody

from api import etags
from api.dependencies import CurrentShop, DbSession, IfMatch
from media import assets
from social import tags
from social.schemas import TagOut, TagsChange, TagsOut


class TagController(Controller):
    """The product points of one master picture; their version is the picture's."""

    path = "/v1/assets/{asset_id:str}/tags"
    tags = ("Media",)

    @get(operation_id="getAssetTags", opt={"scope": "social:read"})
    async def read(self, asset_id: FromPath[str], session: DbSession, shop: CurrentShop) -> Response[TagsOut]:
        """The picture's product points, with the picture's ETag."""
        asset = await assets.get(session, shop, asset_id)
        points = await tags.of_asset(session, shop, asset.id)
        return etags.tagged(TagsOut(asset_id=asset.id, tags=[TagOut.of(each) for each in points]), asset.version)

    @put(operation_id="replaceAssetTags", opt={"scope": "social:write"})
    async def replace(
        self,
        asset_id: FromPath[str],
        data: JSONBody[TagsChange],
        session: DbSession,
        shop: CurrentShop,
        if_match: IfMatch = None,
    ) -> Response[TagsOut]:
        """Replace all product points of a picture; posts made before keep theirs."""
        points = [each.tag() for each in data.tags]
        asset = await tags.put(session, shop, asset_id, points, etags.wanted(if_match))
        return etags.tagged(TagsOut(asset_id=asset.id, tags=[TagOut.of(each) for each in points]), asset.version)
