"""Lists as Stripe pages them: newest first, cursors by id, `has_more`."""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from checkout.sandbox import expansion, records
from checkout.sandbox.call import Call
from checkout.sandbox.objects import Wire
from checkout.sandbox.session_parameters import CreatedRange, Listing

T = TypeVar("T", bound=msgspec.Struct)
COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


class WireList(Wire, kw_only=True):
    """One page of a list."""

    object: str = "list"
    data: list[msgspec.Raw]
    has_more: bool
    url: str


def page(call: Call, query: records.Query, params: Listing, shape: type[T]) -> tuple[list[T], bool]:
    """One page of a query under Stripe's list parameters, and whether there is more."""
    during(query, "created", params.created)
    return records.newest(call, query, shape, params.limit, params.starting_after, params.ending_before)


def during(query: records.Query, moment: str, wanted: int | CreatedRange | None) -> None:
    """Narrow a query down to a moment, or to what lies between two; `moment` is SQL."""
    if isinstance(wanted, CreatedRange):
        for name, sign in COMPARISONS.items():
            query.where(f"{moment} {sign} ?", getattr(wanted, name))
    else:
        query.where(f"{moment} = ?", wanted)


def render(call: Call, found: Sequence[Wire], more: bool, url: str, expand: list[str] | None) -> bytes:
    """The list as it travels."""
    data = [msgspec.Raw(msgspec.json.encode(item)) for item in found]
    return expansion.render(call, WireList(data=data, has_more=more, url=url), expand)
