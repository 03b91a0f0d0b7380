"""Departments: their people, and the software and hardware that they have."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Department, Person
from kitsu_api.db.projections import PERSON
from kitsu_api.db.repositories.departments import (
    HARDWARE,
    LICENSES,
    DepartmentEquipment,
    people_of,
)
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.persons import masked_of_people, visible_people
from kitsu_api.permissions.policies.roles import admins, anyone, managers
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas import departments as s
from kitsu_api.schemas.persons import PersonRead
from kitsu_api.services import departments
from kitsu_api.unit_of_work import Uow

router = APIRouter(
    prefix="/data/departments", tags=["Departments"], responses=errors(BadRequest, Unauthorized, Forbidden)
)
MISSING = errors(NotFound)
Admin = Annotated[Actor, allow(admins)]
Manager = Annotated[Actor, allow(managers)]


async def _existing(department_id: UUID, session: Session) -> UUID:
    if not await Records(session, Department).exists(Department.id == department_id):
        raise NotFound
    return department_id


DepartmentId = Annotated[UUID, Depends(_existing, scope="function")]


def _found(row: bytes | None) -> Response:
    if row is None:
        raise NotFound
    return json_response(row)


@router.get(
    "/{department_id}/persons",
    response_model=list[PersonRead],
    responses=MISSING,
    operation_id="list_persons_of_department",
    summary="List people of a department",
)
async def list_persons(
    actor: Annotated[Actor, allow(anyone)], department_id: DepartmentId, session: Session
) -> Response:
    """The people of a department that the caller may know of, and what of them."""
    where = [visible_people(actor), people_of(department_id)]
    masked = masked_of_people(actor)
    return json_response(
        await Records(session, Person).list_json(PERSON, where, relations=True, masked=masked)
    )


# --- hardware ---------------------------------------------------------------------------------------


@router.get(
    "/hardware-items",
    response_model=s.HardwareOfDepartments,
    operation_id="list_hardware_items_of_departments",
    summary="List hardware items of all departments",
)
async def list_hardware_items(actor: Manager, session: Session) -> Response:
    """The hardware items of each department. Managers and admins."""
    return json_response(await DepartmentEquipment(session, HARDWARE).all_json())


@router.get(
    "/{department_id}/hardware-items/{hardware_item_id}",
    response_model=s.HardwareItemRead,
    responses=MISSING,
    operation_id="get_hardware_item_of_department",
    summary="Get a hardware item of a department",
)
async def get_hardware_item(
    actor: Manager, department_id: UUID, hardware_item_id: UUID, session: Session
) -> Response:
    """A hardware item, if the department has it. Managers and admins."""
    return _found(await DepartmentEquipment(session, HARDWARE).one_json(department_id, hardware_item_id))


@router.post(
    "/{department_id}/hardware-items",
    status_code=201,
    response_model=s.HardwareLinkRead,
    responses=MISSING,
    operation_id="add_hardware_item_to_department",
    summary="Give a department a hardware item",
)
async def add_hardware_item(
    actor: Admin, department_id: DepartmentId, payload: s.NewHardwareLink, uow: Uow
) -> Response:
    """Give a department a hardware item; one that it has stays. Admins only."""
    return json_response(await departments.equip(uow, HARDWARE, department_id, payload.hardware_item_id), 201)


@router.delete(
    "/{department_id}/hardware-items/{hardware_item_id}",
    status_code=204,
    responses=MISSING,
    operation_id="remove_hardware_item_from_department",
    summary="Take a hardware item from a department",
)
async def remove_hardware_item(
    actor: Admin, department_id: UUID, hardware_item_id: UUID, uow: Uow
) -> Response:
    """Take a hardware item from a department. Admins only."""
    await departments.take_away(uow, HARDWARE, department_id, hardware_item_id)
    return Response(status_code=204)


# --- software ---------------------------------------------------------------------------------------


@router.get(
    "/software-licenses",
    response_model=s.SoftwareOfDepartments,
    operation_id="list_software_licenses_of_departments",
    summary="List softwares of all departments",
)
async def list_software_licenses(actor: Manager, session: Session) -> Response:
    """The softwares of each department. Managers and admins."""
    return json_response(await DepartmentEquipment(session, LICENSES).all_json())


@router.get(
    "/{department_id}/software-licenses/{software_id}",
    response_model=s.SoftwareRead,
    responses=MISSING,
    operation_id="get_software_license_of_department",
    summary="Get a software of a department",
)
async def get_software_license(
    actor: Manager, department_id: UUID, software_id: UUID, session: Session
) -> Response:
    """A software, if the department has it. Managers and admins."""
    return _found(await DepartmentEquipment(session, LICENSES).one_json(department_id, software_id))


@router.post(
    "/{department_id}/software-licenses",
    status_code=201,
    response_model=s.SoftwareLinkRead,
    responses=MISSING,
    operation_id="add_software_license_to_department",
    summary="Give a department a software",
)
async def add_software_license(
    actor: Admin, department_id: DepartmentId, payload: s.NewSoftwareLink, uow: Uow
) -> Response:
    """Give a department a software; one that it has stays. Admins only."""
    return json_response(await departments.equip(uow, LICENSES, department_id, payload.software_id), 201)


@router.delete(
    "/{department_id}/software-licenses/{software_id}",
    status_code=204,
    responses=MISSING,
    operation_id="remove_software_license_from_department",
    summary="Take a software from a department",
)
async def remove_software_license(actor: Admin, department_id: UUID, software_id: UUID, uow: Uow) -> Response:
    """Take a software from a department. Admins only."""
    await departments.take_away(uow, LICENSES, department_id, software_id)
    return Response(status_code=204)
