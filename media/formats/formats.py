"""Formats by their names: those that are built in, and the whole picture in widths for pages."""

from collections.abc import Iterable

from media import frame
from media.formats.canvases import BUILT_IN, LANDSCAPE, LINK_CARD, PIN, PIN_SQUARE, PORTRAIT, SQUARE, STORY, VERTICAL
from media.formats.format import Format
from media.frame import Box, Point, Size

__all__ = [
    "LANDSCAPE",
    "LINK_CARD",
    "PIN",
    "PIN_SQUARE",
    "PORTRAIT",
    "SQUARE",
    "STORY",
    "VERTICAL",
    "WHOLE",
    "Format",
    "find",
    "formats",
    "of_master",
    "too_large",
    "whole",
]

_FORMATS = {each.slug: each for each in BUILT_IN}


def formats() -> tuple[Format, ...]:
    """All built-in formats, in the order in which they are shown."""
    return BUILT_IN


def find(slug: str) -> Format | None:
    """The built-in format of this name, or None."""
    return _FORMATS.get(slug)


def too_large(master: Size, own: Iterable[Format] = ()) -> list[str]:
    """The slugs of the formats, built in and a shop's `own`, that a master would have to be enlarged to fill."""
    middle = Point(0.5, 0.5)
    return [each.slug for each in (*formats(), *own) if frame.crop(master, each.size, each.canvas, middle).scale > 1]


# The whole picture, in its own proportions, this many pixels wide: for pages, not for networks.
WHOLE = "width-"


def whole(width: int, master: Size) -> Format:
    """The canvas that holds all of a master, `width` pixels wide or as wide as the master where that is less."""
    width = min(width, master.width)
    height = max(1, round(master.height * width / master.width))
    return Format(
        slug=f"{WHOLE}{width}",
        name=f"Whole picture, {width} pixels wide",
        width=width,
        height=height,
        safe=Box(0, 0, width, height),
        source="Vitrine's own pages",
        max_bytes=300_000,
    )


def of_master(slug: str, master: Size) -> Format | None:
    """The format of this name; one of `whole` is made for the master."""
    if not slug.startswith(WHOLE):
        return find(slug)
    return whole(int(slug.removeprefix(WHOLE)), master)
