"""The funnel per network, post and link, against taps and orders that were counted by hand."""

from datetime import date, timedelta

import httpx2
import pytest

from catalog import products
from catalog.schemas import ProductCreate
from core import shops
from core.db import AsyncSession, Database, insert_rows
from core.shops import Shop
from social.links import links, seconds
from social.links.models import ClickApp, ClickDay, ClickPost, ClickPostSpan, ClickSpan, Link, SecondsDay, SecondsSpan
from social.links.schemas import LinkCreate
from social.links.spans import SPANS
from tests.api.surface import expect_problem, unknown
from tests.api.test_insights import FIGURES, MONDAY, click, pay
from tests.social.making import bare

DAY = (MONDAY.date() - date(1970, 1, 1)).days


async def link(db: Database, shop: Shop, network: str | None, post_id: str | None = None) -> Link:
    """A link to a product of its own."""
    async with db.transaction() as session:
        product = await products.create(session, shop, ProductCreate(title="Vase"))
        return await links.create(session, shop, LinkCreate(product_id=product.id, network=network, post_id=post_id))


async def tap(db: Database, shop: Shop, of: Link, day: int, clicks: int, landings: int) -> None:
    """People's taps on a link on the day-th day, in all rollups."""
    async with db.transaction() as session:
        session.add(ClickDay(shop_id=shop.id, day=DAY + day, link_number=of.number, clicks=clicks, landings=landings))
        spans = [(shop.id, span, (DAY + day) // span, of.number, clicks, landings) for span in SPANS]
        await insert_rows(session, ClickSpan, spans, adding_up=True)
        await of_post(session, of, day, [clicks, landings, *(0 for _ in seconds.COLUMNS)])
    await click(db, shop, of.network or "unknown", 24 * day + len(of.id) % 3, clicks, landings=landings)


async def of_post(session: AsyncSession, of: Link, day: int, counts: list[int]) -> None:
    """The same by the link's post."""
    post = of.post_id or "", of.network or "unknown"
    await insert_rows(session, ClickPost, [(of.shop_id, DAY + day, *post, *counts)], adding_up=True)
    spans = [(of.shop_id, span, (DAY + day) // span, *post, *counts) for span in SPANS]
    await insert_rows(session, ClickPostSpan, spans, adding_up=True)


@pytest.fixture
async def ways(db: Database, shop: Shop) -> list[Link]:
    """Two links for Instagram and one for nobody in particular, with taps and orders; orders that no link brought."""
    story, feed, plain = (
        await link(db, shop, "instagram"),
        await link(db, shop, "instagram"),
        await link(db, shop, None),
    )
    await tap(db, shop, story, 0, 100, 90)
    await tap(db, shop, feed, 1, 50, 50)
    await tap(db, shop, plain, 2, 10, 4)
    await pay(db, shop, "instagram", 0, 2000, link_id=story.id, amount_refunded=500)
    await pay(db, shop, "instagram", 1, 1000, link_id=feed.id)
    await pay(db, shop, "pinterest", 0, 700, link_id=plain.id, currency="JPY")
    await pay(db, shop, "unknown", 0, 300)
    await pay(db, shop, "instagram", 0, 0, link_id=story.id, paid_at=None, status="expired")
    return [story, feed, plain]


async def funnel(client: httpx2.AsyncClient, query: str = "") -> dict[str, dict[str, object]]:
    """The lines by key, and all of them together under `total`."""
    answer = await client.get(f"/v1/insights/funnel{query}")
    assert answer.status_code == 200, answer.text
    document = answer.json()
    lines = {str(each.pop("key")): each for each in document["items"]}
    assert sum(each["clicks"] for each in lines.values()) == document["total"]["clicks"]
    assert sum(each["paid"] for each in lines.values()) == document["total"]["paid"]
    return lines | {"total": document["total"]}


def counts(line: dict[str, object]) -> list[object]:
    """Clicks, landings, checkouts, paid, and revenue as currency and amount."""
    money = line["revenue"]
    assert isinstance(money, list)
    revenue = {each["currency"]: each["amount"] for each in money}
    return [*(line[name] for name in ("clicks", "landings", "checkouts", "paid")), revenue]


async def test_every_way_in_is_counted_by_itself(client: httpx2.AsyncClient, ways: list[Link]) -> None:
    story, feed, plain = ways
    found = await funnel(client, "?by=link")
    assert {key: counts(each) for key, each in found.items()} == {
        story.id: [100, 90, 2, 1, {"EUR": 1500}],
        feed.id: [50, 50, 1, 1, {"EUR": 1000}],
        plain.id: [10, 4, 1, 1, {"JPY": 700}],
        "None": [0, 0, 1, 1, {"EUR": 300}],
        "total": [160, 144, 5, 4, {"EUR": 2800, "JPY": 700}],
    }
    assert found[story.id]["click_loss"] == pytest.approx(0.1)
    share = found["total"]["conversion"]
    assert isinstance(share, dict)
    assert share["value"] == pytest.approx(3 / 160), "the order that no link brought is no conversion of a click"


async def test_networks_come_from_the_hours_and_filtered_from_the_links(
    client: httpx2.AsyncClient, ways: list[Link]
) -> None:
    story, feed, plain = ways
    found = await funnel(client)
    assert counts(found["instagram"]) == [150, 140, 3, 2, {"EUR": 2500}]
    assert counts(found["unknown"]) == [10, 4, 1, 1, {"EUR": 300}]
    assert counts(found["pinterest"]) == [0, 0, 1, 1, {"JPY": 700}]
    assert set(await funnel(client, "?network=instagram")) == {"instagram", "total"}
    assert counts((await funnel(client, f"?link={feed.id}"))["instagram"]) == [50, 50, 1, 1, {"EUR": 1000}]
    assert counts((await funnel(client, "?by=link&network=unknown"))[plain.id]) == [10, 4, 0, 0, {}]
    posts = await funnel(client, f"?by=post&link={story.id}")
    assert counts(posts["None"]) == counts(posts["total"]) == [100, 90, 2, 1, {"EUR": 1500}]


async def stay(db: Database, of: Link, day: int, in_app: str, clicks: int, **stays: int) -> None:
    """Taps of the day-th day were in the browser of an app, and how long people stayed of those that landed."""
    network, landed = of.network or "unknown", sum(stays.values())
    counts = [stays.get(each, 0) for each in seconds.COLUMNS]
    nobody = [0 for _ in seconds.COLUMNS]
    async with db.transaction() as session:
        apps = [
            (of.shop_id, DAY + day, network, "", -clicks, -landed, *nobody),
            (of.shop_id, DAY + day, network, in_app, clicks, landed, *counts),
        ]
        for row in apps:
            await insert_rows(session, ClickApp, [row], adding_up=True)
        await insert_rows(session, SecondsDay, [(of.shop_id, of.number, DAY + day, *counts)])
        spans = [(of.shop_id, of.number, span, (DAY + day) // span, *counts) for span in SPANS]
        await insert_rows(session, SecondsSpan, spans, adding_up=True)
        await of_post(session, of, day, [0, 0, *counts])


def engaged(line: dict[str, object]) -> tuple[float | None, float | None, int]:
    """Median, third quartile, pages."""
    found = line["engaged"]
    assert isinstance(found, dict)
    return found["median"], found["p75"], found["pages"]


async def test_apps_are_told_from_other_browsers(
    client: httpx2.AsyncClient, db: Database, shop: Shop, ways: list[Link]
) -> None:
    story, feed, plain = ways
    await stay(db, story, 0, "instagram", 100, under_10=40)
    await stay(db, feed, 1, "", 50, under_60=10)
    await stay(db, plain, 2, "tiktok", 10, longer=4)
    await pay(db, shop, "instagram", 0, 800, link_id=story.id, in_app="instagram")
    found = await funnel(client, "?by=in_app")
    assert {key: counts(each) for key, each in found.items()} == {
        "instagram": [100, 40, 1, 1, {"EUR": 800}],
        "tiktok": [10, 4, 0, 0, {}],
        "None": [50, 100, 5, 4, {"EUR": 2800, "JPY": 700}],
        "total": [160, 144, 6, 5, {"EUR": 3600, "JPY": 700}],
    }
    assert {key: engaged(each) for key, each in found.items()} == {
        "instagram": (7.5, 8.8, 40), "tiktok": (None, None, 4), "None": (52.5, 56.2, 10), "total": (8.4, 45.8, 54),
    }  # fmt: skip
    only = await funnel(client, "?by=in_app&network=instagram&first_day=2026-11-02&last_day=2026-11-02")
    assert counts(only["instagram"])[:2] == [100, 40]
    assert counts(only["total"])[:2] == [100, 90]
    for query in (f"?by=in_app&link={story.id}", f"?by=in_app&post={unknown('post')}"):
        expect_problem(await client.get(f"/v1/insights/funnel{query}"), 422, "apps-by-network-only")


async def test_how_long_people_stayed_is_told_of_networks_links_and_all_together(
    client: httpx2.AsyncClient, db: Database, ways: list[Link]
) -> None:
    story, feed, plain = ways
    await stay(db, story, 0, "instagram", 100, under_10=40)
    await stay(db, feed, 1, "", 50, under_60=10)
    await stay(db, plain, 2, "tiktok", 10, longer=4)
    networks = await funnel(client)
    assert engaged(networks["instagram"]) == engaged((await funnel(client, "?network=instagram"))["total"])
    assert engaged(networks["instagram"])[2] == 50
    links = await funnel(client, "?by=link")
    assert engaged(links[story.id]) == (7.5, 8.8, 40)
    assert engaged(links["None"]) == (None, None, 0)
    assert engaged(links["total"]) == engaged(networks["total"]) == engaged((await funnel(client, "?by=post"))["None"])
    one = await funnel(client, f"?link={feed.id}")
    assert engaged(one["instagram"]) == engaged(one["total"]) == (52.5, 56.2, 10)
    assert engaged((await funnel(client, "?by=link&first_day=2026-11-03"))["total"])[2] == 14
    lines = (await client.get("/v1/insights/networks")).json()["items"]
    assert {each["network"]: engaged(each)[2] for each in lines} == {"instagram": 50, "unknown": 4, "pinterest": 0}


async def test_who_tapped_before_the_days_and_paid_on_them_is_in_no_share(
    client: httpx2.AsyncClient, db: Database, shop: Shop, ways: list[Link]
) -> None:
    story = ways[0]
    await tap(db, shop, story, 5, 1, 1)
    for _ in range(2):
        await pay(db, shop, "instagram", 5, 100, link_id=story.id)
    line = (await funnel(client, "?by=link&first_day=2026-11-07&last_day=2026-11-07"))[story.id]
    assert (line["clicks"], line["paid"], line["conversion"]) == (1, 2, None)


async def test_a_post_is_all_of_its_links(
    client: httpx2.AsyncClient, db: Database, shop: Shop, ways: list[Link]
) -> None:
    post, quiet = await bare(db, shop), await bare(db, shop)
    feed, story, pin = [await link(db, shop, network, post) for network in ("instagram", "instagram", "pinterest")]
    for each, clicks in ((feed, 30), (story, 20), (pin, 5)):
        await tap(db, shop, each, 0, clicks, clicks - 4)
        await stay(db, each, 0, "", 0, under_10=clicks // 2)
    await tap(db, shop, await link(db, shop, "pinterest", quiet), 9, 1, 1)
    await pay(db, shop, "pinterest", 0, 900, link_id=pin.id, post_id=post)
    found = await funnel(client, "?by=post")
    assert counts(found[post]) == [55, 43, 1, 1, {"EUR": 900}]
    assert engaged(found[post]) == (7.5, 8.8, 27)
    assert counts(found[quiet]) == [1, 1, 0, 0, {}]
    assert counts(found["None"])[:2] == [160, 144]
    one = (await funnel(client, f"?by=post&post={post}"))[post]
    assert one == found[post], "asked for alone it is counted from its links"
    pins = await funnel(client, "?by=post&network=pinterest")
    assert counts(pins[post]) == [5, 1, 1, 1, {"EUR": 900}]
    assert pins[post]["engaged"] == {"median": None, "p75": None, "pages": 2}
    assert quiet not in await funnel(client, "?by=post&last_day=2026-11-09")


async def test_days_cut_each_figure_by_its_own_moment(client: httpx2.AsyncClient, ways: list[Link]) -> None:
    tuesday = await funnel(client, "?by=link&first_day=2026-11-03&last_day=2026-11-03")
    assert counts(tuesday["total"]) == [50, 50, 1, 1, {"EUR": 1000}]
    assert counts((await funnel(client, "?first_day=2026-11-10"))["total"]) == [0, 0, 0, 0, {}]


async def test_long_ranges_are_the_sum_of_their_days(
    client: httpx2.AsyncClient, db: Database, shop: Shop, ways: list[Link]
) -> None:
    story, feed, plain = ways
    for day in range(3, 190, 3):
        await tap(db, shop, story, day, day, 1)
        await tap(db, shop, feed, day + 1, 1, 1)
    for first, last in ((0, 8), (5, 13), (6, 75), (11, 150), (3, 189), (1, 64)):
        days = [MONDAY + timedelta(days=each) for each in (first, last)]
        query = f"first_day={days[0]:%Y-%m-%d}&last_day={days[1]:%Y-%m-%d}"
        counted = sum(each for each in range(3, 190, 3) if first <= each <= last) + (100 if first == 0 else 0)
        lines = await funnel(client, f"?by=link&{query}")
        assert lines[story.id]["clicks"] == counted, query
        assert (await funnel(client, f"?by=link&link={story.id}&{query}"))["total"]["clicks"] == counted
        everything = (await funnel(client, f"?by=network&{query}"))["total"]["clicks"]
        assert lines["total"]["clicks"] == (await funnel(client, f"?by=post&{query}"))["total"]["clicks"] == everything
    assert plain.id not in await funnel(client, "?by=link&first_day=2026-11-06")


@pytest.mark.parametrize("all_networks", [True, False])
async def test_ways_that_are_left_out_are_in_the_total_with_all_they_have(
    client: httpx2.AsyncClient, db: Database, shop: Shop, ways: list[Link], all_networks: bool
) -> None:
    every = [await link(db, shop, "instagram") for _ in range(99)]
    for number, each in enumerate(every):
        await tap(db, shop, each, 0, 1000 + number, number)
        await stay(db, each, 0, "instagram", 10, under_20=6)
    await stay(db, ways[0], 0, "", 0, under_10=40)
    query = "?by=link" if all_networks else "?by=link&network=instagram"
    document = (await client.get(f"/v1/insights/funnel{query}")).json()
    keys = [each["key"] for each in document["items"]]
    assert (len(keys), document["left_out"]) == (100, 3 if all_networks else 1)
    clicks = 150 + sum(range(1000, 1099)) + (10 if all_networks else 0)
    assert counts(document["total"])[:2] == [clicks, 140 + sum(range(99)) + (4 if all_networks else 0)]
    assert counts(document["total"])[4] == ({"EUR": 2800, "JPY": 700} if all_networks else {"EUR": 2500})
    assert engaged(document["total"])[2] == 99 * 6 + 40
    assert keys[:3] == [ways[0].id, ways[1].id, ways[2].id if all_networks else every[-1].id]
    last = document["items"][-1]
    assert engaged(last) == (17.5, 18.8, 6)


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_of_more_than_a_hundred_posts_the_others_are_in_the_total(
    client: httpx2.AsyncClient, db: Database, shop: Shop, ways: list[Link]
) -> None:
    for number in range(101):
        made = await link(db, shop, "instagram", await bare(db, shop))
        await tap(db, shop, made, 0, 1000 + number, number)
        await stay(db, made, 0, "instagram", 10, under_20=6)
    document = (await client.get("/v1/insights/funnel?by=post")).json()
    keys = [each["key"] for each in document["items"]]
    assert (len(keys), document["left_out"], keys[0]) == (100, 2, None)
    assert counts(document["total"])[:2] == [160 + sum(range(1000, 1101)), 144 + sum(range(101))]
    assert engaged(document["total"])[2] == 101 * 6
    assert engaged(document["items"][0]) == (None, None, 0)
    assert engaged(document["items"][-1]) == (17.5, 18.8, 6)


async def test_nothing_is_a_report_too(client: httpx2.AsyncClient) -> None:
    document = (await client.get("/v1/insights/funnel")).json()
    assert (document["items"], document["left_out"], document["by"]) == ([], 0, "network")
    assert document["definitions"].keys() >= FIGURES
    assert (document["total"]["click_loss"], document["total"]["conversion"]) == (None, None)


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_at_most_a_hundred_ways_are_told_and_all_are_counted(
    client: httpx2.AsyncClient, db: Database, shop: Shop
) -> None:
    for number in range(103):
        await click(db, shop, f"net-{number}", 0, number + 1)
    document = (await client.get("/v1/insights/funnel")).json()
    assert (len(document["items"]), document["left_out"]) == (100, 3)
    assert document["total"]["clicks"] == 103 * 104 / 2
    assert [each["key"] for each in document["items"]][:2] == ["net-102", "net-101"]


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_odd_questions_are_refused_by_name(client: httpx2.AsyncClient) -> None:
    for query in ("?by=person", "?network=A%20B", "?post=x", "?link=%00", "?hour=1", f"?link={'l' * 70}"):
        expect_problem(await client.get(f"/v1/insights/funnel{query}"), 400, "bad-request")
    assert (await client.get(f"/v1/insights/funnel?post={unknown('post')}")).json()["items"] == []


async def test_of_equal_links_the_older_comes_first_and_those_beyond_a_hundred_are_left_out(
    client: httpx2.AsyncClient, db: Database, shop: Shop
) -> None:
    every = [await link(db, shop, "instagram") for _ in range(102)]
    for each in reversed(every):
        await tap(db, shop, each, 0, 3, 1)
    await pay(db, shop, "instagram", 0, 100, link_id=every[-1].id)
    document = (await client.get("/v1/insights/funnel?by=link")).json()
    assert [each["key"] for each in document["items"]] == [every[-1].id, *(each.id for each in every[:99])]
    assert (document["left_out"], counts(document["total"])[:2]) == (2, [306, 102])


async def test_filters_hold_together_and_inside_of_the_shop(
    client: httpx2.AsyncClient, db: Database, shop: Shop, ways: list[Link]
) -> None:
    story = ways[0]
    async with db.transaction() as session:
        other = await shops.create(session, "Elsewhere", "EUR")
    theirs = await link(db, other, "instagram")
    await tap(db, other, theirs, 0, 7, 7)
    both = await funnel(client, f"?by=link&network=instagram&link={story.id}&first_day=2026-11-02")
    assert {key: counts(each) for key, each in both.items()} == {
        story.id: [100, 90, 2, 1, {"EUR": 1500}], "total": [100, 90, 2, 1, {"EUR": 1500}],
    }  # fmt: skip
    for query in (f"?by=link&network=tiktok&link={story.id}", f"?link={theirs.id}", f"?by=post&link={theirs.id}"):
        assert counts((await funnel(client, query))["total"]) == [0, 0, 0, 0, {}], query
    assert theirs.id not in await funnel(client, "?by=link")


async def test_what_the_database_does_not_know_the_link_of_is_told_by_no_link(
    client: httpx2.AsyncClient, db: Database, shop: Shop, ways: list[Link]
) -> None:
    gone = unknown("link")
    await pay(db, shop, "instagram", 0, 400, link_id=gone)
    async with db.transaction() as session:
        session.add(ClickDay(shop_id=shop.id, day=DAY, link_number=1, clicks=5, landings=5))
    found = await funnel(client, "?by=link")
    assert counts(found[gone]) == counts((await funnel(client, f"?by=link&link={gone}"))[gone]) == [
        0, 0, 1, 1, {"EUR": 400},
    ]  # fmt: skip
    assert counts(found["total"])[:2] == [160, 144]
