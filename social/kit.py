"""The kit: all that is needed to publish a post, by hand or by the network's API."""

from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

import msgspec

from core.db import AsyncSession
from core.settings import Settings
from core.shops import Shop
from media import visuals
from media.models import Visual
from media.storage.storage import MEDIA_TYPES, Storage
from media.warnings import Warnings
from social import captions, items, posts, scenes, tags
from social.captions import Shown
from social.items import Item
from social.links import links
from social.models import Post
from social.network import Placement, Publication, PublishedTag, network
from social.schemas import KitLinkOut, KitOut, KitPictureOut, KitTagOut, LostTagOut, PayloadOut

# Networks fetch the picture themselves; more decimals than this are finer than a pixel.
_DECIMALS = 5


class Entry(msgspec.Struct, frozen=True):
    """A product of the post, with what it is called today and its address."""

    item: Item
    shown: Shown
    url: str


async def read(session: AsyncSession, storage: Storage, settings: Settings, shop: Shop, post_id: str) -> KitOut:
    """The kit of a post; refuses PostNotFound."""
    post = await posts.get(session, shop, post_id)
    shelf = await items.of_post(session, post)
    shown = await scenes.shown(session, shop, [each.product for each in shelf])
    visual = await visuals.get(session, shop, post.visual_id)
    entries = [Entry(item, each, links.url(settings, item.link)) for item, each in zip(shelf, shown, strict=True)]
    return build(post, entries, visual, storage.url(visual.storage_key))


def build(post: Post, entries: Sequence[Entry], visual: Visual, picture_url: str) -> KitOut:
    """The kit as a pure function of what is stored; `picture_url` is the public address of the visual."""
    member = network(post.network)
    placement = member.placement(post.placement)
    written = captions.write(placement, post.caption, post.hashtags, entries[0].url)
    picture = _picture(entries, visual, picture_url)
    publication = Publication(
        image_url=picture_url,
        title=post.title if placement.text.title else "",
        caption=written.text,
        alt_text=post.alt_text,
        link=entries[0].url,
        tags=tuple(PublishedTag(item=each.item, name=each.title, x=each.x, y=each.y) for each in picture.tags),
    )
    return KitOut(
        post_id=post.id,
        network=member.slug,
        placement=placement.slug,
        title=publication.title,
        caption=publication.caption,
        hashtags=list(written.hashtags),
        alt_text=publication.alt_text,
        pictures=[picture],
        links=[_link(entry) for entry in entries],
        link_note=placement.link.note,
        warnings=[*post.warnings, *_address_warnings(placement, picture_url, entries)],
        payload=msgspec.convert(placement.payload(publication), PayloadOut, from_attributes=True),
    )


def _picture(entries: Sequence[Entry], visual: Visual, url: str) -> KitPictureOut:
    frame = visuals.frame_of(visual)
    kept: list[KitTagOut] = []
    lost: list[LostTagOut] = []
    for entry in entries:
        if entry.item.tag is None:
            continue
        (placed,) = tags.place([entry.item.tag], frame)
        if placed.point is None:
            lost.append(_lost(entry))
        else:
            kept.append(_tag(entry, placed.point.x, placed.point.y, visual))
    return KitPictureOut(
        visual_id=visual.id,
        asset_id=visual.asset_id,
        format=visual.format,
        url=url,
        media_type=MEDIA_TYPES[visual.storage_key.rpartition(".")[2]],
        width=visual.width,
        height=visual.height,
        bytes=visual.bytes,
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


def _lost(entry: Entry) -> LostTagOut:
    assert entry.item.point is not None
    return LostTagOut(
        product_id=entry.item.product.product_id,
        variant_id=entry.item.product.variant_id,
        title=entry.shown.title,
        master_x=entry.item.point.x,
        master_y=entry.item.point.y,
        reason="cropped",
    )


def _link(entry: Entry) -> KitLinkOut:
    return KitLinkOut(
        product_id=entry.item.product.product_id,
        variant_id=entry.item.product.variant_id,
        title=entry.shown.title,
        link_id=entry.item.link.id,
        url=entry.url,
        long_url=f"{entry.url}?{urlencode(links.utm(entry.item.link))}",
    )


def _address_warnings(placement: Placement, picture_url: str, entries: Sequence[Entry]) -> Warnings:
    """Networks fetch pictures over the public internet, and take links only up to a length."""
    found: Warnings = []
    if urlsplit(picture_url).scheme != "https":
        detail = f"{placement.name} fetches the picture itself: serve it from a public https address."
        found.append({"slug": "picture-not-public", "detail": detail, "url": picture_url})
    longest = max(len(entry.url) for entry in entries)
    if longest > placement.link.max_length:
        found.append({"slug": "link-too-long", "length": longest, "maximum": placement.link.max_length})
    return found
