"""A merchant's own files: a product CSV of Shopify's, and a folder of pictures."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from api.demo.merchant import Merchant, Refused
from api.demo.stock import Picture, Point, Stock, offered
from api.running.failure import Failure
from catalog.imports import shopify
from catalog.imports.importer import ProductDraft, Tally
from catalog.schemas import ProductOut
from media.schemas import AssetOut

_PICTURES = (".jpg", ".jpeg", ".png", ".webp")


class NothingToShow(Failure):
    """No product of the file can be shown and bought."""


async def load(merchant: Merchant, catalog: Path, folder: Path | None, currency: str) -> Stock:
    """Import the file, hand in the pictures it names, and give them to their products.

    Raises NothingToShow where no product has both a picture and something to buy.
    """
    content = catalog.read_bytes()
    run = await merchant.import_products(catalog.name, content)
    remarks = [
        f"{catalog.name}:{each.line} {each.column}: {each.detail} ({each.level}, {each.rule})"
        for each in await merchant.import_problems(run)
    ]
    folder = folder or catalog.parent
    shelf = Shelf(folder, catalog.parent)
    products = {product.slug: product for product in await merchant.products()}
    pictures: list[Picture] = []
    for draft in _drafts(content, currency):
        product = products.get(draft.handle) or _titled(products, draft)
        if product is not None:
            pictures += await _illustrate(merchant, product, draft, shelf, remarks)
    sellable = [each for each in pictures if offered(each.points[0].product, currency)]
    if not sellable:
        raise NothingToShow(f"No product of {catalog.name} has both a picture under {folder} and something to buy.")
    apart = next(
        (each for each in sellable if each.points[0].product.id != sellable[0].points[0].product.id), sellable[0]
    )
    return Stock(pictures, {"instagram": sellable[0], "pinterest": apart}, remarks)


class Shelf:
    """Finds pictures by the path that a file gives, then by their name, and never outside of its folders."""

    def __init__(self, *folders: Path) -> None:
        self._folders = [folder.resolve() for folder in dict.fromkeys(folders)]
        found = [
            path
            for folder in self._folders[:1]
            for path in sorted(folder.rglob("*"))
            if path.suffix.lower() in _PICTURES and path.is_file()
        ]
        self._named = {path.name.lower(): path for path in reversed(found)}
        self._stemmed = {path.stem.lower(): path for path in reversed(found)}

    def find(self, source: str, handle: str) -> Path | None:
        """The picture that `source`, a path or an address, means; else one called like the product's handle."""
        path = unquote(urlsplit(source).path)
        for folder in self._folders:
            candidate = (folder / path.lstrip("/")).resolve()
            if candidate.is_file() and candidate.is_relative_to(folder):
                return candidate
        name = PurePosixPath(path).name.lower()
        return self._named.get(name) or self._stemmed.get(PurePosixPath(name).stem) or self._stemmed.get(handle)


def _drafts(content: bytes, currency: str) -> Iterator[ProductDraft]:
    for each in shopify.read(BytesIO(content), currency, Tally()):
        if isinstance(each, ProductDraft):
            yield each


def _titled(products: Mapping[str, ProductOut], draft: ProductDraft) -> ProductOut | None:
    """The product of a handle that makes no slug as it is."""
    title = draft.fields.get("title")
    return next((product for product in products.values() if product.title == title), None)


async def _illustrate(
    merchant: Merchant, product: ProductOut, draft: ProductDraft, shelf: Shelf, remarks: list[str]
) -> list[Picture]:
    """Hand in a product's pictures; what cannot be found or used is remarked upon."""
    kept: list[tuple[AssetOut, str]] = []
    for picture in draft.pictures:
        path = shelf.find(picture.source, draft.handle)
        if path is None:
            remarks.append(f"{product.title}: no picture {picture.source!r} was found.")
            continue
        try:
            asset = await merchant.upload(path.name, path.read_bytes(), picture.alt_text or product.title)
        except Refused as refused:
            remarks.append(f"{product.title}: {path.name} cannot be used: {refused}")
            continue
        kept.append((asset, picture.alt_text or product.title))
    if kept:
        product = await merchant.attach(product, [{"asset_id": asset.id, "alt_text": alt} for asset, alt in kept])
    found = []
    for number, (asset, _) in enumerate(kept):
        slug = product.slug if number == 0 else f"{product.slug}-{number + 1}"
        found.append(Picture(slug, asset, [Point(product, asset.focal_point.x, asset.focal_point.y)]))
    return found
