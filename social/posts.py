"""Posts: pictures with their words, tags and links, for one placement of one network."""

from collections.abc import Sequence

import msgspec
from sqlmodel import col, select

from core import clock, ids
from core.db import AsyncSession, page
from core.errors import expect
from core.settings import Settings
from core.shops import Shop
from core.wire import UNSET
from media import assets, visuals
from social import contents, scenes, tags, warnings, words
from social.contents import Slide
from social.drafts import Draft, DraftSlide
from social.errors import PostArchived, PostNotFound, SlidesDiffer
from social.links import links
from social.links.schemas import LinkCreate
from social.models import Post, PostProduct, PostSlide, SlideProduct
from social.network import network
from social.scenes import ProductRef
from social.schemas import PostChange, SlideChange, Status
from social.words import Asked, SlideAsked, SlideWords


class Filters(msgspec.Struct, frozen=True):
    """Which posts to list; without a status, all but the archived ones."""

    network: str | None = None
    placement: str | None = None
    status: Status | None = None


async def create(session: AsyncSession, shop: Shop, draft: Draft) -> Post:
    """Keep a drawn post, the tags on its pictures, and one link for each of its products."""
    await _replace_tags(session, shop, draft)
    now = clock.now()
    post = Post(
        id=ids.new("post"),
        shop_id=shop.id,
        network=draft.network.slug,
        placement=draft.placement.slug,
        asset_id=draft.slides[0].visual.asset_id,
        template=draft.template,
        format=draft.format,
        title=draft.words.title,
        caption=draft.words.caption,
        hashtags=draft.words.hashtags,
        warnings=draft.warnings,
        created_at=now,
        updated_at=now,
    )
    session.add(post)
    await session.flush()
    for position, product in enumerate(draft.products):
        await _add_product(session, shop, post, position, product, draft.campaign)
    await session.flush()
    for position, slide in enumerate(draft.slides):
        session.add(_slide(post, position, slide))
    await session.flush()
    for position, slide in enumerate(draft.slides):
        session.add_all(_placings(post, position, slide, draft.products))
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

    Refuses PostNotFound, PreconditionFailed, PostArchived, SlidesDiffer, and the texts that `drafts.draw` refuses.
    """
    post = await _lock(session, shop, post_id)
    expect(post.version, version)
    if post.archived_at is not None:
        raise PostArchived("Make a new post instead.", post_id=post.id)
    placement = network(post.network).placement(post.placement)
    content = await contents.of_post(session, post)
    shown = await scenes.shown(session, shop, [each.product for each in content.items])
    link = links.example_url(settings)
    said = words.find(placement, shop, shown, _asked(post, data), link=link)
    post.title, post.caption, post.hashtags = said.title, said.caption, said.hashtags
    pictures = []
    for number, (slide, wanted) in enumerate(zip(content.slides, _changes(data, content.slides), strict=True)):
        on = [shown[each.item] for each in slide.placings] or shown
        asset = await assets.get(session, shop, slide.asset_id)
        slide_words = words.of_slide(
            placement, shop, on, _slide_asked(slide, wanted), alone=len(content.slides) == 1,
            picture_alt_text=asset.alt_text, link=link,
        )  # fmt: skip
        await _reword(session, post, number, slide_words)
        pictures.append((await visuals.get(session, shop, slide.visual_id), slide.points))
    post.warnings = warnings.of(placement, post.caption, post.hashtags, pictures)
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


async def _replace_tags(session: AsyncSession, shop: Shop, draft: Draft) -> None:
    """The pictures in one order for everybody, so that two posts never wait for each other."""
    given = {slide.visual.asset_id: slide.new_tags for slide in draft.slides if slide.new_tags is not None}
    for asset_id in sorted(given):
        await tags.replace(session, shop, asset_id, given[asset_id])


def _asked(post: Post, data: PostChange) -> Asked:
    """What is absent stays as it is."""
    return Asked(
        title=post.title if data.title is UNSET else data.title,
        caption=post.caption if data.caption is UNSET else data.caption,
        hashtags=post.hashtags if data.hashtags is UNSET else data.hashtags,
    )


def _changes(data: PostChange, slides: Sequence[Slide]) -> list[SlideChange]:
    """What is asked of each slide. Refuses SlidesDiffer."""
    if data.slides is UNSET:
        return [SlideChange(alt_text=data.alt_text), *(SlideChange() for _ in slides[1:])]
    if data.alt_text is not UNSET or len(data.slides) != len(slides):
        raise SlidesDiffer(f"Send {len(slides)} slides, each with its own alt_text.", slides=len(slides))
    return data.slides


def _slide_asked(slide: Slide, data: SlideChange) -> SlideAsked:
    return SlideAsked(
        alt_text=slide.alt_text if data.alt_text is UNSET else data.alt_text,
        title=slide.title if data.title is UNSET else data.title,
        caption=slide.caption if data.caption is UNSET else data.caption,
    )


async def _reword(session: AsyncSession, post: Post, position: int, said: SlideWords) -> None:
    chosen = select(PostSlide).where(col(PostSlide.post_id) == post.id, col(PostSlide.position) == position)
    row = (await session.exec(chosen)).one()
    row.alt_text, row.title, row.caption = said.alt_text, said.title, said.caption
    session.add(row)


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
    session: AsyncSession, shop: Shop, post: Post, position: int, product: ProductRef, campaign: str | None
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
            link_id=link.id,
        )
    )


def _slide(post: Post, position: int, slide: DraftSlide) -> PostSlide:
    return PostSlide(
        post_id=post.id,
        position=position,
        shop_id=post.shop_id,
        asset_id=slide.visual.asset_id,
        visual_id=slide.visual.id,
        alt_text=slide.words.alt_text,
        title=slide.words.title,
        caption=slide.words.caption,
    )


def _placings(post: Post, slide: int, draft: DraftSlide, products: Sequence[ProductRef]) -> list[SlideProduct]:
    return [
        SlideProduct(
            post_id=post.id,
            slide=slide,
            position=position,
            shop_id=post.shop_id,
            product=products.index(product),
            x=point.x if point else None,
            y=point.y if point else None,
        )
        for position, (product, point) in enumerate(draft.products)
    ]
