"""`/v1/visual-batches`: the visuals of many products, drawn in the background."""

from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody

from api.dependencies import AppServices, CurrentShop, DbSession
from api.paging import PageCursor, PageLimit
from core.wire import Page
from media import visuals
from media.schemas import VisualOut
from social.batches import batches
from social.batches.schemas import VisualBatchCreate, VisualBatchItemOut, VisualBatchOut


class VisualBatchController(Controller):
    """Many products in one look and some formats."""

    path = "/v1/visual-batches"
    tags = ("Media",)

    @post(operation_id="createVisualBatch", opt={"scope": "media:write"})
    async def create(self, data: JSONBody[VisualBatchCreate], session: DbSession, shop: CurrentShop) -> VisualBatchOut:
        """Have a whole collection, or products by name, drawn in the background.

        `visual_batch.progressed` and `visual_batch.ended` tell how far it is, and so does reading it again.
        """
        return VisualBatchOut.of(await batches.create(session, shop, data))

    @get(operation_id="listVisualBatches", opt={"scope": "media:read"})
    async def list(
        self, session: DbSession, shop: CurrentShop, limit: PageLimit = 20, cursor: PageCursor = None
    ) -> Page[VisualBatchOut]:
        """The shop's batches, newest first."""
        found, following = await batches.list_page(session, shop, limit, cursor)
        return Page(items=[VisualBatchOut.of(each) for each in found], next_cursor=following)

    @get("/{visual_batch_id:str}", operation_id="getVisualBatch", opt={"scope": "media:read"})
    async def read(self, visual_batch_id: FromPath[str], session: DbSession, shop: CurrentShop) -> VisualBatchOut:
        """One batch: how far it is."""
        return VisualBatchOut.of(await batches.get(session, shop, visual_batch_id))

    @get("/{visual_batch_id:str}/items", operation_id="listVisualBatchItems", opt={"scope": "media:read"})
    async def list_items(
        self,
        visual_batch_id: FromPath[str],
        services: AppServices,
        session: DbSession,
        shop: CurrentShop,
        limit: PageLimit = 20,
        cursor: PageCursor = None,
    ) -> Page[VisualBatchItemOut]:
        """The pictures of a batch in its order, each with its visuals in the order of the formats."""
        found, following = await batches.items_page(session, shop, visual_batch_id, limit, cursor)
        made = await visuals.of_ids(session, shop, [each for item in found for each in item.visual_ids])
        shown = {visual_id: VisualOut.of(visual, services.storage) for visual_id, visual in made.items()}
        items = [
            VisualBatchItemOut.of(item, [shown[each] for each in item.visual_ids if each in shown]) for item in found
        ]
        return Page(items=items, next_cursor=following)

    @post(
        "/{visual_batch_id:str}/cancel", operation_id="cancelVisualBatch", opt={"scope": "media:write"}, status_code=200
    )
    async def cancel(self, visual_batch_id: FromPath[str], session: DbSession, shop: CurrentShop) -> VisualBatchOut:
        """Draw no more of it; what is drawn stays."""
        return VisualBatchOut.of(await batches.cancel(session, shop, visual_batch_id))
