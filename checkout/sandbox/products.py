"""Products and prices: what a session can name instead of spelling it out."""

import copy
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from checkout.sandbox import expansion, metadata, parameters, pricing, records, resources
from checkout.sandbox.call import Call
from checkout.sandbox.errors import StripeError, parameter
from checkout.sandbox.events import Happening, emit, told_of_change
from checkout.sandbox.forms import Tree
from checkout.sandbox.objects import Price, Product
from checkout.sandbox.parameters import ImageUrl, MetadataChange, MetadataParam, Url
from checkout.sandbox.records import Place, Query
from checkout.sandbox.session_parameters import Listing, Name, Params, PriceParams, ProductParams, TaxBehavior

PRODUCT = "product"
PRICE = "price"
Text = Annotated[str, Meta(max_length=40_000)]
Images = Annotated[list[ImageUrl], Meta(max_length=8)]


class ProductCreate(ProductParams):
    """What a product is made with."""

    active: bool = True
    expand: list[str] | None = None
    id: str | None = None
    shippable: bool | None = None
    url: Url | None = None


class ProductUpdate(Params):
    """What can be changed about a product."""

    active: bool | None = None
    default_price: str | None = None
    description: Text | None = None
    expand: list[str] | None = None
    images: Images | None = None
    metadata: MetadataChange | None = None
    name: Name | None = None
    shippable: bool | None = None
    tax_code: str | None = None
    unit_label: Annotated[str, Meta(max_length=12)] | None = None
    url: Url | None = None


class ProductListing(Listing):
    """What the list of products takes."""

    active: bool | None = None
    ids: list[str] | None = None
    shippable: bool | None = None
    url: str | None = None


class PriceCreate(PriceParams):
    """What a price is made with; only single payments here."""

    active: bool = True
    expand: list[str] | None = None
    lookup_key: Annotated[str, Meta(max_length=200)] | None = None
    metadata: MetadataParam | None = None
    nickname: str | None = None


class PriceUpdate(Params):
    """What can be changed about a price; its amount never."""

    active: bool | None = None
    expand: list[str] | None = None
    lookup_key: Annotated[str, Meta(max_length=200)] | None = None
    metadata: MetadataChange | None = None
    nickname: str | None = None
    tax_behavior: TaxBehavior | None = None


class PriceListing(Listing):
    """What the list of prices takes."""

    active: bool | None = None
    currency: str | None = None
    lookup_keys: list[str] | None = None
    product: str | None = None
    type: str | None = None


def create(call: Call, tree: Tree) -> bytes:
    """`POST /v1/products`."""
    params = parameters.read(tree, ProductCreate)
    product = pricing.new_product(call, params)
    if params.id is not None:
        product.id = resources.free(call, PRODUCT, params.id, "Product")
    product.active, product.shippable, product.url = params.active, params.shippable, params.url
    records.add(call, PRODUCT, product.id, product)
    emit(call, [Happening("product.created", product)])
    return expansion.render(call, product, params.expand)


def update(call: Call, tree: Tree, identifier: str) -> bytes:
    """`POST /v1/products/{id}`."""
    params = parameters.read(tree, ProductUpdate)
    product = records.get(call, PRODUCT, identifier, Product, "id")
    before = copy.deepcopy(product)
    if params.default_price is not None:
        records.get(call, PRICE, params.default_price, Price, "default_price")
    plain = "active default_price description images name shippable tax_code unit_label url"
    for name in plain.split():
        given = getattr(params, name)
        if given is not None:
            setattr(product, name, given)
    product.metadata = metadata.changed(product.metadata, params.metadata)
    product.updated = call.now
    records.change(call, product.id, product)
    emit(call, told_of_change("product.updated", before, product))
    return expansion.render(call, product, params.expand)


def create_price(call: Call, tree: Tree) -> bytes:
    """`POST /v1/prices`."""
    params = parameters.read(tree, PriceCreate)
    unit = pricing.unit_amount(params, "")
    product = pricing.product(call, params, "")
    price = pricing.new_price(call, params, unit, product)
    price.active, price.nickname, price.metadata = params.active, params.nickname, params.metadata or {}
    price.lookup_key = _free_key(call, params.lookup_key)
    _check_unit(unit, price.currency)
    records.add(call, PRICE, price.id, price, Place(reference=product.id))
    emit(call, [Happening("price.created", price)])
    return expansion.render(call, price, params.expand)


def update_price(call: Call, tree: Tree, identifier: str) -> bytes:
    """`POST /v1/prices/{id}`."""
    params = parameters.read(tree, PriceUpdate)
    price = records.get(call, PRICE, identifier, Price, "price")
    before = copy.deepcopy(price)
    price.active = price.active if params.active is None else params.active
    price.nickname = params.nickname or price.nickname
    price.tax_behavior = params.tax_behavior or price.tax_behavior
    if params.lookup_key is not None and params.lookup_key != price.lookup_key:
        price.lookup_key = _free_key(call, params.lookup_key)
    price.metadata = metadata.changed(price.metadata, params.metadata)
    records.change(call, price.id, price, Place(reference=price.product))
    emit(call, told_of_change("price.updated", before, price))
    return expansion.render(call, price, params.expand)


def _check_unit(unit: Decimal, currency: str) -> None:
    if unit == unit.to_integral_value():
        pricing.check_step(int(unit), currency, "unit_amount")


def _free_key(call: Call, key: str | None) -> str | None:
    query = Query(PRICE)
    query.where("json_extract(body, '$.lookup_key') = ?", key)
    if key is not None and records.newest(call, query, Price, 1)[0]:
        raise parameter(f"A price already uses the lookup key `{key}`.", "lookup_key", "resource_already_exists")
    return key


def _gone(call: Call, product: Product) -> None:
    query = Query(PRICE)
    query.where("reference = ?", product.id)
    if records.newest(call, query, Price, 1)[0]:
        raise StripeError("This product cannot be deleted because it has one or more user-created prices.")
    emit(call, [Happening("product.deleted", product)])


def _narrow(query: Query, params: ProductListing) -> None:
    query.where("json_extract(body, '$.active') = ?", resources.flag(params.active))
    query.where("json_extract(body, '$.shippable') = ?", resources.flag(params.shippable))
    query.where("json_extract(body, '$.url') = ?", params.url)
    query.among("id", params.ids)


def _narrow_prices(query: Query, params: PriceListing) -> None:
    query.where("json_extract(body, '$.active') = ?", resources.flag(params.active))
    query.where("json_extract(body, '$.currency') = ?", params.currency)
    query.where("json_extract(body, '$.type') = ?", params.type)
    query.where("reference = ?", params.product)
    query.among("json_extract(body, '$.lookup_key')", params.lookup_keys)


retrieve = resources.retriever(PRODUCT, Product)
list_page = resources.lister(PRODUCT, Product, ProductListing, _narrow)
delete = resources.deleter(PRODUCT, Product, _gone)
retrieve_price = resources.retriever(PRICE, Price)
list_prices = resources.lister(PRICE, Price, PriceListing, _narrow_prices)
