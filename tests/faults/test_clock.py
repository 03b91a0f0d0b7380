"""Clocks that jump, as those of virtual machines and of servers that are set right do."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine

from kitsu_api.db.base import now
from tests import factories

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOMENT = datetime(2026, 11, 26, 12, 0)


@pytest.fixture
def clock():
    """`clock.move_to(moment)`: what the server takes for the present; the clocks of the database go on."""
    with time_machine.travel(MOMENT, tick=True) as traveller:
        yield traveller


@pytest.mark.parametrize(
    ("jump", "status"), [(HOUR, 200), (-timedelta(seconds=2), 200), (-HOUR, 200), (-DAY, 200), (8 * DAY, 401)]
)
async def test_a_session_survives_a_jump_but_not_its_own_end(client, as_role, clock, jump, status):
    headers = await as_role("user")
    assert (await client.get("/auth/authenticated", headers=headers)).status_code == 200
    clock.move_to(MOMENT + jump)
    assert (await client.get("/auth/authenticated", headers=headers)).status_code == status


@pytest.mark.parametrize("jump", [-DAY, -HOUR, HOUR, 400 * DAY])
async def test_people_sign_in_and_write_after_a_jump(client, make, clock, jump):
    rows = factories.production()
    person = factories.person(role="admin")
    await make(*rows, person)

    async def write() -> dict:
        login = {"email": person.email, "password": factories.PASSWORD}
        answer = await client.post("/auth/login", json=login)
        assert answer.status_code == 200, answer.text
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        body = {"task_status_id": str(rows.task_status.id), "comment": "Hello"}
        said = await client.post(f"/actions/tasks/{rows.task.id}/comment", json=body, headers=headers)
        assert said.status_code == 201, said.text
        return headers

    await write()
    clock.move_to(MOMENT + jump)
    headers = await write()
    told = (await client.get(f"/data/tasks/{rows.task.id}/comments", headers=headers)).json()
    assert len(told) == 2


async def test_an_account_is_not_locked_until_the_clock_has_caught_up(client, make, clock):
    person = await make(factories.person(login_failed_attemps=5, last_login_failed=now() + 300 * DAY))
    answer = await client.post("/auth/login", json={"email": person.email, "password": factories.PASSWORD})
    assert answer.status_code == 200, answer.text


async def test_an_account_that_was_just_locked_stays_so(client, make, clock):
    person = await make(factories.person(login_failed_attemps=5, last_login_failed=now()))
    answer = await client.post("/auth/login", json={"email": person.email, "password": factories.PASSWORD})
    assert answer.status_code == 400
    assert answer.json()["too_many_failed_login_attemps"] is True
