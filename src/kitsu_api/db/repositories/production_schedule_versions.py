"""Queries on versions of a schedule: the tasks that they plan, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.projection import json_array
from kitsu_api.db.projections import SCHEDULE_VERSION_TASK

Planned = m.ProductionScheduleVersionTaskLink
Assignee = m.ProductionScheduleVersionTaskLinkPersonLink


@dataclass(frozen=True)
class Assignation:
    """Somebody on a task."""

    task_id: UUID
    person_id: UUID


class VersionRepository:
    """The tasks of schedule versions."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, id: UUID) -> m.ProductionScheduleVersion | None:
        """A version, or None."""
        return await self.session.get(m.ProductionScheduleVersion, id)

    async def lock(self, id: UUID) -> m.ProductionScheduleVersion:
        """A version that is there, locked for a change and as it now is."""
        return await self.session.get_one(
            m.ProductionScheduleVersion, id, with_for_update=True, populate_existing=True
        )

    async def task_links_json(self, version_id: UUID, task_type_id: UUID | None, relations: bool) -> bytes:
        """The tasks of a version, all or those of one task type."""
        columns = SCHEDULE_VERSION_TASK.columns(relations=relations).values()
        query = select(*columns).where(Planned.production_schedule_version_id == version_id)
        if task_type_id is not None:
            tasks = select(m.Task.id).where(m.Task.task_type_id == task_type_id)
            query = query.where(Planned.task_id.in_(tasks))
        return await json_array(self.session, query.order_by(Planned.created_at, Planned.id))

    async def clear(self, version_id: UUID) -> None:
        """Take all tasks out of a version."""
        await self.session.execute(
            delete(Planned).where(Planned.production_schedule_version_id == version_id)
        )

    async def copy_production(self, version_id: UUID, project_id: UUID) -> int:
        """Put the tasks of a production into an empty version as they are; how many there are."""
        task = m.Task
        plan = select(task.id, task.start_date, task.due_date, task.estimation)
        await self._add(version_id, plan.where(task.project_id == project_id))
        link = m.TaskPersonLink
        people = select(Planned.id, link.person_id).join(link, link.task_id == Planned.task_id)
        return await self._add_people(version_id, people)

    async def copy_version(self, version_id: UUID, source_id: UUID) -> int:
        """Put the tasks of another version into an empty one; how many there are."""
        source = m.ProductionScheduleVersionTaskLink.__table__.alias("source")
        people = m.ProductionScheduleVersionTaskLinkPersonLink.__table__.alias("people")
        plan = select(source.c.task_id, source.c.start_date, source.c.due_date, source.c.estimation)
        await self._add(version_id, plan.where(source.c.production_schedule_version_id == source_id))
        same = (source.c.task_id == Planned.task_id) & (source.c.production_schedule_version_id == source_id)
        links = (
            select(Planned.id, people.c.person_id)
            .join(source, same)
            .join(people, people.c.production_schedule_version_task_link_id == source.c.id)
        )
        return await self._add_people(version_id, links)

    async def _add(self, version_id: UUID, plan: Select[Any, Any, Any, Any]) -> None:
        moment = now()
        names = ["task_id", "start_date", "due_date", "estimation"]
        more: dict[str, Any] = {
            "id": func.gen_random_uuid(),
            "production_schedule_version_id": version_id,
            "created_at": moment,
            "updated_at": moment,
        }
        columns = [_as_column(name, value) for name, value in more.items()]
        await self.session.execute(
            insert(Planned).from_select([*names, *more], plan.add_columns(*columns), include_defaults=False)
        )

    async def _add_people(self, version_id: UUID, links: Select[Any, Any]) -> int:
        mine = Planned.production_schedule_version_id == version_id
        names = ["production_schedule_version_task_link_id", "person_id"]
        await self.session.execute(insert(Assignee).from_select(names, links.where(mine)))
        return int(await self.session.scalar(select(func.count()).select_from(Planned).where(mine)) or 0)

    async def apply(self, version_id: UUID) -> Sequence[UUID]:
        """Give the tasks of a version its dates and estimations; their ids."""
        task = m.Task
        statement = (
            update(task)
            .where(task.id == Planned.task_id, Planned.production_schedule_version_id == version_id)
            .values(
                start_date=Planned.start_date,
                due_date=Planned.due_date,
                estimation=Planned.estimation,
                updated_at=now(),
            )
            .returning(task.id)
            .execution_options(synchronize_session=False)
        )
        return (await self.session.scalars(statement)).all()

    async def reassign(self, version_id: UUID) -> tuple[list[Assignation], list[Assignation]]:
        """Give the tasks of a version its assignees; who came, and who went."""
        link = m.TaskPersonLink
        planned = (
            select(Planned.task_id, Assignee.person_id)
            .join(Assignee, Assignee.production_schedule_version_task_link_id == Planned.id)
            .where(Planned.production_schedule_version_id == version_id)
        )
        tasks = select(Planned.task_id).where(Planned.production_schedule_version_id == version_id)
        held = select(link.task_id, link.person_id).where(link.task_id.in_(tasks))
        wanted = {Assignation(*row) for row in (await self.session.execute(planned)).all()}
        present = {Assignation(*row) for row in (await self.session.execute(held)).all()}
        gone = sorted(present - wanted, key=str)
        new = sorted(wanted - present, key=str)
        pairs = [(pair.task_id, pair.person_id) for pair in gone]
        await self.session.execute(delete(link).where(tuple_(link.task_id, link.person_id).in_(pairs)))
        self.session.add_all(link(task_id=pair.task_id, person_id=pair.person_id) for pair in new)
        await self.session.flush()
        return new, gone


def _as_column(name: str, value: Any) -> Any:
    if name == "id":
        return value
    return literal(value, Planned.__table__.c[name].type)
