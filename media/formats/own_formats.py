"""A shop's own formats: canvases beside the built-in ones, for newsletters, banners and screens of its own."""

from collections.abc import Collection

import msgspec
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from core import clock, ids
from core.db import AsyncSession
from core.errors import expect
from core.shops import Shop
from core.wire import UNSET
from media.errors import BadFormat, FormatNotFound, FormatSlugReserved, FormatSlugTaken, TooManyFormats
from media.formats import formats
from media.formats.format import ANY_OUTPUT, Format
from media.formats.format_schemas import FormatChange, FormatCreate
from media.frame import Box
from media.models import ShopFormat

MOST = 50
# At most so many times as long as wide: no look can be laid out in a ribbon.
LONGEST = 4
# Share of either side that must stay clear for words.
_LEAST_CLEAR = 0.5
_MARGIN = 0.06
_MOST_OF_AVIF = 4_000_000  # Pixels; a larger one takes longer to encode than a visual may.


async def create(session: AsyncSession, shop: Shop, data: FormatCreate) -> ShopFormat:
    """Add a format to the shop's own.

    Refuses FormatSlugReserved for a built-in format's name, FormatSlugTaken, TooManyFormats, BadFormat.
    """
    if formats.find(data.slug) or data.slug.startswith(formats.WHOLE):
        raise FormatSlugReserved(f"{data.slug!r} is the name of a built-in format.", slug=data.slug)
    living = select(ShopFormat.slug).where(ShopFormat.shop_id == shop.id, col(ShopFormat.archived_at).is_(None))
    taken = (await session.exec(living)).all()
    if data.slug in taken:
        raise _taken(data.slug)
    if len(taken) >= MOST:
        raise TooManyFormats(f"A shop has at most {MOST} formats of its own.", limit=MOST)
    now = clock.now()
    margin = round(min(data.width, data.height) * _MARGIN)
    around = Box(0, 0, data.width, data.height).inset(margin)
    row = ShopFormat(
        id=ids.new("format"),
        shop_id=shop.id,
        slug=data.slug,
        name=data.name,
        width=data.width,
        height=data.height,
        safe=msgspec.to_builtins(around if data.safe is UNSET else data.safe),
        covered=msgspec.to_builtins(data.covered),
        max_bytes=data.max_bytes,
        created_at=now,
        updated_at=now,
    )
    check(canvas(row))
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise _taken(data.slug) from None
    return row


async def get(session: AsyncSession, shop: Shop, format_id: str) -> ShopFormat:
    """The format with this id, archived ones too; refuses FormatNotFound, also for another shop's."""
    return _known((await session.exec(_chosen(shop, format_id))).first())


async def all_living(session: AsyncSession, shop: Shop) -> list[ShopFormat]:
    """All of the shop's own formats that are not archived, newest first; there are at most fifty."""
    chosen = select(ShopFormat).where(ShopFormat.shop_id == shop.id, col(ShopFormat.archived_at).is_(None))
    return list((await session.exec(chosen.order_by(col(ShopFormat.id).desc()))).all())


async def canvases(session: AsyncSession, shop: Shop) -> list[Format]:
    """The same as drawing takes them, without those whose name a built-in format has got since."""
    return [canvas(each) for each in await all_living(session, shop) if not formats.find(each.slug)]


async def change(
    session: AsyncSession, shop: Shop, format_id: str, data: FormatChange, version: int | None
) -> ShopFormat:
    """Change what `data` names; a version of None is any. What is drawn from now on is another visual.

    Refuses FormatNotFound, also for an archived one, PreconditionFailed, BadFormat.
    """
    row = await _lock(session, shop, format_id)
    if row.archived_at is not None:
        raise FormatNotFound
    expect(row.version, version)
    for name in ("name", "width", "height", "max_bytes"):
        if (value := getattr(data, name)) is not UNSET:
            setattr(row, name, value)
    if data.safe is not UNSET:
        row.safe = msgspec.to_builtins(data.safe)
    if data.covered is not UNSET:
        row.covered = msgspec.to_builtins(data.covered)
    check(canvas(row))
    await _touch(session, row)
    return row


async def archive(session: AsyncSession, shop: Shop, format_id: str) -> None:
    """Put the format away; doing it twice is doing it once. Its visuals stay, its slug is free again.

    Refuses FormatNotFound.
    """
    row = await _lock(session, shop, format_id)
    if row.archived_at is None:
        row.archived_at = clock.now()
        await _touch(session, row)


async def named(session: AsyncSession, shop: Shop, slugs: Collection[str]) -> dict[str, Format]:
    """Those of the shop's own formats that have one of these names, archived ones left out.

    A built-in format that came later has the name for itself.
    """
    wanted = {each for each in slugs if not formats.find(each)}
    if not wanted:
        return {}
    return {each.slug: each for each in await canvases(session, shop) if each.slug in wanted}


def canvas(row: ShopFormat) -> Format:
    """The format as drawing takes it."""
    return Format(
        slug=row.slug,
        name=row.name,
        width=row.width,
        height=row.height,
        safe=msgspec.convert(row.safe, Box),
        source="The shop's own",
        max_bytes=row.max_bytes,
        covered=msgspec.convert(row.covered, tuple[Box, ...]),
        outputs=ANY_OUTPUT if row.width * row.height <= _MOST_OF_AVIF else ("jpeg", "webp", "png"),
        id=row.id,
    )


def check(wanted: Format) -> None:
    """Refuses BadFormat where nothing could be laid out on it, with the field that is to blame."""
    long, short = max(wanted.width, wanted.height), min(wanted.width, wanted.height)
    if long > short * LONGEST:
        raise BadFormat(f"A format is at most {LONGEST} times as long as wide.", field="width", maximum=LONGEST)
    for field, boxes in (("safe", (wanted.safe,)), ("covered", wanted.covered)):
        for box in boxes:
            if not (wanted.canvas.holds(box) and box.width and box.height):
                raise BadFormat(
                    f"`{field}` lies within the canvas, its right and bottom after left and top.", field=field
                )
    clear = wanted.clear
    if clear.width < wanted.width * _LEAST_CLEAR or clear.height < wanted.height * _LEAST_CLEAR:
        detail = f"What is safe and not covered has {_LEAST_CLEAR:.0%} of the canvas's width and height at least."
        raise BadFormat(detail, field="covered" if wanted.covered else "safe", width=clear.width, height=clear.height)


def _taken(slug: str) -> FormatSlugTaken:
    return FormatSlugTaken(f"There is a format {slug!r} already.", slug=slug)


def _chosen(shop: Shop, format_id: str) -> SelectOfScalar[ShopFormat]:
    return select(ShopFormat).where(ShopFormat.shop_id == shop.id, ShopFormat.id == format_id)


def _known(row: ShopFormat | None) -> ShopFormat:
    if row is None:
        raise FormatNotFound
    return row


async def _lock(session: AsyncSession, shop: Shop, format_id: str) -> ShopFormat:
    """The row, fresh, and nobody else's until the transaction ends."""
    chosen = _chosen(shop, format_id).with_for_update().execution_options(populate_existing=True)
    return _known((await session.exec(chosen)).first())


async def _touch(session: AsyncSession, row: ShopFormat) -> None:
    row.version, row.updated_at = row.version + 1, clock.now()
    session.add(row)
    await session.flush()
