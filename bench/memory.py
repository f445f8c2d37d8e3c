"""What the server process holds in memory: idle, after pictures that are made to hurt it, and while many come at once.

A real `vitrine up`; the figure is the resident memory of its server process (the worker, the local Stripe and the
picture children are processes of their own).
"""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import msgspec

from bench.row import Row
from tests.media.pictures import flicker, gif, photo, png, saved, webp_canvas, with_extent
from tests.media.samples import HEIC

_MIB = 2**20
CROWD = 60


def rows() -> list[Row]:
    """Idle memory, and what twenty hostile pictures add to it."""
    with tempfile.TemporaryDirectory() as folder, _up(Path(folder)) as (server, client):
        for _ in range(3):
            client.get("/readyz").raise_for_status()
        idle = resident(server)
        for each in hostile():
            answer = client.post("/v1/assets", files={"file": ("x.jpg", each, "image/jpeg")})
            if answer.status_code not in (201, 422):
                raise RuntimeError(f"{answer.status_code}: {answer.text}")
        after = resident(server)
        reset_peak(server)
        taken = crowd(client)
        most = peak(server)
    return [
        Row(
            "resident memory of the idle server", idle / _MIB, 180, unit="MiB", note="one process, after three requests"
        ),
        Row(
            "20 hostile pictures add to it", (after - idle) / _MIB, 100, unit="MiB", note="uploaded one after the other"
        ),
        Row(
            f"{CROWD} pictures of 9 MB at once add to it",
            (most - after) / _MIB,
            150,
            unit="MiB",
            note=f"its peak; {taken} taken in, the others asked back (429)",
        ),
    ]


def hostile() -> list[bytes]:
    """Twenty files: bombs, films, lies, torn ones, noise."""
    small, torn = saved(photo(300, 300), "AVIF"), saved(photo(3000, 2000))
    found = [
        png(7000, 7000),
        png(50_000, 50_000),
        png(7000, 7000, filled=True),
        png(2**31 - 1, 2**31 - 1),
        webp_canvas(16_000_000, 16_000_000),
        webp_canvas(16_383, 3000),
        gif((65_535, 65_535), (0, 0, 65_535, 65_535), disposal=2),
        gif((7000, 7000), (0, 0, 7000, 7000), disposal=2),
        flicker(600_000),
        with_extent(small, 30_000, 30_000),
        with_extent(small, 7000, 7000),
        with_extent(HEIC, 7000, 7000),
        saved(photo(6900, 7200)),
        torn[: len(torn) // 2],
        b"\xff\xd8\xff" + os.urandom(9_000_000),
        b"\x89PNG\r\n\x1a\n" + os.urandom(9_000_000),
        b"GIF89a" + b"\xff" * 9_000_000,
        b"RIFF\xff\xff\xff\x7fWEBPVP8 " + bytes(9_000_000),
        saved(photo(300, 300), "GIF")[:400] + b"!\xfe" + b"\x01a" * 4_000_000,
        b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + b"\0\0\0\x08free" * 1_000_000,
    ]
    assert len(found) == 20
    return found


def crowd(client: httpx2.Client) -> int:
    """How many of 60 pictures, sent at once under an Idempotency-Key each, were taken in."""
    content = saved(photo(300, 300)) + os.urandom(9_000_000)

    def send(number: int) -> bool:
        files, key = (
            {"file": ("x.jpg", content + bytes([number]), "image/jpeg")},
            {"Idempotency-Key": f"crowd-{number}"},
        )
        with httpx2.Client(base_url=client.base_url, headers=client.headers, trust_env=False, timeout=120) as one:
            answer = one.post("/v1/assets", files=files, headers=key)
        if answer.status_code not in (201, 429):
            raise RuntimeError(f"{answer.status_code}: {answer.text}")
        return answer.status_code == 201

    with ThreadPoolExecutor(CROWD) as threads:
        return sum(threads.map(send, range(CROWD)))


@contextlib.contextmanager
def _up(folder: Path) -> Iterator[tuple[int, httpx2.Client]]:
    """The id of the server process of a `vitrine up`, and a client with its secret key."""
    ready, kept = folder / "ready.json", {k: v for k, v in os.environ.items() if not k.startswith("VITRINE_")}
    command = [sys.executable, "-m", "api.cli", "up", "--port", "0", "--data", str(folder / "data")]
    with subprocess.Popen(
        [*command, "--ready-file", str(ready)], env=kept, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if ready.exists() or "http://127.0.0.1:" in line:
                    break
            told: dict[str, str | int] = msgspec.json.decode(ready.read_bytes())
            key = {"Authorization": f"Bearer {told['secret_key']}"}
            with httpx2.Client(base_url=str(told["base_url"]), headers=key, trust_env=False, timeout=120) as client:
                yield _server(process.pid), client
        finally:
            process.terminate()
            process.communicate(timeout=60)


def _server(parent: int) -> int:
    """The child of `vitrine up` that serves."""
    for task in Path(f"/proc/{parent}/task").iterdir():
        for each in (task / "children").read_text().split():
            if b"\0serve\0" in Path(f"/proc/{each}/cmdline").read_bytes() + b"\0":
                return int(each)
    raise RuntimeError("There is no server among the children.")


def resident(pid: int) -> int:
    """Bytes that a process holds in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def reset_peak(pid: int) -> None:
    """From now on `peak` counts anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak(pid: int) -> int:
    """The most that it held since the last reset."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
