"""`/v1/link-hosts`: other sites that links may lead to, once they show that they are the shop's."""

from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody

from api.dependencies import AppServices, CurrentShop, DbSession
from api.paging import PageCursor, PageLimit
from core.wire import Page
from social.links import hosts
from social.links.schemas import LinkHostCreate, LinkHostOut


class LinkHostController(Controller):
    """A link never leads to a host that is not on this list, or has not shown its proof."""

    path = "/v1/link-hosts"
    tags = ("Links",)

    @post(operation_id="createLinkHost", opt={"scope": "shop:write"})
    async def create(
        self, data: JSONBody[LinkHostCreate], session: DbSession, shop: CurrentShop, services: AppServices
    ) -> LinkHostOut:
        """Add a host, and look whether it shows the proof."""
        return LinkHostOut.of(await hosts.create(session, shop, data.host, services.outbound))

    @get(operation_id="listLinkHosts", opt={"scope": "shop:read"})
    async def list(
        self, session: DbSession, shop: CurrentShop, limit: PageLimit = 20, cursor: PageCursor = None
    ) -> Page[LinkHostOut]:
        """The shop's hosts, newest first, those that are not verified too."""
        found, following = await hosts.list_page(session, shop, limit, cursor)
        return Page(items=[LinkHostOut.of(each) for each in found], next_cursor=following)

    @get("/{host_id:str}", operation_id="getLinkHost", opt={"scope": "shop:read"})
    async def read(self, host_id: FromPath[str], session: DbSession, shop: CurrentShop) -> LinkHostOut:
        """One host, and what the last look at it found."""
        return LinkHostOut.of(await hosts.get(session, shop, host_id))

    @post("/{host_id:str}/verify", operation_id="verifyLinkHost", opt={"scope": "shop:write"})
    async def verify(self, host_id: FromPath[str], session: DbSession, shop: CurrentShop) -> LinkHostOut:
        """Look once more, soon: read the host a moment later to see what was found."""
        return LinkHostOut.of(await hosts.look(session, await hosts.get(session, shop, host_id)))

    @delete("/{host_id:str}", operation_id="removeLinkHost", opt={"scope": "shop:write"})
    async def remove(self, host_id: FromPath[str], session: DbSession, shop: CurrentShop) -> None:
        """Take a host off the list, at once: links that led there lead to their landing pages."""
        await hosts.remove(session, shop, host_id)
