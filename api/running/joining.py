"""What a second instance must share with the first: the settings, the shop's tokens, the place of the pictures.

It lies beside the ready file, for its owner's eyes, and goes with it. Ports and the spool of clicks are each
instance's own.
"""

from pathlib import Path

import msgspec

from api.running.failure import Failure
from api.running.kept import Kept, write_private
from core.settings import PREFIX

SUFFIX = ".join"


class NothingToJoin(Failure):
    """No instance that could be joined wrote this file."""


class Access(msgspec.Struct, kw_only=True):
    """The file `READY_FILE.join`: the first one's folder, its VITRINE_ variables, and what it keeps."""

    data: str
    environment: dict[str, str]
    kept: Kept


def beside(ready_file: Path) -> Path:
    """Where the file for those who join lies."""
    return ready_file.with_name(ready_file.name + SUFFIX)


def offer(ready_file: Path, data: Path, environment: dict[str, str], kept: Kept) -> None:
    """Let others join; what they need of `environment` is Vitrine's own part of it."""
    ours = {name: value for name, value in environment.items() if name.upper().startswith(PREFIX)}
    access = Access(data=str(data), environment=ours, kept=kept)
    write_private(beside(ready_file), msgspec.json.encode(access))


def read(ready_file: Path) -> Access:
    """What the first instance offers; raises NothingToJoin."""
    try:
        return msgspec.json.decode(beside(ready_file).read_bytes(), type=Access)
    except FileNotFoundError:
        raise NothingToJoin(
            f"{beside(ready_file)} is not there: start the first instance with `vitrine up --ready-file {ready_file}`."
        ) from None
    except msgspec.MsgspecError:
        raise NothingToJoin(f"{beside(ready_file)} was not written by `vitrine up`.") from None
