"""Completes one upload in a process of its own, which a failpoint may kill: `DATABASE FOLDER SHOP UPLOAD FAILPOINT`."""

import asyncio
import sys
from pathlib import Path

from core import clock, failpoints, shops
from core.db import Database
from media import uploads
from media.pool import PicturePool
from media.storage.local import LocalStorage


async def complete(url: str, folder: str, shop_id: str, upload_id: str) -> None:
    db = Database(url)
    async with db.read() as session:
        shop = await shops.get(session, shop_id)
    async with PicturePool(workers=1) as pool:
        await uploads.complete(db, LocalStorage(Path(folder), "http://x"), pool, shop, upload_id, clock.now())
    await db.close()


if __name__ == "__main__":
    failpoints.arm(sys.argv[5])
    asyncio.run(complete(*sys.argv[1:5]))
