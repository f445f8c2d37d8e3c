"""`/v1/links`: deep links, one for each way from a post to a product."""

from litestar import Controller, Response, get, patch, post
from litestar.params import FromPath, JSONBody

from api import asgi, codes, etags
from api.codes import CodeKind, CodeOperation, CodeSize
from api.dependencies import AppServices, CurrentShop, DbSession, HttpRequest, IfMatch
from api.paging import IdFilter, PageCursor, PageLimit, SlugFilter
from api.services import Services
from core.wire import Page
from social.links import links, qr
from social.links.links import Filters
from social.links.models import Link
from social.links.schemas import LinkChange, LinkCreate, LinkOut


class LinkController(Controller):
    """A link says for ever which network, post and placement a buyer came from. Posts make theirs themselves."""

    path = "/v1/links"
    tags = ("Links",)

    @post(operation_id="createLink", opt={"scope": "social:write"})
    async def create(
        self, data: JSONBody[LinkCreate], services: AppServices, session: DbSession, shop: CurrentShop
    ) -> Response[LinkOut]:
        """Make a link for a place that no post of ours fills: a profile, a message, print, mail, paid reach."""
        return _answer(await links.create(session, shop, data), services)

    @get(operation_id="listLinks", opt={"scope": "social:read"})
    async def list(
        self,
        services: AppServices,
        session: DbSession,
        shop: CurrentShop,
        post: IdFilter = None,
        product: IdFilter = None,
        network: SlugFilter = None,
        creator: IdFilter = None,
        limit: PageLimit = 20,
        cursor: PageCursor = None,
    ) -> Page[LinkOut]:
        """The shop's links, newest first."""
        wanted = Filters(post_id=post, product_id=product, network=network, creator_id=creator)
        found, following = await links.list_page(session, shop, wanted, limit, cursor)
        return Page(items=[LinkOut.of(each, services.settings) for each in found], next_cursor=following)

    @get("/{link_id:str}", operation_id="getLink", opt={"scope": "social:read"})
    async def read(
        self, link_id: FromPath[str], services: AppServices, session: DbSession, shop: CurrentShop
    ) -> Response[LinkOut]:
        """One link, with its ETag."""
        return _answer(await links.get(session, shop, link_id), services)

    @get(
        "/{link_id:str}/qr", operation_id="getLinkCode", opt={"scope": "social:read"},
        media_type="image/svg+xml", operation_class=CodeOperation,
    )  # fmt: skip
    async def code(
        self,
        link_id: FromPath[str],
        request: HttpRequest,
        services: AppServices,
        session: DbSession,
        shop: CurrentShop,
        kind: CodeKind = "svg",
        size: CodeSize = qr.USUAL,
    ) -> Response[bytes]:
        """The QR code of a link as SVG or PNG, in the shop's colours where readers can tell them apart."""
        link = await links.get(session, shop, link_id)
        drawn = qr.draw(links.url(services.settings, link), shop, kind, size)
        return codes.answer(drawn, kind, asgi.header(request.scope, b"if-none-match"))

    @patch("/{link_id:str}", operation_id="changeLink", opt={"scope": "social:write"})
    async def change(
        self,
        link_id: FromPath[str],
        data: JSONBody[LinkChange],
        services: AppServices,
        session: DbSession,
        shop: CurrentShop,
        if_match: IfMatch = None,
    ) -> Response[LinkOut]:
        """Change where a link leads, when and for whom, or switch it off; taps know within two seconds."""
        return _answer(await links.change(session, shop, link_id, data, etags.wanted(if_match)), services)


def _answer(link: Link, services: Services) -> Response[LinkOut]:
    return etags.tagged(LinkOut.of(link, services.settings), link.version)
