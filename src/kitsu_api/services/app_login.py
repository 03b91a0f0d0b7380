"""Apps on the same machine sign in by a code from a signed-in browser (PKCE, RFC 7636, method S256)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

from kitsu_api.errors import BadRequest
from kitsu_api.permissions.revocation import is_revoked
from kitsu_api.permissions.tokens import Claims, IdentityType, TokenType
from kitsu_api.services.auth import SignInDesk, enter
from kitsu_api.services.sessions import SignedInSession

CODE_SECONDS = 120
"""How long a code waits for its app."""


def _key(code: str) -> str:
    return f"kitsu:app-login:{hashlib.sha256(code.encode(errors='replace')).hexdigest()}"


async def make_code(valkey: Redis, claims: Claims, challenge: str) -> str:
    """A code, good once and for two minutes, that only the app with the verifier of `challenge` can use."""
    code = secrets.token_urlsafe(32)
    note = {
        "person_id": str(claims.person_id),
        "challenge": challenge,
        "token_id": claims.token_id,
        "refresh_id": claims.refresh_id,
        "issued_at": claims.issued_at,
        "vouched": claims.vouched,
        "expires_at": claims.expires_at.timestamp(),
    }
    await valkey.set(_key(code), json.dumps(note), ex=CODE_SECONDS)
    return code


def _browser_claims(note: dict[str, Any]) -> Claims:
    """What the token of the browser said, to see whether its session still stands."""
    return Claims(
        person_id=UUID(note["person_id"]),
        token_id=note["token_id"],
        type=TokenType.ACCESS,
        identity=IdentityType.PERSON,
        expires_at=datetime.fromtimestamp(note["expires_at"], UTC),
        issued_at=note["issued_at"],
        refresh_id=note["refresh_id"],
        vouched=note.get("vouched") is True,
    )


async def redeem(desk: SignInDesk, code: str, verifier: str) -> SignedInSession:
    """Open a session of its own for the app.

    Raises:
        BadRequest: the code is wrong, used or out of date, the verifier is not the one, or the account
            or the browser's session was closed meanwhile.
    """
    wrong = BadRequest("Wrong or expired code.", login=False)
    note = await desk.valkey.getdel(_key(code))
    if note is None:
        raise wrong
    known = json.loads(note)
    digest = hashlib.sha256(verifier.encode(errors="replace")).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not hmac.compare_digest(known["challenge"], challenge):
        raise wrong
    claims = _browser_claims(known)
    if await is_revoked(desk.valkey, claims):
        raise wrong
    account = await desk.accounts.find(UUID(known["person_id"]))
    if account is None or not account.may_sign_in:
        raise wrong
    return await enter(desk, account, vouched=claims.vouched)
