"""Front ends on other origins: which pages may call, and what they may read."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from api.app import Application
from core import keys, shops
from core.db import Database
from core.shops import Shop, ShopChange
from tests.conftest import calling

HOME = "https://boutique.example"
ELSEWHERE = [
    "null",
    "https://evil.example",
    "https://sub.boutique.example",
    "https://boutique.example.evil.example",
    "https://evilboutique.example",
    "https://boutique.example:8443",
    "http://boutique.example",
    "https://boutique.exampl",
    "https://BOUTIQUE.example",
    "https://boutique.example/",
    'https://a"',
    "*",
    "%",
]
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


@pytest.fixture
async def shop(db: Database, shop: Shop) -> Shop:
    """The shop, whose front end runs at HOME."""
    async with db.transaction() as session:
        return await shops.change(session, shop, ShopChange(origins=[HOME, "http://localhost:5173"]), None)


@pytest.fixture
async def neighbour(app: Application, db: Database) -> AsyncIterator[httpx2.AsyncClient]:
    """Calls with the publishable key of another shop, which lists another origin."""
    async with db.transaction() as session:
        other = await shops.create(session, "Autre", "EUR")
        await shops.change(session, other, ShopChange(origins=["https://autre.example"]), None)
        _, token = await keys.create(session, other, publishable=True)
    async with calling(app, token) as client:
        yield client


def slug(answer: httpx2.Response) -> str:
    """The last part of a problem's type."""
    return str(answer.json()["type"]).rsplit("/", 1)[1]


async def test_a_page_of_the_shop_reads_what_its_key_gets(storefront: httpx2.AsyncClient) -> None:
    for origin in (HOME, "http://localhost:5173"):
        answer = await storefront.get("/v1/products", headers={"Origin": origin})
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == origin
        exposed = answer.headers["access-control-expose-headers"]
        assert {"ETag", "Request-Id", "Idempotent-Replayed", "Retry-After"} <= set(exposed.split(", "))
        assert "access-control-allow-credentials" not in answer.headers
        assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize("origin", ELSEWHERE)
async def test_no_other_page_may_use_the_key_or_ask(storefront: httpx2.AsyncClient, origin: str) -> None:
    answer = await storefront.get("/v1/products", headers={"Origin": origin})
    assert (answer.status_code, slug(answer)) == (403, "origin-not-allowed")
    assert "access-control-allow-origin" not in answer.headers
    asked = await storefront.options("/v1/products", headers={"Origin": origin, **PREFLIGHT})
    assert (asked.status_code, slug(asked)) == (403, "origin-not-allowed")
    assert "access-control-allow-origin" not in asked.headers


async def test_a_listed_origin_serves_its_own_shop_only(neighbour: httpx2.AsyncClient, shop: Shop) -> None:
    assert HOME in shop.origins
    stolen = await neighbour.get("/v1/products", headers={"Origin": HOME})
    assert (stolen.status_code, slug(stolen)) == (403, "origin-not-allowed")
    assert "access-control-allow-origin" not in stolen.headers
    own = await neighbour.get("/v1/products", headers={"Origin": "https://autre.example"})
    assert own.headers["access-control-allow-origin"] == "https://autre.example"


async def test_a_preflight_needs_no_key(visitor: httpx2.AsyncClient, shop: Shop) -> None:
    answer = await visitor.options("/v1/checkouts", headers={"Origin": shop.origins[0], **PREFLIGHT})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == HOME
    assert "POST" in answer.headers["access-control-allow-methods"].split(", ")
    assert {"Authorization", "Content-Type", "Idempotency-Key", "If-None-Match"} <= set(
        answer.headers["access-control-allow-headers"].split(", ")
    )
    assert "Origin" in answer.headers["vary"]
    assert "*" not in [value for name, value in answer.headers.items() if name.startswith("access-control")]
    assert (await visitor.options("/v1/checkouts", headers={"Origin": HOME})).status_code == 401


async def test_a_page_of_a_shop_may_read_why_it_was_refused(visitor: httpx2.AsyncClient, shop: Shop) -> None:
    unknown = await visitor.get("/v1/products", headers={"Origin": shop.origins[0], "Authorization": "Bearer vt_pk_x"})
    assert (unknown.status_code, unknown.headers["access-control-allow-origin"]) == (401, HOME)
    wrong = await visitor.post("/v1/checkouts", content=b"a=1", headers={"Origin": HOME, "Content-Type": "text/plain"})
    assert (wrong.status_code, wrong.headers["access-control-allow-origin"]) == (415, HOME)
    stranger = await visitor.get("/v1/products", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in stranger.headers


async def test_a_secret_key_works_from_anywhere_and_no_page_reads_its_answer(
    client: httpx2.AsyncClient, shop: Shop
) -> None:
    for origin in ("null", "https://evil.example", shop.origins[0]):
        answer = await client.get("/v1/shop", headers={"Origin": origin})
        assert answer.status_code == 200
        assert "access-control-allow-origin" not in answer.headers


async def test_without_an_origin_a_publishable_key_works(storefront: httpx2.AsyncClient) -> None:
    answer = await storefront.get("/v1/products")
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
    assert "Origin" in answer.headers["vary"]


async def test_an_origin_comes_once(visitor: httpx2.AsyncClient, shop: Shop) -> None:
    headers = [("Origin", shop.origins[0]), ("Origin", "https://evil.example"), *PREFLIGHT.items()]
    answer = await visitor.options("/v1/products", headers=headers)
    assert answer.status_code == 400


async def test_a_page_taken_off_the_list_is_shut_out_at_once(
    client: httpx2.AsyncClient, storefront: httpx2.AsyncClient
) -> None:
    read = await client.get("/v1/shop")
    changed = await client.patch("/v1/shop", json={"origins": []}, headers={"If-Match": read.headers["etag"]})
    assert (changed.status_code, changed.json()["origins"]) == (200, [])
    assert (await storefront.get("/v1/products", headers={"Origin": HOME})).status_code == 403


@pytest.mark.parametrize(
    ("origins", "problem"),
    [
        (["https://a.example/"], "validation-failed"),
        (["https://a.example/path"], "validation-failed"),
        (["https://A.example"], "validation-failed"),
        (["https://u@a.example"], "validation-failed"),
        (["https://*.a.example"], "validation-failed"),
        (["*"], "validation-failed"),
        (["null"], "validation-failed"),
        (["https://a.example\n"], "validation-failed"),
        (["https://a.example"] * 21, "validation-failed"),
        (["http://a.example"], "bad-origin"),
        (["http://127.0.0.1.evil.example"], "bad-origin"),
        (["https://a.example:443"], "bad-origin"),
        (["https://a.example:99999"], "bad-origin"),
        (["https://[:::]"], "bad-origin"),
    ],
)
async def test_what_is_no_origin_of_a_front_end_is_refused(
    client: httpx2.AsyncClient, origins: list[str], problem: str
) -> None:
    answer = await client.patch("/v1/shop", json={"origins": origins}, headers={"If-Match": "*"})
    assert (answer.status_code, slug(answer)) == (422, problem)


async def test_origins_are_kept_each_once(client: httpx2.AsyncClient) -> None:
    wanted = ["https://b.example", "http://[::1]:3000", "https://b.example", "http://127.0.0.1:8080"]
    answer = await client.patch("/v1/shop", json={"origins": wanted}, headers={"If-Match": "*"})
    assert answer.json()["origins"] == ["https://b.example", "http://[::1]:3000", "http://127.0.0.1:8080"]
