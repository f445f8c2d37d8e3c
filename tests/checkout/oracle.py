"""What must be true of a shop at every moment, judged by Stripe's own books and by plain counting.

Nothing here asks `checkout.facts`: what is expected is said a second time, in other words.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from checkout.discounts.errors import DiscountNotApplicable
from checkout.discounts.models import Discount, DiscountUse, Redemption
from checkout.models import Checkout, Hold, Order, OrderLine, OrderReview, Refund
from checkout.placing import Intent
from tests.checkout.stripe_books import Session, Stripe

HOLDING = {"amount-mismatch", "currency-mismatch", "fraud-warning", "unknown-session"}
ENDED = ("expired", "cancelled", "payment_failed")
WAITING = ("draft", "awaiting_payment", "processing")
CERTAIN = ("paid", "no_payment_required")
NOT_GONE = ("failed", "canceled")
DISPUTE_ENDS = ("warning_closed", "prevented", "won", "lost")


ORIGIN = (
    "network", "placement", "post_id", "link_id", "click_id", "click_token", "campaign", "utm", "method", "confidence",
    "evidence", "recovers",
)  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A shop's books of the moment, beside Stripe's. `started` are the orders in the order in which they were placed,
    `foreign` the sessions that somebody else has opened for them: `strangers` those where that was not the shop.
    `prices` are the catalog's when an order was placed."""

    orders: Mapping[str, Order]
    checkouts: Mapping[str, Checkout]
    holds: Mapping[str, Sequence[Hold]]
    refunds: Mapping[str, Sequence[Refund]]
    reviews: Mapping[str, Sequence[OrderReview]]
    news: Counter[tuple[str, str]]
    available: Mapping[str, int]
    stripe: Stripe
    started: Sequence[str] = ()
    foreign: frozenset[str] = field(default_factory=frozenset)
    strangers: frozenset[str] = field(default_factory=frozenset)
    held: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lines: Mapping[str, Sequence[OrderLine]] = field(default_factory=dict)
    given: Mapping[str, Sequence[Redemption]] = field(default_factory=dict)
    discounts: Mapping[str, Discount] = field(default_factory=dict)
    uses: Sequence[DiscountUse] = ()
    prices: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    tax_on_top: bool = False

    def sessions(self, order: Order) -> list[Session]:
        """The order's sessions that the shop has opened, the oldest first."""
        return [each for each in self.stripe.of_order(order) if each.id not in self.strangers]

    def own(self, order: Order) -> Session | None:
        """The order's own session in Stripe's books."""
        mine = [each for each in self.sessions(order) if each.id not in self.foreign]
        return mine[0] if mine else None

    def paying(self, order: Order) -> Session | None:
        """The session whose money is the order's: its own where that is paid, else the first that was."""
        certain = [each for each in self.sessions(order) if each.payment_status in CERTAIN]
        return min(certain, key=lambda each: (each.id in self.foreign, each.created, each.id), default=None)

    def back(self, order: Order, session: Session) -> int:
        """What our own rows say is going back of a session."""
        rows = [each for each in self.refunds[order.id] if each.session_id == session.id]
        return sum(each.amount for each in rows if each.status not in NOT_GONE)

    def doomed(self, order: Order, session: Session) -> int:
        """What was asked for, has not reached Stripe, and will be refused where somebody gave money back by hand."""
        living = [
            each for each in self.refunds[order.id] if each.session_id == session.id and each.status not in NOT_GONE
        ]
        by_hand = any(each.key is None for each in living)
        return sum(each.amount for each in living if by_hand and each.stripe_refund_id is None)

    def in_vain(self, order: Order, session: Session) -> bool:
        """Whether giving a session's money back was tried and failed, of which the shop was told."""
        failed = any(each.status in NOT_GONE and each.session_id == session.id for each in self.refunds[order.id])
        return failed and self.news["order.refund_failed", order.id] > 0


def judge(now: Picture, before: Picture | None, initial: Mapping[str, int]) -> None:
    """The laws of every moment."""
    _conserves_stock(now, initial)
    _numbers_without_gaps(now)
    _keeps_limits(now)
    for order in now.orders.values():
        _adds_up(now, order)
        _discounts_follow(now, order)
        _holds_follow(now, order)
        _money_follows(now, order)
        _happens_once(now, order)
        _one_session(now, order)
        _people_are_asked_once(now, order)
        if before is not None and order.id in before.orders:
            _forgets_nothing(before.orders[order.id], order)
            _keeps_what_people_said(before.reviews[order.id], now.reviews[order.id])


def _conserves_stock(now: Picture, initial: Mapping[str, int]) -> None:
    gone: Counter[str] = Counter()
    for hold in (hold for holds in now.holds.values() for hold in holds if hold.status != "released"):
        gone[hold.variant_id] += hold.quantity - hold.restocked
    for variant, pieces in initial.items():
        assert 0 <= now.available[variant] == pieces - gone[variant], "pieces were made or lost"


def _numbers_without_gaps(now: Picture) -> None:
    numbers = sorted(order.number for order in now.orders.values() if order.number is not None)
    assert numbers == list(range(1, len(numbers) + 1))
    assert all((order.number is None) == (order.paid_at is None) for order in now.orders.values())


def _keeps_limits(now: Picture) -> None:
    """A discount is counted once for each order that has it, in all and by the day or person, and never too often."""
    living = [each for given in now.given.values() for each in given if each.status != "released"]
    for discount in now.discounts.values():
        assert discount.used == sum(each.discount_id == discount.id for each in living)
        assert discount.limit_total is None or discount.used <= discount.limit_total, "a limit was passed"
    for use in now.uses:
        mine = [each for each in living if each.discount_id == use.discount_id and use.bucket in each.buckets]
        limit = now.discounts[use.discount_id].limit_per_customer
        assert use.used == len(mine) <= (limit or len(mine)), "a customer's limit was passed"


def _discounts_follow(now: Picture, order: Order) -> None:
    """What was reserved is used once the order is paid, and others' again once it has come to nothing."""
    known = {each.status for each in now.given[order.id]}
    if order.paid_at is not None:
        over = {each.about for each in now.reviews[order.id] if each.reason == "discount-limit"}
        assert all(each.status == "redeemed" or each.discount_id in over for each in now.given[order.id])
    else:
        assert known <= {"released" if order.status in ENDED else "reserved"}


def _adds_up(now: Picture, order: Order) -> None:
    """Lines at the catalog's prices, less what was given, with shipping and tax, are the total; Stripe counts alike."""
    lines, prices = now.lines[order.id], now.prices[order.id]
    assert all(line.unit_amount == prices[line.variant_id] for line in lines), "a price is not the catalog's"
    assert all(each.amount_total == each.unit_amount * each.quantity - each.amount_discount for each in lines)
    assert sum(each.unit_amount * each.quantity for each in lines) == order.amount_subtotal
    assert sum(each.amount_discount for each in lines) == order.amount_discount
    assert sum(each.amount for each in now.given[order.id]) == order.amount_discount
    on_top = order.amount_tax if now.tax_on_top else 0
    total = order.amount_subtotal - order.amount_discount + order.amount_shipping + on_top
    assert total == order.amount_total, "the parts of an order are not its total"
    own = now.own(order)
    if own is not None:
        assert own.amount_subtotal == order.amount_subtotal
        assert own.total_details.amount_discount == order.amount_discount


def _holds_follow(now: Picture, order: Order) -> None:
    """Stock goes where the order goes, and back only once Stripe says that nobody can pay any more."""
    known = {hold.status for hold in now.holds[order.id]}
    if order.paid_at is not None:
        assert known <= {"sold", "released"}
        sold_on = any(each.restocked_at and each.status in NOT_GONE for each in now.refunds[order.id])
        assert order.oversold == ("released" in known or sold_on), "sold or oversold, and nothing else"
        told = {each.reason for each in now.reviews[order.id]}
        assert not order.oversold or told & {"late-payment", "refund-failed"}, "oversold, and nobody was told"
    elif order.status in ENDED:
        assert known == {"released"}
        own = now.own(order)
        assert own is None or own.status == "expired" or own.id in now.stripe.bounced, "given back, and still payable"
    else:
        assert order.status in WAITING
        assert known == {"held"}


def _money_follows(now: Picture, order: Order) -> None:
    """What we say was paid and given back, Stripe says too; it may only know more than we do."""
    certain = [each for each in now.sessions(order) if each.payment_status in CERTAIN]
    if order.paid_at is None:
        assert (order.amount_paid, order.amount_refunded) == (0, 0)
        return
    assert certain, "paid, and Stripe knows of no payment"
    # Sessions of one order differ in what shipping was chosen, and of the one that counts nobody may have told us yet.
    assert order.amount_paid == order.amount_total
    assert order.amount_paid in {each.amount_total for each in certain}
    assert order.status in ("paid", "partially_refunded", "refunded", "disputed", "charged_back")
    known = {min(now.back(order, each), each.amount_total) for each in certain}
    assert order.amount_refunded in known, "what is going back is not what was asked for"
    for each in now.refunds[order.id]:
        theirs = now.stripe.refunds.get(each.stripe_refund_id or "")
        assert each.stripe_refund_id is None or (theirs is not None and theirs.amount == each.amount)
    for session in certain:
        charge = now.stripe.charges.get(session.payment_intent or "")
        captured = charge.amount_captured if charge else 0
        assert 0 <= now.back(order, session) - now.doomed(order, session) <= captured, (
            "more is going back than was paid"
        )


def _happens_once(now: Picture, order: Order) -> None:
    assert now.news["order.placed", order.id] == 1
    assert now.news["order.paid", order.id] == (order.paid_at is not None)
    assert now.news["order.expired", order.id] + now.news["order.payment_failed", order.id] <= 1


def _one_session(now: Picture, order: Order) -> None:
    mine = [each.id for each in now.sessions(order) if each.id not in now.foreign]
    assert len(mine) <= 1
    assert now.checkouts[order.id].stripe_session_id in {None, *mine, *(now.foreign - now.strangers)}


def _people_are_asked_once(now: Picture, order: Order) -> None:
    """Each matter opens one review, of which the shop was told; the order names the reasons of the open ones."""
    mine = now.reviews[order.id]
    assert order.reviews == sorted({each.reason for each in mine if each.resolved_at is None})
    assert len({(each.reason, each.about) for each in mine}) == len(mine)
    assert all(each.told for each in mine)
    assert bool(mine) <= now.news["order.needs_review", order.id] <= len(mine)
    assert ("review" in now.held[order.id]) == bool(HOLDING.intersection(order.reviews)), (
        "held back by a review, or not"
    )


def _keeps_what_people_said(before: Sequence[OrderReview], now: Sequence[OrderReview]) -> None:
    later = {each.id: each.resolved_at for each in now}
    assert all(each.resolved_at in {None, later[each.id]} for each in before), "a review was forgotten or opened again"


def _forgets_nothing(before: Order, order: Order) -> None:
    assert order.amount_paid >= before.amount_paid
    assert before.paid_at in {None, order.paid_at}
    assert before.number in {None, order.number}
    for name in ORIGIN:
        assert getattr(before, name) == getattr(order, name), f"{name} was changed"


def judge_refusal(seen: Picture, intent: Intent, refusal: DiscountNotApplicable) -> None:
    """A code is refused where it is used up, by all or by this person, or where there is nothing to reduce."""
    reason, claim = refusal.facts["reason"], intent.discount
    if reason == "used-up":
        assert any(each.code == claim.code and each.used == each.limit_total for each in seen.discounts.values())
    elif reason == "used-by-this-customer":
        assert any(each.bucket == f"visitor:{claim.customer}" and each.used for each in seen.uses)
    else:
        assert reason == "nothing-to-reduce"


def judge_the_end(now: Picture) -> None:
    """Everything has been told: both books say the same."""
    for order in now.orders.values():
        paying = now.paying(order)
        expected = _status(now, order, paying)
        assert order.status == expected, f"an order is {order.status}, and should be {expected}"
        if order.paid_at is not None:
            _was_charged(now, order)
        for each in now.refunds[order.id]:
            theirs = now.stripe.refunds.get(each.stripe_refund_id or "")
            theirs_says = theirs.status if theirs else "failed" if each.amount else "succeeded"
            assert each.status == theirs_says, f"a refund is {each.status}, and should be {theirs_says}"
        for session in now.stripe.of_order(order):
            charge = now.stripe.charges.get(session.payment_intent or "")
            if session.id in now.strangers:
                assert charge is None or ("unknown-session", session.id) in {
                    (each.reason, each.about) for each in now.reviews[order.id]
                }, "a stranger has paid, and nobody was told"
                assert all(each.key is None for each in now.refunds[order.id] if each.session_id == session.id)
            elif paying is not None and charge is not None and session.id == paying.id:
                assert order.amount_refunded == charge.amount_refunded
            elif charge is not None:
                assert ("duplicate-payment", session.id) in {
                    (each.reason, each.about) for each in now.reviews[order.id]
                }
                assert now.stripe.left(session) == 0 or now.in_vain(order, session), "paid twice, and not given back"
    for order in now.orders.values():
        complaints = [each for session in now.stripe.of_order(order) for each in now.stripe.complaints(session)]
        is_open = any(each.status not in DISPUTE_ENDS for each in complaints)
        assert ("dispute" in now.held[order.id]) == is_open, (
            "held back by a dispute that is over, or not by one that is"
        )
    asked = {each.about for rows in now.reviews.values() for each in rows if each.reason == "fraud-warning"}
    assert asked == set(now.stripe.warnings), "the network warned, and nobody was told"
    known = {each.stripe_refund_id for rows in now.refunds.values() for each in rows}
    assert set(now.stripe.refunds) <= known


def _was_charged(now: Picture, order: Order) -> None:
    """What the lines have cost, with shipping and its tax, is what the order was paid with."""
    lines = now.lines[order.id]
    assert order.lines_session is None, "lines are still to be read"
    on_top = order.amount_tax - sum(each.amount_tax for each in lines) if now.tax_on_top else 0
    assert sum(each.cost for each in lines) + order.amount_shipping + on_top == order.amount_paid
    paying = now.paying(order)
    assert paying is not None
    told = paying.total_details
    assert (told.amount_shipping or 0, told.amount_tax) == (order.amount_shipping, order.amount_tax)


def _status(now: Picture, order: Order, paying: Session | None) -> str:
    own = now.own(order)
    if paying is None:
        if own is not None and own.id in now.stripe.bounced:
            return "payment_failed"
        return "cancelled" if order.cancelled else "expired"
    complaints = now.stripe.complaints(paying)
    if any(each.status not in DISPUTE_ENDS for each in complaints):
        return "disputed"
    charge = now.stripe.charges.get(paying.payment_intent or "")
    lost = sum(each.amount for each in complaints if each.status == "lost")
    if charge is not None and lost and lost + charge.amount_refunded >= charge.amount_captured:
        return "charged_back"
    if charge is None or not charge.amount_refunded:
        return "paid"
    return "refunded" if charge.amount_refunded == charge.amount_captured else "partially_refunded"
