"""Where somebody's tasks lie: the part of each production that they work on."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db import projections as p
from kitsu_api.db import scopes
from kitsu_api.db.projection import json_array, json_object
from kitsu_api.db.repositories.entity_lists import assets, of_kind

Condition = ColumnElement[bool]


def _worked_on(person_id: UUID) -> Select[Any]:
    """The ids of the entities that somebody has a task on."""
    task = aliased(m.Task)
    return select(task.entity_id).where(task.id.in_(scopes.tasks_of(person_id)))


def _holding(ids: Select[Any]) -> Select[Any]:
    """The ids of what holds these entities."""
    entity = aliased(m.Entity)
    return select(entity.parent_id).where(entity.id.in_(ids), entity.parent_id.is_not(None))


class UserWork:
    """What one person works on; each list is one statement.

    `metadata` is what they may see of the metadata of entities; None stands for all of it. `within` are the
    productions that count; None: all.
    """

    def __init__(
        self,
        session: AsyncSession,
        person_id: UUID,
        metadata: ColumnElement[Any] | None = None,
        within: Collection[UUID] | None = None,
    ) -> None:
        self.session = session
        self.person_id = person_id
        self.metadata = metadata
        self.within = within

    async def _entities(self, *where: Condition) -> bytes:
        columns = p.ENTITY.columns()
        if self.metadata is not None:
            columns["data"] = self.metadata.label("data")
        query = select(*columns.values()).where(*where, scopes.in_projects(m.Entity.project_id, self.within))
        return await json_array(self.session, query.order_by(m.Entity.name, m.Entity.id))

    async def asset_types_json(self, project_id: UUID) -> bytes:
        """The types of the assets that the person works on in a production."""
        worked_on = select(m.Entity.entity_type_id).where(
            m.Entity.project_id == project_id, m.Entity.id.in_(_worked_on(self.person_id)), assets()
        )
        query = select(*p.ASSET_TYPE.columns().values()).where(m.EntityType.id.in_(worked_on))
        return await json_array(self.session, query.order_by(m.EntityType.name, m.EntityType.id))

    async def assets_json(self, project_id: UUID, asset_type_id: UUID) -> bytes:
        """The assets of a type that the person works on."""
        return await self._entities(
            m.Entity.project_id == project_id,
            m.Entity.entity_type_id == asset_type_id,
            m.Entity.id.in_(_worked_on(self.person_id)),
            assets(),
        )

    async def sequences_json(self, project_id: UUID) -> bytes:
        """The sequences that the person works on, or on something in them."""
        mine = _worked_on(self.person_id)
        return await self._entities(
            m.Entity.project_id == project_id,
            m.Entity.id.in_(mine) | m.Entity.id.in_(_holding(mine)),
            of_kind("Sequence"),
        )

    async def episodes_json(self, project_id: UUID) -> bytes:
        """The episodes that the person works on, or on something in them."""
        mine = _worked_on(self.person_id)
        return await self._entities(
            m.Entity.project_id == project_id,
            m.Entity.id.in_(mine)
            | m.Entity.id.in_(_holding(mine))
            | m.Entity.id.in_(_holding(_holding(mine))),
            of_kind("Episode"),
        )

    async def held_json(self, kind: str, parent_id: UUID) -> bytes:
        """The shots or scenes of a sequence that the person works on."""
        return await self._entities(
            m.Entity.parent_id == parent_id, m.Entity.id.in_(_worked_on(self.person_id)), of_kind(kind)
        )

    async def tasks_json(self, entity_id: UUID) -> bytes:
        """The person's tasks on an entity."""
        query = select(*p.TASK.columns().values()).where(
            m.Task.entity_id == entity_id,
            m.Task.id.in_(scopes.tasks_of(self.person_id)),
            scopes.in_projects(m.Task.project_id, self.within),
        )
        return await json_array(self.session, query.order_by(m.Task.created_at, m.Task.id))

    async def task_types_json(self, entity_id: UUID) -> bytes:
        """The types of the person's tasks on an entity."""
        task = aliased(m.Task)
        mine = select(task.task_type_id).where(
            task.entity_id == entity_id,
            task.id.in_(scopes.tasks_of(self.person_id)),
            scopes.in_projects(task.project_id, self.within),
        )
        query = select(*p.TASK_TYPE.columns().values()).where(m.TaskType.id.in_(mine))
        return await json_array(self.session, query.order_by(m.TaskType.priority, m.TaskType.name))

    async def time_spents_json(self, first: Any, last: Any) -> bytes:
        """The person's hours of some days (None: of all), with where their tasks lie."""
        columns = [
            *p.TIME_SPENT.columns().values(),
            m.Task.project_id.label("project_id"),
            m.Task.task_type_id.label("task_type_id"),
        ]
        query = (
            select(*columns)
            .join(m.Task, m.Task.id == m.TimeSpent.task_id)
            .where(
                m.TimeSpent.person_id == self.person_id, scopes.in_projects(m.Task.project_id, self.within)
            )
        )
        if first is not None:
            query = query.where(m.TimeSpent.date.between(first, last))
        return await json_array(self.session, query.order_by(m.TimeSpent.date, m.TimeSpent.id))

    async def time_spents_of_day_json(self, day: Any) -> bytes:
        """The person's hours of a day."""
        query = select(*p.TIME_SPENT.columns().values()).where(
            m.TimeSpent.person_id == self.person_id,
            m.TimeSpent.date == day,
            scopes.time_spents(self.within),
        )
        return await json_array(self.session, query.order_by(m.TimeSpent.created_at, m.TimeSpent.id))

    async def time_spent_json(self, task_id: UUID, day: Any) -> bytes | None:
        """The person's time on a task on a day; None when none was noted."""
        query = select(*p.TIME_SPENT.columns().values()).where(
            m.TimeSpent.person_id == self.person_id,
            m.TimeSpent.task_id == task_id,
            m.TimeSpent.date == day,
            scopes.time_spents(self.within),
        )
        return await json_object(self.session, query)

    async def day_off_json(self, day: Any) -> bytes | None:
        """The person's day off that a day lies in; None when they work."""
        query = select(*p.DAY_OFF.columns().values()).where(
            m.DayOff.person_id == self.person_id, m.DayOff.date <= day, m.DayOff.end_date >= day
        )
        return await json_object(self.session, query)

    async def desktop_login_logs_json(self) -> bytes:
        """When the person began to work at their desk, newest first."""
        query = select(*p.DESKTOP_LOGIN_LOG.columns().values()).where(
            m.DesktopLoginLog.person_id == self.person_id
        )
        newest_first = query.order_by(m.DesktopLoginLog.date.desc(), m.DesktopLoginLog.id)
        return await json_array(self.session, newest_first)
