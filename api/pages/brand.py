"""A shop's colours as a page can use them: every text readable on its ground, by day and by night."""

from collections.abc import Mapping

import msgspec

from core.shops import Shop
from media import palette
from media.palette import Rgb

_WHITE, _NIGHT = (255, 255, 255), (17, 17, 17)
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
        ground, ink, accent = (palette.rgb(each) for each in (self.ground, self.ink, self.accent))
        day = _properties(ground, ink, accent)
        if _is_dark(ground):
            return f":root{{color-scheme:dark;{day}}}"
        night = _properties(palette.mix(_NIGHT, accent, 0.05), palette.mix(_WHITE, accent, 0.07), accent)
        return f":root{{color-scheme:light dark;{day}}}@media (prefers-color-scheme:dark){{:root{{{night}}}}}"


def _is_dark(ground: Rgb) -> bool:
    return palette.contrast(ground, _WHITE) > palette.contrast(ground, _NIGHT)


def _properties(ground: Rgb, wanted_ink: Rgb, accent: Rgb) -> str:
    panel = palette.mix(ground, wanted_ink, 0.05)
    # What reads on the panel reads on the ground: the panel is the nearer to the ink.
    ink = palette.readable(wanted_ink, panel, 7.0)
    button, on_button = _button(accent)
    visible = palette.contrast(button, ground) >= _BOUNDARY
    colours: Mapping[str, Rgb] = {
        "ground": ground,
        "panel": panel,
        "ink": ink,
        "quiet": palette.muted(ink, panel),
        "link": palette.readable(accent, panel),
        "line": palette.mix(ground, ink, 0.14),
        "edge": palette.readable(palette.mix(ground, ink, 0.4), ground, _BOUNDARY),
        "button": button,
        "on-button": on_button,
        "button-edge": button if visible else ink,
    }
    return "".join(f"--{name}:{_hex(colour)};" for name, colour in colours.items())


def _button(accent: Rgb) -> tuple[Rgb, Rgb]:
    """The button's ground and ink: the accent itself where white or black reads on it, else a shade darker."""
    for ink in (_WHITE, _NIGHT):
        if palette.contrast(accent, ink) >= palette.READABLE:
            return accent, ink
    return palette.readable(accent, _WHITE), _WHITE


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
