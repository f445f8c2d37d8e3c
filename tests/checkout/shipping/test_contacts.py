"""Who bought: sealed in the database, the same in any order of arrival, and gone once erased."""

from datetime import timedelta
from itertools import permutations

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from checkout import contacts, orders
from checkout.contacts import Contact
from checkout.errors import OrderNotFound
from checkout.models import Checkout
from checkout.stripe.delivery import (
    CollectedInformation,
    CustomerDetails,
    DeliveryFacts,
    PostalAddress,
    ShippingDetails,
)
from core import clock
from tests.checkout.conftest import Till
from tests.checkout.shipping.making import make_rate, make_vase, order_of, send_to

ADA = DeliveryFacts(status="complete", customer_details=CustomerDetails("ada@example.com", "Ada Buyer", None))
LATER = DeliveryFacts(status="complete", customer_details=CustomerDetails("ada@new.example", "", "+33600000000"))
TO_HER = DeliveryFacts(
    status="complete",
    collected_information=CollectedInformation(
        ShippingDetails("A. Buyer", PostalAddress("1 rue de la Paix", None, "75002", "Paris", None, "FR"))
    ),
)


async def paid(till: Till) -> Checkout:
    """A paid checkout of one vase, shipped to France."""
    await make_rate(till.db, till.shop, "Colissimo", ["FR"], 690)
    checkout = await send_to(till, "FR", (await make_vase(till.db, till.shop), 1))
    await till.pay(checkout)
    return checkout


async def known(till: Till, checkout: Checkout) -> Contact | None:
    """What is known of who bought."""
    order = await order_of(till, checkout)
    async with till.db.read() as session:
        return (await contacts.of_orders(session, till.vault, [order])).get(order.id)


async def tell(till: Till, checkout: Checkout, news: DeliveryFacts, seconds: int) -> None:
    """Let Stripe tell something, so many seconds from now."""
    async with till.db.transaction() as session:
        order = await orders.lock(session, till.shop.id, checkout.order_id)
        assert order is not None
        at = clock.now() + timedelta(seconds=seconds)
        await contacts.keep(session, till.vault, till.shop, order, news, at)


async def test_a_paid_order_knows_who_bought_and_where_it_goes(till: Till) -> None:
    contact = await known(till, await paid(till))
    assert contact is not None
    assert contact.address is not None
    assert (contact.email, contact.name, contact.recipient) == ("ada@example.com", "Ada Buyer", "Ada Buyer")
    assert (contact.address.line1, contact.address.city, contact.address.country) == (
        "1 Sample Street",
        "Sampleton",
        "FR",
    )


async def test_no_table_holds_the_contact_in_clear(till: Till) -> None:
    await paid(till)
    found: list[str] = []
    async with till.db.read() as session:
        for table in SQLModel.metadata.sorted_tables:
            rows = (await session.execute(sa.select(table))).all()
            found += [
                table.name
                for row in rows
                if any(word in repr(tuple(row)) for word in ("ada@", "Ada Buyer", "Sample Str"))
            ]
    assert found == []


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_every_order_of_arrival_ends_in_the_same_contact(till: Till) -> None:
    vase = await make_vase(till.db, till.shop)
    ends = []
    for news in permutations([(ADA, 10), (LATER, 20), (TO_HER, 15)]):
        checkout = await send_to(till, None, (vase, 1))
        for facts, seconds in (*news, news[0]):
            await tell(till, checkout, facts, seconds)
        ends.append(await known(till, checkout))
        await till.control(f"sessions/{checkout.stripe_session_id}/expire")
        await till.hear()
    first = ends[0]
    assert first is not None
    assert (first.email, first.name, first.phone) == ("ada@new.example", "Ada Buyer", "+33600000000")
    assert (first.recipient, first.address) == ("A. Buyer", TO_HER.collected_information.shipping_details.address)  # type: ignore[union-attr]  # Written above.
    assert all(each == first for each in ends)


async def test_a_session_that_nobody_completed_leaves_nothing(till: Till) -> None:
    checkout = await send_to(till, None, (await make_vase(till.db, till.shop), 1))
    await tell(till, checkout, DeliveryFacts(status="expired", customer_details=ADA.customer_details), 1)
    assert await known(till, checkout) is None


async def test_what_was_erased_stays_away_and_the_amounts_stay(till: Till) -> None:
    checkout = await paid(till)
    before = await order_of(till, checkout)
    for _ in range(2):
        async with till.db.transaction() as session:
            await contacts.erase(session, till.shop, checkout.order_id, clock.now())
    await tell(till, checkout, ADA, 60)
    assert await known(till, checkout) is None
    assert await order_of(till, checkout) == before
    async with till.db.transaction() as session:
        with pytest.raises(OrderNotFound):
            await contacts.erase(session, till.shop, "ord_unknown", clock.now())
