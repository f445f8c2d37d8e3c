"""What goes back adds up: to the line, to what was paid, and to the tax in it, whatever fails in between."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import shares
from checkout.errors import RefundTooLarge
from checkout.models import OrderLine
from checkout.shares import Given, Share

STEPS = st.sampled_from([1, 10, 100])


def line_of(quantity: int, total: int, tax: int = 0, name: str = "oline_1") -> OrderLine:
    """So many pieces that cost `total` together, `tax` in it."""
    return OrderLine(
        id=name, shop_id="s", order_id="o", position=0, variant_id="v", product_id="p", title="", variant_title="",
        sku="", quantity=quantity, unit_amount=0, amount_tax=tax, amount_total=total,
    )  # fmt: skip


def test_no_piece_goes_back_twice() -> None:
    for line, pieces in ((line_of(3, 300), 3), (line_of(3, 300, name="oline_2"), 1)):
        with pytest.raises(RefundTooLarge):
            shares.of_pieces([line], {"oline_1": Given(1)}, {"oline_1": pieces}, 1)


@given(
    total=st.integers(0, 100_000),
    rate=st.integers(0, 100),
    step=STEPS,
    quantity=st.integers(1, 50),
    cuts=st.lists(st.integers(1, 10), max_size=10),
)
def test_all_pieces_given_back_one_after_the_other_are_the_line_to_the_cent(
    total: int, rate: int, step: int, quantity: int, cuts: list[int]
) -> None:
    total = total * step
    line = line_of(quantity, total, total * rate // 100)
    before = Given()
    for cut in [*cuts, quantity]:
        pieces = min(cut, quantity - before.pieces)
        if pieces:
            part = shares.of_pieces([line], {line.id: before}, {line.id: pieces}, step)[line.id]
            assert 0 <= part.tax <= part.amount
            assert part.amount % step == 0
            before = Given(before.pieces + pieces, shares.total([before.worth, part]))
    assert before == Given(quantity, Share(total, line.amount_tax))


class Till:
    """An order's refunds, the numbers alone."""

    def __init__(self, lines: Sequence[OrderLine], paid: Share, step: int) -> None:
        self.lines, self.paid, self.step = lines, paid, step
        self.made: list[tuple[Share, Mapping[str, int], Mapping[str, Share]]] = []

    @property
    def left(self) -> Share:
        """What was not given back."""
        gone = shares.total(share for share, _, _ in self.made)
        return Share(self.paid.amount - gone.amount, self.paid.tax - gone.tax)

    def given(self) -> dict[str, Given]:
        """Pieces by line."""
        found = {line.id: Given() for line in self.lines}
        for _, pieces, worth in self.made:
            for name, quantity in pieces.items():
                before = found[name]
                found[name] = Given(before.pieces + quantity, shares.total([before.worth, worth[name]]))
        return found

    def pieces(self, which: int, quantity: int) -> None:
        """Give pieces of one line back, where so many are left and paid for."""
        line = self.lines[which % len(self.lines)]
        quantity = min(quantity, line.quantity - self.given()[line.id].pieces)
        worth = shares.of_pieces(self.lines, self.given(), {line.id: quantity}, self.step)
        if quantity and worth[line.id].amount <= self.left.amount:
            self.give(shares.within(self.left, worth[line.id]), {line.id: quantity}, worth)

    def amount(self, percent: int) -> None:
        """Give a part of what is left back."""
        self.give(shares.of_amount(self.left, self.left.amount * percent // 100 // self.step * self.step), {}, {})

    def give(self, share: Share, pieces: Mapping[str, int], worth: Mapping[str, Share]) -> None:
        """Each refund is no more than what is left, and its tax no more than it."""
        assert 0 <= share.amount <= self.left.amount
        assert 0 <= share.tax <= share.amount
        self.made.append((share, pieces, worth))
        assert 0 <= self.left.tax <= self.left.amount


@given(
    prices=st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 5)), min_size=1, max_size=4),
    rates=st.lists(st.integers(0, 25), min_size=5, max_size=5),
    shipping=st.integers(0, 900),
    step=STEPS,
    moves=st.lists(
        st.tuples(st.sampled_from(["pieces", "amount", "fails"]), st.integers(0, 3), st.integers(1, 100)), max_size=12
    ),
)
def test_refunds_of_an_order_add_up_to_what_was_paid_and_to_its_tax(
    prices: list[tuple[int, int]],
    rates: list[int],
    shipping: int,
    step: int,
    moves: list[tuple[str, int, int]],
) -> None:
    lines = [
        line_of(quantity, price * step, price * step * rate // (100 + rate), f"oline_{place}")
        for place, ((price, quantity), rate) in enumerate(zip(prices, rates, strict=False))
    ]
    sent = Share(shipping * step, shipping * step * rates[-1] // (100 + rates[-1]))
    paid = shares.total([sent, *(Share(line.amount_total, line.amount_tax) for line in lines)])
    till = Till(lines, paid, step)
    for move, which, number in moves:
        if move == "pieces":
            till.pieces(which, number % 4 + 1)
        elif move == "amount":
            till.amount(number)
        elif till.made:
            till.made.pop(which % len(till.made))
    till.amount(100)
    assert till.left == Share()


@given(
    total=st.integers(0, 10_000),
    quantity=st.integers(1, 9),
    fails=st.lists(st.tuples(st.integers(0, 8), st.integers(1, 3)), max_size=8),
)
def test_a_line_is_given_back_to_the_cent_also_where_refunds_of_it_have_failed(
    total: int, quantity: int, fails: list[tuple[int, int]]
) -> None:
    till = Till([line_of(quantity, total, total // 6)], Share(total, total // 6), 1)
    for which, pieces in fails:
        till.pieces(0, pieces)
        if till.made:
            till.made.pop(which % len(till.made))
    for _ in range(quantity):
        till.pieces(0, 1)
    assert till.given()["oline_1"].pieces == quantity
    assert till.left == Share()
