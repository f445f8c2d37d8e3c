"""One act inside one transaction: who, when, under which host."""

import random
import sqlite3
from dataclasses import dataclass

from checkout.sandbox.settings import SandboxSettings


@dataclass(frozen=True, slots=True)
class Call:
    """What every verb takes first. `now` is Stripe's time, `wall` the receiver's; they differ when a test moved it."""

    db: sqlite3.Connection
    settings: SandboxSettings
    dice: random.Random
    account: str
    now: int
    wall: float
    base_url: str
    request_id: str | None = None
    idempotency_key: str | None = None
