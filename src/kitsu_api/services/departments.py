"""Departments and the software and hardware that they have."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.db.repositories.departments import DepartmentEquipment, Equipment
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.unit_of_work import UnitOfWork


async def equip(uow: UnitOfWork, equipment: Equipment, department_id: UUID, id: UUID) -> bytes:
    """Give a department a thing, unless it has it; the link as JSON.

    Raises:
        BadRequest: there is no such thing.
    """
    model = equipment.model
    if not await Records(uow.session, model).exists(model.id == id):
        raise BadRequest(f"{equipment.column}: the library has no such row.")
    return await DepartmentEquipment(uow.session, equipment).add_json(department_id, id)


async def take_away(uow: UnitOfWork, equipment: Equipment, department_id: UUID, id: UUID) -> None:
    """Take a thing from a department.

    Raises:
        NotFound: the department has no such thing.
    """
    if not await DepartmentEquipment(uow.session, equipment).remove(department_id, id):
        raise NotFound
