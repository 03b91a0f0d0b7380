"""What changed in a row, newest first, and the months that this is kept in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, String, any_, func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import HistoryEntry

METADATA = "data"
"""The column whose changes are told key by key: `data.<key>`."""

LOCK = 0x6B69_7473_7568_6973
"""Key of the advisory lock that lets one process look after the months at a time ("kitsuhis" in ASCII)."""

WAIT = "2s"
"""How long this work waits for those who write, who in turn wait for it: it is done again soon."""

PARTITIONS = text(
    """
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass('kitsu_api_history') ORDER BY c.relname
    """
)
STRAY_MONTHS = text("SELECT DISTINCT date_trunc('month', changed_at)::date FROM kitsu_api_history_other")


def _of_column(names: Collection[str]) -> ColumnElement[bool]:
    """Entries that tell of one of these columns."""
    changes = HistoryEntry.before.op("||")(HistoryEntry.after)
    field: ColumnElement[str] = func.jsonb_object_keys(changes).column_valued("field")
    column = func.split_part(field, ".", 1)
    return select(field).where(column == any_(literal(list(names), ARRAY(String)))).exists()


class History:
    """Rows of `kitsu_api_history`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of_record(
        self,
        table: str,
        id: UUID,
        *,
        columns: Collection[str],
        narrowed: bool,
        field: str | None,
        before: int | None,
        limit: int,
    ) -> Sequence[HistoryEntry]:
        """The changes of a row, newest first. `narrowed` leaves out those that tell of none of the columns;
        `field` keeps those of one field alone, `before` those that came before an entry."""
        entry = HistoryEntry
        query = select(entry).where(entry.record_id == id, entry.table_name == table)
        if narrowed:
            query = query.where((entry.action != "update") | _of_column(columns))
        if field is not None:
            query = query.where(entry.after.has_key(field) | entry.before.has_key(field))
        if before is not None:
            query = query.where(entry.id < before)
        return (await self.session.scalars(query.order_by(entry.id.desc()).limit(limit))).all()

    async def entry(self, table: str, id: UUID, entry_id: int) -> HistoryEntry | None:
        """One change of a row."""
        entry = HistoryEntry
        query = select(entry).where(entry.record_id == id, entry.table_name == table, entry.id == entry_id)
        return (await self.session.scalars(query)).one_or_none()

    async def changed_since(self, entry: HistoryEntry, field: str) -> bool:
        """Whether the field of the entry's row changed again after it."""
        later = HistoryEntry
        query = select(later.id).where(
            later.record_id == entry.record_id,
            later.table_name == entry.table_name,
            later.id > entry.id,
            later.after.has_key(field),
        )
        return bool(await self.session.scalar(select(query.exists())))

    async def deletion(self, table: str, id: UUID) -> HistoryEntry | None:
        """The latest deletion of a row, which is gone."""
        entry = HistoryEntry
        query = select(entry).where(
            entry.record_id == id, entry.table_name == table, entry.action == "delete"
        )
        return (await self.session.scalars(query.order_by(entry.id.desc()).limit(1))).first()


# --- months -------------------------------------------------------------------------------------------


def _name(month: dt.date) -> str:
    return f"kitsu_api_history_{month:%Y_%m}"


def following(month: dt.date, months: int = 1) -> dt.date:
    """The first day of the month so many months later; earlier, when negative."""
    count = month.year * 12 + month.month - 1 + months
    return dt.date(count // 12, count % 12 + 1, 1)


class HistoryMonths:
    """Partitions of `kitsu_api_history`: one a month, and one for what no month takes.

    Whoever changes them holds off those who write, for a moment; who waits longer than that gives up with
    `LockNotAvailableError` of the driver.
    """

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def hold(self) -> None:
        """Let no other process do this until the transaction ends, and wait for nobody for long."""
        await self.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        await self.session.execute(text(f"SET LOCAL lock_timeout = '{WAIT}'"))

    async def names(self) -> set[str]:
        """The partitions that there are."""
        return set((await self.session.scalars(PARTITIONS)).all())

    async def lacking(self, today: dt.date, ahead: int) -> list[dt.date]:
        """The months, from this one on, that have no partition yet, and those of rows that found none."""
        first = today.replace(day=1)
        wanted = {following(first, months) for months in range(ahead + 1)}
        wanted |= set((await self.session.scalars(STRAY_MONTHS)).all())
        present = await self.names()
        return sorted(month for month in wanted if _name(month) not in present)

    async def add(self, month: dt.date) -> None:
        """Make a month's partition, with the rows that came before it."""
        name, span = _name(month), {"first": month, "end": following(month)}
        await self.session.execute(text("LOCK TABLE kitsu_api_history IN SHARE ROW EXCLUSIVE MODE"))
        await self.session.execute(text(f"CREATE TABLE {name} (LIKE kitsu_api_history INCLUDING DEFAULTS)"))
        await self.session.execute(
            text(
                f"WITH moved AS (DELETE FROM kitsu_api_history_other"  # noqa: S608 (a name of ours)
                f" WHERE changed_at >= :first AND changed_at < :end RETURNING *)"
                f" INSERT INTO {name} SELECT * FROM moved"
            ),
            span,
        )
        await self.session.execute(
            text(
                f"ALTER TABLE kitsu_api_history ATTACH PARTITION {name}"
                f" FOR VALUES FROM ('{month}') TO ('{span['end']}')"
            )
        )

    async def drop_before(self, month: dt.date) -> list[str]:
        """Drop the months before this one; which there were."""
        gone = sorted(name for name in await self.names() if name[-7:-4].isdigit() and name < _name(month))
        for name in gone:
            await self.session.execute(text(f"DROP TABLE {name}"))
        return gone
