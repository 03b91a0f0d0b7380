"""Sessions: the pair of tokens that a sign-in ends with, and what is told about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.repositories.accounts import Account, AccountRepository, OrganisationRepository
from kitsu_api.errors import NotFound
from kitsu_api.permissions import tokens
from kitsu_api.permissions.revocation import revoke
from kitsu_api.permissions.tokens import Claims, TokenType
from kitsu_api.settings import Settings


@dataclass(frozen=True, repr=False)
class Tokens:
    """An access token, and the refresh token that it came with."""

    access: str
    refresh: str


@dataclass(frozen=True, repr=False)
class Profile:
    """Who is signed in and where, as JSON from the database."""

    user: bytes
    organisation: bytes


@dataclass(frozen=True, repr=False)
class SignedInSession:
    """A finished sign-in."""

    tokens: Tokens
    profile: Profile
    restricted: bool
    """True for somebody who must first set up a second factor."""


def must_set_up(settings: Settings, account: Account, *, vouched: bool = False) -> bool:
    """Whether the account has to get a second factor before it may do anything else; not where the identity
    provider answers for one (`vouched`)."""
    if vouched:
        return False
    exempt = {email.casefold() for email in settings.two_factor_exempt_users}
    return settings.enforce_2fa and not account.factors and (account.email or "").casefold() not in exempt


def open_session(settings: Settings, account: Account, *, vouched: bool = False) -> Tokens:
    """A new pair of tokens; revoking the refresh token ends the access tokens made from it."""
    refresh_id = str(uuid4())
    issue = partial(
        tokens.issue,
        settings,
        account.id,
        restricted=must_set_up(settings, account, vouched=vouched),
        vouched=vouched,
    )
    return Tokens(
        access=issue(refresh_id=refresh_id),
        refresh=issue(type=TokenType.REFRESH, token_id=refresh_id),
    )


def renew(settings: Settings, account: Account, claims: Claims) -> str:
    """A new access token for a refresh token."""
    return tokens.issue(
        settings,
        account.id,
        identity=claims.identity,
        refresh_id=claims.token_id,
        restricted=must_set_up(settings, account, vouched=claims.vouched),
        vouched=claims.vouched,
    )


async def end(valkey: Redis, settings: Settings, claims: Claims) -> None:
    """Revoke a session: the token that was shown, its refresh token, and whatever came of that."""
    await revoke(valkey, claims.token_id, claims.expires_at)
    if claims.refresh_id is not None:
        lasts = timedelta(days=settings.refresh_token_days)
        await revoke(valkey, claims.refresh_id, datetime.now(UTC) + lasts)


async def profile(
    session: AsyncSession, person_id: UUID, *, is_admin: bool, user: bytes | None = None
) -> Profile:
    """Who is signed in and where. Makes the studio's row where it is missing; the caller commits.

    `user` is given when it was read before: a sign-in shows the account as it found it.

    Raises:
        NotFound: the person is gone.
    """
    organisations = OrganisationRepository(session)
    user = user or await AccountRepository(session).profile_json(person_id)
    organisation = await organisations.as_json(with_secrets=is_admin)
    if organisation is None:
        await organisations.ensure()
        organisation = await organisations.as_json(with_secrets=is_admin)
    if user is None or organisation is None:
        raise NotFound
    return Profile(user, organisation)
