"""The card of a link: its picture is drawn when the link is made, never while a bot waits for it."""

from io import BytesIO

import httpx2
import pytest
from PIL import Image

from catalog.schemas import PictureIn
from core import clock, jobs
from core.db import Database
from core.shops import Shop
from media import asking, assets, visuals
from media.models import Asset, Visual
from social.links.models import Link
from tests.api.pages.conftest import Elements, Window
from tests.media.pictures import photo, saved

BOT = {"user-agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"}


async def keep(window: Window, db: Database, shop: Shop) -> Asset:
    """A portrait picture of the shop."""
    services = window.app.services
    return await assets.store(db, services.storage, services.pool, shop, saved(photo(900, 1200)))


async def preview(window: Window, link: Link) -> Elements:
    """What a link preview reads."""
    answer = await window.visitor.get(f"/l/{link.slug}", headers=BOT)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    return Elements(answer.text)


async def drawn(db: Database, shop: Shop, asset: Asset) -> list[Visual]:
    """Everything that was made of a picture."""
    async with db.read() as session:
        return (await visuals.list_page(session, shop, asset.id, 100, None))[0]


async def work(window: Window) -> None:
    """Let the worker do what is due."""
    while await jobs.run_due(window.app.services.resources, clock.now()):
        pass


async def test_a_links_preview_shows_a_card_of_the_products_picture(window: Window, db: Database, shop: Shop) -> None:
    asset = await keep(window, db, shop)
    link = await window.link(await window.product(pictures=[PictureIn(asset_id=asset.id)]))
    await work(window)
    page = await preview(window, link)
    size = page.meta("og:image:width"), page.meta("og:image:height")
    assert (size, page.meta("og:image:type"), page.meta("twitter:card")) == (
        ("1200", "630"),
        "image/jpeg",
        "summary_large_image",
    )
    picture: httpx2.Response = await window.visitor.get(page.meta("og:image"))
    with Image.open(BytesIO(picture.content)) as image:
        assert (image.format, image.size) == ("JPEG", (1200, 630))
    assert len(picture.content) <= 300_000


async def test_a_bot_that_comes_first_gets_the_picture_as_it_is_and_nothing_is_drawn_for_it(
    window: Window, db: Database, shop: Shop
) -> None:
    asset = await keep(window, db, shop)
    link = await window.link(await window.product(pictures=[PictureIn(asset_id=asset.id)]))
    page = await preview(window, link)
    assert (page.meta("og:image:width"), page.meta("og:image:height")) == ("900", "1200")
    assert await drawn(db, shop, asset) == []


async def test_several_links_to_one_product_share_one_card(window: Window, db: Database, shop: Shop) -> None:
    asset = await keep(window, db, shop)
    product = await window.product(pictures=[PictureIn(asset_id=asset.id)])
    for network in ("instagram", "pinterest", None):
        await window.link(product, network)
        await work(window)
    assert sorted(each.format for each in await drawn(db, shop, asset)) == sorted(
        ["link-card", *(3 * ["width-400", "width-800", "width-900"])]
    )


async def test_a_page_offers_its_pictures_in_the_widths_of_phones(window: Window, db: Database, shop: Shop) -> None:
    services = window.app.services
    large = await assets.store(db, services.storage, services.pool, shop, saved(photo(2400, 1800), quality=95))
    small = await assets.store(db, services.storage, services.pool, shop, saved(photo(640, 800)))
    product = await window.product(pictures=[PictureIn(asset_id=each.id) for each in (large, small)])
    link = await window.link(product)
    before = Elements((await window.look(link)).text).named("img")
    assert [(each["width"], "srcset" in each) for each in before] == [("2400", False), ("640", False)]
    await work(window)
    first, second = Elements((await window.look(link)).text).named("img")
    assert (first["width"], first["height"], first["sizes"]) == ("1200", "900", "(min-width: 52rem) 36rem, 100vw")
    offered = [each.split(" ") for each in first["srcset"].split(", ")]
    assert [width for _, width in offered] == ["400w", "800w", "1200w"]
    assert first["src"] == offered[-1][0]
    sizes = []
    for address, width in offered:
        picture: httpx2.Response = await window.visitor.get(address)
        with Image.open(BytesIO(picture.content)) as image:
            assert (image.format, f"{image.width}w", image.width * 3) == ("JPEG", width, image.height * 4)
        sizes.append(len(picture.content))
    assert sizes[0] < sizes[1] < sizes[2] < large.bytes / 2
    assert (second["width"], second["height"]) == ("640", "800"), "never wider than it is"


async def test_a_page_offers_lighter_files_to_browsers_that_know_them(
    window: Window, client: httpx2.AsyncClient
) -> None:
    files = {"file": ("photo.jpg", saved(photo(1600, 1200), quality=95), "image/jpeg")}
    asset = (await client.post("/v1/assets", files=files)).json()
    link = await window.link(await window.product(pictures=[{"asset_id": asset["id"]}]))
    assert Elements((await window.look(link)).text).named("source") == []
    await work(window)
    shown = Elements((await window.look(link)).text)
    assert [each["type"] for each in shown.named("source")] == ["image/avif", "image/webp"]
    (image,) = shown.named("img")
    heavy = [await weight(window, each, "image/jpeg") for each in image["srcset"].split(", ")]
    for source in shown.named("source"):
        assert source["sizes"] == image["sizes"]
        light = [await weight(window, each, source["type"]) for each in source["srcset"].split(", ")]
        assert len(light) == len(heavy) == 3
        assert all(lighter < heavier for lighter, heavier in zip(light, heavy, strict=True))


async def weight(window: Window, offered: str, media_type: str) -> int:
    """How heavy a file of a `srcset` is, which has this type and the width that it says."""
    address, _, width = offered.partition(" ")
    answer = await window.visitor.get(address)
    with Image.open(BytesIO(answer.content)) as image:
        assert (answer.headers["content-type"], f"{image.width}w") == (media_type, width)
    return len(answer.content)


async def test_a_file_type_counts_once_it_is_there_in_all_widths(window: Window, db: Database, shop: Shop) -> None:
    asset, services = await keep(window, db, shop), window.app.services
    link = await window.link(await window.product(pictures=[PictureIn(asset_id=asset.id)]))
    for output, widths in (("jpeg", (400, 800)), ("webp", (400, 800)), ("avif", (400,))):
        request = asking.Request(asset_id=asset.id, template="plain", widths=widths, output=output)  # type: ignore[arg-type]  # One of the outputs.
        await visuals.render(db, services.storage, services.pool, shop, request)
    shown = Elements((await window.look(link)).text)
    assert [each["type"] for each in shown.named("source")] == ["image/webp"]


@pytest.mark.parametrize("output", ["webp", "avif"])
async def test_a_preview_never_shows_a_type_that_its_reader_may_not_know(
    window: Window, db: Database, shop: Shop, output: str
) -> None:
    asset, services = await keep(window, db, shop), window.app.services
    link = await window.link(await window.product(pictures=[PictureIn(asset_id=asset.id)]))
    request = asking.Request(asset_id=asset.id, template="plain", formats=("square",), output=output)  # type: ignore[arg-type]  # One of the outputs.
    await visuals.render(db, services.storage, services.pool, shop, request)
    assert (await preview(window, link)).meta("og:image").endswith(".jpg")


async def test_a_product_without_a_picture_has_a_preview_without_one(window: Window) -> None:
    link = await window.link(await window.product())
    await work(window)
    page = await preview(window, link)
    assert page.named("meta", property="og:image") == []
    assert page.meta("twitter:card") == "summary"
