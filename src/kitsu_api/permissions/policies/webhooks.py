"""Who has the server call other programs."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from kitsu_api.permissions.actor import Actor


def runs_something(actor: Actor) -> bool:
    """Whoever runs a production may have webhooks for it."""
    return actor.is_admin or any(actor.manages(id) for id in actor.project_roles)


def manages_webhooks_of(actor: Actor, project_id: UUID | None) -> bool:
    """Those of a production are its managers'; those of the whole studio, admins'."""
    return actor.is_admin or (project_id is not None and actor.manages(project_id))


def webhook_projects(actor: Actor) -> Collection[UUID] | None:
    """The productions whose webhooks somebody sees; None for all, and those of the studio."""
    if actor.is_admin:
        return None
    return [id for id in actor.project_roles if actor.manages(id)]
