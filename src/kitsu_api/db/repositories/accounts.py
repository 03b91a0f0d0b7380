"""Queries on accounts: who signs in, with what, and from where."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, case, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.models import DepartmentLink, LoginLog, Organisation, Person
from kitsu_api.db.projection import Link, json_object, wire

SECRETS_OF_PERSON = frozenset(
    {
        "password",
        "totp_secret",
        "email_otp_secret",
        "fido_credentials",
        "otp_recovery_codes",
        "jti",
        "login_failed_attemps",
        "last_login_failed",
        "oidc_issuer",
        "oidc_subject",
        "saml_issuer",
        "saml_subject",
    }
)
"""Columns that never leave the server."""

SECRETS_OF_ORGANISATION = frozenset({"chat_token_slack", "chat_webhook_mattermost", "chat_token_discord"})
"""Columns that admins alone may see."""

DEFAULT_ORGANISATION = "Kitsu"
FACTORS = ("totp", "email_otp", "fido")
"""Kinds of second factor, in the order in which they are offered."""


@dataclass(frozen=True)
class Account:
    """What signing in needs to know of a person. Secrets stay out of its `repr`."""

    id: UUID
    first_name: str
    last_name: str
    email: str | None
    locale: str | None
    role: str
    active: bool | None
    is_bot: bool
    is_guest: bool
    expiration_date: dt.date | None
    preview_project_id: UUID | None
    preview_open_until: datetime | None
    totp_enabled: bool | None
    email_otp_enabled: bool | None
    fido_enabled: bool | None
    preferred_two_factor_authentication: str | None
    login_failed_attemps: int | None
    last_login_failed: datetime | None
    password: bytes | None = field(repr=False)
    totp_secret: str | None = field(repr=False)
    email_otp_secret: str | None = field(repr=False)
    fido_credentials: list[dict[str, Any]] | None = field(repr=False)
    otp_recovery_codes: list[bytes] | None = field(repr=False)

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def may_sign_in(self) -> bool:
        """Whether the account is open today; one for previews is open while somebody opened it."""
        expired = self.expiration_date is not None and self.expiration_date < dt.date.today()
        until = self.preview_open_until
        closed = self.preview_project_id is not None and (until is None or until <= now())
        return bool(self.active) and not expired and not closed

    @property
    def factors(self) -> tuple[str, ...]:
        """The second factors that are set up."""
        return tuple(factor for factor in FACTORS if getattr(self, f"{factor}_enabled"))

    @property
    def failures(self) -> int:
        """Failed tries since the last success."""
        return self.login_failed_attemps or 0


COLUMNS = tuple(getattr(Person, column.name) for column in fields(Account))


def _departments() -> ColumnElement[Any]:
    return Link(DepartmentLink, "person_id", "department_id").ids(Person.__table__.c.id)


def _devices() -> ColumnElement[Any]:
    names = "array_to_json(array(select key ->> 'device_name' from unnest(person.fido_credentials) as key))"
    return literal_column(names)


class AccountRepository:
    """People as accounts."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def release(self) -> None:
        """Give the connection back while something slow happens. Nothing may have been written yet."""
        await self.session.rollback()

    async def find(self, person_id: UUID, *, lock: bool = False) -> Account | None:
        """An account by its id; with `lock`, nobody else changes it until the transaction ends."""
        query = select(*COLUMNS).where(Person.id == person_id)
        row = (await self.session.execute(query.with_for_update() if lock else query)).one_or_none()
        return None if row is None else Account(*row)

    async def find_by_email(self, email: str) -> Account | None:
        """A person's account by its e-mail, in any spelling of case; bots and guests have no such door."""
        return await self._find_one(func.lower(Person.email) == email.strip().lower(), Person.email == email)

    async def find_by_login(self, login: str) -> Account | None:
        """A person's account by e-mail, else by desktop login where only one person has it."""
        found = await self.find_by_email(login)
        if found is not None:
            return found
        query = select(*COLUMNS).where(Person.desktop_login == login.strip(), *self._people()).limit(2)
        rows = (await self.session.execute(query)).all()
        return Account(*rows[0]) if len(rows) == 1 else None

    async def _find_one(self, condition: ColumnElement[bool], exact: ColumnElement[bool]) -> Account | None:
        query = select(*COLUMNS).where(condition, *self._people()).order_by(exact.desc(), Person.id).limit(1)
        row = (await self.session.execute(query)).one_or_none()
        return None if row is None else Account(*row)

    @staticmethod
    def _people() -> tuple[ColumnElement[bool], ...]:
        return Person.is_bot.is_(False), Person.is_guest.is_(False)

    async def email_taken(self, email: str) -> bool:
        """Whether anybody has this e-mail, in any spelling of case."""
        query = select(Person.id).where(func.lower(Person.email) == email.lower(), Person.is_bot.is_(False))
        return (await self.session.execute(query.limit(1))).first() is not None

    async def count_active(self) -> int:
        """People who count towards the limit of the licence."""
        query = select(func.count()).where(Person.active.is_(True), *self._people())
        return int(await self.session.scalar(query) or 0)

    async def add(self, person: Person) -> Person:
        """Add a person."""
        self.session.add(person)
        await self.session.flush()
        return person

    async def change(self, person_id: UUID, **values: Any) -> None:
        """Write columns of an account."""
        await self.session.execute(update(Person).where(Person.id == person_id).values(**values))

    async def count_failure(self, person_id: UUID, limit: int) -> None:
        """Note a failed try; after `limit` of them the count starts anew."""
        before = func.coalesce(Person.login_failed_attemps, 0)
        await self.change(
            person_id,
            login_failed_attemps=case((before >= limit, 1), else_=before + 1),
            last_login_failed=now(),
        )

    async def spend_recovery_code(self, person_id: UUID, hashed: bytes) -> bool:
        """Take a recovery code away; False when somebody else was faster."""
        statement = (
            update(Person)
            .where(Person.id == person_id, Person.otp_recovery_codes.any_() == hashed)
            .values(otp_recovery_codes=func.array_remove(Person.otp_recovery_codes, hashed))
            .returning(Person.id)
        )
        return (await self.session.execute(statement)).first() is not None

    async def signed_in_from(self, person_id: UUID, address: str) -> bool:
        """Whether the person has ever signed in from an address."""
        query = select(LoginLog.id).where(LoginLog.person_id == person_id, LoginLog.ip_address == address)
        return bool(address) and (await self.session.execute(query.limit(1))).first() is not None

    async def log_sign_in(self, person_id: UUID, address: str, origin: str) -> None:
        """Note who signed in from where; `origin` is `web` or `script`."""
        self.session.add(LoginLog(person_id=person_id, ip_address=address or None, origin=origin))
        await self.session.flush()

    async def profile_json(self, person_id: UUID) -> bytes | None:
        """What a person sees of themselves, as JSON; None when there is no such person."""
        shown = [
            wire(column).label(column.name)
            for column in Person.__table__.columns
            if column.name not in SECRETS_OF_PERSON
        ]
        query = select(
            *shown,
            func.trim(func.concat_ws(" ", Person.first_name, Person.last_name)).label("full_name"),
            func.cast(literal_column("'Person'"), Text).label("type"),
            _departments().label("departments"),
            _devices().label("fido_devices"),
        ).where(Person.id == person_id)
        return await json_object(self.session, query)


class OrganisationRepository:
    """The studio's own row."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def ensure(self) -> None:
        """Make the row where it is missing; two requests at a time make one."""
        if await self.name() is None:
            row = insert(Organisation).values(name=DEFAULT_ORGANISATION)
            await self.session.execute(row.on_conflict_do_nothing(index_elements=[Organisation.name]))

    async def name(self) -> str | None:
        """What the studio calls itself; None when there is no row yet."""
        query = select(Organisation.name).order_by(Organisation.created_at, Organisation.id).limit(1)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def as_json(self, *, with_secrets: bool) -> bytes | None:
        """The row as JSON, its chat tokens only for those who may see them; None when there is none."""
        hidden = frozenset() if with_secrets else SECRETS_OF_ORGANISATION
        shown = [
            wire(column).label(column.name)
            for column in Organisation.__table__.columns
            if column.name not in hidden
        ]
        type_name = func.cast(literal_column("'Organisation'"), Text).label("type")
        query = select(*shown, type_name).order_by(Organisation.created_at, Organisation.id).limit(1)
        return await json_object(self.session, query)


def lock_ends(account: Account, limit: int, seconds: int) -> float | None:
    """Seconds until an account that is locked opens again; None when it is open."""
    if account.failures < limit or account.last_login_failed is None:
        return None
    left = (account.last_login_failed + timedelta(seconds=seconds) - now()).total_seconds()
    # a failure in the future is from before the clock was set back: it must not lock anybody out until then
    return left if 0 < left <= seconds else None
