"""What a variant costs, once per currency."""

from collections.abc import Sequence

from sqlmodel import col, select

from catalog import rows
from catalog.errors import CompareAtTooLow, DuplicateCurrency
from catalog.events import PriceChanged
from catalog.models import Price, Variant
from catalog.schemas import PriceIn
from core import events, ids, money
from core.db import AsyncSession
from core.errors import expect
from core.money import Money
from core.shops import Shop


async def of_variant(session: AsyncSession, shop: Shop, variant_id: str) -> list[Price]:
    """The variant's prices by currency; refuses VariantNotFound."""
    await rows.variant(session, shop, variant_id)
    return await _prices(session, variant_id)


async def replace(
    session: AsyncSession, shop: Shop, variant_id: str, wanted: Sequence[PriceIn], version: int | None = None
) -> Variant:
    """Make these all the prices that the variant has; a version of None is any.

    Refuses VariantNotFound, Gone, PreconditionFailed, DuplicateCurrency, CompareAtTooLow, UnknownCurrency, BadAmount.
    """
    variant = await rows.lock_variant(session, shop, variant_id)
    expect(variant.version, version)
    if await put_all(session, shop, variant, wanted):
        await rows.touch_variant(session, shop, variant)
    return variant


async def put_all(session: AsyncSession, shop: Shop, variant: Variant, wanted: Sequence[PriceIn]) -> bool:
    """Write the prices of a variant that is new or locked; whether anything is other than before."""
    check_all(wanted)
    standing = {price.currency: price for price in await _prices(session, variant.id)}
    changed = False
    for new in wanted:
        price = standing.pop(new.currency, None)
        before = price.amount if price else None
        if price and (price.amount, price.compare_at) == (new.amount, new.compare_at):
            continue
        price = price or Price(
            id=ids.new("price"), shop_id=shop.id, variant_id=variant.id, currency=new.currency, amount=0
        )
        price.amount, price.compare_at = new.amount, new.compare_at
        session.add(price)
        changed = True
        await _tell(session, variant, new.currency, before, new.amount)
    for price in standing.values():
        await session.delete(price)
        changed = True
        await _tell(session, variant, price.currency, price.amount, None)
    await session.flush()
    return changed


def check_all(wanted: Sequence[PriceIn]) -> None:
    """Refuses DuplicateCurrency, CompareAtTooLow, UnknownCurrency, BadAmount."""
    for price in wanted:
        money.check(Money(price.amount, price.currency))
        if price.compare_at is not None:
            money.check(Money(price.compare_at, price.currency))
            if price.compare_at <= price.amount:
                raise CompareAtTooLow(
                    f"{price.compare_at} is not more than {price.amount}.",
                    amount=price.amount, compare_at=price.compare_at, currency=price.currency,
                )  # fmt: skip
    currencies = [price.currency for price in wanted]
    if len(set(currencies)) < len(currencies):
        raise DuplicateCurrency("Give one price for each currency.", given=currencies)


async def _tell(session: AsyncSession, variant: Variant, currency: str, before: int | None, after: int | None) -> None:
    if before != after:
        news = PriceChanged(
            product_id=variant.product_id, variant_id=variant.id, currency=currency, before=before, after=after
        )
        await events.record(session, variant.shop_id, news)


async def _prices(session: AsyncSession, variant_id: str) -> list[Price]:
    chosen = select(Price).where(Price.variant_id == variant_id).order_by(col(Price.currency))
    return list((await session.exec(chosen)).all())
