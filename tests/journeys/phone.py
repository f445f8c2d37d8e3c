"""A phone in somebody's hand: a real Chromium with a phone's screen, fingers, and the browser of a network's app."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from api.demo.buyer import CARD, IN_APP

Scheme = Literal["light", "dark"]
SCREEN = {"width": 390, "height": 844}
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_INSTAGRAM = IN_APP["instagram"]


class NoBrowser(RuntimeError):
    """There is no Chromium on this machine."""


def program() -> str:
    """Where Chromium is: `CHROMIUM` says so, or it has one of its usual names. Raises NoBrowser."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise NoBrowser("The journeys need Chromium: `apt-get install chromium`, or CHROMIUM=/path/to/one.")
    return found


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program())
        try:
            yield found
        finally:
            found.close()


@contextlib.contextmanager
def calling_itself(chromium: Browser, user_agent: str) -> Iterator[Browser]:
    """Another one, with this name in everything that it sends, also while a page is left."""
    found = chromium.browser_type.launch(executable_path=program(), args=[f"--user-agent={user_agent}"])
    try:
        yield found
    finally:
        found.close()


class Phone:
    """One person's phone. `faults` are what its console complains of; `asked` is every request that it has made."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.faults: list[str] = []
        self.asked: list[Request] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        # A page that is answered 404 or 410 is one of ours; Chromium says so in its console.
        if message.type in ("error", "warning") and "the server responded with a status of 4" not in message.text:
            self.faults.append(message.text)

    def _asked(self, request: Request) -> None:
        self.asked.append(request)

    def buy(self) -> None:
        """Tap the button of the page that buys."""
        self.page.locator("button.button").tap()
        self.page.wait_for_url("**/c/pay/**")

    def pay(self, name: str = "Ada Lovelace") -> None:
        """Fill in the payment page with a card that is good, and come back to the shop."""
        typed = {"email": "ada@example.com", "name": name, "card": CARD, "expiry": "12/34", "cvc": "123"}
        for field, text in typed.items():
            self.page.locator(f"input[name={field}]").fill(text)
        self.page.locator("button[type=submit]").last.tap()
        self.page.wait_for_url("**/orders/**")


@contextlib.contextmanager
def phone(
    chromium: Browser,
    *,
    scripts: bool = True,
    scheme: Scheme = "light",
    language: str = "fr-FR",
    width: int = SCREEN["width"],
    user_agent: str = _INSTAGRAM["User-Agent"],
) -> Iterator[Phone]:
    """A phone that has just tapped something, in Instagram unless said; without `scripts` its browser runs none."""
    context = chromium.new_context(
        viewport={"width": width, "height": SCREEN["height"]},
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        java_script_enabled=scripts,
        color_scheme=scheme,
        locale=language,
        user_agent=user_agent,
    )
    context.set_default_timeout(15_000)
    try:
        yield Phone(context)
    finally:
        context.close()
