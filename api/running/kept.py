"""What outlives a run of `vitrine up`: a small file that is written whole or not at all."""

import os
from pathlib import Path

import msgspec


class Kept(msgspec.Struct, kw_only=True):
    """The file `up.json`, for its owner's eyes: ports, paths of links, tokens that the database has digests of."""

    port: int
    sandbox_port: int
    stripe_key: str
    webhook_secret: str
    shop_id: str = ""
    secret_key: str = ""
    publishable_key: str = ""
    sandbox_url: str = ""
    webhook_url: str = ""
    webhook_endpoint: str = ""
    is_seeded: bool = False
    links: dict[str, str] = {}


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, whole or not at all, also if the power goes."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
