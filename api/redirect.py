"""`/l/{slug}`: from the post to the landing page, outside of the framework.

The hit is in the spool before the answer leaves; nothing here waits for the database but a link that was not asked
for lately. Link previews get a card, and nobody is ever turned away for being a program.
"""

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from litestar.types import HTTPScope, Receive, Send

from api import asgi, clients
from api.limits import Limit, turned_away
from core import clock
from core.db import Database
from core.logs import logger
from core.secrets import Vault
from core.settings import Settings
from social.links import choices, families, links, origin, token, visitors
from social.links.batch import Batch
from social.links.choices import Address
from social.links.clicks import Orphans
from social.links.compiled import REFRESH_SECONDS, Compiled, LinkCache
from social.links.folder import Folder
from social.links.rounds import AWAY, Rounds
from social.links.salts import Salts
from social.links.spool import Hit, Spool

PREFIX = "/l/"
_START = len(PREFIX)
# links.md 5.4: caches must not keep a redirect, because the next tap would not be counted; the network's referrer
# stays for the merchant's own statistics.
_UNKEPT = {b"cache-control": b"private, no-store"}
_FIXED = (
    *_UNKEPT.items(),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"x-robots-tag", b"noindex, nofollow"),
)
_REDIRECT = (*_FIXED, (b"content-length", b"0"))
_EMPTY = {"type": "http.response.body", "body": b"", "more_body": False}
_log = logger("links")


class Page(msgspec.Struct, frozen=True):
    """HTML, and the headers that go with it."""

    content: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ((b"content-type", b"text/html; charset=utf-8"),)


# The card of a link for previews, None where it has nothing to show; the page for a link that does not exist, in the
# language of the Accept-Language header.
Card = Callable[[str], Awaitable[Page | None]]
Missing = Callable[[str], Awaitable[Page]]


class Redirect:
    """Answers GET and HEAD. `open` before the first request, `close` after the last."""

    def __init__(
        self,
        settings: Settings,
        db: Database,
        vault: Vault,
        lost: Limit,
        *,
        card: Card,
        missing: Missing,
        salts: Salts | None = None,
    ) -> None:
        self._mint = token.Mint(vault)
        self._lost_links = lost
        self._card = card
        self._missing = missing
        self._country = settings.country_header.lower().encode()
        self._salts = salts or Salts()
        self._orphans = Orphans()
        self._links = LinkCache(db, settings.public_url)
        self._rounds = Rounds((self._links.refresh, REFRESH_SECONDS))
        self._spool = Spool(settings.spool_dir, sync_always=settings.click_fsync_ms == 0)
        self._batch = Batch(self._spool)
        folds = settings.click_folding == "server"
        self.folder = Folder(db, self._spool, self._salts, self._orphans, sync_ms=settings.click_fsync_ms, folds=folds)

    @property
    def spool(self) -> Spool:
        """Where this process' hits lie first."""
        return self._spool

    async def open(self) -> None:
        """Take over the hits of processes that died, and start folding."""
        await self.folder.open()
        self._rounds.start()

    async def close(self) -> None:
        """Fold what is left."""
        await self._rounds.stop()
        await self.folder.close()

    async def __call__(self, scope: HTTPScope, _: Receive, send: Send) -> None:
        """One hit."""
        headers = dict(scope["headers"])
        link = self._links.fresh(scope["path"][_START:])
        if link is None or link.choices is not None or scope["method"] != "GET" or not visitors.says_nothing(headers):
            await self._look_closer(scope, headers, send)
            return
        agent = headers.get(b"user-agent", b"")
        kind, in_app, device, family = families.known(agent)
        if kind == "preview":
            await self._look_closer(scope, headers, send)
            return
        at_ms = clock.milliseconds()
        click_id, text = self._mint(link.number, at_ms)
        client, salt, visitor = scope["client"], self._salts.at(at_ms), None
        if salt is not None and client is not None and link.place and kind in visitors.PEOPLE:
            visitor = visitors.visitor_day(salt, client[0], agent, link.place)
        referrer = headers.get(b"referer")
        host = origin.host_of(referrer.decode("latin-1")) if referrer else None
        if visitor is None:
            family = None
        await self._batch.write(Hit(click_id, link.number, 0, kind, device, visitor, host, in_app, family=family))
        location = link.before + text + link.after
        await send({"type": "http.response.start", "status": 302, "headers": [(b"location", location), *_REDIRECT]})
        await send(_EMPTY)  # type: ignore[arg-type]  # One message for all answers, built once.

    async def _look_closer(self, scope: HTTPScope, headers: Mapping[bytes, bytes], send: Send) -> None:
        """All that is rare: other methods, links to be read or not there, previews, objections, links with choices."""
        method = scope["method"]
        if method not in ("GET", "HEAD"):
            await asgi.answer(send, 405, [*_FIXED, (b"allow", b"GET, HEAD")])
            return
        slug = scope["path"][_START:]
        link = self._links.fresh(slug)
        if link is None:
            slug = slug.removesuffix("/").lower()
            link = await self._read(scope, headers, send, slug)
            if link is None:
                return
        hit, text, to = self._judge(scope, headers, link)
        await self._batch.write(hit)
        if hit.kind == "preview" and await self._show_card(send, slug):
            return
        location = to.bare if method == "HEAD" else to.before + text + to.after
        await send({"type": "http.response.start", "status": 302, "headers": [(b"location", location), *_REDIRECT]})
        await send(_EMPTY)  # type: ignore[arg-type]  # One message for all answers, built once.

    async def _read(self, scope: HTTPScope, headers: Mapping[bytes, bytes], send: Send, slug: str) -> Compiled | None:
        """A link that was not asked for lately; None where that was answered here: 404, 429 who guesses, 503."""
        guessing = not self._links.knows(slug)
        if guessing and await turned_away(self._lost_links, clients.household(scope), send, _FIXED):
            return None
        try:
            link = await self._links.load(slug) if links.is_slug(slug) else None
        except AWAY as error:
            _log.warning("a link could not be read", reason=type(error).__name__)
            await asgi.answer(send, 503, [*_FIXED, (b"retry-after", b"5")])
            return None
        if link is None:
            self._lost_links.take(clients.household(scope), clock.monotonic())
            await self._lost(send, scope["method"], headers, slug)
        return link

    def _judge(self, scope: HTTPScope, headers: Mapping[bytes, bytes], link: Compiled) -> tuple[Hit, bytes, Address]:
        """Who came, as it is kept; the token of that hit; and where it leads, by the link's choices if it has any."""
        at_ms = clock.milliseconds()
        kind, in_app, device = visitors.look(scope["method"], headers)
        visitor, family = None, None
        if kind in visitors.PEOPLE:
            visitor = self._visitor(scope, headers, link, at_ms)
            family = families.of(headers.get(b"user-agent", b"")) if visitor is not None else None
        variant = 0
        to: Address = link
        if link.choices is not None:
            point = choices.point(visitor, link.number) if visitor else token.chance()
            variant, to = link.choices.of(at_ms, self._country_of(headers), device, point)
        click_id, text = self._mint(link.number, at_ms, variant)
        referrer = headers.get(b"referer")
        host = origin.host_of(referrer.decode("latin-1")) if referrer else None
        return Hit(click_id, link.number, variant, kind, device, visitor, host, in_app, family=family), text, to

    def _country_of(self, headers: Mapping[bytes, bytes]) -> str:
        """Where our proxy says that the visitor is; nothing where it does not say so, or says that nobody knows."""
        text = headers.get(self._country, b"") if self._country else b""
        return text.decode("latin-1").upper() if len(text) == 2 else ""

    def _visitor(self, scope: HTTPScope, headers: Mapping[bytes, bytes], link: Compiled, at_ms: int) -> bytes | None:
        """What tells visitors of a day apart; nothing for who objects, or of whom the shop keeps nothing.

        No address and no user agent is kept.
        """
        salt = self._salts.at(at_ms)
        client = scope["client"]
        if salt is None or client is None or not link.place or visitors.objects(headers):
            return None
        return visitors.visitor_day(salt, client[0], headers.get(b"user-agent", b""), link.place)

    async def _show_card(self, send: Send, slug: str) -> bool:
        try:
            card = await self._card(slug)
        except Exception as error:  # noqa: BLE001  # A card that fails must not cost the link: the redirect does as well.
            _log.error("a card could not be made", reason=repr(error))
            return False
        if card is None:
            return False
        # A shared cache that keeps the card would show it to people, whose taps would be lost.
        fields = {**dict(card.headers), **_UNKEPT, b"x-content-type-options": b"nosniff"}
        await asgi.answer(send, 200, fields.items(), card.content)
        return True

    async def _lost(self, send: Send, method: str, headers: Mapping[bytes, bytes], slug: str) -> None:
        if visitors.classify(method, headers) not in ("bot", "monitor", "head"):
            self._orphans.note(token.milliseconds(clock.now()), slug)
        page = await self._missing(headers.get(b"accept-language", b"").decode("latin-1"))
        fields = dict([*page.headers, *_FIXED, (b"x-content-type-options", b"nosniff")])
        fields[b"content-length"] = str(len(page.content)).encode()
        await send({"type": "http.response.start", "status": 404, "headers": list(fields.items())})
        content = page.content if method == "GET" else b""
        await send({"type": "http.response.body", "body": content, "more_body": False})
