"""A session that Stripe shows us, taken in with all that a webhook would have told."""

from datetime import datetime

from checkout import contacts, facts, payments
from checkout.models import Payment
from checkout.news import take
from checkout.stripe import orphans
from checkout.stripe.sessions import SessionFacts
from core import ids
from core.db import Database
from core.secrets import Vault
from core.shops import Shop


async def repair(db: Database, vault: Vault, shop: Shop, news: SessionFacts, now: datetime) -> bool:
    """Take a session in whose state we do not know yet, and all that a webhook would have told; whether that was so."""
    named = (news.metadata or {}).get("order") or ""
    if not (ids.is_id(named, "ord") or ids.is_id(news.client_reference_id or "", "ord")):
        return False
    async with db.read() as session:
        known = await session.get(Payment, (shop.id, news.id))
    if _same(known, news) if known else not named and news.payment_status not in facts.SETTLED:
        return False
    async with db.transaction() as session:
        order = await take(session, shop, news, now)
        if order is not None and await payments.is_own(session, order, news.id, news.metadata):
            await contacts.keep(session, vault, shop, order, news, now)
        if order is not None:
            await orphans.adopt(session, vault, shop, order, now)
    return order is not None


def _same(known: Payment, news: SessionFacts) -> bool:
    """Whether nothing in the news is ahead of what is known."""
    session = facts.higher(facts.SESSION, known.session_status, news.status or "open")
    payment = facts.higher(facts.PAYMENT, known.payment_status, news.payment_status)
    return (session, payment) == (known.session_status, known.payment_status)
