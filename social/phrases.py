"""The few sentences that we say ourselves, in the shop's language, and how that language spaces its signs."""

import re
from collections.abc import Mapping, Sequence

from babel import Locale, UnknownLocaleError
from babel.lists import format_list

_NARROW = "\u202f"
_WHERE: Mapping[str, Mapping[str, str]] = {
    "en": {
        "bio": "Shop it at {shop}: link in bio.",
        "sticker": "Tap the link.",
        "pin": "Tap the pin to shop at {shop}.",
        "caption": "Shop it at {shop}:",
    },
    "fr": {
        "bio": "À retrouver chez {shop} : lien en bio.",
        "sticker": "Touchez le lien.",
        "pin": "Touchez l’épingle pour acheter chez {shop}.",
        "caption": "À retrouver chez {shop} :",
    },
    "de": {
        "bio": "Erhältlich bei {shop}: Link in der Bio.",
        "sticker": "Auf den Link tippen.",
        "pin": "Pin antippen und bei {shop} kaufen.",
        "caption": "Erhältlich bei {shop}:",
    },
    "es": {
        "bio": "Disponible en {shop}: enlace en la bio.",
        "sticker": "Toca el enlace.",
        "pin": "Toca el pin para comprar en {shop}.",
        "caption": "Disponible en {shop}:",
    },
    "it": {
        "bio": "Disponibile da {shop}: link in bio.",
        "sticker": "Tocca il link.",
        "pin": "Tocca il pin per acquistare da {shop}.",
        "caption": "Disponibile da {shop}:",
    },
}
_FROM = {"en": "from {price}", "fr": "dès {price}", "de": "ab {price}", "es": "desde {price}", "it": "da {price}"}
_MORE = {
    "en": ("and {n} more", "and {n} more"),
    "fr": ("et {n} autre", "et {n} autres"),
    "de": ("und {n} weiteres", "und {n} weitere"),
    "es": ("y {n} más", "y {n} más"),
    "it": ("e {n} altro", "e altri {n}"),
}


def language(locale: str) -> str:
    """The language of a locale, `fr` of `fr-CH`; English where we have no sentences."""
    found = re.split("[-_]", locale)[0].lower()
    return found if found in _WHERE else "en"


def where_to_buy(where: str, shop_name: str, locale: str) -> str:
    """A sentence that says where to tap; `where` is a link rule's."""
    return spaced(_WHERE[language(locale)][where].format(shop=shop_name), locale)


def starting_at(price: str, locale: str) -> str:
    """`dès 19,90 €`, for a product whose variants cost differently."""
    return _FROM[language(locale)].format(price=price).replace(" ", "\u00a0")


def and_more(count: int, locale: str) -> str:
    """`et 3 autres`, at the end of a list that was cut."""
    one, many = _MORE[language(locale)]
    return (one if count == 1 else many).format(n=count).replace(f"{count} ", f"{count}\u00a0")


def listed(items: Sequence[str], locale: str) -> str:
    """`a, b et c` as the locale lists things."""
    try:
        known = Locale.parse(locale, sep="-" if "-" in locale else "_")
    except (UnknownLocaleError, ValueError):
        known = Locale("en")
    return str(format_list(list(items), locale=known))


def spaced(text: str, locale: str) -> str:
    """The text with its blanks as the language wants them: in French, none that a line could break at before ; : ! ? %
    and inside of « ».

    Only blanks that are there are changed: `12:30` and addresses stay as they are.
    """
    if language(locale) != "fr":
        return text
    text = re.sub(r"[ \u00a0]+([;!?%»]|:(?=\s|$))", rf"{_NARROW}\1", text)
    return re.sub(r"«[ \u00a0]+", f"«{_NARROW}", text)
