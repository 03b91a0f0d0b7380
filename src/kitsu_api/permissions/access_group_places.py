"""Groups that a path names, and people whose rights are asked about."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from kitsu_api.db.engine import Session
from kitsu_api.db.models import AccessGroup
from kitsu_api.db.repositories.access_groups import AccessGroups, Found
from kitsu_api.errors import NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import allow, guard
from kitsu_api.permissions.policies.access_groups import asks_about, manages_groups_of, runs_groups


async def _group(id: UUID, session: Session) -> Found:
    """A group, locked until the request is over.

    Raises:
        NotFound: there is none.
    """
    found = await AccessGroups(session).locked(id)
    if found is None:
        raise NotFound
    return found


async def _asked(
    actor: CurrentActor,
    person: Annotated[UUID | None, Query(description="Whose rights; absent: the caller's.")] = None,
) -> UUID:
    return person or actor.id


def manages_group(actor: Actor, found: tuple[AccessGroup, list[UUID]]) -> bool:
    """Groups of a production are its managers'; those for all productions, admins'."""
    return manages_groups_of(actor, found[0].project_id)


ManagedGroup = Annotated[Found, guard(_group, manages_group)]
GroupManager = Annotated[Actor, allow(runs_groups)]
AskedPerson = Annotated[UUID, guard(_asked, asks_about)]
