"""Queries on playlists: lists of a production, what may be put in, and what goes with one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.base import Base
from kitsu_api.db.projection import json_array
from kitsu_api.db.projections import PLAYLIST
from kitsu_api.db.repositories.playlist_previews import among
from kitsu_api.db.repositories.records import Page

Condition = ColumnElement[bool]
Sort = Literal["created_at", "updated_at", "name"]

LISTED = frozenset(PLAYLIST.columns()) - {"shots"}
"""What a list shows of a playlist: not what it holds."""

ORDERS: Mapping[Sort, tuple[Any, ...]] = {
    "created_at": (m.Playlist.created_at.desc(), m.Playlist.id),
    "updated_at": (m.Playlist.updated_at.desc(), m.Playlist.id),
    "name": (func.lower(m.Playlist.name), m.Playlist.id),
}


def of_project(project_id: UUID) -> Condition:
    """Playlists of a production."""
    return m.Playlist.project_id == project_id


def of_episode(episode: UUID | Literal["all", "main"]) -> Condition:
    """Playlists of an episode; `main`: of none, `all`: those made for all episodes."""
    if episode == "all":
        return m.Playlist.is_for_all.is_(True)
    if episode == "main":
        return and_(m.Playlist.episode_id.is_(None), m.Playlist.is_for_all.is_not(True))
    return m.Playlist.episode_id == episode


@dataclass(frozen=True)
class Client:
    """A client of a production."""

    id: UUID
    email: str | None
    name: str
    wants_mail: bool
    locale: str | None


class PlaylistRepository:
    """Playlists."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def list_json(
        self, where: Sequence[Condition], sort: Sort = "updated_at", page: Page | None = None
    ) -> bytes:
        """Playlists without what they hold, as a JSON array; newest first, or by name."""
        query = select(*PLAYLIST.columns(fields=LISTED).values()).where(*where).order_by(*ORDERS[sort])
        if page is not None:
            query = query.limit(page.limit).offset(page.offset)
        return await json_array(self.session, query)

    async def entities_in(self, project_id: UUID | None, ids: Collection[UUID]) -> set[UUID]:
        """Those of the entities that are of the production."""
        query = select(m.Entity.id).where(m.Entity.project_id == project_id, among(m.Entity.id, ids))
        return set((await self.session.scalars(query)).all())

    async def entities_of_previews(self, ids: Collection[UUID]) -> dict[UUID, UUID | None]:
        """The entity that each of the previews shows."""
        query = (
            select(m.PreviewFile.id, m.Task.entity_id)
            .join(m.Task, m.Task.id == m.PreviewFile.task_id)
            .where(among(m.PreviewFile.id, ids))
        )
        return {row[0]: row[1] for row in (await self.session.execute(query)).all()}

    async def newest_previews(
        self, entity_ids: Collection[UUID], task_type_id: UUID | None = None
    ) -> dict[UUID, UUID]:
        """The preview of the highest revision of each of the entities that has one; with a task type, among
        the previews of its tasks."""
        if not entity_ids:
            return {}
        file, task = m.PreviewFile, m.Task
        query = (
            select(task.entity_id, file.id)
            .join(file, file.task_id == task.id)
            .where(among(task.entity_id, entity_ids))
            .where(true() if task_type_id is None else task.task_type_id == task_type_id)
            .ext(distinct_on(task.entity_id))
            .order_by(
                task.entity_id,
                file.revision.desc().nulls_last(),
                file.position.asc().nulls_last(),
                file.created_at.desc(),
            )
        )
        return {row[0]: row[1] for row in (await self.session.execute(query)).all() if row[0] is not None}

    async def clients_of(
        self, project_id: UUID | None, studio_id: UUID | None, department_id: UUID | None
    ) -> list[Client]:
        """The active clients in a production's team; with a studio or a department, those of it alone."""
        link, person, member = m.ProjectPersonLink, m.Person, m.DepartmentLink
        query = (
            select(person.id, person.email, func.trim(person.first_name + " " + person.last_name))
            .add_columns(person.notifications_enabled.is_(True), person.locale)
            .join(link, link.person_id == person.id)
            .where(link.project_id == project_id, func.coalesce(link.role, person.role) == "client")
            .where(person.active.is_(True), person.is_guest.is_not(True), person.is_bot.is_not(True))
        )
        if studio_id is not None:
            query = query.where(person.studio_id == studio_id)
        if department_id is not None:
            members = select(member.person_id).where(member.department_id == department_id)
            query = query.where(person.id.in_(members))
        return [Client(*row) for row in (await self.session.execute(query)).all()]

    async def production_and_studio(self, project_id: UUID | None) -> tuple[str, str]:
        """The names of a production and of the studio."""
        studio = select(m.Organisation.name).limit(1).scalar_subquery()
        query = select(m.Project.name, func.coalesce(studio, "Kitsu")).where(m.Project.id == project_id)
        row = (await self.session.execute(query)).one_or_none()
        return ("", "Kitsu") if row is None else (row[0], row[1])

    async def delete_dependents(self, id: UUID) -> None:
        """Delete the rows that point to a playlist: notifications, share links, builds."""
        dependents: tuple[tuple[type[Base], Any], ...] = (
            (m.Notification, m.Notification.playlist_id),
            (m.PlaylistShareLink, m.PlaylistShareLink.playlist_id),
            (m.BuildJob, m.BuildJob.playlist_id),
        )
        for model, column in dependents:
            await self.session.execute(delete(model).where(column == id))
