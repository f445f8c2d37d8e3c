"""The committed OpenAPI document holds together, and says of every operation what its readers need."""

import re
from pathlib import Path
from typing import NamedTuple

import msgspec
from openapi_spec_validator import OpenAPIV31SpecValidator

DOCUMENT = Path(__file__).parents[2] / "openapi" / "openapi.json"
TEXT = DOCUMENT.read_text()
WHOLE = msgspec.json.decode(TEXT)


class Operation(NamedTuple):
    """One method of one path, as documented."""

    path: str
    method: str
    content: dict[str, object]

    @property
    def statuses(self) -> set[str]:
        """All that it may answer."""
        responses = self.content["responses"]
        assert isinstance(responses, dict)
        return set(responses)


OPERATIONS = [Operation(path, method, each) for path, item in WHOLE["paths"].items() for method, each in item.items()]
OURS = [each for each in OPERATIONS if each.path.startswith("/v1/")]


def test_the_document_is_openapi_3_1() -> None:
    problems = [f"{list(each.absolute_path)}: {each.message}" for each in OpenAPIV31SpecValidator(WHOLE).iter_errors()]
    assert (WHOLE["openapi"], problems) == ("3.1.0", [])


def test_every_reference_leads_to_a_component_and_every_component_is_used() -> None:
    references = set(re.findall(r'"#/components/([^"/]+)/([^"/]+)"', TEXT))
    named = {(kind, name) for kind in ("responses", "schemas") for name in WHOLE["components"][kind]}
    assert references == named


def test_every_operation_says_what_it_does_and_by_which_scope() -> None:
    wanted = ("summary", "description", "operationId", "tags")
    assert [(each, name) for each in OPERATIONS for name in wanted if not each.content.get(name)] == []
    assert [each for each in OPERATIONS if bool(each.content["security"]) != each.path.startswith("/v1/")] == []
    names = [str(each.content["operationId"]) for each in OPERATIONS]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch("[a-z]+(?:[A-Z][a-z]+)+", name)] == []


def test_every_heading_is_explained() -> None:
    used = {tag for each in OPERATIONS for tag in each.content["tags"]}  # type: ignore[attr-defined]  # Lists of names.
    assert used <= {each["name"] for each in WHOLE["tags"] if each["description"]}


def test_every_operation_documents_its_problems() -> None:
    always = {"400", "401", "403", "429", "503"}
    assert [each for each in OURS if not always <= each.statuses] == []
    assert [each for each in OURS if "_id}" in each.path and "404" not in each.statuses] == []
    assert [each for each in OURS if "requestBody" in each.content and not {"413", "415", "422"} <= each.statuses] == []
    # Liveness says yes to anybody and reads nothing: there is nothing to refuse.
    open_to_all = [each for each in OPERATIONS if each not in OURS and each.path != "/livez"]
    assert [each for each in open_to_all if not {"400", "503"} <= each.statuses] == []
    assert [each for each in OPERATIONS if not {"200", "201", "204"} & each.statuses] == []


def test_every_body_of_json_is_shown_by_an_example() -> None:
    bodies = [(each, each.content["requestBody"]) for each in OPERATIONS if "requestBody" in each.content]
    contents = [(each, body["content"].get("application/json")) for each, body in bodies]  # type: ignore[index]  # JSON.
    assert [each for each, content in contents if content is not None and "example" not in content] == []
