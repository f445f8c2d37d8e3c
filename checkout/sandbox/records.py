"""Objects in the state file: added, changed, found, listed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from checkout.sandbox import errors
from checkout.sandbox.call import Call

T = TypeVar("T", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Place:
    """How an object is found again: by status, by another object's id, and by the moment at which time changes it."""

    status: str | None = None
    reference: str | None = None
    due: int | None = None


@dataclass(slots=True)
class Query:
    """Conditions on a listing; `terms` are SQL with one placeholder each."""

    kind: str
    terms: list[str] = field(default_factory=list)
    values: list[str | int] = field(default_factory=list)

    def where(self, term: str, value: str | int | None) -> None:
        """Narrow down, unless the value is absent."""
        if value is not None:
            self.terms.append(term)
            self.values.append(value)

    def among(self, term: str, values: Sequence[str] | None) -> None:
        """Narrow down to some values, unless none are given."""
        if values is not None:
            self.terms.append(f"{term} IN ({', '.join('?' * len(values))})")
            self.values.extend(values)


def add(call: Call, kind: str, identifier: str, body: msgspec.Struct, place: Place | None = None) -> None:
    """Keep a new object of the call's account."""
    place = place or Place()
    call.db.execute(
        "INSERT INTO object (id, kind, account, created, status, reference, due, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            identifier,
            kind,
            call.account,
            call.now,
            place.status,
            place.reference,
            place.due,
            msgspec.json.encode(body),
        ),
    )


def change(call: Call, identifier: str, body: msgspec.Struct, place: Place | None = None) -> None:
    """Keep the new state of an object."""
    place = place or Place()
    call.db.execute(
        "UPDATE object SET status = ?, reference = ?, due = ?, body = ? WHERE id = ? AND account = ?",
        (place.status, place.reference, place.due, msgspec.json.encode(body), identifier, call.account),
    )


def remove(call: Call, identifier: str) -> None:
    """Forget an object."""
    call.db.execute("DELETE FROM object WHERE id = ? AND account = ?", (identifier, call.account))


def find(call: Call, kind: str, identifier: str, shape: type[T]) -> T | None:
    """The object of the call's account, or nothing."""
    row = call.db.execute(
        "SELECT body FROM object WHERE id = ? AND kind = ? AND account = ?", (identifier, kind, call.account)
    ).fetchone()
    return msgspec.json.decode(row["body"], type=shape) if row else None


def raw(call: Call, kinds: Sequence[str], identifier: str) -> bytes | None:
    """The object of the call's account as it is kept, if it is of one of these kinds."""
    row = call.db.execute(
        "SELECT kind, body FROM object WHERE id = ? AND account = ?", (identifier, call.account)
    ).fetchone()
    return bytes(row["body"]) if row and row["kind"] in kinds else None


def get(call: Call, kind: str, identifier: str, shape: type[T], param: str = "id") -> T:
    """The object of the call's account, or Stripe's 404."""
    found = find(call, kind, identifier, shape)
    if found is None:
        raise errors.missing(kind, identifier, param)
    return found


def newest(
    call: Call,
    query: Query,
    shape: type[T],
    limit: int,
    after: str | None = None,
    before: str | None = None,
) -> tuple[list[T], bool]:
    """One page, newest first, and whether there is more in that direction."""
    terms = ["account = ?", "kind = ?", *query.terms]
    values: list[str | int] = [call.account, query.kind, *query.values]
    for cursor, term, param in ((after, "seq < ?", "starting_after"), (before, "seq > ?", "ending_before")):
        if cursor is not None:
            terms.append(term)
            values.append(_position(call, query.kind, cursor, param))
    backwards = before is not None and after is None
    condition, order = " AND ".join(terms), "ASC" if backwards else "DESC"
    statement = f"SELECT body FROM object WHERE {condition} ORDER BY seq {order} LIMIT ?"  # noqa: S608  # our own terms
    rows = call.db.execute(statement, [*values, limit + 1]).fetchall()
    found: Sequence[T] = [msgspec.json.decode(row["body"], type=shape) for row in rows[:limit]]
    return list(reversed(found)) if backwards else list(found), len(rows) > limit


def _position(call: Call, kind: str, cursor: str, param: str) -> int:
    row = call.db.execute(
        "SELECT seq FROM object WHERE id = ? AND kind = ? AND account = ?", (cursor, kind, call.account)
    ).fetchone()
    if row is None:
        raise errors.missing(kind, cursor, param, status=400)
    return int(row["seq"])
