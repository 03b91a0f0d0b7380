"""What of each table a caller may see or touch: the actor turned into conditions for queries."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, true

from kitsu_api.db import scopes
from kitsu_api.db.models import Comment
from kitsu_api.db.scopes import Rows
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.capabilities import granted_in
from kitsu_api.schemas.access_groups import Capability

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


def open_to(actor: Actor, *roles: Role, besides: bool = False) -> Collection[UUID]:
    """The productions in which the caller holds one of the roles; with `besides`, none of them."""
    return tuple(id for id, role in actor.project_roles.items() if (role in roles) is not besides)


def everything(actor: Actor) -> Condition:
    """All rows."""
    return true()


def own_projects(column: Any) -> Scope:
    """Rows whose column names a production of the caller."""
    return lambda actor: scopes.in_projects(column, projects_of(actor))


def managed_projects(column: Any) -> Scope:
    """Rows whose column names a production that the caller runs."""
    return lambda actor: scopes.in_projects(column, managed_by(actor))


def own_or_managed(person: Any) -> Scope:
    """The caller's own rows; everybody's for managers and admins."""

    def scope(actor: Actor) -> Condition:
        if actor.has(Role.ADMIN, Role.MANAGER):
            return true()
        condition: Condition = person == actor.id
        return condition

    return scope


def own_rows(
    person: Any, of_productions: Callable[[Collection[UUID] | None], Condition] | None = None
) -> Scope:
    """The caller's own rows; everybody's for admins. Rows that belong to productions: for an API key those of
    the key's productions alone."""

    def scope(actor: Actor) -> Condition:
        if actor.is_admin:
            return true()
        condition: Condition = person == actor.id
        if of_productions is not None and actor.confined_to is not None:
            return and_(condition, of_productions(actor.confined_to))
        return condition

    return scope


def either(*choices: Scope) -> Scope:
    """Rows of any of several scopes."""
    return lambda actor: or_(*(choice(actor) for choice in choices))


def visible(rows: Callable[[Collection[UUID] | None, UUID | None], Condition]) -> Scope:
    """Rows of the caller's productions; where they are a vendor, of what they are assigned to."""

    def scope(actor: Actor) -> Condition:
        if actor.is_admin:
            return rows(None, None)
        narrowed = open_to(actor, Role.VENDOR)
        whole = rows(open_to(actor, Role.VENDOR, besides=True), None)
        return or_(whole, rows(narrowed, actor.id)) if narrowed else whole

    return scope


def managed(rows: Callable[[Collection[UUID] | None, UUID | None], Condition]) -> Scope:
    """Rows of the productions that the caller runs."""
    return lambda actor: rows(managed_by(actor), None)


def supervised(rows: Callable[[Collection[UUID] | None, UUID | None], Condition]) -> Scope:
    """Rows of the productions in which the caller is a supervisor or above."""
    return lambda actor: rows(supervised_by(actor), None)


def seen_comments(actor: Actor, *, rows: Rows | None = None) -> Condition:
    """Comments on tasks that the caller sees; where they are a client, those for clients, their own and
    their colleagues'; where they are an artist or a vendor, all but those of clients. `rows` says how
    many are asked about, where that is known."""
    condition = visible(partial(scopes.comments, rows=rows))(actor)
    if actor.is_admin:
        return condition
    if as_client := open_to(actor, Role.CLIENT):
        condition = and_(condition, scopes.comments_for_client(actor.id, as_client, rows=rows))
    if as_maker := open_to(actor, Role.ARTIST, Role.VENDOR):
        condition = and_(condition, scopes.comments_of_studio(actor.id, as_maker, rows=rows))
    return condition


def changeable_comments(actor: Actor) -> Condition:
    """Comments of which the caller may change something: their own, those of productions that they
    supervise or run, and those that they read on tasks that they work on."""
    if actor.is_admin:
        return true()
    on_own_tasks = scopes.comments(tuple(actor.project_roles), actor.id)
    return or_(
        own_rows(Comment.person_id, scopes.comments)(actor),
        scopes.comments(supervised_by(actor)),
        and_(on_own_tasks, seen_comments(actor)),
    )


def attachments(actor: Actor) -> Condition:
    """Attachments of comments that the caller sees, and of their chats in their productions."""
    if actor.is_admin:
        return true()
    return scopes.attachment_files(actor.id, seen_comments(actor), projects_of(actor))


def seen_playlists(actor: Actor) -> Condition:
    """Playlists of the caller's productions: where they are a client, those meant for clients; where they
    are a vendor, none unless a group shows them."""
    if actor.is_admin:
        return scopes.playlists(None, ())
    shown = granted_in(actor, Capability.PLAYLISTS_VIEW)
    open_playlists = (*open_to(actor, Role.VENDOR, besides=True), *shown)
    return scopes.playlists(open_playlists, open_to(actor, Role.CLIENT))


def _directed_by(actor: Actor) -> Collection[UUID] | None:
    """The productions whose playlists the caller makes: as a supervisor or above, or in a group for that."""
    supervised = supervised_by(actor)
    return None if supervised is None else (*supervised, *granted_in(actor, Capability.PLAYLISTS_EDIT))


def directed_playlists(actor: Actor) -> Condition:
    """Playlists of the productions in which the caller is a supervisor or above, or in a group for that."""
    return scopes.playlists(_directed_by(actor), ())


def _playlists_of(actor: Actor, projects: Collection[UUID] | None) -> Condition:
    managed = scopes.playlists(managed_by(actor), ())
    return or_(managed, scopes.playlists_of(actor.id, projects))


def own_playlists(actor: Actor) -> Condition:
    """Playlists that the caller may change: those of productions they run, and, for supervisors and for whom
    a group lets, their own and those that nobody owns."""
    return _playlists_of(actor, _directed_by(actor))


def sharable_playlists(actor: Actor) -> Condition:
    """Playlists that the caller may show to strangers: as `own_playlists`, but no group gives this."""
    return _playlists_of(actor, supervised_by(actor))


def seen_castings(actor: Actor) -> Condition:
    """Castings into entities that the caller sees; for vendors whom a group lets, of the whole production."""
    seen = visible(scopes.entity_links)(actor)
    shown = granted_in(actor, Capability.CASTING_VIEW)
    return or_(seen, scopes.entity_links(shown)) if shown else seen


def managed_versions(actor: Actor) -> Condition:
    """Tasks of schedule versions of the productions that the caller runs."""
    return scopes.schedule_version_tasks(managed_by(actor))
