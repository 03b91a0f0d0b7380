"""Why somebody may or may not do something: what the rules of a route say of them."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.access_groups import AccessGroups
from kitsu_api.db.repositories.actors import find_actors
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.middleware import plain_path
from kitsu_api.permissions.access_group_places import AskedPerson
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor, actor_of_row
from kitsu_api.permissions.explaining import UndoneWork, Verdict, explain, find_route
from kitsu_api.schemas import access_groups as s
from kitsu_api.services.access_groups import KNOWN

router = APIRouter(tags=["Access groups"])
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


async def _subject(session: Session, actor: Actor, person_id: AskedPerson) -> Actor:
    """The person who is asked about; the caller as they came, with the limits of their API key."""
    if person_id == actor.id:
        return actor
    row = (await find_actors(session, [person_id])).get(person_id)
    if row is None:
        raise NotFound("person: there is nobody of this id.")
    subject = actor_of_row(row)
    if subject is None or subject.is_guest:
        raise BadRequest("person: this account is closed, or a guest's: it may do nothing.")
    return subject


async def _granting(session: Session, subject: Actor) -> list[s.GrantingGroup]:
    groups = await AccessGroups(session).of_person(subject.id)
    return [
        s.GrantingGroup(
            id=group.id,
            name=group.name,
            capabilities=[s.Capability(name) for name in group.capabilities if name in KNOWN],
        )
        for group in groups
        if group.project_id is None or group.project_id in subject.project_roles
    ]


@router.get(
    "/data/access/explain",
    responses=errors(BadRequest, Unauthorized, Forbidden, NotFound),
    operation_id="explain_access",
    summary="Explain why somebody may do something or not",
)
async def explain_access(
    person: AskedPerson,
    request: Request,
    session: Session,
    actor: CurrentActor,
    method: Annotated[Method, Query(description="Of the request in question.")],
    path: Annotated[
        str,
        Query(min_length=1, max_length=2000, description="Its path, with ids, and its query if it has one."),
    ],
) -> s.AccessExplanation:
    """What the rules of the route say, asked one by one for this person; the route itself is not called.

    Admins ask about everybody, others about themselves. An answer holds for the moment: teams, groups and
    tasks change. `conditional` says that what is sent may still be refused.
    """
    plain, _, query = path.partition("?")
    found = find_route(request.app, method, plain_path(plain), query)
    if found is None:
        raise BadRequest("path: there is no route of this method and path.")
    subject = await _subject(session, actor, person)
    state = request.app.state
    uow = UndoneWork(session, state.outbox, subject.id, state.settings)
    verdict = await explain(*found, request, subject, uow)
    granted_by: list[s.GrantingGroup] = []
    if subject.grants:
        without: Verdict = await explain(*found, request, replace(subject, grants={}), uow)
        if without.status != verdict.status:
            granted_by = await _granting(session, subject)
    return s.AccessExplanation(
        person_id=subject.id,
        role=subject.role.value,
        method=method,
        route=found[0].path,
        allowed=verdict.decided_by is None,
        status=verdict.status,
        decided_by=verdict.decided_by,
        conditional=verdict.conditional,
        checks=[s.AccessCheck(**asdict(check)) for check in verdict.checks],
        granted_by=granted_by,
    )
