"""Drawings of guests of a share link: each draws, changes and erases their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from kitsu_api.db.repositories.preview_media import PreviewMedia
from kitsu_api.errors import NotFound
from kitsu_api.schemas.annotations import AnnotationChanges
from kitsu_api.services.annotations import objects_of, update_annotations
from kitsu_api.unit_of_work import UnitOfWork

AUTHOR = "createdBy"
"""Where clients note who drew an object."""


def _id(thing: Any) -> str | None:
    found = thing.get("id") if isinstance(thing, dict) else thing
    return found if isinstance(found, str) and found else None


def _drawn(annotations: Any, by: Callable[[Any], bool]) -> set[str]:
    """The ids of objects on a preview by those who are meant."""
    if not isinstance(annotations, list):
        return set()
    rows = [row for row in annotations if isinstance(row, dict)]
    return {
        id
        for row in rows
        for one in objects_of(row)
        if isinstance(one, dict) and by(one.get(AUTHOR)) and (id := _id(one))
    }


def _signed(
    wishes: Sequence[dict[str, Any]], guest: str, allowed: Callable[[str | None], bool]
) -> list[dict[str, Any]]:
    """The drawings that are allowed, with the guest's name on them whatever the guest wrote there."""
    signed = []
    for wish in wishes:
        objects = [
            {**one, AUTHOR: guest} for one in objects_of(wish) if isinstance(one, dict) and allowed(_id(one))
        ]
        if objects:
            signed.append({**wish, "drawing": {**wish["drawing"], "objects": objects}})
    return signed


def _erased(deletions: Sequence[Any], own: set[str]) -> list[Any]:
    """The deletions that name the guest's own objects."""
    kept: list[Any] = []
    for deletion in deletions:
        if isinstance(deletion, dict):
            listed = deletion.get("objects")
            mine = [one for one in listed if _id(one) in own] if isinstance(listed, list) else []
            kept.append({**deletion, "objects": mine})
        elif _id(deletion) in own:
            kept.append(deletion)
    return kept


async def draw(uow: UnitOfWork, guest_id: UUID, preview_file_id: UUID, changes: AnnotationChanges) -> None:
    """Merge what a guest changed into the drawings on a preview; what is not theirs stays untouched.

    Raises:
        NotFound: there is no such preview.
        BadRequest: the preview would carry too many objects.
    """
    preview = await PreviewMedia(uow.session).lock(preview_file_id)
    if preview is None:
        raise NotFound
    guest = str(guest_id)
    others = _drawn(preview.annotations, lambda author: author != guest)
    own = _drawn(preview.annotations, lambda author: author == guest) - others
    mine = AnnotationChanges(
        additions=_signed(changes.additions, guest, lambda id: id not in others),
        updates=_signed(changes.updates, guest, lambda id: id in own),
        deletions=_erased(changes.deletions, own),
    )
    await update_annotations(uow, guest_id, preview_file_id, mine)
