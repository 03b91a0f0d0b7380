"""Queries on the softwares that a production works with, task type by task type."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import ProjectTaskTypeSoftwareLink, Software
from kitsu_api.db.projection import json_array


class ProjectSoftwares:
    """The softwares of one production."""

    def __init__(self, session: AsyncSession, project_id: UUID) -> None:
        self.session = session
        self.project_id = project_id

    async def list_json(self) -> bytes:
        """Which software is for which task type, by the software's name."""
        link = ProjectTaskTypeSoftwareLink
        columns: tuple[Any, ...] = (link.project_id, link.task_type_id, link.software_id)
        query = (
            select(*columns)
            .join(Software, Software.id == link.software_id)
            .where(link.project_id == self.project_id)
            .order_by(Software.name, link.task_type_id, link.software_id)
        )
        return await json_array(self.session, query)

    async def add(self, task_type_id: UUID, software_id: UUID) -> bool:
        """Choose a software for a task type; whether it was not chosen before."""
        link = ProjectTaskTypeSoftwareLink
        statement = insert(link).values(
            project_id=self.project_id, task_type_id=task_type_id, software_id=software_id
        )
        added = await self.session.scalars(statement.on_conflict_do_nothing().returning(link.id))
        return bool(added.all())

    async def remove(self, task_type_id: UUID, software_id: UUID) -> bool:
        """No longer choose a software for a task type; whether it was chosen."""
        link = ProjectTaskTypeSoftwareLink
        gone = await self.session.scalars(
            delete(link)
            .where(
                link.project_id == self.project_id,
                link.task_type_id == task_type_id,
                link.software_id == software_id,
            )
            .returning(link.id)
        )
        return bool(gone.all())
