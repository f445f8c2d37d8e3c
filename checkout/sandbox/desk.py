"""What lives as long as the server: the state file, the clock, the courier and the script of faults."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from checkout.sandbox import timekeeping
from checkout.sandbox.call import Call
from checkout.sandbox.clock import Clock
from checkout.sandbox.faults import Faults
from checkout.sandbox.limits import Gate, Locks
from checkout.sandbox.settings import SandboxSettings
from checkout.sandbox.state import State
from checkout.sandbox.webhooks import Courier


class Desk:
    """Opens calls. Everything runs on one thread, and a call never waits inside its transaction."""

    def __init__(self, settings: SandboxSettings, state: State, clock: Clock, courier: Courier) -> None:
        self.settings = settings
        self.state = state
        self.clock = clock
        self.courier = courier
        self.faults = Faults()
        self.gate = Gate(settings.limits, clock.wall)
        self.locks = Locks(settings.lock_patience, clock.wall)
        self.snapshots: dict[str, sqlite3.Connection] = {}
        self.in_flight: set[tuple[str, str]] = set()
        self._dice = random.Random(settings.seed)  # noqa: S311  # shuffles events, guards nothing

    @contextmanager
    def call(
        self, account: str, base_url: str = "", request_id: str | None = None, idempotency_key: str | None = None
    ) -> Iterator[Call]:
        """One transaction, after time has done its work; the courier hears of it afterwards."""
        self.pass_time()
        with self._open(account, base_url, request_id, idempotency_key) as call:
            yield call
        self.courier.wake()

    def pass_time(self) -> None:
        """Expire and settle what is due."""
        if timekeeping.is_due(self.state, self.clock.now()):
            with self._open("", "", None, None) as call:
                timekeeping.pass_time(call)

    def owner(self, identifier: str) -> str | None:
        """The account that an object belongs to; pages and the local control need no key."""
        row = self.state.read().execute("SELECT account FROM object WHERE id = ?", (identifier,)).fetchone()
        return str(row["account"]) if row else None

    @contextmanager
    def _open(self, account: str, base_url: str, request_id: str | None, key: str | None) -> Iterator[Call]:
        with self.state.transaction() as db:
            yield Call(
                db=db,
                settings=self.settings,
                dice=self._dice,
                account=account,
                now=self.clock.now(),
                wall=self.clock.wall(),
                base_url=self.settings.base_url or base_url,
                request_id=request_id,
                idempotency_key=key,
            )
