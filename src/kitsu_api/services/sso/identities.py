"""Whose account somebody is who has signed in elsewhere.

An account is known by issuer and subject, which never pass to somebody else. The e-mail counts once: when an
account without an identity gets its own. Role, and whether the account is open, are the studio's to say:
nothing that a provider tells is written into an account that exists.
"""

from __future__ import annotations

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from kitsu_api.db.models import Person
from kitsu_api.db.repositories.accounts import Account
from kitsu_api.db.repositories.identities import IdentityRepository, Provider, identity
from kitsu_api.db.repositories.persons import PersonRepository
from kitsu_api.errors import BadRequest
from kitsu_api.events import record_event
from kitsu_api.services.auth import SignInDesk
from kitsu_api.services.persons import is_protected
from kitsu_api.services.sso.refusal import refused

LONGEST_NAME = 80
LONGEST_SUBJECT = 255
NO_EMAIL = "The identity provider gives no verified e-mail address."


@dataclass(frozen=True)
class Identity:
    """Who somebody is, as a provider proved it."""

    provider: Provider
    issuer: str
    subject: str
    email: str | None
    """None where the provider does not answer for it."""
    first_name: str = ""
    last_name: str = ""


def _email(text: str | None) -> str:
    if not text:
        raise refused("no e-mail that the provider answers for", NO_EMAIL)
    try:
        return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise refused("the e-mail is none", NO_EMAIL) from error


async def account_of(desk: SignInDesk, who: Identity) -> Account:
    """The account of somebody; one that has the same e-mail and no identity yet gets this one, and who has
    none becomes an artist where the settings say so.

    Raises:
        BadRequest: there is none, or it is not theirs to have.
    """
    if not who.subject or len(who.subject) > LONGEST_SUBJECT:
        raise refused("the subject is empty or too long")
    identities = IdentityRepository(desk.uow.session)
    known = await identities.find(who.provider, who.issuer, who.subject)
    if known is not None:
        return known
    email = _email(who.email)
    people = PersonRepository(desk.uow.session)
    await people.wait_for_turn()
    account = await desk.accounts.find_by_email(email)
    if account is None:
        return await _new_account(desk, people, who, email)
    if is_protected(desk.uow, account.email):
        raise refused("the account is protected: it has no other way in than its own")
    if not await identities.link(account.id, who.provider, who.issuer, who.subject):
        raise refused("the account belongs to another identity")
    desk.uow.emit(record_event("person", "update", account.id))
    return account


async def _new_account(desk: SignInDesk, people: PersonRepository, who: Identity, email: str) -> Account:
    settings = desk.settings
    if not settings.sso_create_people:
        raise refused("nobody has this e-mail, and nobody is made", "You have no account here.")
    if await people.email_taken(email):
        raise refused("a guest has this e-mail")
    if await people.count_active() >= settings.user_limit:
        raise BadRequest("The limit of users is reached.", limit_reached=True, login=False)
    person = await desk.accounts.add(
        Person(
            first_name=_name(who.first_name) or _name(email.partition("@")[0]),
            last_name=_name(who.last_name),
            email=email,
            password=None,
            role="user",
            locale=settings.default_locale,
            timezone=settings.default_timezone,
            **identity(who.provider, who.issuer, who.subject),
        )
    )
    desk.uow.emit(record_event("person", "new", person.id))
    account = await desk.accounts.find(person.id)
    assert account is not None
    return account


def _name(text: str) -> str:
    return text.replace("\x00", "").strip()[:LONGEST_NAME]
