"""Second factors: setting them up, proving them, giving them up."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

from kitsu_api.db.repositories.accounts import Account, AccountRepository
from kitsu_api.errors import BadRequest, Forbidden, NotFound
from kitsu_api.permissions import passwords
from kitsu_api.permissions.actor import Actor
from kitsu_api.schemas.auth import SecondFactor
from kitsu_api.services import one_time_codes, security_keys
from kitsu_api.settings import Settings
from kitsu_api.unit_of_work import UnitOfWork

CODES = 16
"""Recovery codes that are made at a time."""

CODE_LENGTH = 10
CODE_ALPHABET = string.ascii_uppercase + string.digits

NAMES = {"totp": "TOTP", "email_otp": "OTP by email", "fido": "FIDO"}


def make_recovery_codes() -> list[str]:
    """Random codes, each good once in place of another factor."""
    return ["".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(CODES)]


async def account_of(uow: UnitOfWork, person_id: UUID, *, lock: bool = False) -> Account:
    """The account of a person.

    Raises:
        NotFound: there is no such person.
    """
    account = await AccountRepository(uow.session).find(person_id, lock=lock)
    if account is None:
        raise NotFound
    return account


async def proves(
    uow: UnitOfWork,
    valkey: Redis,
    settings: Settings,
    account: Account,
    proof: SecondFactor,
    webauthn_session: str | None,
) -> bool:
    """Whether a proof of a second factor holds. Codes are used up by it; factors not set up prove nothing."""
    if proof.totp:
        secret = account.totp_secret if account.totp_enabled else None
        return await one_time_codes.check_totp(valkey, account.id, secret, proof.totp)
    if proof.email_otp:
        secret = account.email_otp_secret if account.email_otp_enabled else None
        return await one_time_codes.check_mail_code(valkey, account.id, secret, proof.email_otp)
    if proof.fido_authentication_response:
        response = proof.fido_authentication_response
        return bool(account.fido_enabled) and await security_keys.check(
            valkey, settings, account, response, webauthn_session
        )
    if proof.recovery_code and account.factors:
        code = proof.recovery_code.strip()
        spent = await passwords.matching(code, account.otp_recovery_codes or [])
        accounts = AccountRepository(uow.session)
        return spent is not None and await accounts.spend_recovery_code(account.id, spent)
    return False


async def require_proof(
    uow: UnitOfWork,
    valkey: Redis,
    settings: Settings,
    account: Account,
    proof: SecondFactor,
    webauthn_session: str | None,
) -> None:
    """Ask for a second factor before something that matters.

    Raises:
        BadRequest: it is missing or wrong.
    """
    await AccountRepository(uow.session).release()
    if not await proves(uow, valkey, settings, account, proof, webauthn_session):
        raise BadRequest("OTP verification failed.", wrong_OTP=True)


async def _enable(
    uow: UnitOfWork, settings: Settings, account: Account, factor: str, **values: Any
) -> list[str] | None:
    """Turn a factor on; recovery codes come with the first one."""
    accounts = AccountRepository(uow.session)
    codes: list[str] | None = None
    if not account.factors:
        codes = make_recovery_codes()
        values["otp_recovery_codes"] = await passwords.hash_codes(settings, codes)
    preferred = account.preferred_two_factor_authentication
    if preferred not in account.factors:
        preferred = factor
    await accounts.change(
        account.id, **{f"{factor}_enabled": True}, preferred_two_factor_authentication=preferred, **values
    )
    return codes


async def _disable(uow: UnitOfWork, account: Account, factor: str, values: Mapping[str, Any]) -> None:
    """Turn a factor off; recovery codes go with the last one, and the preference passes to another."""
    left = [other for other in account.factors if other != factor]
    changes: dict[str, Any] = {f"{factor}_enabled": False, **values}
    if account.preferred_two_factor_authentication not in left:
        changes["preferred_two_factor_authentication"] = left[0] if left else None
    if not left:
        changes["otp_recovery_codes"] = None
    await AccountRepository(uow.session).change(account.id, **changes)


def require_enabled(account: Account, factor: str) -> None:
    """Raises BadRequest unless the factor is set up."""
    if factor not in account.factors:
        raise BadRequest(f"{NAMES[factor]} not enabled.")


def require_disabled(account: Account, factor: str) -> None:
    """Raises BadRequest when the factor is set up already."""
    if factor in account.factors:
        raise BadRequest(f"{NAMES[factor]} already enabled.")


async def prepare_totp(uow: UnitOfWork, person_id: UUID) -> tuple[Account, str]:
    """Store a new secret for an authenticator app, not yet in use.

    Raises:
        BadRequest: the factor is set up already.
    """
    account = await account_of(uow, person_id, lock=True)
    require_disabled(account, "totp")
    secret = one_time_codes.make_secret()
    await AccountRepository(uow.session).change(account.id, totp_secret=secret)
    return account, secret


async def enable_totp(
    uow: UnitOfWork, valkey: Redis, settings: Settings, person_id: UUID, code: str
) -> list[str] | None:
    """Turn on the authenticator app that shows this code. Gives recovery codes with the first factor.

    Raises:
        BadRequest: the code is wrong, or the factor is set up already.
    """
    account = await account_of(uow, person_id, lock=True)
    require_disabled(account, "totp")
    if not await one_time_codes.check_totp(valkey, account.id, account.totp_secret, code):
        raise BadRequest("TOTP verification failed.", wrong_OTP=True)
    return await _enable(uow, settings, account, "totp")


async def prepare_email_otp(uow: UnitOfWork, person_id: UUID) -> None:
    """Store a secret for mailed codes, not yet in use, and mail a first one.

    Raises:
        BadRequest: the factor is set up already, or the account has no e-mail.
    """
    account = await account_of(uow, person_id, lock=True)
    require_disabled(account, "email_otp")
    if not account.email:
        raise BadRequest("This account has no e-mail.")
    secret = one_time_codes.make_secret()
    await AccountRepository(uow.session).change(account.id, email_otp_secret=secret)
    uow.enqueue("send_email_otp", email=account.email, setting_up=True)


async def enable_email_otp(
    uow: UnitOfWork, valkey: Redis, settings: Settings, person_id: UUID, code: str
) -> list[str] | None:
    """Turn on mailed codes, given the first one. Gives recovery codes with the first factor.

    Raises:
        BadRequest: the code is wrong, or the factor is set up already.
    """
    account = await account_of(uow, person_id, lock=True)
    require_disabled(account, "email_otp")
    if not await one_time_codes.check_mail_code(valkey, account.id, account.email_otp_secret, code):
        raise BadRequest("OTP by email verification failed.", wrong_OTP=True)
    return await _enable(uow, settings, account, "email_otp")


async def add_security_key(
    uow: UnitOfWork,
    valkey: Redis,
    settings: Settings,
    person_id: UUID,
    response: Mapping[str, Any],
    name: str,
    session: str | None,
) -> list[str] | None:
    """Store the key that answered the challenge. Gives recovery codes with the first factor.

    Raises:
        BadRequest: there was no challenge, the answer is no good, or the name or key is there already.
    """
    challenge = await security_keys.take_challenge(valkey, "register", person_id, session)
    if challenge is None:
        raise BadRequest("No preregistration before.")
    device = security_keys.new_device(settings, response, challenge, name)
    if device is None:
        raise BadRequest("FIDO registration response is incorrect.")
    account = await account_of(uow, person_id, lock=True)
    known = security_keys.devices(account)
    if any(other["device_name"] == name for other in known):
        raise BadRequest("A device of this name is registered already.")
    if any(int(other["credential_id"]) == device["credential_id"] for other in known):
        raise BadRequest("This device is registered already.")
    return await _enable(uow, settings, account, "fido", fido_credentials=[*known, device])


async def remove_security_key(uow: UnitOfWork, person_id: UUID, name: str) -> None:
    """Forget a key, and with the last one the factor.

    Raises:
        BadRequest: there is no key of this name.
    """
    account = await account_of(uow, person_id, lock=True)
    left = [device for device in security_keys.devices(account) if device["device_name"] != name]
    if len(left) == len(security_keys.devices(account)):
        raise BadRequest("There is no device of this name.")
    if left:
        await AccountRepository(uow.session).change(account.id, fido_credentials=left)
    else:
        await _disable(uow, account, "fido", {"fido_credentials": []})


async def disable_code(uow: UnitOfWork, person_id: UUID, factor: str) -> None:
    """Turn off `totp` or `email_otp` and forget its secret."""
    account = await account_of(uow, person_id, lock=True)
    require_enabled(account, factor)
    await _disable(uow, account, factor, {f"{factor}_secret": None})


async def renew_recovery_codes(uow: UnitOfWork, settings: Settings, account: Account) -> list[str]:
    """New recovery codes in place of the old ones."""
    codes = make_recovery_codes()
    hashed = await passwords.hash_codes(settings, codes)
    await AccountRepository(uow.session).change(account.id, otp_recovery_codes=hashed)
    return codes


async def disable_all(uow: UnitOfWork, settings: Settings, actor: Actor, person_id: UUID) -> None:
    """Take every factor from somebody who has lost them.

    Raises:
        NotFound: there is no such person.
        Forbidden: the account is one that only its owner may change.
        BadRequest: no factor is set up.
    """
    account = await account_of(uow, person_id, lock=True)
    protected = {email.casefold() for email in settings.protected_accounts}
    if (account.email or "").casefold() in protected and actor.id != account.id:
        raise Forbidden("Only its owner may change this account.")
    if not account.factors:
        raise BadRequest("Two factor authentication not enabled for this user.")
    await AccountRepository(uow.session).change(
        account.id,
        totp_enabled=False,
        totp_secret=None,
        email_otp_enabled=False,
        email_otp_secret=None,
        fido_enabled=False,
        fido_credentials=None,
        otp_recovery_codes=None,
        preferred_two_factor_authentication=None,
    )
