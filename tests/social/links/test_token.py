"""The click token: what it says, and that nobody else can say it."""

import base64
import hashlib
import os
from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.secrets import Vault
from social.links import token
from tests.social.links.conftest import NOW

OLD, NEW = (base64.urlsafe_b64encode(each * 32).decode() for each in (b"o", b"n"))
VAULT = Vault([NEW])
NUMBERS = st.integers(1, 2**63 - 1)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(NUMBERS, st.integers(0, 255))
def test_a_token_says_link_time_and_variant(number: int, variant: int) -> None:
    text = token.issue(VAULT, number, NOW, variant)
    click = token.read(VAULT, text, NOW)
    assert click is not None
    assert (click.link_number, click.variant, click.at) == (number, variant, NOW)
    assert len(text) == 51
    assert set(text) <= set(ALPHABET)


def test_the_bytes_are_laid_out_as_published() -> None:
    click_id, text = token.mint(VAULT, 0x0102030405060708, 0x0A0B0C0D0E0F, 7)
    raw = base64.urlsafe_b64decode(text + b"=")
    key = hashlib.blake2b(b"sc-click-v1", key=b"n" * 32, digest_size=32).digest()
    assert raw[:6] == bytes.fromhex("0a0b0c0d0e0f")
    assert raw[:16] == click_id
    assert raw[16:26] == bytes.fromhex("0102030405060708") + b"\x07\x01"
    assert raw[26:] == hashlib.blake2b(raw[:26], key=key, digest_size=32).digest()[:12]


def test_a_child_of_a_process_mints_other_ids() -> None:
    token.mint(VAULT, 1, 1_000)
    reading, writing = os.pipe()
    if not (child := os.fork()):
        os.write(writing, token.mint(VAULT, 1, 1_000)[0])
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 16) != token.mint(VAULT, 1, 1_000)[0]
    os.close(reading)
    os.close(writing)


def test_no_two_ids_are_the_same() -> None:
    assert len({token.mint(VAULT, 1, 1_000)[0] for _ in range(2_000)}) == 2_000


def test_ids_of_later_clicks_sort_later() -> None:
    first, second = (token.mint(VAULT, 1, at)[0] for at in (1_000, 1_001))
    assert first < second


@given(NUMBERS, st.integers(0, 51 * 6 - 1))
def test_any_flipped_bit_is_refused(number: int, bit: int) -> None:
    text = token.issue(VAULT, number, NOW)
    place, mask = bit // 6, 1 << (bit % 6)
    changed = text[:place] + ALPHABET[ALPHABET.index(text[place]) ^ mask] + text[place + 1 :]
    assert token.read(VAULT, changed, NOW) is None


def test_a_token_has_one_spelling() -> None:
    text = token.issue(VAULT, 5, NOW)
    last = ALPHABET.index(text[-1])
    others = [text[:-1] + ALPHABET[last ^ loose] for loose in (1, 2, 3)]
    assert {base64.urlsafe_b64decode(each + "=") for each in others} == {base64.urlsafe_b64decode(text + "=")}
    assert [token.read(VAULT, each, NOW) for each in others] == [None] * 3


@given(NUMBERS, NUMBERS)
def test_a_signature_fits_no_other_link(number: int, other: int) -> None:
    raw = base64.urlsafe_b64decode(token.issue(VAULT, number, NOW) + "=")
    swapped = raw[:16] + other.to_bytes(8) + raw[24:]
    click = token.read(VAULT, urlsafe_b64encode(swapped).decode()[:51], NOW)
    assert (click is None) == (number != other)


@given(st.text(max_size=80) | st.text(ALPHABET, min_size=51, max_size=51))
def test_anything_else_is_no_token(text: str) -> None:
    assert token.read(VAULT, text, NOW) is None


def test_what_was_signed_for_another_purpose_is_refused() -> None:
    signed = base64.urlsafe_b64decode(token.issue(VAULT, 5, NOW) + "=")[:26]
    text = urlsafe_b64encode(signed + VAULT.sign("sc-cart-v1", signed)).decode()[:51]
    assert token.read(VAULT, text, NOW) is None


def test_the_old_key_is_good_until_it_is_taken_away() -> None:
    text = token.issue(Vault([OLD]), 5, NOW)
    assert token.read(Vault([NEW, OLD]), text, NOW) is not None
    assert token.read(Vault([NEW]), text, NOW) is None


@pytest.mark.parametrize(
    ("age", "good"),
    [
        (timedelta(days=30), True),
        (timedelta(days=30, milliseconds=1), False),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=-6), False),
    ],
)
def test_a_token_lives_for_thirty_days(age: timedelta, good: bool) -> None:
    assert (token.read(VAULT, token.issue(VAULT, 5, NOW - age), NOW) is not None) is good
