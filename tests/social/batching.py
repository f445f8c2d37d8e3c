"""A worker that draws batches until a failpoint kills it: `DATABASE FOLDER FAILPOINT`."""

import asyncio
import sys
from pathlib import Path

from core import clock, failpoints, jobs
from core.db import Database
from core.jobs import Resources
from media.pool import PicturePool
from media.storage.local import LocalStorage
from social.batches import drawing as _drawing  # noqa: F401  # Its job is known by having been imported.
from social.cards import Painter


async def work(url: str, folder: str) -> None:
    """Until nothing is due."""
    db = Database(url)
    async with PicturePool(workers=1) as pool:
        resources = Resources(db, Painter(LocalStorage(Path(folder), "http://x"), pool))
        while await jobs.run_due(resources, clock.now()):
            pass
    await db.close()


if __name__ == "__main__":
    failpoints.arm(sys.argv[3])
    asyncio.run(work(*sys.argv[1:3]))
