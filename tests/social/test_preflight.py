"""Preflight: every rule of every network, told at once, with the field, the limit and its source; nothing changes."""

import importlib
from datetime import date
from pathlib import Path

import msgspec
import pytest

from catalog import prices, products, sheets, stock
from catalog.schemas import PriceIn, StockChange
from core.wire import encode
from media.jpeg import JpegFacts
from social import contents, posts, preflight, rule
from social import networks as members
from social.captions import Shown
from social.errors import PostNotFound
from social.models import Post
from social.network import Limit, Placement, network, networks
from social.preflight_schemas import PreflightOut
from social.rule import Case, Finding, SlideCase, TagCase
from social.schemas import PostOut, SlideIn
from tests.social.making import Studio, tag

PLACEMENTS = [pytest.param(place, id=place.name) for each in networks() for place in each.placements]
EVERY_PLACEMENT = pytest.mark.parametrize("placement", PLACEMENTS)
FEED = network("instagram").placement("feed")
PIN = network("pinterest").placement("pin")
GOOD_LINK = "https://shop.example/l/k7m2p9xyz"


def a_slide(placement: Placement, **changes: object) -> SlideCase:
    """A picture that the network takes."""
    fields: dict[str, object] = {
        "alt_text": "Une bougie" if placement.text.alt_text else "",
        "title": "",
        "caption": "",
        "url": "https://shop.example/media/a.jpg",
        "media_type": "image/jpeg",
        "width": placement.formats[0].width,
        "height": placement.formats[0].height,
        "bytes": 400_000,
        "jpeg": JpegFacts(baseline=True, srgb=True),
        "kept": True,
        "tags": (),
    }
    return SlideCase(**(fields | changes))  # type: ignore[arg-type]  # Whatever the test wants to say.


def a_case(placement: Placement, **changes: object) -> Case:
    """A post with nothing the matter."""
    fields: dict[str, object] = {
        "placement": placement,
        "archived": False,
        "title": "Bougie" if placement.text.title else "",
        "caption": "Bougie Ambre" if placement.text.caption else "",
        "hashtags": (),
        "slides": (a_slide(placement),),
        "products": (Shown(title="Bougie Ambre", amount=1990),),
        "links": (GOOD_LINK,),
        "placeholders": (),
    }
    return Case(**(fields | changes))  # type: ignore[arg-type]  # Whatever the test wants to say.


def broken(case: Case, severity: str | None = None) -> list[tuple[str, str]]:
    """Rule and field of each finding."""
    return [(each.rule, each.field) for each in rule.findings(case) if severity in (None, each.severity)]


def tags(count: int) -> tuple[TagCase, ...]:
    return tuple(TagCase(f"var_{number}", f"Bougie {number}") for number in range(count))


@EVERY_PLACEMENT
def test_a_post_within_all_limits_passes(placement: Placement) -> None:
    assert rule.findings(a_case(placement)) == []


@EVERY_PLACEMENT
def test_texts_are_held_to_the_networks_limits_to_the_last_unit(placement: Placement) -> None:
    for name, field, limit in (
        ("caption", "/caption", placement.text.caption),
        ("title", "/title", placement.text.title),
    ):
        if limit is not None:
            assert rule.findings(a_case(placement, **{name: "x" * limit.max})) == []
            (found,) = rule.findings(a_case(placement, **{name: "x" * (limit.max + 1)}))
            assert (found.rule, found.severity, found.field) == (f"{name}-too-long", "error", field)
            assert (found.limit, found.actual, found.source) == (limit.max, limit.max + 1, placement.text.source)
    if (limit := placement.text.alt_text) is not None:
        slides = (a_slide(placement, alt_text="x" * (limit.max + 1)),)
        assert broken(a_case(placement, slides=slides)) == [("alt-text-too-long", "/slides/0/alt_text")]


@EVERY_PLACEMENT
def test_pictures_are_held_to_what_the_network_takes(placement: Placement) -> None:
    image = placement.image

    def found(**changes: object) -> list[tuple[str, str]]:
        return broken(a_case(placement, slides=(a_slide(placement, **changes),)))

    field = "/slides/0/visual_id"
    assert found(bytes=image.max_bytes) == []
    assert found(bytes=image.max_bytes + 1) == [("picture-too-heavy", field)]
    assert found(media_type="image/tiff") == [("picture-type", field)]
    assert found(jpeg=JpegFacts(baseline=False, srgb=True)) == [("picture-progressive", field)] * image.baseline
    assert found(jpeg=JpegFacts(baseline=True, srgb=False)) == [("picture-colours", field)] * image.srgb
    assert found(jpeg=None) == [("picture-unreadable", field)]
    assert found(kept=False, jpeg=None) == [("picture-missing", field)]
    for url in (
        "http://shop.example/a.jpg",
        "https://127.0.0.1/a.jpg",
        "https://10.0.0.8/a.jpg",
        "https://nas.local/a",
    ):
        assert found(url=url) == [("picture-not-public", field)]
    assert found(url="https://shop.example/été.jpg") == [("picture-url-not-ascii", field)] * image.ascii_url
    if image.ratio_min is not None and image.ratio_max is not None:
        assert found(width=1000, height=int(1000 / image.ratio_min) + 10) == [("picture-ratio", field)]
        assert found(width=1000, height=int(1000 / image.ratio_max) - 10) == [("picture-ratio", field)]
    for limit, beyond in ((image.width_min, -1), (image.width_max, 1)):
        if limit is not None:
            assert found(width=limit + beyond, height=limit + beyond) == [("picture-width", field)]


@EVERY_PLACEMENT
def test_tags_are_held_to_what_the_network_takes(placement: Placement) -> None:
    each, most = placement.tags.per_image, placement.tags.per_post
    many = a_slide(placement, tags=tags(each + 1))
    expected = (
        ("too-many-tags", "/slides/0/tags") if placement.tags.supported else ("tags-not-supported", "/slides/0/tags")
    )
    assert broken(a_case(placement, slides=(many,))) == [expected]
    lost = (*tags(each), TagCase("var_x", "Bougie", lost=True))
    assert ("tag-lost", f"/slides/0/tags/{each}") in broken(a_case(placement, slides=(a_slide(placement, tags=lost),)))
    if placement.tags.supported:
        twice = (TagCase("var_a", "Bougie"), TagCase("var_a", "Bougie (S)"))
        assert broken(a_case(placement, slides=(a_slide(placement, tags=twice),))) == [
            ("duplicate-tag", "/slides/0/tags/1")
        ]
    if placement.tags.supported and placement.carousel and placement.carousel.max * each > most:
        slides = tuple(a_slide(placement, tags=tags(each)) for _ in range(most // each + 1))
        assert broken(a_case(placement, slides=slides)) == [("too-many-tags", "/slides")]


@EVERY_PLACEMENT
def test_carousels_are_held_to_what_the_network_takes(placement: Placement) -> None:
    slides = (a_slide(placement),) * (placement.most_slides + 1)
    assert ("too-many-slides", "/slides") in broken(a_case(placement, slides=slides), "error")
    if placement.carousel is not None and placement.carousel.one_ratio:
        slides = (a_slide(placement), a_slide(placement, width=1000, height=1000))
        assert broken(a_case(placement, slides=slides), "error") == [("slides-unequal", "/slides/1/visual_id")]
    if placement.carousel is not None and placement.carousel.texts and placement.text.title is not None:
        slides = (a_slide(placement), a_slide(placement, title="x" * (placement.text.title.max + 1)))
        assert broken(a_case(placement, slides=slides), "error") == [("title-too-long", "/slides/1/title")]


@EVERY_PLACEMENT
def test_links_are_held_to_what_the_network_takes(placement: Placement) -> None:
    long = f"https://shop.example/{'x' * placement.link.max_length}"
    assert broken(a_case(placement, links=(GOOD_LINK, long), products=(Shown(title="A", amount=1),) * 2)) == [
        ("link-too-long", "/products/1/url")
    ]
    insecure = a_case(placement, links=("http://shop.example/l/abc",))
    assert broken(insecure, "error") == [("link-not-https", "/products/0/url")] * placement.link.https
    assert ("link-not-https", "/products/0/url") in broken(insecure)
    assert ("link-not-public", "/products/0/url") in broken(
        a_case(placement, links=("http://127.0.0.1:8000/l/a",)), "error"
    )


@EVERY_PLACEMENT
@pytest.mark.parametrize(
    ("changes", "slug", "severity"),
    [
        ({"living": False}, "product-archived", "error"),
        ({"on_sale": False}, "product-not-active", "error"),
        ({"amount": None}, "product-without-price", "error"),
        ({"in_stock": False}, "product-sold-out", "warning"),
    ],
)
def test_what_cannot_be_bought_is_told(
    placement: Placement, changes: dict[str, object], slug: str, severity: str
) -> None:
    product = msgspec.structs.replace(Shown(title="Bougie", amount=1990), **changes)
    (found,) = rule.findings(a_case(placement, products=(product,)))
    assert (found.rule, found.severity, found.field, found.source) == (slug, severity, "/products/0", None)


@EVERY_PLACEMENT
def test_every_finding_about_the_network_names_where_it_says_so(placement: Placement) -> None:
    found = rule.findings(_worst(placement))
    assert len({each.rule for each in found}) >= 10
    named = [each.source for each in found if each.source is not None]
    assert len(named) >= 4
    assert all(len(source.name) > 10 and source.checked >= date(2026, 1, 1) for source in named)
    severities = [each.severity for each in found]
    assert severities == sorted(severities)


def _worst(placement: Placement) -> Case:
    """Everything at once."""
    slide = a_slide(
        placement, alt_text="", bytes=10**9,
        media_type="image/tiff", url="http://127.0.0.1/é.jpg", width=10, height=500,
        tags=(*tags(30), TagCase("var_1", "Bougie", lost=True)),
    )  # fmt: skip
    return a_case(
        placement,
        archived=True,
        title="{titre} " + "x" * 300,
        caption="{prix} https://shop.example #"
        + " #".join(f"mot{each}" for each in range(40))
        + " @ami" * 30
        + "x" * 9000,
        hashtags=("deux mots", "trois"),
        slides=(slide,) * 30,
        products=(Shown(title="A", living=False), Shown(title="B", amount=1, in_stock=False)),
        links=("http://127.0.0.1/" + "x" * 3000,) * 2,
        placeholders=(),
    )


def test_hashtags_and_mentions_are_counted() -> None:
    seven = tuple(f"mot{each}" for each in range(7))
    (left,) = rule.findings(a_case(FEED, hashtags=seven))
    assert (left.rule, left.severity, left.limit, left.actual) == ("hashtags-left-out", "warning", 5, 7)
    assert ("too-many-hashtags", "/caption") in broken(a_case(FEED, caption="#" + " #".join(seven)), "error")
    assert broken(a_case(FEED, hashtags=("bien", "pas bien"))) == [("bad-hashtag", "/hashtags/1")]
    assert broken(a_case(FEED, caption="@ami " * 21)) == [("too-many-mentions", "/caption")]


def test_text_that_helps_nobody_is_warned_of() -> None:
    assert broken(a_case(FEED, caption=f"Voir {GOOD_LINK}"), "warning") == [("link-not-clickable", "/caption")]
    assert broken(a_case(FEED, slides=(a_slide(FEED, alt_text=" "),)), "warning") == [
        ("alt-text-missing", "/slides/0/alt_text")
    ]
    for text in ("Dès {price} !", "{{ prix }}", "[[nom]]", "%price%"):
        assert broken(a_case(FEED, caption=text), "warning") == [("placeholder-in-text", "/caption")]
    for text in ("100 % lin", "{ }", "[x]", ":-{"):
        assert broken(a_case(FEED, caption=text)) == []
    story = network("instagram").placement("story")
    assert broken(a_case(story, caption="Bonjour"), "warning") == [("text-not-shown", "/caption")]


def test_a_text_of_emoji_is_measured_as_the_network_counts() -> None:
    limit = Limit(10, "utf16")
    text = msgspec.structs.replace(FEED.text, caption=limit)
    place = msgspec.structs.replace(FEED, text=text)
    (found,) = rule.findings(a_case(place, caption="🕯" * 6))
    assert (found.rule, found.limit, found.actual) == ("caption-too-long", 10, 12)


def test_a_new_network_is_checked_without_another_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Path(str(members.__file__)).with_name("pinterest.py").read_text()
    strict = source.replace('slug="pinterest"', 'slug="fresco"').replace("title=Limit(100)", "title=Limit(7)")
    (tmp_path / "fresco.py").write_text(strict)
    monkeypatch.setattr(members, "__path__", [*members.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    networks.cache_clear()
    try:
        place = network("fresco").placement("pin")
        (found,) = rule.findings(a_case(place, title="Bougie Ambre"))
        assert (found.rule, found.limit, found.actual) == ("title-too-long", 7, 12)
    finally:
        monkeypatch.undo()
        networks.cache_clear()


async def checked(studio: Studio, post: Post) -> PreflightOut:
    return await preflight.check(studio.db, studio.storage, studio.settings, studio.shop, post.id)


async def test_a_post_is_checked_as_it_would_be_published(studio: Studio) -> None:
    gone, dear, empty = [await studio.candle(f"Bougie {each}") for each in ("Ambre", "Figue", "Chêne")]
    wide = await studio.picture(3000, 1500)
    post = await studio.carousel(
        "instagram",
        SlideIn(asset_id=wide, tags=[tag(gone, 0.02, 0.5), tag(dear, 0.5, 0.5)], template="plain", frame="crop"),
        SlideIn(asset_id=await studio.picture(), tags=[tag(empty, 0.5, 0.5)], alt_text=""),
        caption="Dès {prix}",
    )
    async with studio.db.transaction() as session:
        variants = [(await sheets.of_product(session, studio.shop, each)).variants[0].id for each in (dear, empty)]
        await products.archive(session, studio.shop, gone)
        await prices.replace(session, studio.shop, variants[0], [PriceIn(amount=2500, currency="USD")], None)
        await stock.set_available(session, studio.shop, variants[1], StockChange(available=0))
    out = await checked(studio, post)
    assert out.ok is False
    found = {(each.rule, each.field) for each in out.findings if each.rule != "placeholder-open"}
    assert found == {
        ("link-not-public", "/products/0/url"),
        ("link-not-public", "/products/1/url"),
        ("link-not-public", "/products/2/url"),
        ("link-not-https", "/products/0/url"),
        ("link-not-https", "/products/1/url"),
        ("link-not-https", "/products/2/url"),
        ("picture-not-public", "/slides/0/visual_id"),
        ("picture-not-public", "/slides/1/visual_id"),
        ("product-archived", "/products/0"),
        ("product-without-price", "/products/1"),
        ("product-sold-out", "/products/2"),
        ("tag-lost", "/slides/0/tags/0"),
        ("alt-text-missing", "/slides/1/alt_text"),
        ("placeholder-in-text", "/caption"),
    }
    open_names = {each.actual for each in out.findings if each.rule == "placeholder-open"}
    assert {"{ig-user-id}", "{creation_id_2}"} <= open_names


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_every_field_is_a_pointer_into_the_post(studio: Studio) -> None:
    candle = await studio.candle()
    post = await studio.post("instagram", await studio.picture(), tags=[tag(candle, 0.5, 0.5)], caption="{prix}")
    async with studio.db.read() as session:
        out = PostOut.of(post, await contents.of_post(session, post), studio.settings)
    document = msgspec.json.decode(encode(out))
    found = (await checked(studio, post)).findings
    assert len(found) > 4
    for each in found:
        value = document
        for part in each.field.split("/")[1:]:
            value = value[int(part)] if isinstance(value, list) else value[part]


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_our_own_pictures_are_what_networks_take(studio: Studio) -> None:
    candle = await studio.candle()
    for each in networks():
        for place in each.placements:
            post = await studio.post(each.slug, await studio.picture(), candle, placement=place.slug)
            found = [finding.rule for finding in (await checked(studio, post)).findings]
            assert [name for name in found if name.startswith("picture-") and name != "picture-not-public"] == []


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_picture_that_the_storage_has_lost_is_told(studio: Studio) -> None:
    post = await studio.post("instagram", await studio.picture(), await studio.candle())
    key = (await studio.kit(post)).pictures[0].url.rpartition("/")[2]
    await studio.storage.delete(key)
    assert ("picture-missing", "error") in [
        (each.rule, each.severity) for each in (await checked(studio, post)).findings
    ]


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_checking_changes_nothing(studio: Studio) -> None:
    post = await studio.post("instagram", await studio.picture(), await studio.candle())
    first, second = await checked(studio, post), await checked(studio, post)
    async with studio.db.read() as session:
        assert (await posts.get(session, studio.shop, post.id)).version == 1
        assert first == second


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_an_archived_post_is_told_and_an_unknown_one_refused(studio: Studio) -> None:
    post = await studio.post("pinterest", await studio.picture(), await studio.candle())
    async with studio.db.transaction() as session:
        await posts.archive(session, studio.shop, post.id)
    assert ("post-archived", "/status") in [(each.rule, each.field) for each in (await checked(studio, post)).findings]
    with pytest.raises(PostNotFound):
        await preflight.check(
            studio.db, studio.storage, studio.settings, studio.shop, "post_00000000000000000000000000"
        )


def test_findings_are_told_in_one_shape() -> None:
    found = Finding(rule="a", severity="error", field="/caption", message="b")
    assert (found.limit, found.actual, found.source) == (None, None, None)
    assert len(rule.rule_sets()) >= 6
    assert PIN.carousel is not None
