"""People: who sees what of them, who may change them, and what the studio always keeps."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from kitsu_api.db.models import ApiEvent, LoginLog, Person
from tests import factories

NAME = {"first_name": "Ada", "last_name": "Lovelace"}
SECRETS = ("password", "jti", "totp_secret", "otp_recovery_codes", "fido_credentials", "oidc_subject")


async def post(client, headers, **values):
    return await client.post("/data/persons", json={**NAME, **values}, headers=headers)


@pytest.mark.parametrize("role", ["manager", "supervisor", "user", "client", "vendor"])
async def test_only_admins_keep_people(client, as_role, make, role):
    person = await make(factories.person())
    headers = await as_role(role)
    assert (await post(client, headers)).status_code == 403
    changed = await client.put(f"/data/persons/{person.id}", json={"role": "admin"}, headers=headers)
    assert changed.status_code == 403
    assert (await client.delete(f"/data/persons/{person.id}", headers=headers)).status_code == 403


@pytest.mark.parametrize(
    ("role", "shown"),
    [("admin", True), ("manager", True), ("supervisor", False), ("user", False), ("vendor", False)],
)
async def test_salaries_and_addresses_are_for_those_who_manage(client, as_role, role, shown):
    headers = await as_role(role)
    person = (await client.get(f"/data/persons/{headers.person.id}", headers=headers)).json()
    for column in ("daily_salary", "email", "phone", "totp_enabled"):
        assert (column in person) is shown
    assert person["full_name"].startswith("Alicia")
    answer = await client.get("/data/persons?daily_salary=0", headers=headers)
    assert answer.status_code == (200 if shown else 400)


async def test_secrets_are_for_nobody(client, as_role):
    headers = await as_role("admin")
    person = (await client.get(f"/data/persons/{headers.person.id}", headers=headers)).json()
    assert not set(SECRETS) & set(person)
    for secret in SECRETS:
        assert (await client.get(f"/data/persons?{secret}=x", headers=headers)).status_code == 400


async def test_clients_know_the_people_of_their_productions_alone(client, as_role, make):
    project = await make(factories.project())
    guest = await make(factories.guest())
    colleague = await as_role("user", on=project)
    stranger = await as_role("user")
    headers = await as_role("client", on=project)
    people = (await client.get("/data/persons", headers=headers)).json()
    assert {person["id"] for person in people} == {str(colleague.person.id), str(headers.person.id)}
    assert "desktop_login" not in people[0]
    for hidden in (stranger.person, guest):
        assert (await client.get(f"/data/persons/{hidden.id}", headers=headers)).status_code == 403


async def test_full_names_can_be_looked_up(client, as_role, make):
    person = await make(factories.person(first_name="Grace", last_name="Hopper"))
    found = await client.get("/data/persons?full_name=Grace Hopper", headers=await as_role("user"))
    assert [row["id"] for row in found.json()] == [str(person.id)]


async def test_new_people_speak_the_language_of_the_studio(client, as_role, configure):
    configure(default_locale="fr_FR", default_timezone="Europe/Rome")
    person = (await post(client, await as_role("admin"), email=" Ada@Example.com ")).json()
    assert (person["locale"], person["timezone"], person["role"]) == ("fr_FR", "Europe/Rome", "user")
    assert person["email"] == "Ada@example.com"


@pytest.mark.parametrize(("given", "stored"), [("fr", "FR"), (" us ", "US"), ("", None), (None, None)])
async def test_countries_are_stored_as_codes(client, as_role, given, stored):
    answer = await post(client, await as_role("admin"), country=given)
    assert answer.status_code == 201
    assert answer.json()["country"] == stored


@pytest.mark.parametrize("country", ["France", "f1", "éé", 123, ["FR"], "XX"])
async def test_other_countries_are_refused(client, as_role, country):
    assert (await post(client, await as_role("admin"), country=country)).status_code == 400


@pytest.mark.parametrize("email", ["nobody", "a@b@c.de", "", "x" * 300 + "@example.com"])
async def test_an_email_must_be_one(client, as_role, email):
    assert (await post(client, await as_role("admin"), email=email)).status_code == 400


async def test_an_email_belongs_to_one_person(client, as_role, make):
    await make(factories.person(email="taken@example.com"))
    headers = await as_role("admin")
    assert (await post(client, headers, email="TAKEN@example.com")).status_code == 400
    free = (await post(client, headers, email="free@example.com")).json()
    changed = await client.put(
        f"/data/persons/{free['id']}", json={"email": "Taken@example.com"}, headers=headers
    )
    assert changed.status_code == 400
    same = await client.put(
        f"/data/persons/{free['id']}", json={"email": "free@example.com"}, headers=headers
    )
    assert same.status_code == 200


async def test_the_licence_bounds_active_people(client, as_role, make, configure):
    headers = await as_role("admin")
    away = await make(factories.person(active=False))
    configure(user_limit=2)
    assert (await post(client, headers)).status_code == 201
    refused = await post(client, headers)
    assert refused.status_code == 400
    assert refused.json()["limit_reached"] is True
    assert (await post(client, headers, active=False)).status_code == 201
    back = await client.put(f"/data/persons/{away.id}", json={"active": True}, headers=headers)
    assert back.status_code == 400
    assert (await post(client, headers, is_bot=True)).status_code == 201


@pytest.mark.parametrize("change", [{"role": "user"}, {"active": False}])
async def test_the_last_admin_stays(client, as_role, change):
    headers = await as_role("admin")
    path = f"/data/persons/{headers.person.id}"
    assert (await client.put(path, json=change, headers=headers)).status_code == 400
    await as_role("admin")
    assert (await client.put(path, json=change, headers=headers)).status_code == 200


async def test_protected_accounts_are_their_owners(client, as_role, make, configure):
    headers = await as_role("admin")
    founder = await make(factories.person(email="Founder@example.com"))
    configure(protected_accounts=("founder@example.com",))
    path = f"/data/persons/{founder.id}"
    assert (await client.put(path, json={"phone": "1"}, headers=headers)).status_code == 403
    assert (await client.delete(path, headers=headers)).status_code == 403


async def test_nobody_deletes_themselves(client, as_role):
    headers = await as_role("admin")
    answer = await client.delete(f"/data/persons/{headers.person.id}", headers=headers)
    assert answer.status_code == 403


async def test_who_only_signed_in_can_be_deleted(client, as_role, make, session):
    headers = await as_role("admin")
    project = await make(factories.project())
    leaver = (await as_role("user", on=project)).person
    await make(LoginLog(person_id=leaver.id, origin="web"))
    assert (await client.delete(f"/data/persons/{leaver.id}", headers=headers)).status_code == 204
    assert await session.get(Person, leaver.id) is None
    assert await session.scalar(select(func.count()).where(ApiEvent.name == "person:delete")) == 2


async def test_who_has_made_something_stays(client, as_role, make, session):
    rows = factories.production()
    await make(*rows)
    await make(factories.comment(rows.task, rows.person))
    answer = await client.delete(f"/data/persons/{rows.person.id}", headers=await as_role("admin"))
    assert answer.status_code == 400
    assert await session.get(Person, rows.person.id) is not None


async def test_a_bot_gets_a_token_that_works_once_shown(client, as_role):
    headers = await as_role("admin")
    bot = (await post(client, headers, is_bot=True, email="bot@example.com", role="manager")).json()
    token = {"Authorization": f"Bearer {bot['access_token']}"}
    assert (await client.get("/data/persons", headers=token)).status_code == 200
    again = (await client.get(f"/data/persons/{bot['id']}", headers=headers)).json()
    assert "access_token" not in again
    await client.put(f"/data/persons/{bot['id']}", json={"active": False}, headers=headers)
    assert (await client.get("/data/persons", headers=token)).status_code == 401


async def test_a_new_person_may_get_a_password_to_sign_in_with(client, as_role, session):
    admin = await as_role("admin")
    made = await post(client, admin, email="ada@studio.example", password="analytical engine")
    assert made.status_code == 201
    assert "password" not in made.json()
    login = {"email": "ada@studio.example", "password": "analytical engine"}
    assert (await client.post("/auth/login", json=login)).status_code == 200
    kept = await session.scalars(select(ApiEvent.data).where(ApiEvent.name == "person:new"))
    assert not any("password" in data for data in kept)


@pytest.mark.parametrize("password", ["short", "x" * 73, "null\x00character"])
async def test_a_new_person_gets_no_bad_password(client, as_role, session, password):
    made = await post(client, await as_role("admin"), email="ada@studio.example", password=password)
    assert made.status_code == 400
    assert await session.scalar(select(Person).where(Person.email == "ada@studio.example")) is None
