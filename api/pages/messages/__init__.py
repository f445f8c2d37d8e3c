"""What the pages say, by language."""

import contextlib

from api.pages.messages.english import ENGLISH
from api.pages.messages.french import FRENCH
from api.pages.messages.sentences import Messages

__all__ = ["ENGLISH", "FRENCH", "Messages", "of", "wanted"]

_BY_LANGUAGE = {each.language: each for each in (FRENCH, ENGLISH)}


def of(locale: str) -> Messages:
    """The sentences for a locale such as `fr` or `fr_CA`; English where we do not speak the language."""
    return _BY_LANGUAGE.get(locale.replace("-", "_").partition("_")[0].lower(), ENGLISH)


def wanted(accept_language: str) -> Messages:
    """The sentences for a visitor whose shop is unknown: the first language asked for that we speak, else French."""
    asked: list[tuple[float, str]] = []
    for part in accept_language[:200].split(","):
        name, _, quality = part.strip().partition(";q=")
        language = name.partition("-")[0].lower()
        with contextlib.suppress(ValueError):
            if language in _BY_LANGUAGE:
                asked.append((float(quality or 1), language))
    return _BY_LANGUAGE[max(asked, key=lambda each: each[0])[1]] if asked else FRENCH
