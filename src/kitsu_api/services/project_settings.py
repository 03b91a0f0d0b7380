"""What a production takes from the library, and what it sets for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kitsu_api.db.repositories.project_settings import (
    ASSET_TYPES,
    TASK_STATUSES,
    TASK_TYPES,
    ProjectSettings,
    Setting,
)
from kitsu_api.db.repositories.projects import ProjectRepository
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.events import record_event
from kitsu_api.schemas.project_settings import SettingsBatch
from kitsu_api.unit_of_work import UnitOfWork


async def _tell(uow: UnitOfWork, project_id: UUID) -> None:
    await ProjectRepository(uow.session).touch(project_id)
    uow.emit(record_event("project", "update", project_id, project_id))


async def choose(
    uow: UnitOfWork, project_id: UUID, setting: Setting, id: UUID, values: dict[str, Any]
) -> None:
    """Add a row of the library to a production, or change what it sets for it.

    Raises:
        BadRequest: the library has no such row.
    """
    settings = ProjectSettings(uow.session, project_id)
    if not await settings.existing(setting, [id]):
        raise BadRequest(f"{setting.column}: the library has no such row.")
    await settings.choose(setting, id, values)
    await _tell(uow, project_id)


async def drop(uow: UnitOfWork, project_id: UUID, setting: Setting, id: UUID) -> None:
    """Take a row of the library out of a production; nothing happens when it is not in."""
    if await ProjectSettings(uow.session, project_id).drop(setting, id):
        await _tell(uow, project_id)


async def change(
    uow: UnitOfWork, project_id: UUID, setting: Setting, id: UUID, values: dict[str, Any]
) -> bytes:
    """Change what a production sets for a row of the library that it has; the link as JSON.

    Raises:
        NotFound: it has not chosen that row.
    """
    settings = ProjectSettings(uow.session, project_id)
    if await settings.link_json(setting, id) is None:
        raise NotFound
    if values:
        await settings.choose(setting, id, values)
    uow.emit(record_event("project", "update", project_id, project_id))
    link = await settings.link_json(setting, id)
    assert link is not None
    return link


async def choose_many(uow: UnitOfWork, project_id: UUID, batch: SettingsBatch) -> None:
    """Add many rows of the library at a time. Ids that the library does not have are left out."""
    settings = ProjectSettings(uow.session, project_id)
    wanted = {wish.task_type_id: wish for wish in batch.task_types}
    known = await settings.existing(TASK_TYPES, wanted)
    if batch.replace_task_types:
        await settings.keep_only(TASK_TYPES, known)
    for id, wish in wanted.items():
        if id in known:
            await settings.choose(TASK_TYPES, id, wish.model_dump(include={"priority"}, exclude_unset=True))
    for setting, ids in ((TASK_STATUSES, batch.task_status_ids), (ASSET_TYPES, batch.asset_type_ids)):
        present = await settings.existing(setting, ids)
        for id in dict.fromkeys(ids):
            if id in present:
                await settings.choose(setting, id, {})
    await _tell(uow, project_id)
