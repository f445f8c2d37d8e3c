"""What Stripe's page shows of a discount, and what is left when somebody pays, does not pay, or the process dies."""

import msgspec
import pytest

from checkout import checkouts, orders
from checkout.discounts import discounts, redemptions
from checkout.discounts.models import Discount, Redemption
from checkout.discounts.redemptions import Claim
from checkout.discounts.schemas import DiscountCreate
from checkout.errors import PaymentProviderUnavailable
from checkout.models import Checkout, Order
from checkout.placing import Intent
from checkout.schemas import CheckoutItemIn
from core import clock
from social.links.origin import Origin
from tests.checkout.conftest import Till, make_endpoint, make_variant, said
from tests.checkout.shipping.making import make_rate


async def discount(till: Till, **changes: object) -> Discount:
    """A tenth off, once."""
    given = {"title": "Lune", "code": "LUNE10", "limit_total": 1, "terms": {"kind": "percentage", "rate": 1000}}
    async with till.db.transaction() as session:
        return await discounts.create(session, till.shop, msgspec.convert(given | changes, DiscountCreate))


async def start(till: Till, variant: str, code: str | None = "LUNE10", key: str | None = None) -> Checkout:
    """Start a checkout with this code."""
    items = [CheckoutItemIn(variant_id=variant)]
    intent = Intent(items=items, origin=Origin(), key=key, discount=Claim(code=code))
    return await checkouts.start(till.gateway, till.db, till.settings, till.shop, intent, clock.now())


async def order_of(till: Till, checkout: Checkout) -> tuple[Order, list[Redemption]]:
    async with till.db.read() as session:
        order = await orders.get(session, till.shop, checkout.order_id)
        return order, (await redemptions.of_orders(session, [order]))[order.id]


async def used(till: Till, known: Discount) -> int:
    async with till.db.read() as session:
        return (await discounts.get(session, till.shop, known.id)).used


async def test_the_page_to_pay_at_shows_the_discount_and_the_payment_is_the_orders(till: Till) -> None:
    lune = await discount(till)
    checkout = await start(till, await make_variant(till.db, till.shop))
    (session,) = (await till.person.get("/_local/sessions")).json()["data"]
    assert (session["amount_subtotal"], session["amount_total"]) == (4900, 4410)
    assert session["total_details"]["amount_discount"] == 490
    await till.pay(checkout)
    order, given = await order_of(till, checkout)
    assert (order.status, order.amount_paid, order.amount_discount, order.reviews) == ("paid", 4410, 490, [])
    assert [(each.code, each.status) for each in given] == [("LUNE10", "redeemed")]
    assert await used(till, lune) == 1


async def test_a_coupon_is_made_once_and_used_again(till: Till) -> None:
    await discount(till, limit_total=None)
    vase = await make_variant(till.db, till.shop)
    first, second = await start(till, vase), await start(till, vase)
    assert (first.status, second.status) == ("open", "open")
    assert first.coupon == second.coupon
    requests = (await till.person.get("/_local/requests")).json()["data"]
    made = [each for each in requests if (each["method"], each["path"]) == ("POST", "/v1/coupons")]
    assert sorted(each["status"] for each in made) == [200, 400]


async def test_nothing_to_pay_needs_no_card(till: Till) -> None:
    await discount(till, terms={"kind": "percentage", "rate": 10000})
    checkout = await start(till, await make_variant(till.db, till.shop))
    await till.pay(checkout)
    order, _ = await order_of(till, checkout)
    assert (order.status, order.amount_total, order.amount_paid) == ("paid", 0, 0)


async def test_a_checkout_that_ends_gives_its_use_back_once(till: Till) -> None:
    lune = await discount(till)
    vase = await make_variant(till.db, till.shop)
    checkout = await start(till, vase)
    await checkouts.expire(till.gateway, till.db, till.shop, checkout.id, clock.now())
    await till.hear()
    assert await used(till, lune) == 0
    assert (await start(till, vase)).status == "open"
    assert await used(till, lune) == 1


@pytest.mark.parametrize("path", ["/v1/coupons", "/v1/checkout/sessions"])
async def test_what_stripe_did_not_answer_is_asked_again_in_the_same_words(till: Till, path: str) -> None:
    lune = await discount(till)
    vase = await make_variant(till.db, till.shop)
    fault = {"method": "POST", "path": path, "status": 500, "at": "after", "times": 3}
    assert (await till.person.post("/_local/faults", json=fault)).status_code == 200
    with pytest.raises(PaymentProviderUnavailable):
        await start(till, vase, key="k")
    again = await start(till, vase, key="k")
    assert (again.status, await used(till, lune)) == ("open", 1)
    requests = (await till.person.get("/_local/requests")).json()["data"]
    asked = [each for each in requests if (each["method"], each["path"]) == ("POST", path)]
    first = (asked[0]["idempotency_key"], asked[0]["params"])
    assert all((each["idempotency_key"], each["params"]) == first for each in asked)
    assert len((await till.person.get("/_local/sessions")).json()["data"]) == 1


async def test_a_buyer_who_comes_back_as_somebody_else_is_seen_by_their_address(till: Till) -> None:
    await discount(till, limit_total=None, limit_per_customer=1)
    vase = await make_variant(till.db, till.shop)
    reviews = []
    for _ in range(2):
        checkout = await start(till, vase)
        await till.pay(checkout)
        order, _ = await order_of(till, checkout)
        reviews.append((order.status, order.reviews))
    assert reviews == [("paid", []), ("paid", ["discount-limit"])]


async def test_whoever_listens_hears_what_each_discount_took_off(till: Till) -> None:
    lune = await discount(till)
    everybody = await discount(till, title="Été", code=None, limit_total=None, terms={"kind": "fixed", "amount": 500})
    await discount(till, title="Envoi", code=None, limit_total=None, terms={"kind": "free_shipping"})
    endpoint = await make_endpoint(till.db, till.shop)
    await till.pay(await start(till, await make_variant(till.db, till.shop)))
    told = await said(till.db, endpoint)
    assert [name for name, _ in told] == ["order.placed", "order.paid"]
    for name, data in told:
        order = data["order"]
        amounts = [order[f"amount_{each}"] for each in ("subtotal", "discount", "shipping", "tax", "total")]
        assert amounts == [4900, 990, 0, 0, 3910]
        assert [(each["discount_id"], each["title"], each["code"], each["amount"]) for each in order["discounts"]][
            :2
        ] == [(lune.id, "Lune", "LUNE10", 490), (everybody.id, "Été", None, 500)]
        assert [each["free_shipping"] for each in order["discounts"]] == [False, False, True]
        (line,) = order["lines"]
        assert (line["quantity"], line["unit_amount"], line["amount_discount"], line["amount_total"]) == (
            1, 4900, 990, 3910,
        )  # fmt: skip
        known = (3910, 0) if name == "order.paid" else (None, None)
        assert (line["amount_charged"], line["amount_tax"]) == known


@pytest.mark.parametrize(("way", "charged"), [(0, 0), (1, 1500)])
async def test_free_shipping_is_the_cheapest_way_and_express_costs_what_it_costs(
    till: Till, way: int, charged: int
) -> None:
    await discount(till, terms={"kind": "free_shipping"})
    for name, amount in (("Colissimo", 590), ("Chronopost", 1500)):
        await make_rate(till.db, till.shop, name, [till.shop.country], amount)
    checkout = await start(till, await make_variant(till.db, till.shop))
    asked_for = msgspec.json.encode(checkout.parameters["shipping_options"]).decode()
    assert [f'"amount":{amount},' in asked_for for amount in (0, 590, 1500)] == [True, False, True]
    session = (await till.person.get(f"/_local/sessions/{checkout.stripe_session_id}")).json()
    rate = session["shipping_options"][way]["shipping_rate"]
    assert (await till.control(f"sessions/{checkout.stripe_session_id}/pay", shipping_rate=rate)).status_code == 200
    await till.hear()
    order, (given,) = await order_of(till, checkout)
    assert (order.status, order.reviews, order.amount_shipping) == ("paid", [], charged)
    assert (order.amount_paid, given.free_shipping, given.amount) == (4900 + charged, True, 0)
