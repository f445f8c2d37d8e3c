"""The pictures of a page: a product's own, in a size that a phone can take."""

from collections.abc import Iterable

import msgspec

from api.pages.views import Picture
from catalog.facts import PictureFacts
from core.db import AsyncSession
from core.errors import NotFound
from core.shops import Shop
from media import assets, visuals
from media.formats import WHOLE
from media.models import Asset, Visual
from media.storage.storage import Storage, described
from social import cards

_LOOKED_AT = 30
# A visual without words: the whole picture, else as tall as a phone likes it; previews have a format of their own.
FOR_PHONES = ("portrait", "square", "pin")
FOR_CARDS = ("link-card", "square", "portrait", "pin")


async def of_product(
    session: AsyncSession, storage: Storage, shop: Shop, pictures: Iterable[PictureFacts], title: str,
    formats: tuple[str, ...] = FOR_PHONES, most: int = cards.MOST,
) -> tuple[Picture, ...]:  # fmt: skip
    """The first `most` pictures of a product; one whose asset has gone is left out."""
    found = []
    for picture in list(pictures)[:most]:
        shown = await of_asset(session, storage, shop, picture.asset_id, picture.alt_text or title, formats)
        found += [shown] if shown else []
    return tuple(found)


async def of_asset(
    session: AsyncSession, storage: Storage, shop: Shop, asset_id: str, alt: str, formats: tuple[str, ...] = FOR_PHONES
) -> Picture | None:
    """One asset: a plain visual of it in the first of these formats that there is, else its master picture.

    For phones the whole picture comes first, in the widths that a job drew for pages (`social/cards.py`).
    """
    try:
        asset = await assets.get(session, shop, asset_id)
    except NotFound:
        return None
    made, _ = await visuals.list_page(session, shop, asset_id, _LOOKED_AT, None)
    plain = {
        each.format: each
        for each in reversed(made)
        if each.template == cards.TEMPLATE and described(each.storage_key, each.bytes).media_type == "image/jpeg"
    }
    screens = [each for slug, each in plain.items() if slug.startswith(WHOLE)]
    if screens and formats == FOR_PHONES:
        return _whole(storage, asset, alt, sorted(screens, key=lambda each: each.width))
    best: Visual | Asset = next((plain[each] for each in formats if each in plain), asset)
    found = Picture(url=storage.url(best.storage_key), width=best.width, height=best.height, alt=asset.alt_text or alt)
    if isinstance(best, Visual):
        return found
    return msgspec.structs.replace(found, focal_x=asset.focal_x, focal_y=asset.focal_y)


def _whole(storage: Storage, asset: Asset, alt: str, screens: list[Visual]) -> Picture:
    """The whole picture in these widths, the smallest first."""
    largest = screens[-1]
    return Picture(
        url=storage.url(largest.storage_key),
        width=largest.width,
        height=largest.height,
        alt=asset.alt_text or alt,
        focal_x=asset.focal_x,
        focal_y=asset.focal_y,
        srcset=", ".join(f"{storage.url(each.storage_key)} {each.width}w" for each in screens),
    )
