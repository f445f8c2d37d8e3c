"""A shop's colours as a page can use them: every text readable on its ground, by day and by night."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec

from core.shops import Shop
from media import palette
from media.palette import Rgb

_WHITE, _NIGHT = (255, 255, 255), (17, 17, 17)
_POLES: tuple[Rgb, Rgb] = ((0, 0, 0), _WHITE)
_BOUNDARY = 3.0  # WCAG 2.2, success criterion 1.4.11: what one must see to use a control.


class Brand(msgspec.Struct, frozen=True):
    """Three colours as `#rrggbb`."""

    ground: str = "#ffffff"
    ink: str = "#1d1b19"
    accent: str = "#b4552d"

    @classmethod
    def of(cls, shop: Shop) -> "Brand":
        """The shop's own."""
        return cls(shop.background_colour, shop.ink_colour, shop.accent_colour)

    def style(self) -> str:
        """The custom properties that the stylesheet draws with. A shop that is dark by day is the same by night."""
        return _style(palette.rgb(self.ground), palette.rgb(self.ink), palette.rgb(self.accent))


@lru_cache(maxsize=1024)
def _style(ground: Rgb, ink: Rgb, accent: Rgb) -> str:
    day = _properties(ground, ink, accent)
    if _is_dark(ground):
        return f":root{{color-scheme:dark;{day}}}"
    night = _properties(palette.mix(_NIGHT, accent, 0.05), palette.mix(_WHITE, accent, 0.07), accent)
    return f":root{{color-scheme:light dark;{day}}}@media (prefers-color-scheme:dark){{:root{{{night}}}}}"


def _is_dark(ground: Rgb) -> bool:
    return palette.contrast(ground, _WHITE) > palette.contrast(ground, _NIGHT)


def _properties(ground: Rgb, wanted_ink: Rgb, accent: Rgb) -> str:
    panel = _panel(ground, wanted_ink)
    # Both are read upon, and so is what stands between them.
    ink = _readable(wanted_ink, (ground, panel), 7.0)
    button, on_button = _button(accent)
    visible = palette.contrast(button, ground) >= _BOUNDARY
    colours: Mapping[str, Rgb] = {
        "ground": ground,
        "panel": panel,
        "ink": ink,
        "quiet": _readable(palette.mix(ink, panel, 0.42), (ground, panel)),
        "link": _readable(accent, (ground, panel)),
        "line": palette.mix(ground, ink, 0.14),
        "edge": palette.readable(palette.mix(ground, ink, 0.4), ground, _BOUNDARY),
        "button": button,
        "on-button": on_button,
        "button-edge": button if visible else ink,
    }
    return "".join(f"--{name}:{_hex(colour)};" for name, colour in colours.items())


def _panel(ground: Rgb, ink: Rgb) -> Rgb:
    """A ground of its own beside the ground: a little nearer to the ink, unless nothing could be read on both then."""
    nearer = palette.mix(ground, ink, 0.05)
    if max(_least(pole, (ground, nearer)) for pole in _POLES) >= palette.READABLE:
        return nearer
    # Away from the pole that reads best: what reads on the ground reads on this even better.
    return palette.mix(ground, min(_POLES, key=lambda pole: palette.contrast(pole, ground)), 0.05)


def _readable(wanted: Rgb, grounds: Sequence[Rgb], least: float = palette.READABLE) -> Rgb:
    """The wanted colour where its contrast with all of these is `least` or more, else the nearest shade that has it.

    Shades go towards black or white, whichever reads better; that pole is the answer at worst. True black and white
    have a contrast of 4.58 at least with any colour, one or the other.
    """
    pole = max(_POLES, key=lambda each: _least(each, grounds))
    shades = (palette.mix(wanted, pole, step / 20) for step in range(21))
    return next((shade for shade in shades if _least(shade, grounds) >= least), pole)


def _least(colour: Rgb, grounds: Sequence[Rgb]) -> float:
    return min(palette.contrast(colour, ground) for ground in grounds)


def _button(accent: Rgb) -> tuple[Rgb, Rgb]:
    """The button's ground and ink: the accent itself where white or black reads on it, else a shade darker."""
    for ink in (_WHITE, _NIGHT):
        if palette.contrast(accent, ink) >= palette.READABLE:
            return accent, ink
    return palette.readable(accent, _WHITE), _WHITE


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
