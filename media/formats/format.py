"""What a format is: a canvas that a network takes, and which parts of it can be read there."""

from typing import Final

import msgspec

from media.frame import Box, Size
from media.outputs import Output

ANY_OUTPUT: Final[tuple[Output, ...]] = ("jpeg", "webp", "avif", "png")


class Format(msgspec.Struct, frozen=True):
    """A canvas: its size in pixels, and the box that text and prices must stay in.

    `covered` are the parts of the canvas that a network's interface lies on beyond what `safe` says, as the stamp with
    a video's length: nothing that is to be read stands there, even inside of `safe`.

    `max_bytes` is what its readers take, or what makes them show it at once: the quality gives way to it. `outputs`
    are the file types that they take, of those that we write; `networks` those that it is made for, the first most.
    `id` is that of a shop's own format, None for one that is built in.
    """

    slug: str
    name: str
    width: int
    height: int
    safe: Box
    source: str
    max_bytes: int = 8_000_000  # Instagram takes 8 MB.
    covered: tuple[Box, ...] = ()
    outputs: tuple[Output, ...] = ANY_OUTPUT
    networks: tuple[str, ...] = ()
    id: str | None = None

    @property
    def size(self) -> Size:
        """Width and height in pixels."""
        return Size(self.width, self.height)

    @property
    def canvas(self) -> Box:
        """The whole canvas."""
        return Box(0, 0, self.width, self.height)

    def times(self, factor: int) -> "Format":
        """The same canvas so many times as large."""
        return msgspec.structs.replace(
            self,
            width=self.width * factor,
            height=self.height * factor,
            safe=self.safe.times(factor),
            covered=tuple(each.times(factor) for each in self.covered),
        )

    @property
    def clear(self) -> Box:
        """The part of `safe` for one block of words: as large as it can be with nothing of `covered` in it.

        Each covered part takes away what lies to its right, left, bottom or top, whichever costs the least area.
        """
        clear = self.safe
        for each in self.covered:
            if each.overlaps(clear):
                sides = (
                    Box(clear.left, clear.top, each.left, clear.bottom),
                    Box(each.right, clear.top, clear.right, clear.bottom),
                    Box(clear.left, clear.top, clear.right, each.top),
                    Box(clear.left, each.bottom, clear.right, clear.bottom),
                )
                clear = max(sides, key=lambda box: box.width * box.height)
        return clear
