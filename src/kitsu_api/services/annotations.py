"""Drawings on previews: what several people draw at once is merged, so that nobody's is lost.

A preview's annotations are a list of `{time, drawing: {objects: […]}}`, one for each frame that is drawn
on. People send what they changed, never the whole list; who erases an object wins over who changes it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from kitsu_api.db.models import PreviewFile
from kitsu_api.db.repositories.preview_media import PreviewMedia, PreviewTask
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.events import Event
from kitsu_api.schemas.annotations import AnnotationChanges
from kitsu_api.unit_of_work import UnitOfWork

Annotation = dict[str, Any]

DEFAULT_RATE = 25.0
MOST_OBJECTS = 20_000
"""Objects that a preview may carry."""


def rate_of(task: PreviewTask | None) -> float:
    """The frames a second of an entity: its own, else those of its production."""
    own = task.entity_data.get("fps") if task and isinstance(task.entity_data, dict) else None
    for text in (own, task.fps if task else None):
        try:
            rate = float(str(text).replace(",", "."))
        except ValueError:
            continue
        if math.isfinite(rate) and 0 < rate <= 1000:
            return rate
    return DEFAULT_RATE


def frame_of(annotation: Annotation, rate: float) -> int:
    """The frame that an annotation is on, from 0: two times within one frame are one."""
    time, number = annotation.get("time"), annotation.get("frame")
    # whole numbers of JSON may be larger than any float; Python compares the two all the same
    if isinstance(time, int | float) and not isinstance(time, bool) and abs(time) < math.inf:
        return round(min(max(time, 0.0), 1e9) * rate)
    if isinstance(number, int) and not isinstance(number, bool):
        return max(number - 1, 0)
    return 0


def objects_of(annotation: Annotation) -> list[Any]:
    """The objects that are drawn."""
    drawing = annotation.get("drawing")
    objects = drawing.get("objects") if isinstance(drawing, dict) else None
    return objects if isinstance(objects, list) else []


def _id(thing: Any) -> str | None:
    found = thing.get("id") if isinstance(thing, dict) else thing
    return found if isinstance(found, str) and found else None


def _with_objects(annotation: Annotation, objects: list[Any]) -> Annotation:
    drawing = annotation.get("drawing")
    return {**annotation, "drawing": {**(drawing if isinstance(drawing, dict) else {}), "objects": objects}}


def _replaced(objects: Sequence[Any], others: Iterable[Any], *, adding: bool) -> list[Any]:
    """The objects, with those of the others that have their ids in their places."""
    merged = list(objects)
    places = {id: index for index, one in enumerate(merged) if (id := _id(one))}
    for other in others:
        id = _id(other)
        if id in places:
            merged[places[id]] = other
        elif adding:
            if id is not None:
                places[id] = len(merged)
            merged.append(other)
    return merged


def _is_loose(annotation: Annotation) -> bool:
    """Whether it is one thing by itself, as scripts send it, and no frame with objects."""
    return not isinstance(annotation.get("drawing"), dict)


def merged(before: Any, changes: AnnotationChanges, rate: float) -> list[Annotation]:
    """The annotations of a preview after somebody's changes, at so many frames a second."""
    found = [one for one in before if isinstance(one, dict)] if isinstance(before, list) else []
    for adding, wishes in ((True, changes.additions), (False, changes.updates)):
        found = _replaced(found, filter(_is_loose, wishes), adding=adding)
        frames = [(frame_of(one, rate), index) for index, one in enumerate(found) if not _is_loose(one)]
        places = dict(reversed(frames))
        for wish in wishes:
            if _is_loose(wish):
                continue
            frame = frame_of(wish, rate)
            if frame in places:
                index = places[frame]
                objects = _replaced(objects_of(found[index]), objects_of(wish), adding=adding)
                found[index] = _with_objects(found[index], objects)
            elif adding:
                places[frame] = len(found)
                found.append(wish)
    return _erased(found, changes.deletions, rate) if changes.deletions else found


def _erased(found: list[Annotation], deletions: Sequence[Any], rate: float) -> list[Annotation]:
    everywhere = {deletion for deletion in deletions if isinstance(deletion, str)}
    at: dict[int, set[str]] = {}
    for deletion in deletions:
        if isinstance(deletion, dict):
            listed = deletion.get("objects")
            gone = {id for one in listed if (id := _id(one))} if isinstance(listed, list) else set()
            at.setdefault(frame_of(deletion, rate), set()).update(gone)
    left = []
    for annotation in found:
        if _is_loose(annotation):
            if _id(annotation) not in everywhere:
                left.append(annotation)
            continue
        gone = everywhere | at.get(frame_of(annotation, rate), set())
        objects = [one for one in objects_of(annotation) if _id(one) not in gone]
        if objects:
            left.append(_with_objects(annotation, objects))
    return left


async def update_annotations(
    uow: UnitOfWork, person_id: UUID, preview_file_id: UUID, changes: AnnotationChanges
) -> PreviewFile:
    """Merge what somebody (a guest of a share link, too) changed into the drawings on a preview.

    Raises:
        NotFound: there is no such preview.
        BadRequest: the preview would carry too many objects.
    """
    media = PreviewMedia(uow.session)
    preview = await media.lock(preview_file_id)
    if preview is None:
        raise NotFound
    task = await media.task_of(preview.task_id)
    annotations = merged(preview.annotations, changes, rate_of(task))
    if sum(len(objects_of(one)) for one in annotations) > MOST_OBJECTS:
        raise BadRequest(f"A preview may carry {MOST_OBJECTS} drawn objects: erase some first.")
    await Records(uow.session, PreviewFile).change(preview, {"annotations": annotations})
    uow.emit(_told(preview, task, person_id))
    return preview


def _told(preview: PreviewFile, task: PreviewTask | None, person_id: UUID) -> Event:
    data = {
        "preview_file_id": str(preview.id),
        "person_id": str(person_id),
        "updated_at": preview.updated_at.isoformat(timespec="seconds") if preview.updated_at else None,
    }
    if task is not None:
        data["project_id"] = str(task.project_id)
    return Event("preview-file:annotation-update", data, task.project_id if task else None)
