"""Posts: made whole or not at all, worded from the catalog, changed by whoever read them last."""

import msgspec
import pytest
from sqlmodel import select

from catalog import prices, products, sheets
from catalog.errors import UnknownProduct
from catalog.schemas import PriceIn, VariantCreate
from core import shops
from core.errors import PreconditionFailed, Refusal
from media.errors import UnknownAsset, UnknownTemplate
from media.frame import Point
from media.models import Visual
from social import contents, posts, tags
from social.errors import (
    BadHashtag,
    CaptionTooLong,
    DuplicateTag,
    FormatNotTaken,
    NothingToShow,
    PostArchived,
    PostNotFound,
    TextNotShown,
    TooManyTags,
    UnknownNetwork,
    UnknownPlacement,
)
from social.links import links
from social.models import Post
from social.posts import Filters
from social.schemas import PostChange, PostOut
from tests.social.making import Studio, tag


async def test_a_post_is_drawn_worded_and_linked(studio: Studio) -> None:
    candle, asset = await studio.candle(), await studio.picture()
    post = await studio.post("instagram", asset, tags=[tag(candle, 0.5, 0.5)])
    async with studio.db.read() as session:
        content = await contents.of_post(session, post)
        (item,) = content.items
        out = PostOut.of(post, content, studio.settings)
        link = await links.by_slug(session, item.link.slug)
    assert (out.network, out.placement, out.format, out.template, out.status) == (
        "instagram", "feed", "portrait", "price", "draft",
    )  # fmt: skip
    assert out.caption == (
        "Bougie Ambre — 19,90\u00a0€\n\nCoulée à la main à Nantes.\n\nÀ retrouver chez Atelier Lune\u202f: lien en bio."
    )
    assert (out.hashtags, out.alt_text) == (["bougie", "CireDeSoja"], "Bougie Ambre")
    assert (link.post_id, link.product_id, link.network, link.placement) == (post.id, candle, "instagram", "feed")
    assert out.products[0].url == f"{studio.settings.public_url}/l/{link.slug}"


async def test_the_merchants_own_words_are_taken_as_they_are(studio: Studio) -> None:
    candle, asset = await studio.candle(), await studio.picture()
    given = {"title": "Lumière", "caption": "Mot pour mot", "hashtags": ["#Été", "été", "ambre"], "alt_text": "Bougie"}
    post = await studio.post("pinterest", asset, candle, **given)
    async with studio.db.read() as session:
        (slide,) = (await contents.of_post(session, post)).slides
    assert (post.title, post.caption, post.hashtags, slide.alt_text) == (
        "Lumière", "Mot pour mot", ["Été", "ambre"], "Bougie",
    )  # fmt: skip


async def test_the_same_post_twice_takes_its_picture_from_the_store(studio: Studio) -> None:
    candle, asset = await studio.candle(), await studio.picture()
    first, second = await studio.post("instagram", asset, candle), await studio.post("instagram", asset, candle)
    assert first.id != second.id
    async with studio.db.read() as session:
        one, other = await contents.of_posts(session, [first, second])
        assert one.slides[0].visual_id == other.slides[0].visual_id
        assert len((await session.exec(select(Visual))).all()) == 1


async def test_every_product_gets_a_link_of_its_own(studio: Studio) -> None:
    asset = await studio.picture()
    candles = [await studio.candle(f"Bougie {name}") for name in ("Ambre", "Figue", "Chêne")]
    post = await studio.post(
        "instagram", asset, candles[2], tags=[tag(candles[0], 0.2, 0.5), tag(candles[1], 0.8, 0.5)]
    )
    async with studio.db.read() as session:
        content = await contents.of_post(session, post)
    assert [each.product.product_id for each in content.items] == [candles[2], candles[0], candles[1]]
    assert [content.point_of(number) for number in range(3)] == [None, Point(0.2, 0.5), Point(0.8, 0.5)]
    assert len({each.link.slug for each in content.items}) == 3


async def test_tags_stay_on_the_picture_for_the_next_post(studio: Studio) -> None:
    candle, asset = await studio.candle(), await studio.picture()
    await studio.post("instagram", asset, tags=[tag(candle, 0.25, 0.75)])
    second = await studio.post("pinterest", asset)
    async with studio.db.read() as session:
        content = await contents.of_post(session, second)
        assert [each.point for each in await tags.of_asset(session, studio.shop, asset)] == [Point(0.25, 0.75)]
    assert content.point_of(0) == Point(0.25, 0.75)


async def test_new_tags_replace_the_old_ones_and_leave_older_posts_alone(studio: Studio) -> None:
    ambre, figue, asset = await studio.candle(), await studio.candle("Bougie Figue"), await studio.picture()
    first = await studio.post("instagram", asset, tags=[tag(ambre, 0.25, 0.75)])
    await studio.post("instagram", asset, tags=[tag(figue, 0.5, 0.5)])
    async with studio.db.read() as session:
        assert [each.product.product_id for each in await tags.of_asset(session, studio.shop, asset)] == [figue]
        assert [each.product.product_id for each in (await contents.of_post(session, first)).items] == [ambre]


async def test_variants_that_cost_differently_start_at_the_lowest_price(studio: Studio) -> None:
    sizes = [
        VariantCreate(options={"Taille": name}, prices=[PriceIn(amount=amount, currency="EUR", compare_at=9900)])
        for name, amount in (("S", 1990), ("L", 2990))
    ]
    candle = await studio.candle(options=["Taille"], variants=msgspec.to_builtins(sizes))
    asset = await studio.picture()
    async with studio.db.read() as session:
        large = (await sheets.of_product(session, studio.shop, candle)).variants[1].id
    both = await studio.post("instagram", asset, candle)
    one = await studio.post("instagram", asset, tags=[tag(candle, 0.5, 0.5, large)])
    assert both.caption.startswith("Bougie Ambre — dès\u00a019,90\u00a0€\n")
    assert one.caption.startswith("Bougie Ambre (L) — 29,90\u00a0€\n")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"network": "myspace"}, UnknownNetwork),
        ({"placement": "billboard"}, UnknownPlacement),
        ({"format": "pin"}, FormatNotTaken),
        ({"template": "baroque"}, UnknownTemplate),
        ({"asset_id": "asset_00000000000000000000000000"}, UnknownAsset),
        ({"products": []}, NothingToShow),
        ({"caption": "x" * 2201}, CaptionTooLong),
        ({"hashtags": ["deux mots"]}, BadHashtag),
        ({"placement": "story", "caption": "Bonjour"}, TextNotShown),
    ],
    ids=["network", "placement", "format", "template", "asset", "nothing", "caption", "hashtag", "story"],
)
async def test_what_cannot_be_published_is_refused_before_anything_is_kept(
    studio: Studio, changes: dict[str, object], refusal: type[Refusal]
) -> None:
    candle, asset = await studio.candle(), await studio.picture()
    with pytest.raises(refusal):
        await studio.post("instagram", asset, candle, **changes)
    async with studio.db.read() as session:
        assert (await session.exec(select(Post))).all() == []


async def test_unknown_archived_and_foreign_products_are_refused_alike(studio: Studio) -> None:
    asset, candle, gone = await studio.picture(), await studio.candle(), await studio.candle("Bougie Figue")
    async with studio.db.transaction() as session:
        await products.archive(session, studio.shop, gone)
        other = await shops.create(session, "Autre", "EUR")
    foreign = await Studio(studio.db, studio.settings, other, studio.pool).candle()
    for product_id in (gone, foreign, "prod_00000000000000000000000000"):
        with pytest.raises(UnknownProduct):
            await studio.post("instagram", asset, product_id)
    with pytest.raises(UnknownProduct):
        await studio.post("instagram", asset, tags=[tag(candle, 0.5, 0.5, "var_00000000000000000000000000")])


async def test_instagram_takes_five_tags_on_a_picture_and_each_product_once(studio: Studio) -> None:
    asset = await studio.picture()
    candles = [await studio.candle(f"Bougie {number}") for number in range(6)]
    with pytest.raises(TooManyTags) as caught:
        await studio.post("instagram", asset, tags=[tag(each, 0.5, 0.5) for each in candles])
    assert caught.value.facts == {"tags": 6, "max": 5}
    with pytest.raises(DuplicateTag):
        await studio.post("instagram", asset, tags=[tag(candles[0], 0.1, 0.1), tag(candles[0], 0.9, 0.9)])
    async with studio.db.read() as session:
        variant = (await sheets.of_product(session, studio.shop, candles[0])).variants[0].id
    with pytest.raises(DuplicateTag):  # The variant is what the product's tag would stand for in Meta's catalog.
        await studio.post("instagram", asset, tags=[tag(candles[0], 0.1, 0.1), tag(candles[0], 0.9, 0.9, variant)])
    pin = await studio.post("pinterest", asset, tags=[tag(each, 0.5, 0.5) for each in candles])
    assert [each["slug"] for each in pin.warnings] == ["tags-not-supported"]


async def test_words_change_and_null_composes_them_from_todays_catalog(studio: Studio) -> None:
    candle, asset = await studio.candle(), await studio.picture()
    post = await studio.post("instagram", asset, candle, caption="Mes mots")
    async with studio.db.transaction() as session:
        variant = (await sheets.of_product(session, studio.shop, candle)).variants[0].id
        await prices.replace(session, studio.shop, variant, [PriceIn(amount=2500, currency="EUR")], None)
        changed = await posts.change(
            session, studio.settings, studio.shop, post.id, PostChange(alt_text="Une bougie allumée"), 1
        )
        (slide,) = (await contents.of_post(session, changed)).slides
        assert (changed.caption, slide.alt_text, changed.version) == ("Mes mots", "Une bougie allumée", 2)
        changed = await posts.change(session, studio.settings, studio.shop, post.id, PostChange(caption=None), 2)
        assert changed.caption.startswith("Bougie Ambre — 25,00\u00a0€")


async def test_a_stale_version_is_refused(studio: Studio) -> None:
    post = await studio.post("instagram", await studio.picture(), await studio.candle())
    async with studio.db.transaction() as session:
        await posts.change(session, studio.settings, studio.shop, post.id, PostChange(caption="Un"), 1)
    async with studio.db.transaction() as session:
        with pytest.raises(PreconditionFailed):
            await posts.change(session, studio.settings, studio.shop, post.id, PostChange(caption="Deux"), 1)


async def test_a_story_can_be_changed_although_it_shows_no_words(studio: Studio) -> None:
    post = await studio.post("instagram", await studio.picture(), await studio.candle(), placement="story")
    async with studio.db.transaction() as session:
        changed = await posts.change(session, studio.settings, studio.shop, post.id, PostChange(title="Soir"), 1)
        (slide,) = (await contents.of_post(session, changed)).slides
    assert (changed.title, changed.caption, slide.alt_text) == ("Soir", "", "")


async def test_an_archived_post_leaves_the_list_keeps_its_link_and_changes_no_more(studio: Studio) -> None:
    candle, asset = await studio.candle(), await studio.picture()
    post = await studio.post("instagram", asset, candle)
    async with studio.db.transaction() as session:
        await posts.archive(session, studio.shop, post.id)
    async with studio.db.transaction() as session:
        again = await posts.archive(session, studio.shop, post.id)
        assert (again.status, again.version) == ("archived", 2)
        assert await posts.list_page(session, studio.shop, Filters(), 10, None) == ([], None)
        assert (await posts.list_page(session, studio.shop, Filters(status="archived"), 10, None))[0] == [again]
        (item,) = (await contents.of_post(session, again)).items
        assert (await links.by_slug(session, item.link.slug)).post_id == post.id
        with pytest.raises(PostArchived):
            await posts.change(session, studio.settings, studio.shop, post.id, PostChange(caption="Un"), None)


async def test_posts_are_listed_newest_first_by_network_and_placement(studio: Studio) -> None:
    candle, asset = await studio.candle(), await studio.picture()
    made = [
        await studio.post(name, asset, candle, placement=placement)
        for name, placement in (("instagram", "feed"), ("pinterest", None), ("instagram", "story"))
    ]
    newest = [each.id for each in reversed(made)]
    async with studio.db.read() as session:
        first, cursor = await posts.list_page(session, studio.shop, Filters(), 2, None)
        rest, end = await posts.list_page(session, studio.shop, Filters(), 2, cursor)
        assert ([each.id for each in first + rest], end) == (newest, None)
        found, _ = await posts.list_page(session, studio.shop, Filters(network="instagram", placement="feed"), 9, None)
        assert [each.id for each in found] == [made[0].id]
        with pytest.raises(UnknownNetwork):
            await posts.list_page(session, studio.shop, Filters(network="myspace"), 9, None)


async def test_another_shops_post_is_unknown(studio: Studio) -> None:
    post = await studio.post("instagram", await studio.picture(), await studio.candle())
    async with studio.db.transaction() as session:
        other = await shops.create(session, "Autre", "EUR")
        with pytest.raises(PostNotFound):
            await posts.get(session, other, post.id)
