"""Which events go out, and as what: an open registry.

A room declares below one of its events what the world gets to see of it::

    @published.publish(OrderPaid, subject=lambda event: event.order_id)
    async def order_paid(session: AsyncSession, shop_id: str, event: OrderPaid) -> PaidOut: ...

and that is all: endpoints may ask for `order.paid`, it goes out, and the document describes it. The function runs in
the transaction of the event, after it was recorded; it reads and changes nothing.
"""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar, cast, get_type_hints

import msgspec

from core import wire
from core.db import AsyncSession
from core.events import Event
from core.wire import Out

VERSION = 1
E = TypeVar("E", bound=Event)
O = TypeVar("O", bound=Out)  # noqa: E741  # As in Out.
Show = Callable[[AsyncSession, str, E], Awaitable[O]]


class Published(msgspec.Struct, frozen=True):
    """One type of event as it goes out: its name, what it means, the shape of its data, and what it is about."""

    name: str
    words: str
    data: type[Out]
    subject: Callable[[Event], str]
    show: Callable[[AsyncSession, str, Event], Awaitable[Out]]


class Envelope(Out, kw_only=True, frozen=True):
    """What is sent: the type of the event, the version of these shapes, when it happened, and its data."""

    type: str
    version: int
    timestamp: datetime
    data: Out


_published: dict[str, Published] = {}


def publish(event: type[E], *, subject: Callable[[E], str]) -> Callable[[Show[E, O]], Show[E, O]]:
    """Register `async def f(session, shop_id, event) -> Out`; deliveries about one `subject` keep their order."""

    def register(show: Show[E, O]) -> Show[E, O]:
        if event.kind in _published:
            raise ValueError(f"{event.kind!r} is published twice.")
        data = get_type_hints(show)["return"]
        words = inspect.cleandoc(event.__doc__ or "")
        _published[event.kind] = Published(
            event.kind,
            words,
            data,
            cast(Callable[[Event], str], subject),
            cast(Callable[[AsyncSession, str, Event], Awaitable[Out]], show),
        )
        return show

    return register


def every() -> Sequence[Published]:
    """All types of events that go out, by name."""
    return [_published[name] for name in sorted(_published)]


def of(name: str) -> Published | None:
    """The type of this name, or None where such events stay inside."""
    return _published.get(name)


def body(name: str, timestamp: datetime, data: Out) -> str:
    """The JSON that is sent, the same at every try."""
    return wire.encode(Envelope(type=name, version=VERSION, timestamp=timestamp, data=data)).decode()
