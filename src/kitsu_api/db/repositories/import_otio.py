"""Queries that make the shots of an edit, many at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Integer,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.db.projection import Projection, json_array
from kitsu_api.db.projections import ENTITY

UPDATED = Projection(m.Entity, "Entity")
"""Shots that were there already: scripts know them by this type."""

AT_ONCE = 1_000
"""Names that one statement looks for, and rows that it inserts."""


class EditedShots:
    """Episodes, sequences and shots of one production."""

    def __init__(self, session: AsyncSession, project_id: UUID) -> None:
        self.session = session
        self.project_id = project_id

    async def facts(self) -> tuple[str, str | None]:
        """The name of the production, and its frames a second as somebody typed them."""
        query = select(m.Project.name, m.Project.fps).where(m.Project.id == self.project_id)
        name, rate = (await self.session.execute(query)).one()
        return name, rate

    async def name_of(self, entity_id: UUID) -> str | None:
        """The name of an entity."""
        name: str | None = await self.session.scalar(select(m.Entity.name).where(m.Entity.id == entity_id))
        return name

    async def named(
        self, kind_id: UUID, pairs: Collection[tuple[UUID | None, str]], *, match_case: bool
    ) -> dict[tuple[UUID | None, str], UUID]:
        """Entities of a type by parent and name, of those asked for; without case, by the name in lower
        case. Of several alike, the oldest that isn't canceled."""
        name = m.Entity.name if match_case else func.lower(m.Entity.name)
        found: dict[tuple[UUID | None, str], UUID] = {}
        below: dict[UUID | None, list[str]] = {}
        for parent, wanted in pairs:
            below.setdefault(parent, []).append(wanted)
        held = [(parent, wanted) for parent, names in below.items() if parent for wanted in names]
        conditions: list[Any] = [
            tuple_(m.Entity.parent_id, name).in_(held[start : start + AT_ONCE])
            for start in range(0, len(held), AT_ONCE)
        ]
        free = below.get(None, [])
        conditions += [
            and_(m.Entity.parent_id.is_(None), name.in_(free[start : start + AT_ONCE]))
            for start in range(0, len(free), AT_ONCE)
        ]
        for condition in conditions:
            query = (
                select(m.Entity.parent_id, name, m.Entity.id)
                .where(m.Entity.project_id == self.project_id, m.Entity.entity_type_id == kind_id, condition)
                .order_by(func.coalesce(m.Entity.canceled, False), m.Entity.created_at, m.Entity.id)
            )
            for parent, text, id in await self.session.execute(query):
                found.setdefault((parent, text), id)
        return found

    async def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert entities of the production."""
        if rows:
            await self.session.execute(insert(m.Entity), [dict(row) for row in rows])

    async def set_frames(self, frames: Mapping[UUID, tuple[int, int]]) -> None:
        """Set where shots lie in the edit, by id: first frame and number of frames. Other metadata stays."""
        if not frames:
            return
        edit = (
            func.unnest(
                bindparam(None, list(frames), type_=ARRAY(Uuid(as_uuid=True))),
                bindparam(None, [first for first, _ in frames.values()], type_=ARRAY(Integer)),
                bindparam(None, [count for _, count in frames.values()], type_=ARRAY(Integer)),
            )
            .table_valued("id", "first", "count", name="edit")
            .render_derived()
        )
        kept = case(
            (func.jsonb_typeof(m.Entity.data) == "object", m.Entity.data),
            else_=cast(literal_column("'{}'"), JSONB),
        )
        first, count = edit.c.first, edit.c.count
        # Rows that an import changed have always held the second of their birth, no fraction of it.
        born = func.date_trunc("second", m.Entity.created_at)
        placed = func.jsonb_build_object("frame_in", first, "frame_out", first + count - 1)
        change = (
            update(m.Entity)
            .where(m.Entity.id == edit.c.id, m.Entity.project_id == self.project_id)
            .values(nb_frames=count, data=kept.op("||")(placed), created_at=born, updated_at=now())
            .execution_options(synchronize_session=False)
        )
        await self.session.execute(change)

    async def created_json(self, ids: Sequence[UUID]) -> bytes:
        """Shots as a JSON array, in this order."""
        return await self._in_order_json(ENTITY, ids)

    async def updated_json(self, ids: Sequence[UUID]) -> bytes:
        """Shots that were there before as a JSON array, in this order."""
        return await self._in_order_json(UPDATED, ids)

    async def _in_order_json(self, projection: Projection, ids: Sequence[UUID]) -> bytes:
        wanted = (
            func.unnest(bindparam(None, list(ids), type_=ARRAY(Uuid(as_uuid=True))))
            .table_valued("id", with_ordinality="place", name="wanted")
            .render_derived()
        )
        query = (
            select(*projection.columns().values())
            .select_from(m.Entity)
            .join(wanted, wanted.c.id == m.Entity.id)
            .order_by(wanted.c.place)
        )
        return await json_array(self.session, query)
