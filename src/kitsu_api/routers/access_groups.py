"""Groups of people who may do more than their role."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import AccessGroup
from kitsu_api.db.repositories.access_groups import AccessGroups
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.access_group_places import GroupManager, ManagedGroup
from kitsu_api.permissions.policies.access_groups import group_projects
from kitsu_api.schemas import access_groups as s
from kitsu_api.services import access_groups as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(
    prefix="/data/access-groups",
    tags=["Access groups"],
    responses=errors(BadRequest, Unauthorized, Forbidden, NotFound),
)


@router.get("", operation_id="list_access_groups", summary="List access groups")
async def list_access_groups(
    actor: GroupManager,
    session: Session,
    project_id: Annotated[UUID | None, Query(description="Only those of this production.")] = None,
) -> list[s.AccessGroupRead]:
    """Admins see all, managers those of the productions that they run; by name."""
    found = await AccessGroups(session).of_projects(group_projects(actor), project_id)
    return [service.shown(group) for group in found]


@router.post("", status_code=201, operation_id="create_access_group", summary="Make an access group")
async def create_access_group(actor: GroupManager, wish: s.AccessGroupCreate, uow: Uow) -> s.AccessGroupRead:
    """Let people do more than their role: managers in their productions, admins in all that the members are
    in the team of. It counts from their next request on."""
    return await service.create(uow, actor, wish)


@router.get("/{id}", operation_id="get_access_group", summary="Get an access group")
async def get_access_group(found: ManagedGroup) -> s.AccessGroupRead:
    """A group with its members."""
    return service.shown(found)


@router.put("/{id}", operation_id="update_access_group", summary="Change an access group")
async def update_access_group(found: ManagedGroup, wish: s.AccessGroupUpdate, uow: Uow) -> s.AccessGroupRead:
    """Change its name, what it gives, or its members. It stays a group of its production."""
    return await service.change(uow, found, wish)


@router.delete("/{id}", status_code=204, operation_id="delete_access_group", summary="Delete an access group")
async def delete_access_group(found: ManagedGroup, uow: Uow) -> Response:
    """Take back what it gave, from the next request of its members on."""
    await Records(uow.session, AccessGroup).delete(found[0])
    return Response(status_code=204)
