"""Drafts: posts that are drawn and worded, and not in the database yet."""

from collections.abc import Mapping, Sequence

import msgspec

from core.db import AsyncSession, Database
from core.settings import Settings
from core.shops import Shop
from core.wire import UNSET
from media import asking, assets, visuals
from media.formats import own_formats
from media.frame import Point
from media.models import Asset, Visual
from media.pool import PicturePool
from media.storage.storage import Storage
from media.warnings import Warnings
from social import captions, scenes, tags, warnings, words
from social.captions import Shown
from social.errors import NothingToShow, PictureOrSlides, TooManyProducts, TooManySlides
from social.links import links
from social.network import Network, Placement, network
from social.scenes import ProductRef
from social.schemas import MAX_PRODUCTS, MAX_TAGS, PostCreate, SlideIn
from social.tags import TagPoint
from social.words import Asked, SlideAsked, SlideWords, Words

_MOST_PRODUCTS = MAX_PRODUCTS + MAX_TAGS


class DraftSlide(msgspec.Struct, frozen=True, kw_only=True):
    """One picture of a draft; `new_tags` are to replace the master's, None leaves them."""

    visual: Visual
    words: SlideWords
    products: list[tuple[ProductRef, Point | None]]
    new_tags: list[TagPoint] | None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A post to keep; `products` are all that its slides show, each once."""

    network: Network
    placement: Placement
    format: str
    template: str
    words: Words
    products: list[ProductRef]
    slides: list[DraftSlide]
    warnings: Warnings
    campaign: str | None


class _Plan(msgspec.Struct, frozen=True):
    """One slide as it was asked for, with its picture and the points that are used."""

    asked: SlideIn
    asset: Asset
    points: list[TagPoint]
    refs: list[ProductRef]

    def placed(self) -> list[tuple[ProductRef, Point | None]]:
        at = {each.product: each.point for each in self.points}
        return [(ref, at.get(ref)) for ref in self.refs]


async def draw(
    db: Database, storage: Storage, pool: PicturePool, settings: Settings, shop: Shop, data: PostCreate
) -> Draft:
    """Everything about a new post that needs no write lock: what it shows and says, and its pictures.

    Call it outside of any transaction. The same picture with the same words is found in the store.
    Refuses UnknownNetwork, UnknownPlacement, FormatNotTaken, PictureOrSlides, TooManySlides, UnknownAsset,
    UnknownProduct, NothingToShow, TooManyProducts, DuplicateTag, TooManyTags, TextNotShown, CaptionTooLong,
    TitleTooLong, AltTextTooLong, TooManyMentions, BadHashtag, and what `visuals.render` refuses.
    """
    member = network(data.network)
    placement = member.placement(data.placement)
    asked = _asked(placement, data)
    async with db.read() as session:
        own = await own_formats.named(session, shop, [data.format] if data.format else [])
        canvas = placement.format(data.format, own.get(data.format or ""))
        plans = [await _plan(session, shop, each) for each in asked]
        refs = _products(data, plans)
        shown = dict(zip(refs, await scenes.shown(session, shop, refs), strict=True))
    scenes.check_for_sale(refs, list(shown.values()))
    tags.check(placement, [plan.points for plan in plans], {ref: each.item for ref, each in shown.items()})
    link = links.example_url(settings)
    wanted = Asked(title=data.title, caption=data.caption, hashtags=data.hashtags)
    said = words.find(placement, shop, list(shown.values()), wanted, link=link)
    said_of = [_words(placement, shop, shown, plan, alone=len(plans) == 1, link=link) for plan in plans]
    slides = []
    for number, (plan, slide_words) in enumerate(zip(plans, said_of, strict=True)):
        title = plan.asked.title or (data.title if number == 0 else None)
        request = _request(shop, data, canvas.slug, plan, _on(plan, shown), title)
        visual, *_ = await visuals.render(db, storage, pool, shop, request)  # Of a set, its cover.
        new_tags = None if plan.asked.tags is UNSET else plan.points
        slides.append(DraftSlide(visual=visual, words=slide_words, products=plan.placed(), new_tags=new_tags))
    pictures = [(slide.visual, plan.points) for slide, plan in zip(slides, plans, strict=True)]
    return Draft(
        network=member,
        placement=placement,
        format=canvas.slug,
        template=slides[0].visual.template,
        words=said,
        products=refs,
        slides=slides,
        warnings=warnings.of(placement, said.caption, said.hashtags, pictures),
        campaign=data.campaign,
    )


def _asked(placement: Placement, data: PostCreate) -> list[SlideIn]:
    """The pictures that were asked for, one alone as a slide like any other.

    Refuses PictureOrSlides, TooManySlides.
    """
    if (data.slides is UNSET) == (data.asset_id is UNSET):
        raise PictureOrSlides("Send either asset_id or slides.")
    if data.asset_id is not UNSET:
        one = SlideIn(asset_id=data.asset_id, tags=data.tags, products=data.products, alt_text=data.alt_text)
        return [one]
    if data.tags is not UNSET or data.alt_text is not None:
        raise PictureOrSlides("With slides, tags and alt_text belong to each of them.")
    slides = [] if data.slides is UNSET else data.slides
    if len(slides) > placement.most_slides:
        raise TooManySlides(
            f"{placement.name} takes {placement.most_slides} pictures in a post, not {len(slides)}.",
            slides=len(slides),
            max=placement.most_slides,
        )
    return slides


async def _plan(session: AsyncSession, shop: Shop, asked: SlideIn) -> _Plan:
    """The slide's picture and its products: the named ones first, then those that are only tagged."""
    asset = await assets.named(session, shop, asked.asset_id)
    if asked.tags is UNSET:
        points = await tags.of_asset(session, shop, asset.id)
    else:
        points = [each.tag() for each in asked.tags]
    named = [] if asked.products is UNSET else [each.ref() for each in asked.products]
    tagged = [each.product for each in points]
    tags.check_unique(named)
    tags.check_unique(tagged)
    return _Plan(asked, asset, points, list(dict.fromkeys([*named, *tagged])))


def _products(data: PostCreate, plans: Sequence[_Plan]) -> list[ProductRef]:
    """All products of the post: those that it names, then the slides', each once. Refuses NothingToShow."""
    named = [] if data.products is UNSET else [each.ref() for each in data.products]
    tags.check_unique(named)
    found = list(dict.fromkeys([*named, *(ref for plan in plans for ref in plan.refs)]))
    if not found:
        raise NothingToShow("Name products, or tag them on the picture.", asset_id=plans[0].asset.id)
    if len(found) > _MOST_PRODUCTS:
        raise TooManyProducts(f"A post shows {_MOST_PRODUCTS} products, not {len(found)}.", max=_MOST_PRODUCTS)
    return found


def _on(plan: _Plan, shown: Mapping[ProductRef, Shown]) -> list[Shown]:
    """What the slide shows; all of the post where no product is on it."""
    return [shown[ref] for ref in plan.refs or shown]


def _words(
    placement: Placement, shop: Shop, shown: Mapping[ProductRef, Shown], plan: _Plan, *, alone: bool, link: str
) -> SlideWords:
    asked = SlideAsked(alt_text=plan.asked.alt_text, title=plan.asked.title, caption=plan.asked.caption)
    return words.of_slide(
        placement, shop, _on(plan, shown), asked, alone=alone, picture_alt_text=plan.asset.alt_text, link=link
    )


def _request(
    shop: Shop, data: PostCreate, canvas: str, plan: _Plan, shown: Sequence[Shown], title: str | None
) -> asking.Request:
    return asking.Request(
        asset_id=plan.asset.id,
        template=data.template if plan.asked.template is UNSET else plan.asked.template,
        formats=(canvas,),
        scene=scenes.scene(shop, shown, title or captions.headline(shown, shop.locale)),
        frame=data.frame if plan.asked.frame is UNSET else plan.asked.frame,
        keep=tuple(each.point for each in plan.points),
        background=data.background,
        ground=asking.ground(shop, data.background),
    )
