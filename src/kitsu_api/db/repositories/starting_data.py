"""What of the starting data a database holds already."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import Record
from kitsu_api.db.models import Department, EntityType, Organisation, Person, TaskStatus, TaskType

R = TypeVar("R", bound=Record)
ONE_AT_A_TIME = 0x6B69747375
"""Key of the advisory lock that keeps two processes from filling one database together."""


async def wait_for_turn(session: AsyncSession) -> None:
    """Let nobody else fill this database until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))


async def add_missing(session: AsyncSession, rows: Iterable[R], *columns: str) -> int:
    """Add the rows whose values in ``columns`` no row has yet, upper and lower case alike; how many."""
    wanted = list(rows)
    if not wanted:
        return 0
    model = type(wanted[0])
    there = {
        _key(row) for row in await session.execute(select(*(getattr(model, column) for column in columns)))
    }
    missing = [row for row in wanted if _key(getattr(row, column) for column in columns) not in there]
    session.add_all(missing)
    await session.flush()
    return len(missing)


def _key(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(str(value).casefold() for value in values)


async def departments_by_name(session: AsyncSession) -> dict[str, Department]:
    """All departments, by their name in lower case."""
    return {row.name.casefold(): row for row in await session.scalars(select(Department))}


async def has_organisation(session: AsyncSession) -> bool:
    """Whether the studio has its row."""
    return bool(await session.scalar(select(exists().select_from(Organisation))))


async def is_new(session: AsyncSession) -> bool:
    """Whether nobody has filled this database: neither task types nor statuses nor asset types."""
    used = select(
        exists().select_from(TaskType) | exists().select_from(TaskStatus) | exists().select_from(EntityType)
    )
    return not await session.scalar(used)


async def has_admin(session: AsyncSession) -> bool:
    """Whether somebody can sign in as an admin."""
    admins = exists().where(Person.role == "admin", Person.active.is_(True), Person.is_bot.is_(False))
    return bool(await session.scalar(select(admins)))


async def has_person(session: AsyncSession, email: str) -> bool:
    """Whether somebody has this e-mail, upper and lower case alike."""
    return bool(await session.scalar(select(exists().where(func.lower(Person.email) == email.lower()))))
