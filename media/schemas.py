"""What comes in and goes out over the wire about pictures."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from core.wire import UNSET, Colour, Id, In, Out, Slug, Title, Unit, UnsetType, Word
from media.formats import formats
from media.formats.format import Format
from media.frame import Background, Frame, FrameChoice, Size
from media.looks.design import Design
from media.looks.scene import MOST_ITEMS
from media.models import Asset, Visual
from media.outputs import Output
from media.render import Drawn
from media.storage.storage import Storage, described
from media.traits.traits import Traits
from media.warnings import Warnings

AltText = Annotated[str, Meta(max_length=1000, description="What the picture shows, for who cannot see it.")]
FormatSlugs = Annotated[list[Slug], Meta(min_length=1, max_length=40)]


class PointIn(In, kw_only=True):
    """A place on a picture."""

    x: Unit
    y: Unit


Stars = Annotated[float, Meta(ge=0, le=5, description="What a review gave, of five.")]
QrUrl = Annotated[
    str,
    Meta(
        min_length=8,
        max_length=300,
        pattern=r"^https?://[!-~]+$",
        description="Drawn as a QR code, where there is room.",
    ),
]
Language = Annotated[
    str,
    Meta(
        min_length=2,
        max_length=35,
        pattern="^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$",
        description="Of the texts (BCP 47); the shop's own where absent. Arabic and Hebrew mirror the whole picture.",
    ),
]


KeptPoints = Annotated[list[PointIn], Meta(max_length=20)]


class AssetChange(In, kw_only=True):
    """What may be changed about a picture; what is absent stays. A `focal_point` of null is the one that was found."""

    alt_text: AltText | UnsetType = UNSET
    focal_point: Annotated[
        PointIn | UnsetType | None, Meta(description="What must stay in the picture when it is cropped.")
    ] = UNSET


class AssetImport(In, kw_only=True):
    """A picture that lies on the web: at a public https address, on port 443 or 8443."""

    url: Annotated[str, Meta(min_length=12, max_length=2000)]
    alt_text: AltText = ""


class ItemIn(In, kw_only=True):
    """One of several things in a picture: a tile of a grid, a row of a legend, a page of a carousel.

    `asset_id` is its own picture. `compare_at` is struck out: name only what was really asked before.
    """

    asset_id: Id | None = None
    title: Title | None = None
    price: Word | None = None
    compare_at: Word | None = None


class SpotIn(In, kw_only=True):
    """Where an item is on the visual's own picture; `item` counts the request's items from 0."""

    x: Unit
    y: Unit
    item: Annotated[int, Meta(ge=0, le=MOST_ITEMS - 1)] = 0


class FactIn(In, kw_only=True):
    """A row of a technical sheet."""

    label: Word
    value: Title


class VisualCreate(In, kw_only=True):
    """One template in any number of formats. Prices are texts, written as the reader is to see them.

    `compare_at` is struck out beside the price: name only what was really asked before. A template shows what it has
    a place for; what is absent leaves no hole. `design` is a look of your own, and `template` then its name.
    `logo_asset_id` is a sign on white, shown in place of the shop's name; without it that of the shop's kit, null for
    none. Every network takes JPEG; which formats may
    be WebP or AVIF, for pages of your own, is in `outputs` of `GET /v1/formats`.

    A crop moves to show as many as it can of the points to `keep`, without them of the picture's product tags.
    `background` stands where a padded picture does not reach: its edges drawn outwards, itself out of focus, or
    `colour`, without it the shop's background; `cut-out` puts that colour in place of the picture's own flat ground.
    """

    asset_id: Id
    template: Slug = "plain"
    design: Design | None = None
    formats: FormatSlugs
    title: Title | None = None
    price: Word | None = None
    compare_at: Word | None = None
    subtitle: Title | None = None
    badge: Word | None = None
    quote: Title | None = None
    author: Word | None = None
    stars: Stars | None = None
    action: Word | None = None
    deadline: Word | None = None
    qr_url: QrUrl | None = None
    logo_asset_id: Id | UnsetType | None = UNSET
    facts: Annotated[list[FactIn], Meta(max_length=12)] = []
    items: Annotated[list[ItemIn], Meta(max_length=MOST_ITEMS)] = []
    spots: Annotated[list[SpotIn], Meta(max_length=MOST_ITEMS)] = []
    language: Language | None = None
    frame: FrameChoice = "auto"
    background: Background = "extended"
    colour: Colour | None = None
    keep: KeptPoints | UnsetType = UNSET
    output: Output = "jpeg"


class TemplatePreview(VisualCreate, kw_only=True):
    """A visual in one format, to be looked at: nothing of it is stored."""

    formats: Annotated[list[Slug], Meta(min_length=1, max_length=1)]


class PointOut(Out, kw_only=True, frozen=True):
    """A place on a picture, 0..1 from the left and the top."""

    x: float
    y: float


class AreaOut(Out, kw_only=True, frozen=True):
    """A rectangle on a picture, each edge 0..1 of its width or height."""

    left: float
    top: float
    right: float
    bottom: float


class SwatchOut(Out, kw_only=True, frozen=True):
    """A colour, `#rrggbb`, and the share of the picture that has it, 0..1."""

    colour: str
    share: float


class AssetOut(Out, kw_only=True, frozen=True):
    """A picture as it was kept: JPEG, sRGB, upright, without metadata. Sizes in pixels and bytes.

    What it is like was measured when it came in. `focal_point` is what stays when it is cropped, `focal_source` who
    chose it. `subject` is where the product is, null where nothing stands out; `background` the colour of a flat one.
    `sharpness` is 0..1, null of one even plane. `thumbhash` (base64) is a preview to show while the picture loads.
    `too_small_for` are the formats, the shop's own among them, that it would have to be enlarged to fill.
    """

    id: str
    url: str
    media_type: str
    width: int
    height: int
    bytes: int
    sha256: str
    alt_text: str
    focal_point: PointOut
    focal_source: Literal["found", "set"]
    subject: AreaOut | None
    palette: list[SwatchOut]
    background: str | None
    sharpness: float | None
    thumbhash: str
    too_small_for: list[str]
    warnings: Warnings
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, asset: Asset, storage: Storage, own: Sequence[Format]) -> "AssetOut":
        """The asset with its public address; `own` are the formats of its shop's own."""
        traits = msgspec.convert(asset.traits, Traits)
        return cls(
            id=asset.id,
            url=storage.url(asset.storage_key),
            media_type="image/jpeg",
            width=asset.width,
            height=asset.height,
            bytes=asset.bytes,
            sha256=asset.sha256,
            alt_text=asset.alt_text,
            focal_point=PointOut(x=asset.focal_x, y=asset.focal_y),
            focal_source="set" if asset.focal_source == "set" else "found",
            subject=msgspec.convert(traits.subject, AreaOut | None, from_attributes=True),
            palette=msgspec.convert(traits.palette, list[SwatchOut], from_attributes=True),
            background=traits.background,
            sharpness=traits.sharpness,
            thumbhash=traits.thumbhash,
            too_small_for=formats.too_large(Size(asset.width, asset.height), own),
            warnings=asset.warnings,
            archived_at=asset.archived_at,
            created_at=asset.created_at,
            updated_at=asset.updated_at,
        )


class SimilarAssetOut(Out, kw_only=True, frozen=True):
    """A picture that is nearly the same; `distance` is in how many bits of 64 their difference hashes differ."""

    asset: AssetOut
    distance: int


class SimilarAssetsOut(Out, kw_only=True, frozen=True):
    """The near-duplicates of a picture, the nearest first, at most 20."""

    items: list[SimilarAssetOut]


class PlacementOut(Out, kw_only=True, frozen=True):
    """Where the whole asset lies in the visual: a point x,y of the asset is at left + x * width, top + y * height.

    All in 0..1 of the visual; what lies outside of `seen_left`, `seen_top`, `seen_right`, `seen_bottom` was cropped.
    """

    left: float
    top: float
    width: float
    height: float
    seen_left: float
    seen_top: float
    seen_right: float
    seen_bottom: float

    @classmethod
    def of(cls, frame: Frame) -> "PlacementOut":
        """The frame in shares of the visual."""
        across, down = frame.visual.width, frame.visual.height
        return cls(
            left=frame.x / across,
            top=frame.y / down,
            width=frame.master.width * frame.scale / across,
            height=frame.master.height * frame.scale / down,
            seen_left=frame.window.left / across,
            seen_top=frame.window.top / down,
            seen_right=frame.window.right / across,
            seen_bottom=frame.window.bottom / down,
        )


class VisualOut(Out, kw_only=True, frozen=True):
    """A finished picture: JPEG unless another type was asked for, sRGB, without metadata. Sizes in pixels and bytes.

    `page` counts the pictures of a set, such as a carousel, from 1. `template_version` is that of the template when the
    visual was made, null for a design that came with its request; the shop's own templates have a `template_id`.
    """

    id: str
    asset_id: str
    template: str
    template_id: str | None
    template_version: int | None
    format: str
    page: int
    url: str
    media_type: str
    width: int
    height: int
    bytes: int
    placement: PlacementOut
    warnings: Warnings
    created_at: datetime

    @classmethod
    def of(cls, visual: Visual, storage: Storage) -> "VisualOut":
        """The visual with its public address."""
        return cls(
            id=visual.id,
            asset_id=visual.asset_id,
            template=visual.template,
            template_id=visual.template_id,
            template_version=visual.template_version,
            format=visual.format,
            page=visual.page,
            url=storage.url(visual.storage_key),
            media_type=described(visual.storage_key, visual.bytes).media_type,
            width=visual.width,
            height=visual.height,
            bytes=visual.bytes,
            placement=PlacementOut.of(msgspec.convert(visual.frame, Frame)),
            warnings=visual.warnings,
            created_at=visual.created_at,
        )


class VisualsOut(Out, kw_only=True, frozen=True):
    """The visuals of one request, in the order of its formats, and of a set in the order of its pages."""

    items: list[VisualOut]


class PreviewOut(Out, kw_only=True, frozen=True):
    """A picture that is kept nowhere: `data_url` is all of it, ready for an `<img>`. Sizes in pixels."""

    format: str
    page: int
    width: int
    height: int
    data_url: str
    warnings: Warnings

    @classmethod
    def of(cls, drawn: Drawn, output: Output) -> "PreviewOut":
        """The picture as a file of this type."""
        return cls(
            format=drawn.format,
            page=drawn.page,
            width=drawn.width,
            height=drawn.height,
            data_url=f"data:image/{output};base64,{b64encode(drawn.data).decode()}",
            warnings=drawn.warnings,
        )


class PreviewsOut(Out, kw_only=True, frozen=True):
    """The pages of a preview; all but sets have one."""

    items: list[PreviewOut]
