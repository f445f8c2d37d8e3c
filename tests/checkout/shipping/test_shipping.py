"""Shipping on the way to Stripe and back: what is offered, what was chosen, and who is asked for an address."""

import pytest

from checkout import contacts, recovery
from checkout.errors import TotalTooSmall
from checkout.shipping.errors import NotShippedThere
from checkout.shipping.pricing import ShippingOption
from tests.checkout.conftest import Till
from tests.checkout.shipping.making import make_rate, make_vase, order_of, send_to


async def test_a_shop_without_rates_asks_for_no_address_and_charges_no_shipping(till: Till) -> None:
    checkout = await send_to(till, "JP", (await make_vase(till.db, till.shop), 1))
    assert not {"shipping_address_collection", "shipping_options", "automatic_tax"} & checkout.parameters.keys()
    order = await order_of(till, checkout)
    assert (order.amount_shipping, order.amount_total) == (0, 4900)


async def test_stripes_page_offers_the_countrys_rates_and_takes_addresses_where_they_are_the_same(till: Till) -> None:
    await make_rate(till.db, till.shop, "Colissimo", ["FR", "MC", "AD"], 690, free_above=10000)
    await make_rate(till.db, till.shop, "Chronopost", ["FR", "MC"], 1500)
    vase = await make_vase(till.db, till.shop)
    checkout = await send_to(till, None, (vase, 2))
    assert checkout.parameters["shipping_address_collection"] == {"allowed_countries": ["FR", "MC"]}
    days = {"minimum": {"unit": "business_day", "value": 2}, "maximum": {"unit": "business_day", "value": 4}}
    assert checkout.parameters["shipping_options"] == [
        {
            "shipping_rate_data": {
                "type": "fixed_amount",
                "display_name": name,
                "fixed_amount": {"amount": amount, "currency": "eur"},
                "delivery_estimate": days,
            }
        }
        for name, amount in (("Colissimo", 690), ("Chronopost", 1500))
    ]
    order = await order_of(till, checkout)
    assert (order.amount_subtotal, order.amount_shipping, order.amount_total) == (9800, 690, 10490)
    free = await order_of(till, await send_to(till, "AD", (vase, 3)))
    assert (free.amount_shipping, free.amount_total) == (0, 14700)


async def test_the_order_keeps_what_the_buyer_chose_and_was_charged(till: Till) -> None:
    for name, amount in (("Colissimo", 690), ("Chronopost", 1500)):
        await make_rate(till.db, till.shop, name, ["FR"], amount)
    checkout = await send_to(till, "FR", (await make_vase(till.db, till.shop), 1))
    session = (await till.person.get(f"/_local/sessions/{checkout.stripe_session_id}")).json()
    express = session["shipping_options"][1]["shipping_rate"]
    answer = await till.control(f"sessions/{checkout.stripe_session_id}/pay", shipping_rate=express)
    assert answer.status_code == 200, answer.text
    await till.hear()
    order = await order_of(till, checkout)
    assert (order.status, order.reviews) == ("paid", [])
    assert (order.amount_shipping, order.amount_total, order.amount_paid) == (1500, 6400, 6400)
    async with till.db.read() as session:
        shipping = (await contacts.shipping_of(session, [order]))[order.id]
    chosen = ShippingOption(rate_id="", name="Chronopost", amount=1500, min_days=2, max_days=4)
    assert (shipping.country, shipping.weight_grams, shipping.chosen) == ("FR", 800, 1)
    assert {**shipping.options[1], "rate_id": ""} == {
        "rate_id": chosen.rate_id, "name": chosen.name, "amount": 1500, "min_days": 2, "max_days": 4,
    }  # fmt: skip


async def test_a_country_without_a_rate_is_refused_and_told_where_the_shop_ships(till: Till) -> None:
    await make_rate(till.db, till.shop, "DPD", ["BE", "NL"], 950)
    vase = await make_vase(till.db, till.shop)
    for country in (None, "DE", "ZZ"):
        with pytest.raises(NotShippedThere) as refused:
            await send_to(till, country, (vase, 1))
        assert refused.value.facts["countries"] == ["BE", "NL"]
    assert (await send_to(till, "NL", (vase, 10))).status == "open", "nothing was held by those that were refused"


async def test_a_checkout_that_is_taken_up_again_goes_where_the_first_one_went(till: Till) -> None:
    await make_rate(till.db, till.shop, "Colissimo", ["FR"], 690)
    await make_rate(till.db, till.shop, "DPD", ["NL"], 950)
    checkout = await send_to(till, "NL", (await make_vase(till.db, till.shop), 1))
    await till.control(f"sessions/{checkout.stripe_session_id}/expire")
    await till.hear()
    order = await order_of(till, checkout)
    async with till.db.read() as session:
        assert (await recovery.intent(session, order, None)).ship_to == "NL"


async def test_what_is_not_shipped_asks_for_no_address_and_weighs_nothing(till: Till) -> None:
    await make_rate(till.db, till.shop, "Colissimo", ["FR"], 690)
    course = await make_vase(till.db, till.shop, weight=None, requires_shipping=False)
    alone = await send_to(till, "JP", (course, 1))
    assert "shipping_options" not in alone.parameters
    vase = await make_vase(till.db, till.shop, weight=None)
    both = await send_to(till, "FR", (course, 1), (vase, 1))
    assert (await order_of(till, both)).amount_total == 4900 + 4900 + 690


async def test_shipping_counts_for_what_stripe_charges_at_least(till: Till) -> None:
    sticker = await make_vase(till.db, till.shop, amount=20)
    with pytest.raises(TotalTooSmall):
        await send_to(till, "FR", (sticker, 1))
    await make_rate(till.db, till.shop, "Lettre", ["FR"], 149)
    assert (await order_of(till, await send_to(till, "FR", (sticker, 1)))).amount_total == 169
