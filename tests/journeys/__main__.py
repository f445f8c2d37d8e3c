"""`python -m tests.journeys --write FOLDER`: what a buyer sees from the tap to the order, as pictures.

journey.jpg   the shop's gallery, a product, the payment and the order, in French
evening.jpg   the same in the dark, in English
"""

import argparse
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tests.journeys import boutique as boutiques
from tests.journeys import phone as phones
from tests.journeys.boutique import Boutique
from tests.journeys.phone import Phone, Scheme

_GAP = 48
_GROUND = {"light": "#e9e6e1", "dark": "#3a3735"}
_QUALITY = 82
_SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Mobile Safari/604.1"


def main() -> None:
    """Take the pictures."""
    asked = argparse.ArgumentParser(prog="python -m tests.journeys", description=__doc__)
    asked.add_argument("--write", type=Path, required=True, metavar="FOLDER")
    folder: Path = asked.parse_args().write
    with (
        tempfile.TemporaryDirectory() as place,
        boutiques.opened(Path(place)) as boutique,
        phones.browser() as chromium,
    ):
        _strip(_pictures(chromium, boutique, "light", "fr-FR"), "light").save(
            folder / "journey.jpg", quality=_QUALITY, optimize=True
        )
        _strip(_pictures(chromium, boutique, "dark", "en-GB"), "dark").save(
            folder / "evening.jpg", quality=_QUALITY, optimize=True
        )


def _pictures(chromium: Browser, boutique: Boutique, scheme: Scheme, language: str) -> list[Image.Image]:
    """The screens of one purchase."""
    with phones.phone(chromium, scheme=scheme, language=language, user_agent=_SAFARI) as buyer:
        buyer.page.goto(f"{boutique.base_url}/s/{boutique.shop().slug}")
        buyer.page.get_by_role("link", name="Bol Lagon").first.scroll_into_view_if_needed()
        taken = [_screen(buyer)]
        buyer.page.get_by_role("link", name="Bol Lagon").first.tap()
        buyer.page.wait_for_url("**/bol-lagon**")
        taken.append(_screen(buyer))
        buyer.buy()
        taken.append(_screen(buyer))
        buyer.pay()
        taken.append(_screen(buyer))
    return taken


def _screen(buyer: Phone) -> Image.Image:
    """What is on the screen once all of it has come."""
    buyer.page.wait_for_load_state("networkidle")
    return Image.open(BytesIO(buyer.page.screenshot()))


def _strip(screens: list[Image.Image], scheme: Scheme) -> Image.Image:
    """Screens side by side."""
    width, height = screens[0].size
    size = (len(screens) * (width + _GAP) + _GAP, height + 2 * _GAP)
    sheet = Image.new("RGB", size, _GROUND[scheme])
    for place, screen in enumerate(screens):
        sheet.paste(screen.convert("RGB"), (_GAP + place * (width + _GAP), _GAP))
    return sheet.resize((sheet.width // 2, sheet.height // 2), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
