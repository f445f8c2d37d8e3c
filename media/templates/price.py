"""Title and price on the brand's ground: below the picture, beside it where that shows more of it, or on a card."""

import msgspec

from media import layout, palette, text
from media.formats import Format
from media.frame import Box, Size
from media.layers import Card, Layer, Photo, Plate, Words
from media.layout import Composition, Template
from media.palette import Rgb
from media.scene import Framing, Scene
from media.text import Fitted, Style

_NAME = Style(family="text", weight=600, size=25, smallest=16, lines=1, tracking=0.14)
_TITLE = Style(family="display", weight=600, size=68, smallest=28, lines=3, leading=1.14)
_COLUMN = Style(family="display", weight=600, size=62, smallest=26, lines=7, leading=1.14)
_PRICE = Style(family="text", weight=650, size=58, smallest=26, lines=1)
_BEFORE = Style(family="text", weight=450, size=36, smallest=18, lines=1)
_GAP = 22
_BESIDE = 0.40  # Share of the width that a panel beside the picture takes.
_CARD = 56  # Between the edge of a card and its words, and between it and the picture.
_RADIUS = 36
_CRAMPED = 46  # A title that would be set smaller than this beside the price gets the whole width instead.


class _Colours:
    """The brand's colours, made readable on the brand's ground."""

    def __init__(self, scene: Scene) -> None:
        self.ground: Rgb = palette.rgb(scene.brand.background)
        self.ink = palette.readable(palette.rgb(scene.brand.ink), self.ground, 9.0)
        self.accent = palette.readable(palette.rgb(scene.brand.accent), self.ground)
        self.quiet = palette.muted(self.ink, self.ground)
        # What is reduced is told in the accent; a plain price needs no alarm.
        self.price = self.accent if scene.compare_at else self.ink


class _Prices:
    """The price, and what it was: above it where they stand in a column, behind it where they stand in a row."""

    def __init__(self, scene: Scene, width: int, zoom: float, *, row: bool = False) -> None:
        share = 0.58 if row and scene.compare_at else 1.0
        now, before = _zoomed(_PRICE, zoom), _zoomed(_BEFORE, zoom)
        self.now = text.fit(scene.price, now, round(width * share), now.size * 2)
        self.before = text.fit(
            scene.compare_at if self.now.lines else "", before, round(width * share) - (72 if row else 0), now.size * 2
        )
        self.row, both = row, bool(self.before.lines)
        self.gap = (32 if row else 12) if both else 0
        widths, heights = (self.now.width, self.before.width), (self.now.height, self.before.height)
        self.width = sum(widths) + self.gap if row else max(widths)
        self.height = max(heights) if row else sum(heights) + self.gap

    def place(self, colours: _Colours, left: int, top: int, *, right: int | None = None) -> list[Words]:
        """The words with their block's upper left corner at `left`, `top`; flush with `right` where that is given."""
        now_top = top if self.row else top + self.before.height + self.gap
        now_left = left if right is None else right - self.now.width
        before_left = left if right is None else right - self.before.width
        before_top = top
        if self.row:
            before_left = left + self.now.width + self.gap
            before_top = top + self.now.ascent - self.before.ascent
        placed = (
            Words(self.before, before_left, before_top, colours.quiet, struck=True),
            Words(self.now, now_left, now_top, colours.price),
        )
        return [words for words in placed if words.text.lines]


def _compose(scene: Scene, canvas: Format, master: Size, framing: Framing) -> Composition:
    beside = Box(0, 0, round(canvas.width * (1 - _BESIDE)), canvas.height)
    # The words are as high on a low canvas as on a high one, and leave less of it.
    below = Box(0, 0, canvas.width, round(canvas.height * (0.72 if canvas.height > canvas.width * 0.8 else 0.6)))
    worded = bool(scene.title.strip() or scene.price.strip())
    wide_enough = canvas.width > canvas.height * 0.9 and canvas.clear.right - beside.right > canvas.width * 0.3
    if worded and wide_enough and layout.shown(master, beside) > layout.shown(master, below):
        return _beside(scene, canvas, master, framing, beside)
    if canvas.height > canvas.width * 1.6:
        return _on_card(scene, canvas, master, framing)
    return _below(scene, canvas, master, framing)


def _below(scene: Scene, canvas: Format, master: Size, framing: Framing) -> Composition:
    """Title to the left and price to the right, or the price under a long title, on a panel as high as they need."""
    colours, safe = _Colours(scene), canvas.clear
    name = text.fit(scene.shop_name.upper(), _NAME, safe.width, 80)
    prices = _Prices(scene, round(safe.width * 0.42), 1.0)
    room = safe.width - (prices.width + 48 if prices.height else 0)
    title = text.fit(scene.title, _TITLE, room, round(canvas.height * 0.17))
    if title.cut or (title.lines and title.size < _CRAMPED):
        prices = _Prices(scene, safe.width, 1.0, row=True)
        title = text.fit(scene.title, _TITLE, safe.width, round(canvas.height * 0.17))
    rows = [each for each in (name, title) if each.lines]
    stacked = _height(rows)
    height = stacked + _GAP + prices.height if prices.row else max(stacked, prices.height)
    margin = 52 if height else 0
    # Under the words is the safe margin, but no more than looks right.
    bottom = min(safe.bottom, canvas.height - margin)
    window = Box(0, 0, canvas.width, bottom - height - margin if height else canvas.height)
    frame = layout.photo(framing, master, canvas, window)
    words = _stack(rows, colours, safe.left, bottom - height if prices.row else bottom - stacked, name)
    words += prices.place(colours, safe.left, bottom - prices.height, right=None if prices.row else safe.right)
    panel = Plate(Box(0, window.bottom, canvas.width, canvas.height), colours.ground)
    layers: tuple[Layer, ...] = (Photo(frame, window), panel, *words)
    return Composition(frame=frame, layers=layers, warnings=layout.warnings(name, title, prices.now, prices.before))


def _on_card(scene: Scene, canvas: Format, master: Size, framing: Framing) -> Composition:
    """A tall canvas: the picture edge to edge, going on out of focus behind a card that ends where it is safe."""
    colours, card = _Colours(scene), canvas.clear
    zoom = min(1.4, card.width / 660)  # A narrow card has smaller letters.
    room = card.width - 2 * _CARD
    name = text.fit(scene.shop_name.upper(), _zoomed(_NAME, zoom), room, 80)
    title = text.fit(scene.title, _zoomed(_TITLE, zoom), room, round(canvas.height * 0.17))
    prices = _Prices(scene, room, zoom, row=True)
    rows = [each for each in (name, title) if each.lines]
    height = _height(rows) + prices.height + (_GAP * 2 if rows and prices.height else 0)
    if not height:
        frame = layout.photo(framing, master, canvas, canvas.canvas)
        return Composition(frame=frame, layers=(Photo(frame, canvas.canvas),))
    box = Box(card.left, card.bottom - height - 2 * _CARD, card.right, card.bottom)
    frame = layout.photo(framing, master, canvas, Box(0, 0, canvas.width, box.top - _CARD))
    words = _stack(rows, colours, box.left + _CARD, box.top + _CARD, name)
    words += prices.place(colours, box.left + _CARD, box.bottom - _CARD - prices.height)
    layers: tuple[Layer, ...] = (Photo(frame, canvas.canvas), Card(box, colours.ground, _RADIUS), *words)
    return Composition(frame=frame, layers=layers, warnings=layout.warnings(name, title, prices.now, prices.before))


def _beside(scene: Scene, canvas: Format, master: Size, framing: Framing, window: Box) -> Composition:
    """Everything in one column to the right of the picture: the shop's name above, title and price at the foot."""
    colours = _Colours(scene)
    margin = (canvas.width - canvas.clear.right + 44) // 2
    column = Box(window.right + margin, canvas.clear.top, canvas.clear.right, canvas.clear.bottom)
    prices = _Prices(scene, column.width, 1.0)
    name = text.fit(scene.shop_name.upper(), _NAME, column.width, 60)
    title = text.fit(scene.title, _COLUMN, column.width, column.height - name.height - prices.height - 140)
    frame = layout.photo(framing, master, canvas, window)
    words = _stack([name], colours, column.left, column.top, name) if name.lines else []
    title_top = column.bottom - prices.height - (40 if prices.height else 0) - title.height
    words += _stack([title], colours, column.left, title_top, name) if title.lines else []
    words += prices.place(colours, column.left, column.bottom - prices.height)
    panel = Plate(Box(window.right, 0, canvas.width, canvas.height), colours.ground)
    rule = Plate(Box(column.left, title_top - 36, column.left + 56, title_top - 32), colours.accent)
    layers: tuple[Layer, ...] = (Photo(frame, window), panel, rule, *words)
    return Composition(frame=frame, layers=layers, warnings=layout.warnings(name, title, prices.now, prices.before))


def _zoomed(style: Style, zoom: float) -> Style:
    return msgspec.structs.replace(style, size=round(style.size * zoom), smallest=round(style.smallest * zoom))


def _height(rows: list[Fitted]) -> int:
    return sum(each.height for each in rows) + _GAP * max(0, len(rows) - 1)


def _stack(rows: list[Fitted], colours: _Colours, left: int, top: int, name: Fitted) -> list[Words]:
    """Rows under one another, the shop's name in the accent, the rest in ink."""
    words: list[Words] = []
    for row in rows:
        words.append(Words(row, left, top, colours.accent if row is name else colours.ink))
        top += row.height + _GAP
    return words


TEMPLATE = Template(
    slug="price",
    name="Title and price",
    description="The picture with its title and price on a panel in the brand's colours; a former price is struck out.",
    version=3,
    compose=_compose,
)
