"""Durable jobs: rows written in the transaction that wants them, worked off at least once.

A job runs under a lease. A worker that dies leaves the lease to run out, and another takes the job again:
handlers are idempotent. Failures come back with growing gaps; after `MAX_ATTEMPTS` the job is dead and stays
visible. What has to go on for ever, such as looking for news at Stripe, is `lasting`: it never dies, and comes back
every hour at least. Jobs that wait for others, such as a receiver of webhooks, are `patient`: they run in a lane of
their own, where each place is free again as soon as its job ends, and so keep neither the other jobs waiting nor one
another.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import msgspec
import sqlalchemy as sa
from sqlmodel import Field, col, select
from sqlmodel.sql.expression import SelectOfScalar

from core import clock, failpoints, ids
from core.db import AsyncSession, Database, Json, Table, UtcDateTime, insert, insert_new
from core.logs import logger

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 8
_LONGEST_GAP = timedelta(hours=1)
_BATCH = 10
_PATIENT_PLACES = 16
_AWAY = (sa.exc.SQLAlchemyError, OSError)
_log = logger("jobs")

P = TypeVar("P", bound=msgspec.Struct)
R = TypeVar("R")


class Resources:
    """What handlers may use, by type: `resources.get(Database)`; and the time at which they run."""

    def __init__(self, *items: object, now: Callable[[], datetime] = clock.now) -> None:
        self._items = {type(item): item for item in items}
        self.now = now

    def at(self, moment: datetime) -> "Resources":
        """The same resources at another time."""
        return Resources(*self._items.values(), now=lambda: moment)

    def get(self, kind: type[R]) -> R:
        """The one resource of this type; raises LookupError when this process was started without it."""
        for known, item in self._items.items():
            if issubclass(known, kind) and isinstance(item, kind):
                return item
        raise LookupError(f"This process has no {kind.__name__}.")


class Job(Table, table=True):
    """A job that waits (`lease_until` null), runs (in the future) or died (`died_at`).

    `key` is null from the moment that the job is taken: what is wanted later is a job of its own.
    """

    __tablename__ = "job"
    id: str = Field(primary_key=True)
    shop_id: str | None = Field(default=None, foreign_key="shop.id")
    name: str
    payload: dict[str, object] = Field(sa_type=Json)
    key: str | None = Field(default=None, unique=True)
    run_at: datetime = Field(sa_type=UtcDateTime, index=True)
    attempts: int = 0
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_holder: str | None = None
    last_error: str | None = None
    died_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


@dataclass(frozen=True)
class Handler(Generic[P]):
    """A registered job: its name on disk, the shape of its payload, what to run, in which lane, whether it lasts."""

    name: str
    payload: type[P]
    run: Callable[[Resources, P], Awaitable[None]]
    patient: bool = False
    lasting: bool = False


_handlers: dict[str, "Handler[msgspec.Struct]"] = {}


def job(
    name: str, payload: type[P], *, patient: bool = False, lasting: bool = False
) -> Callable[[Callable[[Resources, P], Awaitable[None]]], Handler[P]]:
    """Register `async def f(resources, payload)` under a name that stays the same for ever."""

    def register(run: Callable[[Resources, P], Awaitable[None]]) -> Handler[P]:
        if name in _handlers:
            raise ValueError(f"Two jobs are called {name!r}.")
        handler = Handler(name, payload, run, patient, lasting)
        _handlers[name] = handler  # type: ignore[assignment]  # The payload is decoded with the handler's own type.
        return handler

    return register


async def enqueue(
    session: AsyncSession,
    handler: Handler[P],
    payload: P,
    *,
    shop_id: str | None = None,
    run_at: datetime | None = None,
    key: str | None = None,
    brings_forward: bool = False,
) -> None:
    """Add a job in this transaction, due at `run_at` (now). With a `key`, one that still waits is not added twice.

    The one that waits keeps its time, or `brings_forward` lets it run then where that is earlier.
    """
    now = clock.now()
    values = {
        "id": ids.new("job"), "shop_id": shop_id, "name": handler.name, "payload": msgspec.to_builtins(payload),
        "key": key, "run_at": run_at or now, "created_at": now, "attempts": 0,
    }  # fmt: skip
    if key is None:
        await insert(session, Job, values)
        return
    # The job that waits is locked until we commit, so that it cannot run without seeing what we did. Where another
    # transaction adds or takes it at this moment, we look again.
    waiting = select(Job.run_at).where(Job.key == key).with_for_update()
    while (due := (await session.exec(waiting)).first()) is None:
        if await insert_new(session, Job, values):
            return
    if brings_forward and values["run_at"] < due:
        await move(session, key, values["run_at"])


async def move(session: AsyncSession, key: str, run_at: datetime) -> None:
    """Let the job that waits under this key run then instead."""
    await session.execute(sa.update(Job).where(col(Job.key) == key).values(run_at=run_at))


def _lasts(each: Job) -> bool:
    handler = _handlers.get(each.name)
    return handler is not None and handler.lasting


def _due(now: datetime, patient: bool | None) -> SelectOfScalar[Job]:
    """The jobs that may be taken, the oldest first; of one lane, or of both."""
    due = (
        select(Job)
        .where(col(Job.run_at) <= now, col(Job.died_at).is_(None))
        .where(sa.or_(col(Job.lease_until).is_(None), col(Job.lease_until) <= now))
        .order_by(col(Job.run_at), col(Job.id))
    )
    if patient is None:
        return due
    names = [each.name for each in _handlers.values() if each.patient]
    return due.where(col(Job.name).in_(names) if patient else col(Job.name).not_in(names))


async def _claim(db: Database, now: datetime, patient: bool | None, limit: int) -> list[Job]:
    """Lease the oldest jobs that are due; two workers never get the same one.

    A job that took its worker down with it as often as it may fail is dead as well.
    """
    async with db.transaction() as session:
        due = _due(now, patient).limit(limit).with_for_update(skip_locked=True)
        taken: list[Job] = []
        holder = ids.new("lease")
        for each in (await session.exec(due)).all():
            if each.attempts >= MAX_ATTEMPTS and not _lasts(each):
                each.died_at, each.last_error, each.lease_until, each.lease_holder = now, "WorkerDied", None, None
                _log.error("job dead", job=each.name, attempts=each.attempts, error="WorkerDied")
                continue
            each.lease_until, each.lease_holder, each.attempts = now + LEASE, holder, each.attempts + 1
            each.key = None
            taken.append(each)
        return taken


async def _finish(db: Database, each: Job, error: Exception | None, now: datetime) -> None:
    """Remove a job that is done; send one that failed back with a gap of 2, 4, 8 … seconds, or call it dead."""
    mine = (col(Job.id) == each.id, col(Job.lease_holder) == each.lease_holder)
    async with db.transaction() as session:
        if error is None:
            await session.execute(sa.delete(Job).where(*mine))
            return
        dead = each.attempts >= MAX_ATTEMPTS and not _lasts(each)
        gap = min(timedelta(seconds=2 ** min(each.attempts, 12)), _LONGEST_GAP)
        await session.execute(
            sa.update(Job)
            .where(*mine)
            .values(
                lease_until=None,
                lease_holder=None,
                last_error=type(error).__name__,
                run_at=now + gap,
                died_at=now if dead else None,
            )
        )


async def _run(each: Job, resources: Resources) -> None:
    handler = _handlers.get(each.name)
    if handler is None:
        raise LookupError(f"No job is called {each.name!r}.")
    await asyncio.wait_for(
        handler.run(resources, msgspec.convert(each.payload, handler.payload)), timeout=LEASE.total_seconds() * 0.9
    )


async def run_due(resources: Resources, now: datetime, *, patient: bool | None = None) -> int:
    """Work off one batch of jobs that are due at `now`, of one lane or of both; how many were taken."""
    taken = await _claim(resources.get(Database), now, patient, _BATCH)
    ends = await asyncio.gather(*(_attempt(each, resources.at(now), now) for each in taken), return_exceptions=True)
    for error in ends:  # Only once all have ended: nothing of ours runs on behind the back of whoever called.
        if isinstance(error, BaseException):
            raise error
    return len(taken)


async def _attempt(each: Job, resources: Resources, now: datetime) -> None:
    error: Exception | None = None
    failpoints.reach("jobs.taken")
    try:
        await _run(each, resources)
        failpoints.reach("jobs.ran")
    except Exception as caught:  # noqa: BLE001  # A poison job must not stop the worker; it is kept, counted and logged.
        error = caught
        _log.warning("job failed", job=each.name, attempts=each.attempts, exc_info=caught)
    await _finish(resources.get(Database), each, error, now)


async def work(resources: Resources, stop: asyncio.Event, *, idle_seconds: float = 0.2) -> None:
    """Work jobs off until `stop` is set; the job in hand is finished first. A database that is away is waited for."""
    async with asyncio.TaskGroup() as lanes:
        lanes.create_task(_work_quickly(resources, stop, idle_seconds))
        if any(each.patient for each in _handlers.values()):
            lanes.create_task(_work_patiently(resources, stop, idle_seconds))


async def _work_quickly(resources: Resources, stop: asyncio.Event, idle_seconds: float) -> None:
    """One batch after the other."""
    while not stop.is_set():
        try:
            busy = await run_due(resources, clock.now(), patient=False)
        except _AWAY as error:
            _log.warning("database away", error=type(error).__name__)
            busy = 0
        if not busy:
            await _pause(stop, idle_seconds)


async def _work_patiently(resources: Resources, stop: asyncio.Event, idle_seconds: float) -> None:
    """One job after the other in each of the lane's places."""
    running: set[asyncio.Task[None]] = set()
    try:
        while not stop.is_set():
            now = clock.now()
            try:
                taken = await _take_patient(resources.get(Database), now, _PATIENT_PLACES - len(running))
            except _AWAY as error:
                _log.warning("database away", error=type(error).__name__)
                taken = []
            for each in taken:
                task = asyncio.create_task(_hold_out(each, resources.at(now), now))
                running.add(task)
                task.add_done_callback(running.discard)
            if not taken:
                await _pause(stop, idle_seconds)
    finally:
        await asyncio.gather(*running)


async def _take_patient(db: Database, now: datetime, places: int) -> list[Job]:
    """Looks before it takes: an empty lane costs no place in the queue of SQLite's writers."""
    if not places:
        return []
    async with db.read() as session:
        if (await session.exec(_due(now, patient=True).limit(1))).first() is None:
            return []
    return await _claim(db, now, True, places)


async def _hold_out(each: Job, resources: Resources, now: datetime) -> None:
    """A database that goes away meanwhile costs this job its end: it is done again."""
    try:
        await _attempt(each, resources, now)
    except _AWAY as error:
        _log.warning("database away", error=type(error).__name__)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def dead(session: AsyncSession, shop_id: str) -> list[Job]:
    """The shop's jobs that were given up, newest first."""
    rows = select(Job).where(Job.shop_id == shop_id, col(Job.died_at).is_not(None)).order_by(col(Job.id).desc())
    return list((await session.exec(rows)).all())


async def oldest_due(session: AsyncSession) -> datetime | None:
    """When the oldest job falls due that nobody has taken, for all shops."""
    waiting = select(Job.run_at).where(col(Job.died_at).is_(None), col(Job.lease_until).is_(None))
    return (await session.exec(waiting.order_by(col(Job.run_at)).limit(1))).first()


async def backlog(session: AsyncSession) -> tuple[datetime | None, list[str]]:
    """When the oldest job fell due that nobody has taken, and the names of those that were given up, for all shops."""
    oldest = await oldest_due(session)
    given_up = await session.exec(select(Job.name).where(col(Job.died_at).is_not(None)).distinct().order_by(Job.name))
    return oldest, list(given_up.all())
