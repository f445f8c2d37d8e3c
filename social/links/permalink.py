"""UCP permalinks, `/buy/{items}?{query}` (capability `dev.ucp.shopping.permalink`, specification of 2026-08-25).

Items are `token:quantity` pairs; the query names fields of a basket by JSON Pointers without their first slash, such as
`discounts/codes/0`. What comes twice is taken by neither of its values, whatever its order: nothing here depends on who
stands last. Fields that a permalink cannot set are taken out of the address and forgotten.
"""

import binascii
import re
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import defaultdict
from collections.abc import Mapping
from urllib.parse import unquote_plus

import msgspec

from core.settings import Settings
from social.links import destinations, origin, passing
from social.links.errors import MalformedPermalink
from social.links.wanted import MOST_LINES, MOST_PARAMETERS, MOST_PIECES, Item, Pairs, Wanted, code_of, pieces_of

CAPABILITY = "dev.ucp.shopping.permalink"
VERSION = "2026-08-25"
# The top-level fields of UCP's cart and checkout, of its extensions that a basket could have, and of the capability.
ROOTS = frozenset(
    (
        "ucp", "id", "line_items", "buyer", "context", "signals", "attribution", "status", "currency", "totals",
        "actions", "messages", "links", "policies", "expires_at", "continue_url", "payment", "order", "discounts",
        "fulfillment", "continue_to",
    )
)  # fmt: skip
_CONTINUE = "continue_to"
_PAIR = re.compile(r"(?:(?P<raw>[A-Za-z0-9._-]+)|~(?P<coded>[A-Za-z0-9_-]+)):(?P<quantity>[1-9][0-9]*)")
_INDEX = re.compile("0|[1-9][0-9]{0,3}")
_COUNTRY = re.compile("[A-Z]{2}")
_UTM = re.compile("utm_[a-z_]{1,40}")

Pointer = tuple[str, ...]


class _Query(msgspec.Struct):
    """A query taken apart: UCP's fields by their pointers, the destination, and everybody else's parameters."""

    fields: dict[Pointer, str]
    continue_to: str | None
    others: list[tuple[str, str]]
    contradicts: bool


def profile(settings: Settings, endpoint: str) -> dict[str, object]:
    """What stands at `/.well-known/ucp`; `endpoint` is a path of ours.

    The capability needs an https address: an installation without one has none to tell of.
    """
    declared: dict[str, object] = {}
    if settings.public_url.startswith("https://"):
        declared[CAPABILITY] = [
            {
                "version": VERSION,
                "spec": f"https://ucp.dev/{VERSION}/specification/permalink",
                "schema": f"https://ucp.dev/{VERSION}/schemas/shopping/permalink.json",
                "config": {"endpoint": settings.public_url + endpoint},
            }
        ]
    return {"ucp": {"version": VERSION, "services": {}, "capabilities": declared, "payment_handlers": {}}}


def read(items: str, query: str) -> Wanted:
    """What a permalink asks for; both parts raw, as they stood in the address.

    Refuses MalformedPermalink for a token that is none, and for a query that cannot be read.
    """
    listed = items_of(items) if items else []
    asked = _query(query)
    partial = asked.contradicts
    if not items:
        listed = _line_items(asked.fields)
        partial = partial or _miscounts(asked.fields)
    codes = [asked.fields[each] for each in sorted(asked.fields, key=_place) if _is_code(each)]
    code = next((known for each in codes if (known := code_of(each))), None)
    country = asked.fields.get(("context", "address_country"), "")
    partial = partial or len(codes) > 1 or len(listed) > MOST_LINES or _asks_for_more(asked.fields)
    return Wanted(
        items=tuple(listed[:MOST_LINES]),
        code=code,
        country=country if _COUNTRY.fullmatch(country) else None,
        passed=_passed(asked),
        continue_to=destinations.read(asked.continue_to) if asked.continue_to is not None else None,
        partial=partial,
    )


def items_of(text: str) -> list[Item]:
    """The items of the compact path; refuses MalformedPermalink for the first that is none."""
    return [_item(each) for each in text.split(",")]


def token_of(name: str) -> str:
    """An identifier as the compact path writes it."""
    if re.fullmatch(r"[A-Za-z0-9._-]+", name):
        return name
    return "~" + urlsafe_b64encode(name.encode()).decode().rstrip("=")


def _item(text: str) -> Item:
    found = _PAIR.fullmatch(text)
    if found is None:
        raise MalformedPermalink("Items are written `token:quantity`, with commas between.")
    name = found["raw"] if found["raw"] is not None else _decoded(found["coded"])
    return Item(name, pieces_of(found["quantity"]) or MOST_PIECES)


def _decoded(coded: str) -> str:
    """What stands behind a `~`; exactly one spelling of it is taken: base64 leaves bits of its last sign open."""
    try:
        raw = urlsafe_b64decode(coded + "=" * (-len(coded) % 4))
        text = raw.decode()
    except (binascii.Error, UnicodeDecodeError):
        raise MalformedPermalink("What follows `~` is the base64url of a UTF-8 text.") from None
    if urlsafe_b64encode(raw).decode().rstrip("=") != coded:
        raise MalformedPermalink("What follows `~` is not canonical base64url.")
    if any(unicodedata.category(sign) == "Cc" for sign in text):
        raise MalformedPermalink("An identifier holds no control characters.")
    return text


def _query(text: str) -> _Query:
    values: dict[Pointer, list[str]] = defaultdict(list)
    others: list[tuple[str, str]] = []
    continues: list[str] = []
    pieces = [each.partition("=") for each in text.split("&") if each]
    if len(pieces) > MOST_PARAMETERS:
        raise MalformedPermalink(f"At most {MOST_PARAMETERS} parameters.", limit=MOST_PARAMETERS)
    try:
        for raw_name, _, raw in pieces:
            name, value = unquote_plus(raw_name, errors="strict"), unquote_plus(raw, errors="strict")
            pointer = _pointer(name)
            if name == _CONTINUE:
                continues.append(raw)
            elif pointer[0] in ROOTS:
                values[pointer].append(value)
            else:
                others.append((name, value))
    except UnicodeDecodeError:
        raise MalformedPermalink("The query is not valid UTF-8.") from None
    return _Query(
        fields={pointer: given[0] for pointer, given in values.items() if len(given) == 1},
        continue_to=continues[0] if len(continues) == 1 else None,
        others=others,
        contradicts=any(len(given) > 1 for given in values.values()),
    )


def _pointer(name: str) -> Pointer:
    """The tokens of a JSON Pointer (RFC 6901) that lacks its first slash, or has it."""
    return tuple(each.replace("~1", "/").replace("~0", "~") for each in name.lstrip("/").split("/"))


def _line_items(fields: Mapping[Pointer, str]) -> list[Item]:
    """The items that the query names, where the path names none."""
    found = []
    for pointer in sorted(fields, key=_place):
        if _is_line(pointer, "item", "id"):
            quantity = fields.get((*pointer[:2], "quantity"), "1")
            found.append(Item(fields[pointer], pieces_of(quantity) or 1))
    return found


def _miscounts(fields: Mapping[Pointer, str]) -> bool:
    """Whether a line's quantity is no quantity."""
    return any(_is_line(each, "quantity") and pieces_of(fields[each]) is None for each in fields)


def _asks_for_more(fields: Mapping[Pointer, str]) -> bool:
    """Whether the link wants what no basket of ours has: a selling plan, a pickup, another way to deliver."""
    return any(
        pointer[0] == "fulfillment"
        or (pointer[0] == "line_items" and not _is_line(pointer, "item", "id") and not _is_line(pointer, "quantity"))
        for pointer in fields
    )


def _is_line(pointer: Pointer, *rest: str) -> bool:
    return (
        pointer[:1] == ("line_items",)
        and pointer[2:] == rest
        and len(pointer) > 1
        and _INDEX.fullmatch(pointer[1]) is not None
    )


def _is_code(pointer: Pointer) -> bool:
    return len(pointer) == 3 and pointer[:2] == ("discounts", "codes") and _INDEX.fullmatch(pointer[2]) is not None


def _place(pointer: Pointer) -> list[tuple[int, str]]:
    """Where a field stands among others: positions in a list in the order of their numbers."""
    return [(int(each) if _INDEX.fullmatch(each) else -1, each) for each in pointer]


def _passed(asked: _Query) -> Pairs:
    """What goes on: everybody else's parameters, and what UCP says of the origin, under its usual name."""
    told = {
        pointer[1]: value
        for pointer, value in asked.fields.items()
        if len(pointer) == 2 and pointer[0] == "attribution" and _is_origin(pointer[1])
    }
    # What UCP says outdoes what stands beside it, wherever it stands.
    return passing.passing((*((name, value) for name, value in asked.others if name not in told), *told.items()))


def _is_origin(name: str) -> bool:
    return name == "ref" or _UTM.fullmatch(name) is not None or origin.is_click_id(name)
