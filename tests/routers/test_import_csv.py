"""Sheets that are taken in: what they make and change, what they refuse, and how exports come back."""

from __future__ import annotations

import csv
import io
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from kitsu_api.db import models as m
from tests import factories

KINDS = ("Props", "Shot", "Sequence", "Episode", "Edit", "Scene", "Concept", "ConceptFolder")


@pytest.fixture
async def show(make):
    """A series with two task types for assets, one for shots, three statuses, a department, and an artist."""
    status = factories.project_status()
    film = factories.project(status, name="Big Film", production_type="tvshow")
    kinds = {name: factories.entity_type(name=name) for name in KINDS}
    modeling = factories.task_type(name="Modeling", for_entity="Asset", priority=1)
    shading = factories.task_type(name="Shading", for_entity="Asset", priority=2)
    animation = factories.task_type(name="Animation", for_entity="Shot")
    cutting = factories.task_type(name="Cutting", for_entity="Edit")
    types = (modeling, shading, animation, cutting)
    todo = factories.task_status(name="Todo", short_name="todo", is_default=True)
    wip = factories.task_status(name="Work in progress", short_name="wip", is_wip=True)
    done = factories.task_status(name="Done", short_name="done", is_done=True)
    ada = factories.person(first_name="Ada", last_name="Lovelace", email="ada@example.com")
    department = factories.department(name="Rigging")
    links = [m.ProjectTaskTypeLink(project_id=film.id, task_type_id=each.id) for each in types]
    rows = [status, film, *kinds.values(), *types, todo, wip, done, ada, department, *links]
    await make(*rows)
    return SimpleNamespace(
        film=film,
        kinds=kinds,
        modeling=modeling,
        shading=shading,
        animation=animation,
        cutting=cutting,
        todo=todo,
        wip=wip,
        done=done,
        ada=ada,
        department=department,
    )


@pytest.fixture
async def admin(as_role):
    return await as_role("admin", first_name="Grace", last_name="Hopper")


def sheet(*lines: str) -> bytes:
    return "\r\n".join([*lines, ""]).encode()


async def send(client, who, path: str, content: bytes, expected: int = 201, **headers: str) -> Any:
    answer = await client.post(
        f"/import/csv/{path}", files={"file": ("sheet.csv", content)}, headers={**who, **headers}
    )
    assert answer.status_code == expected, answer.text
    return answer.json()


async def exported(client, who, path: str) -> bytes:
    answer = await client.get(f"/export/csv/{path}", headers=who)
    assert answer.status_code == 200, answer.text
    return answer.content


def edited(content: bytes, column: str, row: int, value: str) -> bytes:
    """An exported sheet with another text in one cell; `row` counts from 1."""
    rows = list(csv.reader(io.StringIO(content.decode(), newline=""), delimiter=";"))
    rows[row][rows[0].index(column)] = value
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(rows)
    return text.getvalue().encode()


TABLES = (
    *(m.Entity, m.EntityLink, m.Task, m.TaskPersonLink, m.Comment, m.News, m.ApiEvent, m.Person),
    *(m.DepartmentLink, m.EntityType, m.MetadataDescriptor, m.ProjectPersonLink, m.Notification),
)


async def everything(session) -> dict[str, set[str]]:
    """All rows of the tables that imports write to, as text."""
    session.expire_all()
    found: dict[str, set[str]] = {}
    for table in TABLES:
        text = select(func.to_jsonb(table.__table__.table_valued()))
        found[table.__tablename__] = {str(row) for row in (await session.scalars(text)).all()}
    return found


async def names(session, kind: Any) -> list[str]:
    query = select(m.Entity.name).where(m.Entity.entity_type_id == kind.id)
    return sorted((await session.scalars(query)).all())


async def one(session, model: Any, *where: Any) -> Any:
    return (
        await session.scalars(select(model).where(*where).execution_options(populate_existing=True))
    ).one()


async def events(session, name: str) -> list[dict[str, Any]]:
    return list((await session.scalars(select(m.ApiEvent.data).where(m.ApiEvent.name == name))).all())


# --- entities ---------------------------------------------------------------------------------------


async def test_assets_are_made_with_their_types_metadata_and_tasks(client, admin, show, make, session):
    await make(factories.metadata_descriptor(show.film, name="Difficulty", field_name="difficulty"))
    content = sheet(
        "Type,Name,Description,Difficulty,Modeling,Modeling assignations",
        'props,Tree,"Tall, and green",hard,wip,"Ada Lovelace, Grace Hopper"',
        "Vehicle,Car,,,,",
    )
    rows = await send(client, admin, f"projects/{show.film.id}/assets", content)
    assert [row["name"] for row in rows] == ["Tree", "Car"]
    assert rows[0]["description"] == "Tall, and green"
    assert [row["data"] for row in rows] == [{"difficulty": "hard"}, {"difficulty": ""}]
    assert rows[0]["entity_type_id"] == str(show.kinds["Props"].id)
    vehicle = await one(session, m.EntityType, m.EntityType.name == "Vehicle")
    assert rows[1]["entity_type_id"] == str(vehicle.id)
    tree, car = (UUID(row["id"]) for row in rows)
    tasks = (await session.scalars(select(m.Task).where(m.Task.entity_id.in_([tree, car])))).all()
    assert len(tasks) == 4
    begun = next(task for task in tasks if task.entity_id == tree and task.task_type_id == show.modeling.id)
    assert begun.task_status_id == show.wip.id
    assert begun.real_start_date is not None
    assert {task.task_status_id for task in tasks if task is not begun} == {show.todo.id}
    people = await session.scalars(
        select(m.TaskPersonLink.person_id).where(m.TaskPersonLink.task_id == begun.id)
    )
    assert set(people.all()) == {show.ada.id, admin.person.id}
    comment = await one(session, m.Comment, m.Comment.object_id == begun.id)
    assert (comment.text, comment.task_status_id) == ("", show.wip.id)
    assert len(await events(session, "task:new")) == 4
    assert len(await events(session, "asset:new")) == 2
    assert len(await events(session, "task:assign")) == 2
    team = await session.scalars(select(m.ProjectPersonLink.person_id))
    assert show.ada.id in team.all()


async def test_shots_are_made_with_episodes_sequences_and_frames(client, admin, show, session):
    content = sheet(
        "Episode;Sequence;Name;FPS;Frame In;Frame Out;Nb Frames",
        "E01;S01;P01;25;1001;1100;",
        "E01;S01;P02;;;;48",
        "E02;S01;P01;24,5;10;;",
    )
    rows = await send(client, admin, f"projects/{show.film.id}/shots", content)
    assert [row["nb_frames"] for row in rows] == [100, 48, 0]
    assert rows[0]["data"] == {"fps": "25", "frame_in": 1001, "frame_out": 1100}
    assert rows[2]["data"] == {"fps": "24,5", "frame_in": 10}
    assert await names(session, show.kinds["Episode"]) == ["E01", "E02"]
    assert await names(session, show.kinds["Sequence"]) == ["S01", "S01"]
    assert rows[0]["parent_id"] == rows[1]["parent_id"] != rows[2]["parent_id"]


async def test_without_update_what_is_there_stays_and_missing_tasks_are_made(
    client, admin, show, make, session
):
    tree = await make(factories.entity(show.film, show.kinds["Props"], name="Tree", description="Old"))
    content = sheet("Type,Name,Description", "Props,Tree,New")
    rows = await send(client, admin, f"projects/{show.film.id}/assets", content)
    assert (rows[0]["id"], rows[0]["description"]) == (str(tree.id), "Old")
    count = select(func.count()).select_from(m.Task).where(m.Task.entity_id == tree.id)
    assert await session.scalar(count) == 2
    assert await events(session, "asset:update") == []


async def test_update_changes_what_is_there(client, admin, show, make, session):
    tree = await make(
        factories.entity(show.film, show.kinds["Props"], name="Tree", description="Old", data={"kept": 1})
    )
    content = sheet("Type,Name,Description", "Props,Tree,New")
    rows = await send(client, admin, f"projects/{show.film.id}/assets?update=true", content)
    assert (rows[0]["id"], rows[0]["description"], rows[0]["data"]) == (str(tree.id), "New", {"kept": 1})
    assert [event["asset_id"] for event in await events(session, "asset:update")] == [str(tree.id)]


async def test_a_row_that_is_there_twice_counts_once_and_one_that_differs_is_refused(
    client, admin, show, session
):
    path = f"projects/{show.film.id}/edits"
    rows = await send(client, admin, path, sheet("Name,Description", "Cut,One", "Cut,One"))
    assert rows[0]["id"] == rows[1]["id"]
    told = await send(client, admin, path, sheet("Name,Description", "End,One", "End,Two"), 400)
    assert (told["line_number"], told["imported_rows"]) == (3, 0)
    assert await names(session, show.kinds["Edit"]) == ["Cut"]


@pytest.mark.parametrize(
    ("kind", "lines", "told"),
    [
        ("assets", ["Type,Name", "Props,Tree", ",Stone"], (3, "Type", "An asset type is required")),
        ("assets", ["Type,Name", "Shot,Tree"], (2, "Type", "not an asset type")),
        ("assets", ["Type,Name", "Props,"], (2, "Name", "A name is required")),
        ("assets", ["Type,Description", "Props,Tall"], (2, "Name", "A columns is missing: 'Name'")),
        ("assets", ["Type,Name,Shading", "Props,Tree,", "Props,Bush,nope"], (3, "Shading", "nope")),
        (
            "assets",
            ["Type,Name,Shading assignations", "Props,Tree,Nobody Known"],
            (2, "Shading Shading assignations", "Person not found for Nobody Known"),
        ),
        ("shots", ["Sequence,Name,Frame In", "S01,P01,first"], (2, "Frame In", "whole number")),
        ("shots", ["Sequence,Name,In,Out", "S01,P01,20,10"], (2, "Out", "before the first")),
        ("shots", ["Sequence,Name,FPS", "S01,P01,fast"], (2, "FPS", "not a number")),
        ("shots", ["Sequence,Name", ",P01"], (2, "Sequence", "A sequence is required")),
        ("assets", ["Type,Name", f"Props,{'x' * 161}"], (2, "Name", "160 characters")),
        ("assets", ["Type,Name,Name", "Props,Tree,Bush"], (1, None, "there twice")),
        ("assets", ["Type,Name", "Props,Tree,Green"], (2, None, "3 cells")),
        ("assets", ["Type,Name", "Props"], (2, None, "1 cells")),
        ("assets", ["Type,Name", "Props,Tr\0ee"], (2, None, "NUL")),
        ("assets", ["Type,Name", f"Props,{'x' * 200_000}"], (2, None, "field larger than")),
        ("assets", ["Type,Name", 'Props,"Tree'], (2, None, "can't be read")),
        ("edits", ["Name,Episode", "Cut,E01"], None),
    ],
)
async def test_a_sheet_that_is_refused_says_where_and_leaves_nothing(
    client, admin, show, session, kind, lines, told
):
    before = await everything(session)
    expected = 201 if told is None else 400
    answer = await send(client, admin, f"projects/{show.film.id}/{kind}", sheet(*lines), expected)
    if told is None:
        return
    line, column, message = told
    assert answer["line_number"] == line
    assert answer.get("column") == column
    assert message in answer["message"]
    assert answer["imported_rows"] == 0
    assert await everything(session) == before


@pytest.mark.parametrize(
    "content", [b"", b"\r\n\r\n", b"nothing to see here", b"\x89PNG\x81\x8d\x00\x01", b"\xff\xfea"]
)
async def test_what_is_no_sheet_is_refused(client, admin, show, content):
    answer = await send(client, admin, f"projects/{show.film.id}/assets", content, 400)
    assert answer["error"] is True


async def test_a_form_without_a_file_is_refused(client, admin, show):
    path = f"/import/csv/projects/{show.film.id}/assets"
    for body in ({"json": {}}, {"data": {"file": "text"}}, {"files": {"sheet": ("a.csv", b"Name")}}):
        assert (await client.post(path, headers=admin, **body)).status_code == 400


async def test_an_episode_outside_a_series_is_refused(client, admin, show, make, session):
    film = await make(factories.project(name="Short", production_type="short"))
    path = f"projects/{film.id}/edits"
    told = await send(client, admin, path, sheet("Name,Episode", "Cut,E01"), 400)
    assert told["message"] == "An episode column is present for a production that isn't a TV Show"
    await send(client, admin, path, sheet("Name,Episode", "Cut,"))


async def test_people_of_metadata_are_found_by_name_and_e_mail(client, admin, show, make):
    column = factories.metadata_descriptor(
        show.film, name="Reviewer", field_name="reviewer", data_type="person"
    )
    await make(column)
    content = sheet("Type,Name,Reviewer", "Props,Tree,ada  lovelace", "Props,Bush,ADA@example.com")
    rows = await send(client, admin, f"projects/{show.film.id}/assets", content)
    assert {row["data"]["reviewer"] for row in rows} == {str(show.ada.id)}


async def test_people_of_one_name_have_to_be_named_by_e_mail(client, admin, show, make):
    await make(factories.person(first_name="Ada", last_name="Lovelace", email="other@example.com"))
    content = sheet("Type,Name,Modeling,Assignations", "Props,Tree,,Ada Lovelace")
    told = await send(client, admin, f"projects/{show.film.id}/assets", content, 400)
    assert "2 people are called Ada Lovelace" in told["message"]
    content = sheet("Type,Name,Modeling,Assignations", "Props,Tree,,other@example.com")
    await send(client, admin, f"projects/{show.film.id}/assets", content)


async def test_unknown_columns_are_passed_over_or_made_on_request(client, admin, show, session):
    path = f"projects/{show.film.id}/assets"
    content = sheet("Type,Name,Mood", "Props,Tree,happy")
    plan = await send(client, admin, f"{path}?dry_run=true", content, 200)
    assert plan["ignored_columns"] == ["Mood"]
    rows = await send(client, admin, f"{path}?create_columns=true", content)
    assert rows[0]["data"] == {"mood": "happy"}
    column = await one(session, m.MetadataDescriptor, m.MetadataDescriptor.project_id == show.film.id)
    assert (column.name, column.field_name, column.entity_type) == ("Mood", "mood", "Asset")


async def test_a_dry_run_tells_and_writes_nothing(client, admin, show, make, session):
    await make(factories.entity(show.film, show.kinds["Props"], name="Tree", description="Old"))
    before = await everything(session)
    content = sheet(
        "Project,Type,Name,Description,Time Spent",
        *("Big Film,Props,Tree,New,0", "Big Film,Props,Bush,,0", "Big Film,Props,Bush,Green,0"),
    )
    path = f"projects/{show.film.id}/assets?dry_run=true&update=true"
    plan = await send(client, admin, path, content, 200)
    figures = {name: plan[name] for name in ("rows", "created", "updated", "unchanged", "conflicts")}
    assert figures == {"rows": 3, "created": 1, "updated": 1, "unchanged": 0, "conflicts": 1}
    assert plan["conflict_lines"][0]["line_number"] == 4
    assert await everything(session) == before


async def test_encodings_and_delimiters_are_found_out(client, admin, show):
    text = 'Name\tDescription\r\nÉté\t"à la\r\nmer"\r\n'
    path = f"projects/{show.film.id}/edits"
    for number, encoding in enumerate(("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252")):
        content = text.replace("Été", f"Été {number}").encode(encoding)
        rows = await send(client, admin, path, content)
        assert (rows[0]["name"], rows[0]["description"]) == (f"Été {number}", "à la\r\nmer")


async def test_formulas_come_back_as_they_were(client, admin, show, make, session):
    texts = ("=1+1", "'=1+1", "+33 6", "@home", "-5", "plain", "'quoted'")
    for number, text in enumerate(texts):
        await make(factories.entity(show.film, show.kinds["Props"], name=f"Tree {number}", description=text))
    content = await exported(client, admin, f"projects/{show.film.id}/assets.csv")
    before = await everything(session)
    await send(client, admin, f"projects/{show.film.id}/assets?update=true", content)
    assert await everything(session) == before


# --- round trips ------------------------------------------------------------------------------------


@pytest.fixture
async def full(make, show, admin):
    """The production with something of everything that sheets show."""
    film, kinds = show.film, show.kinds
    columns = [
        factories.metadata_descriptor(
            film, name=name, field_name=name.lower(), data_type=kind, entity_type=on
        )
        for name, kind, on in (
            *(("Tags", "taglist", "Asset"), ("Reviewer", "person", "Asset"), ("Ready", "boolean", "Asset")),
            *(("Steps", "checklist", "Asset"), ("Cost", "number", "Asset"), ("Weather", "string", "Shot")),
        )
    ]
    tree = factories.entity(
        film,
        kinds["Props"],
        name="Tree",
        description='Tall; "green"\nand old',
        data={
            "tags": ["a", "b"],
            "reviewer": str(show.ada.id),
            "ready": True,
            "steps": [{"text": "leaves", "checked": False}],
            "cost": 12.5,
            "hidden": {"kept": True},
        },
    )
    bush = factories.entity(film, kinds["Props"], name="Bush", description=None, data=None)
    episode = factories.entity(film, kinds["Episode"], name="E01")
    sequence = factories.entity(film, kinds["Sequence"], name="S01", parent_id=episode.id)
    shots = [
        factories.entity(
            film,
            kinds["Shot"],
            name=f"P0{number}",
            parent_id=sequence.id,
            nb_frames=5,
            data={"frame_in": 0, "frame_out": 100, "fps": 25, "weather": "=rain"},
        )
        for number in range(3)
    ]
    edit = factories.entity(film, kinds["Edit"], name="Cut", parent_id=episode.id)
    tasks = [
        factories.task(tree, show.modeling, show.wip),
        factories.task(shots[0], show.animation, show.done),
        factories.task(edit, show.cutting, show.todo),
    ]
    await make(*columns, tree, bush, episode, sequence, *shots, edit, *tasks)
    await make(
        factories.assignation(tasks[0], show.ada),
        factories.assignation(tasks[0], admin.person),
        m.EntityLink(entity_in_id=shots[0].id, entity_out_id=tree.id, nb_occurences=2, label="back"),
        m.EntityLink(entity_in_id=tree.id, entity_out_id=bush.id, nb_occurences=1, label=None),
        m.EntityLink(entity_in_id=episode.id, entity_out_id=tree.id, nb_occurences=1, label="=x"),
        m.DepartmentLink(person_id=show.ada.id, department_id=show.department.id),
    )
    return SimpleNamespace(**vars(show), tree=tree, bush=bush, shots=shots, edit=edit, tasks=tasks)


SHEETS = {
    "persons": ("persons.csv", "persons"),
    "assets": ("projects/{}/assets.csv", "projects/{}/assets"),
    "shots": ("projects/{}/shots.csv", "projects/{}/shots"),
    "edits": ("projects/{}/edits.csv", "projects/{}/edits"),
    "casting of assets": ("projects/{}/casting.csv", "projects/{}/casting"),
    "casting of shots": ("projects/{}/casting.csv?is_shot_casting=true", "projects/{}/casting"),
    "casting of episodes": ("projects/{}/casting.csv?episode_id=all", "projects/{}/casting"),
}


@pytest.mark.parametrize("update", [False, True])
@pytest.mark.parametrize("kind", SHEETS)
async def test_an_export_that_is_imported_changes_nothing(client, admin, full, session, kind, update):
    source, target = (path.format(full.film.id) for path in SHEETS[kind])
    content = await exported(client, admin, source)
    assert content.count(b"\r\n") > 1
    before = await everything(session)
    await send(client, admin, f"{target}?update={str(update).lower()}", content)
    assert await everything(session) == before
    plan = await send(client, admin, f"{target}?update=true&dry_run=true", content, 200)
    assert plan["unchanged"] == plan["rows"]


def spelled(content: bytes, encoding: str, delimiter: str) -> bytes:
    """An exported sheet as another program saves it: every cell in quotation marks."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode(encoding)


SPELLINGS = (("utf-8-sig", ";"), ("utf-16", "\t"), ("cp1252", ","), ("utf-16-be", ";"))


@pytest.mark.parametrize("kind", SHEETS)
async def test_a_sheet_of_any_kind_is_the_same_in_any_spelling(client, admin, full, session, kind):
    source, target = (path.format(full.film.id) for path in SHEETS[kind])
    content = await exported(client, admin, source)
    before = await everything(session)
    plans = [
        await send(client, admin, f"{target}?update=true&dry_run=true", spelled(content, *spelling), 200)
        for spelling in SPELLINGS
    ]
    assert plans[0]["rows"] > 0
    assert plans[0]["unchanged"] == plans[0]["rows"]
    assert plans == [plans[0]] * len(SPELLINGS)
    assert await everything(session) == before


@pytest.mark.parametrize("kind", SHEETS)
async def test_a_sheet_of_any_kind_may_be_taken_in_without_waiting(client, admin, full, session, kind):
    source, target = (path.format(full.film.id) for path in SHEETS[kind])
    content = await exported(client, admin, source)
    before = await everything(session)
    job = await send(client, admin, f"{target}?update=true", content, 202, Prefer="respond-async")
    done = (await client.get(f"/data/jobs/{job['id']}", headers=admin)).json()
    assert done["status"] == "succeeded", done
    assert done["result"]["rows"] == done["result"]["unchanged"] == done["done"] == done["total"]
    assert await everything(session) == before


def changed(before: dict[str, set[str]], after: dict[str, set[str]]) -> dict[str, int]:
    """How many rows of each table are new or other than before, and how many are gone."""
    tables = {name: len(after[name] - before[name]) for name in before}
    return {name: count for name, count in tables.items() if count}


@pytest.mark.parametrize(
    ("kind", "column", "row", "value", "written"),
    [
        ("assets", "Description", 2, "Small", {"entity": 1, "api_event": 1}),
        ("assets", "Tags", 2, "a,c", {"entity": 1, "api_event": 1}),
        ("assets", "Cost", 2, "13", {"entity": 1, "api_event": 1}),
        ("assets", "Ready", 2, "no", {"entity": 1, "api_event": 1}),
        ("assets", "Reviewer", 2, "Grace Hopper", {"entity": 1, "api_event": 1}),
        ("assets", "Modeling", 2, "done", {"task": 1, "comment": 1, "news": 1, "api_event": 4}),
        ("assets", "Assignations", 2, "Ada Lovelace", {"task": 1, "api_event": 2}),
        ("shots", "Frame Out", 1, "50", {"entity": 1, "api_event": 1}),
        ("shots", "FPS", 1, "24", {"entity": 1, "api_event": 1}),
        ("shots", "Weather", 1, "=sun", {"entity": 1, "api_event": 1}),
        ("edits", "Description", 1, "Longer", {"entity": 1, "api_event": 1}),
        ("casting of shots", "Occurences", 1, "3", {"entity_link": 1, "api_event": 1}),
        ("casting of assets", "Label", 1, "near", {"entity_link": 1, "api_event": 1}),
        ("casting of episodes", "Label", 1, "far", {"entity_link": 1, "api_event": 1}),
    ],
)
async def test_an_edited_cell_changes_alone(client, admin, full, session, kind, column, row, value, written):
    source, target = (path.format(full.film.id) for path in SHEETS[kind])
    content = edited(await exported(client, admin, source), column, row, value)
    before = await everything(session)
    await send(client, admin, f"{target}?update=true", content)
    found = changed(before, await everything(session))
    found.pop("notification", None)
    assert found == written
    again = list(csv.reader(io.StringIO((await exported(client, admin, source)).decode()), delimiter=";"))
    wanted = list(csv.reader(io.StringIO(content.decode()), delimiter=";"))
    shown = {"no": "false"}.get(value, value)
    wanted[row][wanted[0].index(column)] = f"'{shown}" if shown.startswith("=") else shown
    assert again == wanted


async def test_documents_and_numbers_stay_what_they_were(client, admin, full, session):
    source, target = (path.format(full.film.id) for path in SHEETS["assets"])
    content = edited(await exported(client, admin, source), "Cost", 2, "13")
    content = edited(content, "Steps", 2, '[{"text":"roots","checked":true}]')
    await send(client, admin, f"{target}?update=true", content)
    tree = await one(session, m.Entity, m.Entity.id == full.tree.id)
    assert tree.data == {
        **full.tree.data,
        "cost": 13,
        "steps": [{"text": "roots", "checked": True}],
    }


async def test_new_rows_of_an_export_get_their_tasks_and_old_ones_get_none(client, admin, full, session):
    source, target = (path.format(full.film.id) for path in SHEETS["edits"])
    content = await exported(client, admin, source)
    head, row = content.decode().splitlines()
    content = "\r\n".join([head, row, row.replace("Cut", "End"), ""]).encode()
    before = await session.scalar(select(func.count()).select_from(m.Task))
    await send(client, admin, target, content)
    assert await session.scalar(select(func.count()).select_from(m.Task)) == before + 1
