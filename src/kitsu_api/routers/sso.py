"""Signing in elsewhere: SAML and OpenID Connect."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from kitsu_api.errors import BadRequest, TooManyRequests, Unauthorized, Unavailable, errors
from kitsu_api.permissions import cookies
from kitsu_api.permissions.rate_limits import SSO_OF_ADDRESS, Limits
from kitsu_api.permissions.sign_in_flows import Flow
from kitsu_api.routers.auth import Desk
from kitsu_api.services.auth import SignInDesk
from kitsu_api.services.sessions import SignedInSession
from kitsu_api.services.sso import arriving, oidc
from kitsu_api.services.sso.arriving import Waiting
from kitsu_api.services.sso.oidc import Departure

SECOND_FACTOR_PATH = "/api/auth/sso/second-factor"

router = APIRouter(
    prefix="/auth",
    tags=["Authentication"],
    responses=errors(BadRequest, TooManyRequests, Unavailable),
    default_response_class=RedirectResponse,
)


def _leave(desk: SignInDesk, flow: Flow, departure: Departure) -> Response:
    """Send a browser to the provider, with a cookie to know it by when it comes back."""
    response = RedirectResponse(departure.url, 302)
    cookies.set_flow(response, desk.settings, flow, departure.token)
    return response


def welcome_browser(
    request: Request, desk: SignInDesk, flow: Flow, arrived: SignedInSession | Waiting
) -> Response:
    """Send a browser on: to the web client with a session, or to where it shows a second factor."""
    settings = desk.settings
    if isinstance(arrived, Waiting):
        response = RedirectResponse(f"{settings.web_url}{SECOND_FACTOR_PATH}", 302)
        cookies.set_flow(response, settings, Flow.SECOND_FACTOR, arrived.token)
    else:
        response = RedirectResponse(settings.web_url, 302)
        cookies.set_session(request, response, settings, arrived.tokens.access, arrived.tokens.refresh)
    cookies.clear_flow(response, flow)
    return response


def _require(enabled: bool, name: str) -> None:
    if not enabled:
        raise BadRequest(f"{name} is not enabled.")


@router.get(
    "/saml/login", summary="Start signing in by SAML", operation_id="start_saml_login", status_code=302
)
async def start_saml_login(desk: Desk, limits: Limits) -> Response:
    """Leads to the identity provider; a cookie ties its answer to this browser. 400 where SAML is off."""
    _require(desk.settings.saml_enabled, "SAML")
    from kitsu_api.services.sso import saml  # XML libraries, 11 MB that few servers need

    await limits.by_address(SSO_OF_ADDRESS)
    return _leave(desk, Flow.SAML, await saml.begin(desk))


@router.post(
    "/saml/sso",
    summary="Finish signing in by SAML",
    operation_id="finish_saml_login",
    status_code=302,
    responses=errors(Unauthorized),
)
async def finish_saml_login(
    request: Request,
    desk: Desk,
    limits: Limits,
    answer: Annotated[str, Form(alias="SAMLResponse", description="The response, in base64.")] = "",
) -> Response:
    """Takes the identity provider's answer and leads to the web client, with a session in cookies.

    400 where SAML is off, or the answer does not hold: it must be signed, for us, for the request of this
    browser, and new. 401 where the account is closed.
    """
    _require(desk.settings.saml_enabled, "SAML")
    from kitsu_api.services.sso import saml  # XML libraries, 11 MB that few servers need

    await limits.by_address(SSO_OF_ADDRESS)
    cookie = request.cookies.get(cookies.flow_cookie(Flow.SAML))
    who = await saml.finish(desk, answer, cookie)
    arrived = await arriving.arrive(desk, who, skips_second_factor=desk.settings.saml_skip_2fa)
    return welcome_browser(request, desk, Flow.SAML, arrived)


@router.get(
    "/oidc/login",
    summary="Start signing in by OpenID Connect",
    operation_id="start_oidc_login",
    status_code=302,
)
async def start_oidc_login(desk: Desk, limits: Limits) -> Response:
    """Leads to the identity provider (authorization code, PKCE with S256). 400 where OIDC is off."""
    _require(desk.settings.oidc_enabled, "OIDC")
    await limits.by_address(SSO_OF_ADDRESS)
    return _leave(desk, Flow.OIDC, await oidc.begin(desk))


@router.get(
    "/oidc/callback",
    summary="Finish signing in by OpenID Connect",
    operation_id="finish_oidc_login",
    status_code=302,
    responses=errors(Unauthorized),
)
async def finish_oidc_login(request: Request, desk: Desk, limits: Limits) -> Response:
    """Takes the code from the identity provider and leads to the web client, with a session in cookies.

    The query is the provider's: `code`, `state`, `error`, `iss`. 400 where OIDC is off, or the answer does
    not hold. 401 where the account is closed.
    """
    _require(desk.settings.oidc_enabled, "OIDC")
    await limits.by_address(SSO_OF_ADDRESS)
    cookie = request.cookies.get(cookies.flow_cookie(Flow.OIDC))
    who = await oidc.finish(desk, request.query_params, cookie)
    arrived = await arriving.arrive(desk, who, skips_second_factor=desk.settings.oidc_skip_2fa)
    return welcome_browser(request, desk, Flow.OIDC, arrived)
