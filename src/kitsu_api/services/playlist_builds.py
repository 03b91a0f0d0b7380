"""Movies of whole playlists: ordered, made by a worker, kept until they are given up.

A row of `build_job` is what clients see of a build; the work itself is a tracked job whose key is the build.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from kitsu_api.db.base import now
from kitsu_api.db.models import BuildJob, Playlist, PreviewFile
from kitsu_api.db.repositories.jobs import Jobs
from kitsu_api.db.repositories.playlist_builds import PlaylistBuilds
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.stored_files import forget, register
from kitsu_api.errors import BadRequest
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.services import jobs
from kitsu_api.services.playlist_files import shown_previews
from kitsu_api.services.preview_storage import is_movie, is_still
from kitsu_api.storage.files import Bucket
from kitsu_api.unit_of_work import UnitOfWork

BUCKET: Bucket = "movies"
PREFIX = "playlists"
KIND = "build_playlist"
"""The kind of jobs that make the movies."""

GIVEN_UP = "The build was cancelled, or the workers that took it ended. Build the playlist again."


def is_shown_in_movies(preview: PreviewFile) -> bool:
    """Whether a preview can be part of a movie: a movie or a picture that is ready."""
    return preview.status == "ready" and (is_movie(preview) or is_still(preview))


async def order(uow: UnitOfWork, actor: Actor, playlist: Playlist, *, full: bool) -> BuildJob:
    """Have the movie of a playlist made; `full`: in the size of the production.

    Raises:
        BadRequest: the playlist shows nothing that could be part of a movie.
    """
    if not any(map(is_shown_in_movies, await shown_previews(uow.session, playlist))):
        raise BadRequest(
            "The playlist shows no movie and no picture that is ready: there is nothing to build."
        )
    build = await Records(uow.session, BuildJob).add({"playlist_id": playlist.id, "job_type": "movie"})
    made = None if build.created_at is None else build.created_at.isoformat(timespec="seconds")
    about = {"playlist_id": playlist.id, "created_at": made}
    uow.emit(record_event("build-job", "new", build.id, playlist.project_id, **about))
    arguments = {"build_job_id": str(build.id), "full": full}
    await jobs.start(uow, actor.id, KIND, arguments, project_id=playlist.project_id, key=str(build.id))
    return build


async def begin(uow: UnitOfWork, id: UUID) -> bool:
    """Note that a build is being made, maybe for another time; False when it is gone."""
    found = await PlaylistBuilds(uow.session).lock(id)
    if found is None:
        return False
    build, project_id = found
    if build.status != "running":
        await Records(uow.session, BuildJob).change(
            build, {"status": "running", "message": None, "ended_at": None}
        )
        _tell(uow, build, project_id)
    return True


async def succeed(uow: UnitOfWork, id: UUID, size: int, message: str | None) -> None:
    """Note that the movie of a build, of so many bytes, is in storage; when nobody wants it any more, that it
    is to be removed from there."""
    if await _end(uow, id, "succeeded", message):
        await register(uow.session, BUCKET, PREFIX, id, size)
    else:
        await forget_all(uow, [id])


async def fail(uow: UnitOfWork, id: UUID, message: str) -> None:
    """Note that a build came to nothing, and why."""
    await _end(uow, id, "failed", message)


async def _end(uow: UnitOfWork, id: UUID, status: str, message: str | None) -> bool:
    found = await PlaylistBuilds(uow.session).lock(id)
    if found is None:
        return False
    build, project_id = found
    values = {"status": status, "message": message, "ended_at": now()}
    await Records(uow.session, BuildJob).change(build, values)
    _tell(uow, build, project_id)
    return True


def _tell(uow: UnitOfWork, build: BuildJob, project_id: UUID | None) -> None:
    about = {"playlist_id": build.playlist_id, "status": build.status, "message": build.message}
    uow.emit(record_event("build-job", "update", build.id, project_id, **about))


async def settle(uow: UnitOfWork) -> int:
    """Note the end of builds whose jobs were ended while no worker had them; how many there were."""
    ids = await PlaylistBuilds(uow.session).given_up(KIND)
    for id in ids:
        await fail(uow, id, GIVEN_UP)
    return len(ids)


async def give_up(uow: UnitOfWork, build: BuildJob, playlist: Playlist) -> None:
    """Delete a build with its movie; where it is being made, that ends."""
    uow.emit(record_event("build-job", "delete", build.id, playlist.project_id, playlist_id=playlist.id))
    await forget_all(uow, [build.id])
    await PlaylistBuilds(uow.session).delete([build.id])


async def forget_all(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    """End the jobs that make builds, and have their movies removed from storage."""
    if not ids:
        return
    # those of builds that run: few, however many builds there are
    for job_id in await PlaylistBuilds(uow.session).open_jobs(KIND, ids):
        state = await Jobs(uow.session).cancel(job_id)
        if state is not None:
            uow.emit(jobs.event_of(state))
    await forget(uow.session, BUCKET, PREFIX, ids)
