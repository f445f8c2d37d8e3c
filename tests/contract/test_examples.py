"""What the document shows is what it says: examples are valid, and links lead somewhere."""

import jsonschema_rs
import msgspec

from openapi import examples
from tests.contract.running import DOCUMENT

_DOCUMENT = msgspec.json.decode(DOCUMENT.read_bytes())
_OPERATIONS = {each["operationId"]: each for item in _DOCUMENT["paths"].values() for each in item.values()}


def wrong(schema: dict[str, object], value: object) -> list[str]:
    """What is the matter with a value."""
    whole = {**schema, "components": _DOCUMENT["components"]}
    return [error.message for error in jsonschema_rs.validator_for(whole).iter_errors(value)]


def test_every_example_of_a_body_is_shown_and_valid() -> None:
    for name in examples.BODIES:
        content = _OPERATIONS[name]["requestBody"]["content"]["application/json"]
        assert wrong(content["schema"], content["example"]) == [], name


def test_every_example_of_a_parameter_is_valid() -> None:
    shown = [
        (name, each) for name, operation in _OPERATIONS.items() for each in operation.get("parameters", [])
        if "example" in each
    ]  # fmt: skip
    assert {each["name"] for _, each in shown} == set(examples.PARAMETERS)
    assert [(name, each["name"]) for name, each in shown if wrong(each["schema"], each["example"])] == []


def test_every_link_leads_to_an_operation_from_a_member_of_the_answer() -> None:
    for name, following in examples.NEXT.items():
        created = _OPERATIONS[name]["responses"]["201"]
        shape = created["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]
        assert {each.member for each in following} <= _DOCUMENT["components"]["schemas"][shape]["properties"].keys()
        for target, link in created["links"].items():
            taken = {each["name"] for each in _OPERATIONS[target]["parameters"]}
            assert link["parameters"].keys() <= taken, f"{name} -> {target}"
