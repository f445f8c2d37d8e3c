"""Formats on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from core.wire import UNSET, In, Out, Slug, Title, UnsetType
from media.formats.format import Format
from media.outputs import Output

LEAST_SIDE, LARGEST_SIDE = 64, 4096

Side = Annotated[int, Meta(ge=LEAST_SIDE, le=LARGEST_SIDE, description="Pixels.")]
Edge = Annotated[int, Meta(ge=0, le=LARGEST_SIDE, description="Pixels from the left or the top.")]
FormatBytes = Annotated[int, Meta(ge=20_000, le=20_000_000, description="The most that a file may weigh.")]


class BoxIn(In, kw_only=True):
    """A rectangle in pixels."""

    left: Edge
    top: Edge
    right: Edge
    bottom: Edge


CoveredIn = Annotated[list[BoxIn], Meta(max_length=8)]


class FormatCreate(In, kw_only=True):
    """A canvas of the shop's own, at most four times as long as wide.

    Words stay inside of `safe`, without it 6 % from the edges, and out of `covered`, where something else lies.
    """

    slug: Slug
    name: Title
    width: Side
    height: Side
    safe: BoxIn | UnsetType = UNSET
    covered: CoveredIn = []
    max_bytes: FormatBytes = 5_000_000


class FormatChange(In, kw_only=True):
    """What may be changed about a shop's own format; what is absent stays. Visuals made before stay as they are."""

    name: Title | UnsetType = UNSET
    width: Side | UnsetType = UNSET
    height: Side | UnsetType = UNSET
    safe: BoxIn | UnsetType = UNSET
    covered: CoveredIn | UnsetType = UNSET
    max_bytes: FormatBytes | UnsetType = UNSET


class BoxOut(Out, kw_only=True, frozen=True):
    """A rectangle in pixels."""

    left: int
    top: int
    right: int
    bottom: int


class FormatOut(Out, kw_only=True, frozen=True):
    """A canvas; text stays inside `safe`, because a network's own interface may cover the rest, and out of `covered`.

    Files weigh at most `max_bytes` and are of one of the types in `outputs`. `networks` are those that take it, the
    first most; `source` says where all of that was read, and when. Formats of the shop's own have an `id`.
    """

    id: str | None
    slug: str
    name: str
    width: int
    height: int
    safe: BoxOut
    covered: list[BoxOut]
    max_bytes: int
    outputs: list[Output]
    networks: list[str]
    source: str

    @classmethod
    def of(cls, each: Format) -> "FormatOut":
        """The format as it is."""
        return msgspec.convert(each, cls, from_attributes=True)
