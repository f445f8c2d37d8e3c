"""Customers: made by the shop, or by a session that is told to."""

import copy
import secrets
from typing import Annotated, Literal

from msgspec import Meta

from checkout.sandbox import expansion, identifiers, metadata, parameters, records, resources, searching
from checkout.sandbox.call import Call
from checkout.sandbox.catalog_objects import Customer, CustomerShipping
from checkout.sandbox.coupons import ALPHABET
from checkout.sandbox.events import Happening, emit, told_of_change
from checkout.sandbox.forms import Tree
from checkout.sandbox.objects import Address
from checkout.sandbox.parameters import Email, MetadataChange
from checkout.sandbox.records import Place, Query
from checkout.sandbox.session_objects import CustomerDetails
from checkout.sandbox.session_parameters import Listing, Params

KIND = "customer"


class AddressParams(Params):
    """`address`."""

    city: str | None = None
    country: str | None = None
    line1: str | None = None
    line2: str | None = None
    postal_code: str | None = None
    state: str | None = None


class ShippingParams(Params):
    """`shipping`."""

    address: AddressParams
    name: str
    phone: str | None = None


class CustomerChange(Params):
    """What a customer is made with, or changed to."""

    address: AddressParams | None = None
    description: str | None = None
    email: Email | None = None
    expand: list[str] | None = None
    metadata: MetadataChange | None = None
    name: Annotated[str, Meta(max_length=256)] | None = None
    phone: Annotated[str, Meta(max_length=20)] | None = None
    preferred_locales: list[str] | None = None
    shipping: ShippingParams | None = None
    tax_exempt: Literal["exempt", "none", "reverse"] | None = None


class CustomerListing(Listing):
    """What the list of customers takes."""

    email: str | None = None


def create(call: Call, tree: Tree) -> bytes:
    """`POST /v1/customers`."""
    params = parameters.read(tree, CustomerChange)
    customer = _new(call)
    _apply(customer, params)
    _add(call, customer)
    return expansion.render(call, customer, params.expand)


def update(call: Call, tree: Tree, identifier: str) -> bytes:
    """`POST /v1/customers/{id}`."""
    params = parameters.read(tree, CustomerChange)
    customer = records.get(call, KIND, identifier, Customer, "customer")
    before = copy.deepcopy(customer)
    _apply(customer, params)
    records.change(call, customer.id, customer, Place(reference=customer.email))
    emit(call, told_of_change("customer.updated", before, customer))
    return expansion.render(call, customer, params.expand)


def from_checkout(call: Call, details: CustomerDetails) -> Customer:
    """The customer that a session makes of its buyer."""
    customer = _new(call)
    customer.email, customer.name, customer.phone = details.email, details.name, details.phone
    customer.address = details.address
    _add(call, customer)
    return customer


def _new(call: Call) -> Customer:
    prefix = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return Customer(id=identifiers.new("cus"), created=call.now, invoice_prefix=prefix)


def _add(call: Call, customer: Customer) -> None:
    records.add(call, KIND, customer.id, customer, Place(reference=customer.email))
    emit(call, [Happening("customer.created", customer)])


def _apply(customer: Customer, params: CustomerChange) -> None:
    for name in ("description", "email", "name", "phone", "preferred_locales", "tax_exempt"):
        given = getattr(params, name)
        if given is not None:
            setattr(customer, name, given)
    if params.address is not None:
        customer.address = _address(params.address)
    if params.shipping is not None:
        given = params.shipping
        customer.shipping = CustomerShipping(address=_address(given.address), name=given.name, phone=given.phone)
    customer.metadata = metadata.changed(customer.metadata, params.metadata)


def _address(given: AddressParams) -> Address:
    return Address(
        city=given.city,
        country=given.country,
        line1=given.line1,
        line2=given.line2,
        postal_code=given.postal_code,
        state=given.state,
    )


def _gone(call: Call, customer: Customer) -> None:
    emit(call, [Happening("customer.deleted", customer)])


def _narrow(query: Query, params: CustomerListing) -> None:
    query.where("reference = ?", params.email)


retrieve = resources.retriever(KIND, Customer)
list_page = resources.lister(KIND, Customer, CustomerListing, _narrow)
delete = resources.deleter(KIND, Customer, _gone)
search = searching.searcher(KIND, Customer)
