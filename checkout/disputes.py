"""Disputes: a buyer's bank questions a payment; the merchant has until a deadline to answer, at Stripe."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta
from sqlmodel import col, select

from checkout import facts, fulfilment_holds, settling
from checkout.events import OrderDisputeClosed, OrderDisputed
from checkout.models import Dispute, Order, Payment
from checkout.stripe.sessions import Charged, Name, Second
from core import events
from core.db import AsyncSession
from core.shops import Shop

Status = Annotated[str, Meta(max_length=60, pattern="^[a-z_]*$")]


class Evidence(msgspec.Struct, frozen=True):
    """Until when the merchant may answer."""

    due_by: Second | None = None


class DisputeNews(msgspec.Struct, frozen=True):
    """What a dispute says about itself; amounts in the minor unit of the bank's currency."""

    id: Name
    amount: Charged
    currency: Name
    status: Status
    reason: Name = "general"
    payment_intent: Name | None = None
    evidence_details: Evidence | None = None
    created: Second = 0


class _Said(NamedTuple):
    """What a bank's word settles as one, of two words the further and then the larger one: amounts change on the way
    from an inquiry to a dispute, and words come in any order."""

    status: str
    amount: int
    currency: str
    reason: str

    @property
    def rank(self) -> tuple[int, int, str, str]:
        return facts.DISPUTE.index(self.status), *self[1:]


async def learn(
    session: AsyncSession, shop: Shop, order: Order, payment: Payment, news: DisputeNews, now: datetime
) -> None:
    """Take in what Stripe says of a dispute about this payment; settles the order. The caller holds its row."""
    dispute = await session.get(Dispute, (shop.id, news.id))
    before = dispute.status if dispute else None
    if dispute is None:
        dispute = Dispute(
            shop_id=shop.id,
            id=news.id,
            order_id=order.id,
            session_id=payment.session_id,
            **_said(news)._asdict(),
            created_at=datetime.fromtimestamp(news.created, UTC),
        )
    _merge(dispute, news)
    session.add(dispute)
    await _hold_back(session, order, now)
    await settling.settle(session, shop, order, now)
    if before is None:
        opened = OrderDisputed(
            order_id=order.id,
            dispute_id=dispute.id,
            amount=dispute.amount,
            currency=dispute.currency,
            reason=dispute.reason,
            evidence_due_by=dispute.evidence_due_by,
        )
        await events.record(session, shop.id, opened)
    if facts.is_over(dispute.status) and not (before and facts.is_over(before)):
        closed = OrderDisputeClosed(order_id=order.id, dispute_id=dispute.id, status=dispute.status)
        await events.record(session, shop.id, closed)


def _said(news: DisputeNews) -> _Said:
    status = facts.higher(facts.DISPUTE, facts.DISPUTE[0], news.status)
    return _Said(status, news.amount, news.currency.upper(), news.reason)


def _merge(dispute: Dispute, news: DisputeNews) -> None:
    known = _Said(dispute.status, dispute.amount, dispute.currency, dispute.reason)
    best = max(known, _said(news), key=lambda each: each.rank)
    dispute.status, dispute.amount, dispute.currency, dispute.reason = best
    due = news.evidence_details.due_by if news.evidence_details else None
    if due is not None:
        deadline = datetime.fromtimestamp(due, UTC)
        dispute.evidence_due_by = max(dispute.evidence_due_by or deadline, deadline)


async def _hold_back(session: AsyncSession, order: Order, now: datetime) -> None:
    """Nothing is shipped while a bank has not decided; what it has charged back is no order to ship any more."""
    await session.flush()
    statuses = [each.status for each in await of_order(session, order)]
    if not all(facts.is_over(each) for each in statuses):
        await fulfilment_holds.put(session, order, "dispute", now)
    else:
        await fulfilment_holds.lift(session, order, "dispute", now)


async def of_order(session: AsyncSession, order: Order) -> Sequence[Dispute]:
    """The order's disputes, the oldest first."""
    rows = select(Dispute).where(Dispute.shop_id == order.shop_id, Dispute.order_id == order.id)
    return (await session.exec(rows.order_by(col(Dispute.created_at), col(Dispute.id)))).all()
