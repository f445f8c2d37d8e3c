"""A shop that is a connected account of a platform: its requests say so, and its events too."""

import msgspec
import pytest

from checkout.books import sweeping
from checkout.schemas import CheckoutItemIn
from checkout.stripe import events
from core import clock, shops
from tests.checkout.conftest import KEY, SECRET, Till, make_variant
from tests.checkout.test_news import Story, signed

ACCOUNT = "acct_atelier"


@pytest.fixture
async def connected(till: Till) -> Till:
    """The shop's payments go to a connected account."""
    shops.connect_stripe(till.shop, till.vault, KEY, [SECRET], ACCOUNT)
    async with till.db.transaction() as session:
        await session.merge(till.shop)
    return till


async def test_every_request_is_made_in_the_accounts_name(connected: Till) -> None:
    await connected.start(CheckoutItemIn(variant_id=await make_variant(connected.db, connected.shop)))
    requests = (await connected.person.get("/_local/requests")).json()["data"]
    assert {each["account"] for each in requests if each["path"].startswith("/v1/")} == {ACCOUNT}


async def test_events_count_that_name_the_account_and_no_others(connected: Till) -> None:
    variant = await make_variant(connected.db, connected.shop)
    story = Story(connected, await connected.start(CheckoutItemIn(variant_id=variant)), 4900)
    told = msgspec.json.decode(story.session("completed", "paid"))
    for number, account in enumerate(("acct_other", None)):
        assert await story.tell([msgspec.json.encode(told | {"id": f"evt_x{number}", "account": account})]) == [
            "foreign"
        ]
    assert (await story.order()).status == "awaiting_payment"
    assert await story.tell([msgspec.json.encode(told | {"account": ACCOUNT})]) == ["applied"]
    assert (await story.order()).status == "paid"


async def test_two_shops_behind_one_secret_each_hear_of_their_own(connected: Till) -> None:
    async with connected.db.transaction() as session:
        other = await shops.create(session, "Elsewhere", "EUR")
        shops.connect_stripe(other, connected.vault, KEY, [SECRET], "acct_other")
        session.add(other)
    variant = await make_variant(connected.db, connected.shop)
    story = Story(connected, await connected.start(CheckoutItemIn(variant_id=variant)), 4900)
    body = story.session("completed", "paid", account=None)
    named = msgspec.json.encode(msgspec.json.decode(body) | {"account": ACCOUNT})
    assert await events.receive(connected.db, connected.vault, named, signed(named), clock.now()) == "applied"
    assert (await story.order()).status == "paid"


async def test_what_was_missed_is_fetched_in_the_accounts_name(connected: Till) -> None:
    checkout = await connected.start(CheckoutItemIn(variant_id=await make_variant(connected.db, connected.shop)))
    await connected.control("webhooks", hold=True)
    await connected.pay(checkout)
    story = Story(connected, checkout, 4900)
    assert (await story.order()).status == "awaiting_payment"
    assert await sweeping.catch_up(connected.gateway, connected.db, connected.vault, connected.shop, clock.now()) == 1
    assert (await story.order()).status == "paid"
