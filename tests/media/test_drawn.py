"""The newest visuals of several assets, as pages ask for them."""

import pytest

from core import clock, ids
from core.db import AsyncSession
from core.shops import Shop
from media import assets, visuals
from media.models import Asset, Visual


async def _asset(session: AsyncSession, shop: Shop, count: int) -> Asset:
    """An asset with so many visuals, as wide as they are old: the first is 1."""
    now, digest = clock.now(), ids.new("key")
    asset = Asset(
        id=ids.new("asset"), shop_id=shop.id, sha256=digest, content_sha256=digest, storage_key=f"m-{digest}.jpg",
        width=1600, height=2000, bytes=1, created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(asset)
    await session.flush()
    for width in range(1, count + 1):
        key = ids.new("key")
        session.add(
            Visual(
                id=ids.new("vis"), shop_id=shop.id, asset_id=asset.id, template="plain", format="square", key=key,
                storage_key=f"v-{key}.jpg", width=width, height=1, bytes=1, frame={}, created_at=now,
            )
        )  # fmt: skip
    await session.flush()
    return asset


@pytest.mark.parametrize("many", [3, 900])
async def test_each_asset_has_its_newest_visuals_however_many_another_has(
    session: AsyncSession, shop: Shop, many: int
) -> None:
    few, none = await _asset(session, shop, 2), await _asset(session, shop, 0)
    much = await _asset(session, shop, many)
    found = await visuals.by_template(session, shop, [few.id, none.id, much.id], "plain")
    assert [each.width for each in found[few.id]] == [2, 1]
    assert found[none.id] == []
    assert [each.width for each in found[much.id]] == list(range(many, max(0, many - 100), -1))
    assert (await visuals.by_template(session, shop, [few.id, much.id], "other")) == {few.id: [], much.id: []}


async def test_more_assets_than_one_statement_takes_are_all_shown(session: AsyncSession, shop: Shop) -> None:
    made = [await _asset(session, shop, 1) for _ in range(11)]
    shown = await assets.shown(session, shop, [*(each.id for each in made), "asset_unknown"])
    assert set(shown) == {each.id for each in made}
    drawn = await visuals.by_template(session, shop, list(shown), "plain")
    assert [len(each) for each in drawn.values()] == [1] * 11
