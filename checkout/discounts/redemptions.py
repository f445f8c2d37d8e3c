"""Uses of discounts: reserved with an order, then redeemed or released, each exactly once.

A use is taken by one conditional statement, `UPDATE … SET used = used + 1 WHERE used < limit`, in the transaction that
places the order: of a thousand who ask at once, as many get it as the limit says. Rows of discounts are locked in the
order of their ids and before any row of the shelf.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from checkout import facts, reviews
from checkout.discounts import calculation, discounts
from checkout.discounts.calculation import Deal, Line, Reduction
from checkout.discounts.errors import DiscountNotApplicable, Reason
from checkout.discounts.models import Discount, DiscountUse, Redemption
from checkout.models import Order, OrderLine
from core.db import AsyncSession, insert_new, table_of
from core.secrets import Vault
from core.shops import Shop

_VISITOR = "visitor:"
_OVER: facts.Review = "discount-limit"


# Every use of an order's, those that are reserved redeemed now.
_REDEEM = (
    sa.update(table_of(Redemption))
    .where(col(Redemption.order_id) == sa.bindparam("order"))
    .values(status=sa.case((col(Redemption.status) == "reserved", "redeemed"), else_=col(Redemption.status)))
    .returning(col(Redemption.status))
)


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Which code comes with a basket, and whose it is.

    `customer` is a hash by which the same customer is known again, None where there is none. A code that is
    `optional` and not good is passed over; any other one is refused.
    """

    code: str | None = None
    customer: str | None = None
    optional: bool = False


class _UsedUp(Exception):
    """Somebody else was faster."""

    def __init__(self, discount: Discount, reason: Reason) -> None:
        super().__init__(reason)
        self.discount, self.reason = discount, reason


async def reserve(
    session: AsyncSession, shop: Shop, order: Order, lines: Sequence[OrderLine], claim: Claim, now: datetime
) -> list[Redemption]:
    """Take the best discounts for these lines, write what they take off into them, and count the uses.

    What is given back is stored with the order, by the caller and in the same transaction. Refuses
    DiscountNotApplicable.
    """
    known = await _candidates(session, shop, claim, now)
    basket = [_line(each) for each in lines]
    deals = await discounts.deals_of(session, shop, known.values(), [each.product_id for each in basket])
    found, buckets = await _settle_on(session, order.currency, basket, known, deals, claim, now)
    _expect([deals[each] for each in known], basket, claim, found, order.currency)
    for line in lines:
        line.amount_discount = found.of_line(line.id)
        line.amount_total = line.unit_amount * line.quantity - line.amount_discount
    return [
        Redemption(
            shop_id=shop.id,
            order_id=order.id,
            discount_id=each.deal.id,
            position=position,
            title=known[each.deal.id].title,
            code=known[each.deal.id].code,
            amount=each.amount,
            free_shipping=each.free_shipping,
            buckets=buckets[each.deal.id],
            created_at=now,
        )
        for position, each in enumerate(found.applied)
    ]


async def _settle_on(
    session: AsyncSession,
    currency: str,
    basket: Sequence[Line],
    known: dict[str, Discount],
    deals: Mapping[str, Deal],
    claim: Claim,
    now: datetime,
) -> tuple[Reduction, dict[str, list[str]]]:
    """The best of what is left, its uses counted, with their buckets; what is used up is taken out of `known`."""
    while True:
        found = calculation.reduce(currency, basket, [deals[each] for each in known])
        if not found.applied:
            return found, {}
        try:
            async with session.begin_nested():
                return found, {each: await _use(session, known[each], claim.customer, now) for each in _ids(found)}
        except _UsedUp as lost:
            if lost.discount.code is not None and not claim.optional:
                raise DiscountNotApplicable(lost.reason) from None
            del known[lost.discount.id]


async def preview(
    session: AsyncSession, shop: Shop, lines: Sequence[Line], code: str | None, now: datetime
) -> list[tuple[Discount, int]]:
    """The discounts that these lines would get now, and what each takes off; nothing is counted, nobody refused."""
    known = await _left(session, shop, code, now)
    deals = await discounts.deals_of(session, shop, known.values(), [each.product_id for each in lines])
    found = calculation.reduce(shop.currency, lines, deals.values())
    return [(known[each.deal.id], each.amount) for each in found.applied]


async def previews(
    session: AsyncSession, shop: Shop, lines: Sequence[Line], code: str | None, now: datetime
) -> list[tuple[int, list[tuple[Discount, int]]]]:
    """What each of these lines would come to now as a basket of its own, and which discounts it would get."""
    known = await _left(session, shop, code, now)
    if not known:
        return [(each.amount, []) for each in lines]
    deals = await discounts.deals_of(session, shop, known.values(), [each.product_id for each in lines])
    found = []
    for line in lines:
        applied = calculation.reduce(shop.currency, [line], deals.values()).applied
        total = line.unit_amount * line.quantity - sum(each.amount for each in applied)
        found.append((total, [(known[each.deal.id], each.amount) for each in applied]))
    return found


async def _left(session: AsyncSession, shop: Shop, code: str | None, now: datetime) -> dict[str, Discount]:
    """The discounts that have uses left, of all and of today's, by id."""
    known = await _candidates(session, shop, Claim(code=code, optional=True), now)
    today = [each.id for each in known.values() if each.limit_per_day is not None]
    if today:
        counted = select(DiscountUse.discount_id, DiscountUse.used)
        of_today = counted.where(col(DiscountUse.discount_id).in_(today), DiscountUse.bucket == _day(now))
        for discount_id, used in (await session.exec(of_today)).all():
            if used >= (known[discount_id].limit_per_day or 0):
                del known[discount_id]
    return known


def names(given: Sequence[Redemption]) -> list[str]:
    """What the buyer knows these discounts by: their codes, or else their titles."""
    return [each.code or each.title for each in given if each.amount]


async def of_orders(session: AsyncSession, orders: Sequence[Order]) -> dict[str, list[Redemption]]:
    """What each of these orders was given, in the order in which it was taken off, by order id."""
    found: dict[str, list[Redemption]] = {order.id: [] for order in orders}
    rows = select(Redemption).where(col(Redemption.order_id).in_(list(found))).order_by(col(Redemption.position))
    for each in (await session.exec(rows)).all():
        found[each.order_id].append(each)
    return found


async def claim_again(session: AsyncSession, order: Order) -> Claim:
    """What an order that came to nothing may claim when it is taken up again: its code, if that is still good."""
    given = (await of_orders(session, [order]))[order.id]
    visitors = (name.removeprefix(_VISITOR) for each in given for name in each.buckets if name.startswith(_VISITOR))
    return Claim(
        code=next((each.code for each in given if each.code), None), customer=next(visitors, None), optional=True
    )


async def release(session: AsyncSession, order: Order) -> None:
    """The order came to nothing: what it had reserved is there for others again.

    The caller holds the order's row, so that it happens once.
    """
    for each in await _of_order(session, order, "reserved"):
        await _give_back(session, each)
        each.status = "released"
        session.add(each)
    await session.flush()


async def redeem(session: AsyncSession, order: Order, now: datetime) -> None:
    """The order is paid: what it had reserved is used. The caller holds the order's row.

    What was released before the money came is taken again. Where nothing is left of it the buyer has paid the lower
    price all the same: the order stays paid, no counter passes its limit, and a person should look.
    """
    marked = await session.rows(_REDEEM, {"order": order.id})
    if all(status == "redeemed" for (status,) in marked):
        return
    for each in await _of_order(session, order, "released"):
        if not await _retake(session, each, now):
            await reviews.need(session, order, _OVER, each.discount_id)
            continue
        each.status = "redeemed"
        session.add(each)
    await session.flush()


async def know_buyer(session: AsyncSession, vault: Vault, order: Order, email: str) -> None:
    """Stripe has told who buys: count the order's discounts for this buyer, too. The caller holds the order's row.

    A visitor can be somebody else for us from one day to the next, an e-mail address cannot. Who has used a discount
    more often than allowed keeps the price that was shown; a person should look. Only a keyed hash is kept.
    """
    for each in await _of_order(session, order, "reserved", "redeemed"):
        discount = await _row(session, each)
        if discount.limit_per_customer is None or any(name.startswith("buyer:") for name in each.buckets):
            continue
        person = vault.sign("discount buyer", f"{discount.id} {email.strip().casefold()}".encode(), 16)
        bucket = f"buyer:{person.hex()}"
        if await _count(session, discount, bucket, discount.limit_per_customer):
            each.buckets = [*each.buckets, bucket]
            session.add(each)
        else:
            await reviews.need(session, order, _OVER, each.discount_id)
    await session.flush()
    await reviews.tell(session, order)


async def _candidates(session: AsyncSession, shop: Shop, claim: Claim, now: datetime) -> dict[str, Discount]:
    """The discounts that may be used now, by id; refuses DiscountNotApplicable for a code that may not."""
    found = {each.id: each for each in await discounts.automatic(session, shop, now)}
    if claim.code is not None:
        named = await discounts.by_code(session, shop, claim.code)
        reason = _unusable(named, now)
        if named is not None and reason is None:
            found[named.id] = named
        elif not claim.optional:
            raise DiscountNotApplicable(reason or "unknown")
    return found


def _unusable(discount: Discount | None, now: datetime) -> Reason | None:
    """Why nobody may use this discount now, or None."""
    if discount is None:
        return "unknown"
    if discount.archived_at is not None:
        return "archived"
    if discount.starts_at is not None and now < discount.starts_at:
        return "not-started"
    if discount.ends_at is not None and now >= discount.ends_at:
        return "ended"
    if discount.limit_total is not None and discount.used >= discount.limit_total:
        return "used-up"
    return None


def _expect(deals: Sequence[Deal], basket: Sequence[Line], claim: Claim, found: Reduction, currency: str) -> None:
    """Refuses DiscountNotApplicable where the code does nothing, though there is nothing better than it either."""
    named = next((each for each in deals if each.by_code), None)
    if named is None or claim.optional or named.id in _ids(found):
        return
    if calculation.reduce(currency, basket, [named]).applied:
        return  # Something better than the code, which does not go with it.
    if calculation.eligible(named, basket) < named.minimum_amount:
        raise DiscountNotApplicable("minimum-amount", minimum_amount=named.minimum_amount)
    raise DiscountNotApplicable("nothing-to-reduce")


def _line(line: OrderLine) -> Line:
    return Line(key=line.id, product_id=line.product_id, unit_amount=line.unit_amount, quantity=line.quantity)


def _ids(found: Reduction) -> list[str]:
    """The discounts that were given, in the order in which their rows are locked everywhere."""
    return sorted(each.deal.id for each in found.applied)


def _day(now: datetime) -> str:
    return f"day:{now:%Y-%m-%d}"


async def _use(session: AsyncSession, discount: Discount, customer: str | None, now: datetime) -> list[str]:
    """Count one use everywhere; the buckets that were counted. Raises _UsedUp where a limit is reached."""
    if not await _take(session, discount):
        raise _UsedUp(discount, "used-up")
    buckets: list[tuple[str, int, Reason]] = []
    if discount.limit_per_day is not None:
        buckets.append((_day(now), discount.limit_per_day, "used-up-today"))
    if discount.limit_per_customer is not None and customer is not None:
        buckets.append((f"{_VISITOR}{customer}", discount.limit_per_customer, "used-by-this-customer"))
    for bucket, limit, reason in buckets:
        if not await _count(session, discount, bucket, limit):
            raise _UsedUp(discount, reason)
    return [bucket for bucket, _, _ in buckets]


async def _take(session: AsyncSession, discount: Discount) -> bool:
    """One use more, if the discount as it is at this moment has one left; its row is ours from now on."""
    taken = (
        sa.update(Discount)
        .where(
            col(Discount.id) == discount.id,
            col(Discount.archived_at).is_(None),
            sa.or_(col(Discount.limit_total).is_(None), col(Discount.used) < col(Discount.limit_total)),
        )
        .values(used=col(Discount.used) + 1)
        .returning(col(Discount.used))
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(taken)).first() is not None


async def _count(session: AsyncSession, discount: Discount, bucket: str, limit: int) -> bool:
    place = {"shop_id": discount.shop_id, "discount_id": discount.id, "bucket": bucket}
    await insert_new(session, DiscountUse, place | {"used": 0})
    counted = (
        sa.update(DiscountUse)
        .where(
            col(DiscountUse.discount_id) == discount.id,
            col(DiscountUse.bucket) == bucket,
            col(DiscountUse.used) < limit,
        )
        .values(used=col(DiscountUse.used) + 1)
        .returning(col(DiscountUse.used))
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(counted)).first() is not None


async def _give_back(session: AsyncSession, redemption: Redemption) -> None:
    discount = sa.update(Discount).where(col(Discount.id) == redemption.discount_id).values(used=col(Discount.used) - 1)
    await session.execute(discount.execution_options(synchronize_session=False))
    if redemption.buckets:
        uses = sa.update(DiscountUse).where(
            col(DiscountUse.discount_id) == redemption.discount_id, col(DiscountUse.bucket).in_(redemption.buckets)
        )
        values = uses.values(used=col(DiscountUse.used) - 1)
        await session.execute(values.execution_options(synchronize_session=False))


async def _retake(session: AsyncSession, redemption: Redemption, now: datetime) -> bool:
    """Take a use again that was given back; False where none is left."""
    discount = await _row(session, redemption)
    try:
        async with session.begin_nested():
            redemption.buckets = await _use(session, discount, None, now)
    except _UsedUp:
        return False
    return True


async def _row(session: AsyncSession, redemption: Redemption) -> Discount:
    return (await session.exec(select(Discount).where(Discount.id == redemption.discount_id))).one()


async def _of_order(session: AsyncSession, order: Order, *states: str) -> Sequence[Redemption]:
    """The order's redemptions in these states, in the order in which discounts are locked everywhere."""
    rows = select(Redemption).where(Redemption.order_id == order.id, col(Redemption.status).in_(states))
    fresh = rows.order_by(col(Redemption.discount_id)).execution_options(populate_existing=True)
    return (await session.exec(fresh)).all()
