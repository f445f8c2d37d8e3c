"""What the next deliveries do: held back, sent several times, late, or lost once; kept in the state file."""

import random
from typing import Annotated, Literal

import msgspec

from checkout.sandbox.call import Call
from checkout.sandbox.state import State

PLAN = "webhook_plan"


class Rule(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What happens to the events of one type.

    `lost` attempts never arrive, `copies` are delivered, `delay` seconds late; `signature` is made with another secret
    or is an hour old; `twins` makes two events of one thing.
    """

    type: str
    lost: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    copies: Annotated[int, msgspec.Meta(ge=0, le=20)] = 1
    delay: Annotated[float, msgspec.Meta(ge=0, le=3 * 86_400)] = 0.0
    signature: Literal["good", "wrong", "old"] = "good"
    twins: bool = False


class Plan(msgspec.Struct, kw_only=True, frozen=True):
    """How deliveries are made until further notice. `delay` is seconds before the first attempt."""

    hold: bool = False
    copies: int = 1
    delay: float = 0.0
    rules: list[Rule] = []


def current(call: Call) -> Plan:
    """The plan in force."""
    row = call.db.execute("SELECT value FROM remembered WHERE name = ?", (PLAN,)).fetchone()
    return msgspec.json.decode(row[0], type=Plan) if row else Plan()


def choose(state: State, plan: Plan) -> None:
    """Put a plan in force."""
    state.remember(PLAN, msgspec.json.encode(plan).decode())


def rule(call: Call, happened: str) -> Rule:
    """What holds for events of this type: its own rule, else the plan for all."""
    plan = current(call)
    return next((rule for rule in plan.rules if rule.type == happened), None) or Rule(
        type=happened, copies=plan.copies, delay=plan.delay
    )


def schedule(call: Call, event: str, happened: str, endpoints: list[str]) -> int:
    """Plan one event's deliveries; gives how many they are."""
    hold, own = current(call).hold, rule(call, happened)
    for endpoint in endpoints:
        for _ in range(own.copies):
            call.db.execute(
                "INSERT INTO delivery (event, endpoint, held, created, next_at, lost, signature) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (event, endpoint, hold, call.wall, call.wall + own.delay, own.lost, own.signature),
            )
    return len(endpoints) * own.copies


def hasten(state: State, seconds: int) -> None:
    """Time has moved: whatever waits, waits that much less."""
    with state.transaction() as db:
        db.execute(
            "UPDATE delivery SET next_at = next_at - ?, created = created - ? WHERE state = 'pending' AND NOT held",
            (seconds, seconds),
        )


def release(state: State, wall: float, copies: int, seed: int | None) -> int:
    """Let go of everything held: each delivery `copies` times, all in one shuffled order; gives how many."""
    with state.transaction() as db:
        held = db.execute("SELECT * FROM delivery WHERE state = 'pending' AND held ORDER BY seq").fetchall()
        for row in held:
            for _ in range(copies - 1):
                db.execute(
                    "INSERT INTO delivery (event, endpoint, held, created, next_at) VALUES (?, ?, 1, ?, ?)",
                    (row["event"], row["endpoint"], row["created"], wall),
                )
        ready = [row["seq"] for row in db.execute("SELECT seq FROM delivery WHERE state = 'pending' AND held")]
        ready.sort()
        if seed is not None:
            random.Random(seed).shuffle(ready)  # noqa: S311  # repeatable disorder, no secret
        for place, seq in enumerate(ready):
            db.execute("UPDATE delivery SET held = 0, next_at = ?, place = ? WHERE seq = ?", (wall, place, seq))
    return len(ready)
