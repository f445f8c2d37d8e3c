"""The order's status is a function of Stripe's facts, and no order of arrival changes where it ends."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import facts
from checkout.facts import DisputeFacts, OrderFacts, PaymentFacts, RefundFacts

CHAINS = (facts.SESSION, facts.PAYMENT, facts.REFUND, facts.DISPUTE)


def paid(amount: int = 4900, session_id: str = "cs_1", opened_at: int = 0) -> PaymentFacts:
    return PaymentFacts(
        session_id=session_id,
        session_status="complete",
        payment_status="paid",
        amount=amount,
        opened_at=opened_at,
    )


def back(amount: int, status: str = "succeeded", session_id: str | None = "cs_1") -> RefundFacts:
    return RefundFacts(session_id=session_id, status=status, amount=amount)


def asked(status: str, amount: int | None = None, of: str = "cs_1") -> DisputeFacts:
    return DisputeFacts(session_id=of, status=status, amount=amount)


@given(st.sampled_from(CHAINS).flatmap(lambda chain: st.tuples(st.just(chain), st.lists(st.sampled_from(chain)))))
def test_the_highest_fact_stands_in_whatever_order_they_come(case: tuple[Sequence[str], list[str]]) -> None:
    chain, news = case

    def fold(words: Sequence[str]) -> str:
        known = chain[0]
        for word in words:
            known = facts.higher(chain, known, word)
        return known

    assert fold(news) == fold(news[::-1]) == fold(sorted(news) * 2) == chain[max(map(chain.index, news), default=0)]


News = tuple[str, str, str]  # A chain's name, the object that it is about, and the word that Stripe said.
WORDS = {"session": facts.SESSION, "payment": facts.PAYMENT, "refund": facts.REFUND, "dispute": facts.DISPUTE}
said = st.sampled_from(sorted(WORDS)).flatmap(
    lambda kind: st.tuples(st.just(kind), st.sampled_from(("1", "2")), st.sampled_from(WORDS[kind]))
)


def fold(news: Sequence[News]) -> OrderFacts:
    """What is known of an order after all of this was said of its two sessions, with a refund and a dispute each."""
    known: dict[tuple[str, str], str] = {}
    for kind, which, word in news:
        known[kind, which] = facts.higher(WORDS[kind], known.get((kind, which), WORDS[kind][0]), word)
    sessions = sorted({which for kind, which in known if kind in ("session", "payment")})
    return OrderFacts(
        own_session="cs_1",
        payments=[
            PaymentFacts(
                session_id=f"cs_{each}",
                session_status=known.get(("session", each), "open"),
                payment_status=known.get(("payment", each), "unpaid"),
                amount=4900,
                opened_at=int(each),
            )
            for each in sessions
        ],
        refunds=[back(2450, known["refund", each], f"cs_{each}") for each in ("1", "2") if ("refund", each) in known],
        disputes=[
            asked(known["dispute", each], 4900, f"cs_{each}") for each in ("1", "2") if ("dispute", each) in known
        ],
    )


@given(st.lists(said, max_size=12).flatmap(lambda news: st.tuples(st.just(news), st.permutations(news * 2))))
def test_an_order_ends_alike_in_whatever_order_and_however_often_it_is_told(
    case: tuple[list[News], list[News]],
) -> None:
    once, shuffled = (fold(each) for each in case)
    assert once == shuffled
    for reading in (facts.status, facts.paid, facts.refunded, facts.settled):
        assert reading(once) == reading(shuffled)


def test_a_word_that_nobody_knows_changes_nothing() -> None:
    assert facts.higher(facts.PAYMENT, "paid", "paid_in_seashells") == "paid"


@pytest.mark.parametrize(
    ("known", "status"),
    [
        (OrderFacts(), "draft"),
        (OrderFacts(given_up=True), "expired"),
        (OrderFacts(payments=[PaymentFacts(session_id="cs_1")]), "awaiting_payment"),
        (OrderFacts(payments=[PaymentFacts(session_id="cs_1", session_status="expired")]), "expired"),
        (OrderFacts(payments=[PaymentFacts(session_id="cs_1", session_status="expired")], cancelled=True), "cancelled"),
        (OrderFacts(payments=[PaymentFacts(session_id="cs_1")], cancelled=True), "awaiting_payment"),
        (OrderFacts(payments=[PaymentFacts(session_id="cs_1", session_status="complete")]), "processing"),
        (
            OrderFacts(payments=[PaymentFacts(session_id="cs_1", session_status="complete", payment_status="failed")]),
            "payment_failed",
        ),
        (OrderFacts(payments=[paid()]), "paid"),
        (OrderFacts(payments=[paid()], cancelled=True, given_up=True), "paid"),
        (OrderFacts(payments=[paid()], refunds=[back(1)]), "partially_refunded"),
        (OrderFacts(payments=[paid()], refunds=[back(4000), back(900, "pending")]), "refunded"),
        (OrderFacts(payments=[paid()], refunds=[back(4900, "failed")]), "paid"),
        (OrderFacts(payments=[paid()], refunds=[back(4900, "canceled")]), "paid"),
        (OrderFacts(payments=[paid()], disputes=[asked("needs_response")]), "disputed"),
        (OrderFacts(payments=[paid()], disputes=[asked("warning_under_review")]), "disputed"),
        (OrderFacts(payments=[paid()], disputes=[asked("lost")]), "charged_back"),
        (OrderFacts(payments=[paid()], disputes=[asked("won")]), "paid"),
        (OrderFacts(payments=[paid()], disputes=[asked("needs_response", 10)]), "disputed"),
        (OrderFacts(payments=[paid()], disputes=[asked("lost", 10)]), "paid"),
        (OrderFacts(payments=[paid()], disputes=[asked("lost", 10)], refunds=[back(100)]), "partially_refunded"),
        (OrderFacts(payments=[paid()], disputes=[asked("lost", 4800)], refunds=[back(100)]), "charged_back"),
        (OrderFacts(payments=[paid()], disputes=[asked("lost", 4899)]), "paid"),
        (OrderFacts(payments=[paid()], disputes=[asked("lost", 4900)]), "charged_back"),
        (OrderFacts(payments=[paid()], disputes=[asked("lost", 100), asked("lost", 4800)]), "charged_back"),
        (OrderFacts(payments=[paid()], disputes=[asked("lost", of="cs_other")]), "paid"),
        (OrderFacts(payments=[paid()], disputes=[asked("needs_response", of="cs_other")]), "paid"),
        (OrderFacts(payments=[paid()], disputes=[asked("won")], refunds=[back(100)]), "partially_refunded"),
        (OrderFacts(payments=[paid()], disputes=[asked("lost"), asked("needs_response")]), "disputed"),
        (OrderFacts(payments=[paid(0)]), "paid"),
    ],
)
def test_every_status_follows_from_facts(known: OrderFacts, status: str) -> None:
    assert facts.status(known) == status


@pytest.mark.parametrize(
    ("disputes", "refunds", "amount"),
    [
        ([asked("lost", 1000)], [], 1000),
        ([asked("lost", 1000), asked("lost", 200), asked("won", 300), asked("under_review", 400)], [], 1200),
        ([asked("lost")], [back(900)], 4000),
        ([asked("lost", 4900)], [back(4900)], 0),
        ([asked("lost", 1000, of="cs_other")], [], 0),
        ([], [back(4900)], 0),
    ],
)
def test_what_banks_took_is_told_beside_what_went_back(
    disputes: list[DisputeFacts], refunds: list[RefundFacts], amount: int
) -> None:
    assert facts.lost(OrderFacts(payments=[paid()], disputes=disputes, refunds=refunds)) == amount
    assert facts.lost(OrderFacts(disputes=disputes, refunds=refunds)) == 0, "nothing is lost that was not paid"


def test_a_second_payment_is_not_the_orders_money_and_its_refund_neither() -> None:
    payments = [paid(4900, "cs_1", 1), paid(4900, "cs_2", 2)]
    known = OrderFacts(payments=payments, own_session="cs_1", refunds=[back(4900, session_id="cs_2")])
    assert (facts.paid(known), facts.refunded(known), facts.status(known)) == (4900, 0, "paid")
    assert [each.session_id for each in facts.settled(known)] == ["cs_1", "cs_2"]


@given(st.permutations([paid(100, "cs_1", 2), paid(100, "cs_2", 1), paid(100, "cs_3", 3)]))
def test_the_orders_own_session_pays_it_and_else_the_one_that_was_opened_first(payments: list[PaymentFacts]) -> None:
    assert facts.settled(OrderFacts(payments=payments, own_session="cs_3"))[0].session_id == "cs_3"
    assert facts.settled(OrderFacts(payments=payments))[0].session_id == "cs_2"


def test_refunds_that_are_known_before_the_payment_count_once_it_is_there() -> None:
    early = OrderFacts(refunds=[back(4900)])
    assert (facts.refunded(early), facts.status(early)) == (0, "draft")
