"""Every script looks as it did when somebody last looked at it."""

from pathlib import Path

from PIL import Image
from pixelmatch.contrib.PIL import pixelmatch

from tests.media import specimen


def test_every_script_is_drawn_as_on_the_sheet_that_was_looked_at() -> None:
    with Image.open(Path(__file__).with_name("specimen.png")) as looked_at:
        now = specimen.sheet()
        different = pixelmatch(looked_at.convert("RGB"), now, threshold=0.1)
    assert different <= now.width * now.height / 10_000, (
        "look at `python -m tests.media.specimen tests/media/specimen.png`"
    )
