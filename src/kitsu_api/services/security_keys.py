"""Security keys (FIDO2, WebAuthn level 2): challenges, and the form in which keys are stored.

Existing databases hold a key's bytes as big-endian integers in JSON, which drops leading zero bytes.
Coordinates are padded again to the length of their curve; ids are compared as integers, and offered
padded as well where a usual length suggests that zeros were lost.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import cbor2
from redis.asyncio import Redis

from kitsu_api.db.repositories.accounts import Account
from kitsu_api.settings import Settings

CHALLENGE_SECONDS = 300
"""How long a challenge waits for its answer."""

OFFERED = (-7, -8, -35, -36, -37, -257, -47)
"""COSE numbers of the algorithms that web clients are offered, best first."""

VERIFIED = (-7, -8, -36, -37, -257)
"""Those of them that can be checked; a key of another one is refused when it is set up."""

CURVE_BYTES = {1: 32, 2: 48, 3: 66, 6: 32, 7: 56}
"""Length of a coordinate, by COSE number of the curve."""

USUAL_ID_BYTES = 16
"""Ids of credentials are mostly multiples of this long."""

CURVE, X, Y = -1, -2, -3
KEY_TYPE, RSA = 1, 3


def _broken() -> tuple[type[Exception], ...]:
    """What broken or foreign responses make the library raise."""
    from webauthn.helpers.exceptions import WebAuthnException

    return (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, OverflowError)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _as_bytes(number: int, length: int = 0) -> bytes:
    return number.to_bytes(max(length, (number.bit_length() + 7) // 8, 1), "big")


def relying_party(settings: Settings) -> str:
    """Whom keys are bound to: the host name of the web client."""
    return settings.domain_name.rpartition(":")[0] or settings.domain_name


def devices(account: Account) -> list[dict[str, Any]]:
    """The stored keys."""
    return list(account.fido_credentials or [])


def descriptors(account: Account) -> list[dict[str, str]]:
    """The ids of the stored keys, as browsers ask for them."""
    found = []
    for device in devices(account):
        id = _as_bytes(int(device["credential_id"]))
        padded = id.rjust(-(-len(id) // USUAL_ID_BYTES) * USUAL_ID_BYTES, b"\0")
        found += [{"type": "public-key", "id": _text(each)} for each in dict.fromkeys((padded, id))]
    return found


def _key(purpose: str, person_id: UUID, session: str) -> str:
    return f"kitsu:webauthn:{purpose}:{person_id}:{session[:64]}"


async def make_challenge(valkey: Redis, purpose: str, person_id: UUID) -> tuple[bytes, str]:
    """A challenge for `register` or `sign-in`, and the exchange's name: the browser keeps it as a cookie.

    Strangers can ask for challenges too; a name of its own for each keeps theirs apart from the owner's.
    """
    challenge, session = secrets.token_bytes(32), secrets.token_urlsafe(24)
    await valkey.set(_key(purpose, person_id, session), _text(challenge), ex=CHALLENGE_SECONDS)
    return challenge, session


async def take_challenge(valkey: Redis, purpose: str, person_id: UUID, session: str | None) -> bytes | None:
    """The challenge of an exchange, once; None when there is none."""
    if not session:
        return None
    challenge: str | None = await valkey.getdel(_key(purpose, person_id, session))
    return None if challenge is None else _bytes(challenge)


def registration_options(
    settings: Settings, studio: str, account: Account, challenge: bytes
) -> dict[str, Any]:
    """What a browser needs for a new key (WebAuthn, section 5.4)."""
    return {
        "rp": {"name": studio, "id": relying_party(settings)},
        "user": {
            "name": account.email or account.full_name,
            "id": _text(str(account.id).encode()),
            "displayName": account.full_name,
        },
        "challenge": _text(challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in OFFERED],
        "excludeCredentials": descriptors(account),
        "authenticatorSelection": {
            "authenticatorAttachment": "cross-platform",
            "residentKey": "discouraged",
            "userVerification": "preferred",
            "requireResidentKey": False,
        },
    }


def authentication_options(settings: Settings, account: Account, challenge: bytes) -> dict[str, Any]:
    """What a browser needs to answer with a key (WebAuthn, section 5.5)."""
    return {
        "challenge": _text(challenge),
        "rpId": relying_party(settings),
        "allowCredentials": descriptors(account),
    }


def _stored(public_key: Mapping[int, Any]) -> dict[str, int]:
    """A COSE key as it is stored: text keys, big-endian integers."""
    return {
        str(name): int.from_bytes(value, "big") if isinstance(value, bytes) else int(value)
        for name, value in public_key.items()
    }


def _restored(stored: Mapping[str, int]) -> bytes:
    """The COSE key that `_stored` was given, in CBOR."""
    key: dict[int, Any] = {int(name): int(value) for name, value in stored.items()}
    if key[KEY_TYPE] == RSA:
        key[-1], key[-2] = _as_bytes(key[-1]), _as_bytes(key[-2])
    else:
        length = CURVE_BYTES.get(key[CURVE], 32)
        key.update({axis: _as_bytes(key[axis], length) for axis in (X, Y) if axis in key})
    return cbor2.dumps(key)


def _with_plain_ids(response: Mapping[str, Any]) -> dict[str, Any]:
    """Some browsers' libraries pad ids, which the standard forbids."""
    plain = dict(response)
    for name in ("id", "rawId"):
        if isinstance(plain.get(name), str):
            plain[name] = plain[name].rstrip("=")
    plain.setdefault("rawId", plain.get("id"))
    return plain


def new_device(
    settings: Settings, response: Mapping[str, Any], challenge: bytes, name: str
) -> dict[str, Any] | None:
    """The key that answered a challenge, as it is stored; None when the answer is no good."""
    # here and below: 5 MB, which wait until somebody has such a key
    from webauthn import verify_registration_response
    from webauthn.helpers import parse_cbor
    from webauthn.helpers.cose import COSEAlgorithmIdentifier

    try:
        verified = verify_registration_response(
            credential=_with_plain_ids(response),
            expected_challenge=challenge,
            expected_rp_id=relying_party(settings),
            expected_origin=settings.web_url,
            supported_pub_key_algs=list(map(COSEAlgorithmIdentifier, VERIFIED)),
        )
        return {
            "aaguid": UUID(verified.aaguid).int,
            "public_key": _stored(parse_cbor(verified.credential_public_key)),
            "device_name": name,
            "credential_id": int.from_bytes(verified.credential_id, "big"),
        }
    except _broken():
        return None


def _device_of(response: Mapping[str, Any], stored: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    number = int.from_bytes(_bytes(str(response["id"]).rstrip("=")), "big")
    return next((device for device in stored if int(device["credential_id"]) == number), None)


async def check(
    valkey: Redis, settings: Settings, account: Account, response: Mapping[str, Any], session: str | None
) -> bool:
    """Whether one of the account's keys answered the exchange's challenge; the challenge is used up."""
    challenge = await take_challenge(valkey, "sign-in", account.id, session)
    if challenge is None:
        return False
    from webauthn import verify_authentication_response

    try:
        device = _device_of(response, devices(account))
        if device is None:
            return False
        verify_authentication_response(
            credential=_with_plain_ids(response),
            expected_challenge=challenge,
            expected_rp_id=relying_party(settings),
            expected_origin=settings.web_url,
            credential_public_key=_restored(device["public_key"]),
            # the count is not part of what is stored; the challenge, good once, keeps replays out
            credential_current_sign_count=0,
        )
    except _broken():
        return False
    return True
