"""`expand[]`: ids replaced by the objects they name, as deep as Stripe goes."""

from typing import cast

import msgspec

from checkout.sandbox import errors, records, session_record
from checkout.sandbox.call import Call
from checkout.sandbox.errors import StripeError
from checkout.sandbox.forms import Json
from checkout.sandbox.objects import Wire

DEPTH = 4
KINDS = {
    "balance_transaction": ("balance_transaction",),
    "charge": ("charge",),
    "failure_balance_transaction": ("balance_transaction",),
    "latest_charge": ("charge",),
    "payment_intent": ("payment_intent",),
    "product": ("product",),
    "source": ("charge", "dispute", "refund"),
}
ALWAYS_ABSENT = frozenset(
    ["application", "customer", "invoice", "payment_link", "review", "setup_intent", "subscription"]
)


def render(call: Call, wire: Wire, expand: list[str] | None) -> bytes:
    """The object as Stripe sends it, two spaces deep, with the asked fields filled."""
    encoded = msgspec.json.encode(wire)
    if expand:
        tree = cast(Json, msgspec.json.decode(encoded))
        for path in expand:
            _expand(call, tree, path.split("."), path)
        encoded = msgspec.json.encode(tree)
    return msgspec.json.format(encoded, indent=2)


def _expand(call: Call, node: Json, steps: list[str], path: str) -> None:
    if path.count(".") - path.startswith("data.") >= DEPTH:
        raise StripeError(f"You cannot expand more than {DEPTH} levels of a property (expand: {path}).", param="expand")
    if isinstance(node, list):
        for item in node:
            _expand(call, item, steps, path)
    elif isinstance(node, dict) and steps:
        _expand_field(call, node, steps, path)


def _expand_field(call: Call, node: dict[str, Json], steps: list[str], path: str) -> None:
    name, rest = steps[0], steps[1:]
    if name == "line_items" and node.get("object") == "checkout.session":
        node[name] = node.get(name) or _lines(call, str(node["id"]))
    elif name in KINDS and name in node:
        node[name] = _object(call, name, node[name])
    elif not (name in node and (name in ALWAYS_ABSENT or (rest and isinstance(node[name], dict | list)))):
        raise StripeError(f"This property cannot be expanded ({path}).", param="expand", stored=False)
    _expand(call, node[name], rest, path)


def _object(call: Call, name: str, value: Json) -> Json:
    if not isinstance(value, str):
        return value
    found = records.raw(call, KINDS[name], value)
    if found is None:
        raise errors.missing(KINDS[name][0], value, name)
    return cast(Json, msgspec.json.decode(found))


def _lines(call: Call, session: str) -> Json:
    return cast(Json, msgspec.to_builtins(session_record.with_lines(session_record.load(call, session)).line_items))
