"""Colours as numbers: contrast as WCAG 2.2 defines it, and what to do when there is too little of it."""

Rgb = tuple[int, int, int]
READABLE = 4.5  # WCAG 2.2, success criterion 1.4.3.

_BLACK, _WHITE = (17, 17, 17), (255, 255, 255)


def rgb(colour: str) -> Rgb:
    """`#rrggbb` as three numbers of 0..255; ValueError for anything else."""
    if len(colour) != 7 or not colour.startswith("#"):
        raise ValueError(f"{colour!r} is no #rrggbb colour")
    value = int(colour[1:], 16)
    return value >> 16, value >> 8 & 255, value & 255


def mix(first: Rgb, second: Rgb, share: float) -> Rgb:
    """A colour between two: `share` 0 is the first, 1 the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def contrast(first: Rgb, second: Rgb) -> float:
    """1 (the same) to 21 (black on white)."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(wanted: Rgb, ground: Rgb, least: float = READABLE) -> Rgb:
    """The wanted colour when its contrast with the ground is `least` or more, else the nearest shade of it that is.

    Shades go towards black or white, whichever the ground is further from; that pole is the answer at worst.
    """
    pole = _BLACK if contrast(_BLACK, ground) >= contrast(_WHITE, ground) else _WHITE
    for step in range(11):
        shade = mix(wanted, pole, step / 10)
        if contrast(shade, ground) >= least:
            return shade
    return pole


def muted(ink: Rgb, ground: Rgb) -> Rgb:
    """A quieter ink for what matters less, still readable."""
    return readable(mix(ink, ground, 0.42), ground)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (value / 255 for value in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
