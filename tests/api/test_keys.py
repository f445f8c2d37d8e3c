"""Keys over HTTP: made with no more than the asking key has, listed without their tokens, revoked for good."""

import httpx2
import pytest

from api.app import Application
from core import keys
from core.db import Database
from core.shops import Shop
from tests.api.surface import expect_problem
from tests.conftest import calling


async def test_a_key_is_made_works_and_is_revoked(app: Application, client: httpx2.AsyncClient) -> None:
    answer = await client.post("/v1/keys", json={"label": "Till", "scopes": ["orders:read"]})
    assert answer.status_code == 201
    made = answer.json()
    token = made.pop("token")
    assert (made["label"], made["scopes"], made["publishable"]) == ("Till", ["orders:read"], False)
    assert token.startswith(made["prefix"])
    async with calling(app, token) as till:
        assert (await till.get("/v1/orders")).status_code == 200
        expect_problem(await till.get("/v1/keys"), 403, "forbidden")
        assert (await client.delete(f"/v1/keys/{made['id']}")).status_code == 204
        assert (await client.delete(f"/v1/keys/{made['id']}")).status_code == 204
        expect_problem(await till.get("/v1/orders"), 401, "unauthorized")
    known = (await client.get(f"/v1/keys/{made['id']}")).json()
    assert known == made | {"revoked_at": known["revoked_at"]}
    assert known["revoked_at"]


async def test_the_list_shows_every_key_and_no_token(client: httpx2.AsyncClient) -> None:
    secret = (await client.post("/v1/keys", json={})).json()
    public = (await client.post("/v1/keys", json={"label": "Front end", "publishable": True})).json()
    answer = await client.get("/v1/keys")
    listed = answer.json()["items"]
    assert [each["id"] for each in listed][:2] == [public["id"], secret["id"]]
    assert len(listed) == 3, "with the one that asks"
    assert [each["publishable"] for each in listed] == [True, False, False]
    assert secret["token"] not in answer.text
    assert public["token"] not in answer.text
    assert "digest" not in answer.text


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_key_gives_no_scope_that_it_lacks(app: Application, db: Database, shop: Shop) -> None:
    async with db.transaction() as session:
        _, token = await keys.create(session, shop, scopes=["shop:read", "shop:write", "orders:read"])
    async with calling(app, token) as client:
        refused = await client.post("/v1/keys", json={"scopes": ["orders:read", "catalog:write"]})
        assert expect_problem(refused, 403, "scope-not-held")["scopes"] == ["catalog:write"]
        expect_problem(await client.post("/v1/keys", json={"publishable": True}), 403, "scope-not-held")
        same = await client.post("/v1/keys", json={})
        assert same.json()["scopes"] == ["orders:read", "shop:read", "shop:write"]
        assert len((await client.get("/v1/keys")).json()["items"]) == 2


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_nobody_locks_himself_out(client: httpx2.AsyncClient) -> None:
    own = (await client.get("/v1/keys")).json()["items"][0]["id"]
    expect_problem(await client.delete(f"/v1/keys/{own}"), 409, "key-in-use")
    assert (await client.get("/v1/shop")).status_code == 200


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_bad_wishes_are_refused(client: httpx2.AsyncClient) -> None:
    wrong: tuple[dict[str, object], ...] = (
        {"scopes": ["everything"]},
        {"scopes": []},
        {"label": "a\nb"},
        {"label": 7},
        {"token": "vt_sk_0"},
    )
    for body in wrong:
        expect_problem(await client.post("/v1/keys", json=body), 422, "validation-failed")
    both = await client.post("/v1/keys", json={"publishable": True, "scopes": ["orders:read"]})
    expect_problem(both, 422, "scopes-are-fixed")


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_repeated_request_makes_one_key(client: httpx2.AsyncClient) -> None:
    headers = {"Idempotency-Key": "till-1"}
    answers = [await client.post("/v1/keys", json={"label": "Till"}, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await client.get("/v1/keys")).json()["items"]) == 2
