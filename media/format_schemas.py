"""What comes in about a shop's own formats."""

from typing import Annotated

from msgspec import Meta

from core.wire import UNSET, In, Slug, Title, UnsetType

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
