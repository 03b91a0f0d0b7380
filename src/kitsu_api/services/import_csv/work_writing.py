"""Tasks as rows asked for them: made, commented and handed out, many in one statement."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from kitsu_api.db.base import now
from kitsu_api.db.models import StatusAutomation, Task, TaskStatus
from kitsu_api.db.repositories.casting_changes import CastingChanges
from kitsu_api.db.repositories.import_csv_entities import StoredTask
from kitsu_api.db.repositories.import_csv_work import ImportedWork
from kitsu_api.db.repositories.task_creation import TaskCreation
from kitsu_api.events import Event, record_event
from kitsu_api.services.comments import default_status
from kitsu_api.services.import_csv.cells import Statuses
from kitsu_api.services.import_csv.work import StatusChange, WorkPlan
from kitsu_api.services.status_changes import dates_after
from kitsu_api.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class _Told:
    """A task that got another status: what the world hears of it."""

    task_id: UUID
    task_type_id: UUID
    entity_id: UUID
    before: UUID | None
    status: TaskStatus


class WorkWriter:
    """Writes the tasks of one import."""

    def __init__(self, uow: UnitOfWork, author_id: UUID, project_id: UUID, statuses: Statuses) -> None:
        self.uow = uow
        self.author_id = author_id
        self.project_id = project_id
        self.statuses = statuses
        self.work = ImportedWork(uow.session, project_id)
        self._default: TaskStatus | None = None
        self._automations: Sequence[StatusAutomation] | None = None
        self._team: set[UUID] = set()

    async def reserve(self, task_type_ids: Collection[UUID]) -> None:
        """Let nobody else make tasks of these types in the production until the transaction ends."""
        for id in sorted(task_type_ids):  # in one order for all: who locks in another waits for ever
            await TaskCreation(self.uow.session).reserve(self.project_id, id)

    async def write(self, plan: WorkPlan) -> None:
        """Do what rows asked for."""
        await self._make(plan.new)
        await self._set_statuses(plan.changes)
        await self._assign(plan)

    def _emit(self, thing: str, action: str, id: UUID, **more: Any) -> None:
        self.uow.emit(record_event(thing, action, id, self.project_id, **more))

    async def _make(self, tasks: Sequence[StoredTask]) -> None:
        if not tasks:
            return
        if self._default is None:
            self._default = await default_status(self.uow)
            self.statuses.by_id.setdefault(self._default.id, self._default)
        rows = [
            {"id": task.id, "entity_id": task.entity_id, "task_type_id": task.task_type_id} for task in tasks
        ]
        status_id = self._default.id
        await self.work.add_tasks([{**row, "task_status_id": status_id} for row in rows], self.author_id)
        for task in tasks:
            self._emit("task", "new", task.id)

    async def _set_statuses(self, changes: Sequence[StatusChange]) -> None:
        """Comment on tasks without words, and let them and the world follow."""
        moment = now()
        told: list[_Told] = []
        rows: list[dict[str, Any]] = []
        for change in changes:
            task = change.task
            before = task.task_status_id or (self._default.id if self._default else None)
            if before == change.status.id:
                continue
            told.append(_Told(task.id, task.task_type_id, task.entity_id, before, change.status))
            values = self._values(task, before, task.retake_count, change.status, moment)
            rows.append({"id": task.id, "last_comment_date": moment, **values})
        if not told:
            return
        await self.work.change_tasks(rows)
        await self._comment(told, moment)
        await self._automate(told, moment)

    def _values(
        self, task: Any, before: UUID | None, retakes: int, status: TaskStatus, moment: datetime
    ) -> dict[str, Any]:
        """What a status makes of a task; one retake after another counts once."""
        values = {"task_status_id": status.id, **dates_after(task, status, moment)}
        known = self.statuses.by_id.get(before) if before else None
        if status.is_retake and not (known is not None and known.is_retake):
            values["retake_count"] = retakes + 1
        return values

    async def _comment(self, told: Sequence[_Told], moment: datetime) -> None:
        comments = {each.task_id: uuid4() for each in told}
        rows = [
            {"id": comments[each.task_id], "object_id": each.task_id, "task_status_id": each.status.id}
            for each in told
        ]
        stamps: dict[str, Any] = {"created_at": moment, "updated_at": moment}
        await self.work.add_comments([{**row, **stamps} for row in rows], self.author_id)
        news = {each.task_id: uuid4() for each in told}
        lines = [{"id": news[id], "task_id": id, "comment_id": comments[id]} for id in comments]
        await self.work.add_news(lines, self.author_id)
        for each in told:
            self._tell(each, comments[each.task_id], news[each.task_id])
        await self._notify(comments)

    def _tell(self, each: _Told, comment_id: UUID, news_id: UUID) -> None:
        status_id = each.status.id
        self._emit(
            "comment",
            "new",
            comment_id,
            task_id=each.task_id,
            person_id=self.author_id,
            for_client=False,
            task_status_id=status_id,
        )
        self._tell_status(each.task_id, each.before, status_id)
        if each.status.is_feedback_request:
            review = self._status_event("task:to-review", each.task_id, each.before, status_id)
            self.uow.emit(Event(review.name, {**review.data, "comment_id": str(comment_id)}, self.project_id))
        self._emit("news", "new", news_id, task_type_id=each.task_type_id, task_status_id=status_id)

    def _status_event(self, name: str, task_id: UUID, before: UUID | None, after: UUID) -> Event:
        data = {
            "task_id": str(task_id),
            "person_id": str(self.author_id),
            "project_id": str(self.project_id),
            "previous_task_status_id": str(before) if before else None,
            "new_task_status_id": str(after),
        }
        return Event(name, data, self.project_id)

    def _tell_status(self, task_id: UUID, before: UUID | None, after: UUID) -> None:
        self._emit("task", "update", task_id)
        self.uow.emit(self._status_event("task:status-changed", task_id, before, after))

    async def _notify(self, comments: dict[UUID, UUID]) -> None:
        readers = await self.work.readers(comments, self.author_id)
        rows = [
            {"id": uuid4(), "task_id": task_id, "person_id": person_id, "comment_id": comments[task_id]}
            for task_id, person_id in readers
        ]
        await self.work.add_notifications(rows, self.author_id)
        for row in rows:
            ids = {
                "notification_id": str(row["id"]),
                "person_id": str(row["person_id"]),
                "project_id": str(self.project_id),
            }
            self.uow.emit(Event("notification:new", ids, self.project_id, persist=False))

    async def _automate(self, told: Sequence[_Told], moment: datetime) -> None:
        """Do what the production wants done when tasks of some types get some statuses."""
        if self._automations is None:
            self._automations = await self.work.automations()
        for rule in self._automations:
            entities = [
                each.entity_id
                for each in told
                if (each.status.id, each.task_type_id) == (rule.in_task_status_id, rule.in_task_type_id)
            ]
            if not entities or rule.out_task_type_id is None:
                continue
            if rule.out_field_type == "ready_for":
                await self._set_ready(entities, rule.out_task_type_id)
            elif (status := self.statuses.by_id.get(rule.out_task_status_id or UUID(int=0))) is not None:
                await self._follow(entities, rule.out_task_type_id, status, moment)

    async def _set_ready(self, entities: Sequence[UUID], task_type_id: UUID) -> None:
        changed = await self.work.set_ready_for(entities, task_type_id)
        if changed:
            await CastingChanges(self.uow.session).recount_ready_for(*changed)
        for id in changed:
            self._emit("asset", "update", id)

    async def _follow(
        self, entities: Sequence[UUID], task_type_id: UUID, status: TaskStatus, moment: datetime
    ) -> None:
        found = await self.work.oldest_tasks([(id, task_type_id) for id in entities])
        tasks: list[Task] = [task for task in found.values() if task.task_status_id != status.id]
        rows: list[dict[str, Any]] = []
        for task in tasks:
            values = self._values(task, task.task_status_id, task.retake_count or 0, status, moment)
            rows.append({"id": task.id, **values})
        await self.work.change_tasks(rows)
        for task in tasks:
            self._tell_status(task.id, task.task_status_id, status.id)

    async def _assign(self, plan: WorkPlan) -> None:
        await self.work.unassign(plan.unassigned)
        for task_id, person_id in plan.unassigned:
            self._emit("task", "unassign", task_id, person_id=person_id)
        left = dict.fromkeys(task_id for task_id, _ in plan.unassigned)
        if left:
            await self.work.change_tasks([{"id": id, "project_id": self.project_id} for id in left])
        for task_id in left:
            self._emit("task", "update", task_id)
        if not plan.assigned:
            return
        await self.work.assign(plan.assigned)
        fresh = {task.id for task in plan.new}
        await self.work.set_assigner({id for id, _ in plan.assigned} - fresh, self.author_id)
        for task_id, person_id in plan.assigned:
            self._emit("task", "assign", task_id, person_id=person_id)
            self._emit("task", "update", task_id)
        people = {person_id for _, person_id in plan.assigned} - self._team
        if people and await self.work.join_team(people):
            self._emit("project", "update", self.project_id)
        self._team |= people
