"""What a shop's kit brings to a look beside its colours: fonts of its own."""

from typing import NamedTuple

import msgspec

from core.db import AsyncSession
from core.shops import Shop, ShopChange
from core.wire import UnsetType
from media.looks.scene import Scene
from media.models import ShopFont
from media.typesetting import fonts, own_fonts


class Dressed(NamedTuple):
    """A scene in the shop's own letters, and the fonts that it takes."""

    scene: Scene
    fonts: tuple[ShopFont, ...]


async def dressed(session: AsyncSession, shop: Shop, scene: Scene) -> Dressed:
    """The scene as the shop's kit dresses it. For a font that was archived the house's own stands in."""
    display = await own_fonts.living(session, shop, shop.display_font_id)
    text = await own_fonts.living(session, shop, shop.text_font_id)
    brand = msgspec.structs.replace(
        scene.brand,
        display=fonts.family_of(display.sha256) if display else "",
        text=fonts.family_of(text.sha256) if text else "",
    )
    taken = {each.id: each for each in (display, text) if each}
    return Dressed(msgspec.structs.replace(scene, brand=brand), tuple(taken.values()))


async def check(session: AsyncSession, shop: Shop, data: ShopChange) -> None:
    """Refuses UnknownFont and FontArchived for what the kit cannot be given."""
    for font_id in (data.display_font_id, data.text_font_id):
        if not (font_id is None or isinstance(font_id, UnsetType)):
            await own_fonts.check(session, shop, font_id)
