"""Too much at once: requests a second, requests side by side, and objects that somebody else is changing just now."""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from weakref import WeakValueDictionary

from checkout.sandbox.errors import StripeError
from checkout.sandbox.settings import Limits

HOUR = 3_600.0
REASON = "Stripe-Rate-Limited-Reason"
TOO_MANY = (
    "Request rate limit exceeded. You can learn more about rate limits here: https://stripe.com/docs/rate-limits."
)
LOCKED = (
    "This object cannot be accessed right now because another API request or Stripe process is currently accessing it. "
    "If you see this error intermittently, retry the request. If you see this error frequently and are making multiple "
    "concurrent requests to a single object, make your requests serially or at a lower rate. For more details, see "
    "https://stripe.com/docs/rate-limits#object-lock-timeouts."
)


class Gate:
    """Counts requests as Stripe does (docs.stripe.com/rate-limits); a limit of 0 lets everything through."""

    def __init__(self, limits: Limits, wall: Callable[[], float]) -> None:
        self.limits = limits
        self._wall = wall
        self._seen: defaultdict[tuple[str, ...], deque[float]] = defaultdict(deque)
        self._inside: Counter[tuple[str, ...]] = Counter()

    @contextmanager
    def pass_through(self, account: str, endpoint: str, intent: str | None) -> Iterator[None]:
        """Let one request in for as long as it takes; refuses with 429. `intent` is the payment that it changes."""
        limits = self.limits
        whole, own = (account,), (account, endpoint)
        rate = limits.per_search if endpoint.endswith("/search") else limits.per_endpoint
        self._count(own, rate, 1.0, "endpoint-rate")
        self._count(whole, limits.per_second, 1.0, "global-rate")
        if intent is not None:
            self._count((account, "intent", intent), limits.per_intent_and_hour, HOUR, "resource-specific")
        for name, most, reason in (
            (own, limits.endpoint_at_once, "endpoint-concurrency"),
            (whole, limits.at_once, "global-concurrency"),
        ):
            if most and self._inside[name] >= most:
                raise too_many(reason)
        self._inside.update((whole, own))
        try:
            yield
        finally:
            self._inside.subtract((whole, own))

    def _count(self, name: tuple[str, ...], most: int, seconds: float, reason: str) -> None:
        if not most:
            return
        seen, now = self._seen[name], self._wall()
        while seen and seen[0] <= now - seconds:
            seen.popleft()
        if len(seen) >= most:
            raise too_many(reason)
        seen.append(now)


class Locks:
    """An object is changed by one request at a time; who waits too long is told `lock_timeout`."""

    def __init__(self, patience: float, wall: Callable[[], float]) -> None:
        self._patience = patience
        self._wall = wall
        self._seized: dict[str, float] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def seize(self, identifier: str, seconds: float) -> None:
        """Let a process of Stripe's own hold an object for so long."""
        self._seized[identifier] = self._wall() + seconds

    def clear(self) -> None:
        """Let go of what was seized."""
        self._seized.clear()

    @asynccontextmanager
    async def hold(self, identifiers: Sequence[str]) -> AsyncIterator[None]:
        """Keep these objects to oneself; refuses with 429."""
        async with AsyncExitStack() as held:
            for identifier in sorted(set(identifiers)):
                if self._seized.get(identifier, 0.0) > self._wall():
                    raise locked()
                lock = self._locks.setdefault(identifier, asyncio.Lock())
                try:
                    async with asyncio.timeout(self._patience if lock.locked() else None):
                        await lock.acquire()
                except TimeoutError:
                    raise locked() from None
                held.callback(lock.release)
            yield


def too_many(reason: str) -> StripeError:
    """A limit was passed, and which one."""
    problem = StripeError(TOO_MANY, status=429, code="rate_limit", stored=False)
    problem.headers = {REASON: reason}
    return problem


def locked() -> StripeError:
    """Somebody else is at it; this one comes without a reason in its headers."""
    return StripeError(LOCKED, status=429, code="lock_timeout", stored=False)
