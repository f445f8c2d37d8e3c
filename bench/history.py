"""A shop that has sold by links for 300 days: ten million clicks in raw rows and rollups, made by code.

All of it is drawn from one seed. Links come in on every day of the first two thirds and are clicked until the end, each
as often as its rank says: no day is without any of them, which is the worst for rollups by link and day.
"""

import asyncio
import random
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from catalog import products
from catalog.schemas import PriceIn, ProductCreate, VariantCreate
from checkout.models import Checkout, Order
from core import clock, ids, keys, migrations, shops
from core.db import Database, insert, table_of
from core.shops import Shop
from media.models import Asset
from social.links import seconds
from social.links.models import Link
from social.links.spans import EVERY, SPANS, Sums
from social.models import Post

DAYS, LINKS, POSTS, ORDERS = 300, 5_000, 800, 5_000
CLICKS = 10_000_000
NETWORKS = ("instagram", "pinterest", "tiktok", "facebook", "youtube", "x", "linkedin", "snapchat")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MS = 86_400_000
_LANDED = 0.9
_LENGTHS = (8, 18, 27, 41, 51, 59, 70, 79, 85, 91, 94, 97, 99, 100, 101)


class History(NamedTuple):
    """What is needed to ask: a key, the last day, and links and posts, the busiest first."""

    token: str
    last: datetime
    links: list[str]
    posts: list[str]


async def build(folder: Path, clicks: int = CLICKS) -> History:
    """Write it all into `vitrine.db` of the folder: two minutes, two gigabytes."""
    path = folder / "vitrine.db"
    url = f"sqlite:///{path}"
    await asyncio.to_thread(migrations.upgrade, url)
    db = Database(url)
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    draw = random.Random(300)  # noqa: S311  # The same history each time, no secret.
    try:
        shop, token, links = await _ways(db, midnight - timedelta(days=DAYS))
        await _orders(db, shop, links, midnight, draw)
    finally:
        await db.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        _tap(connection, links, midnight, clicks, draw)
    posts = list(dict.fromkeys(each.post_id for each in links if each.post_id))
    return History(token, midnight, [each.id for each in links], posts)


async def _ways(db: Database, begun: datetime) -> tuple[Shop, str, list[Link]]:
    async with db.transaction() as session:
        shop = await shops.create(session, "Atelier Lune", "EUR")
        _, token = await keys.create(session, shop)
        sold = VariantCreate(available=5, prices=[PriceIn(amount=4900, currency="EUR")])
        product = await products.create(session, shop, ProductCreate(title="Vase Aube", variants=[sold]))
        digest = ids.new("sha")
        asset = Asset(
            id=ids.new("asset"), shop_id=shop.id, sha256=digest, content_sha256=digest, storage_key=digest, width=1,
            height=1, bytes=1, created_at=begun, updated_at=begun,
        )  # fmt: skip
        session.add(asset)
        posts = [
            Post(
                id=ids.new("post"), shop_id=shop.id, network=NETWORKS[each % len(NETWORKS)], placement="feed",
                asset_id=asset.id, template="plain", format="square", title="", caption="", hashtags=[], warnings=[],
                created_at=begun, updated_at=begun,
            )
            for each in range(POSTS)
        ]  # fmt: skip
        session.add_all(posts)
        await session.flush()
        numbers = random.Random(64).sample(range(1, 2**63), LINKS)  # noqa: S311  # As above.
        links = [
            Link(
                id=ids.new("link"), shop_id=shop.id, slug=f"s{each:08}", number=numbers[each], product_id=product.id,
                post_id=(post := posts[each % POSTS]).id, network=post.network, created_at=begun,
            )
            for each in range(LINKS)
        ]  # fmt: skip
        session.add_all(links)
    return shop, token, links


async def _orders(db: Database, shop: Shop, links: list[Link], midnight: datetime, draw: random.Random) -> None:
    async with db.transaction() as session:
        for _ in range(ORDERS):
            at = midnight - timedelta(seconds=draw.randrange(DAYS * 86_400))
            link, amount = draw.choice(links), draw.randrange(900, 20_000)
            order, checkout = ids.new("ord"), ids.new("chk")
            evidence = [{"method": "token", "network": link.network, "detail": "sl"}] * 3
            paid = {"status": "paid", "amount_paid": amount, "paid_at": at} if draw.random() < 0.7 else {}
            begun = {
                "id": checkout, "shop_id": shop.id, "order_id": order, "key": order, "digest": "", "stripe_key": order,
                "parameters": {"line_items": ["x" * 600]}, "expires_at": at, "created_at": at, "status": "complete",
            }  # fmt: skip
            placed = {
                "id": order, "shop_id": shop.id, "checkout_id": checkout, "public_token": order, "currency": "EUR",
                "amount_total": amount, "utm": {"utm_source": link.network, "utm_medium": "social"}, "method": "token",
                "confidence": "explicit", "evidence": evidence, "network": link.network, "post_id": link.post_id,
                "link_id": link.id, "created_at": at,
            }  # fmt: skip
            await insert(session, Checkout, begun)
            await insert(session, Order, placed | paid)


def _tap(
    connection: sqlite3.Connection, links: list[Link], midnight: datetime, clicks: int, draw: random.Random
) -> None:
    """The clicks, day after day, as folding would write them."""
    for pragma in ("synchronous=OFF", "journal_mode=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    today, shop = (midnight - _EPOCH).days, links[0].shop_id
    weights = [1 / (5 + each) ** 0.5 for each in range(LINKS)]
    scale = clicks / DAYS / sum(weights)
    for day in range(today - DAYS + 1, today + 1):
        counts = [max(1, round(weight * scale * draw.uniform(0.5, 1.5))) for weight in weights]
        stays = [_stays(int(each * _LANDED), draw) for each in counts]
        _write(
            connection,
            "click_day",
            sorted(
                (shop, day, link.number, each, *[0] * 5, int(each * _LANDED))
                for link, each in zip(links, counts, strict=True)
            ),
        )
        _write(
            connection,
            "seconds_day",
            ((shop, link.number, day, *each) for link, each in zip(links, stays, strict=True)),
        )
        _write(connection, "click_post", _of_posts(day, links, counts, stays))
        hours: Counter[tuple[int, str | None]] = Counter()
        _write(connection, "click", _rows(day, links, counts, hours, draw))
        _write(
            connection,
            "click_hour",
            ((shop, *key, each, *[0] * 5, int(each * _LANDED)) for key, each in sorted(hours.items())),
        )
        _write(connection, "click_app", _apps(day, links, counts, stays))
    for of in EVERY:
        _span(connection, of)
    connection.execute("COMMIT")


def _write(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Rows with all columns of the table."""
    wide = len(connection.execute(f"SELECT * FROM {table} LIMIT 0").description)  # noqa: S608  # Tables named here.
    connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * wide)})", rows)  # noqa: S608  # As above.


def _stays(landings: int, draw: random.Random) -> list[int]:
    """For how long so many people stayed, by `seconds.COLUMNS`: few for long."""
    counts = [0] * len(seconds.COLUMNS)
    for place in draw.choices(range(len(counts)), cum_weights=_LENGTHS, k=landings):
        counts[place] += 1
    return counts


def _apps(day: int, links: list[Link], counts: list[int], stays: list[list[int]]) -> Iterator[tuple[object, ...]]:
    """A day's sums by network: three of four taps in its app's browser, whose pages tell for how long."""
    for network in NETWORKS:
        mine = [place for place, link in enumerate(links) if link.network == network]
        taps = sum(counts[place] for place in mine)
        others, told = taps // 4, [sum(each) for each in zip(*(stays[place] for place in mine), strict=True)]
        key = links[0].shop_id, day, network
        yield *key, "", others, int(others * _LANDED), *[0] * len(told)
        yield *key, network, taps - others, int((taps - others) * _LANDED), *told


def _of_posts(day: int, links: list[Link], counts: list[int], stays: list[list[int]]) -> Iterator[tuple[object, ...]]:
    """A day's sums by post."""
    of: dict[str, list[int]] = defaultdict(list)
    for place, link in enumerate(links):
        of[link.post_id or ""].append(place)
    for post_id, places in sorted(of.items()):
        sums = [sum(counts[each] for each in places), sum(int(counts[each] * _LANDED) for each in places)]
        told = [sum(each) for each in zip(*(stays[place] for place in places), strict=True)]
        yield links[0].shop_id, day, post_id, links[places[0]].network, *sums, *told


def _span(connection: sqlite3.Connection, of: Sums) -> None:
    """Sums over spans are the sums of their days."""
    day, span = table_of(of.day), table_of(of.span)
    for days in SPANS:
        values = {"days": str(days), "block": f"day / {days}"}
        keys = ", ".join(values.get(each.name, each.name) for each in span.primary_key.columns)
        sums = ", ".join(f"sum({each})" for each in of.counters)
        places = ", ".join(str(each + 1) for each in range(len(span.primary_key.columns)))
        grouped = f"GROUP BY {places} ORDER BY {places}"
        found = f"SELECT {keys}, {sums} FROM {day.name} {grouped}"  # noqa: S608  # Names of our models alone.
        connection.execute(f"INSERT INTO {span.name} {found}")


def _rows(
    day: int, links: list[Link], counts: list[int], hours: Counter[tuple[int, str | None]], draw: random.Random
) -> Iterator[tuple[object, ...]]:
    """A day's raw clicks in the order of their time, evenly over the day; counts the hours on the way."""
    tapped = [link for link, each in zip(links, counts, strict=True) for _ in range(each)]
    draw.shuffle(tapped)
    step = _DAY_MS / len(tapped)
    for place, link in enumerate(tapped):
        at = day * _DAY_MS + int(place * step)
        hours[at // 3_600_000, link.network] += 1
        noise = draw.randbytes(18)
        said = "human", 0, noise[10:], "l.instagram.com", "instagram", "phone", None
        yield at.to_bytes(6) + noise[:10], link.shop_id, link.number, at, 0, *said
