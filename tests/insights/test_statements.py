"""What reports ask of SQLite is found by its keys: it has no statistics, and takes whatever is named for small."""

from collections.abc import Sequence
from datetime import date

import pytest
import sqlalchemy as sa

from core.db import AsyncSession, Database
from core.shops import Shop
from insights import funnel
from insights.figures import Days
from insights.ways import By, Wanted

MONTH = Days(date(2026, 10, 3), date(2026, 11, 1))
SUMS = ("click_day", "click_span", "seconds_day", "seconds_span", "click_post", "click_post_span")
Asked = list[tuple[str, Sequence[object]]]


def _listen(db: Database) -> Asked:
    asked: Asked = []

    def note(connection: object, cursor: object, statement: str, parameters: Sequence[object], *_: object) -> None:
        asked.append((statement, parameters))

    sa.event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    return asked


async def _plan(session: AsyncSession, asked: Asked) -> list[str]:
    connection = await session.connection()
    steps = []
    for statement, parameters in asked:
        found = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(parameters))
        steps += [str(row[3]) for row in found]
    return steps


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("days", [MONTH, Days(None, None)])
@pytest.mark.parametrize(
    ("by", "wanted"),
    [
        ("post", Wanted()), ("link", Wanted()), ("link", Wanted("instagram")), ("post", Wanted("instagram")),
        ("network", Wanted(post_id="post_1")), ("link", Wanted(post_id="post_1")), ("link", Wanted(link_id="link_1")),
        ("post", Wanted("instagram", "post_1", "link_1")),
    ],
)  # fmt: skip
async def test_no_sum_is_read_that_a_report_does_not_need(
    db: Database, shop: Shop, by: By, wanted: Wanted, days: Days
) -> None:
    asked = _listen(db)
    async with db.read() as session:
        await funnel.report(session, shop, by, wanted, days)
    async with db.read() as session:
        steps = await _plan(session, [each for each in asked if each[0].startswith(("SELECT", "WITH"))])
    of_sums = [each for each in steps if any(f" {table} " in each for table in SUMS)]
    ends = [each for each in of_sums if each == "SEARCH click_day USING PRIMARY KEY (shop_id=?)"]
    assert len(ends) == 2, "the first day and the last: one row each at an end of the key"
    for step in of_sums:
        narrow = ("AND day>? AND day<?", "AND block>? AND block<?") if wanted.whole else ("AND link_number=?",)
        assert step in ends or any(each in step for each in narrow), step
    if not wanted.whole:
        of_shop = ("SCAN link", "SCAN order", "SEARCH link USING INDEX ix_link_shop", "SEARCH order USING INDEX sqlite")
        assert not [each for each in steps if each.startswith(of_shop)], steps
