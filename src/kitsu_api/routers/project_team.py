"""The people of a production."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Project
from kitsu_api.db.projections import PROJECT
from kitsu_api.db.repositories.project_team import ProjectTeam
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.places import ManagedProject, OpenProject
from kitsu_api.permissions.policies.persons import masked_of_people
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas.project_team import NewTeamMember, TeamMemberLink, TeamMemberRead, TeamMemberRole
from kitsu_api.schemas.projects import ProjectRead
from kitsu_api.services import project_team as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(
    prefix="/data/projects/{project_id}/team",
    tags=["Projects"],
    responses=errors(Unauthorized, Forbidden, NotFound),
)
Reader = Annotated[Actor, allow(anyone)]


@router.get(
    "",
    response_model=list[TeamMemberRead],
    operation_id="list_team_of_project",
    summary="List the team of a project",
)
async def list_team(project_id: OpenProject, actor: Reader, session: Session) -> Response:
    """The people of the production by name, with what the caller may know of them."""
    return json_response(await ProjectTeam(session, project_id).list_json(masked_of_people(actor)))


@router.post(
    "",
    status_code=201,
    response_model=ProjectRead,
    responses=errors(BadRequest),
    operation_id="add_person_to_team",
    summary="Add a person to the team of a project",
)
async def add_person(project_id: ManagedProject, payload: NewTeamMember, uow: Uow) -> Response:
    """Put somebody into the team, with a role of their own for this production if one is given."""
    await service.join(uow, project_id, payload)
    row = await Records(uow.session, Project).one_json(PROJECT, project_id)
    assert row is not None
    return json_response(row, 201)


@router.put(
    "/{person_id}",
    response_model=TeamMemberLink,
    responses=errors(BadRequest),
    operation_id="set_role_in_team",
    summary="Set the role of a person in a project",
)
async def set_role(
    project_id: ManagedProject, person_id: UUID, payload: TeamMemberRole, uow: Uow
) -> TeamMemberLink:
    """Give a member another role in this production; null gives back the general one."""
    return await service.set_role(uow, project_id, person_id, payload)


@router.delete(
    "/{person_id}",
    status_code=204,
    operation_id="remove_person_from_team",
    summary="Remove a person from the team of a project",
)
async def remove_person(project_id: ManagedProject, person_id: UUID, uow: Uow) -> Response:
    """Take somebody out of the team; what they have made stays."""
    await service.leave(uow, project_id, person_id)
    return Response(status_code=204)
