"""`/v1/visuals`: network-ready pictures."""

from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody

from api.dependencies import AppServices, CurrentShop, DbSession
from api.paging import IdFilter, PageCursor, PageLimit
from core.wire import Page
from media import asking, visuals
from media.schemas import VisualCreate, VisualOut, VisualsOut
from social import tags


class VisualController(Controller):
    """One asset in one look and one format."""

    path = "/v1/visuals"
    tags = ("Media",)

    @post(operation_id="renderVisuals", opt={"scope": "media:write"})
    async def render(self, data: JSONBody[VisualCreate], services: AppServices, shop: CurrentShop) -> VisualsOut:
        """Render one template in any number of formats; what was rendered before is found, not drawn again."""
        wanted = asking.requested(shop, data, await tags.points(services.db, shop, data.asset_id))
        found = await visuals.render(services.db, services.storage, services.pool, shop, wanted)
        return VisualsOut(items=[VisualOut.of(visual, services.storage) for visual in found])

    @get(operation_id="listVisuals", opt={"scope": "media:read"})
    async def list(
        self,
        services: AppServices,
        session: DbSession,
        shop: CurrentShop,
        asset: IdFilter = None,
        limit: PageLimit = 20,
        cursor: PageCursor = None,
    ) -> Page[VisualOut]:
        """The shop's visuals, of one asset or of all, newest first."""
        found, following = await visuals.list_page(session, shop, asset, limit, cursor)
        return Page(items=[VisualOut.of(visual, services.storage) for visual in found], next_cursor=following)

    @get("/{visual_id:str}", operation_id="getVisual", opt={"scope": "media:read"})
    async def read(
        self, visual_id: FromPath[str], services: AppServices, session: DbSession, shop: CurrentShop
    ) -> VisualOut:
        """One visual, with what was lost or enlarged in it."""
        return VisualOut.of(await visuals.get(session, shop, visual_id), services.storage)
