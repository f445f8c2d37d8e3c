"""What clients send about posts and get from them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from core.settings import Settings
from core.wire import UNSET, Id, In, Out, Slug, Text, Title, Unit, UnsetType, Word
from media.frame import FrameChoice
from media.schemas import PointOut
from media.warnings import Warnings
from social.items import Item
from social.links import links
from social.models import Post

MAX_PRODUCTS = 20
MAX_TAGS = 20
MAX_HASHTAGS = 30

Hashtags = Annotated[list[Word], Meta(max_length=MAX_HASHTAGS, description="With or without #.")]
Status = Literal["draft", "archived"]


class TagIn(In, kw_only=True):
    """A product's point on the master picture."""

    product_id: Id
    variant_id: Id | None = None
    x: Unit
    y: Unit


class PostProductIn(In, kw_only=True):
    """A product that the post is about."""

    product_id: Id
    variant_id: Id | None = None


class PostCreate(In, kw_only=True):
    """A post to make. What is absent is composed from the products.

    `tags` replaces the picture's product points; without it, the points that the picture has are used. `products` adds
    products without a point, and says which come first. The title is the picture's headline, and the title field on
    networks that have one.
    """

    network: Slug
    placement: Slug | None = None
    asset_id: Id
    template: Slug = "price"
    format: Slug | None = None
    frame: FrameChoice = "auto"
    tags: Annotated[list[TagIn], Meta(max_length=MAX_TAGS)] | UnsetType = UNSET
    products: Annotated[list[PostProductIn], Meta(max_length=MAX_PRODUCTS)] | UnsetType = UNSET
    title: Title | None = None
    caption: Text | None = None
    hashtags: Hashtags | None = None
    alt_text: Text | None = None
    campaign: Word | None = None


class PostChange(In, kw_only=True):
    """New words for a post; what is absent stays, null composes it anew. The picture keeps what is written on it."""

    title: Title | UnsetType | None = UNSET
    caption: Text | UnsetType | None = UNSET
    hashtags: Hashtags | UnsetType | None = UNSET
    alt_text: Text | UnsetType | None = UNSET


class PostProductOut(Out, kw_only=True, frozen=True):
    """A product that a post shows, where it is tagged on the master picture, and its link."""

    product_id: str
    variant_id: str | None
    point: PointOut | None
    link_id: str
    url: str

    @classmethod
    def of(cls, item: Item, settings: Settings) -> "PostProductOut":
        """The product with the short address of its link."""
        return cls(
            product_id=item.product.product_id,
            variant_id=item.product.variant_id,
            point=PointOut(x=item.point.x, y=item.point.y) if item.point else None,
            link_id=item.link.id,
            url=links.url(settings, item.link),
        )


class PostOut(Out, kw_only=True, frozen=True):
    """A post. `caption` is without the hashtags; `/kit` has it as it is published."""

    id: str
    network: str
    placement: str
    status: Status
    asset_id: str
    visual_id: str
    template: str
    format: str
    title: str
    caption: str
    hashtags: list[str]
    alt_text: str
    products: list[PostProductOut]
    warnings: Warnings
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None

    @classmethod
    def of(cls, post: Post, items: Sequence[Item], settings: Settings) -> "PostOut":
        """The post with its products and their links."""
        return cls(
            id=post.id,
            network=post.network,
            placement=post.placement,
            status=msgspec.convert(post.status, Status),
            asset_id=post.asset_id,
            visual_id=post.visual_id,
            template=post.template,
            format=post.format,
            title=post.title,
            caption=post.caption,
            hashtags=post.hashtags,
            alt_text=post.alt_text,
            products=[PostProductOut.of(each, settings) for each in items],
            warnings=post.warnings,
            created_at=post.created_at,
            updated_at=post.updated_at,
            archived_at=post.archived_at,
        )


class KitTagOut(Out, kw_only=True, frozen=True):
    """A product's point on the published picture: 0..1 and in pixels. `item` is its id in the shop's catalog feed."""

    product_id: str
    variant_id: str | None
    item: str
    title: str
    x: float
    y: float
    pixel_x: int
    pixel_y: int


class LostTagOut(Out, kw_only=True, frozen=True):
    """A product whose point on the master picture is not to be seen on the published one, and why."""

    product_id: str
    variant_id: str | None
    title: str
    master_x: float
    master_y: float
    reason: Literal["cropped"]


class KitPictureOut(Out, kw_only=True, frozen=True):
    """A picture to publish; the network fetches it from `url`."""

    visual_id: str
    asset_id: str
    format: str
    url: str
    media_type: str
    width: int
    height: int
    bytes: int
    tags: list[KitTagOut]
    lost_tags: list[LostTagOut]


class KitLinkOut(Out, kw_only=True, frozen=True):
    """The link of one product: short for posts and stickers, long with its UTM parameters in the open."""

    product_id: str
    variant_id: str | None
    title: str
    link_id: str
    url: str
    long_url: str


class CallOut(Out, kw_only=True, frozen=True):
    """One request to the network's API."""

    method: Literal["GET", "POST"]
    url: str
    headers: dict[str, str]
    body: dict[str, object] | None
    purpose: str


class PlaceholderOut(Out, kw_only=True, frozen=True):
    """A name in braces in the calls, and what to put there."""

    name: str
    meaning: str


class PayloadOut(Out, kw_only=True, frozen=True):
    """The requests that publish the post, in their order, complete but for the placeholders."""

    calls: list[CallOut]
    placeholders: list[PlaceholderOut]


class KitOut(Out, kw_only=True, frozen=True):
    """All that is needed to publish a post, by hand or by the network's API; every text is within its limit."""

    post_id: str
    network: str
    placement: str
    title: str
    caption: str
    hashtags: list[str]
    alt_text: str
    pictures: list[KitPictureOut]
    links: list[KitLinkOut]
    link_note: str
    warnings: Warnings
    payload: PayloadOut
