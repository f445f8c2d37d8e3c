"""Composition becomes bytes: the master is decoded once, every format is drawn from it.

Runs in a child process only (media/worker.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import NamedTuple

import msgspec
from PIL import Image

from media import cut_out, encoding, frame, palette, slope
from media.backdrop import Backdrop
from media.formats import formats
from media.formats.format import Format
from media.frame import Box, Frame, Size
from media.looks import layout
from media.looks.design import Design
from media.looks.layout import Composition, Shot
from media.looks.scene import Framing, Scene
from media.outputs import Output
from media.picture import Picture
from media.typesetting import fonts
from media.warnings import Warnings

ENGINE = 9  # Goes up with every change of how things are drawn or encoded.
# Looks are laid out for canvases whose short side is a phone's: a smaller one is drawn some times larger, and reduced.
_LEAST_SIDE, _LEAST_CLEAR = 540, 440
_GLANCE = Size(360, 360)  # Pixels enough to tell whether a ground is flat.


class Drawing(msgspec.Struct, frozen=True):
    """What to make of one master: one template in some formats, all named by their slugs, as one type of file.

    `own` are those formats that are not built in. `others` is how the further masters are framed, in their order.
    `design` is the look where it is a shop's own, and `template` only its name. `pages` of a set are counted from 1;
    where none is named all are drawn.
    """

    template: str
    formats: list[str]
    scene: Scene
    framing: Framing
    output: Output = "jpeg"
    own: tuple[Format, ...] = ()
    others: list[Framing] = []
    design: Design | None = None
    pages: list[int] = []


class Drawn(msgspec.Struct, frozen=True):
    """One finished visual: sRGB with its profile, 4:4:4 where JPEG or AVIF, no metadata; sizes in pixels.

    `page` counts the pictures of a set from 1.
    """

    format: str
    data: bytes
    width: int
    height: int
    frame: Frame
    warnings: Warnings
    page: int = 1


def draw(
    master: bytes, drawing: Drawing, others: Sequence[bytes] = (), files: Mapping[str, bytes] | None = None
) -> list[Drawn]:
    """Draw every wanted format, and in it every page, from masters that our own intake has written.

    `files` are those of the fonts that the scene's brand names, by their families.
    Raises KeyError for a template or format that does not exist: callers look them up before.
    """
    fonts.keep(files or {})
    picture = Picture(master)
    picture.others = tuple(Picture(each) for each in others)
    sizes = [each.size for each in (picture, *picture.others)]
    plans = [plan for slug in drawing.formats for plan in _plans(slug, sizes, drawing)]
    picture.backdrop, found = _backdrop(picture, drawing.framing)
    return [_finish(plan, picture, drawing, found) for plan in plans]


class _Plan(NamedTuple):
    """What is to be drawn for one page of a format, so many times as large as it is to be."""

    canvas: Format
    page: int
    composition: Composition
    factor: int


def _plans(slug: str, sizes: Sequence[Size], drawing: Drawing) -> Iterator[_Plan]:
    canvas = next((each for each in drawing.own if each.slug == slug), None) or formats.of_master(slug, sizes[0])
    design = drawing.design
    template = layout.designed(drawing.template, "", "", 1, design) if design else layout.find(drawing.template)
    if template is None or canvas is None:
        raise KeyError(f"{drawing.template} in {slug}")
    factor = _factor(canvas) if template.worded else 1
    others = tuple(Shot(*each) for each in zip(sizes[1:], drawing.others, strict=True))
    for page in drawing.pages or range(1, template.pages(drawing.scene) + 1):
        large = canvas.times(factor)
        yield _Plan(
            canvas, page, template.compose(drawing.scene, large, sizes[0], drawing.framing, others, page), factor
        )


def _factor(canvas: Format) -> int:
    """How many times as large a look with words is to be drawn for them to have room."""
    clear = min(canvas.clear.width, canvas.clear.height)
    return ceil(max(_LEAST_SIDE / min(canvas.width, canvas.height), _LEAST_CLEAR / clear))


def _backdrop(picture: Picture, framing: Framing) -> tuple[Backdrop, Warnings]:
    """What fills the rest of windows; a ground that is not flat stays, which is told."""
    colour = palette.rgb(framing.ground) if framing.ground else (255, 255, 255)
    if framing.background != "cut-out":
        return Backdrop(framing.background, colour), []
    whole = frame.pad(picture.size, _GLANCE, Box(0, 0, _GLANCE.width, _GLANCE.height))
    seen = picture.seen(whole)
    if (found := slope.find(seen)) is not None:
        return Backdrop("cut-out", colour, found.colour, found), []
    flat = cut_out.ground_of(seen)
    return Backdrop("cut-out", colour, flat), [] if flat else [{"slug": "background-not-flat"}]


def _finish(plan: _Plan, picture: Picture, drawing: Drawing, found: Warnings) -> Drawn:
    canvas, factor = plan.canvas, plan.factor
    image = Image.new("RGB", (canvas.width * factor, canvas.height * factor))
    for layer in plan.composition.layers:
        layer.draw(image, picture)
    lies = plan.composition.frame
    if factor > 1:
        image, lies = image.reduce(factor), lies.divided(factor)
    warnings = [*plan.composition.warnings, *found]
    warnings += [{"slug": "point-lost", "x": each.x, "y": each.y} for each in lies.lost(drawing.framing.keep)]
    if lies.scale > 1 + 1e-9:
        warnings.append({"slug": "enlarged", "scale": max(1.01, round(lies.scale, 2))})
    data = encoding.encode(image, drawing.output, canvas.max_bytes)
    if len(data) > canvas.max_bytes:
        warnings.append({"slug": "too-heavy", "bytes": len(data), "maximum": canvas.max_bytes})
    return Drawn(canvas.slug, data, canvas.width, canvas.height, lies, warnings, plan.page)
