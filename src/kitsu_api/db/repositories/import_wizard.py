"""Queries on imports that are taken in step by step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.models import ImportMapping, SheetImport


class SheetImports:
    """Rows of `kitsu_api_import` and `kitsu_api_import_mapping`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def seen(
        self, projects: Collection[UUID] | None, project_id: UUID | None, limit: int
    ) -> Sequence[SheetImport]:
        """The imports into productions (None: all, and those of people), the newest first."""
        query = select(SheetImport).order_by(SheetImport.created_at.desc(), SheetImport.id).limit(limit)
        if projects is not None:
            query = query.where(SheetImport.project_id.in_(list(projects)))
        if project_id is not None:
            query = query.where(SheetImport.project_id == project_id)
        return (await self.session.scalars(query)).all()

    async def locked(self, id: UUID) -> SheetImport | None:
        """An import as it is now, locked for a change."""
        return await self.session.get(SheetImport, id, with_for_update=True, populate_existing=True)

    async def mapping(self, kind: str, project_id: UUID | None) -> ImportMapping | None:
        """What was said last of the columns of such sheets."""
        same = ImportMapping.project_id.is_not_distinct_from(project_id)
        return (
            await self.session.scalars(select(ImportMapping).where(ImportMapping.kind == kind, same))
        ).first()

    async def mappings(self, projects: Collection[UUID] | None) -> Sequence[ImportMapping]:
        """What was said of sheets of productions; None: of all, and of those of people."""
        query = select(ImportMapping).order_by(ImportMapping.kind, ImportMapping.id)
        if projects is not None:
            query = query.where(ImportMapping.project_id.in_(list(projects)))
        return (await self.session.scalars(query)).all()

    async def keep_mapping(self, kind: str, project_id: UUID | None, fields: Mapping[str, Any]) -> None:
        """Note what columns of such sheets stand for; what was said of other columns stays."""
        moment = now()
        statement = insert(ImportMapping).values(
            kind=kind, project_id=project_id, fields=dict(fields), created_at=moment, updated_at=moment
        )
        merged = ImportMapping.fields.op("||")(statement.excluded.fields)
        named = [ImportMapping.kind] if project_id is None else [ImportMapping.project_id, ImportMapping.kind]
        none = ImportMapping.project_id.is_(None)
        await self.session.execute(
            statement.on_conflict_do_update(
                index_elements=named,
                index_where=none if project_id is None else ~none,
                set_={"fields": merged, "updated_at": moment},
            )
        )

    async def delete_older(self, before: dt.datetime, limit: int) -> list[UUID]:
        """Delete imports that nobody can or wants to take back any more; their ids."""
        old = or_(SheetImport.created_at < before, SheetImport.created_at.is_(None))
        few = select(SheetImport.id).where(old).limit(limit).with_for_update(skip_locked=True)
        gone = delete(SheetImport).where(SheetImport.id.in_(few)).returning(SheetImport.id)
        return list((await self.session.scalars(gone)).all())
