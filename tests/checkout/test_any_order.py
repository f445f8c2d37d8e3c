"""Whatever Stripe says of an order, amounts that change included: in any order of arrival, it ends the same.

The words go through the application's own door and into its own tables; two orders hear the same, each in another
order, repetitions included.
"""

import random
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
import pytest

from checkout import disputes, facts, orders, payments, refunds, reviews
from checkout.models import Order
from checkout.schemas import CheckoutItemIn
from checkout.stripe import events
from core import clock
from tests.checkout.conftest import Till, make_variant
from tests.checkout.test_junk import signed

PRICE = 4900
TOTALS = (PRICE, PRICE, 100, 6000)
REFUNDS = {"re_1": 500, "re_2": 1000, "re_3": 4900}
# A payment that comes after its stock was given back says so, and one that came before has nothing to say.
OF_ARRIVAL = frozenset(("late-payment",))


class Word(NamedTuple):
    """Something that Stripe says: the kind of the event, and its object, whose names end with those of the order."""

    kind: str
    about: dict[str, object]


def session_word(dice: random.Random) -> Word:
    kind = dice.choice(("completed", "completed", "expired", "async_payment_succeeded", "async_payment_failed"))
    total = dice.choice(TOTALS)
    which = dice.choice(("own", "own", "again"))
    return Word(
        f"checkout.session.{kind}",
        {
            "id": which, "status": "expired" if kind == "expired" else "complete", "created": 7,
            "payment_status": "paid" if kind == "completed" and dice.random() < 0.5 else "unpaid",
            "amount_subtotal": total, "amount_total": total, "currency": dice.choice(("eur", "eur", "eur", "usd")),
            "payment_intent": f"pi_{which}",
        },
    )  # fmt: skip


def refund_word(dice: random.Random) -> Word:
    name = dice.choice(list(REFUNDS))
    status = dice.choice(facts.REFUND[1:])
    intent = "pi_again" if name == "re_3" else "pi_own"
    about = {"id": name, "amount": REFUNDS[name], "currency": "eur", "status": status, "payment_intent": intent}
    return Word("refund.updated", about)


def dispute_word(dice: random.Random) -> Word:
    return Word(
        "charge.dispute.updated",
        {
            "id": "du_1", "amount": dice.choice((2000, 4000, PRICE)), "currency": "eur", "payment_intent": "pi_own",
            "status": dice.choice((*facts.DISPUTE, "a_new_word")), "reason": dice.choice(("fraudulent", "general")),
            "evidence_details": {"due_by": dice.choice((None, 1000, 2000))},
        },
    )  # fmt: skip


KINDS: tuple[Callable[[random.Random], Word], ...] = (session_word, refund_word, dispute_word)


class Heard:
    """An order, and what its shop has heard of it."""

    def __init__(self, till: Till, order_id: str, own: str) -> None:
        self.till, self.order_id, self.own, self.heard = till, order_id, own, 0

    @classmethod
    async def begin(cls, till: Till, variant: str) -> "Heard":
        checkout = await till.start(CheckoutItemIn(variant_id=variant))
        return cls(till, checkout.order_id, checkout.stripe_session_id or "")

    def _name(self, name: object) -> str:
        return self.own if name == "own" else f"{name}_{self.order_id}"

    def _plain(self, text: str | None) -> str:
        return (text or "").replace(self.own, "own").replace(f"_{self.order_id}", "")

    async def hear(self, words: Sequence[Word]) -> None:
        """Take everything in, as if Stripe had sent it."""
        for kind, about in words:
            self.heard += 1
            said = about | {"id": self._name(about["id"]), "payment_intent": self._name(about["payment_intent"])}
            if kind.startswith("checkout."):
                said |= {"client_reference_id": self.order_id, "metadata": {"order": self.order_id}}
            event = {"id": f"evt_{self.heard}_{self.order_id}", "type": kind, "created": 1, "data": {"object": said}}
            body = msgspec.json.encode(event)
            outcome = await events.receive(self.till.db, self.till.vault, body, signed(body), clock.now())
            assert outcome in ("applied", "orphan")

    async def order(self) -> Order:
        async with self.till.db.read() as session:
            return await orders.get(session, self.till.shop, self.order_id)

    async def end(self) -> dict[str, object]:
        """Everything that is known of the order then, but for when it was heard."""
        order = await self.order()
        async with self.till.db.read() as session:
            sessions = (await payments.sessions_of(session, order)).payments
            made = await refunds.of_order(session, order)
            questioned = await disputes.of_order(session, order)
            open_reviews = await reviews.of_order(session, order)
        return {
            "order": (order.status, order.amount_paid, order.amount_refunded, order.amount_total),
            "payments": sorted(
                (
                    self._plain(each.session_id), each.session_status, each.payment_status, each.amount_total,
                    each.amount_subtotal, each.currency, each.agrees, each.named,
                )
                for each in sessions
            ),
            "refunds": sorted((self._plain(each.stripe_refund_id), each.status, each.amount) for each in made),
            "disputes": [(each.status, each.amount, each.reason, each.evidence_due_by) for each in questioned],
            "reviews": sorted(
                (each.reason, self._plain(each.about)) for each in open_reviews if each.reason not in OF_ARRIVAL
            ),
        }  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
async def test_what_is_known_of_an_order_is_the_same_in_whatever_order_it_was_heard(till: Till, seed: int) -> None:
    dice = random.Random(seed)
    variant = await make_variant(till.db, till.shop, stock=1000, amount=PRICE)
    for _ in range(2):
        words = [dice.choice(KINDS)(dice) for _ in range(dice.randint(2, 9))]
        ends = []
        for told in (words, words[::-1], dice.sample(words * 2, len(words) * 2)):
            heard = await Heard.begin(till, variant)
            await heard.hear(told)
            ends.append(await heard.end())
        assert ends[0] == ends[1], words
        assert ends[0] == ends[2], words


def complete(total: int, currency: str = "eur") -> Word:
    about = {
        "id": "own", "status": "complete", "payment_status": "paid", "created": 7, "payment_intent": "pi_own",
        "amount_subtotal": total, "amount_total": total, "currency": currency,
    }  # fmt: skip
    return Word("checkout.session.completed", about)


def questioned(status: str, amount: int, due_by: int | None = None) -> Word:
    about = {
        "id": "du_1", "amount": amount, "currency": "eur", "payment_intent": "pi_own", "status": status,
        "reason": "fraudulent", "evidence_details": {"due_by": due_by},
    }  # fmt: skip
    return Word("charge.dispute.updated", about)


@pytest.mark.parametrize("turned", [False, True])
async def test_a_dispute_is_about_what_the_bank_said_last_in_its_own_order(till: Till, turned: bool) -> None:
    """An inquiry over everything becomes a dispute about a part, and is lost: the rest of the order stands."""
    heard = await Heard.begin(till, await make_variant(till.db, till.shop, amount=PRICE))
    words = [
        questioned("warning_needs_response", PRICE, 1000),
        questioned("needs_response", 2000, 2000),
        questioned("lost", 2000),
    ]
    await heard.hear([complete(PRICE), *(words[::-1] if turned else words)])
    end = await heard.end()
    assert (await heard.order()).status == "paid"
    assert end["disputes"] == [("lost", 2000, "fraudulent", datetime.fromtimestamp(2000, clock.now().tzinfo))]


@pytest.mark.parametrize("totals", [(PRICE, 100), (100, PRICE)])
async def test_money_that_was_said_to_be_there_is_never_less(till: Till, totals: tuple[int, int]) -> None:
    heard = await Heard.begin(till, await make_variant(till.db, till.shop, amount=PRICE))
    paid = []
    for total in totals:
        await heard.hear([complete(total)])
        paid.append((await heard.order()).amount_paid)
    order = await heard.order()
    assert paid == [totals[0], PRICE]
    assert (order.status, order.reviews) == ("paid", ["amount-mismatch"])
