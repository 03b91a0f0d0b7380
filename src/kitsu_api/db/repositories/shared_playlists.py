"""What guests of a share link are shown of its playlist."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db import projections as p
from kitsu_api.db.projection import json_array, json_object
from kitsu_api.db.repositories.playlist_sharing import SharedThings
from kitsu_api.db.repositories.task_comments import attachments, status_card
from kitsu_api.db.repositories.user_context import rows

PLACED = frozenset(p.NAMED_KINDS)
"""Kinds of entities that lie in others; assets lie in their type."""


def _author() -> ColumnElement[Any]:
    """Who said something, and whether it was a guest."""
    person = aliased(m.Person)
    names = ("id", "first_name", "last_name", "has_avatar", "role", "is_guest")
    pairs = [part for name in names for part in (name, getattr(person, name))]
    card = func.json_build_object(*pairs, "full_name", func.trim(person.first_name + " " + person.last_name))
    found = select(card).where(person.id == m.Comment.person_id).correlate(m.Comment)
    return found.scalar_subquery()


def _task_types() -> ColumnElement[Any]:
    """The task types of the production, in its order."""
    link, kind = m.ProjectTaskTypeLink, m.TaskType
    query: Any = (
        select(kind.id, kind.name, kind.color, kind.for_entity)
        .join(link, link.task_type_id == kind.id)
        .where(link.project_id == m.Project.id)
        .order_by(link.priority, kind.name)
        .correlate(m.Project)
    )
    return rows(query)


def _task_statuses() -> ColumnElement[Any]:
    """The statuses of the production, in its order; what it says of its clients counts for guests."""
    link, status = m.ProjectTaskStatusLink, m.TaskStatus
    allowed = func.coalesce(link.is_client_allowed, status.is_client_allowed).label("is_client_allowed")
    own = (status.id, status.name, status.short_name, status.color, status.is_default, status.for_concept)
    query: Any = (
        select(*own, allowed)
        .join(link, link.task_status_id == status.id)
        .where(link.project_id == m.Project.id)
        .order_by(link.priority, status.name)
        .correlate(m.Project)
    )
    return rows(query)


class SharedPlaylists:
    """What guests are shown of a playlist; each list is one statement."""

    def __init__(self, session: AsyncSession, things: SharedThings) -> None:
        self.session = session
        self.things = things

    async def entities(self) -> dict[UUID, tuple[str, str]]:
        """Names of the entities that are reviewed, and of what they are in: the type of an asset, the
        sequence of a shot, the parent of anything else."""
        entity, parent, kind = m.Entity, aliased(m.Entity), m.EntityType
        query = (
            select(entity.id, entity.name, parent.name, kind.name)
            .join(kind, kind.id == entity.entity_type_id)
            .outerjoin(parent, parent.id == entity.parent_id)
            .where(
                entity.id.in_(list(self.things.entries.entities)), entity.project_id == self.things.project_id
            )
        )
        rows = (await self.session.execute(query)).all()
        return {row[0]: (row[1], row[2] or ("" if row[3] in PLACED else row[3])) for row in rows}

    async def previews(self) -> list[m.PreviewFile]:
        """The previews that are shown, and those beside them, in their order."""
        file = m.PreviewFile
        query = select(file).where(self.things.previews()).order_by(file.position, file.created_at)
        return list((await self.session.scalars(query)).all())

    async def tasks(self) -> dict[UUID, tuple[m.TaskType | None, str | None]]:
        """Type and colour of the status of each task of the playlist."""
        task, kind, status = m.Task, m.TaskType, m.TaskStatus
        query = (
            select(task.id, kind, status.color)
            .outerjoin(kind, kind.id == task.task_type_id)
            .outerjoin(status, status.id == task.task_status_id)
            .where(self.things.tasks(task.id))
        )
        return {row[0]: (row[1], row[2]) for row in (await self.session.execute(query)).all()}

    async def context_json(self) -> bytes | None:
        """The production, with the task types and statuses that it uses."""
        project = m.Project
        names = ("id", "name", "fps", "ratio", "resolution")
        pairs = [part for name in names for part in (name, getattr(project, name))]
        card = func.json_build_object(*pairs, "team", func.json_build_array())
        query = select(
            card.label("project"),
            _task_types().label("task_types"),
            _task_statuses().label("task_statuses"),
        ).where(project.id == self.things.project_id)
        return await json_object(self.session, query)

    async def comments_json(self) -> bytes:
        """The comments that guests may read, newest first."""
        columns: dict[str, Any] = dict(p.COMMENT.columns())
        shown = {
            "replies": p.replies_with_authors(m.Comment.replies),
            "person": _author(),
            "task_status": status_card(),
            "attachment_files": attachments(),
        }
        columns.update({name: value.label(name) for name, value in shown.items()})
        query = select(*columns.values()).where(self.things.comments())
        return await json_array(self.session, query.order_by(m.Comment.created_at.desc(), m.Comment.id))

    async def own_comment_json(self, comment_id: UUID) -> bytes:
        """A comment with what hangs on it."""
        columns: dict[str, Any] = dict(p.COMMENT.columns())
        shown = {name: link.ids(m.Comment.__table__.c.id) for name, link in p.COMMENT_LINKS.items()}
        shown["attachment_files"] = attachments()
        columns.update({name: value.label(name) for name, value in shown.items()})
        found = await json_object(self.session, select(*columns.values()).where(m.Comment.id == comment_id))
        return found or b"null"
