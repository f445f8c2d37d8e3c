"""The picture alone, edge to edge."""

from media import layout
from media.formats import Format
from media.frame import Size
from media.layers import Photo
from media.layout import Composition, Template
from media.scene import Framing, Scene


def _compose(_: Scene, canvas: Format, master: Size, framing: Framing) -> Composition:
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
