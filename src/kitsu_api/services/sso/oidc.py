"""OpenID Connect: the authorization code flow with PKCE (RFC 7636, S256), state and nonce."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from jose import jwk, jwt
from jose.exceptions import JOSEError

from kitsu_api.permissions.sign_in_flows import Flow, derived, new_state, sign, spend, state_of
from kitsu_api.services.auth import SignInDesk
from kitsu_api.services.sso import documents
from kitsu_api.services.sso.identities import Identity
from kitsu_api.services.sso.refusal import refused
from kitsu_api.settings import Settings

KEY_TYPES = {"RS256": "RSA", "ES256": "EC"}
"""Signatures that count, whatever else a provider offers, and the keys that make them."""

LEEWAY_SECONDS = 30
WELL_KNOWN = "/.well-known/openid-configuration"
Claims = dict[str, Any]


@dataclass(frozen=True)
class Departure:
    """Where a browser is sent to sign in, and the token that its cookie keeps meanwhile."""

    url: str
    token: str


@dataclass(frozen=True)
class Provider:
    """What the provider's discovery document says."""

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str | None
    algorithms: tuple[str, ...]
    secret_in_body: bool


def callback_url(settings: Settings) -> str:
    """Where the provider sends people back to: our own address and no other."""
    return f"{settings.web_url}/api/auth/oidc/callback"


async def provider_of(desk: SignInDesk) -> Provider:
    """The provider, as it describes itself.

    Raises:
        BadRequest: it is not who the settings say.
        Unavailable: it does not answer.
    """
    url = desk.settings.oidc_discovery_url
    if not url or not desk.settings.oidc_client_id:
        raise refused("OIDC_DISCOVERY_URL and OIDC_CLIENT_ID must be set")
    found = await documents.fetch_json(desk.valkey, url)
    addresses = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    issuer, userinfo = found.get("issuer"), found.get("userinfo_endpoint")
    if not isinstance(issuer, str) or url != issuer.rstrip("/") + WELL_KNOWN:
        raise refused("the discovery document is another issuer's")
    authorization, token, keys = (str(found.get(name) or "") for name in addresses)
    if not all(urlsplit(address).netloc for address in (authorization, token, keys)):
        raise refused("the discovery document lacks an address")
    offered = found.get("id_token_signing_alg_values_supported") or ["RS256"]
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Provider(
        issuer,
        authorization,
        token,
        keys,
        userinfo if isinstance(userinfo, str) else None,
        tuple(name for name in KEY_TYPES if name in offered),
        "client_secret_basic" not in methods and "client_secret_post" in methods,
    )


async def begin(desk: SignInDesk) -> Departure:
    """Send somebody to the provider.

    Raises:
        BadRequest: the settings don't name one.
        Unavailable: it does not answer.
    """
    settings, provider, state = desk.settings, await provider_of(desk), new_state()
    digest = hashlib.sha256(derived(settings, "verifier", state).encode()).digest()
    query = {
        "response_type": "code",
        "client_id": settings.oidc_client_id,
        "redirect_uri": callback_url(settings),
        "scope": settings.oidc_scopes,
        "state": state,
        "nonce": derived(settings, "nonce", state),
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    joint = "&" if urlsplit(provider.authorization).query else "?"
    url = f"{provider.authorization}{joint}{urlencode(query)}"
    return Departure(url, sign(settings, Flow.OIDC, state))


async def finish(desk: SignInDesk, query: Mapping[str, str], cookie: str | None) -> Identity:
    """Who came back from the provider.

    Raises:
        BadRequest: nobody whom it answers for.
        Unavailable: it does not answer.
    """
    state = state_of(desk.settings, Flow.OIDC, cookie)
    if state is None or not hmac.compare_digest(state.encode(), query.get("state", "").encode()):
        raise refused("the state is not that of the browser, or out of date")
    if not await spend(desk.valkey, state):
        raise refused("the state was used before")
    if "error" in query or not query.get("code"):
        raise refused(f"the provider answered {query.get('error', 'no code')[:60]!r}")
    provider = await provider_of(desk)
    # RFC 9207: an answer that another provider was asked for
    if query.get("iss", provider.issuer) != provider.issuer:
        raise refused("the answer is another issuer's")
    await desk.accounts.release()
    tokens = await _exchange(desk.settings, provider, query["code"], state)
    claims = await _checked(desk, provider, tokens, derived(desk.settings, "nonce", state))
    claims = await _completed(desk.settings, provider, claims, str(tokens.get("access_token") or ""))
    return _identity(desk.settings, provider, claims)


async def _exchange(settings: Settings, provider: Provider, code: str, state: str) -> Claims:
    """The tokens for a code."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback_url(settings),
        "client_id": settings.oidc_client_id,
        "code_verifier": derived(settings, "verifier", state),
    }
    secret = settings.oidc_client_secret.get_secret_value()
    headers = {"accept": "application/json"}
    if secret and provider.secret_in_body:
        form["client_secret"] = secret
    elif secret:
        pair = f"{quote_plus(settings.oidc_client_id)}:{quote_plus(secret)}"
        headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    status, body = await documents.send("POST", provider.token, data=form, headers=headers)
    if status != 200:
        raise refused(f"the provider gave no tokens for the code: {status}")
    return documents.parsed(provider.token, body)


async def _key(desk: SignInDesk, provider: Provider, algorithm: str, key_id: str | None) -> Claims:
    """The provider's key for a signature; keys are fetched anew for one that is unknown."""
    for anew in (False, True):
        found = (await documents.fetch_json(desk.valkey, provider.keys, anew=anew)).get("keys")
        fitting = [
            key
            for key in (found if isinstance(found, list) else [])
            if isinstance(key, dict)
            and key.get("kty") == KEY_TYPES[algorithm]
            and key.get("use", "sig") == "sig"
            and (key_id is None or key.get("kid") == key_id)
        ]
        if len(fitting) == 1:
            return fitting[0]
    raise refused("no key of the provider fits the signature")


async def _checked(desk: SignInDesk, provider: Provider, tokens: Claims, nonce: str) -> Claims:
    """What the id token says, once signature, issuer, audience, times and nonce are right."""
    id_token, client_id = str(tokens.get("id_token") or ""), desk.settings.oidc_client_id
    try:
        header = jwt.get_unverified_header(id_token)
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm not in provider.algorithms:
            raise refused("the id token is signed in a way that does not count")
        key = await _key(desk, provider, str(algorithm), key_id)
        claims: Claims = jwt.decode(
            id_token,
            jwk.construct(key, algorithm),
            algorithms=[algorithm],
            audience=client_id,
            issuer=provider.issuer,
            access_token=str(tokens.get("access_token") or "") or None,
            options={"leeway": LEEWAY_SECONDS}
            | {f"require_{name}": True for name in ("exp", "iat", "sub", "aud", "iss")},
        )
    except (JOSEError, ValueError, TypeError) as error:  # also of keys that lack a part
        raise refused(f"the id token does not hold: {error}") from error
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if claims.get("azp", None if several else client_id) != client_id:
        raise refused("the id token was made for another client")
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise refused("the nonce is another sign-in's")
    return claims


async def _completed(settings: Settings, provider: Provider, claims: Claims, token: str) -> Claims:
    """The claims, with what only the userinfo endpoint tells. An e-mail and the word on whether it is
    verified go together: neither is mixed with that of another address."""
    email = settings.oidc_email_claim
    wanted = (email, settings.oidc_given_name_claim, settings.oidc_family_name_claim, "email_verified")
    if not provider.userinfo or not token or all(name in claims for name in wanted):
        return claims
    headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
    status, body = await documents.send("GET", provider.userinfo, headers=headers)
    if status != 200:
        return claims
    told = documents.parsed(provider.userinfo, body)
    if told.get("sub") != claims["sub"]:
        raise refused("userinfo speaks of somebody else")
    if email in claims and told.get(email) != claims[email]:
        told = {name: value for name, value in told.items() if name != "email_verified"}
    elif email not in claims:
        claims = {name: value for name, value in claims.items() if name != "email_verified"}
    return {**told, **claims}


def _identity(settings: Settings, provider: Provider, claims: Claims) -> Identity:
    def text(name: str) -> str:
        value = claims.get(name)
        return value if isinstance(value, str) else ""

    verified = claims.get("email_verified")
    trusted = verified in (True, "true") or (verified is None and not settings.oidc_require_email_verified)
    first, last = text(settings.oidc_given_name_claim), text(settings.oidc_family_name_claim)
    if not first and not last:
        first, _, last = text("name").partition(" ")
    email = text(settings.oidc_email_claim) or None
    return Identity("oidc", provider.issuer, text("sub"), email if trusted else None, first, last)
