"""What Stripe keeps of a shop: its events, its sessions and every movement of money, a page at a time.

Reads are rationed (`checkout.stripe.ration`), so every list here has a beginning in time and, where strangers may make
it long, an end of its pages.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, TypeVar, cast

import msgspec
from msgspec import Meta
from stripe import StripeObject
from stripe.params import BalanceTransactionListParams, EventListParams
from stripe.params.checkout import SessionListParams

from checkout.stripe.client import Gateway, call, read
from checkout.stripe.sessions import Name, Second, SessionFacts
from core.shops import Shop

_PAGE = 100
# A balance knows no such bound as a charge does; what is more than this no database could keep.
Balance = Annotated[int, Meta(ge=-(2**61), le=2**61)]
T = TypeVar("T")


class Source(msgspec.Struct, frozen=True):
    """What moved the money: a charge, refund or dispute; the first two and disputes name their payment intent."""

    id: Name = ""
    payment_intent: Name | None = None


class Movement(msgspec.Struct, frozen=True):
    """One balance transaction: `net` is `amount` less `fee`, in the minor unit of the balance's currency."""

    id: Name
    amount: Balance
    fee: Balance
    net: Balance
    currency: Name
    type: Name
    created: Second
    reporting_category: Name = ""
    source: Source | Name | None = None


class Pages:
    """How many pages of a list may be read at `most`, `after` the object with this id, and for how many `seconds`; None
    sets no bound.

    Where that is not enough, the list `is_cut`, and goes on after another object. `unreadable` are the ids of what had
    not the documented shape.
    """

    def __init__(self, most: int | None = None, after: str | None = None, seconds: float | None = None) -> None:
        self.most, self.after = most, after
        self._until = None if seconds is None else asyncio.get_running_loop().time() + seconds
        self.read = 0
        self.is_cut = False
        self.unreadable: list[str] = []

    def turn(self, last: str) -> bool:
        """Whether the page may be read that follows this `last` object."""
        self.read, self.after = self.read + 1, last
        late = self._until is not None and asyncio.get_running_loop().time() > self._until
        self.is_cut = late or (self.most is not None and self.read >= self.most)
        return not self.is_cut


async def undelivered(
    gateway: Gateway, shop: Shop, types: Sequence[str], since: datetime, pages: Pages
) -> AsyncIterator[dict[str, object]]:
    """Events of these types, made since then, that some webhook endpoint has not taken, newest first."""
    asked = {"types": list(types), "delivery_success": False, "created": {"gte": _epoch(since)}, "limit": _PAGE}
    listed = gateway.client(shop).v1.events
    async for each in _every(lambda page: call(listed.list_async(cast(EventListParams, page))), asked, pages):
        yield each


async def movements(gateway: Gateway, shop: Shop, since: datetime, pages: Pages) -> AsyncIterator[Movement]:
    """Every movement of money since then, with what moved it, newest first."""
    asked = {"created": {"gte": _epoch(since)}, "expand": ["data.source"], "limit": _PAGE}
    listed = gateway.client(shop).v1.balance_transactions.list_async
    async for each in _every(lambda page: call(listed(cast(BalanceTransactionListParams, page))), asked, pages):
        if (movement := _read_apart(each, Movement, pages)) is not None:
            yield movement


async def sessions(
    gateway: Gateway, shop: Shop, since: datetime, until: datetime, pages: Pages | None = None
) -> AsyncIterator[SessionFacts]:
    """Every Checkout Session that was opened in this time, newest first."""
    asked = {"created": {"gte": _epoch(since), "lt": _epoch(until)}, "limit": _PAGE}
    listed = gateway.client(shop).v1.checkout.sessions
    pages = pages or Pages()
    async for each in _every(lambda page: call(listed.list_async(cast(SessionListParams, page))), asked, pages):
        if (found := _read_apart(each, SessionFacts, pages)) is not None:
            yield found


async def event(gateway: Gateway, shop: Shop, event_id: str) -> dict[str, object]:
    """One event as Stripe keeps it; it does so for thirty days."""
    return (await call(gateway.client(shop).v1.events.retrieve_async(event_id))).to_dict(for_json=True)


async def movement(gateway: Gateway, shop: Shop, transaction_id: str) -> Movement:
    """One movement of money, with what moved it; raises msgspec.ValidationError where it is not of that shape."""
    asked = gateway.client(shop).v1.balance_transactions.retrieve_async(transaction_id, {"expand": ["source"]})
    return msgspec.convert((await call(asked)).to_dict(for_json=True), Movement)


class _Page(msgspec.Struct):
    """A page of any list of Stripe's."""

    data: list[dict[str, object]]
    has_more: bool = False


async def _every(
    fetch: Callable[[dict[str, object]], Awaitable[StripeObject]], asked: dict[str, object], pages: Pages
) -> AsyncIterator[dict[str, object]]:
    """Every object of a list, page after page, the newest first, as far as `pages` go."""
    while True:
        answer = await fetch(asked | ({"starting_after": pages.after} if pages.after else {}))
        page = read(answer, _Page)
        for each in page.data:
            yield each
        if not page.data or not page.has_more or not pages.turn(str(page.data[-1]["id"])):
            return


def _read_apart(each: dict[str, object], kind: type[T], pages: Pages) -> T | None:
    """The object; None where it has not the documented shape, which keeps nobody from reading the others."""
    try:
        return msgspec.convert(each, kind)
    except msgspec.ValidationError:
        pages.unreadable.append(str(each.get("id")))
        return None


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())
