"""What hangs on entities, and how it goes with them: a constant number of statements for any number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, bindparam, delete, func, or_, select, text, union, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.repositories.trash import Bin

CONTAINERS = ("Episode", "Sequence")
"""Kinds of entities that are empty before they go, unless what they hold goes with them."""

HELD = ("Sequence", "Shot")
"""Kinds of entities that go with what holds them; others lose their parent."""


@dataclass(frozen=True)
class Doomed:
    """An entity that is to go."""

    id: UUID
    project_id: UUID
    kind: str
    """Name of its entity type."""
    parent_id: UUID | None
    canceled: bool
    has_tasks: bool
    name: str


class EntityRemoval:
    """Entities that go, with their links, instances, files, subscriptions, chats and places in playlists."""

    def __init__(self, session: AsyncSession, bin: Bin | None = None) -> None:
        """What goes is kept in the bin, if there is one."""
        self.session = session
        self._bin = bin

    async def find(self, ids: Collection[UUID]) -> list[Doomed]:
        """The entities of these ids that there are, locked, oldest first."""
        return await self._doomed(m.Entity.id.in_(list(ids)))

    async def held_by(self, ids: Collection[UUID]) -> list[Doomed]:
        """The sequences and shots right under entities, locked, oldest first."""
        return await self._doomed(m.Entity.parent_id.in_(list(ids)), m.EntityType.name.in_(HELD))

    async def filled(self, ids: Collection[UUID]) -> set[UUID]:
        """Which of these sequences and episodes hold an entity of any kind, or have one made for them, or a
        playlist."""
        columns = (m.Entity.parent_id, m.Entity.source_id, m.Playlist.episode_id)
        found = union(*(select(column).where(column.in_(list(ids))) for column in columns))
        return {id for id in (await self.session.scalars(found)).all() if id is not None}

    async def _doomed(self, *where: ColumnElement[bool]) -> list[Doomed]:
        has_tasks = select(m.Task.id).where(m.Task.entity_id == m.Entity.id).exists()
        query = (
            select(
                m.Entity.id,
                m.Entity.project_id,
                m.EntityType.name,
                m.Entity.parent_id,
                func.coalesce(m.Entity.canceled, False),
                has_tasks,
                m.Entity.name,
            )
            .join(m.EntityType, m.EntityType.id == m.Entity.entity_type_id)
            .where(*where)
            .order_by(m.Entity.created_at, m.Entity.id)
            .with_for_update(of=m.Entity)
        )
        return [Doomed(*row) for row in (await self.session.execute(query)).all()]

    async def cancel(self, ids: Collection[UUID]) -> None:
        """Mark entities as canceled; what they have stays."""
        change = update(m.Entity).where(m.Entity.id.in_(list(ids))).values(canceled=True, updated_at=now())
        await self.session.execute(change)

    async def tasks_of(self, ids: Collection[UUID]) -> list[UUID]:
        """The tasks on entities, oldest first."""
        query = select(m.Task.id).where(m.Task.entity_id.in_(list(ids)))
        return list((await self.session.scalars(query.order_by(m.Task.created_at, m.Task.id))).all())

    async def take_out_of_playlists(self, ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
        """Drop entities from the playlists that show them; these playlists, each with its production."""
        statement = text(
            """
            UPDATE playlist SET updated_at = :now, shots = (
                SELECT coalesce(jsonb_agg(item ORDER BY place), '[]'::jsonb)
                FROM jsonb_array_elements(playlist.shots) WITH ORDINALITY AS items (item, place)
                WHERE NOT coalesce(item ->> 'entity_id', item ->> 'id', '') = ANY (:ids)
            )
            WHERE project_id IN (SELECT project_id FROM entity WHERE id::text = ANY (:ids))
            AND jsonb_typeof(shots) = 'array' AND EXISTS (
                SELECT FROM jsonb_array_elements(
                    CASE jsonb_typeof(playlist.shots) WHEN 'array' THEN playlist.shots ELSE '[]' END
                ) AS item
                WHERE coalesce(item ->> 'entity_id', item ->> 'id', '') = ANY (:ids)
            )
            RETURNING id, project_id
            """
        ).bindparams(bindparam("ids", type_=ARRAY(String)))
        if self._bin is not None:
            await self._bin.note_entries([str(id) for id in ids])
        rows = await self.session.execute(statement, {"ids": [str(id) for id in ids], "now": now()})
        return [(row[0], row[1]) for row in rows]

    async def delete(self, ids: Sequence[UUID]) -> None:
        """Delete entities whose tasks are gone, with everything that means nothing without them."""
        await self.clear(ids)
        await self._delete_where(m.Entity, m.Entity.id.in_(list(ids)))

    async def clear(self, ids: Sequence[UUID]) -> None:
        """Delete everything that means nothing without entities whose tasks are gone; they stay."""
        gone = list(ids)
        await self._detach(gone)
        await self._delete_files(gone)
        await self._delete_chats(gone)
        for column in (
            m.EntityConceptLink.entity_in_id,
            m.EntityConceptLink.entity_out_id,
            m.AssetInstanceLink.entity_id,
            m.Subscription.entity_id,
            m.EntityVersion.entity_id,
            m.ScheduleItem.object_id,
        ):
            await self._delete_where(column.class_, column.in_(gone))
        await self._delete_links(gone)
        await self._delete_where(
            m.AssetInstanceLink, m.AssetInstanceLink.asset_instance_id.in_(_instances(gone))
        )
        await self._delete_where(m.AssetInstance, _of_instances(m.AssetInstance, gone))

    async def _delete_where(self, table: Any, where: ColumnElement[bool]) -> None:
        if self._bin is None:
            await self.session.execute(delete(table).where(where))
        else:
            await self._bin.take(table, where)

    async def _note(self, column: Any, where: ColumnElement[bool]) -> None:
        if self._bin is not None:
            await self._bin.note(column, where)

    async def _detach(self, gone: list[UUID]) -> None:
        """Free what stays from what goes, and let pictures of what goes be deleted."""
        for column in (m.Entity.parent_id, m.Entity.source_id):
            await self._note(column, column.in_(gone))
            change = (
                update(m.Entity).where(column.in_(gone)).values({column: None, m.Entity.updated_at: now()})
            )
            await self.session.execute(change)
        await self._note(m.Playlist.episode_id, m.Playlist.episode_id.in_(gone))
        episode = update(m.Playlist).where(m.Playlist.episode_id.in_(gone))
        await self.session.execute(episode.values(episode_id=None, updated_at=now()))

    async def _delete_files(self, gone: list[UUID]) -> None:
        output, working = m.OutputFile, m.WorkingFile
        outputs = select(output.id).where(
            or_(
                output.entity_id.in_(gone),
                output.temporal_entity_id.in_(gone),
                output.asset_instance_id.in_(_instances(gone)),
            )
        )
        works = select(working.id).where(working.entity_id.in_(gone))
        await self._note(m.PreviewFile.source_file_id, m.PreviewFile.source_file_id.in_(outputs))
        preview = update(m.PreviewFile).where(m.PreviewFile.source_file_id.in_(outputs))
        await self.session.execute(preview.values(source_file_id=None))
        staying = and_(output.source_file_id.in_(works), output.id.not_in(outputs))
        await self._note(output.source_file_id, staying)
        source = update(output).where(staying)
        await self.session.execute(source.values(source_file_id=None))
        await self._delete_where(output, output.id.in_(outputs))
        await self._delete_where(working, working.id.in_(works))

    async def _delete_chats(self, gone: list[UUID]) -> None:
        chats = select(m.Chat.id).where(m.Chat.object_id.in_(gone))
        messages = select(m.ChatMessage.id).where(m.ChatMessage.chat_id.in_(chats))
        await self._delete_where(m.AttachmentFile, m.AttachmentFile.chat_message_id.in_(messages))
        for column in (m.ChatMessage.chat_id, m.ChatParticipant.chat_id):
            await self._delete_where(column.class_, column.in_(chats))
        await self._delete_where(m.Chat, m.Chat.object_id.in_(gone))

    async def _delete_links(self, gone: list[UUID]) -> None:
        """Delete castings; entities that cast what goes count one asset less each."""
        link, rest = m.EntityLink, aliased(m.EntityLink)
        casting = select(link.entity_in_id).where(
            link.entity_out_id.in_(gone), link.entity_in_id.not_in(gone)
        )
        count = (
            select(func.count())
            .select_from(rest)
            .where(rest.entity_in_id == m.Entity.id, rest.entity_out_id.not_in(gone))
        )
        change = update(m.Entity).where(m.Entity.id.in_(casting))
        values: dict[Any, Any] = {"nb_entities_out": count.scalar_subquery(), "updated_at": now()}
        await self.session.execute(change.values(values).execution_options(synchronize_session=False))
        await self._delete_where(link, or_(link.entity_in_id.in_(gone), link.entity_out_id.in_(gone)))


def _of_instances(table: Any, gone: list[UUID]) -> ColumnElement[bool]:
    return or_(
        table.asset_id.in_(gone),
        table.scene_id.in_(gone),
        table.target_asset_id.in_(gone),
        table.entity_id.in_(gone),
    )


def _instances(gone: list[UUID]) -> Any:
    """Instances of assets that go, and those that lie in what goes."""
    return select(m.AssetInstance.id).where(_of_instances(m.AssetInstance, gone))
