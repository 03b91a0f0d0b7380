"""A row of a sheet of assets, shots or edits, and what it makes of the entity that it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kitsu_api.db.repositories.import_csv_entities import StoredEntity
from kitsu_api.services.csv_cells import Cell
from kitsu_api.services.import_csv.cells import CellReader, People, metadata_value, shown
from kitsu_api.services.import_csv.columns import EntityColumns
from kitsu_api.services.import_csv.sheets import Line

FRAMES = ("frame_in", "frame_out")
LONGEST_TEXT = 100_000


@dataclass(frozen=True)
class EntityRow:
    """A row, and where the entity lies that it is about."""

    line: Line
    reader: CellReader
    name: str
    raw_name: str
    entity_type_id: UUID
    parent_id: UUID | None = None
    source_id: UUID | None = None
    episode_id: UUID | None = None


@dataclass
class EntityValues:
    """What an entity holds once its row is written."""

    description: str | None
    nb_frames: int | None
    data: dict[str, Any] = field(default_factory=dict)


class RowReader:
    """Reads the cells that entities of a kind have in common, and those of metadata."""

    def __init__(self, columns: EntityColumns, people: People) -> None:
        self.columns = columns
        self.people = people

    def cell(self, line: Line, name: str) -> str | None:
        """The cell of a field; None when the sheet has no such column."""
        index = self.columns.fields.get(name)
        return None if index is None else line.cells[index]

    def column(self, name: str) -> str:
        """How the column of a field is called."""
        return self.columns.name(self.columns.fields[name])

    def new(self, row: EntityRow, description: str | None, no_frames: int | None) -> EntityValues:
        """What a new entity holds; `description` where the sheet has no such column, and `no_frames` where it
        does not say how many there are."""
        cell = self.cell(row.line, "description")
        values = EntityValues(description if cell is None else self._text(row, cell), no_frames)
        self._read_frames(row, values, None)
        for index, column in self.columns.metadata:
            text = row.line.cells[index]
            values.data[column.field] = metadata_value(row.reader, column, text, None, self.people)
        return values

    def changed(self, row: EntityRow, stored: StoredEntity) -> EntityValues:
        """What an entity holds once its row is written; cells that show what is stored change nothing."""
        document = stored.data if isinstance(stored.data, dict) else {}
        values = EntityValues(stored.description, stored.nb_frames, dict(document))
        cell = self.cell(row.line, "description")
        if cell is not None and cell != (stored.description or ""):
            values.description = self._text(row, cell)
        self._read_frames(row, values, stored)
        for index, column in self.columns.metadata:
            text, known = row.line.cells[index], values.data.get(column.field)
            if known is None and not text:
                continue
            values.data[column.field] = metadata_value(row.reader, column, text, known, self.people)
        return values

    def _text(self, row: EntityRow, cell: str) -> str:
        return row.reader.text(cell, self.column("description"), LONGEST_TEXT)

    def _read_frames(self, row: EntityRow, values: EntityValues, stored: StoredEntity | None) -> None:
        """Frame range, number of frames and frame rate; a range says how many frames there are, unless the
        sheet says it in a column of its own."""
        moved = False
        for name in FRAMES:
            cell = self.cell(row.line, name)
            if cell is None or cell == _shown(values.data.get(name)):
                continue
            moved = True
            _set(values.data, name, row.reader.integer(cell, self.column(name)))
        self._read_rate(row, values.data)
        self._check_range(row, values.data, moved=moved)
        cell = self.cell(row.line, "nb_frames")
        if cell is not None and (cell.strip() or (self.columns.exported and stored is not None)):
            if stored is None or cell != shown(stored.nb_frames):
                values.nb_frames = row.reader.integer(cell, self.column("nb_frames"))
        elif moved:
            values.nb_frames = _length(values.data) or 0

    def _read_rate(self, row: EntityRow, data: dict[str, Any]) -> None:
        cell = self.cell(row.line, "fps")
        if cell is None or cell == _shown(data.get("fps")):
            return
        number = row.reader.number(cell, self.column("fps"))
        if number is not None and isinstance(data.get("fps"), (int, float)):
            data["fps"] = int(number) if number.is_integer() else number
        else:
            _set(data, "fps", cell.strip() or None)

    def _check_range(self, row: EntityRow, data: Mapping[str, Any], *, moved: bool) -> None:
        length = _length(data)
        if moved and length is not None and length < 1:
            name = "frame_out" if "frame_out" in self.columns.fields else "frame_in"
            message = "The last frame of the range comes before the first."
            raise row.reader.refuse(message, self.column(name), self.cell(row.line, name) or "")


def _shown(value: Any) -> str:
    """A value of a document as exports show it: what is neither text nor number is not shown."""
    cell: Cell = value if isinstance(value, (str, int, float)) else None
    return shown(cell)


def _set(data: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        data.pop(name, None)
    else:
        data[name] = value


def _length(data: Mapping[str, Any]) -> int | None:
    first, last = (data.get(name) for name in FRAMES)
    if not isinstance(first, int) or not isinstance(last, int):
        return None
    return last - first + 1


def differs(values: EntityValues, stored: StoredEntity) -> dict[str, Any]:
    """The columns that a row changes."""
    found: dict[str, Any] = {}
    if values.description != stored.description:
        found["description"] = values.description
    if values.nb_frames != stored.nb_frames:
        found["nb_frames"] = values.nb_frames
    if values.data != (stored.data if isinstance(stored.data, dict) else {}):
        found["data"] = values.data
    return found


def names_of(rows: Sequence[EntityRow]) -> set[str]:
    """The names that rows may be stored under: as they are written, and without spaces around."""
    return {name for row in rows for name in (row.name, row.raw_name)}
