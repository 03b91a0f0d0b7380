"""What exports name, and who may take it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Playlist
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import NotFound
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import allow, guard
from kitsu_api.permissions.policies.projects import runs_a_production
from kitsu_api.permissions.policies.roles import managers
from kitsu_api.permissions.scopes import open_to, seen_playlists


@dataclass(frozen=True)
class FoundPlaylist:
    """A playlist, and whether the caller sees it."""

    id: UUID
    seen: bool


async def _playlist(playlist_id: UUID, session: Session, actor: CurrentActor) -> FoundPlaylist:
    records = Records(session, Playlist)
    playlist = await records.find(playlist_id)
    if playlist is None:
        raise NotFound
    seen = await records.exists(Playlist.id == playlist_id, seen_playlists(actor))
    return FoundPlaylist(playlist_id, seen and actor.role_on(playlist.project_id) is not Role.VENDOR)


def _sees(actor: Actor, playlist: FoundPlaylist) -> bool:
    return playlist.seen


def _oversees_time(actor: Actor) -> bool:
    """Whether the caller runs or supervises some production."""
    return runs_a_production(actor) or bool(open_to(actor, Role.SUPERVISOR))


_Seen = Annotated[FoundPlaylist, guard(_playlist, _sees)]


async def _seen_playlist(playlist: _Seen) -> UUID:
    """The id of a playlist that the caller sees; vendors see none."""
    return playlist.id


SeenPlaylist = Annotated[UUID, Depends(_seen_playlist, scope="function")]
StudioManager = Annotated[Actor, allow(managers)]
ProductionManager = Annotated[Actor, allow(runs_a_production)]
TimeOverseer = Annotated[Actor, allow(_oversees_time)]
