"""Carts in an address: what a permalink became, signed, with nothing kept on our side.

    base64url(MessagePack of the cart | signature (12))

Nothing in it is worth forging, since anybody may make any cart; the signature keeps strangers from writing notes to our
buyers and from feeding the page what no permalink could say. It does not age: prices and stock are looked up each time.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable

import msgspec

from core.secrets import Vault
from social.links.wanted import MOST_LINES, MOST_PIECES

PURPOSE = "go-cart-v1"
# A slug has nine signs; fifty lines are less than three thousand.
_SHORTEST, _LONGEST = 40, 4000
_MAC = 12

Line = tuple[str, int]


class Cart(msgspec.Struct, frozen=True, array_like=True):
    """Pieces by variant id, in the order in which they were asked for.

    `missing` counts what was asked for and is not known; `partial` says that something else of the address was not
    taken into account; `ship_to` is the country that the address named.
    """

    shop_id: str
    lines: tuple[Line, ...] = ()
    code: str | None = None
    ship_to: str | None = None
    missing: int = 0
    partial: bool = False

    def having(self, lines: Iterable[Line], ship_to: str | None) -> "Cart":
        """The same cart after its buyer has changed it: they know what was missing from it."""
        return Cart(self.shop_id, add_up(lines), self.code, ship_to or self.ship_to)


def add_up(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Each variant once, with as many pieces as one order may have; what is not wanted any more is left out."""
    found: dict[str, int] = {}
    for variant_id, quantity in lines:
        if quantity > 0:
            found[variant_id] = min(found.get(variant_id, 0) + quantity, MOST_PIECES)
    return tuple(found.items())[:MOST_LINES]


def write(vault: Vault, cart: Cart) -> str:
    """The text that stands for this cart in an address: `[A-Za-z0-9_-]`, the same for the same cart."""
    body = msgspec.msgpack.encode(cart)
    return urlsafe_b64encode(body + vault.sign(PURPOSE, body, _MAC)).decode().rstrip("=")


def read(vault: Vault, text: str) -> Cart | None:
    """The cart that a text stands for; None where we did not write it, to the letter."""
    if not _SHORTEST <= len(text) <= _LONGEST or not text.isascii():
        return None
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return None
    body, mac = raw[:-_MAC], raw[-_MAC:]
    if urlsafe_b64encode(raw).decode().rstrip("=") != text or not vault.verify(PURPOSE, body, mac):
        return None
    try:
        return msgspec.msgpack.decode(body, type=Cart)
    except msgspec.MsgspecError:  # Signed by an older version of ours, which knew other carts.
        return None
