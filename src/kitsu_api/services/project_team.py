"""Who is in the team of a production, and as what."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.db.models import Person
from kitsu_api.db.repositories.project_team import ProjectTeam
from kitsu_api.db.repositories.projects import ProjectRepository
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest
from kitsu_api.events import record_event
from kitsu_api.schemas.project_team import NewTeamMember, TeamMemberLink, TeamMemberRole
from kitsu_api.unit_of_work import UnitOfWork


def _tell(uow: UnitOfWork, project_id: UUID) -> None:
    uow.emit(record_event("project", "update", project_id, project_id))


async def join(uow: UnitOfWork, project_id: UUID, wish: NewTeamMember) -> None:
    """Put somebody into a team; who is in it already stays in it once, with the role that is asked for.

    Raises:
        BadRequest: there is no such person.
    """
    if not await Records(uow.session, Person).exists(Person.id == wish.person_id):
        raise BadRequest("person_id: there is no such person.")
    team = ProjectTeam(uow.session, project_id)
    await team.add(wish.person_id)
    await ProjectRepository(uow.session).touch(project_id)
    _tell(uow, project_id)
    if wish.role is not None:
        await team.set_role(wish.person_id, wish.role)
        _tell(uow, project_id)


async def set_role(
    uow: UnitOfWork, project_id: UUID, person_id: UUID, wish: TeamMemberRole
) -> TeamMemberLink:
    """Set the role that a member holds in the production; without one, it stays what it is.

    Raises:
        BadRequest: the person is not in the team.
    """
    team = ProjectTeam(uow.session, project_id)
    member, role = await team.role_of(person_id)
    if not member:
        raise BadRequest("Person is not a member of the project team")
    if "role" in wish.model_fields_set:
        role = wish.role
        await team.set_role(person_id, role)
    _tell(uow, project_id)
    return TeamMemberLink(project_id=project_id, person_id=person_id, role=role)


async def leave(uow: UnitOfWork, project_id: UUID, person_id: UUID) -> None:
    """Take somebody out of a team; nothing happens when they are not in it."""
    if await ProjectTeam(uow.session, project_id).remove(person_id):
        await ProjectRepository(uow.session).touch(project_id)
        _tell(uow, project_id)
