"""What the next deliveries do: held back, sent several times, late, or lost once; kept in the state file."""

import random

import msgspec

from checkout.sandbox.call import Call
from checkout.sandbox.state import State

PLAN = "webhook_plan"


class Plan(msgspec.Struct, kw_only=True, frozen=True):
    """How deliveries are made until further notice. `delay` is seconds before the first attempt."""

    hold: bool = False
    copies: int = 1
    delay: float = 0.0


def current(call: Call) -> Plan:
    """The plan in force."""
    row = call.db.execute("SELECT value FROM remembered WHERE name = ?", (PLAN,)).fetchone()
    return msgspec.json.decode(row[0], type=Plan) if row else Plan()


def choose(state: State, plan: Plan) -> None:
    """Put a plan in force."""
    state.remember(PLAN, msgspec.json.encode(plan).decode())


def schedule(call: Call, event: str, endpoints: list[str]) -> None:
    """Plan one event's deliveries."""
    plan = current(call)
    for endpoint in endpoints:
        for _ in range(plan.copies):
            call.db.execute(
                "INSERT INTO delivery (event, endpoint, held, created, next_at) VALUES (?, ?, ?, ?, ?)",
                (event, endpoint, plan.hold, call.wall, call.wall + plan.delay),
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
