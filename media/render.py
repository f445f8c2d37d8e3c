"""Composition becomes bytes: the master is decoded once, every format is drawn from it.

Runs in a child process only (media/worker.py).
"""

from io import BytesIO

import msgspec
from PIL import Image

from media import colour, formats, layout
from media.frame import Frame, Size
from media.layers import Picture
from media.layout import Composition
from media.scene import Framing, Scene
from media.warnings import Warnings

ENGINE = 1  # Goes up with every change of how things are drawn or encoded.
QUALITY = 88
MAX_BYTES = 8_000_000  # Instagram takes 8 MB.
_ENLARGED = 1.05


class Drawing(msgspec.Struct, frozen=True):
    """What to make of one master: one template in some formats, all named by their slugs."""

    template: str
    formats: list[str]
    scene: Scene
    framing: Framing


class Drawn(msgspec.Struct, frozen=True):
    """One finished visual: baseline JPEG, sRGB with its profile, 4:4:4, no metadata; width and height in pixels."""

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
    with Image.open(BytesIO(master), formats=("JPEG",)) as image:
        size = Size(*image.size)
        plans = [_plan(slug, size, drawing) for slug in drawing.formats]
        # The smallest DCT scale that still covers the largest visual: everything after costs by the pixel.
        largest = max(plan.frame.scale for plan in plans)
        image.draft("RGB", (max(1, int(size.width * largest)), max(1, int(size.height * largest))))
        image.load()
        picture = Picture(image, size)
        return [_finish(slug, plan, picture) for slug, plan in zip(drawing.formats, plans, strict=True)]


def _plan(slug: str, size: Size, drawing: Drawing) -> Composition:
    template, canvas = layout.find(drawing.template), formats.find(slug)
    if template is None or canvas is None:
        raise KeyError(f"{drawing.template} in {slug}")
    return template.compose(drawing.scene, canvas, size, drawing.framing)


def _finish(slug: str, plan: Composition, picture: Picture) -> Drawn:
    size = plan.frame.visual
    canvas = Image.new("RGB", (size.width, size.height))
    for layer in plan.layers:
        layer.draw(canvas, picture)
    warnings = list(plan.warnings)
    if plan.frame.scale > _ENLARGED:
        warnings.append({"slug": "enlarged", "scale": round(plan.frame.scale, 2)})
    return Drawn(slug, _encoded(canvas), size.width, size.height, plan.frame, warnings)


def _encoded(canvas: Image.Image) -> bytes:
    """JPEG within the byte limit: the quality gives way, which only pure noise needs."""
    quality = QUALITY
    while True:
        out = BytesIO()
        canvas.save(out, "JPEG", quality=quality, subsampling=0, icc_profile=colour.srgb_profile())
        if out.tell() <= MAX_BYTES or quality <= 40:
            return out.getvalue()
        quality -= 8
