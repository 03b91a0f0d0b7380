"""Sheets as people send them: whatever their encoding and delimiter, read line by line.

Nothing of a sheet is held but the line at hand, so that one of any length takes the memory of a short one.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kitsu_api.errors import BadRequest
from kitsu_api.services.csv_cells import plain

DELIMITERS = (",", ";", "\t")
LONGEST_LINE = 4 * 1024 * 1024
"""Characters of one line of the file. Cells are limited to 131,072 characters by the `csv` module."""

MOST_COLUMNS = 1_000
SAMPLE = 20
"""Rows that tell the delimiter."""

CHUNK = 1024 * 1024
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SHOWN_VALUE = 100
"""Characters of a cell that an error repeats."""


class SheetError(BadRequest):
    """A sheet can't be imported; says which line, and which cell of it, is to be mended.

    `imported_rows` is part of the answer for older clients: an import that fails leaves nothing.
    """

    def __init__(
        self, message: str, line: int | None = None, column: str | None = None, value: str | None = None
    ) -> None:
        details: dict[str, Any] = {}
        if line is not None:
            details = {"line_number": line, "imported_rows": 0}
        if column is not None:
            details["column"] = column[:SHOWN_VALUE]
        if value is not None:
            details["value"] = value[:SHOWN_VALUE]
        super().__init__(message, **details)


@dataclass(frozen=True)
class Line:
    """A row of a sheet."""

    number: int
    """Of the line of the file where it begins, from 1."""
    cells: Sequence[str]


class Rows(Protocol):
    """Rows under the names of their columns."""

    @property
    def head(self) -> Sequence[str]:
        """The names of the columns, as they are written."""

    def lines(self) -> Iterator[Line]:
        """The rows below the head, without empty ones, from the first each time.

        Raises:
            SheetError: a row can't be read.
        """


@dataclass(frozen=True)
class Sheet:
    """A file that was found to be a sheet."""

    path: Path
    encoding: str
    delimiter: str
    head: Sequence[str]
    """The names of the columns, as they are written."""

    def lines(self) -> Iterator[Line]:
        """The rows below the head, without empty ones.

        Raises:
            SheetError: a row can't be read, or has not a cell for each column.
        """
        rows = _rows(self.path, self.encoding, self.delimiter)
        next(rows)
        for number, cells in rows:
            surplus = cells[len(self.head) :]
            if len(cells) < len(self.head) or any(cell.strip() for cell in surplus):
                raise SheetError(
                    f"Line {number} has {len(cells)} cells, and the head of the sheet has {len(self.head)}.",
                    number,
                )
            yield Line(number, [plain(cell) for cell in cells[: len(self.head)]])


def open_sheet(path: Path, known: Collection[str]) -> Sheet:
    """Find out the encoding, the delimiter and the columns of a file; `known` are names, in small letters,
    that columns of such a sheet may have. Blocks.

    Raises:
        SheetError: the file is no sheet.
    """
    encoding = _encoding(path)
    scored = [(_score(path, encoding, delimiter, known), delimiter) for delimiter in DELIMITERS]
    best, delimiter = max(scored, key=lambda pair: pair[0])
    if best[0] < 0 or (best[1] == 0 and best[3] < 2):
        _first_row(path, encoding)
        raise SheetError("Could not determine delimiter: part the columns by commas, semicolons or tabs.")
    head = [plain(cell).strip() for cell in next(_rows(path, encoding, delimiter))[1]]
    while head and not head[-1]:
        head.pop()
    if len(head) > MOST_COLUMNS:
        raise SheetError(f"The sheet has {len(head)} columns; {MOST_COLUMNS} are the most.", 1)
    return Sheet(path, encoding, delimiter, head)


def _first_row(path: Path, encoding: str) -> None:
    """Make sure that the file has a row that can be read."""
    if next(_rows(path, encoding, DELIMITERS[0]), None) is None:
        raise SheetError("The file is empty.")


def _score(path: Path, encoding: str, delimiter: str, known: Collection[str]) -> tuple[int, int, int, int]:
    """How well a delimiter fits: whether the first rows can be read with it, how many columns are known, how
    many rows are as long as the head, and how many columns there are."""
    widths: list[int] = []
    matches = 0
    try:
        for _, cells in _rows(path, encoding, delimiter):
            if not widths:
                matches = sum(plain(cell).strip().lower() in known for cell in cells)
            widths.append(len(cells))
            if len(widths) == SAMPLE:
                break
    except SheetError:
        if not widths:
            return (-1, 0, 0, 0)
    if not widths:
        return (-1, 0, 0, 0)
    return (0, matches, sum(width == widths[0] for width in widths), widths[0])


def _encoding(path: Path) -> str:
    """The encoding of a file: what its first bytes say, else UTF-8 where it fits, else Windows-1252.

    Raises:
        SheetError: it is none of these.
    """
    with path.open("rb") as file:
        start = file.read(4096)
    for mark, name in BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return _checked(path, name)
    if b"\0" in start[:200] and len(start) >= 2:
        # without a mark, the zero bytes of plain letters tell UTF-16 from what is no text
        even, odd = start[0:200:2].count(0), start[1:200:2].count(0)
        if odd > len(start[:200]) // 4 and even == 0:
            return _checked(path, "utf-16-le")
        if even > len(start[:200]) // 4 and odd == 0:
            return _checked(path, "utf-16-be")
    if _decodes(path, "utf-8"):
        return "utf-8"
    return _checked(path, "cp1252")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _checked(path: Path, encoding: str) -> str:
    if not _decodes(path, encoding):
        raise SheetError("The file is neither UTF-8 nor UTF-16 nor Windows-1252: save it as UTF-8.")
    return encoding


def _text(file: io.TextIOWrapper) -> Iterator[str]:
    """The lines of a file, as far as they are of a length and a content that a sheet may have."""
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise SheetError(f"Line {number} is longer than {LONGEST_LINE} characters.", number)
        if "\0" in line:
            raise SheetError(f"Line {number} holds a NUL character.", number)
        yield line


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a file with the number of the line where each begins, without empty ones."""
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(_text(file), delimiter=delimiter, strict=True)
        number = 1
        while True:
            number = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise SheetError(f"Line {number} can't be read: {error}.", number) from error
            if any(cell.strip() for cell in cells):
                yield number, cells
