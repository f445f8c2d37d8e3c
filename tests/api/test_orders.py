"""The list of orders: filters, pages, and the whole of one order."""

from datetime import UTC, datetime, timedelta

import httpx2
import pytest

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
        "status=payed", "status=", "network=", "network=In%20sta", "post=x", "link=prod", "created_from=yesterday",
        "created_from=2026-13-01T00:00:00Z", "created_to=2026-11-03T00:00:00", "limit=0", "cursor=x",
        f"cursor={unknown('post')}", "sort=amount", "network=a&network=b", "created_from=9999-12-31T23:59:59-14:00",
        "created_from=0001-01-01T00:00:00%2B14:00",
    ):  # fmt: skip
        expect_problem(await client.get(f"/v1/orders?{query}"), 400, "bad-request")


async def test_an_order_tells_its_origin_and_its_money(client: httpx2.AsyncClient, placed: list[str]) -> None:
    order = (await client.get(f"/v1/orders/{placed[4]}")).json()
    assert (order["total"], order["paid"]["amount"], order["lines"]) == ({"amount": 1000, "currency": "EUR"}, 0, [])
    origin = (await client.get(f"/v1/orders/{placed[4]}/attribution")).json()
    assert origin == order["attribution"]
    assert (origin["network"], origin["post_id"], origin["link_id"]) == ("pinterest", unknown("post"), unknown("link"))


async def test_the_orders_of_another_shop_stay_there(client: httpx2.AsyncClient, db: Database) -> None:
    async with db.transaction() as session:
        other = await shops.create(session, "Elsewhere", "EUR")
    foreign = await place(db, other, 1, network="instagram")
    assert await found(client, "network=instagram") == []
    assert (await client.get(f"/v1/orders/{foreign}")).status_code == 404
