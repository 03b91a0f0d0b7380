"""How often somebody may try."""

from __future__ import annotations

import pytest

from kitsu_api.permissions.rate_limits import Limit, count
from tests import factories
from tests.routers.auth.steps import log_in


@pytest.fixture(autouse=True)
def limited(configure):
    configure(rate_limits=True, login_attempts_per_minute=12, login_failures_before_lock=1000)


async def test_an_address_may_try_so_often_in_a_minute(client, make):
    person = await make(factories.person())
    for number in range(12):
        payload = {"email": f"nobody{number}@example.com", "password": "wrong password"}
        assert (await client.post("/auth/login", json=payload)).status_code == 400
    refused = await log_in(client, person)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    elsewhere = await log_in(client, person, headers={"X-Forwarded-For": "203.0.113.9"})
    assert elsewhere.status_code == 200


async def test_an_account_may_be_tried_less_often_and_by_each_address_for_itself(client, make):
    person, other = await make(factories.person(), factories.person())
    for _ in range(10):
        assert (await log_in(client, person, "wrong password")).status_code == 400
    assert (await log_in(client, person)).status_code == 429
    assert (await log_in(client, other)).status_code == 200
    assert (await log_in(client, person, headers={"X-Forwarded-For": "203.0.113.9"})).status_code == 200


async def test_the_count_starts_anew_after_its_time(valkey):
    limit = Limit("short", 1, 1)
    await count(valkey, limit, "me")
    with pytest.raises(Exception, match="Too many"):
        await count(valkey, limit, "me")
    (key,) = [key async for key in valkey.scan_iter("kitsu:limit:short:*")]
    await valkey.delete(key)
    await count(valkey, limit, "me")
    assert await valkey.ttl(key) == 1
    assert "me" not in key.split(":")


@pytest.mark.parametrize(
    ("method", "path", "options"),
    [
        ("POST", "/auth/reset-password", {"json": {"email": "somebody@example.com"}}),
        ("GET", "/auth/email-otp", {"params": {"email": "somebody@example.com"}}),
    ],
)
async def test_strangers_cannot_fill_a_mailbox(client, method, path, options):
    statuses = []
    for number in range(7):
        headers = {"X-Forwarded-For": f"203.0.113.{number}"}
        statuses.append((await client.request(method, path, headers=headers, **options)).status_code)
    assert statuses == [200] * 5 + [429] * 2


async def test_second_factors_cannot_be_guessed_with_a_stolen_session(client, make, sign_in):
    person = await make(factories.person(totp_enabled=True, totp_secret="A" * 32))
    headers = sign_in(person)
    statuses = [
        (
            await client.put("/auth/recovery-codes", json={"recovery_code": "GUESS"}, headers=headers)
        ).status_code
        for _ in range(11)
    ]
    assert statuses == [400] * 10 + [429]


async def test_without_the_setting_nothing_is_counted(client, make, configure):
    configure(rate_limits=False)
    person = await make(factories.person())
    for _ in range(40):
        assert (await log_in(client, person)).status_code == 200
