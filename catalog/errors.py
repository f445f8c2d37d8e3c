"""What the catalog refuses, and why."""

from core.errors import Conflict, Invalid, NotFound


class ProductNotFound(NotFound):
    """There is no such product."""

    slug = "product-not-found"


class VariantNotFound(NotFound):
    """There is no such variant."""

    slug = "variant-not-found"


class ImportNotFound(NotFound):
    """There is no such import."""

    slug = "import-not-found"


class CollectionNotFound(NotFound):
    """There is no such collection."""

    slug = "collection-not-found"


class CollectionSlugTaken(Conflict):
    """Another collection of this shop has this slug."""

    slug = "collection-slug-taken"


class CollectionKindMismatch(Invalid):
    """A collection names products or has rules, never both."""

    slug = "collection-kind-mismatch"


class UnknownCollection(Invalid):
    """There is no such collection."""

    slug = "unknown-collection"


class UnknownProduct(Invalid):
    """A product or variant that is named here does not exist or is not sold any more."""

    slug = "unknown-product"


class TooManyWords(Invalid):
    """A search has a limited number of words."""

    slug = "too-many-words"


class SlugTaken(Conflict):
    """Another product of this shop has this slug."""

    slug = "slug-taken"


class SlugReserved(Invalid):
    """This slug is the address of another page of the shop."""

    slug = "slug-reserved"


class SkuTaken(Conflict):
    """Another variant of this shop has this SKU."""

    slug = "sku-taken"


class VariantTaken(Conflict):
    """This product has a variant with these option values already."""

    slug = "variant-taken"


class OutOfStock(Conflict):
    """Not enough of this variant is left."""

    slug = "out-of-stock"


class TooManyVariants(Invalid):
    """A product has a limited number of variants."""

    slug = "too-many-variants"


class OptionsMismatch(Invalid):
    """A variant names one value for each of its product's options, and no other."""

    slug = "options-mismatch"


class OptionsInUse(Conflict):
    """The number of a product's options is fixed while it has variants."""

    slug = "options-in-use"


class CompareAtTooLow(Invalid):
    """The price to compare with is greater than the price."""

    slug = "compare-at-too-low"


class DuplicateCurrency(Invalid):
    """A variant has one price in each currency."""

    slug = "duplicate-currency"


class UnknownImportFormat(Invalid):
    """No importer reads this format."""

    slug = "unknown-import-format"


class ColumnsMissing(Invalid):
    """The file lacks columns that this format cannot do without."""

    slug = "import-columns-missing"


class NotText(Invalid):
    """The file is not text."""

    slug = "import-not-text"
