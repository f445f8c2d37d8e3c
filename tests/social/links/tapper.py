"""A process that takes hits as a server does, to be killed: `tapper.py DATABASE SPOOL LINK_NUMBER FAILPOINT [ROLE]`.

Prints the id of each hit once it is in the spool, as a server would answer then. With a failpoint it spools 100
hits and dies while folding them; without one it goes on until it is killed. In the role `taps` it only takes hits, as a
server beside a worker, and in the role `gleans` it is that worker.
"""

import asyncio
import os
import sys
from pathlib import Path

from catalog import models as _catalog
from core import clock, failpoints
from core.db import Database
from media import models as _media
from social.links.clicks import Orphans
from social.links.folder import Folder
from social.links.gleaner import Gleaner
from social.links.salts import Salts
from social.links.spool import Hit, Spool
from social.links.token import milliseconds

TABLES = (_catalog, _media)


async def main(database: str, folder: str, number: int, failpoint: str, role: str = "") -> None:
    """Take hits in bursts and let the folder work in between."""
    if role == "gleans":
        await _glean(Database(database), Path(folder), failpoint)
    db = Database(database)
    spool = Spool(Path(folder), segment_bytes=20_000)
    folding = Folder(db, spool, Salts(), Orphans(), sync_ms=20, folds=role != "taps")
    await folding.open()
    failpoints.arm(failpoint)
    while True:
        for _ in range(100):
            hit = Hit(milliseconds(clock.now()).to_bytes(6) + os.urandom(10), number, 0, "human", "phone")
            if spool.append(hit):
                os.write(1, hit.click_id.hex().encode() + b"\n")
        if failpoint:
            await folding.fold_now()
        await asyncio.sleep(0.005)


async def _glean(db: Database, folder: Path, failpoint: str) -> None:
    failpoints.arm(failpoint)
    gleaner = Gleaner(db, lambda: [folder] if folder.is_dir() else [])
    while True:
        await gleaner.fold_now()
        await asyncio.sleep(0.005)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:]))
