"""What a post says: the merchant's own words, checked, and for the rest words composed from the products."""

from collections.abc import Sequence

import msgspec

from core.shops import Shop
from social import captions
from social.captions import Shown
from social.errors import TextNotShown
from social.network import Placement


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The merchant's own words; None where they are to be composed."""

    title: str | None = None
    caption: str | None = None
    hashtags: list[str] | None = None


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What a post says. The caption is without its hashtags."""

    title: str
    caption: str
    hashtags: list[str]


class SlideAsked(msgspec.Struct, frozen=True, kw_only=True):
    """The merchant's own words about one picture; None where they are to be composed."""

    alt_text: str | None = None
    title: str | None = None
    caption: str | None = None


class SlideWords(msgspec.Struct, frozen=True, kw_only=True):
    """What is said about one picture; title and caption are empty where a post has one."""

    alt_text: str
    title: str
    caption: str


def find(placement: Placement, shop: Shop, shown: Sequence[Shown], asked: Asked, *, link: str) -> Words:
    """The words of a post. `link` is its address, or one of the same length.

    Refuses TextNotShown, CaptionTooLong, TitleTooLong, TooManyMentions, BadHashtag for what was asked; what is
    composed always fits.
    """
    hashtags = _hashtags(shown, asked)
    return Words(
        title=_title(placement, shop, shown, asked.title),
        caption=_caption(placement, shop, shown, asked.caption, hashtags, link),
        hashtags=hashtags,
    )


def of_slide(
    placement: Placement,
    shop: Shop,
    shown: Sequence[Shown],
    asked: SlideAsked,
    *,
    alone: bool,
    picture_alt_text: str,
    link: str,
) -> SlideWords:
    """The words of one picture that shows these products; `alone` when the post has no other picture.

    Refuses TextNotShown, CaptionTooLong, TitleTooLong, AltTextTooLong, TooManyMentions for what was asked.
    """
    texts = placement.carousel is not None and placement.carousel.texts and not alone
    if asked.caption and not texts:
        raise TextNotShown(f"{placement.name} shows no text for each picture.", field="caption")
    return SlideWords(
        alt_text=_alt_text(placement, shop, shown, asked.alt_text, picture_alt_text),
        title="" if alone else _title(placement, shop, shown, asked.title),
        caption=_caption(placement, shop, shown, asked.caption, (), link) if texts else "",
    )


def _hashtags(shown: Sequence[Shown], asked: Asked) -> list[str]:
    if asked.hashtags is None:
        return captions.hashtags_of([keyword for each in shown for keyword in each.keywords])
    found: dict[str, str] = {}
    for word in map(captions.hashtag, asked.hashtags):
        found.setdefault(word.casefold(), word)
    return list(found.values())


def _title(placement: Placement, shop: Shop, shown: Sequence[Shown], asked: str | None) -> str:
    if asked is None:
        return captions.title(placement, shown, shop.locale)
    captions.check_title(placement, asked)
    return asked


def _caption(
    placement: Placement, shop: Shop, shown: Sequence[Shown], asked: str | None, hashtags: Sequence[str], link: str
) -> str:
    if asked is None:
        return captions.compose(placement, shown, shop.name, shop.locale, hashtags=hashtags, link=link)
    if asked:
        captions.check_caption(placement, asked, link)
    return asked


def _alt_text(
    placement: Placement, shop: Shop, shown: Sequence[Shown], asked: str | None, picture_alt_text: str
) -> str:
    limit = placement.text.alt_text
    if asked is None:
        if limit is not None and picture_alt_text:
            return limit.cut(picture_alt_text)
        return captions.alt_text(placement, shown, shop.locale)
    if asked:
        captions.check_alt_text(placement, asked)
    return asked
