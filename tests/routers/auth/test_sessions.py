"""Tokens and cookies: how they travel, when they end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from jose import jwt

from kitsu_api.permissions import tokens
from kitsu_api.permissions.csrf import csrf_token
from kitsu_api.permissions.tokens import TokenType
from tests import factories
from tests.routers.auth.steps import BROWSER, SCRIPT, bearer, log_in


def cookies_of(answer) -> dict[str, str]:
    return {line.split("=")[0]: line for line in answer.headers.get_list("set-cookie")}


async def opened(client, make, **values):
    person = await make(factories.person(**values))
    return person, (await log_in(client, person)).json()


async def test_without_a_token_there_is_nobody(client):
    for path in ("/auth/authenticated", "/auth/logout", "/auth/refresh-token"):
        assert (await client.get(path)).status_code == 401


@pytest.mark.parametrize("token", ["None", "a.b.c", "", "ey.ey.ey"])
async def test_what_is_no_token_is_a_422(client, token):
    answer = await client.get("/auth/authenticated", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == (422 if token else 401)
    assert answer.json()["error"] is True


async def test_a_token_signed_with_another_key_is_refused(client, make, settings):
    person = await make(factories.person())
    token = tokens.issue(settings, person.id)
    claims = jwt.get_unverified_claims(token)
    forged = jwt.encode(claims, "another key of at least thirty-two bytes", algorithm="HS256")
    assert (await client.get("/auth/authenticated", headers=bearer(forged))).status_code == 422


async def test_a_token_without_signature_is_refused(client, make, settings):
    person = await make(factories.person())
    _, payload, _ = tokens.issue(settings, person.id).split(".")
    unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + payload + "."
    assert (await client.get("/auth/authenticated", headers=bearer(unsigned))).status_code == 422


async def test_an_expired_token_is_a_401(client, make, settings):
    person = await make(factories.person())
    past = datetime.now(UTC) - timedelta(minutes=1)
    token = tokens.issue(settings, person.id, expires_at=past)
    assert (await client.get("/auth/authenticated", headers=bearer(token))).status_code == 401


async def test_tokens_are_good_for_their_own_routes_alone(client, make):
    _, session = await opened(client, make)
    access, refresh = bearer(session["access_token"]), bearer(session["refresh_token"])
    assert (await client.get("/auth/authenticated", headers=refresh)).status_code == 401
    assert (await client.get("/auth/refresh-token", headers=access)).status_code == 401
    assert (await client.get("/auth/refresh-token", headers=refresh)).status_code == 200


async def test_signing_out_ends_both_tokens_and_what_came_of_them(client, make):
    _, session = await opened(client, make)
    refreshed = await client.get("/auth/refresh-token", headers=bearer(session["refresh_token"]))
    answer = await client.get("/auth/logout", headers=bearer(session["access_token"]))
    assert answer.json() == {"logout": True}
    for token in (session["access_token"], refreshed.json()["access_token"]):
        assert (await client.get("/auth/authenticated", headers=bearer(token))).status_code == 401
    ended = await client.get("/auth/refresh-token", headers=bearer(session["refresh_token"]))
    assert ended.status_code == 401


async def test_signing_out_with_a_refreshed_token_ends_the_first_one_too(client, make):
    _, session = await opened(client, make)
    refreshed = await client.get("/auth/refresh-token", headers=bearer(session["refresh_token"]))
    await client.get("/auth/logout", headers=bearer(refreshed.json()["access_token"]))
    assert (
        await client.get("/auth/authenticated", headers=bearer(session["access_token"]))
    ).status_code == 401
    ended = await client.get("/auth/refresh-token", headers=bearer(session["refresh_token"]))
    assert ended.status_code == 401


async def test_another_session_of_the_same_person_goes_on(client, make):
    person, first = await opened(client, make)
    second = (await log_in(client, person)).json()
    await client.get("/auth/logout", headers=bearer(first["access_token"]))
    assert (
        await client.get("/auth/authenticated", headers=bearer(second["access_token"]))
    ).status_code == 200


async def test_closing_an_account_ends_its_sessions(client, make, session):
    person, opened_session = await opened(client, make)
    person.active = False
    await make(person)
    for path, token in (("authenticated", "access_token"), ("refresh-token", "refresh_token")):
        answer = await client.get(f"/auth/{path}", headers=bearer(opened_session[token]))
        assert answer.status_code == 401


async def test_a_bots_token_ends_when_it_is_replaced(client, make, sign_in):
    bot = await make(factories.bot(jti="first"))
    old = sign_in(bot)
    assert (await client.get("/auth/authenticated", headers=old)).status_code == 200
    bot.jti = "second"
    await make(bot)
    assert (await client.get("/auth/authenticated", headers=old)).status_code == 401
    assert (await client.get("/auth/authenticated", headers=sign_in(bot))).status_code == 200


async def test_browsers_get_cookies_and_scripts_do_not(client, make):
    person = await make(factories.person())
    assert not cookies_of(await log_in(client, person, headers=SCRIPT))
    for headers in (BROWSER, {"Sec-Fetch-Mode": "cors"}, {"Origin": "https://kitsu.example"}):
        found = cookies_of(await log_in(client, person, headers=SCRIPT | headers))
        assert set(found) == {"access_token_cookie", "refresh_token_cookie"}
        assert all("HttpOnly" in line and "SameSite=lax" in line for line in found.values())
        assert "Secure" not in found["access_token_cookie"]


async def test_cookies_stay_on_tls_where_the_setting_says_so(client, make, configure):
    configure(cookie_secure=True)
    person = await make(factories.person())
    found = cookies_of(await log_in(client, person, headers=BROWSER))
    assert all("Secure" in line for line in found.values())


@pytest.mark.parametrize("prefix", ["", "/api"])
async def test_a_browser_signs_in_stays_refreshes_and_signs_out_by_cookies(client, make, prefix):
    person = await make(factories.person())
    payload = {"email": person.email, "password": factories.PASSWORD}
    answer = await client.post(f"{prefix}/auth/login", json=payload, headers=BROWSER)
    assert f"Path={prefix}/auth/refresh-token" in cookies_of(answer)["refresh_token_cookie"]
    assert "Path=/;" in cookies_of(answer)["access_token_cookie"] + ";"
    assert (await client.get(f"{prefix}/auth/authenticated", headers=BROWSER)).status_code == 200
    refreshed = await client.get(f"{prefix}/auth/refresh-token", headers=BROWSER)
    assert refreshed.status_code == 200
    assert set(cookies_of(refreshed)) == {"access_token_cookie"}
    await client.get(f"{prefix}/auth/logout", headers=BROWSER)
    assert not client.cookies
    assert (await client.get(f"{prefix}/auth/authenticated", headers=BROWSER)).status_code == 401


async def test_cookie_sessions_repeat_the_csrf_token_where_the_setting_asks_for_it(client, make, configure):
    settings = configure(cookie_csrf_protect=True)
    person = await make(factories.person())
    answer = await log_in(client, person, headers=BROWSER)
    assert "HttpOnly" not in cookies_of(answer)["csrf_access_token"]
    token = client.cookies["csrf_access_token"]
    assert token == csrf_token(settings, answer.json()["access_token"])

    async def write(**headers):
        return (await client.put("/auth/totp", headers=BROWSER | headers)).status_code

    assert await write() == 401
    assert await write(**{"X-CSRF-TOKEN": "0" * len(token)}) == 401
    assert await write(**{"X-CSRF-TOKEN": token}) == 200
    assert (await client.get("/auth/authenticated", headers=BROWSER)).status_code == 200


async def test_a_planted_csrf_cookie_is_worth_nothing(client, make, configure):
    configure(cookie_csrf_protect=True)
    person = await make(factories.person())
    await log_in(client, person, headers=BROWSER)
    client.cookies.delete("csrf_access_token")
    client.cookies.set("csrf_access_token", "planted")
    answer = await client.put("/auth/totp", headers=BROWSER | {"X-CSRF-TOKEN": "planted"})
    assert answer.status_code == 401


async def test_bearer_tokens_need_no_csrf_token(client, make, configure, as_role):
    configure(cookie_csrf_protect=True)
    assert (await client.put("/auth/totp", headers=await as_role("user"))).status_code == 200


async def test_a_refreshed_token_names_its_refresh_token(client, make, settings):
    person = await make(factories.person())
    token = tokens.issue(settings, person.id, type=TokenType.REFRESH)
    answer = await client.get("/auth/refresh-token", headers=bearer(token))
    made = tokens.read(settings, answer.json()["access_token"])
    assert made.refresh_id == tokens.read(settings, token).token_id
