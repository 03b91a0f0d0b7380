"""Groups of people who may do more than their role: making and changing them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from kitsu_api.db.models import AccessGroup, Project
from kitsu_api.db.repositories.access_groups import AccessGroups, Found
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.policies.access_groups import manages_groups_of
from kitsu_api.schemas.access_groups import (
    AccessGroupCreate,
    AccessGroupRead,
    AccessGroupUpdate,
    Capability,
)
from kitsu_api.schemas.base import reject_null
from kitsu_api.unit_of_work import UnitOfWork

KNOWN = frozenset(Capability)


def shown(found: Found) -> AccessGroupRead:
    """A group as answers show it; what a later release may have stored is left out."""
    group, person_ids = found
    return AccessGroupRead(
        id=group.id,
        name=group.name,
        description=group.description,
        project_id=group.project_id,
        capabilities=[Capability(name) for name in group.capabilities if name in KNOWN],
        person_ids=person_ids,
        created_at=group.created_at and group.created_at.isoformat(timespec="seconds"),
        updated_at=group.updated_at and group.updated_at.isoformat(timespec="seconds"),
    )


def _sorted(capabilities: Sequence[Capability]) -> list[str]:
    return sorted({capability.value for capability in capabilities})


async def _check_members(uow: UnitOfWork, person_ids: Collection[UUID], project_id: UUID | None) -> None:
    """Members are people of the studio; those of a production's group are of its team.

    Raises:
        BadRequest: one is not.
    """
    missing = set(person_ids) - await AccessGroups(uow.session).fit(person_ids, project_id)
    if missing:
        where = "" if project_id is None else " in the team of the production"
        raise BadRequest(f"person_ids: there is no such person{where}: {min(map(str, missing))}")


async def create(uow: UnitOfWork, actor: Actor, wish: AccessGroupCreate) -> AccessGroupRead:
    """Make a group.

    Raises:
        Forbidden: the production is not the caller's to run, or the group is for all and they are no admin.
        BadRequest: there is no such production, or a member does not fit.
    """
    if not manages_groups_of(actor, wish.project_id):
        raise Forbidden
    if wish.project_id is not None and await Records(uow.session, Project).find(wish.project_id) is None:
        raise BadRequest("project_id: there is no such production.")
    await _check_members(uow, wish.person_ids, wish.project_id)
    group = await Records(uow.session, AccessGroup).add(
        {
            **wish.model_dump(include={"name", "description", "project_id"}),
            "capabilities": _sorted(wish.capabilities),
        }
    )
    await AccessGroups(uow.session).set_members(group.id, wish.person_ids)
    return shown((group, sorted(set(wish.person_ids))))


async def change(uow: UnitOfWork, found: Found, wish: AccessGroupUpdate) -> AccessGroupRead:
    """Change a group; what it gives and takes counts from the next request on.

    Raises:
        BadRequest: a member does not fit, or something is null that can't be.
    """
    reject_null(wish, "name", "capabilities", "person_ids")
    group, person_ids = found
    values = wish.model_dump(exclude_unset=True, include={"name", "description"})
    if wish.capabilities is not None:
        values["capabilities"] = _sorted(wish.capabilities)
    if wish.person_ids is not None:
        # whoever left the team may stay named: the group gives them nothing there
        await _check_members(uow, set(wish.person_ids) - set(person_ids), group.project_id)
        await AccessGroups(uow.session).set_members(group.id, wish.person_ids)
        person_ids = sorted(set(wish.person_ids))
    return shown((await Records(uow.session, AccessGroup).change(group, values), person_ids))
