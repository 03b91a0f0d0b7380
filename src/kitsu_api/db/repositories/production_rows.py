"""All rows that belong to one production, in every table, and what they share with other productions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Table, Text, and_, cast, func, literal_column, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import Base
from kitsu_api.db.repositories.row_copies import Copied, RowCopies, ids_array, records_of
from kitsu_api.db.table_graph import late_columns, ordered_tables, references_of

Row = dict[str, Any]
Condition = ColumnElement[bool]

SHARED: Mapping[str, tuple[str, ...]] = {
    "department": ("name",),
    "entity_type": ("name",),
    "file_status": ("name",),
    "hardware_item": ("name",),
    "output_type": ("name",),
    "person": ("email",),
    "preview_background_file": ("name",),
    "project_status": ("name",),
    "software": ("name",),
    "status_automation": (
        *("entity_type", "in_task_type_id", "in_task_status_id"),
        *("out_field_type", "out_task_type_id", "out_task_status_id"),
    ),
    "studio": ("name",),
    "task_status": ("name", "for_concept"),
    "task_type": ("name", "for_entity"),
}
"""Tables that all productions share, and what their rows are known by elsewhere."""

LEFT_OUT = frozenset({"api_event", "build_job", "data_import_error", "playlist_share_link", "stored_file"})
"""Tables that stay behind: logs, links with secrets of this server, and what is made anew at any time.
Tables of our own hold no work either."""

WITHOUT_FOREIGN_KEY: Mapping[str, tuple[str, str]] = {
    "chat": ("object_id", "entity"),
    "comment": ("object_id", "task"),
}
"""Columns by which rows belong to others, where the tables don't say so."""

AT_ONCE = 500
"""Rows that are read and written at a time."""


@cache
def _owners() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """The tables of productions, those that others refer to first; for each, the columns and tables by
    which its rows belong to one: any of them will do."""
    owners: dict[str, tuple[tuple[str, str], ...]] = {"project": ()}
    for table in ordered_tables():
        if table.name in owners or table.name in SHARED or table.name in LEFT_OUT:
            continue
        if table.name.startswith("kitsu_api_"):
            continue
        if table.name in WITHOUT_FOREIGN_KEY:
            owners[table.name] = (WITHOUT_FOREIGN_KEY[table.name],)
            continue
        found = [
            reference
            for reference in references_of(table)
            if reference.target.name in owners and reference.column.name not in late_columns(table)
        ]
        place = {column.name: number for number, column in enumerate(table.columns)}
        found.sort(key=lambda reference: place[reference.column.name])
        direct = [reference for reference in found if reference.target.name == "project"]
        certain = direct[:1] or [reference for reference in found if not reference.column.nullable][:1]
        chosen = certain or found
        if chosen:
            owners[table.name] = tuple((one.column.name, one.target.name) for one in chosen)
    return owners


def owned_tables() -> list[Table]:
    """The tables of productions, those that others refer to first."""
    return [table for table in ordered_tables() if table.name in _owners()]


def shared_tables() -> list[Table]:
    """The tables that productions share, those that others refer to first."""
    return [table for table in ordered_tables() if table.name in SHARED]


def of_production(table: Table, project_id: UUID) -> Condition:
    """The rows of a table that belong to a production."""
    if table.name == "project":
        return and_(table.c.id == project_id)
    conditions: list[Condition] = []
    for column, name in _owners()[table.name]:
        target = Base.metadata.tables[name]
        if name == "project":
            conditions.append(table.c[column] == project_id)
        else:
            held = select(target.c.id).where(of_production(target, project_id))
            conditions.append(table.c[column].in_(held))
    return or_(*conditions)


class ProductionRows:
    """Rows of a production, as JSON that holds every column."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.copies = RowCopies(session)

    async def begin_snapshot(self) -> None:
        """See the database from now on as it is now, however long the reading takes."""
        await self.session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        await self._take_time()

    async def begin_writing(self) -> None:
        """Take as long as it needs."""
        await self._take_time()

    async def _take_time(self) -> None:
        """Let statements take as long as they do, and files that are copied between two of them as well."""
        await self.session.execute(text("SET LOCAL statement_timeout = 0"))
        await self.session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))

    async def find_project(self, wanted: str) -> list[tuple[UUID, str]]:
        """Productions of this id or name."""
        project = Base.metadata.tables["project"]
        same = or_(cast(project.c.id, Text) == wanted.lower(), project.c.name == wanted)
        return [
            (row[0], row[1])
            for row in await self.session.execute(select(project.c.id, project.c.name).where(same))
        ]

    async def stream(self, table: Table, condition: Condition) -> AsyncIterator[str]:
        """The rows that meet a condition, each as a JSON object, with few in memory."""
        whole = func.row_to_json(literal_column(f'"{table.name}"'))
        query = select(cast(whole, Text)).select_from(table).where(condition)
        async for row in await self.session.stream(query.execution_options(yield_per=AT_ONCE)):
            yield row[0]

    def owned(self, table: Table, project_id: UUID) -> AsyncIterator[str]:
        """The rows of a table that belong to a production."""
        return self.stream(table, of_production(table, project_id))

    def by_ids(self, table: Table, ids: Collection[str]) -> AsyncIterator[str]:
        """The rows of a table with these ids."""
        return self.stream(table, table.c.id == func.any(ids_array(ids)))

    async def count(self, table: Table, project_id: UUID) -> int:
        """How many rows of a table belong to a production."""
        query = select(func.count()).select_from(table).where(of_production(table, project_id))
        return int(await self.session.scalar(query) or 0)

    async def match(self, table: Table, rows: Sequence[Row]) -> dict[str, str]:
        """Rows that are here already, by the ids they were sent with: under the same id, else known by the
        same name."""
        here = await self.copies.present(table, [row["id"] for row in rows])
        found = {id: id for id in here}
        rest = [row for row in rows if row["id"] not in here]
        if not rest:
            return found
        key = SHARED[table.name]
        sent = records_of(table, rest, [name for name in rest[0] if name in table.c])
        same = [
            func.lower(table.c[name]) == func.lower(sent.c[name])
            if name == "email"
            else table.c[name].is_not_distinct_from(sent.c[name])
            for name in key
        ]
        nearest = [
            table.c[name].is_distinct_from(sent.c[name])
            for name in ("department_id",)
            if name in table.c and "department_id" in rest[0]
        ]
        query = select(sent.c.id, table.c.id).join(sent, and_(*same)).order_by(*nearest, table.c.created_at)
        taken = set(found.values())
        for old, local in await self.session.execute(query):
            if str(old) not in found and str(local) not in taken:
                found[str(old)] = str(local)
                taken.add(str(local))
        return found

    async def insert(self, table: Table, rows: Sequence[Row], copied: Copied) -> list[Row]:
        """Insert rows; those that were, without references to what isn't here.

        Raises:
            IntegrityError: one of them is here already.
        """
        later = late_columns(table)
        kept = await self.copies.checked(table, [dict(row) for row in rows], copied, later)
        await self.copies.insert(table, kept, sorted({name for row in kept for name in row}))
        return kept

    async def set_late(self, table: Table, rows: Sequence[Row]) -> None:
        """Set references of rows that had to wait until all rows were there."""
        if rows and late_columns(table):
            await self.copies.set_late(table, rows)

    async def people(self, ids: Collection[str]) -> list[Row]:
        """What is told of people elsewhere: who they are, and nothing that is theirs alone."""
        person = Base.metadata.tables["person"]
        columns = [person.c[name] for name in ("id", "email", "first_name", "last_name", "role")]
        pairs: list[Any] = [part for column in columns for part in (column.name, column)]
        query = select(cast(func.jsonb_build_object(*pairs), JSONB)).where(
            person.c.id == func.any(ids_array(ids))
        )
        rows: list[Row] = list(await self.session.scalars(query))
        return [orjson.loads(row) if isinstance(row, str) else row for row in rows]
