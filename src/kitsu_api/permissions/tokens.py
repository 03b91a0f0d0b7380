"""Signed tokens (JWT, RFC 7519): what they say, how they are made and read."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from jose import ExpiredSignatureError, JWTError, jwt

from kitsu_api.errors import Malformed, Unauthorized
from kitsu_api.permissions.actor import KeyLimits
from kitsu_api.settings import Settings

ALGORITHM = "HS256"


class TokenType(StrEnum):
    """What a token is good for."""

    ACCESS = "access"
    REFRESH = "refresh"


class IdentityType(StrEnum):
    """Who holds a token."""

    PERSON = "person"
    BOT = "bot"
    GUEST = "guest"


@dataclass(frozen=True)
class Claims:
    """What a valid token says."""

    person_id: UUID
    token_id: str
    type: TokenType
    identity: IdentityType
    expires_at: datetime
    issued_at: float = 0.0
    """Seconds since 1970, to the microsecond: a change of password ends the tokens made before it."""
    refresh_id: str | None = None
    restricted: bool = False
    """True for somebody who must first set up a second factor."""
    vouched: bool = False
    """True for somebody whose identity provider answers for the second factor."""
    key: KeyLimits | None = None
    """What an API key that was shown in a token's place takes away."""


def issue(
    settings: Settings,
    person_id: UUID,
    *,
    type: TokenType = TokenType.ACCESS,
    identity: IdentityType = IdentityType.PERSON,
    token_id: str | None = None,
    expires_at: datetime | None = None,
    refresh_id: str | None = None,
    restricted: bool = False,
    vouched: bool = False,
) -> str:
    """Sign a token for a person; it lasts the settings' days unless `expires_at` (UTC) says otherwise."""
    issued = datetime.now(UTC)
    days = settings.access_token_days if type is TokenType.ACCESS else settings.refresh_token_days
    claims: dict[str, Any] = {
        "fresh": False,
        "iat": issued.timestamp(),  # with its fraction: whole seconds can't tell before from after
        "nbf": issued,
        "exp": expires_at or issued + timedelta(days=days),
        "jti": token_id or str(uuid4()),
        "type": type.value,
        "sub": str(person_id),
        "identity_type": identity.value,
    }
    if refresh_id is not None:
        claims["refresh_jti"] = refresh_id
    if restricted:
        claims["requires_2fa_setup"] = True
    if vouched:
        claims["vouched_2fa"] = True
    token: str = jwt.encode(claims, settings.signing_key(), algorithm=ALGORITHM)
    return token


# `nbf` is for other readers: the clock of the process that reads may be behind the one that signed
CHECKED = {
    "verify_aud": False,
    "verify_nbf": False,
    "require_exp": True,
    "require_sub": True,
    "require_jti": True,
}


KEPT = 4096
"""Tokens whose signature was found right and that are not checked again until they expire."""

_read: dict[tuple[str, str], tuple[float, Claims]] = {}
"""What kept tokens say and when they expire, by the key that signed them and their text. Signatures don't
change; whether a token was revoked, and whose it is, is asked elsewhere, each time."""


def read(settings: Settings, token: str) -> Claims:
    """What a token says.

    Raises:
        Unauthorized: it is out of date.
        Malformed: it is no token, or not one of ours.
    """
    place = (settings.signing_key(), token)
    known = _read.get(place)
    if known is not None and known[0] > time.time():
        return known[1]
    claims = _decode(settings, token)
    if len(_read) >= KEPT:
        _read.clear()
    _read[place] = (claims.expires_at.timestamp(), claims)
    return claims


def _decode(settings: Settings, token: str) -> Claims:
    try:
        claims = jwt.decode(
            token,
            settings.signing_key(),
            algorithms=[ALGORITHM],
            options=CHECKED,
        )
        return Claims(
            person_id=UUID(claims["sub"]),
            token_id=str(claims["jti"]),
            type=TokenType(claims["type"]),
            identity=IdentityType(claims.get("identity_type", IdentityType.PERSON)),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
            issued_at=float(claims.get("iat", 0.0)),
            refresh_id=claims.get("refresh_jti"),
            restricted=bool(claims.get("requires_2fa_setup", False)),
            vouched=claims.get("vouched_2fa") is True,
        )
    except ExpiredSignatureError as error:
        raise Unauthorized("The token has expired. Log in again.") from error
    except (JWTError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise Malformed from error
