"""Sheets of people, and of estimations: what they make and change, and who may send them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from kitsu_api.db import models as m
from tests import factories

HEAD = "First Name;Last Name;Email;Phone;Role;Departments;Studio;Country;Contract Type;Position;Seniority"


@pytest.fixture
async def admin(as_role):
    return await as_role("admin", email="grace@example.com")


async def send(client, who, path: str, *lines: str, expected: int = 201) -> Any:
    content = "\n".join(lines).encode()
    answer = await client.post(f"/import/csv/{path}", files={"file": ("sheet.csv", content)}, headers=who)
    assert answer.status_code == expected, answer.text
    return answer.json()


async def person(session, email: str) -> m.Person:
    query = select(m.Person).where(m.Person.email == email).execution_options(populate_existing=True)
    return (await session.scalars(query)).one()


# --- people -----------------------------------------------------------------------------------------


async def test_people_are_made_as_their_rows_say(client, admin, make, session):
    rigging, fur = await make(factories.department(name="Rigging"), factories.department(name="Fur"))
    studio = await make(factories.studio(name="Paris"))
    rows = await send(
        client,
        admin,
        "persons",
        f"{HEAD};Daily Salary;Active",
        "Ada;Lovelace;Ada@Example.com;+33 6;Artist;rigging,Fur;paris;fr;Open-ended;Lead;Senior;320;yes",
        "Joan;Clarke;joan@example.com;;supervisor;;;;;;;;no",
    )
    assert [row["full_name"] for row in rows] == ["Ada Lovelace", "Joan Clarke"]
    assert "password" not in rows[0]
    ada = await person(session, "Ada@example.com")
    assert (ada.role, ada.country, ada.position, ada.seniority) == ("user", "FR", "lead", "senior")
    assert (ada.daily_salary, ada.phone, ada.studio_id, ada.password) == (320, "+33 6", studio.id, None)
    links = await session.scalars(
        select(m.DepartmentLink.department_id).where(m.DepartmentLink.person_id == ada.id)
    )
    assert set(links.all()) == {rigging.id, fur.id}
    joan = await person(session, "joan@example.com")
    assert (joan.active, joan.role, joan.contract_type) == (False, "supervisor", "open-ended")
    told = await session.scalars(select(m.ApiEvent.data).where(m.ApiEvent.name == "person:new"))
    assert len(told.all()) == 2


async def test_people_who_are_there_change_with_update_alone(client, admin, make, session):
    await make(factories.person(first_name="Ada", last_name="Lovelace", email="ada@example.com", phone="1"))
    lines = (HEAD, "Ada;King;ADA@example.com;2;;;;;;;")
    await send(client, admin, "persons", *lines)
    assert (await person(session, "ada@example.com")).last_name == "Lovelace"
    await send(client, admin, "persons?update=true", *lines)
    session.expire_all()
    ada = (await session.scalars(select(m.Person).where(m.Person.last_name == "King"))).one()
    assert (ada.phone, ada.role, ada.active) == ("2", "user", True)


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("Ada;L;no mail;;;;;;;;", "Email", "not valid"),
        ("Ada;L;;;;;;;;;", "Email", "required"),
        (";L;ada@example.com;;;;;;;;", "First Name", "required"),
        ("Ada;L;ada@example.com;;boss;;;;;;", "Role", "expected"),
        ("Ada;L;ada@example.com;;;Nowhere;;;;;", "Departments", "Department not found for Nowhere"),
        ("Ada;L;ada@example.com;;;;Nowhere;;;;", "Studio", "Studio not found for Nowhere"),
        ("Ada;L;ada@example.com;;;;;France;;;", "Country", "two letters"),
        ("Ada;L;ada@example.com;;;;;;for life;;", "Contract Type", "expected"),
        ("Ada;L;ada@example.com;;;;;;;king;", "Position", "expected"),
        (f"Ada;{'L' * 81};ada@example.com;;;;;;;;", "Last Name", "80 characters"),
    ],
)
async def test_a_person_who_can_not_be_is_refused(client, admin, session, row, column, message):
    count = select(func.count()).select_from(m.Person)
    before = await session.scalar(count)
    told = await send(
        client, admin, "persons", HEAD, "Joan;Clarke;joan@example.com;;;;;;;;", row, expected=400
    )
    assert (told["line_number"], told["column"]) == (3, column)
    assert message in told["message"]
    assert await session.scalar(count) == before


async def test_the_last_admin_stays(client, admin, session):
    lines = ("First Name;Last Name;Email;Role", "Grace;Hopper;grace@example.com;user")
    told = await send(client, admin, "persons?update=true", *lines, expected=400)
    assert "run the studio" in told["message"]
    await send(client, admin, "persons?update=true", *lines, "Ada;L;ada@example.com;admin")


async def test_the_licence_is_kept(client, admin, configure):
    configure(user_limit=2)
    lines = ("First Name;Last Name;Email", "Ada;L;ada@example.com", "Joan;C;joan@example.com")
    told = await send(client, admin, "persons", *lines, expected=400)
    assert told["limit_reached"] is True
    await send(client, admin, "persons", *lines[:2])


async def test_protected_accounts_and_guests_stay_as_they_are(client, admin, make, configure):
    await make(factories.person(email="root@example.com"), factories.guest(email="guest@example.com"))
    configure(protected_accounts=["root@example.com"])
    for email in ("root@example.com", "guest@example.com"):
        lines = ("First Name;Last Name;Email;Role", f"A;B;{email};admin")
        told = await send(client, admin, "persons?update=true", *lines, expected=400)
        assert "can't change it" in told["message"]


@pytest.mark.parametrize("role", ["manager", "supervisor", "user", "client", "vendor"])
async def test_people_are_imported_by_admins_alone(client, as_role, role):
    who = await as_role(role)
    await send(client, who, "persons", HEAD, "Ada;L;ada@example.com;;admin;;;;;;", expected=403)


# --- estimations ------------------------------------------------------------------------------------


@pytest.fixture
async def show(make):
    """Two episodes with a shot of one name in a sequence of one name each, an asset, and a task on each."""
    film = factories.project(factories.project_status(), production_type="tvshow")
    kinds = {name: factories.entity_type(name=name) for name in ("Props", "Shot", "Sequence", "Episode")}
    animation, status = factories.task_type(for_entity="Shot"), factories.task_status()
    rows, tasks = [], []
    for name in ("E01", "E02"):
        episode = factories.entity(film, kinds["Episode"], name=name)
        sequence = factories.entity(film, kinds["Sequence"], name="S01", parent_id=episode.id)
        shot = factories.entity(film, kinds["Shot"], name="P01", parent_id=sequence.id)
        task = factories.task(shot, animation, status)
        rows += [episode, sequence, shot, task]
        tasks.append(task)
    tree = factories.entity(film, kinds["Props"], name="Tree")
    modeling = factories.task_type(for_entity="Asset")
    job = factories.task(tree, modeling, status, data={"kept": 1}, estimation=60)
    column = factories.metadata_descriptor(
        film, name="Level", field_name="level", entity_type="Task", task_type_id=modeling.id
    )
    state = (await make(factories.project_status(name="Running"))).id
    film.project_status_id = state
    await make(film, *kinds.values(), animation, modeling, status, *rows, tree, job, column)
    return {
        "film": film,
        "animation": animation,
        "modeling": modeling,
        "job": job,
        "tasks": tasks,
        "rows": rows,
    }


async def fresh(session, task) -> m.Task:
    query = select(m.Task).where(m.Task.id == task.id).execution_options(populate_existing=True)
    return (await session.scalars(query)).one()


async def test_estimations_dates_and_metadata_are_set(client, admin, show, session):
    path = f"projects/{show['film'].id}/task-types/{show['modeling'].id}/estimations"
    answer = await send(
        client,
        admin,
        path,
        "Parent,Entity,Estimation,Start date,Due date,Difficulty,Drawings,Level,Other",
        'props,Tree,"90,5",2026-03-02,2026-03-06,4,12,hard,ignored',
        "Props,Unknown,1,,,,,,",
    )
    assert answer == [None, None]
    job = await fresh(session, show["job"])
    assert (job.estimation, job.difficulty, job.nb_drawings) == (90.5, 4, 12)
    assert (job.start_date, job.due_date) == (dt.datetime(2026, 3, 2), dt.datetime(2026, 3, 6))
    assert job.data == {"kept": 1, "level": "hard"}
    told = await session.scalars(select(m.ApiEvent.data).where(m.ApiEvent.name == "task:update"))
    assert [data["task_id"] for data in told.all()] == [str(job.id)]


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ";"), ("utf-16", "\t"), ("cp1252", ",")])
async def test_a_sheet_of_estimations_is_the_same_in_any_spelling(
    client, admin, show, session, encoding, delimiter
):
    path = f"projects/{show['film'].id}/task-types/{show['modeling'].id}/estimations"
    rows = [("Parent", "Entity", "Estimation", "Level"), ("Props", "Tree", "90", "à la\r\nlettre; dur")]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    files = {"file": ("sheet.csv", text.getvalue().encode(encoding))}
    plan = await client.post(f"/import/csv/{path}?dry_run=true", files=files, headers=admin)
    assert (plan.status_code, plan.json()["updated"]) == (200, 1)
    assert (await fresh(session, show["job"])).estimation == 60
    job = await client.post(f"/import/csv/{path}", files=files, headers={**admin, "Prefer": "respond-async"})
    assert job.status_code == 202, job.text
    found = await fresh(session, show["job"])
    assert (found.estimation, found.data) == (90, {"kept": 1, "level": "à la\r\nlettre; dur"})
    again = await client.post(f"/import/csv/{path}?dry_run=true", files=files, headers=admin)
    assert again.json()["unchanged"] == 1


async def test_estimations_are_minutes_as_in_the_sheet_of_tasks(client, admin, show, make):
    show["film"].project_status_id = (await make(factories.project_status(name="Open"))).id
    await make(show["film"])
    path = f"projects/{show['film'].id}/task-types/{show['modeling'].id}/estimations"
    await send(client, admin, path, "Parent,Entity,Estimation", "Props,Tree,480")
    content = (await client.get("/export/csv/tasks.csv", headers=admin)).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content, newline=""), delimiter=";"))
    assert [float(row["Estimation"]) for row in rows if float(row["Estimation"])] == [480]


async def test_empty_cells_of_estimations_say_nothing(client, admin, show, session):
    path = f"projects/{show['film'].id}/task-types/{show['modeling'].id}/estimations"
    await send(client, admin, path, "Parent,Entity,Estimation,Start date", "Props,Tree,,")
    assert (await fresh(session, show["job"])).estimation == 60


async def test_estimations_of_an_episode_leave_others_alone(client, admin, show, session):
    first, second = show["tasks"]
    episode = show["rows"][4]
    path = f"projects/{show['film'].id}/episodes/{episode.id}/task-types/{show['animation'].id}/estimations"
    await send(client, admin, path, "Parent,Entity,Estimation", "S01,P01,30")
    assert (await fresh(session, first)).estimation == 0
    assert (await fresh(session, second)).estimation == 30


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ("Props,Tree,-1,,", "Estimation"),
        ("Props,Tree,long,,", "Estimation"),
        ("Props,Tree,,tomorrow,", "Start date"),
        ("Props,Tree,,2026-03-06,2026-03-02", "Due date"),
        ("Props,,1,,", "Entity"),
    ],
)
async def test_estimations_that_can_not_be_are_refused(client, admin, show, cells, column):
    path = f"projects/{show['film'].id}/task-types/{show['modeling'].id}/estimations"
    head = "Parent,Entity,Estimation,Start date,Due date"
    told = await send(client, admin, path, head, "Props,Tree,1,,", cells, expected=400)
    assert (told["line_number"], told["column"]) == (3, column)


async def test_estimations_need_a_task_type_and_an_episode_of_the_production(client, admin, show, make):
    other = await make(factories.project())
    film, type_id, episode = show["film"].id, show["animation"].id, show["rows"][0].id
    row = ("Parent,Entity,Estimation", "S01,P01,30")
    await send(client, admin, f"projects/{film}/task-types/{uuid4()}/estimations", *row, expected=404)
    path = f"episodes/{episode}/task-types/{type_id}/estimations"
    await send(client, admin, f"projects/{other.id}/{path}", *row, expected=404)


@pytest.mark.parametrize("kind", ["assets", "shots", "edits", "casting"])
@pytest.mark.parametrize(("role", "status"), [("supervisor", 403), ("user", 403), ("client", 403)])
async def test_sheets_of_a_production_are_for_those_who_run_it(client, as_role, show, kind, role, status):
    who = await as_role(role, on=show["film"])
    await send(client, who, f"projects/{show['film'].id}/{kind}", "Name", "A", expected=status)


async def test_managers_import_into_their_own_productions_alone(client, as_role, show, settings):
    line = ("Sequence,Name", "S09,P01")
    path = f"projects/{show['film'].id}/shots"
    await send(client, await as_role("manager"), path, *line, expected=403)
    assert not list(settings.previews.glob("files/sheets/**/*"))
    await send(client, await as_role("manager", on=show["film"]), path, *line)
    assert not [found for found in settings.previews.glob("files/sheets/**/*") if found.is_file()]
