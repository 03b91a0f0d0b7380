"""Who sees the plans of a production."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.capabilities import granted
from kitsu_api.schemas.access_groups import Capability


def sees_schedule(actor: Actor, project_id: UUID) -> bool:
    """Everybody in the production but vendors, unless a group lets them."""
    shown = granted(actor, Capability.SCHEDULE_VIEW, project_id)
    return shown or actor.role_on(project_id) not in (None, Role.VENDOR)


def sees_versions(actor: Actor, project_id: UUID) -> bool:
    """Plans that may never come true are for people of the studio: neither clients nor vendors."""
    return actor.role_on(project_id) not in (None, Role.VENDOR, Role.CLIENT)
