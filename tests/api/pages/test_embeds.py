"""oEmbed: what other sites show of our addresses, and that nothing but our own is ever looked at."""

from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from catalog import products
from catalog.schemas import ProductChange
from core.db import Database
from core.shops import Shop
from tests.api.pages.conftest import HTML, Elements, Window
from tests.api.pages.test_cards import BOT, keep, work

ONCE = pytest.mark.parametrize("engine", ["sqlite"])


async def ask(window: Window, url: str, **more: str) -> httpx2.Response:
    """What there is to show for an address; one that begins with / is ours."""
    url = window.app.settings.public_url + url if url.startswith("/") else url
    return await window.visitor.get("/oembed", params={"url": url, **more})


async def test_a_product_is_told_by_its_picture_in_the_room_that_there_is(
    window: Window, db: Database, shop: Shop
) -> None:
    asset = await keep(window, db, shop)
    product = await window.product(pictures=[{"asset_id": asset.id}])
    link = await window.link(product)
    before = (await ask(window, window.path(product))).json()
    assert before["type"] == "link", "nothing is drawn while somebody waits"
    await work(window)
    for path in (window.path(product), f"/l/{link.slug}", f"/go/{link.slug}?utm_source=x#y"):
        answer = await ask(window, path)
        assert answer.status_code == 200
        said = answer.json()
        assert (said["version"], said["type"], said["width"], said["height"]) == ("1.0", "photo", 900, 1200)
        assert said["title"] == "Robe Brume · 64,00\u00a0€"
        assert (said["provider_name"], said["provider_url"]) == (
            "Atelier Lune",
            f"{window.app.settings.public_url}/s/{shop.slug}",
        )
        assert (await window.visitor.get(said["url"])).headers["content-type"] == "image/jpeg"
    for bounds, size in (
        ({"maxwidth": "850"}, (800, 1067)),
        ({"maxwidth": "700"}, (400, 533)),
        ({"maxheight": "500"}, (None, None)),
        ({"maxwidth": "1300", "maxheight": "640"}, (400, 533)),
        ({"maxwidth": "1"}, (None, None)),
    ):
        said = (await ask(window, window.path(product), **bounds)).json()
        assert (said.get("width"), said.get("height")) == size, bounds
        assert said["type"] == ("photo" if size[0] else "link")


async def test_cards_and_pages_say_where_to_ask(window: Window) -> None:
    product = await window.product()
    link = await window.link(product)
    for path, agent, about in (
        (window.path(product), HTML, window.path(product)),
        (window.path(product), BOT, window.path(product)),
        (f"/l/{link.slug}", BOT, f"/l/{link.slug}"),
        (f"/go/{link.slug}", HTML, f"/l/{link.slug}"),
    ):
        shown = Elements((await window.visitor.get(path, headers=agent)).text)
        (found,) = (each["href"] for each in shown.named("link", type="application/json+oembed"))
        assert parse_qs(urlsplit(found).query) == {
            "url": [window.app.settings.public_url + about],
            "format": ["json"],
        }
        assert (await window.visitor.get(found)).json()["title"] == "Robe Brume · 64,00\u00a0€"


async def test_an_old_slug_is_known_and_what_is_not_on_sale_is_not(window: Window) -> None:
    product = await window.product()
    draft = await window.product(title="Brouillon", status="draft")
    async with window.db.transaction() as session:
        await products.change(session, window.shop, product.product_id, ProductChange(slug="brume"), None)
    assert (await ask(window, window.path(product))).status_code == 200
    link = await window.link(product)
    async with window.db.transaction() as session:
        await products.archive(session, window.shop, product.product_id)
    for path in (window.path(draft), window.path(product), f"/l/{link.slug}"):
        assert (await ask(window, path)).status_code == 404


@ONCE
@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/s/atelier-lune/robe-brume", "//evil.example/", "", "/", "/s/atelier-lune", "/v1/products",
        "http://127.0.0.1:80001/s/atelier-lune/robe-brume", "http://127.0.0.1:8000@evil.example/l/bcdfghjkm",
        "http://127.0.0.1:8000.evil.example/l/bcdfghjkm", "http://[::1/l/x", "javascript:alert(1)", "file:///etc/passwd",
        "/l/bcdfghjkm", "/l/..", "/s/atelier-lune/..", "/s/atelier-lune/robe-brume/x", "/s/nobody/robe-brume",
        "/s/atelier-lune/robe%2dbrume", "/s/atelier-lune/checkout", "/oembed?url=x", "é", "/l/" + "b" * 7000,
        "http://169.254.169.254/latest",
    ],
)  # fmt: skip
async def test_what_is_not_ours_is_not_found_and_never_asked_for(window: Window, url: str) -> None:
    await window.product()
    answer = await ask(window, url)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (404, "embed-not-found")


@ONCE
async def test_what_cannot_be_answered_is_refused_in_words(window: Window) -> None:
    path = window.path(await window.product())
    assert (await ask(window, path, format="JSON")).status_code == 200
    for more, status in (
        ({"format": "xml"}, 501), ({"format": "x"}, 501), ({"maxwidth": "0"}, 400), ({"maxwidth": "-1"}, 400),
        ({"maxheight": "a"}, 400), ({"maxwidth": "9" * 400}, 400), ({"maxwidth": "²"}, 400),
    ):  # fmt: skip
        assert (await ask(window, path, **more)).status_code == status, more
    assert (await window.visitor.get("/oembed")).status_code == 400
    assert (await window.visitor.get("/problems/embed-format-unknown", headers=HTML)).status_code == 200


@ONCE
async def test_head_works_and_every_site_may_read_it(window: Window) -> None:
    path = window.app.settings.public_url + window.path(await window.product())
    answer = await window.visitor.head("/oembed", params={"url": path}, headers={"origin": "https://blog.example"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=300"


@ONCE
async def test_nobody_finds_links_by_trying_slugs_out_here(window: Window) -> None:
    found = {(await ask(window, f"/l/bcdfgh{each:03}")).status_code for each in range(110)}
    assert found == {404, 429}
