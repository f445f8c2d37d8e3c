"""Carts in an address: what was written is read, and nobody else can write any."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import ids
from core.secrets import Vault
from social.links import carts
from social.links.carts import Cart
from social.links.links import SLUG_LENGTH

OLD, NEW = (base64.urlsafe_b64encode(each * 32).decode() for each in (b"o", b"n"))
VAULT = Vault([NEW])
LINES = st.lists(st.tuples(st.builds(lambda: ids.new("var")), st.integers(1, 999)), max_size=50)
CARTS = st.builds(
    Cart,
    st.builds(lambda: ids.new("shop")),
    LINES.map(tuple),
    st.none() | st.text(min_size=1, max_size=64),
    st.none() | st.sampled_from(["FR", "US"]),
    st.integers(0, 50),
    st.booleans(),
)


@given(CARTS)
def test_a_cart_comes_back_as_it_was(cart: Cart) -> None:
    text = carts.write(VAULT, cart)
    assert carts.read(VAULT, text) == cart
    assert carts.write(VAULT, cart) == text
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert len(text) > SLUG_LENGTH


@given(CARTS, st.data())
def test_a_cart_with_any_sign_changed_is_none(cart: Cart, data: st.DataObject) -> None:
    text = carts.write(VAULT, cart)
    place = data.draw(st.integers(0, len(text) - 1))
    sign = data.draw(st.sampled_from("ABCxyz019-_=+/ %é\n"))
    changed = text[:place] + sign + text[place + 1 :]
    assert changed == text or carts.read(VAULT, changed) is None
    assert carts.read(VAULT, text + sign) is None
    assert carts.read(VAULT, text[:-1]) is None


@pytest.mark.parametrize("text", ["", "x", "bcdfghjkm", "A" * 51, "é" * 51, "A" * 100, "A" * 10_000, "~" * 60])
def test_what_we_did_not_write_is_no_cart(text: str) -> None:
    assert carts.read(VAULT, text) is None


def test_a_cart_outlives_one_change_of_keys_and_no_theft_of_another_purpose() -> None:
    cart = Cart("shop_x", (("var_x", 1),))
    text = carts.write(Vault([OLD]), cart)
    assert carts.read(Vault([NEW, OLD]), text) == cart
    assert carts.read(VAULT, text) is None
    body = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))[:-12]
    other = base64.urlsafe_b64encode(body + VAULT.sign("go-page-v1", body)).decode().rstrip("=")
    assert carts.read(VAULT, other) is None


def test_fifty_lines_fit_into_an_address() -> None:
    cart = Cart(ids.new("shop"), tuple((ids.new("var"), 999) for _ in range(50)), "A" * 64, "FR", 99, partial=True)
    text = carts.write(VAULT, cart)
    assert len(text) < 3000
    assert carts.read(VAULT, text) == cart


def test_the_same_variant_twice_is_one_line_and_nothing_of_it_none() -> None:
    assert carts.add_up([("a", 2), ("b", 0), ("a", 3), ("c", 600), ("c", 600)]) == (("a", 5), ("c", 999))


def test_a_changed_cart_forgets_what_was_missing() -> None:
    cart = Cart("shop_x", (("a", 1), ("b", 2)), "CODE", "FR", 3, partial=True)
    assert cart.having([("a", 0), ("b", 5)], None) == Cart("shop_x", (("b", 5),), "CODE", "FR")
    assert cart.having([], "BE") == Cart("shop_x", (), "CODE", "BE")
