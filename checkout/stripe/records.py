"""What Stripe keeps of a shop: its events, its sessions and every movement of money, a page at a time.

Reads are rationed (`checkout.books.ration`), so every list here has a beginning in time and, where strangers may make
it long, an end of its pages.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar, cast

import msgspec
from stripe import StripeObject
from stripe.params import BalanceTransactionListParams, EventListParams
from stripe.params.checkout import SessionListParams

from checkout.errors import PaymentProviderUnavailable
from checkout.stripe.client import Gateway, call
from checkout.stripe.sessions import Name, Second, SessionFacts
from core.shops import Shop

_PAGE = 100
_ENDLESS = 2**31
T = TypeVar("T")


class Source(msgspec.Struct, frozen=True):
    """What moved the money: a charge, refund or dispute; the first two and disputes name their payment intent."""

    id: Name = ""
    payment_intent: Name | None = None


class Movement(msgspec.Struct, frozen=True):
    """One balance transaction: `net` is `amount` less `fee`, in the minor unit of the balance's currency."""

    id: Name
    amount: int
    fee: int
    net: int
    currency: Name
    type: Name
    created: Second
    reporting_category: Name = ""
    source: Source | Name | None = None


class Pages:
    """How many pages of a list may be read, `after` the object with this id; where that is not enough, the list
    `is_cut`, and goes on after another one."""

    def __init__(self, most: int, after: str | None = None) -> None:
        self.most, self.after = most, after
        self.read = 0
        self.is_cut = False

    def turn(self, last: str) -> bool:
        """Whether the page may be read that follows this `last` object."""
        self.read, self.after = self.read + 1, last
        self.is_cut = self.read >= self.most
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
        yield _read(each, Movement)


async def sessions(
    gateway: Gateway, shop: Shop, since: datetime, until: datetime, pages: Pages | None = None
) -> AsyncIterator[SessionFacts]:
    """Every Checkout Session that was opened in this time, newest first."""
    asked = {"created": {"gte": _epoch(since), "lt": _epoch(until)}, "limit": _PAGE}
    listed = gateway.client(shop).v1.checkout.sessions
    async for each in _every(lambda page: call(listed.list_async(cast(SessionListParams, page))), asked, pages):
        yield _read(each, SessionFacts)


class _Page(msgspec.Struct):
    """A page of any list of Stripe's."""

    data: list[dict[str, object]]
    has_more: bool = False


async def _every(
    fetch: Callable[[dict[str, object]], Awaitable[StripeObject]], asked: dict[str, object], pages: Pages | None
) -> AsyncIterator[dict[str, object]]:
    """Every object of a list, page after page, the newest first, as far as `pages` go."""
    pages = pages or Pages(_ENDLESS)
    while True:
        answer = await fetch(asked | ({"starting_after": pages.after} if pages.after else {}))
        page = _read(answer.to_dict(for_json=True), _Page)
        for each in page.data:
            yield each
        if not page.data or not page.has_more or not pages.turn(str(page.data[-1]["id"])):
            return


def _read(answer: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError:
        raise PaymentProviderUnavailable("Stripe's answer cannot be read.", retry_after=10) from None


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())
