"""The layers of a design that hold no others: whether they show anything, what they take, how they are laid."""

from collections.abc import Iterator
from typing import Literal, Protocol

import msgspec

from media import palette
from media.frame import Box
from media.frame import Point as Place
from media.looks import tables
from media.looks.design import (
    BadgeLayer,
    FactsLayer,
    Leaf,
    LegendLayer,
    LogoLayer,
    PhotoLayer,
    PriceLayer,
    QrLayer,
    ShapeLayer,
    SpaceLayer,
    StarsLayer,
    TextLayer,
    TilesLayer,
)
from media.looks.pieces import Arrow, Backing, Code, Outline, Point, Sheet, Sign, Stars
from media.looks.stage import Stage
from media.palette import Rgb
from media.typesetting.text import Fitted, Style
from media.typesetting.words import capitals

_BEFORE = 0.62  # Of the price's size: what was asked before is told more quietly.
_CAPITALS = 0.42  # From the top of a line to the middle of its capitals, in sizes.
_STAR_ROW = 5.9  # Widths of five stars and the air between them, in heights.
_ARROW = 2.4
_AIR = 0.72  # Between the words of a pill and its ends, in sizes of its type.
_ONE_LINE = 7  # Characters: so much as −30 % or 1+1 is not parted.


class Block(Protocol):
    """A measured layer: pixels, and how much smaller its type had to be than the others' (1 is not at all)."""

    @property
    def width(self) -> int:
        """Pixels."""

    @property
    def height(self) -> int:
        """Pixels."""

    @property
    def foot(self) -> int:
        """Pixels below the last baseline."""

    @property
    def shrunk(self) -> float:
        """Its own size of type as a share of what the design asks for at this zoom."""

    def draw(self, stage: Stage, box: Box, ground: Rgb | None, align: str) -> None:
        """Lay it at the top of the box."""


class _Plain(msgspec.Struct, frozen=True):
    """A block that is only as large as it is."""

    width: int
    height: int
    shrunk: float = 1.0
    foot: int = 0

    def at(self, box: Box, align: str) -> Box:
        """Its box within a wider one."""
        spare = box.width - self.width
        left = box.left + {"center": spare // 2, "end": spare}.get(align, 0)
        return Box(left, box.top, left + self.width, box.top + self.height)

    def draw(self, stage: Stage, box: Box, ground: Rgb | None, align: str) -> None:
        """Nothing is drawn of a space."""


class _Text(_Plain, frozen=True, kw_only=True):
    fitted: Fitted
    colour: str

    def draw(self, stage: Stage, box: Box, ground: Rgb | None, align: str) -> None:
        behind = ground if ground is not None else stage.ink.surface("ground")
        colour = stage.ink.words(self.colour, behind)
        if ground is None:
            back(stage, self.at(box, align), behind, colour)
        stage.write(self.fitted, box, align, colour)


class _Price(_Plain, frozen=True, kw_only=True):
    now: Fitted
    before: Fitted
    row: bool
    gap: int
    colour: str
    reduced: str

    def draw(self, stage: Stage, box: Box, ground: Rgb | None, align: str) -> None:
        behind = ground if ground is not None else stage.ink.surface("ground")
        colour = stage.ink.words(self.reduced if self.before.lines else self.colour, behind)
        quiet, place = stage.ink.words("muted", behind), self.at(box, align)
        if ground is None:
            back(stage, place, behind, quiet)
        if self.row:
            stage.write(self.now, place, "start", colour)
            top = place.top + self.now.ascent - self.before.ascent
            left = place.left + self.now.width + self.gap
            stage.write(self.before, Box(left, top, place.right, place.bottom), "start", quiet, struck=True)
            return
        if self.before.lines:
            stage.write(self.before, place, align, quiet, struck=True)
            top = place.top + self.before.height + self.gap
            place = Box(place.left, top, place.right, place.bottom)
        stage.write(self.now, place, align, colour)


class _Badge(_Plain, frozen=True, kw_only=True):
    fitted: Fitted
    layer: BadgeLayer

    def draw(self, stage: Stage, box: Box, ground: Rgb | None, align: str) -> None:
        place, pill = self.at(box, align), self.layer.shape
        behind = ground if ground is not None else stage.ink.surface("ground")
        fill = stage.ink.surface(self.layer.fill)
        if pill == "outline":
            if ground is None:
                stage.put(Sheet(stage.flip(place), behind, self.radius(stage)))
            colour = stage.ink.words(self.layer.fill, behind)
            stage.put(Outline(stage.flip(place), colour, max(2, stage.px(2)), self.radius(stage)))
        else:
            if palette.contrast(fill, behind) < 1.25 and ground is not None:
                fill = stage.ink.words("ink", behind)  # A plate of its ground's colour would be none.
            colour = stage.ink.words("ground", fill)
            stage.put(Sheet(stage.flip(place), fill, self.radius(stage)))
        first = self.fitted.size * _CAPITALS + (len(self.fitted.lines) - 1) * self.fitted.line_height / 2
        top = round(place.top + place.height / 2 - first)
        stage.write(self.fitted, Box(place.left, top, place.right, place.bottom), "center", colour)

    def radius(self, stage: Stage) -> int:
        if self.layer.shape == "disc":
            return self.height // 2
        return {"square": 0, "soft": min(stage.radius, self.height // 3)}.get(
            stage.scene.brand.corners, self.height // 2
        )


class _Logo(_Plain, frozen=True, kw_only=True):
    def draw(self, stage: Stage, box: Box, ground: Rgb | None, align: str) -> None:
        number, behind = stage.scene.brand.logo, ground if ground is not None else stage.ink.surface("ground")
        assert number is not None
        stage.put(Sign(stage.flip(self.at(box, align)), number, behind))


class _Stars(_Plain, frozen=True, kw_only=True):
    colour: str

    def draw(self, stage: Stage, box: Box, ground: Rgb | None, align: str) -> None:
        behind = ground if ground is not None else stage.ink.surface("ground")
        full, empty = stage.ink.words(self.colour, behind), stage.ink.hairline(behind)
        stage.put(Stars(stage.flip(self.at(box, align)), stage.scene.stars, full, empty, stage.scene.rtl))


class _Qr(_Plain, frozen=True):
    def draw(self, stage: Stage, box: Box, _: Rgb | None, align: str) -> None:
        light = stage.ink.surface("ground")
        dark = stage.ink.words("ink", light)
        if palette.contrast(dark, light) < 7 or palette.contrast(light, (0, 0, 0)) < palette.contrast(dark, (0, 0, 0)):
            dark, light = (17, 17, 17), (255, 255, 255)  # Many readers do not see a light code on a dark ground.
        stage.put(Code(stage.flip(self.at(box, align)), stage.scene.qr, dark, light))


class _Shape(_Plain, frozen=True, kw_only=True):
    layer: ShapeLayer

    def draw(self, stage: Stage, box: Box, ground: Rgb | None, align: str) -> None:
        behind = ground if ground is not None else stage.ink.surface("ground")
        role = self.layer.colour
        colour = stage.ink.hairline(behind) if role == "muted" else stage.ink.surface(role)
        if palette.contrast(colour, behind) < 1.2:
            colour = stage.ink.words("ink", behind)
        place = stage.flip(self.at(box, align))
        if self.layer.kind == "rule":
            stage.put(Sheet(place, colour))
        else:
            ahead: Literal["left", "right"] = "left" if stage.scene.rtl else "right"
            stage.put(Arrow(place, colour, "down" if self.layer.kind == "down" else ahead))


def present(stage: Stage, node: Leaf) -> bool:
    """Whether the scene has something for this layer."""
    scene = stage.scene
    match node:
        case TextLayer() | BadgeLayer():
            return stage.says(node.text)
        case PriceLayer():
            return stage.says("{price}")
        case LogoLayer():
            return scene.brand.logo is not None or stage.says("{shop}")
        case StarsLayer():
            return scene.stars > 0
        case FactsLayer():
            return len(scene.facts) > node.first + stage.shown.facts
        case LegendLayer():
            return any(each.title.strip() for each in scene.items)
        case QrLayer():
            return bool(scene.qr)
    return True


def measure(stage: Stage, node: Leaf, width: int) -> Block | None:
    """The layer in a room of this width; None for pictures, which take what is left to them."""
    width = max(1, width)
    match node:
        case TextLayer():
            return _text(stage, node, width)
        case PriceLayer():
            return _price(stage, node, width)
        case BadgeLayer():
            return badge(stage, node, width)
        case LogoLayer():
            return _logo(stage, node, width)
        case FactsLayer():
            return tables.facts(stage, node, width)
        case LegendLayer():
            return tables.legend(stage, node, width)
        case PhotoLayer() | TilesLayer():
            return None
    return _figure(stage, node, width)


def _figure(stage: Stage, node: StarsLayer | QrLayer | ShapeLayer | SpaceLayer, width: int) -> _Plain:
    match node:
        case StarsLayer():
            height = min(round(stage.px(node.size) * stage.zoom), round(width / _STAR_ROW))
            return _Stars(round(height * _STAR_ROW), max(1, height), colour=node.colour)
        case QrLayer():
            side = min(stage.px(node.size), width)
            return _Qr(side, side)
        case SpaceLayer():
            return _Plain(0, stage.px(node.height))
    height = max(1, stage.px(node.height))
    if node.kind == "down":
        return _Shape(height, round(height * 1.3), layer=node)
    wide = round(height * _ARROW) if node.kind == "arrow" else stage.px(node.width) or width
    return _Shape(min(wide, width), height, layer=node)


def draw(stage: Stage, node: Leaf, box: Box, ground: Rgb | None, align: str) -> None:
    """Lay the layer in its box, in which it was measured."""
    if isinstance(node, PhotoLayer):
        photo(stage, node, box, box)
    elif isinstance(node, TilesLayer):
        tables.tiles(stage, node, box, ground)
    elif (block := measure(stage, node, box.width)) is not None:
        stage.crowded |= block.height > box.height + 2
        block.draw(stage, box, ground, align)


def photo(stage: Stage, node: PhotoLayer, box: Box, window: Box) -> None:
    """The picture of this page with its subject in a part of its box, and the items' numbers where that is wanted."""
    item = stage.item
    number = (item.picture or 0) if item is not None else 0
    spots = stage.scene.spots if node.spots and not number else ()
    keep = [Place(each.x, each.y) for each in spots]
    shown = stage.show(number, box, window, rounded=node.rounded, under=box != window, keep=keep)
    if not shown or stage.seen is None:
        return
    placed, fill = stage.seen[0], stage.ink.surface("ground")
    size = stage.px(46)
    for spot in spots:
        if (at := placed.map(Place(spot.x, spot.y))) is None:
            stage.lost.append({"slug": "spot-lost", "item": spot.item + 1, "x": spot.x, "y": spot.y})
            continue
        x, y = round(at.x * placed.visual.width), round(at.y * placed.visual.height)
        disc = Box(x - size // 2, y - size // 2, x - size // 2 + size, y - size // 2 + size)
        figure = stage.fit(str(spot.item + 1), tables.figure(stage), size)
        stage.put(Point(disc, fill, stage.ink.words("ink", fill), figure))


def corners(stage: Stage, node: BadgeLayer, window: Box) -> Iterator[Box]:
    """The places that a badge may have on a picture, the wished one first."""
    found = stage.clear
    room = Box(
        max(window.left, found.left), max(window.top, found.top),
        min(window.right, found.right), min(window.bottom, found.bottom),
    )  # fmt: skip
    margin = stage.px(30)
    room = Box(
        max(room.left, window.left + margin), max(room.top, window.top + margin),
        min(room.right, window.right - margin), min(room.bottom, window.bottom - margin),
    )  # fmt: skip
    made = badge(stage, node, max(1, room.width // 2))
    assert node.corner is not None
    if made.width > room.width or made.height > room.height:
        return
    order = [node.corner, *(each for each in ("top-start", "top-end", "bottom-start", "bottom-end"))]
    for corner in dict.fromkeys(order):
        left = room.left if corner.endswith("start") else room.right - made.width
        top = room.top if corner.startswith("top") else room.bottom - made.height
        yield Box(left, top, left + made.width, top + made.height)


def badge(stage: Stage, node: BadgeLayer, width: int) -> _Badge:
    """Words on a plate."""
    disc = node.shape == "disc"
    style = Style(
        family="text", weight=650, size=node.size, smallest=node.smallest, leading=1.1,
        lines=3 if disc and len(stage.filled(node.text)) > _ONE_LINE else 1,
        tracking=0.0 if disc else 0.02,
    )  # fmt: skip
    # A pill that is given its own width again has to hold the same words: its air is that of the type it is set in.
    size = max(round(node.smallest * stage.unit), round(node.size * stage.unit * stage.zoom))
    room = round(min(width, stage.px(230)) * 0.68) if disc else width - 2 * round(size * _AIR)
    fitted = stage.fit(stage.filled(node.text), style, room)
    shrunk = fitted.size / max(1, round(node.size * stage.unit * stage.zoom))
    if disc:
        # A disc holds the diagonal of its words, and more air than a pill.
        across = round((fitted.width**2 + (len(fitted.lines) * fitted.line_height) ** 2) ** 0.5 + fitted.size * 0.8)
        across = min(max(across, round(fitted.size * 3.1)), width)
        return _Badge(across, across, shrunk, fitted=fitted, layer=node)
    pad = round(fitted.size * _AIR)
    height = round(fitted.size * 1.86)
    return _Badge(min(width, fitted.width + 2 * pad), height, shrunk, fitted=fitted, layer=node)


def back(stage: Stage, box: Box, ground: Rgb, colour: Rgb) -> None:
    """A sheet under words whose ground nobody knows, where they need one."""
    air = stage.px(12)
    stage.put(Backing(_inside(stage.flip(box.inset(-air)), stage.canvas.canvas), ground, colour, stage.radius // 2))


def _text(stage: Stage, node: TextLayer, width: int) -> _Text:
    words = stage.filled(node.text)
    style = Style(
        family=stage.family(node.font), weight=node.weight, size=node.size, smallest=min(node.smallest, node.size),
        lines=node.lines, leading=max(node.leading, 1.05), tracking=node.tracking,
    )  # fmt: skip
    fitted = stage.fit(capitals(words, stage.scene.language) if node.capitals else words, style, width)
    shrunk = fitted.size / max(1, round(node.size * stage.unit * stage.zoom))
    return _Text(
        fitted.width, fitted.height, 0.0 if fitted.cut else shrunk, _foot(fitted), fitted=fitted, colour=node.colour
    )


def _price(stage: Stage, node: PriceLayer, width: int) -> _Price:
    words, former = stage.prices
    now_style = Style(family="text", weight=node.weight, size=node.size, smallest=node.smallest, lines=1)
    before_style = msgspec.structs.replace(
        now_style, weight=450, size=max(20, round(node.size * _BEFORE)), smallest=min(node.smallest, 20)
    )
    now, before = stage.fit(words, now_style, width), stage.fit(former, before_style, width - 8)
    gap = round(now.size * 0.42) if before.lines else 0
    row = node.beside and bool(before.lines) and now.width + gap + before.width + 3 <= width
    shrunk = now.size / max(1, round(node.size * stage.unit * stage.zoom))
    parts = {"now": now, "before": before, "row": row, "colour": node.colour, "reduced": node.reduced}
    if row:
        return _Price(now.width + gap + before.width + 3, now.height, shrunk, _foot(now), gap=gap, **parts)  # type: ignore[arg-type]  # By name.
    gap = round(now.size * 0.16) if before.lines else 0
    height = now.height + gap + before.height
    return _Price(max(now.width, before.width), height, shrunk, _foot(now), gap=gap, **parts)  # type: ignore[arg-type]  # By name.


def _logo(stage: Stage, node: LogoLayer, width: int) -> _Plain:
    number = stage.scene.brand.logo
    if number is None:
        style = Style(family="text", weight=600, size=node.size, smallest=15, lines=1, tracking=0.14)
        fitted = stage.fit(capitals(stage.scene.shop_name, stage.scene.language), style, width)
        return _Text(fitted.width, fitted.height, 1.0, _foot(fitted), fitted=fitted, colour=node.colour)
    size, height = stage.shots[number].size, stage.px(node.height)
    scale = min(height / size.height, min(width, height * 5) / size.width)
    return _Logo(max(1, round(size.width * scale)), max(1, round(size.height * scale)))


def _foot(fitted: Fitted) -> int:
    return fitted.height - fitted.ascent - fitted.line_height * (len(fitted.lines) - 1) if fitted.lines else 0


def _inside(box: Box, canvas: Box) -> Box:
    return Box(
        max(box.left, canvas.left), max(box.top, canvas.top), min(box.right, canvas.right),
        min(box.bottom, canvas.bottom),
    )  # fmt: skip
