"""What a client asks for becomes a request: its words as a scene, and the assets that it shows in an order."""

from collections.abc import Sequence

import msgspec

from core.shops import Corners, Fonts, Shop, Tone
from core.wire import UNSET
from media.frame import Background, FrameChoice, Point
from media.looks.design import Design
from media.looks.scene import Brand, Fact, Item, Scene, Spot
from media.outputs import Output
from media.schemas import VisualCreate


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Which visuals are wanted: one template in any number of formats, all of one asset and of one file type.

    `keep`, `background` and `ground` are those of `media.looks.scene.Framing`.
    `widths`: the whole picture too, so many pixels wide and never wider than it is. `others`: further assets that the
    scene shows, which it counts from 1. `logo`: the kit's is shown where the scene has no other. `design` is a look of
    the caller's own, and `template` then only its name.
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
    others: tuple[str, ...] = ()
    logo: bool = True
    design: Design | None = None


def brand(shop: Shop) -> Brand:
    """The shop's colours, letters and corners as templates take them."""
    return Brand(
        background=shop.background_colour,
        ink=shop.ink_colour,
        accent=shop.accent_colour,
        fonts=msgspec.convert(shop.fonts, Fonts),
        corners=msgspec.convert(shop.corners, Corners),
        tone=msgspec.convert(shop.tone, Tone),
    )


def ground(shop: Shop, background: Background, colour: str | None = None) -> str:
    """The colour that a background has, the shop's where none is named; empty for one that has none."""
    return (colour or shop.background_colour) if background in {"colour", "cut-out"} else ""


def requested(shop: Shop, data: VisualCreate, tagged: Sequence[Point] = ()) -> Request:
    """What a client asked for, dressed in the shop's name and colours.

    `tagged` are the points of the picture's product tags, which a crop moves for unless other points are named.
    """
    keep = tagged if data.keep is UNSET else [Point(each.x, each.y) for each in data.keep]
    sign = None if data.logo_asset_id is UNSET else data.logo_asset_id
    asked = [data.asset_id, *(each.asset_id for each in data.items), sign]
    assets = list(dict.fromkeys(each for each in asked if each is not None))
    logo = assets.index(sign) if sign is not None and sign != data.asset_id else None
    items = tuple(
        Item(
            title=each.title or "",
            price=each.price or "",
            compare_at=each.compare_at or "",
            picture=assets.index(each.asset_id) if each.asset_id is not None else None,
        )
        for each in data.items
    )
    scene = Scene(
        title=data.title or "",
        price=data.price or "",
        compare_at=data.compare_at or "",
        shop_name=shop.name,
        brand=msgspec.structs.replace(brand(shop), logo=logo),
        language=data.language or shop.locale.replace("_", "-"),
        subtitle=data.subtitle or "",
        badge=data.badge or "",
        quote=data.quote or "",
        author=data.author or "",
        stars=data.stars or 0.0,
        action=data.action or "",
        deadline=data.deadline or "",
        qr=data.qr_url or "",
        facts=tuple(Fact(each.label, each.value) for each in data.facts),
        items=items,
        spots=tuple(Spot(each.x, each.y, each.item) for each in data.spots),
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
        others=tuple(assets[1:]),
        logo=data.logo_asset_id is UNSET,
        design=data.design,
    )
