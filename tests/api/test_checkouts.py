"""Checkouts and Stripe's webhook over HTTP."""

import asyncio
import secrets
from collections.abc import Callable

import httpx2
import pytest
import sqlalchemy as sa
from msgspec.structs import replace
from sqlmodel import select

from catalog import offers, products, variants
from catalog.schemas import PriceIn, ProductCreate, VariantCreate
from checkout.models import Checkout, Hold, Order, StripeEvent
from checkout.sandbox import webhooks
from core import clock, shops
from core.db import Database, Table
from core.idempotency import KEPT, IdempotencyKey
from core.shops import Shop
from tests.api.surface import expect_problem
from tests.conftest import STRIPE_WEBHOOK_SECRET
from tests.local_stripe import LocalStripe

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
    " Instagram 400.0.0.0"
)


@pytest.fixture
async def vase(db: Database, shop: Shop) -> str:
    """The id of a variant of which there are three, at 19 euros."""
    variant = VariantCreate(available=3, prices=[PriceIn(amount=1900, currency="EUR")])
    async with db.transaction() as session:
        product = await products.create(session, shop, ProductCreate(title="Vase", variants=[variant]))
        return (await offers.of_product(session, shop, product.id, "EUR")).offers[0].variant_id


async def start(client: httpx2.AsyncClient, variant: str, key: str = "", **more: object) -> httpx2.Response:
    """Ask for a checkout of one piece, under a key of its own unless one is given."""
    body = {"items": [{"variant_id": variant, "quantity": 1}]} | more
    return await client.post("/v1/checkouts", json=body, headers={"Idempotency-Key": key or secrets.token_hex(8)})


async def count(db: Database, table: type[Table]) -> int:
    """How many rows there are."""
    async with db.read() as session:
        return int((await session.exec(select(sa.func.count()).select_from(table))).one())


async def test_a_basket_becomes_a_page_to_pay_at(sandbox: LocalStripe, client: httpx2.AsyncClient, vase: str) -> None:
    answer = await start(client, vase)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["status"], made["url"].startswith("http://")) == ("open", True)
    assert (await client.get(f"/v1/checkouts/{made['id']}")).json() == made
    order = (await client.get(f"/v1/orders/{made['order_id']}")).json()
    assert (order["status"], order["total"]) == ("awaiting_payment", {"amount": 1900, "currency": "EUR"})
    ended = await client.post(f"/v1/checkouts/{made['id']}/expire")
    assert (ended.status_code, ended.json()["status"], ended.json()["url"]) == (200, "expired", None)
    assert (await client.post(f"/v1/checkouts/{made['id']}/expire")).status_code == 409


async def test_a_front_end_may_start_one_with_its_publishable_key(
    sandbox: LocalStripe, storefront: httpx2.AsyncClient, vase: str
) -> None:
    made = await start(storefront, vase)
    assert made.status_code == 201
    assert (await storefront.get(f"/v1/checkouts/{made.json()['id']}")).status_code == 200
    expect_problem(await storefront.post(f"/v1/checkouts/{made.json()['id']}/expire"), 403, "forbidden")
    expect_problem(await storefront.get(f"/v1/orders/{made.json()['order_id']}"), 403, "forbidden")


async def test_one_address_cannot_set_aside_what_it_does_not_buy(
    sandbox: LocalStripe, client: httpx2.AsyncClient, storefront: httpx2.AsyncClient, vase: str
) -> None:
    assert (await start(storefront, vase)).status_code == 201
    told = await start(storefront, vase)
    assert expect_problem(told, 429, "too-many-open-checkouts")["variant_id"] == vase
    assert int(told.headers["retry-after"]) > 0
    assert (await client.get(f"/v1/variants/{vase}/stock")).json()["available"] == 2
    assert (await start(client, vase)).status_code == 201, "behind a secret key stand many buyers"


UNSOLD: dict[str, Callable[[ProductCreate], ProductCreate]] = {
    "a draft": lambda made: replace(made, status="draft"),
    "priced in dollars alone": lambda made: replace(
        made, variants=[replace(made.variants[0], prices=[PriceIn(amount=1900, currency="USD")])]
    ),
    "an archived product": lambda made: made,
    "an archived variant": lambda made: made,
}


@pytest.mark.parametrize("what", UNSOLD)
async def test_what_is_not_for_sale_is_not_sold(
    sandbox: LocalStripe, client: httpx2.AsyncClient, db: Database, shop: Shop, vase: str, what: str
) -> None:
    price = PriceIn(amount=1900, currency="EUR")
    data = ProductCreate(title="Carafe", options=["Size"], variants=[
        VariantCreate(options={"Size": size}, available=3, prices=[price]) for size in "SM"
    ])  # fmt: skip
    async with db.transaction() as session:
        product = await products.create(session, shop, UNSOLD[what](data))
        variant = (await offers.of_product(session, shop, product.id, "EUR")).offers[0].variant_id
        if what == "an archived product":
            await products.archive(session, shop, product.id)
        if what == "an archived variant":
            await variants.archive(session, shop, variant)
    items = [{"variant_id": each, "quantity": 1} for each in (vase, variant)]
    assert expect_problem(await start(client, vase, items=items), 409, "not-for-sale")["variant_id"] == variant
    assert [await count(db, each) for each in (Checkout, Order, Hold)] == [0, 0, 0]
    assert (await client.get(f"/v1/variants/{vase}/stock")).json()["available"] == 3


async def test_a_total_that_is_not_the_expected_one_is_told_and_holds_nothing(
    sandbox: LocalStripe, client: httpx2.AsyncClient, db: Database, vase: str
) -> None:
    told = expect_problem(await start(client, vase, expected_total=1500), 409, "price-changed")
    assert (told["expected_total"], told["total"], told["currency"]) == (1500, 1900, "EUR")
    assert await count(db, Order) == 0
    assert (await start(client, vase, expected_total=1900)).status_code == 201
    for wrong in (-1, 19.5, "1900", None, 10**30):
        expect_problem(await start(client, vase, expected_total=wrong), 422, "validation-failed")


async def test_a_checkout_needs_a_key_of_its_own(
    sandbox: LocalStripe, client: httpx2.AsyncClient, db: Database, vase: str
) -> None:
    body = {"items": [{"variant_id": vase}]}
    expect_problem(await client.post("/v1/checkouts", json=body), 400, "idempotency-key-required")
    first, second = await start(client, vase, "same"), await start(client, vase, "same")
    assert (first.status_code, second.content) == (201, first.content)
    assert second.headers["idempotent-replayed"] == "true"
    assert (await start(client, vase, "same", items=[{"variant_id": vase, "quantity": 2}])).status_code == 422
    assert await count(db, Order) == 1
    assert len((await sandbox.http.get("/_local/sessions")).json()["data"]) == 1


async def test_a_refused_basket_is_an_answer_too(
    sandbox: LocalStripe, client: httpx2.AsyncClient, db: Database, vase: str
) -> None:
    wrong: dict[str, dict[str, object]] = {"unknown": {"ship_to": "Nowhere"}, "dear": {"expected_total": 1500}}
    for key, what in wrong.items():  # Refused before its key is claimed, and in the transaction that claims it.
        first, second = await start(client, vase, key, **what), await start(client, vase, key, **what)
        assert first.status_code in (409, 422)
        assert (second.content, second.headers.get("idempotent-replayed")) == (first.content, "true")
        assert (await start(client, vase, key)).status_code == 422, "another basket under the same key"
    assert await count(db, Order) == 0


async def test_ten_taps_at_once_open_one_checkout_and_then_all_agree(
    sandbox: LocalStripe, client: httpx2.AsyncClient, db: Database, vase: str
) -> None:
    answers = await asyncio.gather(*(start(client, vase, "race") for _ in range(10)))
    for answer in answers:
        if answer.status_code != 201:
            expect_problem(answer, 409, "idempotency-key-in-use")
    assert len({answer.content for answer in [*answers, await start(client, vase, "race")] if answer.is_success}) == 1
    assert await count(db, Order) == 1


async def test_a_key_of_yesterday_opens_a_new_page(
    sandbox: LocalStripe, client: httpx2.AsyncClient, db: Database, vase: str
) -> None:
    first = await start(client, vase, "k")
    async with db.transaction() as session:
        for row in ((await session.exec(select(IdempotencyKey))).one(), (await session.exec(select(Checkout))).one()):
            row.created_at -= KEPT
            session.add(row)
    second = await start(client, vase, "k")
    assert (first.status_code, second.status_code) == (201, 201)
    assert (second.json()["id"] != first.json()["id"], second.json()["url"] is not None) == (True, True)


@pytest.mark.parametrize("path", ["/v1/checkouts/", "/v1//checkouts"])
async def test_however_the_address_is_spelt_it_is_the_same_request(
    sandbox: LocalStripe, client: httpx2.AsyncClient, db: Database, vase: str, path: str
) -> None:
    body = {"items": [{"variant_id": vase, "quantity": 1}]}
    made = await client.post(path, json=body, headers={"Idempotency-Key": "same"})
    again = await start(client, vase, "same")
    assert (made.status_code, again.content, again.headers["idempotent-replayed"]) == (201, made.content, "true")
    assert await count(db, Order) == 1


async def test_a_tap_that_found_another_under_way_says_nothing_about_the_next(
    sandbox: LocalStripe, client: httpx2.AsyncClient, db: Database, vase: str
) -> None:
    """The first one fails while the second waits for its answer: a third tap with the key gets on."""
    for gap in (0.0, 0.005, 0.02):
        key = f"key {gap}"
        await sandbox.http.post("/_local/faults", json={"status": 503, "headers": {"stripe-should-retry": "false"}})
        first = asyncio.create_task(start(client, vase, key))
        await asyncio.wait({first}, timeout=gap)
        early = [await start(client, vase, key), await first]
        assert {answer.status_code for answer in early} <= {201, 409, 503}
        made = await start(client, vase, key)
        assert made.status_code == 201, made.text


async def test_what_was_bought_is_told_again_when_stripe_is_not_connected_any_more(
    sandbox: LocalStripe, client: httpx2.AsyncClient, db: Database, shop: Shop, vase: str
) -> None:
    made = await start(client, vase, "same")
    async with db.transaction() as session:
        known = await shops.get(session, shop.id)
        known.stripe_key_sealed = None
    again = await start(client, vase, "same")
    assert (again.content, again.headers["idempotent-replayed"]) == (made.content, "true")
    assert (await start(client, vase, "other")).status_code == 409


async def test_the_click_that_brought_the_buyer_is_the_orders_origin(
    sandbox: LocalStripe, client: httpx2.AsyncClient, storefront: httpx2.AsyncClient, visitor: httpx2.AsyncClient,
    vase: str,
) -> None:  # fmt: skip
    product = (await client.get(f"/v1/variants/{vase}")).json()["product_id"]
    link = (await client.post("/v1/links", json={"product_id": product, "network": "instagram"})).json()
    tap = await visitor.get(f"/l/{link['slug']}", headers={"User-Agent": PHONE})
    token = httpx2.URL(tap.headers["location"]).params["sl"]
    made = await start(storefront, vase, origin={"click_token": token})
    origin = (await client.get(f"/v1/orders/{made.json()['order_id']}/attribution")).json()
    assert (origin["network"], origin["method"], origin["confidence"]) == ("instagram", "token", "explicit")
    assert origin["link_id"] == link["id"]


async def test_a_forged_click_and_strange_words_tell_nothing(
    sandbox: LocalStripe, client: httpx2.AsyncClient, vase: str
) -> None:
    made = await start(client, vase, origin={"click_token": "A" * 51})
    origin = (await client.get(f"/v1/orders/{made.json()['order_id']}/attribution")).json()
    assert (origin["network"], origin["method"], origin["click_id"]) == ("unknown", "none", None)
    for name, wrong in (("click_token", "A" * 50), ("click_token", "é" * 51), ("utm_source", "a b"), ("network", "x")):
        expect_problem(await start(client, vase, origin={name: wrong}), 422, "validation-failed")


async def test_a_front_end_cannot_send_buyers_away_and_the_shop_itself_can(
    sandbox: LocalStripe, client: httpx2.AsyncClient, storefront: httpx2.AsyncClient, vase: str
) -> None:
    for address in (
        "https://evil.example/",
        "http://127.0.0.1:8001/",
        "http://127.0.0.1:8000@evil.example/",
        "http://127.0.0.1.evil.example/",
        "http://@gbqc{}[e",
    ):
        for name in ("success_url", "cancel_url"):
            answer = await start(storefront, vase, **{name: address})
            expect_problem(answer, 422, "bad-return-address")
    home = await start(storefront, vase, success_url="http://127.0.0.1:8000/thanks")
    assert home.status_code == 201
    away = await start(client, vase, success_url="https://shop.example/thanks")
    assert away.status_code == 201


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_nobody_names_a_price(sandbox: LocalStripe, client: httpx2.AsyncClient, db: Database, vase: str) -> None:
    item: dict[str, object] = {"variant_id": vase, "quantity": 1}
    for planted in ({"price": 1}, {"amount": 1}, {"unit_amount": 1}, {"currency": "JPY"}):
        answer = await start(client, vase, items=[item | planted])
        assert expect_problem(answer, 422, "validation-failed")["errors"]
        answer = await start(client, vase, **planted)
        expect_problem(answer, 422, "validation-failed")
    for quantity in (0, -1, 1000, 1.5, "1", 10**30, None):
        answer = await start(client, vase, items=[{"variant_id": vase, "quantity": quantity}])
        expect_problem(answer, 422, "validation-failed")
    for items in ([], [item] * 51, None, item):
        expect_problem(await start(client, vase, items=items), 422, "validation-failed")
    assert await count(db, Order) == 0


async def test_more_than_there_is_cannot_be_held(
    sandbox: LocalStripe, client: httpx2.AsyncClient, db: Database, vase: str
) -> None:
    answer = await start(client, vase, items=[{"variant_id": vase, "quantity": 2}] * 2)
    document = expect_problem(answer, 409, "out-of-stock")
    assert document["left"] == 3
    assert await count(db, Checkout) == 0
    assert (await client.get(f"/v1/variants/{vase}/stock")).json()["available"] == 3


async def test_without_stripe_the_buyer_is_asked_to_come_back_and_the_same_request_may_be_repeated(
    client: httpx2.AsyncClient, db: Database, vase: str
) -> None:
    for _ in range(2):
        answer = await start(client, vase, "same")
        expect_problem(answer, 503, "payment-provider-unavailable")
        assert int(answer.headers["retry-after"]) > 0
    assert await count(db, Order) == 1, "the order is there before Stripe is called, once"


async def test_a_shop_without_stripe_says_so_until_it_is_connected(
    sandbox: LocalStripe, client: httpx2.AsyncClient, db: Database, shop: Shop, vase: str
) -> None:
    async with db.transaction() as session:
        found = await shops.get(session, shop.id)
        sealed, found.stripe_key_sealed = found.stripe_key_sealed, None
    expect_problem(await start(client, vase, "same"), 409, "payments-not-connected")
    async with db.transaction() as session:
        (await shops.get(session, shop.id)).stripe_key_sealed = sealed
    assert (await start(client, vase, "same")).status_code == 201


async def test_a_paid_basket_is_a_paid_order(sandbox: LocalStripe, client: httpx2.AsyncClient, vase: str) -> None:
    made = (await start(client, vase)).json()
    (session,) = (await sandbox.http.get("/_local/sessions")).json()["data"]
    assert (await sandbox.pay(session["id"])).status_code == 200
    while await sandbox.carry():
        pass
    order = (await client.get(f"/v1/orders/{made['order_id']}")).json()
    assert (order["status"], order["paid"]) == ("paid", {"amount": 1900, "currency": "EUR"})
    assert (await client.get(f"/v1/checkouts/{made['id']}")).json()["status"] == "complete"


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_what_stripe_did_not_sign_is_a_400_and_leaves_nothing(
    sandbox: LocalStripe, client: httpx2.AsyncClient, visitor: httpx2.AsyncClient, db: Database, vase: str
) -> None:
    await start(client, vase)
    (session,) = (await sandbox.http.get("/_local/sessions")).json()["data"]
    await sandbox.pay(session["id"])
    while await sandbox.carry():
        pass
    genuine = sandbox.webhooks[-1]
    known = await count(db, StripeEvent)
    signature = {name.lower(): value for name, value in genuine.headers.items()}["stripe-signature"]
    bodies = (
        genuine.body + b" ", genuine.body.replace(b"1900", b"1"), b"", b"{", b"null", b"[]", b'{"id":NaN}',
        b"\xff" * 50,
        b"[" * 100_000, b'{"data":' * 20_000, b"\xef\xbb\xbf" + genuine.body, b'{"id":"evt_1","type":"x","created":1}',
    )  # fmt: skip
    for body in bodies:
        answer = await visitor.post("/webhooks/stripe", content=body, headers={"Stripe-Signature": signature})
        assert answer.status_code == 400, body[:40]
        assert answer.headers["content-type"] == "application/problem+json"
    for sign in (
        "",
        "t=1,v1=00",
        "v1=00",
        "t=,v1=",
        signature[:-1],
        "é",
        "t=" + "9" * 400,
        signature.replace("t=", "t=1"),
        "," * 9000,
    ):
        headers = {b"Stripe-Signature": sign.encode("latin-1")}
        assert (await visitor.post("/webhooks/stripe", content=genuine.body, headers=headers)).status_code == 400, sign
    assert (await visitor.post("/webhooks/stripe", content=genuine.body)).status_code == 400
    huge = await visitor.post("/webhooks/stripe", content=b" " * 2**21, headers={"Stripe-Signature": signature})
    assert huge.status_code == 413
    assert await count(db, StripeEvent) == known
    again = await sandbox.again(genuine)
    assert (again.status_code, again.json()) == (200, {"outcome": "duplicate"})


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_signed_bytes_that_are_no_event_are_a_400_and_an_event_that_nobody_can_read_is_kept(
    sandbox: LocalStripe, visitor: httpx2.AsyncClient, db: Database, shop: Shop
) -> None:
    async def send(body: bytes) -> httpx2.Response:
        signature = webhooks.sign(body, STRIPE_WEBHOOK_SECRET, int(clock.now().timestamp()))
        headers = {"Stripe-Signature": signature}
        return await visitor.post("/webhooks/stripe", content=body, headers=headers)

    for body in (b"[]", b"{", b"[" * 100_000, b'{"id":"evt_1","data":' * 20_000, b'{"id":"cs_1","type":"a"}'):
        refused = await send(body)
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (400, "bad-event")
    assert (await send(b"\xff" * 50)).status_code == 400
    assert await count(db, StripeEvent) == 0
    odd = b'{"id":"evt_1","type":"checkout.session.completed","created":1,"data":{"object":[]}}'
    for outcome in ("unreadable", "duplicate"):
        answer = await send(odd)
        assert (answer.status_code, answer.json()) == (200, {"outcome": outcome})
    assert await count(db, StripeEvent) == 1
