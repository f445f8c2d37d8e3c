"""What the parts of a design are measured and drawn on: one canvas, one scene, and how large type is this time."""

import re
from collections.abc import Sequence

import msgspec

from media import palette
from media.formats.format import Format
from media.frame import Area, Box, Frame, Point
from media.looks import layout, phrases
from media.looks.layers import Card, Layer, Photo, Words
from media.looks.layout import Shot
from media.looks.pieces import Backing, Outline, Sheet, Tile
from media.looks.pieces import Point as Disc
from media.looks.scene import Framing, Item, Scene
from media.palette import Rgb
from media.typesetting import text
from media.typesetting.fonts import Family
from media.typesetting.text import Fitted, Style
from media.warnings import Warnings

_FIELD = re.compile(r"\{([a-z_]+)\}")
_ANY_HEIGHT = 100_000
_TINT = 0.055  # How much ink there is in a ground that is only a little different.
_HAIR = 0.16
_NARROW = 0.14  # Hardly any text has letters that are narrower on average, in sizes of its type.
_PROBE = Style(family="text", weight=450, size=20, smallest=8, lines=1)
_AROUND = Area(0.28, 0.24, 0.28, 0.30)  # What is taken for the product around the focal point where nobody knows it.
_LEAST_WINDOW = 8  # Pixels; nobody could tell what a smaller picture shows.
_RADII = {"square": 0, "soft": 14, "round": 34}

_CUT_OFF = (Backing, Card, Disc, Outline, Sheet)


class Shown(msgspec.Struct, frozen=True):
    """Which page of which set this is, and which of the items or facts it is about."""

    number: int = 1
    count: int = 1
    item: int | None = None
    facts: int = 0


class Ink(msgspec.Struct, frozen=True):
    """The brand's colours as numbers."""

    ground: Rgb
    ink: Rgb
    accent: Rgb
    panel: Rgb

    @classmethod
    def of(cls, scene: Scene) -> "Ink":
        """As the scene's brand has them."""
        brand = scene.brand
        ground, accent = palette.rgb(brand.background), palette.rgb(brand.accent)
        return cls(ground, palette.rgb(brand.ink), accent, accent if brand.tone == "bold" else ground)

    def surface(self, role: str) -> Rgb:
        """A role as the colour of something that words lie on."""
        if role.startswith("#"):
            return palette.rgb(role)
        if role == "tint":
            return palette.mix(self.ground, self.ink, _TINT)
        found = {"ground": self.ground, "ink": self.ink, "accent": self.accent, "panel": self.panel}
        return found.get(role, palette.mix(self.ink, self.ground, 0.42))

    def words(self, role: str, ground: Rgb) -> Rgb:
        """A role as the colour of words on a ground: readable, and still of that colour where that can be."""
        if role == "muted":
            return palette.muted(palette.readable(self.ink, ground, 9.0), ground)
        if role in ("ink", "panel", "tint"):
            strong = max((self.ink, self.ground), key=lambda each: palette.contrast(each, ground))
            return palette.readable(strong, ground, 9.0 if palette.contrast(strong, ground) >= 7 else 4.5)
        wanted = self.surface(role)
        if palette.contrast(wanted, ground) < 1.6:  # The colour of the ground itself: nothing of it would be left.
            return self.words("ink", ground)
        return palette.readable(wanted, ground)

    def hairline(self, ground: Rgb) -> Rgb:
        """A line that is only just seen."""
        return palette.mix(ground, self.words("ink", ground), _HAIR)


class Stage:
    """One attempt to lay a scene out. Boxes count from the start of a line: `put` turns them where that is right."""

    def __init__(
        self, scene: Scene, canvas: Format, shots: Sequence[Shot], shown: Shown, zoom: float, dropped: int
    ) -> None:
        self.scene, self.canvas, self.shots, self.shown, self.zoom = scene, canvas, shots, shown, zoom
        self.dropped = dropped  # What has this rank or a higher one is left out.
        self.ink = Ink.of(scene)
        self.unit: float = (canvas.width * canvas.height) ** 0.5 / 1000
        self.clear = self.flip(canvas.clear)
        self.layers: list[Layer] = []
        self.fitted: list[Fitted] = []
        self.lost: Warnings = []
        """What of the scene this attempt cannot show."""
        self.crowded = False
        self.left_out = False
        self.main: Frame | None = None
        self.seen: tuple[Frame, Box, Framing] | None = None
        self.texts: list[list[Words]] = []
        self._known: dict[object, Fitted] = {}

    def px(self, length: int) -> int:
        """A length in pixels."""
        return round(length * self.unit)

    @property
    def radius(self) -> int:
        """Of the brand's corners, in pixels."""
        return self.px(_RADII[self.scene.brand.corners])

    def flip(self, box: Box) -> Box:
        """The box as it lies on the canvas: mirrored where the text runs from right to left. Its own inverse."""
        if not self.scene.rtl:
            return box
        return Box(self.canvas.width - box.right, box.top, self.canvas.width - box.left, box.bottom)

    def filled(self, pattern: str) -> str:
        """The words of a pattern; none at all where a field that it names is empty."""
        values = self._values()
        names = _FIELD.findall(pattern)
        if any(not values.get(name, "").strip() for name in names):
            return ""
        return _FIELD.sub(lambda match: values[match[1]], pattern)

    def _values(self) -> dict[str, str]:
        scene, item = self.scene, self.item
        return {
            "title": item.title if item else scene.title,
            "price": item.price if item else scene.price,
            "subtitle": scene.subtitle,
            "shop": scene.shop_name,
            "badge": scene.badge,
            "quote": phrases.quoted(scene.quote, scene.language),
            "author": scene.author,
            "action": scene.action,
            "deadline": scene.deadline,
            "page": f"{self.shown.number}/{self.shown.count}" if self.shown.count > 1 else "",
            "new": scene.badge or phrases.new(scene.language),
        }

    @property
    def item(self) -> Item | None:
        """The item that this page is about, or None."""
        return self.scene.items[self.shown.item] if self.shown.item is not None else None

    @property
    def prices(self) -> tuple[str, str]:
        """What is asked, and what was."""
        of = self.item or self.scene
        return of.price, of.compare_at if of.price.strip() else ""

    def fit(self, words: str, style: Style, width: int) -> Fitted:
        """The words in a style whose sizes are thousandths, as wide as there is room."""
        key = words, style, width
        if key not in self._known:
            smallest = max(8, round(style.smallest * self.unit))
            size = max(smallest, round(style.size * self.unit * self.zoom))
            family = self._played(style.family)
            sized = msgspec.structs.replace(style, family=family, size=size, smallest=smallest)
            language = self.scene.language
            # What no room of this width can hold is not measured: the last of it tells that something was cut.
            said = "" if width < smallest else words[: round(style.lines * (width / (smallest * _NARROW) + 2))]
            found = text.fit(said, sized, max(1, width), _ANY_HEIGHT, language=language)
            lost = bool(words.strip()) and not said
            self._known[key] = msgspec.structs.replace(found, cut=True) if lost else found
        return self._known[key]

    def says(self, pattern: str) -> bool:
        """Whether the pattern has words, and a font that can draw them."""
        filled = self.filled(pattern)
        if not filled:
            return False
        found = self.fit(filled, _PROBE, _ANY_HEIGHT)
        if not found.lines and found not in self.fitted:  # What nobody can draw is told of all the same.
            self.fitted.append(found)
        return bool(found.lines)

    def family(self, font: str) -> Family:
        """The family that plays this part for the brand."""
        brand = self.scene.brand
        return "display" if font == "display" and (brand.display or brand.fonts == "classic") else "text"

    def _played(self, family: Family) -> Family:
        """The shop's own letters, where it has some for this part."""
        brand = self.scene.brand
        return {"display": brand.display, "text": brand.text}.get(family) or family

    @property
    def words(self) -> list[Words]:
        """All lines that were written."""
        return [each for lines in self.texts for each in lines]

    def put(self, layer: Layer) -> None:
        """The next layer, in front of those before; its boxes are turned already.

        What would not lie on the canvas is left out: grounds and points may reach over its edge, the rest may not.
        """
        canvas, box = self.canvas.canvas, layer.box
        if isinstance(layer, _CUT_OFF):
            fits = canvas.overlaps(box)
        else:
            fits = canvas.holds(box) and bool(box.width and box.height)
        if fits:
            self.layers.append(layer)
        else:
            self.leave_out()

    def leave_out(self) -> None:
        """Say that something of the design has no room, this time."""
        self.crowded = self.left_out = True

    def write(self, fitted: Fitted, box: Box, align: str, colour: Rgb, *, struck: bool = False) -> None:
        """Lay a text line by line: flush with the start or the end of the box, or in its middle, from its top on."""
        if fitted not in self.fitted:
            self.fitted.append(fitted)
        lines: list[Words] = []
        for number, line in enumerate(self.lines(fitted)):
            top = box.top + number * fitted.line_height
            left = box.left
            if align != "start":
                left += (box.width - line.width) // (2 if align == "center" else 1)
            room = self.flip(Box(left, top, left + line.width, top + line.height))
            lines.append(Words(line, room.left, room.top, colour, struck=struck))
        self.texts.append(lines)
        self.layers += lines

    def lines(self, fitted: Fitted) -> list[Fitted]:
        """Each line of a text as a text of its own."""
        return fitted.split()

    def show(
        self, number: int, box: Box, window: Box, *, rounded: bool, under: bool = False, keep: Sequence[Point] = ()
    ) -> bool:
        """A master in a box, its frame in a part of that: whether there is room to see anything of it.

        `under`: it may go on in the rest of the box.
        """
        shot = self.shots[number]
        turned, room = self.flip(box), self.flip(window)
        if not (self.canvas.canvas.holds(turned) and turned.holds(room) and min(room.size) >= _LEAST_WINDOW):
            self.leave_out()
            return False
        framing = msgspec.structs.replace(shot.framing, keep=(*shot.framing.keep, *keep))
        placed = drawn = layout.photo(framing, shot.size, self.canvas, room)
        if under and (larger := layout.under(framing, shot.size, self.canvas, turned, room)) is not None:
            # What lies under words is drawn, but nobody can see a point there.
            placed, drawn = msgspec.structs.replace(larger, window=larger.window.common(room)), larger
        photo = Photo(drawn, turned)
        self.seen = placed, room if under else turned, framing
        if not number:
            self.main = placed
        if not number and not rounded:
            self.put(photo)
        else:
            self.put(Tile(photo, number, self.radius if rounded else 0))
        return True


def subject(placed: Frame, framing: Framing) -> Box:
    """The part of the canvas that the product takes; around the focal point where nobody has marked it."""
    focal, around = framing.focal, _AROUND
    area = framing.subject or Area(
        max(0.0, focal.x - around.left), max(0.0, focal.y - around.top),
        min(1.0, focal.x + around.right), min(1.0, focal.y + around.bottom),
    )  # fmt: skip
    first, second = (_on(placed, Point(x, y)) for x, y in ((area.left, area.top), (area.right, area.bottom)))
    window = placed.window
    return Box(
        max(window.left, int(first[0])), max(window.top, int(first[1])),
        min(window.right, round(second[0] + 0.5)), min(window.bottom, round(second[1] + 0.5)),
    )  # fmt: skip


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes share a pixel."""
    return one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom


def _on(placed: Frame, point: Point) -> tuple[float, float]:
    x = point.x * placed.master.width * placed.scale + placed.x
    return x, point.y * placed.master.height * placed.scale + placed.y
