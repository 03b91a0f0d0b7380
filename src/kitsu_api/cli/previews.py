"""Commands on the files of previews. Workers do the work: `kitsu-api worker`, or JOBS_INLINE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from kitsu_api.cli.at_work import run
from kitsu_api.cli.maintenance import Production
from kitsu_api.cli.progress import AsJson, progress, show

if TYPE_CHECKING:
    from kitsu_api.storage.files import FileStorage
    from kitsu_api.workers.context import JobContext


def _queue(
    kind: str, production: str | None, extensions: Sequence[str], json: bool, *, unmeasured: bool = False
) -> None:
    from kitsu_api.services import upkeep

    async def work(context: JobContext) -> None:
        with progress(json, "previews"):
            async with context.unit_of_work() as uow:
                previews, jobs = await upkeep.queue_previews(
                    uow, kind, production, extensions, unmeasured=unmeasured
                )
        show([{"previews": previews, "jobs": jobs}], json)

    run(work)


def generate_preview_extra(
    project: Production = None,
    only: Annotated[Literal["all", "pictures", "movies"], typer.Option(help="Of which previews.")] = "all",
    json: AsJson = False,
) -> None:
    """Make thumbnails, and contact sheets of movies, anew."""
    from kitsu_api.services.upkeep import EXTRAS_JOB, MOVIES, PICTURES

    extensions = {"all": (*PICTURES, *MOVIES), "pictures": PICTURES, "movies": MOVIES}[only]
    _queue(EXTRAS_JOB, project, extensions, json)


def probe_preview_files(project: Production = None, json: AsJson = False) -> None:
    """Measure the pictures and movies whose size nobody has noted."""
    from kitsu_api.services.upkeep import MOVIES, PICTURES, PROBE_JOB

    _queue(PROBE_JOB, project, (*PICTURES, *MOVIES), json, unmeasured=True)


def reset_movie_files_metadata(project: Production = None, json: AsJson = False) -> None:
    """Measure all movies anew."""
    from kitsu_api.services.upkeep import MOVIES, PROBE_JOB

    _queue(PROBE_JOB, project, MOVIES, json)


def reset_picture_files_metadata(project: Production = None, json: AsJson = False) -> None:
    """Measure all pictures anew."""
    from kitsu_api.services.upkeep import PICTURES, PROBE_JOB

    _queue(PROBE_JOB, project, PICTURES, json)


def renormalize_movie_preview_files(project: Production = None, json: AsJson = False) -> None:
    """Make all movies anew, of the uploaded ones where these were kept, else of the best that is left."""
    from kitsu_api.services.upkeep import MOVIES, RENORMALISE_JOB

    _queue(RENORMALISE_JOB, project, MOVIES, json)


def normalize_annotation_times(project: Production = None, json: AsJson = False) -> None:
    """Put annotations onto the frames that they are nearest to."""
    from kitsu_api.services import upkeep

    async def work(context: JobContext) -> None:
        changed, after = 0, None
        with progress(json, "annotations"):
            while True:
                async with context.unit_of_work() as uow:
                    rounded = await upkeep.round_annotation_times(uow, project, after)
                changed, after = changed + rounded.changed, rounded.after
                if after is None:
                    break
        show([{"changed": changed}], json)

    run(work)


async def _copy_all(source: FileStorage, target: FileStorage, context: JobContext, json: bool) -> None:
    """Copy what the target has not, or has in another size."""
    from kitsu_api.storage.files import BUCKETS, MissingFile
    from kitsu_api.storage.layout import key_of_path

    counts: dict[str, Any] = {"copied": 0, "present": 0, "skipped": 0, "bytes": 0}
    with context.temporary_folder() as folder, progress(json) as shown:
        for bucket in sorted(BUCKETS):
            async for path, size in source.keys(bucket):
                local = source.settings.fs_backend == "local"
                try:
                    key = key_of_path(bucket, path) if local else path
                    if await target.size_of_key(bucket, key) == size:
                        counts["present"] += 1
                        continue
                    await source.copy_to(target, bucket, path, folder / "file")
                except (ValueError, MissingFile):
                    counts["skipped"] += 1
                    continue
                counts["copied"] += 1
                counts["bytes"] += size
                shown(bucket, counts["copied"], counts["copied"])
    show([counts], json)


def _transfer(*, upload: bool, json: bool) -> None:
    from kitsu_api.storage.files import FileStorage

    async def work(context: JobContext) -> None:
        settings = context.settings
        if settings.fs_s3_access_key is None:
            raise ValueError("No object store: set FS_S3_ACCESS_KEY, FS_S3_SECRET_KEY and the like.")
        local = FileStorage(settings.model_copy(update={"fs_backend": "local"}))
        remote = FileStorage(settings.model_copy(update={"fs_backend": "s3"}))
        await _copy_all(*((local, remote) if upload else (remote, local)), context, json)

    run(work)


def upload_files_to_cloud_storage(json: AsJson = False) -> None:
    """Copy files of the local disk that the object store has not; begun anew it goes on."""
    _transfer(upload=True, json=json)


def download_storage_files(json: AsJson = False) -> None:
    """Copy files of the object store that the local disk has not; begun anew it goes on."""
    _transfer(upload=False, json=json)
