"""Layers with several things in them: rows of facts, the legend of a picture, tiles with a picture each."""

from collections.abc import Sequence

import msgspec

from media.frame import Box
from media.looks.design import FactsLayer, LegendLayer, TilesLayer
from media.looks.pieces import Sheet
from media.looks.scene import Item
from media.looks.stage import Stage
from media.palette import Rgb
from media.typesetting.text import Fitted, Style

_LABEL = 0.42  # Of a row's width.
_AIR = 0.46  # Above and below the words of a row, in sizes of their type.
_DISC = 1.75  # The number's disc beside a legend's words, in sizes of their type.
_TALL = 1.18  # What a tile's picture looks best at: a little higher than wide.


class Rows(msgspec.Struct, frozen=True):
    """Pairs of texts under one another, a hairline between two pairs."""

    width: int
    height: int
    shrunk: float
    rows: tuple[tuple[Fitted, Fitted], ...]
    air: int
    foot: int = 0

    def draw(self, stage: Stage, box: Box, ground: Rgb | None, _: str) -> None:
        """Labels at the start, values where all of them start."""
        behind = ground if ground is not None else stage.ink.surface("ground")
        ink, quiet, line = stage.ink.words("ink", behind), stage.ink.words("muted", behind), stage.ink.hairline(behind)
        top, second = box.top, box.left + round(box.width * _LABEL)
        for number, (label, value) in enumerate(self.rows):
            if number:
                stage.put(Sheet(stage.flip(Box(box.left, top, box.right, top + max(1, stage.px(1)))), line))
            top += self.air if number else 0
            stage.write(label, Box(box.left, top, second, box.bottom), "start", quiet)
            stage.write(value, Box(second, top, box.right, box.bottom), "start", ink)
            top += max(label.height, value.height) + self.air


class Legend(msgspec.Struct, frozen=True):
    """Numbered titles with their prices below them or, where a column is wide enough for both, at its end."""

    width: int
    height: int
    shrunk: float
    rows: tuple[tuple[int, Fitted, Fitted], ...]
    columns: int
    row_height: int
    disc: int
    beside: bool
    foot: int = 0

    def draw(self, stage: Stage, box: Box, ground: Rgb | None, _: str) -> None:
        """Row by row: a disc, the title, the price."""
        behind = ground if ground is not None else stage.ink.surface("ground")
        ink, quiet = stage.ink.words("ink", behind), stage.ink.words("muted", behind)
        gap = stage.px(28)
        wide = (box.width - gap * (self.columns - 1)) // self.columns
        for number, (item, title, price) in enumerate(self.rows):
            left = box.left + (number % self.columns) * (wide + gap)
            top = box.top + (number // self.columns) * self.row_height
            disc = Box(left, top, left + self.disc, top + self.disc)
            fill = stage.ink.words("ink", behind)
            stage.put(Sheet(stage.flip(disc), fill, self.disc // 2))
            sign = stage.fit(str(item + 1), figure_style(title.size / stage.unit / stage.zoom * 0.86), self.disc)
            middle = round(disc.top + self.disc / 2 - sign.size * 0.42)
            colour = stage.ink.words("ground", fill)
            stage.write(sign, Box(disc.left, middle, disc.right, disc.bottom), "center", colour)
            words = Box(disc.right + round(self.disc * 0.4), top, left + wide, box.bottom)
            first = round(top + self.disc / 2 - title.size * 0.42)
            stage.write(title, Box(words.left, first, words.right, words.bottom), "start", ink)
            if price.lines and self.beside:
                stage.write(price, Box(words.left, first, words.right, words.bottom), "end", quiet)
            elif price.lines:
                below = first + title.height + round(title.size * 0.22)
                stage.write(price, Box(words.left, below, words.right, words.bottom), "start", quiet)


def facts(stage: Stage, node: FactsLayer, width: int) -> Rows:
    """The facts from the first one of this layer on."""
    start = node.first + stage.shown.facts
    label = Style(family="text", weight=450, size=node.size, smallest=node.smallest, lines=2, leading=1.2)
    value = msgspec.structs.replace(label, weight=560, lines=3)
    second = round(width * _LABEL)
    rows = tuple(
        (stage.fit(each.label, label, second - stage.px(16)), stage.fit(each.value, value, width - second))
        for each in stage.scene.facts[start : start + node.most]
    )
    wished = max(1, round(node.size * stage.unit * stage.zoom))
    air = round(wished * _AIR)
    height = sum(max(one.height, two.height) for one, two in rows) + air * (2 * len(rows) - 1)
    shrunk = min(min(one.size, two.size) for one, two in rows) / wished
    return Rows(width, max(0, height), shrunk, rows, air)


def legend(stage: Stage, node: LegendLayer, width: int) -> Legend:
    """All items that have a name."""
    named = [(number, each) for number, each in enumerate(stage.scene.items) if each.title.strip()]
    columns = node.columns if len(named) not in (1, 3) else 1  # Three in two columns leave a hole.
    wished = max(1, round(node.size * stage.unit * stage.zoom))
    disc = round(wished * _DISC)
    room = max(1, (width - stage.px(28) * (columns - 1)) // columns - round(disc * 1.4))
    title = Style(family="text", weight=560, size=node.size, smallest=node.smallest, lines=2, leading=1.16)
    price = msgspec.structs.replace(title, weight=450, lines=1)
    rows = tuple(
        (number, stage.fit(each.title, title, room), stage.fit(each.price, price, room)) for number, each in named
    )
    beside = columns == 1 and all(one.width + two.width + wished <= room for _, one, two in rows)
    words = max(
        (
            one.height if beside else one.height + (two.height + round(one.size * 0.22) if two.lines else 0)
            for _, one, two in rows
        ),
        default=0,
    )
    row = max(disc, words + round(disc / 2 - wished * 0.42)) + round(wished * 0.62)
    count = -(-len(rows) // columns)
    shrunk = min((min(one.size, two.size or one.size) for _, one, two in rows), default=wished) / wished
    return Legend(width, row * count - round(wished * 0.62), shrunk, rows, columns, row, disc, beside)


def tiles(stage: Stage, node: TilesLayer, box: Box, ground: Rgb | None) -> None:
    """The items that have a picture, each with its words below it; an odd one out is shown larger than the others.

    Where there is none, the visual's own picture is the only one.
    """
    behind = ground if ground is not None else stage.ink.surface("ground")
    alone = Item(price=stage.scene.price, compare_at=stage.scene.compare_at, picture=0)
    shown = [each for each in stage.scene.items if each.picture is not None] or [alone]
    gap, words = stage.px(node.gap), _words(stage, node, shown, box.width // 3)
    grid, value = _rows(shown, box, gap, words)
    places = [(box, grid)]
    if len(shown) in (3, 5):
        middle = (box.left + box.right) // 2
        first = Box(box.left, box.top, middle - gap // 2, box.bottom)
        others = Box(middle - gap // 2 + gap, box.top, box.right, box.bottom)
        rest, rest_value = _rows(shown[1:], others, gap, words)
        if rest_value + _worth(first.width, first.height - words) > value:
            places = [(first, [shown[:1]]), (others, rest)]
    for room, rows in places:
        _fill(stage, node, rows, room, behind)


def _fill(stage: Stage, node: TilesLayer, rows: Sequence[Sequence[Item]], box: Box, behind: Rgb) -> None:
    gap, top = stage.px(node.gap), box.top
    heights = (box.height - gap * (len(rows) - 1)) / len(rows)
    for number, row in enumerate(rows):
        bottom = box.bottom if number == len(rows) - 1 else round(box.top + (number + 1) * heights + number * gap)
        wide = (box.width - gap * (len(row) - 1)) / len(row)
        words = _words(stage, node, row, int(wide))
        for place, item in enumerate(row):
            left = round(box.left + place * (wide + gap))
            right = box.right if place == len(row) - 1 else round(left + wide)
            _tile(stage, node, item, Box(left, top, right, bottom), words, behind)
        top = bottom + gap


def _tile(stage: Stage, node: TilesLayer, item: Item, box: Box, words: int, behind: Rgb) -> None:
    picture = Box(box.left, box.top, box.right, box.bottom - words)
    stage.crowded |= picture.height < stage.px(90)
    if not stage.show(item.picture or 0, picture, picture, rounded=True):
        return
    title, price, before = _captions(stage, node, item, box.width)
    top = picture.bottom + round(stage.px(node.size) * stage.zoom * 0.5)
    if title.lines:
        stage.write(title, Box(box.left, top, box.right, box.bottom), "start", stage.ink.words("ink", behind))
        top += title.height + round(title.size * 0.16)
    if price.lines:
        colour = stage.ink.words("accent" if before.lines else "ink", behind)
        stage.write(price, Box(box.left, top, box.right, box.bottom), "start", colour)
        left = box.left + price.width + round(price.size * 0.5)
        if before.lines and left + before.width + 4 <= box.right:
            quiet = stage.ink.words("muted", behind)
            stage.write(before, Box(left, top, box.right, box.bottom), "start", quiet, struck=True)


def _captions(stage: Stage, node: TilesLayer, item: Item, width: int) -> tuple[Fitted, Fitted, Fitted]:
    title = Style(family="text", weight=450, size=node.size, smallest=node.smallest, lines=2, leading=1.2)
    price = msgspec.structs.replace(title, weight=650, lines=1)
    before = msgspec.structs.replace(title, lines=1)
    return (
        stage.fit(item.title, title, width),
        stage.fit(item.price, price, width),
        stage.fit(item.compare_at if item.price.strip() else "", before, width),
    )


def _words(stage: Stage, node: TilesLayer, row: Sequence[Item], width: int) -> int:
    """What the words below the pictures of one row take, so that all of its pictures end at one line."""
    found = 0
    for each in row:
        title, price, _ = _captions(stage, node, each, width)
        air = round(stage.px(node.size) * stage.zoom * 0.5) if title.lines or price.lines else 0
        found = max(found, air + title.height + price.height + (round(title.size * 0.16) if title.lines else 0))
    return found


def _rows(items: Sequence[Item], box: Box, gap: int, words: int) -> tuple[list[Sequence[Item]], float]:
    """The items in that many rows which leave their pictures the most room of a good shape, and how much that is."""
    best, found = -1.0, [items]
    for count in range(1, len(items) + 1):
        small, more = divmod(len(items), count)
        sizes = [small] * (count - more) + [small + 1] * more
        height = (box.height - gap * (count - 1)) / count - words
        value = sum(size * _worth((box.width - gap * (size - 1)) / size, height) for size in sizes)
        if value > best:
            starts = [sum(sizes[:number]) for number in range(count)]
            best, found = value, [items[start : start + size] for start, size in zip(starts, sizes, strict=True)]
    return found, best


def _worth(width: float, height: float) -> float:
    """The area of the largest picture of a good shape in a room."""
    if width <= 0 or height <= 0:
        return 0.0
    side = min(width, height / _TALL)
    return side * side


def figure(stage: Stage) -> Style:
    """The number on a point: the same size on every canvas, whatever the words beside it had to do."""
    return figure_style(25 / stage.zoom)


def figure_style(size: float) -> Style:
    """A figure in a disc."""
    return Style(family="text", weight=650, size=max(10, round(size)), smallest=10, lines=1)
