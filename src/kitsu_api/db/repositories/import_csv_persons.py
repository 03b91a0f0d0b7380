"""People as a sheet finds them, and how it writes them: many in one statement."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Text, and_, cast, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db import models as m
from kitsu_api.db.repositories.bulk import among, insert_rows, update_rows, values_of


@dataclass(frozen=True)
class StoredPerson:
    """Somebody, as far as sheets go."""

    id: UUID
    first_name: str
    last_name: str
    email: str | None
    is_guest: bool
    values: dict[str, Any]
    """The columns that a sheet may change, as they are stored."""
    departments: frozenset[UUID]


CHANGED = (
    *("first_name", "last_name", "email", "phone", "role", "studio_id", "country"),
    *("contract_type", "position", "seniority", "daily_salary", "active"),
)


class ImportedPeople:
    """People; bots are none."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, emails: Collection[str], names: Collection[str]) -> list[StoredPerson]:
        """Those of these e-mails, in small letters, and those without one who are called so."""
        person, link = m.Person, m.DepartmentLink
        departments = (
            select(func.array_agg(link.department_id))
            .where(link.person_id == person.id)
            .correlate(person)
            .scalar_subquery()
        )
        called = cast(func.concat(person.first_name, " ", person.last_name), Text)
        nameless = and_(func.coalesce(person.email, "") == "", among(called, names))
        query = (
            select(person.id, person.is_guest, departments, *(getattr(person, name) for name in CHANGED))
            .where(
                person.is_bot.is_(False), or_(among(cast(func.lower(person.email), Text), emails), nameless)
            )
            .order_by(person.created_at, person.id)
        )
        found: list[StoredPerson] = []
        for row in (await self.session.execute(query)).all():
            values = dict(zip(CHANGED, row[3:], strict=True))
            name = values["first_name"], values["last_name"]
            found.append(
                StoredPerson(row[0], *name, values["email"], bool(row[1]), values, frozenset(row[2] or ()))
            )
        return found

    async def departments(self) -> dict[UUID, str]:
        """The names of departments, the oldest first."""
        query = select(m.Department.id, m.Department.name).order_by(m.Department.created_at)
        return {row[0]: row[1] for row in (await self.session.execute(query)).all()}

    async def studios(self) -> dict[UUID, str]:
        """The names of studios."""
        rows = (await self.session.execute(select(m.Studio.id, m.Studio.name))).all()
        return {row[0]: row[1] for row in rows}

    async def count_admins(self, but: Collection[UUID]) -> int:
        """How many can sign in as admins, without some."""
        person = m.Person
        query = select(func.count()).where(
            person.role == "admin",
            person.active.is_(True),
            person.is_bot.is_(False),
            ~among(person.id, but),
        )
        return int(await self.session.scalar(query) or 0)

    async def add(self, rows: Sequence[dict[str, Any]], **same: Any) -> None:
        """Insert people."""
        await insert_rows(self.session, m.Person, rows, **same)

    async def change(self, rows: Sequence[dict[str, Any]]) -> None:
        """Set columns of people; rows that set the same columns go together."""
        groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for row in rows:
            groups.setdefault(tuple(sorted(row)), []).append({name: row[name] for name in sorted(row)})
        for group in groups.values():
            await update_rows(self.session, m.Person, group)

    async def set_departments(self, wanted: dict[UUID, Collection[UUID]]) -> None:
        """Put people into departments, and out of all others."""
        if not wanted:
            return
        link = m.DepartmentLink
        await self.session.execute(delete(link).where(among(link.person_id, list(wanted))))
        rows = [
            {"person_id": person_id, "department_id": id} for person_id, ids in wanted.items() for id in ids
        ]
        if rows:
            columns = ["person_id", "department_id"]
            query = select(values_of(link, rows))
            await self.session.execute(insert(link).from_select(columns, query).on_conflict_do_nothing())
