"""A process that records events, works their jobs off, and may die at any moment.

`python -m tests.core.laborer DATABASE SHOP LEDGER [FAILPOINT NUMBER]` prints each number once its transaction is
committed. It goes on until it is killed, or kills itself at the failpoint when NUMBER comes up.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import ClassVar

from core import events, failpoints, jobs, shops
from core.db import Database
from core.jobs import Resources


class Ledger:
    """A file that remembers what was done, whatever happens to the process."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, number: int) -> None:
        """One line, in one piece."""
        handle = os.open(self.path, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
        os.write(handle, f"{number}\n".encode())
        os.close(handle)

    def numbers(self) -> list[int]:
        """All of them, in order."""
        return [int(line) for line in self.path.read_text().split()] if self.path.exists() else []


class Labored(events.Event, frozen=True, kw_only=True):
    """Something was recorded."""

    kind: ClassVar[str] = "tests.labored"
    number: int


@events.subscriber(Labored, "ledger")
async def keep(resources: Resources, _: str, event: Labored) -> None:
    """Do what the event asks for."""
    resources.get(Ledger).write(event.number)


class Undone(Exception):
    """Rolls back."""


async def record(db: Database, shop_id: str, number: int) -> None:
    """Every third number is taken back."""
    async with db.transaction() as session:
        await events.record(session, shop_id, Labored(number=number))
        if number % 3 == 0:
            raise Undone


async def labor(database: str, shop_id: str, ledger: Path, failpoint: str, when: int) -> None:
    """Record and work at the same time, for ever."""
    db = Database(database)
    async with db.read() as session:
        await shops.get(session, shop_id)
    working = asyncio.create_task(jobs.work(Resources(db, Ledger(ledger)), asyncio.Event(), idle_seconds=0.001))
    number = 0
    while not working.done():
        number += 1
        if number == when:
            failpoints.arm(failpoint)
        try:
            await record(db, shop_id, number)
        except Undone:
            continue
        os.write(1, f"{number}\n".encode())
    await working


if __name__ == "__main__":
    database, shop_id, ledger, failpoint, when = [*sys.argv[1:], "", "0"][:5]
    asyncio.run(labor(database, shop_id, Path(ledger), failpoint, int(when)))
