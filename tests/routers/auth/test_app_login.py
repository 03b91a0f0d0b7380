"""Apps that sign in by a code from a signed-in browser."""

from __future__ import annotations

import base64
import hashlib

import pytest

from tests import factories
from tests.routers.auth.steps import bearer, log_in

VERIFIER = "a verifier of at least forty-three characters, random in life"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


async def code_of(client, headers, challenge=CHALLENGE):
    return await client.post("/auth/app-login/code", json={"code_challenge": challenge}, headers=headers)


async def redeem(client, code, verifier=VERIFIER):
    return await client.post("/auth/app-login/token", json={"code": code, "code_verifier": verifier})


async def test_an_app_gets_a_session_of_its_own(client, make):
    person = await make(factories.person())
    browser = bearer((await log_in(client, person)).json()["access_token"])
    made = await code_of(client, browser)
    assert made.status_code == 201
    login = await redeem(client, made.json()["code"])
    assert login.status_code == 200
    assert login.json()["user"]["id"] == str(person.id)
    await client.get("/auth/logout", headers=browser)
    app = bearer(login.json()["access_token"])
    assert (await client.get("/auth/authenticated", headers=app)).status_code == 200


async def test_a_code_is_good_once_and_for_its_app_alone(client, as_role):
    headers = await as_role("user")
    code = (await code_of(client, headers)).json()["code"]
    assert (await redeem(client, code, "somebody else's verifier")).status_code == 400
    assert (await redeem(client, code)).status_code == 400, "a wrong verifier uses the code up"
    code = (await code_of(client, headers)).json()["code"]
    assert (await redeem(client, code)).status_code == 200
    assert (await redeem(client, code)).status_code == 400


async def test_a_code_dies_with_the_browsers_session_and_with_the_account(client, make):
    person = await make(factories.person())
    browser = bearer((await log_in(client, person)).json()["access_token"])
    first, second = [(await code_of(client, browser)).json()["code"] for _ in range(2)]
    person.active = False
    await make(person)
    assert (await redeem(client, first)).status_code == 400
    person.active = True
    await make(person)
    await client.get("/auth/logout", headers=browser)
    assert (await redeem(client, second)).status_code == 400


@pytest.mark.parametrize("challenge", ["short", "x" * 44, "ä" * 43, "", None])
async def test_a_challenge_is_a_sha256_in_base64url(client, as_role, challenge):
    assert (await code_of(client, await as_role("user"), challenge)).status_code == 400


async def test_nobody_makes_a_code_without_an_account_of_their_own(client, make, sign_in):
    assert (await code_of(client, {})).status_code == 401
    for kind in (factories.bot, factories.guest):
        assert (await code_of(client, sign_in(await make(kind())))).status_code == 403


@pytest.mark.parametrize("code", ["nothing", "", "\x00", "é"])
async def test_a_guessed_code_is_refused(client, code):
    answer = await redeem(client, code)
    assert answer.status_code == 400
    assert "access_token" not in answer.text
