"""Signing in at an identity provider takes several requests: what ties them to one browser.

A short-lived token in a cookie names the flow, signed with the server's key. Secrets of a flow (nonce, PKCE
verifier) are derived from its name and the key, so that none is stored or leaves the server before its time.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from jose import JWTError, jwt
from redis.asyncio import Redis

from kitsu_api.permissions.tokens import ALGORITHM
from kitsu_api.settings import Settings

FLOW_SECONDS = 600
"""How long somebody may take at the identity provider."""


class Flow(StrEnum):
    """What a flow is for; a token of one is nothing to another."""

    OIDC = "oidc"
    SAML = "saml"
    SECOND_FACTOR = "second-factor"


def new_state() -> str:
    """The name of a flow: 256 random bits, and fit for an XML id."""
    return f"_{secrets.token_hex(32)}"


def sign(settings: Settings, flow: Flow, state: str) -> str:
    """The token of a flow."""
    claims = {
        "aud": f"sso:{flow}",
        "state": state,
        "exp": datetime.now(UTC) + timedelta(seconds=FLOW_SECONDS),
    }
    token: str = jwt.encode(claims, settings.signing_key(), algorithm=ALGORITHM)
    return token


def state_of(settings: Settings, flow: Flow, token: str | None) -> str | None:
    """The name of the flow that a token is of; None when it is none of ours, or out of date."""
    if not token:
        return None
    try:
        claims = jwt.decode(
            token,
            settings.signing_key(),
            algorithms=[ALGORITHM],
            audience=f"sso:{flow}",
            options={"require_exp": True, "require_aud": True},
        )
    except (JWTError, ValueError):
        return None
    state = claims.get("state")
    return state if isinstance(state, str) else None


def derived(settings: Settings, purpose: str, state: str) -> str:
    """A secret of a flow: 256 bits that nobody without the server's key can work out."""
    digest = hmac.digest(settings.signing_key().encode(), f"sso {purpose} {state}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


async def spend(valkey: Redis, name: str, seconds: int = FLOW_SECONDS) -> bool:
    """Use something up that is good once; False when it was used before. It is remembered for `seconds`."""
    return bool(await valkey.set(f"kitsu:sso:spent:{name}", 1, ex=max(seconds, 1), nx=True))
