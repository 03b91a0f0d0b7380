"""Who works on what: assignments of many tasks in a constant number of statements."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, Uuid, and_, delete, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.projection import json_array
from kitsu_api.db.projections import TASK
from kitsu_api.db.repositories.bulk import among, insert_rows


@dataclass(frozen=True)
class TaskPlace:
    """A task, and what decides who may change it."""

    id: UUID
    project_id: UUID | None
    department_id: UUID | None
    """Of its task type."""
    open_to_bots: bool
    """Whether its production lets bots work."""


class Assignations:
    """Links of tasks and people."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def places(self, ids: Collection[UUID]) -> dict[UUID, TaskPlace]:
        """The tasks of these ids that there are, locked, by id."""
        query = (
            select(
                m.Task.id,
                m.Task.project_id,
                m.TaskType.department_id,
                func.coalesce(m.Project.is_bot_collaboration_enabled, False),
            )
            .outerjoin(m.TaskType, m.TaskType.id == m.Task.task_type_id)
            .outerjoin(m.Project, m.Project.id == m.Task.project_id)
            .where(among(m.Task.id, ids))
            .order_by(m.Task.id)
            .with_for_update(of=m.Task)
        )
        return {row[0]: TaskPlace(*row) for row in (await self.session.execute(query)).all()}

    async def is_bot(self, person_id: UUID) -> bool | None:
        """Whether a person is a bot; None when there is no such person, or they are a guest."""
        query = select(m.Person.is_bot).where(m.Person.id == person_id, m.Person.is_guest.is_not(True))
        row = (await self.session.execute(query)).one_or_none()
        return None if row is None else bool(row[0])

    async def assigned(self, ids: Collection[UUID], person_id: UUID) -> set[UUID]:
        """Those of the tasks that a person is assigned to."""
        link = m.TaskPersonLink
        query = select(link.task_id).where(link.person_id == person_id, among(link.task_id, ids))
        return set((await self.session.scalars(query)).all())

    async def assign(self, ids: Collection[UUID], person_id: UUID, author_id: UUID) -> None:
        """Link a person to tasks; whoever is linked already stays so."""
        links = select(func.unnest(literal(list(ids), ARRAY(Uuid()))), literal(person_id, Uuid()))
        pair = insert(m.TaskPersonLink).from_select(["task_id", "person_id"], links)
        await self.session.execute(pair.on_conflict_do_nothing())
        change = update(m.Task).where(among(m.Task.id, ids))
        await self.session.execute(change.values(assigner_id=author_id, updated_at=now()))

    async def notify(self, ids: Collection[UUID], person_id: UUID, author_id: UUID) -> dict[UUID, UUID]:
        """Tell a person that they were assigned to tasks; the notification of each."""
        made = {id: uuid4() for id in ids}
        await insert_rows(
            self.session,
            m.Notification,
            [{"id": id, "task_id": task_id} for task_id, id in made.items()],
            author_id=author_id,
            person_id=person_id,
            type="assignation",
            read=False,
            change=False,
        )
        return made

    async def join_teams(self, project_ids: Collection[UUID], person_id: UUID) -> list[UUID]:
        """Put a person into the teams of productions; those that they were not in before."""
        if not project_ids:
            return []
        rows = [{"project_id": id, "person_id": person_id} for id in sorted(project_ids)]
        statement = insert(m.ProjectPersonLink).values(rows).on_conflict_do_nothing()
        joined = list((await self.session.scalars(statement.returning(m.ProjectPersonLink.project_id))).all())
        if joined:
            change = update(m.Project).where(m.Project.id.in_(joined)).values(updated_at=now())
            await self.session.execute(change)
        return joined

    async def closed_to(self, project_id: UUID | None, people: Collection[UUID]) -> bool:
        """Whether some of the people are bots, and the production lets none work."""
        opened = select(m.Project.id).where(
            m.Project.id == project_id, m.Project.is_bot_collaboration_enabled.is_(True)
        )
        bots = select(m.Person.id).where(m.Person.id.in_(list(people)), m.Person.is_bot.is_(True))
        return bool(await self.session.scalar(select(and_(bots.exists(), ~opened.exists()))))

    async def let_in(self, project_id: UUID, people: Collection[UUID]) -> bool:
        """Put people into the team of a production; whether there is somebody who was not in it before."""
        rows = [{"project_id": project_id, "person_id": id} for id in sorted(people)]
        statement = insert(m.ProjectPersonLink).values(rows).on_conflict_do_nothing()
        joined = (await self.session.scalars(statement.returning(m.ProjectPersonLink.person_id))).all()
        if joined:
            change = update(m.Project).where(m.Project.id == project_id).values(updated_at=now())
            await self.session.execute(change)
        return bool(joined)

    async def clear(self, ids: Collection[UUID], person_id: UUID | None) -> list[tuple[UUID, UUID]]:
        """Take a person, or everybody, off tasks; the pairs of task and person that were."""
        link = m.TaskPersonLink
        statement = delete(link).where(among(link.task_id, ids))
        if person_id is not None:
            statement = statement.where(link.person_id == person_id)
        rows = await self.session.execute(statement.returning(link.task_id, link.person_id))
        change = update(m.Task).where(among(m.Task.id, ids)).values(updated_at=now())
        await self.session.execute(change)
        return sorted((row[0], row[1]) for row in rows)

    async def set_priority(self, ids: Collection[UUID], priority: int) -> None:
        """Set the priority of tasks."""
        change = update(m.Task).where(among(m.Task.id, ids))
        await self.session.execute(change.values(priority=priority, updated_at=now()))

    async def is_assigned(self, task_id: UUID, person_id: UUID) -> bool:
        """Whether a person works on a task."""
        link = m.TaskPersonLink
        query = select(exists().where(link.task_id == task_id, link.person_id == person_id))
        return bool(await self.session.scalar(query))

    async def tasks_json(self, ids: Collection[UUID]) -> bytes:
        """Tasks with their assignees as a JSON array, oldest first."""
        query = (
            select(*TASK.columns(relations=True).values())
            .where(among(m.Task.id, ids))
            .order_by(m.Task.created_at, m.Task.id)
        )
        return await json_array(self.session, query)
