"""What a page of a shop says around what it shows, for one visitor: in the language that they read.

What they chose on the page itself (`?lang=`) decides, then the first language of their browser that we speak or that is
the shop's own, then the shop's. No cookie keeps it: every address of the page carries the choice on.
"""

from collections.abc import Mapping
from functools import cache
from urllib.parse import urlencode

import msgspec
from babel.languages import get_official_languages

from api.dependencies import HttpRequest
from api.pages import apps, imprints, messages
from api.pages.apps import App
from api.pages.brand import Brand
from api.pages.views import Frame, Language
from core.shops import Shop

CHOICE = "lang"


class Browser(msgspec.Struct, frozen=True, kw_only=True):
    """What a visitor's browser says of itself, as far as a page is written by it."""

    accept_language: str = ""
    app: App | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> "Browser":
        """The one that has sent this request."""
        headers = request.headers
        return cls(accept_language=headers.get("accept-language", ""), app=apps.of(headers.get("user-agent", "")))


NOBODYS = Browser()
"""Says nothing of itself: the page speaks its shop's language."""


def of_shop(shop: Shop, query: Mapping[str, str], browser: Browser, kept: Mapping[str, str] | None = None) -> Frame:
    """The frame of a page that was asked for with these parameters.

    `kept` are those of them that the same page in another language is asked for with.
    """
    texts = messages.of(locale(shop, chosen(query), browser.accept_language))
    return Frame(
        messages=texts,
        shop_name=shop.name,
        brand=Brand.of(shop),
        merchants=messages.language(shop.locale),
        languages=languages(texts.language, kept or {}),
        hint=apps.hint(browser.app, texts),
        imprint=imprints.of_shop(shop, texts),
        terms=imprints.terms(shop, texts),
    )


def of_nobody(browser: Browser, query: Mapping[str, str]) -> Frame:
    """The frame of a page whose shop nobody knows."""
    texts = messages.wanted(browser.accept_language, chosen(query))
    return Frame(messages=texts, languages=languages(texts.language, {}))


def locale(shop: Shop, choice: str, accept_language: str) -> str:
    """Whose rules a page follows: the shop's own locale, or another language, as it is written in the shop's country.

    `en` in a French shop, `en_GB` in a British one: prices are then written as people of that language write them.
    """
    own = messages.language(shop.locale)
    spoken = choice or messages.asked(accept_language, {own, *messages.LANGUAGES})
    if spoken in ("", own):
        return shop.locale
    return f"{spoken}_{shop.country}" if spoken in _spoken_in(shop.country) else spoken


@cache
def _spoken_in(country: str) -> frozenset[str]:
    return frozenset(get_official_languages(country, de_facto=True))


def languages(current: str, kept: Mapping[str, str]) -> tuple[Language, ...]:
    """The other languages that a page can be read in; their addresses are relative to the page's own."""
    same = urlencode([(each, value) for each, value in kept.items() if each != CHOICE])
    return tuple(
        Language(code=code, name=name, url=f"?{same}{'&' if same else ''}{CHOICE}={code}")
        for code, name in messages.LANGUAGES.items()
        if code != current
    )


def chosen(query: Mapping[str, str]) -> str:
    """The language that was chosen on a page, or nothing: what nobody speaks was not chosen."""
    found = query.get(CHOICE, "")
    return found if found in messages.LANGUAGES else ""
