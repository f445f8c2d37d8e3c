"""News that travels upward: facts written in the transaction that made them true."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import ClassVar, NamedTuple, TypeVar

import msgspec
from sqlmodel import Field

from core import clock, ids, jobs
from core.db import AsyncSession, Json, Table, UtcDateTime, insert
from core.jobs import Resources


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact in the past tense; `kind` is its name for ever, such as `order.paid`."""

    kind: ClassVar[str]


class EventRecord(Table, table=True):
    """One event as it happened. Never changed."""

    __tablename__ = "event"
    id: str = Field(primary_key=True)
    shop_id: str = Field(foreign_key="shop.id")
    kind: str
    payload: dict[str, object] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Delivery(msgspec.Struct):
    """The payload of the job that hands one event to one subscriber."""

    event: dict[str, object]
    shop_id: str


E = TypeVar("E", bound=Event)
_subscribers: dict[str, list[jobs.Handler[Delivery]]] = {}


def subscriber(
    kind: type[E], name: str
) -> Callable[[Callable[[Resources, str, E], Awaitable[None]]], Callable[[Resources, str, E], Awaitable[None]]]:
    """Register `async def f(resources, shop_id, event)`: run as a job of its own, at least once, after the commit.

    `name` says which subscriber this is and stays the same for ever.
    """

    def register(run: Callable[[Resources, str, E], Awaitable[None]]) -> Callable[[Resources, str, E], Awaitable[None]]:
        async def deliver(resources: Resources, delivery: Delivery) -> None:
            await run(resources, delivery.shop_id, msgspec.convert(delivery.event, kind))

        handler = jobs.job(f"on {kind.kind}: {name}", Delivery)(deliver)
        _subscribers.setdefault(kind.kind, []).append(handler)
        return run

    return register


class Recorded(NamedTuple):
    """What an event got when it was written: its id, its shop and its time."""

    id: str
    shop_id: str
    created_at: datetime


Witness = Callable[[AsyncSession, Recorded, Event], Awaitable[None]]
_witnesses: list[Witness] = []


def witness(see: Witness) -> Witness:
    """Register `async def f(session, recorded, event)`: run inside the transaction of every event."""
    _witnesses.append(see)
    return see


async def record(session: AsyncSession, shop_id: str, event: Event) -> None:
    """Write the event and one job per subscriber into this transaction."""
    payload: dict[str, object] = msgspec.to_builtins(event)
    recorded = Recorded(ids.new("evt"), shop_id, clock.now())
    await insert(session, EventRecord, {**recorded._asdict(), "kind": event.kind, "payload": payload})
    for handler in _subscribers.get(event.kind, ()):
        await jobs.enqueue(session, handler, Delivery(event=payload, shop_id=shop_id), shop_id=shop_id)
    for see in _witnesses:
        await see(session, recorded, event)
