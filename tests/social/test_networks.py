"""What every member of the family keeps to; a new network is one new file, and these tests find it by themselves."""

import importlib
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from media.formats import formats
from social import networks as members
from social.errors import FormatNotTaken, UnknownNetwork, UnknownPlacement
from social.network import (
    CarouselRule,
    Network,
    Placement,
    Publication,
    PublishedPicture,
    PublishedTag,
    network,
    networks,
)
from social.schemas import MAX_SLIDES

MEMBERS = networks()
PLACEMENTS = [pytest.param(each, place, id=place.name) for each in MEMBERS for place in each.placements]
EVERY_MEMBER = pytest.mark.parametrize("member", MEMBERS, ids=[each.slug for each in MEMBERS])
EVERY_PLACEMENT = pytest.mark.parametrize(("member", "placement"), PLACEMENTS)
EVERY_CAROUSEL = pytest.mark.parametrize(
    ("placement", "rule"),
    [
        pytest.param(place, place.carousel, id=place.name)
        for each in MEMBERS
        for place in each.placements
        if place.carousel
    ],
)

A_PICTURE = PublishedPicture(
    url="https://shop.example/media/visual.jpg",
    alt_text="Bougie Ambre",
    tags=(
        PublishedTag(item="var_a", name="Bougie Ambre", x=0.25, y=0.5),
        PublishedTag(item="var_b", name="Bougie Figue", x=0.75, y=0.5),
    ),
    title="",
    caption="",
    link="",
)
A_POST = Publication(
    title="Bougie Ambre",
    caption="Bougie Ambre — 19,90 €",
    link="https://shop.example/l/k7m2p9xyz",
    pictures=(A_PICTURE,),
)


def several(count: int) -> Publication:
    """A post of this many pictures, each with words, a link and a product of its own."""
    pictures = [
        PublishedPicture(
            url=f"https://shop.example/media/{number}.jpg",
            alt_text=f"Bougie {number}",
            tags=(PublishedTag(item=f"var_{number}", name=f"Bougie {number}", x=0.5, y=0.5),),
            title=f"Titre {number}",
            caption=f"Texte {number}",
            link=f"https://shop.example/l/k7m2p9xy{number}",
        )
        for number in range(count)
    ]
    return msgspec.structs.replace(A_POST, pictures=tuple(pictures))


def test_instagram_and_pinterest_are_there() -> None:
    assert {"instagram", "pinterest"} <= {each.slug for each in MEMBERS}


def test_an_unknown_network_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownNetwork) as caught:
        network("myspace")
    assert caught.value.facts == {"network": "myspace", "known": [each.slug for each in MEMBERS]}


@EVERY_MEMBER
def test_a_network_is_found_by_its_slug(member: Network) -> None:
    assert network(member.slug) is member
    assert re.fullmatch(r"[a-z]+(?:-[a-z]+)*", member.slug)


@EVERY_MEMBER
def test_an_unknown_placement_is_refused(member: Network) -> None:
    with pytest.raises(UnknownPlacement):
        member.placement("billboard")
    assert member.placement(None) is member.placements[0]


@EVERY_PLACEMENT
def test_formats_exist_and_lie_within_what_the_api_takes(member: Network, placement: Placement) -> None:
    assert placement.formats
    for each in placement.formats:
        assert formats.find(each.slug) == each
        assert placement.image.takes(each.width, each.height)
        assert member.slug in each.networks
        assert each.max_bytes <= placement.image.max_bytes
    with pytest.raises(FormatNotTaken):
        placement.format("nonsense")


@EVERY_PLACEMENT
def test_a_shops_own_format_is_taken_where_the_api_takes_such_a_picture(member: Network, placement: Placement) -> None:
    usual, rule = placement.format(None), placement.image
    own = msgspec.structs.replace(usual, slug="own", id="format_1")
    assert placement.format("own", own) is own
    wrong = [{"max_bytes": rule.max_bytes + 1}]
    if rule.ratio_max is not None:
        wrong.append({"width": int(usual.height * rule.ratio_max) + 2})
    if rule.width_min is not None:
        wrong.append({"width": rule.width_min - 1, "height": rule.width_min})
    for change in wrong:
        with pytest.raises(FormatNotTaken) as refused:
            placement.format("own", msgspec.structs.replace(own, **change))
        assert refused.value.facts["max_bytes"] == rule.max_bytes
    assert placement.format(usual.slug, own) == usual


@EVERY_PLACEMENT
def test_pictures_may_be_the_jpeg_that_we_make(member: Network, placement: Placement) -> None:
    assert "image/jpeg" in placement.image.types
    assert 2**20 <= placement.image.max_bytes <= 100 * 2**20


@EVERY_PLACEMENT
def test_limits_are_sane(member: Network, placement: Placement) -> None:
    text, tags = placement.text, placement.tags
    for limit in (text.caption, text.title, text.alt_text):
        assert limit is None or 0 < limit.max <= 100_000
    assert text.hashtags_max is None or 0 <= text.hashtags_max <= 100
    assert tags.supported == (tags.per_image > 0) == (tags.per_post > 0)
    assert tags.per_image <= tags.per_post
    assert (tags.positions == "none") is not tags.supported
    assert placement.link.max_length >= 500


@EVERY_MEMBER
def test_every_group_of_facts_names_its_source_and_day(member: Network) -> None:
    rules = [member.origin]
    groups = [
        rule.source
        for place in member.placements
        for rule in (place.image, place.text, place.tags, place.link, place.carousel)
        if rule is not None
    ] + [rule.source for rule in rules]
    for source in groups:
        assert len(source.name) > 10
        assert source.checked >= date(2026, 1, 1)


@EVERY_MEMBER
def test_a_visit_can_be_recognised(member: Network) -> None:
    origin = member.origin
    assert origin.hosts or origin.host_pattern
    assert all(host == host.lower() and "/" not in host for host in origin.hosts)
    assert member.slug in origin.utm_sources
    for pattern in (origin.in_app, origin.host_pattern):
        assert pattern is None or re.compile(pattern).groups == 0


@EVERY_PLACEMENT
def test_every_placeholder_is_explained_and_every_name_in_braces_is_a_placeholder(
    member: Network, placement: Placement
) -> None:
    payload = placement.payload(A_POST)
    used = set(re.findall(r"\{[^{}\"]+\}", " ".join(_texts(msgspec.to_builtins(payload.calls)))))
    assert used == {each.name for each in payload.placeholders}
    assert all(len(each.meaning) > 20 for each in payload.placeholders)


@EVERY_PLACEMENT
def test_the_calls_name_the_picture_and_speak_https(member: Network, placement: Placement) -> None:
    payload = placement.payload(A_POST)
    assert payload.calls
    assert A_PICTURE.url in list(_texts(msgspec.to_builtins(payload.calls[0].body)))
    for call in payload.calls:
        assert urlsplit(call.url).scheme == "https"
        assert call.url.isascii()


@EVERY_PLACEMENT
def test_tags_are_sent_where_they_are_supported_and_nowhere_else(member: Network, placement: Placement) -> None:
    sent = "var_b" in str(msgspec.to_builtins(placement.payload(A_POST).calls))
    assert sent is placement.tags.supported


@EVERY_CAROUSEL
def test_carousels_are_of_a_size_that_can_be_asked_for(placement: Placement, rule: CarouselRule) -> None:
    assert 2 <= rule.min <= rule.max <= MAX_SLIDES
    assert placement.most_slides == rule.max
    assert rule.alt_texts <= (placement.text.alt_text is not None)


@EVERY_CAROUSEL
def test_every_picture_of_a_carousel_is_sent_with_what_is_its_own(placement: Placement, rule: CarouselRule) -> None:
    post = several(rule.max)
    payload = placement.payload(post)
    sent = list(_texts(msgspec.to_builtins([call.body for call in payload.calls])))
    assert [sent.count(picture.url) for picture in post.pictures] == [1] * rule.max
    for texts, expected in (
        ([each.title for each in post.pictures], rule.texts),
        ([each.caption for each in post.pictures], rule.texts),
        ([each.link for each in post.pictures], rule.texts),
        ([each.alt_text for each in post.pictures], rule.alt_texts),
    ):
        assert all(text in sent for text in texts) is expected
    assert (f"{rule.max - 1}}}" in str(sent)) is placement.tags.supported
    used = set(re.findall(r"\{[^{}\"]+\}", " ".join(_texts(msgspec.to_builtins(payload.calls)))))
    assert used == {each.name for each in payload.placeholders}


def test_a_third_network_is_one_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Path(str(members.__file__)).with_name("pinterest.py").read_text()
    (tmp_path / "mosaic.py").write_text(source.replace('slug="pinterest"', 'slug="mosaic"'))
    monkeypatch.setattr(members, "__path__", [*members.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    networks.cache_clear()
    try:
        assert "mosaic" in {each.slug for each in networks()}
        assert network("mosaic").placement("pin").payload(A_POST).calls
    finally:
        monkeypatch.undo()
        networks.cache_clear()


def test_instagram_gets_the_container_with_its_tags_and_then_publishes_it() -> None:
    payload = network("instagram").placement("feed").payload(A_POST)
    assert payload.calls[0].body == {
        "image_url": A_PICTURE.url,
        "caption": A_POST.caption,
        "alt_text": A_PICTURE.alt_text,
        "product_tags": [
            {"product_id": "{instagram_product_id:var_a}", "x": 0.25, "y": 0.5},
            {"product_id": "{instagram_product_id:var_b}", "x": 0.75, "y": 0.5},
        ],
    }
    assert [call.method for call in payload.calls] == ["POST", "GET", "POST"]
    assert payload.calls[2].url.endswith("/media_publish")


def test_pinterest_gets_one_pin_with_its_link() -> None:
    (call,) = network("pinterest").placement("pin").payload(A_POST).calls
    assert call.url == "https://api.pinterest.com/v5/pins"
    assert call.body == {
        "board_id": "{board_id}",
        "title": A_POST.title,
        "description": A_POST.caption,
        "link": A_POST.link,
        "alt_text": A_PICTURE.alt_text,
        "media_source": {"source_type": "image_url", "url": A_PICTURE.url},
    }


def test_an_instagram_carousel_is_a_container_for_each_picture_and_one_for_all() -> None:
    payload = network("instagram").placement("feed").payload(several(3))
    children = [call.body for call in payload.calls[:3]]
    assert children[1] == {
        "is_carousel_item": True,
        "image_url": "https://shop.example/media/1.jpg",
        "alt_text": "Bougie 1",
        "product_tags": [{"product_id": "{instagram_product_id:var_1}", "x": 0.5, "y": 0.5}],
    }
    assert payload.calls[3].body == {
        "media_type": "CAROUSEL",
        "children": "{creation_id_1},{creation_id_2},{creation_id_3}",
        "caption": A_POST.caption,
    }
    assert [call.method for call in payload.calls[3:]] == ["POST", "GET", "POST"]


def test_a_pinterest_carousel_is_one_pin_whose_pictures_have_links_of_their_own() -> None:
    (call,) = network("pinterest").placement("pin").payload(several(2)).calls
    assert call.body is not None
    assert call.body["media_source"] == {
        "source_type": "multiple_image_urls",
        "items": [
            {
                "url": f"https://shop.example/media/{number}.jpg",
                "title": f"Titre {number}",
                "description": f"Texte {number}",
                "link": f"https://shop.example/l/k7m2p9xy{number}",
            }
            for number in range(2)
        ],
        "index": 0,
    }
    assert (call.body["title"], call.body["link"]) == (A_POST.title, A_POST.link)


@pytest.mark.parametrize(
    ("agent", "slug"),
    [
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36 Instagram "
            "406.0.0.58.159 Android (35/15; 480dpi)",
            "instagram",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 [Pinterest/iOS]", "pinterest"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", None),
    ],
)
def test_the_in_app_browser_gives_the_network_away(agent: str, slug: str | None) -> None:
    found = [each.slug for each in MEMBERS if each.origin.in_app and re.search(each.origin.in_app, agent)]
    assert found == ([slug] if slug else [])


def _texts(value: object) -> Iterator[str]:
    """Every text in nested lists and mappings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
