"""Queries on the people of a production."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import delete, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import Person, ProjectPersonLink
from kitsu_api.db.projection import json_array
from kitsu_api.db.projections import PERSON


class ProjectTeam:
    """The team of one production."""

    def __init__(self, session: AsyncSession, project_id: UUID) -> None:
        self.session = session
        self.project_id = project_id

    async def list_json(self, masked: Collection[str]) -> bytes:
        """The people of the team by name, without the `masked` columns, each with the role held here."""
        role = ProjectPersonLink.role.label("project_role")
        query = (
            select(*PERSON.columns(relations=True, masked=masked).values(), role)
            .join(ProjectPersonLink, ProjectPersonLink.person_id == Person.id)
            .where(ProjectPersonLink.project_id == self.project_id)
            .order_by(Person.first_name, Person.last_name, Person.id)
        )
        return await json_array(self.session, query)

    async def add(self, person_id: UUID) -> bool:
        """Put somebody into the team; whether they were not in it before."""
        statement = insert(ProjectPersonLink).values(project_id=self.project_id, person_id=person_id)
        added = await self.session.scalars(
            statement.on_conflict_do_nothing().returning(ProjectPersonLink.person_id)
        )
        return bool(added.all())

    async def set_role(self, person_id: UUID, role: str | None) -> bool:
        """Set the role that a member holds here; whether there is such a member."""
        found = await self.session.scalars(
            update(ProjectPersonLink)
            .where(*self._link(person_id))
            .values(role=role)
            .returning(ProjectPersonLink.person_id)
        )
        return bool(found.all())

    async def role_of(self, person_id: UUID) -> tuple[bool, str | None]:
        """Whether somebody is in the team, and the role held here."""
        query = select(literal(True), ProjectPersonLink.role).where(*self._link(person_id))
        row = (await self.session.execute(query)).one_or_none()
        return (False, None) if row is None else (True, row[1])

    async def remove(self, person_id: UUID) -> bool:
        """Take somebody out of the team; whether they were in it."""
        gone = await self.session.scalars(
            delete(ProjectPersonLink).where(*self._link(person_id)).returning(ProjectPersonLink.person_id)
        )
        return bool(gone.all())

    def _link(self, person_id: UUID) -> tuple[Any, Any]:
        return (ProjectPersonLink.project_id == self.project_id, ProjectPersonLink.person_id == person_id)
