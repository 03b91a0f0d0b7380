"""What browsers keep of a share link: that its password is known, and which guest they are.

A guest's id alone proves nothing, for whoever reads the comments of a link reads the ids of its guests.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import UUID

from fastapi import Request, Response
from jose import JWTError, jwt

from kitsu_api.db.models import Person, PlaylistShareLink
from kitsu_api.db.repositories.playlist_sharing import LINK_OF_GUEST
from kitsu_api.errors import ApiError
from kitsu_api.middleware import PREFIX
from kitsu_api.permissions import tokens
from kitsu_api.permissions.guard import SHARED_PATHS
from kitsu_api.permissions.tokens import ALGORITHM, IdentityType
from kitsu_api.settings import Settings

TICKETED = "has_ticket"
"""Marks the `data` of guests who hold a ticket. Those of adopted databases have none: their id must do."""

GUEST_DAYS = 90
OPENED_DAYS = 7
DAY = 86_400
"""Seconds of a day."""

OPENED = "share-link"
"""The type of a ticket that says that the password of a link is known; no token of an account has it."""


def _cookie(kind: str, link_id: UUID) -> str:
    return f"kitsu_{kind}_{link_id.hex}"


def _keep(
    response: Response, settings: Settings, kind: str, link: PlaylistShareLink, value: str, days: int
) -> None:
    # for the routes of this link alone, under both spellings: a proxy may have taken the prefix away
    for prefix in ("", PREFIX):
        response.set_cookie(
            _cookie(kind, link.id),
            value,
            max_age=days * DAY,
            path=f"{prefix}{SHARED_PATHS}playlists/{quote(link.token, safe='')}",
            secure=settings.cookie_secure,
            httponly=True,
            samesite="strict",
        )


def _digest(link: PlaylistShareLink) -> str:
    """What ties a ticket to the password that the link has now."""
    return hashlib.sha256((link.password or "").encode()).hexdigest()


def keep_opened(response: Response, settings: Settings, link: PlaylistShareLink) -> None:
    """Let the browser reach what the link shares, media above all, without repeating the password."""
    claims = {
        "type": OPENED,
        "sub": str(link.id),
        "password": _digest(link),
        "exp": datetime.now(UTC) + timedelta(days=OPENED_DAYS),
    }
    ticket = jwt.encode(claims, settings.signing_key(), algorithm=ALGORITHM)
    _keep(response, settings, "share", link, ticket, OPENED_DAYS)


def is_opened(request: Request, settings: Settings, link: PlaylistShareLink) -> bool:
    """Whether the browser has shown the right password before."""
    ticket = request.cookies.get(_cookie("share", link.id))
    if not ticket:
        return False
    try:
        claims = jwt.decode(
            ticket, settings.signing_key(), algorithms=[ALGORITHM], options={"require_exp": True}
        )
    except JWTError:
        return False
    return (
        claims.get("type") == OPENED
        and claims.get("sub") == str(link.id)
        and hmac.compare_digest(str(claims.get("password", "")), _digest(link))
    )


def keep_guest(response: Response, settings: Settings, link: PlaylistShareLink, guest_id: UUID) -> None:
    """Let the browser prove who its guest is."""
    until = datetime.now(UTC) + timedelta(days=GUEST_DAYS)
    ticket = tokens.issue(settings, guest_id, identity=IdentityType.GUEST, expires_at=until)
    _keep(response, settings, "guest", link, ticket, GUEST_DAYS)


def is_guest(request: Request, settings: Settings, link: PlaylistShareLink, guest: Person) -> bool:
    """Whether the caller is this guest of this link."""
    data = guest.data if isinstance(guest.data, dict) else {}
    if not guest.is_guest or not guest.active or data.get(LINK_OF_GUEST) != str(link.id):
        return False
    if not data.get(TICKETED):
        return True
    try:
        claims = tokens.read(settings, request.cookies.get(_cookie("guest", link.id), ""))
    except ApiError:
        return False
    return claims.identity is IdentityType.GUEST and claims.person_id == guest.id
