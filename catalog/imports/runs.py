"""Running an import: batch by batch, each in its own transaction, so that buyers are never kept waiting for a file.

The same file may be sent again at any time, after a crash too: what went in is found again and not doubled.
"""

import asyncio
import io
from collections.abc import Iterator
from typing import IO

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from catalog.errors import ImportNotFound
from catalog.events import ProductsImported
from catalog.imports import batch, importer
from catalog.imports.batch import Outcome
from catalog.imports.importer import Problem, ProductDraft, Tally
from catalog.models import ImportRow, ImportRun
from core import clock, db, events, ids
from core.db import AsyncSession, Database
from core.errors import TooLarge
from core.shops import Shop

MAX_BYTES = 20 * 2**20
MAX_PROBLEMS = 10_000
_BATCH_ROWS = 500


async def run(
    database: Database, shop: Shop, format_slug: str, file: IO[bytes], *, max_bytes: int = MAX_BYTES
) -> ImportRun:
    """Read a file to its end into the shop's catalog, prices in the shop's currency; what became of it.

    Refuses UnknownImportFormat, NotText, ColumnsMissing and TooLarge before anything is written. A row that cannot be
    used is kept as a problem (10,000 at most; all are counted) and stops nothing.
    """
    if file.seek(0, io.SEEK_END) > max_bytes:
        raise TooLarge(f"At most {max_bytes} bytes.", limit=max_bytes)
    tally = Tally()
    # Reading is work for the processor alone, and a file of twenty megabytes is much of it: others go on meanwhile.
    found = await asyncio.to_thread(importer.by_slug(format_slug).read, file, shop.currency, tally)
    state = ImportRun(id=ids.new("imp"), shop_id=shop.id, format=format_slug, created_at=clock.now())
    async with database.transaction() as session:
        session.add(state)
    batches = _batches(found)
    while (some := await asyncio.to_thread(next, batches, None)) is not None:
        await _write(database, shop, state, *some)
    async with database.transaction() as session:
        state = (await session.exec(select(ImportRun).where(ImportRun.id == state.id).with_for_update())).one()
        state.status, state.rows_read, state.finished_at = "done", tally.rows, clock.now()
        session.add(state)
    return state


async def get(session: AsyncSession, shop: Shop, import_id: str) -> ImportRun:
    """The import with this id; refuses ImportNotFound, in the same words for another shop's."""
    found = await session.exec(select(ImportRun).where(ImportRun.shop_id == shop.id, ImportRun.id == import_id))
    row = found.first()
    if row is None:
        raise ImportNotFound
    return row


async def rows_page(
    session: AsyncSession, shop: Shop, import_id: str, limit: int, cursor: str | None
) -> tuple[list[ImportRow], str | None]:
    """One page of an import's problems, the last found first; refuses ImportNotFound."""
    await get(session, shop, import_id)
    return await db.page(
        session, select(ImportRow).where(ImportRow.import_id == import_id), ImportRow.id, limit, cursor
    )


def _batches(found: Iterator[ProductDraft | Problem]) -> Iterator[tuple[list[ProductDraft], list[Problem]]]:
    """Drafts of different handles, and the problems met with them, a few hundred rows at a time."""
    drafts: dict[str, ProductDraft] = {}
    problems: list[Problem] = []
    size = 0
    for each in found:
        if isinstance(each, ProductDraft):
            if each.handle in drafts:
                yield list(drafts.values()), problems
                drafts, problems, size = {}, [], 0
            drafts[each.handle] = each
            size += len(each.variants)
        else:
            problems.append(each)
        size += 1
        if size >= _BATCH_ROWS:
            yield list(drafts.values()), problems
            drafts, problems, size = {}, [], 0
    if drafts or problems:
        yield list(drafts.values()), problems


async def _write(
    database: Database, shop: Shop, state: ImportRun, drafts: list[ProductDraft], problems: list[Problem]
) -> None:
    """One batch in one transaction; a second time when somebody took a slug or SKU in between (PostgreSQL)."""
    for last_try in (False, True):
        try:
            async with database.transaction() as session:
                outcome = await batch.apply(session, shop, state.id, drafts)
                await _keep(session, shop, state.id, outcome, [*problems, *outcome.problems])
        except IntegrityError:
            if last_try:
                raise
        else:
            return


async def _keep(session: AsyncSession, shop: Shop, import_id: str, outcome: Outcome, problems: list[Problem]) -> None:
    """Count the batch, keep its problems in the order of the file, and tell the rooms above."""
    errors = sum(problem.level == "error" for problem in problems)
    counted = {
        "rows_refused": errors,
        "warnings": len(problems) - errors,
        "products_created": len(outcome.created),
        "products_changed": len(outcome.changed),
        "products_unchanged": outcome.unchanged,
        "variants_created": outcome.variants_created,
        "variants_changed": outcome.variants_changed,
    }
    totals = (
        sa.update(ImportRun)
        .where(col(ImportRun.id) == import_id)
        .values({name: getattr(ImportRun, name) + number for name, number in counted.items()})
        .returning(col(ImportRun.rows_refused) + col(ImportRun.warnings))
    )
    so_far = (await session.scalar(totals)) or 0
    room = max(0, MAX_PROBLEMS - (so_far - len(problems)))
    session.add_all(
        ImportRow(
            id=ids.new("irow"), shop_id=shop.id, import_id=import_id, line=each.line, column=each.column,
            level=each.level, rule=each.rule, detail=each.detail, value=each.value,
        )
        for each in sorted(problems, key=lambda each: each.line)[:room]
    )  # fmt: skip
    if outcome.created or outcome.changed:
        news = ProductsImported(import_id=import_id, created=outcome.created, changed=outcome.changed)
        await events.record(session, shop.id, news)
