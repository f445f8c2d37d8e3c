"""Formats: the canvases that networks take, and the box in them that no interface covers."""

import msgspec

from media.frame import Box, Size


class Format(msgspec.Struct, frozen=True):
    """A canvas: its size in pixels, and the box that text and prices must stay in.

    `covered` are the parts of the canvas that a network's interface lies on beyond what `safe` says, as the stamp with
    a video's length: nothing that is to be read stands there, even inside of `safe`.

    `max_bytes` is what its readers take, or what makes them show it at once: a JPEG's quality gives way to it.
    """

    slug: str
    name: str
    width: int
    height: int
    safe: Box
    source: str
    max_bytes: int = 8_000_000  # Instagram takes 8 MB.
    covered: tuple[Box, ...] = ()

    @property
    def size(self) -> Size:
        """Width and height in pixels."""
        return Size(self.width, self.height)

    @property
    def canvas(self) -> Box:
        """The whole canvas."""
        return Box(0, 0, self.width, self.height)


# The grid of an Instagram profile shows the middle 1012 x 1350 of a portrait; 64 px of margin stay inside of it.
SQUARE = Format(
    slug="square",
    name="Square 1:1",
    width=1080,
    height=1080,
    safe=Box(64, 64, 1016, 1016),
    source="Instagram Graph API, IG User media reference, 2026-09",
)
PORTRAIT = Format(
    slug="portrait",
    name="Portrait 4:5",
    width=1080,
    height=1350,
    safe=Box(64, 64, 1016, 1286),
    source="Instagram Graph API, IG User media reference, 2026-09",
)
# 1080 x 565 would be wider than 1.91:1, and Instagram would refuse it.
LANDSCAPE = Format(
    slug="landscape",
    name="Landscape 1.91:1",
    width=1080,
    height=566,
    safe=Box(56, 48, 1024, 518),
    source="Instagram Graph API, IG User media reference, 2026-09",
)
# 14 % above, 20 % below and 6 % at the sides belong to the story's own interface.
STORY = Format(
    slug="story",
    name="Story 9:16",
    width=1080,
    height=1920,
    safe=Box(65, 269, 1015, 1536),
    source="Meta, stories safe zones, 2026-11",
)
PIN = Format(
    slug="pin",
    name="Pin 2:3",
    width=1000,
    height=1500,
    safe=Box(60, 60, 940, 1440),
    source="Pinterest, pin specifications, 2026-11",
)
PIN_SQUARE = Format(
    slug="pin-square",
    name="Square pin 1:1",
    width=1000,
    height=1000,
    safe=Box(60, 60, 940, 940),
    source="Pinterest, pin specifications, 2026-11",
)
# Readers that crop a card to a square keep its middle. WhatsApp leaves out cards above 300 KB by some accounts.
LINK_CARD = Format(
    slug="link-card",
    name="Link card 1.91:1",
    width=1200,
    height=630,
    safe=Box(100, 60, 1100, 570),
    source="Meta, Sharing: images in link shares, 2026-06; WhatsApp's 300 KB by third parties",
    max_bytes=300_000,
)

_FORMATS = {each.slug: each for each in (SQUARE, PORTRAIT, LANDSCAPE, STORY, PIN, PIN_SQUARE, LINK_CARD)}


def formats() -> tuple[Format, ...]:
    """All formats there are, in the order in which they are shown."""
    return tuple(_FORMATS.values())


def find(slug: str) -> Format | None:
    """The format of this name, or None."""
    return _FORMATS.get(slug)


# The whole picture, in its own proportions, this many pixels wide: for pages, not for networks.
WHOLE = "width-"


def whole(width: int, master: Size) -> Format:
    """The canvas that holds all of a master, `width` pixels wide or as wide as the master where that is less."""
    width = min(width, master.width)
    height = max(1, round(master.height * width / master.width))
    return Format(
        slug=f"{WHOLE}{width}",
        name=f"Whole picture, {width} pixels wide",
        width=width,
        height=height,
        safe=Box(0, 0, width, height),
        source="Vitrine's own pages",
        max_bytes=300_000,
    )


def of_master(slug: str, master: Size) -> Format | None:
    """The format of this name; one of `whole` is made for the master."""
    if not slug.startswith(WHOLE):
        return find(slug)
    return whole(int(slug.removeprefix(WHOLE)), master)
