"""Signing in with a password."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from kitsu_api.db.models import DepartmentLink, LoginLog, Organisation, Person
from kitsu_api.schemas.auth import AuthenticatedRead, LoginRead
from tests import factories
from tests.factories import PASSWORD
from tests.routers.auth.steps import BROWSER, SCRIPT, bearer, log_in

SECRETS = {
    "password",
    "totp_secret",
    "email_otp_secret",
    "otp_recovery_codes",
    "fido_credentials",
    "jti",
    "login_failed_attemps",
    "last_login_failed",
    "oidc_issuer",
    "oidc_subject",
    "saml_issuer",
    "saml_subject",
}


async def test_the_right_password_opens_a_session(client, make):
    person = await make(factories.person(role="manager"))
    answer = await log_in(client, person)
    assert answer.status_code == 200
    body = LoginRead.model_validate(answer.json())
    assert body.login
    assert not body.two_factor_authentication_required
    assert body.user.id == person.id
    assert body.user.full_name == f"{person.first_name} {person.last_name}"
    seen = await client.get("/auth/authenticated", headers=bearer(body.access_token))
    assert seen.status_code == 200
    assert AuthenticatedRead.model_validate(seen.json()).user.id == person.id


async def test_no_secret_column_leaves_the_server(client, make):
    person = await make(factories.person(role="admin", jti="a bot's", oidc_issuer="x", totp_secret="y"))
    answer = await log_in(client, person)
    seen = await client.get("/auth/authenticated", headers=bearer(answer.json()["access_token"]))
    assert SECRETS.isdisjoint(answer.json()["user"])
    assert SECRETS.isdisjoint(seen.json()["user"])


async def test_departments_are_part_of_the_answer(client, make):
    person, department = await make(factories.person(), factories.department())
    await make(DepartmentLink(person_id=person.id, department_id=department.id))
    answer = await log_in(client, person)
    assert answer.json()["user"]["departments"] == [str(department.id)]


@pytest.mark.parametrize(
    ("role", "shown"),
    [("admin", True), *((role, False) for role in ("manager", "supervisor", "user", "client", "vendor"))],
)
async def test_chat_tokens_of_the_studio_are_for_admins(client, make, role, shown):
    person = await make(factories.person(role=role))
    await make(factories.organisation(chat_token_slack="xoxb"))
    organisation = (await log_in(client, person)).json()["organisation"]
    assert ("chat_token_slack" in organisation) is shown


async def test_a_missing_studio_is_made_once(client, make, session):
    person = await make(factories.person())
    first = (await log_in(client, person)).json()["organisation"]
    second = (await log_in(client, person)).json()["organisation"]
    assert first == second
    assert len((await session.scalars(select(Organisation))).all()) == 1


async def test_the_email_may_be_written_in_any_case_and_the_desktop_login_will_do(client, make):
    person = await make(factories.person(desktop_login="acooper"))
    for login in (person.email.upper(), f" {person.email} ", "acooper"):
        answer = await client.post("/auth/login", json={"email": login, "password": PASSWORD})
        assert answer.status_code == 200, login


async def test_an_email_comes_before_somebody_elses_desktop_login(client, make):
    victim = await make(factories.person())
    await make(factories.person(password="the thief's password", desktop_login=victim.email))
    assert (await log_in(client, victim)).json()["user"]["id"] == str(victim.id)
    assert (await log_in(client, victim, "the thief's password")).status_code == 400


async def test_a_desktop_login_of_two_people_opens_neither_account(client, make):
    await make(factories.person(desktop_login="ws1"), factories.person(desktop_login="ws1"))
    answer = await client.post("/auth/login", json={"email": "ws1", "password": PASSWORD})
    assert answer.status_code == 400


async def test_old_scripts_may_put_it_into_the_query(client, make):
    person = await make(factories.person())
    answer = await client.post("/auth/login", params={"email": person.email, "password": PASSWORD})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "payload", [{}, {"email": "a@b.example"}, {"password": "x"}, {"email": 3, "password": []}]
)
async def test_half_a_login_is_a_400_that_names_the_field(client, payload):
    answer = await client.post("/auth/login", json=payload)
    assert answer.status_code == 400
    assert answer.json()["error"] is True
    assert "email" in answer.json()["message"] or "password" in answer.json()["message"]


async def test_a_refused_password_is_not_repeated_in_the_answer(client):
    answer = await client.post("/auth/login", params={"email": "", "password": "hunter22"})
    assert answer.status_code == 400
    assert "hunter22" not in answer.text


async def test_wrong_password_and_unknown_account_answer_alike(client, make):
    person = await make(factories.person())
    wrong = await log_in(client, person, "wrong password")
    unknown = await client.post("/auth/login", json={"email": "nobody@example.com", "password": "wrong one"})
    assert wrong.status_code == unknown.status_code == 400
    assert wrong.json() == unknown.json()
    assert wrong.json()["login"] is False


@pytest.mark.parametrize("password", ["x" * 73, "é" * 40, "a\x00b"])
async def test_what_bcrypt_cannot_read_is_a_400(client, make, password):
    person = await make(factories.person())
    assert (await log_in(client, person, password)).status_code == 400


@pytest.mark.parametrize("closed", [{"active": False}, {"expiration_date": date.today() - timedelta(days=1)}])
async def test_a_closed_account_says_so_to_the_right_password_alone(client, make, closed):
    person = await make(factories.person(**closed))
    right = await log_in(client, person)
    assert right.status_code == 401
    assert right.json()["unactive"] is True
    assert (await log_in(client, person, "wrong password")).status_code == 400


async def test_the_last_day_of_an_account_is_a_good_one(client, make):
    person = await make(factories.person(expiration_date=date.today()))
    assert (await log_in(client, person)).status_code == 200


@pytest.mark.parametrize("kind", [factories.bot, factories.guest])
async def test_bots_and_guests_have_no_password_to_sign_in_with(client, make, kind):
    person = await make(kind(password=PASSWORD, email="robot@example.com"))
    assert (await log_in(client, person)).status_code == 400


async def test_an_account_without_a_password_opens_to_none(client, make):
    person = await make(factories.person())
    person.password = None
    await make(person)
    for password in (PASSWORD, "", "default"):
        assert (await log_in(client, person, password)).status_code == 400


async def test_the_default_password_has_to_be_replaced_first(client, make):
    person = await make(factories.person(password="default"))
    answer = await log_in(client, person, "default")
    assert answer.status_code == 400
    assert answer.json()["default_password"] is True
    chosen = {"password": "a better one", "password2": "a better one"}
    token = answer.json()["token"]
    changed = await client.put("/auth/reset-password", json={"email": person.email, "token": token, **chosen})
    assert changed.status_code == 200
    assert (await log_in(client, person, "a better one")).status_code == 200


@pytest.mark.parametrize(("headers", "origin"), [(BROWSER, "web"), (SCRIPT, "script")])
async def test_sign_ins_are_logged_with_address_and_origin(client, make, session, headers, origin):
    person = await make(factories.person())
    await log_in(client, person, headers=headers)
    log = await session.scalar(select(LoginLog).where(LoginLog.person_id == person.id))
    assert (log.ip_address, log.origin) == ("127.0.0.1", origin)


async def test_stored_hashes_of_other_costs_and_older_marks_are_read(client, make):
    person = await make(factories.person())
    for hashed in (
        b"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",  # U*U, a test vector of bcrypt
        b"$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    ):
        person.password = hashed
        await make(person)
        assert (await log_in(client, person, "U*U")).status_code == 200


async def test_a_sign_in_takes_few_statements(client, make, count_statements):
    person = await make(factories.person())
    await make(factories.organisation())
    with count_statements() as statements:
        await log_in(client, person)
    assert statements.count <= 5


async def test_a_failed_sign_in_leaves_the_rest_of_the_account_alone(client, make, session):
    person = await make(factories.person())
    await log_in(client, person, "wrong password")
    stored = await session.get(Person, person.id)
    assert (stored.login_failed_attemps, stored.active, stored.password) == (1, True, person.password)
