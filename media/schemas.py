"""What comes in and goes out over the wire about pictures."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from core.wire import UNSET, Colour, Id, In, Out, Slug, Title, Unit, UnsetType, Word
from media import formats
from media.formats import Format
from media.frame import Background, Frame, FrameChoice, Size
from media.layout import Template
from media.models import Asset, Upload, Visual
from media.outputs import Output
from media.storage.storage import Slip, Storage, described
from media.traits import Traits
from media.warnings import Warnings

AltText = Annotated[str, Meta(max_length=1000, description="What the picture shows, for who cannot see it.")]
MediaType = Annotated[str, Meta(min_length=7, max_length=50, pattern="^image/[a-z0-9.+-]+$", description="image/jpeg")]
UploadBytes = Annotated[int, Meta(ge=1, le=100 * 2**20, description="The length of the file.")]
Sha256 = Annotated[
    str,
    Meta(min_length=64, max_length=64, pattern="^[0-9a-f]{64}$", description="Of the file; checked when it is there."),
]
FormatSlugs = Annotated[list[Slug], Meta(min_length=1, max_length=40)]


class PointIn(In, kw_only=True):
    """A place on a picture."""

    x: Unit
    y: Unit


class FocalPointIn(In, kw_only=True):
    """What must stay in the picture when it is cropped."""

    x: Unit
    y: Unit


KeptPoints = Annotated[list[PointIn], Meta(max_length=20)]


class AssetChange(In, kw_only=True):
    """What may be changed about a picture; what is absent stays. A `focal_point` of null is the one that was found."""

    alt_text: AltText | UnsetType = UNSET
    focal_point: FocalPointIn | UnsetType | None = UNSET


class AssetImport(In, kw_only=True):
    """A picture that lies on the web: at a public https address, on port 443 or 8443."""

    url: Annotated[str, Meta(min_length=12, max_length=2000)]
    alt_text: AltText = ""


class VisualCreate(In, kw_only=True):
    """One template in any number of formats. Prices are texts, written as the reader is to see them.

    `compare_at` is struck out beside the price: name only what was really asked before. Every network takes JPEG; which
    formats may be WebP or AVIF, for pages of your own, is in `outputs` of `GET /v1/formats`.

    A crop moves to show as many as it can of the points to `keep`, without them of the picture's product tags.
    `background` stands where a padded picture does not reach: its edges drawn outwards, itself out of focus, or
    `colour`, without it the shop's background; `cut-out` puts that colour in place of the picture's own flat ground.
    """

    asset_id: Id
    template: Slug = "plain"
    formats: FormatSlugs
    title: Title | None = None
    price: Word | None = None
    compare_at: Word | None = None
    frame: FrameChoice = "auto"
    background: Background = "extended"
    colour: Colour | None = None
    keep: KeptPoints | UnsetType = UNSET
    output: Output = "jpeg"


class UploadCreate(In, kw_only=True):
    """A picture that is to be sent straight to the storage: exactly so many bytes of this type."""

    media_type: MediaType
    bytes: UploadBytes
    method: Literal["post", "put"] = "put"
    sha256: Sha256 | None = None
    alt_text: AltText = ""


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
    `too_small_for` are the formats that it would have to be enlarged to fill.
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
    def of(cls, asset: Asset, storage: Storage) -> "AssetOut":
        """The asset with its public address."""
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
            too_small_for=formats.too_large(Size(asset.width, asset.height)),
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


class UploadOut(Out, kw_only=True, frozen=True):
    """How to send the picture to the storage, then `POST /v1/uploads/{id}/complete`.

    PUT: the bytes as the body, with `headers`. POST: a multipart form of all `fields`, and then the bytes as `file`.
    The answer is 2xx when the storage took it; the address takes nothing after `expires_at`.
    """

    id: str
    url: str
    method: Literal["POST", "PUT"]
    headers: dict[str, str]
    fields: dict[str, str]
    media_type: str
    bytes: int
    expires_at: datetime

    @classmethod
    def of(cls, upload: Upload, slip: Slip) -> "UploadOut":
        """The upload with its signed address, which is shown this once."""
        return cls(
            id=upload.id,
            url=slip.url,
            method=slip.method,
            headers=slip.headers,
            fields=slip.fields,
            media_type=upload.media_type,
            bytes=upload.bytes,
            expires_at=upload.expires_at,
        )


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
    """A finished picture: JPEG unless another type was asked for, sRGB, without metadata. Sizes in pixels and bytes."""

    id: str
    asset_id: str
    template: str
    format: str
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
            format=visual.format,
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
    """The visuals of one request, in the order of its formats."""

    items: list[VisualOut]


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


class TemplateOut(Out, kw_only=True, frozen=True):
    """A look that visuals can have."""

    slug: str
    name: str
    description: str
    version: int

    @classmethod
    def of(cls, template: Template) -> "TemplateOut":
        """The template without its code."""
        return msgspec.convert(template, cls, from_attributes=True)
