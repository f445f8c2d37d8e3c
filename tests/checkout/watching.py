"""What can be seen of a shop at one moment: its own books, Stripe's, and the ledger between them."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from sqlmodel import col, select

from catalog.models import Variant
from checkout.books import ledger
from checkout.discounts.models import Discount, DiscountUse, Redemption
from checkout.models import Checkout, Hold, Order, OrderLine, OrderReview, Refund, StripeEvent
from checkout.shipping.models import FulfilmentHold
from core import jobs
from core.events import EventRecord
from tests.checkout.conftest import KEY, Till
from tests.checkout.oracle import Picture
from tests.checkout.stripe_books import Stripe


async def picture(till: Till, variants: Sequence[str]) -> Picture:
    """The books of these variants' shop and Stripe's, as they are now."""
    holds: defaultdict[str, list[Hold]] = defaultdict(list)
    backs: defaultdict[str, list[Refund]] = defaultdict(list)
    asked: defaultdict[str, list[OrderReview]] = defaultdict(list)
    held: defaultdict[str, set[str]] = defaultdict(set)
    lines: defaultdict[str, list[OrderLine]] = defaultdict(list)
    given: defaultdict[str, list[Redemption]] = defaultdict(list)
    async with till.db.read() as session:
        orders = (await session.exec(select(Order).order_by(col(Order.id)))).all()
        kept = (await session.exec(select(Checkout))).all()
        for hold in (await session.exec(select(Hold))).all():
            holds[hold.order_id].append(hold)
        for back in (await session.exec(select(Refund).order_by(col(Refund.id)))).all():
            backs[back.order_id].append(back)
        for review in (await session.exec(select(OrderReview).order_by(col(OrderReview.id)))).all():
            asked[review.order_id].append(review)
        living = select(FulfilmentHold).where(col(FulfilmentHold.released_at).is_(None))
        for each in (await session.exec(living)).all():
            held[each.order_id].add(each.reason)
        news = (await session.exec(select(EventRecord))).all()
        shelf = (await session.exec(select(Variant).where(col(Variant.id).in_(variants)))).all()
        for line in (await session.exec(select(OrderLine))).all():
            lines[line.order_id].append(line)
        for redemption in (await session.exec(select(Redemption))).all():
            given[redemption.order_id].append(redemption)
        known = (await session.exec(select(Discount))).all() if given else []
        uses = (await session.exec(select(DiscountUse))).all() if given else []
    return Picture(
        orders={each.id: each for each in orders},
        checkouts={each.order_id: each for each in kept},
        holds=holds,
        refunds=backs,
        reviews=asked,
        news=Counter((each.kind, str(each.payload.get("order_id"))) for each in news),
        available={each.id: each.available for each in shelf},
        stripe=Stripe.of(till.sandbox.desk.state),
        held={each: frozenset(held[each]) for each in (order.id for order in orders)},
        lines=lines,
        given=given,
        discounts={each.id: each for each in known},
        uses=uses,
        tax_on_top=till.shop.stripe_tax and not till.shop.prices_include_tax,
    )


async def judge_the_books(till: Till) -> None:
    """No event waits, no job was given up, and the ledger is balanced and says what Stripe says."""
    async with till.db.read() as session:
        waiting = select(StripeEvent.type).where(StripeEvent.outcome == "orphan")
        assert (await session.exec(waiting)).all() == []
        assert [each.name for each in await jobs.dead(session, till.shop.id)] == []
    await judge_the_ledger(till, is_up_to_date=True)


async def judge_the_ledger(till: Till, *, is_up_to_date: bool) -> None:
    """Every posting is balanced; and what Stripe has, Stripe says too, where all that moved was booked just now."""
    async with till.db.read() as session:
        found = await ledger.balances(session, till.shop)
    assert sum(found.values()) == 0
    if not is_up_to_date:
        return
    headers = {"authorization": f"Bearer {KEY}"}
    theirs = (await till.person.get("/v1/balance", headers=headers)).json()
    balance = sum(each["amount"] for kind in ("available", "pending") for each in theirs[kind])
    assert found.get(("EUR", "stripe"), 0) == balance
