"""The QR code of a link, for print, packaging and shop windows."""

from io import BytesIO
from typing import Literal

import segno

from core.shops import Shop
from media import palette

Kind = Literal["svg", "png"]

SMALLEST, USUAL, LARGEST = 64, 512, 2048  # Pixels a side.
QUIET = 4  # Modules of blank ground around the code (ISO/IEC 18004:2015, 5.3.8).
CONTRAST = 7.0  # Readers see less than eyes do, and print loses some of it: WCAG's enhanced contrast, and then some.
_BLACK, _WHITE = "#000000", "#ffffff"


def draw(address: str, shop: Shop, kind: Kind, size: int) -> bytes:
    """The code of an address as SVG `size` pixels wide, or as PNG of `size` or less, in whole pixels a module.

    A quarter of it may be dirty or torn (error correction Q or better). It is dark on light in the brand's colours
    where readers can tell them apart, else black on white.
    """
    code = segno.make_qr(address, error="q")
    dark, light = _colours(shop)
    modules = code.symbol_size(border=QUIET)[0]
    out = BytesIO()
    if kind == "svg":
        code.save(out, kind="svg", scale=size / modules, border=QUIET, dark=dark, light=light, xmldecl=False, nl=False)
    else:
        code.save(out, kind="png", scale=max(1, size // modules), border=QUIET, dark=dark, light=light)
    return out.getvalue()


def _colours(shop: Shop) -> tuple[str, str]:
    """Ink and ground; many readers do not see a light code on a dark ground, so it is never that way round."""
    ink, ground = palette.rgb(shop.ink_colour), palette.rgb(shop.background_colour)
    darker = palette.contrast(ink, palette.rgb(_WHITE)) > palette.contrast(ground, palette.rgb(_WHITE))
    if darker and palette.contrast(ink, ground) >= CONTRAST:
        return shop.ink_colour, shop.background_colour
    return _BLACK, _WHITE
