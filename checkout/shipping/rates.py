"""Shipping rates: what the merchant says that shipping costs."""

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import sqlalchemy as sa
from sqlmodel import col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from checkout.shipping import countries
from checkout.shipping.errors import BadBrackets, ShippingRateNotFound, TooManyShippingRates
from checkout.shipping.models import ShippingRate
from checkout.shipping.pricing import Kind, Rate
from checkout.shipping.schemas import MAX_RATES, BracketIn, DeliveryDays, ShippingRateChange, ShippingRateCreate
from core import clock, db, ids, money
from core.db import AsyncSession
from core.errors import expect
from core.money import Money
from core.shops import Shop
from core.wire import UNSET

_LIVING = (
    sa.select(*(col(getattr(ShippingRate, name)) for name in Rate.__struct_fields__))
    .where(col(ShippingRate.shop_id) == sa.bindparam("shop"), col(ShippingRate.archived_at).is_(None))
    .order_by(col(ShippingRate.position), col(ShippingRate.id))
)


async def create(session: AsyncSession, shop: Shop, data: ShippingRateCreate) -> ShippingRate:
    """Add a way of shipping.

    Refuses BadBrackets, UnknownCountry, TooManyShippingRates, and BadAmount off the currency's step.
    """
    _check_brackets(shop, data.kind, data.brackets)
    _check_amount(shop, data.free_above)
    await _make_room(session, shop)
    now = clock.now()
    rate = ShippingRate(
        id=ids.new("rate"), shop_id=shop.id, name=data.name, countries=_countries(data.countries), kind=data.kind,
        brackets=msgspec.to_builtins(data.brackets), free_above=data.free_above, position=data.position,
        created_at=now, updated_at=now,
    )  # fmt: skip
    _set_days(rate, data.delivery_days)
    session.add(rate)
    await session.flush()
    return rate


async def get(session: AsyncSession, shop: Shop, rate_id: str) -> ShippingRate:
    """The rate with this id, archived ones too; refuses ShippingRateNotFound, in the same words for another shop's."""
    return _known((await session.exec(_one(shop, rate_id))).first())


async def list_page(
    session: AsyncSession, shop: Shop, limit: int, cursor: str | None
) -> tuple[list[ShippingRate], str | None]:
    """One page of the shop's rates, newest first, archived ones left out."""
    chosen = select(ShippingRate).where(ShippingRate.shop_id == shop.id, col(ShippingRate.archived_at).is_(None))
    return await db.page(session, chosen, ShippingRate.id, limit, cursor)


async def living(session: AsyncSession, shop: Shop) -> list[Rate]:
    """What the shop ships by now, in the order in which buyers see it."""
    rows = await session.rows(_LIVING, {"shop": shop.id})
    return [msgspec.convert(dict(zip(Rate.__struct_fields__, row, strict=True)), Rate) for row in rows]


async def change(
    session: AsyncSession, shop: Shop, rate_id: str, data: ShippingRateChange, version: int | None
) -> ShippingRate:
    """Change what `data` names; a version of None is any. `archived=False` brings the rate back.

    Refuses ShippingRateNotFound, PreconditionFailed, BadBrackets, UnknownCountry, TooManyShippingRates, BadAmount.
    """
    rate = await _lock(session, shop, rate_id)
    expect(rate.version, version)
    kind = msgspec.convert(rate.kind, Kind) if data.kind is UNSET else data.kind
    brackets = msgspec.convert(rate.brackets, list[BracketIn]) if data.brackets is UNSET else data.brackets
    _check_brackets(shop, kind, brackets)
    rate.kind, rate.brackets = kind, msgspec.to_builtins(brackets)
    if data.countries is not UNSET:
        rate.countries = _countries(data.countries)
    if data.free_above is not UNSET:
        rate.free_above = _check_amount(shop, data.free_above)
    if data.delivery_days is not UNSET:
        _set_days(rate, data.delivery_days)
    for name in ("name", "position"):
        if (value := getattr(data, name)) is not UNSET:
            setattr(rate, name, value)
    if data.archived is not UNSET:
        if rate.archived_at is not None and not data.archived:
            await _make_room(session, shop)
        rate.archived_at = (rate.archived_at or clock.now()) if data.archived else None
    return await _touch(session, rate)


async def archive(session: AsyncSession, shop: Shop, rate_id: str) -> None:
    """Offer the rate no more; doing it twice is doing it once. Refuses ShippingRateNotFound."""
    rate = await _lock(session, shop, rate_id)
    if rate.archived_at is None:
        rate.archived_at = clock.now()
        await _touch(session, rate)


async def _make_room(session: AsyncSession, shop: Shop) -> None:
    chosen = select(func.count()).where(ShippingRate.shop_id == shop.id, col(ShippingRate.archived_at).is_(None))
    if (await session.exec(chosen)).one() >= MAX_RATES:
        raise TooManyShippingRates(f"A shop has at most {MAX_RATES} shipping rates.", limit=MAX_RATES)


async def _lock(session: AsyncSession, shop: Shop, rate_id: str) -> ShippingRate:
    chosen = _one(shop, rate_id).with_for_update().execution_options(populate_existing=True)
    return _known((await session.exec(chosen)).first())


def _one(shop: Shop, rate_id: str) -> SelectOfScalar[ShippingRate]:
    return select(ShippingRate).where(ShippingRate.shop_id == shop.id, ShippingRate.id == rate_id)


async def _touch(session: AsyncSession, rate: ShippingRate) -> ShippingRate:
    rate.version, rate.updated_at = rate.version + 1, clock.now()
    session.add(rate)
    await session.flush()
    return rate


def _known(rate: ShippingRate | None) -> ShippingRate:
    if rate is None:
        raise ShippingRateNotFound
    return rate


def _countries(codes: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(countries.check(each) for each in codes))


def _check_amount(shop: Shop, amount: int | None) -> int | None:
    return None if amount is None else money.check(Money(amount, shop.currency)).amount


def _check_brackets(shop: Shop, kind: Kind, brackets: Sequence[BracketIn]) -> None:
    """Refuses BadBrackets, and BadAmount off the currency's step."""
    for each in brackets:
        _check_amount(shop, each.amount)
    ends = [each.up_to for each in brackets]
    closed = [each for each in ends if each is not None]
    if kind == "flat" and ends != [None]:
        raise BadBrackets("A flat rate has one bracket without `up_to`.", kind=kind)
    if None in ends[:-1]:
        raise BadBrackets("Only the last bracket may be without `up_to`.", kind=kind)
    if any(left >= right for left, right in pairwise(closed)):
        raise BadBrackets("Each bracket ends above the one before.", kind=kind)


def _set_days(rate: ShippingRate, days: DeliveryDays | None) -> None:
    """Refuses BadBrackets where the longest is the shortest."""
    if days is not None and days.min > days.max:
        raise BadBrackets("Delivery takes `min` to `max` business days.", min=days.min, max=days.max)
    rate.min_days, rate.max_days = (None, None) if days is None else (days.min, days.max)
