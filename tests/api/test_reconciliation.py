"""The books over HTTP: what the shop's own key may see of them."""

from collections.abc import AsyncIterator

import httpx2

from checkout.books import ledger
from checkout.stripe.records import Movement, Source
from core import clock
from core.db import Database
from core.shops import Shop
from tests.api.test_orders import place

NOTHING = {"applied": 0, "ignored": 0, "foreign": 0, "orphan": 0, "given_up": 0, "unreadable": 0, "other_version": 0}


async def test_a_shop_without_sales_has_empty_books(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/reconciliation")
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "swept_at": None,
            "heard_at": None,
            "recovered": 0,
            "rounds": [],
            "set_apart": {"count": 0, "newest": []},
            "reads": {"spent": 0, "entitled": 10_000, "slowed": False},
            "breaker": {"state": "closed", "failures": 0, "retry_at": None},
            "events": NOTHING,
            "orphans": [],
            "balances": [],
            "days": [],
        },
    )


async def test_the_ledger_says_where_an_orders_money_is(client: httpx2.AsyncClient, db: Database, shop: Shop) -> None:
    await place(db, shop, 0)
    order_id = (await client.get("/v1/orders")).json()["items"][0]["id"]
    assert (await client.get(f"/v1/orders/{order_id}/ledger")).json() == {"items": [], "next_cursor": None}

    async def moved() -> AsyncIterator[Movement]:
        yield Movement(
            id="txn_1", amount=4900, fee=172, net=4728, currency="eur", type="charge", created=1, source=Source("ch_1"),
            reporting_category="charge",
        )  # fmt: skip

    await ledger.book(db, shop, moved(), clock.now())
    found = (await client.get("/v1/reconciliation")).json()["balances"]
    assert {each["account"]: each["amount"] for each in found} == {"stripe": 4728, "fees": 172, "sales": -4900}
    assert (await client.get("/v1/orders/ord_01k2h62d5hf3v6a0x3z1b4q8rd/ledger")).status_code == 404


async def test_a_publishable_key_sees_no_books(storefront: httpx2.AsyncClient) -> None:
    assert (await storefront.get("/v1/reconciliation")).status_code == 403
