"""A studio for every test of posts."""

from collections.abc import AsyncIterator

import pytest

from core.db import Database
from core.settings import Settings
from core.shops import Shop
from media.pool import PicturePool
from tests.social.making import Studio


@pytest.fixture
async def studio(db: Database, settings: Settings, shop: Shop) -> AsyncIterator[Studio]:
    """A studio of the shop; its picture process starts when it is first needed."""
    async with PicturePool(workers=1) as pool:
        yield Studio(db, settings, shop, pool)
