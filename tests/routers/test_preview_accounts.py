"""The account with which those who run a production see it as its client does."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from kitsu_api.db.base import now
from kitsu_api.db.models import ApiEvent, Person, ProjectPersonLink
from tests import factories


@pytest.fixture
async def project(make):
    return await make(factories.project(name="Agent 327"))


@pytest.fixture
def path(project):
    return f"/data/projects/{project.id}/preview-account"


async def test_a_production_has_none_at_first(client, as_role, project, path):
    headers = await as_role("manager", on=project)
    answer = await client.get(path, headers=headers)
    assert (answer.status_code, answer.json()) == (200, None)
    assert (await client.put(path, json={"is_open": True}, headers=headers)).status_code == 404
    assert (await client.delete(path, headers=headers)).status_code == 204


async def test_it_is_a_client_of_this_production(client, as_role, project, path, session):
    headers = await as_role("manager", on=project)
    made = await client.post(path, json={}, headers=headers)
    assert made.status_code == 201
    account = made.json()
    assert (account["full_name"], account["preview_open_until"]) == ("Preview Agent 327", None)
    person = await session.get(Person, UUID(account["id"]))
    assert (person.role, person.preview_project_id) == ("client", project.id)
    query = select(ProjectPersonLink.project_id).where(ProjectPersonLink.person_id == person.id)
    assert (await session.scalars(query)).all() == [project.id]


async def test_there_is_one_and_its_password_is_shown_as_it_is_made(client, as_role, project, path, session):
    headers = await as_role("manager", on=project)
    first = (await client.post(path, headers=headers)).json()
    second = (await client.post(path, headers=headers)).json()
    assert first["id"] == second["id"]
    assert first["password"] != second["password"]
    assert "password" not in (await client.get(path, headers=headers)).json()
    query = select(func.count()).where(ApiEvent.name == "project:update", ApiEvent.project_id == project.id)
    assert await session.scalar(query) == 1


async def test_it_is_open_for_an_hour_and_can_be_closed(client, as_role, project, path, session):
    headers = await as_role("manager", on=project)
    account = (await client.post(path, headers=headers)).json()
    before = now()
    opened = (await client.put(path, json={"is_open": True}, headers=headers)).json()
    person = await session.get(Person, UUID(account["id"]))
    await session.refresh(person)
    assert before + timedelta(hours=1) <= person.preview_open_until <= now() + timedelta(hours=1)
    assert opened["preview_open_until"] == person.preview_open_until.isoformat()
    closed = (await client.put(path, json={"is_open": False}, headers=headers)).json()
    assert closed["preview_open_until"] is None
    await session.refresh(person)
    assert (person.preview_opened_at, person.preview_open_until) == (None, None)


async def test_an_account_whose_hour_is_over_is_closed(client, as_role, project, path, make):
    await make(
        factories.person(preview_project_id=project.id, preview_open_until=now() - timedelta(seconds=1))
    )
    answer = await client.get(path, headers=await as_role("admin"))
    assert answer.json()["preview_open_until"] is None


async def test_it_goes_with_its_place_in_the_team(client, as_role, project, path, session):
    headers = await as_role("manager", on=project)
    account = (await client.post(path, headers=headers)).json()
    session.add(ApiEvent(name="person:login", user_id=UUID(account["id"]), data={}))
    await session.commit()
    assert (await client.delete(path, headers=headers)).status_code == 204
    query = select(func.count()).select_from(Person).where(Person.id == UUID(account["id"]))
    assert await session.scalar(query) == 0
    assert (await client.get(path, headers=headers)).json() is None


@pytest.mark.parametrize("role", ["supervisor", "user", "client", "vendor"])
async def test_it_is_for_those_who_run_the_production(client, as_role, project, path, role):
    headers = await as_role(role, on=project)
    answers = (
        await client.get(path, headers=headers),
        await client.post(path, json={}, headers=headers),
        await client.put(path, json={"is_open": True}, headers=headers),
        await client.delete(path, headers=headers),
    )
    assert [answer.status_code for answer in answers] == [403] * 4


async def test_managers_of_other_productions_have_no_business_here(client, as_role, make, path):
    headers = await as_role("manager", on=await make(factories.project()))
    assert (await client.get(path, headers=headers)).status_code == 403
    assert (await client.post(path, headers=headers)).status_code == 403


@pytest.mark.parametrize("body", [{}, {"is_open": None}, {"is_open": "perhaps"}, []])
async def test_it_is_open_or_it_is_not(client, as_role, path, body):
    answer = await client.put(path, json=body, headers=await as_role("admin"))
    assert answer.status_code == 400


async def test_there_is_none_without_a_production(client, as_role):
    answer = await client.get(f"/data/projects/{uuid4()}/preview-account", headers=await as_role("admin"))
    assert answer.status_code == 404


async def test_it_lets_nobody_in_while_it_is_closed(client, as_role, project, path, sign_in, session):
    headers = await as_role("manager", on=project)
    account = (await client.post(path, headers=headers)).json()
    credentials = {"email": account["email"], "password": account["password"]}
    token = sign_in(await session.get(Person, UUID(account["id"])))
    for is_open in (False, True, False):
        await client.put(path, json={"is_open": is_open}, headers=headers)
        answer = await client.post("/auth/login", json=credentials)
        assert (answer.status_code == 200) is is_open, answer.text
        client.cookies.clear()
        seen = await client.get("/data/projects/open", headers=token)
        assert seen.status_code == (200 if is_open else 401)
