"""Playlists: who made them, what they are of, and what goes with them."""

from __future__ import annotations

from typing import Any

from kitsu_api.db.models import Playlist
from kitsu_api.db.repositories.playlists import PlaylistRepository
from kitsu_api.db.repositories.tasks import check_same_project
from kitsu_api.errors import BadRequest
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]

KINDS = ("shot", "asset", "sequence", "edit", "episode")
"""What a playlist can be of."""


def may_create(actor: Actor, values: Values) -> bool:
    """Supervisors of the production, and those above them."""
    return actor.role_on(values.get("project_id")) in (Role.ADMIN, Role.MANAGER, Role.SUPERVISOR)


def check_kind(values: Values) -> None:
    """A playlist is of one kind of entity.

    Raises:
        BadRequest: it is of something else.
    """
    kind = values.get("for_entity")
    if kind is not None and kind not in KINDS:
        raise BadRequest(f"for_entity must be one of {', '.join(KINDS)}")


async def creating(uow: UnitOfWork, actor: Actor, values: Values) -> Values:
    """A playlist remembers who made it."""
    check_kind(values)
    await check_same_project(uow.session, "episode_id", values.get("episode_id"), values.get("project_id"))
    values["created_by"] = actor.id
    return values


async def updating(uow: UnitOfWork, actor: Actor, playlist: Playlist, values: Values) -> Values:
    """A playlist stays of a kind, and of its production."""
    check_kind(values)
    await check_same_project(uow.session, "episode_id", values.get("episode_id"), playlist.project_id)
    return values


async def deleting(uow: UnitOfWork, actor: Actor, playlist: Playlist) -> None:
    """Notifications, share links and builds go with a playlist."""
    await PlaylistRepository(uow.session).delete_dependents(playlist.id)
