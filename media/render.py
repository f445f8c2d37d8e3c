"""Composition becomes bytes: the master is decoded once, every format is drawn from it.

Runs in a child process only (media/worker.py).
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from io import BytesIO

import msgspec
from PIL import Image
from PIL.ImageFile import ImageFile

from media import encoding, formats, layout
from media.design import Design
from media.formats import Format
from media.frame import Frame, Size
from media.layers import Picture
from media.layout import Composition, Shot
from media.outputs import Output
from media.pieces import scales
from media.scene import Framing, Scene
from media.warnings import Warnings

ENGINE = 3  # Goes up with every change of how things are drawn or encoded.
_ENLARGED = 1.05


class Drawing(msgspec.Struct, frozen=True):
    """What to make of one master: one template in some formats, all named by their slugs, as one type of file.

    `others` is how the further masters are framed, in their order. `design` is the look where it is a shop's own, and
    `template` only its name.
    """

    template: str
    formats: list[str]
    scene: Scene
    framing: Framing
    output: Output = "jpeg"
    others: list[Framing] = []
    design: Design | None = None


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


class _Plan(msgspec.Struct, frozen=True):
    canvas: Format
    page: int
    composition: Composition


def draw(master: bytes, drawing: Drawing, others: Sequence[bytes] = ()) -> list[Drawn]:
    """Draw every wanted format, and in it every page, from masters that our own intake has written.

    Raises KeyError for a template or format that does not exist: callers look them up before.
    """
    with ExitStack() as opened:
        images = [opened.enter_context(Image.open(BytesIO(each), formats=("JPEG",))) for each in (master, *others)]
        sizes = [Size(*each.size) for each in images]
        plans = [plan for slug in drawing.formats for plan in _plans(slug, sizes, drawing)]
        largest: dict[int, float] = {}
        for plan in plans:
            for number, scale in scales(plan.composition.layers):
                largest[number] = max(scale, largest.get(number, 0.0))
        first, *further = (_picture(each, largest.get(number, 0.0)) for number, each in enumerate(images))
        first.others = tuple(further)
        return [_finish(plan, first, drawing.output) for plan in plans]


def _picture(image: ImageFile, largest: float) -> Picture:
    """The master decoded at the smallest DCT scale that still covers its largest place: what follows costs by pixel."""
    size = Size(*image.size)
    image.draft("RGB", (max(1, int(size.width * largest)), max(1, int(size.height * largest))))
    image.load()
    return Picture(image, size)


def _plans(slug: str, sizes: Sequence[Size], drawing: Drawing) -> Iterator[_Plan]:
    canvas, design = formats.of_master(slug, sizes[0]), drawing.design
    template = layout.designed(drawing.template, "", "", 1, design) if design else layout.find(drawing.template)
    if template is None or canvas is None:
        raise KeyError(f"{drawing.template} in {slug}")
    others = tuple(Shot(*each) for each in zip(sizes[1:], drawing.others, strict=True))
    for page in range(1, template.pages(drawing.scene) + 1):
        yield _Plan(canvas, page, template.compose(drawing.scene, canvas, sizes[0], drawing.framing, others, page))


def _finish(page: _Plan, picture: Picture, output: Output) -> Drawn:
    canvas, plan = page.canvas, page.composition
    image = Image.new("RGB", (canvas.width, canvas.height))
    for layer in plan.layers:
        layer.draw(image, picture)
    warnings = list(plan.warnings)
    if plan.frame.scale > _ENLARGED:
        warnings.append({"slug": "enlarged", "scale": round(plan.frame.scale, 2)})
    data = encoding.encode(image, output, canvas.max_bytes)
    return Drawn(canvas.slug, data, canvas.width, canvas.height, plan.frame, warnings, page.page)
