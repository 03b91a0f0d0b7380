"""What the text of a cell stands for."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson

from kitsu_api.db.models import TaskStatus
from kitsu_api.db.repositories.export_csv_entities import MetadataColumn
from kitsu_api.db.repositories.import_csv import Somebody
from kitsu_api.schemas.base import INTEGER_LIMIT
from kitsu_api.services.csv_cells import Cell
from kitsu_api.services.export_csv import metadata_cell
from kitsu_api.services.import_csv.sheets import SheetError

YES = frozenset({"yes", "true", "1", "y", "x"})
NO = frozenset({"no", "false", "0", "n"})
INTEGER = re.compile(r"[+-]?\d{1,10}(\.0+)?")
NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)")


def shown(cell: Cell) -> str:
    """A value as a sheet shows it, before anything is done against formulas."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell)


class CellReader:
    """Reads cells of one line; errors tell which."""

    def __init__(self, line: int) -> None:
        self.line = line

    def refuse(self, message: str, column: str, value: str) -> SheetError:
        """An error about a cell."""
        return SheetError(message, self.line, column, value)

    def text(self, value: str, column: str, most: int) -> str:
        """A text of at most so many characters.

        Raises:
            SheetError: it is longer.
        """
        if len(value) > most:
            raise self.refuse(f"{column}: a text of at most {most} characters is expected.", column, value)
        return value

    def required(self, value: str, column: str, most: int, message: str) -> str:
        """A text that has to be there.

        Raises:
            SheetError: the cell is empty, or its text too long.
        """
        if not value.strip():
            raise self.refuse(message, column, value)
        return self.text(value.strip(), column, most)

    def integer(self, value: str, column: str) -> int | None:
        """A whole number; None for an empty cell.

        Raises:
            SheetError: it is none.
        """
        text = value.strip()  # it takes away more than `float` does
        if not text:
            return None
        if not INTEGER.fullmatch(text) or abs(int(float(text))) > INTEGER_LIMIT:
            raise self.refuse(f"{column}: {value[:40]} is not a whole number.", column, value)
        return int(float(text))

    def number(self, value: str, column: str) -> float | None:
        """A number, with a point or a comma; None for an empty cell.

        Raises:
            SheetError: it is none.
        """
        if not value.strip():
            return None
        if not NUMBER.fullmatch(value.strip()) or len(value) > 30:
            raise self.refuse(f"{column}: {value[:40]} is not a number.", column, value)
        return float(value.strip().replace(",", "."))

    def boolean(self, value: str, column: str) -> bool | None:
        """Yes or no; None for an empty cell.

        Raises:
            SheetError: it is neither.
        """
        word = value.strip().lower()
        if not word:
            return None
        if word not in YES | NO:
            raise self.refuse(f"{column}: yes or no is expected.", column, value)
        return word in YES

    def day(self, value: str, column: str) -> dt.datetime | None:
        """A day, `2026-11-23`, as its midnight; None for an empty cell.

        Raises:
            SheetError: it is none.
        """
        if not value.strip():
            return None
        try:
            moment = dt.datetime.fromisoformat(value.strip())
        except ValueError as error:
            message = f"{column}: a day like 2026-11-23 is expected."
            raise self.refuse(message, column, value) from error
        return moment.replace(tzinfo=None)


class People:
    """People by name and by e-mail."""

    def __init__(self, people: Iterable[Somebody]) -> None:
        self.names: dict[str, str] = {}
        self._found: dict[str, list[UUID]] = {}
        for person in people:
            self.names[str(person.id)] = person.name
            if person.assignable:
                keys = {_key(person.name), _key(person.email or "")} - {""}
                for key in keys:
                    self._found.setdefault(key, []).append(person.id)

    def one(self, reader: CellReader, name: str, column: str) -> UUID:
        """The id of somebody by full name or e-mail, in any case.

        Raises:
            SheetError: there is nobody of this name, or there are several.
        """
        found = self._found.get(_key(name), [])
        if not found:
            raise reader.refuse(f"Person not found for {name[:100]}", column, name)
        if len(found) > 1:
            message = f"{len(found)} people are called {name[:100]}: write the e-mail instead."
            raise reader.refuse(message, column, name)
        return found[0]

    def several(self, reader: CellReader, cell: str, column: str) -> list[UUID]:
        """The ids of people whose names are parted by commas."""
        names = (name.strip() for name in cell.split(","))
        return list(dict.fromkeys(self.one(reader, name, column) for name in names if name))

    def shown(self, ids: Iterable[UUID]) -> str:
        """People as an export shows them."""
        return ",".join(sorted({self.names.get(str(id), "") for id in ids}))


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


class Statuses:
    """Task statuses by short name and by name."""

    def __init__(self, statuses: Iterable[TaskStatus]) -> None:
        self.by_id = {status.id: status for status in statuses}
        self._by_name: dict[str, TaskStatus] = {}
        for status in self.by_id.values():
            self._by_name.setdefault(_key(status.name), status)
        short: dict[str, TaskStatus] = {}
        for status in self.by_id.values():
            short.setdefault(_key(status.short_name), status)
        self._by_name |= short

    def one(self, reader: CellReader, name: str, column: str) -> TaskStatus:
        """A status by its name or short name, in any case.

        Raises:
            SheetError: there is none.
        """
        found = self._by_name.get(_key(name))
        if found is None:
            raise reader.refuse(f"Task status not found for {name[:100]}", column, name)
        return found


def metadata_value(reader: CellReader, column: MetadataColumn, cell: str, stored: Any, people: People) -> Any:
    """What a cell of a metadata column makes of what is stored: the same, where the cell shows that.

    What is stored as a list, a document, a number or a truth value stays one; everything else is text, as
    clients store it. People are stored by their id.

    Raises:
        SheetError: the cell does not fit the column.
    """
    if stored is not None and cell == shown(metadata_cell(column, stored, people.names)):
        return stored
    if column.data_type == "person":
        return str(people.one(reader, cell, column.name)) if cell.strip() else ""
    if isinstance(stored, list) and all(isinstance(item, str) for item in stored):
        return [item.strip() for item in cell.split(",") if item.strip()]
    if isinstance(stored, (list, dict)) or column.data_type == "checklist":
        return _document(reader, column, cell)
    if column.data_type == "boolean" or isinstance(stored, bool):
        value = reader.boolean(cell, column.name)
        if isinstance(stored, bool):
            return bool(value)
        return "" if value is None else shown(value)
    if column.data_type == "number" or isinstance(stored, (int, float)):
        number = reader.number(cell, column.name)
        if isinstance(stored, (int, float)) and number is not None:
            return int(number) if number.is_integer() else number
    return cell


def _document(reader: CellReader, column: MetadataColumn, cell: str) -> Any:
    if not cell.strip():
        return ""
    try:
        return orjson.loads(cell)
    except orjson.JSONDecodeError as error:
        raise reader.refuse(f"{column.name}: the cell is not valid JSON.", column.name, cell) from error
