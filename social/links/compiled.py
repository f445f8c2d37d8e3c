"""Links as the hot path needs them: in memory, at most two seconds old, and old ones when the database is away."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import urlencode

import msgspec
from sqlmodel import col, select

from core import clock
from core.db import Database
from core.logs import logger
from social.links import links
from social.links.models import Link
from social.links.rounds import AWAY

# From loading to being honoured everywhere there must be at most two seconds; the rest is for the query itself.
FRESH_SECONDS = 1.5
STALE_SECONDS = 3600.0
# How long a visitor waits for a database that does not answer while we know the link as it was.
PATIENCE_SECONDS = 0.5
# How often links in use are asked about; two misses in a row are still within the two seconds.
REFRESH_SECONDS = 0.5
_QUERY = 1000
_log = logger("links")


class Compiled(msgspec.Struct, frozen=True):
    """A link ready to answer with; `before` and `after` stand around the token in its Location."""

    number: int
    before: bytes
    after: bytes
    bare: bytes
    place: bytes


class _Entry:
    """A link, its version, when that was read, when last an attempt was made to, and whether it was asked for since."""

    __slots__ = ("link", "loaded_at", "tried_at", "used", "version")

    def __init__(self, link: Compiled, version: int, loaded_at: float) -> None:
        self.link = link
        self.version = version
        self.loaded_at = loaded_at
        self.tried_at = loaded_at
        self.used = False


class LinkCache:
    """The links that were asked for lately. Age counts from the reading, never from the last hit."""

    def __init__(
        self,
        db: Database,
        public_url: str,
        *,
        size: int = 20_000,
        missing_size: int = 2_000,
        seconds: Callable[[], float] = clock.monotonic,
    ) -> None:
        """`seconds` is the clock that links age by."""
        self._seconds = seconds
        self._db = db
        self._public_url = public_url
        self._size = size
        self._missing_size = missing_size
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        # Apart from the links, so that somebody who tries slugs out does not push them from memory.
        self._missing: OrderedDict[str, float] = OrderedDict()
        self._loading: dict[str, asyncio.Task[Compiled | None]] = {}

    def fresh(self, slug: str) -> Compiled | None:
        """The link if it was read a moment ago; None says that `load` must be asked."""
        entry = self._entries.get(slug)
        if entry is None or self._seconds() - entry.tried_at > FRESH_SECONDS:
            return None
        entry.used = True
        return entry.link

    def knows(self, slug: str) -> bool:
        """Whether this was a link when it was last looked at, not long ago."""
        return slug in self._entries

    async def refresh(self) -> None:
        """Ask about all links that were used since the last time, many in one query, so that no visitor waits for it.

        What was changed is forgotten, and read anew when it is asked for.
        """
        began = self._seconds()
        used = {slug: entry for slug, entry in self._entries.items() if entry.used}
        slugs = list(used)
        versions: dict[str, int] = {}
        async with self._db.read() as session:
            for start in range(0, len(slugs), _QUERY):
                some = slugs[start : start + _QUERY]
                chosen = select(Link.slug, Link.version).where(col(Link.slug).in_(some), col(Link.active))
                versions.update((await session.exec(chosen)).all())
        for slug, entry in used.items():
            if versions.get(slug) == entry.version:
                entry.loaded_at = entry.tried_at = began
                entry.used = False
            elif self._entries.get(slug) is entry:
                del self._entries[slug]

    async def load(self, slug: str) -> Compiled | None:
        """The link, or None where there is none or it is switched off.

        With the database away, what was true within the last hour; raises what the driver raises when nothing
        is known.
        """
        now = self._seconds()
        if now - self._missing.get(slug, -FRESH_SECONDS) < FRESH_SECONDS:
            return None
        known = self._entries.get(slug)
        if known is not None and now - known.loaded_at > STALE_SECONDS:
            known = None
        reading = asyncio.shield(self._read_once(slug))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS if known else None):
                return await reading
        except AWAY as error:
            if known is None:
                raise
            known.tried_at = self._seconds()
            _log.warning("a link is served as it was", age_seconds=round(now - known.loaded_at), reason=repr(error))
            return known.link

    def _read_once(self, slug: str) -> "asyncio.Task[Compiled | None]":
        """However many ask for a link at once, one query answers them."""
        task = self._loading.get(slug)
        if task is None:
            task = self._loading[slug] = asyncio.create_task(self._read(slug))
            task.add_done_callback(lambda done: self._done(slug, done))
        return task

    def _done(self, slug: str, task: "asyncio.Task[Compiled | None]") -> None:
        del self._loading[slug]
        if not task.cancelled():
            task.exception()  # Seen: whoever still waits gets it, and the log stays quiet when nobody does.

    async def _read(self, slug: str) -> Compiled | None:
        began = self._seconds()
        async with self._db.read() as session:
            link = (await session.exec(select(Link).where(Link.slug == slug))).first()
        if link is None or not link.active:
            self._entries.pop(slug, None)
            self._missing[slug] = began
            self._missing.move_to_end(slug)
            if len(self._missing) > self._missing_size:
                self._missing.popitem(last=False)
            return None
        self._missing.pop(slug, None)
        compiled = compile_link(self._public_url, link)
        self._entries[slug] = _Entry(compiled, link.version, began)
        self._entries.move_to_end(slug)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)
        return compiled


def compile_link(public_url: str, link: Link) -> Compiled:
    """Everything about a link that does not change from hit to hit."""
    landing = f"{public_url}/go/{link.slug}"
    query = urlencode(links.utm(link))
    return Compiled(
        number=link.number,
        before=f"{landing}?sl=".encode(),
        after=f"&{query}".encode(),
        bare=f"{landing}?{query}".encode(),
        place=f"{public_url}|{link.shop_id}".encode(),
    )
