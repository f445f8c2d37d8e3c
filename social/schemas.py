"""What clients send about posts and get from them."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from core.settings import Settings
from core.wire import UNSET, Id, In, Out, Slug, Text, Title, Unit, UnsetType, Word
from media.frame import Background, FrameChoice, Point
from media.schemas import PointOut
from media.warnings import Warnings
from social.contents import Content, Item, Slide
from social.links import links
from social.models import Post
from social.scenes import ProductRef
from social.tags import TagPoint

MAX_PRODUCTS = 20
MAX_TAGS = 20
MAX_HASHTAGS = 30
MAX_SLIDES = 20

Hashtags = Annotated[list[Word], Meta(max_length=MAX_HASHTAGS, description="With or without #.")]
Status = Literal["draft", "archived"]


class TagIn(In, kw_only=True):
    """A product's point on the master picture."""

    product_id: Id
    variant_id: Id | None = None
    x: Unit
    y: Unit

    def tag(self) -> TagPoint:
        """The point as it is kept."""
        return TagPoint(ProductRef(self.product_id, self.variant_id), Point(self.x, self.y))


class PostProductIn(In, kw_only=True):
    """A product that the post is about."""

    product_id: Id
    variant_id: Id | None = None

    def ref(self) -> ProductRef:
        """The product, or the variant of it."""
        return ProductRef(self.product_id, self.variant_id)


Tags = Annotated[list[TagIn], Meta(max_length=MAX_TAGS)]
Products = Annotated[list[PostProductIn], Meta(max_length=MAX_PRODUCTS)]


class TagsChange(In, kw_only=True):
    """All product points of a picture, in their order; those that are not here are taken away."""

    tags: Tags


class TagOut(Out, kw_only=True, frozen=True):
    """A product's point on the master picture."""

    product_id: str
    variant_id: str | None
    x: float
    y: float

    @classmethod
    def of(cls, each: TagPoint) -> "TagOut":
        """The point as it is kept."""
        return cls(
            product_id=each.product.product_id, variant_id=each.product.variant_id, x=each.point.x, y=each.point.y
        )


class TagsOut(Out, kw_only=True, frozen=True):
    """A picture's product points, in their order."""

    asset_id: str
    tags: list[TagOut]


class SlideIn(In, kw_only=True):
    """One picture of a post. What is absent is composed from the products on it, or else from all of the post.

    `tags` and `products` as in a post; where two slides have one picture, the latter's tags stay on it. `template` and
    `frame` are the post's where they are not given. The title is the picture's headline. `caption` is for networks that
    show a text with each picture.
    """

    asset_id: Id
    template: Slug | UnsetType = UNSET
    frame: FrameChoice | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    products: Products | UnsetType = UNSET
    alt_text: Text | None = None
    title: Title | None = None
    caption: Text | None = None


class PostCreate(In, kw_only=True):
    """A post to make: one picture (`asset_id`), or several (`slides`). What is absent is composed from the products.

    `tags` replaces the picture's product points; without it, the points that the picture has are used. `products` adds
    products without a point, and says which come first. The title is the picture's headline, and the title field on
    networks that have one. With `slides`, `tags` and `alt_text` belong to each of them.
    """

    network: Slug
    placement: Slug | None = None
    asset_id: Id | UnsetType = UNSET
    slides: Annotated[list[SlideIn], Meta(min_length=1, max_length=MAX_SLIDES)] | UnsetType = UNSET
    template: Slug = "price"
    format: Slug | None = None
    frame: FrameChoice = "auto"
    background: Background = "extended"
    tags: Tags | UnsetType = UNSET
    products: Products | UnsetType = UNSET
    title: Title | None = None
    caption: Text | None = None
    hashtags: Hashtags | None = None
    alt_text: Text | None = None
    campaign: Word | None = None


class SlideChange(In, kw_only=True):
    """New words for one picture of a post; what is absent stays, null composes it anew."""

    alt_text: Text | UnsetType | None = UNSET
    title: Title | UnsetType | None = UNSET
    caption: Text | UnsetType | None = UNSET


class PostChange(In, kw_only=True):
    """New words for a post; what is absent stays, null composes it anew. The picture keeps what is written on it.

    `alt_text` is the first picture's; `slides` are as many as the post has, in its order.
    """

    title: Title | UnsetType | None = UNSET
    caption: Text | UnsetType | None = UNSET
    hashtags: Hashtags | UnsetType | None = UNSET
    alt_text: Text | UnsetType | None = UNSET
    slides: Annotated[list[SlideChange], Meta(max_length=MAX_SLIDES)] | UnsetType = UNSET


class PostProductOut(Out, kw_only=True, frozen=True):
    """A product that a post shows, its link, and where it is tagged on the master of the first picture that has it."""

    product_id: str
    variant_id: str | None
    point: PointOut | None
    link_id: str
    url: str

    @classmethod
    def of(cls, item: Item, point: Point | None, settings: Settings) -> "PostProductOut":
        """The product with the short address of its link."""
        return cls(
            product_id=item.product.product_id,
            variant_id=item.product.variant_id,
            point=PointOut(x=point.x, y=point.y) if point else None,
            link_id=item.link.id,
            url=links.url(settings, item.link),
        )


class PostSlideOut(Out, kw_only=True, frozen=True):
    """One picture of a post; `tags` are on its master picture. Title and caption are empty where it is the only one."""

    asset_id: str
    visual_id: str
    alt_text: str
    title: str
    caption: str
    tags: list[TagOut]

    @classmethod
    def of(cls, slide: Slide) -> "PostSlideOut":
        """The picture with its words."""
        return cls(
            asset_id=slide.asset_id,
            visual_id=slide.visual_id,
            alt_text=slide.alt_text,
            title=slide.title,
            caption=slide.caption,
            tags=[TagOut.of(each) for each in slide.points],
        )


class PostOut(Out, kw_only=True, frozen=True):
    """A post. `caption` is without the hashtags; `/kit` has it as it is published.

    `asset_id`, `visual_id` and `alt_text` are the first picture's.
    """

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
    slides: list[PostSlideOut]
    products: list[PostProductOut]
    warnings: Warnings
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None

    @classmethod
    def of(cls, post: Post, content: Content, settings: Settings) -> "PostOut":
        """The post with its pictures, its products and their links."""
        return cls(
            id=post.id,
            network=post.network,
            placement=post.placement,
            status=msgspec.convert(post.status, Status),
            asset_id=post.asset_id,
            visual_id=content.slides[0].visual_id,
            template=post.template,
            format=post.format,
            title=post.title,
            caption=post.caption,
            hashtags=post.hashtags,
            alt_text=content.slides[0].alt_text,
            slides=[PostSlideOut.of(each) for each in content.slides],
            products=[
                PostProductOut.of(item, content.point_of(number), settings) for number, item in enumerate(content.items)
            ],
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
    """A picture to publish; the network fetches it from `url`.

    Title, caption and link are its own on networks that show such with each picture of a post, else empty.
    """

    visual_id: str
    asset_id: str
    format: str
    url: str
    media_type: str
    width: int
    height: int
    bytes: int
    alt_text: str
    title: str
    caption: str
    link_url: str
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
    """All that is needed to publish a post, by hand or by the network's API; every text is within its limit.

    `pictures` are in the order of publishing; `alt_text` is the first one's.
    """

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
