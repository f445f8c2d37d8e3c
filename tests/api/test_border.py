"""The traps of the stack (T1 to T13), each by name, over the real application and the server that it ships with."""

import contextlib
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from api.app import Application
from core import clock
from core.settings import Settings
from tests.api.cli.processes import environment
from tests.api.surface import expect_problem, operations

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings with a small limit for bodies."""
    return settings.model_copy(update={"json_max_bytes": 300_000})


async def send(client: httpx2.AsyncClient, content: bytes, path: str = "/v1/products") -> httpx2.Response:
    """A body of JSON, or of what claims to be."""
    return await client.post(path, content=content, headers=JSON)


async def test_t1_a_body_that_is_not_utf8_is_refused(client: httpx2.AsyncClient) -> None:
    for content in (b'{"title":"\xff"}', b'{"title":"\xc0\x80"}', b'{"title":"\xed\xa0\x80"}', b"\xff\xfe{\x00}\x00"):
        expect_problem(await send(client, content), 400, "bad-request")


async def test_t2_deep_nesting_is_refused_also_where_nobody_would_look(client: httpx2.AsyncClient) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    objects = b'{"a":' * 40_000 + b"1" + b"}" * 40_000
    for content in (deep, objects, b'{"title":"a","skipped":' + deep + b"}", b"[" * 40 + b"]" * 40):
        assert expect_problem(await send(client, content), 400, "bad-request")["limit"] == 32
    for content in (b"[" * 100_000, b"]" * 100_000):
        expect_problem(await send(client, content), 400, "bad-request")
    brackets = b'{"title":"' + b"[{" * 90 + b'"}'
    assert (await send(client, brackets)).status_code == 201, "brackets in a text do not nest"


async def test_t2_no_body_costs_the_square_of_its_length(client: httpx2.AsyncClient) -> None:
    begun = clock.monotonic()
    for content in (
        b"[" * 40 + b'"' + b'\\"' * 120_000,
        b'"' * 250_001,
        b"[" * 40 + b"\\" * 250_000,
        b'{"title":"' + b"[" * 200_000 + b'"}',
    ):
        assert (await send(client, content)).status_code in (400, 422)
    assert clock.monotonic() - begun < 3


async def test_t3_only_json_is_json(client: httpx2.AsyncClient) -> None:
    body = b'{"title":"a"}'
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jso",
    ):
        answer = await client.post("/v1/products", content=body, headers={"Content-Type": kind})
        assert expect_problem(answer, 415, "unsupported-media-type")["expected"] == "application/json"
    expect_problem(await client.post("/v1/products", content=body), 415, "unsupported-media-type")
    for kind in ("application/json", "application/json; charset=utf-8", "Application/JSON"):
        answer = await client.post("/v1/products", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 201
    answer = await client.post("/v1/assets", content=body, headers=JSON)
    assert expect_problem(answer, 415, "unsupported-media-type")["expected"] == "multipart/form-data"
    twice = [("Content-Type", "application/json"), ("Content-Type", "text/plain")]
    assert (await client.post("/v1/products", content=body, headers=twice)).status_code == 400


async def test_t4_a_field_that_nobody_knows_is_named(client: httpx2.AsyncClient) -> None:
    document = expect_problem(await send(client, b'{"title":"a","prise":1}'), 422, "validation-failed")
    assert "prise" in str(document["detail"])


async def test_t4_a_text_that_looks_like_a_number_is_a_text(client: httpx2.AsyncClient) -> None:
    for body in (
        b'{"title":"a","variants":[{"available":"1"}]}',
        b'{"title":"a","variants":[{"tracked":"true"}]}',
        b'{"title":"a","variants":[{"tracked":1}]}',
        b'{"title":"a","variants":[{"sku":1}]}',
        b'{"title":"a","variants":[{"weight_grams":"null"}]}',
        b'{"title":"a","variants":{"0":{}}}',
    ):
        expect_problem(await send(client, body), 422, "validation-failed")


async def test_t5_numbers_beyond_64_bits_are_refused_wherever_they_come(client: httpx2.AsyncClient) -> None:
    huge = 10**30
    made = (await client.post("/v1/products", json={"title": "a", "variants": [{}]})).json()
    variant = (await client.get(f"/v1/products/{made['id']}/variants")).json()["items"][0]["id"]
    answers = [
        await client.put(f"/v1/variants/{variant}/stock", json={"available": huge}),
        await client.put(f"/v1/variants/{variant}/prices", json={"prices": [{"amount": huge, "currency": "EUR"}]}),
        await client.post(f"/v1/variants/{variant}/stock-movements", json={"delta": -huge}),
        await send(client, b'{"title":"a","variants":[{"weight_grams":1e400}]}'),
        await send(client, b'{"title":"a","variants":[{"available":' + b"9" * 5000 + b"}]}"),
    ]
    for answer in answers:
        assert answer.status_code in (400, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
    expect_problem(await client.get(f"/v1/products?limit={huge}"), 400, "bad-request")


async def test_t6_control_characters_are_refused_in_addresses_and_bodies(client: httpx2.AsyncClient) -> None:
    for path in ("/v1/products/%00", "/v1/products?tag=%00", "/v1/products/a%0Ab", "/v1/products?tag=%1b", "/v1/%7f",
                 "/v1/products?%c2%85=1"):  # fmt: skip
        expect_problem(await client.get(path), 400, "bad-request")
    for text in (b"\\u0000", b"\\u001b", b"\\u202e", b"\\u2066", b"\\u0085"):
        expect_problem(await send(client, b'{"title":"a' + text + b'"}'), 422, "validation-failed")


async def test_t7_an_address_that_is_not_utf8_is_refused_and_a_replacement_sign_is_not(
    client: httpx2.AsyncClient,
) -> None:
    for path in ("/v1/products/%ff", "/v1/products?tag=%ff", "/v1/products/%c0%80", "/v1/products?tag=%ed%a0%80"):
        expect_problem(await client.get(path), 400, "bad-request")
    assert (await client.get("/v1/products/%EF%BF%BD")).status_code == 404


async def test_t8_no_byte_of_a_header_becomes_an_error_of_ours(client: httpx2.AsyncClient) -> None:
    for name in (
        "Authorization",
        "If-Match",
        "Idempotency-Key",
        "Content-Type",
        "Accept",
        "Accept-Language",
        "Referer",
    ):
        for value in (b"\xff", b"\xc3\xa9", b'"\x80', b"a" * 9000):
            headers = {**client.headers, **JSON, name: value.decode("latin-1")}
            raw = [(key.encode(), text.encode("latin-1")) for key, text in headers.items()]
            for method, path in (("PATCH", "/v1/shop"), ("POST", "/v1/products"), ("GET", "/v1/shop")):
                request = httpx2.Request(method, f"http://127.0.0.1:8000{path}", headers=raw, content=b"{}")
                assert (await client.send(request)).status_code < 500, (name, value)


@pytest.mark.parametrize("name", ["success_url", "cancel_url"])
async def test_t9_a_buyer_is_sent_to_clean_http_addresses_only(client: httpx2.AsyncClient, name: str) -> None:
    for address in (
        "javascript:alert(1)", "//evil.example", "/relative", "https://exämple.example/", "https://a b.example",
        "https://shop.example\\@evil.example", "https://user@shop.example", "https://shop.example/\r\nX: y",
        "https://shop.example/\n", "data:text/html,x", "https://", "http:///x",
    ):  # fmt: skip
        body = {"items": [{"variant_id": "var_00000000000000000000000000"}], name: address}
        answer = await client.post("/v1/checkouts", json=body, headers={"Idempotency-Key": "a"})
        assert answer.status_code == 422, address
        await client.post("/v1/checkouts", json=body)


async def test_t10_head_is_get_without_its_body_on_every_address(app: Application, client: httpx2.AsyncClient) -> None:
    paths = [each.path() for each in operations(app, method="GET")]
    paths += ["/livez", "/readyz", "/docs", "/openapi.json", "/", "/l/nosuchslug", "/go/nosuchslug", "/media/none.jpg"]
    for path in paths:
        get, head = await client.get(path), await client.head(path)
        assert (head.status_code, head.content) == (get.status_code, b""), path
        changing = {"request-id", "date", "content-length", "content-security-policy", "ratelimit"}
        names = {name for name in get.headers if name not in changing}
        assert {name: head.headers.get(name) for name in names} == {name: get.headers[name] for name in names}, path


FORM = {"Content-Type": "multipart/form-data; boundary=x"}
PART = b'--x\r\nContent-Disposition: form-data; name="alt_text"\r\nContent-Type: text/plain%s\r\n\r\ntext\r\n--x--\r\n'


async def test_t11_odd_uploads_are_refused(client: httpx2.AsyncClient) -> None:
    several = [(f"file{number}", (None, "a")) for number in range(20)]
    answers = {
        "wrong field": await client.post("/v1/assets", files={"picture": ("a.jpg", b"a")}),
        "no file": await client.post("/v1/assets", files={"file": (None, "a")}),
        "empty": await client.post("/v1/assets", files={"file": ("a.jpg", b"")}),
        "path": await client.post("/v1/assets", files={"file": ("../../x.png", b"no picture")}),
        "many": await client.post("/v1/assets", files=several),
        "two": await client.post("/v1/assets", files=[("file", ("a", b"a")), ("file", ("b", b"b"))]),
        "charset": await client.post("/v1/assets", content=PART % b"; charset=nonsense", headers=FORM),
        "not UTF-8": await client.post("/v1/assets", content=PART.replace(b"text", b"\xff") % b"", headers=FORM),
        "no boundary": await client.post("/v1/assets", content=b"a", headers={"Content-Type": "multipart/form-data"}),
        "no end": await client.post(
            "/v1/assets",
            content=b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n',
            headers={"Content-Type": "multipart/form-data; boundary=x"},
        ),
    }
    for name, answer in answers.items():
        assert 400 <= answer.status_code < 500, name
        assert answer.headers["content-type"] == "application/problem+json", name
    assert answers["many"].status_code == 413, answers["many"].text
    assert "x.png" not in answers["path"].text


async def test_t12_exactly_one_host_and_one_length(client: httpx2.AsyncClient) -> None:
    url, authorization = "http://127.0.0.1:8000/v1/shop", client.headers["authorization"]
    frames: list[list[tuple[str, str]]] = [
        [],
        [("host", "a"), ("host", "b")],
        [("host", "a"), ("host", "a")],
        [("host", "")],
        [("host", "a"), ("content-length", "2"), ("transfer-encoding", "chunked")],
        [("host", "a"), ("content-length", "2"), ("content-length", "2")],
    ]
    for frame in frames:
        request = httpx2.Request("PATCH", url, content=b"{}")
        request.headers = httpx2.Headers([*frame, ("authorization", authorization), *JSON.items()])
        expect_problem(await client.send(request), 400, "bad-request")


async def test_t12_a_length_that_is_no_number_or_too_large_is_refused(client: httpx2.AsyncClient) -> None:
    for length in ("300001", "9" * 30, "9" * 6000, "-1", "1.0", "+1", "0x1", ""):
        request = httpx2.Request("POST", "http://127.0.0.1:8000/v1/products", content=b"{}")
        fields = [("host", "a"), ("content-length", length), ("authorization", client.headers["authorization"])]
        request.headers = httpx2.Headers([*fields, *JSON.items()])
        assert expect_problem(await client.send(request), 413, "too-large")["limit"] == 300_000


async def test_t13_what_only_python_calls_json_is_refused(client: httpx2.AsyncClient) -> None:
    for text in (b"NaN", b"Infinity", b"-Infinity", b"1e999", b"01", b"'a'", b"True"):
        assert (await send(client, b'{"title":"a","variants":[{"weight_grams":' + text + b"}]}")).status_code in (
            400,
            422,
        )


async def test_a_body_may_be_as_large_as_the_limit_and_no_larger(client: httpx2.AsyncClient) -> None:
    fitting = b'{"title":"a"' + b" " * (300_000 - 13) + b"}"
    assert len(fitting) == 300_000
    assert (await send(client, fitting)).status_code == 201
    expect_problem(await send(client, fitting + b" "), 413, "too-large")

    async def drip() -> AsyncIterator[bytes]:
        for _ in range(400):
            yield b" " * 1000

    expect_problem(await client.post("/v1/products", content=drip(), headers=JSON), 413, "too-large")


class Server:
    """A `vitrine serve` that answers."""

    def __init__(self, port: int) -> None:
        self.port = port

    def connect(self) -> socket.socket:
        """A connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def ask(self, *parts: bytes) -> bytes:
        """All that comes back for these bytes until the server closes."""
        answer = b""
        with self.connect() as connection, contextlib.suppress(ConnectionError):
            for part in parts:
                connection.sendall(part)
            while chunk := connection.recv(65_536):
                answer += chunk
        return answer


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Server]:
    """The server that we ship, as a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    env = environment(
        VITRINE_DATABASE_URL=database_url, VITRINE_DATA_DIR=str(tmp_path / "data"), VITRINE_BODY_SECONDS="3"
    )
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port), "--tethered"]
    process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        with httpx2.Client(transport=httpx2.HTTPTransport(retries=12)) as client:
            assert client.get(f"http://127.0.0.1:{port}/livez").status_code == 200
        yield Server(port)
    finally:
        process.kill()
        process.communicate()


def test_the_wire_of_the_server_that_we_ship(server: Server) -> None:
    end = b"Host: a\r\nConnection: close\r\n"
    head = server.ask(b"HEAD /livez HTTP/1.1\r\n" + end + b"\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"content-length: 15" in head.lower()
    assert head.endswith(b"\r\n\r\n")

    for path in (b"/livez?%ff", b"/l%ffvez", b"/livez?%00", b"/v1/\xff", b"/livez?a\x00b"):
        assert server.ask(b"GET " + path + b" HTTP/1.1\r\n" + end + b"\r\n").startswith(b"HTTP/1.1 400 "), path

    for frame in (b"Host: a\r\nHost: a\r\n", b"", b"Host:\r\n"):
        request = b"GET /livez HTTP/1.1\r\nConnection: close\r\n" + frame + b"\r\n"
        assert server.ask(request).startswith(b"HTTP/1.1 400 "), frame

    for method in (b"TRACE", b"CONNECT", b"BREW"):
        assert server.ask(method + b" /livez HTTP/1.1\r\n" + end + b"\r\n").startswith(b"HTTP/1.1 4"), method


def test_a_client_that_sends_too_much_hears_why(server: Server) -> None:
    head = b"POST /v1/products HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n"
    told = server.ask(head + b"Content-Length: 1100000\r\n\r\n" + b" " * 1_100_000)
    assert told.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in told
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    counted = server.ask(head + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 20, b"0\r\n\r\n")
    assert counted.startswith(b"HTTP/1.1 413 ")


def test_a_body_that_never_ends_stops_nobody_else(server: Server) -> None:
    begun = b"POST /v1/products HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(server.connect()).sendall(begun)
        answer = server.ask(b"GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 ")


def test_two_hundred_who_send_a_byte_now_and_then_are_refused_and_hold_up_nobody(server: Server) -> None:
    head = b"POST /v1/products HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    waits = []
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(server.connect()) for _ in range(200)]
        for content in (head, b"{", b" ", b" "):
            for each in slow:
                each.sendall(content)
            begun = clock.monotonic()
            answer = server.ask(b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            waits.append(clock.monotonic() - begun)
            assert answer.startswith(b"HTTP/1.1 200 ")
        told = [each.recv(65_536) for each in slow]
    assert sorted(waits)[1] < 0.5
    assert {each.split(b"\r\n")[0] for each in told} == {b"HTTP/1.1 400 Bad Request"}
    assert all(b"too slowly" in each for each in told)
