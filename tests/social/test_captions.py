"""Captions that fit each network, speak the shop's language, and are never cut where the merchant wrote them."""

import pytest

from core.errors import Refusal
from social import captions, phrases
from social.captions import Shown
from social.errors import BadHashtag, CaptionTooLong, TextNotShown, TitleTooLong, TooManyMentions
from social.network import Placement, network, networks

FEED = network("instagram").placement("feed")
STORY = network("instagram").placement("story")
PIN = network("pinterest").placement("pin")
LINK = "https://shop.example/l/k7m2p9xyz"
CANDLE = Shown(
    title="Bougie Ambre",
    price="19,90\u00a0€",
    description="Coulée à la main à Nantes. Cire de soja, mèche en coton : 45 heures de lumière douce !\n\nFin.",
    keywords=("bougie", "Cire de soja"),
)
EVERY_PLACEMENT = pytest.mark.parametrize(
    "placement", [pytest.param(place, id=place.name) for each in networks() for place in each.placements]
)


def composed(placement: Placement, *products: Shown, hashtags: tuple[str, ...] = (), locale: str = "fr") -> str:
    text = captions.compose(placement, products, "Atelier Lune", locale, hashtags=hashtags, link=LINK)
    return captions.write(placement, text, hashtags, LINK).text


def test_a_caption_tells_name_price_story_and_where_to_buy() -> None:
    assert composed(FEED, CANDLE, hashtags=("bougie", "nantes")) == (
        "Bougie Ambre — 19,90\u00a0€\n\n"
        "Coulée à la main à Nantes. Cire de soja, mèche en coton\u202f: 45 heures de lumière douce\u202f!\n\n"
        "À retrouver chez Atelier Lune\u202f: lien en bio.\n\n"
        "#bougie #nantes"
    )


def test_several_products_are_listed() -> None:
    fig = Shown(title="Bougie Figue", price="21,00\u00a0€")
    assert composed(FEED, CANDLE, fig).startswith("Bougie Ambre — 19,90\u00a0€\nBougie Figue — 21,00\u00a0€\n\n")


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("fr-CH", "lien en bio"),
        ("en", "link in bio"),
        ("de_AT", "Link in der Bio"),
        ("es", "enlace en la bio"),
        ("it", "link in bio"),
        ("fi", "link in bio"),
    ],
)
def test_it_speaks_the_shops_language(locale: str, words: str) -> None:
    assert words in composed(FEED, CANDLE, locale=locale)


def test_a_story_has_no_caption() -> None:
    assert composed(STORY, CANDLE) == ""
    assert captions.alt_text(STORY, [CANDLE], "fr") == ""


@EVERY_PLACEMENT
@pytest.mark.parametrize("words", ["é" * 200, "mot " * 1200, "👩‍👩‍👧‍👦 " * 400], ids=["long", "words", "emoji"])
@pytest.mark.parametrize("count", [1, 20])
def test_what_is_composed_always_fits(placement: Placement, words: str, count: int) -> None:
    shown = [Shown(title=words[:200], price="1\u202f234,50\u00a0€", description=words)] * count
    hashtags = tuple(f"{'étiquette' * 5}{number}" for number in range(30))
    rule = placement.text
    text = composed(placement, *shown, hashtags=hashtags)
    assert rule.caption is None or rule.caption.fits(text)
    assert rule.title is None or rule.title.fits(captions.title(placement, shown, "fr"))
    assert rule.alt_text is None or rule.alt_text.fits(captions.alt_text(placement, shown, "fr"))
    assert rule.caption is None or "lien en bio" in text or "épingle" in text


def test_a_long_description_ends_with_a_sentence() -> None:
    long = Shown(title="Bougie", description="Une première phrase assez longue pour compter. " + "suite " * 100)
    assert "\n\nUne première phrase assez longue pour compter.\n\n" in composed(FEED, long)


def test_hashtags_beyond_the_cap_are_left_out_and_reported() -> None:
    written = captions.write(FEED, "Voilà #un", ["deux", "trois", "UN", "quatre", "cinq", "six"], LINK)
    assert written.text == "Voilà #un\n\n#deux #trois #quatre #cinq"
    assert written.left_out == ("six",)


def test_hashtags_that_stand_in_the_text_count_too() -> None:
    assert captions.over_cap(FEED, "#a1 #b1 #c1 #d1 #e1 #f1 et l'adresse https://x.example/#ancre") == 1


def test_hashtags_of_the_catalog_become_one_word_each() -> None:
    assert captions.hashtags_of(["bougie", "Cire de soja", "2024", "BOUGIE", "fête-des-mères"]) == [
        "bougie",
        "CireDeSoja",
        "FêteDesMères",
    ]


@pytest.mark.parametrize("word", ["", "#", "123", "deux mots", "a-b", "oh!"])
def test_what_a_network_would_cut_short_is_no_hashtag(word: str) -> None:
    with pytest.raises(BadHashtag):
        captions.hashtag(word)


def test_a_hashtag_may_come_with_its_sign() -> None:
    assert captions.hashtag("#Été_2026") == "Été_2026"


def test_a_merchants_caption_is_refused_when_it_is_too_long_and_never_cut() -> None:
    with pytest.raises(CaptionTooLong) as caught:
        captions.check_caption(PIN, "x" * 501, LINK)
    assert caught.value.facts == {"length": 501, "max": 500, "unit": "characters"}
    captions.check_caption(PIN, "x" * 500, LINK)
    assert captions.write(PIN, "x" * 500, ["bougie"], LINK).left_out == ("bougie",)


@pytest.mark.parametrize(
    ("check", "refusal"),
    [
        (lambda: captions.check_caption(STORY, "Bonjour", LINK), TextNotShown),
        (lambda: captions.check_alt_text(STORY, "Une bougie"), TextNotShown),
        (lambda: captions.check_title(PIN, "x" * 101), TitleTooLong),
        (lambda: captions.check_caption(FEED, " ".join(f"@ami{n}" for n in range(21)), LINK), TooManyMentions),
    ],
    ids=["story caption", "story alt text", "title", "mentions"],
)
def test_what_the_placement_cannot_show_is_refused(check: object, refusal: type[Refusal]) -> None:
    assert callable(check)
    with pytest.raises(refusal):
        check()


def test_the_title_of_several_products_says_how_many_more() -> None:
    assert captions.title(PIN, [CANDLE] * 3, "fr") == "Bougie Ambre et 2\u00a0autres"


def test_alternative_text_lists_what_is_shown() -> None:
    fig, oak = Shown(title="Bougie Figue"), Shown(title="Bougie Chêne")
    assert captions.alt_text(FEED, [CANDLE, fig, oak], "fr") == "Bougie Ambre, Bougie Figue et Bougie Chêne"


@pytest.mark.parametrize(
    ("text", "spaced"),
    [
        ("Prix : 5 !", "Prix\u202f: 5\u202f!"),
        ("« Lune »", "«\u202fLune\u202f»"),
        ("12:30 et https://a.example/b", "12:30 et https://a.example/b"),
        ("100 % lin ; doux ?", "100\u202f% lin\u202f; doux\u202f?"),
    ],
)
def test_french_signs_never_stand_alone_at_the_start_of_a_line(text: str, spaced: str) -> None:
    assert phrases.spaced(text, "fr") == spaced
    assert phrases.spaced(text, "en") == text
