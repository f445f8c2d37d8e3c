"""Keys open their own shop, and only as far as their scopes go."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from api.app import Application
from core import clock, keys
from core.db import Database
from core.shops import Shop
from tests.api.surface import expect_problem, operations
from tests.conftest import calling

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])


@pytest.fixture
async def powerless(app: Application, db: Database, shop: Shop) -> AsyncIterator[httpx2.AsyncClient]:
    """Calls with a secret key that has no scope at all."""
    async with db.transaction() as session:
        _, token = await keys.create(session, shop, scopes=())
    async with calling(app, token) as client:
        yield client


async def test_without_a_key_every_route_answers_401(app: Application, visitor: httpx2.AsyncClient) -> None:
    seen = 0
    for operation in operations(app):
        answer = await operation.call(visitor)
        expect_problem(answer, 401, "unauthorized")
        assert answer.headers["www-authenticate"] == 'Bearer realm="vitrine"'
        seen += 1
    assert seen > 30


async def test_a_stranger_does_not_learn_which_addresses_exist(visitor: httpx2.AsyncClient) -> None:
    answers = [await visitor.get(path) for path in ("/v1/shop", "/v1/coffee", "/v1/orders/ord_1")]
    assert {(answer.status_code, answer.json()["detail"]) for answer in answers} == {
        (401, "Send Authorization: Bearer with an API key.")
    }


BAD_AUTHORIZATIONS = (
    "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer vt_sk_", "Bearer vt_sk_" + "0" * 60, "Bearer " + "a" * 8000,
    "Bearer é", "vt_sk_" + "0" * 60, "Bearer\tx", "Bearer x y", "\xff",
)  # fmt: skip


async def test_whatever_is_wrong_with_a_key_the_answer_is_401(visitor: httpx2.AsyncClient) -> None:
    for authorization in BAD_AUTHORIZATIONS:
        answer = await visitor.get("/v1/shop", headers={b"Authorization": authorization.encode("latin-1")})
        expect_problem(answer, 401, "unauthorized")


async def test_a_key_works_only_in_its_header(client: httpx2.AsyncClient, visitor: httpx2.AsyncClient) -> None:
    authorization = client.headers["authorization"]
    token = authorization.removeprefix("Bearer ")
    assert (await visitor.get("/v1/shop", headers={"Authorization": f"bearer {token}"})).status_code == 200
    for answer in (
        await visitor.get(f"/v1/shop?api_key={token}"),
        await visitor.get(f"/v1/shop?access_token={token}"),
        await visitor.get("/v1/shop", headers={"X-Api-Key": token}),
        await visitor.get("/v1/shop", headers={"Cookie": f"key={token}"}),
    ):
        expect_problem(answer, 401, "unauthorized")
        assert token not in answer.text


async def test_two_authorizations_are_no_authorization(client: httpx2.AsyncClient) -> None:
    authorization = client.headers["authorization"]
    headers = [("Authorization", authorization), ("Authorization", authorization)]
    async with httpx2.AsyncClient(transport=client._transport, base_url=client.base_url) as plain:
        expect_problem(await plain.get("/v1/shop", headers=headers), 400, "bad-request")


async def test_every_route_refuses_a_key_without_its_scope_and_names_it(
    app: Application, powerless: httpx2.AsyncClient
) -> None:
    for operation in operations(app):
        answer = await operation.call(powerless)
        document = expect_problem(answer, 403, "forbidden")
        assert document["scope"] == operation.scope
        assert operation.scope in str(document["detail"])


async def test_one_scope_opens_its_routes_and_no_others(app: Application, db: Database, shop: Shop) -> None:
    async with db.transaction() as session:
        _, token = await keys.create(session, shop, scopes=["orders:read"])
    async with calling(app, token) as client:
        for operation in operations(app):
            status = (await operation.call(client)).status_code
            assert (status == 403) == (operation.scope != "orders:read"), operation


async def test_a_publishable_key_reaches_the_storefront_and_nothing_else(
    app: Application, storefront: httpx2.AsyncClient
) -> None:
    open_to_all = []
    for operation in operations(app):
        answer = await operation.call(storefront)
        if operation.storefront:
            assert answer.status_code != 403, operation
            open_to_all.append(operation.name)
        else:
            expect_problem(answer, 403, "forbidden")
    assert "createCheckout" in open_to_all
    assert [name for name in open_to_all if not name.startswith(("get", "list"))] == ["createCheckout"]


async def test_a_revoked_key_is_shut_out_at_once(app: Application, db: Database, shop: Shop) -> None:
    async with db.transaction() as session:
        key, token = await keys.create(session, shop)
    async with calling(app, token) as client:
        assert (await client.get("/v1/shop")).status_code == 200
        async with db.transaction() as session:
            await keys.revoke(session, shop, key.id, clock.now())
        expect_problem(await client.get("/v1/shop"), 401, "unauthorized")


async def test_no_spelling_of_an_address_gets_past_the_guard(visitor: httpx2.AsyncClient) -> None:
    for path in ("//v1/shop", "/v1//shop", "/V1/shop", "/v1/./shop", "/%76%31/shop", "/v1%2Fshop", "/v1/shop/"):
        assert (await visitor.get(path)).status_code in (401, 404), path
