"""Tasks, their comments and their people, as a sheet writes them: many in one statement."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.repositories.bulk import among, insert_rows, update_rows, values_of

Pair = tuple[UUID, UUID]
"""A task, and somebody."""


class ImportedWork:
    """The tasks of one production."""

    def __init__(self, session: AsyncSession, project_id: UUID) -> None:
        self.session = session
        self.project_id = project_id

    async def most_retakes(self) -> int:
        """How often the production lets a task be sent back; 0 for no limit."""
        query = select(m.Project.max_retakes).where(m.Project.id == self.project_id)
        return int(await self.session.scalar(query) or 0)

    async def add_tasks(self, rows: Sequence[dict[str, Any]], author_id: UUID) -> None:
        """Insert tasks."""
        same = {"name": "main", "project_id": self.project_id, "assigner_id": author_id}
        await insert_rows(self.session, m.Task, rows, **same)

    async def change_tasks(self, rows: Sequence[dict[str, Any]]) -> None:
        """Set columns of tasks; rows that set the same columns go together."""
        groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for row in rows:
            groups.setdefault(tuple(sorted(row)), []).append({name: row[name] for name in sorted(row)})
        for group in groups.values():
            await update_rows(self.session, m.Task, group)

    async def add_comments(self, rows: Sequence[dict[str, Any]], author_id: UUID) -> None:
        """Insert comments without words, that only set a status."""
        same: dict[str, Any] = {
            "object_type": "Task",
            "text": "",
            "person_id": author_id,
            "for_client": False,
        }
        await insert_rows(self.session, m.Comment, rows, **same, checklist=[], replies=[], links=[])

    async def add_news(self, rows: Sequence[dict[str, Any]], author_id: UUID) -> None:
        """Insert news of changed statuses."""
        moment = now().replace(microsecond=0)
        rows = [{**row, "created_at": moment, "updated_at": moment} for row in rows]
        await insert_rows(self.session, m.News, rows, author_id=author_id, change=True)

    async def add_notifications(self, rows: Sequence[dict[str, Any]], author_id: UUID) -> None:
        """Insert notifications of comments."""
        same: dict[str, Any] = {"author_id": author_id, "type": "comment", "read": False, "change": True}
        await insert_rows(self.session, m.Notification, rows, **same)

    async def readers(self, task_ids: Collection[UUID], author_id: UUID) -> list[Pair]:
        """Who is told of comments on tasks: those who work on them, and those who follow them or the tasks of
        their type in their sequence; neither the author, nor clients, nor who is not active."""
        task, entity, subscription = aliased(m.Task), aliased(m.Entity), aliased(m.Subscription)
        link = m.TaskPersonLink
        ids = list(task_ids)
        follows = or_(
            subscription.task_id == task.id,
            and_(
                subscription.task_type_id == task.task_type_id,
                subscription.entity_id.in_([entity.id, entity.parent_id]),
            ),
        )
        involved = (
            select(link.task_id, link.person_id)
            .where(among(link.task_id, ids))
            .union(
                select(task.id, subscription.person_id)
                .join(entity, entity.id == task.entity_id)
                .join(subscription, follows)
                .where(among(task.id, ids))
            )
            .subquery("involved")
        )
        person, member = aliased(m.Person), aliased(m.ProjectPersonLink)
        query = (
            select(involved.c.task_id, involved.c.person_id)
            .join(person, person.id == involved.c.person_id)
            .outerjoin(member, and_(member.person_id == person.id, member.project_id == self.project_id))
            .where(
                person.id != author_id,
                person.active.is_(True),
                person.is_bot.is_(False),
                func.coalesce(member.role, person.role) != "client",
            )
            .order_by(involved.c.task_id, involved.c.person_id)
        )
        return [(row[0], row[1]) for row in (await self.session.execute(query)).all()]

    async def assign(self, pairs: Collection[Pair]) -> None:
        """Put people on tasks; who is on one already stays so."""
        if not pairs:
            return
        rows = [{"task_id": task_id, "person_id": person_id} for task_id, person_id in pairs]
        fresh = values_of(m.TaskPersonLink, rows)
        statement = insert(m.TaskPersonLink).from_select(["task_id", "person_id"], select(fresh))
        await self.session.execute(statement.on_conflict_do_nothing())

    async def unassign(self, pairs: Collection[Pair]) -> None:
        """Take people off tasks."""
        if not pairs:
            return
        link = m.TaskPersonLink
        rows = [{"task_id": task_id, "person_id": person_id} for task_id, person_id in pairs]
        gone = values_of(link, rows)
        await self.session.execute(
            delete(link).where(link.task_id == gone.c.task_id, link.person_id == gone.c.person_id)
        )

    async def set_assigner(self, task_ids: Collection[UUID], author_id: UUID) -> None:
        """Note who handed out tasks."""
        change = update(m.Task).where(among(m.Task.id, task_ids))
        await self.session.execute(
            change.values(assigner_id=author_id, updated_at=now()).execution_options(
                synchronize_session=False
            )
        )

    async def join_team(self, person_ids: Collection[UUID]) -> bool:
        """Put people into the team of the production; whether any was not in it."""
        rows = [{"project_id": self.project_id, "person_id": id} for id in sorted(person_ids)]
        statement = insert(m.ProjectPersonLink).values(rows).on_conflict_do_nothing()
        joined = (await self.session.scalars(statement.returning(m.ProjectPersonLink.person_id))).all()
        if joined:
            await self.session.execute(
                update(m.Project).where(m.Project.id == self.project_id).values(updated_at=now())
            )
        return bool(joined)

    async def automations(self) -> Sequence[m.StatusAutomation]:
        """The automations that the production has chosen."""
        link, automation = m.ProjectStatusAutomationLink, m.StatusAutomation
        query = (
            select(automation)
            .join(link, link.status_automation_id == automation.id)
            .where(link.project_id == self.project_id, automation.archived.is_not(True))
            .order_by(automation.created_at, automation.id)
        )
        return (await self.session.scalars(query)).all()

    async def set_ready_for(self, entity_ids: Collection[UUID], task_type_id: UUID) -> list[UUID]:
        """Note what entities are ready for; those to which that is new."""
        entity = m.Entity
        change = (
            update(entity)
            .where(among(entity.id, entity_ids), entity.ready_for.is_distinct_from(task_type_id))
            .values(ready_for=task_type_id, updated_at=now())
            .returning(entity.id)
            .execution_options(synchronize_session=False)
        )
        return list((await self.session.scalars(change)).all())

    async def oldest_tasks(self, places: Collection[Pair]) -> dict[Pair, m.Task]:
        """The tasks of pairs of an entity and a task type, as they are now, locked."""
        task = m.Task
        query = (
            select(task)
            .where(among(task.entity_id, [place[0] for place in places]))
            .where(among(task.task_type_id, list({place[1] for place in places})))
            .order_by(task.created_at.desc(), task.id.desc())
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        found: dict[Pair, m.Task] = {}
        for row in (await self.session.scalars(query)).all():
            if row.entity_id is not None and row.task_type_id is not None:
                found[row.entity_id, row.task_type_id] = row
        return found
