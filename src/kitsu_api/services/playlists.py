"""Playlists: who made them, what they are of, what they hold, and what goes with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from kitsu_api.db.models import Playlist
from kitsu_api.db.repositories.playlist_builds import PlaylistBuilds
from kitsu_api.db.repositories.playlists import PlaylistRepository
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.tasks import check_same_project
from kitsu_api.errors import BadRequest
from kitsu_api.events import Event
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.capabilities import granted
from kitsu_api.schemas.access_groups import Capability
from kitsu_api.schemas.playlists import EntityToAdd
from kitsu_api.services import playlist_builds
from kitsu_api.services.playlist_watching import entity_of, preview_of
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]

KINDS = ("shot", "asset", "sequence", "edit", "episode")
"""What a playlist can be of."""


def may_create(actor: Actor, values: Values) -> bool:
    """Supervisors of the production, those above them, and whom a group lets."""
    project_id = values.get("project_id")
    by_role = actor.role_on(project_id) in (Role.ADMIN, Role.MANAGER, Role.SUPERVISOR)
    return by_role or granted(actor, Capability.PLAYLISTS_EDIT, project_id)


def check_kind(values: Values) -> None:
    """A playlist is of one kind of entity.

    Raises:
        BadRequest: it is of something else.
    """
    kind = values.get("for_entity")
    if kind is not None and kind not in KINDS:
        raise BadRequest(f"for_entity must be one of {', '.join(KINDS)}")


async def creating(uow: UnitOfWork, actor: Actor, values: Values) -> Values:
    """A playlist remembers who made it, and shows its own production alone."""
    check_kind(values)
    project_id = values.get("project_id")
    await check_same_project(uow.session, "episode_id", values.get("episode_id"), project_id)
    await _check_shots(uow, project_id, values.get("shots"), ())
    values["created_by"] = actor.id
    return values


async def updating(uow: UnitOfWork, actor: Actor, playlist: Playlist, values: Values) -> Values:
    """A playlist stays of a kind, and of its production."""
    check_kind(values)
    await check_same_project(uow.session, "episode_id", values.get("episode_id"), playlist.project_id)
    await _check_shots(uow, playlist.project_id, values.get("shots"), _couples(playlist.shots))
    return values


async def deleting(uow: UnitOfWork, actor: Actor, playlist: Playlist) -> None:
    """Notifications, share links and builds with their files go with a playlist."""
    await playlist_builds.forget_all(uow, await PlaylistBuilds(uow.session).of_playlist(playlist.id))
    await PlaylistRepository(uow.session).delete_dependents(playlist.id)


Couple = tuple[UUID | None, UUID | None]
"""An entity, and the preview that is shown of it."""


def _couples(shots: Any) -> list[Couple]:
    entries = shots if isinstance(shots, list) else []
    return [(entity_of(entry), preview_of(entry)) for entry in entries if isinstance(entry, dict)]


async def _check_shots(
    uow: UnitOfWork, project_id: UUID | None, shots: Any, present: Iterable[Couple]
) -> None:
    """Entries that are new are of the production; what was there before may stay.

    Raises:
        BadRequest: they are no list of entries, or show something else.
    """
    if shots is None:
        return
    if not isinstance(shots, list) or not all(isinstance(entry, dict) for entry in shots):
        raise BadRequest("shots must be a list of objects, each with an entity_id and a preview_file_id.")
    couples = _couples(shots)
    if any(entity_id is None for entity_id, _ in couples):
        raise BadRequest("Each of the shots needs the id of an entity as its entity_id.")
    if any(entry.get("preview_file_id") and preview_of(entry) is None for entry in shots):
        raise BadRequest("The preview_file_id of each of the shots is the id of a preview, or null.")
    known = set(present)
    await _check_couples(uow, project_id, [couple for couple in couples if couple not in known])


async def _check_couples(uow: UnitOfWork, project_id: UUID | None, couples: Sequence[Couple]) -> None:
    """Entities are of the production, and previews are of their entities.

    Raises:
        BadRequest: one is not.
    """
    if not couples:
        return
    playlists = PlaylistRepository(uow.session)
    wanted = {entity_id for entity_id, _ in couples if entity_id is not None}
    missing = wanted - await playlists.entities_in(project_id, wanted)
    if missing:
        raise BadRequest(f"There is no such entity in the playlist's production: {min(map(str, missing))}")
    shown = {preview_id for _, preview_id in couples if preview_id is not None}
    owners = await playlists.entities_of_previews(shown) if shown else {}
    for entity_id, preview_id in couples:
        if preview_id is not None and owners.get(preview_id) != entity_id:
            raise BadRequest(f"The preview {preview_id} is not of the entity {entity_id}.")


async def add_entities(uow: UnitOfWork, playlist: Playlist, wishes: Sequence[EntityToAdd]) -> None:
    """Add entities at the end of a playlist whose row is locked; couples that it holds are left out.

    Who names no preview gets the newest one, of the playlist's task type if it has one.

    Raises:
        BadRequest: an entity is not of the playlist's production, or a preview not of its entity.
    """
    await _check_couples(uow, playlist.project_id, [(one.entity_id, one.preview_file_id) for one in wishes])
    open_ones = {one.entity_id for one in wishes if one.preview_file_id is None}
    newest = await PlaylistRepository(uow.session).newest_previews(open_ones, playlist.task_type_id)
    present = set(_couples(playlist.shots))
    added: list[Values] = []
    for one in wishes:
        couple = (one.entity_id, one.preview_file_id or newest.get(one.entity_id))
        if couple in present:
            continue
        present.add(couple)
        added.append(_entry(*couple))
        uow.emit(_added(playlist, *couple))
    shots = playlist.shots if isinstance(playlist.shots, list) else []
    if added:
        await Records(uow.session, Playlist).change(playlist, {"shots": [*shots, *added]})


def _entry(entity_id: UUID, preview_id: UUID | None) -> Values:
    entry = {"entity_id": str(entity_id)}
    return entry if preview_id is None else {**entry, "preview_file_id": str(preview_id)}


def _added(playlist: Playlist, entity_id: UUID, preview_id: UUID | None) -> Event:
    """What is told of an entity that was added. Clients know this event with an underscore."""
    data = {
        "playlist_id": str(playlist.id),
        "entity_id": str(entity_id),
        "preview_file_id": None if preview_id is None else str(preview_id),
        "project_id": None if playlist.project_id is None else str(playlist.project_id),
    }
    return Event("playlist:add_entity", data, playlist.project_id)
