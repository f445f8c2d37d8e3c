"""Where a line may end: at blanks, between the words of scripts that write none, and never before a full stop.

After UAX #14 and the custom of each language: French signs that stand apart stay with their word, Japanese and
Chinese keep kinsoku, Thai, Japanese and Chinese words are found by BudouX.
"""

import re
import unicodedata
from functools import cache

import budoux
import msgspec

from media.typesetting import words

_BLANKS = re.compile(r"[ \t\r\n\u2000-\u2006\u2008-\u200a\u205f\u3000]+")  # Not the no-break spaces.
_HYPHEN = re.compile(r"(?<=[^\W\d_]{3}[-\u2010])(?=[^\W\d_]{3})|(?<=[^\W\d_]{2}[\u2013\u2014/])(?=[^\W\d_]{2})")
_ASIDE = re.compile(
    r"[»›”’;:!?,.…%‰/)\]}\u060c\u061b\u061f\u06d4]+"
)  # Signs that never stand alone at the start of a line.
_OPEN = re.compile(r"[«‹“‘(\[{¿¡]+")  # … nor at the end of one.
_NUMBER = re.compile(r"[+\-\u2212(]?\d[\d.,\u066b\u066c'’\u00a0\u202f]*")
_GROUP = re.compile(r"\d{3}(?!\d)")
_UNITS = frozenset(
    "kg g mg ml cl l L mm cm m km h min EUR USD CHF GBP JPY кг г мл л см мм м руб. грн zł Kč kr kr. Ft lei лв".split()
)
_BOUND = "\u2060"  # Stands for a blank at which no line may end; no cleaned text has it.
_WITHOUT_SPACES = ("CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "THAI", "LAO", "KHMER", "MYANMAR")
# What begins no line in Japanese and Chinese (JIS X 4051, GB/T 15834), and what ends none.
_NEVER_FIRST = frozenset(
    "、。，．・：；？！」』）】〉》〕］｝〙〗’”»々ゝゞヽヾーァィゥェォッャュョヮヵヶぁぃぅぇぉっゃゅょゎ゛゜…‥〜～％℃,.:;?!)]}%ๆฯ"
)
_NEVER_LAST = frozenset("「『（【〈《〔［｛〘〖‘“«(［[{￥$€¥₩")
_HYPHENATED = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN")
_ADDRESS = re.compile(r"://|^www\.|@|\w\.\w+/|\.\w{2,}/", re.IGNORECASE)


class Piece(msgspec.Struct, frozen=True):
    """Text without a place to break at, and what stands before it where it is not the first of its line.

    Where it is broken all the same, `hyphened` says whether a hyphen may show it: not in an address.
    """

    text: str
    gap: str
    hyphened: bool = True


def pieces(text: str, language: str = "", *, fine: bool = False) -> list[Piece]:
    """A cleaned text in pieces; a line may end between any two of them.

    `fine` allows it between any two characters of Chinese and Japanese, as newspapers have it, not only between words.
    """
    found: list[Piece] = []
    for word in _bound([each for each in _BLANKS.split(text) if each]):
        inner = [
            each
            for part in word.split("\u200b")
            for piece in _HYPHEN.split(part)
            for each in _divided(piece, language, fine)
        ]
        hyphened = not _ADDRESS.search(word)
        found += [
            Piece(each.replace(_BOUND, " "), "" if number else " ", hyphened) for number, each in enumerate(inner)
        ]
    return found


def hyphen(before: str, after: str) -> str:
    """The hyphen between two halves of a word, empty where the script has none or no two letters meet."""
    scripts = words.script(before[-1:] or " "), words.script(after[:1] or " ")
    return "-" if all(each in _HYPHENATED for each in scripts) else ""


def _bound(parts: list[str]) -> list[str]:
    """Words, with those bound together that no line end may part: « mot », 1 299 €, 12 cm."""
    joined: list[str] = []
    for part in parts:
        before = joined[-1] if joined else ""
        last = before.rsplit(_BOUND, 1)[-1]
        apart = _ASIDE.fullmatch(part) or _OPEN.fullmatch(last) or (_decorates(part) and not _decorates(last))
        if joined and (apart or _measures(last, part)):
            joined[-1] = f"{before}{_BOUND}{part}"
        else:
            joined.append(part)
    return joined


def _decorates(part: str) -> bool:
    """Whether a word is an emoji alone: it belongs to the word before it and looks lost at the start of a line."""
    characters = words.characters(part)
    return len(characters) == 1 and words.is_emoji(characters[0])


def _measures(before: str, part: str) -> bool:
    """Whether two words are a number and its unit or currency, a sign and its number, or two groups of one number."""
    if _NUMBER.fullmatch(before):
        return (before[-1].isdigit() and bool(_GROUP.match(part))) or _is_currency(part) or part in _UNITS
    return _is_currency(before) and bool(_NUMBER.match(part))


def _is_currency(part: str) -> bool:
    return (
        part != ""
        and all(unicodedata.category(char) in ("Sc", "Po", "Pe") for char in part)
        and any(unicodedata.category(char) == "Sc" for char in part)
    )


def _divided(word: str, language: str, fine: bool) -> list[str]:
    """A word without blanks; where its script writes none between words, in those words."""
    if not any(words.script(char) in _WITHOUT_SPACES for char in word):
        return [word] if word else []
    runs: list[tuple[bool, str]] = []
    for character in words.characters(word):
        name = words.script(character[0])
        dense = name in _WITHOUT_SPACES or (not name and bool(runs) and runs[-1][0] and not character[0].isdigit())
        if runs and runs[-1][0] == dense:
            runs[-1] = dense, runs[-1][1] + character
        else:
            runs.append((dense, character))
    parts = [each for dense, run in runs for each in (_found(run, language, fine) if dense else [run])]
    return _kinsoku(parts)


def _found(run: str, language: str, fine: bool) -> list[str]:
    """The words that BudouX finds in a run, moved to borders of characters."""
    name = next((words.script(char) for char in run if words.script(char)), "")
    if name in ("LAO", "KHMER", "MYANMAR") or (fine and name != "THAI"):  # For the first three there is no model.
        return list(words.characters(run))
    model = "th" if name == "THAI" else _model(run, language)
    borders = set()
    at = 0
    for chunk in _parser(model).parse(run):
        at += len(chunk)
        borders.add(at)
    parts, at = [""], 0
    for character in words.characters(run):
        parts[-1] += character
        at += len(character)
        if at in borders:
            parts.append("")
    return [each for each in parts if each]


def _model(run: str, language: str) -> str:
    tag = language.lower()
    if tag.startswith("ja") or any(words.script(char) in ("HIRAGANA", "KATAKANA") for char in run):
        return "ja"
    return "zh-hant" if re.search("hant|tw|hk|mo", tag) or tag.startswith("yue") else "zh-hans"


@cache
def _parser(model: str) -> budoux.Parser:
    load = {
        "th": budoux.load_default_thai_parser,
        "ja": budoux.load_default_japanese_parser,
        "zh-hans": budoux.load_default_simplified_chinese_parser,
        "zh-hant": budoux.load_default_traditional_chinese_parser,
    }[model]
    return load()


def _kinsoku(parts: list[str]) -> list[str]:
    """No part that begins or ends with what must not begin or end a line."""
    kept: list[str] = []
    for part in parts:
        if kept and (part[0] in _NEVER_FIRST or kept[-1][-1] in _NEVER_LAST):
            kept[-1] += part
        else:
            kept.append(part)
    return kept
