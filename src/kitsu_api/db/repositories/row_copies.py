"""Rows of another instance, copied as they are: whole tables at a time, under their own ids.

PostgreSQL itself turns JSON into rows, so that a page of any table is one statement. What a row refers to
has to be there: a reference to a row that isn't is dropped, and a row that can't be without it as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    ARRAY,
    Column,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.table_graph import late_columns, references_of, references_to, unique_keys

Row = dict[str, Any]


@dataclass
class Copied:
    """What became of rows: written, left out for want of what they refer to, written without a reference."""

    written: int = 0
    left_out: int = 0
    loosened: int = 0


def ids_array(ids: Iterable[Any]) -> Any:
    """Ids as one parameter of a statement."""
    return bindparam(None, [UUID(str(id)) for id in ids], type_=ARRAY(Uuid(as_uuid=True)))


def records_of(table: Table, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Any:
    """Rows of JSON as PostgreSQL reads them for a table."""
    document = cast(bindparam(None, orjson.dumps(rows).decode(), type_=Text), JSONB)
    kind: Any = literal_column(f'null::"{table.name}"')
    return func.jsonb_populate_recordset(kind, document).table_valued(
        *(Column(name, table.columns[name].type) for name in columns), name="sent"
    )


def _defaults(table: Table, columns: Collection[str]) -> Row:
    """Values for what is not sent and can't be null, where only this program knows a default."""
    found: Row = {}
    for column in table.columns:
        if column.name in columns or column.nullable or column.server_default is not None:
            continue
        default: Any = column.default
        if default is not None and default.is_scalar:
            found[column.name] = default.arg
    return found


class RowCopies:
    """Rows of any table, written as another instance has them."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def write(self, table: Table, rows: Sequence[Row], columns: Collection[str]) -> Copied:
        """Make or change rows by their id; columns that aren't named stay, or have their default.

        A row that is here under another id and that the table can't hold twice becomes the one that is
        sent: what referred to it then refers to that.
        """
        copied = Copied()
        names = [name for name in columns if name in table.columns]
        defaults = _defaults(table, names)
        wanted = [{**defaults, **self._filled(table, row)} for row in rows]
        wanted = await self.checked(table, wanted, copied, late_columns(table))
        if not wanted:
            return copied
        doubles = await self._set_aside(table, wanted)
        names += list(defaults)
        sent = records_of(table, wanted, names)
        statement = insert(table).from_select(names, select(*(sent.c[name] for name in names)))
        later = late_columns(table)
        changed = {
            name: statement.excluded[name]
            for name in names
            if name not in ("id", *defaults) and name not in later
        }
        await self.session.execute(
            statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=changed)
        )
        for old, new in doubles:
            await self._merge(table, old, new, names)
        copied.written += len(wanted)
        return copied

    async def insert(self, table: Table, rows: Sequence[Row], columns: Collection[str]) -> None:
        """Insert rows that are not here yet.

        Raises:
            IntegrityError: one of them is.
        """
        if not rows:
            return
        names = [name for name in columns if name in table.columns]
        defaults = _defaults(table, names)
        names += list(defaults)
        sent = records_of(table, [{**defaults, **row} for row in rows], names)
        await self.session.execute(insert(table).from_select(names, select(*(sent.c[n] for n in names))))

    def _filled(self, table: Table, row: Row) -> Row:
        """The row with defaults in place of nulls that a column can't hold."""
        filled = dict(row)
        for name, value in row.items():
            if value is None and name in table.columns and not table.columns[name].nullable:
                default: Any = table.columns[name].default
                if default is not None and default.is_scalar:
                    filled[name] = default.arg
        return filled

    async def present(self, table: Table, ids: Collection[Any]) -> set[str]:
        """Those of the ids that rows of a table have."""
        if not ids:
            return set()
        found = await self.session.scalars(
            select(table.c.id).where(table.c.id == func.any(ids_array(set(ids))))
        )
        return {str(id) for id in found}

    async def checked(
        self, table: Table, rows: list[Row], copied: Copied, later: Collection[str] = ()
    ) -> list[Row]:
        """The rows without references to what isn't here; those of `later` columns wait."""
        for reference in references_of(table):
            name = reference.column.name
            if name in later:
                for row in rows:
                    row[name] = None
                continue
            named = {row[name] for row in rows if row.get(name) is not None}
            missing = named - await self.present(reference.target, named)
            if not missing:
                continue
            if not reference.column.nullable:
                kept = [row for row in rows if row.get(name) not in missing]
                copied.left_out += len(rows) - len(kept)
                rows = kept
                continue
            for row in rows:
                if row.get(name) in missing:
                    row[name] = None
                    copied.loosened += 1
        return rows

    async def set_late(self, table: Table, rows: Sequence[Row]) -> int:
        """Set the references of rows that had to wait; how many of them lead nowhere."""
        names = sorted(late_columns(table))
        copied = Copied()
        wanted = await self.checked(
            table, [{"id": row["id"], **{name: row.get(name) for name in names}} for row in rows], copied
        )
        if wanted and names:
            sent = records_of(table, wanted, ["id", *names])
            differs = func.row(*(table.c[name] for name in names)).is_distinct_from(
                func.row(*(sent.c[name] for name in names))
            )
            change = update(table).where(table.c.id == sent.c.id, differs)
            # A reference is no change of the row that anybody should be told of: updated_at stays.
            values = {name: sent.c[name] for name in names}
            if "updated_at" in table.c:
                values["updated_at"] = table.c.updated_at
            await self.session.execute(change.values(values))
        return copied.loosened

    async def fill(self, table: Table, column: str, rows: Sequence[Row], *, empty: bool = True) -> None:
        """Set a column of the rows of these ids: where it is `empty`, or whatever it holds."""
        if not rows:
            return
        sent = records_of(table, rows, ["id", column])
        change = update(table).where(table.c.id == sent.c.id)
        if empty:
            change = change.where(table.c[column].is_(None))
        await self.session.execute(change.values({column: sent.c[column]}))

    async def set_links(
        self, table: Table, own: str, other: str, wanted: Mapping[str, Sequence[Mapping[str, Any]]]
    ) -> int:
        """Make the links of rows exactly these, with what they say besides; how many lead nowhere."""
        mine = table.c[own] == func.any(ids_array(wanted))
        rows = [{own: id, **link} for id, links in wanted.items() for link in links]
        kept = await self.checked(table, rows, copied := Copied())
        pairs = list({(row[own], row[other]): row for row in kept}.values())
        sent = records_of(table, pairs, [own, other])
        stays = exists().where(table.c[own] == sent.c[own], table.c[other] == sent.c[other])
        await self.session.execute(delete(table).where(mine, ~stays))
        for names in {tuple(sorted(row)) for row in pairs}:
            await self._put_links(table, own, other, [row for row in pairs if tuple(sorted(row)) == names])
        return copied.left_out

    async def replace(self, table: Table, own: str, id: str, rows: Sequence[Row]) -> None:
        """Make the rows of a table that hang on one row exactly these."""
        await self.session.execute(delete(table).where(table.c[own] == UUID(id)))
        kept = await self.checked(table, [dict(row) for row in rows], Copied())
        await self.insert(table, kept, sorted({name for row in kept for name in row}))

    async def _put_links(self, table: Table, own: str, other: str, rows: Sequence[Row]) -> None:
        more = [name for name in rows[0] if name not in (own, other)]
        sent = records_of(table, rows, [own, other, *more])
        same = and_(table.c[own] == sent.c[own], table.c[other] == sent.c[other])
        if more:
            await self.session.execute(
                update(table).where(same).values({name: sent.c[name] for name in more})
            )
        defaults = _defaults(table, [own, other, *more, "id"])
        new = select(*(sent.c[name] for name in (own, other, *more)), *_made_up(table, more, defaults))
        names = [own, other, *more, *(name for name, _ in _made_up_pairs(table, more, defaults))]
        await self.session.execute(insert(table).from_select(names, new.where(~exists().where(same))))

    async def _set_aside(self, table: Table, rows: Sequence[Row]) -> list[tuple[UUID, UUID]]:
        """Make room for rows that are here under another id; those ids, and the ids that they get."""
        doubles: list[tuple[UUID, UUID]] = []
        sent_ids = [row["id"] for row in rows]
        for key in unique_keys(table):
            if not all(name in row for row in rows[:1] for name in key):
                continue
            sent = records_of(table, rows, ["id", *key])
            same = and_(*(_same(table, name, sent) for name in key), table.c.id != sent.c.id)
            query = (
                select(table.c.id, sent.c.id)
                .select_from(table.join(sent, same))
                .where(table.c.id != func.all(ids_array(sent_ids)))
            )
            found = [(row[0], row[1]) for row in await self.session.execute(query)]
            if not found:
                continue
            text = next((name for name in key if isinstance(table.c[name].type, String)), None)
            if text is None or not references_to(table):
                await self.delete(table, [old for old, _ in found])
                continue
            aside = {text: func.left(func.md5(cast(table.c.id, Text)), 20)}
            await self.session.execute(
                update(table).where(table.c.id == func.any(ids_array(old for old, _ in found))).values(aside)
            )
            doubles += found
        return list({old: (old, new) for old, new in doubles}.values())

    async def _merge(self, table: Table, old: UUID, new: UUID, sent: Collection[str]) -> None:
        """Have everything that refers to one row refer to another, and delete the first; what wasn't sent,
        such as a password, the second takes over."""
        for reference in references_to(table):
            child, name = reference.table, reference.column.name
            for constraint in child.constraints:
                if not isinstance(constraint, UniqueConstraint | PrimaryKeyConstraint):
                    continue
                key = [column.name for column in constraint.columns]
                if name not in key:
                    continue
                other = child.alias()
                same = [other.c[part] == child.c[part] for part in key if part != name]
                double = exists().where(other.c[name] == new, *same)
                await self.session.execute(delete(child).where(child.c[name] == old, double))
            await self.session.execute(update(child).where(child.c[name] == old).values({name: new}))
        own = [column for column in table.columns if column.name not in (*sent, "id", "updated_at")]
        kept = (await self.session.execute(select(*own).where(table.c.id == old))).one() if own else ()
        await self.session.execute(delete(table).where(table.c.id == old))
        if own:
            values = {column.name: value for column, value in zip(own, kept, strict=True)}
            values.setdefault("updated_at", table.c.updated_at)
            await self.session.execute(update(table).where(table.c.id == new).values(values))

    async def delete_others(
        self, table: Table, column: str, ids: Collection[Any], kept: Collection[Any]
    ) -> None:
        """Delete the rows that hang on others by a column, but for those that are kept."""
        mine = table.c[column] == func.any(ids_array(ids))
        await self.session.execute(delete(table).where(mine, table.c.id != func.all(ids_array(kept))))

    async def referring(self, table: Table, ids: Collection[Any]) -> dict[str, set[str]]:
        """The ids of rows that refer to rows of a table and could be without them, by their table."""
        found: dict[str, set[str]] = {}
        for reference in references_to(table):
            child = reference.table
            if ids and reference.column.nullable and "id" in child.c:
                mine = child.c[reference.column.name] == func.any(ids_array(ids))
                rows = await self.session.scalars(select(child.c.id).where(mine))
                found.setdefault(child.name, set()).update(str(id) for id in rows)
        return found

    async def delete(self, table: Table, ids: Collection[Any]) -> int:
        """Delete rows and what can't be without them; references that can be empty become so."""
        if not ids:
            return 0
        here = ids_array(ids)
        for reference in references_to(table):
            child, name = reference.table, reference.column.name
            mine = child.c[name] == func.any(here)
            if reference.column.nullable:
                values: Row = {name: None}
                if "updated_at" in child.c:
                    values["updated_at"] = child.c.updated_at
                await self.session.execute(update(child).where(mine).values(values))
            elif "id" in child.c and references_to(child):
                below = list(await self.session.scalars(select(child.c.id).where(mine)))
                await self.delete(child, below)
            else:
                await self.session.execute(delete(child).where(mine))
        gone = await self.session.execute(delete(table).where(table.c.id == func.any(here)))
        return int(getattr(gone, "rowcount", 0) or 0)


def _same(table: Table, name: str, sent: Any) -> Any:
    """Whether a column is the same in a row of the table and in one that was sent."""
    if name == "email":
        return func.lower(table.c[name]) == func.lower(sent.c[name])
    return table.c[name] == sent.c[name]


def _made_up_pairs(table: Table, more: Collection[str], defaults: Row) -> list[tuple[str, Any]]:
    """What new links have besides: an id of their own, the moment, and defaults."""
    pairs: list[tuple[str, Any]] = []
    if "id" in table.c and "id" not in more:
        pairs.append(("id", func.gen_random_uuid()))
    pairs += [
        (name, func.timezone("UTC", func.now()))
        for name in ("created_at", "updated_at")
        if name in table.c and name not in more
    ]
    return pairs + [(name, bindparam(None, value)) for name, value in defaults.items() if name not in more]


def _made_up(table: Table, more: Collection[str], defaults: Row) -> list[Any]:
    return [value for _, value in _made_up_pairs(table, more, defaults)]
