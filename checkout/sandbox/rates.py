"""Shipping rates and tax rates: made, changed, listed."""

import copy
from typing import Annotated, Literal

from msgspec import Meta

from checkout.sandbox import expansion, identifiers, metadata, parameters, pricing, records, resources
from checkout.sandbox.call import Call
from checkout.sandbox.catalog_objects import Bound, Estimate, FixedAmount, ShippingRate
from checkout.sandbox.errors import parameter
from checkout.sandbox.events import Happening, emit, told_of_change
from checkout.sandbox.forms import Tree
from checkout.sandbox.objects import TaxRate
from checkout.sandbox.parameters import Currency, MetadataChange, MetadataParam
from checkout.sandbox.records import Query
from checkout.sandbox.session_parameters import Listing, Params, PeriodParams, RateParams

SHIPPING = "shipping_rate"
TAX = "tax_rate"
TaxType = Literal[
    "amusement_tax", "communications_tax", "gst", "hst", "igst", "jct", "lease_tax", "pst", "qst",
    "retail_delivery_fee", "rst", "sales_tax", "service_tax", "vat",
]  # fmt: skip


class ShippingCreate(RateParams):
    """What a shipping rate is made with."""

    expand: list[str] | None = None


class ShippingUpdate(Params):
    """What can be changed about a shipping rate."""

    active: bool | None = None
    expand: list[str] | None = None
    metadata: MetadataChange | None = None
    tax_behavior: Literal["exclusive", "inclusive", "unspecified"] | None = None


class ShippingListing(Listing):
    """What the list of shipping rates takes."""

    active: bool | None = None
    currency: Currency | None = None


class TaxCreate(Params):
    """What a tax rate is made with."""

    display_name: Annotated[str, Meta(max_length=50)]
    inclusive: bool
    percentage: float
    active: bool = True
    country: str | None = None
    description: str | None = None
    expand: list[str] | None = None
    jurisdiction: Annotated[str, Meta(max_length=50)] | None = None
    metadata: MetadataParam | None = None
    state: str | None = None
    tax_type: TaxType | None = None


class TaxUpdate(Params):
    """What can be changed about a tax rate; its percentage never."""

    active: bool | None = None
    country: str | None = None
    description: str | None = None
    display_name: Annotated[str, Meta(max_length=50)] | None = None
    expand: list[str] | None = None
    jurisdiction: Annotated[str, Meta(max_length=50)] | None = None
    metadata: MetadataChange | None = None
    state: str | None = None
    tax_type: TaxType | None = None


class TaxListing(Listing):
    """What the list of tax rates takes."""

    active: bool | None = None
    inclusive: bool | None = None


def create_shipping(call: Call, tree: Tree) -> bytes:
    """`POST /v1/shipping_rates`."""
    params = parameters.read(tree, ShippingCreate)
    return expansion.render(call, new_shipping(call, params, "fixed_amount"), params.expand)


def new_shipping(call: Call, params: RateParams, path: str) -> ShippingRate:
    """A shipping rate, of its own or made along with a session."""
    fixed = params.fixed_amount
    pricing.check_step(fixed.amount, fixed.currency, f"{path}[amount]")
    estimate = params.delivery_estimate
    rate = ShippingRate(
        id=identifiers.new("shr"),
        created=call.now,
        delivery_estimate=Estimate(maximum=_bound(estimate.maximum), minimum=_bound(estimate.minimum))
        if estimate
        else None,
        display_name=params.display_name,
        fixed_amount=FixedAmount(amount=fixed.amount, currency=fixed.currency),
        metadata=params.metadata or {},
        tax_behavior=params.tax_behavior or "unspecified",
        tax_code=params.tax_code,
    )
    records.add(call, SHIPPING, rate.id, rate)
    return rate


def update_shipping(call: Call, tree: Tree, identifier: str) -> bytes:
    """`POST /v1/shipping_rates/{id}`."""
    params = parameters.read(tree, ShippingUpdate)
    rate = records.get(call, SHIPPING, identifier, ShippingRate)
    rate.active = rate.active if params.active is None else params.active
    rate.tax_behavior = params.tax_behavior or rate.tax_behavior
    rate.metadata = metadata.changed(rate.metadata, params.metadata)
    records.change(call, rate.id, rate)
    return expansion.render(call, rate, params.expand)


def create_tax(call: Call, tree: Tree) -> bytes:
    """`POST /v1/tax_rates`."""
    params = parameters.read(tree, TaxCreate)
    if not 0 <= params.percentage <= 100:
        raise parameter("Invalid percentage: must be between 0 and 100.", "percentage")
    rate = TaxRate(
        id=identifiers.new("txr"),
        active=params.active,
        country=params.country,
        created=call.now,
        description=params.description,
        display_name=params.display_name,
        effective_percentage=params.percentage,
        inclusive=params.inclusive,
        jurisdiction=params.jurisdiction,
        metadata=params.metadata or {},
        percentage=params.percentage,
        state=params.state,
        tax_type=params.tax_type,
    )
    records.add(call, TAX, rate.id, rate)
    emit(call, [Happening("tax_rate.created", rate)])
    return expansion.render(call, rate, params.expand)


def update_tax(call: Call, tree: Tree, identifier: str) -> bytes:
    """`POST /v1/tax_rates/{id}`."""
    params = parameters.read(tree, TaxUpdate)
    rate = records.get(call, TAX, identifier, TaxRate)
    before = copy.deepcopy(rate)
    for name in ("active", "country", "description", "display_name", "jurisdiction", "state", "tax_type"):
        given = getattr(params, name)
        setattr(rate, name, getattr(rate, name) if given is None else given)
    rate.metadata = metadata.changed(rate.metadata, params.metadata)
    records.change(call, rate.id, rate)
    emit(call, told_of_change("tax_rate.updated", before, rate))
    return expansion.render(call, rate, params.expand)


def _bound(params: PeriodParams | None) -> Bound | None:
    return Bound(unit=params.unit, value=params.value) if params else None


def _narrow_shipping(query: Query, params: ShippingListing) -> None:
    query.where("json_extract(body, '$.active') = ?", resources.flag(params.active))
    query.where("json_extract(body, '$.fixed_amount.currency') = ?", params.currency)


def _narrow_tax(query: Query, params: TaxListing) -> None:
    query.where("json_extract(body, '$.active') = ?", resources.flag(params.active))
    query.where("json_extract(body, '$.inclusive') = ?", resources.flag(params.inclusive))


retrieve_shipping = resources.retriever(SHIPPING, ShippingRate)
list_shipping = resources.lister(SHIPPING, ShippingRate, ShippingListing, _narrow_shipping)
retrieve_tax = resources.retriever(TAX, TaxRate)
list_tax = resources.lister(TAX, TaxRate, TaxListing, _narrow_tax)
