"""The shop's discounts: made, found, changed, put away."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from catalog import collections
from catalog.errors import UnknownCollection
from checkout.discounts.calculation import Deal
from checkout.discounts.errors import BadDiscount, CodeTaken, DiscountNotFound
from checkout.discounts.models import Discount
from checkout.discounts.terms import BuyXGetY, Fixed, Percentage, Terms, Tiers
from core import clock, db, ids, money
from core.db import AsyncSession, UtcDateTime, table_of
from core.errors import expect
from core.money import Money
from core.shops import Shop
from core.wire import UNSET

if TYPE_CHECKING:
    from checkout.discounts.schemas import DiscountChange, DiscountCreate

# No two of these look alike. 31 letters, twelve of them: 59 bits, which nobody guesses at a hundred tries an hour.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
GENERATED = 12


_AUTOMATIC = (
    sa.select(table_of(Discount))
    .where(
        col(Discount.shop_id) == sa.bindparam("shop"),
        col(Discount.code).is_(None),
        col(Discount.archived_at).is_(None),
        sa.or_(col(Discount.starts_at).is_(None), col(Discount.starts_at) <= sa.bindparam("now", type_=UtcDateTime)),
        sa.or_(col(Discount.ends_at).is_(None), col(Discount.ends_at) > sa.bindparam("now", type_=UtcDateTime)),
        sa.or_(col(Discount.limit_total).is_(None), col(Discount.used) < col(Discount.limit_total)),
    )
    .order_by(col(Discount.id))
)


class Filters(msgspec.Struct, frozen=True):
    """Which discounts to list; archived ones are left out unless their code is asked for."""

    code: str | None = None
    automatic: bool | None = None


def normal(code: str) -> str:
    """A code as it is kept: people write it in any case, and with blanks around it."""
    return code.strip().upper()


async def create(session: AsyncSession, shop: Shop, data: "DiscountCreate") -> Discount:
    """Add a discount; refuses BadDiscount, BadAmount, UnknownCollection, CodeTaken (also by an archived one)."""
    if data.generate_code and data.code is not None:
        raise BadDiscount("Either name a code or have one drawn.", field="generate_code")
    now = clock.now()
    discount = Discount(
        id=ids.new("disc"), shop_id=shop.id, title=data.title, code=normal(data.code) if data.code else None,
        terms=msgspec.to_builtins(data.terms), product_ids=list(dict.fromkeys(data.product_ids)),
        collection_ids=list(dict.fromkeys(data.collection_ids)),
        minimum_amount=data.minimum_amount, combines=data.combines, starts_at=data.starts_at, ends_at=data.ends_at,
        limit_total=data.limit_total, limit_per_day=data.limit_per_day, limit_per_customer=data.limit_per_customer,
        created_at=now, updated_at=now,
    )  # fmt: skip
    _check(shop, discount, data.terms)
    await _check_collections(session, shop, data.collection_ids)
    if data.generate_code:
        discount.code = "".join(secrets.choice(_ALPHABET) for _ in range(GENERATED))
    try:
        async with session.begin_nested():
            session.add(discount)
            await session.flush()
    except IntegrityError:
        raise CodeTaken("Codes are used once, also those of archived discounts.", code=discount.code) from None
    return discount


async def get(session: AsyncSession, shop: Shop, discount_id: str) -> Discount:
    """The discount with this id, archived ones too; refuses DiscountNotFound, also for another shop's."""
    chosen = select(Discount).where(Discount.shop_id == shop.id, Discount.id == discount_id)
    return _known((await session.exec(chosen)).first())


async def list_page(
    session: AsyncSession, shop: Shop, filters: Filters, limit: int, cursor: str | None
) -> tuple[list[Discount], str | None]:
    """One page of the shop's discounts, newest first."""
    chosen = select(Discount).where(Discount.shop_id == shop.id)
    if filters.code is not None:
        chosen = chosen.where(Discount.code == normal(filters.code))
    else:
        chosen = chosen.where(col(Discount.archived_at).is_(None))
    if filters.automatic is not None:
        none = col(Discount.code).is_(None)
        chosen = chosen.where(none if filters.automatic else sa.not_(none))
    return await db.page(session, chosen, Discount.id, limit, cursor)


async def change(
    session: AsyncSession, shop: Shop, discount_id: str, data: "DiscountChange", version: int | None
) -> Discount:
    """Change what `data` names; a version of None is any. `archived=False` brings it back.

    Refuses DiscountNotFound, PreconditionFailed, BadDiscount, BadAmount, UnknownCollection.
    """
    discount = await _lock(session, shop, discount_id)
    expect(discount.version, version)
    for name in data.__struct_fields__:
        value = getattr(data, name)
        if value is not UNSET and name not in ("terms", "archived"):
            setattr(discount, name, value)
    if data.terms is not UNSET:
        discount.terms = msgspec.to_builtins(data.terms)
    if data.archived is not UNSET:
        discount.archived_at = (discount.archived_at or clock.now()) if data.archived else None
    _check(shop, discount, terms_of(discount))
    if data.collection_ids is not UNSET:
        await _check_collections(session, shop, data.collection_ids)
    await _touch(session, discount)
    return discount


async def archive(session: AsyncSession, shop: Shop, discount_id: str) -> None:
    """Put the discount away; doing it twice is doing it once. Orders keep it. Refuses DiscountNotFound."""
    discount = await _lock(session, shop, discount_id)
    if discount.archived_at is None:
        discount.archived_at = clock.now()
        await _touch(session, discount)


def terms_of(discount: Discount) -> Terms:
    """What the discount takes off."""
    found: Terms = msgspec.convert(discount.terms, Terms)
    return found


async def deals_of(
    session: AsyncSession, shop: Shop, known: Collection[Discount], product_ids: Sequence[str]
) -> dict[str, Deal]:
    """Discounts as the calculation takes them for these products, by their id."""
    wanted = sorted({name for each in known for name in each.collection_ids})
    members = await collections.members(session, shop, wanted, product_ids) if wanted else {}
    return {each.id: deal_of(each, members) for each in known}


def deal_of(discount: Discount, members: Mapping[str, frozenset[str]] | None = None) -> Deal:
    """A discount as the calculation takes it, where `members` are products by the collection that they are in."""
    terms, known = terms_of(discount), members or {}
    got = terms.get_product_ids if isinstance(terms, BuyXGetY) else ()
    collected = frozenset[str]().union(*(known.get(each, ()) for each in discount.collection_ids)) - frozenset(got)
    return Deal(
        id=discount.id,
        terms=terms,
        product_ids=frozenset(discount.product_ids),
        collected=collected if discount.collection_ids else None,
        minimum_amount=discount.minimum_amount,
        combines=discount.combines,
        by_code=discount.code is not None,
    )


async def by_code(session: AsyncSession, shop: Shop, code: str) -> Discount | None:
    """The discount that a buyer names, whatever state it is in."""
    chosen = select(Discount).where(Discount.shop_id == shop.id, Discount.code == normal(code))
    return (await session.exec(chosen)).first()


async def automatic(session: AsyncSession, shop: Shop, now: datetime) -> Sequence[Discount]:
    """The discounts that everybody gets now, as long as there are some left."""
    return await session.fresh(Discount, _AUTOMATIC, {"shop": shop.id, "now": now})


def _check(shop: Shop, discount: Discount, terms: Terms) -> None:
    """Refuses BadDiscount for a discount that could not mean anything, BadAmount off the currency's step."""
    discount.starts_at, discount.ends_at = _utc(discount.starts_at), _utc(discount.ends_at)
    if discount.starts_at and discount.ends_at and discount.starts_at >= discount.ends_at:
        raise BadDiscount("It would end before it begins.", field="ends_at")
    amounts = [discount.minimum_amount]
    match terms:
        case Fixed(amount=amount):
            amounts.append(amount)
        case Percentage(rate=0, product_rates=[]):
            raise BadDiscount("A rate of 0 takes nothing off.", field="terms")
        case Tiers():
            amounts += _check_tiers(terms)
        case BuyXGetY() if terms.get_product_ids:
            bought = set(discount.product_ids)
            if not (bought or discount.collection_ids) or bought & set(terms.get_product_ids):
                raise BadDiscount(
                    "What is bought and what is got are the same products, or have none in common.", field="terms"
                )
    for each in amounts:
        money.check(Money(each, shop.currency))


async def _check_collections(session: AsyncSession, shop: Shop, collection_ids: Sequence[str]) -> None:
    """Refuses UnknownCollection, also for one that is put away."""
    if not collection_ids:
        return
    known = await collections.members(session, shop, collection_ids, [])
    for each in collection_ids:
        if each not in known:
            raise UnknownCollection(f"There is no collection {each}.", collection_id=each)


def _utc(moment: datetime | None) -> datetime | None:
    try:
        return moment.astimezone(UTC) if moment else None
    except OverflowError:
        raise BadDiscount("There is no such moment in UTC.") from None


def _check_tiers(terms: Tiers) -> list[int]:
    """The amounts in the tiers."""
    if len({each.at_least for each in terms.tiers}) < len(terms.tiers):
        raise BadDiscount("Two tiers begin at the same place.", field="terms")
    if any((each.rate is None) == (each.amount is None) for each in terms.tiers):
        raise BadDiscount("A tier has a rate or an amount, and not both.", field="terms")
    thresholds = [each.at_least for each in terms.tiers] if terms.by == "amount" else []
    return thresholds + [each.amount for each in terms.tiers if each.amount is not None]


def _known(discount: Discount | None) -> Discount:
    if discount is None:
        raise DiscountNotFound
    return discount


async def _lock(session: AsyncSession, shop: Shop, discount_id: str) -> Discount:
    chosen = select(Discount).where(Discount.shop_id == shop.id, Discount.id == discount_id).with_for_update()
    return _known((await session.exec(chosen.execution_options(populate_existing=True))).first())


async def _touch(session: AsyncSession, discount: Discount) -> None:
    discount.version, discount.updated_at = discount.version + 1, clock.now()
    session.add(discount)
    await session.flush()
