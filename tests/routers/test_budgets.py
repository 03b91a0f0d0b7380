"""Budgets of productions: money is for those who run them."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from kitsu_api.db.models import ApiEvent, Budget, BudgetEntry
from tests import factories

ROLES = ("admin", "manager", "supervisor", "user", "client", "vendor")


@pytest.fixture
async def project(make):
    return await make(factories.project())


@pytest.fixture
async def budget(make, project):
    return await make(Budget(id=uuid4(), project_id=project.id, name="First", revision=1, currency="EUR"))


@pytest.fixture
async def department(make):
    return await make(factories.department())


@pytest.fixture
async def entry(make, budget, department):
    return await make(
        BudgetEntry(
            id=uuid4(),
            budget_id=budget.id,
            department_id=department.id,
            start_date=date(2026, 2, 1),
            months_duration=3,
            daily_salary=200,
            exceptions={"2026-03": 100},
        )
    )


def path(project, *parts) -> str:
    return "/".join([f"/data/projects/{project.id}/budgets", *(str(part) for part in parts)])


def wish(department, **values) -> dict:
    body = {"start_date": "2026-02-01", "months_duration": 6, "daily_salary": 500}
    return {"department_id": str(department.id), **body, **values}


@pytest.mark.parametrize("role", ROLES)
async def test_money_is_for_those_who_run_the_production(
    client, as_role, project, budget, entry, department, role
):
    headers = await as_role(role, on=project)
    runs = role in ("admin", "manager")
    for parts in (
        (),
        ("time-spents",),
        (budget.id,),
        (budget.id, "entries"),
        (budget.id, "entries", entry.id),
    ):
        answer = await client.get(path(project, *parts), headers=headers)
        assert answer.status_code == (200 if runs else 403), parts
    calls = (
        ("POST", (), {"name": "Second"}, 200),
        ("PUT", (budget.id,), {"name": "New"}, 200),
        ("POST", (budget.id, "entries"), wish(department), 200),
        ("PUT", (budget.id, "entries", entry.id), {"daily_salary": 1}, 200),
        ("DELETE", (budget.id, "entries", entry.id), None, 204),
        ("DELETE", (budget.id,), None, 204),
    )
    for method, parts, body, status in calls:
        answer = await client.request(method, path(project, *parts), json=body, headers=headers)
        assert answer.status_code == (status if runs else 403), (method, parts)


async def test_a_manager_who_is_an_artist_here_or_runs_another_production_sees_no_money(
    client, as_role, make, project, budget
):
    other = await make(factories.project())
    demoted = await as_role("manager", on=project, role_on="user")
    elsewhere = await as_role("manager", on=other)
    for headers in (demoted, elsewhere):
        assert (await client.get(path(project), headers=headers)).status_code == 403
        assert (await client.get(path(project, budget.id), headers=headers)).status_code == 403


async def test_a_budget_is_not_reached_through_another_production(
    client, as_role, make, project, budget, entry
):
    other = await make(factories.project())
    second = await make(Budget(id=uuid4(), project_id=other.id, name="Theirs"))
    headers = await as_role("manager", on=[project, other])
    for parts in (
        (project, second.id),
        (other, budget.id),
        (other, budget.id, "entries"),
        (other, second.id, "entries", entry.id),
        (project, uuid4()),
        (project, budget.id, "entries", uuid4()),
    ):
        answer = await client.get(path(parts[0], *parts[1:]), headers=headers)
        assert answer.status_code == 404, parts
    admin = await as_role("admin")
    assert (await client.get(f"/data/projects/{uuid4()}/budgets", headers=admin)).status_code == 404


async def test_revisions_count_within_a_production(client, as_role, make, project):
    headers = await as_role("admin")
    other = await make(factories.project())
    made = [
        (await client.post(path(one), json={"name": "B"}, headers=headers)).json()
        for one in (project, project, other)
    ]
    assert [row["revision"] for row in made] == [1, 2, 1]
    assert {row["currency"] for row in made} == {"USD"}
    listed = (await client.get(path(project), headers=headers)).json()
    assert [row["id"] for row in listed] == [made[0]["id"], made[1]["id"]]


async def test_what_is_not_sent_of_a_budget_stays(client, as_role, project, budget):
    headers = await as_role("manager", on=project)
    row = (await client.put(path(project, budget.id), json={"name": "New"}, headers=headers)).json()
    assert (row["name"], row["currency"]) == ("New", "EUR")
    row = (await client.put(path(project, budget.id), json={"name": None}, headers=headers)).json()
    assert row["name"] == "New"


async def test_an_entry_is_for_an_artist_of_middle_seniority_unless_told_otherwise(
    client, as_role, project, budget, department
):
    headers = await as_role("manager", on=project)
    answer = await client.post(path(project, budget.id, "entries"), json=wish(department), headers=headers)
    row = answer.json()
    assert (row["position"], row["seniority"], row["exceptions"]) == ("artist", "mid", {})
    listed = (await client.get(path(project, budget.id, "entries"), headers=headers)).json()
    assert listed == [{k: v for k, v in row.items() if k not in ("created_at", "updated_at", "type")}]


async def test_null_in_a_wish_stands_for_what_is_usual(client, as_role, project, budget, department):
    headers = await as_role("admin")
    row = (await client.post(path(project), json={"name": "B", "currency": None}, headers=headers)).json()
    assert row["currency"] == "USD"
    nothing = {"position": None, "seniority": None, "exceptions": None, "person_id": ""}
    answer = await client.post(
        path(project, budget.id, "entries"), json=wish(department, **nothing), headers=headers
    )
    assert answer.status_code == 200, answer.text
    row = answer.json()
    assert (row["position"], row["seniority"]) == ("artist", "mid")
    assert (row["exceptions"], row["person_id"]) == ({}, None)


async def test_a_change_clears_position_and_seniority_alone(client, as_role, make, project, budget, entry):
    headers = await as_role("manager", on=project)
    person = await make(factories.person())
    one = path(project, budget.id, "entries", entry.id)
    await client.put(one, json={"person_id": str(person.id), "position": "lead"}, headers=headers)
    row = (await client.put(one, json={"daily_salary": 300}, headers=headers)).json()
    assert (row["position"], row["seniority"]) == (None, None)
    assert (row["person_id"], row["daily_salary"]) == (str(person.id), 300)
    assert row["exceptions"] == {"2026-03": 100}
    row = (await client.put(one, json={"person_id": None, "start_date": None}, headers=headers)).json()
    assert (row["person_id"], row["start_date"]) == (None, "2026-02-01")


async def test_bad_bodies_are_told_apart(client, as_role, project, budget, entry, department):
    headers = await as_role("admin")
    entries = path(project, budget.id, "entries")
    for target, body in (
        (path(project), {}),
        (path(project), {"name": ""}),
        (path(project), {"name": "B", "currency": "EURO"}),
        (entries, {}),
        (entries, {"department_id": str(department.id)}),
        (entries, wish(department, department_id=str(uuid4()))),
        (entries, wish(department, person_id=str(uuid4()))),
        (entries, wish(department, position="boss")),
        (entries, wish(department, daily_salary=-1)),
        (entries, wish(department, months_duration=2**31)),
        (entries, wish(department, exceptions=[1])),
    ):
        answer = await client.post(target, json=body, headers=headers)
        assert answer.status_code == 400, body
        assert answer.json()["error"] is True
    answer = await client.put(f"{entries}/{entry.id}", json={"department_id": str(uuid4())}, headers=headers)
    assert answer.status_code == 400


async def test_the_entries_go_with_their_budget(client, as_role, session, project, budget, entry):
    headers = await as_role("admin")
    assert (await client.delete(path(project, budget.id), headers=headers)).status_code == 204
    left = select(func.count()).select_from(BudgetEntry).where(BudgetEntry.id == entry.id)
    assert await session.scalar(left) == 0


async def test_the_table_of_budgets_lets_entries_go_as_well(client, as_role, budget, entry):
    headers = await as_role("admin")
    assert (await client.delete(f"/data/budgets/{budget.id}", headers=headers)).status_code == 204


async def test_each_write_is_logged(client, as_role, session, project, department):
    headers = await as_role("admin")
    budget_id = (await client.post(path(project), json={"name": "B"}, headers=headers)).json()["id"]
    await client.put(path(project, budget_id), json={"name": "C"}, headers=headers)
    entries = path(project, budget_id, "entries")
    entry_id = (await client.post(entries, json=wish(department), headers=headers)).json()["id"]
    await client.put(f"{entries}/{entry_id}", json={}, headers=headers)
    await client.delete(f"{entries}/{entry_id}", headers=headers)
    await client.delete(path(project, budget_id), headers=headers)
    query = select(ApiEvent).where(ApiEvent.project_id == project.id)
    events = {event.name: event.data for event in (await session.scalars(query)).all()}
    about = {"budget_id": budget_id, "project_id": str(project.id)}
    for action in ("create", "update", "delete"):
        assert events[f"budget:{action}"] == about
        assert events[f"budget-entry:{action}"] == {**about, "budget_entry_id": entry_id}


async def test_time_is_summed_by_department_person_and_month(client, as_role, make, department):
    rows = await make(*factories.production())
    film, task, artist = rows[1], rows[7], rows[6]
    typed = await make(factories.task_type(department_id=department.id))
    second = await make(factories.task(rows[3], typed, rows[5]))
    for one, day, minutes in (
        (task, date(2026, 3, 2), 60),
        (second, date(2026, 3, 3), 30),
        (second, date(2026, 3, 4), 40),
        (second, date(2026, 4, 1), 50),
    ):
        await make(factories.time_spent(one, artist, date=day, duration=minutes))
    headers = await as_role("manager", on=film)
    table = (await client.get(path(film, "time-spents"), headers=headers)).json()
    person = str(artist.id)
    assert table == {
        "none": {person: {"2026-03": 60}},
        str(department.id): {person: {"2026-03": 70, "2026-04": 50}},
    }
