"""The decoded master: what every layer that shows the picture draws from."""

from PIL import Image, ImageFilter

from media.frame import Frame, Size


class Picture:
    """The decoded master, possibly at a reduced scale, and its halves: shared by all formats of one request."""

    def __init__(self, image: Image.Image, size: Size) -> None:
        """`size` is the master's own size, which frames count in; `image` may be smaller by a power of two."""
        self.size = size
        # Halves are rounded up: the exact scale says more than the quotient of the widths.
        self._levels = [(image, 1 / max(1, round(size.width / image.width)))]

    def seen(self, frame: Frame) -> Image.Image:
        """What the frame shows, at the size of its window."""
        image, scale = self._level(frame.scale)
        left, top, right, bottom = frame.source()
        box = left * scale, top * scale, min(right * scale, image.width), min(bottom * scale, image.height)
        # From a level less than twice as large nobody can tell the two apart; enlarged, one can.
        kernel = Image.Resampling.BICUBIC if frame.scale <= scale else Image.Resampling.LANCZOS
        made = image.resize(frame.window.size, kernel, box=box)
        if frame.scale <= 1.1:
            return made
        # An enlarged picture has no fine detail left: lifting its edges a little is what makes it look in focus.
        return made.filter(ImageFilter.UnsharpMask(radius=min(frame.scale, 4.0), percent=70, threshold=2))

    def _level(self, wanted: float) -> tuple[Image.Image, float]:
        """The smallest half of a half of the picture that still has every pixel that is wanted, and its scale."""
        while self._levels[-1][1] / 2 >= wanted:
            image, scale = self._levels[-1]
            self._levels.append((image.reduce(2), scale / 2))
        return next((each for each in reversed(self._levels) if each[1] >= wanted), self._levels[0])
