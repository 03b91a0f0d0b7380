"""Entities of one kind as rows of a sheet: the names that its cells refer to, and the rows themselves.

Ten thousand shots have sixty thousand tasks. The tasks of each come as one text of ids, which is cut
again with the names at hand: no object is made for a task, and the number of statements is always the
same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal_column, or_, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.repositories.boards import Scope
from kitsu_api.db.repositories.entity_lists import OTHER_KINDS
from kitsu_api.db.repositories.export_csv import ID_LENGTH, names_of_people
from kitsu_api.db.repositories.metadata import known_to
from kitsu_api.db.repositories.user_context import Viewer

Condition = ColumnElement[bool]
HOURS_BY_DAY = 8.0
"""Hours of a working day, where no organisation says how many it has."""


@dataclass(frozen=True)
class MetadataColumn:
    """A column that a production adds to its entities."""

    name: str
    field: str
    """The key of its values."""
    data_type: str | None


@dataclass(frozen=True)
class Lookups:
    """What the cells of a sheet of entities refer to; ids are texts."""

    project_name: str
    hours_by_day: float
    metadata: Sequence[MetadataColumn]
    task_types: dict[str, str]
    """Names of the task types of the sheet, in the order of its columns."""
    statuses: dict[str, str]
    """Short names of task statuses."""
    people: dict[str, str]


class EntitySheet:
    """The entities of one kind of a production that a caller sees, canceled ones left out."""

    def __init__(self, session: AsyncSession, project_id: UUID, kind: str, scope: Scope) -> None:
        self.session = session
        self.project_id = project_id
        self.kind = kind
        self.scope = scope

    def _entities(self) -> tuple[Condition, ...]:
        kind = m.EntityType
        name = kind.name.not_in(OTHER_KINDS) if self.kind == "Asset" else kind.name == self.kind
        return (
            m.Entity.project_id == self.project_id,
            m.Entity.entity_type_id.in_(select(kind.id).where(name)),
            m.Entity.canceled.is_not(True),
            *self.scope.where,
        )

    async def lookups(self, viewer: Viewer) -> Lookups:
        """The names that the cells refer to, in a constant number of statements."""
        project = select(m.Project.name).where(m.Project.id == self.project_id)
        hours = select(m.Organisation.hours_by_day).order_by(m.Organisation.created_at).limit(1)
        statuses = await self.session.execute(select(m.TaskStatus.id, m.TaskStatus.short_name))
        return Lookups(
            project_name=await self.session.scalar(project) or "",
            hours_by_day=await self.session.scalar(hours) or HOURS_BY_DAY,
            metadata=await self._metadata(viewer),
            task_types=await self._task_types(viewer),
            statuses={str(id): name for id, name in statuses.all()},
            people=await names_of_people(self.session),
        )

    async def _metadata(self, viewer: Viewer) -> list[MetadataColumn]:
        """The metadata columns of this kind that the viewer may know of."""
        column = m.MetadataDescriptor
        query = (
            select(column.name, column.field_name, column.data_type)
            .where(
                column.project_id == self.project_id,
                column.entity_type == self.kind,
                column.task_type_id.is_(None),
                known_to(viewer),
            )
            .order_by(column.position.nulls_last(), column.name, column.id)
        )
        return [MetadataColumn(*row) for row in (await self.session.execute(query)).all()]

    async def _task_types(self, viewer: Viewer) -> dict[str, str]:
        """The task types that any of the entities has a task of; clients don't see those hidden from them."""
        link, task_type = m.ProjectTaskTypeLink, m.TaskType
        # Materialized: tasks are read from one index at once, not for each entity, in a third of the time.
        shown = select(m.Entity.id).where(*self._entities()).cte("shown").prefix_with("MATERIALIZED")
        used = (
            select(m.Task.task_type_id)
            .join(shown, shown.c.id == m.Task.entity_id)
            .where(m.Task.project_id == self.project_id, *self.scope.tasks)
            .distinct()
        )
        query = (
            select(task_type.id, task_type.name)
            .outerjoin(link, (link.task_type_id == task_type.id) & (link.project_id == self.project_id))
            .where(task_type.id.in_(used))
            .order_by(func.coalesce(link.priority, task_type.priority), task_type.name, task_type.id)
        )
        if self.project_id in viewer.client_of:
            query = query.where(or_(link.id.is_(None), link.is_client_visible.is_not(False)))
        return {str(id): name for id, name in (await self.session.execute(query)).all()}

    def _tasks(self, entity: Any) -> Any:
        """Minutes spent on an entity, and the ids of type, status and person of each of its tasks, the
        oldest first: one text, in which the id of nobody is as long as any."""
        link = m.TaskPersonLink.__table__
        nobody = literal_column(f"repeat(' ', {ID_LENGTH})", Text)
        ids = (
            cast(m.Task.task_type_id, Text)
            .op("||")(cast(m.Task.task_status_id, Text))
            .op("||")(func.coalesce(cast(link.c.person_id, Text), nobody))
        )
        seen = (m.Task.entity_id == entity.c.id, *self.scope.tasks)
        minutes = select(func.coalesce(func.sum(m.Task.duration), 0.0)).where(*seen)
        ordered: Any = aggregate_order_by(literal_column("''"), m.Task.created_at, m.Task.id)
        return (
            select(
                func.string_agg(ids, ordered).label("work"),
                minutes.correlate(entity).scalar_subquery().label("minutes"),
            )
            .select_from(m.Task)
            .outerjoin(link, link.c.task_id == m.Task.id)
            .where(*seen)
            .correlate(entity)
            .lateral("tasks")
        )

    def query(self) -> Select[Any]:
        """The entities by what holds them and by name.

        They are put in order before their tasks are looked up, so that the first rows leave early.
        """
        parent, above, kind = aliased(m.Entity), aliased(m.Entity), m.EntityType
        by_kind = [kind.name] if self.kind == "Asset" else []
        place = [above.name.nulls_first(), parent.name.nulls_first(), m.Entity.name, m.Entity.id]
        entities = (
            select(
                m.Entity.id,
                kind.name.label("kind"),
                above.name.label("above"),
                parent.name.label("parent"),
                m.Entity.name,
                m.Entity.description,
                m.Entity.nb_frames,
                cast(m.Entity.data, Text).label("data"),
            )
            .join(kind, kind.id == m.Entity.entity_type_id)
            .outerjoin(parent, parent.id == m.Entity.parent_id)
            .outerjoin(above, above.id == parent.parent_id)
            .where(*self._entities())
            .order_by(*by_kind, *place)
            .offset(literal_column("0"))  # keeps the planner from taking the order apart
            .subquery("shown")
        )
        tasks = self._tasks(entities)
        return select(*entities.c, tasks.c.work, tasks.c.minutes).select_from(entities).join(tasks, true())
