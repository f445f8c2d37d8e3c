"""Visuals: one asset, one template, one format; found again by the hash of everything that goes into them."""

import hashlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from core import clock, ids
from core.db import AsyncSession, Database, page, table_of
from core.shops import Shop
from core.statements import Several
from media import assets, portions, quota, resampling
from media.asking import Request
from media.errors import NothingToDraw, OutputNotTaken, UnknownFormat, VisualNotFound
from media.formats import formats, own_formats
from media.formats.format import Format
from media.frame import Frame, Point, Size
from media.looks import dressing, layout, own_templates
from media.looks.design import Design
from media.looks.layout import Template
from media.looks.scene import Framing, Scene
from media.models import Asset, ShopFont, Visual
from media.outputs import EXTENSIONS, Output
from media.pool import PicturePool
from media.render import ENGINE, Drawing, Drawn
from media.storage.storage import Storage, new_key
from media.typesetting.fonts import family_of

_MOST_OF_TEMPLATE = 100
_UNNUMBERED = 0  # The version of a design that comes with its request.
_PREVIEW_BYTES = 12_000_000


class _Recipe(msgspec.Struct, frozen=True):
    """Everything that decides over the bytes of one visual; of its format, what is not told of it only."""

    engine: int
    libraries: tuple[tuple[str, str], ...]
    template: tuple[str, int]
    design: Design | None
    format: Format
    page: int
    masters: tuple[tuple[str, str], ...]
    scene: Scene
    framing: Framing
    others: tuple[Framing, ...]
    output: Output

    def key(self) -> str:
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


async def render(db: Database, storage: Storage, pool: PicturePool, shop: Shop, request: Request) -> list[Visual]:
    """The wanted visuals, in the order of their formats, then widths, each page by page.

    Those that exist are found, the others drawn.

    Opens transactions of its own and draws outside of them. Refuses UnknownTemplate, TemplateArchived, UnknownFormat,
    OutputNotTaken, UnknownAsset, TooManyLayers, NothingToDraw, TooMuchToDraw, PicturesBusy, PicturesUnavailable,
    StorageQuotaReached, StorageUnavailable.
    """
    async with db.read() as session:
        wanted = await _prepared(session, shop, request)
        keys = {
            (each.slug, page): _recipe(wanted.template, each, page, wanted.masters, wanted.drawing).key()
            for each in wanted.canvases
            for page in range(1, wanted.pages + 1)
        }
        found = await _known(session, shop, list(keys.values()))
        missing = {slug for (slug, _), key in keys.items() if key not in found}
        if missing:  # How large they will be nobody knows yet.
            await quota.check(session, shop, pool.limits.shop_bytes, 1, clock.now())
    if missing:
        async with pool.turn(shop.id):
            rows = [
                await _stored(storage, shop, wanted, keys[each.format, each.page], each)
                async for each in _drawn(storage, pool, wanted, missing)
            ]
        async with db.transaction() as session:
            # One order for all: two requests that wait for each other's keys would otherwise lock up.
            for row in sorted(rows, key=lambda each: each.key):
                found[row.key] = await _keep(session, shop, row)
    return [found[key] for key in keys.values()]


async def preview(db: Database, storage: Storage, pool: PicturePool, shop: Shop, request: Request) -> list[Drawn]:
    """The wanted visuals drawn to be looked at: nothing is stored, and together they weigh 12 MB at most.

    Refuses what `render` does.
    """
    async with db.read() as session:
        wanted = await _prepared(session, shop, request)
    most = _PREVIEW_BYTES // (wanted.pages * len(wanted.canvases))
    light = [msgspec.structs.replace(each, max_bytes=min(each.max_bytes, most)) for each in wanted.canvases]
    wanted = wanted._replace(drawing=msgspec.structs.replace(wanted.drawing, own=tuple(light)))
    async with pool.turn(shop.id):
        return [each async for each in _drawn(storage, pool, wanted, {each.slug for each in light})]


class _Wanted(NamedTuple):
    """The look and its pages, the canvases, the masters with the visual's own first, what is drawn, and the fonts."""

    template: Template
    pages: int
    canvases: list[Format]
    masters: list[Asset]
    drawing: Drawing
    fonts: tuple[ShopFont, ...]


async def _prepared(session: AsyncSession, shop: Shop, request: Request) -> _Wanted:
    template = await _look(session, shop, request)
    own = await own_formats.named(session, shop, request.formats)
    canvases = _formats(request.formats, own, request.output)
    named = [await assets.named(session, shop, each) for each in (request.asset_id, *request.others)]
    scene, fonts, masters = await dressing.dressed(session, shop, template, request.scene, named, logo=request.logo)
    asset, *others = masters
    canvases += _whole(request.widths, asset)
    design = template.design if _has_design(template) else None
    pages = template.pages(scene)
    if not pages:
        raise NothingToDraw("Send what the look has its pages for: `items` or `facts`.")
    portions.check([portions.work(each, request.output, design) for each in canvases], pages)
    drawing = Drawing(
        template=template.slug,
        formats=[each.slug for each in canvases],
        scene=scene,
        framing=_framing(request, asset),
        output=request.output,
        own=tuple(own.values()),
        others=[_beside(each) for each in others],
        design=design,
    )
    return _Wanted(template, pages, canvases, masters, drawing, fonts)


async def _drawn(storage: Storage, pool: PicturePool, wanted: _Wanted, slugs: Collection[str]) -> AsyncIterator[Drawn]:
    """These of the wanted formats with all their pages, portion by portion: no more than one is in memory."""
    drawing = wanted.drawing
    works = [
        (each.slug, portions.work(each, drawing.output, drawing.design))
        for each in wanted.canvases
        if each.slug in slugs
    ]
    master, *further = [await storage.get(each.storage_key) for each in wanted.masters]
    files = {family_of(each.sha256): await storage.get(each.storage_key) for each in wanted.fonts}
    for some in portions.portions(works, wanted.pages):
        part = msgspec.structs.replace(drawing, formats=some.formats, pages=some.pages)
        for each in await pool.render(master, part, further, files):
            yield each


async def check(session: AsyncSession, shop: Shop, template: str, slugs: Sequence[str], output: Output) -> None:
    """Refuses UnknownTemplate, TemplateArchived, UnknownFormat, OutputNotTaken and TooMuchToDraw, as `render` would."""
    look = await own_templates.named(session, shop, template)
    canvases = _formats(tuple(slugs), await own_formats.named(session, shop, slugs), output)
    design = look.design if _has_design(look) else None
    portions.check([portions.work(each, output, design) for each in canvases], 1)


async def of_ids(session: AsyncSession, shop: Shop, visual_ids: Collection[str]) -> dict[str, Visual]:
    """These of the shop's visuals, by their ids; one that is not there is not in the answer."""
    rows = await session.exec(select(Visual).where(Visual.shop_id == shop.id, col(Visual.id).in_(visual_ids)))
    return {row.id: row for row in rows}


async def get(session: AsyncSession, shop: Shop, visual_id: str) -> Visual:
    """One visual; refuses VisualNotFound."""
    statement = select(Visual).where(Visual.id == visual_id, Visual.shop_id == shop.id)
    visual = (await session.exec(statement)).first()
    if visual is None:
        raise VisualNotFound
    return visual


class Made(NamedTuple):
    """What a page shows of a visual."""

    format: str
    storage_key: str
    width: int
    height: int
    bytes: int


async def list_page(
    session: AsyncSession, shop: Shop, asset_id: str | None, limit: int, cursor: str | None
) -> tuple[list[Visual], str | None]:
    """One page of the shop's visuals, of one asset or of all, newest first, and the next page's cursor."""
    chosen = select(Visual).where(Visual.shop_id == shop.id)
    if asset_id is not None:
        chosen = chosen.where(Visual.asset_id == asset_id)
    return await page(session, chosen, Visual.id, limit, cursor)


_ASSETS = Several("asset", 8)
_MOST_OF_SEVERAL = 8 * _MOST_OF_TEMPLATE
_OF_TEMPLATE = (
    sa.select(col(Visual.asset_id), *(table_of(Visual).c[name] for name in Made._fields))
    .where(
        col(Visual.asset_id).in_(_ASSETS.parameters),
        col(Visual.shop_id) == sa.bindparam("shop"),
        col(Visual.template) == sa.bindparam("template"),
    )
    .order_by(col(Visual.id).desc())
    .limit(_MOST_OF_SEVERAL)
)


async def by_template(
    session: AsyncSession, shop: Shop, asset_ids: Collection[str], template: str
) -> dict[str, list[Made]]:
    """The newest visuals of each of these assets that this template has drawn, newest first: at most a hundred."""
    found: dict[str, list[Made]] = {each: [] for each in asset_ids}
    for some in _ASSETS.values(asset_ids):
        rows = await session.rows(_OF_TEMPLATE, {**some, "shop": shop.id, "template": template})
        if len(rows) == _MOST_OF_SEVERAL and len(asset_ids) > 1:  # One of them may have left no room for another.
            return {each: (await by_template(session, shop, [each], template))[each] for each in asset_ids}
        for asset_id, *facts in rows:
            found[asset_id].append(Made(*facts))
    return {asset_id: made[:_MOST_OF_TEMPLATE] for asset_id, made in found.items()}


def frame_of(visual: Visual) -> Frame:
    """How the master lies in this visual; `frame_of(visual).map(point)` carries a tag into it, or tells it is lost."""
    return msgspec.convert(visual.frame, Frame)


@cache
def libraries() -> tuple[tuple[str, str], ...]:
    """What draws, with versions: equal versions and equal input give equal bytes."""
    names = (
        "pillow",
        *resampling.PACKAGES,
        "budoux",
        "fontpkg-frank-ruhl-libre",
        "fontpkg-inter",
        "fontpkg-playfair-display",
        "manimgx-fonts",
        "segno",
    )
    installed = [name for name in ("manimgx-fonts-cjk",) if find_spec(name.replace("-", "_"))]
    return tuple((name, version(name)) for name in (*names, *installed))


async def _look(session: AsyncSession, shop: Shop, request: Request) -> Template:
    """The look that a request names, or brings with it."""
    if request.design is None:
        return await own_templates.named(session, shop, request.template)
    own_templates.check(request.design)
    return layout.designed(request.template, request.template, "", _UNNUMBERED, request.design)


def _has_design(template: Template) -> bool:
    """Whether its design goes along: the children know the built-in templates by their names."""
    return template.id is not None or template.version == _UNNUMBERED


def _framing(request: Request, asset: Asset) -> Framing:
    """How the picture is to lie; nothing is told of that makes no difference, or equal visuals would be drawn twice."""
    return Framing(
        choice=request.frame,
        focal=Point(asset.focal_x, asset.focal_y),
        subject=assets.subject(asset),
        keep=() if request.frame == "pad" else request.keep,
        background=request.background,
        ground=request.ground,
    )


def _formats(slugs: tuple[str, ...], own: Mapping[str, Format], output: Output) -> list[Format]:
    known = {**own, **{each.slug: each for each in formats.formats()}}
    for slug in slugs:
        if slug not in known:
            raise UnknownFormat(f"There is no format {slug!r}.", format=slug, known=list(known))
        if output not in (taken := known[slug].outputs):
            detail = f"{known[slug].name} is taken as {' or '.join(taken)}, not as {output}."
            raise OutputNotTaken(detail, format=slug, output=output, outputs=list(taken))
    return [known[slug] for slug in dict.fromkeys(slugs)]


def _whole(widths: tuple[int, ...], asset: Asset) -> list[Format]:
    canvases = [formats.whole(each, Size(asset.width, asset.height)) for each in widths]
    return list({each.slug: each for each in canvases}.values())


def _beside(asset: Asset) -> Framing:
    """How a further picture of a visual lies in its place: as suits it best."""
    return Framing(focal=Point(asset.focal_x, asset.focal_y), subject=assets.subject(asset))


def _recipe(template: Template, canvas: Format, page: int, masters: Sequence[Asset], drawing: Drawing) -> _Recipe:
    return _Recipe(
        engine=ENGINE,
        libraries=libraries(),
        # What a shop's own looks like is its design: one that it has again draws what was drawn before.
        template=(template.id, 0) if template.id else (template.slug, template.version),
        design=drawing.design,
        format=msgspec.structs.replace(canvas, name="", source="", networks=(), id=None),
        page=page,
        masters=tuple((each.id, each.content_sha256) for each in masters),
        scene=drawing.scene,
        framing=drawing.framing,
        others=tuple(drawing.others),
        output=drawing.output,
    )


async def _known(session: AsyncSession, shop: Shop, keys: list[str]) -> dict[str, Visual]:
    rows = await session.exec(select(Visual).where(Visual.shop_id == shop.id, col(Visual.key).in_(keys)))
    return {row.key: row for row in rows}


async def _stored(storage: Storage, shop: Shop, wanted: _Wanted, key: str, drawn: Drawn) -> Visual:
    template, extension = wanted.template, EXTENSIONS[wanted.drawing.output]
    kept = await storage.put(new_key("v", shop.id, key, extension=extension), drawn.data)
    return Visual(
        id=ids.new("vis"),
        shop_id=shop.id,
        asset_id=wanted.masters[0].id,
        template=template.slug,
        template_id=template.id,
        template_version=template.version if template.version != _UNNUMBERED else None,
        format=drawn.format,
        key=key,
        storage_key=kept.key,
        width=drawn.width,
        height=drawn.height,
        bytes=len(drawn.data),
        frame=msgspec.to_builtins(drawn.frame),
        page=drawn.page,
        warnings=msgspec.to_builtins(drawn.warnings),
        created_at=clock.now(),
    )


async def _keep(session: AsyncSession, shop: Shop, row: Visual) -> Visual:
    """The one row of this key; somebody may have drawn the same meanwhile, and then theirs is taken."""
    earlier = (await _known(session, shop, [row.key])).get(row.key)
    if earlier is not None:
        return earlier
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        earlier = (await _known(session, shop, [row.key])).get(row.key)
        if earlier is None:
            raise
        return earlier
    return row
