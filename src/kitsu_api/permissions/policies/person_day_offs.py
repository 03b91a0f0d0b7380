"""Whose days off and presence a caller sees and notes."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.permissions.actor import Actor, Role


def own_or_managing(actor: Actor, person_id: UUID) -> bool:
    """One's own; managers and admins everybody's."""
    return not actor.is_guest and (person_id == actor.id or actor.has(Role.ADMIN, Role.MANAGER))
