"""People who register themselves."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email
from sqlalchemy.exc import IntegrityError

from kitsu_api.db.models import Person
from kitsu_api.db.repositories.accounts import AccountRepository
from kitsu_api.errors import BadRequest, Forbidden
from kitsu_api.events import record_event
from kitsu_api.permissions import passwords
from kitsu_api.schemas.auth import Registration
from kitsu_api.settings import Settings
from kitsu_api.unit_of_work import UnitOfWork

UNUSABLE = "This e-mail can't be used to register."


def valid_email(text: str) -> str:
    """An e-mail as it is stored.

    Raises:
        BadRequest: it is none.
    """
    try:
        return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise BadRequest(UNUSABLE) from error


async def register(uow: UnitOfWork, settings: Settings, wish: Registration) -> None:
    """Add an artist who can sign in with the chosen password.

    Raises:
        Forbidden: people may not register themselves here.
        BadRequest: e-mail or password can't be used, or the licence is full.
    """
    if settings.registration != "open":
        raise Forbidden("People can't register themselves here. Ask an administrator for an account.")
    email = valid_email(wish.email)
    password = wish.password.get_secret_value()
    passwords.check_new(settings, password, wish.password_2.get_secret_value())
    accounts = AccountRepository(uow.session)
    taken = await accounts.email_taken(email)
    full = await accounts.count_active() >= settings.user_limit
    await accounts.release()
    # hashed in any case, so that a taken e-mail takes as long as a free one
    hashed = await passwords.hash_password(settings, password)
    if full:
        raise BadRequest("The limit of users is reached.", limit_reached=True)
    if taken:
        raise BadRequest(UNUSABLE)
    person = Person(
        first_name=wish.first_name,
        last_name=wish.last_name,
        email=email,
        password=hashed,
        role="user",
        locale=settings.default_locale,
        timezone=settings.default_timezone,
    )
    try:
        await accounts.add(person)
    except IntegrityError as error:
        raise BadRequest(UNUSABLE) from error
    uow.emit(record_event("person", "new", person.id))
