"""The document's `webhooks`: every message that an endpoint may get, with the shape of its data."""

from collections.abc import Mapping
from typing import TypeAlias

from core.webhooks import deliveries, published

Node: TypeAlias = dict[str, "Value"]
Value: TypeAlias = str | int | float | bool | list["Value"] | Node | None

_WORDS = """{words}

Signed as Standard Webhooks says: `webhook-signature` is `v1,` and the Base64 of the HMAC-SHA-256 of
`webhook-id.webhook-timestamp.body` with the endpoint's secret. Answer 2xx within 5 seconds; the same `webhook-id` may
come more than once."""
_HEADERS = {
    "webhook-id": ("^evt_[0-9a-z]{26}$", "The event's id, the same however often it comes."),
    "webhook-timestamp": ("^[0-9]+$", "When this try was made, in seconds since 1970."),
    "webhook-signature": ("^v1,.+$", "One signature for each secret that is good now, separated by blanks."),
}


def types() -> list[object]:
    """The shapes of the data, for the components of the document."""
    return list(dict.fromkeys([*(each.data for each in published.every()), deliveries.TestData]))


def describe(schemas: Mapping[object, Mapping[str, object]]) -> Node:
    """The section; `schemas` refers to the components by type."""
    words = "A test that a person asked for (`POST /v1/webhook-endpoints/{endpoint_id}/test`)."
    every = [(each.name, each.words, each.data) for each in published.every()]
    told = sorted([*every, (deliveries.TEST, words, deliveries.TestData)], key=lambda each: each[0])
    return {name: {"post": _operation(name, text, schemas[data])} for name, text, data in told}


def _operation(name: str, words: str, data: Mapping[str, object]) -> Node:
    body: Node = {
        "type": "object",
        "required": ["type", "version", "timestamp", "data"],
        "properties": {
            "type": {"const": name},
            "version": {"const": published.VERSION},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {key: str(value) for key, value in data.items()},
        },
    }
    return {
        "operationId": "on" + "".join(part.capitalize() for part in name.replace(".", "_").split("_")),
        "summary": name,
        "description": _WORDS.format(words=words),
        "tags": ["Webhooks"],
        "parameters": [
            {
                "name": header,
                "in": "header",
                "required": True,
                "description": meaning,
                "schema": {"type": "string", "pattern": pattern},
            }
            for header, (pattern, meaning) in _HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"2XX": {"description": "Taken. Any other answer, or none, is tried again."}},
    }
