"""API keys: `kak_`, 16 characters by which the key is found, `_`, and the secret.

They are good wherever a token is, within their limits, and never for what makes keys, tokens and passwords.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.engine import Sessions
from kitsu_api.db.repositories.actors import ActorRow, KeyRow, find_key
from kitsu_api.db.repositories.api_keys import ApiKeys
from kitsu_api.errors import Forbidden, Unauthorized
from kitsu_api.permissions.actor import KeyLimits
from kitsu_api.permissions.csrf import SAFE_METHODS
from kitsu_api.permissions.tokens import Claims, IdentityType, TokenType

PREFIX = "kak_"
_FORM = re.compile(r"kak_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")
USED_EVERY = timedelta(minutes=1)
"""How exact the last use is."""

FOREVER = timedelta(days=3650)
CLOSED = re.compile(
    r"/auth(?!/authenticated$)|/data/api-keys|/import/csv/persons"
    r"|/actions/persons/[^/]+/(change-password|disable-two-factor|reset-password-link)"
)
"""Paths that no key reaches: a key that leaks must not make others, nor accounts that reach further, nor lock
its owner out."""

READING = re.compile(r"/data/(search|query/[^/]+)$")
"""Paths of POST that only read."""

GROUPS = frozenset({"data", "actions", "import", "export"})
"""First parts of paths that name no resource: the second one does."""


@dataclass(frozen=True)
class NewKey:
    """A key that was made just now."""

    lookup: str
    text: str = field(repr=False)
    """The whole key, to be shown once."""
    secret_hash: bytes = field(repr=False)


def make_key() -> NewKey:
    """A key of 256 random bits."""
    lookup, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    return NewKey(lookup, f"{PREFIX}{lookup}_{secret}", _hash(secret))


def is_key(token: str) -> bool:
    """Whether this is meant to be a key."""
    return token.startswith(PREFIX)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


async def read(session: AsyncSession, token: str) -> tuple[Claims, ActorRow, bool]:
    """What a key says, whose it is, and whether its last use is older than a minute, in one statement.

    Raises:
        Unauthorized: there is no such key, or it is out of date.
    """
    matched = _FORM.fullmatch(token)
    found = None if matched is None else await find_key(session, matched[1])
    if matched is None or found is None or not hmac.compare_digest(found[1].secret_hash, _hash(matched[2])):
        raise Unauthorized("There is no such API key.")
    owner, key = found
    if key.expires_at is not None and key.expires_at <= now():
        raise Unauthorized("The API key has expired.")
    stale = key.last_used_at is None or key.last_used_at <= now() - USED_EVERY
    return _claims(owner, key), owner, stale


async def note_use(sessions: Sessions, key_id: UUID) -> None:
    """Write down that a key is used, in a transaction of its own."""
    async with sessions() as session:
        await ApiKeys(session).touch(key_id, USED_EVERY)
        await session.commit()


def _claims(owner: ActorRow, key: KeyRow) -> Claims:
    moment = datetime.now(UTC)
    return Claims(
        person_id=owner.id,
        token_id=str(key.id),
        type=TokenType.ACCESS,
        identity=IdentityType.BOT if owner.is_bot else IdentityType.PERSON,
        expires_at=key.expires_at.replace(tzinfo=UTC) if key.expires_at else moment + FOREVER,
        issued_at=moment.timestamp(),
        key=KeyLimits(
            writes=key.writes,
            resources=None if key.resources is None else frozenset(key.resources),
            projects=None if key.project_ids is None else frozenset(key.project_ids),
        ),
    )


BY_ITEM = "/data/batch"
"""Where each item of the body is held to the key's resources."""


def resource_of(path: str) -> str:
    """What a path is about: `tasks` of `/data/tasks/…` and `/data/query/tasks`, else its first part."""
    first, *rest = path.strip("/").split("/")
    if first == "data" and rest[:1] == ["query"] and len(rest) == 2:
        return rest[1]
    return rest[0] if first in GROUPS and rest else first


def check_reach(claims: Claims, method: str, path: str) -> None:
    """Let a key pass where it is good for.

    Raises:
        Forbidden: it is not.
    """
    limits = claims.key
    if limits is None:
        return
    if CLOSED.match(path):
        raise Forbidden("API keys don't reach this: sign in.")
    if not limits.writes and method not in SAFE_METHODS and not READING.match(path):
        raise Forbidden("This API key only reads.")
    if path != BY_ITEM and not limits.reaches(resource_of(path)):
        raise Forbidden(f"This API key is not good for {resource_of(path)[:80]}.")
