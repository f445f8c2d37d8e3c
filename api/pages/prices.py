"""What a page has said of prices, as its form carries it back: only to be compared, so that nobody has to sign it.

A piece's price for each variant, discounts taken off: one number where all cost the same, else `variant.number` by
variant, with hyphens between. What was agreed to for one choice is `variant.quantity.total`. Shipping is
`country.amount`, with hyphens between, after the one choice that it holds for (`variant.quantity:`) or after a colon
alone, where it holds for every choice of the page.
"""

from collections.abc import Mapping

from core import money

_DIGITS = len(str(money.MAXIMUM))


def write(pieces: Mapping[str, int]) -> str:
    """The prices of these variants."""
    if len(set(pieces.values())) == 1:
        return str(next(iter(pieces.values())))
    return "-".join(f"{variant_id}.{each}" for variant_id, each in pieces.items())


def piece(text: str, variant_id: str) -> int | None:
    """What a piece of this variant was said to cost; None where nothing was said."""
    told = dict(each.partition(".")[::2] for each in text.split("-"))
    return amount(told.get(variant_id, "") if "." in text else text)


def agree(variant_id: str, quantity: int, total: int) -> str:
    """What one choice was said to come to."""
    return f"{variant_id}.{quantity}.{total}"


def agreed(text: str, variant_id: str, quantity: int) -> int | None:
    """What this choice was said to come to; None where it was another one, or none."""
    choice, _, total = text.rpartition(".")
    return amount(total) if choice == f"{variant_id}.{quantity}" else None


def write_shipping(amounts: Mapping[str, int], variant_id: str = "", quantity: int = 0) -> str:
    """What shipping comes to by country, for one choice or, without any, for all of them."""
    choice = f"{variant_id}.{quantity}" if variant_id else ""
    return f"{choice}:{'-'.join(f'{country}.{each}' for country, each in amounts.items())}"


def shipping(text: str, variant_id: str, quantity: int, country: str) -> int | None:
    """What shipping was said to come to; None where that was said of another choice, or not at all."""
    choice, _, told = text.partition(":")
    if choice not in ("", f"{variant_id}.{quantity}"):
        return None
    return amount(dict(each.partition(".")[::2] for each in told.split("-")).get(country, ""))


def amount(text: str) -> int | None:
    """An amount that a form carries, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None
