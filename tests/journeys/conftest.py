"""What the journeys share: one browser and one boutique for all of them.

chromium   a browser without a window
boutique   the demo's goods, posts and links, with server, worker and local Stripe
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys import boutique as boutiques
from tests.journeys import phone as phones
from tests.journeys.boutique import Boutique

_FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser, and takes its time."""
    for item in items:
        if item.path.is_relative_to(_FOLDER):
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser; every phone has its own cookies."""
    with phones.browser() as found:
        yield found


@pytest.fixture(scope="session")
def boutique(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Boutique]:
    """One boutique; every test buys for itself."""
    with boutiques.opened(tmp_path_factory.mktemp("boutique")) as found:
        yield found
