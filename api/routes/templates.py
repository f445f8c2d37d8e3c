"""`/v1/templates`: the looks of visuals, built in and of the shop's own."""

from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from api import etags
from api.dependencies import AppServices, CurrentShop, DbSession, IfMatch
from core.wire import Page
from media import asking, visuals
from media.looks import layout, own_templates
from media.looks.template_schemas import ShopTemplateOut, TemplateChange, TemplateCreate, TemplateOut
from media.models import ShopTemplate
from media.schemas import PreviewOut, PreviewsOut, TemplatePreview


class TemplateController(Controller):
    """Looks that ship with the house, and those that a shop has described."""

    path = "/v1/templates"
    tags = ("Media",)

    @post(operation_id="createTemplate", opt={"scope": "media:write"})
    async def create(
        self, data: JSONBody[TemplateCreate], session: DbSession, shop: CurrentShop
    ) -> Response[ShopTemplateOut]:
        """Keep a design under a name, to be used wherever a built-in template can be."""
        return _answer(await own_templates.create(session, shop, data))

    @get(operation_id="listTemplates", opt={"scope": "media:read"})
    async def list(self, session: DbSession, shop: CurrentShop) -> Page[TemplateOut]:
        """The built-in looks, then the shop's own, newest first; always one page."""
        own = await own_templates.all_living(session, shop)
        return Page(items=[TemplateOut.of(each) for each in (*layout.templates(), *own)], next_cursor=None)

    @post("/preview", operation_id="previewTemplate", opt={"scope": "media:write"}, status_code=200)
    async def preview(self, data: JSONBody[TemplatePreview], services: AppServices, shop: CurrentShop) -> PreviewsOut:
        """Draw a template, or a design of your own, to look at it: nothing is stored, the picture is in the answer."""
        wanted = asking.requested(shop, data)
        drawn = await visuals.preview(services.db, services.storage, services.pool, shop, wanted)
        return PreviewsOut(items=[PreviewOut.of(each, wanted.output) for each in drawn])

    @get("/{template_id:str}", operation_id="getTemplate", opt={"scope": "media:read"})
    async def read(
        self, template_id: FromPath[str], session: DbSession, shop: CurrentShop
    ) -> Response[ShopTemplateOut]:
        """One of the shop's own templates with its design, archived or not, with its ETag."""
        return _answer(await own_templates.get(session, shop, template_id))

    @patch("/{template_id:str}", operation_id="changeTemplate", opt={"scope": "media:write"})
    async def change(
        self,
        template_id: FromPath[str],
        data: JSONBody[TemplateChange],
        session: DbSession,
        shop: CurrentShop,
        if_match: IfMatch = None,
    ) -> Response[ShopTemplateOut]:
        """Change one of the shop's own templates; another design has the next `version`, visuals stay as they are."""
        return _answer(await own_templates.change(session, shop, template_id, data, etags.wanted(if_match)))

    @delete("/{template_id:str}", operation_id="archiveTemplate", opt={"scope": "media:write"})
    async def archive(self, template_id: FromPath[str], session: DbSession, shop: CurrentShop) -> None:
        """Take a template out of the list; what was made with it stays, and its slug is free again."""
        await own_templates.archive(session, shop, template_id)


def _answer(row: ShopTemplate) -> Response[ShopTemplateOut]:
    return etags.tagged(ShopTemplateOut.of(row), row.version)
