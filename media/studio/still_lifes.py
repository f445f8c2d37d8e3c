"""The pictures themselves: what lies where on the table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image

from media.studio.branches import eucalyptus
from media.studio.candle import candle
from media.studio.leather import tote
from media.studio.light import HEIGHT, WIDTH, room
from media.studio.pottery import Glaze, Turned, stand

_VASE = ((0, 0.34), (0.05, 0.30), (0.16, 0.26), (0.3, 0.42), (0.5, 0.86), (0.68, 1.0), (0.86, 0.86), (1, 0.52))
_BOWL = ((0, 1.0), (0.25, 0.97), (0.6, 0.82), (0.86, 0.56), (0.93, 0.47), (1, 0.48))
_SALT = Glaze((226, 214, 196), gloss=0.22, speckles=900, clay=(176, 128, 96), dip=0.74)
_LAGOON = Glaze((92, 116, 122), gloss=0.55, speckles=250)
_OCHRE = Glaze((196, 142, 84), gloss=0.45, speckles=220)
_CREAM = Glaze((232, 222, 206), gloss=0.35, speckles=320)
_SAND = Glaze((214, 186, 160), gloss=0.12, speckles=300)


@dataclass(frozen=True)
class StillLife:
    """One picture, and where each thing is, 0..1 from the left and the top."""

    slug: str
    draw: Callable[[], Image.Image]
    points: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def jpeg(self) -> bytes:
        """The picture as a camera would hand it over: 2400 by 3000 pixels."""
        file = BytesIO()
        self.draw().save(file, "JPEG", quality=92)
        return file.getvalue()


def _share(x: float, y: float) -> tuple[float, float]:
    return round(x / WIDTH, 4), round(y / HEIGHT, 4)


def _table() -> Image.Image:
    scene = room((222, 205, 186), (196, 164, 134), 3)
    eucalyptus(scene, 940, 1190, 1040, 5)
    stand(scene, Turned(_VASE, 410, 1130, _SALT), 940, 2300, seed=2)
    candle(scene, 1690, 2390, 240, _SAND, "Figuier")
    stand(scene, Turned(_BOWL, 330, 250, _LAGOON, lip=12), 1330, 2700, seed=4)
    return scene


def _vase() -> Image.Image:
    scene = room((214, 206, 194), (186, 158, 134), 11)
    eucalyptus(scene, 1180, 1230, 1080, 9)
    stand(scene, Turned(_VASE, 470, 1290, _SALT), 1180, 2490, seed=3)
    return scene


def _bowls() -> Image.Image:
    scene = room((206, 208, 202), (178, 156, 136), 12)
    stand(scene, Turned(_BOWL, 430, 330, _CREAM, lip=15), 800, 2270, seed=5)
    stand(scene, Turned(_BOWL, 400, 310, _OCHRE, lip=15), 1680, 2330, seed=6)
    stand(scene, Turned(_BOWL, 500, 385, _LAGOON, lip=16), 1150, 2660, seed=7)
    return scene


def _candle() -> Image.Image:
    scene = room((214, 206, 192), (168, 140, 118), 4)
    candle(scene, 1200, 2480, 430, _SAND, "Figuier")
    return scene


def _tote() -> Image.Image:
    scene = room((226, 214, 200), (200, 172, 146), 6)
    tote(scene, 1200, 2580, 1500, (158, 92, 54), 8)
    return scene


TABLE = StillLife(
    "table",
    _table,
    {"vase": _share(940, 1850), "candle": _share(1690, 2200), "bowl": _share(1330, 2560)},
)
VASE = StillLife("vase", _vase, {"vase": _share(1180, 2000)})
BOWLS = StillLife("bowls", _bowls, {"bowl": _share(1150, 2500)})
CANDLE = StillLife("candle", _candle, {"candle": _share(1200, 2150)})
TOTE = StillLife("tote", _tote, {"tote": _share(1200, 1950)})

STILL_LIVES = (TABLE, VASE, BOWLS, CANDLE, TOTE)
