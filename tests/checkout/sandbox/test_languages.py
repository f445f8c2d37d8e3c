"""The hosted page speaks French and English: the session's language, or the browser's."""

import re
from html import unescape
from string import Formatter

import httpx2
import pytest

from checkout.sandbox import cards, custom_fields, payments
from checkout.sandbox.languages import OTHERS, PAGE, speaker
from checkout.sandbox.page_view import HINTS, TEMPLATES, VERBS
from checkout.sandbox.server import Sandbox
from tests.checkout.sandbox.calling import CARD, open_session, post

FRENCH = {"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.8"}
NARROW, FIXED = "\u202f", "\u00a0"


def facts(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def spoken() -> set[str]:
    """Every sentence that a template says."""
    texts = [
        TEMPLATES.loader.get_source(TEMPLATES, name)[0]  # type: ignore[union-attr]  # It has one.
        for name in TEMPLATES.list_templates()
        if name.endswith(".html")
    ]
    return {said for text in texts for _, said in re.findall(r"""\bt\((["'])(.+?)\1[,)]""", text)}


def test_every_sentence_of_the_page_has_its_french() -> None:
    named = {*spoken(), *VERBS.values(), "Pay", *(label for _, label in HINTS), *(each.label for each in cards.DEBITS)}
    assert len(named) > 60
    assert named - set(PAGE) == set()
    both = PAGE | OTHERS
    assert [english for english, french in both.items() if facts(french) - facts(english)] == []


@pytest.mark.parametrize(
    "said",
    [
        *(each.message for each in cards.DECLINES.values()),
        cards.INCORRECT_NUMBER.message,
        cards.NOT_A_TEST_CARD.message,
        payments.UNAUTHENTICATED,
        custom_fields.NEEDED,
        "At least 3 characters, please.",
        "This promotion code (LUNE) is expired or used up.",
        "The Checkout Session's total amount due must add up to at least €0.50 eur",
    ],
)
def test_what_others_say_is_said_again_in_french(said: str) -> None:
    french = speaker("fr", "").again(said)
    assert french != said
    assert "{" not in french
    assert speaker("en", "").again(said) == said


def test_a_price_inside_a_sentence_is_written_anew() -> None:
    said = speaker("fr", "").again("This promotion code can be used from €1,040.50 on.")
    assert said == f"Ce code promo s’utilise à partir de 1{NARROW}040,50{FIXED}€."


@pytest.mark.parametrize(
    ("locale", "asked", "language", "region"),
    [
        (None, "", "en", ""),
        (None, "fr-FR,fr;q=0.9,en;q=0.8", "fr", "FR"),
        ("auto", "de-DE,de;q=0.9,fr;q=0.4,en;q=0.3", "fr", "DE"),
        (None, "en;q=0.2, fr-be;q=0.9", "fr", "BE"),
        (None, "fr;q=0, en;q=0.1", "en", ""),
        (None, "*;;q=x,,é", "en", ""),
        ("fr-CA", "en-US", "fr", "US"),
        ("en", "fr-FR", "en", "FR"),
        ("de", "fr-FR", "en", "FR"),
    ],
)
def test_the_sessions_language_goes_before_the_browsers(
    locale: str | None, asked: str, language: str, region: str
) -> None:
    found = speaker(locale, asked)
    assert (found.language, found.region) == (language, region)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (129900, "eur", f"1{NARROW}299,00{FIXED}€"),
        (2500, "jpy", f"2{NARROW}500{FIXED}JPY"),
        (2500, "bhd", f"2,500{FIXED}BHD"),
        (-490, "usd", f"−4,90{FIXED}$US"),
    ],
)
def test_french_money_has_its_own_signs(amount: int, currency: str, shown: str) -> None:
    assert speaker("fr", "").money(amount, currency) == shown


async def test_the_page_follows_the_browser_unless_the_session_says_otherwise(stripe_api: httpx2.AsyncClient) -> None:
    for more, said, language in (
        ({}, f"98,00{FIXED}€", "fr"),
        ({"locale": "en"}, "€98.00", "en"),
        ({"locale": "auto"}, "Total à payer", "fr"),
    ):
        session = await open_session(stripe_api, **more)
        page = await stripe_api.get(str(session.url), headers=FRENCH)
        assert said in unescape(page.text)
        assert f'<html lang="{language}">' in page.text
        assert (page.headers["Content-Language"], page.headers["Vary"]) == (language, "Accept-Language")


async def test_everything_around_a_payment_is_french_for_the_french(
    sandbox: Sandbox, stripe_api: httpx2.AsyncClient
) -> None:
    rate = "shipping_options[0][shipping_rate_data]"
    session = await open_session(
        stripe_api,
        **{
            "allow_promotion_codes": "true",
            "shipping_address_collection[allowed_countries][0]": "EE",
            "shipping_address_collection[allowed_countries][1]": "FR",
            f"{rate}[display_name]": "Colissimo",
            f"{rate}[fixed_amount][amount]": "590",
            f"{rate}[fixed_amount][currency]": "eur",
        },
    )
    stripe_api.headers.update(FRENCH)
    path = f"/c/pay/{session.id}"
    address = {"line1": "1 rue de la Paix", "city": "Paris", "postal_code": "75002", "country": "FR"}
    page = unescape((await stripe_api.get(path)).text)
    assert '<option value="FR" selected>France</option>' in page
    assert page.index("Estonie") < page.index("France")
    for answer, said in (
        (await post(stripe_api, f"{path}/basket", {"code": "NOPE"}), "Ce code n’est pas valable."),
        (await post(stripe_api, path, CARD | {"email": "ada"}), "Cette adresse e-mail n’est pas valable."),
        (await post(stripe_api, path, CARD | address | {"card": "4000000000009995"}), "Les fonds de votre carte"),
    ):
        assert (answer.status_code >= 400, said in unescape(answer.text)) == (True, True)
    await post(stripe_api, path, CARD | address | {"card": "4000000000003220"})
    assert f"Est-ce bien vous{NARROW}?" in (await stripe_api.get(f"{path}/3ds")).text
    assert (await post(stripe_api, path, CARD | address)).status_code == 303
    assert f"C’est fait{NARROW}!" in (await stripe_api.get(path)).text
    assert "Cette page est introuvable." in (await stripe_api.get("/c/pay/cs_test_nobody")).text
