"""Who may do what in a production."""

from __future__ import annotations

from typing import Any

from kitsu_api.permissions.actor import Actor


def manages_project(actor: Actor, values: dict[str, Any]) -> bool:
    """Whether the caller runs the production that a new row names."""
    return actor.manages(values.get("project_id"))
