"""Which entities and tasks a caller sees, by the role held on each production."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, true

from kitsu_api.db import scopes
from kitsu_api.db.models import Entity, Task
from kitsu_api.db.repositories.entity_lists import assigned_to
from kitsu_api.permissions.actor import Actor, Role

Condition = ColumnElement[bool]


def limited_to_assigned(actor: Actor) -> tuple[UUID, ...]:
    """The productions in which the caller is a vendor: there they see what they are assigned to."""
    if actor.is_admin:
        return ()
    return tuple(id for id, role in actor.project_roles.items() if role is Role.VENDOR)


def seen_entities(
    actor: Actor, assigned: Callable[[UUID], Condition] = assigned_to, column: Any = Entity.project_id
) -> Condition:
    """The entities of the caller's productions; of a vendor's those that `assigned` gives."""
    if actor.is_admin:
        return true()
    limited = limited_to_assigned(actor)
    whole = [id for id in actor.project_roles if id not in limited]
    return or_(column.in_(whole), and_(column.in_(limited), assigned(actor.id)))


def masked_entities(actor: Actor) -> Condition | None:
    """The entities whose restricted metadata the caller may not read; None when there are none."""
    limited = limited_to_assigned(actor)
    return Entity.project_id.in_(limited) if limited else None


def seen_tasks(actor: Actor, project_id: UUID) -> Condition:
    """The tasks of a production that is open to the caller; of a vendor's those assigned to them."""
    if actor.role_on(project_id) is Role.VENDOR:
        return Task.id.in_(scopes.tasks_of(actor.id))
    return true()
