"""What a picture is of: the area of the product, and the point that must stay when the picture is cropped.

Whatever is not like the border of the picture, and is closed off from it, is the subject. Two maps say so, both in CIE
L*a*b* on a copy of 64 pixels: how far each pixel's colour is from the nearest of the border's few colours, and over how
high a step of colour one must go, at least, to come to it from the border. The first finds a shirt on a creased sheet;
the second finds a pale vase on a pale wall, because its outline is closed, and passes over shadows and creases, because
theirs are not. A threshold (Otsu, 1979) makes an area of the sum; its pieces count by their size and by how near they
are to the middle, and those that lie along an edge of the picture count less.
"""

import heapq
import math
from functools import cache
from typing import NamedTuple

from PIL import Image, ImageCms, ImageFilter

from media.frame import Area, Point

SIDE = 64  # Pixels of the longer side of the copy.
_LEAST_SIDE = 8
_LIGHTNESS = 0.7  # Shadows change the lightness and leave the hue: differences of lightness count less.
_NEAR = 14.0  # Difference within which colours of the border are one.
_MOST_COLOURS = 6
_RARE = 0.06  # Share of a side: what covers less of it does not belong to it.
_FAR, _STEEP = 32.0, 16.0  # Differences beyond these say no more.
_OPEN, _FAINT = 3.0, 0.5  # What can be come to over lower steps is the background, which changes gradually.
_LOW, _HIGH = 48, 124  # What the threshold may be, of 255.
_FLAT = 24  # The threshold where the background is flat.
_PIECE, _FLAT_PIECE = 0.12, 0.02  # Share of the largest piece's weight that a further piece must have.
_SMALLEST, _FLAT_SMALLEST = 0.02, 0.004  # Share of the picture that stands out where anything does.
_LARGEST = 0.92  # Share of the picture that the area of a subject may have: more says nothing.
_SHADOW = 0.07  # Of the fullest line: what has less is a shadow that lies beside the product.
_SPREAD = 0.3  # Standard deviation of what counts as the middle, in shares of the sides.


class Found(NamedTuple):
    """The focal point, and the subject where anything stands out."""

    focal: Point
    subject: Area | None


class _Grid(NamedTuple):
    """The copy: weighted L*, a*, b* of each pixel, row by row."""

    width: int
    height: int
    light: list[float]
    red: list[int]
    blue: list[int]


def find(image: Image.Image, *, flat: bool = False) -> Found:
    """What an RGB picture is of; without a subject, the middle of what is colourful and not like the border.

    On a `flat` background, whatever differs from it is the subject, thin or pale as it may be.
    """
    grid = _grid(image)
    salient = _salient(grid, flat=flat)
    cells = _chosen(salient, flat=flat)
    columns, rows = [0] * grid.width, [0] * grid.height
    for cell in cells:
        columns[cell % grid.width] += 1
        rows[cell // grid.width] += 1
    if len(cells) < (_FLAT_SMALLEST if flat else _SMALLEST) * grid.width * grid.height:
        return Found(_attraction(grid, salient), None)
    (left, right), (top, bottom) = _span(columns, flat=flat), _span(rows, flat=flat)
    area = Area(left, top, right, bottom)
    if (area.right - area.left) * (area.bottom - area.top) > _LARGEST:
        return Found(_attraction(grid, salient), None)
    return Found(Point(_mean(columns), _mean(rows)), area)


def _grid(image: Image.Image) -> _Grid:
    scale = SIDE / max(image.size)
    size = max(_LEAST_SIDE, round(image.width * scale)), max(_LEAST_SIDE, round(image.height * scale))
    made = ImageCms.applyTransform(image.resize(size, Image.Resampling.BOX), _to_lab())
    assert made is not None, "only what is changed in place gives nothing"
    raw = memoryview(made.tobytes())
    signed = raw.cast("b")
    light = [value * (100 / 255 * _LIGHTNESS) for value in raw[0::3]]
    return _Grid(*size, light, list(signed[1::3]), list(signed[2::3]))


@cache
def _to_lab() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")


def _salient(grid: _Grid, *, flat: bool) -> Image.Image:
    """How much each pixel stands out, 0 to 255."""
    strange = _strangeness(grid)
    closed = _closedness(grid, strange)
    least = _FAINT if flat else _OPEN
    summed = bytes(
        int(4 * min(far, _FAR) * min(1.0, high / least) + 7.9 * min(high, _STEEP))
        for far, high in zip(strange, closed, strict=True)
    )
    return Image.frombytes("L", (grid.width, grid.height), summed)


def _strangeness(grid: _Grid) -> list[float]:
    """How far each pixel is from the nearest of the colours that the border mostly has."""
    least = [math.inf] * len(grid.light)
    for light, red, blue in _border_colours(grid):
        for at, (x, y, z) in enumerate(zip(grid.light, grid.red, grid.blue, strict=True)):
            distance = (x - light) ** 2 + (y - red) ** 2 + (z - blue) ** 2
            least[at] = min(least[at], distance)
    return [math.sqrt(each) for each in least]


def _sides(grid: _Grid) -> tuple[list[int], ...]:
    """The cells within a twentieth of each edge: above, below, left and right."""
    width, count = grid.width, grid.width * grid.height
    ring = max(1, round(min(width, grid.height) * 0.05))
    cells = list(range(count))
    left = [cell for start in range(ring) for cell in cells[start::width]]
    right = [cell for start in range(ring) for cell in cells[width - 1 - start :: width]]
    return cells[: ring * width], cells[-ring * width :], left, right


def _border_colours(grid: _Grid) -> list[tuple[float, float, float]]:
    """The few colours that the border has on two sides or more, the most frequent first.

    What touches one side only is rather a person or a product that goes on beyond the picture.
    """
    groups: list[list[float]] = []  # How many, their mean, and on how many sides.
    for side in _sides(grid):
        before = [group[0] for group in groups]
        for cell in side:
            _join(groups, grid.light[cell], grid.red[cell], grid.blue[cell])
        for group, count in zip(groups, before + [0.0] * (len(groups) - len(before)), strict=True):
            group[4] += group[0] - count >= _RARE * len(side)
    groups.sort(key=lambda group: -group[0])
    frequent = [group for group in groups if group[4] > 1][:_MOST_COLOURS] or groups[:1]
    return [(light, red, blue) for _, light, red, blue, _ in frequent]


def _join(groups: list[list[float]], x: float, y: float, z: float) -> None:
    """Count a colour with the nearest group, or begin one."""
    nearest, least = None, _NEAR * _NEAR
    for group in groups:
        distance = (x - group[1]) ** 2 + (y - group[2]) ** 2 + (z - group[3]) ** 2
        if distance < least:
            nearest, least = group, distance
    if nearest is None:
        groups.append([1, x, y, z, 0])
        return
    nearest[0] += 1
    for at, value in ((1, x), (2, y), (3, z)):
        nearest[at] += (value - nearest[at]) / nearest[0]


def _closedness(grid: _Grid, strange: list[float]) -> list[float]:
    """The highest step of colour on the way from the border to each pixel, on the way where it is lowest.

    The way begins where the border has one of its usual colours: a product that is cut off by it is closed too.
    """
    light, red, blue, width = grid.light, grid.red, grid.blue, grid.width
    count = width * grid.height
    edge = {*range(width), *range(count - width, count), *range(0, count, width), *range(width - 1, count, width)}
    least = [math.inf] * count
    heap = [(0.0, cell) for cell in sorted(edge) if strange[cell] <= _NEAR]
    for _, cell in heap:
        least[cell] = 0.0
    while heap:
        height, cell = heapq.heappop(heap)
        if height > least[cell]:
            continue
        for near in (cell - 1, cell + 1, cell - width, cell + width):
            # A step off the right edge lands on the next row's left edge: from the border to the border.
            if 0 <= near < count and least[near] > height:
                step = abs(light[cell] - light[near]) + abs(red[cell] - red[near]) + abs(blue[cell] - blue[near])
                highest = max(step, height)
                if highest < least[near]:
                    least[near] = highest
                    heapq.heappush(heap, (highest, near))
    return least


def _chosen(salient: Image.Image, *, flat: bool) -> list[int]:
    """The cells of the subject; none where nothing stands out."""
    if flat:
        mask, least = _above(salient, _FLAT), _FLAT_PIECE
    else:
        calm = salient.filter(ImageFilter.MedianFilter(3))
        mask, least = _above(calm, min(max(_otsu(calm.histogram()), _LOW), _HIGH)), _PIECE
    mask = mask.filter(ImageFilter.MaxFilter(3)).filter(ImageFilter.MinFilter(3))
    weighed = sorted(((_weight(piece, mask.size), piece) for piece in _pieces(mask)), key=lambda each: -each[0])
    if not weighed or weighed[0][0] <= 0:
        return []
    return [cell for weight, piece in weighed if weight >= least * weighed[0][0] for cell in piece]


def _above(values: Image.Image, threshold: int) -> Image.Image:
    return values.point([255 * (value > threshold) for value in range(256)])


def _otsu(histogram: list[int]) -> int:
    """The value that parts a histogram into two groups as unlike each other as can be."""
    count, total = sum(histogram), sum(value * number for value, number in enumerate(histogram))
    best, most, below, sum_below = 0, -1.0, 0, 0
    for value, number in enumerate(histogram):
        below += number
        sum_below += value * number
        if below and below < count:
            apart = sum_below / below - (total - sum_below) / (count - below)
            between = below * (count - below) * apart * apart
            if between > most:
                best, most = value, between
    return best


def _pieces(mask: Image.Image) -> list[list[int]]:
    """The cells of each connected piece, from the top."""
    width, open_cells, pieces = mask.width, bytearray(mask.tobytes()), []
    start = open_cells.find(255)
    while start >= 0:
        open_cells[start] = 0
        piece = [start]
        for cell in piece:  # It grows while it is walked through.
            column = cell % width
            for near, inside in (
                (cell - 1, column > 0),
                (cell + 1, column < width - 1),
                (cell - width, cell >= width),
                (cell + width, cell + width < len(open_cells)),
            ):
                if inside and open_cells[near]:
                    open_cells[near] = 0
                    piece.append(near)
        pieces.append(piece)
        start = open_cells.find(255, start)
    return pieces


def _weight(piece: list[int], size: tuple[int, int]) -> float:
    """How much a piece counts: by its cells, less the further they are from the middle and the more lie at an edge."""
    width, height = size
    across, down = _prior(width), _prior(height)
    inside = sum(across[cell % width] * down[cell // width] for cell in piece)
    last = width * (height - 1)
    at_edge = sum(cell % width in (0, width - 1) or cell < width or cell >= last for cell in piece)
    return inside * max(0.0, 1 - at_edge / math.sqrt(len(piece)) / 2)


@cache
def _prior(length: int) -> tuple[float, ...]:
    """How much each place along a side belongs to the middle, 0 to 1."""
    return tuple(math.exp(-((((at + 0.5) / length) - 0.5) ** 2) / (2 * _SPREAD**2)) for at in range(length))


def _attraction(grid: _Grid, salient: Image.Image) -> Point:
    """The middle of what stands out and is colourful, drawn to the middle of the picture."""
    columns, rows = [0.0] * grid.width, [0.0] * grid.height
    across, down = _prior(grid.width), _prior(grid.height)
    colourful = (abs(red) + abs(blue) for red, blue in zip(grid.red, grid.blue, strict=True))
    for cell, (value, chroma) in enumerate(zip(salient.tobytes(), colourful, strict=True)):
        x, y = cell % grid.width, cell // grid.width
        pull = (value + chroma + 1) * across[x] * down[y]
        columns[x] += pull
        rows[y] += pull
    return Point(_mean(columns), _mean(rows))


def _mean(counts: list[int] | list[float]) -> float:
    """The mean place of what is counted along a side, 0..1 of it."""
    return round(sum((at + 0.5) * count for at, count in enumerate(counts)) / sum(counts) / len(counts), 4)


def _span(counts: list[int], *, flat: bool) -> tuple[float, float]:
    """Where what is counted along a side begins and ends, 0..1 of it.

    Where the background is not flat, a shadow on the table that sticks out is left behind.
    """
    least = 0 if flat else _SHADOW * max(counts)
    full = [at for at, count in enumerate(counts) if count > least]
    return round(full[0] / len(counts), 4), round((full[-1] + 1) / len(counts), 4)
