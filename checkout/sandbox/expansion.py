"""`expand[]`: ids replaced by the objects they name, as deep as Stripe goes."""

from typing import cast

import msgspec

from checkout.sandbox import errors, records, session_record, totals
from checkout.sandbox.call import Call
from checkout.sandbox.errors import StripeError
from checkout.sandbox.forms import Json
from checkout.sandbox.objects import Wire

DEPTH = 4
KINDS = {
    "balance_transaction": ("balance_transaction",),
    "charge": ("charge",),
    "coupon": ("coupon",),
    "customer": ("customer",),
    "default_price": ("price",),
    "failure_balance_transaction": ("balance_transaction",),
    "latest_charge": ("charge",),
    "original_payout": ("payout",),
    "payment_intent": ("payment_intent",),
    "payment_link": ("payment_link",),
    "product": ("product",),
    "promotion_code": ("promotion_code",),
    "reversed_by": ("payout",),
    "review": ("review",),
    "shipping_rate": ("shipping_rate",),
    "source": ("charge", "dispute", "payout", "refund"),
}
SHARES = ("discounts", "taxes")
ALWAYS_ABSENT = frozenset(["application", "invoice", "setup_intent", "subscription"])


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
        node[name] = node.get(name) or _lines(call, str(node["id"]), rest)
    elif name == "total_details" and rest == ["breakdown"] and node.get("object") == "checkout.session":
        cast(dict[str, Json], node[name])["breakdown"] = _breakdown(call, str(node["id"]))
        return
    elif name in SHARES and node.get("object") == "item" and name in node:
        pass
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


def asks_for_shares(expand: list[str] | None) -> bool:
    """Whether the discounts or taxes of lines are wanted."""
    return any(step in SHARES for path in expand or [] for step in path.split("."))


def _lines(call: Call, session: str, rest: list[str]) -> Json:
    in_full = any(step in SHARES for step in rest)
    shown = session_record.with_lines(session_record.load(call, session), in_full).line_items
    return cast(Json, msgspec.json.decode(msgspec.json.encode(shown)))


def _breakdown(call: Call, session: str) -> Json:
    discounts, found = totals.breakdown(session_record.load(call, session))
    return cast(Json, msgspec.json.decode(msgspec.json.encode({"discounts": discounts, "taxes": found})))
