"""Queries on tasks and what they gather."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, bindparam, delete, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import (
    Comment,
    Entity,
    EntityType,
    News,
    Notification,
    Subscription,
    Task,
    TaskPersonLink,
    TaskStatus,
    TaskType,
    TimeSpent,
)
from kitsu_api.db.prepared import Statements
from kitsu_api.db.remembered import foreseen, keep, once
from kitsu_api.db.repositories.bulk import among
from kitsu_api.errors import BadRequest


@dataclass(frozen=True)
class CommentMark:
    """What a comment says of its task's progress, in the order of time."""

    created_at: datetime | None
    task_status_id: UUID | None
    is_wip: bool
    is_done: bool
    is_retake: bool
    is_feedback_request: bool


def made_by(person_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a person made the entity of a task."""
    return (
        select(Entity.id)
        .where(Entity.id == Task.entity_id, Entity.created_by == person_id)
        .correlate(Task)
        .exists()
    )


def _ties() -> Select[Any, Any, Any, Any]:
    works = (
        select(TaskPersonLink.task_id)
        .where(
            TaskPersonLink.task_id == Task.id,
            TaskPersonLink.person_id == bindparam("person_id", type_=Uuid()),
        )
        .exists()
    )
    kind: Any = TaskType.department_id
    query: Select[Any, Any, Any, Any] = select(
        Task.id, kind, works, made_by(bindparam("person_id", type_=Uuid()))
    )
    query = query.outerjoin(TaskType, TaskType.id == Task.task_type_id)
    return query.where(Task.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))


_TIES = Statements(_ties)
_PROJECT = Statements(lambda: select(Task.project_id).where(Task.id == bindparam("id", type_=Uuid())))


class TaskRepository:
    """Tasks."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, id: UUID) -> Task | None:
        """A task, locked for a change; None when there is none."""
        return await self.session.get(Task, id, with_for_update=True)

    async def place(self, id: UUID) -> tuple[UUID | None] | None:
        """The production of a task, as a pair of one; None when there is no such task."""
        await self.session.flush()
        row = await _PROJECT().row(self.session, id=id)
        return None if row is None else (row[0],)

    async def project_of(self, id: UUID | None) -> UUID | None:
        """The production of a task."""
        project_id: UUID | None = await self.session.scalar(select(Task.project_id).where(Task.id == id))
        return project_id

    async def spent(self, id: UUID) -> float:
        """Minutes spent on a task by everybody, the sum of its time spents."""
        total = await self.session.scalar(select(func.sum(TimeSpent.duration)).where(TimeSpent.task_id == id))
        return float(total or 0)

    async def locked(self, ids: Collection[UUID]) -> list[Task]:
        """Tasks, locked for a change, in the order of their ids: two that lock the same wait, no more."""
        query = select(Task).where(Task.id.in_(list(ids))).order_by(Task.id).with_for_update(of=Task)
        fresh = query.execution_options(populate_existing=True)
        return list((await self.session.scalars(fresh)).all())

    async def spent_on(self, ids: Collection[UUID]) -> dict[UUID, float]:
        """Minutes spent on tasks by everybody; those that nobody worked on are not in it."""
        query = select(TimeSpent.task_id, func.sum(TimeSpent.duration)).where(
            TimeSpent.task_id.in_(list(ids))
        )
        rows = (await self.session.execute(query.group_by(TimeSpent.task_id))).all()
        return {row[0]: float(row[1] or 0) for row in rows if row[0] is not None}

    async def marks_on(self, ids: Collection[UUID]) -> dict[UUID, list[CommentMark]]:
        """What the comments of tasks say of their progress, oldest first."""
        query = (
            select(
                Comment.object_id,
                Comment.created_at,
                Comment.task_status_id,
                TaskStatus.is_wip,
                TaskStatus.is_done,
                TaskStatus.is_retake,
                TaskStatus.is_feedback_request,
            )
            .outerjoin(TaskStatus, TaskStatus.id == Comment.task_status_id)
            .where(Comment.object_id.in_(list(ids)))
            .order_by(Comment.created_at)
        )
        found: dict[UUID, list[CommentMark]] = {}
        for row in (await self.session.execute(query)).all():
            mark = CommentMark(row[1], row[2], *(bool(flag) for flag in row[3:]))
            found.setdefault(row[0], []).append(mark)
        return found

    async def of_concepts(self, ids: Collection[UUID]) -> set[UUID]:
        """Those of the tasks that are on concepts."""
        query = (
            select(Task.id)
            .join(Entity, Entity.id == Task.entity_id)
            .join(EntityType, EntityType.id == Entity.entity_type_id)
            .where(among(Task.id, ids), EntityType.name == "Concept")
        )
        return set((await self.session.scalars(query)).all())

    async def default_status(self, *, for_concept: bool = False) -> TaskStatus | None:
        """The status of a task, or of one on a concept, that nobody has begun."""
        kind = TaskStatus.for_concept.is_(True) if for_concept else TaskStatus.for_concept.is_not(True)
        usual = (TaskStatus.is_default.is_(True), kind)
        query = select(TaskStatus).where(*usual).order_by(TaskStatus.created_at)
        return (await self.session.scalars(query.limit(1))).first()

    async def add_status(self, **values: Any) -> TaskStatus:
        """Insert a status."""
        status = TaskStatus(**values)
        self.session.add(status)
        await self.session.flush()
        return status

    async def delete_light_dependents(self, id: UUID) -> None:
        """Delete what means nothing without the task: assignments, subscriptions, notices."""
        columns = (TaskPersonLink.task_id, Subscription.task_id, Notification.task_id, News.task_id)
        deletions = [
            delete(column.class_).where(column == id).cte(f"deletion_{place}")
            for place, column in enumerate(columns)
        ]
        await self.session.execute(select(literal(1)).add_cte(*deletions))

    async def ties(
        self, ids: Collection[UUID], person_id: UUID
    ) -> dict[UUID, tuple[UUID | None, bool, bool]]:
        """For each of these tasks: the department of its type, whether somebody works on it, and whether they
        made its entity."""
        rows = await _TIES().rows(self.session, ids=list(ids), person_id=person_id)
        return {row[0]: (row[1], bool(row[2]), bool(row[3])) for row in rows}

    async def assignees(self, id: UUID) -> set[UUID]:
        """The people assigned to a task."""
        query = select(TaskPersonLink.person_id).where(TaskPersonLink.task_id == id)
        return set((await self.session.scalars(query)).all())

    async def add_assignation_notices(self, id: UUID, author_id: UUID, people: set[UUID]) -> None:
        """Notify people that they were assigned to a task."""
        self.session.add_all(
            Notification(
                task_id=id,
                author_id=author_id,
                person_id=person_id,
                type="assignation",
                read=False,
                change=False,
            )
            for person_id in people
        )
        await self.session.flush()


async def entity_project(session: AsyncSession, entity_id: UUID | None) -> UUID | None:
    """The production of an entity."""
    if entity_id is None:
        return None

    async def look() -> UUID | None:
        found: UUID | None = await session.scalar(select(Entity.project_id).where(Entity.id == entity_id))
        return found

    return await foreseen(session, (PROJECT_OF, entity_id), look)


async def type_of_entity(session: AsyncSession, entity_id: UUID) -> UUID | None:
    """The entity type of an entity."""

    async def look() -> UUID | None:
        query = select(Entity.entity_type_id).where(Entity.id == entity_id)
        found: UUID | None = await session.scalar(query)
        return found

    return await foreseen(session, (TYPE_OF, entity_id), look)


PROJECT_OF, TYPE_OF = "production of entity", "type of entity"


async def foresee_entities(session: AsyncSession, ids: Collection[UUID]) -> None:
    """Look up the productions and types of entities that several changes name, in a session that
    remembers."""
    if ids:
        query = select(Entity.id, Entity.project_id, Entity.entity_type_id).where(among(Entity.id, ids))
        rows = (await session.execute(query)).all()
        keep(session, {(PROJECT_OF, row[0]): row[1] for row in rows})
        keep(session, {(TYPE_OF, row[0]): row[2] for row in rows})


async def foresee_statuses(session: AsyncSession, ids: Collection[UUID]) -> None:
    """Look up the statuses that several changes name or replace, in a session that remembers."""
    if ids:
        rows = (await session.scalars(select(TaskStatus).where(among(TaskStatus.id, ids)))).all()
        keep(session, {(TaskStatus, status.id): status for status in rows})


async def check_same_project(
    session: AsyncSession, name: str, entity_id: UUID | None, project_id: UUID | None
) -> None:
    """Make sure that a row refers to an entity of its own production.

    Raises:
        BadRequest: the entity is of another one, or does not exist.
    """
    if entity_id is not None and await entity_project(session, entity_id) != project_id:
        raise BadRequest(f"{name}: there is no such entity in this production.")


async def entity_type_name(session: AsyncSession, entity_type_id: UUID | None) -> str | None:
    """The name of an entity type."""

    async def look() -> str | None:
        name: str | None = await session.scalar(
            select(EntityType.name).where(EntityType.id == entity_type_id)
        )
        return name

    return await once(session, ("name of entity type", entity_type_id), look)
