"""Deliveries: signed, one attempt at a time, tried again with growing gaps until somebody answers 2xx."""

import asyncio
import hashlib
import hmac
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

import httpx2
import msgspec

from checkout.sandbox import endpoints, events
from checkout.sandbox.clock import Clock
from checkout.sandbox.event_objects import Event, WebhookEndpoint
from checkout.sandbox.settings import SandboxSettings
from checkout.sandbox.state import State

Deliver = Callable[[str, bytes, Mapping[str, str]], Awaitable[int]]
"""Posts a body with headers to a URL and gives the status; any exception counts as no answer."""

USER_AGENT = "Stripe/1.0 (+https://stripe.com/docs/webhooks)"


def sign(body: bytes, secret: str, timestamp: int, older: Sequence[str] = ()) -> str:
    """The `Stripe-Signature` header of one attempt, with a second signature while an older secret lives."""
    signed = f"{timestamp}.".encode() + body
    signatures = [hmac.new(key.encode(), signed, hashlib.sha256).hexdigest() for key in (secret, *older)]
    return ",".join([f"t={timestamp}", *(f"v1={signature}" for signature in signatures)])


class HttpDelivery:
    """Delivers over real HTTP, past any proxy of the environment; a redirect is an answer, not a way."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._client: httpx2.AsyncClient | None = None

    async def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        if self._client is None:
            self._client = httpx2.AsyncClient(timeout=self._timeout, trust_env=False, follow_redirects=False)
        answer = await self._client.post(url, content=body, headers=dict(headers))
        return answer.status_code

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.aclose()


class Courier:
    """Carries events to endpoints. All it knows stands in the state file, so that a restart goes on where it was."""

    def __init__(self, state: State, settings: SandboxSettings, clock: Clock, deliver: Deliver) -> None:
        self.running = False
        self.woken = asyncio.Event()
        self._state = state
        self._settings = settings
        self._clock = clock
        self._deliver = deliver
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._watchers: list[asyncio.Future[None]] = []

    def wake(self) -> None:
        """There may be something to carry."""
        self.woken.set()

    def start_due(self) -> int:
        """Set out with as many due deliveries as there are free hands; gives how many."""
        free = self._settings.delivery_concurrency - len(self._tasks)
        started = 0
        for row in self._due():
            if started >= free:
                break
            if row["seq"] not in self._tasks:
                self._tasks[row["seq"]] = asyncio.ensure_future(self._carry(row["seq"]))
                started += 1
        return started

    async def deliver_due(self) -> int:
        """Carry everything that is due now and wait for the answers; gives how many attempts that took."""
        attempts = 0
        while (started := self.start_due()) or self._tasks:
            attempts += started
            await asyncio.wait(list(self._tasks.values()), return_when=asyncio.FIRST_COMPLETED)
        return attempts

    def rest(self) -> float:
        """Seconds until the next attempt; a long time if there is none."""
        if len(self._tasks) >= self._settings.delivery_concurrency:
            return 60.0
        rows = self._state.read().execute(
            "SELECT seq, next_at FROM waiting ORDER BY next_at LIMIT ?", (len(self._tasks) + 1,)
        )
        soonest = [float(row["next_at"]) for row in rows if row["seq"] not in self._tasks]
        return max(0.0, soonest[0] - self._clock.wall()) if soonest else 60.0

    async def answered(self, event: str, patience: float) -> None:
        """Wait until every endpoint has been tried with this event, at most `patience` seconds."""
        await self._until("SELECT 1 FROM waiting WHERE attempts = 0 AND event = ?", (event,), patience)

    async def quiet(self, patience: float) -> None:
        """Wait until everything not held is delivered or given up, at most `patience` seconds."""
        await self._until("SELECT 1 FROM waiting", (), patience)

    async def stop(self) -> None:
        """Drop what is under way; it is carried again after the next start."""
        self.running = False
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _due(self) -> list[sqlite3.Row]:
        busy = len(self._tasks) + self._settings.delivery_concurrency
        query = "SELECT seq FROM waiting WHERE next_at <= ? ORDER BY next_at, place, seq LIMIT ?"
        return self._state.read().execute(query, (self._clock.wall(), busy)).fetchall()

    async def _carry(self, seq: int) -> None:
        try:
            answer = await self._attempt(seq)
            self._note(seq, answer)
        finally:
            self._tasks.pop(seq, None)
            self.wake()
            watchers, self._watchers = self._watchers, []
            for watcher in watchers:
                if not watcher.done():
                    watcher.set_result(None)

    async def _attempt(self, seq: int) -> str:
        """One signed POST; the status, or the name of what went wrong."""
        row = (
            self._state.read()
            .execute(
                "SELECT event.body AS event, endpoint.body AS endpoint, attempts < lost AS lost, signature "
                "FROM delivery "
                "JOIN object AS event ON event.id = delivery.event "
                "JOIN object AS endpoint ON endpoint.id = delivery.endpoint WHERE delivery.seq = ?",
                (seq,),
            )
            .fetchone()
        )
        if row is None:
            return "endpoint deleted"
        if row["lost"]:
            return "lost on the way"
        endpoint = endpoints.decode(row["endpoint"])
        body = events.body(msgspec.json.decode(row["event"], type=Event), endpoint)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": USER_AGENT,
            "Accept": "*/*; q=0.5, application/xml",
            "Cache-Control": "no-cache",
            "Stripe-Signature": self._signature(body, endpoint, row["signature"]),
        }
        try:
            async with asyncio.timeout(self._settings.delivery_timeout):
                return str(await self._deliver(endpoint.url, body, headers))
        except Exception as problem:  # noqa: BLE001  # Whatever happens to the receiver is its answer: Stripe tries again.
            return type(problem).__name__

    def _signature(self, body: bytes, endpoint: WebhookEndpoint, quality: str) -> str:
        """Fresh for each attempt; an old or a wrong one where the plan says so."""
        timestamp = int(self._clock.wall()) - (3600 if quality == "old" else 0)
        if quality == "wrong":
            return sign(body, "whsec_somebody_elses", timestamp)
        row = self._state.read().execute("SELECT body FROM object WHERE id = ?", (f"rolled_{endpoint.id}",)).fetchone()
        rolled = endpoints.decode_rolled(row["body"]) if row else None
        still = [rolled.secret] if rolled and rolled.until > self._clock.now() else []
        return sign(body, str(endpoint.secret), timestamp, still)

    def _note(self, seq: int, answer: str) -> None:
        wall = self._clock.wall()
        with self._state.journal() as db:
            row = db.execute("SELECT attempts, created FROM delivery WHERE seq = ?", (seq,)).fetchone()
            if row is None:
                return
            attempts = row["attempts"] + 1
            gap = min(self._settings.retry_first_gap * 2.0 ** min(attempts - 1, 30), self._settings.retry_gap_cap)
            state = "pending"
            if answer.isdigit() and 200 <= int(answer) < 300:
                state = "delivered"
            elif wall + gap > row["created"] + self._settings.retry_max_age:
                state = "failed"
            db.execute(
                "UPDATE delivery SET state = ?, attempts = ?, next_at = ?, answer = ? WHERE seq = ?",
                (state, attempts, wall + gap, answer, seq),
            )

    async def _until(self, unfinished: str, values: tuple[str, ...], patience: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self.running and self._state.read().execute(unfinished, values).fetchone() is not None:
                    watcher: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                    self._watchers.append(watcher)
                    await watcher
