"""Whatever buyers, merchants, banks and the network do, in whatever order: no law is ever broken.

Hypothesis drives the real application through Stripe's SDK against the local Stripe. `make test` tries a few dozen
lives of a shop, the same ones each time; `make chaos` tries hundreds of new ones.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from checkout.models import Order, OrderReview
from checkout.recovery import RECOVERABLE
from checkout.schemas import RefundCreate, RefundLineIn
from tests.checkout.oracle import DISPUTE_ENDS, NOT_GONE, Picture, judge, judge_the_end
from tests.checkout.stripe_books import Session
from tests.checkout.world import PRICE, World

CARDS = (
    "4242424242424242", "4242424242424242", "4000000000000077", "4000000000007726", "4000000000005126",
    "AT321904300235473204", "AT321904300235473204", "AT861904300235473202", "4000000000000002",
)  # fmt: skip
MOST_BUYERS = 5
Databases = Callable[[Path], AbstractContextManager[str]]
T = TypeVar("T")
pick = st.integers(0, 7)
seeds = st.integers(0, 1000)


class Life(RuleBasedStateMachine):
    """A shop's life. Every rule chooses among those whom it can concern."""

    databases: Databases
    steps: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.runner = self.stack.enter_context(asyncio.Runner())
        self.world: World | None = None
        self.seen: Picture | None = None

    def do(self, what: Coroutine[object, object, T]) -> T:
        return self.runner.run(what)

    def did(self, what: str) -> None:
        """Count what a step has come to: a machine that finds nothing to do finds nothing."""
        event(what)
        self.steps[what.partition(":")[0]] += 1

    @property
    def shop(self) -> World:
        assert self.world is not None
        return self.world

    @property
    def now(self) -> Picture:
        assert self.seen is not None
        return self.seen

    @initialize(
        stock=st.sampled_from([1, 2, 3, 8]),
        policy=st.sampled_from(["wait", "refund"]),
        delayed=st.sampled_from(["always", "always", "unless_scarce"]),
        extras=st.sampled_from(["", "postage", "tax inside", "tax on top"]),
    )
    def open_the_shop(self, stock: int, policy: str, delayed: str, extras: str) -> None:
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        url = self.stack.enter_context(self.databases(folder))
        self.world = self.do(World.begin(url, folder, stock, policy, delayed, extras))

    def orders(self, *statuses: str) -> list[Order]:
        seen = self.seen
        found = [seen.orders[each] for each in seen.started] if seen else []
        return [each for each in found if not statuses or each.status in statuses]

    def payable(self) -> list[Session]:
        """Sessions that a buyer has been shown, and that Stripe still lets them pay."""
        seen = self.seen
        if seen is None:
            return []
        known = {each.stripe_session_id for each in seen.checkouts.values()}
        return [each for each in seen.stripe.sessions.values() if each.status == "open" and each.id in known]

    def paid(self) -> list[Order]:
        return [each for each in self.orders() if each.amount_paid]

    def sold(self) -> list[Order]:
        return [each for each in self.orders() if each.paid_at is not None]

    def charged(self) -> list[str]:
        seen = self.seen
        return [each.id for each in seen.stripe.charges.values()] if seen else []

    def standing(self) -> list[str]:
        """Refunds of which the bank may still say something."""
        seen = self.seen
        return [each.id for each in seen.stripe.refunds.values() if each.status not in NOT_GONE] if seen else []

    def undecided(self) -> list[str]:
        seen = self.seen
        return [each.id for each in seen.stripe.disputes.values() if each.status not in DISPUTE_ENDS] if seen else []

    @precondition(lambda self: len(self.orders()) < MOST_BUYERS)
    @rule(
        variant=st.sampled_from([0, 0, 0, 1]),
        quantity=st.integers(1, 3),
        network=st.integers(0, 2),
        card=st.none() | st.sampled_from(CARDS),
        code=st.sampled_from([None, None, "TWICE", "ONCE"]),
        person=st.integers(0, 1),
    )
    def buy(self, variant: int, quantity: int, network: int, card: str | None, code: str | None, person: int) -> None:
        checkout = self.do(self.shop.start(self.shop.wants(variant, quantity, network, code, person)))
        self.did("buy" if checkout else "buy: refused")
        if code is not None:
            self.did(f"code: {code}")
        if checkout is not None and card is not None:
            self.do(self.shop.pay(checkout.stripe_session_id or "", card))
            self.did(f"pay: {card}")

    @precondition(lambda self: 0 < len(self.orders()) < MOST_BUYERS)
    @rule(quantities=st.tuples(st.integers(1, 3), st.integers(1, 3)), is_one_page=st.booleans())
    def two_buy_at_once(self, quantities: tuple[int, int], is_one_page: bool) -> None:
        pages = ["shared"] * 2 if is_one_page else ["", ""]
        both = [self.shop.wants(0, each, 0, page=page) for each, page in zip(quantities, pages, strict=True)]
        found = self.do(self.shop.start_both(*both))
        self.did(f"at once: {sum(each is not None for each in found)}")
        if is_one_page and quantities[0] == quantities[1]:
            assert len({each.id for each in found if each is not None}) <= 1

    @precondition(lambda self: len(self.orders()) > self.shop.changes)
    @rule(amount=st.sampled_from([PRICE, 1999, 4001]))
    def the_price_changes(self, amount: int) -> None:
        self.do(self.shop.reprice(0, amount))
        self.did("reprice")

    @precondition(lambda self: len(self.orders()) > self.shop.changes and self.shop.postage)
    @rule(amount=st.sampled_from([0, 590, 990]))
    def the_postage_changes(self, amount: int) -> None:
        self.do(self.shop.change_postage(amount))
        self.did("postage")

    @precondition(lambda self: self.orders())
    @rule(at=pick)
    def tap_again(self, at: int) -> None:
        order = chosen(self.orders(), at)
        before = self.now.checkouts[order.id]
        checkout = self.do(self.shop.start(self.shop.intents[order.id]))
        self.did("tap again")
        if before.status in ("open", "complete"):
            assert checkout is not None
            living = [each for each in self.now.checkouts.values() if each.status in ("open", "complete")]
            assert checkout.id in {each.id for each in living if each.page == before.page}

    @precondition(lambda self: self.payable())
    @rule(at=pick, card=st.sampled_from(CARDS), way=st.integers(0, 1))
    def pay(self, at: int, card: str, way: int) -> None:
        self.do(self.shop.pay(chosen(self.payable(), at).id, card, way))
        self.did(f"pay: {card}")

    def under_review(self) -> list[OrderReview]:
        """What nobody has looked at yet."""
        seen = self.seen
        return (
            [each for order in self.orders() for each in seen.reviews[order.id] if not each.resolved_at] if seen else []
        )

    @precondition(lambda self: self.orders("draft", "awaiting_payment", "processing"))
    @rule(at=pick)
    def cancel(self, at: int) -> None:
        order = chosen(self.orders("draft", "awaiting_payment", "processing"), at)
        self.do(self.shop.cancel(self.now.checkouts[order.id]))
        self.did("cancel")

    @precondition(lambda self: self.payable())
    @rule(at=pick)
    def run_out(self, at: int) -> None:
        self.do(self.shop.at_stripe(f"sessions/{chosen(self.payable(), at).id}/expire"))
        self.did("run out")

    @precondition(lambda self: self.now.stripe.sessions and not self.now.foreign if self.seen else False)
    @rule(at=pick)
    def pay_elsewhere(self, at: int) -> None:
        orders = [each for each in self.orders() if each.amount_total and self.now.checkouts[each.id].stripe_session_id]
        if orders and not self.shop.till.sandbox.desk.faults.waiting():
            order = chosen(orders, at)
            self.do(self.shop.pay_elsewhere(order, self.now.checkouts[order.id]))
            self.did("pay elsewhere")

    @precondition(lambda self: self.orders() and len(self.now.strangers) < 2)
    @rule(at=pick, amount=st.sampled_from([0, 100, PRICE - 1, PRICE, 3 * PRICE]))
    def a_stranger_pays(self, at: int, amount: int) -> None:
        if not self.shop.till.sandbox.desk.faults.waiting():
            self.do(self.shop.pay_as_a_stranger(chosen(self.orders(), at), amount))
            self.did("a stranger pays")

    @precondition(lambda self: self.paid())
    @rule(at=pick, amount=st.integers(1, 2 * PRICE))
    def refund_an_amount(self, at: int, amount: int) -> None:
        self.do(self.shop.refund(chosen(self.paid(), at), RefundCreate(amount=amount)))
        self.did("refund: amount")

    @precondition(lambda self: self.paid())
    @rule(at=pick, restock=st.booleans())
    def refund_all(self, at: int, restock: bool) -> None:
        self.do(self.shop.refund(chosen(self.paid(), at), RefundCreate(restock=restock)))
        self.did("refund: all")

    @precondition(lambda self: self.paid())
    @rule(at=pick, quantity=st.integers(1, 3), restock=st.booleans())
    def refund_pieces(self, at: int, quantity: int, restock: bool) -> None:
        order = chosen(self.paid(), at)
        lines = [RefundLineIn(line_id=self.do(self.shop.lines(order))[0].id, quantity=quantity)]
        self.do(self.shop.refund(order, RefundCreate(lines=lines, restock=restock)))
        self.did("refund: pieces")

    @precondition(lambda self: self.sold())
    @rule(at=pick, quantity=st.integers(1, 3))
    def take_pieces_back(self, at: int, quantity: int) -> None:
        order = chosen(self.sold(), at)
        lines = [RefundLineIn(line_id=self.do(self.shop.lines(order))[0].id, quantity=quantity)]
        self.do(self.shop.refund(order, RefundCreate(amount=0, lines=lines, restock=True)))
        self.did("refund: pieces without money")

    @precondition(lambda self: self.world is not None and self.world.wishes)
    @rule(at=pick)
    def ask_for_the_same_refund(self, at: int) -> None:
        self.do(self.shop.ask_refund(chosen(list(self.shop.wishes), at)))
        self.did("refund: same again")

    @precondition(lambda self: self.charged())
    @rule(at=pick, amount=st.integers(1, PRICE))
    def refund_by_hand(self, at: int, amount: int) -> None:
        answer = self.do(self.shop.at_stripe("refunds", charge=chosen(self.charged(), at), amount=amount))
        self.did(f"refund by hand: {answer.status_code}")

    @precondition(lambda self: self.standing())
    @rule(at=pick, status=st.sampled_from(["failed", "failed", "succeeded", "pending", "canceled"]))
    def the_bank_moves_a_refund(self, at: int, status: str) -> None:
        refund = chosen(self.standing(), at)
        now = self.now.stripe.refunds[refund].status
        # A pending refund arrives or fails; one that has arrived may only fail (docs.stripe.com/refunds).
        status = "failed" if now == "succeeded" else status
        self.do(self.shop.at_stripe(f"refunds/{refund}", status=status))
        self.did(f"the bank moves a refund: {now} to {status}")

    @precondition(lambda self: self.charged())
    @rule(
        at=pick,
        kind=st.sampled_from(["chargeback", "inquiry", "warning"]),
        amount=st.sampled_from([None, None, 1, 100]),
    )
    def dispute(self, at: int, kind: str, amount: int | None) -> None:
        charge = chosen(self.charged(), at)
        intent = next(each.payment_intent for each in self.now.stripe.charges.values() if each.id == charge)
        if all(each.payment_intent != intent for each in self.now.stripe.disputes.values()):
            self.do(self.shop.at_stripe("disputes", charge=charge, kind=kind, amount=amount))
            self.did(f"dispute: {kind}")

    @precondition(lambda self: self.undecided())
    @rule(at=pick, status=st.sampled_from(["won", "lost", "needs_response"]))
    def the_bank_decides(self, at: int, status: str) -> None:
        dispute = chosen(self.undecided(), at)
        warns = self.now.stripe.disputes[dispute].status.startswith("warning")
        if warns or status != "needs_response":
            status = "warning_closed" if warns and status != "needs_response" else status
            self.do(self.shop.at_stripe(f"disputes/{dispute}", status=status))
            self.did(f"the bank decides: {status}")

    @precondition(lambda self: self.under_review())
    @rule(at=pick)
    def somebody_looks(self, at: int) -> None:
        self.do(self.shop.resolve(chosen(self.under_review(), at)))
        self.did("somebody looks")

    @precondition(lambda self: self.orders(*RECOVERABLE))
    @rule(at=pick)
    def take_up_again(self, at: int) -> None:
        self.do(self.shop.recover(chosen(self.orders(*RECOVERABLE), at)))
        self.did("take up again")

    @precondition(lambda self: self.orders())
    @rule(copies=st.integers(1, 3), seed=seeds, losing=st.sampled_from([0.0, 0.0, 0.4]))
    def deliver(self, copies: int, seed: int, losing: float) -> None:
        self.do(self.shop.deliver(copies, seed, losing))
        self.did("deliver")

    @precondition(lambda self: self.world is not None and self.world.till.deliveries)
    @rule(seed=seeds)
    def repeat(self, seed: int) -> None:
        self.do(self.shop.repeat(seed, 0.5))
        self.did("repeat")

    @precondition(lambda self: self.orders())
    @rule(what=st.sampled_from(["work", "sweep", "work and sweep"]))
    def our_worker_comes_by(self, what: str) -> None:
        if "work" in what:
            self.do(self.shop.work())
            self.did("work")
        if "sweep" in what:
            self.do(self.shop.sweep())
            self.did("sweep")

    @precondition(lambda self: self.orders())
    @rule(minutes=st.sampled_from([2, 11, 11, 11, 34, 26 * 60]))
    def pass_time(self, minutes: int) -> None:
        self.do(self.shop.pass_time(minutes))
        self.did(f"pass time: {minutes} min")

    @precondition(lambda self: self.orders() and self.shop.faults < 2)
    @rule(at=st.sampled_from(["before", "inside", "after"]), path=st.sampled_from(["checkout/sessions", "refunds"]))
    def stripe_fails(self, at: str, path: str) -> None:
        self.do(self.shop.fail_next(at, f"/v1/{path}"))
        self.did(f"Stripe fails: {at}, {path}")

    @invariant()
    def every_law_holds(self) -> None:
        if self.world is not None:
            seen = self.do(self.world.look())
            judge(seen, self.seen, self.world.initial)
            self.seen = seen

    def teardown(self) -> None:
        with self.stack:
            if self.world is not None:
                try:
                    self.do(self._conclude())
                finally:
                    self.do(self.world.end())

    async def _conclude(self) -> None:
        await self.shop.conclude()
        seen = await self.shop.look()
        judge(seen, self.seen, self.shop.initial)
        judge_the_end(seen)


def chosen(among: list[T], at: int) -> T:
    """One of those whom it can concern."""
    return among[at % len(among)]


RULES = (
    "buy", "code", "at once", "reprice", "postage", "tap again", "pay", "cancel", "run out", "pay elsewhere",
    "a stranger pays", "refund", "refund by hand", "the bank moves a refund", "dispute", "the bank decides",
    "somebody looks", "take up again", "deliver", "repeat", "sweep", "work", "pass time", "Stripe fails",
)  # fmt: skip


def live(request: pytest.FixtureRequest, engine: str, examples: int, steps: int, *, new: bool = False) -> Counter[str]:
    """Let a shop live so many lives, and count what was done in them."""
    templates = request.getfixturevalue(f"{engine}_templates")
    done: Counter[str] = Counter()
    machine = type("Life", (Life,), {"databases": staticmethod(templates.fresh), "steps": done})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=not new,
            database=None,
            suppress_health_check=list(HealthCheck),
            # Shrinking takes minutes: `make chaos` has them.
            phases=list(Phase) if new else [Phase.generate],
        ),
    )
    return done


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("engine", "examples", "kinds"), [("sqlite", 8, 18), ("postgresql", 3, 12)])
def test_no_law_is_ever_broken(request: pytest.FixtureRequest, engine: str, examples: int, kinds: int) -> None:
    done = live(request, engine, examples, 25)
    assert done["buy"] > examples
    assert sum(bool(done[each]) for each in RULES) >= kinds, "lives in which little happens show little"


@pytest.mark.chaos
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("engine", "examples"), [("sqlite", 150), ("postgresql", 60)])
def test_no_law_is_broken_in_many_lives(request: pytest.FixtureRequest, engine: str, examples: int) -> None:
    done = live(request, engine, examples, 50, new=True)
    assert [each for each in RULES if not done[each]] == []
