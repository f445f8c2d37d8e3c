"""The language in which looks are described: groups of layers, sized in relation to the canvas, never in pixels.

A design is a list of variants; the first whose `canvas` and `picture` suit is taken. A variant holds one group. A group
lays its layers in a `column`, in a `row`, or over one another (`stack`), and may have a ground of its own (`fill`).
Layers are photo, text, price, badge, logo, stars, facts, legend, tiles, qr, shape and space.

Lengths and sizes of type count in thousandths of the canvas' mean side, the root of width times height: one description
serves every format. Colours are roles (`ground`, `ink`, `accent`, `muted`, `tint`, `panel`) or `#rrggbb`; where a text
could not be read on what lies behind it, the nearest shade that can be is taken. `start` is left in a text that runs
from left to right, and right in one that does not. What has nothing to show takes no room.

Groups nest four deep, by the types themselves: there is a class for each depth, and none holds itself. So nothing that
comes in can recurse, and a refusal names the path of what is wrong.
"""

from typing import Annotated, Literal

from msgspec import Meta

from core.wire import In

DEPTH = 4
Length = Annotated[int, Meta(ge=0, le=400, description="Thousandths of the canvas' mean side.")]
TypeSize = Annotated[int, Meta(ge=16, le=240, description="Of the type, in thousandths of the canvas' mean side.")]
Share = Annotated[float, Meta(ge=0.05, le=0.95, description="Share of the group's room.")]
Role = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=7,
        pattern="^(?:ground|ink|accent|muted|tint|panel|#[0-9a-f]{6})$",
        description="One of ground, ink, accent, muted, tint and panel, or #rrggbb.",
    ),
]
Pattern = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^(?:[^{}\n\r\t\u2028\u2029]"
        r"|\{(?:title|subtitle|shop|badge|quote|author|action|deadline|price|page|new)\})*$",
        description="Words, with {title}, {subtitle}, {shop}, {badge}, {quote}, {author}, {action}, {deadline}, "
        "{price}, {page} or {new} where the scene's are to stand.",
    ),
]
Place = Literal["start", "center", "end"]
Corner = Literal["top-start", "top-end", "bottom-start", "bottom-end"]
Rank = Annotated[int, Meta(ge=0, le=9, description="What is left out first where there is no room; 0 stays.")]
Weight = Annotated[int, Meta(ge=300, le=800)]
Leading = Annotated[float, Meta(ge=0.9, le=2)]
Tracking = Annotated[float, Meta(ge=-0.05, le=0.4)]
Lines = Annotated[int, Meta(ge=1, le=12)]
Canvases = Literal["tall", "upright", "square", "wide"]


class PhotoLayer(In, kw_only=True, tag_field="layer", tag="photo"):
    """The picture. It takes the room that the others leave, at least `least` of the canvas' area in its direction.

    `behind`: what the stack lays over it hides nothing of it; the picture continues there out of focus. `spots`: the
    items are numbered on it. `matted`: shown whole on the ground, without a continuation.
    """

    least: Share = 0.4
    behind: bool = False
    rounded: bool = False
    spots: bool = False


class TextLayer(In, kw_only=True, tag_field="layer", tag="text"):
    """Words in one style. They shrink to `smallest`, together with the rest, before anything is cut."""

    text: Pattern
    font: Literal["display", "text"] = "text"
    weight: Weight = 450
    size: TypeSize = 30
    smallest: TypeSize = 20
    lines: Lines = 3
    leading: Leading = 1.25
    tracking: Tracking = 0.0
    capitals: bool = False
    colour: Role = "ink"
    drop: Rank = 0


class PriceLayer(In, kw_only=True, tag_field="layer", tag="price"):
    """The price, and the former one struck out, beside it or above it."""

    size: TypeSize = 54
    smallest: TypeSize = 24
    beside: bool = True
    colour: Role = "ink"
    reduced: Role = "accent"
    weight: Weight = 650


class BadgeLayer(In, kw_only=True, tag_field="layer", tag="badge"):
    """A few words on a plate of their own. With a `corner` it lies on the picture where nothing of the product is."""

    text: Pattern = "{badge}"
    size: TypeSize = 30
    smallest: TypeSize = 20
    fill: Role = "accent"
    shape: Literal["pill", "disc", "outline"] = "pill"
    corner: Corner | None = None
    drop: Rank = 0


class LogoLayer(In, kw_only=True, tag_field="layer", tag="logo"):
    """The shop's sign, or its name in spaced capitals."""

    height: Length = 44
    size: TypeSize = 22
    colour: Role = "accent"
    drop: Rank = 0


class StarsLayer(In, kw_only=True, tag_field="layer", tag="stars"):
    """Five stars, as many of them full as the review gave."""

    size: TypeSize = 40
    colour: Role = "accent"


class FactsLayer(In, kw_only=True, tag_field="layer", tag="facts"):
    """Rows of a label and a value with hairlines between them."""

    size: TypeSize = 27
    smallest: TypeSize = 18
    most: Annotated[int, Meta(ge=1, le=12)] = 8
    first: Annotated[int, Meta(ge=0, le=11)] = 0


class LegendLayer(In, kw_only=True, tag_field="layer", tag="legend"):
    """The items, numbered as on the picture: title and price."""

    size: TypeSize = 27
    smallest: TypeSize = 18
    columns: Annotated[int, Meta(ge=1, le=2)] = 1


class TilesLayer(In, kw_only=True, tag_field="layer", tag="tiles"):
    """The pictures of the items as a grid, each with its title and its price below."""

    size: TypeSize = 25
    smallest: TypeSize = 16
    gap: Length = 18
    least: Share = 0.5


class QrLayer(In, kw_only=True, tag_field="layer", tag="qr"):
    """The code of the scene's address, dark on light, with its quiet zone."""

    size: Length = 150
    drop: Rank = 5


class ShapeLayer(In, kw_only=True, tag_field="layer", tag="shape"):
    """A rule; as wide as its group where `width` is 0."""

    width: Length = 0
    height: Annotated[int, Meta(ge=1, le=100)] = 3
    colour: Role = "accent"
    kind: Literal["rule", "arrow", "down"] = "rule"
    drop: Rank = 0


class SpaceLayer(In, kw_only=True, tag_field="layer", tag="space"):
    """Nothing, of some height: where a network's own sticker is to lie."""

    height: Length = 20


Leaf = (
    PhotoLayer | TextLayer | PriceLayer | BadgeLayer | LogoLayer | StarsLayer | FactsLayer | LegendLayer | TilesLayer
    | QrLayer | ShapeLayer | SpaceLayer
)  # fmt: skip


class _Group(In, kw_only=True):
    """What every group has. `share`: of its row or column; without one a group is as large as what it holds.

    `wraps`: a row whose words would be cramped becomes a column. `anchor` and `across` say where a stack lays it;
    `freer` is the end or the start, where it leaves the picture the more room.
    """

    flow: Literal["column", "row", "stack"] = "column"
    gap: Length = 20
    padding: Length = 0
    fill: Role | None = None
    rounded: bool = False
    border: Role | None = None
    border_width: Annotated[int, Meta(ge=1, le=60)] = 2
    share: Share | None = None
    grow: bool = False
    align: Place = "start"
    justify: Literal["start", "center", "end", "between"] = "start"
    anchor: Place | Literal["freer"] = "end"
    across: Place | Literal["fill"] = "fill"
    wraps: bool = False


class Group1(_Group, kw_only=True, tag_field="layer", tag="group"):
    """A group of layers, the innermost."""

    children: Annotated[list[Leaf], Meta(min_length=1, max_length=12)]


class Group2(_Group, kw_only=True, tag_field="layer", tag="group"):
    """A group of layers and groups."""

    children: Annotated[list[Leaf | Group1], Meta(min_length=1, max_length=12)]


class Group3(_Group, kw_only=True, tag_field="layer", tag="group"):
    """A group of layers and groups."""

    children: Annotated[list[Leaf | Group2], Meta(min_length=1, max_length=12)]


class Group4(_Group, kw_only=True, tag_field="layer", tag="group"):
    """The outermost group: the whole canvas."""

    children: Annotated[list[Leaf | Group3], Meta(min_length=1, max_length=12)]


Group = Group1 | Group2 | Group3 | Group4
Node = Leaf | Group1 | Group2 | Group3


class Variant(In, kw_only=True):
    """One arrangement, for canvases of some shapes and pictures of some proportions; empty is any.

    Canvases: `tall` from 8:5, `upright` from 8:7, `wide` from 5:4 across, `square` between. Pictures: `upright` where
    they are higher than wide, else `lying`.
    """

    canvas: Annotated[list[Canvases], Meta(max_length=4)] = []
    picture: Literal["any", "upright", "lying"] = "any"
    body: Group4


Variants = Annotated[list[Variant], Meta(min_length=1, max_length=8)]


class Page(In, kw_only=True):
    """One picture of a set: of every scene, of those with items or facts, or once for each of the items."""

    per: Literal["once", "item", "facts"] = "once"
    variants: Variants


class Design(In, kw_only=True):
    """A look: its pages in order. All but sets have one."""

    pages: Annotated[list[Page], Meta(min_length=1, max_length=4)]
