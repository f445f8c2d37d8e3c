"""What an importer is, and what it makes of a file: drafts of products, and problems with rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Literal

from catalog import imports
from catalog.errors import UnknownImportFormat
from core.registry import gather

Level = Literal["error", "warning"]


@dataclass(slots=True)
class Problem:
    """Something wrong at `line` of the file: an error left the row out, a warning only the value.

    `column` is the name in the file's header, empty for the whole row; `value` is cut to what helps finding it.
    """

    line: int
    column: str
    rule: str
    detail: str
    value: str = ""
    level: Level = "error"


@dataclass(slots=True)
class PictureDraft:
    """A picture that the file names by path or address; nothing is fetched."""

    source: str
    position: int
    alt_text: str


@dataclass(slots=True)
class VariantDraft:
    """A variant of a file; amounts in the minor unit of the shop's currency. None: the file does not say."""

    line: int
    values: tuple[str, str, str]
    amount: int
    compare_at: int | None = None
    sku: str | None = None
    barcode: str | None = None
    weight_grams: int | None = None
    requires_shipping: bool | None = None
    tracked: bool | None = None
    available: int | None = None


@dataclass(slots=True)
class ProductDraft:
    """A product of a file; `fields` are columns of the product that the file fills, `tags` None where it has none.

    `columns` gives the file's names for `title`, `sku` and `options`, to name them in problems found later.
    """

    line: int
    handle: str
    columns: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    tags: list[str] | None = None
    option_names: list[str] = field(default_factory=list)
    variants: list[VariantDraft] = field(default_factory=list)
    pictures: list[PictureDraft] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """How many rows were read so far; blank ones are none."""

    rows: int = 0


Read = Callable[[IO[bytes], str, Tally], Iterator[ProductDraft | Problem]]


@dataclass(frozen=True)
class Importer:
    """A format that products can come in.

    `read(file, currency, tally)` refuses a file that is not of this format at once, and reads the rest as it is
    asked for it. `source` says where the format is described, `checked` when that was read.
    """

    slug: str
    name: str
    read: Read
    source: str
    checked: str


def importers() -> tuple[Importer, ...]:
    """Every format there is."""
    return gather(imports, "IMPORTER", Importer)


def by_slug(slug: str) -> Importer:
    """The format with this slug; refuses UnknownImportFormat."""
    for importer in importers():
        if importer.slug == slug:
            return importer
    known = [importer.slug for importer in importers()]
    raise UnknownImportFormat(f"No importer reads {slug[:60]!r}.", format=slug[:60], known=known)
