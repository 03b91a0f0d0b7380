"""Rows that are kept after they were deleted: PostgreSQL itself moves them, one statement for each table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    String,
    Uuid,
    bindparam,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.base import now

FILES = ("preview_file", "attachment_file")
"""Tables whose rows have files in storage under their own ids."""

ENTRIES = text(
    """
    INSERT INTO kitsu_api_trash_row (trash_id, table_name, kind, content)
    SELECT :trash_id, 'playlist', 'entries', jsonb_build_object('id', playlist.id, 'entries', (
        SELECT jsonb_agg(jsonb_build_array(place - 1, item) ORDER BY place)
        FROM jsonb_array_elements(playlist.shots) WITH ORDINALITY AS items (item, place)
        WHERE coalesce(item ->> 'entity_id', item ->> 'id', '') = ANY (:ids)
    ))
    FROM playlist
    WHERE project_id = (SELECT project_id FROM kitsu_api_trash WHERE id = :trash_id)
    AND jsonb_typeof(shots) = 'array' AND EXISTS (
        SELECT FROM jsonb_array_elements(
            CASE jsonb_typeof(playlist.shots) WHEN 'array' THEN playlist.shots ELSE '[]' END
        ) AS item
        WHERE coalesce(item ->> 'entity_id', item ->> 'id', '') = ANY (:ids)
    )
    """
).bindparams(bindparam("ids", type_=ARRAY(String)), bindparam("trash_id", type_=Uuid()))

COUNT_CASTINGS = text(
    """
    UPDATE entity SET nb_entities_out = (
        SELECT count(*) FROM entity_link WHERE entity_link.entity_in_id = entity.id
    ), updated_at = :now
    WHERE id IN (
        SELECT (content ->> 'entity_in_id')::uuid FROM kitsu_api_trash_row
        WHERE trash_id = :trash_id AND kind = 'row' AND table_name = 'entity_link'
    )
    """
).bindparams(bindparam("trash_id", type_=Uuid()))


class Bin:
    """Takes the rows of one deletion."""

    def __init__(self, session: AsyncSession, trash_id: UUID) -> None:
        self._session = session
        self._id = trash_id

    async def take(self, model: Any, where: ColumnElement[bool]) -> None:
        """Delete rows, and keep them."""
        name = model.__tablename__
        whole = func.to_jsonb(literal_column(f'"{name}"')).label("content")
        gone = delete(model).where(where).returning(whole).cte("gone")
        await self._keep(name, "row", select(gone.c.content))

    async def copy(self, entity_id: UUID) -> None:
        """Keep the row of an entity, which is deleted later."""
        whole = func.to_jsonb(literal_column('"entity"')).label("content")
        await self._keep("entity", "row", select(whole).select_from(m.Entity).where(m.Entity.id == entity_id))

    async def note(self, column: Any, where: ColumnElement[bool]) -> None:
        """Keep what a column of rows holds that are about to lose it."""
        model = column.class_
        content = func.jsonb_build_object("id", model.id, column.key, column).label("content")
        await self._keep(model.__tablename__, "reference", select(content).where(where))

    async def note_entries(self, ids: Sequence[str]) -> None:
        """Keep the entries of playlists that show entities, and their places."""
        await self._session.execute(ENTRIES, {"trash_id": self._id, "ids": list(ids)})

    async def _keep(self, table_name: str, kind: str, contents: Any) -> None:
        found = contents.subquery("found")
        query = select(literal(self._id, Uuid()), literal(table_name), literal(kind), found.c.content)
        names = ["trash_id", "table_name", "kind", "content"]
        await self._session.execute(insert(m.TrashRow).from_select(names, query))


class TrashRecords:
    """Deletions that can be undone."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of_projects(
        self, project_ids: Collection[UUID] | None, project_id: UUID | None, limit: int, offset: int
    ) -> Sequence[m.TrashRecord]:
        """The deletions in these productions (None: in all) that did not expire, newest first."""
        query = select(m.TrashRecord).where(m.TrashRecord.expires_at > now())
        if project_ids is not None:
            query = query.where(m.TrashRecord.project_id.in_(list(project_ids)))
        if project_id is not None:
            query = query.where(m.TrashRecord.project_id == project_id)
        query = query.order_by(m.TrashRecord.created_at.desc(), m.TrashRecord.id)
        return (await self.session.scalars(query.limit(limit).offset(offset))).all()

    async def locked(self, trash_id: UUID) -> m.TrashRecord | None:
        """A deletion that did not expire, locked; None when there is none."""
        query = select(m.TrashRecord).where(m.TrashRecord.id == trash_id, m.TrashRecord.expires_at > now())
        return (await self.session.scalars(query.with_for_update())).one_or_none()

    async def contents(self, trash_id: UUID) -> list[tuple[str, str, dict[str, Any]]]:
        """What is kept of a deletion: table, kind and content, in the order in which it went."""
        query = select(m.TrashRow.table_name, m.TrashRow.kind, m.TrashRow.content)
        rows = await self.session.execute(
            query.where(m.TrashRow.trash_id == trash_id).order_by(m.TrashRow.id)
        )
        return [(row[0], row[1], row[2]) for row in rows]

    async def count_castings(self, trash_id: UUID) -> None:
        """Count anew what is cast in the entities whose castings came back."""
        await self.session.execute(COUNT_CASTINGS, {"trash_id": trash_id, "now": now()})

    async def entries_of(self, playlist_ids: Collection[UUID]) -> dict[UUID, Any]:
        """The entries of playlists, which are locked."""
        query = select(m.Playlist.id, m.Playlist.shots).where(m.Playlist.id.in_(list(playlist_ids)))
        return {row[0]: row[1] for row in await self.session.execute(query.with_for_update())}

    async def forget(self, ids: Collection[UUID]) -> None:
        """Forget deletions, whatever became of what they hold."""
        await self.session.execute(delete(m.TrashRecord).where(m.TrashRecord.id.in_(list(ids))))

    async def purge(self, ids: Collection[UUID]) -> None:
        """Forget deletions for good: their files are to be removed from storage."""
        files = select(m.TrashRow.content["id"].astext).where(
            m.TrashRow.trash_id.in_(list(ids)), m.TrashRow.kind == "row", m.TrashRow.table_name.in_(FILES)
        )
        moment = now()
        change = update(m.StoredFile).where(
            m.StoredFile.file_id.in_(files), m.StoredFile.deleted_at.is_(None)
        )
        await self.session.execute(
            change.values(deleted_at=moment, updated_at=moment).execution_options(synchronize_session=False)
        )
        await self.forget(ids)

    async def purge_expired(self, moment: datetime, limit: int) -> int:
        """Purge so many of the deletions that expired; how many there were."""
        query = select(m.TrashRecord.id).where(m.TrashRecord.expires_at <= moment).limit(limit)
        ids = list((await self.session.scalars(query.with_for_update(skip_locked=True))).all())
        if ids:
            await self.purge(ids)
        return len(ids)
