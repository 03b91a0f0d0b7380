"""What a backup reads of the database, all of it as of one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import StoredFile

LOCK = 0x6B69_7473_7562_6B70
"""Key of the advisory lock that lets one backup be made at a time ("kitsubkp" in ASCII)."""

TABLES = text(
    """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname NOT LIKE 'pg\\_%' AND schemaname <> 'information_schema' ORDER BY 1
    """
)


@dataclass(frozen=True)
class RegisteredFile:
    """A file that the register says is in storage."""

    bucket: str
    key: str


async def take_lock(session: AsyncSession) -> bool:
    """Take the lock of backups until the session's transaction ends; False where somebody else has it."""
    await session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    return bool(await session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": LOCK}))


async def begin_snapshot(session: AsyncSession) -> str:
    """Begin a transaction that sees the database as it is now; a name by which others can see the same."""
    await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    await session.execute(text("SET LOCAL statement_timeout = 0"))
    await session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    return str(await session.scalar(text("SELECT pg_export_snapshot()")))


async def count_rows(session: AsyncSession) -> dict[str, int]:
    """The rows of every table, by its quoted name with its schema."""
    await session.execute(text("SET LOCAL statement_timeout = 0"))
    names = list((await session.scalars(TABLES)).all())
    if not names:
        return {}
    counts = " UNION ALL ".join(
        f"SELECT {number}, count(*) FROM {name}"  # noqa: S608  # names of the catalogue, which quotes them
        for number, name in enumerate(names)
    )
    rows = (await session.execute(text(counts.replace(":", "\\:")))).all()
    return {names[row[0]]: int(row[1]) for row in rows}


async def has_tables(session: AsyncSession) -> bool:
    """Whether there is any table."""
    return (await session.scalars(TABLES)).first() is not None


async def registered_files(session: AsyncSession) -> Sequence[RegisteredFile]:
    """The files that were not removed from storage, deleted ones that still lie there included."""
    query = select(StoredFile.bucket, StoredFile.key)
    rows = await session.execute(
        query.where(StoredFile.purged_at.is_(None)).order_by(StoredFile.bucket, StoredFile.key)
    )
    return [RegisteredFile(*row) for row in rows]
