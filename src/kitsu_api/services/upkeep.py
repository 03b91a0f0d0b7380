"""What keeps an installation in order, at the server's own command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from kitsu_api.db.base import now
from kitsu_api.db.repositories.administration import AGEING, AdministrationRepository
from kitsu_api.db.repositories.preview_media import PreviewMedia
from kitsu_api.errors import NotFound
from kitsu_api.events import Event
from kitsu_api.services import jobs
from kitsu_api.services.annotations import frame_of, rate_of
from kitsu_api.unit_of_work import UnitOfWork

BATCH = 10_000
"""Rows that one transaction deletes: few enough that nobody waits for it."""

PREVIEWS = 50
"""Previews that one job, or one transaction, works on."""

PROBE_JOB = "probe_previews"
EXTRAS_JOB = "make_preview_extras"
RENORMALISE_JOB = "renormalise_previews"

PICTURES = ("png", "gif")
MOVIES = ("mp4",)


@dataclass(frozen=True)
class Rounded:
    """How many previews of a batch changed, and after which one to go on; None: that was the last batch."""

    changed: int
    after: UUID | None


async def production_of(uow: UnitOfWork, name: str | None) -> UUID | None:
    """The production that an operator names by id or name; None for all.

    Raises:
        NotFound: there is none of it.
    """
    if name is None:
        return None
    found = await AdministrationRepository(uow.session).project_named(name)
    if found is None:
        raise NotFound(f"There is no production {name}.")
    return found


async def mend_tasks(uow: UnitOfWork, production: str | None) -> int:
    """Work out anew, from comments, when tasks began and ended, how often they were retaken, and when they
    were last commented on; how many were wrong.

    Raises:
        NotFound: there is no such production.
    """
    project_id = await production_of(uow, production)
    mended = await AdministrationRepository(uow.session).mend_tasks(project_id)
    for id, project in mended:
        uow.emit(Event("task:update", {"task_id": str(id)}, project))
    return len(mended)


async def mend_castings(uow: UnitOfWork, production: str | None) -> int:
    """Count anew how many assets each entity casts; how many counts were wrong.

    Raises:
        NotFound: there is no such production.
    """
    project_id = await production_of(uow, production)
    mended = await AdministrationRepository(uow.session).mend_castings(project_id)
    for id, project in mended:
        uow.emit(Event("entity:update", {"entity_id": str(id)}, project))
    return len(mended)


async def forget_batch(uow: UnitOfWork, kind: str, days: int) -> int:
    """Delete a batch of rows of `AGEING` that are so many days old; how many there were.

    Raises:
        ValueError: there are no such rows.
    """
    if kind not in AGEING:
        raise ValueError(f"There is no such kind of rows: {kind}.")
    moment = now() - timedelta(days=days)
    return await AdministrationRepository(uow.session).delete_before(kind, moment, BATCH)


async def queue_previews(
    uow: UnitOfWork, kind: str, production: str | None, extensions: Sequence[str], *, unmeasured: bool = False
) -> tuple[int, int]:
    """Queue work on all previews of these extensions; how many there are, and how many jobs.

    Raises:
        NotFound: there is no such production.
    """
    project_id = await production_of(uow, production)
    ids = await AdministrationRepository(uow.session).previews(project_id, extensions, unmeasured=unmeasured)
    batches = [ids[start : start + PREVIEWS] for start in range(0, len(ids), PREVIEWS)]
    for batch in batches:
        arguments = {"preview_file_ids": [str(id) for id in batch]}
        await jobs.start(uow, None, kind, arguments, project_id=project_id)
    return len(ids), len(batches)


def rounded_times(annotations: Any, rate: float) -> list[Any] | None:
    """Annotations whose times lie on frames; None when they do already. What is no annotation stays."""
    if not isinstance(annotations, list):
        return None
    changed = False
    rounded: list[Any] = []
    for annotation in annotations:
        if isinstance(annotation, dict):
            frame = frame_of(annotation, rate)
            time = round(frame / rate, 6)
            if annotation.get("time") != time:
                changed, annotation = True, {**annotation, "time": time}
        rounded.append(annotation)
    return rounded if changed else None


async def round_annotation_times(uow: UnitOfWork, production: str | None, after: UUID | None) -> Rounded:
    """Put the annotations of a batch of previews onto frames; how many previews changed, and where to go on.

    Raises:
        NotFound: there is no such production.
    """
    project_id = await production_of(uow, production)
    repository = AdministrationRepository(uow.session)
    previews = await repository.annotated(project_id, after, PREVIEWS)
    media = PreviewMedia(uow.session)
    tasks = await media.tasks_of({preview.task_id for preview in previews if preview.task_id})
    changes: dict[UUID, list[Any]] = {}
    for preview in previews:
        rate = rate_of(tasks.get(preview.task_id) if preview.task_id else None)
        rounded = rounded_times(preview.annotations, rate)
        if rounded is not None:
            changes[preview.id] = rounded
    await repository.set_annotations(changes)
    return Rounded(len(changes), previews[-1].id if len(previews) == PREVIEWS else None)
