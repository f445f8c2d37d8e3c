"""The committed OpenAPI document holds together."""

import re
from pathlib import Path

import msgspec

DOCUMENT = Path(__file__).parents[2] / "openapi" / "openapi.json"


def test_every_reference_leads_to_a_component() -> None:
    text = DOCUMENT.read_text()
    components = msgspec.json.decode(text)["components"]
    references = set(re.findall(r'"#/components/([^"/]+)/([^"/]+)"', text))
    assert references
    assert [name for kind, name in references if name not in components[kind]] == []


def test_every_operation_says_what_it_does_and_by_which_scope() -> None:
    paths = msgspec.json.decode(DOCUMENT.read_bytes())["paths"]
    operations = {(path, method): each for path, item in paths.items() for method, each in item.items()}
    assert [key for key, each in operations.items() if not each.get("description") or not each.get("tags")] == []
    assert [key for key, each in operations.items() if key[0].startswith("/v1/") and not each["security"]] == []
    names = [each["operationId"] for each in operations.values()]
    assert len(set(names)) == len(names)
