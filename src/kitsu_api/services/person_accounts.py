"""What admins do to the accounts of others: invitations, passwords, departments, pictures."""

from __future__ import annotations

from uuid import UUID

from kitsu_api.db.models import Department, Person
from kitsu_api.db.repositories.accounts import Account
from kitsu_api.db.repositories.departments import join_department, leave_department
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound
from kitsu_api.events import record_event
from kitsu_api.permissions import passwords
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.services import auth, user_profile
from kitsu_api.services.auth import SignInDesk
from kitsu_api.services.mail_texts import reset_link
from kitsu_api.services.persons import refuse_protected
from kitsu_api.unit_of_work import UnitOfWork


async def _somebody(uow: UnitOfWork, person_id: UUID) -> Person:
    """A person who signs in with a password.

    Raises:
        NotFound: there is no such person.
        Forbidden: it is a bot or a guest.
    """
    person = await Records(uow.session, Person).find(person_id)
    if person is None:
        raise NotFound
    if person.is_bot or person.is_guest:
        raise Forbidden
    return person


async def invite(uow: UnitOfWork, person_id: UUID) -> None:
    """Mail somebody an invitation.

    Raises:
        NotFound: there is no such person.
        Forbidden: it is a bot or a guest.
        BadRequest: the person has no e-mail, or the account is closed.
    """
    person = await _somebody(uow, person_id)
    if not person.email:
        raise BadRequest("This person has no e-mail: give them one first.")
    if not person.active:
        raise BadRequest("This account is closed: open it first.")
    uow.enqueue("send_invitation", key=f"invitation-{person_id}", email=person.email)


async def _account(desk: SignInDesk, actor: Actor, person_id: UUID) -> Account:
    """An account whose password the caller may choose.

    Raises:
        NotFound: there is no such person.
        Forbidden: it is a bot, a guest, or protected.
        BadRequest: it is another admin's, who has a password already.
    """
    refuse_protected(desk.uow, actor, await _somebody(desk.uow, person_id))
    account = await desk.accounts.find(person_id, lock=True)
    if account is None:
        raise NotFound
    if account.role == Role.ADMIN and account.password and account.id != actor.id:
        raise BadRequest("An admin can't change another admin's password.")
    return account


async def give_password(
    desk: SignInDesk, actor: Actor, person_id: UUID, password: str, confirmation: str
) -> None:
    """Set somebody's password; every session of theirs ends.

    Raises:
        NotFound: there is no such person.
        Forbidden: it is a bot, a guest, or protected.
        BadRequest: it is another admin's account, or the password is no good.
    """
    passwords.check_new(desk.settings, password, confirmation)
    account = await _account(desk, actor, person_id)
    await auth.set_password(desk, account, password)


async def make_reset_link(desk: SignInDesk, actor: Actor, person_id: UUID) -> str:
    """A link with which somebody chooses a password, for an admin to hand over.

    Raises:
        NotFound: there is no such person.
        Forbidden: it is a bot, a guest, or protected.
        BadRequest: it is another admin's account, or has no e-mail.
    """
    account = await _account(desk, actor, person_id)
    if not account.email:
        raise BadRequest("This person has no e-mail: give them one first.")
    token = await auth.shared_reset_token(desk.valkey, desk.settings, account.id)
    return reset_link(desk.settings, account.email, token)


async def _changeable(uow: UnitOfWork, actor: Actor, person_id: UUID) -> Person:
    person = await Records(uow.session, Person).find(person_id)
    if person is None:
        raise NotFound
    refuse_protected(uow, actor, person)
    return person


async def add_department(uow: UnitOfWork, actor: Actor, person_id: UUID, department_id: UUID) -> None:
    """Let a person join a department.

    Raises:
        NotFound: there is no such person.
        Forbidden: the account is protected.
        BadRequest: there is no such department.
    """
    person = await _changeable(uow, actor, person_id)
    if not await Records(uow.session, Department).exists(Department.id == department_id):
        raise BadRequest("department_id: there is no such department.")
    await join_department(uow.session, person_id, department_id)
    await Records(uow.session, Person).change(person, {})
    uow.emit(record_event("person", "update", person_id))


async def remove_department(uow: UnitOfWork, actor: Actor, person_id: UUID, department_id: UUID) -> None:
    """Take a person out of a department.

    Raises:
        NotFound: there is no such person or department.
        Forbidden: the account is protected.
    """
    person = await _changeable(uow, actor, person_id)
    if not await Records(uow.session, Department).exists(Department.id == department_id):
        raise NotFound
    await leave_department(uow.session, person_id, department_id)
    await Records(uow.session, Person).change(person, {})
    uow.emit(record_event("person", "update", person_id))


async def clear_avatar(uow: UnitOfWork, actor: Actor, person_id: UUID) -> None:
    """Take somebody's picture away.

    Raises:
        NotFound: there is no such person.
        Forbidden: the account is protected.
    """
    await user_profile.clear_avatar(uow, await _changeable(uow, actor, person_id))
