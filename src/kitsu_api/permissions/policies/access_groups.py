"""Who makes groups, and who is told why somebody may do something."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.scopes import managed_by


def runs_groups(actor: Actor) -> bool:
    """Admins, and whoever runs a production: for it."""
    return not actor.is_guest and (actor.is_admin or bool(managed_by(actor)))


def manages_groups_of(actor: Actor, project_id: UUID | None) -> bool:
    """Groups of a production are its managers'; those for all productions, admins'."""
    return actor.is_admin or (project_id is not None and actor.manages(project_id))


def group_projects(actor: Actor) -> Collection[UUID] | None:
    """The productions whose groups somebody sees; None for all, and those for all productions."""
    return managed_by(actor)


def asks_about(actor: Actor, person_id: UUID) -> bool:
    """Admins ask about everybody, others about themselves."""
    return not actor.is_guest and (actor.is_admin or person_id == actor.id)
