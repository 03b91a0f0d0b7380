"""Spreadsheets (xlsx) as rows of texts. They come from strangers: nothing of them is believed or run.

Formulas are not computed: their cells hold what the spreadsheet program had computed last.
"""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from kitsu_api.services.import_csv.sheets import MOST_COLUMNS, SheetError

if TYPE_CHECKING:
    from openpyxl import Workbook

MAGIC: Final = b"PK\x03\x04"
OLD_MAGIC: Final = b"\xd0\xcf\x11\xe0"
"""How spreadsheets begin that are zip archives, and older ones, which are not read."""

MOST_BYTES: Final = 128 * 1024 * 1024
"""Bytes that all parts of a spreadsheet may have together once they are unpacked."""

MOST_PARTS: Final = 1_000
MOST_LINES: Final = 1_048_576
"""Lines of a worksheet, empty ones too: those that a file leaves out cost time as well."""

MOST_EMPTY: Final = 10_000
"""Empty lines in a row, after which a worksheet is over: some have styles down to their last line."""

LONGEST_CELL: Final = 131_072
"""Characters, as in a CSV file."""

UNREADABLE: Final = "The spreadsheet can't be read: it is damaged, or protected by a password."
ERRORS: Final = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})


def is_spreadsheet(path: Path) -> bool:
    """Whether a file is a spreadsheet that is no plain text.

    Raises:
        SheetError: it is one of an older kind.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start == OLD_MAGIC:
        raise SheetError("Spreadsheets of this kind are not read: save it as .xlsx, without a password.")
    return start == MAGIC


def check_archive(path: Path) -> None:
    """Make sure that a spreadsheet does not unpack into more than may be.

    Raises:
        SheetError: it does, or is no archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise SheetError(UNREADABLE) from error
    # a part yields no more bytes than the archive says, whatever it holds
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
        raise SheetError(f"The spreadsheet unpacks to more than {MOST_BYTES // 1024**2} MB: part it.")


def worksheet_rows(path: Path, wanted: str | None) -> Iterator[tuple[int, list[str]]]:
    """The rows of a worksheet with their numbers, from 1, without empty ones; `wanted` names it, else it is
    the first that has any. Blocks.

    Raises:
        SheetError: the file is damaged or too large, or has no such worksheet.
    """
    check_archive(path)
    with path.open("rb") as file, closing(_opened(file)) as book:
        sheets = [sheet for sheet in book.worksheets if wanted is None or sheet.title == wanted]
        if not sheets:
            names = ", ".join(sheet.title for sheet in book.worksheets)[:500]
            raise SheetError(f"There is no such worksheet; there are: {names}.")
        for sheet in sheets:
            found = False
            for row in _rows(sheet):
                found = True
                yield row
            if found:
                return


def _opened(file: BinaryIO) -> Workbook:
    # loaded here: it takes half a second, and only who reads spreadsheets needs it
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that nobody reads
            return load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # the library raises whatever its parsers do
        raise SheetError(UNREADABLE) from error


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows of a worksheet; its own word on how many there are is not taken."""
    if not hasattr(sheet, "reset_dimensions"):
        return  # a chart
    sheet.reset_dimensions()
    lines = sheet.iter_rows(values_only=True)
    number = empty = 0
    while True:
        try:
            values = next(lines)
        except StopIteration:
            return
        except Exception as error:  # as above: it reads while it goes
            raise SheetError(UNREADABLE) from error
        number += 1
        if number > MOST_LINES:
            raise SheetError(f"The worksheet has more than {MOST_LINES} lines.")
        cells = _cells(values, number)
        empty = 0 if cells else empty + 1
        if empty > MOST_EMPTY:
            return
        if cells:
            yield number, cells


def _cells(values: Sequence[Any], number: int) -> list[str]:
    """The texts of a row, up to the last that is not empty."""
    cells = [text_of(value) for value in values]
    while cells and not cells[-1].strip():
        cells.pop()
    if len(cells) > MOST_COLUMNS:
        message = f"Line {number} has {len(cells)} cells; {MOST_COLUMNS} are the most."
        raise SheetError(message, number)
    for cell in cells:
        if cell in ERRORS:
            raise SheetError(f"Line {number} holds a formula that failed: {cell}.", number, value=cell)
        if len(cell) > LONGEST_CELL:
            raise SheetError(f"Line {number} has a cell of more than {LONGEST_CELL} characters.", number)
    return cells


def text_of(value: Any) -> str:
    """A cell as a CSV file would have it: days as 2026-11-23, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        if value.time() == dt.time():
            return value.date().isoformat()
        return value.isoformat(timespec="seconds")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value).replace("\0", "")
