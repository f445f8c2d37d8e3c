"""What a template is, and the arithmetic of laying out: a photo's window and the panel of words beside it."""

from collections.abc import Callable
from functools import cache

import msgspec

from core import registry
from media import frame
from media.formats import Format
from media.frame import Box, Frame, Size
from media.layers import Layer
from media.scene import Framing, Scene
from media.text import Fitted
from media.warnings import WarningFacts, Warnings


class Composition(msgspec.Struct, frozen=True):
    """One visual, laid out but not drawn: where the picture lies, the layers from back to front, what to warn of."""

    frame: Frame
    layers: tuple[Layer, ...]
    warnings: tuple[WarningFacts, ...] = ()


class Template(msgspec.Struct, frozen=True):
    """A look. `version` goes up with every change of what it draws, so that no old picture is taken for a new one.

    `compose` lays out one scene for one format and a master of one size; it draws nothing. A template that shows
    nothing of the scene but its picture says so by `worded=False`: then other words do not make another visual.
    """

    slug: str
    name: str
    description: str
    version: int
    compose: Callable[[Scene, Format, Size, Framing], Composition]
    worded: bool = True


@cache
def templates() -> tuple[Template, ...]:
    """All templates there are, by name of their module."""
    from media import templates as package

    return registry.gather(package, "TEMPLATE", Template)


def find(slug: str) -> Template | None:
    """The template of this name, or None."""
    return next((each for each in templates() if each.slug == slug), None)


def photo(scene_framing: Framing, master: Size, canvas: Format, window: Box) -> Frame:
    """The frame of the picture in a window of the canvas, as the framing asks."""
    return frame.choose(
        scene_framing.choice,
        master,
        canvas.size,
        window,
        scene_framing.focal,
        subject=scene_framing.subject,
        keep=scene_framing.keep,
    )


def shown(master: Size, window: Box) -> float:
    """How large the whole picture can be shown in a window: pixels of the visual for one of the master."""
    return min(window.width / master.width, window.height / master.height)


def warnings(*texts: Fitted) -> tuple[WarningFacts, ...]:
    """What to warn of where texts could not be drawn as they were given."""
    missing = sum(each.missing for each in texts)
    found: Warnings = []
    if missing:
        found.append({"slug": "characters-not-drawn", "count": missing})
    if any(each.cut for each in texts):
        found.append({"slug": "text-cut"})
    return tuple(found)
