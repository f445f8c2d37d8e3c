"""Every error under /v1, from whatever layer, is one problem document."""

import itertools
import json

import httpx2
import pytest
import sqlalchemy as sa

from api.app import Application
from core.db import Database
from tests.api.surface import MEMBERS, expect_problem, methods, operations, unknown

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_an_address_that_does_not_exist_is_not_found(client: httpx2.AsyncClient) -> None:
    for method in ("GET", "POST", "PATCH", "DELETE", "BREW"):
        expect_problem(await client.request(method, "/v1/coffee"), 404, "not-found")
    assert (await client.head("/v1/coffee")).status_code == 404


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_an_unknown_id_is_not_found_on_every_route(app: Application, client: httpx2.AsyncClient) -> None:
    seen = 0
    for operation in operations(app):
        if operation.parameters:
            answer = await operation.call(client)
            slug = str(answer.json()["type"]).rpartition("/")[2]
            assert slug.endswith("not-found"), operation
            expect_problem(answer, 404, slug)
            seen += 1
    assert seen > 15


SHAPELESS = ("x", "0", "prod_", "é", "a" * 3000, "..", "%2e%2e", "'--", "%F0%9F%92%A9", "{}", "%25")


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_an_id_of_no_shape_is_not_found_and_never_an_error_of_ours(
    app: Application, client: httpx2.AsyncClient
) -> None:
    addressed = [each for each in operations(app, method="GET") if each.parameters]
    for operation, text in itertools.product(addressed, SHAPELESS):
        answer = await client.get(operation.path(dict.fromkeys(operation.parameters, text)))
        assert answer.status_code in (400, 404), operation
        assert answer.json().keys() >= MEMBERS


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_method_that_an_address_does_not_take_names_those_that_it_takes(
    app: Application, client: httpx2.AsyncClient
) -> None:
    for template, known in methods(app).items():
        path = template
        for operation in operations(app):
            if operation.template == template:
                path = operation.path()
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - known:
            answer = await client.request(method, path, headers={} if method in ("GET", "DELETE") else JSON)
            if answer.status_code == 415:  # An address for pictures wants multipart before anything else.
                continue
            expect_problem(answer, 405, "method-not-allowed")
            expected = known | {"HEAD"} if "GET" in known else known
            assert set(answer.headers["allow"].split(", ")) == expected, path


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_query_parameter_that_nobody_reads_is_refused_on_every_route(
    app: Application, client: httpx2.AsyncClient
) -> None:
    for operation in operations(app):
        answer = await operation.call(client, query="?nonsense=1")
        assert expect_problem(answer, 400, "bad-request")["parameter"] == "nonsense"


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_query_parameter_that_comes_twice_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/products?limit=1&limit=2")
    assert expect_problem(answer, 400, "bad-request")["parameter"] == "limit"


LIMITS = ("0", "101", "-1", "1.5", "a", "", "1" * 30, "1e3", "NaN", "null", "%00", "%F0%9F%92%A9")


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_every_list_bounds_its_limit(app: Application, client: httpx2.AsyncClient) -> None:
    lists = [each for each in operations(app, method="GET") if each.name.startswith("list") and not each.parameters]
    paged = [each for each in lists if each.name not in ("listFonts", "listFormats", "listTemplates")]
    assert len(paged) >= 5
    for operation, value in itertools.product(paged, LIMITS):
        expect_problem(await operation.call(client, query=f"?limit={value}"), 400, "bad-request")


CURSORS = ("x", "_", "%27--", "a" * 500, "key_01k00000000000000000000000", "%F0%9F%92%A9")


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_every_list_refuses_a_cursor_that_it_did_not_give_out(
    app: Application, client: httpx2.AsyncClient
) -> None:
    for title in ("Vase", "Bol"):
        await client.post("/v1/products", json={"title": title})
    given = (await client.get("/v1/products?limit=1")).json()["next_cursor"]
    assert len((await client.get(f"/v1/products?cursor={given}")).json()["items"]) == 1
    flipped = [given[:place] + chr(ord(given[place]) ^ 1) + given[place + 1 :] for place in range(len(given))]
    lists = [each for each in operations(app, method="GET") if each.name.startswith("list")]
    for operation, cursor in itertools.product(lists, [*CURSORS, *flipped[::6]]):
        status = (await operation.call(client, query=f"?cursor={cursor}")).status_code
        # What an unknown thing has cannot be listed, wherever one begins.
        assert status in ((400, 404) if operation.parameters else (400,)), operation
    for cursor in flipped:
        expect_problem(await client.get("/v1/products", params={"cursor": cursor}), 400, "bad-request")


PLANTED = ("shop_id", "id", "version", "created_at", "role", "__proto__", "paid")


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_no_body_takes_a_field_that_is_not_its_own(app: Application, client: httpx2.AsyncClient) -> None:
    bodiless = (
        "/cancel",
        "/expire",
        "/complete",
        "/preflight",
        "/resend",
        "/skip",
        "/take-missing",
        "/test",
        "/verify",
    )
    writing = [each for each in operations(app) if each.method in ("POST", "PUT", "PATCH")]
    taking = [each for each in writing if not each.template.endswith(bodiless) and not each.is_upload]
    assert len(taking) > 10
    for operation, planted in itertools.product(taking, PLANTED):
        headers = {"If-Match": '"1"'}
        answer = await client.request(operation.method, operation.path(), json={planted: 1}, headers=headers)
        document = expect_problem(answer, 422, "validation-failed")
        sentence = f"Object contains unknown field `{planted}`"
        assert document["errors"] == [{"pointer": f"/{planted}", "detail": sentence}], operation


WRONG: tuple[tuple[object, str], ...] = (
    ({"title": 1}, "/title"),
    ({"title": ""}, "/title"),
    ({"title": "a", "variants": [{}, {"available": -1}]}, "/variants/1/available"),
    ({"title": "a", "variants": [{"prices": [{"amount": 1.5, "currency": "EUR"}]}]}, "/variants/0/prices/0/amount"),
    ({"title": "a", "variants": [{"prices": [{"amount": 10**30}]}]}, "/variants/0/prices/0/amount"),
    ({"title": "a\u0000"}, "/title"),
    ({"title": "a\n"}, "/title"),
    ({"title": "a", "vendor": "\u202etxt"}, "/vendor"),
    ({"title": "a", "pictures": [{"asset_id": "x"}]}, "/pictures/0/asset_id"),
    ({}, "/title"),
    ([], ""),
    ("title", ""),
    (None, ""),
)


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_wrong_body_is_pointed_at(client: httpx2.AsyncClient) -> None:
    for body, pointer in WRONG:
        answer = await client.post("/v1/products", content=json.dumps(body), headers=JSON)
        document = expect_problem(answer, 422, "validation-failed")
        errors = document["errors"]
        assert isinstance(errors, list)
        assert [each["pointer"] for each in errors] == [pointer], body
        assert errors[0]["detail"]


NO_JSON = (b"", b" ", b"{", b"{}{}", b"nul", b"'a'", b"[1,]", b'{"title":"a"} x', b"\xef\xbb\xbf{}")


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_body_that_is_no_json_says_so(client: httpx2.AsyncClient) -> None:
    for body in NO_JSON:
        expect_problem(await client.post("/v1/products", content=body, headers=JSON), 400, "bad-request")


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_change_needs_the_version_that_was_read(client: httpx2.AsyncClient) -> None:
    expect_problem(await client.patch("/v1/shop", json={}), 428, "precondition-required")
    for stale in ('"7"', '"', 'W/"1"', '"1", "2"', "\u00e9", '"' + "9" * 30 + '"', "", "a" * 300):
        answer = await client.patch("/v1/shop", json={}, headers={b"If-Match": stale.encode("latin-1")})
        assert expect_problem(answer, 412, "precondition-failed")["version"] == 1


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_two_requests_never_share_an_id(client: httpx2.AsyncClient, visitor: httpx2.AsyncClient) -> None:
    answers = [
        await client.get("/v1/shop"),
        await client.get("/v1/shop"),
        await visitor.get("/v1/shop"),
        await visitor.get("/livez"),
        await visitor.get("/nowhere"),
        await visitor.post("/webhooks/stripe"),
        await visitor.get("/livez?%00"),
    ]
    names = [answer.headers["request-id"] for answer in answers]
    assert len(set(names)) == len(names)
    assert all(name.startswith("req_") for name in names)


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_what_nobody_foresaw_is_logged_under_the_request_id_and_tells_nothing(
    client: httpx2.AsyncClient, db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    async with db.transaction() as session:
        await session.execute(sa.text("DROP TABLE product CASCADE"))
    answer = await client.post("/v1/products", json={"title": "marie@example.com"})
    document = expect_problem(answer, 500, "internal-error")
    written = capsys.readouterr().err
    assert str(document["request_id"]) in written
    assert "UndefinedTable" in written
    for text in ("marie", "INSERT", "relation"):
        assert text not in written
        assert text not in answer.text


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_problem_has_a_page_that_explains_it(client: httpx2.AsyncClient, visitor: httpx2.AsyncClient) -> None:
    answer = await client.get(f"/v1/products/{unknown('prod')}")
    address = str(answer.json()["type"])
    assert (await visitor.get(address, headers={"Accept": "text/html"})).status_code == 200
