"""The columns of task types: which tasks a row asks for, in which status, and who works on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from kitsu_api.db.models import TaskStatus
from kitsu_api.db.repositories.import_csv import WorkType
from kitsu_api.db.repositories.import_csv_entities import StoredTask
from kitsu_api.services.import_csv.cells import CellReader, People, Statuses
from kitsu_api.services.import_csv.columns import EntityColumns, WorkColumn

NO_MORE_RETAKES = "No more retakes allowed on this task"


@dataclass(frozen=True)
class StatusChange:
    """A task that gets another status."""

    task: StoredTask
    status: TaskStatus


@dataclass
class WorkPlan:
    """What rows ask for."""

    new: list[StoredTask] = field(default_factory=list)
    """Tasks to make, in the default status."""
    changes: list[StatusChange] = field(default_factory=list)
    assigned: list[tuple[UUID, UUID]] = field(default_factory=list)
    """Pairs of a task and somebody to put on it."""
    unassigned: list[tuple[UUID, UUID]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.new or self.changes or self.assigned or self.unassigned)

    def add(self, other: WorkPlan) -> None:
        """Take over what another plan asks for."""
        self.new += other.new
        self.changes += other.changes
        self.assigned += other.assigned
        self.unassigned += other.unassigned


@dataclass(frozen=True)
class WorkRules:
    """What rows are read by."""

    columns: EntityColumns
    types: Sequence[WorkType]
    workflows: dict[UUID, set[UUID]]
    statuses: Statuses
    people: People
    most_retakes: int

    def planned(self, entity_type_id: UUID) -> list[UUID]:
        """The task types that an entity of a type gets tasks of."""
        workflow = self.workflows.get(entity_type_id)
        return [
            type.id for type in self.types if type.in_project and (workflow is None or type.id in workflow)
        ]


@dataclass(frozen=True)
class WorkRow:
    """An entity, and what its row says of its tasks."""

    reader: CellReader
    cells: Sequence[str]
    entity_id: UUID
    entity_type_id: UUID
    stored: Sequence[StoredTask]
    is_new: bool
    update: bool
    retakes: Any
    """How often tasks of the entity may be sent back, where it says so itself."""


def plan_work(rules: WorkRules, row: WorkRow) -> WorkPlan:
    """What a row asks for.

    Entities get a task of each type that their production and workflow provide for, old ones as well: a
    sheet repairs what is missing. An exported sheet does not: where it shows none, none was.

    Raises:
        SheetError: a cell names a status or a person that there is not, or one retake too many.
    """
    plan, repairs = WorkPlan(), row.is_new or not rules.columns.exported
    by_type: dict[UUID, list[StoredTask]] = {}
    for task in row.stored:
        by_type.setdefault(task.task_type_id, []).append(task)
    wanted = [id for id in rules.planned(row.entity_type_id) if repairs and id not in by_type]
    told = {work.type.id: work for work in rules.columns.work}
    for id, work in told.items():
        if id in by_type:
            if row.update:
                _change(plan, rules, row, work, by_type[id])
        elif id not in wanted and (_cell(row, work.status).strip() or _cell(row, work.people).strip()):
            wanted.append(id)
    for id in wanted:
        _make(plan, rules, row, id, told.get(id))
    return plan


def _cell(row: WorkRow, index: int | None) -> str:
    return "" if index is None else row.cells[index]


def _make(plan: WorkPlan, rules: WorkRules, row: WorkRow, type_id: UUID, work: WorkColumn | None) -> None:
    task = StoredTask(uuid4(), row.entity_id, type_id, None, None, None, 0, frozenset())
    plan.new.append(task)
    if work is None:
        return
    if (cell := _cell(row, work.status)).strip():
        plan.changes.append(StatusChange(task, _status(rules, row, work, cell, task)))
    if (cell := _cell(row, work.people)).strip():
        column = f"{work.type.name} {rules.columns.name(work.people or 0)}"
        plan.assigned += [(task.id, id) for id in rules.people.several(row.reader, cell, column)]


def _status(rules: WorkRules, row: WorkRow, work: WorkColumn, cell: str, task: StoredTask) -> TaskStatus:
    status = rules.statuses.one(row.reader, cell, work.type.name)
    own = str(row.retakes or "")
    most = int(own) if own.isdigit() and len(own) < 10 else rules.most_retakes
    if status.is_retake and status.id != task.task_status_id and most and task.retake_count + 1 > most:
        raise row.reader.refuse(NO_MORE_RETAKES, work.type.name, cell)
    return status


def _change(
    plan: WorkPlan, rules: WorkRules, row: WorkRow, work: WorkColumn, tasks: Sequence[StoredTask]
) -> None:
    """What the cells of a type change on tasks that there are; exports show the status of the oldest."""
    oldest = tasks[0]
    cell = _cell(row, work.status)
    known = rules.statuses.by_id.get(oldest.task_status_id) if oldest.task_status_id else None
    if cell.strip() and (known is None or cell != known.short_name):
        status = _status(rules, row, work, cell, oldest)
        if status.id != oldest.task_status_id:
            plan.changes.append(StatusChange(oldest, status))
    cell, exported = _cell(row, work.people), rules.columns.exported
    present = set().union(*(task.people for task in tasks))
    if work.people is None or not (cell.strip() or exported):
        return
    if exported and cell == rules.people.shown(present):
        return
    column = f"{work.type.name} {rules.columns.name(work.people)}"
    people = rules.people.several(row.reader, cell, column)
    plan.assigned += [(oldest.id, id) for id in people if not exported or id not in present]
    plan.unassigned += _leaving(tasks, people)


def _leaving(tasks: Iterable[StoredTask], people: Sequence[UUID]) -> list[tuple[UUID, UUID]]:
    return [(task.id, id) for task in tasks for id in sorted(task.people) if id not in people]
