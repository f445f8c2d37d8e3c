"""Preflight: all that is the matter with a post before it goes out, told at once. Nothing is changed."""

from collections.abc import Sequence

from core.db import Database
from core.errors import NotFound
from core.settings import Settings
from core.shops import Shop
from media import jpeg, visuals
from media.jpeg import JpegFacts
from media.storage.storage import Storage
from social import kit, rule, tags
from social.kit import Entry, Material, Picture
from social.network import Placeholder, network
from social.preflight_schemas import FindingOut, PreflightOut
from social.rule import Case, SlideCase, TagCase
from social.schemas import KitOut, KitPictureOut


async def check(db: Database, storage: Storage, settings: Settings, shop: Shop, post_id: str) -> PreflightOut:
    """Every rule of the post's placement that the post breaks; refuses PostNotFound, StorageUnavailable."""
    found = rule.findings(await case_of(db, storage, settings, shop, post_id))
    return PreflightOut(
        post_id=post_id,
        ok=all(each.severity != "error" for each in found),
        findings=[FindingOut.of(each) for each in found],
    )


async def case_of(db: Database, storage: Storage, settings: Settings, shop: Shop, post_id: str) -> Case:
    """The post as it would be published; the beginning of each picture is read from the storage."""
    async with db.read() as session:
        material = await kit.gather(session, storage, settings, shop, post_id)
    heads = [await _head(storage, each.visual.storage_key) for each in material.pictures]
    return _case(material, kit.build(material), heads)


def _case(material: Material, built: KitOut, heads: Sequence[bytes | None]) -> Case:
    post = material.post
    slides = [
        _slide(picture, out, material.entries, head)
        for picture, out, head in zip(material.pictures, built.pictures, heads, strict=True)
    ]
    return Case(
        placement=network(post.network).placement(post.placement),
        archived=post.archived_at is not None,
        title=built.title,
        caption=post.caption,
        hashtags=tuple(post.hashtags),
        slides=tuple(slides),
        products=tuple(each.shown for each in material.entries),
        links=tuple(each.url for each in material.entries),
        placeholders=tuple(Placeholder(name=each.name, meaning=each.meaning) for each in built.payload.placeholders),
    )


def _slide(picture: Picture, out: KitPictureOut, entries: Sequence[Entry], head: bytes | None) -> SlideCase:
    frame = visuals.frame_of(picture.visual)
    tagged = [each for each in picture.slide.placings if each.tag is not None]
    placed = tags.place(picture.slide.points, frame)
    return SlideCase(
        alt_text=picture.slide.alt_text,
        title=out.title,
        caption=out.caption,
        url=out.url,
        media_type=out.media_type,
        width=out.width,
        height=out.height,
        bytes=out.bytes,
        jpeg=_facts(head),
        kept=head is not None,
        tags=tuple(
            TagCase(entries[each.item].shown.item, entries[each.item].shown.title, lost=where.point is None)
            for each, where in zip(tagged, placed, strict=True)
        ),
    )


def _facts(head: bytes | None) -> JpegFacts | None:
    return jpeg.describe(head) if head is not None else None


async def _head(storage: Storage, key: str) -> bytes | None:
    """The first bytes of a picture; None where it is not there any more."""
    try:
        return b"".join([piece async for piece in storage.stream(key, 0, jpeg.HEAD_BYTES)])
    except NotFound:
        return None
