"""The master, decoded as large as it is needed: what every layer that shows the picture draws from."""

from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageFilter

from media import resampling
from media.backdrop import Backdrop
from media.formats.formats import STORY
from media.frame import AUTO_CROP_KEEPS, Frame, Size

_ENLARGED = 1.1


class _Level(NamedTuple):
    """The master at one in `part` of its size: decoded at one in `decoded`, 1 or 2, and halved from there."""

    part: int
    decoded: int


class Picture:
    """One master and what was decoded of it so far, shared by all formats of one request.

    What a frame shows depends on the master and the frame alone, never on what else is drawn.
    """

    def __init__(self, master: bytes) -> None:
        """`master` is a JPEG that our own intake has written. Nothing is decoded yet."""
        self._master = master
        with self._opened() as image:
            self.size = Size(*image.size)
        # What the tallest crop needs, as a share of the master's size.
        self._tallest = max(STORY.width / self.size.width, STORY.height / self.size.height)
        self.backdrop = Backdrop()
        """What stands where the picture does not reach, and behind what it shows."""
        self.others: tuple[Picture, ...] = ()
        """Further masters of the same visual, in the order of its scene."""
        self._levels: dict[_Level, Image.Image] = {}

    def seen(self, frame: Frame) -> Image.Image:
        """What the frame shows, at the size of its window."""
        made = Image.new("RGB", frame.window.size)
        self.fill(made, frame)
        return made

    def fill(self, canvas: Image.Image, frame: Frame) -> None:
        """Draw what the frame shows over all of a canvas, which is as large as its window."""
        level = self._wanted(frame)
        image = self._decoded(level)
        left, top, right, bottom = (edge / level.part for edge in frame.source())
        # From a level less than twice as large nobody can tell the two kernels apart; enlarged, one can.
        kernel: resampling.Kernel = "cubic" if frame.scale * level.part <= 1 else "lanczos"
        resampling.onto(canvas, image, (left, top, min(right, image.width), min(bottom, image.height)), kernel)
        if frame.scale > _ENLARGED:
            # An enlarged picture has no fine detail left: lifting its edges a little makes it look in focus.
            soft = ImageFilter.UnsharpMask(radius=min(frame.scale, 4.0), percent=70, threshold=2)
            canvas.paste(canvas.filter(soft))

    def whole(self, size: tuple[int, int]) -> Image.Image:
        """All of it at this size."""
        part = 1
        while part * 2 * size[0] <= self.size.width:
            part *= 2
        image = self._decoded(_Level(part, min(part, 2)))
        return resampling.resized(image, size, (0, 0, image.width, image.height), "lanczos")

    def _wanted(self, frame: Frame) -> _Level:
        """The smallest level that has every pixel that the frame shows.

        Half of a JPEG's frequencies are decoded in two thirds of the time. But whoever asks for one crop from edge to
        edge mostly asks for several, a tall one among them: where that one needs the whole, halving it costs less than
        decoding twice.
        """
        part = 1
        while frame.scale * part * 2 <= 1:
            part *= 2
        edge_to_edge = frame.window.size == (frame.visual.width, frame.visual.height)
        whole = part == 1 or (edge_to_edge and frame.kept < AUTO_CROP_KEEPS and self._tallest > 0.5)
        return _Level(part, 1 if whole else 2)

    def _decoded(self, level: _Level) -> Image.Image:
        if level not in self._levels:
            finest = level.part == level.decoded
            found = self._open(level.part) if finest else self._decoded(level._replace(part=level.part // 2)).reduce(2)
            self._levels[level] = found
        return self._levels[level]

    def _open(self, part: int) -> Image.Image:
        with self._opened() as image:
            image.draft("RGB", (max(1, self.size.width // part), max(1, self.size.height // part)))
            image.load()
            return image

    def _opened(self) -> Image.Image:
        return Image.open(BytesIO(self._master), formats=("JPEG",))
