"""The kit: everything that publishing takes, within the network's limits, with every tag on the right pixel."""

import json
import re
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from PIL import Image

from core.wire import encode
from social.network import networks
from tests.media.pictures import dot_in
from tests.social.making import Studio, tag

EVERY_PLACEMENT = pytest.mark.parametrize(
    ("name", "placement"),
    [pytest.param(each.slug, place.slug, id=place.name) for each in networks() for place in each.placements],
)
ON_ONE_DATABASE = pytest.mark.parametrize("engine", ["sqlite"])


@ON_ONE_DATABASE
@EVERY_PLACEMENT
@pytest.mark.parametrize("template", ["plain", "price"])
@pytest.mark.parametrize("size", [(1200, 1500), (1600, 900)], ids=["portrait", "landscape"])
async def test_a_tag_lands_on_what_it_points_at(
    studio: Studio, name: str, placement: str, template: str, size: tuple[int, int]
) -> None:
    candle, asset = await studio.candle(), await studio.picture(*size, dot=(0.4, 0.6))
    post = await studio.post(name, asset, tags=[tag(candle, 0.4, 0.6)], placement=placement, template=template)
    (picture,) = (await studio.kit(post)).pictures
    (found,) = picture.tags
    seen = dot_in(await studio.published(post))
    assert seen is not None
    assert (found.x, found.y) == pytest.approx((seen.x, seen.y), abs=0.005)
    assert (found.pixel_x, found.pixel_y) == pytest.approx((found.x * picture.width, found.y * picture.height), abs=1)
    assert picture.lost_tags == []


@ON_ONE_DATABASE
async def test_a_tag_that_the_crop_loses_is_reported_and_not_sent(studio: Studio) -> None:
    kept, lost = await studio.candle(), await studio.candle("Bougie Figue")
    asset = await studio.picture(3000, 1500)
    post = await studio.post(
        "instagram", asset, tags=[tag(kept, 0.5, 0.5), tag(lost, 0.02, 0.5)], template="plain", frame="crop"
    )
    kit = await studio.kit(post)
    assert [each.product_id for each in kit.pictures[0].tags] == [kept]
    assert [(each.product_id, each.reason, each.master_x) for each in kit.pictures[0].lost_tags] == [
        (lost, "cropped", 0.02)
    ]
    assert [each["slug"] for each in post.warnings] == ["tag-lost"]
    body = kit.payload.calls[0].body
    assert body is not None
    assert len(body["product_tags"]) == 1  # type: ignore[arg-type]  # A JSON list.


@ON_ONE_DATABASE
async def test_a_crop_moves_for_the_tags_that_it_can_show(studio: Studio) -> None:
    candle = await studio.candle()
    asset = await studio.picture(3000, 1500, (0.02, 0.5))
    post = await studio.post("instagram", asset, tags=[tag(candle, 0.02, 0.5)], template="plain", frame="crop")
    (found,) = (await studio.kit(post)).pictures[0].tags
    seen = dot_in(await studio.published(post))
    assert seen is not None
    assert (found.x, found.y) == pytest.approx((seen.x, seen.y), abs=0.005)
    assert post.warnings == []


@ON_ONE_DATABASE
async def test_a_post_stands_on_the_background_that_it_asks_for(studio: Studio) -> None:
    candle, asset = await studio.candle(), await studio.picture(1500, 1500)
    posts = [
        await studio.post("instagram", asset, candle, template="plain", frame="pad", background=each)
        for each in ("extended", "colour")
    ]
    drawn = [Image.open(BytesIO(await studio.published(each))).convert("RGB").getpixel((540, 5)) for each in posts]
    assert drawn[1] == (255, 255, 255) != drawn[0]


@EVERY_PLACEMENT
async def test_a_kit_is_complete_within_limits_and_ascii_where_it_is_an_address(
    studio: Studio, name: str, placement: str
) -> None:
    candles = [await studio.candle(f"Bougie {each}") for each in ("Ambre", "Figue")]
    post = await studio.post(name, await studio.picture(), *candles, placement=placement)
    kit = await studio.kit(post)
    rule = next(each for each in networks() if each.slug == name).placement(placement)
    for text, limit in (
        (kit.caption, rule.text.caption),
        (kit.title, rule.text.title),
        (kit.alt_text, rule.text.alt_text),
    ):
        assert (limit.fits(text) and bool(text)) if limit else text == ""
    addresses = [kit.pictures[0].url, *(link.url for link in kit.links), *(link.long_url for link in kit.links)]
    assert all(each.isascii() and each.startswith(studio.settings.public_url) for each in addresses)
    assert kit.pictures[0].bytes <= rule.image.max_bytes
    assert rule.image.takes(kit.pictures[0].width, kit.pictures[0].height)
    assert kit.pictures[0].media_type in rule.image.types
    used = set(re.findall(r"\{[a-z][^{}\"]+\}", json.dumps(msgspec.to_builtins(kit.payload.calls))))
    assert used == {each.name for each in kit.payload.placeholders}
    assert encode(kit)


@ON_ONE_DATABASE
async def test_the_pin_carries_the_first_products_link(studio: Studio) -> None:
    ambre, figue = await studio.candle(), await studio.candle("Bougie Figue")
    kit = await studio.kit(await studio.post("pinterest", await studio.picture(), figue, ambre))
    body = kit.payload.calls[0].body
    assert body is not None
    assert (body["link"], kit.links[0].product_id) == (kit.links[0].long_url, figue)
    assert body["title"] == "Bougie Figue et 1\u00a0autre"
    assert body["media_source"] == {"source_type": "image_url", "url": kit.pictures[0].url}


@ON_ONE_DATABASE
async def test_the_long_link_says_its_origin_in_the_open(studio: Studio) -> None:
    post = await studio.post("instagram", await studio.picture(), await studio.candle(), campaign="noel-2026")
    (link,) = (await studio.kit(post)).links
    query = parse_qs(urlsplit(link.long_url).query)
    assert (query["utm_source"], query["utm_campaign"]) == (["instagram"], ["noel-2026"])
    assert link.long_url.startswith(f"{link.url}?")


@ON_ONE_DATABASE
async def test_the_kit_warns_of_what_the_merchant_should_know(studio: Studio) -> None:
    asset = await studio.picture(400, 500)
    post = await studio.post(
        "instagram", asset, await studio.candle(), hashtags=[f"mot{number}" for number in range(7)]
    )
    kit = await studio.kit(post)
    assert [each["slug"] for each in kit.warnings] == ["enlarged", "hashtags-left-out", "picture-not-public"]
    assert kit.hashtags == ["mot0", "mot1", "mot2", "mot3", "mot4"]
    assert "#mot4" in kit.caption
    assert "#mot5" not in kit.caption


@ON_ONE_DATABASE
async def test_a_caption_that_holds_too_many_hashtags_itself_is_warned_of(studio: Studio) -> None:
    text = " ".join(f"#mot{number}" for number in range(6))
    post = await studio.post("instagram", await studio.picture(), await studio.candle(), caption=text)
    assert [each["slug"] for each in post.warnings] == ["hashtags-left-out", "hashtags-over-cap"]
    assert (await studio.kit(post)).caption == text
