"""Somebody who follows permalinks and sends the forms of baskets."""

import httpx2

from catalog.offers import ProductOffers
from catalog.schemas import PriceIn, VariantCreate
from tests.api.pages.conftest import HTML, Elements, Window


async def vase(window: Window, title: str = "Vase", amount: int = 2000, available: int = 5) -> ProductOffers:
    """A product of one variant."""
    price = [PriceIn(amount=amount, currency="EUR")]
    return await window.product(title=title, options=[], variants=[VariantCreate(available=available, prices=price)])


def variant(product: ProductOffers, place: int = 0) -> str:
    return product.offers[place].variant_id


async def follow(window: Window, path: str) -> tuple[str, httpx2.Response]:
    """The address that a permalink leads to, and its page."""
    answer = await window.visitor.get(path, headers=HTML)
    location = answer.headers["location"].removeprefix(window.app.settings.public_url)
    return location, await window.visitor.get(location, headers=HTML)


def fields(page: httpx2.Response) -> dict[str, str]:
    """The basket's form as a browser would send it, nothing touched."""
    elements = Elements(page.text)
    selects = iter(each["name"] for each in elements.named("select"))
    typed = [*elements.named("input", type="hidden"), *elements.named("input", type="number")]
    found = {each["name"]: each["value"] for each in typed}
    for part in page.text.split("<select")[1:]:
        chosen = Elements(part.partition("</select>")[0])
        options = [each for each in chosen.named("option") if "selected" in each] or chosen.named("option")[:1]
        text = part.partition(" selected>")[2].partition("<")[0]
        found[next(selects)] = options[0].get("value", text)
    return found


async def send(window: Window, path: str, data: dict[str, str]) -> httpx2.Response:
    return await window.visitor.post(path, data=data, headers=HTML | {"origin": window.app.settings.public_url})
