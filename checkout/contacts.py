"""Who bought, and where it goes: kept sealed, shown to the shop alone, and erased when somebody asks for that.

What Stripe tells about a buyer may come twice and in any order. Each field keeps the time at which it was told, and
the later one stands, so that every order of arrival ends in the same contact.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from checkout import attribution, orders
from checkout.discounts import redemptions
from checkout.errors import OrderNotFound
from checkout.models import Order
from checkout.shipping import quotes
from checkout.shipping.models import OrderContact, OrderShipping
from checkout.stripe.delivery import CustomerDetails, DeliveryFacts, PostalAddress, ShippingDetails
from core.db import AsyncSession, insert, table_of
from core.secrets import Vault
from core.shops import Shop


class Contact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who bought and who gets it."""

    email: str | None = None
    name: str | None = None
    phone: str | None = None
    recipient: str | None = None
    address: PostalAddress | None = None


class _Told(msgspec.Struct, omit_defaults=True):
    """A contact with the time, in microseconds, at which each of its fields was told."""

    contact: Contact = Contact()
    told: dict[str, int] = {}


_decode = msgspec.json.Decoder(_Told).decode
_AT_ONCE = 500
_OF_ORDER = sa.select(table_of(OrderContact)).where(col(OrderContact.order_id) == sa.bindparam("order"))


async def keep(
    session: AsyncSession, vault: Vault, shop: Shop, order: Order, news: DeliveryFacts, told_at: datetime
) -> None:
    """Take in what a completed session tells about its buyer; the caller holds the order's row.

    The later word on each field stands, and nothing does not overwrite something. An erased contact stays erased.
    """
    if news.status != "complete":
        return
    await quotes.choose(session, order, news)
    row = await _row(session, order)
    if row is not None and row.erased_at is not None:
        return
    known = _decode(vault.unseal(row.sealed)) if row is not None and row.sealed else _Told()
    merged = _merged(known, _contact(news), int(told_at.timestamp() * 1_000_000))
    if merged == known:
        return
    if merged.contact.email:
        await redemptions.know_buyer(session, vault, order, merged.contact.email)
    sealed = vault.seal(msgspec.json.encode(merged))
    if row is None:
        await insert(session, OrderContact, {"order_id": order.id, "shop_id": shop.id, "sealed": sealed})
    else:
        row.sealed = sealed


async def _row(session: AsyncSession, order: Order) -> OrderContact | None:
    return next(iter(await session.fresh(OrderContact, _OF_ORDER, {"order": order.id})), None)


def _contact(news: DeliveryFacts) -> Contact:
    payer = news.customer_details or CustomerDetails()
    collected = news.collected_information
    receiver = (collected.shipping_details if collected else None) or ShippingDetails()
    address = receiver.address if receiver.address and any(msgspec.structs.astuple(receiver.address)) else None
    return Contact(email=payer.email, name=payer.name, phone=payer.phone, recipient=receiver.name, address=address)


def _merged(known: _Told, news: Contact, at: int) -> _Told:
    """Field by field, the one that was told last; of two of the same time the greater, so that order never matters."""
    fields, told = msgspec.structs.asdict(known.contact), dict(known.told)
    for name, value in msgspec.structs.asdict(news).items():
        if value and (at, _text(value)) > (told.get(name, -1), _text(fields[name])):
            fields[name], told[name] = value, at
    return _Told(Contact(**fields), told)


def _text(value: str | PostalAddress | None) -> bytes:
    return msgspec.json.encode(value)


async def of_orders(session: AsyncSession, vault: Vault, of: Sequence[Order]) -> dict[str, Contact]:
    """What is known of who bought these orders, by order id."""
    chosen = select(OrderContact).where(col(OrderContact.order_id).in_([each.id for each in of]))
    rows = (await session.exec(chosen)).all()
    return {row.order_id: _decode(vault.unseal(row.sealed)).contact for row in rows if row.sealed}


async def orders_of(session: AsyncSession, vault: Vault, shop: Shop, email: str) -> list[str]:
    """The ids of the shop's orders whose buyer has this e-mail address, however it is capitalised.

    Addresses are sealed: all of the shop's are opened, some at a time.
    """
    found: list[str] = []
    wanted, last = email.strip().casefold(), ""
    while True:
        chosen = select(OrderContact).where(OrderContact.shop_id == shop.id, OrderContact.order_id > last)
        rows = (await session.exec(chosen.order_by(col(OrderContact.order_id)).limit(_AT_ONCE))).all()
        if not rows:
            return found
        for row in rows:
            known = _decode(vault.unseal(row.sealed)).contact.email if row.sealed else None
            if known is not None and known.strip().casefold() == wanted:
                found.append(row.order_id)
        last = rows[-1].order_id
        session.expunge_all()


async def shipping_of(session: AsyncSession, of: Sequence[Order]) -> dict[str, OrderShipping]:
    """How these orders are shipped, by order id."""
    chosen = select(OrderShipping).where(col(OrderShipping.order_id).in_([each.id for each in of]))
    return {row.order_id: row for row in (await session.exec(chosen)).all()}


async def erase(session: AsyncSession, shop: Shop, order_id: str, now: datetime) -> None:
    """Forget who bought an order, by which tap, for good: what Stripe tells later is not kept. Amounts and lines stay.

    Doing it twice is doing it once. Refuses OrderNotFound.
    """
    order = await orders.lock(session, shop.id, order_id)
    if order is None:
        raise OrderNotFound
    row = await _row(session, order)
    row = row or OrderContact(order_id=order.id, shop_id=shop.id)
    row.sealed, row.erased_at = None, row.erased_at or now
    session.add(row)
    await attribution.forget(session, order)
    await session.flush()
