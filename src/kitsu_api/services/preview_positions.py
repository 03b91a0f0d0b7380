"""The order of previews within a revision."""

from __future__ import annotations

from kitsu_api.db.models import PreviewFile
from kitsu_api.db.repositories.preview_files import PreviewFiles
from kitsu_api.db.repositories.preview_media import PreviewMedia
from kitsu_api.unit_of_work import UnitOfWork


async def move(uow: UnitOfWork, preview: PreviewFile, position: int) -> list[PreviewFile]:
    """Put a preview at a place within its revision, counted from 1; all previews of the revision in their
    order. A place that the revision does not have changes nothing."""
    await PreviewFiles(uow.session).lock_task(preview.task_id)
    media = PreviewMedia(uow.session)
    before = await media.of_revision(preview)
    if not 1 <= position <= len(before):
        return before
    moved = next(one for one in before if one.id == preview.id)
    after = [one for one in before if one.id != preview.id]
    after.insert(position - 1, moved)
    await media.place_in_order(after)
    return after
