"""Codes that are good once: from an authenticator app (RFC 6238), and by mail (RFC 4226)."""

from __future__ import annotations

import hmac
import secrets
from datetime import UTC, datetime
from uuid import UUID

import pyotp
from redis.asyncio import Redis

STEP = 30
"""Seconds of a step of an authenticator's clock."""

DRIFT = 1
"""Steps that a telephone's clock may be wrong by, in either direction."""

MAIL_SECONDS = 600
"""How long a mailed code is good for."""

MAIL_TRIES = 5
"""Wrong tries after which a mailed code is worth nothing."""


def make_secret() -> str:
    """A random secret of 160 bits, in base32."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, email: str, issuer: str) -> str:
    """What an authenticator app reads from the QR code."""
    uri: str = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)
    return uri


def _same(code: str, expected: str) -> bool:
    return hmac.compare_digest(code.replace(" ", "").encode(errors="replace"), expected.encode())


async def check_totp(valkey: Redis, person_id: UUID, secret: str | None, code: str) -> bool:
    """Whether the code is right for now and was not used before; then it is used."""
    if not secret:
        return False
    totp = pyotp.TOTP(secret)
    step = totp.timecode(datetime.now(UTC))
    for counter in range(step - DRIFT, step + DRIFT + 1):
        if _same(code, totp.generate_otp(counter)):
            key = f"kitsu:totp-used:{person_id}:{counter}"
            return bool(await valkey.set(key, 1, nx=True, ex=STEP * (2 * DRIFT + 2)))
    return False


def _mail_key(person_id: UUID) -> str:
    return f"kitsu:email-otp:{person_id}"


async def make_mail_code(valkey: Redis, person_id: UUID, secret: str) -> str:
    """A new code to be mailed; earlier ones are worth nothing from now on."""
    counter = secrets.randbelow(2**31)
    key = _mail_key(person_id)
    async with valkey.pipeline(transaction=True) as pipe:
        pipe.set(key, counter, ex=MAIL_SECONDS)
        pipe.delete(f"{key}:tries")
        await pipe.execute()
    code: str = pyotp.HOTP(secret).at(counter)
    return code


async def check_mail_code(valkey: Redis, person_id: UUID, secret: str | None, code: str) -> bool:
    """Whether this is the code that was mailed last; then it is used."""
    key = _mail_key(person_id)
    async with valkey.pipeline(transaction=True) as pipe:
        pipe.get(key)
        pipe.set(f"{key}:tries", 0, ex=MAIL_SECONDS, nx=True)
        pipe.incr(f"{key}:tries")
        counter, _, tries = await pipe.execute()
    if not secret or counter is None:
        return False
    if tries > MAIL_TRIES:
        await valkey.delete(key)
        return False
    return _same(code, pyotp.HOTP(secret).at(int(counter))) and bool(await valkey.delete(key))
