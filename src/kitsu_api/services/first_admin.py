"""The first admin, without whom nobody could sign in."""

from __future__ import annotations

import asyncio
import secrets

from email_validator import EmailNotValidError, validate_email
from passlib.hash import bcrypt
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.models import Person
from kitsu_api.db.repositories import starting_data
from kitsu_api.settings import Settings

LONGEST_PASSWORD = 72
"""Bytes that bcrypt reads; more would be cut off in silence."""


def make_up_password() -> str:
    """A random password of 120 bits."""
    return secrets.token_urlsafe(15)


async def exists(session: AsyncSession) -> bool:
    """Whether an active admin is there."""
    return await starting_data.has_admin(session)


async def create(session: AsyncSession, settings: Settings, email: str, password: str) -> Person:
    """Add an admin; the caller commits.

    Raises:
        ValueError: e-mail or password are no good, or somebody has this e-mail already.
    """
    try:
        address = validate_email(email, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValueError(f"{email} is no e-mail address: {error}") from None
    if len(password) < settings.min_password_length:
        raise ValueError(f"The password needs at least {settings.min_password_length} characters.")
    if len(password.encode()) > LONGEST_PASSWORD:
        raise ValueError(f"The password is longer than {LONGEST_PASSWORD} bytes.")
    if await starting_data.has_person(session, address):
        raise ValueError(f"Somebody has the e-mail {address} already.")
    hasher = bcrypt.using(rounds=settings.bcrypt_log_rounds, ident="2b")
    hashed: str = await asyncio.to_thread(hasher.hash, password)
    person = Person(
        first_name="Super",
        last_name="Admin",
        email=address,
        password=hashed.encode(),
        role="admin",
        locale=settings.default_locale,
        timezone=settings.default_timezone,
    )
    session.add(person)
    await session.flush()
    return person
