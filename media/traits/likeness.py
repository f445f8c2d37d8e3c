"""Near-duplicates: the same photo in another size, compression or brightness, or cropped a little.

Two pictures are near-duplicates when three things agree: their difference hashes differ in at most nine bits of 64,
their colours lie at most 0.1 apart, and their subjects, where both have one, overlap by 0.52. Chosen on 24 pictures of
a boutique and five of our studio:

- Copies of each at JPEG quality 30 and 60, at a half, a third and 1.7 times the size, 20 % brighter or darker, with
  20 % more contrast or 30 % more colour differ in 5 bits at most. Cropped by 1 % on each side they differ in 5 at most,
  by 2 % in 8, by 3 % in 5 in the middle and 15 at most; cropped by 2 %, 15 % brighter, smaller and at quality 50 in 8.
  Their colours are 0.09 apart at most, their subjects overlap by 0.60 or more: all of these are found. Cropped by 3 %
  on each side 26 of 29 are, by 5 % twelve.
- Of the 406 pairs of different pictures one differs in 8 bits, all others in 12 or more, the median in 27. That one is
  two things before the same wall, whose subjects overlap by 0.44. None of the pairs is taken for one picture.
- The same product in another colour often differs in no more than 3 bits: its colours are what tells.
"""

import math
from typing import NamedTuple

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from core.db import AsyncSession
from core.shops import Shop
from media.frame import Area
from media.models import Asset, AssetBand
from media.traits import dhash, thumbhash
from media.traits.traits import Traits
from media.warnings import WarningFacts

MOST = 20
_LOOKED_AT = 100  # Of those whose hashes are near, the nearest: before one wall there may be thousands.
_COLOURS = 0.1
_OVERLAP = 0.52


class Similar(NamedTuple):
    """A near-duplicate, and in how many bits of 64 its hash differs."""

    asset: Asset
    distance: int


async def near(session: AsyncSession, shop: Shop, traits: Traits, *, but: str = "") -> list[Similar]:
    """The near-duplicates of a picture with these traits that are not archived, the nearest first, at most 20.

    `but` is the id of an asset to leave out: its own.
    """
    if not traits.dhash:
        return []
    distances = await _near_hashes(session, shop, traits.dhash)
    distances.pop(but, None)
    nearest = sorted(distances, key=lambda asset_id: (distances[asset_id], asset_id))[:_LOOKED_AT]
    chosen = select(Asset).where(Asset.shop_id == shop.id, col(Asset.id).in_(nearest), col(Asset.archived_at).is_(None))
    found = [
        Similar(asset, distances[asset.id])
        for asset in (await session.exec(chosen)).all()
        if _alike(traits, msgspec.convert(asset.traits, Traits))
    ]
    return sorted(found, key=lambda each: (each.distance, each.asset.id))[:MOST]


def remember(session: AsyncSession, asset: Asset) -> None:
    """Let a new asset be found by its likeness."""
    found = msgspec.convert(asset.traits, Traits).dhash
    session.add_all(
        AssetBand(shop_id=asset.shop_id, band=band, dhash=dhash.number(found), asset_id=asset.id)
        for band in (dhash.bands(found) if found else ())
    )


def warning(other: Similar) -> WarningFacts:
    """What is told of a picture that looks like one that is there."""
    return {
        "slug": "near-duplicate",
        "asset_id": other.asset.id,
        "distance": other.distance,
        "detail": "The shop has nearly the same picture already.",
    }


_BANDS = [f"band{place}" for place in range(dhash.NEAR_BANDS)]
_NEAR = sa.select(col(AssetBand.asset_id), col(AssetBand.dhash)).where(
    col(AssetBand.shop_id) == sa.bindparam("shop"),
    col(AssetBand.band).in_([sa.bindparam(each, type_=sa.Integer()) for each in _BANDS]),
)


async def _near_hashes(session: AsyncSession, shop: Shop, wanted: str) -> dict[str, int]:
    """The distance of each asset whose hash is near, by its id."""
    values = dict(zip(_BANDS, dhash.near_bands(wanted), strict=True))
    number, found = dhash.number(wanted), {}
    for asset_id, other in await session.rows(_NEAR, {"shop": shop.id, **values}):
        distance = dhash.distance(number, other)
        if distance <= dhash.FARTHEST:
            found[asset_id] = distance
    return found


def _alike(one: Traits, other: Traits) -> bool:
    """Whether two pictures whose hashes are near agree in their colours and subjects too."""
    if _apart(one.thumbhash, other.thumbhash) > _COLOURS:
        return False
    return one.subject is None or other.subject is None or _overlap(one.subject, other.subject) >= _OVERLAP


def _apart(one: str, other: str) -> float:
    """How far the colours of two ThumbHashes are apart, wherever they lie; their lightness does not count."""
    return math.dist(thumbhash.colours(one), thumbhash.colours(other))


def _overlap(one: Area, other: Area) -> float:
    """The share of what either area covers that both do."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    common = max(0.0, width) * max(0.0, height)
    return common / (_extent(one) + _extent(other) - common)


def _extent(area: Area) -> float:
    return (area.right - area.left) * (area.bottom - area.top)
