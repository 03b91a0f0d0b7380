"""Who may note time and days off, and for whom."""

from __future__ import annotations

from typing import Any

from kitsu_api.permissions.actor import Actor, Role


def own_or_managed_person(actor: Actor, values: dict[str, Any]) -> bool:
    """Rows about oneself; managers and admins keep everybody's."""
    return values.get("person_id", actor.id) == actor.id or actor.has(Role.ADMIN, Role.MANAGER)
