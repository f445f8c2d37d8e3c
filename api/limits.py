"""How often one may ask: from one address, with one key, with wrong keys, codes or signatures, for links
that do not exist.

Counted in the memory of each server, without a step between looking and taking, so that no two requests share a place.
Several servers count for themselves: together they let that many times as much through (docs/production.md).
"""

import math
from typing import NamedTuple

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Send

from api import asgi, clients, problems
from core import clock
from core.errors import NotFound, TooManyRequests
from core.settings import Settings

WINDOW = 60
_HOUR = 3600
_MOST_KNOWN = 50_000
_SLACK = 1e-6  # Sums of intervals are a little off.
_GUESSED = ("/go/", "/buy/", "/s/", "/oembed")
_TOO_MANY_LOST = b"Too many links that do not exist were asked for from here. Try again in a minute.\n"


class Left(NamedTuple):
    """How many more may come at once, in how many seconds the whole quota is there again, and how long to wait.

    `wait` is 0 where there was a place left.
    """

    remaining: int
    reset: int
    wait: int


class Limit:
    """At most `quota` in `window` seconds for each one, evenly: a taken place comes back a quota-th of them later.

    The generic cell rate algorithm: one number per one who asks, and no window at whose border twice as many pass.
    Who was not seen for longest is forgotten beyond `most`. A quota of 0 is no limit.
    """

    def __init__(self, name: str, quota: int, *, window: int = WINDOW, most: int = _MOST_KNOWN) -> None:
        self.name, self.quota, self.window = name, quota, window
        self.policy = f'"{name}";q={quota};w={window}'
        self._interval = window / quota if quota else 0.0
        self._full_at: dict[str, float] = {}
        self._most = most

    def take(self, who: str, now: float) -> Left:
        """Take a place; `now` in seconds of any clock that only goes forward."""
        left, full_at = self._seen(who, now)
        if self.quota and not left.wait:
            # Taken out and put in again: the order of the dictionary is the order of the last time.
            self._full_at.pop(who, None)
            self._full_at[who] = full_at
            if len(self._full_at) > self._most:
                del self._full_at[next(iter(self._full_at))]
        return left

    def give_back(self, who: str) -> None:
        """A place that was taken for nothing."""
        if who in self._full_at:
            self._full_at[who] -= self._interval

    def look(self, who: str, now: float) -> Left:
        """What `take` would say, and nothing taken."""
        return self._seen(who, now)[0]

    def _seen(self, who: str, now: float) -> tuple[Left, float]:
        full_at = max(self._full_at.get(who, now), now)
        after = full_at + self._interval
        if after - now > self.window + _SLACK:
            return Left(0, math.ceil(full_at - now), max(1, math.ceil(after - now - self.window))), full_at
        places = int((self.window - (after - now) + _SLACK) / self._interval) if self.quota else 0
        return Left(places, math.ceil(after - now), 0), after


class Rates:
    """The limits of one server."""

    def __init__(self, settings: Settings) -> None:
        self.address = Limit("address", settings.rate_per_address)
        self.key = Limit("key", settings.rate_per_key)
        self.bad_keys = Limit("bad-keys", settings.bad_keys_per_address)
        self.lost_links = Limit("lost-links", settings.lost_links_per_address)
        self.bad_signatures = Limit("bad-signatures", settings.bad_signatures_per_address)
        self.beacons = Limit("beacons", settings.rate_per_address)
        self.bad_codes = Limit("bad-codes", settings.bad_codes_per_address)
        self.bad_codes_of_shop = Limit("bad-codes-of-shop", settings.bad_codes_per_shop, window=_HOUR)


class Account:
    """What one request has taken of which limits."""

    def __init__(self) -> None:
        self._entries: list[tuple[Limit, Left]] = []

    def take(self, limit: Limit, who: str, now: float) -> None:
        """Take a place; refuses TooManyRequests, which says when to come back."""
        if limit.quota:
            self._enter(limit, limit.take(who, now))

    def check(self, limit: Limit, who: str, now: float) -> None:
        """Refuses TooManyRequests where no place is left, and takes none."""
        left = limit.look(who, now)
        if left.wait:
            self._enter(limit, left)

    def _enter(self, limit: Limit, left: Left) -> None:
        self._entries.append((limit, left))
        if left.wait:
            raise TooManyRequests(
                f"At most {limit.quota} in {limit.window} seconds.",
                retry_after=left.wait, policy=limit.name, limit=limit.quota, window_seconds=limit.window,
            )  # fmt: skip

    def headers(self) -> list[tuple[bytes, bytes]]:
        """RateLimit and RateLimit-Policy (IETF draft-ietf-httpapi-ratelimit-headers-10)."""
        if not self._entries:
            return []
        left = ", ".join(f'"{limit.name}";r={each.remaining};t={each.reset}' for limit, each in self._entries)
        policies = ", ".join(limit.policy for limit, _ in self._entries)
        return [(b"ratelimit", left.encode()), (b"ratelimit-policy", policies.encode())]


class Rationing(asgi.Middleware):
    """Lets one address ask so often under /v1 and no more, and guess so many addresses of pages."""

    def __init__(self, app: ASGIApp, rates: Rates, settings: Settings) -> None:
        super().__init__(app)
        self._rates = rates
        self._settings = settings

    async def handle(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429; under /v1 the answer tells what is left."""
        if scope["path"].startswith("/v1/"):
            await self._ration(scope, receive, send)
        elif scope["path"].startswith(_GUESSED):
            await self._watch(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _ration(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        account = Account()
        scope["state"]["account"] = account

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *account.headers()]
            await send(message)

        try:
            account.take(self._rates.address, clients.household(scope), clock.monotonic())
        except TooManyRequests as refusal:
            await problems.send(refusal, scope, telling, self._settings)
            return
        await self.app(scope, receive, telling)

    async def _watch(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        limit, who = self._rates.lost_links, clients.household(scope)
        if await turned_away(limit, who, send):
            return

        async def counting(message: Message) -> None:
            lost = message["type"] == "http.response.start" and message["status"] == 404
            if lost and not scope["state"].get("known"):
                limit.take(who, clock.monotonic())
            await send(message)

        await self.app(scope, receive, counting)


def excuse(scope: HTTPScope, error: Exception) -> None:
    """Where something is refused that is there and not to be seen, have its 404 count as nobody's guess."""
    if isinstance(error, NotFound) and not error.guessed:
        scope["state"]["known"] = True


async def turned_away(limit: Limit, who: str, send: Send, headers: asgi.Headers = ()) -> bool:
    """Whether somebody has guessed too many addresses of links; then they are told, with these headers besides."""
    left = limit.look(who, clock.monotonic())
    if left.wait:
        plain = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", str(left.wait).encode())]
        await asgi.answer(send, 429, [*headers, *plain], _TOO_MANY_LOST)
    return bool(left.wait)
