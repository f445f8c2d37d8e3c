"""Meta's checkout URL as text: its documented vectors, and what becomes of everything else."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social.links import checkout_url
from social.links.errors import MalformedPermalink
from social.links.wanted import MOST_LINES, Wanted


def items(query: str) -> list[list[object]]:
    return [[each.name, each.quantity] for each in checkout_url.read(query).items]


# Meta Commerce, "Checkout URL", 2025-12-17.
VECTORS = [
    (
        "products=12345%3A3%2C23456%3A1&coupon=SUMMERSALE20&cart_origin=instagram",
        [["12345", 3], ["23456", 1]],
        "SUMMERSALE20",
        (("cart_origin", "instagram"),),
    ),
    ("products=12345:3,23456:1", [["12345", 3], ["23456", 1]], None, ()),
    ("", [], None, ()),
]


@pytest.mark.parametrize(("query", "wanted", "code", "passed"), VECTORS)
def test_metas_own_vectors(query: str, wanted: list[list[object]], code: str | None, passed: tuple[object]) -> None:
    found = checkout_url.read(query)
    assert (items(query), found.code, found.passed) == (wanted, code, passed)
    assert (found.unreadable, found.partial) == (0, False)


def test_the_tracking_parameters_go_on() -> None:
    tracking = ("fbclid", "cart_origin", "utm_source", "utm_medium", "utm_campaign", "utm_content")
    query = "products=a:1&" + "&".join(f"{name}=instagram" for name in tracking)
    assert checkout_url.read(query).passed == tuple((name, "instagram") for name in tracking)


@pytest.mark.parametrize(
    ("products", "wanted", "unreadable"),
    [
        ("a:1,b:x", [["a", 1]], 1),
        ("a:0,b:-1,c:1.5,d:,:2,e:١", [], 6),
        ("a", [["a", 1]], 0),
        ("a:b:2", [["a:b", 2]], 0),
        (" a:1 , ,b: 2,", [["a", 1], ["b", 2]], 0),
        ("a:100", [["a", 99]], 0),
        ("a:" + "9" * 6000, [["a", 99]], 0),
        ("a:1,a:2", [["a", 1], ["a", 2]], 0),
        ("ROBE-É+1:1", [["ROBE-É 1", 1]], 0),
    ],
)
def test_what_cannot_be_read_is_counted_and_the_rest_is_read(
    products: str, wanted: list[list[object]], unreadable: int
) -> None:
    query = f"products={products.replace(' ', '%20')}"
    assert items(query) == wanted
    assert checkout_url.read(query).unreadable == unreadable


def test_products_twice_are_all_of_them_whatever_their_order() -> None:
    assert sorted(map(str, items("products=a:1&products=b:2"))) == sorted(map(str, items("products=b:2&products=a:1")))


def test_two_codes_are_none_and_told_of() -> None:
    for query in ("products=a:1&coupon=A10&coupon=B20", "products=a:1&coupon=B20&coupon=A10"):
        assert (checkout_url.read(query).code, checkout_url.read(query).partial) == (None, True)
    assert checkout_url.read("products=a:1&coupon=A10&coupon=A10").code == "A10"


@pytest.mark.parametrize(
    ("options", "asks"),
    [
        ("%257B%252212345%2522%253A%257B%2522selling_plan%2522%253A%2522plan_1%2522%257D%257D", True),
        ("%7B%22123%22%3A%7B%22store_code%22%3A%221%22%7D%7D", True),
        ("%257B%257D", False),
        ("%7B%7D", False),
        ("", False),
    ],
)
def test_a_subscription_or_a_pickup_that_we_cannot_sell_is_told_of(options: str, asks: bool) -> None:
    found: Wanted = checkout_url.read(f"products=12345:1&products_json={options}")
    assert found.partial is asks
    assert found.passed == ()


def test_more_lines_than_a_basket_has_are_left_out_and_told_of() -> None:
    found = checkout_url.read("products=" + ",".join(f"sku{number}:1" for number in range(80)))
    assert (len(found.items), found.partial) == (MOST_LINES, True)


@given(st.binary(max_size=80))
def test_any_query_is_read_or_refused(raw: bytes) -> None:
    try:
        found = checkout_url.read("products=" + quote(raw, safe="=&/~%+:,"))
    except MalformedPermalink:
        return
    assert all(each.name and 1 <= each.quantity <= 99 for each in found.items)
