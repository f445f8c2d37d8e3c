"""What a template is given to show: words, a price already written out, and the brand's colours."""

import msgspec

from media.frame import Area, Background, FrameChoice, Point

MAX_WORDS = 200  # Characters of any one text; more is cut with an ellipsis.


class Brand(msgspec.Struct, frozen=True):
    """Three colours as `#rrggbb`: the ground, the text on it, and one for what must be noticed."""

    background: str = "#ffffff"
    ink: str = "#1d1b19"
    accent: str = "#b4552d"


class Scene(msgspec.Struct, frozen=True):
    """One thing to show. Every text may be empty; prices are formatted for the reader's language beforehand.

    `language` is that of the texts, as BCP 47 writes it (`fr`, `zh-Hant`); empty where nobody knows.
    """

    title: str = ""
    price: str = ""
    compare_at: str = ""
    shop_name: str = ""
    brand: Brand = Brand()
    language: str = ""


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
