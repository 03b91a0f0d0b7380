"""API keys: making, changing, rotating and ending them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

from kitsu_api.db.base import now
from kitsu_api.db.models import ApiKey
from kitsu_api.db.repositories.api_keys import ApiKeys
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.api_keys import FOREVER, PREFIX, make_key
from kitsu_api.permissions.policies.api_keys import may_hold
from kitsu_api.permissions.revocation import revoke
from kitsu_api.schemas.api_keys import ApiKeyCreate, ApiKeyRead, ApiKeyUpdate, ApiKeyWithSecret
from kitsu_api.schemas.base import reject_null
from kitsu_api.unit_of_work import UnitOfWork

MAXIMUM_KEYS = 100
"""Keys of one owner."""


def shown(key: ApiKey) -> ApiKeyRead:
    """A key as answers show it."""
    return ApiKeyRead(**_shown(key))


def _shown(key: ApiKey) -> dict[str, Any]:
    names = ("id", "name", "person_id", "resources", "project_ids", "expires_at", "last_used_at")
    values = {name: getattr(key, name) for name in (*names, "created_at")}
    return {**values, "prefix": PREFIX + key.lookup, "access": "write" if key.writes else "read"}


async def _check_limits(uow: UnitOfWork, actor: Actor, values: dict[str, Any]) -> None:
    """Look at limits that are to be set.

    Raises:
        BadRequest: the end lies behind, or a production does not exist or is not open to the caller.
    """
    expires_at: datetime | None = values.get("expires_at")
    if expires_at is not None and expires_at <= now():
        raise BadRequest("expires_at: must lie ahead.")
    ids: Sequence[UUID] = values.get("project_ids") or ()
    if ids:
        known = await ApiKeys(uow.session).known_projects(ids)
        if any(id not in known or not actor.sees(id) for id in ids):
            raise BadRequest("project_ids: there is no such production.")


async def create(uow: UnitOfWork, actor: Actor, wish: ApiKeyCreate) -> ApiKeyWithSecret:
    """Make a key for the caller, or for a bot.

    Raises:
        BadRequest: the limits make no sense, or there are too many keys.
        Forbidden: the owner is somebody else.
    """
    keys = ApiKeys(uow.session)
    owner_id = wish.person_id or actor.id
    is_bot = owner_id != actor.id and await keys.is_bot(owner_id)
    if not may_hold(actor, owner_id, is_bot=is_bot):
        raise Forbidden
    if await keys.count_of(owner_id) >= MAXIMUM_KEYS:
        raise BadRequest(f"There are {MAXIMUM_KEYS} keys already: delete those that nobody uses.")
    values = wish.model_dump(exclude={"person_id", "access"})
    await _check_limits(uow, actor, values)
    made = make_key()
    key = await Records(uow.session, ApiKey).add(
        {
            **values,
            "person_id": owner_id,
            "writes": wish.access == "write",
            "lookup": made.lookup,
            "secret_hash": made.secret_hash,
        }
    )
    return ApiKeyWithSecret(**_shown(key), key=made.text)


async def change(uow: UnitOfWork, actor: Actor, key: ApiKey, wish: ApiKeyUpdate) -> ApiKeyRead:
    """Change the name or the limits of a key.

    Raises:
        BadRequest: the limits make no sense.
    """
    reject_null(wish, "name", "access")
    values = wish.model_dump(exclude_unset=True)
    await _check_limits(uow, actor, values)
    if "access" in values:
        values["writes"] = values.pop("access") == "write"
    return shown(await Records(uow.session, ApiKey).change(key, values))


async def rotate(uow: UnitOfWork, key: ApiKey) -> ApiKeyWithSecret:
    """Give a key another secret; the one before is good for nothing from now on."""
    made = make_key()
    values = {"lookup": made.lookup, "secret_hash": made.secret_hash}
    changed = await Records(uow.session, ApiKey).change(key, values)
    return ApiKeyWithSecret(**_shown(changed), key=made.text)


async def end(uow: UnitOfWork, valkey: Redis, key: ApiKey) -> None:
    """Delete a key, and end what listens with it."""
    await Records(uow.session, ApiKey).delete(key)
    await revoke(valkey, str(key.id), datetime.now(UTC) + FOREVER)
