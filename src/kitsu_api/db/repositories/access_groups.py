"""Queries on groups of people who may do more than their role."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ScalarSelect, Uuid, delete, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import AccessGroup, AccessGroupMember, Person, ProjectPersonLink
from kitsu_api.db.repositories.bulk import among, insert_rows

Found = tuple[AccessGroup, list[UUID]]
"""A group and its members."""


def _members() -> ScalarSelect[list[UUID]]:
    member = AccessGroupMember
    return (
        select(
            func.coalesce(
                func.array_agg(aggregate_order_by(member.person_id, member.person_id)),
                literal_column("'{}'::uuid[]", ARRAY(Uuid)),
            )
        )
        .where(member.group_id == AccessGroup.id)
        .scalar_subquery()
    )


class AccessGroups:
    """Rows of `kitsu_api_access_group` with their members."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of_projects(self, projects: Collection[UUID] | None, project_id: UUID | None) -> list[Found]:
        """The groups of productions (None: all, and those for all productions), by name."""
        query = select(AccessGroup, _members()).order_by(AccessGroup.name, AccessGroup.id)
        if projects is not None:
            query = query.where(AccessGroup.project_id.in_(list(projects)))
        if project_id is not None:
            query = query.where(AccessGroup.project_id == project_id)
        return [(group, list(ids)) for group, ids in (await self.session.execute(query)).all()]

    async def locked(self, id: UUID) -> Found | None:
        """A group, locked for a change."""
        query = select(AccessGroup, _members()).where(AccessGroup.id == id).with_for_update(of=AccessGroup)
        row = (await self.session.execute(query)).one_or_none()
        return None if row is None else (row[0], list(row[1]))

    async def of_person(self, person_id: UUID) -> Sequence[AccessGroup]:
        """The groups that somebody is in, by name."""
        query = (
            select(AccessGroup)
            .join(AccessGroupMember, AccessGroupMember.group_id == AccessGroup.id)
            .where(AccessGroupMember.person_id == person_id)
        )
        return (await self.session.scalars(query.order_by(AccessGroup.name, AccessGroup.id))).all()

    async def fit(self, person_ids: Collection[UUID], project_id: UUID | None) -> set[UUID]:
        """Those of the people who may be in a group: no guests; of the production's team if it has one."""
        query = select(Person.id).where(among(Person.id, person_ids), Person.is_guest.is_(False))
        if project_id is not None:
            query = query.join(ProjectPersonLink, ProjectPersonLink.person_id == Person.id)
            query = query.where(ProjectPersonLink.project_id == project_id)
        return set((await self.session.scalars(query)).all())

    async def set_members(self, group_id: UUID, person_ids: Collection[UUID]) -> None:
        """Make the members of a group exactly these."""
        await self.session.execute(delete(AccessGroupMember).where(AccessGroupMember.group_id == group_id))
        rows = [{"person_id": id} for id in dict.fromkeys(person_ids)]
        await insert_rows(self.session, AccessGroupMember, rows, group_id=group_id)
