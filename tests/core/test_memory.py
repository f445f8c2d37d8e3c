"""What is kept is proven by the rows that it was made of: the same rows, or made anew. Alike on both databases."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from core import memory, shops
from core.db import AsyncSession, Database, table_of
from core.errors import NotFound
from core.memory import Memory
from core.shops import Shop

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
_OPENED = sa.select(col(Shop.name)).where(col(Shop.created_at) <= sa.bindparam("now")).order_by(col(Shop.id))
_LEGAL = sa.select(table_of(Shop).c.legal).where(col(Shop.id) == sa.bindparam("key"))


class Making:
    """What makes a text of a session, and counts how often it had to."""

    def __init__(self, read: Callable[[AsyncSession], Awaitable[object]]) -> None:
        self._read = read
        self.times = 0

    async def __call__(self, session: AsyncSession) -> str:
        self.times += 1
        return f"{await self._read(session)}"


async def change(db: Database, shop: Shop, **values: object) -> None:
    """Somebody else writes."""
    async with db.transaction() as session:
        await session.core(sa.update(table_of(Shop)).where(col(Shop.id) == shop.id).values(values))


async def test_what_was_made_of_the_same_rows_is_not_made_again(db: Database, shop: Shop) -> None:
    async def read(session: AsyncSession) -> object:
        found = await shops.get(session, shop.id)
        return found.name, await session.rows(_LEGAL, {"key": shop.id})

    kept, making = Memory(db), Making(read)
    first = await kept.get("words", AT, making)
    async with db.transaction() as session:
        await shops.create(session, "Atelier Ombre", "EUR")
    assert await kept.get("words", AT, making) == first
    assert making.times == 1


@pytest.mark.parametrize(("field", "value"), [("name", "Atelier Soleil"), ("legal", {"name": "Lune SARL"})])
async def test_any_row_that_changes_makes_it_anew(db: Database, shop: Shop, field: str, value: object) -> None:
    async def read(session: AsyncSession) -> object:
        found = await shops.get(session, shop.id)
        return found.name, found.legal["name"]

    kept, making = Memory(db), Making(read)
    first = await kept.get("words", AT, making)
    await change(db, shop, **{field: value})
    second = await kept.get("words", AT, making)
    assert (second != first, making.times) == (True, 2)
    assert (await kept.get("words", AT, making), making.times) == (second, 2)


async def test_a_row_that_comes_and_goes_is_noticed(db: Database, shop: Shop) -> None:
    names = sa.select(col(Shop.name)).where(col(Shop.slug) == sa.bindparam("slug"))
    kept, making = Memory(db), Making(lambda session: session.rows(names, {"slug": "soleil"}))
    assert await kept.get("words", AT, making) == "[]"
    await change(db, shop, slug="soleil")
    assert shop.name in await kept.get("words", AT, making)
    await change(db, shop, slug="ombre")
    assert await kept.get("words", AT, making) == "[]"
    assert making.times == 3


async def test_other_words_are_another_answer(db: Database, shop: Shop) -> None:
    kept, making = Memory(db), Making(lambda session: shops.get(session, shop.id))
    await kept.get("words", AT, making)
    await kept.get("other words", AT, making)
    assert making.times == 2


async def test_a_statement_about_the_time_is_asked_for_the_time_of_asking(db: Database, shop: Shop) -> None:
    opens = AT + timedelta(hours=1)
    await change(db, shop, created_at=opens)
    now = AT
    kept, making = Memory(db), Making(lambda session: session.rows(_OPENED, {"now": now}))
    assert await kept.get("words", now, making) == "[]"
    now = opens - timedelta(microseconds=1)
    assert (await kept.get("words", now, making), making.times) == ("[]", 1)
    now = opens
    assert shop.name in await kept.get("words", now, making)
    assert making.times == 2


async def test_what_ends_by_the_clock_ends_in_memory(db: Database, shop: Shop) -> None:
    async def read(session: AsyncSession) -> object:
        session.ends(AT - timedelta(days=1), None, AT + timedelta(hours=2), AT + timedelta(hours=1))
        return (await shops.get(session, shop.id)).name

    kept, making = Memory(db), Making(read)
    for minutes, times in ((0, 1), (59, 1), (60, 2), (119, 2), (120, 3), (500, 3)):
        await kept.get("words", AT + timedelta(minutes=minutes), making)
        assert making.times == times
    await kept.get("words", AT, making)
    assert making.times == 4  # The clock was set back: nobody knows what held then.


@pytest.mark.parametrize("how", ["exec", "core", "connection", "spoil", "get"])
async def test_what_was_read_in_another_way_proves_nothing(db: Database, shop: Shop, how: str) -> None:
    async def read(session: AsyncSession) -> object:
        await shops.get(session, shop.id)
        match how:
            case "exec":
                return (await session.exec(select(Shop.name))).all()
            case "core":
                return (await session.core(sa.select(col(Shop.name)))).all()
            case "connection":
                return (await (await session.connection()).execute(sa.select(col(Shop.name)))).all()
            case "get":
                return await session.get(Shop, "shop_nobody")
            case _:
                session.spoil()
                return None

    kept, making = Memory(db), Making(read)
    await kept.get("words", AT, making)
    await kept.get("words", AT, making)
    assert making.times == 2


async def test_what_is_refused_is_not_kept(db: Database) -> None:
    kept, making = Memory(db), Making(lambda session: shops.get(session, "shop_nobody"))
    for times in (1, 2):
        with pytest.raises(NotFound):
            await kept.get("words", AT, making)
        assert making.times == times


async def test_memory_is_bounded_and_what_was_asked_for_last_stays(db: Database, shop: Shop) -> None:
    kept, making = Memory(db, most_rows=2), Making(lambda session: shops.get(session, shop.id))
    for words, times in ((0, 1), (1, 2), (0, 2), (2, 3), (0, 3), (1, 4)):
        await kept.get(words, AT, making)
        assert making.times == times


async def test_what_reads_very_much_is_not_kept(db: Database) -> None:
    many = sa.select(sa.bindparam("first", type_=sa.Integer()))
    many_rows = sa.union_all(*([many] * (memory.LARGEST // 100 + 1)))

    async def read(session: AsyncSession) -> object:
        return [await session.rows(many_rows, {"first": number}) for number in range(100)]

    kept, making = Memory(db), Making(read)
    await kept.get("words", AT, making)
    await kept.get("words", AT, making)
    assert making.times == 2
