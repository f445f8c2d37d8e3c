"""What a social network is: facts with their source and date. One file in `social/networks/` makes one."""

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Literal

import msgspec

from core import registry
from media.formats.formats import Format
from social import graphemes
from social import networks as members
from social.errors import FormatNotTaken, NetworkNotFound, UnknownNetwork, UnknownPlacement
from social.graphemes import Unit

Where = Literal["bio", "sticker", "pin", "caption"]


class Source(msgspec.Struct, frozen=True):
    """Where a group of facts was read, and when."""

    name: str
    checked: date


class Limit(msgspec.Struct, frozen=True):
    """How long a text may be, in the unit that the network counts."""

    max: int
    unit: Unit = "characters"

    def length(self, text: str) -> int:
        """The text's length in this unit."""
        return graphemes.length(text, self.unit)

    def fits(self, text: str) -> bool:
        """Whether the network takes the text whole."""
        return self.length(text) <= self.max

    def cut(self, text: str) -> str:
        """As much of the text as fits, ending at a word and never inside a character."""
        return graphemes.cut(text, self.max, self.unit)


class ImageRule(msgspec.Struct, frozen=True, kw_only=True):
    """Which pictures the publishing API takes: media types, width / height, pixels, bytes. None: nothing is said.

    `baseline` when a JPEG may not be progressive, `srgb` when other colours are converted, `ascii_url` when the
    address that the network fetches the picture from must be ASCII.
    """

    types: tuple[str, ...]
    baseline: bool = False
    srgb: bool = False
    ascii_url: bool = False
    ratio_min: float | None = None
    ratio_max: float | None = None
    width_min: int | None = None
    width_max: int | None = None
    max_bytes: int
    source: Source

    @property
    def limits(self) -> dict[str, int | float]:
        """What is stated of proportions, pixels and bytes, by its name."""
        names = ("ratio_min", "ratio_max", "width_min", "width_max", "max_bytes")
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    def takes(self, width: int, height: int) -> bool:
        """Whether a picture of this many pixels lies within the ratio and width that the network states."""
        ratio = width / height
        return (
            (self.ratio_min or 0) <= ratio <= (self.ratio_max or ratio)
            and (self.width_min or 0) <= width <= (self.width_max or width)
        )  # fmt: skip


class TextRule(msgspec.Struct, frozen=True, kw_only=True):
    """What can be said: None where the placement has no such field, or no limit is stated for a count.

    `visible` characters of the caption (of the title, where there is one) show before it is opened.
    """

    caption: Limit | None = None
    visible: int | None = None
    title: Limit | None = None
    alt_text: Limit | None = None
    hashtags_max: int | None = None
    mentions_max: int | None = None
    source: Source


class TagRule(msgspec.Struct, frozen=True, kw_only=True):
    """How products are tagged on a picture; `note` says why they cannot be, or what must hold first."""

    supported: bool
    per_image: int = 0
    per_post: int = 0
    positions: Literal["required", "optional", "none"] = "none"
    note: str
    source: Source


class LinkRule(msgspec.Struct, frozen=True, kw_only=True):
    """Where people can tap the link; `by_hand` when the API cannot place it there, `https` when it takes no other.

    `long_form` where short links are mistrusted: the published one says in the open what it is for.
    """

    where: Where
    caption_clickable: bool
    by_hand: bool
    https: bool = False
    long_form: bool = False
    max_length: int = 2048
    note: str
    source: Source


class CarouselRule(msgspec.Struct, frozen=True, kw_only=True):
    """How many pictures one post may carry, and what each of them may carry of its own.

    `one_ratio` when all must have the same width / height; `texts` when each has a title, a description and a link,
    `alt_texts` when each has an alternative text; else the first picture's stands for the post.
    """

    min: int
    max: int
    one_ratio: bool
    texts: bool
    alt_texts: bool
    source: Source


class PublishedTag(msgspec.Struct, frozen=True, kw_only=True):
    """A product's point on the picture as it is published, 0..1 from the left and top.

    `item` is the variant's id, under which the shop's catalog feed names it (Meta's retailer_id).
    """

    item: str
    name: str
    x: float
    y: float


class PublishedPicture(msgspec.Struct, frozen=True, kw_only=True):
    """One picture of a post, with its tags; title, caption and link are its own where pictures have such."""

    url: str
    alt_text: str
    tags: tuple[PublishedTag, ...]
    title: str
    caption: str
    link: str


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """What one post publishes, every text within its limit; `link` is that of the first product."""

    title: str
    caption: str
    link: str
    pictures: tuple[PublishedPicture, ...]

    @property
    def tags(self) -> tuple[PublishedTag, ...]:
        """The tags of all pictures, each item once."""
        found = {tag.item: tag for picture in self.pictures for tag in picture.tags}
        return tuple(found.values())


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request to the network's API, in the order of publishing."""

    method: Literal["GET", "POST"]
    url: str
    headers: dict[str, str]
    body: dict[str, object] | None
    purpose: str


class Placeholder(msgspec.Struct, frozen=True, kw_only=True):
    """A name in braces that stands in the calls, and what to put there."""

    name: str
    meaning: str


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """The calls that publish a post, complete but for the placeholders."""

    calls: tuple[Call, ...]
    placeholders: tuple[Placeholder, ...]


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """A place in a network where pictures can appear. The first format is the usual one; no carousel: one picture."""

    slug: str
    name: str
    formats: tuple[Format, ...]
    image: ImageRule
    text: TextRule
    tags: TagRule
    link: LinkRule
    carousel: CarouselRule | None = None
    payload: Callable[[Publication], Payload]

    @property
    def most_slides(self) -> int:
        """How many pictures one post takes."""
        return self.carousel.max if self.carousel else 1

    def format(self, slug: str | None, own: Format | None = None) -> Format:
        """The format of this name, or the usual one; `own` is the shop's of this name, if it has one.

        Refuses FormatNotTaken, also for one of the shop's own that the network would turn away, with what it takes.
        """
        if slug is None:
            return self.formats[0]
        for each in self.formats:
            if each.slug == slug:
                return each
        known = [each.slug for each in self.formats]
        if own is None:
            raise FormatNotTaken(f"{self.name} takes {', '.join(known)}, not {slug}.", format=slug, known=known)
        if not (self.image.takes(own.width, own.height) and own.max_bytes <= self.image.max_bytes):
            raise FormatNotTaken(
                f"{self.name} takes no picture of {own.width} × {own.height} pixels and {own.max_bytes} bytes.",
                format=slug,
                known=known,
                **self.image.limits,
            )
        return own


class OriginRule(msgspec.Struct, frozen=True, kw_only=True):
    """By what a visit gives itself away as coming from this network.

    `hosts` match when equal or after a dot, Android packages when equal (`android-app://PACKAGE/`), `host_pattern`
    and `in_app` by `re.search`. Where several networks' `in_app` fit one user agent, the lowest `precedence` wins.
    `click_ids` are names of query parameters, case and all; `utm_sources` are lower case.
    """

    hosts: tuple[str, ...]
    packages: tuple[str, ...] = ()
    host_pattern: str | None = None
    in_app: str | None = None
    precedence: int = 100
    click_ids: tuple[str, ...] = ()
    utm_sources: tuple[str, ...] = ()
    source: Source


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """A social network. The first placement is the usual one."""

    slug: str
    name: str
    placements: tuple[Placement, ...]
    origin: OriginRule

    def placement(self, slug: str | None) -> Placement:
        """The placement of this name, or the usual one; refuses UnknownPlacement."""
        if slug is None:
            return self.placements[0]
        for each in self.placements:
            if each.slug == slug:
                return each
        known = [each.slug for each in self.placements]
        raise UnknownPlacement(f"{self.name} has {', '.join(known)}, not {slug}.", placement=slug, known=known)


@cache
def networks() -> tuple[Network, ...]:
    """Every network there is a file for, ordered by the file's name."""
    return registry.gather(members, "NETWORK", Network)


def network(slug: str) -> Network:
    """The network that a request names; refuses UnknownNetwork."""
    found = _by_slug(slug)
    if found is None:
        known = [each.slug for each in networks()]
        raise UnknownNetwork(f"There is no network {slug!r}; there are {', '.join(known)}.", network=slug, known=known)
    return found


def get(slug: str) -> Network:
    """The network at this address; refuses NetworkNotFound."""
    found = _by_slug(slug)
    if found is None:
        raise NetworkNotFound("There is no such network.", known=[each.slug for each in networks()])
    return found


def _by_slug(slug: str) -> Network | None:
    return next((each for each in networks() if each.slug == slug), None)
