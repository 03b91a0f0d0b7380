"""Passwords: registering with one, changing it, choosing a new one."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from kitsu_api.errors import BadRequest, Forbidden, Malformed, TooManyRequests, Unauthorized, errors
from kitsu_api.permissions import cookies
from kitsu_api.permissions.authentication import AppSettings, Owner
from kitsu_api.permissions.clients import Caller
from kitsu_api.permissions.rate_limits import (
    MAIL_OF_ACCOUNT,
    MAIL_OF_ADDRESS,
    REGISTRATION_OF_ADDRESS,
    RESET_OF_ADDRESS,
    SECOND_FACTOR,
    Limits,
)
from kitsu_api.routers.auth import Desk
from kitsu_api.schemas.auth import (
    NewPassword,
    PasswordChangeRead,
    PasswordReset,
    PasswordResetRequest,
    PasswordResetRequestRead,
    Registration,
    RegistrationRead,
    Success,
)
from kitsu_api.services import auth, registration
from kitsu_api.unit_of_work import Uow

router = APIRouter(prefix="/auth", tags=["Authentication"])


@router.post(
    "/register",
    summary="Register",
    operation_id="register",
    status_code=201,
    responses=errors(BadRequest, Forbidden, TooManyRequests),
)
async def register(
    uow: Uow, settings: AppSettings, limits: Limits, payload: Registration
) -> RegistrationRead:
    """Make an account for oneself, as an artist, where the studio leaves registration open."""
    await limits.by_address(REGISTRATION_OF_ADDRESS)
    await registration.register(uow, settings, payload)
    return RegistrationRead()


@router.post(
    "/change-password",
    summary="Change one's password",
    operation_id="change_password",
    responses=errors(BadRequest, Unauthorized, Forbidden, Malformed, TooManyRequests),
)
async def change_password(
    actor: Owner, request: Request, response: Response, desk: Desk, limits: Limits, payload: NewPassword
) -> PasswordChangeRead:
    """Change one's own password. Every earlier session ends; the tokens in the answer go on."""
    await limits.by_account(SECOND_FACTOR, f"password {actor.id}")
    tokens = await auth.change_password(desk, actor.id, payload)
    if desk.client.browser:
        cookies.set_session(request, response, desk.settings, tokens.access, tokens.refresh)
    return PasswordChangeRead(access_token=tokens.access, refresh_token=tokens.refresh)


@router.post(
    "/reset-password",
    summary="Ask for a mail to choose a new password",
    operation_id="request_password_reset",
    responses=errors(BadRequest, TooManyRequests),
)
async def request_password_reset(
    uow: Uow, client: Caller, limits: Limits, payload: PasswordResetRequest
) -> PasswordResetRequestRead:
    """Mail a link to choose a new password. The answer and its time are the same for every e-mail."""
    await limits.by_address(MAIL_OF_ADDRESS)
    await limits.by_account(MAIL_OF_ACCOUNT, f"reset {payload.email}")
    # whether somebody has this e-mail is for the job to find out
    uow.enqueue("send_password_reset", email=payload.email, address=client.address)
    return PasswordResetRequestRead()


@router.put(
    "/reset-password",
    summary="Choose a new password",
    operation_id="reset_password",
    responses=errors(BadRequest, TooManyRequests),
)
async def reset_password(desk: Desk, limits: Limits, payload: PasswordReset) -> Success:
    """Choose a new password with the mailed token, good once and for an hour. Every earlier session ends."""
    await limits.by_address(RESET_OF_ADDRESS)
    await auth.reset_password(desk, payload)
    return Success()
