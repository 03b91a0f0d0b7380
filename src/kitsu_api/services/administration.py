"""What the operator does to accounts at the server's own command line, with the rights of their owners."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import orjson
from redis.asyncio import Redis

from kitsu_api.db.models import Person
from kitsu_api.db.repositories.accounts import AccountRepository
from kitsu_api.db.repositories.administration import AdministrationRepository
from kitsu_api.db.repositories.persons import PersonRepository
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import NotFound
from kitsu_api.events import record_event
from kitsu_api.permissions import passwords, revocation
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.services import persons, two_factor
from kitsu_api.unit_of_work import UnitOfWork


async def _person(uow: UnitOfWork, email: str) -> Person:
    """Somebody by e-mail.

    Raises:
        NotFound: nobody has it.
    """
    account = await AccountRepository(uow.session).find_by_email(email)
    person = await Records(uow.session, Person).find(account.id) if account else None
    if person is None:
        raise NotFound(f"Nobody has the e-mail {email}.")
    return person


def _as_owner(person: Person) -> Actor:
    """The operator acts with the rights of an admin, and those of the account's own owner."""
    return Actor(id=person.id, role=Role.ADMIN, email=person.email)


async def change_password(uow: UnitOfWork, valkey: Redis, email: str, password: str) -> UUID:
    """Set somebody's password, and end all sessions of theirs.

    Raises:
        NotFound: nobody has the e-mail.
        BadRequest: the password is no good.
    """
    person = await _person(uow, email)
    passwords.check_new(uow.settings, password, password)
    hashed = await passwords.hash_password(uow.settings, password)
    await AccountRepository(uow.session).change(person.id, password=hashed, login_failed_attemps=0)
    await revocation.revoke_all(valkey, uow.settings, person.id)
    return person.id


async def set_active(uow: UnitOfWork, valkey: Redis, email: str, *, active: bool) -> UUID:
    """Open or close an account; a closed one loses its sessions.

    Raises:
        NotFound: nobody has the e-mail.
        BadRequest: it is the last admin's, or the licence is full.
    """
    person = await _person(uow, email)
    values = await persons.updating(uow, _as_owner(person), person, {"active": active})
    await Records(uow.session, Person).change(person, values)
    uow.emit(record_event("person", "update", person.id))
    if not active:
        await revocation.revoke_all(valkey, uow.settings, person.id)
    return person.id


async def disable_two_factor(uow: UnitOfWork, email: str) -> UUID:
    """Take every second factor from somebody who has lost them.

    Raises:
        NotFound: nobody has the e-mail.
        BadRequest: no factor is set up.
    """
    person = await _person(uow, email)
    await two_factor.disable_all(uow, uow.settings, _as_owner(person), person.id)
    return person.id


async def create_bot(
    uow: UnitOfWork, name: str, email: str | None, role: Role, expires: date | None
) -> tuple[UUID, str]:
    """Add a bot; its id and its token, which is shown this once.

    Raises:
        BadRequest: the e-mail is no good, or taken.
    """
    values = {
        "first_name": name,
        "last_name": "",
        "role": role.value,
        "is_bot": True,
        "active": True,
        "expiration_date": expires,
    }
    if email is not None:
        people = PersonRepository(uow.session)
        values["email"] = await persons.checked_email(people, email)
    maker = Actor(id=UUID(int=0), role=Role.ADMIN)
    values = await persons.creating(uow, maker, values)
    person = await AccountRepository(uow.session).add(Person(**values))
    uow.emit(record_event("person", "new", person.id))
    row = orjson.loads(await persons.answer_with_token(uow, maker, person, b"{}"))
    return person.id, str(row["access_token"])


async def revoke_everybody(uow: UnitOfWork, valkey: Redis) -> int:
    """End all sessions of all people; how many people there are. Tokens of bots stay."""
    people = await AdministrationRepository(uow.session).people_who_sign_in()
    await revocation.revoke_all_of(valkey, uow.settings, people)
    return len(people)
