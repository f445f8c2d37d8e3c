"""Figures per network, against orders and clicks that were counted by hand."""

from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from core import shops
from core.db import Database, insert_rows
from core.shops import Shop
from social.links import seconds
from social.links.models import ClickApp, ClickHour
from tests.api.surface import expect_problem, unknown
from tests.api.test_orders import place

FIGURES = {
    "clicks", "landings", "click_loss", "engaged", "checkouts", "paid", "conversion", "gross", "refunded", "lost",
    "revenue",
}  # fmt: skip
MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
HOUR = int(MONDAY.timestamp()) // 3600


async def click(db: Database, shop: Shop, network: str, hour: int, clicks: int, **machines: int) -> None:
    """People's taps in the hour-th hour of that Monday, in no app's browser."""
    async with db.transaction() as session:
        apps = (shop.id, (HOUR + hour) // 24, network, "", clicks, machines.get("landings", 0))
        await insert_rows(session, ClickApp, [(*apps, *(0 for _ in seconds.COLUMNS))], adding_up=True)
        counters = ("duplicates", "prefetches", "previews", "bots", "heads", "landings")
        row = (shop.id, HOUR + hour, network, clicks, *(machines.get(each, 0) for each in counters))
        await insert_rows(session, ClickHour, [row], adding_up=True)


async def pay(db: Database, shop: Shop, network: str, day: int, amount: int, **facts: object) -> None:
    """An order that was paid at noon, so many days after Monday."""
    noon = MONDAY + timedelta(days=day, hours=12)
    paid = {"status": "paid", "amount_paid": amount, "amount_total": amount}
    await place(db, shop, day, **{"network": network, "created_at": noon, "paid_at": noon} | paid | facts)


@pytest.fixture
async def week(db: Database, shop: Shop) -> None:
    """A week of three networks, and things that must not count."""
    await click(db, shop, "instagram", 0, 10, duplicates=5, prefetches=3, previews=2)
    await click(db, shop, "instagram", 23, 1)
    await click(db, shop, "instagram", 24, 7)
    await click(db, shop, "pinterest", 12, 4)
    await click(db, shop, "tiktok", 12, 0, previews=9)
    await pay(db, shop, "instagram", 0, 1999)
    await pay(db, shop, "instagram", 0, 1)
    await pay(db, shop, "instagram", 1, 500)
    await pay(db, shop, "pinterest", 0, 9000)
    await pay(db, shop, "pinterest", 0, 700, currency="JPY")
    await pay(db, shop, "unknown", 6, 0)
    await pay(db, shop, "instagram", 0, 5000, paid_at=None, status="awaiting_payment")
    await pay(db, shop, "instagram", 0, 5000, paid_at=None, status="payment_failed")
    async with db.transaction() as session:
        other = await shops.create(session, "Elsewhere", "EUR")
    await click(db, other, "instagram", 0, 1000)
    await pay(db, other, "instagram", 0, 100_000)


Line = tuple[str, int, int, list[tuple[int, str]]]


async def report(client: httpx2.AsyncClient, query: str = "") -> list[Line]:
    """Network, clicks, orders and revenue, in the order of the report."""
    answer = await client.get(f"/v1/insights/networks{query}")
    assert answer.status_code == 200, answer.text
    return [
        (
            each["network"],
            each["clicks"],
            each["paid"],
            sorted((money["amount"], money["currency"]) for money in each["revenue"]),
        )
        for each in answer.json()["items"]
    ]


async def test_every_figure_is_the_one_counted_by_hand(client: httpx2.AsyncClient, week: None) -> None:
    assert sorted(each for each in await report(client) if each[0] != "tiktok") == [
        ("instagram", 18, 3, [(2500, "EUR")]),
        ("pinterest", 4, 2, [(700, "JPY"), (9000, "EUR")]),
        ("unknown", 0, 1, [(0, "EUR")]),
    ]


async def test_days_begin_and_end_at_midnight_utc(client: httpx2.AsyncClient, week: None) -> None:
    monday = {each[0]: each[1:] for each in await report(client, "?first_day=2026-11-02&last_day=2026-11-02")}
    assert monday["instagram"] == (11, 2, [(2000, "EUR")])
    assert monday["pinterest"] == (4, 2, [(700, "JPY"), (9000, "EUR")])
    tuesday = {each[0]: each[1:] for each in await report(client, "?first_day=2026-11-03&last_day=2026-11-03")}
    assert tuesday == {"instagram": (7, 1, [(500, "EUR")])}
    assert [each[0] for each in await report(client, "?first_day=2026-11-04")] == ["unknown"]
    assert await report(client, "?last_day=2026-11-01") == []


async def test_money_that_went_back_or_was_lost_is_taken_off(
    client: httpx2.AsyncClient, db: Database, shop: Shop
) -> None:
    await pay(db, shop, "instagram", 0, 5000, amount_refunded=1200, status="partially_refunded")
    await pay(db, shop, "instagram", 0, 3000, amount_refunded=500, amount_lost=2500, status="charged_back")
    await pay(db, shop, "instagram", 0, 900, currency="JPY", amount_lost=900, status="charged_back")
    (line,) = (await client.get("/v1/insights/networks")).json()["items"]
    assert [(each["amount"], each["currency"]) for each in line["gross"]] == [(8000, "EUR"), (900, "JPY")]
    assert [each["amount"] for each in line["refunded"]] == [1700, 0]
    assert [each["amount"] for each in line["lost"]] == [2500, 900]
    assert [each["amount"] for each in line["revenue"]] == [3800, 0]
    assert (line["paid"], line["checkouts"]) == (3, 3), "they were paid all the same"


async def test_lost_clicks_and_conversion_are_told_where_they_can_be(
    client: httpx2.AsyncClient, db: Database, shop: Shop
) -> None:
    await click(db, shop, "instagram", 0, 90, landings=81)
    await click(db, shop, "instagram", 1, 110, landings=99)
    for _ in range(4):
        await pay(db, shop, "instagram", 0, 1000, link_id=unknown("link"))
    await pay(db, shop, "instagram", 0, 1000)
    await pay(db, shop, "pinterest", 0, 1000, link_id=unknown("link"))
    await click(db, shop, "tiktok", 0, 2, landings=3)
    lines = {each["network"]: each for each in (await client.get("/v1/insights/networks")).json()["items"]}
    line = lines["instagram"]
    assert (line["clicks"], line["landings"], line["paid"]) == (200, 180, 5)
    assert line["click_loss"] == pytest.approx(0.1)
    assert line["conversion"] == pytest.approx({"value": 0.02, "low": 0.00781, "high": 0.05028}, abs=1e-5)
    assert (lines["pinterest"]["click_loss"], lines["pinterest"]["conversion"]) == (None, None)
    assert (lines["tiktok"]["click_loss"], lines["tiktok"]["conversion"]["value"]) == (0, 0)


async def test_the_report_says_how_it_counts(client: httpx2.AsyncClient) -> None:
    document = (await client.get("/v1/insights/networks")).json()
    assert document["items"] == []
    assert document["definitions"].keys() >= FIGURES


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("path", ["networks", "funnel"])
async def test_a_range_that_is_none_is_refused(client: httpx2.AsyncClient, path: str) -> None:
    for query in ("?first_day=2026-11-03&last_day=2026-11-02", "?first_day=2025-01-01&last_day=2026-11-02"):
        expect_problem(await client.get(f"/v1/insights/{path}{query}"), 422, "bad-range")
    for query in ("?first_day=monday", "?first_day=2026-02-30", "?day=2026-01-01"):
        expect_problem(await client.get(f"/v1/insights/{path}{query}"), 400, "bad-request")
    for query in ("?first_day=9999-12-31", "?last_day=9999-12-31", "?first_day=0001-01-01", "?last_day=0001-01-01"):
        assert (await client.get(f"/v1/insights/{path}{query}")).status_code in (200, 400, 422), query
