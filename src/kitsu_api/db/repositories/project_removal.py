"""What was made in a production, and how it goes with it: a constant number of statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.base import now

Rows = Select[Any]
Removal = tuple[Any, ColumnElement[bool]]


class ProjectRemoval:
    """The content of one production: the database finds it, no id travels."""

    def __init__(self, session: AsyncSession, project_id: UUID) -> None:
        self.session = session
        self.project_id = project_id
        self.entities: Rows = select(m.Entity.id).where(m.Entity.project_id == project_id)
        self.tasks: Rows = select(m.Task.id).where(
            or_(m.Task.project_id == project_id, m.Task.entity_id.in_(self.entities))
        )
        self.comments: Rows = select(m.Comment.id).where(m.Comment.object_id.in_(self.tasks))
        self.previews: Rows = select(m.PreviewFile.id).where(m.PreviewFile.task_id.in_(self.tasks))
        self.playlists: Rows = select(m.Playlist.id).where(m.Playlist.project_id == project_id)
        self.instances: Rows = select(m.AssetInstance.id).where(self._of_instances())
        self.working_files: Rows = select(m.WorkingFile.id).where(self._of_working_files())
        self.output_files: Rows = select(m.OutputFile.id).where(self._of_output_files())
        self.chats: Rows = select(m.Chat.id).where(m.Chat.object_id.in_(self.entities))
        self.messages: Rows = select(m.ChatMessage.id).where(m.ChatMessage.chat_id.in_(self.chats))

    async def delete(self) -> None:
        """Delete everything that was made in the production, what points before what is pointed at."""
        await self._free_what_stays()
        for table, where in (*self._of_tasks(), *self._of_files(), *self._of_entities(), *self._of_plans()):
            gone = delete(table).where(where)
            await self.session.execute(gone.execution_options(synchronize_session=False))

    async def _free_what_stays(self) -> None:
        """Rows of other productions, and rows that go later, forget what goes."""
        entity, output = m.Entity, m.OutputFile
        for table, where, values in (
            (entity, entity.preview_file_id.in_(self.previews), {"preview_file_id": None}),
            (entity, self._elsewhere(entity.parent_id), {"parent_id": None, "updated_at": now()}),
            (entity, self._elsewhere(entity.source_id), {"source_id": None, "updated_at": now()}),
            (m.Comment, m.Comment.preview_file_id.in_(self.previews), {"preview_file_id": None}),
            (m.News, m.News.preview_file_id.in_(self.previews), {"preview_file_id": None}),
            (m.Playlist, m.Playlist.episode_id.in_(self.entities), {"episode_id": None}),
            (m.PreviewFile, m.PreviewFile.source_file_id.in_(self.output_files), {"source_file_id": None}),
            (output, output.source_file_id.in_(self.working_files), {"source_file_id": None}),
            (entity, entity.id.in_(self._casting_elsewhere()), self._assets_left()),
        ):
            change = update(table).where(where).values(values)
            await self.session.execute(change.execution_options(synchronize_session=False))

    def _elsewhere(self, column: Any) -> ColumnElement[bool]:
        condition: ColumnElement[bool] = column.in_(self.entities) & (m.Entity.project_id != self.project_id)
        return condition

    def _casting_elsewhere(self) -> Select[Any]:
        link = m.EntityLink
        return select(link.entity_in_id).where(
            link.entity_out_id.in_(self.entities), link.entity_in_id.not_in(self.entities)
        )

    def _assets_left(self) -> dict[str, Any]:
        """How many assets an entity of another production still casts."""
        rest = aliased(m.EntityLink)
        count = (
            select(func.count())
            .select_from(rest)
            .where(rest.entity_in_id == m.Entity.id, rest.entity_out_id.not_in(self.entities))
            .correlate(m.Entity)
        )
        return {"nb_entities_out": count.scalar_subquery(), "updated_at": now()}

    def _of_tasks(self) -> Iterator[Removal]:
        comments, previews, tasks = self.comments, self.previews, self.tasks
        notification, preview_link = m.Notification, m.CommentPreviewLink
        told = (notification.task_id.in_(tasks), notification.comment_id.in_(comments))
        yield m.News, or_(m.News.task_id.in_(tasks), m.News.comment_id.in_(comments))
        yield notification, or_(*told, notification.playlist_id.in_(self.playlists))
        for link in (m.CommentMentions, m.CommentDepartmentMentions, m.CommentAcknoledgments):
            yield link, link.comment.in_(comments)
        shown = (preview_link.comment.in_(comments), preview_link.preview_file.in_(previews))
        yield preview_link, or_(*shown)
        yield (
            m.AttachmentFile,
            or_(
                m.AttachmentFile.comment_id.in_(comments), m.AttachmentFile.chat_message_id.in_(self.messages)
            ),
        )
        yield m.Comment, m.Comment.object_id.in_(tasks)
        yield m.PreviewFile, m.PreviewFile.task_id.in_(tasks)
        yield (
            m.Subscription,
            or_(m.Subscription.task_id.in_(tasks), m.Subscription.entity_id.in_(self.entities)),
        )
        version = m.ProductionScheduleVersionTaskLink
        for table in (m.TimeSpent, m.TaskPersonLink, version):
            yield table, table.task_id.in_(tasks)

    def _of_files(self) -> Iterator[Removal]:
        for table in (m.BuildJob, m.PlaylistShareLink):
            yield table, table.playlist_id.in_(self.playlists)
        yield m.Playlist, m.Playlist.project_id == self.project_id
        yield m.OutputFile, self._of_output_files()
        yield m.WorkingFile, self._of_working_files()

    def _of_entities(self) -> Iterator[Removal]:
        entities, link, concept = self.entities, m.EntityLink, m.EntityConceptLink
        # Tasks of entities go before these; the entities of tasks are looked up through the tasks' table.
        yield m.Task, or_(m.Task.project_id == self.project_id, m.Task.entity_id.in_(entities))
        for table in (m.ChatMessage, m.ChatParticipant):
            yield table, table.chat_id.in_(self.chats)
        yield m.Chat, m.Chat.object_id.in_(entities)
        yield concept, or_(concept.entity_in_id.in_(entities), concept.entity_out_id.in_(entities))
        yield (
            m.AssetInstanceLink,
            or_(
                m.AssetInstanceLink.entity_id.in_(entities),
                m.AssetInstanceLink.asset_instance_id.in_(self.instances),
            ),
        )
        yield m.AssetInstance, self._of_instances()
        yield link, or_(link.entity_in_id.in_(entities), link.entity_out_id.in_(entities))
        yield m.EntityVersion, m.EntityVersion.entity_id.in_(entities)
        yield m.Entity, m.Entity.project_id == self.project_id

    def _of_plans(self) -> Iterator[Removal]:
        budgets = select(m.Budget.id).where(m.Budget.project_id == self.project_id)
        yield m.BudgetEntry, m.BudgetEntry.budget_id.in_(budgets)
        yield m.Budget, m.Budget.project_id == self.project_id
        yield m.ScheduleItem, m.ScheduleItem.project_id == self.project_id
        yield m.ProductionScheduleVersion, m.ProductionScheduleVersion.project_id == self.project_id

    def _of_instances(self) -> ColumnElement[bool]:
        instance = m.AssetInstance
        places = (instance.asset_id, instance.scene_id, instance.target_asset_id, instance.entity_id)
        return or_(*(place.in_(self.entities) for place in places))

    def _of_working_files(self) -> ColumnElement[bool]:
        working = m.WorkingFile
        return or_(working.task_id.in_(self.tasks), working.entity_id.in_(self.entities))

    def _of_output_files(self) -> ColumnElement[bool]:
        output = m.OutputFile
        return or_(
            output.entity_id.in_(self.entities),
            output.temporal_entity_id.in_(self.entities),
            output.asset_instance_id.in_(self.instances),
        )
