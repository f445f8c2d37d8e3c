"""Bugs in what comes in as a picture, and in what is made of it."""

from tests.mutants.mutant import Mutant
from tests.mutants.mutant import one as _one

_M = "tests/media/"
INTAKE = (f"{_M}test_intake.py", f"{_M}test_hostile.py")
OUTBOUND = ("tests/core/test_outbound.py", f"{_M}test_fetching.py")

PICTURES: tuple[Mutant, ...] = (
    _one(
        "what a file says of its size is not believed before it is decoded",
        "media/intake.py",
        "    if declared is not None:\n        _check_pixels(declared)\n",
        "",
        INTAKE,
    ),
    _one(
        "pictures stay as the camera was held",
        "media/intake.py",
        "upright = upright.transpose(turn)",
        "upright = upright.copy()",
        INTAKE,
    ),
    _one(
        "what the sender's file says beside the picture is kept",
        "media/intake.py",
        "    image.info.clear()\n",
        "",
        INTAKE,
    ),
    _one(
        "the inside of the network is reached by an address in an address",
        "core/outbound.py",
        "if not all(is_public(each) for each in _carried(address)):",
        "if address.is_private:",
        OUTBOUND,
    ),
    _one(
        "an archived picture is found as a near-duplicate",
        "media/traits/likeness.py",
        ", col(Asset.archived_at).is_(None))",
        ")",
        (f"{_M}test_likeness.py", "tests/api/test_pictures.py", f"{_M}test_assets.py"),
    ),
    _one(
        "a point that the crop lost lies at the edge",
        "media/frame.py",
        "        if not (inside_x and inside_y):\n            return None\n",
        "",
        (f"{_M}test_frame.py",),
    ),
    _one(
        "a crop does not move for the product's tags",
        "media/frame.py",
        "        return seen, clear, -abs(before - self._wish)",
        "        return 0, 0, -abs(before - self._wish)",
        (f"{_M}test_frame.py",),
    ),
    _one(
        "a picture that would cut the product is cropped all the same",
        "media/frame.py",
        "(subject is None or cropped.holds(subject))",
        "True",
        (f"{_M}test_frame.py",),
    ),
    _one(
        "a visual is larger than its network takes",
        "media/encoding.py",
        "    if len(data) <= max_bytes:\n        return data\n",
        "    return data\n",
        (f"{_M}test_formats.py", f"{_M}test_templates.py"),
    ),
    _one(
        "a child that was killed from outside is not replaced",
        "media/pool.py",
        "if lost.signal != signal.SIGKILL or attempt == 2:",
        "if attempt:",
        (f"{_M}test_pool.py",),
    ),
    _one(
        "any number of pictures may wait",
        "media/pool.py",
        "if self._running >= self._most:",
        "if self._running >= self._most * 1000:",
        (f"{_M}test_pool.py", "tests/api/test_crowd.py"),
    ),
    _one(
        "a secret of the server can be read in a child",
        "media/pool.py",
        'for name in ("PATH", "LANG", "LD_LIBRARY_PATH", "VIRTUAL_ENV") if name in os.environ}',
        "for name in os.environ}",
        (f"{_M}test_pool.py",),
    ),
)
