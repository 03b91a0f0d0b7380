"""Previews that a path names, and what the caller may do with them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from kitsu_api.db.repositories.preview_media import PreviewMedia, PreviewPlace
from kitsu_api.errors import NotFound
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.policies.previews import downloads, makes, runs, sees
from kitsu_api.unit_of_work import Uow


async def preview_place(preview_file_id: UUID, uow: Uow, actor: CurrentActor) -> PreviewPlace:
    """A preview.

    Raises:
        NotFound: there is none.
    """
    place = await PreviewMedia(uow.session).place(preview_file_id, actor.id)
    if place is None:
        raise NotFound
    return place


async def locked_place(preview_file_id: UUID, uow: Uow, actor: CurrentActor) -> PreviewPlace:
    """A preview, locked: two changes of it come one after the other.

    Raises:
        NotFound: there is none.
    """
    place = await PreviewMedia(uow.session).place(preview_file_id, actor.id, lock=True)
    if place is None:
        raise NotFound
    return place


SeenPreview = Annotated[PreviewPlace, guard(preview_place, sees)]
DownloadedPreview = Annotated[PreviewPlace, guard(preview_place, downloads)]
OwnPreview = Annotated[PreviewPlace, guard(preview_place, makes)]
RunPreview = Annotated[PreviewPlace, guard(preview_place, runs)]
AnnotatedPreview = Annotated[PreviewPlace, guard(locked_place, sees)]
