"""Who has keys, and whose."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.permissions.actor import Actor


def keeps_keys(actor: Actor) -> bool:
    """People who signed in, and bots with their token; not who comes with a key."""
    return not actor.is_guest and actor.key is None


def may_hold(actor: Actor, person_id: UUID, *, is_bot: bool) -> bool:
    """Whether somebody may learn a key of this owner: their own, and admins those of bots."""
    return person_id == actor.id or (actor.is_admin and is_bot)


def may_end(actor: Actor, person_id: UUID) -> bool:
    """Whether somebody may see that a key exists, and end it: the owner and admins."""
    return person_id == actor.id or actor.is_admin
