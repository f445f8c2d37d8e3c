"""Tables of links and of the hits on them."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from catalog.models import Product, Variant
from core.db import Json, Table, UtcDateTime, inside_shop, sparse_index
from social.models import Creator, Post

# Rows that lie in their key: SQLite else keeps each key twice, and looks up each row by a number of its own.
_BY_KEY = {"sqlite_with_rowid": False}


def _one_of(column: str, *values: str) -> sa.CheckConstraint:
    """Not `IN`: SQLite builds its list anew for every row, which takes longer than to write the row."""
    return sa.CheckConstraint(" OR ".join(f"{column} = '{each}'" for each in values), name=column)


class Link(Table, table=True):
    """One way from one post (or none) to one product. What it says about its origin never changes.

    It leads to `target` from `starts_at` on until `ends_at`, and does what `ended` says afterwards; `fallback_link_id`
    is another link of the shop. `items`, `rules` and `variants` are of `social.links.terms`; `leaves` where one of all
    these leads to another site. `posted_title` and `posted_amount`, of the cheapest offer, are the product's at its
    making.
    """

    __tablename__ = "link"
    __table_args__ = (
        inside_shop("product_id", Product),
        inside_shop("variant_id", Variant),
        inside_shop("post_id", Post),
        inside_shop("creator_id", Creator),
        _one_of("target", "landing", "product", "pay", "external"),
        _one_of("ended", "page", "similar", "link"),
        sa.Index("ix_link_shop_id_id", "shop_id", "id"),
        sparse_index("link", "discount_code"),
    )
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    slug: str = Field(unique=True)
    number: int = Field(unique=True, sa_type=sa.BigInteger)
    post_id: str | None = Field(default=None, index=True)
    product_id: str = Field(index=True)
    variant_id: str | None = None
    network: str | None = None
    placement: str | None = None
    campaign: str | None = None
    creator_id: str | None = Field(default=None, index=True)
    target: str = "landing"
    target_url: str | None = None
    discount_code: str | None = None
    starts_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended: str = "page"
    fallback_link_id: str | None = None
    items: list[dict[str, object]] = Field(default_factory=list, sa_type=Json)
    rules: list[dict[str, object]] = Field(default_factory=list, sa_type=Json)
    variants: list[dict[str, object]] = Field(default_factory=list, sa_type=Json)
    leaves: bool = False
    posted_title: str | None = None
    posted_amount: int | None = Field(default=None, sa_type=sa.BigInteger)
    active: bool = True
    version: int = 1
    created_at: datetime = Field(sa_type=UtcDateTime)


class LinkRevision(Table, table=True):
    """How often links of a shop, or the hosts that they may lead to, were changed; no row where they never were.

    It rises in the transaction of the change, whose lock on it lets the next one wait: a number that was seen stands
    for all that was committed until then.
    """

    __tablename__ = "link_revision"
    shop_id: str = Field(primary_key=True, foreign_key="shop.id")
    number: int = Field(sa_type=sa.BigInteger)


class LinkHost(Table, table=True):
    """A host outside of this installation that links of the shop may lead to, once the shop has proved to run it.

    `proof` is the text that the host has to show; `failure` says in a word what the last look at it found instead.
    """

    __tablename__ = "link_host"
    __table_args__ = (sa.UniqueConstraint("shop_id", "host"),)
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    host: str
    proof: str
    failure: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Click(Table, table=True):
    """One hit on a link, people and machines alike; appended, purged after the retention.

    It is changed by nothing but what tells better who it was: a person who was shown the page that an app had fetched
    ahead (`social.links.landings`), or a robot that a later list knows (`social.links.sorting`).

    The id is the first half of the click token, so it sorts by time and writing a hit twice is harmless.
    `at_ms` is milliseconds since 1970 in UTC. No address, user agent or link id is kept: the link is known
    by its number, for the row to stay narrow, and nothing refers to this table by a foreign key. `family` is what of
    the user agent no browser has (`social.links.families`).
    """

    __tablename__ = "click"
    __table_args__ = (
        _one_of("kind", "human", "prefetch", "preview", "bot", "monitor", "head"),
        _one_of("device", "phone", "tablet", "computer", "other"),
        _BY_KEY,
    )
    id: bytes = Field(primary_key=True, sa_type=sa.LargeBinary)
    shop_id: str
    link_number: int = Field(sa_type=sa.BigInteger)
    at_ms: int = Field(sa_type=sa.BigInteger)
    variant: int = Field(sa_type=sa.SmallInteger)
    kind: str
    duplicate: bool
    visitor_day: bytes | None = Field(default=None, sa_type=sa.LargeBinary)
    referrer_host: str | None = None
    in_app: str | None = None
    device: str
    family: str | None = None


class Landing(Table, table=True):
    """A tap that has led to the landing page; its id is that of the counted click, it is purged with it.

    `at_ms` is when the page was shown first; `in_app` the app whose browser the tap is counted under; `seconds` for how
    long the page was in sight, the longest that was told, None where nothing was.
    """

    __tablename__ = "landing"
    __table_args__ = _BY_KEY
    id: bytes = Field(primary_key=True, sa_type=sa.LargeBinary)
    shop_id: str
    link_number: int = Field(sa_type=sa.BigInteger)
    at_ms: int = Field(sa_type=sa.BigInteger)
    in_app: str | None = None
    seconds: int | None = None


class ClickHour(Table, table=True):
    """Hits per network and hour; `hour` counts hours since 1970 in UTC. Only `clicks` are people, counted once.

    `landings` are those of the `clicks` that have led to the landing page, whenever that was.
    """

    __tablename__ = "click_hour"
    __table_args__ = _BY_KEY
    shop_id: str = Field(primary_key=True)
    hour: int = Field(primary_key=True)
    network: str = Field(primary_key=True)
    clicks: int = 0
    duplicates: int = 0
    prefetches: int = 0
    previews: int = 0
    bots: int = 0
    heads: int = 0
    landings: int = 0


class ClickDay(Table, table=True):
    """Hits per link and day; `day` counts days since 1970 in UTC. As in `ClickHour`.

    Links are known by their numbers here and below: sorting thousands of rows by an id's text costs more than reading
    them.
    """

    __tablename__ = "click_day"
    __table_args__ = _BY_KEY
    shop_id: str = Field(primary_key=True)
    day: int = Field(primary_key=True)
    link_number: int = Field(primary_key=True, sa_type=sa.BigInteger)
    clicks: int = 0
    duplicates: int = 0
    prefetches: int = 0
    previews: int = 0
    bots: int = 0
    heads: int = 0
    landings: int = 0


class ClickSpan(Table, table=True):
    """The same per link and span of 8 or 64 days in a row, so that long ranges are few rows (`social.links.spans`).

    `block` counts spans of so many `days` since 1970 in UTC.
    """

    __tablename__ = "click_span"
    __table_args__ = _BY_KEY
    shop_id: str = Field(primary_key=True)
    days: int = Field(primary_key=True)
    block: int = Field(primary_key=True)
    link_number: int = Field(primary_key=True, sa_type=sa.BigInteger)
    clicks: int = 0
    landings: int = 0


class ClickApp(Table, table=True):
    """Taps by people, and how long they stayed, per network, day and app whose browser it was (empty: none).

    The last columns count landings by the seconds that the page was in sight, as `social.links.seconds` says.
    """

    __tablename__ = "click_app"
    __table_args__ = _BY_KEY
    shop_id: str = Field(primary_key=True)
    day: int = Field(primary_key=True)
    network: str = Field(primary_key=True)
    in_app: str = Field(primary_key=True)
    clicks: int = 0
    landings: int = 0
    under_1: int = 0
    under_3: int = 0
    under_5: int = 0
    under_10: int = 0
    under_15: int = 0
    under_20: int = 0
    under_30: int = 0
    under_45: int = 0
    under_60: int = 0
    under_90: int = 0
    under_120: int = 0
    under_180: int = 0
    under_300: int = 0
    under_600: int = 0
    longer: int = 0


class ClickPost(Table, table=True):
    """Taps by people, and how long they stayed, per day, post (empty: none) and network of the link (see `ClickApp`).

    Ranking hundreds of posts by the sums of their thousands of links costs twice as much.
    """

    __tablename__ = "click_post"
    __table_args__ = _BY_KEY
    shop_id: str = Field(primary_key=True)
    day: int = Field(primary_key=True)
    post_id: str = Field(primary_key=True)
    network: str = Field(primary_key=True)
    clicks: int = 0
    landings: int = 0
    under_1: int = 0
    under_3: int = 0
    under_5: int = 0
    under_10: int = 0
    under_15: int = 0
    under_20: int = 0
    under_30: int = 0
    under_45: int = 0
    under_60: int = 0
    under_90: int = 0
    under_120: int = 0
    under_180: int = 0
    under_300: int = 0
    under_600: int = 0
    longer: int = 0


class ClickPostSpan(Table, table=True):
    """The same per span of 8 or 64 days in a row (see `ClickSpan`)."""

    __tablename__ = "click_post_span"
    __table_args__ = _BY_KEY
    shop_id: str = Field(primary_key=True)
    days: int = Field(primary_key=True)
    block: int = Field(primary_key=True)
    post_id: str = Field(primary_key=True)
    network: str = Field(primary_key=True)
    clicks: int = 0
    landings: int = 0
    under_1: int = 0
    under_3: int = 0
    under_5: int = 0
    under_10: int = 0
    under_15: int = 0
    under_20: int = 0
    under_30: int = 0
    under_45: int = 0
    under_60: int = 0
    under_90: int = 0
    under_120: int = 0
    under_180: int = 0
    under_300: int = 0
    under_600: int = 0
    longer: int = 0


class SecondsDay(Table, table=True):
    """How long people stayed, per link and day: landings by the seconds that the page was in sight (see `ClickApp`)."""

    __tablename__ = "seconds_day"
    __table_args__ = _BY_KEY
    shop_id: str = Field(primary_key=True)
    link_number: int = Field(primary_key=True, sa_type=sa.BigInteger)
    day: int = Field(primary_key=True)
    under_1: int = 0
    under_3: int = 0
    under_5: int = 0
    under_10: int = 0
    under_15: int = 0
    under_20: int = 0
    under_30: int = 0
    under_45: int = 0
    under_60: int = 0
    under_90: int = 0
    under_120: int = 0
    under_180: int = 0
    under_300: int = 0
    under_600: int = 0
    longer: int = 0


class SecondsSpan(Table, table=True):
    """The same per link and span of 8 or 64 days in a row (see `ClickSpan`)."""

    __tablename__ = "seconds_span"
    __table_args__ = _BY_KEY
    shop_id: str = Field(primary_key=True)
    link_number: int = Field(primary_key=True, sa_type=sa.BigInteger)
    days: int = Field(primary_key=True)
    block: int = Field(primary_key=True)
    under_1: int = 0
    under_3: int = 0
    under_5: int = 0
    under_10: int = 0
    under_15: int = 0
    under_20: int = 0
    under_30: int = 0
    under_45: int = 0
    under_60: int = 0
    under_90: int = 0
    under_120: int = 0
    under_180: int = 0
    under_300: int = 0
    under_600: int = 0
    longer: int = 0


class OrphanHit(Table, table=True):
    """Hits on links that do not exist, by day and slug, so that a broken post is seen. No shop can be known."""

    __tablename__ = "orphan_hit"
    day: int = Field(primary_key=True)
    slug: str = Field(primary_key=True)
    hits: int


class SpoolCheckpoint(Table, table=True):
    """How many bytes of a spool segment are in the database; advances with the rows that it speaks of."""

    __tablename__ = "spool_checkpoint"
    segment: str = Field(primary_key=True)
    folded_bytes: int
    updated_at: datetime = Field(sa_type=UtcDateTime)


class VisitorSalt(Table, table=True):
    """The random salt of one UTC day, deleted after 48 hours: then nobody can tell whose hash was whose.

    `turns` counts how often hits of the day were folded: who takes a turn that does not follow on its last knows that
    somebody else was there.
    """

    __tablename__ = "visitor_salt"
    day: int = Field(primary_key=True)
    salt: bytes = Field(sa_type=sa.LargeBinary)
    turns: int = 0
