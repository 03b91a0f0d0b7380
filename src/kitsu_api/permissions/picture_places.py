"""Pictures of people, productions and the studio: who sees and who changes them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Organisation, Person
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.policies.person_accounts import own_or_admin
from kitsu_api.permissions.policies.persons import visible_people
from kitsu_api.permissions.policies.roles import admins, anyone


async def existing_person(person_id: UUID, session: Session) -> UUID:
    """The id of a person.

    Raises:
        NotFound: there is none.
    """
    if not await Records(session, Person).exists(Person.id == person_id):
        raise NotFound
    return person_id


async def seen_person(person_id: UUID, session: Session, actor: CurrentActor) -> tuple[UUID, bool]:
    """The id of a person, and whether the caller may know of them.

    Raises:
        NotFound: there is none.
    """
    visible = await Records(session, Person).visible(person_id, visible_people(actor))
    if visible is None:
        raise NotFound
    return person_id, visible or person_id == actor.id


async def existing_organisation(organisation_id: UUID, session: Session) -> UUID:
    """The id of the studio.

    Raises:
        NotFound: it has another one.
    """
    if not await Records(session, Organisation).exists(Organisation.id == organisation_id):
        raise NotFound
    return organisation_id


def _seen(actor: Actor, person: tuple[UUID, bool]) -> bool:
    return person[1]


def _reads_studio(actor: Actor, organisation_id: UUID) -> bool:
    return anyone(actor)


def _runs_studio(actor: Actor, organisation_id: UUID) -> bool:
    return admins(actor)


OwnPicture = Annotated[UUID, guard(existing_person, own_or_admin)]
SeenPerson = Annotated[tuple[UUID, bool], guard(seen_person, _seen)]
SeenStudio = Annotated[UUID, guard(existing_organisation, _reads_studio)]
RunStudio = Annotated[UUID, guard(existing_organisation, _runs_studio)]
