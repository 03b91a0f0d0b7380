"""Playlists: lists of a production, one with all that there is to watch, and what is put in."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Response

from kitsu_api.db import scopes
from kitsu_api.db.engine import Session
from kitsu_api.db.models import Playlist
from kitsu_api.db.projections import PLAYLIST
from kitsu_api.db.repositories.playlist_builds import PlaylistBuilds
from kitsu_api.db.repositories.playlist_previews import unfinished_json
from kitsu_api.db.repositories.playlists import PlaylistRepository, Sort, of_episode, of_project
from kitsu_api.db.repositories.records import Page, Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.authentication import AppSettings, CurrentActor
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import OpenEntity
from kitsu_api.permissions.playlist_places import (
    DirectedPlaylist,
    EnteredProject,
    OwnPlaylist,
    RunningWatcher,
    SeenPlaylist,
    WatchedProject,
)
from kitsu_api.permissions.scopes import managed, seen_playlists
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas import playlists as s
from kitsu_api.services import playlist_notifications, playlist_watching
from kitsu_api.services import playlists as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Playlists"], responses=errors(Unauthorized, Forbidden, NotFound))


class ListOfPlaylists:
    """Which playlists of a production are asked for, and in which order."""

    def __init__(
        self,
        settings: AppSettings,
        page: Annotated[
            int | None, Query(ge=1, le=2**31, description="Number of the page, from 1; absent: all.")
        ] = None,
        limit: Annotated[int | None, Query(ge=1, description="Playlists of a page.")] = None,
        sort_by: Annotated[Sort, Query(description="Dates: newest first.")] = "updated_at",
        task_type_id: Annotated[UUID | None, Query(description="Only those of this task type.")] = None,
        for_entity: Annotated[
            str | None, Query(max_length=10, description="Only those of this kind: `shot`, `asset`, …")
        ] = None,
    ) -> None:
        rows = min(limit or settings.records_per_page, settings.max_records_per_page)
        self.page = None if page is None else Page(page, rows)
        self.sort = sort_by
        self.where = []
        if task_type_id is not None:
            self.where.append(Playlist.task_type_id == task_type_id)
        if for_entity is not None:
            self.where.append(Playlist.for_entity == for_entity)


Asked = Annotated[ListOfPlaylists, Depends()]


def _json(document: Any) -> Response:
    """An answer; ids come as asyncpg's own type, which orjson does not know."""
    return json_response(orjson.dumps(document, default=str))


@router.get(
    "/data/projects/{project_id}/playlists",
    response_model=list[s.ListedPlaylist],
    responses=errors(BadRequest),
    operation_id="list_playlists_of_project",
    summary="List playlists of a production",
)
async def list_playlists_of_project(
    project_id: WatchedProject, actor: CurrentActor, asked: Asked, session: Listing
) -> Response:
    """Playlists without what they hold; with `page` a part of them, as a bare list."""
    where = [of_project(project_id), seen_playlists(actor), *asked.where]
    return json_response(await PlaylistRepository(session).list_json(where, asked.sort, asked.page))


@router.get(
    "/data/projects/{project_id}/playlists/all",
    response_model=list[s.PlaylistRead],
    operation_id="list_whole_playlists_of_project",
    summary="List playlists of a production with what they hold",
)
async def list_whole_playlists_of_project(
    project_id: WatchedProject, actor: CurrentActor, session: Listing
) -> Response:
    """All playlists that the caller sees, with their entries and the ids of their builds."""
    where = [of_project(project_id), seen_playlists(actor)]
    return json_response(await Records(session, Playlist).list_json(PLAYLIST, where, relations=True))


@router.get(
    "/data/projects/{project_id}/episodes/{episode_id}/playlists",
    response_model=list[s.ListedPlaylist],
    responses=errors(BadRequest),
    operation_id="list_playlists_of_episode",
    summary="List playlists of an episode",
)
async def list_playlists_of_episode(
    project_id: WatchedProject,
    episode_id: UUID | Literal["all", "main"],
    actor: CurrentActor,
    asked: Asked,
    session: Listing,
) -> Response:
    """Playlists of an episode without what they hold; of `main` those of no episode, of `all` those that
    are for all episodes."""
    where = [of_project(project_id), of_episode(episode_id), seen_playlists(actor), *asked.where]
    return json_response(await PlaylistRepository(session).list_json(where, asked.sort, asked.page))


@router.get(
    "/data/projects/{project_id}/playlists/{playlist_id}",
    response_model=s.PlaylistToWatch,
    operation_id="get_playlist_to_watch",
    summary="Get a playlist with all that there is to watch",
)
async def get_playlist_to_watch(
    project_id: WatchedProject, place: SeenPlaylist, session: Session, actor: CurrentActor
) -> Response:
    """Each entry with the revisions of its entity by task type, and the builds of the playlist."""
    playlist = place.playlist
    if playlist.project_id != project_id:
        raise NotFound
    row = await Records(session, Playlist).one_json(PLAYLIST, playlist.id)
    assert row is not None
    builds = await PlaylistBuilds(session).list_json(Playlist.id == playlist.id)
    shown: dict[str, Any] = orjson.loads(row)
    shown["shots"] = await playlist_watching.load_entries(session, actor, playlist)
    shown["build_jobs"] = orjson.Fragment(builds)
    return _json(shown)


@router.post(
    "/data/projects/{project_id}/playlists/temp",
    response_model=list[s.TemporaryEntry],
    responses=errors(BadRequest),
    operation_id="watch_tasks",
    summary="Get tasks and entities as a playlist that is not stored",
)
async def watch_tasks(
    project_id: EnteredProject,
    asked: s.WhatToWatch,
    session: Session,
    actor: CurrentActor,
    sort: Annotated[bool, Query(description="Order by name; else as asked.")] = False,
) -> Response:
    """One entry for each task and entity; vendors name those that they are assigned to."""
    entries = await playlist_watching.watch(
        session, actor, project_id, asked.task_ids, asked.entity_ids, sort=sort
    )
    return _json(entries)


@router.get(
    "/data/playlists/entities/{entity_id}/preview-files",
    response_model=s.RevisionsToWatch,
    operation_id="list_revisions_of_entity",
    summary="List what there is to watch of an entity",
)
async def list_revisions_of_entity(place: OpenEntity, actor: CurrentActor, session: Listing) -> Response:
    """The revisions by task type, newest first; vendors get those of tasks that they are assigned to."""
    revisions = await playlist_watching.revisions_of_entity(session, actor, place.id)
    return _json(revisions)


@router.get(
    "/data/playlists/preview-files/running",
    response_model=list[s.UnfinishedPreview],
    responses=errors(BadRequest),
    operation_id="list_unfinished_preview_files",
    summary="List previews that are not ready",
)
async def list_unfinished_preview_files(
    settings: AppSettings,
    actor: RunningWatcher,
    session: Listing,
    cursor_preview_file_id: Annotated[
        UUID | None, Query(description="The last one of the page before.")
    ] = None,
    limit: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """Previews in work and broken ones, of the productions that the caller runs, newest first."""
    rows = min(limit or settings.records_per_page, settings.max_records_per_page)
    seen = managed(scopes.preview_files)(actor)
    found = await unfinished_json(session, seen, cursor_preview_file_id, rows)
    if found is None:
        raise BadRequest("The cursor_preview_file_id is the id of no preview: begin again without it.")
    return json_response(found)


async def _answer(uow: Uow, playlist: Playlist) -> Response:
    row = await Records(uow.session, Playlist).one_json(PLAYLIST, playlist.id)
    assert row is not None
    return json_response(row)


@router.post(
    "/actions/playlists/{playlist_id}/add-entity",
    response_model=s.PlaylistRead,
    responses=errors(BadRequest),
    operation_id="add_entity_to_playlist",
    summary="Add an entity to a playlist",
)
async def add_entity_to_playlist(place: OwnPlaylist, wish: s.EntityToAdd, uow: Uow) -> Response:
    """Add it at the end, unless the playlist shows the same preview of it already."""
    await service.add_entities(uow, place.playlist, [wish])
    return await _answer(uow, place.playlist)


@router.post(
    "/actions/playlists/{playlist_id}/add-entities",
    response_model=s.PlaylistRead,
    responses=errors(BadRequest),
    operation_id="add_entities_to_playlist",
    summary="Add entities to a playlist",
)
async def add_entities_to_playlist(place: OwnPlaylist, wishes: s.EntitiesToAdd, uow: Uow) -> Response:
    """Add them at the end, in their order, without what the playlist shows already."""
    await service.add_entities(uow, place.playlist, wishes.entities)
    return await _answer(uow, place.playlist)


@router.post(
    "/data/playlists/{playlist_id}/notify-clients",
    responses=errors(BadRequest),
    operation_id="notify_clients_of_playlist",
    summary="Tell clients that a playlist is ready",
)
async def notify_clients_of_playlist(
    place: DirectedPlaylist, uow: Uow, actor: CurrentActor, whom: s.ClientsToNotify | None = None
) -> s.Notified:
    """Each client of the production gets a notification, and a mail if they want mails."""
    whom = whom or s.ClientsToNotify()
    await playlist_notifications.notify_clients(
        uow, actor, place.playlist, whom.studio_id, whom.department_id
    )
    return s.Notified()
