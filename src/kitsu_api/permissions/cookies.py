"""The session cookies of web clients."""

from __future__ import annotations

from fastapi import Request, Response

from kitsu_api.middleware import PREFIX
from kitsu_api.permissions.authentication import ACCESS_COOKIE, REFRESH_COOKIE
from kitsu_api.permissions.clients import WEBAUTHN_COOKIE
from kitsu_api.permissions.csrf import CSRF_COOKIE, csrf_token
from kitsu_api.permissions.sign_in_flows import FLOW_SECONDS, Flow
from kitsu_api.settings import Settings

REFRESH_PATH = "/auth/refresh-token"
DAY = 86_400
"""Seconds of a day."""


def refresh_path(request: Request) -> str:
    """Where the browser shall send the refresh token: that route alone, with the client's own prefix."""
    return (PREFIX if request.scope.get("api_prefix") else "") + REFRESH_PATH


def _set(response: Response, settings: Settings, name: str, value: str, path: str, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=path,
        secure=settings.cookie_secure,
        httponly=name != CSRF_COOKIE,
        samesite="lax",
    )


def set_access(response: Response, settings: Settings, token: str) -> None:
    """Give the browser an access token, and what its writes must repeat when the setting asks for it."""
    seconds = int(settings.access_token_days * DAY)
    _set(response, settings, ACCESS_COOKIE, token, "/", seconds)
    if settings.cookie_csrf_protect:
        _set(response, settings, CSRF_COOKIE, csrf_token(settings, token), "/", seconds)


def set_session(request: Request, response: Response, settings: Settings, access: str, refresh: str) -> None:
    """Give the browser both tokens."""
    set_access(response, settings, access)
    seconds = int(settings.refresh_token_days * DAY)
    _set(response, settings, REFRESH_COOKIE, refresh, refresh_path(request), seconds)


def set_webauthn(response: Response, settings: Settings, session: str, seconds: int) -> None:
    """Tie a WebAuthn challenge to the browser that asked for it."""
    _set(response, settings, WEBAUTHN_COOKIE, session, "/", seconds)


def clear_session(response: Response, settings: Settings) -> None:
    """Take all of it back, wherever it was set."""
    for name, path in (
        (ACCESS_COOKIE, "/"),
        (CSRF_COOKIE, "/"),
        (REFRESH_COOKIE, REFRESH_PATH),
        (REFRESH_COOKIE, PREFIX + REFRESH_PATH),
    ):
        response.delete_cookie(
            name, path=path, secure=settings.cookie_secure, httponly=name != CSRF_COOKIE, samesite="lax"
        )


def flow_cookie(flow: Flow) -> str:
    """Name of the cookie that ties a flow of signing in elsewhere to a browser."""
    return f"sign_in_{flow.value.replace('-', '_')}"


def set_flow(response: Response, settings: Settings, flow: Flow, token: str) -> None:
    """Tie a flow to the browser. SAML's answer is posted by another site's page, with which browsers send
    `SameSite=None` cookies alone, and these over HTTPS alone."""
    secure = settings.domain_protocol == "https"
    crosses = flow is Flow.SAML
    response.set_cookie(
        flow_cookie(flow),
        token,
        max_age=FLOW_SECONDS,
        path="/",
        secure=secure,
        httponly=True,
        samesite=("none" if secure else None) if crosses else "lax",
    )


def clear_flow(response: Response, flow: Flow) -> None:
    """The flow is over."""
    response.delete_cookie(flow_cookie(flow), path="/", httponly=True)
