"""The sums of hits: by hour and network; by day, network and app; by day and link, and day and post, and by spans of
days; and of engaged time alike.

Everything that changes a sum says so here, in the transaction that changes the rows which it is the sum of.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from core.db import AsyncSession, Table, insert_rows, table_of
from social.links import seconds
from social.links.models import ClickApp, ClickDay, ClickHour, ClickPost, SecondsDay
from social.links.salts import day_of
from social.links.spans import EVERY, POSTS, SPANS, STAYS, Sums

HOUR_MS = 3_600_000
COUNTERS = ("clicks", "duplicates", "prefetches", "previews", "bots", "heads", "landings")
# Those that are of people alone: what posts and apps are counted by.
OF_PEOPLE = POSTS.counters
# A monitor is a robot by trade: apart in the raw hits, one of them in the sums.
_COLUMN = {
    "human": "clicks",
    "prefetch": "prefetches",
    "preview": "previews",
    "bot": "bots",
    "monitor": "bots",
    "head": "heads",
}

Key = tuple[str | int, ...]
Rollup = dict[Key, Counter[str]]


class Source:
    """What a hit's link says: columns, not a hydrated row."""

    __slots__ = ("network", "post_id", "shop_id")

    def __init__(self, shop_id: str, network: str, post_id: str | None) -> None:
        self.shop_id = shop_id
        self.network = network
        self.post_id = post_id


def column(kind: str, *, duplicate: bool) -> str:
    """The column that counts hits of this kind."""
    return "duplicates" if duplicate else _COLUMN[kind]


class Tally:
    """What is to be added to the sums, or taken away."""

    def __init__(self, sources: Mapping[int, Source]) -> None:
        """`sources` are the links by their numbers."""
        self._sources = sources
        self._counts: Counter[tuple[int, int, str, str | None]] = Counter()

    def count(self, link_number: int, at_ms: int, name: str, in_app: str | None, times: int = 1) -> None:
        """`times` hits of this moment, or landings of such taps, in this column; or so many less."""
        self._counts[link_number, at_ms // HOUR_MS, name, in_app] += times

    def stay(self, link_number: int, at_ms: int, stayed: int | None, in_app: str | None, times: int = 1) -> None:
        """The page of a tap of this moment was in sight for so many seconds; nothing where nobody told."""
        if stayed is not None:
            self.count(link_number, at_ms, seconds.column(stayed), in_app, times)

    def sums(self) -> Mapping[type[Table], tuple[Sequence[str], Rollup]]:
        """The counters of each table, and its rows by their keys."""
        hours: Rollup = defaultdict(Counter)
        days: Rollup = defaultdict(Counter)
        apps: Rollup = defaultdict(Counter)
        posts: Rollup = defaultdict(Counter)
        stays: Rollup = defaultdict(Counter)
        for (number, hour, name, in_app), times in self._counts.items():
            source, day = self._sources[number], day_of(hour * HOUR_MS)
            if name in COUNTERS:
                hours[source.shop_id, hour, source.network][name] += times
                days[source.shop_id, day, number][name] += times
            else:
                stays[source.shop_id, number, day][name] += times
            if name in OF_PEOPLE:
                apps[source.shop_id, day, source.network, in_app or ""][name] += times
                posts[source.shop_id, day, source.post_id or "", source.network][name] += times
        return {
            ClickHour: (COUNTERS, hours),
            ClickDay: (COUNTERS, days),
            ClickApp: (OF_PEOPLE, apps),
            ClickPost: (OF_PEOPLE, posts),
            SecondsDay: (STAYS.counters, stays),
        }

    async def add(self, session: AsyncSession) -> None:
        """Write it down."""
        sums = self.sums()
        for table, (counters, rollup) in sums.items():
            await add(session, table, counters, rollup)
        for of in EVERY:
            _, days = sums[of.day]
            await add(session, of.span, of.counters, _spans(of, days))


def _spans(of: Sums, days: Rollup) -> Rollup:
    """What days of links or posts add to the spans that they are in; nothing of links that only machines came to."""
    found: Rollup = defaultdict(Counter)
    names = [each.name for each in table_of(of.day).primary_key.columns]
    for key, counts in days.items():
        if any(counts[name] for name in of.counters):
            row = dict(zip(names, key, strict=True))
            for span in SPANS:
                place = row | {"days": span, "block": int(row["day"]) // span}
                found[tuple(place[each.name] for each in table_of(of.span).primary_key.columns)].update(counts)
    return found


async def add(session: AsyncSession, table: type[Table], counters: Sequence[str], counts: Rollup) -> None:
    """Add to counters, making the rows that are missing. In the order of the keys, so that nobody waits in a circle."""
    rows = [(*key, *(count[name] for name in counters)) for key, count in sorted(counts.items())]
    await insert_rows(session, table, rows, adding_up=True)
