"""The team of a production, and the roles held in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from kitsu_api.app import connect
from kitsu_api.db.models import ApiEvent, ProjectPersonLink
from tests import factories


@pytest.fixture
async def project(make):
    return await make(factories.project())


@pytest.fixture
async def person(make):
    return await make(factories.person(daily_salary=300))


async def events_of(session, project):
    query = select(func.count()).where(ApiEvent.project_id == project.id, ApiEvent.name == "project:update")
    return await session.scalar(query)


async def test_somebody_joins_and_leaves(client, as_role, project, person, session):
    headers = await as_role("manager", on=project)
    path = f"/data/projects/{project.id}/team"
    answer = await client.post(path, json={"person_id": str(person.id)}, headers=headers)
    assert (answer.status_code, answer.json()["id"]) == (201, str(project.id))
    assert str(person.id) in [row["id"] for row in (await client.get(path, headers=headers)).json()]
    for _ in range(2):  # leaving twice changes nothing
        assert (await client.delete(f"{path}/{person.id}", headers=headers)).status_code == 204
    assert str(person.id) not in [row["id"] for row in (await client.get(path, headers=headers)).json()]
    assert await events_of(session, project) == 2


async def test_a_role_is_for_this_production_alone(client, as_role, project, person, session):
    headers = await as_role("admin")
    path = f"/data/projects/{project.id}/team"
    await client.post(path, json={"person_id": str(person.id), "role": "supervisor"}, headers=headers)
    [row] = (await client.get(path, headers=headers)).json()
    assert (row["role"], row["project_role"]) == ("user", "supervisor")
    assert await events_of(session, project) == 2  # one for the person, one for the role


async def test_a_role_is_changed_taken_back_and_left_alone(client, as_role, project, person):
    headers = await as_role("admin")
    path = f"/data/projects/{project.id}/team"
    await client.post(path, json={"person_id": str(person.id)}, headers=headers)
    for sent, held in (({"role": "manager"}, "manager"), ({}, "manager"), ({"role": None}, None)):
        answer = await client.put(f"{path}/{person.id}", json=sent, headers=headers)
        assert answer.status_code == 200
        assert answer.json() == {"project_id": str(project.id), "person_id": str(person.id), "role": held}


@pytest.mark.parametrize("role", ["admin", "king", 3])
async def test_nobody_is_an_admin_of_one_production(client, as_role, project, person, role):
    headers = await as_role("admin")
    body = {"person_id": str(person.id), "role": role}
    path = f"/data/projects/{project.id}/team"
    assert (await client.post(path, json=body, headers=headers)).status_code == 400
    assert (await client.put(f"{path}/{person.id}", json=body, headers=headers)).status_code == 400


async def test_only_members_hold_roles(client, as_role, project, person):
    path = f"/data/projects/{project.id}/team/{person.id}"
    answer = await client.put(path, json={"role": "manager"}, headers=await as_role("admin"))
    assert answer.status_code == 400
    assert answer.json()["message"] == "Person is not a member of the project team"


async def test_who_is_added_twice_is_in_the_team_once(client, as_role, project, person, session):
    headers = await as_role("admin")
    path, body = f"/data/projects/{project.id}/team", {"person_id": str(person.id), "role": "manager"}
    for _ in range(2):
        assert (await client.post(path, json=body, headers=headers)).status_code == 201
        body.pop("role", None)
    query = select(ProjectPersonLink.role).where(ProjectPersonLink.project_id == project.id)
    assert (await session.scalars(query)).all() == ["manager"]  # no role sent: the one held stays


@pytest.fixture
async def parallel(built_app, settings, migrated_database, valkey, valkey_url) -> AsyncIterator[Any]:
    """A client whose requests have connections of their own, and the sessions to look with."""
    engine = create_async_engine(migrated_database.replace("postgresql://", "postgresql+asyncpg://"))
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    built_app.state.settings = settings
    connect(built_app, sessions, valkey)
    async with AsyncClient(transport=ASGITransport(built_app), base_url="http://test") as client:
        yield client, sessions
    await engine.dispose()


async def test_who_is_added_by_several_at_once_is_in_the_team_once(parallel, sign_in):
    client, sessions = parallel
    admin, project, person = factories.person(role="admin"), factories.project(), factories.person()
    async with sessions() as session:
        session.add_all([admin, project, person])
        await session.commit()
    path, body = f"/data/projects/{project.id}/team", {"person_id": str(person.id), "role": "manager"}
    headers = sign_in(admin)
    answers = await asyncio.gather(*(client.post(path, json=body, headers=headers) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [201] * 4
    async with sessions() as session:
        query = select(ProjectPersonLink.role).where(ProjectPersonLink.project_id == project.id)
        assert (await session.scalars(query)).all() == ["manager"]


@pytest.mark.parametrize("body", [{}, {"person_id": None}, {"person_id": "x"}, {"person_id": str(uuid4())}])
async def test_only_people_join(client, as_role, project, body):
    path = f"/data/projects/{project.id}/team"
    assert (await client.post(path, json=body, headers=await as_role("admin"))).status_code == 400


@pytest.mark.parametrize("role", ["supervisor", "user", "client", "vendor"])
async def test_members_see_the_team_and_those_who_run_it_change_it(client, as_role, project, person, role):
    headers = await as_role(role, on=project)
    path = f"/data/projects/{project.id}/team"
    assert (await client.get(path, headers=headers)).status_code == 200
    answers = (
        await client.post(path, json={"person_id": str(person.id)}, headers=headers),
        await client.put(f"{path}/{person.id}", json={"role": None}, headers=headers),
        await client.delete(f"{path}/{person.id}", headers=headers),
    )
    assert [answer.status_code for answer in answers] == [403] * 3


@pytest.mark.parametrize("role", ["manager", "user", "client"])
async def test_other_teams_are_closed(client, as_role, project, person, make, role):
    headers = await as_role(role, on=await make(factories.project()))
    path = f"/data/projects/{project.id}/team"
    assert (await client.get(path, headers=headers)).status_code == 403
    body = {"person_id": str(person.id)}
    assert (await client.post(path, json=body, headers=headers)).status_code == 403


async def test_there_is_no_team_without_a_production(client, as_role):
    answer = await client.get(f"/data/projects/{uuid4()}/team", headers=await as_role("admin"))
    assert answer.status_code == 404


async def test_what_is_shown_of_people_depends_on_the_reader(client, as_role, project, person):
    path = f"/data/projects/{project.id}/team"
    manager = await as_role("manager", on=project)
    await client.post(path, json={"person_id": str(person.id)}, headers=manager)
    shown = {}
    for role, headers in (
        ("manager", manager),
        ("user", await as_role("user", on=project)),
        ("client", await as_role("client", on=project)),
    ):
        rows = (await client.get(path, headers=headers)).json()
        [shown[role]] = [row for row in rows if row["id"] == str(person.id)]
    assert shown["manager"]["daily_salary"] == 300
    assert "password" not in shown["manager"]
    assert "email" not in shown["user"]
    assert "departments" in shown["user"]
    assert "departments" not in shown["client"]


async def test_a_team_of_any_size_takes_as_many_statements(client, as_role, project, make, count_statements):
    headers = await as_role("admin")
    counts = []
    for _ in range(2):
        for someone in await make(*(factories.person() for _ in range(3))):
            await make(ProjectPersonLink(project_id=project.id, person_id=someone.id))
        with count_statements() as statements:
            await client.get(f"/data/projects/{project.id}/team", headers=headers)
        counts.append(statements.count)
    assert counts[0] == counts[1] <= 3
