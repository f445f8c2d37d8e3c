"""How much is drawn at a time: what one child draws well within its limits, and no more than an answer can wait for.

Work is counted in pixels of JPEG. What else takes time is counted as so many pixels as would take as long, at worst.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from media.errors import TooMuchToDraw
from media.formats.format import Format
from media.looks import layout
from media.looks.design import Design
from media.outputs import Output

PORTION: Final = 48_000_000  # Eighteen built-in formats have 27 million.
MOST: Final = 500_000_000  # A set of eleven pictures in each of them has 370 million.
_LEAST: Final = 1_500_000  # A small canvas is drawn larger, and reduced.
_LAYER: Final = 100_000
_ENCODING: Final[dict[Output, int]] = {"jpeg": 1, "webp": 4, "avif": 8, "png": 8}


class Portion(NamedTuple):
    """What one child draws: these pages, from 1, of each of these formats."""

    formats: list[str]
    pages: list[int]


def work(canvas: Format, output: Output, design: Design | None) -> int:
    """What one picture takes; of a design, its largest arrangement."""
    bodies = layout.bodies(design) if design else []
    pixels = max(_LEAST, canvas.width * canvas.height) * _ENCODING[output]
    return pixels + max((layout.layers(each) for each in bodies), default=0) * _LAYER


def check(works: Sequence[int], pages: int) -> None:
    """Refuses TooMuchToDraw where so many pages of each are more than one request may ask for."""
    total = sum(works) * pages
    if total > MOST:
        raise TooMuchToDraw(
            f"{len(works) * pages} pictures are {total / MOST:.1f} times as much as one request draws: ask for fewer.",
            pictures=len(works) * pages,
            work=total,
            most=MOST,
        )


def portions(works: Sequence[tuple[str, int]], pages: int) -> Iterator[Portion]:
    """The formats, each with its work, in runs; a set that is too much for one child page by page."""
    run: list[str] = []
    taken, every = 0, list(range(1, pages + 1))
    for slug, each in works:
        if run and taken + each * pages > PORTION:
            yield Portion(run, every)
            run, taken = [], 0
        if each * pages > PORTION:
            step = max(1, PORTION // each)
            yield from (Portion([slug], every[start : start + step]) for start in range(0, pages, step))
        else:
            run.append(slug)
            taken += each * pages
    if run:
        yield Portion(run, every)
