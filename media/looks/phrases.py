"""The few words that looks bring themselves, in the language of the texts beside them."""

_NEW = {
    "ar": "جديد", "cs": "Novinka", "da": "Nyhed", "de": "Neu", "el": "Νέο", "en": "New in", "es": "Novedad",
    "fi": "Uutuus", "fr": "Nouveauté", "he": "חדש", "hi": "नया", "hu": "Újdonság", "it": "Novità", "ja": "新着",
    "ko": "신상품", "nl": "Nieuw", "no": "Nyhet", "pl": "Nowość", "pt": "Novidade", "ro": "Nou", "ru": "Новинка",
    "sv": "Nyhet", "th": "ใหม่", "tr": "Yeni", "uk": "Новинка", "zh": "新品",
}  # fmt: skip

# What stands around the words of somebody else (CLDR 46, delimiters); French puts a narrow blank within.
_ANGLED, _LOW, _CORNERS = ("«", "»"), ("„", "“"), ("「", "」")
_QUOTES = {
    "fr": ("«\u202f", "\u202f»"), "ar": ("”", "“"), "cs": _LOW, "da": ("“", "”"), "de": _LOW, "el": _ANGLED,
    "es": _ANGLED, "fi": ("”", "”"), "he": ("”", "”"), "hu": ("„", "”"), "it": _ANGLED, "ja": _CORNERS,
    "no": _ANGLED, "pl": ("„", "”"), "pt": ("“", "”"), "ro": ("„", "”"), "ru": _ANGLED, "sv": ("”", "”"),
    "uk": _ANGLED,
}  # fmt: skip


def quoted(words: str, language: str) -> str:
    """The words between the quotation marks of their language, in English ones where we know no others."""
    before, after = _QUOTES.get(_primary(language), ("“", "”"))
    return f"{before}{words}{after}" if words.strip() else ""


def new(language: str) -> str:
    """What says that something is new; in English where nobody knows the language, or we do not."""
    return _NEW.get(_primary(language), _NEW["en"])


def _primary(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()
