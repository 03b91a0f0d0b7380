"""Cells of sheets: how values are written, so that a spreadsheet shows them and does not run them.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, wherever its text came
from. Such a text is written with an apostrophe before it, and so is a text that is a formula but for the
apostrophes before it: an import that takes one apostrophe off each of these has every text as it was.
Numbers are left alone.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence

Cell = str | int | float | bool | dt.date | None
"""What a cell may hold. Moments are written to the second, absent values as an empty cell."""

DELIMITER = ";"
FORMULA = re.compile("'*[=+\\-@\t\r\n\uff0b\uff0d\uff1d\uff20]")
"""How a text begins that a spreadsheet would run, before or after `harmless` had it."""

GUARDED = re.compile("'" + FORMULA.pattern)
NUMBER = re.compile(r"-?\d+(\.\d+)?")
SUSPECT = frozenset("'=+-@\t\r\n\uff0b\uff0d\uff1d\uff20")


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    if text[:1] in SUSPECT and FORMULA.match(text) and not NUMBER.fullmatch(text):
        return "'" + text
    return text


def plain(text: str) -> str:
    """The text that `harmless` made this cell of."""
    return text[1:] if GUARDED.match(text) else text


def _written(cell: Cell) -> str | int | float | None:
    if isinstance(cell, str):
        return harmless(cell) if cell[:1] in SUSPECT else cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=None).isoformat(timespec="seconds")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return cell


def sheet(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows of a sheet in UTF-8, cells parted by semicolons and quoted where they have to be (RFC 4180)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=DELIMITER, lineterminator="\r\n")
    # most cells are texts that need nothing: they are spared a call
    writer.writerows(
        [cell if type(cell) is str and cell[:1] not in SUSPECT else _written(cell) for cell in row]
        for row in rows
    )
    return text.getvalue().encode()
