"""Links as the hot path needs them: in memory, at most two seconds old, and old ones when the database is away."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from sqlmodel import col, select

from core import clock, shops
from core.db import AsyncSession, Database
from core.logs import logger
from social.links import checking, hosts, links, revisions, token, visitors
from social.links.choices import NEVER, Address, Arms, Choices, Rule, Span
from social.links.models import Link, LinkRevision
from social.links.rounds import AWAY
from social.links.terms import LinkDestination

# From loading to being honoured everywhere there must be at most two seconds; the rest is for the query itself.
FRESH_SECONDS = 1.5
STALE_SECONDS = 3600.0
# How long a visitor waits for a database that does not answer while we know the link as it was.
PATIENCE_SECONDS = 0.5
# How often links in use are asked about; two misses in a row are still within the two seconds.
REFRESH_SECONDS = 0.5
_QUERY = 1000
_NOWHERE: Mapping[str, str] = {}
_log = logger("links")
_WITH_REVISION = select(Link, LinkRevision.number).outerjoin(
    LinkRevision, col(LinkRevision.shop_id) == col(Link.shop_id)
)


class Compiled(Address, frozen=True, kw_only=True):
    """A link ready to answer with. Most lead every tap to one address; the others have `choices`.

    `place` goes into the hashes of visitors; it is empty where the shop wants none.
    """

    number: int
    place: bytes
    choices: Choices | None = None


class _Shop:
    """A shop's links as one: `revision` and `consent` were true at `checked_at`, and so was every entry that has it.

    What replaces it has others; entries that still have the old one are looked at anew. `used` since the last round.
    """

    __slots__ = ("checked_at", "consent", "id", "revision", "used")

    def __init__(self, shop_id: str, revision: int, consent: str, checked_at: float) -> None:
        self.id = shop_id
        self.revision = revision
        self.consent = consent
        self.checked_at = checked_at
        self.used = True


class _Entry:
    """A link, its version, when that was read, and when last an attempt was made to.

    `instead` is the link that it falls back on; `theirs` is that one's version, None while it is off or nowhere.
    """

    __slots__ = ("instead", "link", "loaded_at", "shop", "theirs", "tried_at", "version")

    def __init__(
        self,
        shop: _Shop,
        link: Compiled,
        version: int,
        loaded_at: float,
        instead: str | None = None,
        theirs: int | None = None,
    ) -> None:
        self.shop = shop
        self.link = link
        self.version = version
        self.instead = instead
        self.theirs = theirs
        self.loaded_at = loaded_at
        self.tried_at = loaded_at

    @property
    def true_at(self) -> float:
        """When the database last said so."""
        return max(self.loaded_at, self.shop.checked_at)


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
        self._shops: dict[str, _Shop] = {}
        self._outdated = False
        self._loading: dict[str, asyncio.Task[Compiled | None]] = {}

    def fresh(self, slug: str) -> Compiled | None:
        """The link if it was true a moment ago; None says that `load` must be asked."""
        entry = self._entries.get(slug)
        if entry is None:
            return None
        shop, earliest = entry.shop, self._seconds() - FRESH_SECONDS
        if shop.checked_at < earliest and entry.tried_at < earliest:
            return None
        shop.used = True
        return entry.link

    def knows(self, slug: str) -> bool:
        """Whether this was a link when it was last looked at, not long ago."""
        return slug in self._entries

    async def refresh(self) -> None:
        """Ask whether anything was changed in shops with taps since the last time, so that no visitor waits for it.

        Only then are links asked about, many in one query. What was changed is forgotten, and read anew when it is
        asked for.
        """
        began = self._seconds()
        asked = [shop for shop in self._shops.values() if shop.used]
        if not asked and not self._outdated:
            return
        for shop in asked:
            shop.used = False
        async with self._db.glance() as session:
            await self._ask_about(session, asked, began)
        if self._outdated:
            self._outdated = False
            await self._look_again()

    async def _ask_about(self, session: AsyncSession, asked: list[_Shop], began: float) -> None:
        shop_ids = [shop.id for shop in asked]
        revisions_now, consents = await revisions.of(session, shop_ids), await shops.consents(session, shop_ids)
        for shop in asked:
            self._shop(shop.id, revisions_now.get(shop.id, 0), consents.get(shop.id, ""), began)

    def _shop(self, shop_id: str, revision: int, consent: str, began: float) -> _Shop:
        """The shop as it was when somebody asked, at `began`."""
        known = self._shops.get(shop_id)
        if known is not None and known.revision == revision and known.consent == consent:
            known.checked_at = max(known.checked_at, began)
            return known
        found = _Shop(shop_id, revision, consent, began)
        if known is None or known.revision <= revision:  # Else somebody asked later and was answered sooner.
            self._shops[shop_id] = found
        self._outdated = self._outdated or known is not None
        return found

    async def _look_again(self) -> None:
        """Which links of shops that were changed are still as they were."""
        old = {
            slug: (entry, shop)
            for slug, entry in self._entries.items()
            if entry.shop is not (shop := self._shops[entry.shop.id])
        }
        slugs = list({*old, *(entry.instead for entry, _ in old.values() if entry.instead)})
        numbers: dict[str, int] = {}
        async with self._db.read() as session:
            for start in range(0, len(slugs), _QUERY):
                some = slugs[start : start + _QUERY]
                chosen = select(Link.slug, Link.version).where(col(Link.slug).in_(some), col(Link.active))
                numbers.update((await session.exec(chosen)).all())
        for slug, (entry, shop) in old.items():
            mine, theirs = numbers.get(slug), numbers.get(entry.instead) if entry.instead else None
            if (mine, theirs, shop.consent) == (entry.version, entry.theirs, entry.shop.consent):
                entry.shop = shop
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
        if known is not None and now - known.true_at > STALE_SECONDS:
            known = None
        reading = asyncio.shield(self._read_once(slug))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS if known else None):
                return await reading
        except AWAY as error:
            if known is None:
                raise
            known.tried_at = self._seconds()
            _log.warning("a link is served as it was", age_seconds=round(now - known.true_at), reason=repr(error))
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
        async with self._db.glance() as session:
            known = self._entries.get(slug)
            if known is not None:
                await self._ask_about(session, [known.shop], began)
                if self._entries.get(slug) is known and known.shop.checked_at >= began:
                    return known.link
            # In one statement: of one moment, also on PostgreSQL. What is read after it may be newer: then the shop's
            # revision is as well, and the link is looked at again.
            row = (await session.exec(_WITH_REVISION.where(Link.slug == slug))).first()
            if row is None or not row[0].active:
                self._is_missing(slug, began)
                return None
            link, revision = row
            instead = await _instead(session, link)
            consent = (await shops.consents(session, {link.shop_id}))[link.shop_id]
            allowed = await hosts.verified(session, link.shop_id) if link.leaves else frozenset()
            pages = await checking.pages(session, *(each for each in (link, instead) if each is not None))
        self._missing.pop(slug, None)
        living = instead if instead is not None and instead.active else None
        compiled = compile_link(self._public_url, link, living, allowed, pages, hashing=consent != "none")
        shop = self._shop(link.shop_id, revision or 0, consent, began)
        known_of_theirs = (instead.slug if instead else None, living.version if living else None)
        self._entries[slug] = _Entry(shop, compiled, link.version, began, *known_of_theirs)
        self._entries.move_to_end(slug)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)
        return compiled

    def _is_missing(self, slug: str, began: float) -> None:
        self._entries.pop(slug, None)
        self._missing[slug] = began
        self._missing.move_to_end(slug)
        if len(self._missing) > self._missing_size:
            self._missing.popitem(last=False)


async def _instead(session: AsyncSession, link: Link | None) -> Link | None:
    """The link that an ended one leads to, if it has such a one."""
    if link is None or link.fallback_link_id is None:
        return None
    chosen = select(Link).where(Link.shop_id == link.shop_id, Link.id == link.fallback_link_id)
    return (await session.exec(chosen)).first()


def compile_link(
    public_url: str,
    link: Link,
    instead: Link | None = None,
    allowed: frozenset[str] = frozenset(),
    pages: Mapping[str, str] = _NOWHERE,
    *,
    hashing: bool = True,
) -> Compiled:
    """Everything about a link that does not change from hit to hit.

    `instead` is the link that it leads to when it has ended; `allowed` are the other sites that it may lead to: what
    would lead anywhere else leads to the landing page. `pages` are the paths of products' own pages by their ids, as
    far as it leads to any. `hashing` where visitors may be told apart.
    """
    usual = _address(public_url, link, checking.destination_of(link), allowed, pages)
    return Compiled(
        number=link.number,
        before=usual.before,
        after=usual.after,
        bare=usual.bare,
        place=visitors.place(public_url, link.shop_id) if hashing else b"",
        choices=_choices(public_url, link, usual, instead, allowed, pages),
    )


def _choices(
    public_url: str,
    link: Link,
    usual: Address,
    instead: Link | None,
    allowed: frozenset[str],
    pages: Mapping[str, str],
) -> Choices | None:
    """None where every tap leads to one address."""
    span = _span(link)
    if not link.rules and not link.variants and span == Span():
        return None
    arms = [
        (each.weight, _address(public_url, link, each.to, allowed, pages, arm))
        for arm, each in enumerate(checking.variants_of(link), 1)
    ]
    theirs = instead and _address(public_url, instead, checking.destination_of(instead), allowed, pages)
    return Choices(
        usual=usual,
        closed=_address(public_url, link, LinkDestination(), allowed, pages),
        span=span,
        instead=(_span(instead), theirs) if instead and theirs else None,
        rules=[
            Rule(
                countries=frozenset(each.countries),
                devices=frozenset(each.devices),
                to=_address(public_url, link, each.to, allowed, pages),
            )
            for each in checking.rules_of(link)
        ],
        arms=Arms(arms) if arms else None,
    )


def _span(link: Link) -> Span:
    return Span(
        opens_ms=token.milliseconds(link.starts_at) if link.starts_at else 0,
        closes_ms=token.milliseconds(link.ends_at) if link.ends_at else NEVER,
    )


def _address(
    public_url: str, link: Link, to: LinkDestination, allowed: frozenset[str], pages: Mapping[str, str], arm: int = 0
) -> Address:
    utm = links.utm(link, arm)
    if to.url is not None and hosts.host_of(to.url) in allowed:
        return _around(hosts.with_path(to.url), utm)
    product_id = to.product_id or link.product_id
    if to.target == "product" and product_id in pages:
        variant_id = to.variant_id or (link.variant_id if product_id == link.product_id else None)
        # The id: by the time of the tap, another product may have the slug.
        named = {"product": product_id} | ({"variant": variant_id} if variant_id else {})
        return _around(public_url + pages[product_id], named | utm)
    shown = {}
    if to.product_id is not None and to.product_id != link.product_id:
        shown["product"] = to.product_id
    if to.variant_id is not None and to.variant_id != link.variant_id:
        shown["variant"] = to.variant_id
    if to.target == "pay":
        shown["pay"] = "1"
    return _around(f"{public_url}/go/{link.slug}", shown | utm)


def _around(page: str, query: dict[str, str]) -> Address:
    page, parameters = page + ("&" if "?" in page else "?"), urlencode(query)
    return Address(before=f"{page}sl=".encode(), after=f"&{parameters}".encode(), bare=f"{page}{parameters}".encode())
