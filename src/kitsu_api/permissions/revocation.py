"""Tokens that no longer count, kept in Valkey until they would have expired anyway."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from uuid import UUID

from redis.asyncio import Redis

from kitsu_api.permissions.tokens import Claims
from kitsu_api.settings import Settings

DAY = 86_400
"""Seconds of a day."""


def _key(token_id: str) -> str:
    return f"kitsu:revoked:{token_id}"


def _person_key(person_id: UUID) -> str:
    return f"kitsu:revoked-before:{person_id}"


async def revoke(valkey: Redis, token_id: str, expires_at: datetime) -> None:
    """Refuse a token from now on; the note lasts until the token's own end (UTC)."""
    seconds = int((expires_at - datetime.now(UTC)).total_seconds()) + 1
    if seconds > 0:
        await valkey.set(_key(token_id), 1, ex=seconds)


async def revoke_all(valkey: Redis, settings: Settings, person_id: UUID) -> None:
    """Refuse every token that a person holds by now, such as when the password changes."""
    days = max(settings.access_token_days, settings.refresh_token_days)
    await valkey.set(_person_key(person_id), datetime.now(UTC).timestamp(), ex=int(days * DAY) + 1)


async def revoke_all_of(valkey: Redis, settings: Settings, person_ids: Collection[UUID]) -> None:
    """Refuse every token that these people hold by now."""
    seconds = int(max(settings.access_token_days, settings.refresh_token_days) * DAY) + 1
    moment = datetime.now(UTC).timestamp()
    async with valkey.pipeline(transaction=False) as telling:
        for person_id in person_ids:
            telling.set(_person_key(person_id), moment, ex=seconds)
        await telling.execute()


async def forget_needless(valkey: Redis) -> tuple[int, int]:
    """Delete notes that would stay for ever, of which there should be none; how many there were, and how many
    notes are left. The others vanish with the tokens that they refuse."""
    needless, left = 0, 0
    async for key in valkey.scan_iter(match="kitsu:revoked*", count=1000):
        if await valkey.ttl(key) == -1:
            needless += int(await valkey.delete(key))
        else:
            left += 1
    return needless, left


async def is_revoked(valkey: Redis, claims: Claims) -> bool:
    """Whether the token was revoked, or the refresh token that it came with, or all of the person's."""
    return (await which_are_revoked(valkey, [claims]))[0]


async def which_are_revoked(valkey: Redis, shown: Sequence[Claims]) -> list[bool]:
    """Of each of some tokens whether it was revoked, by one command."""
    asked = [
        (*(_key(id) for id in (claims.token_id, claims.refresh_id) if id), _person_key(claims.person_id))
        for claims in shown
    ]
    keys = list(dict.fromkeys(key for keys in asked for key in keys))
    told = dict(zip(keys, await valkey.mget(keys), strict=True))
    return [_is_over(claims, told, *keys) for claims, keys in zip(shown, asked, strict=True)]


def _is_over(claims: Claims, told: dict[str, str | None], *keys: str) -> bool:
    *single, of_person = keys
    before = told[of_person]
    return any(told[key] for key in single) or (before is not None and claims.issued_at < float(before))
