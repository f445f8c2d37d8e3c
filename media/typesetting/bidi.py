"""In which order the characters of a line stand, from left to right: the Unicode Bidirectional Algorithm (UAX #9).

Embeddings, overrides and isolates are taken out before (`media/typesetting/words.py`), so that no control can turn a
price round: what is left is one run of one base direction. Rules W1 to W7, N0 to N2, I1, I2 and L1, L2 of revision 48.
"""

import unicodedata
from collections.abc import Sequence

_RIGHT = ("R", "AL")
_NEUTRAL = ("B", "S", "WS", "ON")
_PAIRS = dict(
    zip(
        "([{⁅⁽₍〈❨❪❬❮❰❲❴⟦⟨⟪⟬⟮⦃⦅⦗⸢⸤⸦⸨〈《「『【〔〖〘〚﹙﹛﹝（［｛｟｢",
        ")]}⁆⁾₎〉❩❫❭❯❱❳❵⟧⟩⟫⟭⟯⦄⦆⦘⸣⸥⸧⸩〉》」』】〕〗〙〛﹚﹜﹞）］｝｠｣",
        strict=True,
    )
)
_CLOSING = {close: opening for opening, close in _PAIRS.items()}
_MAX_BRACKETS = 63  # BD16: a text that nests deeper has no pairs at all.


def first_strong(text: str) -> str:
    """`L` or `R` after the first letter that has a direction (P2, P3), empty where none has."""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind == "L":
            return "L"
        if kind in _RIGHT:
            return "R"
    return ""


def has_right_to_left(text: str) -> bool:
    """Whether a letter of the text runs from right to left."""
    return any(unicodedata.bidirectional(char) in _RIGHT for char in text)


def in_line(text: str, before: str, after: str, *, rtl: bool) -> list[int]:
    """The levels of one line of a paragraph, which goes on before and after it (L1 holds for the line's own end)."""
    found = levels(before + text + after, rtl=rtl)[len(before) : len(before) + len(text)]
    return _ended(found, [unicodedata.bidirectional(char) for char in text], int(rtl))


def levels(text: str, *, rtl: bool) -> list[int]:
    """The embedding level of each character of a paragraph of one line; odd ones run from right to left."""
    if any(unicodedata.bidirectional(char) == "BN" for char in text):
        return _around_joiners(text, rtl)
    base = int(rtl)
    if not rtl and not any(unicodedata.bidirectional(char) in (*_RIGHT, "AN") for char in text):
        return [0] * len(text)
    original = [unicodedata.bidirectional(char) or "L" for char in text]
    embedding = "R" if rtl else "L"
    kinds = _weak(original, embedding)
    _brackets(text, kinds, original, embedding)
    _neutrals(kinds, embedding)
    return _ended([_implicit(kind, base) for kind in kinds], original, base)


def visual(found: Sequence[int]) -> list[int]:
    """Indexes of what has these levels, from left to right (L2)."""
    order = list(range(len(found)))
    for level in range(max(found, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and found[order[end]] >= level:
                end += 1
            order[start:end] = reversed(order[start:end])
            start = end + 1
    return order


def _ended(found: list[int], original: list[str], base: int) -> list[int]:
    """L1: blanks at the end of a line follow its direction."""
    end = len(found)
    while end and original[end - 1] in ("WS", "S", "B"):
        end -= 1
    return found[:end] + [base] * (len(found) - end)


def _around_joiners(text: str, rtl: bool) -> list[int]:
    """Joiners and other boundary neutrals are not there for the algorithm (X9); they stay with what they follow."""
    visible = [number for number, char in enumerate(text) if unicodedata.bidirectional(char) != "BN"]
    found = dict(zip(visible, levels("".join(text[number] for number in visible), rtl=rtl), strict=True))
    level, all_levels = int(rtl), []
    for number in range(len(text)):
        level = found.get(number, level)
        all_levels.append(level)
    return all_levels


def _implicit(kind: str, base: int) -> int:
    """I1 and I2."""
    if base:
        return 1 if kind == "R" else 2
    return {"L": 0, "R": 1}.get(kind, 2)


def _weak(original: list[str], embedding: str) -> list[str]:
    """W1 to W7: marks, numbers, and the signs in and around them."""
    kinds = _numbers(original, embedding)
    for number in range(1, len(kinds) - 1):
        around = kinds[number - 1], kinds[number + 1]
        if kinds[number] in ("ES", "CS") and around == ("EN", "EN"):
            kinds[number] = "EN"
        elif kinds[number] == "CS" and around == ("AN", "AN"):
            kinds[number] = "AN"
    _terminators(kinds)
    strong = embedding
    for number, kind in enumerate(kinds):
        if kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[number] = "L"
    return kinds


def _numbers(original: list[str], embedding: str) -> list[str]:
    """W1 to W3: marks run as what they stand on, and European numbers after Arabic letters count as Arabic ones."""
    kinds: list[str] = []
    strong = embedding
    for kind in original:
        own = (kinds[-1] if kinds else embedding) if kind == "NSM" else kind
        kinds.append("AN" if own == "EN" and strong == "AL" else own)
        strong = own if own in ("L", "R", "AL") else strong
    return ["R" if kind == "AL" else kind for kind in kinds]


def _terminators(kinds: list[str]) -> None:
    """W5 and W6: a currency sign that touches a number belongs to it; other signs are neutral."""
    start = 0
    while start < len(kinds):
        end = start
        while end < len(kinds) and kinds[end] == "ET":
            end += 1
        if end > start and "EN" in (kinds[start - 1] if start else "", kinds[end] if end < len(kinds) else ""):
            kinds[start:end] = ["EN"] * (end - start)
        start = end + 1
    kinds[:] = ["ON" if kind in ("ES", "ET", "CS") else kind for kind in kinds]


def _strong(kind: str) -> str:
    """Numbers count as right to left where neutrals look around (N0, N1)."""
    return "R" if kind in ("R", "EN", "AN") else "L" if kind == "L" else ""


def _brackets(text: str, kinds: list[str], original: list[str], embedding: str) -> None:
    """N0: both brackets of a pair run as what is in them, or as what was before them."""
    for opening, closing in _paired(text, kinds):
        inside = {_strong(kind) for kind in kinds[opening + 1 : closing]} - {""}
        if not inside:
            continue
        if embedding in inside:
            direction = embedding
        else:
            direction = next((_strong(kind) for kind in reversed(kinds[:opening]) if _strong(kind)), embedding)
        for number in (opening, closing):
            kinds[number] = direction
            follower = number + 1
            while follower < len(kinds) and original[follower] == "NSM":
                kinds[follower] = direction
                follower += 1


def _paired(text: str, kinds: list[str]) -> list[tuple[int, int]]:
    """BD16: pairs of brackets, in the order of the opening ones."""
    pairs: list[tuple[int, int]] = []
    waiting: list[tuple[str, int]] = []
    for number, char in enumerate(text):
        if kinds[number] != "ON":
            continue
        if char in _PAIRS:
            if len(waiting) == _MAX_BRACKETS:
                return []
            waiting.append((char, number))
        elif char in _CLOSING:
            depth = next((at for at in range(len(waiting) - 1, -1, -1) if waiting[at][0] == _CLOSING[char]), None)
            if depth is not None:
                pairs.append((waiting[depth][1], number))
                del waiting[depth:]
    return sorted(pairs)


def _neutrals(kinds: list[str], embedding: str) -> None:
    """N1 and N2: between two of one direction as they, else as the line."""
    start = 0
    while start < len(kinds):
        end = start
        while end < len(kinds) and kinds[end] in _NEUTRAL:
            end += 1
        if end > start:
            ahead = _strong(kinds[start - 1]) if start else embedding
            behind = _strong(kinds[end]) if end < len(kinds) else embedding
            kinds[start:end] = [ahead if ahead == behind else embedding] * (end - start)
        start = end + 1
