"""Texts as people count and as networks count: user-perceived characters, units, and cuts that break neither."""

import re
import unicodedata
from functools import lru_cache
from typing import Literal

Unit = Literal["characters", "utf16", "bytes", "weighted"]

_ELLIPSIS = "…"
_JOINER, _EMOJI_STYLE, _KEYCAP = "\u200d", "\ufe0f", "\u20e3"
_URL = re.compile(r"https?://\S+")
# twitter-text config v3: these ranges weigh 1, everything else 2, an emoji 2 however long, any URL 23.
_LIGHT = ((0, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
_URL_WEIGHT = 23
_BLANKS = (" ", "\t", "\n")  # Not the no-break spaces: a price keeps its sign.
_CLOSING = " \t\n,;:·|/&+-–—\u00a0\u202f"


def clusters(text: str) -> list[str]:
    """The text in user-perceived characters: a family emoji, a flag and a letter with its accents are one each.

    Extended grapheme clusters of UAX #29, joined a little more eagerly where the rule needs tables that Python
    has not: what comes out is never a part of one.
    """
    found: list[str] = []
    for char in text:
        if found and _joins(found[-1], char):
            found[-1] += char
        else:
            found.append(char)
    return found


def length(text: str, unit: Unit) -> int:
    """How long a network that counts in `unit` finds the text."""
    if unit == "utf16":
        return len(text.encode("utf-16-le")) // 2
    if unit == "bytes":
        return len(text.encode())
    if unit == "weighted":
        return _weight(unicodedata.normalize("NFC", text))
    return len(text)


def cut(text: str, most: int, unit: Unit = "characters") -> str:
    """The text when it fits, else its beginning up to the end of a word, with an ellipsis.

    A single word that is longer than `most` is cut between two user-perceived characters. Empty when not even
    the ellipsis fits.
    """
    text = text.strip()
    if length(text, unit) <= most:
        return text
    parts = clusters(text)
    low, high = 0, len(parts)
    while low < high:
        middle = (low + high + 1) // 2
        if length("".join(parts[:middle]) + _ELLIPSIS, unit) <= most:
            low = middle
        else:
            high = middle - 1
    at_word = next((i for i in range(low, 0, -1) if parts[i] in _BLANKS), low)
    kept = "".join(parts[:at_word]).rstrip(_CLOSING)
    return kept + _ELLIPSIS if kept else ""


def _joins(cluster: str, char: str) -> bool:
    last = cluster[-1]
    if last == "\n" or char == "\n" or last == "\r":
        return last == "\r" and char == "\n"
    if last == _JOINER or _extends(char):
        return True
    if _regional(char):
        return len(cluster) == 1 and _regional(cluster)
    # GB9c: a virama binds the consonant after it.
    if unicodedata.combining(last) == 9:
        return unicodedata.category(char) == "Lo"
    return _hangul_joins(last, char)


@lru_cache(maxsize=4096)
def _extends(char: str) -> bool:
    """Marks, joiners, variation selectors, skin tones, flag tags, and the two vowels that Unicode lists by name."""
    point = ord(char)
    return (
        unicodedata.category(char) in ("Mn", "Me", "Mc")
        or char in ("\u200c", _JOINER, "\u0e33", "\u0eb3")
        or 0x1F3FB <= point <= 0x1F3FF
        or 0xE0020 <= point <= 0xE007F
    )


def _regional(char: str) -> bool:
    return 0x1F1E6 <= ord(char[0]) <= 0x1F1FF


def _hangul_joins(last: str, char: str) -> bool:
    first, second = ord(last), ord(char)
    leading = 0x1100 <= first <= 0x115F or 0xA960 <= first <= 0xA97C
    if 0x1160 <= second <= 0x11FF or 0xD7B0 <= second <= 0xD7FB:
        return leading or 0x1160 <= first <= 0x11FF or 0xAC00 <= first <= 0xD7FB
    return leading and (0x1100 <= second <= 0x115F or 0xA960 <= second <= 0xA97C or 0xAC00 <= second <= 0xD7A3)


def _weight(text: str) -> int:
    urls = _URL.findall(text)
    return len(urls) * _URL_WEIGHT + sum(_cluster_weight(each) for each in clusters(_URL.sub("", text)))


def _cluster_weight(cluster: str) -> int:
    if _EMOJI_STYLE in cluster or _KEYCAP in cluster or ord(cluster[0]) >= 0x1F000:
        return 2
    return sum(1 if any(low <= ord(char) <= high for low, high in _LIGHT) else 2 for char in cluster)
