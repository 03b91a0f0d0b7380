"""Links that share playlists, and what lies within one."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.projection import json_array
from kitsu_api.db.projections import plain
from kitsu_api.db.scopes import by_client

Condition = ColumnElement[bool]

SHARE_LINK = plain(
    m.PlaylistShareLink,
    secret=frozenset({"password"}),
    computed={"has_password": m.PlaylistShareLink.password.is_not(None)},
)

LINK_OF_GUEST = "share_link_id"
"""Where a guest's `data` names the link that they came by."""


def id_in(value: Any) -> UUID | None:
    """An id that a playlist names; what is none names nothing, for clients wrote it."""
    try:
        return value if isinstance(value, UUID) else UUID(value)
    except (ValueError, TypeError, AttributeError):
        return None


def _ids(values: Iterable[Any]) -> frozenset[UUID]:
    return frozenset(id for id in map(id_in, values) if id is not None)


@dataclass(frozen=True)
class Entries:
    """What the entries of a playlist name: they hold what clients wrote, in the order of the review."""

    rows: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, shots: Any) -> Entries:
        """The entries in the column of a playlist."""
        return cls(tuple(row for row in shots if isinstance(row, dict)) if isinstance(shots, list) else ())

    @property
    def entities(self) -> frozenset[UUID]:
        """The entities that are reviewed."""
        return _ids(row.get("entity_id") or row.get("id") for row in self.rows)

    @property
    def previews(self) -> frozenset[UUID]:
        """The previews that are shown."""
        return _ids(row.get("preview_file_id") for row in self.rows)

    @property
    def tasks(self) -> frozenset[UUID]:
        """The tasks that entries name besides those of their previews."""
        return _ids(row.get("preview_file_task_id") for row in self.rows)


TOKEN_START = 8
"""Characters by which the database looks for a link; the rest of a token, 200 bits, is the secret."""


def is_open() -> Condition:
    """Links that are neither revoked nor out of date."""
    link = m.PlaylistShareLink
    lasts = or_(link.expiration_date.is_(None), link.expiration_date > now())
    return and_(link.is_active.is_(True), lasts)


@dataclass(frozen=True, repr=False)
class SharedLink:
    """What a mail says of a link. The token stays out of its `repr`."""

    token: str
    playlist: str
    project: str
    expiration_date: datetime | None
    has_password: bool


class ShareLinks:
    """Share links."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def open(self, token: str) -> tuple[m.PlaylistShareLink, m.Playlist] | None:
        """The link of a token and its playlist, unless the link is revoked or out of date.

        The database finds links by the first characters alone; the whole token is compared here, in a time
        that says nothing of how much of a guess is right.
        """
        link, playlist = m.PlaylistShareLink, m.Playlist
        query = (
            select(link, playlist)
            .join(playlist, playlist.id == link.playlist_id)
            .where(
                link.token.startswith(token[:TOKEN_START], autoescape=True),
                is_open(),
                playlist.project_id.is_not(None),
            )
        )
        for found, shown in (await self.session.execute(query)).all():
            if hmac.compare_digest(found.token.encode(), token.encode()):
                return found, shown
        return None

    async def to_mail(self, id: UUID) -> SharedLink | None:
        """What a mail says of a link, unless the link is revoked or out of date."""
        link, playlist, project = m.PlaylistShareLink, m.Playlist, m.Project
        query = (
            select(link.token, playlist.name, project.name, link.expiration_date, link.password.is_not(None))
            .join(playlist, playlist.id == link.playlist_id)
            .join(project, project.id == playlist.project_id)
            .where(link.id == id, is_open())
        )
        row = (await self.session.execute(query)).one_or_none()
        return None if row is None else SharedLink(*row)

    async def of_playlist(self, playlist_id: UUID, token: str) -> m.PlaylistShareLink | None:
        """A link of a playlist, whatever its state; None when it is another playlist's."""
        link = m.PlaylistShareLink
        query = select(link).where(link.playlist_id == playlist_id, link.token == token).with_for_update()
        return (await self.session.scalars(query)).first()

    async def list_json(self, playlist_id: UUID) -> bytes:
        """The links of a playlist that are not revoked, oldest first."""
        link = m.PlaylistShareLink
        query = select(*SHARE_LINK.columns().values()).where(
            link.playlist_id == playlist_id, link.is_active.is_(True)
        )
        return await json_array(self.session, query.order_by(link.created_at, link.id))

    async def reviewers(self, ids: Iterable[UUID]) -> dict[UUID, str | None]:
        """The e-mails of people who can be invited: active ones who are neither bots nor guests."""
        person = m.Person
        query = select(person.id, person.email).where(
            person.id.in_(list(ids)),
            person.active.is_(True),
            person.is_bot.is_(False),
            person.is_guest.is_(False),
        )
        return {row[0]: row[1] for row in (await self.session.execute(query)).all()}


class SharedThings:
    """What a share link opens: each condition holds within the playlist and its production alone."""

    def __init__(self, session: AsyncSession, playlist: m.Playlist, link_id: UUID) -> None:
        self.session = session
        self.project_id = playlist.project_id
        self.entries = Entries.of(playlist.shots)
        self.link_id = link_id

    def _of_project(self, task: Any) -> Condition:
        condition: Condition = task.project_id == self.project_id
        return condition

    def tasks(self, id: Any) -> Condition:
        """Rows whose column names a task of the playlist: one that is named, or whose preview is shown."""
        task, preview = aliased(m.Task), aliased(m.PreviewFile)
        shown = select(preview.task_id).where(preview.id.in_(list(self.entries.previews)))
        named = or_(task.id.in_(list(self.entries.tasks)), task.id.in_(shown))
        condition: Condition = id.in_(select(task.id).where(self._of_project(task), named))
        return condition

    def previews(self) -> Condition:
        """Previews that the playlist shows, and those beside them in the same revision."""
        shown, task = aliased(m.PreviewFile), aliased(m.Task)
        beside = and_(shown.task_id == m.PreviewFile.task_id, shown.revision == m.PreviewFile.revision)
        return (
            select(shown.id)
            .join(task, task.id == shown.task_id)
            .where(
                shown.id.in_(list(self.entries.previews)),
                self._of_project(task),
                or_(shown.id == m.PreviewFile.id, beside),
            )
            .correlate(m.PreviewFile)
            .exists()
        )

    def comments(self) -> Condition:
        """Comments on tasks of the playlist that guests may read: those for clients, those of guests of this
        link, and, unless the production keeps clients apart, those of clients of no studio, as guests are."""
        author, project = aliased(m.Person), aliased(m.Project)
        by_guest = (
            select(author.id)
            .where(
                author.id == m.Comment.person_id,
                author.is_guest.is_(True),
                author.data[LINK_OF_GUEST].astext == str(self.link_id),
            )
            .correlate(m.Comment)
            .exists()
        )
        of_colleague = (
            select(author.id)
            .join(project, project.id == self.project_id)
            .where(
                author.id == m.Comment.person_id,
                author.studio_id.is_(None),
                project.is_clients_isolated.is_not(True),
            )
            .correlate(m.Comment)
            .exists()
        )
        readable = or_(m.Comment.for_client.is_(True), by_guest, and_(by_client(), of_colleague))
        return and_(m.Comment.object_type == "Task", self.tasks(m.Comment.object_id), readable)

    async def has_task(self, task_id: UUID) -> bool:
        """Whether a task is part of the playlist."""
        query = select(m.Task.id).where(m.Task.id == task_id, self.tasks(m.Task.id))
        return await self.session.scalar(query) is not None

    async def preview(self, preview_id: UUID) -> m.PreviewFile | None:
        """A preview of the playlist."""
        query = select(m.PreviewFile).where(m.PreviewFile.id == preview_id, self.previews())
        return (await self.session.scalars(query)).first()

    async def comment_task(self, comment_id: UUID) -> UUID | None:
        """The task of a comment that guests may read."""
        query = select(m.Comment.object_id).where(m.Comment.id == comment_id, self.comments())
        found: UUID | None = await self.session.scalar(query)
        return found

    async def attachment(self, attachment_id: UUID) -> m.AttachmentFile | None:
        """A file of a comment that guests may read."""
        file = m.AttachmentFile
        readable = select(m.Comment.id).where(self.comments())
        query = select(file).where(file.id == attachment_id, file.comment_id.in_(readable))
        return (await self.session.scalars(query)).first()

    async def shows_person(self, person_id: UUID) -> bool:
        """Whether somebody wrote, or answered, what guests may read."""
        said = m.Comment.person_id == person_id
        answered = m.Comment.replies.contains([{"person_id": str(person_id)}])
        query = select(m.Comment.id).where(self.comments(), or_(said, answered)).limit(1)
        return await self.session.scalar(query) is not None
