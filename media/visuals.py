"""Visuals: one asset, one template, one format; found again by the hash of everything that goes into them."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
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
from core.wire import UNSET
from media import assets, formats, layout, own_formats, quota, resampling
from media.errors import OutputNotTaken, UnknownFormat, UnknownTemplate, VisualNotFound
from media.format import Format
from media.frame import Background, Frame, FrameChoice, Point, Size
from media.layout import Template
from media.models import Asset, Visual
from media.outputs import EXTENSIONS, Output
from media.pool import PicturePool
from media.render import ENGINE, Drawing, Drawn
from media.scene import Brand, Framing, Scene
from media.schemas import VisualCreate
from media.storage.storage import Storage, new_key

_MOST_OF_TEMPLATE = 100
_PORTION = 48_000_000  # Pixels; eighteen built-in formats have 27 million.


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Which visuals are wanted: one template in any number of formats, all of one asset and of one file type.

    `keep`, `background` and `ground` are those of `media.scene.Framing`.
    `widths`: the whole picture too, so many pixels wide and never wider than it is.
    """

    asset_id: str
    template: str
    formats: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()
    scene: Scene = Scene()
    frame: FrameChoice = "auto"
    keep: tuple[Point, ...] = ()
    background: Background = "extended"
    ground: str = ""
    output: Output = "jpeg"


class _Recipe(msgspec.Struct, frozen=True):
    """Everything that decides over the bytes of one visual; of its format, what is not told of it only."""

    engine: int
    libraries: tuple[tuple[str, str], ...]
    template: tuple[str, int]
    format: Format
    asset_id: str
    master: str
    scene: Scene
    framing: Framing
    output: Output

    def key(self) -> str:
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


def brand(shop: Shop) -> Brand:
    """The shop's colours as templates take them."""
    return Brand(background=shop.background_colour, ink=shop.ink_colour, accent=shop.accent_colour)


def ground(shop: Shop, background: Background, colour: str | None = None) -> str:
    """The colour that a background has, the shop's where none is named; empty for one that has none."""
    return (colour or shop.background_colour) if background in {"colour", "cut-out"} else ""


def requested(shop: Shop, data: VisualCreate, tagged: Sequence[Point] = ()) -> Request:
    """What a client asked for, dressed in the shop's name and colours.

    `tagged` are the points of the picture's product tags, which a crop moves for unless other points are named.
    """
    keep = tagged if data.keep is UNSET else [Point(each.x, each.y) for each in data.keep]
    scene = Scene(
        title=data.title or "",
        price=data.price or "",
        compare_at=data.compare_at or "",
        shop_name=shop.name,
        brand=brand(shop),
    )
    return Request(
        asset_id=data.asset_id,
        template=data.template,
        formats=tuple(data.formats),
        scene=scene,
        frame=data.frame,
        keep=tuple(keep),
        background=data.background,
        ground=ground(shop, data.background, data.colour),
        output=data.output,
    )


async def render(db: Database, storage: Storage, pool: PicturePool, shop: Shop, request: Request) -> list[Visual]:
    """The wanted visuals, in the order of their formats, then widths; those that exist are found, the others drawn.

    Opens transactions of its own and draws outside of them. Refuses UnknownTemplate, UnknownFormat, OutputNotTaken,
    UnknownAsset, PicturesBusy, PicturesUnavailable, StorageQuotaReached, StorageUnavailable.
    """
    template = _template(request.template)
    async with db.read() as session:
        own = await own_formats.named(session, shop, request.formats)
        canvases = _formats(request.formats, own, request.output)
        asset = await assets.named(session, shop, request.asset_id)
        canvases += _whole(request.widths, asset)
        framing = _framing(request, asset)
        scene = request.scene if template.worded else Scene()
        slugs = [each.slug for each in canvases]
        drawing = Drawing(template.slug, slugs, scene, framing, request.output, tuple(own.values()))
        keys = {each.slug: _recipe(template, each, asset, drawing).key() for each in canvases}
        found = await _known(session, shop, list(keys.values()))
        missing = [slug for slug, key in keys.items() if key not in found]
        if missing:  # How large they will be nobody knows yet.
            await quota.check(session, shop, pool.limits.shop_bytes, 1, clock.now())
    if missing:
        sizes = {each.slug: each.width * each.height for each in canvases}
        async with pool.turn():
            master = await storage.get(asset.storage_key)
            drawn = [
                each
                for some in _portions(missing, sizes)
                for each in await pool.render(master, msgspec.structs.replace(drawing, formats=some))
            ]
        rows = [await _stored(storage, shop, asset, drawing, keys[each.format], each) for each in drawn]
        async with db.transaction() as session:
            # One order for all: two requests that wait for each other's keys would otherwise lock up.
            for row in sorted(rows, key=lambda each: each.key):
                found[row.key] = await _keep(session, shop, row)
    return [found[key] for key in keys.values()]


async def check(session: AsyncSession, shop: Shop, template: str, slugs: Sequence[str], output: Output) -> None:
    """Refuses UnknownTemplate, UnknownFormat and OutputNotTaken, as `render` would."""
    _template(template)
    _formats(tuple(slugs), await own_formats.named(session, shop, slugs), output)


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
    )
    installed = [name for name in ("manimgx-fonts-cjk",) if find_spec(name.replace("-", "_"))]
    return tuple((name, version(name)) for name in (*names, *installed))


def _template(slug: str) -> Template:
    template = layout.find(slug)
    if template is None:
        known = [each.slug for each in layout.templates()]
        raise UnknownTemplate(f"There is no template {slug!r}.", template=slug, known=known)
    return template


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


def _portions(slugs: list[str], pixels: Mapping[str, int]) -> Iterator[list[str]]:
    """The formats in runs that one child draws within its time, however many and large they are."""
    run: list[str] = []
    for slug in slugs:
        if run and sum(pixels[each] for each in [*run, slug]) > _PORTION:
            yield run
            run = []
        run.append(slug)
    yield run


def _whole(widths: tuple[int, ...], asset: Asset) -> list[Format]:
    canvases = [formats.whole(each, Size(asset.width, asset.height)) for each in widths]
    return list({each.slug: each for each in canvases}.values())


def _recipe(template: Template, canvas: Format, asset: Asset, drawing: Drawing) -> _Recipe:
    return _Recipe(
        engine=ENGINE,
        libraries=libraries(),
        template=(template.slug, template.version),
        format=msgspec.structs.replace(canvas, name="", source="", networks=(), id=None),
        asset_id=asset.id,
        master=asset.content_sha256,
        scene=drawing.scene,
        framing=drawing.framing,
        output=drawing.output,
    )


async def _known(session: AsyncSession, shop: Shop, keys: list[str]) -> dict[str, Visual]:
    rows = await session.exec(select(Visual).where(Visual.shop_id == shop.id, col(Visual.key).in_(keys)))
    return {row.key: row for row in rows}


async def _stored(storage: Storage, shop: Shop, asset: Asset, drawing: Drawing, key: str, drawn: Drawn) -> Visual:
    kept = await storage.put(new_key("v", shop.id, key, extension=EXTENSIONS[drawing.output]), drawn.data)
    return Visual(
        id=ids.new("vis"),
        shop_id=shop.id,
        asset_id=asset.id,
        template=drawing.template,
        format=drawn.format,
        key=key,
        storage_key=kept.key,
        width=drawn.width,
        height=drawn.height,
        bytes=len(drawn.data),
        frame=msgspec.to_builtins(drawn.frame),
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
