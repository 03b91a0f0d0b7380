"""The columns that productions add to what they keep: values follow a column that is renamed or deleted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from kitsu_api.db.models import MetadataDescriptor, TaskType
from kitsu_api.db.repositories.metadata import DESCRIPTOR, MetadataRepository
from kitsu_api.db.repositories.project_templates import existing_departments
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.events import record_event
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.scopes import managed_by
from kitsu_api.schemas import metadata as s
from kitsu_api.unit_of_work import UnitOfWork

EXISTS = "Metadata descriptor already exists."


def field_of(name: str) -> str:
    """The key under which values are kept, from the name of the column."""
    return name.lower().replace(" ", "_")


def _tell(uow: UnitOfWork, action: str, descriptors: Collection[MetadataDescriptor]) -> None:
    for descriptor in descriptors:
        uow.emit(record_event("metadata-descriptor", action, descriptor.id, descriptor.project_id))


async def _check(uow: UnitOfWork, wish: s.NewDescriptor) -> None:
    """Refuse a column that names what is not there.

    Raises:
        BadRequest: a column of tasks is for no task type, another one is for one, or a row does not exist.
    """
    if wish.entity_type != "Task":
        if wish.task_type_id is not None:
            raise BadRequest("task_type_id only applies to Task metadata descriptors.")
    elif wish.task_type_id is None:
        raise BadRequest("Task metadata descriptors require a task_type_id.")
    elif not await Records(uow.session, TaskType).exists(TaskType.id == wish.task_type_id):
        raise BadRequest("Task type not found.")


async def _departments(uow: UnitOfWork, ids: Sequence[UUID]) -> list[UUID]:
    present = await existing_departments(uow.session, ids)
    if len(present) < len(set(ids)):
        raise BadRequest("departments: there is no such department.")
    return present


async def add(uow: UnitOfWork, projects: Collection[UUID], wish: s.NewDescriptor) -> list[MetadataDescriptor]:
    """Give each of the productions a column that does not have it yet.

    Raises:
        BadRequest: all of them have it, or it names what is not there.
    """
    await _check(uow, wish)
    departments = await _departments(uow, wish.departments)
    metadata = MetadataRepository(uow.session)
    field = field_of(wish.name)
    taken = await metadata.holders(projects, (wish.entity_type, wish.task_type_id), wish.name, field)
    without = [id for id in projects if id not in taken]
    if projects and not without:
        raise BadRequest(EXISTS)
    values = wish.model_dump(exclude={"departments"})
    added = await metadata.add(without, {**values, "field_name": field}, departments)
    _tell(uow, "new", added)
    return added


async def _one(uow: UnitOfWork, project_id: UUID, id: UUID) -> MetadataDescriptor:
    found = await MetadataRepository(uow.session).find(
        DESCRIPTOR.id == id, DESCRIPTOR.project_id == project_id
    )
    if not found:
        raise NotFound
    return found[0]


async def change(uow: UnitOfWork, project_id: UUID, id: UUID, wish: s.DescriptorChange) -> None:
    """Change a column of a production; under a new name, what stands in it moves along.

    Raises:
        NotFound: the production has no such column.
        BadRequest: another column has this name, or a department does not exist.
    """
    await _change(uow, [await _one(uow, project_id, id)], wish)


async def _change(
    uow: UnitOfWork, descriptors: Sequence[MetadataDescriptor], wish: s.DescriptorChange
) -> None:
    metadata = MetadataRepository(uow.session)
    departments = await _departments(uow, wish.departments)
    values: dict[str, Any] = {"choices": wish.choices, "for_client": wish.for_client}
    if wish.data_type is not None:
        values["data_type"] = wish.data_type
    if wish.name is not None:
        values.update(name=wish.name, field_name=field_of(wish.name))
        await _move_values(uow, descriptors, wish.name)
    await metadata.change([descriptor.id for descriptor in descriptors], values, departments)
    _tell(uow, "update", descriptors)


async def _move_values(uow: UnitOfWork, descriptors: Sequence[MetadataDescriptor], name: str) -> None:
    metadata, field = MetadataRepository(uow.session), field_of(name)
    ids = [descriptor.id for descriptor in descriptors]
    for (kind, old), projects in _by_field(descriptors).items():
        if await metadata.holders(projects, kind, name, field, besides=ids):
            raise BadRequest(EXISTS)
        if old != field:
            await metadata.rename_values(projects, kind, old, field)


def _by_field(
    descriptors: Sequence[MetadataDescriptor],
) -> dict[tuple[tuple[str, UUID | None], str], list[UUID]]:
    """The productions of columns, by what the column is on and by its field."""
    groups: dict[tuple[tuple[str, UUID | None], str], list[UUID]] = {}
    for each in descriptors:
        key = ((each.entity_type, each.task_type_id), each.field_name)
        groups.setdefault(key, []).append(each.project_id)
    return groups


async def remove(uow: UnitOfWork, project_id: UUID, id: UUID) -> None:
    """Delete a column of a production with what stands in it.

    Raises:
        NotFound: the production has no such column.
    """
    await _remove(uow, [await _one(uow, project_id, id)])


async def _remove(uow: UnitOfWork, descriptors: Sequence[MetadataDescriptor]) -> None:
    metadata = MetadataRepository(uow.session)
    _tell(uow, "delete", descriptors)
    for (kind, field), projects in _by_field(descriptors).items():
        await metadata.rename_values(projects, kind, field, None)
    await metadata.delete([descriptor.id for descriptor in descriptors])


async def reorder(uow: UnitOfWork, project_id: UUID, wish: s.DescriptorOrder) -> None:
    """Number columns of a production from 1; others keep their place.

    Raises:
        BadRequest: a column is not one of this production and kind.
    """
    metadata = MetadataRepository(uow.session)
    found = await metadata.find(
        DESCRIPTOR.project_id == project_id,
        DESCRIPTOR.entity_type == wish.entity_type,
        DESCRIPTOR.id.in_(wish.descriptor_ids),
    )
    known = {descriptor.id for descriptor in found}
    for id in wish.descriptor_ids:
        if id not in known:
            raise BadRequest(
                f"Descriptor {id} not found for project {project_id} and entity type {wish.entity_type}"
            )
    ids = dict.fromkeys(wish.descriptor_ids)
    await metadata.number({id: place for place, id in enumerate(ids, 1)})


async def projects_of(uow: UnitOfWork, actor: Actor) -> list[UUID]:
    """The productions that run and that the caller runs, the oldest first."""
    return await MetadataRepository(uow.session).open_projects(managed_by(actor))


async def _shared(
    uow: UnitOfWork, actor: Actor, entity_type: str, fields: Collection[str]
) -> Sequence[MetadataDescriptor]:
    return await MetadataRepository(uow.session).find(
        DESCRIPTOR.project_id.in_(await projects_of(uow, actor)),
        DESCRIPTOR.entity_type == entity_type,
        DESCRIPTOR.field_name.in_(fields),
    )


async def change_shared(
    uow: UnitOfWork, actor: Actor, field: str, wish: s.SharedDescriptorChange
) -> list[UUID]:
    """Change a column in all productions that run and that the caller runs; the ids of the columns.

    Raises:
        BadRequest: another column has this name, or a department does not exist.
    """
    found = await _shared(uow, actor, wish.entity_type, [field])
    await _change(uow, found, wish)
    return [descriptor.id for descriptor in found]


async def remove_shared(uow: UnitOfWork, actor: Actor, field: str, entity_type: str) -> list[UUID]:
    """Delete a column in all productions that run and that the caller runs; the ids of the columns."""
    found = await _shared(uow, actor, entity_type, [field])
    await _remove(uow, found)
    return [descriptor.id for descriptor in found]


async def reorder_shared(uow: UnitOfWork, actor: Actor, wish: s.SharedDescriptorOrder) -> list[UUID]:
    """Number columns from 1, alike in all productions that run and that the caller runs; their ids."""
    places = {field: place for place, field in enumerate(dict.fromkeys(wish.field_order), 1)}
    found = await _shared(uow, actor, wish.entity_type, list(places))
    await MetadataRepository(uow.session).number(
        {descriptor.id: places[descriptor.field_name] for descriptor in found}
    )
    return [descriptor.id for descriptor in found]
