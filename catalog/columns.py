"""A product's sheet as columns of one statement: what hangs on a product comes with it, as JSON made by the database.

Twenty products with variants, prices and pictures cost one round trip and no object per row. The texts below are
fixed; what a client says reaches the statement as bound conditions on `product`, nowhere else.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec
import sqlalchemy as sa

from catalog.facts import PictureFacts, PriceFacts, ProductFacts, ProductSheet, VariantFacts
from catalog.models import Product
from core.db import AsyncSession

_PRICE = {name: name for name in PriceFacts.__struct_fields__}
_PICTURE = {name: name for name in PictureFacts.__struct_fields__}
_VARIANT = {name: name for name in VariantFacts.__struct_fields__ if name not in ("option_names", "prices")}
_PRODUCT = tuple(getattr(Product, name) for name in ProductFacts.__struct_fields__)
_TIMES = ("created_at", "updated_at")

# Lax, because SQLite has 0 and 1 for false and true.
_names = msgspec.json.Decoder(list[str])
_pictures = msgspec.json.Decoder(list[PictureFacts])
_variants = msgspec.json.Decoder(list[VariantFacts], strict=False)


class _Words(msgspec.Struct, frozen=True):
    """How a database says: an object, a list of all rows (empty where there are none), JSON within JSON, a UTC time."""

    object: str
    every: Callable[[str], str]
    nested: Callable[[str], str]
    time: Callable[[str], str]


_WORDS = {
    "sqlite": _Words(
        "json_object", "json_group_array({})".format, "json({})".format, "replace({}, ' ', 'T') || 'Z'".format
    ),
    "postgresql": _Words(
        "json_build_object",
        "CAST(coalesce(json_agg({}), '[]') AS text)".format,
        "CAST({} AS json)".format,
        """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""".format,
    ),
}


def _parts(words: _Words) -> Mapping[str, str]:
    def one(fields: Mapping[str, str]) -> str:
        named = ", ".join(f"'{name}', {what}" for name, what in fields.items())
        return f"{words.object}({named})"

    def many(what: str, table: str, where: str, order: str) -> str:
        rows = f"(SELECT * FROM {table} WHERE {where} ORDER BY {order}) AS its_{table}"  # noqa: S608  # Our own texts.
        return f"(SELECT {words.every(what)} FROM {rows})"  # noqa: S608  # Likewise.

    prices = many(one(_PRICE), "price", "variant_id = its_variant.id", "currency")
    variant = one(_VARIANT | {name: words.time(name) for name in _TIMES} | {"prices": words.nested(prices)})
    own = "product_id = product.id"
    return {
        "tags": many("tag", "product_tag", own, "position"),
        "options": many("name", "product_option", own, "position"),
        "pictures": many(one(_PICTURE), "product_picture", f"{own} AND asset_id IS NOT NULL", "position, id"),
        "variants": many(variant, "variant", f"{own} AND archived_at IS NULL", "position"),
    }


def _columns(words: _Words) -> tuple[sa.Label[str], ...]:
    return tuple(sa.literal_column(text, sa.Text).label(name) for name, text in _parts(words).items())


_COLUMNS = {dialect: _columns(words) for dialect, words in _WORDS.items()}


async def sheets(
    session: AsyncSession,
    where: Sequence[sa.ColumnElement[bool]],
    order: sa.ColumnElement[str] | sa.ColumnElement[int] | None = None,
    limit: int | None = None,
) -> list[ProductSheet]:
    """The sheets of the products that meet all conditions, in this order."""
    columns = _COLUMNS[session.get_bind().dialect.name]
    statement = sa.select(*_PRODUCT, *columns).where(*where).order_by(order).limit(limit)
    rows = (await session.core(statement)).all()
    return [_sheet(ProductFacts(*row[: -len(columns)]), *row[-len(columns) :]) for row in rows]


def _sheet(product: ProductFacts, tags: str, options: str, pictures: str, variants: str) -> ProductSheet:
    names = _names.decode(options)
    living = [msgspec.structs.replace(each, option_names=names) for each in _variants.decode(variants)]
    return ProductSheet(product, _names.decode(tags), names, _pictures.decode(pictures), living)
