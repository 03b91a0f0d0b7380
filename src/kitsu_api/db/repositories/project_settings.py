"""What a production has chosen from the library: types, statuses, automations, backgrounds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db import projections as p
from kitsu_api.db.base import now
from kitsu_api.db.projection import Projection, json_array, json_object


@dataclass(frozen=True)
class Setting:
    """A table that links productions to rows of the library."""

    table: Any
    column: str
    """The link's column that holds the other id."""
    model: Any
    projection: Projection


ASSET_TYPES = Setting(m.ProjectAssetTypeLink, "asset_type_id", m.EntityType, p.ENTITY_TYPE)
TASK_TYPES = Setting(m.ProjectTaskTypeLink, "task_type_id", m.TaskType, p.TASK_TYPE)
TASK_STATUSES = Setting(m.ProjectTaskStatusLink, "task_status_id", m.TaskStatus, p.TASK_STATUS)
STATUS_AUTOMATIONS = Setting(
    m.ProjectStatusAutomationLink, "status_automation_id", m.StatusAutomation, p.STATUS_AUTOMATION
)
BACKGROUNDS = Setting(
    m.ProjectPreviewBackgroundFileLink,
    "preview_background_file_id",
    m.PreviewBackgroundFile,
    p.PREVIEW_BACKGROUND_FILE,
)


class ProjectSettings:
    """The library of one production."""

    def __init__(self, session: AsyncSession, project_id: UUID) -> None:
        self.session = session
        self.project_id = project_id

    async def list_json(self, setting: Setting) -> bytes:
        """The rows of the library that the production has chosen."""
        link = setting.table
        chosen = select(getattr(link, setting.column)).where(link.project_id == self.project_id)
        query = select(*setting.projection.columns().values()).where(setting.model.id.in_(chosen))
        return await json_array(self.session, query.order_by(setting.model.created_at, setting.model.id))

    async def existing(self, setting: Setting, ids: Collection[UUID]) -> set[UUID]:
        """Those of the ids that the library has."""
        query = select(setting.model.id).where(setting.model.id.in_(list(ids)))
        return set((await self.session.scalars(query)).all())

    async def choose(self, setting: Setting, id: UUID, values: Mapping[str, Any]) -> None:
        """Add a row of the library, or change what the production sets for it."""
        table = setting.table
        changes = dict(values)
        if changes and "updated_at" in table.__table__.columns:
            changes["updated_at"] = now()
        statement = insert(table).values(project_id=self.project_id, **{setting.column: id}, **values)
        keys = ["project_id", setting.column]
        if changes:
            statement = statement.on_conflict_do_update(index_elements=keys, set_=changes)
        else:
            statement = statement.on_conflict_do_nothing(index_elements=keys)
        await self.session.execute(statement)

    async def drop(self, setting: Setting, id: UUID) -> bool:
        """Take a row of the library out; whether it was in."""
        table = setting.table
        statement = delete(table).where(
            table.project_id == self.project_id, getattr(table, setting.column) == id
        )
        gone = await self.session.scalars(statement.returning(getattr(table, setting.column)))
        return bool(gone.all())

    async def keep_only(self, setting: Setting, ids: Collection[UUID]) -> None:
        """Take out all rows of the library but these."""
        table = setting.table
        await self.session.execute(
            delete(table).where(
                table.project_id == self.project_id, getattr(table, setting.column).not_in(list(ids))
            )
        )

    async def link_json(self, setting: Setting, id: UUID) -> bytes | None:
        """What the production sets for a row of the library; None when it has not chosen it."""
        table = setting.table
        columns = Projection(table, table.__name__).columns().values()
        query = select(*columns).where(
            table.project_id == self.project_id, getattr(table, setting.column) == id
        )
        return await json_object(self.session, query)
