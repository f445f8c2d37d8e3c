"""Form bodies as Stripe nests them."""

from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout.sandbox import forms
from checkout.sandbox.errors import StripeError

NAMES = st.text(st.characters(exclude_characters="[]\x00", exclude_categories=["Cs"]), min_size=1, max_size=8)
VALUES = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
TREES = st.recursive(VALUES, lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=4), max_leaves=12)


def encode(tree: forms.Tree, path: str = "") -> list[str]:
    """The pairs of a tree, as the SDK writes them."""
    if isinstance(tree, str):
        return [f"{quote_plus(path)}={quote_plus(tree)}"]
    return [pair for name, item in tree.items() for pair in encode(item, f"{path}[{name}]" if path else name)]


@given(st.dictionaries(NAMES, TREES, max_size=5))
def test_whatever_is_nested_comes_back_as_it_was(tree: forms.Branch) -> None:
    assert forms.decode("&".join(encode(tree)).encode()) == tree


def test_empty_brackets_count_up() -> None:
    assert forms.decode(b"expand[]=a&expand[]=b&x[0][y]=1") == {"expand": {"0": "a", "1": "b"}, "x": {"0": {"y": "1"}}}


@pytest.mark.parametrize(
    "body",
    [
        b"a=1&a[b]=2",
        b"a[b]=2&a=1",
        b"a[b=1",
        b"[a]=1",
        b"=1",
        b"a=%ff",
        b"a=%00",
        b"a" + b"[b]" * 40 + b"=1",
        b"a=1&" * 6000,
    ],
)
def test_a_malformed_body_is_refused(body: bytes) -> None:
    with pytest.raises(StripeError):
        forms.decode(body)


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(body: bytes) -> None:
    assert outcome(body) in ("decoded", "refused")


def outcome(body: bytes) -> str:
    """What becomes of any bytes; every other exception is a bug."""
    try:
        forms.decode(body)
    except StripeError:
        return "refused"
    return "decoded"
