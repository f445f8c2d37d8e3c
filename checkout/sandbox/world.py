"""The local control's hand on the world: what was asked so far, and the whole state kept, brought back or emptied."""

import re
from collections import Counter
from typing import Annotated

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Meta

from checkout.sandbox import events, records
from checkout.sandbox.control import Order, answer, order_of, owner_of
from checkout.sandbox.endpoints import KIND as ENDPOINT
from checkout.sandbox.endpoints import roll
from checkout.sandbox.errors import missing
from checkout.sandbox.event_objects import Event, WebhookEndpoint
from checkout.sandbox.exchange import PlainRequest, TheDesk
from checkout.sandbox.settings import Limits

IDENTIFIER = re.compile(r"/[a-z]+_[A-Za-z0-9_]{8,}")


class Roll(Order):
    """For how many seconds the old secret still signs beside the new one."""

    expires_in: int = 86_400


class Lock(Order):
    """Which object is held by a process of Stripe's own, and for how many seconds."""

    object: str
    seconds: Annotated[float, Meta(gt=0, le=600)]


@get("/_local/limits")
async def show_limits(desk: TheDesk) -> Response[bytes]:
    """How much an account may ask for."""
    return answer(desk.gate.limits)


@post("/_local/limits", status_code=200)
async def limit(request: PlainRequest, desk: TheDesk) -> Response[bytes]:
    """How much an account may ask for from now on; what is not named is without limit."""
    desk.gate.limits = await order_of(request, Limits)
    return answer(desk.gate.limits)


@post("/_local/locks", status_code=200)
async def lock(request: PlainRequest, desk: TheDesk) -> Response[bytes]:
    """Whoever changes this object is refused for a while."""
    order = await order_of(request, Lock)
    desk.locks.seize(order.object, order.seconds)
    return answer(order)


@get("/_local/counters")
async def count(desk: TheDesk) -> Response[bytes]:
    """How often what was asked, and how many reads there were for each payment (Stripe rations them at 500)."""
    rows = desk.state.read().execute("SELECT method, path, status FROM request").fetchall()
    asked = Counter(f"{row['method']} {IDENTIFIER.sub('/{id}', row['path'])}" for row in rows)
    answers = Counter(str(row["status"]) for row in rows)
    paid = "SELECT count(*) FROM object WHERE kind = 'charge' AND status = 'succeeded'"
    payments = int(desk.state.read().execute(paid).fetchone()[0])
    reads = sum(1 for row in rows if row["method"] == "GET")
    return answer(
        {
            "requests": dict(sorted(asked.items())),
            "statuses": dict(sorted(answers.items())),
            "payments": payments,
            "reads": reads,
            "reads_per_payment": reads / payments if payments else None,
        }
    )


@post("/_local/reset", status_code=200)
async def reset(desk: TheDesk) -> Response[bytes]:
    """Forget everything but the webhook endpoints."""
    with desk.state.transaction() as db:
        db.execute("DELETE FROM object WHERE kind != ?", (ENDPOINT,))
        for table in ("idempotency", "delivery", "request", "remembered"):
            db.execute(f"DELETE FROM {table}")  # noqa: S608  # our own tables
    desk.faults.clear()
    desk.gate.limits = desk.settings.limits
    desk.locks.clear()
    desk.clock.recall()
    return answer({"now": desk.clock.now()})


@post("/_local/snapshots/{name:str}", status_code=200)
async def keep(desk: TheDesk, name: FromPath[str]) -> Response[bytes]:
    """Keep the state as it is under a name, as long as the process lives."""
    desk.snapshots[name] = desk.state.copy()
    return answer({"snapshots": sorted(desk.snapshots)})


@post("/_local/snapshots/{name:str}/restore", status_code=200)
async def restore(desk: TheDesk, name: FromPath[str]) -> Response[bytes]:
    """Go back to a state that was kept."""
    if name not in desk.snapshots:
        raise missing("snapshot", name, "name")
    desk.state.become(desk.snapshots[name])
    desk.clock.recall()
    desk.courier.wake()
    return answer({"now": desk.clock.now()})


@post("/_local/events/{event:str}/resend", status_code=200)
async def resend(desk: TheDesk, event: FromPath[str]) -> Response[bytes]:
    """Deliver an event once more to everybody who listens, as the dashboard can."""
    with desk.call(owner_of(desk, event)) as call:
        found = records.get(call, events.KIND, event, Event)
        return answer({"deliveries": events.deliver(call, found)})


@post("/_local/webhook_endpoints/{endpoint:str}/roll", status_code=200)
async def roll_secret(request: PlainRequest, desk: TheDesk, endpoint: FromPath[str]) -> Response[bytes]:
    """A new secret; the old one signs along for a while."""
    order = await order_of(request, Roll)
    with desk.call(owner_of(desk, endpoint)) as call:
        found = records.get(call, ENDPOINT, endpoint, WebhookEndpoint)
        return answer(roll(call, found, order.expires_in))


def handlers() -> list[HTTPRouteHandler]:
    """Everything here."""
    return [show_limits, limit, lock, count, reset, keep, restore, resend, roll_secret]
