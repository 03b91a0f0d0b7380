"""Signing in by OpenID Connect, at a provider that listens on the loopback."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import httpx
import oidc_provider_mock
import pyotp
import pytest
import werkzeug.serving
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from httpx import AsyncClient, Response
from jose import jwk, jwt
from pydantic import SecretStr
from sqlalchemy import func, select

from kitsu_api.db.models import LoginLog, Person
from kitsu_api.permissions import tokens
from kitsu_api.permissions.sign_in_flows import Flow, new_state, sign
from tests import factories
from tests.routers.auth.steps import BROWSER, bearer, mailed_code, mails, set_up_totp, totp_code

CLIENT = "kitsu"
ACCESS, REFRESH = "access_token_cookie", "refresh_token_cookie"


# --- a provider of PyPI -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    """Address of a provider that signs in whoever it is told to."""
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def studio(configure, mock, valkey):
    """`studio(...)`: settings with OpenID Connect by that provider."""

    def change(**changes: Any):
        known = {
            "oidc_enabled": True,
            "oidc_discovery_url": f"{mock}/.well-known/openid-configuration",
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SecretStr("s3cret"),
            "domain_name": "kitsu.test",
            "domain_protocol": "http",
        }
        return configure(**{**known, **changes})

    return change


async def depart(client: AsyncClient) -> str:
    """Begin to sign in; where the browser is sent."""
    answer = await client.get("/auth/oidc/login", headers=BROWSER)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


async def come_back(client: AsyncClient, url: str) -> Response:
    """Follow the provider's redirect to the callback."""
    there = urlsplit(url)
    assert there.netloc == "kitsu.test"
    return await client.get(f"{there.path}?{there.query}", headers=BROWSER)


async def sign_in_at(mock: str, client: AsyncClient, subject: str, claims: dict[str, Any]) -> Response:
    async with httpx.AsyncClient() as provider:
        await provider.put(f"{mock}/users/{subject}", json=claims)
        answer = await provider.post(await depart(client), data={"sub": subject})
    assert answer.status_code == 302, answer.text
    return await come_back(client, answer.headers["location"])


def claims_of(email: str, **more: Any) -> dict[str, Any]:
    names = {"given_name": "Nadia", "family_name": "Petrov"}
    return {"email": email, "email_verified": True, **names, **more}


async def test_somebody_new_becomes_an_artist_without_a_password(client, studio, mock, session):
    settings = studio()
    answer = await sign_in_at(mock, client, "new-1", claims_of("Nadia.Petrov@studio.test"))
    assert answer.status_code == 302, answer.text
    assert answer.headers["location"] == settings.web_url
    assert {ACCESS, REFRESH} <= set(client.cookies)
    assert "sign_in_oidc" not in client.cookies
    person = (await session.scalars(select(Person).where(Person.oidc_subject == "new-1"))).one()
    assert (person.first_name, person.last_name, person.role) == ("Nadia", "Petrov", "user")
    assert person.password is None
    assert (person.oidc_issuer, person.active, person.is_bot) == (mock, True, False)
    seen = await client.get("/auth/authenticated")
    assert seen.json()["user"]["id"] == str(person.id)
    log = (await session.scalars(select(LoginLog).where(LoginLog.person_id == person.id))).one()
    assert log.origin == "web"


async def test_a_known_email_is_linked_and_nothing_else_of_the_account_changes(
    client, studio, mock, make, session
):
    studio()
    person = await make(factories.person(role="supervisor", email="boss@studio.test", first_name="Bo"))
    told = claims_of("BOSS@studio.test", role="admin", active=False, is_bot=True, password="x")
    assert (await sign_in_at(mock, client, "boss-1", told)).status_code == 302
    row = (await session.scalars(select(Person).where(Person.id == person.id))).one()
    assert (row.role, row.active, row.first_name, row.is_bot) == ("supervisor", True, "Bo", False)
    assert (row.password, row.oidc_subject) == (person.password, "boss-1")


async def test_the_subject_counts_once_it_is_known_whatever_the_email_says(
    client, studio, mock, make, session
):
    studio()
    linked = await make(factories.person(oidc_issuer=mock, oidc_subject="moved-1"))
    other = await make(factories.person(email="other@studio.test"))
    answer = await sign_in_at(mock, client, "moved-1", claims_of("other@studio.test"))
    assert answer.status_code == 302
    assert (await client.get("/auth/authenticated")).json()["user"]["id"] == str(linked.id)
    assert (await session.scalar(select(Person.oidc_subject).where(Person.id == other.id))) is None


async def test_an_account_of_another_identity_is_not_taken_over_by_its_email(client, studio, mock, make):
    studio()
    await make(factories.person(email="taken@studio.test", oidc_issuer=mock, oidc_subject="first"))
    answer = await sign_in_at(mock, client, "second", claims_of("taken@studio.test"))
    assert answer.status_code == 400
    assert ACCESS not in client.cookies


async def test_a_protected_account_has_no_way_in_by_its_email(client, studio, mock, make):
    studio(protected_accounts=("root@studio.test",))
    await make(factories.person(email="root@studio.test", role="admin"))
    answer = await sign_in_at(mock, client, "root-1", claims_of("root@studio.test"))
    assert answer.status_code == 400
    assert ACCESS not in client.cookies


@pytest.mark.parametrize(
    ("verified", "strict", "status"),
    [
        (True, True, 302),
        (False, True, 400),
        (False, False, 400),
        ("false", False, 400),
        (None, True, 400),
        (None, False, 302),
    ],
)
async def test_only_verified_emails_count(client, studio, mock, verified, strict, status):
    studio(oidc_require_email_verified=strict)
    claims = claims_of(f"{verified}.{strict}@studio.test", email_verified=verified)
    if verified is None:
        del claims["email_verified"]
    answer = await sign_in_at(mock, client, f"verified-{verified}-{strict}", claims)
    assert answer.status_code == status, answer.text
    assert (ACCESS in client.cookies) is (status == 302)


async def test_claims_have_the_names_that_the_settings_say(client, studio, mock, session):
    studio(oidc_email_claim="upn", oidc_given_name_claim="vorname", oidc_family_name_claim="nachname")
    claims = {"upn": "mapped@studio.test", "vorname": "Uwe", "nachname": "Maler", "email_verified": True}
    answer = await sign_in_at(mock, client, "mapped-1", claims)
    assert answer.status_code == 302, answer.text
    person = (await session.scalars(select(Person).where(Person.email == "mapped@studio.test"))).one()
    assert (person.first_name, person.last_name) == ("Uwe", "Maler")


async def test_nobody_is_made_where_the_settings_say_so(client, studio, mock, session):
    studio(sso_create_people=False)
    before = await session.scalar(select(func.count()).select_from(Person))
    answer = await sign_in_at(mock, client, "stranger-1", claims_of("stranger@studio.test"))
    assert answer.status_code == 400
    assert await session.scalar(select(func.count()).select_from(Person)) == before


async def test_a_full_licence_takes_nobody_new_and_lets_in_who_is_there(client, studio, mock, make):
    studio(user_limit=1)
    await make(factories.person(email="one@studio.test"))
    answer = await sign_in_at(mock, client, "two-1", claims_of("two@studio.test"))
    assert answer.status_code == 400
    assert answer.json()["limit_reached"]
    assert (await sign_in_at(mock, client, "one-1", claims_of("one@studio.test"))).status_code == 302


async def test_a_closed_account_stays_closed(client, studio, mock, make):
    studio()
    await make(factories.person(email="left@studio.test", active=False))
    answer = await sign_in_at(mock, client, "left-1", claims_of("left@studio.test"))
    assert answer.status_code == 401
    assert answer.json()["unactive"]
    assert ACCESS not in client.cookies


async def test_the_request_has_pkce_state_and_nonce_and_our_own_address(client, studio, mock):
    studio()
    url = await depart(client)
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{mock}/oauth2/authorize?")
    assert query["redirect_uri"] == "http://kitsu.test/api/auth/oidc/callback"
    assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
    assert len(query["code_challenge"]) == 43
    assert len({query["state"], query["nonce"], query["code_challenge"]}) == 3
    assert query["code_challenge"] not in client.cookies["sign_in_oidc"]


async def test_the_cookie_is_for_https_alone_where_the_studio_is(client, studio):
    studio(domain_protocol="https")
    cookie = (await client.get("/auth/oidc/login")).headers["set-cookie"]
    assert re.search(r"secure", cookie, re.I)
    assert re.search(r"httponly", cookie, re.I)
    assert re.search(r"samesite=lax", cookie, re.I)


async def test_an_answer_counts_in_the_browser_that_asked_and_once(client, browser, studio, mock, app):
    studio()
    async with httpx.AsyncClient() as provider:
        await provider.put(f"{mock}/users/victim-1", json=claims_of("victim@studio.test"))
        back = (await provider.post(await depart(client), data={"sub": "victim-1"})).headers["location"]
        other = browser()
        await depart(other)
        assert (await come_back(other, back)).status_code == 400
        assert (await come_back(browser(), back)).status_code == 400
    cookie = client.cookies["sign_in_oidc"]
    assert (await come_back(client, back)).status_code == 302
    again = browser()
    again.cookies.set("sign_in_oidc", cookie)
    assert (await come_back(again, back)).status_code == 400


@pytest.mark.parametrize("flow", [Flow.SAML, Flow.SECOND_FACTOR, None])
async def test_no_other_token_stands_for_the_state(client, studio, make, settings, flow):
    known = studio()
    person = await make(factories.person())
    state = new_state()
    token = tokens.issue(known, person.id) if flow is None else sign(known, flow, state)
    client.cookies.set("sign_in_oidc", token)
    answer = await client.get("/auth/oidc/callback", params={"state": state, "code": "x"})
    assert answer.status_code == 400


async def test_the_token_of_a_flow_opens_nothing(client, studio):
    answer = await client.get("/auth/authenticated", headers=bearer(sign(studio(), Flow.OIDC, new_state())))
    assert answer.status_code in (401, 422)


async def test_a_refusal_of_the_provider_is_a_plain_one(client, studio, mock):
    studio()
    state = parse_qs(urlsplit(await depart(client)).query)["state"][0]
    query = {"state": state, "error": "access_denied", "error_description": "<script>"}
    answer = await client.get("/auth/oidc/callback", params=query)
    assert answer.status_code == 400
    assert "script" not in answer.text
    assert "access_denied" not in answer.text


async def test_a_provider_that_is_away_is_told_without_internals(client, studio):
    studio(oidc_discovery_url="http://127.0.0.1:9/.well-known/openid-configuration")
    answer = await client.get("/auth/oidc/login")
    assert answer.status_code == 503
    assert "127.0.0.1" not in answer.text


async def test_discovery_and_keys_are_asked_for_once(client, studio, mock, monkeypatch):
    studio()
    asked = []
    send = httpx.AsyncClient.send

    async def noted(self, request, **more):
        if request.method == "GET" and str(request.url).startswith(mock):
            asked.append(request.url.path)
        return await send(self, request, **more)

    monkeypatch.setattr(httpx.AsyncClient, "send", noted)
    for _ in range(2):
        await sign_in_at(mock, client, "cached-1", claims_of("cached@studio.test"))
    assert asked.count("/.well-known/openid-configuration") == 1
    assert asked.count("/jwks") == 1


# --- second factors ---------------------------------------------------------------------------------


async def person_with_totp(client, make, sign_in, email: str) -> tuple[Person, str, list[str]]:
    person = await make(factories.person(email=email))
    return person, *await set_up_totp(client, sign_in(person))


async def test_a_second_factor_is_asked_for_on_a_page(client, studio, mock, make, sign_in, session):
    settings = studio()
    person, secret, _ = await person_with_totp(client, make, sign_in, "careful@studio.test")
    answer = await sign_in_at(mock, client, "careful-1", claims_of("careful@studio.test"))
    assert answer.headers["location"] == f"{settings.web_url}/api/auth/sso/second-factor"
    assert ACCESS not in client.cookies
    page = await client.get("/auth/sso/second-factor")
    assert page.status_code == 200
    assert "<form" in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]
    wrong = await client.post("/auth/sso/second-factor", data={"code": "000000"}, headers=BROWSER)
    assert wrong.status_code == 400
    assert ACCESS not in client.cookies
    assert await session.scalar(select(Person.login_failed_attemps).where(Person.id == person.id)) == 1
    cookie = client.cookies["sign_in_second_factor"]
    right = await client.post("/auth/sso/second-factor", data={"code": totp_code(secret)}, headers=BROWSER)
    assert right.status_code == 302, right.text
    assert right.headers["location"] == settings.web_url
    assert (await client.get("/auth/authenticated")).json()["user"]["id"] == str(person.id)
    client.cookies.clear()
    client.cookies.set("sign_in_second_factor", cookie)
    again = await client.post("/auth/sso/second-factor", data={"code": totp_code(secret, 1)})
    assert again.status_code == 400


async def test_a_recovery_code_will_do_and_is_used_up(client, studio, mock, make, sign_in):
    studio()
    _, _, codes = await person_with_totp(client, make, sign_in, "lost@studio.test")
    for status in (302, 400):
        await sign_in_at(mock, client, "lost-1", claims_of("lost@studio.test"))
        answer = await client.post("/auth/sso/second-factor", data={"code": codes[0]}, headers=BROWSER)
        assert answer.status_code == status


async def test_a_code_is_mailed_to_who_has_chosen_that(client, studio, mock, make, caplog):
    studio()
    caplog.set_level("INFO")
    secret = pyotp.random_base32()
    await make(factories.person(email="post@studio.test", email_otp_enabled=True, email_otp_secret=secret))
    await sign_in_at(mock, client, "post-1", claims_of("post@studio.test"))
    code = mailed_code(mails(caplog)[-1])
    answer = await client.post("/auth/sso/second-factor", data={"code": code}, headers=BROWSER)
    assert answer.status_code == 302


async def test_too_many_wrong_codes_lock_the_account(client, studio, mock, make, sign_in):
    studio()
    _, secret, _ = await person_with_totp(client, make, sign_in, "guessed@studio.test")
    await sign_in_at(mock, client, "guessed-1", claims_of("guessed@studio.test"))
    for _ in range(5):
        await client.post("/auth/sso/second-factor", data={"code": "000000"})
    answer = await client.post("/auth/sso/second-factor", data={"code": totp_code(secret)})
    assert answer.status_code == 400
    assert ACCESS not in client.cookies


async def test_the_page_is_for_those_who_are_asked(client, studio):
    studio()
    assert (await client.get("/auth/sso/second-factor")).status_code == 400
    assert (await client.post("/auth/sso/second-factor", data={"code": "1"})).status_code == 400


@pytest.mark.parametrize("skips", [False, True])
async def test_who_must_set_up_a_factor_may_leave_that_to_the_provider(client, studio, mock, make, skips):
    studio(enforce_2fa=True, oidc_skip_2fa=skips)
    await make(factories.person(email="plain@studio.test"))
    await sign_in_at(mock, client, "plain-1", claims_of("plain@studio.test"))
    expected = 200 if skips else 403
    assert (await client.get("/data/user/context")).status_code == expected
    renewed = await client.get("/auth/refresh-token", headers=bearer(client.cookies[REFRESH]))
    assert renewed.status_code == 200
    client.cookies.clear()
    answer = await client.get("/data/user/context", headers=bearer(renewed.json()["access_token"]))
    assert answer.status_code == expected


async def test_the_provider_may_stand_in_for_a_factor_that_is_set_up(client, studio, mock, make, sign_in):
    studio(oidc_skip_2fa=True)
    await person_with_totp(client, make, sign_in, "trusting@studio.test")
    answer = await sign_in_at(mock, client, "trusting-1", claims_of("trusting@studio.test"))
    assert answer.status_code == 302
    assert ACCESS in client.cookies


# --- a provider that can be told to lie -------------------------------------------------------------


class Liar:
    """A provider with keys of its own; tests change what it says."""

    def __init__(self) -> None:
        self.rsa = self._pem(rsa.generate_private_key(65537, 2048))
        self.ec = self._pem(ec.generate_private_key(ec.SECP256R1()))
        self.stranger = self._pem(rsa.generate_private_key(65537, 2048))
        self.address = ""
        self.reset()

    @staticmethod
    def _pem(key: Any) -> str:
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def reset(self) -> None:
        self.claims: dict[str, Any] = {}
        self.missing: set[str] = set()
        self.userinfo: dict[str, Any] = {}
        self.discovery: dict[str, Any] = {}
        self.algorithm, self.key, self.kid = "RS256", self.rsa, "rsa"
        self.form: dict[str, str] = {}
        self.nonce = ""
        self.published = {"rsa": ("RS256", self.rsa), "ec": ("ES256", self.ec)}

    def keys(self) -> list[dict[str, Any]]:
        made = [
            {**jwk.construct(key, name).public_key().to_dict(), "kid": kid}
            for kid, (name, key) in self.published.items()
        ]
        return [json.loads(json.dumps(key, default=lambda raw: raw.decode())) for key in made]

    def id_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": "liar-1",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            **claims_of("liar@studio.test"),
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if name not in self.missing}
        if self.algorithm == "none":
            parts = ({"alg": "none", "typ": "JWT"}, claims)
            raw = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
            return b".".join([*raw, b""]).decode()
        return jwt.encode(claims, self.key, self.algorithm, {"kid": self.kid} if self.kid else None)

    def app(self) -> flask.Flask:
        app = flask.Flask("liar")

        @app.get("/.well-known/openid-configuration")
        def discovery() -> Any:
            return {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "userinfo_endpoint": f"{self.address}/userinfo",
                "jwks_uri": f"{self.address}/keys",
                "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
                **self.discovery,
            }

        @app.get("/keys")
        def keys() -> Any:
            return {"keys": self.keys()}

        @app.post("/token")
        def token() -> Any:
            self.form = {
                **flask.request.form,
                "authorization": flask.request.headers.get("authorization", ""),
            }
            return {"access_token": "opaque", "token_type": "Bearer", "id_token": self.id_token()}

        @app.get("/userinfo")
        def userinfo() -> Any:
            return self.userinfo

        return app


@pytest.fixture(scope="module")
def running_liar() -> Iterator[Liar]:
    liar = Liar()
    server = werkzeug.serving.make_server("localhost", 0, liar.app(), threaded=True)
    liar.address = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield liar
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def liar(running_liar, studio):
    running_liar.reset()
    studio(oidc_discovery_url=f"{running_liar.address}/.well-known/openid-configuration")
    return running_liar


async def try_at(liar: Liar, client: AsyncClient, **query: str) -> Response:
    sent = {name: values[0] for name, values in parse_qs(urlsplit(await depart(client)).query).items()}
    liar.nonce = sent["nonce"]
    answer = await client.get(
        "/auth/oidc/callback", params={"state": sent["state"], "code": "c0de", **query}, headers=BROWSER
    )
    if answer.status_code == 302:
        digest = hashlib.sha256(liar.form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == sent["code_challenge"]
    return answer


@pytest.mark.parametrize(("algorithm", "kid"), [("RS256", "rsa"), ("ES256", "ec"), ("RS256", None)])
async def test_right_signatures_count(client, liar, algorithm, kid):
    liar.algorithm, liar.kid = algorithm, kid
    liar.key = liar.ec if algorithm == "ES256" else liar.rsa
    answer = await try_at(liar, client)
    assert answer.status_code == 302, answer.text
    pair = base64.b64decode(liar.form["authorization"].removeprefix("Basic ")).decode()
    assert pair == f"{CLIENT}:s3cret"


LIES: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "somebody-else"},
    "several audiences and no azp": {"aud": [CLIENT, "somebody-else"]},
    "azp of another": {"azp": "somebody-else"},
    "another issuer": {"iss": "http://evil.test"},
    "out of date": {"exp": 1_600_000_000},
    "not yet": {"nbf": 4_000_000_000},
    "another nonce": {"nonce": "replayed"},
    "hash of another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    "an endless subject": {"sub": "x" * 300},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
async def test_what_an_id_token_must_say(client, liar, lie, caplog):
    liar.claims = lie
    answer = await try_at(liar, client)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Signing in at the identity provider failed")
    assert ACCESS not in client.cookies


@pytest.mark.parametrize("name", ["iss", "aud", "exp", "iat", "sub", "nonce"])
async def test_what_an_id_token_must_not_leave_out(client, liar, name):
    liar.missing = {name}
    assert (await try_at(liar, client)).status_code == 400


async def test_a_key_of_somebody_else_signs_nothing(client, liar):
    liar.key = liar.stranger
    assert (await try_at(liar, client)).status_code == 400
    liar.kid = "unknown"
    assert (await try_at(liar, client)).status_code == 400


@pytest.mark.parametrize("kind", ["RSA", "EC"])
async def test_a_key_that_lacks_its_parts_signs_nothing(client, liar, monkeypatch, kind):
    liar.algorithm, liar.kid, liar.key = {"RSA": ("RS256", "rsa", liar.rsa), "EC": ("ES256", "ec", liar.ec)}[
        kind
    ]
    monkeypatch.setattr(liar, "keys", lambda: [{"kty": kind, "kid": liar.kid, "crv": "P-256"}])
    assert (await try_at(liar, client)).status_code == 400


async def test_algorithms_of_shared_secrets_and_none_dont_count_though_the_provider_offers_them(client, liar):
    liar.algorithm, liar.key = "HS256", "s3cret"
    assert (await try_at(liar, client)).status_code == 400
    liar.algorithm = "none"
    assert (await try_at(liar, client)).status_code == 400


async def test_an_algorithm_that_the_provider_does_not_offer_does_not_count(client, liar):
    liar.discovery = {"id_token_signing_alg_values_supported": ["ES256"]}
    assert (await try_at(liar, client)).status_code == 400


async def test_a_key_that_came_since_is_fetched(client, liar):
    assert (await try_at(liar, client)).status_code == 302
    liar.published = {"fresh": ("RS256", liar.stranger)}
    liar.key, liar.kid = liar.stranger, "fresh"
    assert (await try_at(liar, client)).status_code == 302


async def test_a_discovery_document_speaks_for_its_own_issuer(client, liar):
    liar.discovery = {"issuer": "http://evil.test"}
    assert (await client.get("/auth/oidc/login")).status_code == 400


async def test_an_answer_of_another_issuer_is_refused(client, liar):
    assert (await try_at(liar, client, iss="http://evil.test")).status_code == 400


async def test_userinfo_tells_what_the_id_token_does_not(client, liar, session):
    liar.missing = {"email", "email_verified", "given_name", "family_name"}
    liar.userinfo = {"sub": "liar-1", **claims_of("info@studio.test", given_name="Ina")}
    assert (await try_at(liar, client)).status_code == 302
    person = (await session.scalars(select(Person).where(Person.oidc_subject == "liar-1"))).one()
    assert (person.email, person.first_name) == ("info@studio.test", "Ina")


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ({"email", "email_verified"}, {"sub": "another", "email": "a@studio.test", "email_verified": True}),
        ({"email", "email_verified"}, {"sub": "liar-1", "email": "a@studio.test"}),
        ({"email"}, {"sub": "liar-1", "email": "a@studio.test"}),
        ({"email_verified"}, {"sub": "liar-1", "email": "a@studio.test", "email_verified": True}),
        ({"email", "email_verified"}, {"sub": "liar-1"}),
    ],
    ids=["another's", "unverified", "verified for another", "another address", "no e-mail"],
)
async def test_userinfo_vouches_for_its_own_email_alone(client, liar, missing, told):
    liar.missing, liar.userinfo = missing, told
    assert (await try_at(liar, client)).status_code == 400
    assert ACCESS not in client.cookies
