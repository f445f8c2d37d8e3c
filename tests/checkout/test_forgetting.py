"""By which tap a buyer came is forgotten in time, or when somebody asks; the order and its origin stay."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, col, select

from catalog import products
from catalog.schemas import ProductCreate
from checkout import attribution, contacts, forgetting, recovery
from checkout.errors import OrderNotFound
from checkout.models import Checkout, Order
from checkout.schemas import CheckoutItemIn
from core import clock, ids, jobs
from core.jobs import Job, Resources
from social.links import links, token
from social.links.origin import Evidence, resolve
from social.links.schemas import LinkCreate
from tests.checkout.conftest import Till, make_variant


async def tapped(till: Till) -> tuple[Checkout, list[str]]:
    """A checkout that two taps have led to, and their tokens."""
    now = clock.now()
    async with till.db.transaction() as session:
        product = await products.create(session, till.shop, ProductCreate(title="Vase"))
        link = await links.create(session, till.shop, LinkCreate(product_id=product.id, network="instagram"))
        texts = [token.issue(till.vault, link.number, now - timedelta(days=days)) for days in (0, 3)]
        evidence = Evidence(click_token=texts[0], kept=tuple(texts[1:]))
        origin = await resolve(session, till.shop, till.vault, evidence, now)
    variant = await make_variant(till.db, till.shop)
    checkout = await till.start(CheckoutItemIn(variant_id=variant, quantity=1), origin=origin, key=ids.new("key"))
    return checkout, texts


async def bought(till: Till) -> tuple[Order, list[str]]:
    """The same, paid."""
    checkout, texts = await tapped(till)
    await till.pay(checkout)
    async with till.db.read() as session:
        return await session.get_one(Order, checkout.order_id), texts


async def traces(till: Till, texts: list[str]) -> set[str]:
    """The tables that hold one of these tokens, or the id of its click."""
    words = [*texts]
    for text in texts:
        tap = token.read(till.vault, text, clock.now())
        assert tap is not None
        words.append(tap.click_id.hex())
    found = set()
    async with till.db.read() as session:
        for table in SQLModel.metadata.sorted_tables:
            rows = (await session.execute(sa.select(table))).all()
            found |= {table.name for row in rows if any(word in repr(tuple(row)) for word in words)}
    return found


async def origin_of(till: Till, order: Order) -> tuple[object, ...]:
    """What stays: the order's origin, and the networks of its taps."""
    async with till.db.read() as session:
        row = await session.get_one(Order, order.id)
        taps = await attribution.touches(session, row)
    return row.network, row.method, row.link_id, row.amount_paid, [(each.network, each.via) for each in taps]


async def test_an_erased_buyers_taps_are_nowhere_and_the_origin_stays(till: Till) -> None:
    order, texts = await bought(till)
    assert {"order", "order_touch", "checkout"} <= await traces(till, texts)
    before = await origin_of(till, order)
    assert before == ("instagram", "token", order.link_id, 4900, [("instagram", "cookie"), ("instagram", "token")])
    for _ in range(2):
        async with till.db.transaction() as session:
            await contacts.erase(session, till.shop, order.id, clock.now())
    assert await traces(till, texts) == set()
    assert await origin_of(till, order) == before


async def test_the_request_keeps_its_token_until_stripe_has_answered(till: Till) -> None:
    checkout, texts = await tapped(till)
    async with till.db.transaction() as session:
        row = await session.get_one(Checkout, checkout.id)
        row.status = "creating"
    async with till.db.transaction() as session:
        await contacts.erase(session, till.shop, checkout.order_id, clock.now())
    assert await traces(till, texts) == {"checkout"}


async def test_taps_are_forgotten_after_25_months_without_being_asked(till: Till) -> None:
    order, texts = await bought(till)
    before = await origin_of(till, order)
    resources = Resources(till.db)
    async with till.db.transaction() as session:
        await session.execute(sa.delete(Job))
        await forgetting.begin(session)
        await forgetting.begin(session)
    day = clock.now()
    for later, known in ((timedelta(seconds=1), True), (timedelta(days=756), True), (timedelta(days=764), False)):
        assert await jobs.run_due(resources, day + later) == 1
        assert await jobs.run_due(resources, day + later + timedelta(hours=23)) == 0
        assert ("order_touch" in await traces(till, texts)) == known, later
    assert await traces(till, texts) == set()
    assert await origin_of(till, order) == before
    async with till.db.read() as session:
        assert (await session.exec(select(Job.attempts).where(col(Job.last_error).is_not(None)))).all() == []


async def test_a_buyer_is_forgotten_by_their_address_and_no_other(till: Till) -> None:
    (order, texts), (kept, others) = await bought(till), await bought(till)
    async with till.db.transaction() as session:
        await contacts.erase(session, till.shop, kept.id, clock.now())
    assert await forgetting.erase_buyer(till.db, till.vault, till.shop, "nobody@example.com", clock.now()) == []
    assert await traces(till, texts) != set()
    found = await forgetting.erase_buyer(till.db, till.vault, till.shop, " ADA@Example.com\n", clock.now())
    assert found == [order.id], "who was erased before is nobody's any more"
    assert await traces(till, [*texts, *others]) == set()
    async with till.db.read() as session:
        assert await contacts.of_orders(session, till.vault, [order, kept]) == {}


async def test_nothing_is_erased_where_one_of_the_orders_is_none(till: Till) -> None:
    order, texts = await bought(till)
    with pytest.raises(OrderNotFound):
        await forgetting.erase_orders(till.db, till.shop, [order.id, ids.new("ord")], clock.now())
    assert "order_touch" in await traces(till, texts)


async def test_an_order_that_is_taken_up_again_keeps_the_taps_of_the_first(till: Till) -> None:
    checkout, texts = await tapped(till)
    await till.control(f"sessions/{checkout.stripe_session_id}/expire")
    await till.hear()
    async with till.db.read() as session:
        intent = await recovery.intent(session, await session.get_one(Order, checkout.order_id), None)
    assert [each.via for each in intent.origin.touches] == ["cookie", "token"]
    assert intent.origin.click_token == texts[0]
