"""Who changes somebody's picture."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.permissions.actor import Actor


def own_or_admin(actor: Actor, person_id: UUID) -> bool:
    """One's own; admins everybody's."""
    return not actor.is_guest and (person_id == actor.id or actor.is_admin)
