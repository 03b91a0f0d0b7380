"""Registering, changing a password, choosing a new one by mail."""

from __future__ import annotations

import asyncio
import logging

import pytest
from sqlalchemy import select

from kitsu_api.db.models import ApiEvent, Person
from tests import factories
from tests.factories import PASSWORD
from tests.routers.auth.steps import BROWSER, bearer, log_in, mails, reset_token

NEW = "another password"


def change(old: str = PASSWORD, new: str = NEW, again: str | None = None) -> dict[str, str]:
    return {"old_password": old, "password": new, "password_2": new if again is None else again}


async def test_a_changed_password_replaces_the_old_one(client, make, sign_in, session):
    person = await make(factories.person())
    answer = await client.post("/auth/change-password", json=change(), headers=sign_in(person))
    assert answer.status_code == 200
    assert answer.json()["success"] is True
    assert (await log_in(client, person)).status_code == 400
    assert (await log_in(client, person, NEW)).status_code == 200
    assert (await session.get(Person, person.id)).password.startswith(b"$2b$04$")


async def test_a_change_ends_earlier_sessions_and_the_answer_goes_on(client, make):
    person = await make(factories.person())
    first, other = (await log_in(client, person)).json(), (await log_in(client, person)).json()
    answer = await client.post("/auth/change-password", json=change(), headers=bearer(first["access_token"]))
    for token in (first["access_token"], other["access_token"]):
        assert (await client.get("/auth/authenticated", headers=bearer(token))).status_code == 401
    refused = await client.get("/auth/refresh-token", headers=bearer(other["refresh_token"]))
    assert refused.status_code == 401
    going_on = bearer(answer.json()["access_token"])
    assert (await client.get("/auth/authenticated", headers=going_on)).status_code == 200


async def test_a_browser_stays_signed_in_when_it_changes_the_password(client, make):
    person = await make(factories.person())
    await log_in(client, person, headers=BROWSER)
    assert (await client.post("/auth/change-password", json=change(), headers=BROWSER)).status_code == 200
    assert (await client.get("/auth/authenticated", headers=BROWSER)).status_code == 200


@pytest.mark.parametrize(
    "wish",
    [
        change(old="wrong password"),
        change(again="something else"),
        change(new="short"),
        change(new="x" * 73),
        change(new="é" * 37),
        change(new="nul \x00 in it"),
        {"password": NEW, "password_2": NEW},
        {},
    ],
)
async def test_a_refused_change_leaves_password_and_sessions_alone(client, make, sign_in, wish):
    person = await make(factories.person())
    headers = sign_in(person)
    assert (await client.post("/auth/change-password", json=wish, headers=headers)).status_code == 400
    assert (await client.get("/auth/authenticated", headers=headers)).status_code == 200
    assert (await log_in(client, person)).status_code == 200


@pytest.mark.parametrize("kind", [factories.bot, factories.guest])
async def test_bots_and_guests_have_no_password_to_change(client, make, sign_in, kind):
    headers = sign_in(await make(kind()))
    assert (await client.post("/auth/change-password", json=change(), headers=headers)).status_code == 403


async def ask_for_reset(client, email, **headers):
    return await client.post("/auth/reset-password", json={"email": email}, headers=headers)


async def mailed_token(client, caplog, person) -> str:
    with caplog.at_level(logging.INFO):
        await ask_for_reset(client, person.email)
    return reset_token(mails(caplog)[-1])


def reset(person, token, new=NEW, again=None):
    return {
        "email": person.email,
        "token": token,
        "password": new,
        "password2": new if again is None else again,
    }


async def test_a_mailed_token_chooses_a_new_password_once(client, make, caplog):
    person = await make(factories.person())
    token = await mailed_token(client, caplog, person)
    assert (await client.put("/auth/reset-password", json=reset(person, token))).status_code == 200
    assert (await log_in(client, person, NEW)).status_code == 200
    again = await client.put("/auth/reset-password", json=reset(person, token, "a third password"))
    assert again.status_code == 400
    assert (await log_in(client, person, NEW)).status_code == 200


async def test_of_two_requests_with_one_token_one_succeeds(client, make, caplog):
    person = await make(factories.person())
    token = await mailed_token(client, caplog, person)
    # one connection serves the test, so the second follows the first closely
    lock = asyncio.Lock()

    async def try_it(new):
        async with lock:
            return (await client.put("/auth/reset-password", json=reset(person, token, new))).status_code

    assert sorted(await asyncio.gather(try_it("first password"), try_it("second password"))) == [200, 400]


async def test_the_answer_is_the_same_for_every_email(client, make, caplog):
    person = await make(factories.person())
    closed = await make(factories.person(active=False))
    with caplog.at_level(logging.INFO):
        answers = [
            await ask_for_reset(client, email) for email in (person.email, closed.email, "no@body.example")
        ]
    assert {(answer.status_code, answer.text) for answer in answers} == {
        (200, '{"success":"Reset token sent"}')
    }
    assert len(mails(caplog)) == 1


async def test_a_new_token_replaces_the_one_before(client, make, caplog):
    person = await make(factories.person())
    first = await mailed_token(client, caplog, person)
    second = await mailed_token(client, caplog, person)
    assert (await client.put("/auth/reset-password", json=reset(person, first))).status_code == 400
    assert (await client.put("/auth/reset-password", json=reset(person, second))).status_code == 200


async def test_a_token_is_good_for_its_own_account_alone_and_for_an_hour(client, make, caplog, valkey):
    person, other = await make(factories.person(), factories.person())
    token = await mailed_token(client, caplog, person)
    assert (await client.put("/auth/reset-password", json=reset(other, token))).status_code == 400
    assert 3500 < await valkey.ttl(f"kitsu:reset:{person.id}") <= 3600
    assert token not in str(await valkey.get(f"kitsu:reset:{person.id}"))


@pytest.mark.parametrize("token", ["", "guess", "x" * 256])
async def test_guesses_are_refused(client, make, token):
    person = await make(factories.person())
    assert (await client.put("/auth/reset-password", json=reset(person, token))).status_code == 400
    unknown = factories.person()
    assert (await client.put("/auth/reset-password", json=reset(unknown, token))).status_code == 400


async def test_an_unusable_password_does_not_use_up_the_token(client, make, caplog):
    person = await make(factories.person())
    token = await mailed_token(client, caplog, person)
    for wish in (reset(person, token, "short"), reset(person, token, NEW, "different")):
        assert (await client.put("/auth/reset-password", json=wish)).status_code == 400
    assert (await client.put("/auth/reset-password", json=reset(person, token))).status_code == 200


async def test_a_reset_ends_sessions_and_the_lock(client, make, caplog):
    person = await make(factories.person())
    session = (await log_in(client, person)).json()
    stranger = {"X-Forwarded-For": "203.0.113.9"}
    token = await mailed_token(client, caplog, person)
    for _ in range(6):
        await log_in(client, person, "wrong password", stranger)
    owner = {"X-Forwarded-For": "192.0.2.44"}
    assert (await log_in(client, person, headers=owner)).json().get("too_many_failed_login_attemps")
    await client.put("/auth/reset-password", json=reset(person, token), headers=owner)
    refused = await client.get("/auth/authenticated", headers=bearer(session["access_token"]))
    assert refused.status_code == 401
    for _ in range(6):
        await log_in(client, person, "wrong password", stranger)
    assert (await log_in(client, person, NEW, owner)).status_code == 200


async def test_the_mail_escapes_what_strangers_write(client, make, caplog, configure):
    person = await make(factories.person(first_name="<b>Bob</b>"))
    with caplog.at_level(logging.INFO):
        await ask_for_reset(client, person.email, **{"X-Forwarded-For": "<script>alert(1)</script>"})
    assert "script" not in mails(caplog)[-1]


REGISTRATION = {
    "email": "New.Artist@example.com",
    "password": NEW,
    "password_2": NEW,
    "first_name": "New",
    "last_name": "Artist",
}


async def test_somebody_registers_and_signs_in_as_an_artist(client, session):
    answer = await client.post("/auth/register", json=REGISTRATION)
    assert answer.status_code == 201
    assert answer.json() == {"registration_success": True}
    login = await client.post("/auth/login", json={"email": REGISTRATION["email"], "password": NEW})
    assert login.json()["user"]["role"] == "user"
    event = await session.scalar(select(ApiEvent).where(ApiEvent.name == "person:new"))
    assert event.data == {"person_id": login.json()["user"]["id"]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "no address"},
        {"email": "a@b@c"},
        {"password_2": "something else"},
        {"password": "short", "password_2": "short"},
        {"password": "x" * 80, "password_2": "x" * 80},
        {"first_name": ""},
        {"role": "admin", "email": ""},
    ],
)
async def test_a_wrong_registration_is_a_400(client, session, wrong):
    assert (await client.post("/auth/register", json=REGISTRATION | wrong)).status_code == 400
    assert (await session.scalars(select(Person))).all() == []


async def test_a_taken_email_cannot_be_registered_again(client):
    assert (await client.post("/auth/register", json=REGISTRATION)).status_code == 201
    other_case = REGISTRATION | {"email": REGISTRATION["email"].upper()}
    assert (await client.post("/auth/register", json=other_case)).status_code == 400


async def test_nobody_registers_as_an_admin(client, session):
    await client.post(
        "/auth/register", json=REGISTRATION | {"role": "admin", "is_bot": True, "active": False}
    )
    person = await session.scalar(select(Person))
    assert (person.role, person.is_bot, person.active) == ("user", False, True)


async def test_a_closed_registration_is_a_403(client, configure):
    configure(registration="closed")
    assert (await client.post("/auth/register", json=REGISTRATION)).status_code == 403


async def test_the_licence_limits_who_may_register(client, make, configure):
    configure(user_limit=1)
    await make(factories.person())
    answer = await client.post("/auth/register", json=REGISTRATION)
    assert answer.status_code == 400
    assert answer.json()["limit_reached"] is True
