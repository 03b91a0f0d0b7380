"""Movies of whole playlists: how they are ordered, kept and given up."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from kitsu_api.db.repositories.stored_files import forget
from kitsu_api.storage.files import Bucket
from kitsu_api.unit_of_work import UnitOfWork

BUCKET: Bucket = "movies"
PREFIX = "playlists"


async def forget_all(uow: UnitOfWork, ids: Collection[UUID]) -> None:
    """Have the movies of builds removed from storage."""
    await forget(uow.session, BUCKET, PREFIX, ids)
