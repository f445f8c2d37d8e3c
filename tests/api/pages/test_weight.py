"""What a page weighs: HTML, style sheets and scripts of ours, as they are served, without pictures and fonts."""

from urllib.parse import urlsplit

import httpx2
import pytest
from httpx2 import Response

from catalog import offers, products
from catalog.schemas import PictureIn, PriceIn, ProductCreate, VariantCreate
from core import shops
from social.links import carts
from social.links.carts import Cart
from tests.api.pages.conftest import HTML, Elements, Window, form
from tests.api.pages.test_apps import INSTAGRAM
from tests.api.pages.test_cards import work
from tests.core.test_legal import WHOLE, change
from tests.media.pictures import photo, saved

MOST = 60_000
PRICES = [PriceIn(amount=6400, currency="EUR", compare_at=7900)]


async def weight(window: Window, page: Response) -> int:
    """Bytes of the page and of everything of ours that it has fetched but pictures and fonts."""
    shown = Elements(page.text)
    fetched = {each["href"] for each in shown.named("link", rel="stylesheet")}
    fetched |= {each["src"] for each in shown.named("script") if "src" in each}
    assert fetched
    total = len(page.content)
    for address in fetched:
        assert not urlsplit(address).netloc, "everything comes from us"
        total += len((await window.visitor.get(address)).content)
    return total


@pytest.fixture
async def asset(client: httpx2.AsyncClient) -> str:
    """A picture wide enough for every width that pages offer."""
    answer = await client.post("/v1/assets", files={"file": ("a.jpg", saved(photo(1300, 1000)), "image/jpeg")})
    return str(answer.json()["id"])


async def opened(window: Window, path: str) -> Response:
    async with window.db.transaction() as session:
        await shops.change(session, window.shop, change(**WHOLE), None)
    page = await window.visitor.get(path, headers=HTML | {"user-agent": INSTAGRAM, "accept-language": "en"})
    assert page.status_code == 200
    return page


async def test_a_product_of_fifty_variants_and_six_pictures(window: Window, asset: str) -> None:
    variants = [
        VariantCreate(options={"Taille": f"Taille {size}", "Couleur": colour}, available=3, prices=PRICES)
        for size in range(1, 26)
        for colour in ("Bleu de nuit", "Ocre rouge")
    ]
    product = await window.product(
        title="Robe Brume en lin lavé, longue et ceinturée " * 2,
        description="Une longue histoire de lin.\n\n" * 170,
        options=["Taille", "Couleur"],
        variants=variants,
        pictures=[PictureIn(asset_id=asset)],
    )
    link = await window.link(product)
    await work(window)
    page = await opened(window, f"/go/{link.slug}?sl={window.click(link)}&utm_source=instagram&utm_campaign=printemps")
    assert len(Elements(page.text).named("option")) > 50
    assert await weight(window, page) < MOST


async def test_a_basket_of_fifty_lines(window: Window, asset: str) -> None:
    wanted = []
    for number in range(5):
        variants = [
            VariantCreate(options={"Taille": f"Taille {size}"}, available=30, prices=PRICES) for size in range(10)
        ]
        data = ProductCreate(
            title=f"Robe Brume en lin lavé, modèle {number}",
            options=["Taille"],
            variants=variants,
            pictures=[PictureIn(asset_id=asset)],
        )
        async with window.db.transaction() as session:
            made = await products.create(session, window.shop, data)
            sheet = await offers.of_product(session, window.shop, made.id, window.shop.currency)
        wanted += [(each.variant_id, 2) for each in sheet.offers]
        await window.link(sheet)
    await work(window)
    name = carts.write(window.app.services.vault, Cart(window.shop.id, tuple(wanted)))
    page = await opened(window, f"/go/{name}?utm_source=instagram")
    shown = Elements(page.text)
    assert len(shown.named("input", type="number")) == len(shown.named("img")) == 50
    assert await weight(window, page) < MOST
    signs = "&".join(f"utm_{number}={'x' * 40}" for number in range(90))
    crowded = await window.visitor.get(f"/go/{name}?{signs}&utm_source=instagram", headers=HTML)
    assert len(crowded.content) < MOST
    assert "utm_source=instagram" in next(each for each in Elements(crowded.text).ways if "product=" in each)
    labelled = {each["for"] for each in shown.named("label")}
    assert {each["id"] for each in shown.named("input", type="number")} <= labelled
    fewer = {f"q{number}": "0" if number == 7 else "2" for number in range(1, 51)}
    headers = HTML | {"origin": window.app.settings.public_url}
    changed = await window.visitor.post(str(page.url), data=form(page) | fewer | {"update": "1"}, headers=headers)
    assert changed.status_code == 303
    smaller = await window.visitor.get(changed.headers["location"], headers=HTML)
    assert len(Elements(smaller.text).named("input", type="number")) == 49
    (other, *_) = Elements(page.text).ways
    assert (await window.visitor.get(str(page.url.join(other)), headers=HTML)).status_code == 200


async def test_pages_without_a_product(window: Window) -> None:
    for path in ("/go/bcdfghjkm", "/", "/problems/out-of-stock"):
        assert await weight(window, await window.visitor.get(path, headers=HTML)) < MOST / 2
