"""What is measured of a picture, once, when it comes in: on small copies, so that it costs little beside decoding."""

import msgspec
from PIL import Image

from media.frame import Area, Point
from media.traits import dhash, dominant, sharpness, subject, thumbhash
from media.traits.dominant import Swatch

_SMALL = 64  # Pixels of the longer side of the copy that colours are counted on.


class Traits(msgspec.Struct, frozen=True):
    """What a picture is like; the defaults say nothing.

    `palette`: its colours; `thumbhash`: a preview, base64; `focal`: what must stay when it is cropped; `subject`: where
    the product is, None where nothing stands out; `sharpness`: 0..1, None of an even plane (`media.traits.sharpness`);
    `background`: the colour of a flat one, `#rrggbb`; `dhash`: 64 bits that like pictures have alike, hexadecimal.
    """

    palette: list[Swatch] = []
    thumbhash: str = ""
    focal: Point = Point(0.5, 0.5)
    subject: Area | None = None
    sharpness: float | None = None
    background: str | None = None
    dhash: str = ""


def measure(image: Image.Image) -> Traits:
    """The traits of an upright RGB picture. Equal pictures give equal traits."""
    reduced = image.reduce(max(1, max(image.size) // sharpness.SIDE))
    scale = min(1.0, _SMALL / max(reduced.size))
    size = max(1, round(reduced.width * scale)), max(1, round(reduced.height * scale))
    small = reduced.resize(size, Image.Resampling.BOX)
    background = dominant.background(small)
    found = subject.find(small, flat=background is not None)
    return Traits(
        palette=dominant.palette(small),
        thumbhash=thumbhash.encode(small),
        focal=found.focal,
        subject=found.subject,
        sharpness=sharpness.of(reduced),
        background=background,
        dhash=dhash.of(small),
    )
