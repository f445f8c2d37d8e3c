"""Texts of strangers made ready to be set: cleaned of what only does harm, cut to length, taken apart into characters.

A character is what a reader takes for one (a grapheme cluster, UAX #29): a letter with its marks, a family of emoji, a
flag, a Devanagari conjunct. Nothing that follows ever divides one.
"""

import re
import unicodedata
from functools import lru_cache

from media.looks.scene import MAX_WORDS

ELLIPSIS = "…"
_MOST_MARKS = 4  # On one letter; Vietnamese, Hebrew with points and Thai need two or three. More is "zalgo".
_MOST_JOINED = 16  # Code points of one character; a family of four with skin tones has eleven.
_SPACES = ("Cc", "Zl", "Zp")
# Embeddings, overrides and isolates (UAX #9) could turn a price round; the others draw nothing and steer nothing here.
_DROPPED = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\ud800-\udfff]"
)
_REPEATED = re.compile("(\ufe0f\u200d|[\u200b-\u200f\u061c\ufe00-\ufe0f])[\u200b-\u200f\u061c\ufe00-\ufe0f]*")
_SUBDIVISION = re.compile("(\U0001f3f4[\U000e0020-\U000e007e]{1,6}\U000e007f)|[\U000e0000-\U000e0fff]")
_VIRAMAS = frozenset("\u094d\u09cd\u0a4d\u0acd\u0b4d\u0c4d\u0ccd\u0d4d\u0dca\u1039\u17d2")
_JOINER, _NON_JOINER = "\u200d", "\u200c"
_INVISIBLE = re.compile("[\u200b-\u200f\u061c\ufe00-\ufe0f\U000e0020-\U000e007f]")
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff]|.\ufe0f|.\u20e3|[⌚⌛⏩-⏬⏰⏳◽◾☔☕♈-♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕]",
    re.DOTALL,
)


def clean(text: str) -> tuple[str, int, bool]:
    """At most 200 code points, how many marks were too many for their letter, and whether more text was there.

    Blanks and controls are spaces; what draws nothing and could turn a line round, or flood it, is gone.
    """
    whole = unicodedata.normalize("NFC", text[: MAX_WORDS * 4])
    spaced = "".join(" " if unicodedata.category(char) in _SPACES else char for char in whole)
    plain = _SUBDIVISION.sub(lambda found: found[1] or "", _DROPPED.sub("", spaced))
    tamed, dropped = _tamed(_REPEATED.sub(r"\1", plain).strip())
    if len(tamed) <= MAX_WORDS and len(text) <= MAX_WORDS * 4:
        return tamed, dropped, False
    kept, length = [], 0
    for char in characters(tamed):
        length += len(char)
        if length > MAX_WORDS - 1:
            break
        kept.append(char)
    return "".join(kept).rstrip() + ELLIPSIS, dropped, True


def _tamed(text: str) -> tuple[str, int]:
    """No letter with more marks than any language has, and how many were dropped."""
    kept, marks, dropped = [], 0, 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") and not _INVISIBLE.match(char) else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
        else:
            dropped += 1
    return "".join(kept), dropped


@lru_cache(maxsize=1024)
def characters(text: str) -> tuple[str, ...]:
    """The text in characters as readers count them."""
    found: list[str] = []
    for char in text:
        if found and len(found[-1]) < _MOST_JOINED and _joins(found[-1], char):
            found[-1] += char
        else:
            found.append(char)
    return tuple(found)


def _joins(before: str, char: str) -> bool:
    """Whether a code point belongs to the character before it (UAX #29, GB6 to GB12)."""
    if before == " ":
        return False
    last, code = before[-1], ord(char)
    if _extends(char):
        return True
    if last == _JOINER and len(before) > 1:
        return (_is_pictograph(before[0]) and _is_pictograph(char)) or before[-2] in _VIRAMAS
    if last in _VIRAMAS and unicodedata.category(char) == "Lo":
        return True
    if _is_flag_letter(char):
        return len(before) == 1 and _is_flag_letter(before)
    if 0x1160 <= code <= 0x11FF:  # Vowels and finals of Hangul.
        return "\u1100" <= last <= "\u11ff" or "\uac00" <= last <= "\ud7a3"
    return 0x1100 <= code < 0x1160 and "\u1100" <= last < "\u1160"


def _extends(char: str) -> bool:
    return (
        unicodedata.category(char) in ("Mn", "Mc", "Me")
        or char in (_JOINER, _NON_JOINER, "\u0e33", "\u0eb3", "\uff9e", "\uff9f")
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
    )


def _is_pictograph(char: str) -> bool:
    return char >= "\u2190" and unicodedata.category(char) in ("So", "Sm", "Po")


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def is_emoji(character: str) -> bool:
    """Whether a character is meant as a picture rather than as a sign of the text."""
    return bool(_EMOJI.match(character)) and "\ufe0e" not in character


def visible(character: str) -> str:
    """What of a character needs a glyph: joiners, direction marks and variation selectors only steer the shaping."""
    return _INVISIBLE.sub("", character)


@lru_cache(maxsize=4096)
def script(char: str) -> str:
    """The script of a letter as the first word of its Unicode name (`LATIN`, `ARABIC`, `CJK`); empty for all else."""
    if unicodedata.category(char)[0] not in "LM":
        return ""
    name = unicodedata.name(char, "").split()
    return (
        {"HALFWIDTH": "KATAKANA", "FULLWIDTH": "LATIN", "KATAKANA-HIRAGANA": "KATAKANA"}.get(name[0], name[0])
        if name
        else ""
    )


def is_punctuation(character: str) -> bool:
    """Whether a character is a blank or a sign that belongs to the letters it stands by."""
    return unicodedata.category(character[0])[0] in "PZ"


def opens(character: str) -> bool:
    """Whether a sign belongs to what comes after it."""
    return unicodedata.category(character[0]) in ("Ps", "Pi")


def spelled(text: str) -> list[tuple[str, str]]:
    """Each character with the letters of its script in its word; none where it is no letter, or alone of its script."""
    found: list[tuple[str, str]] = []
    for word in re.split("( )", text):
        of_script: dict[str, list[str]] = {}
        divided = [(character, script(character[0])) for character in characters(word)]
        for character, name in divided:
            of_script.setdefault(name, []).append(visible(character))
        letters = {name: "".join(dict.fromkeys("".join(each))) for name, each in of_script.items() if name}
        found += [(character, letters.get(name, "")) for character, name in divided]
    return found


def capitals(text: str, language: str = "") -> str:
    """The text in capitals as its language writes them: Turkish keeps its dots, Greek drops its accents.

    A script that has no small letters beside capitals stays as it is, Georgian with it: its capitals shout.
    """
    tag = language.lower().replace("_", "-").split("-")[0]
    if tag in ("tr", "az"):
        text = text.replace("i", "İ").replace("ı", "I")
    raised = "".join(char if script(char) == "GEORGIAN" else char.upper() for char in text)
    if tag != "el" and not any(script(char) == "GREEK" for char in raised):
        return raised
    bare = (char for char in unicodedata.normalize("NFD", raised) if char not in "\u0301\u0342\u0313\u0314\u0345")
    return unicodedata.normalize("NFC", "".join(bare))
