"""What a template is given to show: words, prices already written out, several things, and the brand's kit."""

from typing import Literal

import msgspec

from media.frame import Area, Background, FrameChoice, Point

MAX_WORDS = 200  # Characters of any one text; more is cut with an ellipsis.
MOST_ITEMS = 6
# Scripts that run from right to left, by the language that is written in them (CLDR 46, characterOrder).
_RIGHT_TO_LEFT = ("ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi")

Fonts = Literal["classic", "modern"]
Corners = Literal["round", "soft", "square"]
Tone = Literal["calm", "bold"]


class Brand(msgspec.Struct, frozen=True):
    """How the shop looks. Colours are `#rrggbb`: the ground, the text on it, and one for what must be noticed.

    `fonts`: a serif above a sans (`classic`), or one sans for everything (`modern`). `tone`: panels in the ground's
    colour (`calm`) or in the accent (`bold`). `logo`: which of the masters is the shop's sign; None for none, and then
    its name is set in type. `display` and `text` are families of the shop's own in the place of the house's.
    """

    background: str = "#ffffff"
    ink: str = "#1d1b19"
    accent: str = "#b4552d"
    fonts: Fonts = "classic"
    corners: Corners = "soft"
    tone: Tone = "calm"
    logo: int | None = None
    display: str = ""
    text: str = ""


class Item(msgspec.Struct, frozen=True):
    """One of several things. `picture` is which of the masters shows it, 0 the visual's own; None: none does."""

    title: str = ""
    price: str = ""
    compare_at: str = ""
    picture: int | None = None


class Spot(msgspec.Struct, frozen=True):
    """Where one of the items is on the main picture, 0..1 of it; `item` counts from 0."""

    x: float
    y: float
    item: int = 0


class Fact(msgspec.Struct, frozen=True):
    """One row of a technical sheet."""

    label: str
    value: str


class Scene(msgspec.Struct, frozen=True):
    """What is to be said. Every text may be empty; prices are formatted for the reader's language beforehand.

    `compare_at` is what was really asked before: whoever fills it says so. `stars` is 0..5, 0 for none. `language` is
    that of the texts, as BCP 47 writes it (`fr`, `zh-Hant`); empty where nobody knows.
    """

    title: str = ""
    price: str = ""
    compare_at: str = ""
    shop_name: str = ""
    brand: Brand = Brand()
    language: str = ""
    subtitle: str = ""
    badge: str = ""
    quote: str = ""
    author: str = ""
    stars: float = 0.0
    action: str = ""
    deadline: str = ""
    qr: str = ""
    facts: tuple[Fact, ...] = ()
    items: tuple[Item, ...] = ()
    spots: tuple[Spot, ...] = ()

    @property
    def rtl(self) -> bool:
        """Whether the reader's eye starts at the right."""
        return self.language.replace("_", "-").partition("-")[0].lower() in _RIGHT_TO_LEFT


class Framing(msgspec.Struct, frozen=True):
    """How the picture is to lie in the visual: cropped around the focal point, padded, or as suits it best.

    `subject` is the part of the master that must be seen whole and that no text may cover; None where nobody knows.
    A crop moves for the points to `keep`, such as products' tags. `background` fills what the picture leaves of its
    window; `ground` is its colour as `#rrggbb`, empty where it has none.
    """

    choice: FrameChoice = "auto"
    focal: Point = Point(0.5, 0.5)
    subject: Area | None = None
    keep: tuple[Point, ...] = ()
    background: Background = "extended"
    ground: str = ""
