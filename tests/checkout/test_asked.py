"""What Stripe took is what it was asked for: every amount that it could lie about, and every way of counting tax."""

from collections.abc import Mapping

import msgspec
import pytest

from checkout import asked
from checkout.asked import Amounts, Asked
from checkout.models import OrderLine
from checkout.stripe.delivery import DeliveryFacts, OfferedShipping, ShippingCost
from checkout.stripe.sessions import LineFacts

PLAIN = Asked(currency="EUR", subtotal=10000)
WAYS = Asked(currency="EUR", subtotal=10000, discount=1000, shipping=(590, 1500))
INSIDE = msgspec.structs.replace(WAYS, tax="inclusive")
ON_TOP = msgspec.structs.replace(WAYS, tax="exclusive")
AMOUNTS = ("subtotal", "discount", "shipping", "tax", "total")
# What is true of each: subtotal, discount, shipping, tax and total.
TRUTHS = {
    "plain": (PLAIN, (10000, 0, 0, 0, 10000)),
    "first way": (WAYS, (10000, 1000, 590, 0, 9590)),
    "second way": (WAYS, (10000, 1000, 1500, 0, 10500)),
    "tax inside": (INSIDE, (10000, 1000, 590, 1598, 9590)),
    "no tax inside": (INSIDE, (10000, 1000, 590, 0, 9590)),
    "tax on top": (ON_TOP, (10000, 1000, 590, 1918, 11508)),
    "no tax on top": (ON_TOP, (10000, 1000, 590, 0, 9590)),
}
both = pytest.mark.parametrize(("wanted", "amounts"), TRUTHS.values(), ids=TRUTHS)


def took(amounts: tuple[int, ...], currency: str = "EUR") -> Amounts:
    named = {f"amount_{name}": amount for name, amount in zip(AMOUNTS, amounts, strict=True)}
    return Amounts(**named, currency=currency)


@both
def test_what_was_asked_for_raises_no_doubt(wanted: Asked, amounts: tuple[int, ...]) -> None:
    assert asked.doubts(wanted, took(amounts), None) == []


@both
@pytest.mark.parametrize("name", AMOUNTS)
@pytest.mark.parametrize("difference", [-1, 1, 910, 20000])
def test_a_lie_about_any_amount_is_noticed(wanted: Asked, amounts: tuple[int, ...], name: str, difference: int) -> None:
    told = list(amounts)
    told[AMOUNTS.index(name)] += difference
    # How much of a price is tax is Stripe's to say.
    believed = name == "tax" and wanted.tax == "inclusive" and 0 <= told[3] <= told[4]
    assert asked.doubts(wanted, took(tuple(told)), None) == ([] if believed else ["amount-mismatch"])


@both
@pytest.mark.parametrize("name", ["discount", "shipping", "tax"])
def test_a_lie_that_adds_up_is_noticed_all_the_same(wanted: Asked, amounts: tuple[int, ...], name: str) -> None:
    told = list(amounts)
    told[AMOUNTS.index(name)] += 77
    told[4] += -77 if name == "discount" else 77
    believed = name == "tax" and wanted.tax == "exclusive"
    assert asked.doubts(wanted, took(tuple(told)), None) == ([] if believed else ["amount-mismatch"])


def test_no_tax_is_more_than_what_it_is_on() -> None:
    assert asked.doubts(ON_TOP, took((10000, 1000, 590, 9590, 19180)), None) == []
    assert asked.doubts(ON_TOP, took((10000, 1000, 590, 9591, 19181)), None) == ["amount-mismatch"]


def test_the_way_that_was_chosen_costs_what_it_was_offered_for() -> None:
    dear = took((10000, 1000, 1500, 0, 10500))
    assert [asked.doubts(WAYS, dear, way) for way in (None, 1)] == [[], []]
    assert [asked.doubts(WAYS, dear, way) for way in (0, 2)] == [["amount-mismatch"]] * 2


def test_another_currency_is_another_amount() -> None:
    assert asked.doubts(PLAIN, took((10000, 0, 0, 0, 10000), "USD"), None) == ["currency-mismatch"]


def test_the_chosen_way_is_found_by_its_place_on_the_page() -> None:
    offered = [OfferedShipping("shr_1"), OfferedShipping("shr_2")]
    for rate, place in (("shr_1", 0), ("shr_2", 1), ("shr_9", None), (None, None)):
        news = DeliveryFacts(shipping_cost=ShippingCost(rate), shipping_options=offered)
        assert asked.chosen(news) == place
    assert asked.chosen(DeliveryFacts(shipping_options=offered)) is None


def line(position: int, quantity: int, unit: int) -> OrderLine:
    return OrderLine(
        id=f"oline_{position}", shop_id="shop", order_id="ord", position=position, variant_id=f"var_{position}",
        product_id="prod", title="", variant_title="", sku="", quantity=quantity, unit_amount=unit,
        amount_total=unit * quantity,
    )  # fmt: skip


LINES = [line(0, 2, 3000), line(1, 1, 4000)]
# Stripe's lines of these, with a discount of 1000, and the shares of tax on 590 of shipping.
CHARGED = {
    "plain": (WAYS, (10000, 1000, 590, 0, 9590), [(6000, 600, 0, 5400), (4000, 400, 0, 3600)]),
    "inside": (INSIDE, (10000, 1000, 590, 1598, 9590), [(6000, 600, 900, 5400), (4000, 400, 600, 3600)]),
    "on top": (ON_TOP, (10000, 1000, 590, 1918, 11508), [(6000, 600, 1080, 6480), (4000, 400, 720, 4320)]),
}
MEMBERS = ("amount_subtotal", "amount_discount", "amount_tax", "amount_total")
charged = pytest.mark.parametrize(("wanted", "amounts", "lines"), CHARGED.values(), ids=CHARGED)


def facts(lines: list[tuple[int, int, int, int]], **changed: object) -> list[LineFacts]:
    """Stripe's lines; `changed` is said of the second."""
    found = [
        LineFacts(
            quantity=ours.quantity, metadata={"variant": ours.variant_id}, **dict(zip(MEMBERS, each, strict=True))
        )
        for ours, each in zip(LINES, lines, strict=True)
    ]
    return [found[0], msgspec.structs.replace(found[1], **changed)]


@charged
def test_lines_that_add_up_are_believed(
    wanted: Asked, amounts: tuple[int, ...], lines: list[tuple[int, int, int, int]]
) -> None:
    assert asked.lines_agree(wanted, took(amounts), LINES, facts(lines))


@charged
@pytest.mark.parametrize(
    "lie",
    [
        {"amount_subtotal": 3999}, {"amount_discount": 401}, {"amount_total": 1}, {"quantity": 2}, {"quantity": None},
        {"metadata": {"variant": "var_9"}}, {"metadata": None}, {"amount_tax": 100000},
    ],
)  # fmt: skip
def test_lines_that_do_not_are_for_a_person(
    wanted: Asked, amounts: tuple[int, ...], lines: list[tuple[int, int, int, int]], lie: Mapping[str, object]
) -> None:
    assert not asked.lines_agree(wanted, took(amounts), LINES, facts(lines, **lie))


@charged
def test_a_line_that_is_missing_or_added_is_for_a_person(
    wanted: Asked, amounts: tuple[int, ...], lines: list[tuple[int, int, int, int]]
) -> None:
    told = facts(lines)
    for each in (told[:1], told[::-1], [*told, told[0]]):
        assert not asked.lines_agree(wanted, took(amounts), LINES, each)
