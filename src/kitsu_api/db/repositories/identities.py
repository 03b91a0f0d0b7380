"""Queries on the accounts that people have elsewhere: at an identity provider, or in a directory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import Person
from kitsu_api.db.repositories.accounts import COLUMNS, Account
from kitsu_api.db.repositories.bulk import Rows, insert_rows, update_rows

Provider = Literal["oidc", "saml"]


def _people() -> tuple[ColumnElement[bool], ...]:
    return Person.is_bot.is_(False), Person.is_guest.is_(False)


class IdentityRepository:
    """People as identity providers know them: by issuer and subject."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, provider: Provider, issuer: str, subject: str) -> Account | None:
        """The account that an identity belongs to."""
        issuer_column, subject_column = _columns(provider)
        query = select(*COLUMNS).where(issuer_column == issuer, subject_column == subject, *_people())
        row = (await self.session.execute(query)).one_or_none()
        return None if row is None else Account(*row)

    async def link(self, person_id: UUID, provider: Provider, issuer: str, subject: str) -> bool:
        """Give an account an identity; False when it has another of this kind."""
        _, subject_column = _columns(provider)
        statement = (
            update(Person)
            .where(Person.id == person_id, subject_column.is_(None))
            .values(identity(provider, issuer, subject))
            .returning(Person.id)
        )
        return (await self.session.execute(statement)).first() is not None


def _columns(provider: Provider) -> tuple[Any, Any]:
    if provider == "oidc":
        return Person.oidc_issuer, Person.oidc_subject
    return Person.saml_issuer, Person.saml_subject


def identity(provider: Provider, issuer: str, subject: str) -> dict[str, str]:
    """The columns of an identity."""
    return {f"{provider}_issuer": issuer, f"{provider}_subject": subject}


@dataclass(frozen=True)
class KnownPerson:
    """What a directory may know of somebody, as it is stored."""

    id: UUID
    first_name: str
    last_name: str
    email: str | None
    desktop_login: str | None
    ldap_uid: str | None
    is_generated_from_ldap: bool | None
    active: bool | None
    role: str
    is_guest: bool


class DirectoryRepository:
    """People as a directory knows them."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def names_of(self, person_id: UUID) -> tuple[str | None, str | None]:
        """What somebody is called in the directory, if they are linked to it, and their desktop login."""
        query = select(Person.ldap_uid, Person.desktop_login).where(Person.id == person_id)
        row = (await self.session.execute(query)).one_or_none()
        return (None, None) if row is None else (row[0], row[1])

    async def people(self) -> list[KnownPerson]:
        """Everybody but bots, the oldest first; guests are among them, for they have e-mails too."""
        query = (
            select(
                Person.id,
                Person.first_name,
                Person.last_name,
                Person.email,
                Person.desktop_login,
                Person.ldap_uid,
                Person.is_generated_from_ldap,
                Person.active,
                Person.role,
                Person.is_guest,
            )
            .where(Person.is_bot.is_(False))
            .order_by(Person.created_at, Person.id)
        )
        rows: Iterable[Any] = await self.session.execute(query)
        return [KnownPerson(*row) for row in rows]

    async def add(self, rows: Rows, **same: Any) -> None:
        """Add people, in one statement."""
        await insert_rows(self.session, Person, rows, **same)

    async def change(self, rows: Rows, **same: Any) -> None:
        """Change people, in one statement."""
        await update_rows(self.session, Person, rows, **same)
