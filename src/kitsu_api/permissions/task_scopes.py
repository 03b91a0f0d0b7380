"""Which tasks people have to look at."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kitsu_api.permissions.actor import Actor, Role


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
