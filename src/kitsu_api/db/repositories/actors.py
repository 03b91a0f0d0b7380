"""The one statement that says who asks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BindParameter,
    DateTime,
    Select,
    String,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.attribution import told
from kitsu_api.db.base import now
from kitsu_api.db.models import (
    AccessGroup,
    AccessGroupMember,
    ApiKey,
    DepartmentLink,
    Person,
    ProjectPersonLink,
)
from kitsu_api.db.prepared import Statements, unseen

MOMENT: BindParameter[datetime] = bindparam("moment", type_=DateTime())


@dataclass(frozen=True)
class ActorRow:
    """What is known of a caller."""

    id: UUID
    email: str | None
    role: str
    active: bool
    is_bot: bool
    is_guest: bool
    token_id: str | None
    expiration_date: date | None
    departments: list[UUID]
    project_roles: dict[UUID, str | None]
    grants: list[tuple[UUID | None, list[str]]] = field(default_factory=list)
    """What groups add, each in a production or (None) in all that the caller is in the team of."""
    client: str = ""
    """The program that the history says was used, once the transaction was told."""


def _query() -> Select[Any]:
    """People; what has an end is compared with `moment`."""
    departments = (
        select(func.array_agg(aggregate_order_by(DepartmentLink.department_id, DepartmentLink.department_id)))
        .where(DepartmentLink.person_id == Person.id)
        .scalar_subquery()
    )
    roles = (
        select(
            func.coalesce(
                func.jsonb_object_agg(ProjectPersonLink.project_id, ProjectPersonLink.role),
                literal_column("'{}'::jsonb", JSONB),
                type_=JSONB,
            )
        )
        .where(ProjectPersonLink.person_id == Person.id)
        .scalar_subquery()
    )
    groups = (
        select(func.jsonb_agg(func.jsonb_build_array(AccessGroup.project_id, AccessGroup.capabilities)))
        .join(AccessGroupMember, AccessGroupMember.group_id == AccessGroup.id)
        .where(AccessGroupMember.person_id == Person.id)
        .scalar_subquery()
    )
    return select(
        Person.id,
        Person.email,
        Person.role,
        Person.active,
        Person.is_bot,
        Person.is_guest,
        Person.jti,
        Person.expiration_date,
        or_(
            Person.preview_project_id.is_(None),
            func.coalesce(Person.preview_open_until > MOMENT, false()),
        ),
        departments,
        roles,
        groups,
    )


_ID = cast(Person.id, Text)
_CLIENT: BindParameter[str] = bindparam("client", type_=Text())
_ACTOR = Statements(
    lambda: _query().add_columns(*told(_ID, _CLIENT)).where(Person.id == bindparam("id", type_=Uuid()))
)


async def find_actor(session: AsyncSession, person_id: UUID, client: str = "") -> ActorRow | None:
    """The caller with departments and roles on productions; None when there is no such person.

    What this transaction writes from now on is theirs, made with the program `client`.
    """
    row = await _ACTOR().row(session, id=person_id, moment=now(), client=client)
    return None if row is None else _actor_row(row[:-2], row[-1])


_IDS: BindParameter[Sequence[UUID]] = bindparam("ids", type_=ARRAY(Uuid()))
_CALLERS = Statements(lambda: _query().where(Person.id == any_(unseen(_IDS))))
_CALLER = Statements(lambda: _query().where(Person.id == bindparam("id", type_=Uuid())))


async def find_callers(session: AsyncSession, person_ids: Collection[UUID]) -> dict[UUID, ActorRow]:
    """Several people by id, for requests that write nothing: nobody is told who asks."""
    if len(person_ids) == 1:
        [id] = person_ids
        rows = await _CALLER().rows(session, id=id, moment=now())
    else:
        rows = await _CALLERS().rows(session, ids=list(person_ids), moment=now())
    return {row[0]: _actor_row(row) for row in rows}


_KEY = Statements(
    lambda: (
        _query()
        .add_columns(
            *(ApiKey.id, ApiKey.secret_hash, ApiKey.writes, ApiKey.resources, ApiKey.project_ids),
            *(ApiKey.expires_at, ApiKey.last_used_at),
            *told(_ID, literal("API key: ", Text) + ApiKey.name),
        )
        .join(ApiKey, ApiKey.person_id == Person.id)
        .where(ApiKey.lookup == bindparam("lookup", type_=String()))
    )
)


@dataclass(frozen=True)
class KeyRow:
    """What is known of an API key."""

    id: UUID
    secret_hash: bytes
    writes: bool
    resources: list[str] | None
    project_ids: list[UUID] | None
    expires_at: datetime | None
    last_used_at: datetime | None


async def find_key(session: AsyncSession, lookup: str) -> tuple[ActorRow, KeyRow] | None:
    """An API key and whose it is, in one statement; None when there is no such key."""
    row = await _KEY().row(session, lookup=lookup, moment=now())
    if row is None:
        return None
    known: Any = row[-9:-2]
    return _actor_row(row[:-9], row[-1]), KeyRow(*known)


async def find_actors(session: AsyncSession, person_ids: Collection[UUID]) -> dict[UUID, ActorRow]:
    """Several people at once, by id; who does not exist is absent."""
    query = _query().where(Person.id.in_(list(person_ids)))
    rows = (await session.execute(query, {"moment": now()})).all()
    return {row[0]: _actor_row(row) for row in rows}


def _actor_row(row: Any, client: str = "") -> ActorRow:
    *known, is_open, departments, roles, groups = tuple(row)
    active = bool(known[3]) and is_open
    return ActorRow(
        known[0],
        known[1],
        known[2],
        active,
        bool(known[4]),
        bool(known[5]),
        known[6],
        known[7],
        departments=list(departments or ()),
        project_roles={UUID(project): role for project, role in roles.items()},
        grants=[(UUID(id) if id else None, names) for id, names in groups or ()],
        client=client,
    )
