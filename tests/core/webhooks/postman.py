"""A worker that dies between a receiver's answer and its own notes.

`python -m tests.core.webhooks.postman DATABASE SECRET_KEY` works one batch of jobs off.
"""

import asyncio
import sys

from core import clock, failpoints, jobs
from core.db import Database
from core.jobs import Resources
from core.outbound import Outbound
from core.secrets import Vault
from core.shops import Shop
from core.webhooks import sending


async def carry(database: str, secret_key: str) -> None:
    """One batch, and death in the middle of it."""
    failpoints.arm("webhooks.sent")
    assert sending.send.patient
    assert Shop.__tablename__  # Every job belongs to one: its table must be known.
    await jobs.run_due(Resources(Database(database), Vault([secret_key]), Outbound(loopback=True)), clock.now())


if __name__ == "__main__":
    asyncio.run(carry(*sys.argv[1:3]))
