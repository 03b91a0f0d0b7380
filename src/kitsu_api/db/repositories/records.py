"""Queries that every table with an id answers: lists, pages, single rows, links."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    cast,
    delete,
    func,
    literal,
    literal_column,
    select,
    true,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import Record, now
from kitsu_api.db.narrowed import Narrowed
from kitsu_api.db.prepared import is_everything
from kitsu_api.db.projection import Link, Projection, bracketed, json_parts
from kitsu_api.db.repositories.row_states import counted

M = TypeVar("M", bound=Record)
Condition = ColumnElement[bool]

AT_A_TIME = 500
"""Rows in a piece of a list."""


@dataclass(frozen=True)
class Page:
    """A slice of a list, newest first. `number` counts from 1."""

    number: int
    limit: int

    @property
    def offset(self) -> int:
        """Rows before the page; negative for page 0, which is empty."""
        return (self.number - 1) * self.limit


_EXISTS = Narrowed(lambda where, model: select(select(model.id).where(*where).exists()))


class Records(Generic[M]):
    """Rows of one table."""

    def __init__(self, session: AsyncSession, model: type[M]) -> None:
        self.session = session
        self.model = model

    async def list_json(
        self, projection: Projection, where: Sequence[Condition], page: Page | None = None, **shape: Any
    ) -> bytes:
        """The rows that meet all conditions, as a JSON array, in one statement."""
        await self.session.flush()
        if page is None and all(is_everything(condition) for condition in where):
            return bracketed(await projection.all_rows(**shape).scalar(self.session))
        wish = projection.shape(**shape)
        if page is None:
            return bracketed(await projection.listed(where, *wish).scalar(self.session))
        found = projection.paged(where, *wish)
        limit, offset = page.limit if page.number > 0 else 0, max(page.offset, 0)
        return bracketed(await found.scalar(self.session, limit=limit, offset=offset))

    async def parts_json(
        self, projection: Projection, where: Sequence[Condition], **shape: Any
    ) -> AsyncIterator[bytes]:
        """What `list_json` gives without a page, piece by piece."""
        rows = projection.pieces(where, *projection.shape(**shape))
        async for part in json_parts(rows.texts(self.session, AT_A_TIME)):
            yield part

    async def count(self, where: Sequence[Condition]) -> int:
        """How many rows meet all conditions."""
        await self.session.flush()
        return await counted(self.session, self.model, where)

    async def one_json(
        self,
        projection: Projection,
        id: UUID,
        *,
        relations: bool = False,
        details: bool = False,
        fields: Collection[str] | None = None,
        masked: Collection[str] = (),
    ) -> bytes | None:
        """One row as a JSON object; None when there is none."""
        found = await self.one_versioned(
            projection, id, relations=relations, details=details, fields=fields, masked=masked
        )
        return None if found is None else found[0]

    async def one_versioned(
        self,
        projection: Projection,
        id: UUID,
        *,
        relations: bool = False,
        details: bool = False,
        fields: Collection[str] | None = None,
        masked: Collection[str] = (),
    ) -> tuple[bytes, str] | None:
        """One row as a JSON object, and the name of its state: another one after every change of the row."""
        # only names of columns make a shape: callers may send any others
        known = None if fields is None else tuple(sorted(projection.names() & set(fields)))
        await self.session.flush()
        statement = projection.one(relations, details, known, frozenset(masked))
        row: Any = await statement.row(self.session, id=id)
        return None if row is None else (row[0].encode(), row[1])

    async def version(self, id: UUID) -> str | None:
        """The name of a row's state; None when there is no such row."""
        await self.session.flush()
        table = self.model.__table__.alias("version")
        query = select(cast(literal_column("version.xmin"), Text)).select_from(table).where(table.c.id == id)
        found: str | None = await self.session.scalar(query)
        return found

    async def visible(self, id: UUID, scope: Condition) -> bool | None:
        """Whether a row lies in a scope; None when there is no such row."""
        visible: bool | None = await self.session.scalar(
            select(func.coalesce(scope, literal(False))).where(self.model.id == id)
        )
        return visible

    async def find_in_scope(self, id: UUID, scope: Condition) -> tuple[M, bool] | None:
        """A row, locked for a change, and whether it lies in the scope; None when there is no such row."""
        query: Select[Any, Any] = (
            select(self.model, func.coalesce(scope, literal(False)))
            .where(self.model.id == id)
            .with_for_update(of=self.model)
        )
        row = (await self.session.execute(query)).one_or_none()
        return None if row is None else (row[0], bool(row[1]))

    async def find_all_in_scope(self, ids: Collection[UUID], scope: Condition) -> dict[UUID, tuple[M, bool]]:
        """Rows, locked for a change, and whether each lies in the scope; those that there are."""
        table = self.model.__table__
        query: Select[Any, Any] = (
            select(self.model, func.coalesce(scope, literal(False)))
            .where(table.c["id"] == any_(literal(list(ids), ARRAY(Uuid()))))
            .order_by(table.c["id"])
            .with_for_update(of=self.model)
        )
        rows = (await self.session.execute(query)).all()
        return {row[0].id: (row[0], bool(row[1])) for row in rows}

    async def find(self, id: UUID) -> M | None:
        """A row, or None."""
        return await self.session.get(self.model, id)

    async def find_where(self, *where: Condition) -> M | None:
        """The first row that meets all conditions, or None."""
        return (await self.session.scalars(select(self.model).where(*where).limit(1))).first()

    async def exists(self, *where: Condition) -> bool:
        """Whether a row meets all conditions."""
        await self.session.flush()
        return bool(await _EXISTS(where, self.model).scalar(self.session))

    async def add(self, values: Mapping[str, Any]) -> M:
        """Insert a row; defaults fill in what is absent."""
        record = self.add_later(values)
        await self.session.flush()
        return record

    def add_later(self, values: Mapping[str, Any]) -> M:
        """A row that the next flush inserts, together with others; only then defaults fill in what is absent,
        its id excepted."""
        record = self.model(**{"id": uuid4(), **values})
        self.session.add(record)
        return record

    async def change(self, record: M, values: Mapping[str, Any]) -> M:
        """Set columns of a row; `updated_at` moves even when nothing else does."""
        self.change_later(record, values)
        await self.session.flush()
        return record

    def change_later(self, record: M, values: Mapping[str, Any]) -> None:
        """`change`, which the next flush writes, together with others."""
        for name, value in values.items():
            setattr(record, name, value)
        record.updated_at = now()

    async def delete(self, record: M) -> None:
        """Delete a row."""
        await self.session.delete(record)
        await self.session.flush()

    async def delete_unless_used(self, record: M) -> bool:
        """Delete a row that no other refers to; whether it is gone."""
        try:
            async with self.session.begin_nested():
                await self.session.delete(record)
        except IntegrityError:
            return False
        return True

    async def set_links(self, link: Link, own_id: UUID, others: Collection[UUID]) -> None:
        """Make the ids on the other side of a relation exactly these; pairs that stay keep their columns."""
        own, other = getattr(link.table, link.own), getattr(link.table, link.other)
        present = set((await self.session.scalars(select(other).where(own == own_id))).all())
        wanted = set(others)
        if stale := present - wanted:
            await self.session.execute(delete(link.table).where(and_(own == own_id, other.in_(stale))))
        self.session.add_all(
            link.table(**{link.own: own_id, link.other: id}) for id in others_in_order(others, present)
        )
        await self.session.flush()


def others_in_order(others: Collection[UUID], present: Collection[UUID]) -> list[UUID]:
    """The ids that are new, once each, in the order given."""
    return [id for id in dict.fromkeys(others) if id not in present]


EVERYTHING: Condition = true()
"""The scope of somebody who may see all rows."""
