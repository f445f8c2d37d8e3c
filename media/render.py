"""Composition becomes bytes: the master is decoded once, every format is drawn from it.

Runs in a child process only (media/worker.py).
"""

import msgspec
from PIL import Image

from media import encoding, formats, layout
from media.formats import Format
from media.frame import Frame, Size
from media.layout import Composition
from media.outputs import Output
from media.picture import Picture
from media.scene import Framing, Scene
from media.warnings import Warnings

ENGINE = 3  # Goes up with every change of how things are drawn or encoded.
_ENLARGED = 1.05


class Drawing(msgspec.Struct, frozen=True):
    """What to make of one master: one template in some formats, all named by their slugs, as one type of file."""

    template: str
    formats: list[str]
    scene: Scene
    framing: Framing
    output: Output = "jpeg"


class Drawn(msgspec.Struct, frozen=True):
    """One finished visual: sRGB with its profile, 4:4:4 where JPEG or AVIF, no metadata; sizes in pixels."""

    format: str
    data: bytes
    width: int
    height: int
    frame: Frame
    warnings: Warnings


def draw(master: bytes, drawing: Drawing) -> list[Drawn]:
    """Draw every wanted format from a master that our own intake has written.

    Raises KeyError for a template or format that does not exist: callers look them up before.
    """
    picture = Picture(master)
    plans = [_plan(slug, picture.size, drawing) for slug in drawing.formats]
    return [_finish(canvas, plan, picture, drawing.output) for canvas, plan in plans]


def _plan(slug: str, size: Size, drawing: Drawing) -> tuple[Format, Composition]:
    template, canvas = layout.find(drawing.template), formats.of_master(slug, size)
    if template is None or canvas is None:
        raise KeyError(f"{drawing.template} in {slug}")
    return canvas, template.compose(drawing.scene, canvas, size, drawing.framing)


def _finish(canvas: Format, plan: Composition, picture: Picture, output: Output) -> Drawn:
    image = Image.new("RGB", (canvas.width, canvas.height))
    for layer in plan.layers:
        layer.draw(image, picture)
    warnings = list(plan.warnings)
    if plan.frame.scale > _ENLARGED:
        warnings.append({"slug": "enlarged", "scale": round(plan.frame.scale, 2)})
    data = encoding.encode(image, output, canvas.max_bytes)
    return Drawn(canvas.slug, data, canvas.width, canvas.height, plan.frame, warnings)
