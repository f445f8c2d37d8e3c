"""The kit: all that is needed to publish a post, by hand or by the network's API."""

from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec

from core.db import AsyncSession
from core.settings import Settings
from core.shops import Shop
from media import visuals
from media.models import Visual
from media.storage.storage import MEDIA_TYPES, Storage
from media.warnings import Warnings
from social import addresses, captions, contents, posts, scenes, tags
from social.captions import Shown
from social.contents import Item, Placing, Slide
from social.links import links
from social.models import Post
from social.network import Payload, Placement, Publication, PublishedPicture, PublishedTag, network
from social.schemas import KitLinkOut, KitOut, KitPictureOut, KitTagOut, LostTagOut, PayloadOut

# Networks fetch the picture themselves; more decimals than this are finer than a pixel.
_DECIMALS = 5


class Entry(msgspec.Struct, frozen=True):
    """A product of the post, with what it is called today and its address."""

    item: Item
    shown: Shown
    url: str

    @property
    def long_url(self) -> str:
        """The same link with its UTM parameters in the open."""
        return f"{self.url}?{urlencode(links.utm(self.item.link))}"

    def published(self, placement: Placement) -> str:
        """The address as this placement takes it."""
        return self.long_url if placement.link.long_form else self.url


class Picture(msgspec.Struct, frozen=True):
    """A slide with the visual that is published, and the public address of that."""

    slide: Slide
    visual: Visual
    url: str


class Material(msgspec.Struct, frozen=True):
    """All that a kit is made of."""

    post: Post
    entries: list[Entry]
    pictures: list[Picture]


async def read(session: AsyncSession, storage: Storage, settings: Settings, shop: Shop, post_id: str) -> KitOut:
    """The kit of a post; refuses PostNotFound."""
    return build(await gather(session, storage, settings, shop, post_id))


async def gather(session: AsyncSession, storage: Storage, settings: Settings, shop: Shop, post_id: str) -> Material:
    """What is stored of a post; refuses PostNotFound."""
    post = await posts.get(session, shop, post_id)
    content = await contents.of_post(session, post)
    shown = await scenes.shown(session, shop, [each.product for each in content.items])
    pictures = []
    for slide in content.slides:
        visual = await visuals.get(session, shop, slide.visual_id)
        pictures.append(Picture(slide, visual, storage.url(visual.storage_key)))
    entries = [
        Entry(item, each, links.url(settings, item.link)) for item, each in zip(content.items, shown, strict=True)
    ]
    return Material(post, entries, pictures)


def build(material: Material) -> KitOut:
    """The kit as a pure function of what is stored."""
    post, entries = material.post, material.entries
    member = network(post.network)
    placement = member.placement(post.placement)
    written = captions.write(placement, post.caption, post.hashtags, entries[0].published(placement))
    title = post.title if placement.text.title else ""
    pictures = [_picture(placement, entries, each, len(material.pictures)) for each in material.pictures]
    payload = _payload(placement, title, written.text, entries[0].published(placement), pictures)
    return KitOut(
        post_id=post.id,
        network=member.slug,
        placement=placement.slug,
        title=title,
        caption=written.text,
        hashtags=list(written.hashtags),
        alt_text=pictures[0].alt_text,
        pictures=pictures,
        links=[_link(entry) for entry in entries],
        link_note=placement.link.note,
        warnings=[*post.warnings, *_address_warnings(placement, pictures, entries)],
        payload=msgspec.convert(payload, PayloadOut, from_attributes=True),
    )


def _payload(placement: Placement, title: str, caption: str, link: str, pictures: Sequence[KitPictureOut]) -> Payload:
    published = tuple(
        PublishedPicture(
            url=each.url,
            alt_text=each.alt_text,
            tags=tuple(PublishedTag(item=tag.item, name=tag.title, x=tag.x, y=tag.y) for tag in each.tags),
            title=each.title,
            caption=each.caption,
            link=each.link_url,
        )
        for each in pictures
    )
    return placement.payload(Publication(title=title, caption=caption, link=link, pictures=published))


def _picture(placement: Placement, entries: Sequence[Entry], picture: Picture, count: int) -> KitPictureOut:
    slide, visual = picture.slide, picture.visual
    frame = visuals.frame_of(visual)
    own = placement.carousel is not None and placement.carousel.texts and count > 1
    kept: list[KitTagOut] = []
    lost: list[LostTagOut] = []
    for placing in slide.placings:
        if placing.tag is None:
            continue
        entry = entries[placing.item]
        (placed,) = tags.place([placing.tag], frame)
        if placed.point is None:
            lost.append(_lost(entry, placing))
        else:
            kept.append(_tag(entry, placed.point.x, placed.point.y, visual))
    return KitPictureOut(
        visual_id=visual.id,
        asset_id=visual.asset_id,
        format=visual.format,
        url=picture.url,
        media_type=MEDIA_TYPES[visual.storage_key.rpartition(".")[2]],
        width=visual.width,
        height=visual.height,
        bytes=visual.bytes,
        alt_text=slide.alt_text,
        title=slide.title if own else "",
        caption=slide.caption if own else "",
        link_url=entries[slide.placings[0].item if slide.placings else 0].published(placement) if own else "",
        tags=kept,
        lost_tags=lost,
    )


def _tag(entry: Entry, x: float, y: float, visual: Visual) -> KitTagOut:
    return KitTagOut(
        product_id=entry.item.product.product_id,
        variant_id=entry.item.product.variant_id,
        item=entry.shown.item,
        title=entry.shown.title,
        x=round(x, _DECIMALS),
        y=round(y, _DECIMALS),
        pixel_x=min(int(x * visual.width), visual.width - 1),
        pixel_y=min(int(y * visual.height), visual.height - 1),
    )


def _lost(entry: Entry, placing: Placing) -> LostTagOut:
    assert placing.point is not None
    return LostTagOut(
        product_id=entry.item.product.product_id,
        variant_id=entry.item.product.variant_id,
        title=entry.shown.title,
        master_x=placing.point.x,
        master_y=placing.point.y,
        reason="cropped",
    )


def _link(entry: Entry) -> KitLinkOut:
    return KitLinkOut(
        product_id=entry.item.product.product_id,
        variant_id=entry.item.product.variant_id,
        title=entry.shown.title,
        link_id=entry.item.link.id,
        url=entry.url,
        long_url=entry.long_url,
    )


def _address_warnings(placement: Placement, pictures: Sequence[KitPictureOut], entries: Sequence[Entry]) -> Warnings:
    """Networks fetch pictures over the public internet, and take links only up to a length."""
    found: Warnings = []
    url = pictures[0].url
    if not (addresses.is_https(url) and addresses.is_public(url)):
        detail = f"{placement.name} fetches the picture itself: serve it from a public https address."
        found.append({"slug": "picture-not-public", "detail": detail, "url": url})
    longest = max(len(entry.published(placement)) for entry in entries)
    if longest > placement.link.max_length:
        found.append({"slug": "link-too-long", "length": longest, "maximum": placement.link.max_length})
    return found
