"""Five visuals of the plain template from a 12 MP JPEG, against what the codec alone costs.

The floor decodes the JPEG once at full scale and encodes five pictures of the same sizes with libjpeg-turbo, and does
nothing in between. Both run in one child with the allocator settings of the picture children, turn by turn; CPU time,
the median of the ratios.
"""

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from io import BytesIO

import numpy as np
import simplejpeg  # type: ignore[import-untyped]  # It ships no types.
from PIL import Image

from bench.row import Row
from media import encoding, render
from media.frame import FrameChoice
from media.pool import environment
from media.render import Drawing
from media.scene import Framing, Scene

FORMATS = ["square", "portrait", "story", "pin", "link-card"]
_TURNS = 7
_TARGETS = {"portrait": 3.0, "landscape": 3.8}
_SIZES = {"portrait": (3000, 4000), "landscape": (4000, 3000)}


def rows() -> list[Row]:
    """One row for each orientation of the master, cropped; and for information, how padded visuals do."""
    said = subprocess.run([sys.executable, "-m", "bench.pictures"], env=environment(), capture_output=True, check=True)
    found: dict[str, float] = json.loads(said.stdout)
    return [
        Row(
            name=f"five formats from a 12 MP {each} JPEG ÷ the codec alone",
            value=found[each],
            target=target,
            note=f"cropped; padded where a crop would cut: {found[f'{each} auto']:.2f} x",
        )
        for each, target in _TARGETS.items()
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


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _measure(orientation: str) -> dict[str, float]:
    master = photograph(*_SIZES[orientation])
    drawings: dict[str, FrameChoice] = {orientation: "crop", f"{orientation} auto": "auto"}
    visuals = render.draw(master, _drawing("crop"))
    arrays = [np.asarray(Image.open(BytesIO(each.data)).convert("RGB")) for each in visuals]

    def floor() -> None:
        simplejpeg.decode_jpeg(master)
        for each in arrays:
            simplejpeg.encode_jpeg(each, quality=encoding.FINEST["jpeg"], colorsubsampling="444")

    ratios: dict[str, list[float]] = {name: [] for name in drawings}
    for _ in range(_TURNS):
        for name, choice in drawings.items():
            alone = _cpu(floor)
            ratios[name].append(_cpu(lambda choice=choice: render.draw(master, _drawing(choice))) / alone)  # type: ignore[misc]  # mypy does not infer lambdas with defaults.
    return {name: round(statistics.median(each), 3) for name, each in ratios.items()}


def _drawing(choice: FrameChoice) -> Drawing:
    return Drawing("plain", FORMATS, Scene(), Framing(choice))


if __name__ == "__main__":
    sys.stdout.write(json.dumps({name: value for each in _SIZES for name, value in _measure(each).items()}))
