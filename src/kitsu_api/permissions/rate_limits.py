"""How often somebody may try: counts in Valkey, per account and per address."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from redis.asyncio import Redis

from kitsu_api.errors import TooManyRequests
from kitsu_api.permissions.authentication import AppSettings, Valkey
from kitsu_api.permissions.clients import Caller
from kitsu_api.permissions.in_loop import in_loop
from kitsu_api.settings import Settings


@dataclass(frozen=True)
class Limit:
    """So many tries in so many seconds, counted from the first."""

    name: str
    tries: int
    seconds: int


SIGN_IN_OF_ACCOUNT = Limit("sign-in", 10, 60)
"""Of one account from one address: nobody types faster, and others can't use up the owner's tries."""
SECOND_FACTOR = Limit("second-factor", 10, 300)
MAIL_OF_ACCOUNT = Limit("mail", 5, 600)
"""Mails that strangers can have sent to one account."""
MAIL_OF_ADDRESS = Limit("mail-address", 20, 600)
RESET_OF_ADDRESS = Limit("reset", 20, 600)
CHALLENGE_OF_ADDRESS = Limit("challenge", 60, 60)
REGISTRATION_OF_ADDRESS = Limit("registration", 10, 3600)
SSO_OF_ADDRESS = Limit("sso", 60, 60)
CODE_OF_ADDRESS = Limit("app-login", 60, 60)
SHARE_PASSWORD = Limit("share-password", 10, 300)
"""Wrong passwords of one share link, from one address."""
SHARE_PASSWORD_OF_LINK = Limit("share-password-link", 200, 3600)
"""The same, from everywhere: who has many addresses guesses no faster."""
NEW_GUESTS = Limit("new-guests", 20, 3600)
"""Guests that come by one share link from one address: each is a row."""
NEW_GUESTS_OF_LINK = Limit("new-guests-link", 500, 3600)
WRITES_OF_GUESTS = Limit("guest-writes", 120, 60)
"""Comments, files and drawings by one share link from one address."""
SHARE_INVITATIONS = Limit("share-invitations", 30, 3600)
"""Requests of one person that mail a share link to others."""


def _key(limit: Limit, subject: str) -> str:
    # hashed, so that the keys hold nobody's e-mail and no text of a stranger's choice
    return f"kitsu:limit:{limit.name}:{hashlib.sha256(subject.encode()).hexdigest()}"


async def count(valkey: Redis, limit: Limit, subject: str) -> None:
    """Count a try of `subject`.

    Raises:
        TooManyRequests: the limit is used up; `Retry-After` says when it starts anew.
    """
    key = _key(limit, subject)
    async with valkey.pipeline(transaction=True) as pipe:
        pipe.set(key, 0, ex=limit.seconds, nx=True)
        pipe.incr(key)
        pipe.ttl(key)
        _, tries, left = await pipe.execute()
    if tries > limit.tries:
        raise TooManyRequests(retry_after=max(int(left), 1))


@dataclass(frozen=True)
class RateLimiter:
    """Counts for one request."""

    settings: Settings
    valkey: Redis
    address: str

    async def by_address(self, limit: Limit) -> None:
        """Count a try of this address.

        Raises:
            TooManyRequests: it has used up its tries.
        """
        if self.settings.rate_limits and self.address:
            await count(self.valkey, limit, self.address)

    async def by_account(self, limit: Limit, account: str) -> None:
        """Count a try on an account, whoever makes it.

        Raises:
            TooManyRequests: there were too many.
        """
        if self.settings.rate_limits:
            await count(self.valkey, limit, account.strip().casefold())

    async def by_both(self, limit: Limit, account: str) -> None:
        """Count a try of this address on an account.

        Raises:
            TooManyRequests: there were too many.
        """
        await self.by_account(limit, f"{account}\n{self.address}")

    async def give_back(self, limit: Limit, account: str) -> None:
        """Take back a try on an account that was counted before it turned out to be right."""
        if self.settings.rate_limits:
            key = _key(limit, account.strip().casefold())
            async with self.valkey.pipeline(transaction=True) as pipe:
                # one that has run out meanwhile must not come back without an end
                pipe.set(key, 1, ex=limit.seconds, nx=True)
                pipe.decr(key)
                await pipe.execute()

    async def give_back_both(self, limit: Limit, account: str) -> None:
        """Take back a try of this address on an account."""
        await self.give_back(limit, f"{account}\n{self.address}")

    async def sign_in(self, login: str) -> None:
        """Count a try to sign in.

        Raises:
            TooManyRequests: too many from this address, or from it on this account.
        """
        await self.by_address(Limit("sign-in-address", self.settings.login_attempts_per_minute, 60))
        await self.by_both(SIGN_IN_OF_ACCOUNT, login)


def limiter_of(settings: AppSettings, valkey: Valkey, client: Caller) -> RateLimiter:
    """The counter of a request."""
    return RateLimiter(settings, valkey, client.address)


Limits = Annotated[RateLimiter, Depends(in_loop(limiter_of))]
