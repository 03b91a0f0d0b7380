"""Signing in at another's: what went wrong in servers of this kind, tried with a provider on the loopback."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from kitsu_api.db.models import Person
from tests import factories
from tests.routers.auth.test_oidc import (  # noqa: F401 (pytest finds fixtures by their names)
    ACCESS,
    claims_of,
    mock,
    sign_in_at,
    studio,
)


async def test_nobody_has_a_default_password(client, studio, mock, session):  # noqa: F811 (a fixture)
    studio()
    assert (await sign_in_at(mock, client, "plain-1", claims_of("plain@studio.test"))).status_code == 302
    person = (await session.scalars(select(Person).where(Person.oidc_subject == "plain-1"))).one()
    assert person.password is None
    client.cookies.clear()
    for password in ("default", "password", "mysecretpassword", "plain-1", "plain@studio.test", " "):
        body = {"email": "plain@studio.test", "password": password}
        answer = await client.post("/auth/login", json=body)
        assert answer.status_code == 400, password
        assert "access_token" not in answer.text


@pytest.mark.parametrize("known", [True, False])
async def test_claims_set_neither_role_nor_state(client, studio, mock, session, make, known):  # noqa: F811 (a fixture)
    studio()
    if known:
        await make(factories.person(email="ada@studio.test", role="vendor"))
    wishes = {"role": "admin", "active": False, "is_bot": True, "is_guest": True, "departments": ["x"]}
    answer = await sign_in_at(mock, client, f"ada-{known}", claims_of("ada@studio.test", **wishes))
    assert answer.status_code == 302
    person = (await session.scalars(select(Person).where(Person.oidc_subject == f"ada-{known}"))).one()
    assert (person.role, person.active) == ("vendor" if known else "user", True)
    assert (bool(person.is_bot), bool(person.is_guest)) == (False, False)


@pytest.mark.parametrize("verified", [False, "false", 0, "no"])
async def test_an_email_that_is_not_verified_opens_no_account(client, studio, mock, make, session, verified):  # noqa: F811 (a fixture)
    studio(oidc_require_email_verified=False)
    admin = await make(factories.person(email="boss@studio.test", role="admin"))
    claims = claims_of("boss@studio.test", email_verified=verified)
    answer = await sign_in_at(mock, client, f"thief-{verified}", claims)
    assert answer.status_code == 400
    assert ACCESS not in client.cookies
    row = await session.get(Person, admin.id, populate_existing=True)
    assert row.oidc_subject is None


async def test_errors_of_the_provider_stay_in_the_log(client, studio, mock):  # noqa: F811 (a fixture)
    studio(oidc_discovery_url="http://127.0.0.1:9/secret-path/.well-known/openid-configuration")
    answer = await client.get("/auth/oidc/login")
    assert answer.status_code >= 400
    for word in ("secret-path", "127.0.0.1", "Traceback", "httpx", "Connect", "s3cret"):
        assert word not in answer.text
