"""A shop window: a product of two sizes, a link to it, and somebody who looks at its page."""

import re
from html.parser import HTMLParser

import httpx2
import msgspec
import pytest

from api.app import Application
from catalog import offers, products
from catalog.offers import ProductOffers
from catalog.schemas import PriceIn, ProductCreate, VariantCreate
from checkout import orders
from checkout.models import Order, OrderLine
from checkout.orders import Filters
from core import clock
from core.db import Database
from core.shops import Shop
from social.links import links, token
from social.links.models import Link
from social.links.schemas import LinkCreate

HTML = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


class Elements(HTMLParser):
    """The elements of a page in order: name and attributes, and the text between."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One more element."""
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        """One more text."""
        self.texts.append(data)

    def named(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """The attributes of every such element."""
        return [each for name, each in self.found if name == tag and wanted.items() <= each.items()]

    def meta(self, name: str) -> str:
        """The content of the one meta element of this property or name."""
        (found,) = (each for each in self.named("meta") if name in (each.get("property"), each.get("name")))
        return found["content"]

    @property
    def ways(self) -> list[str]:
        """Where the page leads, but for itself in another language."""
        return [each["href"] for each in self.named("a") if "hreflang" not in each]

    @property
    def skeleton(self) -> list[tuple[str, tuple[str, ...]]]:
        """Names of elements and of their attributes, without any value."""
        return [(name, tuple(attributes)) for name, attributes in self.found]

    @property
    def text(self) -> str:
        """What a person reads."""
        return re.sub(r"\s+", " ", " ".join(self.texts))


class Window:
    """The shop, and a visitor in front of it."""

    def __init__(self, app: Application, db: Database, shop: Shop, visitor: httpx2.AsyncClient) -> None:
        self.app, self.db, self.shop, self.visitor = app, db, shop, visitor

    async def product(self, **changes: object) -> ProductOffers:
        """A dress in S (five), M (sold out) and L (one, dearer)."""
        prices = [PriceIn(amount=6400, currency="EUR", compare_at=7900)]
        sizes = [
            VariantCreate(options={"Taille": "S"}, available=5, prices=prices),
            VariantCreate(options={"Taille": "M"}, available=0, prices=prices),
            VariantCreate(options={"Taille": "L"}, available=1, prices=[PriceIn(amount=6900, currency="EUR")]),
        ]
        fields: dict[str, object] = {"title": "Robe Brume", "options": ["Taille"], "variants": sizes}
        async with self.db.transaction() as session:
            made = await products.create(session, self.shop, msgspec.convert(fields | changes, ProductCreate))
            return await offers.of_product(session, self.shop, made.id, self.shop.currency)

    async def link(self, product: ProductOffers, network: str | None = "instagram", code: str | None = None) -> Link:
        """A link to it, which may carry a discount's code."""
        data = LinkCreate(product_id=product.product_id, network=network, discount_code=code)
        async with self.db.transaction() as session:
            return await links.create(session, self.shop, data)

    def path(self, product: ProductOffers) -> str:
        """The product's own page."""
        return f"/s/{self.shop.slug}/{product.slug}"

    def click(self, link: Link) -> str:
        """A token as the redirect would have given."""
        return token.issue(self.app.services.vault, link.number, clock.now())

    async def look(self, link: Link, **query: str) -> httpx2.Response:
        """Open the landing page."""
        return await self.visitor.get(f"/go/{link.slug}", params=query, headers=HTML)

    async def buy(self, link: Link, query: dict[str, str] | None = None, **changes: str) -> httpx2.Response:
        """Open the page and tap Buy at once, with the form as it stands but for the changes."""
        page = await self.look(link, **(query or {}))
        return await self.send(link, form(page) | changes, query)

    async def send(
        self, link: Link, fields: dict[str, str], query: dict[str, str] | None = None, **headers: str
    ) -> httpx2.Response:
        """Send a form."""
        return await self.visitor.post(
            f"/go/{link.slug}",
            data=fields,
            params=query or {},
            headers=HTML | {"origin": self.app.settings.public_url} | headers,
        )

    async def orders(self) -> list[Order]:
        """Every order of the shop, newest first."""
        async with self.db.read() as session:
            return (await orders.list_page(session, self.shop, Filters(), 100, None))[0]

    async def order(self) -> tuple[Order, list[OrderLine]]:
        """The one order that there is."""
        (order,) = await self.orders()
        async with self.db.read() as session:
            return await orders.by_public_token(session, order.public_token)

    async def left(self, product: ProductOffers, place: int = 0) -> int:
        """Pieces left of a variant."""
        async with self.db.read() as session:
            found = await offers.of_product(session, self.shop, product.product_id, self.shop.currency)
        return found.offers[place].available


def form(page: httpx2.Response) -> dict[str, str]:
    """The fields of the page's form as a browser would send them, nothing touched."""
    elements = Elements(page.text)
    fields = {each["name"]: each["value"] for each in elements.named("input", type="hidden")}
    fields |= {each["name"]: each["value"] for each in elements.named("input", type="radio") if "checked" in each}
    if elements.named("select", name="quantity"):
        fields["quantity"] = "1"
    return fields


@pytest.fixture
async def window(app: Application, db: Database, shop: Shop, visitor: httpx2.AsyncClient) -> Window:
    """The shop window."""
    return Window(app, db, shop, visitor)
