"""What goes back, to the cent: of pieces, of an amount, of all that is left. No database, and everything adds up.

All the pieces of a line, given back one after the other, are what the line cost; all the refunds of a payment are what
was paid, and their taxes the tax in it: whatever came in between, and whichever of them failed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from checkout.errors import RefundTooLarge
from checkout.models import OrderLine


class Share(NamedTuple):
    """Money and the tax in it, in the minor unit."""

    amount: int = 0
    tax: int = 0


class Given(NamedTuple):
    """How many pieces of a line were given back, and what they had cost."""

    pieces: int = 0
    worth: Share = Share()


def total(shares: Iterable[Share]) -> Share:
    """All of it together."""
    found = list(shares)
    return Share(sum(each.amount for each in found), sum(each.tax for each in found))


def of_pieces(
    lines: Sequence[OrderLine], given: Mapping[str, Given], pieces: Mapping[str, int], step: int
) -> dict[str, Share]:
    """What `pieces` of these lines had cost, by line, after those that are `given` back; on the currency's step.

    Refuses RefundTooLarge for more pieces than are left, and for a line of another order.
    """
    known = {line.id: line for line in lines}
    found: dict[str, Share] = {}
    for line_id, quantity in pieces.items():
        line, before = known.get(line_id), given.get(line_id, Given())
        if line is None or before.pieces + quantity > line.quantity:
            left = line.quantity - before.pieces if line else 0
            raise RefundTooLarge("More pieces than are left of this line.", line_id=line_id, left=left)
        found[line_id] = _of_line(line, before, quantity, step)
    return found


def _of_line(line: OrderLine, before: Given, quantity: int, step: int) -> Share:
    """The difference between what all pieces up to now cost and what was given for those before: no cent is lost."""
    until = _part(line.cost, before.pieces + quantity, line.quantity) // step * step
    amount = max(0, until - before.worth.amount)
    tax = _part(line.amount_tax, before.worth.amount + amount, line.cost) - before.worth.tax
    return Share(amount, max(0, min(tax, amount)))


def of_amount(left: Share, amount: int) -> Share:
    """An amount out of what is left, with as much of the tax; the last one takes the rest."""
    return within(left, Share(amount, _part(left.tax, amount, left.amount)))


def within(left: Share, share: Share) -> Share:
    """The same amount with no more tax than is left, and no less than what stays could not hold."""
    least = left.tax - (left.amount - share.amount)
    return share._replace(tax=max(least, min(share.tax, left.tax)))


def _part(amount: int, numerator: int, denominator: int) -> int:
    return amount * numerator // denominator if denominator else 0
