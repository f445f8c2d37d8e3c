"""What a post says: the merchant's own words, checked, and for the rest words composed from the products."""

from collections.abc import Sequence

import msgspec

from core.shops import Shop
from social import captions
from social.captions import Shown
from social.network import Placement


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The merchant's own words; None where they are to be composed."""

    title: str | None = None
    caption: str | None = None
    hashtags: list[str] | None = None
    alt_text: str | None = None


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What a post says. The caption is without its hashtags."""

    title: str
    caption: str
    hashtags: list[str]
    alt_text: str


def find(
    placement: Placement, shop: Shop, shown: Sequence[Shown], asked: Asked, *, picture_alt_text: str, link: str
) -> Words:
    """The words of a post. `link` is its address, or one of the same length.

    Refuses TextNotShown, CaptionTooLong, TitleTooLong, AltTextTooLong, TooManyMentions, BadHashtag for what was asked;
    what is composed always fits.
    """
    hashtags = _hashtags(shown, asked)
    return Words(
        title=_title(placement, shop, shown, asked),
        caption=_caption(placement, shop, shown, asked, hashtags, link),
        hashtags=hashtags,
        alt_text=_alt_text(placement, shop, shown, asked, picture_alt_text),
    )


def _hashtags(shown: Sequence[Shown], asked: Asked) -> list[str]:
    if asked.hashtags is None:
        return captions.hashtags_of([keyword for each in shown for keyword in each.keywords])
    found: dict[str, str] = {}
    for word in map(captions.hashtag, asked.hashtags):
        found.setdefault(word.casefold(), word)
    return list(found.values())


def _title(placement: Placement, shop: Shop, shown: Sequence[Shown], asked: Asked) -> str:
    if asked.title is None:
        return captions.title(placement, shown, shop.locale)
    captions.check_title(placement, asked.title)
    return asked.title


def _caption(
    placement: Placement, shop: Shop, shown: Sequence[Shown], asked: Asked, hashtags: Sequence[str], link: str
) -> str:
    if asked.caption is None:
        return captions.compose(placement, shown, shop.name, shop.locale, hashtags=hashtags, link=link)
    if asked.caption:
        captions.check_caption(placement, asked.caption, link)
    return asked.caption


def _alt_text(placement: Placement, shop: Shop, shown: Sequence[Shown], asked: Asked, picture_alt_text: str) -> str:
    limit = placement.text.alt_text
    if asked.alt_text is None:
        if limit is not None and picture_alt_text:
            return limit.cut(picture_alt_text)
        return captions.alt_text(placement, shown, shop.locale)
    if asked.alt_text:
        captions.check_alt_text(placement, asked.alt_text)
    return asked.alt_text
