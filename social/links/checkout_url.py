"""Meta's checkout URL: `/checkout?products=ID:QTY,…&coupon=…&cart_origin=…` (Meta Commerce, 2025-12-17).

Nothing here is refused: an item that cannot be read is told of on the page, beside those that can.
"""

from collections.abc import Sequence
from urllib.parse import parse_qsl, unquote

from social.links import passing
from social.links.errors import MalformedPermalink
from social.links.wanted import MOST_LINES, MOST_PARAMETERS, Item, Wanted, code_of, pieces_of

_MOST_PIECES = 99
_OURS = frozenset(("products", "coupon", "products_json"))


def read(query: str) -> Wanted:
    """What the address asks for; `query` is raw. Refuses MalformedPermalink for one that is not text."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise MalformedPermalink(f"At most {MOST_PARAMETERS} parameters, in UTF-8.", limit=MOST_PARAMETERS) from None
    pieces = [each.strip() for value in _all(pairs, "products") for each in value.split(",") if each.strip()]
    items = [item for each in pieces if (item := _item(each))]
    coupons = {code for each in _all(pairs, "coupon") if (code := code_of(each))}
    return Wanted(
        items=tuple(items[:MOST_LINES]),
        code=next(iter(coupons)) if len(coupons) == 1 else None,
        passed=passing.passing((name, value) for name, value in pairs if name not in _OURS),
        unreadable=len(pieces) - len(items),
        partial=len(items) > MOST_LINES or len(coupons) > 1 or any(map(_has_options, _all(pairs, "products_json"))),
    )


def _item(text: str) -> Item | None:
    """`ID:QTY`; a bare `ID` is one piece. Meta's ids hold no colon, so the last one parts them."""
    name, _, digits = text.rpartition(":") if ":" in text else (text, ":", "1")
    quantity = pieces_of(digits.strip(), _MOST_PIECES)
    return Item(name.strip(), quantity) if name.strip() and quantity else None


def _has_options(text: str) -> bool:
    """Whether something is asked for that no basket of ours has: a selling plan, a store to pick up from.

    The parameter is escaped twice.
    """
    plain = unquote(text) if "%" in text else text
    return plain.strip() not in ("", "{}", "null")


def _all(pairs: Sequence[tuple[str, str]], wanted: str) -> list[str]:
    return [value for name, value in pairs if name == wanted]
