"""The salts of visitor hashes: one per UTC day, shared by all processes through the database, gone after 48 hours."""

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from core.db import AsyncSession, Database, insert_new
from social.links.models import VisitorSalt
from social.links.token import milliseconds

_DAY_MS = 86_400_000


def day_of(at_ms: int) -> int:
    """The UTC day, counted from 1970."""
    return at_ms // _DAY_MS


class Salts:
    """This process' copy of the salts that are in use."""

    def __init__(self) -> None:
        self._salts: dict[int, bytes] = {}
        self._from_ms = self._until_ms = 0
        self._today: bytes | None = None

    def of(self, day: int) -> bytes | None:
        """The salt of a day, or None where there is none yet: then a hit is stored without visitor hash."""
        return self._salts.get(day)

    def at(self, at_ms: int) -> bytes | None:
        """The salt of the day of a moment, for whom asks at every tap."""
        if not self._from_ms <= at_ms < self._until_ms:
            day = day_of(at_ms)
            self._from_ms, self._until_ms, self._today = day * _DAY_MS, (day + 1) * _DAY_MS, self.of(day)
        return self._today

    async def refresh(self, db: Database, now: datetime) -> None:
        """Make the salt of today, and near midnight tomorrow's, delete those of two days ago, learn the rest."""
        async with db.transaction() as session:
            today = day_of(milliseconds(now))
            for day in sorted({today, day_of(milliseconds(now + timedelta(hours=1)))} - self._salts.keys()):
                await _make(session, day)
            await session.exec(sa.delete(VisitorSalt).where(col(VisitorSalt.day) <= today - 2))
            rows = (await session.exec(select(VisitorSalt.day, VisitorSalt.salt))).all()
        self._salts = dict(rows)
        self._until_ms = 0


async def today(session: AsyncSession, now: datetime) -> bytes | None:
    """The salt of the day of this moment, for those who ask seldom; None where there is none yet, or no more."""
    return (await session.exec(select(VisitorSalt.salt).where(VisitorSalt.day == day_of(milliseconds(now))))).first()


async def _make(session: AsyncSession, day: int) -> None:
    await insert_new(session, VisitorSalt, {"day": day, "salt": secrets.token_bytes(16), "turns": 0})
