"""Idempotency-Key over HTTP: one effect, one answer byte for byte; and a commit that fails is never a 201."""

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from api.app import Application
from catalog.models import Product
from core import keys
from core.db import Database
from core.idempotency import LEASE, IdempotencyKey
from core.shops import Shop
from tests.api.surface import expect_problem
from tests.conftest import calling
from tests.media.pictures import photo, saved

VASE = {"title": "Vase Lune"}
FAILING_COMMIT = {
    "postgresql": (
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} RETURN NULL; END $$",
        "CREATE CONSTRAINT TRIGGER late AFTER INSERT OR UPDATE ON {} DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION refuse()",
    ),
    "sqlite": (
        "CREATE TABLE late (x TEXT REFERENCES shop(id) DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TRIGGER late_{0} AFTER {1} ON {0} BEGIN INSERT INTO late VALUES ('nobody'); END",
    ),
}


async def post(client: httpx2.AsyncClient, key: str, body: object = VASE, query: str = "") -> httpx2.Response:
    """Make a product under a key."""
    return await client.post(f"/v1/products{query}", json=body, headers={"Idempotency-Key": key})


async def products(db: Database) -> int:
    """How many there are."""
    async with db.read() as session:
        return (await session.exec(select(sa.func.count()).select_from(Product))).one()


async def age(db: Database, by: timedelta) -> None:
    """Let so much time pass for every key."""
    async with db.transaction() as session:
        for row in (await session.exec(select(IdempotencyKey))).all():
            row.created_at -= by
            row.lease_until -= by


async def test_the_same_request_gets_the_same_bytes_and_happens_once(client: httpx2.AsyncClient, db: Database) -> None:
    first, second = await post(client, "one"), await post(client, "one")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert second.headers["etag"] == first.headers["etag"]
    assert second.headers["request-id"] != first.headers["request-id"]
    assert await products(db) == 1


async def test_another_request_under_the_key_is_refused(client: httpx2.AsyncClient, db: Database) -> None:
    await post(client, "one")
    expect_problem(await post(client, "one", {"title": "Other"}), 422, "idempotency-key-reused")
    assert await products(db) == 1


async def test_ten_at_once_make_one_product_and_then_all_agree(client: httpx2.AsyncClient, db: Database) -> None:
    answers = await asyncio.gather(*(post(client, "race") for _ in range(10)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    for answer in answers:
        if answer.status_code == 409:
            expect_problem(answer, 409, "idempotency-key-in-use")
            assert answer.headers["retry-after"] == "1"
    bodies = {(await post(client, "race")).content for _ in range(2)}
    bodies |= {answer.content for answer in answers if answer.status_code == 201}
    assert len(bodies) == 1
    assert await products(db) == 1


async def test_a_refusal_is_an_answer_too(client: httpx2.AsyncClient) -> None:
    body = VASE | {"slug": "vase"}
    await post(client, "first", body)
    refused = await post(client, "second", body)
    assert refused.status_code == 409
    again = await post(client, "second", body)
    assert (again.status_code, again.content) == (409, refused.content)
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_crash_frees_the_key_after_the_lease_and_not_before(client: httpx2.AsyncClient, db: Database) -> None:
    await post(client, "one")
    async with db.transaction() as session:  # As if the process had died with the request in hand.
        await session.execute(sa.update(IdempotencyKey).values(answer_sealed=None))
    expect_problem(await post(client, "one"), 409, "idempotency-key-in-use")
    await age(db, LEASE)
    again = await post(client, "one")
    assert again.status_code == 201
    assert "idempotent-replayed" not in again.headers
    assert (await post(client, "one")).content == again.content


async def test_after_a_day_the_key_is_free(client: httpx2.AsyncClient, db: Database) -> None:
    await post(client, "one")
    await age(db, timedelta(hours=23, minutes=59))
    expect_problem(await post(client, "one", {"title": "Other"}), 422, "idempotency-key-reused")
    await age(db, timedelta(minutes=1))
    assert (await post(client, "one", {"title": "Other"})).status_code == 201


async def test_keys_of_different_api_keys_and_addresses_do_not_meet(
    app: Application, client: httpx2.AsyncClient, db: Database, shop: Shop
) -> None:
    await post(client, "one")
    async with db.transaction() as session:
        _, token = await keys.create(session, shop)
    async with calling(app, token) as other:
        assert (await post(other, "one", {"title": "Other"})).status_code == 201
    upload = {"media_type": "image/jpeg", "bytes": 1000}
    assert (await client.post("/v1/uploads", json=upload, headers={"Idempotency-Key": "one"})).status_code == 201


async def test_a_picture_sent_again_is_the_same_request_in_spite_of_its_boundary(
    client: httpx2.AsyncClient, db: Database
) -> None:
    picture = saved(photo(600, 600))
    headers = {"Idempotency-Key": "one"}
    first, second = [
        await client.post("/v1/assets", files={"file": ("a.jpg", picture)}, headers=headers) for _ in range(2)
    ]
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["idempotent-replayed"] == "true"
    other = await client.post("/v1/assets", files={"file": ("a.jpg", picture + b"x")}, headers=headers)
    expect_problem(other, 422, "idempotency-key-reused")


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_odd_keys_are_refused_and_odd_but_legal_ones_work(client: httpx2.AsyncClient) -> None:
    for odd in (b"", b" ", b'""', b"a" * 256, b'"' + b"a" * 254 + b'"', b"\xff", "é".encode(), b"a\x01b"):
        answer = await client.post("/v1/products", json=VASE, headers={b"Idempotency-Key": odd})
        expect_problem(answer, 400, "bad-request")
    twice = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    expect_problem(await client.post("/v1/products", json=VASE, headers=twice), 400, "bad-request")
    for key in ("a" * 255, "'; DROP TABLE product", "a b", '"quoted"'):
        assert (await post(client, key)).status_code == 201


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_reads_and_changes_take_no_key(client: httpx2.AsyncClient) -> None:
    headers = {"Idempotency-Key": "one", "If-Match": "*"}
    assert (await client.get("/v1/shop", headers=headers)).status_code == 200
    versions = [(await client.patch("/v1/shop", json={}, headers=headers)).headers["etag"] for _ in range(2)]
    assert versions[0] != versions[1]


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_what_was_shut_out_may_try_again_with_the_same_key(
    app: Application, client: httpx2.AsyncClient, db: Database, shop: Shop
) -> None:
    async with db.transaction() as session:
        key, token = await keys.create(session, shop, scopes=["catalog:read"])
    async with calling(app, token) as narrow:
        expect_problem(await post(narrow, "one"), 403, "forbidden")
        async with db.transaction() as session:
            row = (await session.exec(select(keys.ApiKey).where(keys.ApiKey.id == key.id))).one()
            row.scopes = ["catalog:read", "catalog:write"]
        assert (await post(narrow, "one")).status_code == 201


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_nothing_of_the_answer_the_key_or_a_secret_lies_open_on_the_disk(
    client: httpx2.AsyncClient, db: Database, database_url: str
) -> None:
    token = client.headers["authorization"].removeprefix("Bearer ")
    answer = await client.patch("/v1/shop", json={"name": "Atelier"}, headers={"If-Match": "*"})
    await client.post(
        "/v1/links", json={"product_id": "x", "shh": "a-private-word"}, headers={"Idempotency-Key": "k-k-k"}
    )
    refused = await post(client, "secret-key-of-the-client", {"title": "a", "unknown_private_word": 1})
    assert (answer.status_code, refused.status_code) == (200, 422)
    file = Path(database_url.removeprefix("sqlite:///"))
    disk = b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*") if each.is_file())
    assert b"Atelier" in disk, "the dump sees what is there"
    for secret in ("unknown_private_word", "secret-key-of-the-client", token[16:], "whsec_" + "t" * 32, "sk_test_"):
        assert secret.encode() not in disk, secret


async def refuse_commits(db: Database, table: str, words: str = "RAISE EXCEPTION 'late';") -> None:
    """From now on, every transaction that writes to the table fails at its commit."""
    engine = "sqlite" if db.is_sqlite else "postgresql"
    first, second = FAILING_COMMIT[engine]
    async with db.transaction() as session:
        await session.execute(sa.text(first.format(words)))
        for verb in ("INSERT", "UPDATE") if db.is_sqlite else ("",):
            trigger = second.format(table, verb).replace(f"late_{table}", f"late_{verb}")
            await session.execute(sa.text(trigger))


async def allow_commits(db: Database, table: str) -> None:
    """As before."""
    names = ("late_INSERT", "late_UPDATE") if db.is_sqlite else (f"late ON {table}",)
    async with db.transaction() as session:
        for name in names:
            await session.execute(sa.text(f"DROP TRIGGER {name}"))


async def test_a_commit_that_fails_is_a_500_without_effect_and_the_key_stays_free(
    client: httpx2.AsyncClient, db: Database
) -> None:
    await refuse_commits(db, "product")
    expect_problem(await post(client, "one"), 500, "internal-error")
    expect_problem(await client.post("/v1/products", json=VASE), 500, "internal-error")
    assert await products(db) == 0
    await allow_commits(db, "product")
    made = await post(client, "one")
    assert made.status_code == 201
    assert "idempotent-replayed" not in made.headers
    assert await products(db) == 1


async def test_a_change_or_an_archiving_whose_commit_fails_has_not_happened(
    client: httpx2.AsyncClient, db: Database
) -> None:
    made = (await client.post("/v1/products", json=VASE)).json()
    path = f"/v1/products/{made['id']}"
    await refuse_commits(db, "product")
    changed = await client.patch(path, json={"title": "Other"}, headers={"If-Match": "*"})
    expect_problem(changed, 500, "internal-error")
    expect_problem(await client.delete(path), 500, "internal-error")
    assert (await client.get(path)).json() == made
    await allow_commits(db, "product")
    answer = await client.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-length" not in answer.headers


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_a_connection_that_breaks_at_the_commit_is_a_503_to_try_again(
    client: httpx2.AsyncClient, db: Database
) -> None:
    await refuse_commits(db, "product", "PERFORM pg_terminate_backend(pg_backend_pid());")
    answer = await post(client, "one")
    expect_problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "5"
    await allow_commits(db, "product")
    assert (await post(client, "one")).status_code == 201
    assert await products(db) == 1


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_a_deadlock_that_we_lose_is_a_503_to_try_again(client: httpx2.AsyncClient, db: Database) -> None:
    await refuse_commits(db, "product", "RAISE EXCEPTION 'x' USING ERRCODE = 'deadlock_detected';")
    answer = await post(client, "one")
    expect_problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "5"


async def test_a_refused_change_leaves_nothing_of_what_was_begun(client: httpx2.AsyncClient, db: Database) -> None:
    body = {"title": "Two", "variants": [{"sku": "A"}, {"sku": "A"}]}
    assert 400 <= (await client.post("/v1/products", json=body)).status_code < 500
    assert await products(db) == 0


async def test_no_request_keeps_a_connection_whatever_became_of_it(
    app: Application, client: httpx2.AsyncClient
) -> None:
    unknown = "prod_00000000000000000000000000"
    for _ in range(8):
        await client.get(f"/v1/products/{unknown}")
        await client.get("/v1/orders?limit=0")
        await client.get("/v1/orders?created_from=x")
        await client.get("/v1/orders?cursor=x")
        await client.post("/v1/products", json={"title": 1})
        await client.patch(f"/v1/products/{unknown}", json={}, headers={"If-Match": '"1"'})
        await client.delete(f"/v1/products/{unknown}")
        await post(client, "one", {"title": 1})
    pool = app.services.db.engine.pool
    assert isinstance(pool, sa.AsyncAdaptedQueuePool)
    assert pool.checkedout() == 0
    async with app.services.db.read() as session:
        assert (await session.exec(select(col(Product.id)))).all() == []
