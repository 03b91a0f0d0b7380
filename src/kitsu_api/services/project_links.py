"""Which task types and statuses a production has, and in which order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kitsu_api.db.repositories.project_links import Order
from kitsu_api.db.repositories.project_settings import ProjectSettings, Setting
from kitsu_api.errors import BadRequest
from kitsu_api.events import record_event
from kitsu_api.unit_of_work import UnitOfWork


async def link(uow: UnitOfWork, setting: Setting, values: dict[str, Any]) -> bytes:
    """Give a production a row of the library, or change what it sets for it; the link as JSON.

    Raises:
        BadRequest: the library has no such row.
    """
    project_id, id = values.pop("project_id"), values.pop(setting.column)
    settings = ProjectSettings(uow.session, project_id)
    if not await settings.existing(setting, [id]):
        raise BadRequest(f"{setting.column}: the library has no such row.")
    await settings.choose(setting, id, values)
    uow.emit(record_event("project", "update", project_id, project_id))
    row = await settings.link_json(setting, id)
    assert row is not None
    return row


async def reorder(uow: UnitOfWork, project_id: UUID, setting: Setting, ids: list[UUID]) -> bytes:
    """Put what a production has of the library in order; the links as JSON. It is told of once."""
    links = await Order(uow.session).of_links(project_id, setting, ids)
    uow.emit(record_event("project", "update", project_id, project_id))
    return links


async def reorder_task_types(uow: UnitOfWork, ids: list[UUID]) -> bytes:
    """Put the task types of the studio in order; those that are named, as JSON."""
    present, rows = await Order(uow.session).of_task_types(ids)
    for id in present:
        uow.emit(record_event("task-type", "update", id))
    return rows
