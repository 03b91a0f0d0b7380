"""Failed tries, and the lock that follows them.

The count lies in the columns of `person` that existing installations use. While an account is locked
nobody signs in from an address that the person never used; from one that they did, a count of that
address alone decides. So a stranger who keeps failing can't keep the owner out, and the lock ends by
itself: tries while it lasts are not counted.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

from redis.asyncio import Redis

from kitsu_api.db.repositories.accounts import Account, AccountRepository, lock_ends
from kitsu_api.errors import BadRequest
from kitsu_api.settings import Settings

TRUST_SECONDS = 86_400
"""How long the address counts as the owner's from which a mailed token was shown."""


class Locked(BadRequest):
    """Too many failed tries; the lock ends by itself."""

    message = "Too many failed tries to sign in. Wait a minute and try again."

    def __init__(self, retry_after: float) -> None:
        super().__init__(login=False, too_many_failed_login_attemps=True)
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        """`Retry-After` in seconds."""
        return {"Retry-After": str(max(1, int(self.retry_after)))}


def _trust_key(person_id: UUID, address: str) -> str:
    return f"kitsu:trusted:{person_id}:{address}"


class Lockout:
    """Failed tries from one address."""

    def __init__(self, settings: Settings, valkey: Redis, accounts: AccountRepository, address: str) -> None:
        self._settings, self._valkey = settings, valkey
        self._accounts, self._address = accounts, address

    def _key(self, subject: str) -> str:
        digest = hashlib.sha256(f"{subject}\n{self._address}".encode(errors="replace")).hexdigest()
        return f"kitsu:failures:{digest}"

    async def check(self, account: Account | None, login: str) -> None:
        """Let a try pass, or not. Names that nobody has lock like accounts, or they could be told apart.

        Raises:
            Locked: too many tries failed.
        """
        limit, seconds = self._settings.login_failures_before_lock, self._settings.login_lock_seconds
        if account is None:
            await self._check_address(login.strip().casefold())
            return
        left = lock_ends(account, limit, seconds)
        if left is None:
            return
        if not await self._is_known(account):
            raise Locked(left)
        await self._check_address(str(account.id))

    async def _check_address(self, subject: str) -> None:
        failures = await self._valkey.get(self._key(subject))
        if failures is not None and int(failures) >= self._settings.login_failures_before_lock:
            raise Locked(await self._valkey.ttl(self._key(subject)))

    async def _is_known(self, account: Account) -> bool:
        if await self._valkey.exists(_trust_key(account.id, self._address)):
            return True
        return await self._accounts.signed_in_from(account.id, self._address)

    async def count_failure(self, account: Account | None, login: str) -> None:
        """Note a failed try; the caller commits."""
        limit, seconds = self._settings.login_failures_before_lock, self._settings.login_lock_seconds
        key = self._key(login.strip().casefold() if account is None else str(account.id))
        async with self._valkey.pipeline(transaction=True) as pipe:
            pipe.set(key, 0, ex=seconds, nx=True)
            pipe.incr(key)
            await pipe.execute()
        if account is not None and lock_ends(account, limit, seconds) is None:
            await self._accounts.count_failure(account.id, limit)

    async def forgive(self, account: Account) -> None:
        """Forget the failures of an account whose owner has shown up; the caller commits."""
        await self._valkey.delete(self._key(str(account.id)))
        if account.failures:
            await self._accounts.change(account.id, login_failed_attemps=0)

    async def trust(self, account: Account) -> None:
        """Count this address as the owner's for a day."""
        if self._address:
            await self._valkey.set(_trust_key(account.id, self._address), 1, ex=TRUST_SECONDS)
