"""Signing in and out."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Body, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from kitsu_api.db.repositories.accounts import AccountRepository
from kitsu_api.errors import (
    BadRequest,
    Forbidden,
    Malformed,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    errors,
)
from kitsu_api.permissions import cookies
from kitsu_api.permissions.authentication import (
    AppSettings,
    Owner,
    Refreshing,
    ShownClaims,
    SignedIn,
    Valkey,
)
from kitsu_api.permissions.clients import Caller
from kitsu_api.permissions.in_loop import in_loop
from kitsu_api.permissions.rate_limits import CODE_OF_ADDRESS, Limits
from kitsu_api.schemas.auth import (
    AccessTokenRead,
    AppCodeRead,
    AppCodeRequest,
    AppTokenRequest,
    AuthenticatedRead,
    LoginCredentials,
    LoginRead,
    LogoutRead,
)
from kitsu_api.services import app_login, auth, sessions
from kitsu_api.services.auth import SignInDesk
from kitsu_api.services.sessions import Profile, SignedInSession
from kitsu_api.unit_of_work import Uow

router = APIRouter(prefix="/auth", tags=["Authentication"])


def desk_of(uow: Uow, valkey: Valkey, settings: AppSettings, client: Caller) -> SignInDesk:
    """What signing in works with."""
    return SignInDesk(uow, valkey, settings, client)


Desk = Annotated[SignInDesk, Depends(in_loop(desk_of), scope="function")]


def credentials_of(
    body: Annotated[LoginCredentials | None, Body()] = None,
    email: Annotated[
        str | None,
        Query(deprecated=True, json_schema_extra={"deprecated": True}, description="Send it in the body."),
    ] = None,
    password: Annotated[
        str | None,
        Query(
            deprecated=True,
            json_schema_extra={"deprecated": True},
            description="Send it in the body: addresses end up in logs.",
        ),
    ] = None,
) -> LoginCredentials:
    """The body; old scripts put them into the query.

    Raises:
        RequestValidationError: something is missing.
    """
    if body is not None:
        return body
    given = {"email": email, "password": password}
    try:
        return LoginCredentials.model_validate({key: value for key, value in given.items() if value})
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_input=False, include_context=False)) from None


Credentials = Annotated[LoginCredentials, Depends(in_loop(credentials_of))]


def json_answer(**content: Any) -> Response:
    """An answer of values and of JSON that the database has written already."""
    return Response(orjson.dumps(content), media_type="application/json")


def profile_of(shown: Profile) -> dict[str, orjson.Fragment]:
    """The part of an answer that says who is signed in."""
    return {"user": orjson.Fragment(shown.user), "organisation": orjson.Fragment(shown.organisation)}


def welcome(request: Request, desk: SignInDesk, opened: SignedInSession) -> Response:
    """The answer to a finished sign-in; browsers get cookies as well."""
    tokens = opened.tokens
    response = json_answer(
        login=True,
        **profile_of(opened.profile),
        access_token=tokens.access,
        refresh_token=tokens.refresh,
        two_factor_authentication_required=opened.restricted,
    )
    if desk.client.browser:
        cookies.set_session(request, response, desk.settings, tokens.access, tokens.refresh)
    return response


@router.post(
    "/login",
    summary="Sign in",
    operation_id="login",
    response_model=LoginRead,
    responses=errors(BadRequest, Unauthorized, TooManyRequests, Unavailable),
)
async def login(request: Request, desk: Desk, limits: Limits, credentials: Credentials) -> Response:
    """Sign in with e-mail (or desktop login) and password, and a second factor where one is set up.

    The answer holds tokens; browsers get them as cookies too. A 400 says with `missing_OTP` that a
    second factor is asked for, with `wrong_OTP` that it was wrong, with `too_many_failed_login_attemps`
    that the account is locked for a moment, with `default_password` that `token` must be used to choose
    a password first. A 401 with `unactive` means: right, but the account is closed.
    """
    await limits.sign_in(credentials.email)
    return welcome(request, desk, await auth.sign_in(desk, credentials))


@router.get(
    "/logout",
    summary="Sign out",
    operation_id="logout",
    response_model=LogoutRead,
    responses=errors(Unauthorized, Malformed),
)
async def logout(
    actor: SignedIn, claims: ShownClaims, settings: AppSettings, valkey: Valkey, response: Response
) -> LogoutRead:
    """End the session: the access token, its refresh token and what came of that are worth nothing."""
    await sessions.end(valkey, settings, claims)
    cookies.clear_session(response, settings)
    return LogoutRead()


@router.get(
    "/authenticated",
    summary="Who is signed in",
    operation_id="get_authenticated",
    response_model=AuthenticatedRead,
    responses=errors(Unauthorized, Malformed),
)
async def authenticated(actor: SignedIn, uow: Uow) -> Response:
    """The signed-in person and the studio. Open to those who have yet to set up a second factor."""
    shown = await sessions.profile(uow.session, actor.id, is_admin=actor.is_admin)
    return json_answer(authenticated=True, **profile_of(shown))


@router.get(
    "/refresh-token",
    summary="Get a new access token",
    operation_id="refresh_token",
    responses=errors(Unauthorized, Malformed),
)
async def refresh_token(
    actor: Refreshing,
    claims: ShownClaims,
    uow: Uow,
    settings: AppSettings,
    client: Caller,
    response: Response,
) -> AccessTokenRead:
    """Show the refresh token, in the header or its cookie, and get an access token."""
    account = await AccountRepository(uow.session).find(actor.id)
    if account is None:
        raise Unauthorized
    token = sessions.renew(settings, account, claims)
    if client.browser:
        cookies.set_access(response, settings, token)
    return AccessTokenRead(access_token=token)


@router.post(
    "/app-login/code",
    summary="Let an app sign in",
    operation_id="create_app_login_code",
    status_code=201,
    responses=errors(BadRequest, Unauthorized, Forbidden, Malformed),
)
async def create_app_login_code(
    actor: Owner, claims: ShownClaims, valkey: Valkey, payload: AppCodeRequest
) -> AppCodeRead:
    """Make a code that an app on the same machine exchanges for tokens of its own (PKCE, S256)."""
    return AppCodeRead(code=await app_login.make_code(valkey, claims, payload.code_challenge))


@router.post(
    "/app-login/token",
    summary="Sign an app in",
    operation_id="redeem_app_login_code",
    response_model=LoginRead,
    responses=errors(BadRequest, TooManyRequests),
)
async def redeem_app_login_code(
    request: Request, desk: Desk, limits: Limits, payload: AppTokenRequest
) -> Response:
    """Exchange the code of a signed-in browser for tokens; the code is used up, whatever comes of it."""
    await limits.by_address(CODE_OF_ADDRESS)
    opened = await app_login.redeem(
        desk, payload.code.get_secret_value(), payload.code_verifier.get_secret_value()
    )
    return welcome(request, desk, opened)
