"""What a shop's kit brings to a look beside its colours: fonts of its own, and its logo."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from core.db import AsyncSession
from core.shops import Shop, ShopChange
from core.wire import UnsetType
from media import assets
from media.errors import AssetArchived
from media.looks import layout
from media.looks.design import Design, LogoLayer
from media.looks.layout import Template
from media.looks.scene import Scene
from media.models import Asset, ShopFont
from media.typesetting import fonts, own_fonts


class Dressed(NamedTuple):
    """A scene in the shop's own letters and with its logo: the fonts that it takes, and all its pictures."""

    scene: Scene
    fonts: tuple[ShopFont, ...]
    masters: list[Asset]


async def dressed(
    session: AsyncSession, shop: Shop, template: Template, scene: Scene, masters: list[Asset], *, logo: bool
) -> Dressed:
    """The scene as the shop's kit dresses it; with a `logo` where the template has a place for one.

    For a font that was archived the house's own stands in, for a logo the shop's name. `masters` are the scene's
    pictures, its own first. What makes no difference is left out, or equal visuals would be drawn twice.
    """
    if not template.worded:
        return Dressed(Scene(), (), masters)
    display = await own_fonts.living(session, shop, shop.display_font_id)
    text = await own_fonts.living(session, shop, shop.text_font_id)
    brand = msgspec.structs.replace(
        scene.brand,
        display=fonts.family_of(display.sha256) if display else "",
        text=fonts.family_of(text.sha256) if text else "",
    )
    if logo and brand.logo is None and has_logo(template.design):
        masters, number = await _with_logo(session, shop, masters)
        brand = msgspec.structs.replace(brand, logo=number)
    taken = {each.id: each for each in (display, text) if each}
    return Dressed(msgspec.structs.replace(scene, brand=brand), tuple(taken.values()), masters)


def has_logo(design: Design | None) -> bool:
    """Whether any page of the design, on any canvas, has a place for the shop's sign."""
    bodies = layout.bodies(design) if design else []
    return any(isinstance(each, LogoLayer) for each in layout.nodes(*bodies))


async def _with_logo(session: AsyncSession, shop: Shop, masters: Sequence[Asset]) -> tuple[list[Asset], int | None]:
    """The pictures with the shop's logo among them, and which one it is; None where there is none to be shown."""
    sign = None if shop.logo_asset_id is None else await assets.living(session, shop, shop.logo_asset_id)
    if sign is None or sign.id == masters[0].id:
        return [*masters], None
    known = [each.id for each in masters]
    return ([*masters], known.index(sign.id)) if sign.id in known else ([*masters, sign], len(masters))


async def check(session: AsyncSession, shop: Shop, data: ShopChange) -> None:
    """Refuses UnknownFont, FontArchived, UnknownAsset and AssetArchived for what the kit cannot be given."""
    for font_id in (data.display_font_id, data.text_font_id):
        if not (font_id is None or isinstance(font_id, UnsetType)):
            await own_fonts.check(session, shop, font_id)
    asset_id = data.logo_asset_id
    if not (asset_id is None or isinstance(asset_id, UnsetType)):
        asset = await assets.named(session, shop, asset_id)
        if asset.archived_at is not None:
            raise AssetArchived("The picture was archived.", asset_id=asset_id)
