"""Movies of playlists, and archives of what they show."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import StreamingResponse

from kitsu_api.db.engine import Session
from kitsu_api.db.models import BuildJob
from kitsu_api.db.repositories.playlist_builds import BUILD, PlaylistBuilds
from kitsu_api.db.repositories.playlists import PlaylistRepository, of_project
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import (
    BadRequest,
    Forbidden,
    NotFound,
    RangeNotSatisfiable,
    Unauthorized,
    errors,
)
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.playlist_places import (
    DirectedBuild,
    DirectedPlaylist,
    SeenBuild,
    SeenPlaylist,
    WatchedProject,
)
from kitsu_api.permissions.scopes import seen_playlists
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.storage import Storage
from kitsu_api.routers.stored_files import FILE_ANSWERS, answer_file, disposition
from kitsu_api.schemas.imported_builds import BuildRead
from kitsu_api.services import playlist_builds as service
from kitsu_api.services.playlist_files import archive, archive_name, files_to_archive
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Playlists"], responses=errors(Unauthorized, Forbidden, NotFound))

ZIP = "application/zip"
ARCHIVE: dict[int | str, dict[str, Any]] = {200: {"description": "The archive.", "content": {ZIP: {}}}}


@router.get(
    "/data/projects/{project_id}/build-jobs",
    response_model=list[BuildRead],
    operation_id="list_builds_of_project",
    summary="List builds of playlists of a production",
)
async def list_builds_of_project(
    project_id: WatchedProject, session: Session, actor: CurrentActor
) -> Response:
    """Builds of the playlists that the caller sees, newest first."""
    seen = seen_playlists(actor)
    return json_response(await PlaylistBuilds(session).list_json(of_project(project_id), seen))


@router.get(
    "/data/playlists/{playlist_id}/build/mp4",
    response_model=BuildRead,
    responses=errors(BadRequest),
    operation_id="build_playlist",
    summary="Have a movie made of a playlist",
)
async def build_playlist(
    place: DirectedPlaylist,
    uow: Uow,
    actor: CurrentActor,
    full: Annotated[
        bool, Query(description="In the size of the production; else at most 1280 pixels wide.")
    ] = False,
) -> Response:
    """Order a movie of all that the playlist shows; the answer comes before it is made.

    Movies are shown whole, pictures for two seconds. What is not ready, or neither movie nor picture, is
    left out; the build's message then says how many.
    """
    build = await service.order(uow, actor, place.playlist, full=full)
    # where jobs are done at once, the answer tells how the build ended
    uow.actor_id = actor.id
    await uow.commit()
    row = await Records(uow.session, BuildJob).one_json(BUILD, build.id)
    if row is None:
        raise NotFound
    return json_response(row)


@router.get(
    "/data/playlists/{playlist_id}/jobs/{build_job_id}",
    response_model=BuildRead,
    operation_id="get_build_of_playlist",
    summary="Get a build of a playlist",
)
async def get_build_of_playlist(place: SeenBuild, session: Session) -> Response:
    """How far a build is, and how it ended."""
    row = await Records(session, BuildJob).one_json(BUILD, place.build.id)
    if row is None:
        raise NotFound
    return json_response(row)


@router.delete(
    "/data/playlists/{playlist_id}/jobs/{build_job_id}",
    status_code=204,
    operation_id="delete_build_of_playlist",
    summary="Delete a build of a playlist",
)
async def delete_build_of_playlist(place: DirectedBuild, uow: Uow) -> None:
    """The movie goes with it; one that is being made is not made."""
    await service.give_up(uow, place.build, place.playlist)


@router.get(
    "/data/playlists/{playlist_id}/jobs/{build_job_id}/build/mp4",
    response_class=Response,
    responses={**FILE_ANSWERS, **errors(BadRequest, RangeNotSatisfiable)},
    operation_id="download_build_of_playlist",
    summary="Download the movie of a playlist",
)
async def download_build_of_playlist(
    place: SeenBuild, request: Request, session: Session, storage: Storage
) -> Response:
    """The movie of a build that has succeeded, as a download."""
    if place.build.status == "running":
        raise BadRequest("Build is not finished")
    if place.build.status != "succeeded":
        raise BadRequest("The build has failed: there is no movie. Build the playlist again.")
    production, _ = await PlaylistRepository(session).production_and_studio(place.playlist.project_id)
    name = archive_name(production, place.playlist, "mp4")
    where = (service.BUCKET, service.PREFIX, place.build.id)
    return await answer_file(request, storage, where, name=name, kind="video/mp4", download=True)


@router.get(
    "/data/playlists/{playlist_id}/download/zip",
    response_class=StreamingResponse,
    responses=ARCHIVE,
    operation_id="download_playlist",
    summary="Download what a playlist shows",
)
async def download_playlist(place: SeenPlaylist, session: Session, storage: Storage) -> StreamingResponse:
    """A ZIP archive of the movies, pictures and files that the playlist shows, once each."""
    production, _ = await PlaylistRepository(session).production_and_studio(place.playlist.project_id)
    files = await files_to_archive(session, place.playlist)
    headers = {
        "content-disposition": disposition(archive_name(production, place.playlist, "zip"), inline=False),
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-store",
    }
    return StreamingResponse(archive(storage, files), media_type=ZIP, headers=headers)
