"""Who may do what in a production."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kitsu_api.permissions.actor import Actor, Role


def manages_project(actor: Actor, values: dict[str, Any]) -> bool:
    """Whether the caller runs the production that a new row names."""
    return actor.manages(values.get("project_id"))


def runs_a_production(actor: Actor) -> bool:
    """Whether the caller is an admin, or the manager of some production."""
    return actor.is_admin or Role.MANAGER in actor.project_roles.values()


def in_team(actor: Actor, project_id: UUID | None) -> bool:
    """Whether the production is open to the caller; no production is no reason to refuse."""
    return project_id is None or actor.sees(project_id)


def runs_project(actor: Actor, project_id: UUID) -> bool:
    """Whether the caller runs the production."""
    return actor.manages(project_id)
