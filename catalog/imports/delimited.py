"""Tables as text: CSV in the dialects that shops and spreadsheets write, row by row.

UTF-8 and UTF-16, with or without a byte order mark; comma, semicolon or tab; any line ends; quoted line breaks.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Protocol

from catalog.errors import ColumnsMissing, NotText
from catalog.imports.importer import Problem, Tally
from core import wire
from core.errors import TooLarge

MAX_ROWS = 100_000
EXCERPT = 80
_HEAD = 4096


class _Reader(Protocol):
    """What csv.reader gives: rows, and the number of lines that they took."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


class Row:
    """One row: the line of the file where it begins, and its cells by the importer's own keys."""

    __slots__ = ("_cells", "_names", "line")

    def __init__(self, line: int, cells: dict[str, str], names: Mapping[str, str]) -> None:
        self.line = line
        self._cells = cells
        self._names = names

    def __getitem__(self, key: str) -> str:
        """The cell, trimmed; empty where the file has no such column."""
        return self._cells.get(key, "")

    def has(self, key: str) -> bool:
        """Whether the file has this column at all."""
        return key in self._names

    def column(self, key: str) -> str:
        """The file's own name for this key; empty where it has no such column."""
        return self._names.get(key, "")

    def problem(self, key: str, rule: str, detail: str, *, warning: bool = False) -> Problem:
        """A problem with one cell of this row."""
        column = self.column(key)
        return Problem(self.line, column, rule, detail, excerpt(self[key]), level="warning" if warning else "error")


class Table:
    """The rows of a file whose header is understood."""

    def __init__(
        self, file: IO[bytes], columns: Mapping[str, Sequence[str]], required: Sequence[str], tally: Tally
    ) -> None:
        """`columns` gives the header's names for each key, in any case; `required` are keys.

        Refuses NotText, ColumnsMissing, and TooLarge above 100,000 rows.
        """
        self._file = file
        self._tally = tally
        self._encoding = _checked_encoding(file)
        self._delimiter = ","
        with _text(file, self._encoding) as text:
            self._delimiter = _delimiter(text.readline())
        with _text(file, self._encoding) as text:
            self._keys, self._names = _header(next(self._reader(text), []), columns)
        missing = [columns[key][0] for key in required if key not in self._names]
        if missing:
            raise ColumnsMissing(f"There is no column {', '.join(missing)}.", missing=missing)
        self._check_length()

    def __iter__(self) -> Iterator[Row | Problem]:
        with _text(self._file, self._encoding) as text:
            reader = self._reader(text)
            next(reader)
            while True:
                line = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    self._tally.rows += 1
                    yield Problem(line, "", "unreadable-row", f"This row cannot be read: {error}.")
                    continue
                if any(cell.strip() for cell in cells):
                    self._tally.rows += 1
                    yield self._row(line, cells)

    def _reader(self, text: io.TextIOWrapper) -> "_Reader":
        return csv.reader(text, delimiter=self._delimiter)

    def _row(self, line: int, cells: list[str]) -> Row | Problem:
        if any(cell.strip() for cell in cells[len(self._keys) :]):
            detail = f"{len(cells)} cells under {len(self._keys)} names."
            return Problem(line, "", "too-many-cells", detail, excerpt(cells[-1]))
        row: dict[str, str] = {}
        for key, cell in zip(self._keys, cells, strict=False):
            if key is None or not cell:
                continue
            try:
                row[key] = wire.clean(cell.replace("\r\n", "\n").replace("\r", "\n").strip())
            except ValueError:
                detail = "This is not clean text: it holds a control character, or the file is not UTF-8."
                return Problem(line, self._names[key], "bad-text", detail, excerpt(cell))
        return Row(line, row, self._names)

    def _check_length(self) -> None:
        """Only a file with more lines than that is worth counting its rows first."""
        self._file.seek(0)
        lines = sum(chunk.count(b"\n") + chunk.count(b"\r") for chunk in iter(lambda: self._file.read(2**20), b""))
        if lines <= MAX_ROWS:
            return
        with _text(self._file, self._encoding) as text:
            reader, rows = self._reader(text), -1
            while True:
                try:
                    rows += any(next(reader))
                except StopIteration:
                    return
                except csv.Error:
                    rows += 1
                if rows > MAX_ROWS:
                    raise TooLarge(f"At most {MAX_ROWS} rows.", limit=MAX_ROWS)


def excerpt(value: str) -> str:
    """The beginning of a value, fit for every database and screen."""
    shown = "".join(sign if sign.isprintable() else "\ufffd" for sign in value[: EXCERPT + 1])
    return shown if len(shown) <= EXCERPT else f"{shown[: EXCERPT - 1]}…"


def _checked_encoding(file: IO[bytes]) -> str:
    file.seek(0)
    head = file.read(_HEAD)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" not in head:
        return "utf-8-sig"
    # Mostly ASCII in UTF-16 without a mark: every second byte is zero.
    for encoding, offset in (("utf-16-le", 1), ("utf-16-be", 0)):
        zeros = head[offset::2].count(0)
        if zeros > len(head) // 4 and not head[1 - offset :: 2].count(0):
            return encoding
    raise NotText("This is no CSV file: it holds zero bytes.")


def _text(file: IO[bytes], encoding: str) -> "_Text":
    file.seek(0)
    errors = "surrogateescape" if encoding == "utf-8-sig" else "replace"
    return _Text(file, encoding=encoding, errors=errors, newline="")


class _Text(io.TextIOWrapper):
    """Text over a file that stays open."""

    def __exit__(self, *_: object) -> None:
        self.detach()


def _delimiter(line: str) -> str:
    return max(",;\t", key=lambda sign: (line.count(sign), sign == ","))


def _header(cells: Sequence[str], columns: Mapping[str, Sequence[str]]) -> tuple[list[str | None], dict[str, str]]:
    """The key of each column of the file, and the file's own name for each key; the first of two wins."""
    known = {name.casefold(): key for key, names in columns.items() for name in names}
    keys: list[str | None] = []
    names: dict[str, str] = {}
    for cell in cells:
        key = known.get(" ".join(cell.split()).casefold())
        if key is not None and key not in names:
            names[key] = excerpt(cell.strip())
            keys.append(key)
        else:
            keys.append(None)
    return keys, names
