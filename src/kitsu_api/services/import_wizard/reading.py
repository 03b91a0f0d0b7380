"""Files as they are sent, and sheets as imports take them: read once, and written anew as plain CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitsu_api.services.csv_cells import harmless, plain
from kitsu_api.services.import_csv.running import MOST_ROWS
from kitsu_api.services.import_csv.sheets import Line, SheetError, open_sheet
from kitsu_api.services.import_wizard.spreadsheets import is_spreadsheet, worksheet_rows

SAMPLES: Final = 200
"""Rows whose cells tell what a column holds."""

Rows = Iterator[tuple[int, list[str]]]


@dataclass(frozen=True)
class ReadSheet:
    """What there is in a file."""

    head: Sequence[str]
    rows: int
    samples: Sequence[Sequence[str]]
    """The first rows."""


def read(source: Path, target: Path, known: Iterable[str], worksheet: str | None) -> ReadSheet:
    """Read a file of any kind, and write its rows as CSV. Blocks.

    The first cell of each written row is the number of its line in the file, so that errors can tell.

    Raises:
        SheetError: the file is no sheet that can be read.
    """
    head, rows = _spreadsheet(source, worksheet) if is_spreadsheet(source) else _text(source, known)
    if not head:
        raise SheetError("The file is empty.")
    count, samples = 0, []
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["", *map(harmless, head)])
        for number, cells in rows:
            count += 1
            if count > MOST_ROWS:
                raise SheetError(f"The sheet has more than {MOST_ROWS} rows: part it.", number)
            if count <= SAMPLES:
                samples.append(cells)
            writer.writerow([number, *map(harmless, cells)])
    return ReadSheet(head, count, samples)


def _spreadsheet(source: Path, worksheet: str | None) -> tuple[list[str], Rows]:
    rows = worksheet_rows(source, worksheet)
    first = next(rows, None)
    if first is None:
        return [], rows
    head = [cell.strip() for cell in first[1]]
    return head, _fitting(rows, len(head))


def _fitting(rows: Rows, width: int) -> Rows:
    """Rows with a cell for each column.

    Raises:
        SheetError: one has more than that.
    """
    for number, cells in rows:
        if len(cells) > width:
            message = f"Line {number} has {len(cells)} cells, and the head of the sheet has {width}."
            raise SheetError(message, number)
        yield number, cells + [""] * (width - len(cells))


def _text(source: Path, known: Iterable[str]) -> tuple[list[str], Rows]:
    sheet = open_sheet(source, frozenset(known))
    return list(sheet.head), ((line.number, list(line.cells)) for line in sheet.lines())


def rows_of(path: Path) -> Iterator[Line]:
    """The rows that `read` has written, with the numbers of their lines in the file."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        for number, *cells in reader:
            yield Line(int(number), [plain(cell) for cell in cells])


@dataclass(frozen=True)
class MappedSheet:
    """A sheet that `read` has written, under the names of columns that the import of its kind knows."""

    path: Path
    heads: Sequence[str | None]
    """By column; None: left out."""

    @property
    def head(self) -> Sequence[str]:
        """The names of the columns that are taken."""
        return [head for head in self.heads if head is not None]

    def lines(self) -> Iterator[Line]:
        """The rows, without those that are empty but for what is left out."""
        kept = [place for place, head in enumerate(self.heads) if head is not None]
        for line in rows_of(self.path):
            cells = [line.cells[place] for place in kept]
            if any(cell.strip() for cell in cells):
                yield Line(line.number, cells)
