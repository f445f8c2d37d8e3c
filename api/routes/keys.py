"""`/v1/keys`: the shop's API keys. Tokens are shown once; only digests are kept."""

from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody

from api.dependencies import CurrentKey, CurrentShop, DbSession
from api.paging import PageCursor, PageLimit
from core import clock, keys
from core.keys import KeyCreate, KeyMade, KeyOut
from core.wire import Page


class KeyController(Controller):
    """API keys. For a rotation make a new one, use it, and revoke the old one with it."""

    path = "/v1/keys"
    tags = ("Shop",)

    @post(operation_id="createKey", opt={"scope": "shop:write"})
    async def create(
        self, data: JSONBody[KeyCreate], session: DbSession, shop: CurrentShop, key: CurrentKey
    ) -> KeyMade:
        """Make a key with no more scopes than yours. Its `token` is shown this once."""
        made, token = await keys.issue(session, shop, key, data)
        return KeyMade.shown(made, token)

    @get(operation_id="listKeys", opt={"scope": "shop:read"})
    async def list(
        self, session: DbSession, shop: CurrentShop, limit: PageLimit = 20, cursor: PageCursor = None
    ) -> Page[KeyOut]:
        """The shop's keys, newest first, revoked ones too."""
        found, following = await keys.list_page(session, shop, limit, cursor)
        return Page(items=[KeyOut.of(each) for each in found], next_cursor=following)

    @get("/{key_id:str}", operation_id="getKey", opt={"scope": "shop:read"})
    async def read(self, key_id: FromPath[str], session: DbSession, shop: CurrentShop) -> KeyOut:
        """One key."""
        return KeyOut.of(await keys.get(session, shop, key_id))

    @delete("/{key_id:str}", operation_id="revokeKey", opt={"scope": "shop:write", "problems": ("409",)})
    async def revoke(self, key_id: FromPath[str], session: DbSession, shop: CurrentShop, key: CurrentKey) -> None:
        """Revoke a key: it answers 401 from now on, on every machine. Not the one that you ask with."""
        await keys.revoke(session, shop, key_id, clock.now(), key)
