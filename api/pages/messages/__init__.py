"""What the pages say, by language."""

import re
from collections.abc import Collection
from functools import lru_cache

import msgspec

from api.pages.messages.english import ENGLISH
from api.pages.messages.french import FRENCH
from api.pages.messages.sentences import Messages

__all__ = ["ENGLISH", "FRENCH", "LANGUAGES", "Messages", "asked", "language", "of", "wanted"]

_BY_LANGUAGE = {each.language: each for each in (FRENCH, ENGLISH)}
# What each language calls itself, in the order in which a page offers them.
LANGUAGES = {"fr": "Français", "en": "English"}
_LONGEST = 200
# RFC 9110, section 12.4.2: a weight has three decimals at most, and 0 means never.
_ASKED = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-[a-z0-9-]+)?(?:\s*;\s*q=(?P<weight>1(?:\.0{0,3})?|0(?:\.[0-9]{0,3})?))?"
)


def language(locale: str) -> str:
    """The language of a locale: `fr` of `fr_CA` and of `fr-CA`."""
    return locale.replace("-", "_").partition("_")[0].lower()


@lru_cache(maxsize=256)
def of(locale: str) -> Messages:
    """The sentences for a locale such as `fr` or `fr_CA`; English where we do not speak the language."""
    return msgspec.structs.replace(_BY_LANGUAGE.get(language(locale), ENGLISH), locale=locale)


def asked(accept_language: str, among: Collection[str]) -> str:
    """Which of these languages a browser's `Accept-Language` likes best, the first of equals; nothing for none."""
    found: list[tuple[float, str]] = []
    for part in accept_language[:_LONGEST].lower().split(","):
        each = _ASKED.fullmatch(part.strip())
        if each is None or each["language"] not in among:
            continue
        weight = float(each["weight"] or 1)
        found += [(weight, each["language"])] if weight else []
    return max(found, key=lambda each: each[0])[1] if found else ""


def wanted(accept_language: str, chosen: str = "") -> Messages:
    """The sentences for a visitor whose shop is unknown: what they chose or asked for that we speak, else French."""
    return of(chosen if chosen in LANGUAGES else asked(accept_language, LANGUAGES) or FRENCH.language)
