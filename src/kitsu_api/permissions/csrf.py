"""Double-submit protection of cookie sessions: a page of another site can send the cookie, not read it.

The value is a signature of the session's own access token, so that a cookie which a sister domain
plants is worth nothing.
"""

from __future__ import annotations

import hmac

from fastapi import Request

from kitsu_api.errors import Unauthorized
from kitsu_api.settings import Settings

CSRF_COOKIE = "csrf_access_token"
CSRF_HEADER = "X-CSRF-TOKEN"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def csrf_token(settings: Settings, token: str) -> str:
    """What the header must repeat while this access token is the cookie."""
    return hmac.new(settings.signing_key().encode(), b"csrf:" + token.encode(), "sha256").hexdigest()


def check_csrf(request: Request, settings: Settings, token: str) -> None:
    """Ask for the header that belongs to the cookie's token, when the setting says so and the request writes.

    Raises:
        Unauthorized: the header is missing or another one.
    """
    if not settings.cookie_csrf_protect or request.method in SAFE_METHODS:
        return
    header = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(csrf_token(settings, token).encode(), header.encode()):
        raise Unauthorized(f"Repeat the cookie {CSRF_COOKIE} in the header {CSRF_HEADER}.")
