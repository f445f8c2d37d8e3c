"""The fonts that ship with the house, those that a shop brings, what they cover, and which of them draws a character.

`display`, `text` and `world` are families that a template may wish for; the others step in, character by character,
for the scripts that those do not have. All are under the SIL Open Font License and come from packages. A shop's font is
a family of its own, named by its bytes (`register`); it is opened in picture children only.
"""

import hashlib
import os
from collections import OrderedDict
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.util import find_spec
from mmap import ACCESS_READ, mmap
from pathlib import Path

import fontpkg_frank_ruhl_libre  # type: ignore[import-untyped]  # The font packages ship no types.
import fontpkg_inter  # type: ignore[import-untyped]  # The font packages ship no types.
import fontpkg_playfair_display  # type: ignore[import-untyped]  # The font packages ship no types.
import manimgx_fonts  # type: ignore[import-untyped]  # The font packages ship no types.
import msgspec
from PIL import Image, ImageFont, features

from media.typesetting import sfnt, words
from media.typesetting.sfnt import Coverage

Family = str
SMALLEST, LARGEST = 8, 400
_PROBE = 32
_MISSING = "\U0010fffe"


class Face(msgspec.Struct, frozen=True):
    """One font: where it lies, its number in a collection, and how it is set beside others.

    `scale` is its size for a size of 1, `lift` how far above the baseline it stands, in sizes; `features` are
    those of OpenType that it is set with beyond the usual ones.
    """

    source: Path
    index: int = 0
    scale: float = 1.0
    lift: float = 0.0
    features: tuple[str, ...] = ()


_NOTO = Path(manimgx_fonts.__path__[0])
_SCRIPTS = (
    "Hebrew Arabic Devanagari Thai Bengali Tamil Telugu Gujarati Gurmukhi Kannada Malayalam Oriya Sinhala Khmer Lao "
    "Myanmar Georgian Armenian Ethiopic Symbols"
).split()
# An emoji is a little higher than a capital and stands in the middle of its height, not under the line.
_EMOJI = Face(_NOTO / "NotoEmoji[wght].ttf", scale=0.8, lift=0.075)
_FACES: dict[Family, Face] = {
    # Its own figures hang below the line: beside capitals, and beside any other script, they look misplaced.
    "display": Face(fontpkg_playfair_display.ROOT / "files" / "PlayfairDisplay[wght].ttf", features=("lnum",)),
    "text": Face(fontpkg_inter.ROOT / "files" / "Inter[opsz,wght].ttf"),
    "world": Face(_NOTO / "NotoSans[wght].ttf"),
    "hebrew-display": Face(fontpkg_frank_ruhl_libre.ROOT / "files" / "FrankRuhlLibre[wght].ttf"),
    "emoji": _EMOJI,
    **{name.lower(): Face(_NOTO / f"NotoSans{name}[wght].ttf") for name in _SCRIPTS},
}
_CJK = ("cjk-jp", "cjk-kr", "cjk-sc", "cjk-tc", "cjk-hk")  # In the order of the collection.
_HAN = {"ja": "cjk-jp", "ko": "cjk-kr", "zh": "cjk-sc", "yue": "cjk-hk"}
_TRADITIONAL = {"hant": "cjk-tc", "tw": "cjk-tc", "hk": "cjk-hk", "mo": "cjk-hk"}


class _Kept(msgspec.Struct, frozen=True):
    """A shop's font: a file in memory, which FreeType maps instead of copying it for each size."""

    face: Face
    file: int


_own: dict[Family, _Kept] = {}
_MOST_OWN = 4  # Fonts of shops that a process keeps at a time.


def family_of(sha256: str) -> Family:
    """The name of a shop's font by the hash of its file: the same for the same bytes, anywhere."""
    return f"own-{sha256[:32]}"


def register(data: bytes) -> Family:
    """Make a font file a family of this process, and give its name.

    Only for what `media.typesetting.typefaces.check` has let pass, or is about to try.
    """
    family = family_of(hashlib.sha256(data).hexdigest())
    keep({family: data})
    return family


def keep(files: Mapping[Family, bytes]) -> None:
    """Make these font files, `_MOST_OWN` at most, families of this process, all at once."""
    if len(_own.keys() | files.keys()) > _MOST_OWN:
        for memory in (coverage, covers, chain, drawing, spelling, _weight):
            memory.cache_clear()
        _loaded.clear()
        for each in _own.values():
            os.close(each.file)
        _own.clear()
    for family, data in files.items():
        if family not in _own:
            file = os.memfd_create(family)
            with open(file, "wb", closefd=False) as inside:
                inside.write(data)
            _own[family] = _Kept(Face(Path(f"/proc/self/fd/{file}")), file)


def face(family: Family) -> Face:
    """The font of this name. Raises KeyError for one that is not known, or not registered in this process."""
    return _own[family].face if family in _own else faces()[family]


def shapes() -> bool:
    """Whether texts can be shaped: without the system's FriBiDi, Arabic letters stand apart and accents beside them."""
    return bool(features.check_feature("raqm"))


@cache
def faces() -> dict[Family, Face]:
    """All fonts there are, those of the extra `cjk` included where it is installed."""
    found = dict(_FACES)
    spec = find_spec("manimgx_fonts_cjk")
    if spec is not None and spec.submodule_search_locations:
        path = Path(spec.submodule_search_locations[0]) / "NotoSansCJK-VF.otf.ttc"
        found |= {name: Face(path, index) for index, name in enumerate(_CJK)}
    return found


# Each size of a font takes the address space of its whole file, and a Japanese one has 30 MB: a child that kept as many
# sizes of it as of a Latin one would soon have no memory for pictures.
_loaded: OrderedDict[tuple[Family, int, int], ImageFont.FreeTypeFont] = OrderedDict()
_MOST_LOADED, _MOST_BYTES = 256, 384 * 2**20


def load(family: Family, weight: int, size: int) -> ImageFont.FreeTypeFont:
    """A font at a weight of 100..900 and a size in pixels, which is held within 8..400."""
    key = family, weight, size
    known = _loaded.get(key)
    if known is not None:
        _loaded.move_to_end(key)
        return known
    taken = _weight(family) + sum(_weight(each) for each, _, _ in _loaded)
    while _loaded and (taken > _MOST_BYTES or len(_loaded) >= _MOST_LOADED):
        (lost, _, _), _ = _loaded.popitem(last=False)
        taken -= _weight(lost)
    font = _loaded[key] = _opened(family, weight, size)
    return font


@cache
def _weight(family: Family) -> int:
    """The bytes that a font takes when it is open: its file's, which are shared, and four times those of its own."""
    source = face(family).source
    with source.open("rb") as file:
        head = file.read(20)
    packed = sfnt.kind(head) in ("woff", "woff2")
    return source.stat().st_size + (4 * int.from_bytes(head[16:20], "big") if packed else 0)


def _opened(family: Family, weight: int, size: int) -> ImageFont.FreeTypeFont:
    known = face(family)
    pixels = min(max(round(size * known.scale), SMALLEST), LARGEST)
    font = ImageFont.truetype(known.source, pixels, index=known.index)
    values: list[float] = []
    for axis in axes(font):
        label = (axis["name"] or b"").decode("ascii", "replace").lower()
        wanted = {"weight": float(weight), "optical size": float(size)}.get(label, float(axis["default"] or 0))
        values.append(min(max(wanted, float(axis["minimum"] or 0)), float(axis["maximum"] or wanted)))
    if values:
        font.set_variation_by_axes(values)
    return font


def axes(font: ImageFont.FreeTypeFont) -> list[ImageFont.Axis]:
    """What a variable font varies in; nothing where it is not one."""
    try:
        return font.get_variation_axes()
    except OSError:
        return []


class Probed:
    """The characters of a font whose map is packed (WOFF): what it lacks draws the same box as a noncharacter."""

    def __init__(self, family: Family) -> None:
        self._family = family
        self._lacking = self._drawn(_MISSING)

    def __contains__(self, char: object) -> bool:
        return isinstance(char, str) and self._drawn(char) != self._lacking

    def _drawn(self, char: str) -> tuple[tuple[int, int], bytes]:
        mask = load(self._family, 400, _PROBE).getmask(char)
        return mask.size, bytes(mask)


@cache
def coverage(family: Family) -> Coverage | Probed:
    """The characters that a font has, read from its own map where that is not packed."""
    known = face(family)
    with known.source.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        if sfnt.kind(data[:4]) in ("woff", "woff2"):
            return Probed(family)
        return sfnt.coverage(sfnt.table(data, b"cmap", known.index))


@lru_cache(maxsize=8192)
def covers(family: Family, character: str) -> bool:
    """Whether a font has every glyph of a character, as `words.characters` divides a text, and they can be drawn.

    Blanks need no glyph. FreeType gives up on a few outlines, such as U+FDFD, a whole sentence in one glyph.
    """
    needed = [char for char in words.visible(character) if not char.isspace()]
    return all(char in coverage(family) for char in needed) and (not needed or _draws(family, character))


def _draws(family: Family, character: str) -> bool:
    """Whether the font draws it. A want of memory says nothing of the font, and is not to be remembered as such."""
    font = load(family, 600, _PROBE)
    try:
        font.getmask(character)
    except (OSError, RuntimeError, Image.DecompressionBombError) as error:
        if "memory" in str(error):
            raise
        return False
    return True


@lru_cache(maxsize=64)
def chain(family: Family, language: str) -> tuple[Family, ...]:
    """The wished font and those that step in for it, in that order.

    `language` (BCP 47) decides whose forms Han characters have: `ja`, `ko`, `zh-Hant`, `zh-HK`, else those of
    simplified Chinese.
    """
    scripts = [name.lower() for name in _SCRIPTS]
    serif = ("hebrew-display",) if family == "display" else ()
    first = _han(language)
    han = [first, *(name for name in ("cjk-sc", "cjk-jp", "cjk-tc", "cjk-kr") if name != first)]
    known = (name for name in (*serif, "world", *scripts, "text", *han, "emoji") if name in faces())
    return tuple(dict.fromkeys((family, *known)))


@lru_cache(maxsize=8192)
def drawing(family: Family, character: str, language: str) -> Family | None:
    """The font that draws a character where `family` is wished for; None where no font has it."""
    wished = chain(family, language)
    if words.is_emoji(character):
        wished = ("emoji", *wished)
    return next((each for each in wished if covers(each, character)), None)


@lru_cache(maxsize=4096)
def spelling(family: Family, letters: str, language: str) -> Family | None:
    """The font that has all these letters of one word and script, so that none of them looks foreign; None if none."""
    return next((each for each in chain(family, language) if all(char in coverage(each) for char in letters)), None)


def _han(language: str) -> Family:
    tag = language.lower().replace("_", "-").split("-")
    if tag[0] == "zh":
        return next((_TRADITIONAL[part] for part in reversed(tag[1:]) if part in _TRADITIONAL), "cjk-sc")
    return _HAN.get(tag[0], "cjk-sc")
