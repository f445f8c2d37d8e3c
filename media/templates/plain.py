"""The picture alone, edge to edge."""

from collections.abc import Sequence

from media.formats.formats import Format
from media.frame import Size
from media.looks import layout
from media.looks.layers import Photo
from media.looks.layout import Composition, Shot, Template
from media.looks.scene import Framing, Scene


def _compose(
    _: Scene, canvas: Format, master: Size, framing: Framing, _others: Sequence[Shot] = (), _page: int = 1, /
) -> Composition:
    frame = layout.photo(framing, master, canvas, canvas.canvas)
    return Composition(frame=frame, layers=(Photo(frame, canvas.canvas),))


TEMPLATE = Template(
    slug="plain",
    name="Plain",
    description="The picture alone, edge to edge, without a word on it.",
    version=1,
    compose=_compose,
    worded=False,
)
