"""Every look is drawn as it was when somebody last looked at it; see tests/media/golden.py for how to look again."""

import pytest
from PIL import Image, ImageChops
from pixelmatch.contrib.PIL import pixelmatch

from tests.media import golden

# WebP and another release of FreeType move single edges, not more; a word that moved is several percent.
TOLERANCE = 0.012
UNSEEN = 48


@pytest.mark.timeout(240)
def test_every_look_is_drawn_as_it_was_approved() -> None:
    seen, different = set(), {}
    for name, image in golden.pictures():
        seen.add(name)
        with Image.open(golden.FOLDER / name) as kept:
            before = kept.convert("RGB")
        if before.size != image.size:
            different[name] = 1.0
            continue
        if not any(ImageChops.difference(before, image).convert("L").histogram()[UNSEEN:]):
            continue  # Most are the same but for the noise of WebP, and pixelmatch takes its time.
        share = pixelmatch(before, image, threshold=0.18) / (image.width * image.height)
        if share > TOLERANCE:
            different[name] = share
    assert different == {}
    assert {each.name for each in golden.FOLDER.iterdir()} == seen


def test_the_golden_pictures_weigh_little() -> None:
    assert sum(each.stat().st_size for each in golden.FOLDER.iterdir()) < 3_000_000
