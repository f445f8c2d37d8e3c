"""`/v1/posts`: products shown on a network, and the kit that publishes them."""

from dataclasses import dataclass

from litestar import Controller, Response, delete, get, patch, post
from litestar.openapi.spec import OpenAPIMediaType, Operation, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream

from api import asgi, etags
from api.dependencies import AppServices, CurrentShop, CurrentUnit, DbSession, HttpRequest, IfMatch
from api.paging import PageCursor, PageLimit, SlugFilter
from core.db import AsyncSession
from core.wire import Page
from social import contents, drafts, kit, kit_zip, posts, preflight
from social.models import Post
from social.posts import Filters
from social.preflight_schemas import PreflightOut
from social.schemas import KitOut, PostChange, PostCreate, PostOut, Status


@dataclass
class ZipOperation(Operation):
    """Documents a file that is streamed."""

    def __post_init__(self) -> None:
        """Replace what the framework makes of a stream."""
        file = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
        for status, response in (self.responses or {}).items():
            if status == "200" and hasattr(response, "content"):
                response.content = {"application/zip": file}
                response.description = "The files, stored without compression."


class PostController(Controller):
    """One picture with its words, product tags and links, for one placement of one network."""

    path = "/v1/posts"
    tags = ("Posts",)

    @post(operation_id="createPost", opt={"scope": "social:write"})
    async def create(
        self, data: JSONBody[PostCreate], services: AppServices, shop: CurrentShop, unit: CurrentUnit
    ) -> Response[PostOut]:
        """Make a post: draw its picture, compose the words that are not given, make a link for each product."""
        draft = await drafts.draw(services.db, services.storage, services.pool, services.settings, shop, data)
        session = await unit.session()
        return await _answer(session, await posts.create(session, shop, draft), services)

    @get(operation_id="listPosts", opt={"scope": "social:read"})
    async def list(
        self,
        services: AppServices,
        session: DbSession,
        shop: CurrentShop,
        network: SlugFilter = None,
        placement: SlugFilter = None,
        status: FromQuery[Status | None] = None,
        limit: PageLimit = 20,
        cursor: PageCursor = None,
    ) -> Page[PostOut]:
        """The shop's posts, newest first; without a `status`, those that are not archived."""
        wanted = Filters(network=network, placement=placement, status=status)
        found, following = await posts.list_page(session, shop, wanted, limit, cursor)
        inside = await contents.of_posts(session, found)
        out = [PostOut.of(each, content, services.settings) for each, content in zip(found, inside, strict=True)]
        return Page(items=out, next_cursor=following)

    @get("/{post_id:str}", operation_id="getPost", opt={"scope": "social:read"})
    async def read(
        self, post_id: FromPath[str], services: AppServices, session: DbSession, shop: CurrentShop
    ) -> Response[PostOut]:
        """One post, with its ETag."""
        return await _answer(session, await posts.get(session, shop, post_id), services)

    @patch("/{post_id:str}", operation_id="changePost", opt={"scope": "social:write"})
    async def change(
        self,
        post_id: FromPath[str],
        data: JSONBody[PostChange],
        services: AppServices,
        session: DbSession,
        shop: CurrentShop,
        if_match: IfMatch = None,
    ) -> Response[PostOut]:
        """Change a post's words; null composes them again from the products as they are today."""
        version = etags.wanted(if_match)
        changed = await posts.change(session, services.settings, shop, post_id, data, version)
        return await _answer(session, changed, services)

    @delete("/{post_id:str}", operation_id="archivePost", opt={"scope": "social:write"})
    async def archive(self, post_id: FromPath[str], session: DbSession, shop: CurrentShop) -> None:
        """Put a post away. Its links go on working, because it may be out there."""
        await posts.archive(session, shop, post_id)

    @post("/{post_id:str}/preflight", operation_id="checkPost", status_code=200, opt={"scope": "social:read"})
    async def preflight(self, post_id: FromPath[str], services: AppServices, shop: CurrentShop) -> PreflightOut:
        """Tell everything that the network, or a buyer, would find the matter with a post. Nothing is changed."""
        return await preflight.check(services.db, services.storage, services.settings, shop, post_id)

    @get("/{post_id:str}/kit", operation_id="getPostKit", opt={"scope": "social:read"})
    async def kit(self, post_id: FromPath[str], services: AppServices, session: DbSession, shop: CurrentShop) -> KitOut:
        """All that publishing takes: picture addresses, texts, tags, links, and the network's API calls."""
        return await kit.read(session, services.storage, services.settings, shop, post_id)

    @get(
        "/{post_id:str}/kit.zip", operation_id="downloadPostKit", opt={"scope": "social:read"},
        media_type="application/zip", operation_class=ZipOperation,
    )  # fmt: skip
    async def kit_zip(
        self, post_id: FromPath[str], request: HttpRequest, services: AppServices, shop: CurrentShop
    ) -> Stream:
        """The kit as files to publish by hand: pictures in their order, texts, links, tags, and the kit itself."""
        content = await kit_zip.pack(services.db, services.storage, services.settings, shop, post_id)
        headers = {"ETag": content.etag, "Cache-Control": "private, no-cache"}
        if etags.matches(asgi.header(request.scope, b"if-none-match"), content.etag.encode()):
            return Stream(iter(()), status_code=304, headers=headers)
        headers["Content-Disposition"] = f'attachment; filename="{content.name}"'
        wanted = not request.scope["state"].get("head", False)
        pieces = kit_zip.stream(services.storage, content) if wanted else iter(())
        return Stream(pieces, media_type="application/zip", headers=headers)


async def _answer(session: AsyncSession, found: Post, services: AppServices) -> Response[PostOut]:
    out = PostOut.of(found, await contents.of_post(session, found), services.settings)
    return etags.tagged(out, found.version)
