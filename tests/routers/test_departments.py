"""Departments: their people, and the software and hardware that they have."""

from __future__ import annotations

from uuid import uuid4

import pytest

from kitsu_api.db.models import (
    DepartmentLink,
    HardwareItem,
    HardwareItemDepartmentLink,
    ProjectPersonLink,
    SoftwareDepartmentLink,
)
from tests import factories

KINDS = ("hardware-items", "software-licenses")


@pytest.fixture
async def department(make):
    return await make(factories.department())


@pytest.fixture
async def things(make, department):
    """A hardware item and a software that the department has, and ones that it has not, by kind of route."""
    tablet, screen = await make(
        *(
            HardwareItem(id=uuid4(), name=factories.unique(name), short_name="x")
            for name in ("Tablet", "Screen")
        )
    )
    krita, blender = await make(factories.software(), factories.software())
    await make(
        HardwareItemDepartmentLink(department_id=department.id, hardware_item_id=tablet.id),
        SoftwareDepartmentLink(department_id=department.id, software_id=krita.id),
    )
    return {"hardware-items": (tablet, screen), "software-licenses": (krita, blender)}


def key(kind) -> str:
    return "hardware_item_id" if kind == "hardware-items" else "software_id"


def path(department, kind, thing=None) -> str:
    tail = f"/{thing.id}" if thing is not None else ""
    return f"/data/departments/{department.id}/{kind}{tail}"


@pytest.mark.parametrize("kind", KINDS)
async def test_things_are_listed_by_department(client, as_role, department, things, kind):
    answer = await client.get(f"/data/departments/{kind}", headers=await as_role("manager"))
    assert [row["id"] for row in answer.json()[str(department.id)]] == [str(things[kind][0].id)]


@pytest.mark.parametrize("kind", KINDS)
async def test_one_thing_is_shown_if_the_department_has_it(client, as_role, department, things, kind):
    owned, other = things[kind]
    headers = await as_role("manager")
    answer = await client.get(path(department, kind, owned), headers=headers)
    assert (answer.status_code, answer.json()["name"]) == (200, owned.name)
    assert (await client.get(path(department, kind, other), headers=headers)).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
async def test_a_thing_is_given_once_and_taken_away(client, as_role, department, things, kind):
    thing, headers = things[kind][1], await as_role("admin")
    links = [
        await client.post(path(department, kind), json={key(kind): str(thing.id)}, headers=headers)
        for _ in range(2)
    ]
    assert [link.status_code for link in links] == [201, 201]
    assert links[0].json() == links[1].json()
    assert links[0].json()["department_id"] == str(department.id)
    assert (await client.delete(path(department, kind, thing), headers=headers)).status_code == 204
    assert (await client.delete(path(department, kind, thing), headers=headers)).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
async def test_what_does_not_exist_is_refused(client, as_role, department, things, kind):
    headers, thing = await as_role("admin"), str(things[kind][1].id)
    url = path(department, kind)
    for payload in ({}, {key(kind): None}, {key(kind): "x"}, {key(kind): str(uuid4())}, []):
        assert (await client.post(url, json=payload, headers=headers)).status_code == 400
    missing = f"/data/departments/{uuid4()}/{kind}"
    assert (await client.post(missing, json={key(kind): thing}, headers=headers)).status_code == 404
    assert (await client.get(f"{missing}/{thing}", headers=headers)).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("role", "reads"),
    [("manager", 200), ("supervisor", 403), ("user", 403), ("client", 403), ("vendor", 403)],
)
async def test_managers_read_what_departments_cost_and_admins_alone_change_it(
    client, as_role, department, things, kind, role, reads
):
    headers, owned = await as_role(role), things[kind][0]
    assert (await client.get(f"/data/departments/{kind}", headers=headers)).status_code == reads
    assert (await client.get(path(department, kind, owned), headers=headers)).status_code == reads
    payload = {key(kind): str(owned.id)}
    assert (await client.post(path(department, kind), json=payload, headers=headers)).status_code == 403
    assert (await client.delete(path(department, kind, owned), headers=headers)).status_code == 403


async def test_people_of_a_department_show_what_the_caller_may_know(client, as_role, make, department):
    member, _ = await make(factories.person(daily_salary=300), factories.person())
    await make(DepartmentLink(person_id=member.id, department_id=department.id))
    url = f"/data/departments/{department.id}/persons"
    (shown,) = (await client.get(url, headers=await as_role("admin"))).json()
    assert (shown["id"], shown["daily_salary"]) == (str(member.id), 300)
    assert shown["departments"] == [str(department.id)]
    assert not {"password", "jti", "totp_secret"} & set(shown)
    (masked,) = (await client.get(url, headers=await as_role("user"))).json()
    assert not {"email", "phone", "daily_salary"} & set(masked)


async def test_clients_know_the_people_of_their_productions_alone(client, as_role, make, department):
    project, member = await make(factories.project(), factories.person())
    await make(DepartmentLink(person_id=member.id, department_id=department.id))
    headers = await as_role("client", on=project)
    url = f"/data/departments/{department.id}/persons"
    assert (await client.get(url, headers=headers)).json() == []
    await make(ProjectPersonLink(project_id=project.id, person_id=member.id))
    assert len((await client.get(url, headers=headers)).json()) == 1


async def test_people_of_no_department_are_not_found(client, as_role):
    url = f"/data/departments/{uuid4()}/persons"
    assert (await client.get(url, headers=await as_role("admin"))).status_code == 404
