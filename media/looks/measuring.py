"""The nodes of a design measured: what each takes, from its leaves up."""

from collections.abc import Sequence

import msgspec

from media.looks import leaves
from media.looks.design import BadgeLayer, Group, Leaf, Node, PhotoLayer, ShapeLayer, SpaceLayer, TilesLayer
from media.looks.stage import Stage

_CRAMPED = 0.74  # Type that a narrow row would shrink further than this gets the whole width instead.
NO_INSETS = (0, 0, 0, 0)
Insets = tuple[int, int, int, int]


class Extent(msgspec.Struct, frozen=True):
    """What a node takes in pixels, and how small its type had to become of its own, as a share of what was wished."""

    width: int
    height: int
    type: float = 1.0
    foot: int = 0


class Measurer:
    """What the nodes of a design take on one stage."""

    def __init__(self, stage: Stage, on_ground: frozenset[int]) -> None:
        self.stage, self.on_ground = stage, on_ground
        self.badges: list[BadgeLayer] = []
        self._sizes: dict[tuple[int, int, Insets], Extent] = {}

    def present(self, node: Node | Group) -> bool:
        """Whether there is anything to show here."""
        if getattr(node, "drop", 0) >= self.stage.dropped > 0:
            return False
        if isinstance(node, Group):
            # A rule alone says nothing: a group needs words or a picture to be there.
            return any(self.present(each) for each in node.children if not isinstance(each, ShapeLayer | SpaceLayer))
        if isinstance(node, BadgeLayer) and self.floats(node):
            return False
        return leaves.present(self.stage, node)

    def floats(self, node: BadgeLayer) -> bool:
        """Whether a badge is still to find its place on the picture."""
        return node.corner is not None and id(node) not in self.on_ground

    def children(self, group: Group) -> list[Node]:
        """Those of a group that are present; its floating badges are kept for later."""
        for each in group.children:
            if isinstance(each, BadgeLayer) and self.floats(each) and leaves.present(self.stage, each):
                self.badges += [] if each in self.badges else [each]
        return [each for each in group.children if self.present(each)]

    def flexible(self, node: Node | Group) -> bool:
        """Whether it takes what the others leave."""
        if isinstance(node, Group):
            return node.grow or self.pictured(node)
        return isinstance(node, PhotoLayer | TilesLayer)

    def pictured(self, node: Node | Group) -> bool:
        """Whether there is a picture in here."""
        if isinstance(node, Group):
            return any(self.pictured(each) for each in node.children if self.present(each))
        return isinstance(node, PhotoLayer | TilesLayer)

    def size(self, node: Node | Group, width: int, insets: Insets) -> Extent:
        """What the node takes at least, given so much width."""
        key = id(node), width, insets
        if key not in self._sizes:
            self._sizes[key] = self._group_size(node, width, insets) if isinstance(node, Group) else (
                self._leaf_size(node, width, insets)
            )  # fmt: skip
        return self._sizes[key]

    def _leaf_size(self, node: Leaf, width: int, insets: Insets) -> Extent:
        if isinstance(node, PhotoLayer | TilesLayer):
            return Extent(width, 0)
        block = leaves.measure(self.stage, node, width - insets[0] - insets[2])
        assert block is not None
        return Extent(
            block.width + insets[0] + insets[2], block.height + insets[1] + insets[3], block.shrunk, block.foot
        )

    def _group_size(self, group: Group, width: int, insets: Insets) -> Extent:
        outer, passed = self.margins(group, insets)
        inner = max(1, width - outer[0] - outer[2])
        children = self.children(group)
        gaps = self.stage.px(group.gap) * max(0, len(children) - 1)
        across, down = outer[0] + outer[2], outer[1] + outer[3]
        if not children:
            return Extent(0, 0)
        if group.flow == "row" and not self.wrapped(group, inner, passed):
            widths = self.widths(group, children, inner, passed)
            sizes = [
                self.size(each, wide, reach(passed, number, len(children), row=True))
                for number, (each, wide) in enumerate(zip(children, widths, strict=True))
            ]
            taken = sum(widths) if self.row_fills(children) else sum(each.width for each in sizes)
            least = min(each.type for each in sizes)
            return Extent(min(width, taken + gaps + across), self._across(group, sizes) + down, least)
        sides = [
            passed if group.flow == "stack" else reach(passed, number, len(children), row=False)
            for number in range(len(children))
        ]
        sizes = [self.size(each, inner, side) for each, side in zip(children, sides, strict=True)]
        height = max(each.height for each in sizes) if group.flow == "stack" else sum(e.height for e in sizes) + gaps
        least = min(each.type for each in sizes)
        foot = sizes[-1].foot if not outer[3] else 0
        return Extent(min(width, max(each.width for each in sizes) + across), height + down, least, foot)

    def _across(self, group: Group, sizes: Sequence[Extent]) -> int:
        """How high a row is: words that stand on one line reach below it by the largest of their feet."""
        if group.align != "end":
            return max(each.height for each in sizes)
        return max(each.height - each.foot for each in sizes) + max(each.foot for each in sizes)

    def row_fills(self, children: Sequence[Node]) -> bool:
        """Whether the row is as wide as its room."""
        return any(self.flexible(each) or getattr(each, "share", None) for each in children)

    def wrapped(self, group: Group, inner: int, insets: Insets) -> bool:
        """Whether a row is better laid out as a column."""
        if not group.wraps:
            return False
        children = self.children(group)
        widths = self.widths(group, children, inner, insets)
        types = [
            self.size(each, wide, reach(insets, number, len(children), row=True)).type
            for number, (each, wide) in enumerate(zip(children, widths, strict=True))
        ]
        return min(types, default=1.0) < _CRAMPED

    def widths(self, group: Group, children: Sequence[Node], inner: int, insets: Insets) -> list[int]:
        """Of the children of a row: shares first, then what is as wide as it is, then what takes the rest."""
        room = inner - self.stage.px(group.gap) * (len(children) - 1)
        found: dict[int, int] = {}
        for number, each in enumerate(children):
            share = getattr(each, "share", None)
            if share is not None:
                found[number] = round(share * inner)
        growing = [number for number, each in enumerate(children) if number not in found and self.flexible(each)]
        natural = [number for number in range(len(children)) if number not in found and number not in growing]
        left = room - sum(found.values())
        alone = [self.size(children[n], left, reach(insets, n, len(children), row=True)).width for n in natural]
        enough = sum(alone) <= left * (0.66 if growing else 1.0)
        for number in natural:
            left = room - sum(found.values())
            most = left if enough or not (growing or number != natural[-1]) else round(left * 0.55)
            found[number] = self.size(children[number], most, reach(insets, number, len(children), row=True)).width
        for number in growing:
            found[number] = max(1, (room - sum(w for n, w in found.items() if n not in growing)) // len(growing))
        return [max(1, found[number]) for number in range(len(children))]

    def margins(self, group: Group, insets: Insets) -> tuple[Insets, Insets]:
        """What the group keeps free around its children, and what it leaves to them to keep."""
        padding = self.stage.px(group.padding)
        if not padding:
            return NO_INSETS, insets
        left, top, right, bottom = (max(padding, each) for each in insets)
        return (left, top, right, bottom), NO_INSETS


def reach(insets: Insets, number: int, count: int, *, row: bool) -> Insets:
    """The insets that reach one of several children."""
    left, top, right, bottom = insets
    first, last = number == 0, number == count - 1
    if row:
        return left if first else 0, top, right if last else 0, bottom
    return left, top if first else 0, right, bottom if last else 0
