"""What a template is, and the arithmetic of laying out: a photo's window and the panel of words beside it."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Protocol

import msgspec

from core import registry
from media import frame
from media.formats.formats import Format
from media.frame import Box, Frame, Size
from media.looks.design import Design, Group, Group4, Leaf
from media.looks.layers import Layer
from media.looks.scene import Framing, Scene
from media.typesetting.text import Fitted
from media.warnings import WarningFacts, Warnings

# Of a canvas' height: what is above and below it may be covered by what networks lay over it.
_HEAD, _FOOT = 0.07, 0.84
MOST_LAYERS = 240  # Of a design; the largest of the house have a third of that.


class Composition(msgspec.Struct, frozen=True):
    """One visual, laid out but not drawn: where the picture lies, the layers from back to front, what to warn of."""

    frame: Frame
    layers: tuple[Layer, ...]
    warnings: tuple[WarningFacts, ...] = ()


class Shot(msgspec.Struct, frozen=True):
    """A master: its size, and how it is to be framed."""

    size: Size
    framing: Framing


class Composer(Protocol):
    """Lays out one scene for one format; it draws nothing."""

    def __call__(
        self,
        scene: Scene,
        canvas: Format,
        master: Size,
        framing: Framing,
        others: Sequence[Shot] = (),
        page: int = 1,
        /,
    ) -> Composition:
        """The page of this number, from 1; `others` are the further masters, which the scene counts from 1."""


def _one(_: Scene) -> int:
    return 1


class Template(msgspec.Struct, frozen=True):
    """A look. `version` goes up with every change of what it draws, so that no old picture is taken for a new one.

    A template that shows nothing of the scene but its picture says so by `worded=False`: then other words do not make
    another visual. `pages` says how many pictures a scene makes, in their order: more than one is a set. `design` is
    the look in the language of `media.looks.design`, None for one that is code. A shop's own has an `id`.
    """

    slug: str
    name: str
    description: str
    version: int
    compose: Composer
    worded: bool = True
    pages: Callable[[Scene], int] = _one
    design: Design | None = None
    id: str | None = None


def nodes(*bodies: Group) -> Iterator[Group | Leaf]:
    """All layers and groups, those that hold the others among them."""
    waiting: list[Group | Leaf] = [*bodies]
    while waiting:
        each = waiting.pop()
        yield each
        if isinstance(each, Group):
            waiting += each.children


def layers(*bodies: Group) -> int:
    """How many layers and groups there are."""
    return sum(1 for _ in nodes(*bodies))


def bodies(design: Design) -> list[Group4]:
    """What each variant of each page holds."""
    return [variant.body for page in design.pages for variant in page.variants]


def plain(design: Design | None) -> object:
    """The design as JSON would hold it."""
    return msgspec.to_builtins(design)


def designed(slug: str, name: str, description: str, version: int, design: Design) -> Template:
    """The template that a design describes."""
    from media.looks import solve

    def compose(
        scene: Scene,
        canvas: Format,
        master: Size,
        framing: Framing,
        others: Sequence[Shot] = (),
        page: int = 1,
        /,
    ) -> Composition:
        chosen, shown = solve.pages(design, scene)[page - 1]
        return solve.compose(chosen, shown, scene, canvas, (Shot(master, framing), *others))

    def pages(scene: Scene) -> int:
        return len(solve.pages(design, scene))

    return Template(slug, name, description, version, compose, pages=pages, design=design)


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


def under(framing: Framing, master: Size, canvas: Format, box: Box, free: Box) -> Frame | None:
    """The frame of a picture that goes on under what a stack lays over it, or None where it is better in `free` alone.

    What is asked for (`pad`, `crop`) is done in the strip that nothing lies on; so is what has no known subject.
    """
    if framing.choice != "auto" or framing.subject is None:
        return None
    middle = _calm(canvas).common(free)
    return frame.under(master, canvas.size, box, free, middle, subject=framing.subject, keep=framing.keep)


def _calm(canvas: Format) -> Box:
    """Where the product of a whole canvas should lie: a network's head and foot hide less than words do, but hide."""
    head, foot = round(canvas.height * _HEAD), round(canvas.height * _FOOT)
    return Box(0, min(canvas.clear.top, head), canvas.width, max(canvas.clear.bottom, foot))


def warnings(*texts: Fitted) -> tuple[WarningFacts, ...]:
    """What to warn of where texts could not be drawn as they were given."""
    missing = sum(each.missing for each in texts)
    found: Warnings = []
    if missing:
        found.append({"slug": "characters-not-drawn", "count": missing})
    if any(each.cut for each in texts):
        found.append({"slug": "text-cut"})
    return tuple(found)
