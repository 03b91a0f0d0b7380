"""Small rules of the studio's library and of schedules."""

from __future__ import annotations

from typing import Any

from kitsu_api.db.models import EntityType, PreviewBackgroundFile
from kitsu_api.db.repositories.library import SalaryScaleRepository, mark_deleted
from kitsu_api.db.repositories.schedule import ScheduleRepository
from kitsu_api.errors import BadRequest
from kitsu_api.permissions.actor import Actor
from kitsu_api.services.starting_data import NEEDED_ENTITY_TYPES
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]


async def complete_salary_scales(uow: UnitOfWork) -> None:
    """Every department has a salary for each position and seniority; those that lack one get 0."""
    await SalaryScaleRepository(uow.session).complete()


async def creating_salary_scale(uow: UnitOfWork, actor: Actor, values: Values) -> Values:
    """Salary scales make themselves: there is one for each department, position and seniority.

    Raises:
        BadRequest: always.
    """
    raise BadRequest("Salary scales exist for every department already: change the one you want with PUT.")


async def updating_entity_type(uow: UnitOfWork, actor: Actor, kind: EntityType, values: Values) -> Values:
    """The types of shots, sequences and the like are found by their names, which are theirs alone.

    Raises:
        BadRequest: one of them would be renamed, or an asset type would be called like one.
    """
    name = values.get("name", kind.name)
    if name != kind.name and {name, kind.name} & set(NEEDED_ENTITY_TYPES):
        raise BadRequest(f"name: a `{kind.name}` can't be renamed to `{name}`.")
    return values


async def creating_schedule_item(uow: UnitOfWork, actor: Actor, values: Values) -> Values:
    """A production has one schedule item for a task type and an entity.

    Raises:
        BadRequest: there is one already, or no production is named.
    """
    project_id = values.get("project_id")
    if project_id is None:
        raise BadRequest("The 'project_id' field is required and cannot be None.")
    items = ScheduleRepository(uow.session, project_id)
    await items.lock()
    if await items.taken(None, values.get("task_type_id"), values.get("object_id")):
        raise BadRequest("A similar schedule item already exists")
    return values


async def deleted_preview_background(uow: UnitOfWork, actor: Actor, file: PreviewBackgroundFile) -> None:
    """The picture and its thumbnail go with the row."""
    await mark_deleted(uow.session, "pictures", ("preview-backgrounds", "thumbnails"), file.id)
