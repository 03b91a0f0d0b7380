"""What of each table a caller may see or touch: the actor turned into conditions for queries."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, true

from kitsu_api.db import scopes
from kitsu_api.permissions.actor import Actor, Role

Condition = ColumnElement[bool]
Scope = Callable[[Actor], Condition]


def projects_of(actor: Actor) -> Collection[UUID] | None:
    """The productions open to the caller; None for all."""
    return None if actor.is_admin else tuple(actor.project_roles)


def managed_by(actor: Actor) -> Collection[UUID] | None:
    """The productions that the caller runs; None for all."""
    if actor.is_admin:
        return None
    return tuple(id for id, role in actor.project_roles.items() if role in (Role.MANAGER, Role.ADMIN))


def supervised_by(actor: Actor) -> Collection[UUID] | None:
    """The productions in which the caller is a supervisor or above; None for all."""
    if actor.is_admin:
        return None
    high = (Role.SUPERVISOR, Role.MANAGER, Role.ADMIN)
    return tuple(id for id, role in actor.project_roles.items() if role in high)


def assigned_only(actor: Actor) -> UUID | None:
    """The caller's own id when they only see what they are assigned to."""
    return actor.id if actor.role is Role.VENDOR else None


def everything(actor: Actor) -> Condition:
    """All rows."""
    return true()


def own_projects(column: Any) -> Scope:
    """Rows whose column names a production of the caller."""
    return lambda actor: scopes.in_projects(column, projects_of(actor))


def managed_projects(column: Any) -> Scope:
    """Rows whose column names a production that the caller runs."""
    return lambda actor: scopes.in_projects(column, managed_by(actor))


def supervised_projects(column: Any) -> Scope:
    """Rows whose column names a production in which the caller is a supervisor or above."""
    return lambda actor: scopes.in_projects(column, supervised_by(actor))


def own_or_managed(person: Any) -> Scope:
    """The caller's own rows; everybody's for managers and admins."""

    def scope(actor: Actor) -> Condition:
        if actor.has(Role.ADMIN, Role.MANAGER):
            return true()
        condition: Condition = person == actor.id
        return condition

    return scope


def own_rows(person: Any) -> Scope:
    """The caller's own rows; everybody's for admins."""

    def scope(actor: Actor) -> Condition:
        if actor.is_admin:
            return true()
        condition: Condition = person == actor.id
        return condition

    return scope


def either(*choices: Scope) -> Scope:
    """Rows of any of several scopes."""
    return lambda actor: or_(*(choice(actor) for choice in choices))


def visible(rows: Callable[[Collection[UUID] | None, UUID | None], Condition]) -> Scope:
    """Rows of the caller's productions, narrowed to what vendors are assigned to."""
    return lambda actor: rows(projects_of(actor), assigned_only(actor))


def managed(rows: Callable[[Collection[UUID] | None, UUID | None], Condition]) -> Scope:
    """Rows of the productions that the caller runs."""
    return lambda actor: rows(managed_by(actor), None)


def supervised(rows: Callable[[Collection[UUID] | None, UUID | None], Condition]) -> Scope:
    """Rows of the productions in which the caller is a supervisor or above."""
    return lambda actor: rows(supervised_by(actor), None)


def attachments(actor: Actor) -> Condition:
    """Attachments that the caller may open."""
    return scopes.attachment_files(actor.id, projects_of(actor), assigned_only(actor))


def seen_playlists(actor: Actor) -> Condition:
    """Playlists of the caller's productions; clients see those that are meant for clients."""
    return scopes.playlists(projects_of(actor), client_in(actor))


def own_playlists(actor: Actor) -> Condition:
    """Playlists that the caller may change: those of productions they run, and, for supervisors, their
    own and those that nobody owns."""
    return or_(
        scopes.playlists(managed_by(actor), frozenset()),
        scopes.playlists_of(actor.id, supervised_by(actor)),
    )


def client_in(actor: Actor) -> Collection[UUID]:
    """The productions in which the caller is a client."""
    return frozenset(id for id, role in actor.project_roles.items() if role is Role.CLIENT)


def managed_versions(actor: Actor) -> Condition:
    """Tasks of schedule versions of the productions that the caller runs."""
    return scopes.schedule_version_tasks(managed_by(actor))
