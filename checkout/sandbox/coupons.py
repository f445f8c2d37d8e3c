"""Coupons and promotion codes: made, kept, judged at the moment of use, counted when a session completes."""

import copy
import secrets
from typing import Annotated, Literal

from msgspec import UNSET, Meta

from checkout.sandbox import currencies, expansion, identifiers, metadata, parameters, records, resources
from checkout.sandbox.call import Call
from checkout.sandbox.catalog_objects import AppliesTo, Coupon, Promotion, PromotionCode, Restrictions
from checkout.sandbox.errors import StripeError, parameter
from checkout.sandbox.events import Happening, emit, told_of_change
from checkout.sandbox.forms import Tree
from checkout.sandbox.parameters import Currency, MetadataChange, MetadataParam, absent
from checkout.sandbox.records import Place, Query
from checkout.sandbox.session_parameters import Listing, Params

COUPON = "coupon"
CODE = "promotion_code"
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
Positive = Annotated[int, Meta(ge=1)]


class AppliesToParams(Params):
    """`applies_to`."""

    products: list[str]


class CouponCreate(Params):
    """What a coupon is made with."""

    amount_off: Positive | None = None
    applies_to: AppliesToParams | None = None
    currency: Currency | None = None
    duration: Literal["forever", "once", "repeating"] = "once"
    duration_in_months: Positive | None = None
    expand: list[str] | None = None
    id: Annotated[str, Meta(max_length=200)] | None = None
    max_redemptions: Positive | None = None
    metadata: MetadataParam | None = None
    name: Annotated[str, Meta(max_length=40)] | None = None
    percent_off: float | None = None
    redeem_by: int | None = None


class CouponUpdate(Params):
    """What can be changed about a coupon."""

    expand: list[str] | None = None
    metadata: MetadataChange | None = None
    name: Annotated[str, Meta(max_length=40)] | None = None


class PromotionParams(Params):
    """`promotion`."""

    type: Literal["coupon"]
    coupon: str | None = None


class RestrictionParams(Params):
    """`restrictions`."""

    first_time_transaction: bool | None = None
    minimum_amount: Positive | None = None
    minimum_amount_currency: Currency | None = None


class CodeCreate(Params):
    """What a promotion code is made with."""

    promotion: PromotionParams
    active: bool = True
    code: Annotated[str, Meta(max_length=500, pattern=r"\A[A-Za-z0-9-]+\Z")] | None = None
    customer: str | None = None
    expand: list[str] | None = None
    expires_at: int | None = None
    max_redemptions: Positive | None = None
    metadata: MetadataParam | None = None
    restrictions: RestrictionParams | None = None


class CodeUpdate(Params):
    """What can be changed about a promotion code."""

    active: bool | None = None
    expand: list[str] | None = None
    metadata: MetadataChange | None = None


class CodeListing(Listing):
    """What the list of promotion codes takes."""

    active: bool | None = None
    code: str | None = None
    coupon: str | None = None
    customer: str | None = None


def create(call: Call, tree: Tree) -> bytes:
    """`POST /v1/coupons`."""
    params = parameters.read(tree, CouponCreate)
    if (params.amount_off is None) == (params.percent_off is None):
        raise parameter("You must specify exactly one of `amount_off` or `percent_off`.", "percent_off")
    if params.percent_off is not None and not 0 < params.percent_off <= 100:
        raise parameter("Invalid percent_off: must be greater than 0 and at most 100.", "percent_off")
    if params.amount_off is not None and params.currency is None:
        raise absent("currency")
    chosen = resources.free(call, COUPON, params.id, "Coupon") if params.id else None
    coupon = Coupon(
        id=chosen or "".join(secrets.choice(ALPHABET) for _ in range(8)),
        amount_off=params.amount_off,
        applies_to=AppliesTo(products=params.applies_to.products) if params.applies_to else UNSET,
        created=call.now,
        currency=params.currency if params.amount_off is not None else None,
        duration=params.duration,
        duration_in_months=params.duration_in_months,
        max_redemptions=params.max_redemptions,
        metadata=params.metadata or {},
        name=params.name,
        percent_off=params.percent_off,
        redeem_by=params.redeem_by,
    )
    records.add(call, COUPON, coupon.id, coupon)
    emit(call, [Happening("coupon.created", shown(call, coupon))])
    return expansion.render(call, coupon, params.expand)


def update(call: Call, tree: Tree, identifier: str) -> bytes:
    """`POST /v1/coupons/{id}`: its name and metadata."""
    params = parameters.read(tree, CouponUpdate)
    coupon = records.get(call, COUPON, identifier, Coupon)
    before = copy.deepcopy(coupon)
    coupon.name = params.name or coupon.name
    coupon.metadata = metadata.changed(coupon.metadata, params.metadata)
    records.change(call, coupon.id, coupon)
    emit(call, told_of_change("coupon.updated", before, coupon))
    return expansion.render(call, shown(call, coupon), params.expand)


def shown(call: Call, coupon: Coupon) -> Coupon:
    """With what time and use have made of it."""
    used_up = coupon.max_redemptions is not None and coupon.times_redeemed >= coupon.max_redemptions
    coupon.valid = not used_up and (coupon.redeem_by is None or coupon.redeem_by > call.now)
    return coupon


def create_code(call: Call, tree: Tree) -> bytes:
    """`POST /v1/promotion_codes`."""
    params = parameters.read(tree, CodeCreate)
    if params.promotion.coupon is None:
        raise absent("promotion[coupon]")
    records.get(call, COUPON, params.promotion.coupon, Coupon, "promotion[coupon]")
    limits = params.restrictions or RestrictionParams()
    if (limits.minimum_amount is None) != (limits.minimum_amount_currency is None):
        raise parameter("`minimum_amount` and `minimum_amount_currency` go together.", "restrictions[minimum_amount]")
    word = params.code or "".join(secrets.choice(ALPHABET) for _ in range(8))
    if params.active and find(call, word) is not None:
        raise StripeError("An active promotion code with `code: " + word + "` already exists.", param="code")
    code = PromotionCode(
        id=identifiers.new("promo"),
        active=params.active,
        code=word,
        created=call.now,
        customer=params.customer,
        expires_at=params.expires_at,
        max_redemptions=params.max_redemptions,
        metadata=params.metadata or {},
        promotion=Promotion(coupon=params.promotion.coupon),
        restrictions=Restrictions(
            first_time_transaction=bool(limits.first_time_transaction),
            minimum_amount=limits.minimum_amount,
            minimum_amount_currency=limits.minimum_amount_currency,
        ),
    )
    records.add(call, CODE, code.id, code, Place(reference=word.upper()))
    emit(call, [Happening("promotion_code.created", code)])
    return expansion.render(call, code, params.expand)


def update_code(call: Call, tree: Tree, identifier: str) -> bytes:
    """`POST /v1/promotion_codes/{id}`: whether it works, and its metadata."""
    params = parameters.read(tree, CodeUpdate)
    code = records.get(call, CODE, identifier, PromotionCode)
    before = copy.deepcopy(code)
    code.active = code.active if params.active is None else params.active
    code.metadata = metadata.changed(code.metadata, params.metadata)
    _keep_code(call, code)
    emit(call, told_of_change("promotion_code.updated", before, code))
    return expansion.render(call, shown_code(call, code), params.expand)


def shown_code(call: Call, code: PromotionCode) -> PromotionCode:
    """A code that has run out is active no more."""
    used_up = code.max_redemptions is not None and code.times_redeemed >= code.max_redemptions
    late = code.expires_at is not None and code.expires_at <= call.now
    code.active = code.active and not used_up and not late
    return code


def find(call: Call, word: str) -> PromotionCode | None:
    """The working promotion code that reads like this; capital letters make no difference."""
    query = Query(CODE)
    query.where("reference = ?", word.strip().upper())
    found = [shown_code(call, code) for code in records.newest(call, query, PromotionCode, 100)[0]]
    return next((code for code in found if code.active), None)


def usable(call: Call, identifier: str, currency: str, param: str) -> Coupon:
    """The coupon, if a session in this currency may use it now."""
    coupon = records.find(call, COUPON, identifier, Coupon)
    if coupon is None:
        raise parameter(f"No such coupon: '{identifier}'", param, "resource_missing")
    if not shown(call, coupon).valid:
        raise parameter(f"Coupon {identifier} is expired and cannot be applied", param, "coupon_expired")
    if coupon.currency is not None and coupon.currency != currency:
        raise parameter(
            f"The coupon's currency {coupon.currency} is not the currency of the line items, {currency}.", param
        )
    return coupon


def check_code(call: Call, code: PromotionCode, subtotal: int, currency: str, customer: str | None, param: str) -> None:
    """Refuse a code that has run out, or that is not for this session or buyer."""
    if not shown_code(call, code).active:
        raise parameter(f"This promotion code ({code.code}) is expired or used up.", param)
    if code.customer is not None and code.customer != customer:
        raise parameter("This promotion code is for another customer.", param)
    limits = code.restrictions
    if limits.first_time_transaction and customer is None:
        raise parameter("This promotion code is for customers who buy for the first time.", param)
    if limits.minimum_amount is not None and limits.minimum_amount_currency is not None:
        least = currencies.display(limits.minimum_amount, limits.minimum_amount_currency)
        if currency != limits.minimum_amount_currency or subtotal < limits.minimum_amount:
            raise parameter(f"This promotion code can be used from {least} on.", param)


def redeem(call: Call, coupon: str, code: str | None) -> None:
    """A session with this discount was completed."""
    used = records.find(call, COUPON, coupon, Coupon)
    if used is not None:
        used.times_redeemed += 1
        records.change(call, used.id, used)
    typed = code and records.find(call, CODE, code, PromotionCode)
    if typed:
        typed.times_redeemed += 1
        _keep_code(call, typed)


def _keep_code(call: Call, code: PromotionCode) -> None:
    records.change(call, code.id, code, Place(reference=code.code.upper()))


def _gone(call: Call, coupon: Coupon) -> None:
    emit(call, [Happening("coupon.deleted", coupon)])


def _narrow(_: Query, __: Listing) -> None:
    """Coupons are listed by time alone."""


def _narrow_codes(query: Query, params: CodeListing) -> None:
    query.where("reference = ?", params.code and params.code.upper())
    query.where("json_extract(body, '$.active') = ?", resources.flag(params.active))
    query.where("json_extract(body, '$.promotion.coupon') = ?", params.coupon)
    query.where("json_extract(body, '$.customer') = ?", params.customer)


retrieve = resources.retriever(COUPON, Coupon, shown)
list_page = resources.lister(COUPON, Coupon, Listing, _narrow, shown)
delete = resources.deleter(COUPON, Coupon, _gone)
retrieve_code = resources.retriever(CODE, PromotionCode, shown_code)
list_codes = resources.lister(CODE, PromotionCode, CodeListing, _narrow_codes, shown_code)
