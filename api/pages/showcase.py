"""The pictures of a page: a product's own, in a size that a phone can take."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from api.pages.views import Picture, Source
from catalog.facts import PictureFacts
from core.db import AsyncSession
from core.shops import Shop
from media import assets, visuals
from media.assets import Shown
from media.formats import WHOLE
from media.storage.storage import Storage, described
from media.visuals import Made
from social import cards

# What a browser takes that knows nothing else, and what is lighter, the lightest first.
_EVERYWHERE, _LIGHTER = "image/jpeg", ("image/avif", "image/webp")
# A visual without words: the whole picture, else as tall as a phone likes it; previews have a format of their own.
FOR_PHONES = ("portrait", "square", "pin")
FOR_THUMBNAILS = ("square", "portrait", "pin")
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

    For people the whole picture comes first, in the widths and file types that a job drew (`social/cards.py`).
    """
    asset = await assets.shown(session, shop, asset_id)
    if asset is None:
        return None
    made: dict[str, dict[str, Made]] = {}
    for each in reversed(await visuals.by_template(session, shop, asset_id, cards.TEMPLATE)):
        made.setdefault(described(each.storage_key, each.bytes).media_type, {})[each.format] = each
    plain = made.get(_EVERYWHERE, {})
    screens = _screens(plain)
    if screens and formats in (FOR_PHONES, FOR_THUMBNAILS):
        # A thumbnail is never wider than the least of them.
        screens = screens[:1] if formats == FOR_THUMBNAILS else screens
        return _whole(storage, asset, alt, screens, [(each, _screens(made.get(each, {}))) for each in _LIGHTER])
    best: Made | Shown = next((plain[each] for each in formats if each in plain), asset)
    found = Picture(url=storage.url(best.storage_key), width=best.width, height=best.height, alt=asset.alt_text or alt)
    if isinstance(best, Made):
        return found
    return msgspec.structs.replace(found, focal_x=asset.focal_x, focal_y=asset.focal_y)


async def whole(session: AsyncSession, storage: Storage, shop: Shop, asset_id: str, alt: str) -> Picture | None:
    """All of a picture, for points on it to be where they were set: as drawn for pages, else its master."""
    found = await of_asset(session, storage, shop, asset_id, alt)
    return found if found is None or found.srcset else await of_asset(session, storage, shop, asset_id, alt, ())


async def within(
    session: AsyncSession, storage: Storage, shop: Shop, asset_id: str, width: int, height: int
) -> Picture | None:
    """The largest JPEG of an asset that was drawn without words and fits into so many pixels; whole ones come first."""
    drawn = await visuals.by_template(session, shop, asset_id, cards.TEMPLATE)
    found = [
        each
        for each in drawn
        if each.width <= width
        and each.height <= height
        and described(each.storage_key, each.bytes).media_type == _EVERYWHERE
    ]
    if not found:
        return None
    best = max(found, key=lambda each: (each.format.startswith(WHOLE), each.width * each.height))
    return Picture(url=storage.url(best.storage_key), width=best.width, height=best.height, alt="")


def _screens(made: Mapping[str, Made]) -> list[Made]:
    """The whole picture in its widths, the smallest first."""
    return sorted((each for slug, each in made.items() if slug.startswith(WHOLE)), key=lambda each: each.width)


def _whole(
    storage: Storage, asset: Shown, alt: str, screens: list[Made], lighter: Sequence[tuple[str, list[Made]]]
) -> Picture:
    """The whole picture in these widths; a lighter file type counts where it has all of them."""
    largest, widths = screens[-1], {each.width for each in screens}
    sources = []
    for media_type, every in lighter:
        same = [each for each in every if each.width in widths]
        if len(same) == len(screens):
            sources.append(Source(media_type=media_type, srcset=_srcset(storage, same)))
    return Picture(
        url=storage.url(largest.storage_key),
        width=largest.width,
        height=largest.height,
        alt=asset.alt_text or alt,
        focal_x=asset.focal_x,
        focal_y=asset.focal_y,
        srcset=_srcset(storage, screens) if len(screens) > 1 else "",
        sources=tuple(sources),
    )


def _srcset(storage: Storage, screens: Sequence[Made]) -> str:
    """The addresses with their widths; an only one without."""
    if len(screens) == 1:
        return storage.url(screens[0].storage_key)
    return ", ".join(f"{storage.url(each.storage_key)} {each.width}w" for each in screens)
