"""Failed tries, and the lock that must not keep the owner out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kitsu_api.db.base import now
from kitsu_api.db.models import LoginLog, Person
from tests import factories
from tests.factories import PASSWORD
from tests.routers.auth.steps import log_in

LIMIT = 5
STRANGER = {"X-Forwarded-For": "203.0.113.9"}
OFFICE = {"X-Forwarded-For": "198.51.100.7"}


async def fail(client, person, times, headers=STRANGER):
    for _ in range(times):
        answer = await log_in(client, person, "wrong password", headers)
        assert answer.status_code == 400


async def stored(session, person) -> Person:
    found = await session.get(Person, person.id)
    await session.refresh(found)
    return found


async def test_after_five_failures_the_right_password_waits_as_well(client, make):
    person = await make(factories.person())
    await fail(client, person, LIMIT - 1)
    assert (await log_in(client, person, headers=STRANGER)).status_code == 200
    await fail(client, person, LIMIT, {"X-Forwarded-For": "203.0.113.10"})
    answer = await log_in(client, person, headers={"X-Forwarded-For": "203.0.113.10"})
    assert answer.status_code == 400
    assert answer.json()["too_many_failed_login_attemps"] is True
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


async def test_a_success_starts_the_count_anew(client, make, session):
    person = await make(factories.person())
    await fail(client, person, LIMIT - 1)
    assert (await log_in(client, person)).status_code == 200
    assert (await stored(session, person)).login_failed_attemps == 0


async def test_tries_during_the_lock_do_not_prolong_it(client, make, session):
    person = await make(factories.person())
    await fail(client, person, LIMIT)
    locked_at = (await stored(session, person)).last_login_failed
    await fail(client, person, 3)
    after = await stored(session, person)
    assert (after.login_failed_attemps, after.last_login_failed) == (LIMIT, locked_at)


async def test_the_lock_ends_by_itself_and_the_count_starts_anew(client, make, session):
    long_ago = now() - timedelta(minutes=2)
    person = await make(factories.person(login_failed_attemps=LIMIT, last_login_failed=long_ago))
    await fail(client, person, 1)
    assert (await stored(session, person)).login_failed_attemps == 1
    assert (await log_in(client, person, headers=STRANGER)).status_code == 200


async def test_a_stranger_who_keeps_failing_does_not_keep_the_owner_out(client, make):
    person = await make(factories.person())
    await make(LoginLog(person_id=person.id, ip_address="198.51.100.7", origin="web"))
    await fail(client, person, LIMIT + 3)
    assert (await log_in(client, person, headers=STRANGER)).json()["too_many_failed_login_attemps"]
    assert (await log_in(client, person, headers=OFFICE)).status_code == 200


async def test_a_known_address_has_a_count_of_its_own(client, make):
    person = await make(factories.person())
    await make(LoginLog(person_id=person.id, ip_address="198.51.100.7", origin="web"))
    await fail(client, person, LIMIT)
    await fail(client, person, LIMIT, OFFICE)
    answer = await log_in(client, person, headers=OFFICE)
    assert answer.json()["too_many_failed_login_attemps"] is True


async def test_somebody_elses_known_address_opens_nothing(client, make):
    person, colleague = await make(factories.person(), factories.person())
    await make(LoginLog(person_id=colleague.id, ip_address="198.51.100.7", origin="web"))
    await fail(client, person, LIMIT)
    assert (await log_in(client, person, headers=OFFICE)).status_code == 400


async def test_names_that_nobody_has_lock_like_accounts(client, make):
    person = await make(factories.person())
    unknown = factories.person()
    for somebody in (person, unknown):
        await fail(client, somebody, LIMIT)
    known, nobody = [await log_in(client, each, headers=STRANGER) for each in (person, unknown)]
    assert known.status_code == nobody.status_code == 400
    assert known.json() == nobody.json()


async def test_a_wrong_old_password_counts_and_locks_too(client, make, sign_in, session):
    person = await make(factories.person())
    headers = sign_in(person) | STRANGER
    wish = {"password": "a new password", "password_2": "a new password"}
    for _ in range(LIMIT):
        answer = await client.post(
            "/auth/change-password", json={"old_password": "wrong", **wish}, headers=headers
        )
        assert answer.status_code == 400
    assert (await stored(session, person)).login_failed_attemps == LIMIT
    answer = await client.post(
        "/auth/change-password", json={"old_password": PASSWORD, **wish}, headers=headers
    )
    assert answer.status_code == 400
    assert answer.json()["too_many_failed_login_attemps"] is True


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_forged_address_counts_for_nothing_unless_a_trusted_proxy_wrote_it(
    client, make, configure, trusted
):
    configure(trusted_proxies=("127.0.0.1",) if trusted else ())
    person = await make(factories.person())
    await make(LoginLog(person_id=person.id, ip_address="198.51.100.7", origin="web"))
    await fail(client, person, LIMIT)
    assert (await log_in(client, person, headers=OFFICE)).status_code == (200 if trusted else 400)
