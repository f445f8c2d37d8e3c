"""A design laid out: measured from the leaves up, then placed from the canvas down.

Words shrink together, step by step, until all of them have room and the picture keeps what its layer asks for. Then
layers are left out by their rank. What still does not fit, in a design that asks for too much, is not drawn, and said.
"""

from collections.abc import Sequence
from typing import Literal

from media.formats.formats import Format
from media.frame import Box, Frame, Size
from media.looks import leaves
from media.looks.design import (
    BadgeLayer,
    Design,
    Group,
    Group4,
    Node,
    Page,
    PhotoLayer,
    TilesLayer,
    Variant,
)
from media.looks.layers import Card, Words
from media.looks.layout import Composition, Shot, warnings
from media.looks.measuring import NO_INSETS, Insets, Measurer, reach
from media.looks.pieces import Outline, Sheet
from media.looks.scene import Scene
from media.looks.stage import Shown, Stage, overlap, subject
from media.palette import Rgb

_ZOOMS = (1.0, 0.92, 0.85, 0.78, 0.71, 0.65, 0.59, 0.53, 0.48)
_FACTS_A_PAGE = 4


def pages(design: Design, scene: Scene) -> list[tuple[Page, Shown]]:
    """The pages that this scene fills, in order."""
    found: list[tuple[Page, int | None, int]] = []
    for page in design.pages:
        if page.per == "once":
            found.append((page, None, 0))
        elif page.per == "item":
            found += [(page, number, 0) for number in range(len(scene.items))]
        else:
            found += [(page, None, first) for first in range(0, len(scene.facts), _FACTS_A_PAGE)]
    return [(page, Shown(number, len(found), item, facts)) for number, (page, item, facts) in enumerate(found, start=1)]


def compose(page: Page, shown: Shown, scene: Scene, canvas: Format, shots: Sequence[Shot]) -> Composition:
    """One page of a design for one scene and canvas; `shots` are all masters, the first one is the visual's own."""
    body = _variant(page.variants, canvas, shots[0].size).body
    on_ground: frozenset[int] = frozenset()
    # The first attempt is the one for nearly everything; among the others, the first that fits is found by halving.
    attempts = [(zoom, 10) for zoom in _ZOOMS] + [(_ZOOMS[-1], rank) for rank in range(9, 0, -1)]
    tried, low, high = 0, 0, len(attempts) - 1
    while True:
        trial = Solver(Stage(scene, canvas, shots, shown, *attempts[tried]), on_ground)
        trial.run(body)
        if trial.astray:
            on_ground |= trial.astray
            continue
        if trial.stage.crowded:
            low = tried + 1
        else:
            high = tried
        if low >= high and tried == high:
            return _finished(trial.stage)
        tried = (low + high) // 2 if low < high else high


def _variant(variants: Sequence[Variant], canvas: Format, master: Size) -> Variant:
    high = canvas.height / canvas.width
    shape = "tall" if high >= 1.6 else "upright" if high >= 8 / 7 else "wide" if high <= 0.8 else "square"
    upright = master.height > master.width * 1.02
    for each in variants:
        if (not each.canvas or shape in each.canvas) and each.picture in ("any", "upright" if upright else "lying"):
            return each
    return variants[-1]


def _finished(stage: Stage) -> Composition:
    """Words that found no room are no part of it."""
    clear = stage.flip(stage.clear)
    kept: list[list[Words]] = []
    lost: list[list[Words]] = []
    for text in stage.texts:
        other = [line for one in kept for line in one]
        fits = all(clear.holds(line.box) and not any(overlap(line.box, each.box) for each in other) for line in text)
        (kept if fits else lost).append(text)
    gone = {id(line) for text in lost for line in text}
    layers = [layer for layer in stage.layers if id(layer) not in gone]
    found = (*warnings(*stage.fitted), *stage.lost)
    if lost and not any(each["slug"] == "text-cut" for each in found):
        found += ({"slug": "text-cut"},)
    if stage.left_out:
        found += ({"slug": "layer-left-out"},)
    return Composition(frame=stage.main or _unseen(stage), layers=tuple(layers), warnings=found)


def _unseen(stage: Stage) -> Frame:
    """The frame of a master that this page does not show: every point of it is lost."""
    size, nowhere = stage.shots[0].size, Box(0, 0, 0, 0)
    return Frame(size, stage.canvas.size, 1 / max(size.width, size.height), -9.0, -9.0, nowhere)


class Solver(Measurer):
    """One attempt at one size of type."""

    def __init__(self, stage: Stage, on_ground: frozenset[int]) -> None:
        super().__init__(stage, on_ground)
        self.astray: frozenset[int] = frozenset()

    def run(self, body: Group4) -> None:
        """Lay the whole canvas out."""
        stage = self.stage
        canvas, clear = stage.canvas.canvas, stage.clear
        stage.put(Sheet(canvas, stage.ink.surface("ground")))
        insets = (clear.left, clear.top, canvas.right - clear.right, canvas.bottom - clear.bottom)
        self._place(body, canvas, insets, stage.ink.surface("ground"), "start")
        for badge in self.badges:
            self._float(badge)
        for words in stage.words:
            stage.crowded |= not stage.flip(stage.clear).holds(words.box)

    def _place(self, node: Node | Group, box: Box, insets: Insets, ground: Rgb | None, align: str) -> None:
        stage = self.stage
        if not isinstance(node, Group):
            room = Box(box.left + insets[0], box.top + insets[1], box.right - insets[2], box.bottom - insets[3])
            leaves.draw(stage, node, box if isinstance(node, PhotoLayer) else room, ground, align)
            return
        ground = self._surface(node, box, ground)
        outer, passed = self.margins(node, insets)
        inner = Box(box.left + outer[0], box.top + outer[1], box.right - outer[2], box.bottom - outer[3])
        children = self.children(node)
        if not children:
            return
        if node.flow == "stack":
            self._stack(node, children, inner, passed, ground)
        elif node.flow == "row" and not self.wrapped(node, inner.width, passed):
            self._row(node, children, inner, passed, ground)
        else:
            align = node.align if node.flow == "column" else "start"
            self._column(node, children, inner, passed, ground, align)
        self._border(node, box)

    def _surface(self, group: Group, box: Box, ground: Rgb | None) -> Rgb | None:
        stage, radius = self.stage, self.stage.radius if group.rounded else 0
        if group.fill is not None:
            colour = stage.ink.surface(group.fill)
            turned = stage.flip(box)
            lifted = ground is None and group.rounded and radius
            stage.put(Card(turned, colour, radius) if lifted else Sheet(turned, colour, radius))
            ground = colour
        return ground

    def _border(self, group: Group, box: Box) -> None:
        stage = self.stage
        if group.border is not None:
            colour, radius = stage.ink.surface(group.border), stage.radius if group.rounded else 0
            stage.put(Outline(stage.flip(box), colour, max(1, stage.px(group.border_width)), radius))

    def _column(
        self, group: Group, children: Sequence[Node], box: Box, insets: Insets, ground: Rgb | None, align: str
    ) -> None:
        stage, gap = self.stage, self.stage.px(group.gap)
        sides = [reach(insets, number, len(children), row=False) for number in range(len(children))]
        heights = [self.size(each, box.width, side).height for each, side in zip(children, sides, strict=True)]
        for number, each in enumerate(children):
            share = getattr(each, "share", None)
            if share is not None and group.flow == "column":
                stage.crowded |= heights[number] > round(share * box.height)
                heights[number] = max(heights[number], round(share * box.height))
        growing = [n for n, each in enumerate(children) if self.flexible(each) and getattr(each, "share", None) is None]
        spare = box.height - sum(heights) - gap * (len(children) - 1)
        stage.crowded |= spare < 0
        if growing:
            for number in growing:
                heights[number] += max(0, spare) // len(growing)
                stage.crowded |= heights[number] < self._least(children[number]) * stage.canvas.height
            spare = 0
        between = gap
        if group.justify == "between" and len(children) > 1:
            between += max(0, spare) // (len(children) - 1)
        top = box.top + {"center": max(0, spare) // 2, "end": max(0, spare)}.get(group.justify, 0)
        for number, each in enumerate(children):
            bottom, side = top + heights[number], sides[number]
            if growing and number == len(children) - 1:
                bottom = max(bottom, box.bottom)
            if number in growing:  # What a network covers may reach higher than the last of the layers.
                side = (*side[:3], max(side[3], insets[3] - (box.bottom - bottom)))
            self._place(each, Box(box.left, top, box.right, bottom), side, ground, align)
            top = bottom + between

    def _least(self, node: Node | Group) -> float:
        """The share of the canvas that a picture in here must keep."""
        if isinstance(node, Group):
            return max((self._least(each) for each in node.children if self.present(each)), default=0.0)
        return node.least if isinstance(node, PhotoLayer | TilesLayer) else 0.0

    def _row(self, group: Group, children: Sequence[Node], box: Box, insets: Insets, ground: Rgb | None) -> None:
        stage, gap = self.stage, self.stage.px(group.gap)
        widths = self.widths(group, children, box.width, insets)
        spare = box.width - sum(widths) - gap * (len(children) - 1)
        stage.crowded |= spare < -2
        between = gap
        if group.justify == "between" and len(children) > 1:
            between += max(0, spare) // (len(children) - 1)
        left = box.left + {"center": max(0, spare) // 2, "end": max(0, spare)}.get(group.justify, 0)
        feet = [
            self.size(each, width, reach(insets, number, len(children), row=True)).foot
            for number, (each, width) in enumerate(zip(children, widths, strict=True))
        ]
        for number, (each, width) in enumerate(zip(children, widths, strict=True)):
            side = reach(insets, number, len(children), row=True)
            right = left + width
            if number == len(children) - 1 and self.row_fills(children):
                right = max(right, box.right)
            height = self.size(each, right - left, side).height
            stage.crowded |= height > box.height
            top, bottom = box.top, box.bottom
            if not (self.flexible(each) or (isinstance(each, Group) and (each.fill or each.justify != "start"))):
                spare = max(0, box.height - height)
                # Words stand on one line, whatever their sizes.
                stand = max(0, spare - max(feet) + feet[number])
                top += {"center": spare // 2, "end": stand}.get(group.align, 0)
                bottom = top + height
            self._place(each, Box(left, top, right, bottom), side, ground, "start")
            left = right + between

    def _stack(self, group: Group, children: Sequence[Node], box: Box, insets: Insets, ground: Rgb | None) -> None:
        """The picture goes on out of focus behind what lies over it, and is itself where nothing does."""
        stage, gap = self.stage, self.stage.px(group.gap)
        left, top, right, bottom = insets
        room = Box(box.left + left, box.top + top, box.right - right, box.bottom - bottom)
        over = [each for each in children if not isinstance(each, PhotoLayer)]
        boxes: list[Box] = []
        start, end = room.top, room.bottom
        for each in over:
            fill = not isinstance(each, Group) or each.across == "fill"
            size = self.size(each, room.width, NO_INSETS)
            width = room.width if fill else min(room.width, size.width)
            across = getattr(each, "across", "fill")
            x = room.left + {"center": (room.width - width) // 2, "end": room.width - width}.get(across, 0)
            anchor = getattr(each, "anchor", "end")
            if anchor == "freer":
                anchor = self._freer(box, start, end, size.height + gap)
            if anchor == "start":
                y, start = start, start + size.height + gap
            elif anchor == "end":
                y = end - size.height
                end = y - gap
            else:
                y = room.top + (room.height - size.height) // 2
            boxes.append(Box(x, y, x + width, y + size.height))
        stage.crowded |= start > end + gap
        for photo in (each for each in children if isinstance(each, PhotoLayer)):
            window = _widest(box, boxes, gap)
            stage.crowded |= window.height < photo.least * box.height
            leaves.photo(stage, photo, box, window)
            ground = None
        for each, place in zip(over, boxes, strict=True):
            self._place(each, place, NO_INSETS, ground, "start")

    def _freer(self, box: Box, start: int, end: int, height: int) -> Literal["start", "end"]:
        """Where something of this height leaves the larger part of the box to the picture."""
        above, below = end - height - box.top, box.bottom - start - height
        return "start" if below > above else "end"

    def _float(self, badge: BadgeLayer) -> None:
        """Lay a badge on the picture, in a corner where nothing of the product is; else it goes back to its group."""
        stage = self.stage
        if stage.seen is None:
            self.astray |= {id(badge)}
            return
        placed, window, framing = stage.seen
        product = subject(placed, framing)
        taken = [each.box for each in stage.words]
        for place in leaves.corners(stage, badge, stage.flip(window)):
            turned = stage.flip(place)
            if not overlap(turned, product) and not any(overlap(turned, each) for each in taken):
                leaves.draw(stage, badge, place, None, "start")
                return
        self.astray |= {id(badge)}


def _widest(box: Box, over: Sequence[Box], gap: int) -> Box:
    """The highest strip of a box that nothing lies on."""
    edges = [box.top]
    for each in sorted(over, key=lambda one: one.top):
        edges += [each.top - gap, each.bottom + gap]
    edges.append(box.bottom)
    strips = [(edges[n + 1] - edges[n], edges[n], edges[n + 1]) for n in range(0, len(edges), 2)]
    _, top, bottom = max(strips)
    return Box(box.left, top, box.right, max(top + 1, bottom))
