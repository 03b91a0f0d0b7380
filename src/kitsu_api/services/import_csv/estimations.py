"""Sheets of estimations: when the tasks of a type are to be done, and how long they should take."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kitsu_api.db.repositories.export_csv_entities import MetadataColumn
from kitsu_api.db.repositories.import_csv import ImportLookups
from kitsu_api.db.repositories.import_csv_estimations import EstimatedTask, EstimatedTasks
from kitsu_api.db.repositories.import_csv_work import ImportedWork
from kitsu_api.events import record_event
from kitsu_api.services import standing_rows
from kitsu_api.services.import_csv.cells import CellReader, People, metadata_value
from kitsu_api.services.import_csv.plans import Counts, Doubles, Wish
from kitsu_api.services.import_csv.sheets import Line, SheetError
from kitsu_api.unit_of_work import UnitOfWork

PLACE = {"parent": "Parent", "entity": "Entity"}
FIELDS: Mapping[str, str] = {
    "estimation": "estimation",
    "start date": "start_date",
    "due date": "due_date",
    "difficulty": "difficulty",
    "drawings": "nb_drawings",
    "nb drawings": "nb_drawings",
}
"""Names of columns in small letters, and the columns of tasks that they set. Estimations are minutes."""


@dataclass
class _Batch:
    """What some rows ask for."""

    counts: Counts = field(default_factory=Counts)
    changed: list[dict[str, Any]] = field(default_factory=list)


class EstimationImporter:
    """Takes in a sheet of estimations of a task type. Empty cells say nothing."""

    known: Collection[str] = frozenset({*PLACE, *FIELDS})

    def __init__(self, uow: UnitOfWork, wish: Wish) -> None:
        assert wish.project_id is not None
        assert wish.task_type_id is not None
        self.uow = uow
        self.project_id: UUID = wish.project_id
        self.task_type_id: UUID = wish.task_type_id
        self.tasks = EstimatedTasks(uow.session, self.project_id, self.task_type_id, wish.episode_id)
        self.doubles = Doubles(refuse=not wish.dry_run)
        self.ids: list[UUID] = []
        self.ignored: list[str] = []
        self.head: Sequence[str] = ()
        self.place: dict[str, int] = {}
        self.fields: dict[str, int] = {}
        self.metadata: list[tuple[int, MetadataColumn]] = []
        self.people = People(())

    @property
    def conflicts(self) -> list[dict[str, Any]]:
        """Rows that are in conflict with others."""
        return self.doubles.told

    async def prepare(self, head: Sequence[str]) -> None:
        """Find the columns."""
        self.head = head
        await standing_rows.entity_types(self.uow.session)
        lookups = ImportLookups(self.uow.session, self.project_id)
        self.people = People(await lookups.people(bots=True))
        columns = {
            name: column
            for column in await lookups.columns("Task", self.task_type_id)
            for name in (column.field, column.name.lower())
        }
        for index, shown in enumerate(head):
            name = shown.lower()
            if name in PLACE and name not in self.place:
                self.place[name] = index
            elif name in FIELDS and FIELDS[name] not in self.fields:
                self.fields[FIELDS[name]] = index
            elif name in columns:
                self.metadata.append((index, columns[name]))
            elif name:
                self.ignored.append(shown)
        for name, shown in PLACE.items():
            if name not in self.place:
                raise SheetError(f"A columns is missing: '{shown}'", 2, shown)

    async def begin(self) -> None:
        """Nothing has to be there before the rows."""
        self.doubles = Doubles(refuse=True)

    async def conclude(self) -> None:
        """Rows of such a sheet ask for nothing together that none asks for alone."""

    async def check(self, lines: Sequence[Line]) -> Counts:
        """Find out what rows would do."""
        return (await self._plan(lines)).counts

    async def _plan(self, lines: Sequence[Line]) -> _Batch:
        batch = _Batch()
        found: dict[tuple[str, str], EstimatedTask] = {}
        for task in await self.tasks.named({self._cell(line, "entity") for line in lines}):
            found.setdefault((task.parent.lower(), task.name), task)
        for line in lines:
            shown = self.head[self.place["entity"]]
            name = CellReader(line.number).required(
                self._cell(line, "entity"), shown, 160, f"{shown}: a name is required."
            )
            known = found.get((self._cell(line, "parent").lower(), name))
            if known is None:
                batch.counts.skipped += 1
                continue
            changes = self._changes(line, known)
            double = self.doubles.is_double(known.id, line, "task")
            if double != "no":
                batch.counts.add(Counts(unchanged=double == "same", conflicts=double == "conflict"))
            elif changes:
                batch.changed.append({"id": known.id, **changes})
                batch.counts.updated += 1
            else:
                batch.counts.unchanged += 1
        return batch

    def _cell(self, line: Line, place: str) -> str:
        return line.cells[self.place[place]].strip()

    def _changes(self, line: Line, task: EstimatedTask) -> dict[str, Any]:
        """The columns that a row changes.

        Raises:
            SheetError: a cell does not fit its column.
        """
        reader, found = CellReader(line.number), {}
        for name, index in self.fields.items():
            value = self._value(reader, name, self.head[index], line.cells[index])
            if value is not None and value != getattr(task, name):
                found[name] = value
        start, due = (found.get(name, getattr(task, name)) for name in ("start_date", "due_date"))
        if "due_date" in found and start is not None and due < start:
            index = self.fields["due_date"]
            message = "The work is due before it starts."
            raise reader.refuse(message, self.head[index], line.cells[index])
        data = dict(task.data) if isinstance(task.data, dict) else {}
        for index, column in self.metadata:
            if cell := line.cells[index]:
                stored = data.get(column.field)
                data[column.field] = metadata_value(reader, column, cell, stored, self.people)
        if data != (task.data or {}):
            found["data"] = data
        return found

    def _value(self, reader: CellReader, name: str, shown: str, cell: str) -> Any:
        if name in ("start_date", "due_date"):
            return reader.day(cell, shown)
        if name == "estimation":
            minutes = reader.number(cell, shown)
            if minutes is not None and minutes < 0:
                raise reader.refuse(f"{shown}: minutes from 0 on are expected.", shown, cell)
            return minutes
        number = reader.integer(cell, shown)
        if number is not None and (number < 0 or (name == "difficulty" and not 1 <= number <= 5)):
            wanted = "from 1 to 5" if name == "difficulty" else "from 0 on"
            raise reader.refuse(f"{shown}: a number {wanted} is expected.", shown, cell)
        return number

    async def write(self, lines: Sequence[Line]) -> None:
        """Do what rows ask for."""
        batch = await self._plan(lines)
        await ImportedWork(self.uow.session, self.project_id).change_tasks(batch.changed)
        for row in batch.changed:
            self.uow.emit(record_event("task", "update", row["id"], self.project_id))
