"""A shop's own templates: looks in the language of `media.looks.design`, kept beside the built-in ones."""

import msgspec
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from core import clock, ids
from core.db import AsyncSession
from core.errors import expect
from core.shops import Shop
from core.wire import UNSET
from media.errors import (
    TemplateArchived,
    TemplateNotFound,
    TemplateSlugReserved,
    TemplateSlugTaken,
    TooManyLayers,
    TooManyTemplates,
    UnknownTemplate,
)
from media.looks import layout
from media.looks.design import Design
from media.looks.layout import Template
from media.looks.template_schemas import TemplateChange, TemplateCreate
from media.models import ShopTemplate

MOST = 50


async def create(session: AsyncSession, shop: Shop, data: TemplateCreate) -> ShopTemplate:
    """Add a template to the shop's own.

    Refuses TemplateSlugReserved for a built-in template's name, TooManyLayers, TemplateSlugTaken, TooManyTemplates.
    """
    if layout.find(data.slug):
        raise TemplateSlugReserved(f"{data.slug!r} is the name of a built-in template.", slug=data.slug)
    check(data.design)
    taken = (await session.exec(_living(shop))).all()
    if data.slug in taken:
        raise _taken(data.slug)
    if len(taken) >= MOST:
        raise TooManyTemplates(f"A shop has at most {MOST} templates of its own.", limit=MOST)
    now = clock.now()
    row = ShopTemplate(
        id=ids.new("template"),
        shop_id=shop.id,
        slug=data.slug,
        name=data.name,
        description=data.description,
        design=_plain(data.design),
        created_at=now,
        updated_at=now,
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise _taken(data.slug) from None
    return row


async def get(session: AsyncSession, shop: Shop, template_id: str) -> ShopTemplate:
    """The template with this id, archived ones too; refuses TemplateNotFound, also for another shop's."""
    return _known((await session.exec(_chosen(shop, template_id))).first())


async def all_living(session: AsyncSession, shop: Shop) -> list[Template]:
    """All of the shop's own templates that are not archived, newest first; there are at most fifty."""
    chosen = select(ShopTemplate).where(ShopTemplate.shop_id == shop.id, col(ShopTemplate.archived_at).is_(None))
    rows = await session.exec(chosen.order_by(col(ShopTemplate.id).desc()))
    return [look(each) for each in rows]


async def change(
    session: AsyncSession, shop: Shop, template_id: str, data: TemplateChange, version: int | None
) -> ShopTemplate:
    """Change what `data` names; a version of None is any. Another design is drawn from now on, and counted.

    Refuses TemplateNotFound, also for an archived one, PreconditionFailed, TooManyLayers.
    """
    row = await _lock(session, shop, template_id)
    if row.archived_at is not None:
        raise TemplateNotFound
    expect(row.version, version)
    if data.name is not UNSET:
        row.name = data.name
    if data.description is not UNSET:
        row.description = data.description
    if data.design is not UNSET:
        check(data.design)
        design = _plain(data.design)
        row.design_version += design != row.design
        row.design = design
    await _touch(session, row)
    return row


async def archive(session: AsyncSession, shop: Shop, template_id: str) -> None:
    """Put the template away; doing it twice is doing it once. Its visuals stay, its slug is free again.

    Refuses TemplateNotFound.
    """
    row = await _lock(session, shop, template_id)
    if row.archived_at is None:
        row.archived_at = clock.now()
        await _touch(session, row)


async def named(session: AsyncSession, shop: Shop, slug: str) -> Template:
    """The template of this name, built in or the shop's own; a built-in one that came later has the name for itself.

    Refuses UnknownTemplate, TemplateArchived.
    """
    if (built_in := layout.find(slug)) is not None:
        return built_in
    chosen = select(ShopTemplate).where(ShopTemplate.shop_id == shop.id, ShopTemplate.slug == slug)
    # The living one before those that had its name.
    newest = chosen.order_by(col(ShopTemplate.archived_at).is_not(None), col(ShopTemplate.id).desc()).limit(1)
    row = (await session.exec(newest)).first()
    if row is None:
        known = [each.slug for each in layout.templates()] + sorted((await session.exec(_living(shop))).all())
        raise UnknownTemplate(f"There is no template {slug!r}.", template=slug, known=known)
    if row.archived_at is not None:
        raise TemplateArchived(f"The template {slug!r} was archived.", template=slug, template_id=row.id)
    return look(row)


def look(row: ShopTemplate) -> Template:
    """The template as drawing takes it."""
    design = msgspec.convert(row.design, Design)
    drawn = layout.designed(row.slug, row.name, row.description, row.design_version, design)
    return msgspec.structs.replace(drawn, id=row.id)


def check(design: Design) -> None:
    """Refuses TooManyLayers."""
    count = layout.layers(*layout.bodies(design))
    if count > layout.MOST_LAYERS:
        raise TooManyLayers(f"A design has {layout.MOST_LAYERS} layers at most.", layers=count, most=layout.MOST_LAYERS)


def _plain(design: Design) -> dict[str, object]:
    return msgspec.convert(layout.plain(design), dict[str, object])


def _taken(slug: str) -> TemplateSlugTaken:
    return TemplateSlugTaken(f"There is a template {slug!r} already.", slug=slug)


def _living(shop: Shop) -> SelectOfScalar[str]:
    return select(ShopTemplate.slug).where(ShopTemplate.shop_id == shop.id, col(ShopTemplate.archived_at).is_(None))


def _chosen(shop: Shop, template_id: str) -> SelectOfScalar[ShopTemplate]:
    return select(ShopTemplate).where(ShopTemplate.shop_id == shop.id, ShopTemplate.id == template_id)


def _known(row: ShopTemplate | None) -> ShopTemplate:
    if row is None:
        raise TemplateNotFound
    return row


async def _lock(session: AsyncSession, shop: Shop, template_id: str) -> ShopTemplate:
    """The row, fresh, and nobody else's until the transaction ends."""
    chosen = _chosen(shop, template_id).with_for_update().execution_options(populate_existing=True)
    return _known((await session.exec(chosen)).first())


async def _touch(session: AsyncSession, row: ShopTemplate) -> None:
    row.version, row.updated_at = row.version + 1, clock.now()
    session.add(row)
    await session.flush()
