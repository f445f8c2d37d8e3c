"""Shopify's product CSV: one row per variant, further rows of a product repeat its handle, picture rows too.

Both headers are read: the one of exports until 2025 (`Handle`, `Variant SKU`) and the newer one (`URL handle`,
`SKU`).
"""

import re
from collections.abc import Iterator
from typing import IO

import msgspec

from catalog.imports import prose
from catalog.imports.delimited import Row, Table
from catalog.imports.importer import Importer, PictureDraft, Problem, ProductDraft, Tally, VariantDraft
from catalog.products import folded
from catalog.schemas import MAX_PICTURES, MAX_TAGS
from core import money
from core.errors import Invalid
from core.wire import Barcode, Grams, Line, Sku, Stock, Text, Title, Word

_COLUMNS = {
    "handle": ("Handle", "URL handle"),
    "title": ("Title",),
    "body": ("Body (HTML)", "Body HTML", "Description"),
    "vendor": ("Vendor",),
    "type": ("Type", "Custom Product Type"),
    "tags": ("Tags",),
    "published": ("Published", "Published on online store"),
    "status": ("Status",),
    "name1": ("Option1 Name",), "name2": ("Option2 Name",), "name3": ("Option3 Name",),
    "value1": ("Option1 Value",), "value2": ("Option2 Value",), "value3": ("Option3 Value",),
    "sku": ("Variant SKU", "SKU"),
    "barcode": ("Variant Barcode", "Barcode"),
    "grams": ("Variant Grams", "Weight value (grams)"),
    "shipped": ("Variant Requires Shipping", "Requires shipping"),
    "tracker": ("Variant Inventory Tracker", "Inventory tracker"),
    "quantity": ("Variant Inventory Qty", "Inventory quantity"),
    "policy": ("Variant Inventory Policy", "Continue selling when out of stock"),
    "price": ("Variant Price", "Price"),
    "compare": ("Variant Compare At Price", "Compare-at price"),
    "image": ("Image Src", "Product image URL"),
    "position": ("Image Position", "Image position"),
    "alt": ("Image Alt Text", "Image alt text"),
}  # fmt: skip
_REQUIRED = ("handle", "title", "price")
_STATUS = {"active": "active", "draft": "draft", "archived": "archived", "unlisted": "draft"}
_FALSE = ("false", "no", "0")
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
_WHOLE = re.compile(r"-?[0-9]{1,9}(?:\.0{1,6})?")


def read(file: IO[bytes], currency: str, tally: Tally) -> Iterator[ProductDraft | Problem]:
    """Products and problems in the order of the file. Refuses NotText, ColumnsMissing, TooLarge."""
    return _read(Table(file, _COLUMNS, _REQUIRED, tally), currency)


def _read(table: Table, currency: str) -> Iterator[ProductDraft | Problem]:
    group: _Group | None = None
    for row in table:
        if isinstance(row, Problem):
            yield row
            continue
        handle = row["handle"].casefold()
        if not handle or len(handle) > 255:
            yield row.problem("handle", "bad-handle", "Each row names its product in 1 to 255 characters.")
            continue
        if group is None or group.draft.handle != handle:
            if group is not None:
                yield from group.finish()
            group = _Group(row, handle, currency)
        group.add(row)
        yield from group.problems
        group.problems.clear()
    if group is not None:
        yield from group.finish()


class _Group:
    """The rows of one product, gathered as they come."""

    def __init__(self, row: Row, handle: str, currency: str) -> None:
        names = {"title": "title", "sku": "sku", "options": "value1"}
        self.draft = ProductDraft(row.line, handle, {name: row.column(key) for name, key in names.items()})
        self.problems: list[Problem] = []
        self._first = row
        self._currency = currency
        self._options: list[int] = []
        self._refused = False

    def add(self, row: Row) -> None:
        """One more row; what is wrong with it is added to `problems`, one error at most."""
        is_first = row is self._first
        if is_first:
            self._refused = not self._start(row)
            if self._refused:
                return
        elif self._refused:
            self.problems.append(row.problem("handle", "product-refused", "The product's first row cannot be used."))
            return
        self._picture(row)
        if any(row[key] for key in ("price", "sku", "value1")) or (is_first and row["title"]):
            variant = self._variant(row)
            if variant is not None:
                self.draft.variants.append(variant)

    def finish(self) -> Iterator[ProductDraft]:
        """The product, if there is anything of it to keep."""
        if not self._refused and (self.draft.variants or self.draft.pictures or self.draft.fields):
            yield self.draft

    def _start(self, row: Row) -> bool:
        """Read what stands in a product's first row only; whether it can be used."""
        fields, title = self.draft.fields, " ".join(row["title"].split())
        if title:
            if not self._fits(row, "title", title, Title):
                return False
            fields["title"] = title
            status = _STATUS.get(row["status"].lower() or "active")
            if status is None:
                self._refuse(row, "status", "bad-status", f"One of {', '.join(_STATUS)}.")
                return False
            if row.has("status") or row.has("published"):
                unpublished = status == "active" and row["published"].lower() in _FALSE
                fields["status"] = "draft" if unpublished else status
            self._describe(row)
        return self._name_options(row)

    def _describe(self, row: Row) -> None:
        for key, column in (("vendor", "vendor"), ("type", "product_type")):
            if row.has(key) and self._fits(row, key, value := " ".join(row[key].split()), Line, warning=True):
                self.draft.fields[column] = value
        if row.has("body") and self._fits(row, "body", value := prose.plain(row["body"]), Text, warning=True):
            self.draft.fields["description"] = value
        if row.has("tags"):
            tags = folded(row["tags"].split(","))
            kept = [tag for tag in tags if self._fits(row, "tags", tag, Word, warning=True)]
            if len(kept) > MAX_TAGS:
                self._warn(row, "tags", "too-many", f"At most {MAX_TAGS} tags.")
            self.draft.tags = kept[:MAX_TAGS]

    def _name_options(self, row: Row) -> bool:
        named = [(number, " ".join(row[f"name{number}"].split())) for number in (1, 2, 3) if row[f"name{number}"]]
        if [name for _, name in named] == ["Title"] and row["value1"] == "Default Title":
            named = []
        for number, name in named:
            if not self._fits(row, f"name{number}", name, Word):
                return False
        names = [name for _, name in named]
        if len(set(names)) < len(names):
            self._refuse(row, "name1", "option-twice", "Two options have the same name.")
            return False
        self._options, self.draft.option_names = [number for number, _ in named], names
        return True

    def _variant(self, row: Row) -> VariantDraft | None:
        values = []
        for number in self._options:
            value = " ".join(row[f"value{number}"].split())
            if not self._fits(row, f"value{number}", value, Word):
                return None
            values.append(value)
        amount = self._amount(row, "price")
        if amount is None:
            return None
        first, second, third = [*values, "", "", ""][:3]
        draft = VariantDraft(row.line, (first, second, third), amount, self._compare_at(row, amount))
        if row["sku"] and self._fits(row, "sku", row["sku"], Sku, warning=True):
            draft.sku = row["sku"]
        barcode = row["barcode"].lstrip("'")
        if barcode and self._fits(row, "barcode", barcode, Barcode, warning=True):
            draft.barcode = barcode
        draft.weight_grams = self._whole(row, "grams", Grams)
        if row["shipped"]:
            draft.requires_shipping = row["shipped"].lower() not in _FALSE
        self._stock(row, draft)
        return draft

    def _amount(self, row: Row, key: str) -> int | None:
        text = row[key]
        if not text:
            self._refuse(row, key, "price-missing", "Each variant has a price.")
            return None
        try:
            if not _AMOUNT.fullmatch(text):
                raise Invalid("A price is digits with a decimal point, such as 19.90.")
            return money.parse(text, self._currency)
        except Invalid as error:
            self._refuse(row, key, "bad-price", error.detail)
            return None

    def _compare_at(self, row: Row, amount: int) -> int | None:
        """The price before a reduction; Shopify shows none that is not greater, so neither do we."""
        text = row["compare"]
        if not text:
            return None
        try:
            compare_at = money.parse(text, self._currency) if _AMOUNT.fullmatch(text) else None
        except Invalid:
            compare_at = None
        if compare_at is None:
            self._warn(row, "compare", "bad-price", f"This is no price in {self._currency}.")
        elif compare_at <= amount:
            if compare_at:
                self._warn(row, "compare", "compare-at-too-low", "It is not greater than the price.")
            return None
        return compare_at

    def _stock(self, row: Row, draft: VariantDraft) -> None:
        """Counted where a tracker is named and selling on without stock is not allowed."""
        if row.has("tracker"):
            draft.tracked = bool(row["tracker"]) and row["policy"].lower() not in ("continue", "true", "yes")
        if not row.has("quantity"):
            return
        if row["quantity"].startswith("-") and _WHOLE.fullmatch(row["quantity"]):
            self._warn(row, "quantity", "negative-stock", "Less than none is none.")
            draft.available = 0
        else:
            draft.available = self._whole(row, "quantity", Stock) or 0

    def _whole(self, row: Row, key: str, kind: object) -> int | None:
        if not row[key]:
            return None
        if not _WHOLE.fullmatch(row[key]):
            self._warn(row, key, "bad-number", "This is no whole number.")
            return None
        number = int(row[key].partition(".")[0])
        return number if self._fits(row, key, number, kind, warning=True) else None

    def _picture(self, row: Row) -> None:
        source = row["image"]
        if not source:
            return
        if len(source) > 2000 or "\n" in source:
            self._warn(row, "image", "bad-value", "A path or an address has one line of at most 2000 characters.")
        elif len(self.draft.pictures) >= MAX_PICTURES:
            self._warn(row, "image", "too-many", f"At most {MAX_PICTURES} pictures.")
        elif all(picture.source != source for picture in self.draft.pictures):
            alt = " ".join(row["alt"].split())
            kept = alt if self._fits(row, "alt", alt, Line, warning=True) else ""
            position = int(row["position"]) if re.fullmatch("[0-9]{1,4}", row["position"]) else 0
            self.draft.pictures.append(PictureDraft(source, position or len(self.draft.pictures) + 1, kept))

    def _fits(self, row: Row, key: str, value: str | int, kind: object, *, warning: bool = False) -> bool:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            rule = "value-missing" if value == "" else "too-long" if "length <=" in str(error) else "bad-value"
            self.problems.append(row.problem(key, rule, f"{error}.", warning=warning))
            return False
        return True

    def _refuse(self, row: Row, key: str, rule: str, detail: str) -> None:
        self.problems.append(row.problem(key, rule, detail))

    def _warn(self, row: Row, key: str, rule: str, detail: str) -> None:
        self.problems.append(row.problem(key, rule, detail, warning=True))


IMPORTER = Importer(
    slug="shopify",
    name="Shopify product CSV",
    read=read,
    source="https://help.shopify.com/en/manual/products/import-export/using-csv",
    checked="2026-11-21",
)
