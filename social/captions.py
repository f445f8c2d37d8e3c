"""Captions, titles, alternative texts and hashtags: composed from products, or checked when the merchant wrote them."""

import re
import unicodedata
from collections.abc import Sequence

import msgspec

from social import graphemes, phrases
from social.errors import AltTextTooLong, BadHashtag, CaptionTooLong, TextNotShown, TitleTooLong, TooManyMentions
from social.network import Limit, Placement

_SHORT = 280  # Characters of a description that belong into a caption.
_WORTH = 40  # Fewer than that say nothing.
_COMPOSED_HASHTAGS = 5
_HASHTAG_IN_TEXT = re.compile(r"(?<![\w#&/])#(\w+)")
_MENTION = re.compile(r"(?<![\w@./])@[A-Za-z0-9_.]+")
_SENTENCE_END = re.compile(r"[.!?…](?=\s)")
_PARAGRAPH = re.compile(r"\n\s*\n")


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A product as texts and pictures show it: prices are written out in the shop's language, empty when unknown.

    `item` is the variant's id, the product's first one where none was chosen; `amount` is the lowest price in the
    minor unit; `living` says that it can be shown in a new post, `on_sale` that its product is active, `in_stock` that
    one piece can be had.
    """

    title: str
    price: str = ""
    compare_at: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()
    item: str = ""
    amount: int | None = None
    living: bool = True
    on_sale: bool = True
    in_stock: bool = True


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """The caption as it is published, and the hashtags that found no room in it."""

    text: str
    hashtags: tuple[str, ...]
    left_out: tuple[str, ...]


def hashtag(word: str) -> str:
    """`"#Bougie"` and `"Bougie"` are `"Bougie"`; refuses BadHashtag for what a network would cut short."""
    bare = word.strip().removeprefix("#")
    whole = all(char.isalnum() or char == "_" or unicodedata.category(char).startswith("M") for char in bare)
    if not bare or not whole or bare.isdigit():
        raise BadHashtag(f"{word!r} cannot be a hashtag.", hashtag=word)
    return bare


def hashtags_of(keywords: Sequence[str]) -> list[str]:
    """Five hashtags at most from the catalog's own words: `bougie parfumée` is `BougieParfumée`."""
    found: dict[str, str] = {}
    for keyword in keywords:
        words = re.findall(r"\w+", unicodedata.normalize("NFC", keyword))
        bare = "".join(word[:1].upper() + word[1:] for word in words) if len(words) > 1 else "".join(words)
        if bare and not bare.isdigit() and len(bare) <= 30:
            found.setdefault(bare.casefold(), bare)
    return list(found.values())[:_COMPOSED_HASHTAGS]


def write(placement: Placement, caption: str, hashtags: Sequence[str], link: str) -> Written:
    """The caption as it is published: the text, the link where the network makes it tappable, the hashtags.

    Hashtags beyond the network's cap, those that stand in the text included, and those that do not fit are left out.
    """
    rule = placement.text
    if rule.caption is None:
        return Written(text="", hashtags=(), left_out=tuple(hashtags))
    text = _with_link(placement, caption, link)
    in_text = hashtags_in(caption)
    wanted = [each for each in dict.fromkeys(hashtags) if each.casefold() not in in_text]
    room = len(wanted) if rule.hashtags_max is None else max(0, rule.hashtags_max - len(in_text))
    kept = wanted[:room]
    while kept and not rule.caption.fits(_joined(text, kept)):
        kept.pop()
    return Written(text=_joined(text, kept), hashtags=tuple(kept), left_out=tuple(wanted[len(kept) :]))


def over_cap(placement: Placement, caption: str) -> int:
    """How many hashtags the text itself holds beyond the network's cap."""
    most = placement.text.hashtags_max
    return 0 if most is None else max(0, len(hashtags_in(caption)) - most)


def hashtags_in(text: str) -> set[str]:
    """The hashtags that stand in a text, each once, without their sign and in lower case."""
    return {found.casefold() for found in _HASHTAG_IN_TEXT.findall(text)}


def mentions(text: str) -> int:
    """How many accounts a text names."""
    return len(_MENTION.findall(text))


def check_caption(placement: Placement, caption: str, link: str) -> None:
    """Refuses TextNotShown, CaptionTooLong and TooManyMentions: what a merchant wrote is never cut."""
    rule = placement.text
    if rule.caption is None:
        raise TextNotShown(f"{placement.name} shows no caption.", field="caption", placement=placement.slug)
    text = _with_link(placement, caption, link)
    _check_length(text, rule.caption, CaptionTooLong, f"{placement.name} takes a caption of")
    named = mentions(caption)
    if rule.mentions_max is not None and named > rule.mentions_max:
        raise TooManyMentions(
            f"{placement.name} takes {rule.mentions_max} mentions, this caption has {named}.",
            mentions=named,
            max=rule.mentions_max,
        )


def check_alt_text(placement: Placement, text: str) -> None:
    """Refuses TextNotShown and AltTextTooLong."""
    rule = placement.text.alt_text
    if rule is None:
        raise TextNotShown(f"{placement.name} takes no alternative text.", field="alt_text", placement=placement.slug)
    _check_length(text, rule, AltTextTooLong, f"{placement.name} takes an alternative text of")


def check_title(placement: Placement, title: str) -> None:
    """Refuses TitleTooLong; where the network has no title, the words stand on the picture alone and may be any."""
    if placement.text.title is not None:
        _check_length(title, placement.text.title, TitleTooLong, f"{placement.name} takes a title of")


def headline(products: Sequence[Shown], locale: str) -> str:
    """The first product's name, and how many more there are."""
    name = phrases.spaced(products[0].title, locale)
    return f"{name} {phrases.and_more(len(products) - 1, locale)}" if len(products) > 1 else name


def title(placement: Placement, products: Sequence[Shown], locale: str) -> str:
    """The headline, as much of it as the network's title holds."""
    words, limit = headline(products, locale), placement.text.title
    return limit.cut(words) if limit else words


def alt_text(placement: Placement, products: Sequence[Shown], locale: str) -> str:
    """What is to be seen, as much of it as the network takes. Empty where it takes none."""
    limit = placement.text.alt_text
    return limit.cut(seen(products, locale)) if limit else ""


def seen(products: Sequence[Shown], locale: str) -> str:
    """What a picture of these products shows, for who cannot see it: their names, listed."""
    return phrases.listed([phrases.spaced(each.title, locale) for each in products], locale)


def compose(
    placement: Placement, products: Sequence[Shown], shop_name: str, locale: str, *, hashtags: Sequence[str], link: str
) -> str:
    """A caption from the products: names and prices, a short description of the first, where to buy.

    It leaves room for the link and the hashtags that `write` adds; no hashtags stand in it. Empty where the
    placement shows no caption.
    """
    limit = placement.text.caption
    if limit is None:
        return ""
    where = phrases.where_to_buy(placement.link.where, shop_name, locale)
    room = _room(placement, where, hashtags, link, limit)
    head = _head(products, room, locale)
    left = Limit(room.max - room.length(head) - 2, limit.unit)
    body = _short(phrases.spaced(products[0].description, locale), left) if left.max >= _WORTH else ""
    return "\n\n".join(part for part in (head, body, where) if part)


def _room(placement: Placement, where: str, hashtags: Sequence[str], link: str, limit: Limit) -> Limit:
    """What the names and the description may take: hashtags have to do with half of the whole."""
    most = placement.text.hashtags_max
    tags = limit.length(_joined("", list(hashtags)[:most])) + 2 if hashtags else 0
    fixed = limit.length(_with_link(placement, where, link)) + 2
    return Limit(max(limit.max - fixed - min(tags, limit.max // 2), 1), limit.unit)


def _head(products: Sequence[Shown], room: Limit, locale: str) -> str:
    """One line for each product with its price, as many as there is room for."""
    lines = [phrases.spaced(" — ".join(part for part in (each.title, each.price) if part), locale) for each in products]
    for count in range(len(lines), 0, -1):
        shown = lines[:count] + ([phrases.and_more(len(lines) - count, locale)] if count < len(lines) else [])
        if room.fits("\n".join(shown)):
            return "\n".join(shown)
    return room.cut(lines[0])


def _short(description: str, left: Limit) -> str:
    """The first paragraph, up to the end of a sentence when one ends soon enough, else of a word."""
    first = re.sub(r"[ \t\n]+", " ", _PARAGRAPH.split(description.strip())[0])
    limit = Limit(min(left.max, _SHORT), left.unit)
    if limit.fits(first):
        return first
    ends = [found.end() for found in _SENTENCE_END.finditer(first) if limit.fits(first[: found.end()])]
    if ends and ends[-1] >= _WORTH:
        return first[: ends[-1]]
    return graphemes.cut(first, limit.max, limit.unit)


def _with_link(placement: Placement, text: str, link: str) -> str:
    if placement.link.where != "caption" or not link or link in text:
        return text
    return f"{text}\n{link}" if text else link


def _joined(text: str, hashtags: Sequence[str]) -> str:
    block = " ".join(f"#{each}" for each in hashtags)
    return "\n\n".join(part for part in (text, block) if part)


def _check_length(
    text: str, limit: Limit, refusal: type[CaptionTooLong | AltTextTooLong | TitleTooLong], takes: str
) -> None:
    length = limit.length(text)
    if length > limit.max:
        raise refusal(
            f"{takes} {limit.max} {limit.unit}, this one has {length}.", length=length, max=limit.max, unit=limit.unit
        )
