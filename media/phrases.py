"""The few words that looks bring themselves, in the language of the texts beside them."""

_NEW = {
    "ar": "جديد", "cs": "Novinka", "da": "Nyhed", "de": "Neu", "el": "Νέο", "en": "New in", "es": "Novedad",
    "fi": "Uutuus", "fr": "Nouveauté", "he": "חדש", "hi": "नया", "hu": "Újdonság", "it": "Novità", "ja": "新着",
    "ko": "신상품", "nl": "Nieuw", "no": "Nyhet", "pl": "Nowość", "pt": "Novidade", "ro": "Nou", "ru": "Новинка",
    "sv": "Nyhet", "th": "ใหม่", "tr": "Yeni", "uk": "Новинка", "zh": "新品",
}  # fmt: skip


def new(language: str) -> str:
    """What says that something is new; in English where nobody knows the language, or we do not."""
    return _NEW.get(language.replace("_", "-").partition("-")[0].lower(), _NEW["en"])
