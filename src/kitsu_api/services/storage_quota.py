"""How much people and productions may store: asked before a file is stored, and counted with it.

The count is made by the database with the register of files, in the same transaction, so that it is right
whatever writes there. Files that are deleted count until they are gone from storage: who deletes and uploads
in turns would fill the disk otherwise.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from kitsu_api.db.repositories.locks import lock
from kitsu_api.db.repositories.storage_use import bytes_of, open_bytes_of, owners_of
from kitsu_api.errors import QuotaExceeded
from kitsu_api.unit_of_work import UnitOfWork

GIGABYTE = 1024**3


def is_limited(uow: UnitOfWork) -> bool:
    """Whether anybody's room is limited at all."""
    return bool(uow.settings.person_quota_gb or uow.settings.production_quota_gb)


async def check_room(uow: UnitOfWork, file_ids: Collection[UUID]) -> None:
    """Make sure that those whose these files are, which are registered by now, had room for them. Of several
    at a time each waits for the one before. When they had not, the caller deletes them from storage.

    Raises:
        QuotaExceeded: they had not.
    """
    if not file_ids or not is_limited(uow):
        return
    await uow.session.flush()
    people, productions = await owners_of(uow.session, file_ids)
    await _check(uow, people, productions)


async def take_room(uow: UnitOfWork, person_id: UUID | None, project_id: UUID | None, size: int) -> None:
    """Make sure that a person and a production have room for so many bytes more, which are not registered
    yet, and with them for the person's unfinished resumable uploads.

    Raises:
        QuotaExceeded: they have not.
    """
    if is_limited(uow):
        people, productions = {person_id} - {None}, {project_id} - {None}
        await _check(uow, people, productions, size)  # type: ignore[arg-type]  # None was taken out


async def _check(uow: UnitOfWork, people: set[UUID], productions: set[UUID], more: int = 0) -> None:
    settings, session = uow.settings, uow.session
    quotas = dict.fromkeys(sorted(people), settings.person_quota_gb)
    quotas |= dict.fromkeys(sorted(productions), settings.production_quota_gb)
    for id in quotas:
        # in one order for everybody: people by their ids, then productions
        await lock(session, "storage", id)
    used = await bytes_of(session, quotas.keys())
    for id, quota in quotas.items():
        has = used.get(id, 0)
        waiting = await open_bytes_of(session, id) if more and id in people else 0
        if quota and has + waiting + more > quota * GIGABYTE:
            whose = "You have" if id in people else "The production has"
            raise QuotaExceeded(
                f"{whose} {has / GIGABYTE:.1f} of {quota} GB in storage, and no room for this file."
                " Deleted files count until they are removed from storage.",
                used_bytes=has,
                quota_bytes=quota * GIGABYTE,
            )
