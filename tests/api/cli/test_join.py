"""A second instance on the same PostgreSQL and storage: whoever asks either of them asks one shop."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from core import clock, keys, shops
from core.db import Database
from tests.api.cli.instances import Pair, buy, clicks, held_back, local_stripe, tap, two
from tests.api.cli.processes import vitrine
from tests.databases import PostgresTemplates

FRESH_SECONDS = 2.0


@pytest.fixture(scope="module")
def url(postgresql_templates: PostgresTemplates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the database that both instances share."""
    with postgresql_templates.fresh(tmp_path_factory.mktemp("shared")) as url:
        yield url


@pytest.fixture(scope="module")
def stripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the local Stripe."""
    with local_stripe(tmp_path_factory.mktemp("stripe")) as address:
        yield address


@pytest.fixture(scope="module")
def pair(url: str, stripe: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two instances for all tests here."""
    with two(tmp_path_factory.mktemp("pair"), url, stripe) as pair:
        yield pair


@pytest.fixture
async def db(url: str) -> AsyncIterator[Database]:
    """The database behind both."""
    database = Database(url)
    yield database
    await database.close()


def test_it_has_the_shop_and_the_keys_of_the_first_and_a_server_and_a_spool_of_its_own(pair: Pair) -> None:
    first, second = pair.first.ready, pair.second.ready
    for same in ("secret_key", "publishable_key", "webhook_secret", "shop_id", "sandbox_url"):
        assert getattr(first, same) == getattr(second, same)
    assert first.base_url != second.base_url
    assert second.pid in pair.second.children()
    assert len(pair.second.children()) == 2, "a server and a worker: the local Stripe is the first one's"
    assert pair.b.get("/v1/shop").json() == pair.a.get("/v1/shop").json()
    product, _ = pair.product(1)
    _, path = pair.link(product)
    assert [tap(http, path, 0) for http in pair.clients] == [302, 302]
    data = pair.first.ready_file.parent / "data"
    assert all(list((data / spool).glob("*.hits")) for spool in ("spool", "instances/2/spool"))


def test_a_key_used_at_both_at_once_has_one_effect_and_one_answer(pair: Pair) -> None:
    _, variant = pair.product(20)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda each: buy(pair.clients[each % 2], variant, "race"), range(12)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert all(answer.json()["type"].endswith("-in-use") for answer in answers if answer.status_code == 409)
    later = [buy(http, variant, "race") for http in pair.clients]
    assert [answer.headers.get("idempotent-replayed") for answer in later] == ["true", "true"]
    assert len({answer.content for answer in [*answers, *later] if answer.status_code == 201}) == 1
    assert pair.stock(variant) == 19


def test_a_hundred_buyers_at_both_get_the_seven_pieces_there_are(pair: Pair, stripe: str) -> None:
    _, variant = pair.product(7)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda each: buy(pair.clients[each % 2], variant, f"buyer-{each}"), range(100)))
        assert Counter(answer.status_code for answer in answers) == {201: 7, 409: 93}
        orders = {answer.json()["order_id"] for answer in answers if answer.status_code == 201}
        assert (len(orders), pair.stock(variant)) == (7, 0)
        with held_back(stripe):
            list(pool.map(lambda order: pair.pay(stripe, order), orders))
            told = [(order, http) for http in pair.clients for order in orders]
            assert {*pool.map(lambda each: pair.deliver(stripe, *each), told)} == {200}
            assert {pair.status(order, "paid") for order in orders} == {"paid"}
    bought = [pair.b.get(f"/v1/orders/{order}").json() for order in orders]
    assert {(order["status"], order["oversold"]) for order in bought} == {("paid", False)}
    numbers = sorted(order["number"] for order in bought)
    assert numbers == list(range(numbers[0], numbers[0] + 7))
    assert pair.stock(variant) == 0


def test_the_news_of_a_payment_may_reach_either(pair: Pair, stripe: str) -> None:
    _, variant = pair.product(2)
    with held_back(stripe):
        orders = [buy(http, variant, f"paid-{number}").json()["order_id"] for number, http in enumerate(pair.clients)]
        for order, crossed in zip(orders, reversed(pair.clients), strict=True):
            pair.pay(stripe, order)
            assert pair.deliver(stripe, order, crossed) == 200
            assert pair.deliver(stripe, order, crossed) == 200
            assert pair.status(order, "paid") == "paid"
    assert [pair.status(order, "paid") for order in orders] == ["paid", "paid"]
    assert pair.stock(variant) == 0


def test_a_link_that_is_switched_off_at_one_is_off_at_the_other_within_two_seconds(pair: Pair) -> None:
    product, _ = pair.product(1)
    link, path = pair.link(product)
    assert tap(pair.b, path, 1) == 302
    off = pair.a.patch(f"/v1/links/{link}", json={"active": False}, headers={"If-Match": _etag(pair, link)})
    assert off.status_code == 200, off.text
    ended, visitor = time.monotonic() + FRESH_SECONDS, 2
    while (status := tap(pair.b, path, visitor)) == 302 and time.monotonic() < ended:
        visitor = visitor % 200 + 1
    assert status == 404


async def test_a_key_that_is_revoked_and_a_shop_that_is_changed_are_so_at_both(pair: Pair, db: Database) -> None:
    async with db.transaction() as session:
        shop = await shops.get(session, pair.first.ready.shop_id)
        key, token = await keys.create(session, shop)
    header = {"Authorization": f"Bearer {token}"}
    assert [http.get("/v1/shop", headers=header).status_code for http in pair.clients] == [200, 200]
    async with db.transaction() as session:
        await keys.revoke(session, shop, key.id, clock.now())
    assert [http.get("/v1/shop", headers=header).status_code for http in pair.clients] == [401, 401]
    etag = pair.a.get("/v1/shop").headers["etag"]
    changed = pair.a.patch("/v1/shop", json={"accent_colour": "#123456"}, headers={"If-Match": etag})
    assert changed.status_code == 200, changed.text
    assert pair.b.get("/v1/shop").json()["accent_colour"] == "#123456"


async def test_taps_on_both_are_counted(pair: Pair, db: Database) -> None:
    product, _ = pair.product(1)
    link, path = pair.link(product)
    statuses = [tap(pair.clients[each % 2], path, each) for each in range(30)]
    assert statuses == [302] * 30
    assert await clicks(db, link, 30) == 30


def test_a_picture_that_one_took_is_served_by_the_other(pair: Pair) -> None:
    file = BytesIO()
    Image.new("RGB", (64, 64), "#b4552d").save(file, "JPEG")
    made = pair.a.post("/v1/assets", files={"file": ("a.jpg", file.getvalue(), "image/jpeg")})
    assert made.status_code == 201, made.text
    path = httpx2.URL(made.json()["url"]).path
    served = [http.get(path) for http in pair.clients]
    assert [answer.status_code for answer in served] == [200, 200]
    assert served[0].content == served[1].content


def test_nobody_joins_what_is_not_there(tmp_path: Path) -> None:
    answer = vitrine("up", "--port", "0", "--join", str(tmp_path / "ready.json"))
    assert answer.returncode == 1
    assert "start the first instance" in answer.stderr
    mixed = vitrine("up", "--join", "ready.json", "--database", "sqlite:///x.db")
    assert mixed.returncode == 2


def _etag(pair: Pair, link: str) -> str:
    etag: str = pair.a.get(f"/v1/links/{link}").headers["etag"]
    return etag
