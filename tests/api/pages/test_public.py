"""Errors for people, explained problem types, the front page, the fixed files, and the cards of link previews."""

import json
import re

import pytest
from httpx2 import AsyncClient
from hypothesis import example, given
from hypothesis import strategies as st

from api.pages import cards, explained, static
from api.pages.brand import Brand
from catalog import products
from catalog.schemas import PriceIn, VariantCreate
from core.errors import Refusal
from media import palette
from tests.api.pages.conftest import HTML, Elements, Window
from tests.media import pictures

ONCE = pytest.mark.parametrize("engine", ["sqlite"])


@ONCE
async def test_a_browser_gets_a_page_and_a_program_a_problem(visitor: AsyncClient) -> None:
    page = await visitor.get("/nothing/here", headers=HTML)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert page.headers["request-id"] in page.text
    problem = await visitor.get("/nothing/here", headers={"accept": "application/json"})
    assert (problem.status_code, problem.headers["content-type"]) == (404, "application/problem+json")


@ONCE
async def test_below_v1_even_a_browser_gets_a_problem(client: AsyncClient) -> None:
    answer = await client.get("/v1/nothing", headers=HTML)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@ONCE
@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "fr"),
        ("en-US,en;q=0.9", "en"),
        ("de,en;q=0.5,fr;q=0.8", "fr"),
        ("zh", "fr"),
        ("en;q=x", "fr"),
        (",;,", "fr"),
    ],
)
async def test_an_error_speaks_the_visitors_language(visitor: AsyncClient, accepted: str, language: str) -> None:
    page = await visitor.get("/nothing/here", headers=HTML | {"accept-language": accepted})
    assert Elements(page.text).named("html") == [{"lang": language}]


@ONCE
async def test_a_wrong_method_says_which_are_right(visitor: AsyncClient) -> None:
    page = await visitor.delete("/go/bcdfghjkm", headers=HTML)
    assert page.status_code == 405
    assert {each.strip() for each in page.headers["allow"].split(",")} >= {"GET", "POST"}


COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


@ONCE
async def test_every_problem_type_is_explained(visitor: AsyncClient) -> None:
    slugs = explained.kinds()
    assert {"out-of-stock", "internal-error", "validation-failed", "link-not-found"} <= slugs.keys()
    for slug, kind in slugs.items():
        page = await visitor.get(f"/problems/{slug}", headers=HTML)
        assert page.status_code == 200, slug
        assert kind.title() in Elements(page.text).text
        assert [each for each in Elements(page.text).named("p") if each.get("class") == "lead"], f"{slug}: and then?"
    assert issubclass(slugs["refused"], Refusal)


@ONCE
async def test_an_unknown_problem_is_not_found(visitor: AsyncClient) -> None:
    assert (await visitor.get("/problems/no-such-problem", headers=HTML)).status_code == 404


@ONCE
async def test_the_front_page_says_what_this_is(visitor: AsyncClient) -> None:
    page = await visitor.get("/", headers=HTML)
    assert page.status_code == 200
    assert "/v1" in page.text
    for link in Elements(page.text).named("a"):
        assert (await visitor.get(link["href"], headers=HTML)).status_code == 200


@ONCE
async def test_fixed_files_are_kept_for_ever_under_their_own_hash(visitor: AsyncClient) -> None:
    for plain in ("style.css", "display.woff2", "icon.svg", "page.js"):
        path = static.path(plain)
        file = await visitor.get(path)
        assert file.status_code == 200
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert re.fullmatch(r"/static/[a-z]+-[0-9a-f]{12}\.[a-z0-9]+", path)
    style = (await visitor.get(static.path("style.css"))).text
    assert static.path("display.woff2") in style


@ONCE
@pytest.mark.parametrize(
    "path", ["style.css", "..%2fstatic.py", "%2e%2e%2fbrand.py", "../messages.py", "display-LICENSE.txt"]
)
async def test_no_other_file_is_served(visitor: AsyncClient, path: str) -> None:
    assert (await visitor.get(f"/static/{path}")).status_code == 404


@ONCE
async def test_a_page_is_small(window: Window) -> None:
    page = await window.look(await window.link(await window.product()))
    assert len(page.content) < 12_000
    assert len((await window.visitor.get(static.path("style.css"))).content) < 16_000
    assert len((await window.visitor.get(static.path("display.woff2"))).content) < 26_000
    assert len((await window.visitor.get(static.path("page.js"))).content) < 4_000


@given(COLOURS, COLOURS, COLOURS)
@example("#808080", "#777777", "#777777")
@example("#ff0000", "#000064", "#000076")
@example("#ffffff", "#ffffff", "#ffffff")
@example("#000000", "#000000", "#000000")
@example("#ffee00", "#1d1b19", "#b9ff2b")
def test_whatever_colours_a_shop_has_its_pages_can_be_read(ground: str, ink: str, accent: str) -> None:
    style = Brand(ground, ink, accent).style()
    assert len(re.findall(r":root\{", style)) == (1 if style.startswith(":root{color-scheme:dark") else 2)
    for block in re.findall(r":root\{([^}]*)\}", style):
        colours = {name: palette.rgb(value) for name, value in re.findall(r"--([a-z-]+):(#[0-9a-f]{6})", block)}
        for name in ("ink", "quiet", "link"):
            for below in ("ground", "panel"):
                assert palette.contrast(colours[name], colours[below]) >= 4.5, (name, below)
        assert palette.contrast(colours["button"], colours["on-button"]) >= 4.5
        # A checked choice is drawn the other way round: the ground's colour on the ink's.
        assert palette.contrast(colours["edge"], colours["ground"]) >= 3
        assert palette.contrast(colours["button-edge"], colours["ground"]) >= 3


async def test_a_card_tells_previews_everything_in_its_first_kilobytes(window: Window, client: AsyncClient) -> None:
    photo = pictures.saved(pictures.photo(1000, 1000))
    asset = (await client.post("/v1/assets", files={"file": ("photo.jpg", photo, "image/jpeg")})).json()
    product = await window.product(
        vendor="Maison Lune", description="En lin\nlavé.", pictures=[{"asset_id": asset["id"]}]
    )
    link = await window.link(product)
    page = await cards.card(window.app.services, link.slug)
    assert page is not None
    assert len(page.content) < 8192
    card = Elements(page.content.decode())
    assert card.meta("og:title") == "Robe Brume"
    assert card.meta("og:description") == "En lin lavé."
    assert card.meta("og:url") == f"{window.app.settings.public_url}/l/{link.slug}"
    assert card.meta("og:site_name") == "Atelier Lune"
    assert (card.meta("og:image:width"), card.meta("og:image:height")) == ("1000", "1000")
    assert card.meta("og:image:alt") == "Robe Brume"
    assert (card.meta("product:price:amount"), card.meta("product:price:currency")) == ("64.00", "EUR")
    assert card.meta("og:availability") == "instock"
    assert card.meta("twitter:card") == "summary_large_image"
    assert card.meta("product:brand") == "Maison Lune"
    assert (await window.visitor.get(card.meta("og:image"))).status_code == 200


@ONCE
@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!--<script>", "\"}]}'</title>", "& é 😀"])
async def test_a_cards_data_stays_data(window: Window, text: str) -> None:
    plain = await cards.card(window.app.services, (await window.link(await window.product(description="x"))).slug)
    link = await window.link(await window.product(title=text, description=text, vendor="V"))
    page = await cards.card(window.app.services, link.slug)
    assert page is not None
    assert plain is not None
    card = Elements(page.content.decode())
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.content.decode(), re.DOTALL)
    facts = json.loads(data)
    assert (facts["@type"], facts["name"], facts["description"]) == ("Product", text, text)
    assert facts["offers"]["price"] == "64.00"
    assert card.meta("og:title") == text
    brand = ("meta", ("property", "content"))
    assert len([each for each in card.skeleton if each != brand]) == len(
        [each for each in Elements(plain.content.decode()).skeleton if each != brand]
    )


@ONCE
async def test_a_card_says_when_nothing_is_left(window: Window) -> None:
    none = [VariantCreate(options={"Taille": "S"}, available=0, prices=[PriceIn(amount=500, currency="EUR")])]
    link = await window.link(await window.product(variants=none))
    page = await cards.card(window.app.services, link.slug)
    assert page is not None
    assert Elements(page.content.decode()).meta("og:availability") == "oos"
    assert b"https://schema.org/OutOfStock" in page.content


@ONCE
async def test_no_card_for_what_is_not_there(window: Window) -> None:
    assert await cards.card(window.app.services, "bcdfghjkm") is None


@ONCE
async def test_an_archived_product_has_a_card_without_a_price(window: Window) -> None:
    product = await window.product()
    link = await window.link(product)
    async with window.db.transaction() as session:
        await products.archive(session, window.shop, product.product_id)
    page = await cards.card(window.app.services, link.slug)
    assert page is not None
    assert b"product:price:amount" not in page.content


@ONCE
async def test_the_page_for_a_lost_link_is_styled_by_what_its_policy_allows(window: Window) -> None:
    page = await cards.missing("en")
    headers = dict(page.headers)
    assert b"This link leads nowhere" in page.content
    assert b"default-src 'none'" in headers[b"content-security-policy"]
    assert headers[b"content-type"] == b"text/html; charset=utf-8"
