"""Signing in with a password, and changing it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

from redis.asyncio import Redis

from kitsu_api.db.repositories.accounts import Account, AccountRepository
from kitsu_api.db.repositories.identities import DirectoryRepository
from kitsu_api.errors import BadRequest, NotFound, Unauthorized
from kitsu_api.permissions import passwords
from kitsu_api.permissions.clients import Client
from kitsu_api.permissions.revocation import revoke_all
from kitsu_api.schemas.auth import LoginCredentials, NewPassword, PasswordReset
from kitsu_api.services import two_factor
from kitsu_api.services.ldap import signing_in
from kitsu_api.services.lockout import Lockout
from kitsu_api.services.sessions import SignedInSession, Tokens, must_set_up, open_session, profile
from kitsu_api.settings import Settings
from kitsu_api.unit_of_work import UnitOfWork

RESET_SECONDS = 3600
"""How long a reset token is good for."""

TOKEN_BYTES = 40
"""Length of a token that an admin hands over: 64 letters and digits, which anybody can type."""

DEFAULT_PASSWORD = "default"  # noqa: S105 (the well-known one that nobody may keep)
NOBODY = UUID(int=0)
"""Stands for an account that does not exist, so that looking it up takes as long."""


@dataclass(frozen=True)
class SignInDesk:
    """What signing in works with, in one request."""

    uow: UnitOfWork
    valkey: Redis
    settings: Settings
    client: Client

    @property
    def accounts(self) -> AccountRepository:
        """The accounts, in this transaction."""
        return AccountRepository(self.uow.session)

    @property
    def lockout(self) -> Lockout:
        """The failed tries of the client's address."""
        return Lockout(self.settings, self.valkey, self.accounts, self.client.address)

    async def fail(self, account: Account | None, login: str, error: BadRequest) -> BadRequest:
        """Keep note of a failed try although the request ends in an error; gives the error to raise."""
        await self.lockout.count_failure(account, login)
        await self.uow.commit()
        return error


async def sign_in(desk: SignInDesk, credentials: LoginCredentials) -> SignedInSession:
    """Sign somebody in with a password, and a second factor where one is set up.

    Raises:
        BadRequest: wrong, locked, the second factor is missing or wrong, or the password is the default one.
        Unauthorized: right, but the account is closed.
        Unavailable: the directory that the settings name can't be reached.
    """
    account = await desk.accounts.find_by_login(credentials.email)
    password = credentials.password.get_secret_value()
    known_here = await _check_credentials(desk, account, credentials.email, password)
    assert account is not None
    if not account.may_sign_in:
        raise Unauthorized("This account is not active: you can't log in.", login=False, unactive=True)
    if known_here and password == DEFAULT_PASSWORD:
        token = await make_reset_token(desk.valkey, account.id)
        raise BadRequest(
            "Choose a password of your own first.", login=False, default_password=True, token=token
        )
    user = await desk.accounts.profile_json(account.id)
    if account.factors:
        await _check_second_factor(desk, account, credentials)
    await desk.lockout.forgive(account)
    return await enter(desk, account, user)


async def _check_credentials(desk: SignInDesk, account: Account | None, login: str, password: str) -> bool:
    """Check a password with the directory where the settings name one; whether it is one that is kept here.

    Raises:
        BadRequest: wrong, or too many were.
        Unavailable: the directory does not say.
    """
    if account is not None and desk.settings.auth_strategy == signing_in.STRATEGY:
        await desk.lockout.check(account, login)
        right = await signing_in.answers(
            desk.settings, DirectoryRepository(desk.uow.session), account, password
        )
        if right is False:
            raise await desk.fail(account, login, BadRequest("Wrong email or password.", login=False))
        if right:
            return False
    await check_password(desk, account, login, password)
    return True


async def _check_second_factor(desk: SignInDesk, account: Account, credentials: LoginCredentials) -> None:
    if not credentials.is_given:
        raise BadRequest(
            "A two-factor authentication code is required.",
            login=False,
            missing_OTP=True,
            preferred_two_factor_authentication=account.preferred_two_factor_authentication,
            two_factor_authentication_enabled=["recovery_code", *account.factors],
        )
    await desk.accounts.release()
    if not await two_factor.proves(
        desk.uow, desk.valkey, desk.settings, account, credentials, desk.client.webauthn_session
    ):
        wrong = BadRequest("OTP verification failed.", login=False, wrong_OTP=True)
        raise await desk.fail(account, credentials.email, wrong)


async def enter(
    desk: SignInDesk, account: Account, user: bytes | None = None, *, vouched: bool = False
) -> SignedInSession:
    """Open and log a session of somebody who has proved who they are; `user` is their profile, if read, and
    `vouched` says that their identity provider answers for the second factor."""
    await desk.accounts.log_sign_in(account.id, desk.client.address, desk.client.origin)
    shown = await profile(desk.uow.session, account.id, is_admin=account.role == "admin", user=user)
    return SignedInSession(
        open_session(desk.settings, account, vouched=vouched),
        shown,
        restricted=must_set_up(desk.settings, account, vouched=vouched),
    )


async def check_password(desk: SignInDesk, account: Account | None, login: str, password: str) -> None:
    """Check a password; a wrong one is counted, and takes as long for accounts that don't exist.

    Raises:
        BadRequest: wrong, or too many were.
    """
    passwords.refuse_unusable(password)
    await desk.lockout.check(account, login)
    # hashing takes a quarter of a second, in which somebody else can use the connection
    await desk.accounts.release()
    if not await passwords.verify(desk.settings, password, account.password if account else None):
        raise await desk.fail(account, login, BadRequest("Wrong email or password.", login=False))


async def change_password(desk: SignInDesk, person_id: UUID, wish: NewPassword) -> Tokens:
    """Change one's own password. Earlier sessions end; the tokens of a new one are returned.

    Raises:
        BadRequest: the old one is wrong, too many were, or the new one is no good.
    """
    account = await desk.accounts.find(person_id)
    if account is None:
        raise NotFound
    passwords.check_new(desk.settings, wish.password.get_secret_value(), wish.password_2.get_secret_value())
    try:
        await check_password(desk, account, str(account.id), wish.old_password.get_secret_value())
    except BadRequest as error:
        if "too_many_failed_login_attemps" in error.details:
            raise
        raise BadRequest("Old password is wrong.") from error
    await set_password(desk, account, wish.password.get_secret_value())
    return open_session(desk.settings, account)


async def set_password(desk: SignInDesk, account: Account, password: str) -> None:
    """Store a checked password and end the sessions that the old one had opened."""
    hashed = await passwords.hash_password(desk.settings, password)
    await desk.accounts.change(account.id, password=hashed, login_failed_attemps=0)
    await revoke_all(desk.valkey, desk.settings, account.id)


def _reset_key(person_id: UUID) -> str:
    return f"kitsu:reset:{person_id}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


async def make_reset_token(valkey: Redis, person_id: UUID, lifetime: int = RESET_SECONDS) -> str:
    """A token that lets its holder choose a new password once, within `lifetime` seconds; the last one made
    counts."""
    token = secrets.token_urlsafe(48)
    await valkey.set(_reset_key(person_id), _digest(token), ex=lifetime)
    return token


async def shared_reset_token(valkey: Redis, settings: Settings, person_id: UUID) -> str:
    """The token of a link that admins hand over: the same one again until it is used or out of date, so that
    asking twice spoils no link. It is good for an hour from the last time that it was asked for.

    What is stored does not make a token by itself: the server's key does.
    """
    seed_key = f"kitsu:reset-seed:{person_id}"
    known, seed = await valkey.mget(_reset_key(person_id), seed_key)
    token = _token_of(settings, person_id, seed) if known and seed else None
    if token is None or not hmac.compare_digest(known, _digest(token)):
        seed = secrets.token_urlsafe(48)
        token = _token_of(settings, person_id, seed)
    await valkey.set(seed_key, seed, ex=RESET_SECONDS)
    await valkey.set(_reset_key(person_id), _digest(token), ex=RESET_SECONDS)
    return token


def _token_of(settings: Settings, person_id: UUID, seed: str) -> str:
    message = f"reset {person_id} {seed}".encode()
    digest = hmac.digest(settings.signing_key().encode(), message, "sha384")
    return base64.b32encode(digest[:TOKEN_BYTES]).decode()


async def reset_password(desk: SignInDesk, wish: PasswordReset) -> None:
    """Choose a new password with a mailed token.

    Raises:
        BadRequest: the token is wrong, used or out of date, or the password is no good.
    """
    password = wish.password.get_secret_value()
    passwords.check_new(desk.settings, password, wish.password2.get_secret_value())
    account = await desk.accounts.find_by_email(wish.email)
    key = _reset_key(account.id if account else NOBODY)
    known = await desk.valkey.get(key) or _digest(secrets.token_urlsafe())
    right = hmac.compare_digest(known, _digest(wish.token.get_secret_value()))
    # of two requests with the right token only the one that deletes it goes on
    if account is None or not right or not await desk.valkey.delete(key):
        raise BadRequest("Wrong or expired token.")
    await desk.accounts.release()
    await set_password(desk, account, password)
    await desk.lockout.forgive(account)
    await desk.lockout.trust(account)
