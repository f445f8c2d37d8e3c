"""Drafts from a file become rows: new ones are added, known ones changed, in a handful of statements a batch.

A product is known by its handle (or, where it has none yet, by its slug), a variant by its SKU and else by its
option values, a picture by its source. What a file does not mention stays as it is.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlmodel import col, select

from catalog import search, slugs, stock
from catalog.events import StockLow
from catalog.facts import variant_title
from catalog.imports.importer import Problem, ProductDraft, VariantDraft
from catalog.models import Price, Product, ProductOption, ProductPicture, ProductTag, StockMovement, Variant
from catalog.schemas import MAX_VARIANTS
from core import clock, events, ids
from core.db import AsyncSession, Table
from core.shops import Shop

_Cells = dict[str, object]
_OWN = ("option1", "option2", "option3", "sku", "barcode", "weight_grams", "requires_shipping", "tracked")


@dataclass
class Outcome:
    """What became of a batch."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    variants_created: int = 0
    variants_changed: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass
class _Standing:
    """What the database has of the batch's products before it."""

    products: dict[str, Product]
    options: dict[str, list[str]]
    tags: dict[str, list[str]]
    variants: dict[str, list[Variant]]
    prices: dict[str, Price]
    pictures: dict[str, dict[str, ProductPicture]]
    skus: dict[str, str]
    slugs: set[str]


async def apply(session: AsyncSession, shop: Shop, import_id: str, drafts: Sequence[ProductDraft]) -> Outcome:
    """Write drafts of different handles. What cannot be written is a problem in the outcome, never an exception."""
    writing = _Writing(shop, import_id, await _load(session, shop, drafts))
    for draft in drafts:
        writing.product(draft)
    await writing.flush(session)
    for news in writing.fallen:
        await events.record(session, shop.id, news)
    await search.index(session, shop.id, [*writing.outcome.created, *writing.outcome.changed])
    return writing.outcome


class _Writing:
    """Compares drafts with what stands, and gathers rows to insert and to update."""

    def __init__(self, shop: Shop, import_id: str, standing: _Standing) -> None:
        self.outcome = Outcome()
        self.fallen: list[StockLow] = []
        self._shop = shop
        self._shop_id, self._currency, self._import_id = shop.id, shop.currency, import_id
        self._standing = standing
        self._now = clock.now()
        self._new: dict[type[Table], list[_Cells]] = defaultdict(list)
        self._changes: dict[type[Table], list[_Cells]] = defaultdict(list)
        self._bare: dict[type[Table], list[str]] = {ProductOption: [], ProductTag: []}

    def product(self, draft: ProductDraft) -> None:
        """One product with all that belongs to it."""
        known = self._standing.products.get(draft.handle)
        if known is None:
            self._add(draft)
        elif len(self._standing.options[known.id]) != len(draft.option_names) and self._standing.variants[known.id]:
            detail = f"The product has variants with {len(self._standing.options[known.id])} options."
            self._refuse(draft, draft.line, "options", "options-mismatch", detail, " / ".join(draft.option_names))
        else:
            self._change(known, draft)

    async def flush(self, session: AsyncSession) -> None:
        """Send what was gathered, parents first."""
        for child, owner in ((ProductOption, col(ProductOption.product_id)), (ProductTag, col(ProductTag.product_id))):
            if self._bare[child]:
                await session.exec(sa.delete(child).where(owner.in_(self._bare[child])))
        for table in (Product, ProductOption, ProductTag, ProductPicture, Variant, Price, StockMovement):
            if rows := self._new[table]:
                await session.exec(sa.insert(table), params=rows)
            if changes := self._changes[table]:
                await session.exec(sa.update(table), params=changes)

    def _add(self, draft: ProductDraft) -> None:
        if "title" not in draft.fields:
            self._refuse(
                draft, draft.line, "title", "title-missing", "No product with this handle is here yet.", draft.handle
            )
            return
        product_id = ids.new("prod")
        if not self._variants(product_id, draft):
            return
        self._new[Product].append(
            {"id": product_id, "shop_id": self._shop_id, "handle": draft.handle, "slug": self._slug(draft.handle)}
            | {"description": "", "vendor": "", "product_type": "", "status": "active", **draft.fields}
            | {"version": 1, "created_at": self._now, "updated_at": self._now}
        )
        self._options(product_id, draft.option_names)
        self._tags(product_id, draft.tags or [])
        self._pictures(product_id, draft)
        self.outcome.created.append(product_id)

    def _change(self, known: Product, draft: ProductDraft) -> None:
        fields = {name: value for name, value in draft.fields.items() if getattr(known, name) != value}
        parts = [bool(fields), known.handle != draft.handle, self._variants(known.id, draft) > 0]
        if draft.option_names != self._standing.options[known.id]:
            self._bare[ProductOption].append(known.id)
            self._options(known.id, draft.option_names)
            parts.append(True)
        if draft.tags is not None and draft.tags != self._standing.tags[known.id]:
            self._bare[ProductTag].append(known.id)
            self._tags(known.id, draft.tags)
            parts.append(True)
        parts.append(self._pictures(known.id, draft))
        if not any(parts):
            self.outcome.unchanged += 1
            return
        whole = {name: getattr(known, name) for name in ("title", "description", "vendor", "product_type", "status")}
        versions: _Cells = {"version": known.version + 1, "updated_at": self._now}
        self._changes[Product].append({"id": known.id, "handle": draft.handle} | whole | fields | versions)
        self.outcome.changed.append(known.id)

    def _variants(self, product_id: str, draft: ProductDraft) -> int:
        """How many variants were added or changed."""
        standing = self._standing.variants[product_id]
        taken = {(row.option1, row.option2, row.option3): row.id for row in standing}
        by_sku = {row.sku: row for row in standing if row.sku}
        position = max((row.position for row in standing), default=0)
        seen: set[str] = set()
        done, count = 0, len(standing)
        for each in draft.variants:
            known = by_sku.get(each.sku) if each.sku else None
            known = known or next((row for row in standing if row.id == taken.get(each.values)), None)
            variant_id = known.id if known else ids.new("var")
            is_twice = variant_id in seen or taken.get(each.values, variant_id) != variant_id
            is_one_too_many = known is None and count >= MAX_VARIANTS
            if is_twice or is_one_too_many or self._standing.skus.get(each.sku or "", product_id) != product_id:
                self._refuse_variant(draft, each, is_twice, is_one_too_many)
                continue
            seen.add(variant_id)
            taken = {of: owner for of, owner in taken.items() if owner != variant_id} | {each.values: variant_id}
            if each.sku:
                self._standing.skus[each.sku] = product_id
            if known is None:
                position, count, done = position + 1, count + 1, done + 1
                self._add_variant(variant_id, product_id, position, each)
            else:
                done += self._change_variant(known, each)
        return done

    def _refuse_variant(self, draft: ProductDraft, each: VariantDraft, is_twice: bool, is_one_too_many: bool) -> None:
        title = variant_title(*each.values) or each.sku or ""
        if is_twice:
            self._refuse(draft, each.line, "options", "variant-twice", "Another row is the same variant.", title)
        elif is_one_too_many:
            detail = f"A product has at most {MAX_VARIANTS} variants."
            self._refuse(draft, each.line, "options", "too-many-variants", detail, title)
        else:
            detail = "A variant of another product has this SKU."
            self._refuse(draft, each.line, "sku", "sku-taken", detail, each.sku or "")

    def _add_variant(self, variant_id: str, product_id: str, position: int, each: VariantDraft) -> None:
        available = each.available or 0
        flags = (each.requires_shipping is not False, each.tracked is not False)
        self._new[Variant].append(
            {"id": variant_id, "shop_id": self._shop_id, "product_id": product_id, "position": position}
            | dict(zip(_OWN, (*each.values, each.sku, each.barcode, each.weight_grams, *flags), strict=True))
            | {"available": available, "version": 1, "archived_at": None}
            | {"created_at": self._now, "updated_at": self._now}
        )
        if available:
            self._move(variant_id, available, available)
        self._price(variant_id, each)
        self.outcome.variants_created += 1

    def _change_variant(self, known: Variant, each: VariantDraft) -> bool:
        before = {name: getattr(known, name) for name in (*_OWN, "available")}
        flags = (each.requires_shipping, each.tracked)
        said = (*each.values, each.sku, each.barcode, each.weight_grams, *flags, each.available)
        after = {name: old if new is None else new for (name, old), new in zip(before.items(), said, strict=True)}
        priced = self._price(known.id, each)
        if after == before and not priced:
            return False
        if each.available is not None and each.available != known.available:
            self._move(known.id, each.available - known.available, each.available)
            tracked = known.tracked if each.tracked is None else each.tracked
            left = stock.left_of(known)._replace(available=each.available, sku=each.sku or known.sku, tracked=tracked)
            if news := stock.fallen(self._shop, left, each.available - known.available):
                self.fallen.append(news)
        versions: _Cells = {"version": known.version + 1, "updated_at": self._now}
        self._changes[Variant].append({"id": known.id} | after | versions)
        self.outcome.variants_changed += 1
        return True

    def _price(self, variant_id: str, each: VariantDraft) -> bool:
        standing = self._standing.prices.get(variant_id)
        cells: _Cells = {"amount": each.amount, "compare_at": each.compare_at}
        if standing is None:
            name: _Cells = {"id": ids.new("price"), "shop_id": self._shop_id, "variant_id": variant_id}
            self._new[Price].append(name | {"currency": self._currency} | cells)
        elif (standing.amount, standing.compare_at) != (each.amount, each.compare_at):
            self._changes[Price].append({"id": standing.id} | cells)
        else:
            return False
        return True

    def _move(self, variant_id: str, delta: int, available: int) -> None:
        self._new[StockMovement].append(
            {"id": ids.new("move"), "shop_id": self._shop_id, "variant_id": variant_id, "delta": delta}
            | {"available": available, "reason": "imported", "reference": self._import_id, "created_at": self._now}
        )

    def _options(self, product_id: str, names: Sequence[str]) -> None:
        for position, name in enumerate(names, 1):
            cells: _Cells = {"id": ids.new("opt"), "shop_id": self._shop_id, "product_id": product_id}
            self._new[ProductOption].append(cells | {"position": position, "name": name})

    def _tags(self, product_id: str, tags: Sequence[str]) -> None:
        for position, tag in enumerate(tags):
            cells: _Cells = {"product_id": product_id, "tag": tag, "shop_id": self._shop_id, "position": position}
            self._new[ProductTag].append(cells)

    def _pictures(self, product_id: str, draft: ProductDraft) -> bool:
        standing, changed = self._standing.pictures[product_id], False
        for picture in draft.pictures:
            known = standing.get(picture.source)
            cells: _Cells = {"position": picture.position, "alt_text": picture.alt_text}
            if known is None:
                name: _Cells = {"id": ids.new("pic"), "shop_id": self._shop_id, "product_id": product_id}
                self._new[ProductPicture].append(name | {"asset_id": None, "source": picture.source} | cells)
            elif (known.position, known.alt_text) != (picture.position, picture.alt_text):
                self._changes[ProductPicture].append({"id": known.id} | cells)
            else:
                continue
            changed = True
        return changed

    def _slug(self, handle: str) -> str:
        stem, number = slugs.plain(handle), 1
        slug = stem
        while slug in self._standing.slugs:
            number += 1
            slug = f"{stem}-{number}"
        self._standing.slugs.add(slug)
        return slug

    def _refuse(self, draft: ProductDraft, line: int, key: str, rule: str, detail: str, value: str = "") -> None:
        self.outcome.problems.append(Problem(line, draft.columns.get(key, ""), rule, detail, value))


async def _load(session: AsyncSession, shop: Shop, drafts: Sequence[ProductDraft]) -> _Standing:
    """Lock and read, in the order of ids, what the drafts may touch."""
    stems = {slugs.plain(draft.handle): draft.handle for draft in drafts}
    handles = [draft.handle for draft in drafts]
    chosen = select(Product).where(
        Product.shop_id == shop.id,
        sa.or_(
            col(Product.handle).in_(handles), sa.and_(col(Product.handle).is_(None), col(Product.slug).in_(list(stems)))
        ),
    )
    found = (await session.exec(chosen.order_by(col(Product.id)).with_for_update())).all()
    by_slug = {stems[row.slug]: row for row in found if row.handle is None}
    products = by_slug | {row.handle: row for row in found if row.handle is not None}
    wanted = [row.id for row in products.values()]
    living = select(Variant).where(col(Variant.product_id).in_(wanted), col(Variant.archived_at).is_(None))
    variants: dict[str, list[Variant]] = defaultdict(list)
    for row in (await session.exec(living.order_by(col(Variant.id)).with_for_update())).all():
        variants[row.product_id].append(row)
    standing = _Standing(products, defaultdict(list), defaultdict(list), variants, {}, defaultdict(dict), {}, set())
    await _load_parts(session, shop, standing, wanted)
    skus = [each.sku for draft in drafts for each in draft.variants if each.sku]
    owners = select(Variant.sku, Variant.product_id).where(
        Variant.shop_id == shop.id, col(Variant.sku).in_(skus), col(Variant.archived_at).is_(None)
    )
    standing.skus.update({sku: owner for sku, owner in (await session.exec(owners)).all() if sku})
    added = [slugs.plain(handle) for handle in handles if handle not in products]
    standing.slugs.update(await slugs.near(session, shop, added))
    return standing


async def _load_parts(session: AsyncSession, shop: Shop, standing: _Standing, wanted: Sequence[str]) -> None:
    options = select(ProductOption).where(col(ProductOption.product_id).in_(wanted))
    for option in (await session.exec(options.order_by(col(ProductOption.position)))).all():
        standing.options[option.product_id].append(option.name)
    tags = select(ProductTag).where(col(ProductTag.product_id).in_(wanted))
    for tag in (await session.exec(tags.order_by(col(ProductTag.position)))).all():
        standing.tags[tag.product_id].append(tag.tag)
    pictures = select(ProductPicture).where(
        col(ProductPicture.product_id).in_(wanted), col(ProductPicture.source).is_not(None)
    )
    for picture in (await session.exec(pictures)).all():
        standing.pictures[picture.product_id][picture.source or ""] = picture
    variant_ids = [row.id for rows in standing.variants.values() for row in rows]
    prices = select(Price).where(col(Price.variant_id).in_(variant_ids), Price.currency == shop.currency)
    for price in (await session.exec(prices)).all():
        standing.prices[price.variant_id] = price
