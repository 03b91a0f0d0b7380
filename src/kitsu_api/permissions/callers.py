"""Who asks, looked up for all requests together that have come since the last look (ADR 0030)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

from kitsu_api.db.engine import Sessions
from kitsu_api.db.repositories.actors import ActorRow, find_callers
from kitsu_api.db.straight import StraightSession
from kitsu_api.permissions.revocation import which_are_revoked
from kitsu_api.permissions.tokens import Claims
from kitsu_api.together import Together


@dataclass(frozen=True)
class Caller:
    """What PostgreSQL and Valkey know of somebody who shows a token."""

    row: ActorRow | None
    """None when there is no such person."""
    revoked: bool
    """Whether the token was."""


class Callers:
    """Finds those who only read. Who writes is looked up in the transaction that writes."""

    def __init__(self, sessions: Sessions, valkey: Redis) -> None:
        self._sessions, self._valkey = sessions, valkey
        self._together = Together(self._find)

    async def find(self, claims: Claims) -> Caller:
        """What is known of somebody, all of it read after this was called.

        Raises:
            DBAPIError, RedisError, OSError: PostgreSQL or Valkey does not answer.
        """
        return await self._together.ask(claims)

    async def _find(self, shown: Sequence[Claims]) -> list[Caller]:
        # Valkey and PostgreSQL are asked at the same time
        asking = asyncio.ensure_future(which_are_revoked(self._valkey, shown))
        try:
            async with self._sessions() as session:
                if isinstance(session, StraightSession):
                    session.only_reads()
                rows = await find_callers(session, {claims.person_id for claims in shown})
            revoked = await asking
        finally:
            asking.cancel()
        return [
            Caller(rows.get(claims.person_id), ended) for claims, ended in zip(shown, revoked, strict=True)
        ]
