"""The pictures of a page: a product's own, in a size that a phone can take."""

from collections.abc import Iterable

import msgspec

from api.pages.views import Picture
from catalog.facts import PictureFacts
from core.db import AsyncSession
from core.errors import NotFound
from core.shops import Shop
from media import assets, visuals
from media.models import Asset, Visual
from media.storage.storage import Storage, described

_MOST = 6
_LOOKED_AT = 30
# A visual without words on it, as tall as a phone likes it; previews have a format of their own.
_PLAIN = "plain"
FOR_PHONES = ("portrait", "square", "pin")
FOR_CARDS = ("link-card", "square", "portrait", "pin")


async def of_product(
    session: AsyncSession, storage: Storage, shop: Shop, pictures: Iterable[PictureFacts], title: str,
    formats: tuple[str, ...] = FOR_PHONES, most: int = _MOST,
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
    """One asset: a plain visual of it in the first of these formats that there is, else its master picture."""
    try:
        asset = await assets.get(session, shop, asset_id)
    except NotFound:
        return None
    made, _ = await visuals.list_page(session, shop, asset_id, _LOOKED_AT, None)
    plain = {
        each.format: each
        for each in reversed(made)
        if each.template == _PLAIN and described(each.storage_key, each.bytes).media_type == "image/jpeg"
    }
    best: Visual | Asset = next((plain[each] for each in formats if each in plain), asset)
    found = Picture(url=storage.url(best.storage_key), width=best.width, height=best.height, alt=asset.alt_text or alt)
    if isinstance(best, Visual):
        return found
    return msgspec.structs.replace(found, focal_x=asset.focal_x, focal_y=asset.focal_y)
