"""Posts: one picture with its words, tags and links, for one placement of one network."""

from collections.abc import Sequence

import msgspec
from sqlmodel import select

from core import clock, ids
from core.db import AsyncSession, Database, page
from core.errors import expect
from core.settings import Settings
from core.shops import Shop
from core.wire import UNSET
from media import assets, visuals
from media.frame import Point
from media.models import Visual
from media.pool import PicturePool
from media.storage.storage import Storage
from media.warnings import Warnings
from social import captions, items, scenes, tags, warnings, words
from social.errors import NothingToShow, PostArchived, PostNotFound
from social.links import links
from social.links.schemas import LinkCreate
from social.models import Post, PostProduct
from social.network import Network, Placement, network
from social.scenes import ProductRef
from social.schemas import PostChange, PostCreate, Status, TagIn
from social.tags import TagPoint
from social.words import Asked, Words


class Filters(msgspec.Struct, frozen=True):
    """Which posts to list; without a status, all but the archived ones."""

    network: str | None = None
    placement: str | None = None
    status: Status | None = None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A post that is drawn and worded, and not in the database yet."""

    network: Network
    placement: Placement
    visual: Visual
    words: Words
    products: list[tuple[ProductRef, Point | None]]
    new_tags: list[TagPoint] | None
    warnings: Warnings
    campaign: str | None


async def draw(
    db: Database, storage: Storage, pool: PicturePool, settings: Settings, shop: Shop, data: PostCreate
) -> Draft:
    """Everything about a new post that needs no write lock: what it shows and says, and its picture.

    Call it outside of any transaction. The same picture with the same words is found in the store.
    Refuses UnknownNetwork, UnknownPlacement, FormatNotTaken, AssetNotFound, UnknownProduct, NothingToShow,
    DuplicateTag, TooManyTags, TextNotShown, CaptionTooLong, TitleTooLong, AltTextTooLong, TooManyMentions, BadHashtag,
    and what `visuals.render` refuses.
    """
    member = network(data.network)
    placement = member.placement(data.placement)
    canvas = placement.format(data.format)
    new_tags = None if data.tags is UNSET else [_tag(each) for each in data.tags]
    async with db.read() as session:
        asset = await assets.get(session, shop, data.asset_id)
        points = await tags.of_asset(session, shop, asset.id) if new_tags is None else new_tags
        products = _products(data, points)
        refs = [ref for ref, _ in products]
        shown = await scenes.shown(session, shop, refs)
    scenes.check_for_sale(refs, shown)
    tags.check(placement, points, {ref: each.item for ref, each in zip(refs, shown, strict=True)})
    asked = Asked(title=data.title, caption=data.caption, hashtags=data.hashtags, alt_text=data.alt_text)
    said = words.find(placement, shop, shown, asked, picture_alt_text=asset.alt_text, link=_example_url(settings))
    request = visuals.Request(
        asset_id=asset.id,
        template=data.template,
        formats=(canvas.slug,),
        scene=scenes.scene(shop, shown, data.title or captions.headline(shown, shop.locale)),
        frame=data.frame,
    )
    (visual,) = await visuals.render(db, storage, pool, shop, request)
    return Draft(
        network=member,
        placement=placement,
        visual=visual,
        words=said,
        products=products,
        new_tags=new_tags,
        warnings=warnings.of(placement, said.caption, said.hashtags, points, visual),
        campaign=data.campaign,
    )


async def create(session: AsyncSession, shop: Shop, draft: Draft) -> Post:
    """Keep a drawn post, its tags on the picture, and one link for each of its products."""
    visual, now = draft.visual, clock.now()
    if draft.new_tags is not None:
        await tags.replace(session, shop, visual.asset_id, draft.new_tags)
    post = Post(
        id=ids.new("post"),
        shop_id=shop.id,
        network=draft.network.slug,
        placement=draft.placement.slug,
        asset_id=visual.asset_id,
        visual_id=visual.id,
        template=visual.template,
        format=visual.format,
        title=draft.words.title,
        caption=draft.words.caption,
        hashtags=draft.words.hashtags,
        alt_text=draft.words.alt_text,
        warnings=draft.warnings,
        created_at=now,
        updated_at=now,
    )
    session.add(post)
    await session.flush()
    for position, (product, point) in enumerate(draft.products):
        await _add_product(session, shop, post, position, product, point, draft.campaign)
    await session.flush()
    return post


async def get(session: AsyncSession, shop: Shop, post_id: str) -> Post:
    """One post, archived or not; refuses PostNotFound."""
    return _known((await session.exec(select(Post).where(Post.id == post_id, Post.shop_id == shop.id))).first())


async def list_page(
    session: AsyncSession, shop: Shop, filters: Filters, limit: int, cursor: str | None
) -> tuple[list[Post], str | None]:
    """One page of the shop's posts, newest first, and the next page's cursor. Refuses UnknownNetwork."""
    chosen = select(Post).where(Post.shop_id == shop.id)
    if filters.network is not None:
        chosen = chosen.where(Post.network == network(filters.network).slug)
    if filters.placement is not None:
        chosen = chosen.where(Post.placement == filters.placement)
    if filters.status is None:
        chosen = chosen.where(Post.status != "archived")
    else:
        chosen = chosen.where(Post.status == filters.status)
    return await page(session, chosen, Post.id, limit, cursor)


async def change(
    session: AsyncSession, settings: Settings, shop: Shop, post_id: str, data: PostChange, version: int | None
) -> Post:
    """New words for a post; null composes them again from the products as they are today. None is any version.

    Refuses PostNotFound, PreconditionFailed, PostArchived, and the texts that `draw` refuses.
    """
    post = await _lock(session, shop, post_id)
    expect(post.version, version)
    if post.archived_at is not None:
        raise PostArchived("Make a new post instead.", post_id=post.id)
    placement = network(post.network).placement(post.placement)
    shelf = await items.of_post(session, post)
    shown = await scenes.shown(session, shop, [each.product for each in shelf])
    asset = await assets.get(session, shop, post.asset_id)
    visual = await visuals.get(session, shop, post.visual_id)
    said = words.find(
        placement, shop, shown, _asked(post, data), picture_alt_text=asset.alt_text, link=_example_url(settings)
    )
    post.title, post.caption, post.hashtags, post.alt_text = said.title, said.caption, said.hashtags, said.alt_text
    points = [each.tag for each in shelf if each.tag is not None]
    post.warnings = warnings.of(placement, post.caption, post.hashtags, points, visual)
    return await _touched(session, post)


async def archive(session: AsyncSession, shop: Shop, post_id: str) -> Post:
    """Put a post away; its links go on working, because it may be out there. Doing it twice is doing it once.

    Refuses PostNotFound.
    """
    post = await _lock(session, shop, post_id)
    if post.archived_at is None:
        post.status, post.archived_at = "archived", clock.now()
        await _touched(session, post)
    return post


def _products(data: PostCreate, points: Sequence[TagPoint]) -> list[tuple[ProductRef, Point | None]]:
    """The named products first, then those that are only tagged; each with its point. Refuses NothingToShow."""
    named = [] if data.products is UNSET else [ProductRef(each.product_id, each.variant_id) for each in data.products]
    tags.check_unique(named)
    tags.check_unique([each.product for each in points])
    at = {each.product: each.point for each in points}
    found = [(ref, at.get(ref)) for ref in dict.fromkeys([*named, *at])]
    if not found:
        raise NothingToShow("Name products, or tag them on the picture.", asset_id=data.asset_id)
    return found


def _asked(post: Post, data: PostChange) -> Asked:
    """What is absent stays as it is."""
    return Asked(
        title=post.title if data.title is UNSET else data.title,
        caption=post.caption if data.caption is UNSET else data.caption,
        hashtags=post.hashtags if data.hashtags is UNSET else data.hashtags,
        alt_text=post.alt_text if data.alt_text is UNSET else data.alt_text,
    )


def _tag(data: TagIn) -> TagPoint:
    return TagPoint(ProductRef(data.product_id, data.variant_id), Point(data.x, data.y))


def _example_url(settings: Settings) -> str:
    """As long as the address of any link, for texts that have to leave room for one."""
    return f"{settings.public_url}/l/{'x' * links.SLUG_LENGTH}"


def _known(post: Post | None) -> Post:
    if post is None:
        raise PostNotFound
    return post


async def _lock(session: AsyncSession, shop: Shop, post_id: str) -> Post:
    """The post, fresh, and locked until the transaction ends."""
    chosen = select(Post).where(Post.id == post_id, Post.shop_id == shop.id).with_for_update()
    return _known((await session.exec(chosen.execution_options(populate_existing=True))).first())


async def _touched(session: AsyncSession, post: Post) -> Post:
    post.version, post.updated_at = post.version + 1, clock.now()
    session.add(post)
    await session.flush()
    return post


async def _add_product(
    session: AsyncSession,
    shop: Shop,
    post: Post,
    position: int,
    product: ProductRef,
    point: Point | None,
    campaign: str | None,
) -> None:
    link = await links.create(
        session,
        shop,
        LinkCreate(
            product_id=product.product_id,
            variant_id=product.variant_id,
            post_id=post.id,
            network=post.network,
            placement=post.placement,
            campaign=campaign,
        ),
    )
    session.add(
        PostProduct(
            post_id=post.id,
            position=position,
            shop_id=shop.id,
            product_id=product.product_id,
            variant_id=product.variant_id,
            x=point.x if point else None,
            y=point.y if point else None,
            link_id=link.id,
        )
    )
