"""Links: what they carry, what they refuse, and how they go into memory."""

import asyncio
import re
from contextlib import suppress

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from catalog import products
from catalog.schemas import ProductCreate
from core import shops
from core.db import Database
from core.errors import PreconditionFailed
from core.events import EventRecord
from core.settings import Settings
from core.shops import Shop, ShopChange
from core.webhooks import published
from social.errors import UnknownNetwork
from social.links import compiled, links
from social.links.compiled import LinkCache
from social.links.errors import LinkNotFound, UnknownLinkItem, UnknownLinkPlacement
from social.links.events import LinkUpdated, link_updated
from social.links.models import Link
from social.links.schemas import LinkChange, LinkCreate, LinkOut
from tests.social.links.conftest import NOW, MakeLink

NOWHERE = "prod_01k00000000000000000000000"


async def test_a_link_has_a_slug_that_nobody_misreads(link: Link, settings: Settings) -> None:
    assert re.fullmatch("[23456789bcdfghjkmnpqrstvwxyz]{9}", link.slug)
    assert 0 < link.number < 2**63
    assert links.url(settings, link) == f"http://127.0.0.1:8000/l/{link.slug}"


async def test_utms_are_derived_and_legal(make_link: MakeLink) -> None:
    link = await make_link(placement="story", campaign="Été à Paris / -50 %")
    assert links.utm(link) == {
        "utm_source": "instagram",
        "utm_medium": "social",
        "utm_campaign": "ete-a-paris-50",
        "utm_content": link.id,
    }
    wordless = await make_link(campaign="🎁🎁")
    assert "utm_campaign" not in links.utm(wordless)
    long = await make_link(campaign="x" * 60)
    assert all(re.fullmatch("[A-Za-z0-9_-]{1,150}", each) for each in links.utm(long).values())


async def test_what_goes_out_says_it_all(link: Link, settings: Settings) -> None:
    out = LinkOut.of(link, settings)
    assert (out.id, out.url, out.network, out.active) == (link.id, links.url(settings, link), "instagram", True)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"network": "myspace"}, UnknownNetwork),
        ({"placement": "billboard"}, UnknownLinkPlacement),
        ({"network": None, "placement": "story"}, UnknownLinkPlacement),
        ({"post_id": "post_01k00000000000000000000000"}, UnknownLinkItem),
        ({"variant_id": "var_01k00000000000000000000000"}, UnknownLinkItem),
        ({"product_id": NOWHERE}, UnknownLinkItem),
    ],
)
async def test_a_link_to_nowhere_is_refused(
    db: Database, shop: Shop, link: Link, wrong: dict[str, str], refusal: type[Exception]
) -> None:
    spec = LinkCreate(**{"product_id": link.product_id, "network": "instagram"} | wrong)  # type: ignore[arg-type]  # Names and values come from the table.
    async with db.transaction() as session:
        with pytest.raises(refusal):
            await links.create(session, shop, spec)


async def test_another_shops_link_does_not_exist(db: Database, shop: Shop, link: Link) -> None:
    async with db.transaction() as session:
        other = await shops.create(session, "Another", "EUR")
        with pytest.raises(LinkNotFound):
            await links.get(session, other, link.id)
        with pytest.raises(LinkNotFound):
            await links.change(session, other, link.id, LinkChange(active=False), None)
        assert await links.list_page(session, other, links.Filters(), 10, None) == ([], None)
        with pytest.raises(UnknownLinkItem):
            await links.create(session, other, LinkCreate(product_id=link.product_id))


async def test_links_are_listed_newest_first_by_post_product_and_network(
    db: Database, shop: Shop, make_link: MakeLink
) -> None:
    first, second = await make_link(), await make_link(network="pinterest")
    async with db.read() as session:
        page, cursor = await links.list_page(session, shop, links.Filters(), 1, None)
        rest, end = await links.list_page(session, shop, links.Filters(), 1, cursor)
        pins, _ = await links.list_page(session, shop, links.Filters(network="pinterest"), 10, None)
        of_product, _ = await links.list_page(session, shop, links.Filters(product_id=first.product_id), 10, None)
    assert ([each.id for each in page], [each.id for each in rest], end) == ([second.id], [first.id], None)
    assert [each.id for each in pins] == [second.id]
    assert [each.id for each in of_product] == [first.id]


async def test_a_link_is_found_in_any_case_while_it_is_on(db: Database, shop: Shop, link: Link) -> None:
    async with db.transaction() as session:
        assert (await links.by_slug(session, link.slug.upper())).id == link.id
        with pytest.raises(PreconditionFailed):
            await links.change(session, shop, link.id, LinkChange(active=False), 7)
        changed = await links.change(session, shop, link.id, LinkChange(active=False), 1)
        assert (changed.active, changed.version) == (False, 2)
        for slug in (link.slug, "zzzzzzzzz", "", "é" * 9, "a" * 9):
            with pytest.raises(LinkNotFound):
                await links.by_slug(session, slug)


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def seconds() -> Clock:
    return Clock()


@pytest.fixture
def cache(db: Database, seconds: Clock) -> LinkCache:
    return LinkCache(db, "https://shop.example", seconds=seconds)


async def test_a_compiled_link_has_its_addresses_ready(cache: LinkCache, link: Link) -> None:
    ready = await cache.load(link.slug)
    assert ready is not None
    assert (
        ready.before + b"TOKEN" + ready.after
        == (
            f"https://shop.example/go/{link.slug}?sl=TOKEN&utm_source=instagram&utm_medium=social&utm_content={link.id}"
        ).encode()
    )
    assert ready.bare.startswith(f"https://shop.example/go/{link.slug}?utm_source=instagram&".encode())
    assert cache.fresh(link.slug) is ready


async def test_a_switched_off_link_is_gone_when_its_time_in_memory_is_over_however_often_it_is_asked_for(
    db: Database, shop: Shop, cache: LinkCache, link: Link, seconds: Clock
) -> None:
    await cache.load(link.slug)
    async with db.transaction() as session:
        await links.change(session, shop, link.id, LinkChange(active=False), None)
    for _ in range(3):
        assert cache.fresh(link.slug) is not None
        seconds.seconds += 0.5
    seconds.seconds += 0.01
    assert cache.fresh(link.slug) is None
    assert await cache.load(link.slug) is None
    assert compiled.FRESH_SECONDS <= 2


async def test_links_of_a_shop_in_use_are_asked_about_together_and_stay_fresh(
    db: Database, shop: Shop, cache: LinkCache, make_link: MakeLink, seconds: Clock
) -> None:
    kept, changed, idle = [await make_link() for _ in range(3)]
    async with db.transaction() as session:
        other = await shops.create(session, "Ailleurs", "EUR")
        product = await products.create(session, other, ProductCreate(title="Bol"))
        elsewhere = await links.create(session, other, LinkCreate(product_id=product.id))
    ready = [await cache.load(each.slug) for each in (kept, changed, idle, elsewhere)]
    await cache.refresh()
    for _ in range(4):
        seconds.seconds += 1
        assert cache.fresh(kept.slug) is ready[0]
        await cache.refresh()
        if cache.fresh(changed.slug):
            async with db.transaction() as session:
                await links.change(session, shop, changed.id, LinkChange(active=False), None)
    assert cache.fresh(changed.slug) is None
    assert cache.fresh(idle.slug) is ready[2]
    assert cache.fresh(elsewhere.slug) is None, "nobody tapped there for four seconds"
    assert await cache.load(elsewhere.slug) is ready[3], "and nothing was changed there"
    assert await cache.load(changed.slug) is None


async def test_a_change_that_one_tap_has_seen_is_looked_for_in_all_links_of_the_shop(
    db: Database, shop: Shop, cache: LinkCache, make_link: MakeLink, seconds: Clock
) -> None:
    first, changed, third = [await make_link() for _ in range(3)]
    before = [await cache.load(each.slug) for each in (first, changed, third)]
    async with db.transaction() as session:
        await links.change(session, shop, changed.id, LinkChange(ends_at=NOW), None)
    seconds.seconds += 2
    assert await cache.load(first.slug) == before[0]
    assert cache.fresh(changed.slug) is None
    await cache.refresh()
    assert cache.fresh(third.slug) is before[2], "one look at all of them"
    assert cache.fresh(changed.slug) is None
    after = await cache.load(changed.slug)
    assert after is not None
    assert after.choices is not None


async def test_what_a_shop_keeps_of_visitors_is_honoured_like_a_changed_link(
    db: Database, shop: Shop, cache: LinkCache, make_link: MakeLink, seconds: Clock
) -> None:
    link = await make_link()
    before = await cache.load(link.slug)
    assert before is not None
    assert before.place
    for consent, hashed in (("none", False), ("attribution", True)):
        assert cache.fresh(link.slug) is not None
        async with db.transaction() as session:
            await shops.change(session, shop, msgspec.convert({"consent": consent}, ShopChange), None)
        await cache.refresh()
        assert cache.fresh(link.slug) is None
        known = await cache.load(link.slug)
        assert known is not None
        assert bool(known.place) == hashed


async def test_a_missing_link_is_remembered_as_missing_for_a_moment(
    db: Database, cache: LinkCache, link: Link, seconds: Clock, shop: Shop
) -> None:
    async with db.transaction() as session:
        await links.change(session, shop, link.id, LinkChange(active=False), None)
    assert await cache.load(link.slug) is None
    async with db.transaction() as session:
        await links.change(session, shop, link.id, LinkChange(active=True), None)
    assert await cache.load(link.slug) is None
    seconds.seconds += 2
    assert await cache.load(link.slug) is not None


async def test_many_at_once_ask_the_database_once(cache: LinkCache, link: Link) -> None:
    answers = await asyncio.gather(*(cache.load(link.slug) for _ in range(200)))
    assert len({id(each) for each in answers}) == 1


async def test_memory_is_bounded(db: Database, make_link: MakeLink) -> None:
    cache = LinkCache(db, "https://shop.example", size=2, missing_size=2)
    first, *rest = [await make_link() for _ in range(3)]
    for slug in [first.slug, *(each.slug for each in rest), "bbbbbbbbb", "ccccccccc", "ddddddddd"]:
        await cache.load(slug)
    assert cache.fresh(first.slug) is None
    assert all(cache.fresh(each.slug) for each in rest)


async def _rename(db: Database, old: str, new: str) -> None:
    async with db.transaction() as session:
        await session.exec(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))  # type: ignore[call-overload]  # SQLModel types queries only.


async def test_a_known_link_works_for_an_hour_without_the_database(
    db: Database, cache: LinkCache, link: Link, seconds: Clock
) -> None:
    ready = await cache.load(link.slug)
    await _rename(db, "link_revision", "gone")
    seconds.seconds += 3599
    assert await cache.load(link.slug) == ready
    assert cache.fresh(link.slug) == ready, "and nobody asks again at once"
    seconds.seconds += 5
    with pytest.raises(SQLAlchemyError):
        await cache.load(link.slug)
    with pytest.raises(SQLAlchemyError):
        await cache.load("bbbbbbbbb")
    await _rename(db, "gone", "link_revision")
    assert await cache.load(link.slug) == ready


async def _news(db: Database) -> list[tuple[str, object]]:
    """The events of links, oldest first, and which fields each names."""
    async with db.read() as session:
        chosen = select(EventRecord).where(col(EventRecord.kind).startswith("link.")).order_by(col(EventRecord.id))
        return [(each.kind, each.payload.get("fields")) for each in await session.exec(chosen)]


async def test_what_happens_to_a_link_is_news_once_and_only_where_something_changed(
    db: Database, shop: Shop, link: Link, make_link: MakeLink
) -> None:
    other = await make_link()
    changes: list[dict[str, object]] = [
        {"ends_at": "2027-01-01T00:00:00Z", "ended": "similar"}, {"ended": "similar", "active": True},
        {"active": False}, {"active": False}, {"active": True, "ended": "page"},
        {"active": False, "discount_code": "ETE"},
        {"items": [{"variant_id": "var_01k00000000000000000000000"}]},
    ]  # fmt: skip
    for each in changes:
        with suppress(UnknownLinkItem):
            async with db.transaction() as session:
                await links.change(session, shop, link.id, msgspec.convert(each, LinkChange), None)
    assert await _news(db) == [
        ("link.created", None), ("link.created", None), ("link.updated", ["ended", "ends_at"]), ("link.archived", None),
        ("link.updated", ["active", "ended"]), ("link.updated", ["discount_code"]), ("link.archived", None),
    ]  # fmt: skip
    async with db.read() as session:
        told = await link_updated(session, shop.id, LinkUpdated(link_id=link.id, fields=["ended"]))
    assert (told.changed, told.link.id, told.link.slug, told.link.active, told.link.discount_code) == (
        ["ended"], link.id, link.slug, False, "ETE",
    )  # fmt: skip
    assert {"link.created", "link.updated", "link.archived"} <= {each.name for each in published.every()}
    assert other.id != link.id
