"""The list of orders: filters, pages, and the whole of one order."""

from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from checkout import reviews
from checkout.facts import Review
from checkout.models import Checkout, Order
from core import ids, shops
from core.db import Database
from core.shops import Shop
from tests.api.surface import expect_problem, unknown

DAY = datetime(2026, 11, 1, tzinfo=UTC)


async def place(db: Database, shop: Shop, number: int, **facts: object) -> str:
    """An order of the number-th day; its id."""
    order_id, at = ids.new("ord"), DAY + timedelta(days=number)
    checkout = Checkout(
        id=ids.new("chk"), shop_id=shop.id, order_id=order_id, key=f"key:{order_id}", digest="", stripe_key=order_id,
        parameters={}, expires_at=at, created_at=at, status="open",
    )  # fmt: skip
    row: dict[str, object] = {
        "id": order_id, "shop_id": shop.id, "checkout_id": checkout.id, "public_token": order_id, "currency": "EUR",
        "amount_total": 1000, "utm": {}, "method": "none", "confidence": "none", "evidence": [], "created_at": at,
    }  # fmt: skip
    async with db.transaction() as session:
        session.add(checkout)
        await session.flush()
        session.add(Order(**row | facts))  # type: ignore[arg-type]  # Names and values come from the tests.
    return order_id


async def doubt(db: Database, order_id: str, reason: Review, about: str) -> str:
    """A reason to look at an order; its id."""
    async with db.transaction() as session:
        order = await session.get_one(Order, order_id)
        await reviews.need(session, order, reason, about)
        return next(each.id for each in await reviews.of_order(session, order) if each.reason == reason)


@pytest.fixture
async def placed(db: Database, shop: Shop) -> list[str]:
    """Twelve orders, oldest first: every third from Instagram, every second paid."""
    return [
        await place(
            db,
            shop,
            number,
            network=("instagram", "pinterest", "unknown")[number % 3],
            status=("paid", "expired")[number % 2],
            post_id=unknown("post") if number == 4 else None,
            link_id=unknown("link") if number in (4, 5) else None,
        )
        for number in range(12)
    ]


async def found(client: httpx2.AsyncClient, query: str) -> list[str]:
    """The ids on the first page."""
    answer = await client.get(f"/v1/orders?{query}")
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


async def test_filters_combine_newest_first(client: httpx2.AsyncClient, placed: list[str]) -> None:
    newest = placed[::-1]
    assert await found(client, "") == newest
    assert await found(client, "network=instagram") == [placed[9], placed[6], placed[3], placed[0]]
    assert await found(client, "network=instagram&status=paid") == [placed[6], placed[0]]
    assert await found(client, "network=nobody") == []
    assert await found(client, f"post={unknown('post')}") == [placed[4]]
    assert await found(client, f"link={unknown('link')}") == [placed[5], placed[4]]
    assert await found(client, "created_from=2026-11-11T00:00:00Z") == newest[:2]
    assert await found(client, "created_to=2026-11-03T00:00:00Z") == newest[-2:]
    assert await found(client, "created_from=2026-11-03T01:00:00%2B01:00&created_to=2026-11-05T00:00:00Z") == [
        placed[3],
        placed[2],
    ]


async def test_pages_keep_the_filter_and_show_every_order_once(client: httpx2.AsyncClient, placed: list[str]) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await client.get(f"/v1/orders?status=paid&limit=4{cursor}")).json()
        seen += [each["id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == placed[0::2][::-1]


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_filter_that_means_nothing_is_refused(client: httpx2.AsyncClient, placed: list[str]) -> None:
    for query in (
        "review=late", "needs_review=perhaps", "status=payed", "status=",
        "network=", "network=In%20sta", "post=x", "link=prod", "created_from=yesterday",
        "created_from=2026-13-01T00:00:00Z", "created_to=2026-11-03T00:00:00", "limit=0", "cursor=x",
        f"cursor={unknown('post')}", "sort=amount", "network=a&network=b", "created_from=9999-12-31T23:59:59-14:00",
        "created_from=0001-01-01T00:00:00%2B14:00",
    ):  # fmt: skip
        expect_problem(await client.get(f"/v1/orders?{query}"), 400, "bad-request")


async def test_an_order_tells_its_origin_and_its_money(client: httpx2.AsyncClient, placed: list[str]) -> None:
    order = (await client.get(f"/v1/orders/{placed[4]}")).json()
    assert (order["total"], order["paid"]["amount"], order["lines"]) == ({"amount": 1000, "currency": "EUR"}, 0, [])
    origin = (await client.get(f"/v1/orders/{placed[4]}/attribution")).json()
    assert {name: origin[name] for name in order["attribution"]} == order["attribution"]
    assert (origin["touches"], sorted(origin["rule"])) == ([], ["en", "fr"])
    assert (origin["network"], origin["post_id"], origin["link_id"]) == ("pinterest", unknown("post"), unknown("link"))


async def test_a_person_says_that_they_have_looked(client: httpx2.AsyncClient, db: Database, placed: list[str]) -> None:
    review = await doubt(db, placed[4], "late-payment", "cs_1")
    await doubt(db, placed[4], "unknown-session", "cs_1")
    address = f"/v1/orders/{placed[4]}"
    assert await found(client, "needs_review=true") == await found(client, "review=late-payment") == [placed[4]]
    answer = await client.post(f"{address}/reviews/{review}/resolve", json={"note": "She had paid in cash."})
    shown = answer.json()
    assert (answer.status_code, shown["reason"], shown["about"]) == (200, "late-payment", "cs_1")
    assert (shown["note"], shown["order_id"]) == ("She had paid in cash.", placed[4])
    assert shown["resolved_at"] is not None
    assert (await client.get(address)).json()["reviews"] == ["unknown-session"]
    listed = (await client.get(f"{address}/reviews")).json()
    assert [(each["reason"], each["resolved_at"]) for each in listed["items"]] == [
        ("unknown-session", None),
        ("late-payment", shown["resolved_at"]),
    ]
    assert await found(client, "review=late-payment") == []
    assert await found(client, "needs_review=true&status=paid") == [placed[4]]
    assert len(await found(client, "needs_review=false")) == len(placed) - 1


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_review_that_is_none_is_not_resolved(
    client: httpx2.AsyncClient, db: Database, placed: list[str]
) -> None:
    review = await doubt(db, placed[4], "late-payment", "cs_1")
    for order_id, review_id in ((placed[5], review), (placed[4], unknown("rev"))):
        answer = await client.post(f"/v1/orders/{order_id}/reviews/{review_id}/resolve", json={})
        expect_problem(answer, 404, "review-not-found")
    answer = await client.post(f"/v1/orders/{unknown('ord')}/reviews/{review}/resolve", json={})
    expect_problem(answer, 404, "order-not-found")
    for body in ({"note": 1}, {"note": "x" * 501}, {"resolved_at": None}):
        answer = await client.post(f"/v1/orders/{placed[4]}/reviews/{review}/resolve", json=body)
        expect_problem(answer, 422, "validation-failed")


async def test_the_orders_of_another_shop_stay_there(client: httpx2.AsyncClient, db: Database) -> None:
    async with db.transaction() as session:
        other = await shops.create(session, "Elsewhere", "EUR")
    foreign = await place(db, other, 1, network="instagram")
    assert await found(client, "network=instagram") == []
    assert (await client.get(f"/v1/orders/{foreign}")).status_code == 404
