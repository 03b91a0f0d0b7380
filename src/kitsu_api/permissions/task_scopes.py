"""Which tasks people have to look at, and whose work they direct."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_

from kitsu_api.db import scopes
from kitsu_api.db.repositories.person_tasks import of_departments
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.scopes import managed_by, open_to


def directed_tasks(actor: Actor) -> ColumnElement[bool]:
    """Tasks of the productions that the caller runs; where they are a supervisor, those that their
    departments do, or all if they belong to none."""
    managed = scopes.tasks(managed_by(actor))
    supervised = () if actor.is_admin else open_to(actor, Role.SUPERVISOR)
    if not supervised:
        return managed
    directed = scopes.tasks(supervised)
    if actor.departments:
        directed = and_(directed, of_departments(tuple(actor.departments)))
    return or_(managed, directed)


def reviewed_projects(actor: Actor) -> list[tuple[UUID, Sequence[UUID] | None]] | None:
    """The productions whose tasks the caller reviews, and the departments that narrow them (None: all).

    Managers review all of their productions, supervisors what their departments do there, or all when
    they belong to none; admins everything (None).
    """
    if actor.is_admin:
        return None
    found: list[tuple[UUID, Sequence[UUID] | None]] = []
    for project_id, role in actor.project_roles.items():
        if role in (Role.MANAGER, Role.ADMIN):
            found.append((project_id, None))
        elif role is Role.SUPERVISOR:
            found.append((project_id, tuple(actor.departments) or None))
    return found
