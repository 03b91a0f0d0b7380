"""Playlists and their builds, as a path names them: who watches, who changes, who has them built."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from kitsu_api.db.engine import Session
from kitsu_api.db.models import BuildJob, Playlist
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import NotFound
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.capabilities import granted, granted_in
from kitsu_api.permissions.guard import allow, guard
from kitsu_api.permissions.places import existing_project
from kitsu_api.permissions.policies.projects import in_team, runs_a_production
from kitsu_api.permissions.policies.roles import without_vendors
from kitsu_api.permissions.scopes import Scope, directed_playlists, own_playlists, seen_playlists
from kitsu_api.schemas.access_groups import Capability


@dataclass(frozen=True)
class PlaylistPlace:
    """A playlist, and whether it lies in the scope that the route asks for."""

    playlist: Playlist
    allowed: bool


@dataclass(frozen=True)
class BuildPlace:
    """A build of a playlist, and whether the playlist lies in the scope that the route asks for."""

    build: BuildJob
    playlist: Playlist
    allowed: bool


PlaylistLoader = Callable[[UUID, Session, CurrentActor], Awaitable[PlaylistPlace]]
BuildLoader = Callable[[UUID, UUID, Session, CurrentActor], Awaitable[BuildPlace]]


def _playlist_in(scope: Scope) -> PlaylistLoader:
    """A loader of playlists that tells whether they lie in the scope."""

    async def load(playlist_id: UUID, session: Session, actor: CurrentActor) -> PlaylistPlace:
        records = Records(session, Playlist)
        playlist = await records.find(playlist_id)
        if playlist is None:
            raise NotFound
        return PlaylistPlace(playlist, bool(await records.visible(playlist_id, scope(actor))))

    return load


def _build_in(scope: Scope) -> BuildLoader:
    """A loader of builds that tells whether their playlist lies in the scope."""
    load_playlist = _playlist_in(scope)

    async def load(
        playlist_id: UUID, build_job_id: UUID, session: Session, actor: CurrentActor
    ) -> BuildPlace:
        place = await load_playlist(playlist_id, session, actor)
        build = await Records(session, BuildJob).find(build_job_id)
        if build is None or build.playlist_id != playlist_id:
            raise NotFound
        return BuildPlace(build, place.playlist, place.allowed)

    return load


async def _locked_playlist(playlist_id: UUID, session: Session, actor: CurrentActor) -> PlaylistPlace:
    """A playlist that is about to change: others who change it wait until this request is through.

    Raises:
        NotFound: there is none.
    """
    found = await Records(session, Playlist).find_in_scope(playlist_id, own_playlists(actor))
    if found is None:
        raise NotFound
    return PlaylistPlace(*found)


def _allows(actor: Actor, place: PlaylistPlace | BuildPlace) -> bool:
    return place.allowed


def watches_playlists(actor: Actor, project_id: UUID) -> bool:
    """Whether the caller sees playlists of the production at all: its team, without its vendors unless a
    group lets them."""
    shown = granted(actor, Capability.PLAYLISTS_VIEW, project_id)
    return shown or actor.role_on(project_id) not in (None, Role.VENDOR)


def lists_playlists(actor: Actor) -> bool:
    """Everybody but vendors and guests; vendors whom a group shows the playlists of a production."""
    return without_vendors(actor) or bool(granted_in(actor, Capability.PLAYLISTS_VIEW))


SeenPlaylist = Annotated[PlaylistPlace, guard(_playlist_in(seen_playlists), _allows)]
DirectedPlaylist = Annotated[PlaylistPlace, guard(_playlist_in(directed_playlists), _allows)]
OwnPlaylist = Annotated[PlaylistPlace, guard(_locked_playlist, _allows)]
SeenBuild = Annotated[BuildPlace, guard(_build_in(seen_playlists), _allows)]
DirectedBuild = Annotated[BuildPlace, guard(_build_in(directed_playlists), _allows)]
WatchedProject = Annotated[UUID, guard(existing_project, watches_playlists)]
EnteredProject = Annotated[UUID, guard(existing_project, in_team)]
RunningWatcher = Annotated[Actor, allow(runs_a_production)]
