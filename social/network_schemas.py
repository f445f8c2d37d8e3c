"""What clients get to know of a network: its limits and rules, each with source and date."""

from datetime import date

import msgspec

from core.wire import Out
from media.formats.format_schemas import FormatOut
from social.graphemes import Unit
from social.network import Network, Placement, Where


class SourceOut(Out, kw_only=True, frozen=True):
    """Where a group of facts was read, and when."""

    name: str
    checked: date


class LimitOut(Out, kw_only=True, frozen=True):
    """How long a text may be, in the unit that the network counts."""

    max: int
    unit: Unit


class ImageRuleOut(Out, kw_only=True, frozen=True):
    """Which pictures the publishing API takes: width / height, pixels, bytes. Null: nothing is said.

    `baseline` when a JPEG may not be progressive, `srgb` when other colours are converted, `ascii_url` when the
    picture's address must be ASCII.
    """

    types: list[str]
    baseline: bool
    srgb: bool
    ascii_url: bool
    ratio_min: float | None
    ratio_max: float | None
    width_min: int | None
    width_max: int | None
    max_bytes: int
    source: SourceOut


class TextRuleOut(Out, kw_only=True, frozen=True):
    """What can be said; null where the placement has no such field, or no limit is stated for a count.

    `visible` characters of the caption (of the title, where there is one) show before it is opened.
    """

    caption: LimitOut | None
    visible: int | None
    title: LimitOut | None
    alt_text: LimitOut | None
    hashtags_max: int | None
    mentions_max: int | None
    source: SourceOut


class TagRuleOut(Out, kw_only=True, frozen=True):
    """How products are tagged on a picture; `note` says why they cannot be, or what must hold first."""

    supported: bool
    per_image: int
    per_post: int
    positions: str
    note: str
    source: SourceOut


class LinkRuleOut(Out, kw_only=True, frozen=True):
    """Where people can tap the link; `by_hand` when the API cannot place it there, `https` when it takes no other.

    `long_form` where short links are mistrusted: the published one says in the open what it is for.
    """

    where: Where
    caption_clickable: bool
    by_hand: bool
    https: bool
    long_form: bool
    max_length: int
    note: str
    source: SourceOut


class CarouselRuleOut(Out, kw_only=True, frozen=True):
    """How many pictures one post may carry.

    `texts` when each has a title, a description and a link of its own, `alt_texts` when each has an alternative text.
    """

    min: int
    max: int
    one_ratio: bool
    texts: bool
    alt_texts: bool
    source: SourceOut


class NetworkPlacementOut(Out, kw_only=True, frozen=True):
    """A place in a network where pictures can appear. The first format is the usual one; no carousel: one picture."""

    slug: str
    name: str
    formats: list[FormatOut]
    image: ImageRuleOut
    text: TextRuleOut
    tags: TagRuleOut
    link: LinkRuleOut
    carousel: CarouselRuleOut | None

    @classmethod
    def of(cls, placement: Placement) -> "NetworkPlacementOut":
        """The placement as it is."""
        return msgspec.convert(placement, cls, from_attributes=True)


class NetworkOut(Out, kw_only=True, frozen=True):
    """A social network. The first placement is the usual one."""

    slug: str
    name: str
    placements: list[NetworkPlacementOut]

    @classmethod
    def of(cls, network: Network) -> "NetworkOut":
        """The network with all its placements."""
        return cls(
            slug=network.slug,
            name=network.name,
            placements=[NetworkPlacementOut.of(each) for each in network.placements],
        )
