"""Statements that are constants, and lists in them."""

from pathlib import Path

import sqlalchemy as sa

from core import statements
from core.db import Database
from core.shops import Shop
from core.statements import Several
from core.tables import table_of


def test_a_list_goes_in_parts_and_the_last_value_fills_the_rest() -> None:
    some = Several("asset", 2)
    assert [each.key for each in some.parameters] == ["asset0", "asset1"]
    assert list(some.values(["a", "b", "a", "c"])) == [{"asset0": "a", "asset1": "b"}, {"asset0": "c", "asset1": "c"}]
    assert not list(some.values([]))


async def test_a_second_database_of_the_same_kind_finds_its_plans_made(tmp_path: Path) -> None:
    statement = sa.select(table_of(Shop).c.name).where(table_of(Shop).c.id == sa.bindparam("shop"))
    plans = []
    for name in ("first", "second"):
        db = Database(f"sqlite:///{tmp_path / name}.db")
        async with db.read() as session:
            plans.append(statements.of(statement, session.dialect))
        await db.close()
    assert plans[0] is plans[1]
