"""What a change of a task's status looks up and touches."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BindParameter,
    Select,
    Uuid,
    any_,
    bindparam,
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
)
from kitsu_api.db.prepared import Statements
from kitsu_api.db.repositories.locks import lock_of


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


class StatusChanges:
    """Rules of a production, and the tasks that they reach."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def most_retakes(self, task: Task) -> int:
        """How often a task may be sent back: what its entity says, else its production; 0 for no limit."""
        of_project = select(Project.max_retakes).where(Project.id == task.project_id).scalar_subquery()
        query = select(Entity.data["max_retakes"].astext, of_project).where(Entity.id == task.entity_id)
        row = (await self.session.execute(query)).one_or_none()
        if row is None:
            return 0
        own = row[0] or ""
        return int(own) if own.isdigit() and len(own) < 10 else int(row[1] or 0)

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
        query = select(Task).where(Task.id.in_(ids)).order_by(Task.id).with_for_update()
        rows = await self.session.scalars(query.execution_options(populate_existing=True))
        return {task.id: task for task in rows.all()}

    async def client_allowed(self, project_id: UUID | None, task_status_id: UUID) -> bool | None:
        """Whether a production opens a status to its clients; None where it says nothing of its own."""
        link = ProjectTaskStatusLink
        query = select(link.is_client_allowed).where(
            link.project_id == project_id, link.task_status_id == task_status_id
        )
        allowed: bool | None = await self.session.scalar(query)
        return allowed
