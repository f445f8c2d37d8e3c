"""Five visuals beside what image servers do: thumbor and libvips from PyPI, in an environment of their own.

Both are called once per visual, as their users call them: thumbor by a request to its server, libvips by
`thumbnail_buffer` with the crop to the middle, in one process that stays. They and our picture child get the same JPEG,
the same five sizes, quality 88 and the same allocator; counted is CPU of their processes and of ours, turn by turn.
libvips writes 4:4:4 as we do; thumbor 4:2:0, which is less work: with its setting for 4:4:4 it writes quality 1.
Where the registry cannot be reached there are no rows.
"""

import asyncio
import subprocess
import sys
import tempfile
import urllib.request
import venv
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import IO

import msgspec
from PIL import Image

from bench import pictures, serving
from bench.row import Row
from media import render
from media.formats import formats
from media.pool import environment
from media.studio.still_lifes import STILL_LIVES
from media.tasks import LENGTH, DrawTask, Finished, pack, read_answer
from tests.media.likeness import ssim

PACKAGES = ("thumbor==7.8.0", "pyvips==3.2.0", "pyvips-binary==8.18.7")
ROUNDS = 5
_OURS = 4  # Turns of ours for each of theirs: the kernel counts in hundredths of a second.
_THUMBOR = """
LOADER = "thumbor.loaders.file_loader"
FILE_LOADER_ROOT_PATH = {folder!r}
STORAGE = "thumbor.storages.no_storage"
QUALITY = 88
DETECTORS = []
"""
_VIPS = """
import sys
import pyvips

for line in sys.stdin:
    path, width, height = line.split()
    with open(path, "rb") as file:
        data = file.read()
    image = pyvips.Image.thumbnail_buffer(data, int(width), height=int(height), crop="centre")
    made = image.jpegsave_buffer(Q=88, subsample_mode="off")
    sys.stdout.buffer.write(len(made).to_bytes(4, "big") + made)
    sys.stdout.buffer.flush()
"""


class _Peer(msgspec.Struct):
    """Something that draws: its process, and how it makes the five files of one master."""

    name: str
    pid: int
    draw: Callable[[Path], list[bytes]]


def rows() -> list[Row]:
    """CPU of theirs ÷ CPU of ours for five visuals, and how near to the reference each comes."""
    with tempfile.TemporaryDirectory() as folder:
        python = _installed(Path(folder))
        return asyncio.run(_rows(Path(folder), python)) if python else []


async def _rows(folder: Path, python: Path) -> list[Row]:
    with _ours() as ours, _vips(python) as vips:
        async with _thumbor(folder, python) as thumbor:
            likeness = {each.name: _likeness(each, folder) for each in (ours, vips, thumbor)}
            found = []
            for size in ("12 MP portrait", "12 MP landscape"):
                master = folder / "master.jpg"
                master.write_bytes(pictures.photograph(*pictures.SIZES[size]))
                for peer in (thumbor, vips):
                    ratio, mine, other = _compared(ours, peer, master)
                    note = (
                        f"{other:.0f} ms of CPU ÷ {mine:.0f} ms; median of {ROUNDS} rounds in turns; likeness (SSIM) "
                        f"to Lanczos from the whole decode, the least of five: {likeness[peer.name]:.3f}, "
                        f"ours {likeness[ours.name]:.3f}"
                    )
                    what = f"five formats from a {size} JPEG, {peer.name} ÷ ours"
                    found.append(Row(what, ratio, 5, better="higher", note=note))
            return found


def _installed(folder: Path) -> Path | None:
    """The interpreter of a fresh environment that has the packages; None where they cannot be had."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    done = subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=False)
    return python if done.returncode == 0 else None


def _compared(ours: _Peer, peer: _Peer, master: Path) -> tuple[float, float, float]:
    """Theirs ÷ ours, and milliseconds of CPU of both."""
    rounds = []
    for number in range(ROUNDS + 1):
        mine = _cpu(ours, master, _OURS)
        other = _cpu(peer, master, 1)
        if number:  # The first one warms up.
            rounds.append((mine * 1000, other * 1000))
    return median(b / a for a, b in rounds), median(a for a, _ in rounds), median(b for _, b in rounds)


def _cpu(peer: _Peer, master: Path, turns: int) -> float:
    """Seconds of CPU of its process for five visuals."""
    before = serving.cpu(peer.pid)
    for _ in range(turns):
        peer.draw(master)
    return (serving.cpu(peer.pid) - before) / turns


def _likeness(peer: _Peer, folder: Path) -> float:
    """The least likeness of its five visuals to the reference."""
    master = folder / "still.jpg"
    master.write_bytes(STILL_LIVES[0].jpeg())
    whole = Image.open(master)
    wanted = render.draw(master.read_bytes(), pictures.drawing())
    made = [Image.open(BytesIO(each)) for each in peer.draw(master)]
    return min(ssim(one, pictures.reference(whole, visual)) for one, visual in zip(made, wanted, strict=True))


@contextmanager
def _ours() -> Iterator[_Peer]:
    """A picture child."""
    command = [sys.executable, "-m", "media.worker", "1024", "60"]
    with subprocess.Popen(command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        tasks, answers = _pipes(child)

        def draw(master: Path) -> list[bytes]:
            tasks.write(pack(DrawTask(master.read_bytes(), pictures.drawing())))
            tasks.flush()
            answer = read_answer(answers.read(int.from_bytes(answers.read(LENGTH), "big")))
            assert isinstance(answer, Finished), answer
            return [each.data for each in answer.drawn]

        yield _Peer("ours", child.pid, draw)


@contextmanager
def _vips(python: Path) -> Iterator[_Peer]:
    with subprocess.Popen(
        [python, "-c", _VIPS], env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        tasks, answers = _pipes(child)

        def one(master: Path, width: int, height: int) -> bytes:
            tasks.write(f"{master} {width} {height}\n".encode())
            tasks.flush()
            return answers.read(int.from_bytes(answers.read(4), "big"))

        yield _Peer(PACKAGES[2], child.pid, lambda master: [one(master, *size) for size in _sizes()])


@asynccontextmanager
async def _thumbor(folder: Path, python: Path) -> AsyncIterator[_Peer]:
    settings = folder / "thumbor.conf"
    settings.write_text(_THUMBOR.format(folder=str(folder)))

    def command(port: int) -> list[str | Path]:
        return [python, "-m", "thumbor.server", "-i", serving.HOST, "-p", str(port), "-c", settings]

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    async with serving.listening(command, lambda _: environment()) as (pid, port):

        def one(master: Path, width: int, height: int) -> bytes:
            with opener.open(f"http://{serving.HOST}:{port}/unsafe/{width}x{height}/{master.name}") as answer:
                made: bytes = answer.read()
                return made

        yield _Peer(PACKAGES[0], pid, lambda master: [one(master, *size) for size in _sizes()])


def _sizes() -> list[tuple[int, int]]:
    found = [formats.find(slug) for slug in pictures.FORMATS]
    return [(each.width, each.height) for each in found if each is not None]


def _pipes(child: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert child.stdin is not None
    assert child.stdout is not None
    return child.stdin, child.stdout
