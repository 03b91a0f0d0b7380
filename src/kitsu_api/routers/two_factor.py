"""Second factors."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from kitsu_api.db.repositories.accounts import Account, AccountRepository, OrganisationRepository
from kitsu_api.errors import (
    BadRequest,
    Forbidden,
    Malformed,
    NotFound,
    TooManyRequests,
    Unauthorized,
    errors,
)
from kitsu_api.permissions import cookies
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import AppSettings, Owner, OwnerSettingUp, Valkey
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.roles import admins
from kitsu_api.permissions.rate_limits import (
    CHALLENGE_OF_ADDRESS,
    MAIL_OF_ACCOUNT,
    MAIL_OF_ADDRESS,
    SECOND_FACTOR,
    Limits,
)
from kitsu_api.routers.auth import Desk
from kitsu_api.schemas.auth import (
    EmailOtpActivation,
    FactorEnabledRead,
    KeyCreationOptions,
    KeyRegistration,
    KeyRemoval,
    KeyRequestOptions,
    RecoveryCodesRead,
    SecondFactor,
    Success,
    TotpActivation,
    TotpPreparationRead,
)
from kitsu_api.services import one_time_codes, security_keys, sessions, two_factor
from kitsu_api.services.auth import SignInDesk
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Authentication"])

OWN = errors(BadRequest, Unauthorized, Forbidden, Malformed, TooManyRequests)
Address = Annotated[str, Query(min_length=1, max_length=255, description="E-mail of who signs in.")]


async def _enabled(
    request: Request, response: Response, desk: SignInDesk, person_id: UUID, codes: list[str] | None
) -> FactorEnabledRead:
    """The answer to a factor that was set up: tokens without restriction."""
    account = await two_factor.account_of(desk.uow, person_id)
    tokens = sessions.open_session(desk.settings, account)
    if desk.client.browser:
        cookies.set_session(request, response, desk.settings, tokens.access, tokens.refresh)
    return FactorEnabledRead(
        otp_recovery_codes=codes, access_token=tokens.access, refresh_token=tokens.refresh
    )


async def _proved(desk: SignInDesk, limits: Limits, account: Account, proof: SecondFactor) -> None:
    """Ask for a second factor, so often and no more."""
    await limits.by_account(SECOND_FACTOR, str(account.id))
    await two_factor.require_proof(
        desk.uow, desk.valkey, desk.settings, account, proof, desk.client.webauthn_session
    )


@router.put("/auth/totp", summary="Prepare an authenticator app", operation_id="prepare_totp", responses=OWN)
async def prepare_totp(actor: OwnerSettingUp, uow: Uow) -> TotpPreparationRead:
    """Get a secret for an authenticator app. It counts once a code of it was shown (`POST`)."""
    account, secret = await two_factor.prepare_totp(uow, actor.id)
    studio = await OrganisationRepository(uow.session).name()
    issuer = f"Kitsu {studio}" if studio else "Kitsu"
    uri = one_time_codes.provisioning_uri(secret, account.email or account.full_name, issuer)
    return TotpPreparationRead(totp_provisionning_uri=uri, otp_secret=secret)


@router.post(
    "/auth/totp",
    summary="Turn an authenticator app on",
    operation_id="enable_totp",
    response_model_exclude_none=True,
    responses=OWN,
)
async def enable_totp(
    actor: OwnerSettingUp,
    request: Request,
    response: Response,
    desk: Desk,
    limits: Limits,
    payload: TotpActivation,
) -> FactorEnabledRead:
    """Show a code of the app, and signing in asks for one from now on."""
    await limits.by_account(SECOND_FACTOR, str(actor.id))
    codes = await two_factor.enable_totp(desk.uow, desk.valkey, desk.settings, actor.id, payload.totp)
    return await _enabled(request, response, desk, actor.id, codes)


@router.delete(
    "/auth/totp", summary="Turn the authenticator app off", operation_id="disable_totp", responses=OWN
)
async def disable_totp(actor: Owner, desk: Desk, limits: Limits, payload: SecondFactor) -> Success:
    """Forget the authenticator app, given a proof of any second factor."""
    account = await two_factor.account_of(desk.uow, actor.id)
    two_factor.require_enabled(account, "totp")
    await _proved(desk, limits, account, payload)
    await two_factor.disable_code(desk.uow, actor.id, "totp")
    return Success()


@router.get(
    "/auth/email-otp",
    summary="Have a code mailed to sign in",
    operation_id="request_email_otp",
    responses=errors(BadRequest, TooManyRequests),
)
async def request_email_otp(uow: Uow, limits: Limits, email: Address) -> Success:
    """Mail a code to somebody who has chosen this second factor. The answer is the same for every e-mail."""
    await limits.by_address(MAIL_OF_ADDRESS)
    await limits.by_account(MAIL_OF_ACCOUNT, f"otp {email}")
    # whether somebody has this e-mail is for the job to find out
    uow.enqueue("send_email_otp", email=email.replace("\x00", ""), setting_up=False)
    return Success()


@router.put(
    "/auth/email-otp", summary="Prepare codes by mail", operation_id="prepare_email_otp", responses=OWN
)
async def prepare_email_otp(actor: OwnerSettingUp, uow: Uow, limits: Limits) -> Success:
    """Have a first code mailed. The factor counts once that code was shown (`POST`)."""
    await limits.by_account(MAIL_OF_ACCOUNT, f"otp {actor.id}")
    await two_factor.prepare_email_otp(uow, actor.id)
    return Success()


@router.post(
    "/auth/email-otp",
    summary="Turn codes by mail on",
    operation_id="enable_email_otp",
    response_model_exclude_none=True,
    responses=OWN,
)
async def enable_email_otp(
    actor: OwnerSettingUp,
    request: Request,
    response: Response,
    desk: Desk,
    limits: Limits,
    payload: EmailOtpActivation,
) -> FactorEnabledRead:
    """Show the mailed code, and signing in asks for one from now on."""
    await limits.by_account(SECOND_FACTOR, str(actor.id))
    codes = await two_factor.enable_email_otp(
        desk.uow, desk.valkey, desk.settings, actor.id, payload.email_otp
    )
    return await _enabled(request, response, desk, actor.id, codes)


@router.delete(
    "/auth/email-otp", summary="Turn codes by mail off", operation_id="disable_email_otp", responses=OWN
)
async def disable_email_otp(actor: Owner, desk: Desk, limits: Limits, payload: SecondFactor) -> Success:
    """Stop asking for mailed codes, given a proof of any second factor."""
    account = await two_factor.account_of(desk.uow, actor.id)
    two_factor.require_enabled(account, "email_otp")
    await _proved(desk, limits, account, payload)
    await two_factor.disable_code(desk.uow, actor.id, "email_otp")
    return Success()


@router.get(
    "/auth/fido",
    summary="Get a challenge to sign in with a security key",
    operation_id="request_fido_challenge",
    responses=errors(BadRequest, TooManyRequests),
)
async def request_fido_challenge(
    uow: Uow, valkey: Valkey, settings: AppSettings, limits: Limits, response: Response, email: Address
) -> KeyRequestOptions:
    """What `navigator.credentials.get` needs; its answer goes into `fido_authentication_response`.

    The cookie `session` ties the challenge to this browser: send it back.
    """
    await limits.by_address(CHALLENGE_OF_ADDRESS)
    account = await AccountRepository(uow.session).find_by_login(email.replace("\x00", ""))
    if account is None or not account.may_sign_in:
        raise BadRequest("FIDO not enabled.")
    two_factor.require_enabled(account, "fido")
    challenge, session = await security_keys.make_challenge(valkey, "sign-in", account.id)
    cookies.set_webauthn(response, settings, session, security_keys.CHALLENGE_SECONDS)
    return KeyRequestOptions.model_validate(
        security_keys.authentication_options(settings, account, challenge)
    )


@router.put("/auth/fido", summary="Prepare a security key", operation_id="prepare_fido", responses=OWN)
async def prepare_fido(
    actor: OwnerSettingUp, uow: Uow, valkey: Valkey, settings: AppSettings, response: Response
) -> KeyCreationOptions:
    """What `navigator.credentials.create` needs. Send the cookie `session` back with the answer."""
    account = await two_factor.account_of(uow, actor.id)
    studio = await OrganisationRepository(uow.session).name() or "Kitsu"
    challenge, session = await security_keys.make_challenge(valkey, "register", account.id)
    cookies.set_webauthn(response, settings, session, security_keys.CHALLENGE_SECONDS)
    options: dict[str, Any] = security_keys.registration_options(settings, studio, account, challenge)
    return KeyCreationOptions.model_validate(options)


@router.post(
    "/auth/fido",
    summary="Add a security key",
    operation_id="add_fido_device",
    response_model_exclude_none=True,
    responses=OWN,
)
async def add_fido_device(
    actor: OwnerSettingUp,
    request: Request,
    response: Response,
    desk: Desk,
    limits: Limits,
    payload: KeyRegistration,
) -> FactorEnabledRead:
    """Store the key that answered the challenge; signing in asks for it from now on."""
    await limits.by_account(SECOND_FACTOR, str(actor.id))
    codes = await two_factor.add_security_key(
        desk.uow,
        desk.valkey,
        desk.settings,
        actor.id,
        payload.registration_response,
        payload.device_name,
        desk.client.webauthn_session,
    )
    return await _enabled(request, response, desk, actor.id, codes)


@router.delete(
    "/auth/fido", summary="Remove a security key", operation_id="remove_fido_device", responses=OWN
)
async def remove_fido_device(actor: Owner, desk: Desk, limits: Limits, payload: KeyRemoval) -> Success:
    """Forget a security key, given a proof of any second factor."""
    account = await two_factor.account_of(desk.uow, actor.id)
    two_factor.require_enabled(account, "fido")
    await _proved(desk, limits, account, payload)
    await two_factor.remove_security_key(desk.uow, actor.id, payload.device_name)
    return Success()


@router.put(
    "/auth/recovery-codes",
    summary="Make new recovery codes",
    operation_id="renew_recovery_codes",
    responses=OWN,
)
async def renew_recovery_codes(
    actor: Owner, desk: Desk, limits: Limits, payload: SecondFactor
) -> RecoveryCodesRead:
    """New recovery codes in place of the old ones, given a proof of any second factor."""
    account = await two_factor.account_of(desk.uow, actor.id)
    if not account.factors:
        raise BadRequest("No two factor authentication enabled.")
    await _proved(desk, limits, account, payload)
    codes = await two_factor.renew_recovery_codes(desk.uow, desk.settings, account)
    return RecoveryCodesRead(otp_recovery_codes=codes)


Admin = Annotated[Actor, allow(admins)]


@router.delete(
    "/actions/persons/{person_id}/disable-two-factor-authentication",
    summary="Take every second factor from somebody",
    operation_id="disable_two_factor_authentication",
    responses=errors(BadRequest, Unauthorized, Forbidden, NotFound, Malformed),
)
async def disable_two_factor_authentication(
    actor: Admin, uow: Uow, settings: AppSettings, person_id: UUID
) -> Success:
    """For somebody who has lost their telephone and codes: the password alone will do. Admins only."""
    await two_factor.disable_all(uow, settings, actor, person_id)
    return Success()
