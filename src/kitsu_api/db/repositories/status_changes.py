"""What a change of a task's status looks up and touches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BindParameter,
    Select,
    Uuid,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.models import (
    Entity,
    Project,
    ProjectStatusAutomationLink,
    ProjectTaskStatusLink,
    StatusAutomation,
    Task,
    TaskPersonLink,
    TaskStatus,
    TaskType,
)
from kitsu_api.db.prepared import Statements
from kitsu_api.db.repositories.bulk import among
from kitsu_api.db.repositories.locks import lock_of
from kitsu_api.db.repositories.tasks import made_by


def _entities_locked() -> Select[Any]:
    """Waits for the locks of the entities of tasks, one after the other in their order."""
    ids: BindParameter[Any] = bindparam("ids", type_=ARRAY(Uuid()))
    # the offset keeps the order: PostgreSQL would otherwise be free to call the function before it sorts
    places = (
        select(Task.entity_id)
        .where(Task.id == any_(ids), Task.entity_id.is_not(None))
        .distinct()
        .order_by(Task.entity_id)
        .offset(literal_column("0"))
        .subquery("places")
    )
    return select(lock_of("tasks of entity", places.c.entity_id))


_LOCKS = Statements(_entities_locked)


@cache
def _with_ties() -> Select[Any, Any, Any, Any]:
    """A task, to be locked, with the department of its type and whether a person works on it, or made its
    entity."""
    department = select(TaskType.department_id).where(TaskType.id == Task.task_type_id).scalar_subquery()
    works = (
        select(TaskPersonLink.task_id)
        .where(
            TaskPersonLink.task_id == Task.id,
            TaskPersonLink.person_id == bindparam("person_id", type_=Uuid()),
        )
        .exists()
    )
    made = made_by(bindparam("person_id", type_=Uuid()))
    query: Select[Any, Any, Any, Any] = select(Task, department, works, made)
    query = query.where(Task.id == bindparam("task_id", type_=Uuid()))
    return query.with_for_update(of=Task)


@dataclass(frozen=True)
class StatusRules:
    """What there is to know about some statuses of some tasks."""

    statuses: Mapping[UUID, TaskStatus]
    """The statuses that there are, and those that the tasks have."""
    triggers: frozenset[tuple[UUID, UUID | None, UUID]]
    """By which production, type of task and status automations start."""
    most_retakes: Mapping[UUID, int]
    """How often each of the tasks that are sent back may be; 0 for no limit."""

    def starts_automations(self, task: Task, status: TaskStatus) -> bool:
        """Whether the production of a task wants something done once it gets a status."""
        return (task.project_id, task.task_type_id, status.id) in self.triggers


@cache
def _ruled() -> Select[Any]:
    """Statuses of `ids`, with the productions and types of tasks whose automations they start."""
    link, automation = ProjectStatusAutomationLink, StatusAutomation
    started = (
        select(func.jsonb_agg(func.jsonb_build_array(link.project_id, automation.in_task_type_id)))
        .join(automation, automation.id == link.status_automation_id)
        .where(
            automation.in_task_status_id == TaskStatus.id,
            automation.archived.is_not(True),
            link.project_id == any_(bindparam("projects", type_=ARRAY(Uuid()))),
        )
        .correlate(TaskStatus)
        .scalar_subquery()
    )
    return select(TaskStatus, started).where(TaskStatus.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))


class StatusChanges:
    """Rules of a production, and the tasks that they reach."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def rules(self, wanted: Collection[tuple[Task, UUID]]) -> StatusRules:
        """What there is to know about giving these tasks these statuses."""
        tasks = {task.id: task for task, _ in wanted}
        ids = {id for _, id in wanted} | {one.task_status_id for one in tasks.values() if one.task_status_id}
        projects = {task.project_id for task in tasks.values()}
        given = {"ids": list(ids), "projects": list(projects)}
        statuses, triggers = {}, set()
        for status, found in (await self.session.execute(_ruled(), given)).all():
            statuses[status.id] = status
            triggers |= {(UUID(project), kind and UUID(kind), status.id) for project, kind in found or ()}
        back = [task for task, id in wanted if id in statuses and statuses[id].is_retake]
        return StatusRules(statuses, frozenset(triggers), await self.most_retakes(back) if back else {})

    async def most_retakes(self, tasks: Collection[Task]) -> dict[UUID, int]:
        """How often tasks may be sent back: what their entity says, else their production; 0 for no limit."""
        query = (
            select(Task.id, Entity.data["max_retakes"].astext, Project.max_retakes)
            .join(Entity, Entity.id == Task.entity_id)
            .join(Project, Project.id == Task.project_id)
            .where(among(Task.id, [task.id for task in tasks]))
        )
        most = {}
        for id, own, of_project in (await self.session.execute(query)).all():
            own = own or ""
            most[id] = int(own) if own.isdigit() and len(own) < 10 else int(of_project or 0)
        return most

    async def automations(self, task: Task) -> Sequence[StatusAutomation]:
        """The automations that the production of a task has chosen."""
        link = ProjectStatusAutomationLink
        query = (
            select(StatusAutomation)
            .join(link, link.status_automation_id == StatusAutomation.id)
            .where(link.project_id == task.project_id, StatusAutomation.archived.is_not(True))
            .order_by(StatusAutomation.created_at, StatusAutomation.id)
        )
        return (await self.session.scalars(query)).all()

    async def task_of(self, entity_id: UUID | None, task_type_id: UUID | None) -> Task | None:
        """The task of a type on an entity, locked."""
        query = select(Task).where(Task.entity_id == entity_id, Task.task_type_id == task_type_id)
        return (
            await self.session.scalars(query.order_by(Task.created_at).limit(1).with_for_update())
        ).first()

    async def set_ready_for(self, entity_id: UUID | None, task_type_id: UUID) -> UUID | None:
        """Note what an entity is ready for; its id when that is new."""
        done = await self.session.execute(
            update(Entity)
            .where(Entity.id == entity_id, Entity.ready_for.is_distinct_from(task_type_id))
            .values(ready_for=task_type_id, updated_at=now())
            .returning(Entity.id)
        )
        found: UUID | None = done.scalar()
        return found

    async def lock_task(self, task_id: UUID) -> Task | None:
        """A task, locked until the end of the transaction; None when there is no such."""
        return (await self.lock_tasks([task_id])).get(task_id)

    async def lock_tasks(self, task_ids: Collection[UUID]) -> dict[UUID, Task]:
        """The tasks of these ids that there are, locked until the end of the transaction.

        Their entities are locked first, in one order: what is said on one task may move another task of
        its entity, and two such changes at once would wait for each other.
        """
        ids = list(task_ids)
        await _LOCKS().rows(self.session, ids=ids)
        query = select(Task).where(among(Task.id, ids)).order_by(Task.id).with_for_update()
        rows = await self.session.scalars(query.execution_options(populate_existing=True))
        return {task.id: task for task in rows.all()}

    async def lock_task_with_ties(
        self, task_id: UUID, person_id: UUID
    ) -> tuple[Task, UUID | None, bool, bool] | None:
        """A task, locked as by `lock_task`, the department of its type, whether somebody works on it, and
        whether they made its entity."""
        await _LOCKS().rows(self.session, ids=[task_id])
        given = {"task_id": task_id, "person_id": person_id}
        options = {"populate_existing": True}
        row = (await self.session.execute(_with_ties(), given, execution_options=options)).one_or_none()
        return None if row is None else (row[0], row[1], bool(row[2]), bool(row[3]))

    async def client_allowed(self, project_id: UUID | None, task_status_id: UUID) -> bool | None:
        """Whether a production opens a status to its clients; None where it says nothing of its own."""
        link = ProjectTaskStatusLink
        query = select(link.is_client_allowed).where(
            link.project_id == project_id, link.task_status_id == task_status_id
        )
        allowed: bool | None = await self.session.scalar(query)
        return allowed
