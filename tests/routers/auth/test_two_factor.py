"""Authenticator apps, mailed codes, recovery codes, and the duty to have one of them."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import select

from kitsu_api.db.models import Person
from tests import factories
from tests.factories import PASSWORD
from tests.routers.auth.steps import BROWSER, bearer, log_in, mailed_code, mails, set_up_totp, totp_code


async def stored(session, person) -> Person:
    found = await session.get(Person, person.id)
    await session.refresh(found)
    return found


async def test_an_authenticator_app_is_asked_for_once_it_is_set_up(client, make, sign_in, session):
    person = await make(factories.person())
    secret, codes = await set_up_totp(client, sign_in(person))
    assert len(set(codes)) == 16
    row = await stored(session, person)
    assert (row.totp_enabled, row.preferred_two_factor_authentication) == (True, "totp")
    assert all(code.startswith(b"$2b$") for code in row.otp_recovery_codes)
    missing = await log_in(client, person)
    assert missing.status_code == 400
    assert missing.json()["missing_OTP"] is True
    assert missing.json()["preferred_two_factor_authentication"] == "totp"
    assert missing.json()["two_factor_authentication_enabled"] == ["recovery_code", "totp"]
    assert (await log_in(client, person, totp=totp_code(secret))).status_code == 200


async def test_the_second_factor_is_no_way_around_the_password(client, make, sign_in):
    person = await make(factories.person())
    secret, codes = await set_up_totp(client, sign_in(person))
    for proof in ({"totp": totp_code(secret)}, {"recovery_code": codes[0]}):
        answer = await log_in(client, person, "wrong password", **proof)
        assert answer.status_code == 400
        assert "wrong_OTP" not in answer.json()


async def test_a_code_is_good_once(client, make, sign_in):
    person = await make(factories.person())
    secret, _ = await set_up_totp(client, sign_in(person))
    code = totp_code(secret)
    assert (await log_in(client, person, totp=code)).status_code == 200
    again = await log_in(client, person, totp=code)
    assert again.status_code == 400
    assert again.json()["wrong_OTP"] is True


@pytest.mark.parametrize(("steps", "status"), [(1, 200), (5, 400), (-5, 400)])
async def test_a_clock_may_be_half_a_minute_off_and_no_more(client, make, sign_in, steps, status):
    person = await make(factories.person())
    secret, _ = await set_up_totp(client, sign_in(person))
    assert (await log_in(client, person, totp=totp_code(secret, steps))).status_code == status


async def test_wrong_codes_lock_the_account_like_wrong_passwords(client, make, sign_in, session):
    person = await make(factories.person())
    await set_up_totp(client, sign_in(person))
    for _ in range(5):
        assert (await log_in(client, person, totp="abcdef")).json()["wrong_OTP"] is True
    assert (await stored(session, person)).login_failed_attemps == 5
    assert (await log_in(client, person, totp="abcdef")).json()["too_many_failed_login_attemps"] is True


async def test_a_recovery_code_is_good_once(client, make, sign_in, session):
    person = await make(factories.person())
    _, codes = await set_up_totp(client, sign_in(person))
    assert (await log_in(client, person, recovery_code=codes[3])).status_code == 200
    assert len((await stored(session, person)).otp_recovery_codes) == 15
    again = await log_in(client, person, recovery_code=codes[3])
    assert again.json()["wrong_OTP"] is True


async def test_new_recovery_codes_replace_the_old_ones(client, make, sign_in):
    person = await make(factories.person())
    headers = sign_in(person)
    _, old = await set_up_totp(client, headers)
    answer = await client.put("/auth/recovery-codes", json={"recovery_code": old[0]}, headers=headers)
    new = answer.json()["otp_recovery_codes"]
    assert len(new) == 16
    assert (await log_in(client, person, recovery_code=old[1])).status_code == 400
    assert (await log_in(client, person, recovery_code=new[1])).status_code == 200


async def test_recovery_codes_need_a_second_factor_and_a_proof(client, make, sign_in):
    person = await make(factories.person())
    headers = sign_in(person)
    none = await client.put("/auth/recovery-codes", json={"totp": "123456"}, headers=headers)
    assert none.status_code == 400
    await set_up_totp(client, headers)
    for proof in ({}, {"totp": "abcdef"}, {"recovery_code": "WRONGCODE9"}):
        answer = await client.put("/auth/recovery-codes", json=proof, headers=headers)
        assert answer.status_code == 400
        assert answer.json()["wrong_OTP"] is True


async def test_an_app_is_set_up_once_and_with_a_right_code_alone(client, make, sign_in, session):
    person = await make(factories.person())
    headers = sign_in(person)
    assert (await client.post("/auth/totp", json={"totp": "123456"}, headers=headers)).status_code == 400
    await client.put("/auth/totp", headers=headers)
    wrong = await client.post("/auth/totp", json={"totp": "abcdef"}, headers=headers)
    assert wrong.json()["wrong_OTP"] is True
    assert not (await stored(session, person)).totp_enabled
    await set_up_totp(client, headers)
    assert (await client.put("/auth/totp", headers=headers)).status_code == 400
    assert (await client.post("/auth/totp", json={"totp": "123456"}, headers=headers)).status_code == 400


async def test_the_qr_code_names_studio_and_account(client, make, sign_in):
    person = await make(factories.person())
    await make(factories.organisation(name="Big Studio"))
    body = (await client.put("/auth/totp", headers=sign_in(person))).json()
    assert body["totp_provisionning_uri"].startswith("otpauth://totp/Kitsu%20Big%20Studio:")
    assert f"secret={body['otp_secret']}" in body["totp_provisionning_uri"]


async def test_an_app_goes_with_a_proof_and_takes_the_recovery_codes_along(client, make, sign_in, session):
    person = await make(factories.person())
    headers = sign_in(person)
    assert (
        await client.request("DELETE", "/auth/totp", json={"totp": "1"}, headers=headers)
    ).status_code == 400
    secret, _ = await set_up_totp(client, headers)
    for proof in ({}, {"totp": "abcdef"}):
        refused = await client.request("DELETE", "/auth/totp", json=proof, headers=headers)
        assert refused.status_code == 400
    done = await client.request("DELETE", "/auth/totp", json={"totp": totp_code(secret)}, headers=headers)
    assert done.json() == {"success": True}
    row = await stored(session, person)
    assert (row.totp_enabled, row.totp_secret, row.otp_recovery_codes) == (False, None, None)
    assert row.preferred_two_factor_authentication is None
    assert (await log_in(client, person)).status_code == 200


async def set_up_email_otp(client, caplog, headers) -> list[str]:
    with caplog.at_level(logging.INFO):
        assert (await client.put("/auth/email-otp", headers=headers)).status_code == 200
    payload = {"email_otp": mailed_code(mails(caplog)[-1])}
    enabled = await client.post("/auth/email-otp", json=payload, headers=headers)
    assert enabled.status_code == 200, enabled.text
    return enabled.json().get("otp_recovery_codes", [])


async def request_code(client, caplog, person) -> str:
    with caplog.at_level(logging.INFO):
        answer = await client.get("/auth/email-otp", params={"email": person.email})
    assert answer.json() == {"success": True}
    return mailed_code(mails(caplog)[-1])


async def test_mailed_codes_are_good_once_and_the_last_one_counts(client, make, sign_in, caplog):
    person = await make(factories.person())
    assert len(await set_up_email_otp(client, caplog, sign_in(person))) == 16
    assert (await log_in(client, person)).json()["two_factor_authentication_enabled"] == [
        "recovery_code",
        "email_otp",
    ]
    first = await request_code(client, caplog, person)
    second = await request_code(client, caplog, person)
    assert (await log_in(client, person, email_otp=first)).status_code == 400
    assert (await log_in(client, person, email_otp=second)).status_code == 200
    assert (await log_in(client, person, email_otp=second)).status_code == 400


async def test_a_mailed_code_dies_of_too_many_guesses(client, make, sign_in, caplog, configure):
    configure(login_failures_before_lock=100)
    person = await make(factories.person())
    await set_up_email_otp(client, caplog, sign_in(person))
    code = await request_code(client, caplog, person)
    for _ in range(5):
        await log_in(client, person, email_otp="abcdef")
    assert (await log_in(client, person, email_otp=code)).status_code == 400


async def test_codes_are_mailed_to_those_alone_who_chose_them_and_nobody_can_tell(client, make, caplog):
    person = await make(factories.person())
    with caplog.at_level(logging.INFO):
        for email in (person.email, "nobody@example.com"):
            answer = await client.get("/auth/email-otp", params={"email": email})
            assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert mails(caplog) == []


async def test_mailed_codes_are_turned_off_with_a_proof(client, make, sign_in, caplog, session):
    person = await make(factories.person())
    headers = sign_in(person)
    off = await client.request("DELETE", "/auth/email-otp", json={"email_otp": "1"}, headers=headers)
    assert off.status_code == 400
    await set_up_email_otp(client, caplog, headers)
    code = await request_code(client, caplog, person)
    off = await client.request("DELETE", "/auth/email-otp", json={"email_otp": code}, headers=headers)
    assert off.status_code == 200
    row = await stored(session, person)
    assert (row.email_otp_enabled, row.email_otp_secret) == (False, None)


async def test_a_second_factor_added_later_brings_no_codes_and_keeps_the_preference(
    client, make, sign_in, caplog, session
):
    person = await make(factories.person())
    headers = sign_in(person)
    _, codes = await set_up_totp(client, headers)
    assert await set_up_email_otp(client, caplog, headers) == []
    assert (await stored(session, person)).preferred_two_factor_authentication == "totp"
    proof = {"recovery_code": codes[0]}
    assert (await client.request("DELETE", "/auth/totp", json=proof, headers=headers)).status_code == 200
    row = await stored(session, person)
    assert row.preferred_two_factor_authentication == "email_otp"
    assert len(row.otp_recovery_codes) == 15


async def test_a_factor_that_is_prepared_but_not_enabled_proves_nothing(client, make, sign_in):
    person = await make(factories.person(email_otp_enabled=True, email_otp_secret="A" * 32))
    secret = (await client.put("/auth/totp", headers=sign_in(person))).json()["otp_secret"]
    assert (await log_in(client, person, totp=totp_code(secret))).json()["wrong_OTP"] is True


OPEN = [
    ("GET", "/auth/authenticated"),
    ("PUT", "/auth/totp"),
    ("PUT", "/auth/email-otp"),
    ("PUT", "/auth/fido"),
]
SHUT = [
    ("POST", "/auth/change-password"),
    ("PUT", "/auth/recovery-codes"),
    ("DELETE", "/auth/totp"),
    ("POST", "/auth/app-login/code"),
    ("GET", "/data/persons"),
]


@pytest.mark.parametrize(("method", "path"), OPEN)
async def test_a_restricted_token_opens_what_sets_a_factor_up(client, make, configure, method, path):
    configure(enforce_2fa=True)
    person = await make(factories.person())
    login = (await log_in(client, person)).json()
    assert login["two_factor_authentication_required"] is True
    answer = await client.request(method, path, headers=bearer(login["access_token"]))
    assert answer.status_code == 200


@pytest.mark.parametrize(("method", "path"), SHUT)
async def test_a_restricted_token_opens_nothing_else(client, make, configure, method, path):
    configure(enforce_2fa=True)
    login = (await log_in(client, await make(factories.person(role="admin")))).json()
    refreshed = await client.get("/auth/refresh-token", headers=bearer(login["refresh_token"]))
    for token in (login["access_token"], refreshed.json()["access_token"]):
        answer = await client.request(method, path, headers=bearer(token), json={})
        assert answer.status_code == 403
        assert answer.json()["two_factor_authentication_required"] is True


async def test_setting_a_factor_up_lifts_the_restriction(client, make, configure):
    configure(enforce_2fa=True)
    person = await make(factories.person())
    login = (await log_in(client, person, headers=BROWSER)).json()
    assert (await client.get("/data/persons", headers=BROWSER)).status_code == 403
    await set_up_totp(client, BROWSER)
    assert (await client.get("/data/persons", headers=BROWSER)).status_code == 200
    refreshed = await client.get("/auth/refresh-token", headers=bearer(login["refresh_token"]))
    answer = await client.get("/data/persons", headers=bearer(refreshed.json()["access_token"]))
    assert answer.status_code == 200


async def test_exempt_people_are_left_alone(client, make, configure):
    person = await make(factories.person())
    configure(enforce_2fa=True, two_factor_exempt_users=(person.email.upper(),))
    login = (await log_in(client, person)).json()
    assert login["two_factor_authentication_required"] is False
    assert (await client.get("/data/persons", headers=bearer(login["access_token"]))).status_code == 200


@pytest.mark.parametrize("kind", [factories.bot, factories.guest])
async def test_bots_and_guests_set_nothing_up(client, make, sign_in, kind):
    headers = sign_in(await make(kind()))
    for path in ("/auth/totp", "/auth/email-otp", "/auth/fido"):
        assert (await client.put(path, headers=headers)).status_code == 403


def path_for(person) -> str:
    return f"/actions/persons/{person.id}/disable-two-factor-authentication"


@pytest.mark.parametrize("role", ["manager", "supervisor", "user", "client", "vendor"])
async def test_factors_of_others_are_taken_by_admins_alone(client, make, as_role, role):
    person = await make(factories.person(totp_enabled=True, totp_secret="A" * 32))
    assert (await client.delete(path_for(person), headers=await as_role(role))).status_code == 403


async def test_an_admin_takes_every_factor_from_somebody(client, make, as_role, sign_in, session):
    person = await make(factories.person())
    await set_up_totp(client, sign_in(person))
    admin = await as_role("admin")
    assert (await client.delete(path_for(person), headers=admin)).json() == {"success": True}
    row = await stored(session, person)
    assert (row.totp_enabled, row.totp_secret, row.otp_recovery_codes) == (False, None, None)
    assert (await log_in(client, person, PASSWORD)).status_code == 200
    assert (await client.delete(path_for(person), headers=admin)).status_code == 400
    assert (await client.delete(path_for(factories.person()), headers=admin)).status_code == 404


async def test_protected_accounts_are_their_owners_alone(client, make, as_role, configure, session):
    person = await make(factories.person(totp_enabled=True, totp_secret="A" * 32))
    configure(protected_accounts=(person.email,))
    assert (await client.delete(path_for(person), headers=await as_role("admin"))).status_code == 403
    assert (await session.scalar(select(Person.totp_enabled).where(Person.id == person.id))) is True
