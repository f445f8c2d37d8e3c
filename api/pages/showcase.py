"""The pictures of a page: a product's own, in a size that a phone can take."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from api.pages.views import Picture, Source
from catalog.facts import PictureFacts
from catalog.offers import ProductOffers
from core.db import AsyncSession
from core.shops import Shop
from media import assets, visuals
from media.assets import Shown
from media.formats.formats import WHOLE
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
    wanted = [(each.asset_id, each.alt_text or title) for each in list(pictures)[:most]]
    found = await of_assets(session, storage, shop, wanted, formats)
    return tuple(each for each in found if each is not None)


async def of_products(
    session: AsyncSession, storage: Storage, shop: Shop, several: Sequence[ProductOffers]
) -> list[Picture | None]:
    """The first picture of each product, in one go."""
    first = [next(iter(each.pictures), None) for each in several]
    wanted = [(each.asset_id, each.alt_text or it.title) for it, each in zip(several, first, strict=True) if each]
    found = iter(await of_assets(session, storage, shop, wanted))
    return [next(found) if each else None for each in first]


async def of_asset(
    session: AsyncSession, storage: Storage, shop: Shop, asset_id: str, alt: str, formats: tuple[str, ...] = FOR_PHONES
) -> Picture | None:
    """One asset: a plain visual of it in the first of these formats that there is, else its master picture.

    For people the whole picture comes first, in the widths and file types that a job drew (`social/cards.py`).
    """
    return (await of_assets(session, storage, shop, [(asset_id, alt)], formats))[0]


async def of_assets(
    session: AsyncSession, storage: Storage, shop: Shop, wanted: Sequence[tuple[str, str]],
    formats: tuple[str, ...] = FOR_PHONES,
) -> list[Picture | None]:  # fmt: skip
    """Assets, each with the text to say of it, as `of_asset` shows one; None in the place of one that has gone."""
    known = await _drawn(session, shop, [asset_id for asset_id, _ in wanted])
    return [
        _picture(storage, *known[asset_id], alt, formats) if asset_id in known else None for asset_id, alt in wanted
    ]


async def whole(
    session: AsyncSession, storage: Storage, shop: Shop, wanted: Sequence[tuple[str, str]]
) -> list[Picture | None]:
    """All of each picture, for points on it to be where they were set: as drawn for pages, else its master."""
    known = await _drawn(session, shop, [asset_id for asset_id, _ in wanted])
    found: list[Picture | None] = []
    for asset_id, alt in wanted:
        picture = _picture(storage, *known[asset_id], alt, FOR_PHONES) if asset_id in known else None
        if picture is not None and not picture.srcset:
            picture = _picture(storage, *known[asset_id], alt, ())
        found.append(picture)
    return found


async def _drawn(
    session: AsyncSession, shop: Shop, asset_ids: Collection[str]
) -> dict[str, tuple[Shown, Sequence[Made]]]:
    """Assets with what was drawn of them, newest first."""
    shown = await assets.shown(session, shop, asset_ids)
    drawn = await visuals.by_template(session, shop, shown, cards.TEMPLATE)
    return {asset_id: (asset, drawn[asset_id]) for asset_id, asset in shown.items()}


def _picture(storage: Storage, asset: Shown, drawn: Sequence[Made], alt: str, formats: tuple[str, ...]) -> Picture:
    made: dict[str, dict[str, Made]] = {}
    for each in reversed(drawn):
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


async def within(
    session: AsyncSession, storage: Storage, shop: Shop, asset_id: str, width: int, height: int
) -> Picture | None:
    """The largest JPEG of an asset that was drawn without words and fits into so many pixels; whole ones come first."""
    drawn = await visuals.by_template(session, shop, [asset_id], cards.TEMPLATE)
    found = [
        each
        for each in drawn[asset_id]
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
