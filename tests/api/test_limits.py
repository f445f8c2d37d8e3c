"""How often one may ask: keys that are guessed, links that are guessed, and too much of anything."""

import itertools
from collections.abc import AsyncIterator

import httpx2
import msgspec
import pytest
from stripe import WebhookSignature

from api.app import Application
from api.limits import Limit
from core import clock, keys
from core.db import Database
from core.settings import Settings
from core.shops import Shop
from tests.api.surface import expect_problem
from tests.conftest import STRIPE_WEBHOOK_SECRET, calling

UNKNOWN_KEY = "vt_sk_" + "0" * 60


@pytest.fixture
def engine() -> str:
    """The database plays no part here."""
    return "sqlite"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A known proxy, which is what the tests' client looks like; few requests a minute."""
    limits = {"rate_per_address": 60, "rate_per_key": 30, "bad_keys_per_address": 10, "lost_links_per_address": 100}
    return settings.model_copy(update={"trusted_proxies": ("127.0.0.1/32",), **limits})


@pytest.fixture
async def other_key(app: Application, db: Database, shop: Shop) -> AsyncIterator[httpx2.AsyncClient]:
    """Calls with a second secret key of the shop."""
    async with db.transaction() as session:
        _, token = await keys.create(session, shop)
    async with calling(app, token) as client:
        yield client


def forwarded(*way: str) -> dict[str, str]:
    """What a request carries that came this way, the visitor first, as each proxy has written it down."""
    return {"X-Forwarded-For": ", ".join(way)}


def guess(address: str) -> dict[str, str]:
    """What a request carries that tries a key out."""
    return forwarded(address) | {"Authorization": f"Bearer {UNKNOWN_KEY}"}


async def ask(client: httpx2.AsyncClient, quota: int, *headers: dict[str, str]) -> httpx2.Response:
    """Ask, with these headers in turn, until it is too much, and not before `quota`; the refusal.

    Places come back meanwhile, so that a slow machine gets some more answers.
    """
    begun = clock.monotonic()
    for number in range(500):
        answer = await client.get("/v1/shop", headers=headers[number % len(headers)])
        if answer.status_code == 429:
            assert quota <= number <= quota + 1 + (clock.monotonic() - begun) * quota / 60
            return answer
    raise AssertionError("never refused")


async def test_ten_wrong_keys_a_minute_come_from_one_address_and_no_more(visitor: httpx2.AsyncClient) -> None:
    forged = [guess(f"198.51.100.{number}, 203.0.113.7") for number in range(100)]
    first = await visitor.get("/v1/shop", headers=guess("203.0.113.8"))
    expect_problem(first, 401, "unauthorized")
    refused = await ask(visitor, 10, *forged)
    document = expect_problem(refused, 429, "too-many-requests")
    assert (document["limit"], document["window_seconds"], document["policy"]) == (10, 60, "bad-keys")
    assert 1 <= int(refused.headers["retry-after"]) <= 6
    expect_problem(await visitor.get("/v1/shop", headers=guess("203.0.113.9")), 401, "unauthorized")


async def test_who_guesses_beside_a_good_key_does_not_lock_it_out(
    client: httpx2.AsyncClient, other_key: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    office = forwarded("203.0.113.7")
    assert (await client.get("/v1/shop", headers=office)).status_code == 200
    await ask(visitor, 10, guess("203.0.113.7"))
    assert (await client.get("/v1/shop", headers=office)).status_code == 200
    await ask(visitor, 0, guess("203.0.113.7"))
    expect_problem(await other_key.get("/v1/shop", headers=office), 429, "too-many-requests")


async def test_every_answer_tells_what_is_left_and_a_key_has_its_own_share(
    client: httpx2.AsyncClient, other_key: httpx2.AsyncClient
) -> None:
    first = await client.get("/v1/shop", headers=forwarded("203.0.113.1"))
    assert first.headers["ratelimit-policy"] == '"address";q=60;w=60, "key";q=30;w=60'
    assert first.headers["ratelimit"] == '"address";r=59;t=1, "key";r=29;t=2'
    refused = await ask(client, 29, *(forwarded(f"203.0.113.{number}") for number in range(2, 200)))
    assert expect_problem(refused, 429, "too-many-requests")["policy"] == "key"
    assert '"key";r=0;t=' in refused.headers["ratelimit"]
    assert (await other_key.get("/v1/shop")).status_code == 200


async def test_no_visitor_uses_up_what_others_may_ask_with_the_same_publishable_key(
    storefront: httpx2.AsyncClient,
) -> None:
    begun, answers = clock.monotonic(), []
    while 429 not in answers:
        answers.append((await storefront.get("/v1/products", headers=forwarded("203.0.113.1"))).status_code)
    assert 30 < len(answers) <= 32 + (clock.monotonic() - begun) / 2
    assert (await storefront.get("/v1/products", headers=forwarded("203.0.113.2"))).status_code == 200


async def test_an_address_has_its_share_whatever_keys_it_uses(
    client: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    one, other = forwarded("2001:db8::1"), forwarded("2001:db8::2")
    for headers in (one, other):
        assert (await client.get("/v1/shop", headers=headers)).status_code == 200
    document = expect_problem(await ask(visitor, 58, one, other), 429, "too-many-requests")
    assert document["policy"] == "address"
    assert (await visitor.get("/readyz", headers=one)).status_code == 200


@pytest.mark.parametrize("path", ["/l/", "/go/"])
async def test_two_thousand_guesses_of_links_are_stopped_and_known_links_still_lead_on(
    client: httpx2.AsyncClient, visitor: httpx2.AsyncClient, path: str
) -> None:
    product = (await client.post("/v1/products", json={"title": "Vase", "status": "active"})).json()["id"]
    slug = (await client.post("/v1/links", json={"product_id": product})).json()["slug"]
    assert (await visitor.get(f"/l/{slug}")).status_code == 302
    begun = clock.monotonic()
    found = [
        await visitor.get(f"{path}{number + 22222222}", headers=forwarded(f"198.51.100.{number % 256}", "203.0.113.7"))
        for number in range(2000)
    ]
    statuses = [each.status_code for each in found]
    assert statuses[:100] == [404] * 100
    assert set(statuses) == {404, 429}
    assert statuses.count(404) <= 101 + 100 / 60 * (clock.monotonic() - begun)
    assert {each.headers["retry-after"] for each in found if each.status_code == 429} == {"1"}
    assert (await visitor.get(f"/l/{slug}", headers=forwarded("203.0.113.7"))).status_code == 302
    assert (await visitor.get(f"{path}22222222", headers=forwarded("203.0.113.8"))).status_code == 404


async def test_true_addresses_that_have_nothing_to_show_are_no_guesses(
    client: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    product = (await client.post("/v1/products", json={"title": "Vase", "status": "draft"})).json()
    link = (await client.post("/v1/links", json={"product_id": product["id"]})).json()
    shop = (await client.get("/v1/shop")).json()["slug"]
    carrier = forwarded("203.0.113.7")
    for path in (f"/go/{link['slug']}", f"/s/{shop}/{product['slug']}", f"/oembed?url={link['url']}"):
        for accept in ("text/html", "*/*"):
            statuses = [(await visitor.get(path, headers=carrier | {"accept": accept})).status_code for _ in range(75)]
            assert statuses == [404] * 75
    assert (await visitor.get(f"/s/{shop}", headers=carrier)).status_code == 200
    assert (await visitor.get(f"/s/{shop}/nothing", headers=carrier)).status_code == 404


def test_places_come_back_evenly() -> None:
    limit = Limit("any", 6)
    assert [limit.take("a", 100.0).wait for _ in range(8)] == [0, 0, 0, 0, 0, 0, 10, 10]
    assert (limit.look("a", 109.0).wait, limit.take("a", 110.0), limit.take("a", 110.0).wait) == (1, (0, 60, 0), 10)
    assert limit.take("b", 110.0) == (5, 10, 0)
    assert limit.take("a", 170.0) == (5, 10, 0)


def test_who_was_not_seen_for_longest_is_forgotten_first() -> None:
    limit = Limit("any", 1, most=2)
    for who in ("a", "b", "a", "c"):
        limit.take(who, 0.0)
    assert [limit.look(who, 1.0).wait for who in "abc"] == [0, 59, 59]


def test_no_quota_is_no_limit() -> None:
    limit = Limit("any", 0)
    assert {limit.take("a", 1.0).wait for _ in range(100)} == {0}


async def test_whoever_forges_webhooks_waits_and_the_shops_hear_theirs(
    app: Application, visitor: httpx2.AsyncClient, shop: Shop
) -> None:
    quota = app.settings.bad_signatures_per_address

    async def send(address: str, secret: str, **about: str) -> httpx2.Response:
        told = {"id": "x", "metadata": about}
        number = next(numbers)
        body = msgspec.json.encode(
            {"id": f"evt_{number}", "type": "charge.updated", "created": 1, "data": {"object": told}}
        )
        made = WebhookSignature.generate_signature_header(body.decode(), secret)
        headers = {"Stripe-Signature": made} | forwarded(address)
        return await visitor.post("/webhooks/stripe", content=body, headers=headers)

    numbers = itertools.count()
    refused = [(await send("203.0.113.7", "whsec_guessed", shop=shop.id)).status_code for _ in range(quota)]
    assert set(refused) == {400}
    while (flood := await send("203.0.113.7", "whsec_guessed", shop=shop.id)).status_code == 400:
        assert next(numbers) < 500
    assert (flood.status_code, flood.json()["policy"]) == (429, "bad-signatures")
    assert int(flood.headers["retry-after"]) >= 1
    assert (await send("203.0.113.7", STRIPE_WEBHOOK_SECRET, shop=shop.id)).json() == {"outcome": "ignored"}
    assert (await send("203.0.113.8", STRIPE_WEBHOOK_SECRET)).json() == {"outcome": "ignored"}
