"""What an address asks for, before anybody has looked into a catalog. All permalinks become this one shape."""

import msgspec

MOST_LINES = 50
MOST_PIECES = 999
# More parameters than any campaign has; whoever sends more plays.
MOST_PARAMETERS = 200
_LONGEST_CODE = 64

Pairs = tuple[tuple[str, str], ...]


class Item(msgspec.Struct, frozen=True):
    """So many pieces of what somebody calls `name`: a variant's id or its SKU."""

    name: str
    quantity: int


class Destination(msgspec.Struct, frozen=True):
    """A path of our own site that was checked and written anew, with what follows it."""

    path: str
    query: Pairs = ()
    fragment: str = ""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What an address asks for. Nothing of it is authority: prices and stock are the catalog's.

    `passed` are parameters that go on to the page that the visitor sees, `unreadable` counts items that name nothing,
    `partial` says that something else of the address could not be taken into account.
    """

    items: tuple[Item, ...] = ()
    code: str | None = None
    country: str | None = None
    passed: Pairs = ()
    continue_to: Destination | None = None
    unreadable: int = 0
    partial: bool = False


def code_of(text: str) -> str | None:
    """A discount's code as a link carries it, or None where this cannot be one."""
    code = text.strip()
    return code if code and len(code) <= _LONGEST_CODE and code.isprintable() else None


def pieces_of(digits: str, most: int = MOST_PIECES) -> int | None:
    """A positive number written in digits, at most `most`; None where it is none."""
    if not digits.isascii() or not digits.isdigit():
        return None
    # A number of a thousand digits is many, and nothing that anybody has to convert.
    digits = digits.lstrip("0")
    return most if len(digits) > len(str(most)) else min(int(digits or "0"), most) or None
