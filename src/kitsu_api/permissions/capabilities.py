"""What groups add to a role: asked for by policies and scopes beside the role itself."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.schemas.access_groups import Capability

MAKERS = frozenset({Role.ARTIST, Role.SUPERVISOR})

FOR_ROLES: dict[Capability, frozenset[Role]] = {
    Capability.CASTING_VIEW: frozenset({Role.VENDOR}),
    Capability.CASTING_EDIT: MAKERS,
    Capability.COMMENTS_POST: MAKERS,
    Capability.CONCEPTS_EDIT: frozenset({Role.ARTIST}),
    Capability.PLAYLISTS_VIEW: frozenset({Role.VENDOR}),
    Capability.PLAYLISTS_EDIT: frozenset({Role.ARTIST}),
    Capability.SCHEDULE_VIEW: frozenset({Role.VENDOR}),
    Capability.STATS_VIEW: frozenset({Role.CLIENT}),
    Capability.TASKS_ASSIGN: MAKERS,
}
"""Whom a capability is for, by the role held in the production: in the hands of others it says nothing, so
that a client who is put into the wrong group does not become an editor."""


def granted(actor: Actor, capability: Capability, project_id: UUID | None) -> bool:
    """Whether a group gives the caller this in a production that is open to them."""
    if project_id is None or not actor.grants:
        return False
    role = actor.project_roles.get(project_id)
    return role in FOR_ROLES[capability] and capability in actor.grants.get(project_id, ())


def granted_in(actor: Actor, capability: Capability) -> tuple[UUID, ...]:
    """The productions in which a group gives the caller this."""
    return tuple(id for id in actor.grants if granted(actor, capability, id))
