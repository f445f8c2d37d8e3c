"""Five visuals from a JPEG of 12 and of 24 megapixels, against what the codec alone costs; in memory; and side by side.

The floor decodes the JPEG once at full scale and encodes five pictures of the same sizes with libjpeg-turbo, and does
nothing in between. Both run in one child with the allocator settings of the picture children, turn by turn; CPU time,
the median of the ratios. Memory and the speed of two are those of real picture children.
"""

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from io import BytesIO
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import simplejpeg  # type: ignore[import-untyped]  # It ships no types.
from PIL import Image

from bench import serving
from bench.row import Row
from media import encoding, render
from media.frame import FrameChoice
from media.looks.scene import Framing, Scene
from media.pool import PicturePool, environment
from media.render import Drawing
from media.studio.still_lifes import STILL_LIVES
from media.tasks import LENGTH, DrawTask, OpenTask, Task, pack, read_answer
from tests.media.likeness import ssim

FORMATS = ["square", "portrait", "story", "pin", "link-card"]
SIZES = {
    "12 MP portrait": (3000, 4000),
    "12 MP landscape": (4000, 3000),
    "24 MP portrait": (4000, 6000),
    "24 MP landscape": (6000, 4000),
}
_TARGETS = {"12 MP portrait": 1.7, "12 MP landscape": 2.2, "24 MP portrait": 1.4, "24 MP landscape": 1.4}
_TURNS = 7
_CODEC = "codec"
Pixels = npt.NDArray[np.uint8]
_PRODUCTS = 100
_SOLD = Scene(
    title="Robe fleurie à volants, lin lavé", price="59,00 €", compare_at="79,00 €", shop_name="Atelier Lumière"
)
_CASES: dict[str, tuple[str, FrameChoice]] = {
    "cropped": ("plain", "crop"),
    "padded": ("plain", "auto"),
    "price, cropped": ("price", "crop"),
    "price, padded": ("price", "auto"),
}


def rows() -> list[Row]:
    """Speed by orientation and size, the price of words, memory, likeness, and what a second child brings."""
    found = {name: _asked(name) for name in SIZES}
    large = [name for name in SIZES if name.startswith("24")]
    memory = {name: _peak_memory(photograph(*SIZES[name])) for name in large}
    drawn, opened = (max(each[kind] for each in memory.values()) for kind in ("drawn", "opened"))
    likeness = {slug: round(value, 3) for slug, value in _likeness().items()}
    scaling, seconds, loss = asyncio.run(_side_by_side())
    machine = _of_machine()
    return [
        *(
            Row(
                name=f"five formats from a {name} JPEG ÷ the codec alone",
                value=each["cropped"],
                target=_TARGETS[name],
                note=f"cropped; padded where a crop would cut: {each['padded']:.2f} x",
            )
            for name, each in found.items()
        ),
        *(
            Row(
                name=f"the price template from a {name} JPEG, more than plain by",
                value=max(each["price, cropped more"], each["price, padded more"]),
                target=0.9,
                note=f"the larger of two: {each['price, cropped']:.2f} x cropped, {each['price, padded']:.2f} x padded",
            )
            for name, each in found.items()
            if name not in large
        ),
        Row(
            "a picture child, 24 MP taken in and drawn in five formats",
            max(drawn, opened),
            120,
            unit="MiB",
            note=f"its peak, the larger of both orientations: {opened:.0f} to take in, {drawn:.0f} to draw",
        ),
        Row(
            "likeness of five formats to Lanczos from the whole decode",
            min(likeness.values()),
            0.98,
            better="higher",
            unit="SSIM",
            note=f"brightness of a still life, the least of: {', '.join(f'{k} {v}' for k, v in likeness.items())}",
        ),
        Row(
            f"{_PRODUCTS} products x five formats, two picture children ÷ one",
            scaling,
            1.8,
            better="higher",
            note=f"by the clock, ten products in turns, the median; one child takes {seconds:.1f} s for all, "
            f"two use {loss:.2f} x its CPU; two processes with nothing but the codec are {machine:.2f} x one here",
        ),
    ]


def photograph(width: int, height: int, seed: int = 7) -> bytes:
    """A JPEG with the detail of a phone's photo: soft light, edges of all sizes, grain."""
    dice = random.Random(seed)  # noqa: S311  # A picture, not a secret.
    image = Image.effect_mandelbrot((width // 4, height // 4), (-2.2, -1.4, 0.8, 1.4), 60).resize((width, height))
    soft = Image.linear_gradient("L").resize((width, height))
    grain = Image.effect_noise((width, height), 14)
    picture = Image.merge("RGB", (Image.blend(soft, grain, 0.35), Image.blend(image, grain, 0.4), grain))
    for _ in range(60):
        x, y, size = dice.randrange(width), dice.randrange(height), dice.randrange(40, 500)
        tone = tuple(dice.randrange(40, 220) for _ in range(3))
        picture.paste(Image.new("RGB", (size, size), tone), (x, y), Image.radial_gradient("L").resize((size, size)))
    out = BytesIO()
    picture.save(out, "JPEG", quality=90, subsampling=2)
    return out.getvalue()


def drawing(template: str = "plain", choice: FrameChoice = "crop") -> Drawing:
    """What is measured: five formats of one template."""
    return Drawing(template, FORMATS, Scene() if template == "plain" else _SOLD, Framing(choice))


def reference(master: Image.Image, visual: render.Drawn) -> Image.Image:
    """The same visual of the plain template, by Lanczos from the whole decode and at the same quality."""
    frame, out = visual.frame, BytesIO()
    seen = master.resize(frame.window.size, Image.Resampling.LANCZOS, box=frame.source())
    seen.save(out, "JPEG", quality=encoding.FINEST["jpeg"], subsampling=0)
    return Image.open(out)


def _asked(name: str) -> dict[str, float]:
    """The ratios of one master, from a child with the picture children's allocator."""
    said = subprocess.run(
        [sys.executable, "-m", "bench.pictures", name], env=environment(), capture_output=True, check=True
    )
    found: dict[str, float] = json.loads(said.stdout)
    return found


def _measure(name: str) -> dict[str, float]:
    master = photograph(*SIZES[name])
    arrays = _visuals(master)

    def floor() -> None:
        _codec(master, arrays)

    turns: list[dict[str, float]] = []
    for _ in range(_TURNS):
        turn = {}
        for case, wanted in _CASES.items():
            alone = _cpu(floor)
            turn[case] = _cpu(lambda wanted=wanted: render.draw(master, drawing(*wanted))) / alone  # type: ignore[misc]  # mypy does not infer lambdas with defaults.
        for choice in ("cropped", "padded"):
            turn[f"price, {choice} more"] = turn[f"price, {choice}"] - turn[choice]
        turns.append(turn)
    return {case: statistics.median(turn[case] for turn in turns) for case in turns[0]}


def _visuals(master: bytes) -> list[Pixels]:
    return [np.asarray(Image.open(BytesIO(each.data)).convert("RGB")) for each in render.draw(master, drawing())]


def _codec(master: bytes, visuals: list[Pixels]) -> None:
    """The floor."""
    simplejpeg.decode_jpeg(master)
    for each in visuals:
        simplejpeg.encode_jpeg(each, quality=encoding.FINEST["jpeg"], colorsubsampling="444")


def _of_machine() -> float:
    """How many times as much codec two processes get through on this machine: more than that, nobody can."""
    alone = statistics.median(_clocked(1) for _ in range(3))
    return 2 * alone / statistics.median(_clocked(2) for _ in range(3))


def _clocked(processes: int) -> float:
    """The seconds by the clock for a fixed amount of codec in each of so many processes at once, their mean."""
    command = [sys.executable, "-m", "bench.pictures", _CODEC]
    begun = [subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE) for _ in range(processes)]
    return statistics.mean(float(each.communicate()[0]) for each in begun)


def _busy() -> float:
    master = photograph(*SIZES["12 MP portrait"])
    visuals = _visuals(master)
    start = time.perf_counter()
    for _ in range(20):
        _codec(master, visuals)
    return time.perf_counter() - start


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _peak_memory(master: bytes) -> dict[str, float]:
    """The most that a picture child held of memory, in MiB: to draw from a master, and to make one of an upload."""
    draws: list[Task] = [DrawTask(master, drawing("plain", choice)) for choice in ("crop", "auto")]
    return {"drawn": _peak(draws), "opened": _peak([OpenTask(master)])}


def _peak(tasks: list[Task]) -> float:
    command = [sys.executable, "-m", "media.worker", "1024", "60"]
    with subprocess.Popen(command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for task in tasks:
            child.stdin.write(pack(task))
            child.stdin.flush()
            read_answer(child.stdout.read(int.from_bytes(child.stdout.read(LENGTH), "big")))
        lines = Path(f"/proc/{child.pid}/status").read_text().splitlines()
        child.stdin.close()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def _likeness() -> dict[str, float]:
    master = STILL_LIVES[0].jpeg()
    whole = Image.open(BytesIO(master))
    visuals = render.draw(master, drawing())
    return {each.format: ssim(Image.open(BytesIO(each.data)), reference(whole, each)) for each in visuals}


async def _side_by_side() -> tuple[float, float, float]:
    """How many times as fast two children are, the seconds that one takes, and how much more CPU two use."""
    masters = [photograph(*SIZES[name]) for name in ("12 MP portrait", "12 MP landscape")]
    async with PicturePool(workers=1, queue=_PRODUCTS) as one, PicturePool(workers=2, queue=_PRODUCTS) as two:
        await _pack(one, masters, 4)
        alone = _children()
        await _pack(two, masters, 4)
        both = _children() - alone
        before = _used(alone), _used(both)
        turns = [(await _pack(one, masters, 10), await _pack(two, masters, 10)) for _ in range(_PRODUCTS // 10)]
        loss = (_used(both) - before[1]) / (_used(alone) - before[0])
    return statistics.median(slow / fast for slow, fast in turns), sum(slow for slow, _ in turns), loss


def _children() -> set[int]:
    return {int(each) for each in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()}


def _used(pids: set[int]) -> float:
    return sum(serving.cpu(each) for each in pids)


async def _pack(pool: PicturePool, masters: list[bytes], products: int) -> float:
    start = time.perf_counter()
    await asyncio.gather(*(pool.render(each, drawing()) for each in islice(cycle(masters), products)))
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_busy() if sys.argv[1] == _CODEC else _measure(sys.argv[1])))
