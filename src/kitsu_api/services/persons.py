"""People: who may be added, changed and removed, and the tokens of bots."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import uuid4

import orjson
from email_validator import EmailNotValidError, validate_email

from kitsu_api.db.models import Person
from kitsu_api.db.repositories.library import mark_deleted
from kitsu_api.db.repositories.person_removal import PersonRemoval
from kitsu_api.db.repositories.persons import PersonRepository
from kitsu_api.errors import BadRequest, Forbidden
from kitsu_api.events import record_event
from kitsu_api.permissions import passwords
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.tokens import IdentityType, issue
from kitsu_api.services.comments import reset_tasks
from kitsu_api.unit_of_work import UnitOfWork

Values = dict[str, Any]

BOT_YEARS = 10
"""How long the token of a bot lasts that has no expiration date."""


def normal_email(email: str) -> str:
    """An e-mail as it is stored.

    Raises:
        BadRequest: it is none.
    """
    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise BadRequest("The e-mail is not valid.") from error


async def checked_email(people: PersonRepository, email: str, person: Person | None = None) -> str:
    """An e-mail as it is stored.

    Raises:
        BadRequest: it is none, or somebody else has it.
    """
    normal = normal_email(email)
    if await people.email_taken(normal, but=person.id if person else None):
        raise BadRequest("Somebody has this e-mail already.")
    return normal


async def _check_limit(uow: UnitOfWork, people: PersonRepository) -> None:
    if await people.count_active() >= uow.settings.user_limit:
        raise BadRequest("The limit of users is reached.", limit_reached=True)


async def creating(uow: UnitOfWork, actor: Actor, values: Values) -> Values:
    """A new person speaks the studio's language, and fits in its licence; a new bot gets a token's name.

    Raises:
        Forbidden: an API key would make an account that reaches further than it.
        BadRequest: the e-mail or the password is no good, or the licence is full.
    """
    if values.get("is_bot") or values.get("password") or values.get("role") == Role.ADMIN:
        refuse_keys(actor)
    password = values.pop("password", None)
    if password and not values.get("is_bot"):
        passwords.check_new(uow.settings, password, password)
        # hashed before the turn: others would wait for it
        values["password"] = await passwords.hash_password(uow.settings, password)
    people = PersonRepository(uow.session)
    await people.wait_for_turn()
    values["locale"] = values.get("locale") or uow.settings.default_locale
    values["timezone"] = values.get("timezone") or uow.settings.default_timezone
    if values.get("is_bot"):
        return {**values, "jti": str(uuid4())}
    if values.get("email") is not None:
        values["email"] = await checked_email(people, values["email"])
    if values.get("active", True):
        await _check_limit(uow, people)
    return values


async def answer_with_token(uow: UnitOfWork, actor: Actor, person: Person, row: bytes) -> bytes:
    """The token of a new bot goes with its row, this once."""
    if not person.is_bot:
        return row
    day = person.expiration_date or dt.date.today() + dt.timedelta(days=365 * BOT_YEARS)
    token = issue(
        uow.settings,
        person.id,
        identity=IdentityType.BOT,
        token_id=person.jti,
        expires_at=dt.datetime.combine(day, dt.time.max, dt.UTC),
    )
    return orjson.dumps({**orjson.loads(row), "access_token": token})


def is_protected(uow: UnitOfWork, email: str | None) -> bool:
    """Whether the operator protects an account: its owner alone changes it."""
    protected = {each.casefold() for each in uow.settings.protected_accounts}
    return (email or "").casefold() in protected


def refuse_protected(uow: UnitOfWork, actor: Actor, person: Person) -> None:
    """Accounts that the operator protects are changed by their owner alone.

    Raises:
        Forbidden: it is one, and somebody else's.
    """
    if is_protected(uow, person.email) and actor.id != person.id:
        raise Forbidden("Only its owner may change this account.")


def refuse_keys(actor: Actor) -> None:
    """Tokens, passwords and admins would outlive an API key, and its limits.

    Raises:
        Forbidden: the caller came with one.
    """
    if actor.key is not None:
        raise Forbidden("API keys make no bots, passwords or admins: sign in.")


def _opens_more(person: Person, values: Values) -> bool:
    """Whether somebody gets to be an admin by a change, or an admin's account somebody else's."""
    admin = person.role == Role.ADMIN
    raised = values.get("role") == Role.ADMIN and not admin
    return raised or (admin and values.get("email", person.email) != person.email)


async def updating(uow: UnitOfWork, actor: Actor, person: Person, values: Values) -> Values:
    """The studio keeps an admin, and no more active people than its licence has room for.

    Raises:
        Forbidden: the account is protected, or an API key would open more than itself.
        BadRequest: the e-mail is no good, the licence is full, or nobody would be left to run the studio.
    """
    refuse_protected(uow, actor, person)
    if _opens_more(person, values):
        refuse_keys(actor)
    people = PersonRepository(uow.session)
    await people.wait_for_turn()
    if values.get("email") and values["email"] != person.email and not person.is_bot:
        values["email"] = await checked_email(people, values["email"], person)
    active = values.get("active", person.active)
    if active and not person.active and not person.is_bot:
        await _check_limit(uow, people)
    if not active or values.get("role", person.role) != Role.ADMIN:
        await _keep_an_admin(people, person)
    return values


async def _keep_an_admin(people: PersonRepository, person: Person) -> None:
    runs = person.role == Role.ADMIN and person.active and not person.is_bot
    if runs and not await people.other_admin_exists(person.id):
        raise BadRequest("This is the last active admin: make somebody else an admin first.")


async def refuse_removal(uow: UnitOfWork, actor: Actor, person: Person) -> None:
    """Some accounts stay.

    Raises:
        Forbidden: it is the caller, or a protected account.
        BadRequest: nobody would be left to run the studio.
    """
    if person.id == actor.id:
        raise Forbidden("You can't delete yourself.")
    refuse_protected(uow, actor, person)
    people = PersonRepository(uow.session)
    await people.wait_for_turn()
    await _keep_an_admin(people, person)


async def deleting(uow: UnitOfWork, actor: Actor, person: Person) -> None:
    """Teams, assignments and settings go with a person; who has made something stays.

    Raises:
        Forbidden: it is the caller, or a protected account.
        BadRequest: nobody would be left to run the studio.
    """
    await refuse_removal(uow, actor, person)
    people = PersonRepository(uow.session)
    await people.delete_attachments(person.id)
    if person.has_avatar:
        await mark_deleted(uow.session, "pictures", ("thumbnails",), person.id)
    # clients of long standing hear of it twice: once as the account closes, once as the row goes
    uow.emit(record_event("person", "delete", person.id))


async def deleting_with_work(uow: UnitOfWork, actor: Actor, person: Person) -> None:
    """A person goes with their comments, hours and days off; tasks fall back to what others say of them, and
    what belongs to productions stays without a name.

    Raises:
        Forbidden: it is the caller, or a protected account.
        BadRequest: nobody would be left to run the studio.
    """
    await deleting(uow, actor, person)
    removal = PersonRemoval(uow.session, person.id)
    tasks = await removal.touched_tasks()
    await removal.delete_content()
    await reset_tasks(uow, tasks)
