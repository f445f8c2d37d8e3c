"""Ways of shipping, and checkouts that go to a country."""

from collections.abc import Sequence

from sqlmodel import select

from catalog import offers, products
from catalog.schemas import PriceIn, ProductCreate, VariantCreate
from checkout import checkouts, orders
from checkout.models import Checkout, Order
from checkout.placing import Intent
from checkout.schemas import CheckoutItemIn
from checkout.shipping import rates
from checkout.shipping.models import ShippingRate
from checkout.shipping.schemas import BracketIn, DeliveryDays, ShippingRateCreate
from core import clock
from core.db import Database
from core.shops import Shop
from social.links.origin import Origin
from tests.checkout.conftest import Till


async def make_rate(
    db: Database, shop: Shop, name: str, countries: Sequence[str], amount: int, *, free_above: int | None = None
) -> ShippingRate:
    """A flat rate that takes two to four days."""
    data = ShippingRateCreate(
        name=name,
        countries=list(countries),
        brackets=[BracketIn(amount=amount)],
        free_above=free_above,
        delivery_days=DeliveryDays(min=2, max=4),
    )
    async with db.transaction() as session:
        return await rates.create(session, shop, data)


async def make_vase(
    db: Database, shop: Shop, *, amount: int = 4900, weight: int | None = 800, requires_shipping: bool = True
) -> str:
    """A product with one variant of ten pieces; the variant's id."""
    variant = VariantCreate(
        available=10,
        weight_grams=weight,
        requires_shipping=requires_shipping,
        prices=[PriceIn(amount=amount, currency=shop.currency)],
    )
    async with db.transaction() as session:
        product = await products.create(session, shop, ProductCreate(title="Vase Aube", variants=[variant]))
        return (await offers.of_product(session, shop, product.id, shop.currency)).offers[0].variant_id


async def send_to(till: Till, country: str | None, *items: tuple[str, int]) -> Checkout:
    """Start a checkout of so many pieces of these variants, to be shipped to `country`."""
    basket = [CheckoutItemIn(variant_id=variant, quantity=quantity) for variant, quantity in items]
    intent = Intent(items=basket, origin=Origin(), ship_to=country)
    return await checkouts.start(till.gateway, till.db, till.settings, till.shop, intent, clock.now())


async def order_of(till: Till, checkout: Checkout) -> Order:
    """The checkout's order as it is now."""
    async with till.db.read() as session:
        return await orders.get(session, till.shop, checkout.order_id)


async def lines_of(till: Till, checkout: Checkout) -> list[str]:
    """The ids of the lines of the checkout's order."""
    async with till.db.read() as session:
        order = (await session.exec(select(Order).where(Order.id == checkout.order_id))).one()
        return [line.id for line in (await orders.lines(session, [order]))[order.id]]
