"""What most tests of pictures ask for: children to draw them, where they lie, and one that is there."""

from collections.abc import AsyncIterator

import pytest

from core.db import Database
from core.settings import Settings
from core.shops import Shop
from media import assets
from media.models import Asset
from media.pool import PicturePool
from media.storage import storage as storages
from media.storage.storage import Storage
from tests.media.pictures import DOT, dotted, saved


@pytest.fixture
async def pool() -> AsyncIterator[PicturePool]:
    """Picture children as a server has them."""
    async with PicturePool() as pool:
        yield pool


@pytest.fixture
def storage(settings: Settings) -> Storage:
    """The storage that the settings name."""
    return storages.connect(settings)


@pytest.fixture
async def asset(db: Database, storage: Storage, pool: PicturePool, shop: Shop) -> Asset:
    """A picture of the shop with a dot at `DOT`, by which tests see where it went."""
    return await assets.store(db, storage, pool, shop, saved(dotted(800, 1000, DOT)))
