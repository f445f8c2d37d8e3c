"""Whether this server can work, part by part, as `/readyz` tells it.

Without its database or with a full disk it can do nothing for anybody: 503, and a balancer asks another. Without
pictures' storage, Stripe, a worker or room for clicks it does the rest: 200, `degraded`, and the part is named.
"""

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from sqlalchemy.engine import make_url

from checkout.books.rounds import FirstRound
from core import clock, jobs
from core.db import Database
from core.errors import Refusal, Unavailable
from core.settings import Settings
from core.wire import Out
from media.storage.storage import Storage, new_key
from social.links.landings import Landings

LATE = timedelta(minutes=5)
_PATIENCE = 1.5
_DROPPING_SECONDS = 60.0
_STRIPE_SECONDS = 30.0  # How long one look at Stripe is good for: balancers ask every other second.
_PROBE = new_key("m", "readiness")


class Readiness(Out, frozen=True, kw_only=True):
    """How the parts are. `away` does not answer, `full` has less than `VITRINE_DISK_MIN_BYTES` left.

    `jobs` are late when one has waited for five minutes: does a worker run? `books` are catching up for some seconds
    after the start, when Stripe is asked what it could not tell meanwhile: 503 until then. `clicks` are dropping when
    one could not be written within the last minute: taps are led on and not counted. `dropped_clicks` are those of this
    process, ever.
    """

    status: Literal["ok", "degraded"]
    database: Literal["ok", "away"]
    disk: Literal["ok", "full"]
    storage: Literal["ok", "away"]
    stripe: Literal["ok", "away"]
    jobs: Literal["ok", "late", "unknown"]
    books: Literal["ok", "catching_up"]
    clicks: Literal["ok", "dropping"]
    dropped_clicks: int


class Watch:
    """Looks at the parts; however many ask at once, each part is asked once."""

    def __init__(
        self, settings: Settings, db: Database, storage: Storage, first_round: FirstRound, landings: Landings
    ) -> None:
        self._settings, self._db, self._storage, self._first_round = settings, db, storage, first_round
        self._landings = landings
        self._dropped, self._dropped_at = 0, float("-inf")
        self._asking: asyncio.Task[bool] | None = None
        self._stripe, self._stripe_at = False, float("-inf")

    async def look(self) -> Readiness:
        """All parts. Refuses Unavailable, naming them all, where nothing works."""
        database, stored, paid = await asyncio.gather(self._look_at_database(), self._stores(), self._pays())
        is_there, late = database
        counts = self._counts()
        found = Readiness(
            status="ok" if stored and paid and not late and counts else "degraded",
            database="ok" if is_there else "away",
            disk="ok" if self._has_room() else "full",
            storage="ok" if stored else "away",
            stripe="ok" if paid else "away",
            jobs="unknown" if late is None else "late" if late else "ok",
            books="ok" if self._first_round.is_done else "catching_up",
            clicks="ok" if counts else "dropping",
            dropped_clicks=self._dropped,
        )
        if what := _hindrance(found):
            parts = {name: value for name, value in msgspec.structs.asdict(found).items() if name != "status"}
            raise Unavailable(what, **parts)
        return found

    async def _look_at_database(self) -> tuple[bool, bool | None]:
        """Whether it answers, and whether jobs are late; None where nobody can tell."""
        try:
            await self._db.ping()
            async with asyncio.timeout(_PATIENCE), self._db.read() as session:
                oldest = await jobs.oldest_due(session)
        except Exception:  # noqa: BLE001  # Each driver fails in its own way; all of them mean the same here.
            return False, None
        return True, oldest is not None and clock.now() - oldest > LATE

    async def _stores(self) -> bool:
        """Whether the storage answers; one that hangs is asked once at a time."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_storage())
        done, _ = await asyncio.wait([self._asking], timeout=_PATIENCE)
        return bool(done) and self._asking.result()

    async def _ask_storage(self) -> bool:
        try:
            await self._storage.exists(_PROBE)
        except Refusal:
            return False
        return True

    async def _pays(self) -> bool:
        """Whether somebody listens at Stripe's address."""
        if clock.monotonic() - self._stripe_at < _STRIPE_SECONDS and self._stripe:
            return True
        parts = urlsplit(self._settings.stripe_api_base)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            async with asyncio.timeout(_PATIENCE):
                _, writer = await asyncio.open_connection(parts.hostname, port)
        except (OSError, TimeoutError):
            self._stripe = False
            return False
        writer.close()
        self._stripe, self._stripe_at = True, clock.monotonic()
        return True

    def _counts(self) -> bool:
        """Whether every click of the last minute was written, as far as anybody has looked."""
        dropped = self._landings.dropped
        if dropped > self._dropped:
            self._dropped, self._dropped_at = dropped, clock.monotonic()
        return clock.monotonic() - self._dropped_at >= _DROPPING_SECONDS

    def _has_room(self) -> bool:
        return all(free(place) >= self._settings.disk_min_bytes for place in places(self._settings))


def _hindrance(found: Readiness) -> str:
    """Why nobody should be sent here; nothing where they can."""
    if found.database != "ok":
        return "The database does not answer."
    if found.disk != "ok":
        return "The disk is full."
    return "Stripe is being asked what happened meanwhile." if found.books != "ok" else ""


def places(settings: Settings) -> list[Path]:
    """The folders that this server writes to: data and local pictures, clicks, SQLite's file."""
    found = [settings.data_dir, settings.spool_dir]
    if settings.storage == "local":
        found.append(settings.media_dir)
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and url.database:
        found.append(Path(url.database).parent)
    return list(dict.fromkeys(each.absolute() for each in found))


def free(place: Path) -> int:
    """Bytes that are free where a folder is, or will be made."""
    there = next(each for each in (place, *place.parents) if each.exists())
    return shutil.disk_usage(there).free
