"""How alike two pictures are to an eye: the structural similarity index (Wang et al., 2004) of their brightness."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_WINDOW = 7
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def ssim(one: Image.Image, other: Image.Image) -> float:
    """1 for equal pictures of one size, towards 0 for strangers: the mean over all windows of 7 x 7 pixels."""
    if one.size != other.size:
        raise ValueError(f"{one.size} is not {other.size}")
    x, y = (np.asarray(each.convert("L"), dtype=np.float64) for each in (one, other))
    mean_x, mean_y = _mean(x), _mean(y)
    var_x, var_y, both = _mean(x * x) - mean_x**2, _mean(y * y) - mean_y**2, _mean(x * y) - mean_x * mean_y
    alike = (2 * mean_x * mean_y + _C1) * (2 * both + _C2)
    return float((alike / ((mean_x**2 + mean_y**2 + _C1) * (var_x + var_y + _C2))).mean())


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each window that lies wholly inside."""
    sums = np.pad(values, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    n = _WINDOW
    windows: NDArray[np.float64] = sums[n:, n:] - sums[:-n, n:] - sums[n:, :-n] + sums[:-n, :-n]
    return windows / n**2
