"""What follows when an identity provider has answered for somebody: a second factor, or a session."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kitsu_api.db.repositories.accounts import Account
from kitsu_api.errors import BadRequest, Unauthorized
from kitsu_api.permissions.sign_in_flows import FLOW_SECONDS, Flow, new_state, sign, state_of
from kitsu_api.schemas.auth import SecondFactor
from kitsu_api.services import two_factor
from kitsu_api.services.auth import SignInDesk, enter
from kitsu_api.services.sessions import SignedInSession
from kitsu_api.services.sso.identities import Identity, account_of
from kitsu_api.services.sso.refusal import refused

LONGEST_CODE = 64


@dataclass(frozen=True, repr=False)
class Waiting:
    """Somebody whose second factor is still asked for: the token that the browser keeps meanwhile."""

    token: str


def _key(state: str) -> str:
    return f"kitsu:sso:waiting:{state}"


def _require_open(account: Account) -> None:
    if not account.may_sign_in:
        raise Unauthorized("This account is not active: you can't log in.", login=False, unactive=True)


async def arrive(desk: SignInDesk, who: Identity, *, skips_second_factor: bool) -> SignedInSession | Waiting:
    """Let somebody in, or have them show a second factor first where one is set up and the settings don't
    leave that to the provider.

    Raises:
        BadRequest: there is no account for them.
        Unauthorized: it is closed.
    """
    account = await account_of(desk, who)
    _require_open(account)
    if not account.factors or skips_second_factor:
        return await enter(desk, account, vouched=skips_second_factor)
    state = new_state()
    await desk.valkey.set(_key(state), str(account.id), ex=FLOW_SECONDS)
    if account.email_otp_enabled and account.email:
        desk.uow.enqueue("send_email_otp", email=account.email, setting_up=False)
    return Waiting(sign(desk.settings, Flow.SECOND_FACTOR, state))


async def waiting(desk: SignInDesk, cookie: str | None) -> tuple[str, Account]:
    """Who is asked for a second factor, and the name of the flow.

    Raises:
        BadRequest: nobody, or too long ago.
        Unauthorized: the account was closed meanwhile.
    """
    state = state_of(desk.settings, Flow.SECOND_FACTOR, cookie)
    known = await desk.valkey.get(_key(state)) if state else None
    account = await desk.accounts.find(UUID(known)) if known else None
    if state is None or account is None:
        raise refused("nobody waits for a second factor", "Begin to sign in anew: this took too long.")
    _require_open(account)
    return state, account


async def show_second_factor(desk: SignInDesk, state: str, account: Account, code: str) -> SignedInSession:
    """Let somebody in who shows a code of an authenticator app, of a mail, or a recovery code.

    Raises:
        BadRequest: it is wrong, or too many were.
    """
    login = account.email or str(account.id)
    await desk.lockout.check(account, login)
    await desk.accounts.release()
    if not await _holds(desk, account, code.strip()[:LONGEST_CODE]):
        raise await desk.fail(account, login, BadRequest("OTP verification failed.", wrong_OTP=True))
    # of two requests with a right code only the one that ends the wait goes on
    if not await desk.valkey.delete(_key(state)):
        raise refused("the wait was over", "Begin to sign in anew: this took too long.")
    await desk.lockout.forgive(account)
    return await enter(desk, account)


async def _holds(desk: SignInDesk, account: Account, code: str) -> bool:
    if not code:
        return False
    if code.isdigit():
        proofs = [SecondFactor(totp=code), SecondFactor(email_otp=code)]
    else:
        proofs = [SecondFactor(recovery_code=code)]
    for proof in proofs:
        if await two_factor.proves(desk.uow, desk.valkey, desk.settings, account, proof, None):
            return True
    return False
