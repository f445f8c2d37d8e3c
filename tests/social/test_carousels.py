"""Carousels: several pictures in one post, each with its own tags and words, and one link for each product."""

import json

import msgspec
import pytest

from core.errors import Refusal
from social import contents, posts, tags
from social.errors import PictureOrSlides, SlidesDiffer, TextNotShown, TooManyProducts, TooManySlides, TooManyTags
from social.schemas import PostChange, PostOut, PostProductIn, SlideChange, SlideIn
from tests.media.pictures import dot_in
from tests.social.making import Studio, tag

ON_ONE_DATABASE = pytest.mark.parametrize("engine", ["sqlite"])


async def test_every_picture_keeps_its_tags_and_words_and_every_product_gets_one_link(studio: Studio) -> None:
    ambre, figue = await studio.candle(), await studio.candle("Bougie Figue")
    first, second = await studio.picture(), await studio.picture(1500, 1500)
    post = await studio.carousel(
        "instagram",
        SlideIn(asset_id=first, tags=[tag(ambre, 0.5, 0.5)]),
        SlideIn(asset_id=second, tags=[tag(figue, 0.2, 0.2), tag(ambre, 0.8, 0.8)], alt_text="Deux bougies"),
    )
    async with studio.db.read() as session:
        content = await contents.of_post(session, post)
        kept = [await tags.of_asset(session, studio.shop, each) for each in (first, second)]
    assert [each.product.product_id for each in content.items] == [ambre, figue]
    assert [each.alt_text for each in content.slides] == ["Bougie Ambre", "Deux bougies"]
    assert [each.points for each in content.slides] == kept
    out = PostOut.of(post, content, studio.settings)
    assert (out.asset_id, out.visual_id, out.alt_text) == (first, content.slides[0].visual_id, "Bougie Ambre")
    assert [[(each.product_id, each.x) for each in slide.tags] for slide in out.slides] == [
        [(ambre, 0.5)], [(figue, 0.2), (ambre, 0.8)],
    ]  # fmt: skip


@ON_ONE_DATABASE
async def test_all_pictures_of_a_carousel_are_drawn_in_one_format(studio: Studio) -> None:
    candle = await studio.candle()
    pictures = [await studio.picture(*size) for size in ((1200, 1500), (1600, 900), (900, 1600))]
    post = await studio.carousel(
        "instagram", *(SlideIn(asset_id=each, tags=[tag(candle, 0.5, 0.5)]) for each in pictures)
    )
    kit = await studio.kit(post)
    assert [(each.width, each.height) for each in kit.pictures] == [(1080, 1350)] * 3
    assert [each.asset_id for each in kit.pictures] == pictures


@ON_ONE_DATABASE
async def test_each_tag_lands_on_what_it_points_at_on_its_own_picture(studio: Studio) -> None:
    candle = await studio.candle()
    points = [(0.3, 0.4), (0.6, 0.7)]
    slides = [
        SlideIn(asset_id=await studio.picture(1300, 1500, dot=each), tags=[tag(candle, *each)], template="plain")
        for each in points
    ]
    kit = await studio.kit(await studio.carousel("instagram", *slides))
    for picture in kit.pictures:
        seen = dot_in(await studio.storage.get(picture.url.rpartition("/")[2]))
        assert seen is not None
        assert (picture.tags[0].x, picture.tags[0].y) == pytest.approx((seen.x, seen.y), abs=0.005)


@ON_ONE_DATABASE
async def test_a_kit_has_a_container_for_each_picture(studio: Studio) -> None:
    ambre, figue = await studio.candle(), await studio.candle("Bougie Figue")
    post = await studio.carousel(
        "instagram",
        SlideIn(asset_id=await studio.picture(), tags=[tag(ambre, 0.5, 0.5)]),
        SlideIn(asset_id=await studio.picture(1000, 1250), tags=[tag(figue, 0.5, 0.5)]),
    )
    kit = await studio.kit(post)
    bodies = [call.body for call in kit.payload.calls if call.method == "POST"]
    assert [body.get("image_url") for body in bodies if body][:2] == [each.url for each in kit.pictures]
    assert bodies[2] is not None
    assert bodies[2]["caption"] == kit.caption
    assert len(kit.links) == 2
    assert "{instagram_product_id:" in json.dumps(msgspec.to_builtins(bodies[1]))


@ON_ONE_DATABASE
async def test_each_picture_of_a_pin_leads_to_its_own_product(studio: Studio) -> None:
    ambre, figue = await studio.candle(), await studio.candle("Bougie Figue")
    post = await studio.carousel(
        "pinterest",
        SlideIn(asset_id=await studio.picture(), products=[PostProductIn(product_id=ambre)]),
        SlideIn(
            asset_id=await studio.picture(1000, 1250),
            products=[PostProductIn(product_id=figue)],
            title="Figue",
            caption="Mot pour mot",
        ),
    )
    kit = await studio.kit(post)
    body = kit.payload.calls[0].body
    assert body is not None
    sent = json.loads(msgspec.json.encode(body["media_source"]))["items"]
    assert [each["link"] for each in sent] == [link.long_url for link in kit.links]
    assert [each["title"] for each in sent] == ["Bougie Ambre", "Figue"]
    assert sent[0]["description"].startswith("Bougie Ambre — 19,90\u00a0€")
    assert sent[1]["description"] == "Mot pour mot"


@ON_ONE_DATABASE
async def test_a_picture_without_products_shows_all_of_the_post(studio: Studio) -> None:
    candle = await studio.candle()
    post = await studio.carousel(
        "instagram",
        *[SlideIn(asset_id=await studio.picture(width, 1500)) for width in (1200, 1100)],
        products=[PostProductIn(product_id=candle)],
    )
    kit = await studio.kit(post)
    assert [each.alt_text for each in kit.pictures] == ["Bougie Ambre"] * 2
    assert len(kit.links) == 1


@ON_ONE_DATABASE
async def test_one_slide_is_the_same_as_one_picture(studio: Studio) -> None:
    candle, asset = await studio.candle(), await studio.picture()
    one = await studio.kit(await studio.carousel("pinterest", SlideIn(asset_id=asset, tags=[tag(candle, 0.5, 0.5)])))
    other = await studio.kit(await studio.post("pinterest", asset, tags=[tag(candle, 0.5, 0.5)]))
    assert one.pictures == other.pictures
    assert (one.title, one.caption) == (other.title, other.caption)


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({}, PictureOrSlides),
        ({"asset_id": "A", "slides": ["A"]}, PictureOrSlides),
        ({"slides": ["A", "A"], "alt_text": "Une bougie"}, PictureOrSlides),
        ({"slides": ["A"] * 11}, TooManySlides),
        ({"network": "pinterest", "slides": ["A"] * 6}, TooManySlides),
        ({"placement": "story", "slides": ["A"] * 2}, TooManySlides),
    ],
    ids=["neither", "both", "alt text", "eleven", "six pins", "story"],
)
async def test_pictures_that_the_network_does_not_take_are_refused(
    studio: Studio, fields: dict[str, object], refusal: type[Refusal]
) -> None:
    asset, candle = await studio.picture(), await studio.candle()
    named: dict[str, object] = {"network": "instagram", "products": [PostProductIn(product_id=candle)]}
    if "asset_id" in fields:
        named["asset_id"] = asset
    if isinstance(slides := fields.get("slides"), list):
        named["slides"] = [SlideIn(asset_id=asset) for _ in slides]
    with pytest.raises(refusal):
        await studio.make({**fields, **named, "network": fields.get("network", "instagram")})


@ON_ONE_DATABASE
async def test_instagram_takes_five_tags_on_a_picture_and_twenty_in_a_post(studio: Studio) -> None:
    candles = [await studio.candle(f"Bougie {number}") for number in range(6)]
    assets = [await studio.picture(1000 + number, 1500) for number in range(5)]
    five = [tag(each, 0.5, 0.5) for each in candles[:5]]
    with pytest.raises(TooManyTags) as caught:
        await studio.carousel(
            "instagram", SlideIn(asset_id=assets[0], tags=[tag(each, 0.5, 0.5) for each in candles]),
            SlideIn(asset_id=assets[1]),
        )  # fmt: skip
    assert caught.value.facts == {"tags": 6, "max": 5}
    with pytest.raises(TooManyTags) as caught:
        await studio.carousel("instagram", *(SlideIn(asset_id=each, tags=five) for each in assets))
    assert caught.value.facts == {"tags": 25, "max": 20}


@ON_ONE_DATABASE
async def test_a_text_for_one_picture_is_refused_where_nobody_would_see_it(studio: Studio) -> None:
    asset, candle = await studio.picture(), await studio.candle()
    slide = SlideIn(asset_id=asset, tags=[tag(candle, 0.5, 0.5)], caption="Mot pour mot")
    with pytest.raises(TextNotShown):
        await studio.carousel("instagram", slide, slide)


@ON_ONE_DATABASE
async def test_a_post_shows_forty_products_at_most(studio: Studio) -> None:
    asset, candle = await studio.picture(), await studio.candle()
    unknown = [PostProductIn(product_id=candle, variant_id=f"var_{number:026}") for number in range(42)]
    slides = [SlideIn(asset_id=asset, products=unknown[start : start + 14]) for start in (0, 14, 28)]
    with pytest.raises(TooManyProducts):
        await studio.carousel("instagram", *slides)


async def test_words_of_each_picture_change(studio: Studio) -> None:
    candle = await studio.candle()
    slides = [
        SlideIn(asset_id=await studio.picture(width, 1500), tags=[tag(candle, 0.5, 0.5)], alt_text="Une bougie")
        for width in (1000, 1100)
    ]
    post = await studio.carousel("pinterest", *slides)
    async with studio.db.transaction() as session:
        change = PostChange(slides=[SlideChange(title="Un"), SlideChange(caption="Deux", alt_text=None)])
        changed = await posts.change(session, studio.settings, studio.shop, post.id, change, 1)
    async with studio.db.read() as session:
        one, two = (await contents.of_post(session, changed)).slides
    assert (one.title, one.alt_text, two.title, two.caption, two.alt_text, changed.version) == (
        "Un", "Une bougie", "Bougie Ambre", "Deux", "Bougie Ambre", 2,
    )  # fmt: skip


@ON_ONE_DATABASE
async def test_changed_slides_are_as_many_as_the_post_has(studio: Studio) -> None:
    post = await studio.post("instagram", await studio.picture(), await studio.candle())
    async with studio.db.transaction() as session:
        for change in (
            PostChange(slides=[SlideChange(), SlideChange()]),
            PostChange(slides=[SlideChange()], alt_text="Une bougie"),
        ):
            with pytest.raises(SlidesDiffer):
                await posts.change(session, studio.settings, studio.shop, post.id, change, 1)


@ON_ONE_DATABASE
async def test_remarks_say_which_picture_is_meant(studio: Studio) -> None:
    candle, figs = await studio.candle(), await studio.candle("Bougie Figue")
    wide, small = await studio.picture(3000, 1500), await studio.picture(400, 500)
    post = await studio.carousel(
        "instagram",
        SlideIn(asset_id=wide, tags=[tag(candle, 0.02, 0.5), tag(figs, 0.5, 0.5)], template="plain", frame="crop"),
        SlideIn(asset_id=small, tags=[tag(candle, 0.5, 0.5)], template="plain"),
    )
    assert [(each["slug"], each["slide"]) for each in post.warnings] == [("tag-lost", 0), ("enlarged", 1)]
