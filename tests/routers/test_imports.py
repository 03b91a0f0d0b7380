"""Imports step by step: files of all kinds, columns in many languages, plans, and the way back."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select, update

from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.services.import_csv.sheets import SheetError
from kitsu_api.services.import_wizard import spreadsheets
from kitsu_api.services.import_wizard.columns import guess, own_fields
from kitsu_api.workers.jobs.import_steps import IMPORTS_ARE_KEPT, forget_imports
from tests import factories

PATH = "/data/imports"
TABLES = (
    *(m.Entity, m.EntityLink, m.Task, m.TaskPersonLink, m.Comment, m.News, m.Person, m.DepartmentLink),
    *(m.EntityType, m.MetadataDescriptor, m.ProjectPersonLink, m.Notification),
)
SHOTS = (
    "Séquence;Plan;Image début;Image fin;Anim;Anim artists\n"
    "SQ01;SH010;1;24;wip;Ada Lovelace\nSQ01;SH020;1;48;;\n"
)


@pytest.fixture
async def show(make):
    film = factories.project(production_type="short")
    kinds = {
        name: factories.entity_type(name=name) for name in ("Shot", "Sequence", "Edit", "Episode", "Props")
    }
    animation = factories.task_type(name="Anim", for_entity="Shot")
    modeling = factories.task_type(name="Modeling", for_entity="Asset")
    todo = factories.task_status(name="Todo", short_name="todo", is_default=True)
    wip = factories.task_status(name="Work in progress", short_name="wip", is_wip=True)
    ada = factories.person(first_name="Ada", last_name="Lovelace", email="ada@example.com")
    links = [
        m.ProjectTaskTypeLink(project_id=film.id, task_type_id=each.id) for each in (animation, modeling)
    ]
    await make(film, *kinds.values(), animation, modeling, todo, wip, ada, *links)
    return SimpleNamespace(
        film=film, kinds=kinds, animation=animation, modeling=modeling, todo=todo, wip=wip, ada=ada
    )


@pytest.fixture
async def boss(as_role, show):
    return await as_role("manager", on=show.film)


@pytest.fixture
async def admin(as_role):
    return await as_role("admin")


def book(*rows, title="Sheet", before=None) -> bytes:
    found = Workbook()
    sheet = found.active
    sheet.title = title
    if before is not None:
        found.create_sheet("Empty", 0)
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    found.save(out)
    return out.getvalue()


async def begin(client, who, content, kind="shots", expected=201, name="list.csv", **query) -> dict:
    content = content.encode() if isinstance(content, str) else content
    answer = await client.post(
        PATH, params={"kind": kind, **query}, files={"file": (name, content)}, headers=who
    )
    assert answer.status_code == expected, answer.text
    return answer.json()


async def step(client, who, found, name, expected=202, **options) -> dict:
    answer = await client.post(f"{PATH}/{found['id']}/{name}", json=options, headers=who)
    assert answer.status_code == expected, answer.text
    if expected != 202:
        return answer.json()
    return (await client.get(answer.headers["location"], headers=who)).json()


async def look(client, who, found) -> dict:
    return (await client.get(f"{PATH}/{found['id']}", headers=who)).json()


async def everything(session) -> dict[str, set[str]]:
    """All rows of the tables that imports write to, but for when they were last changed."""
    session.expire_all()
    found: dict[str, set[str]] = {}
    for table in TABLES:
        row = func.to_jsonb(table.__table__.table_valued())
        text = select(row - "updated_at" if "updated_at" in table.__table__.c else row)
        found[table.__tablename__] = {str(row) for row in (await session.scalars(text)).all()}
    return found


# --- files and columns --------------------------------------------------------------------------------


async def test_columns_are_guessed_by_their_names_in_several_languages(client, show, boss):
    found = await begin(client, boss, SHOTS, project_id=show.film.id)
    assert found["status"] == "ready"
    assert found["rows"] == 2
    assert found["mapping"] == [
        *("sequence", "name", "frame in", "frame out"),
        *(f"status:{show.animation.id}", f"people:{show.animation.id}"),
    ]
    assert found["columns"][1]["samples"] == ["SH010", "SH020"]
    assert {field["id"] for field in found["fields"] if field["required"]} == {"sequence", "name"}


@pytest.mark.parametrize(
    ("kind", "head", "row", "expected"),
    [
        ("persons", ["Vorname", "Nachname", "E-Mail"], ["A", "B", "c"], ["first name", "last name", "email"]),
        (
            "persons",
            ["Prénom", "Nom de famille", "?"],
            ["A", "B", "a@b.fr"],
            ["first name", "last name", "email"],
        ),
        ("assets", ["Kategorie", "Bezeichnung"], ["Props", "Tree"], ["type", "name"]),
        ("shots", ["Secuencia", "Plano", "Fotogramas"], ["1", "2", "3"], ["sequence", "name", "frames"]),
        ("shots", ["A", "B", "C"], ["SQ010", "SH020", "120"], ["sequence", "name", "frames"]),
        ("shots", ["Sequense", "Shot-Name", "x"], ["a", "b", "c"], ["sequence", "name", None]),
        ("estimations", ["Séquence", "Plan", "Échéance"], ["a", "b", "c"], ["parent", "entity", "due date"]),
        ("shots", ["Name", "Name"], ["a", "b"], ["name", None]),
        ("shots", ["Name", "Time Spent"], ["a", "0"], ["name", None]),
        ("shots", ["", "名前"], ["", "b"], [None, "name"]),
    ],
)
def test_what_columns_stand_for(kind, head, row, expected):
    assert [each.field for each in guess(head, [row], own_fields(kind))] == expected


@pytest.mark.parametrize("cell", ["a@" + "." * 100_000 + "@", "sq" + "1" * 100_000 + "-", "SQ" + "1" * 2_000])
def test_a_cell_that_is_too_long_to_look_at_says_nothing(cell):
    assert [each.field for each in guess(["?"], [[cell]] * 50, own_fields("shots"))] == [None]
    assert [each.field for each in guess(["?"], [[cell]] * 50, own_fields("persons"))] == [None]


async def test_a_spreadsheet_is_read_like_a_csv_file(client, show, boss):
    content = book(
        ["Sequence", "Name", "Frames", "FPS", "Description"],
        ["SQ01", "SH010", 24, 12.5, dt.datetime(2026, 3, 2)],
        [None, None, None, None, None],
        ["SQ01", 10, 24.0, None, True],
        before="Empty",
    )
    found = await begin(client, boss, content, name="list.xlsx", project_id=show.film.id)
    assert (found["error"], found["rows"]) == (None, 2)
    samples = [column["samples"] for column in found["columns"]]
    assert samples == [["SQ01"], ["SH010", "10"], ["24"], ["12.5"], ["2026-03-02", "true"]]


async def test_formulas_are_their_last_results_and_never_computed(client, show, boss):
    content = book(["Sequence", "Name", "Description"], ["SQ01", "SH010", "=1+1"], ["SQ01", "SH020", "'=x"])
    found = await begin(client, boss, content, name="list.xlsx", project_id=show.film.id)
    assert found["columns"][2]["samples"] == ["'=x"]


async def test_a_worksheet_is_chosen_by_its_name(client, show, boss):
    content = book(["Sequence", "Name"], ["SQ01", "SH010"], title="Shots", before="Empty")
    query = {"name": "a.xlsx", "project_id": show.film.id}
    assert (await begin(client, boss, content, worksheet="Shots", **query))["rows"] == 1
    refused = await begin(client, boss, content, worksheet="Nothing", **query)
    assert refused["status"] == "refused"
    assert "Shots" in refused["error"]


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_part(content: bytes, name: str, change) -> bytes:
    """A spreadsheet with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for part in source.namelist():
            data = source.read(part)
            target.writestr(part, change(data) if part == name else data)
    return out.getvalue()


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
ROWS = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"PK\x03\x04 and no more",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        zipped(**{"a.txt": b"no spreadsheet"}),
        with_part(book(["a", "b"]), ROWS, lambda data: LAUGHS + data[data.index(b"<work") :]),
        with_part(book(["a", "b"]), "xl/workbook.xml", lambda data: b"<x"),
        with_part(book(["a", "b"]), ROWS, lambda data: data.replace(b'r="A1"', b'r="ZZZZZZ1"')),
        book(["Sequence", "Name"], ["SQ01", "#REF!"]),
        book(["Sequence", "Name"], ["SQ01", "SH010", "one too many"]),
        b"Sequence,Name\nSQ01\n",
    ],
    # the size of a spreadsheet is not the same in each process: it holds the time
    ids=[
        *("nothing", "empty lines", "broken archive", "old format", "archive of another kind", "entities"),
        *("broken workbook", "far column", "error in a cell", "long line", "short line"),
    ],
)
async def test_files_that_are_no_sheets_are_refused_with_a_reason(client, show, boss, content):
    found = await begin(client, boss, content, name="list.xlsx", project_id=show.film.id)
    assert found["status"] == "refused"
    assert found["error"]
    assert "Error" not in found["error"]
    assert found["error"].count("Line ") <= 1, "each line is named once"
    await step(client, boss, found, "plan", 409)


def test_a_spreadsheet_that_unpacks_to_too_much_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(spreadsheets, "MOST_BYTES", 1000)
    bomb = tmp_path / "bomb.xlsx"
    bomb.write_bytes(zipped(**{"xl/workbook.xml": b" " * 1001}))
    assert bomb.stat().st_size < 500
    with pytest.raises(SheetError, match="unpacks to more"):
        next(spreadsheets.worksheet_rows(bomb, None))


def test_a_worksheet_that_claims_a_line_far_below_ends_before(tmp_path, monkeypatch):
    monkeypatch.setattr(spreadsheets, "MOST_EMPTY", 50)
    content = book(["a", "b"], ["c", "d"], ["e", "f"])
    path = tmp_path / "far.xlsx"
    far = lambda data: data.replace(b'<row r="3"', b'<row r="99999999"').replace(b'"A3"', b'"A99999999"')  # noqa: E731
    path.write_bytes(with_part(content, ROWS, far))
    assert [cells for _, cells in spreadsheets.worksheet_rows(path, None)] == [["a", "b"], ["c", "d"]]


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("shots", {}),
        ("persons", {"project_id": "film"}),
        ("shots", {"project_id": str(uuid4())}),
        ("shots", {"project_id": "film", "task_type_id": str(uuid4())}),
        ("estimations", {"project_id": "film"}),
        ("estimations", {"project_id": "film", "task_type_id": str(uuid4())}),
        ("shots", {"project_id": "film", "episode_id": str(uuid4())}),
        ("nonsense", {"project_id": "film"}),
    ],
)
async def test_imports_that_make_no_sense_are_refused(client, show, admin, kind, query):
    query = {name: str(show.film.id) if value == "film" else value for name, value in query.items()}
    assert (await begin(client, admin, SHOTS, kind, 400, **query))["message"]


# --- mapping ------------------------------------------------------------------------------------------


async def test_a_mapping_is_kept_for_the_next_sheet_of_its_kind(client, show, boss):
    content = "Alpha;Beta;Gamma\nx;y;z\n"
    found = await begin(client, boss, content, project_id=show.film.id)
    assert found["mapping"] == [None, None, None]
    wish = {"mapping": ["name", "sequence", "new"]}
    path = f"{PATH}/{found['id']}/mapping"
    assert (await client.put(path, json=wish, headers=boss)).json()["mapping"] == wish["mapping"]
    assert (await begin(client, boss, content, project_id=show.film.id))["mapping"] == wish["mapping"]
    assert (await begin(client, boss, content, "edits", project_id=show.film.id))["mapping"] != wish[
        "mapping"
    ]
    (kept,) = (await client.get(f"{PATH}/mappings", headers=boss)).json()
    assert kept["fields"] == {"alpha": "name", "beta": "sequence", "gamma": "new"}
    assert (await client.delete(f"{PATH}/mappings/{kept['id']}", headers=boss)).status_code == 204
    assert (await begin(client, boss, content, project_id=show.film.id))["mapping"] == [None, None, None]


@pytest.mark.parametrize(
    "mapping", [["name"], ["name", "name", None], ["name", "nonsense", None], ["name", "status:x", None]]
)
async def test_mappings_that_make_no_sense_are_refused(client, show, boss, mapping):
    found = await begin(client, boss, "Alpha;Beta;Gamma\nx;y;z\n", project_id=show.film.id)
    answer = await client.put(f"{PATH}/{found['id']}/mapping", json={"mapping": mapping}, headers=boss)
    assert answer.status_code == 400


async def test_a_sheet_without_what_it_needs_is_not_planned(client, show, boss):
    found = await begin(client, boss, "Alpha;Name\nx;y\n", project_id=show.film.id)
    refused = await step(client, boss, found, "plan", 400)
    assert "Sequence" in refused["message"]


# --- planning and applying ----------------------------------------------------------------------------


async def test_a_plan_changes_nothing(client, show, boss, session):
    found = await begin(client, boss, SHOTS, project_id=show.film.id)
    before = await everything(session)
    job = await step(client, boss, found, "plan")
    assert job["status"] == "succeeded", job
    assert (job["result"]["created"], job["result"]["dry_run"]) == (2, True)
    assert await everything(session) == before
    assert (await look(client, boss, found))["status"] == "ready"


async def test_errors_name_the_line_of_the_file(client, show, boss):
    content = "Sequence;Name;Frames\nSQ01;SH010;24\n\nSQ01;SH020;many\n"
    found = await begin(client, boss, content, project_id=show.film.id)
    job = await step(client, boss, found, "plan")
    assert job["status"] == "failed"
    assert job["error"].startswith("Line 4, column Frames")


async def test_texts_that_look_like_formulas_come_through_unchanged(client, show, boss, session):
    content = "Sequence,Name,Description\nSQ01,SH010,\"'=a\"\nSQ01,SH020,''=b\n"
    found = await begin(client, boss, content, project_id=show.film.id)
    assert (await step(client, boss, found, "apply"))["status"] == "succeeded"
    query = select(m.Entity.description).where(m.Entity.name.in_(["SH010", "SH020"])).order_by(m.Entity.name)
    assert (await session.scalars(query)).all() == ["=a", "'=b"]


async def test_an_import_is_applied_once(client, show, boss, session):
    found = await begin(client, boss, SHOTS, project_id=show.film.id)
    job = await step(client, boss, found, "apply")
    assert job["status"] == "succeeded", job
    applied = await look(client, boss, found)
    assert (applied["status"], applied["outcome"]["created"]) == ("applied", 2)
    shots = select(m.Entity.name).where(m.Entity.entity_type_id == show.kinds["Shot"].id)
    assert sorted((await session.scalars(shots)).all()) == ["SH010", "SH020"]
    await step(client, boss, found, "apply", 409)
    answer = await client.put(f"{PATH}/{found['id']}/mapping", json={"mapping": []}, headers=boss)
    assert answer.status_code == 409


# --- undoing ------------------------------------------------------------------------------------------


async def applied(client, who, content, **more) -> dict:
    options = {"update": more.pop("update", False)}
    found = await begin(client, who, content, **more)
    job = await step(client, who, found, "apply", **options)
    assert job["status"] == "succeeded", job
    return found


async def test_undoing_deletes_what_an_import_made(client, show, boss, session):
    before = await everything(session)
    found = await applied(client, boss, SHOTS, project_id=show.film.id)
    assert await everything(session) != before
    job = await step(client, boss, found, "undo")
    assert job["status"] == "succeeded", job
    assert job["result"]["undone"]
    assert job["result"]["deleted"]["entity"] == 3
    assert await everything(session) == before
    undone = await look(client, boss, found)
    assert (undone["status"], undone["undoing"]["obstacles"]) == ("undone", [])
    await step(client, boss, found, "undo", 409)
    told = (await session.scalars(select(m.ApiEvent.name).where(m.ApiEvent.name.like("%:delete")))).all()
    assert sorted(told) == [
        "comment:delete",
        "sequence:delete",
        *["shot:delete"] * 2,
        *["task:delete"] * 2,
    ]


async def test_undoing_gives_back_what_an_import_changed(client, show, boss, session, make):
    sequence = await make(factories.entity(show.film, show.kinds["Sequence"], name="SQ01"))
    shot = factories.entity(
        show.film, show.kinds["Shot"], name="SH010", parent_id=sequence.id, nb_frames=7, data={"a": 1}
    )
    task = factories.task(shot, show.animation, show.todo)
    grace = factories.person()
    await make(shot, grace, task, factories.assignation(task, grace))
    before = await everything(session)
    found = await applied(client, boss, SHOTS, project_id=show.film.id, update=True)
    after = await everything(session)
    assert after["entity"] != before["entity"]
    job = await step(client, boss, found, "undo")
    assert job["result"]["undone"], job
    assert job["result"]["restored"]["entity"] == 1
    assert await everything(session) == before


async def test_undoing_an_exported_sheet_puts_people_back_to_work(client, show, boss, session, make):
    sequence = await make(factories.entity(show.film, show.kinds["Sequence"], name="SQ01"))
    shot = factories.entity(show.film, show.kinds["Shot"], name="SH010", parent_id=sequence.id)
    task = factories.task(shot, show.animation, show.todo)
    await make(shot, task, factories.assignation(task, show.ada))
    before = await everything(session)
    content = "Project,Sequence,Name,Time Spent,Anim,Assignations\nx,SQ01,SH010,0,todo,\n"
    found = await begin(client, boss, content, project_id=show.film.id)
    mapping = [None, "sequence", "name", None, f"status:{show.animation.id}", f"people:{show.animation.id}"]
    await client.put(f"{PATH}/{found['id']}/mapping", json={"mapping": mapping}, headers=boss)
    job = await step(client, boss, found, "apply", update=True)
    assert job["status"] == "succeeded", job
    assert (await everything(session))["task_person_link"] == set()
    job = await step(client, boss, found, "undo")
    assert job["result"]["undone"], job
    assert await everything(session) == before


async def test_what_an_import_deleted_is_not_given_back_to_what_is_gone(client, show, boss, session, make):
    sequence = await make(factories.entity(show.film, show.kinds["Sequence"], name="SQ01"))
    shot = factories.entity(show.film, show.kinds["Shot"], name="SH010", parent_id=sequence.id)
    task = factories.task(shot, show.animation, show.todo)
    await make(shot, task, factories.assignation(task, show.ada))
    content = "Project,Sequence,Name,Time Spent,Anim Assignations\nx,SQ01,SH010,0,\n"
    found = await applied(client, boss, content, project_id=show.film.id, update=True)
    assert (await everything(session))["task_person_link"] == set()
    await session.execute(m.Task.__table__.delete().where(m.Task.id == task.id))
    await session.commit()
    before = await everything(session)
    job = await step(client, boss, found, "undo")
    assert (job["status"], "is gone" in job["error"]) == ("failed", True)
    assert await everything(session) == before


async def test_what_others_have_changed_since_stands_in_the_way(client, show, boss, session):
    found = await applied(client, boss, SHOTS, project_id=show.film.id)
    shot_id = await session.scalar(select(m.Entity.id).where(m.Entity.name == "SH010"))
    answer = await client.put(f"/data/entities/{shot_id}", json={"description": "Mine"}, headers=boss)
    assert answer.status_code == 200
    before = await everything(session)
    job = await step(client, boss, found, "undo")
    assert job["status"] == "succeeded"
    assert not job["result"]["undone"]
    expected = {"table": "entity", "key": {"id": str(shot_id)}, "reason": "changed"}
    assert job["result"]["obstacles"] == [expected]
    assert await everything(session) == before
    still = await look(client, boss, found)
    assert (still["status"], still["undoing"]["obstacles"]) == ("applied", [expected])


async def test_what_others_have_built_on_since_stands_in_the_way(client, show, boss, session, make):
    found = await applied(client, boss, SHOTS, project_id=show.film.id)
    shot_id = await session.scalar(select(m.Entity.id).where(m.Entity.name == "SH010"))
    task = (await session.scalars(select(m.Task).where(m.Task.entity_id == shot_id))).one()
    await make(factories.time_spent(task, show.ada), factories.comment(task, show.ada))
    job = await step(client, boss, found, "undo")
    assert not job["result"]["undone"]
    assert {(each["table"], each["reason"]) for each in job["result"]["obstacles"]} == {("task", "used")}


async def test_what_others_have_deleted_since_stands_in_the_way(client, show, boss, session):
    found = await applied(client, boss, "Sequence,Name\nSQ01,SH010\n", project_id=show.film.id)
    shot_id = await session.scalar(select(m.Entity.id).where(m.Entity.name == "SH010"))
    await session.execute(m.Task.__table__.delete().where(m.Task.entity_id == shot_id))
    await session.execute(m.Entity.__table__.delete().where(m.Entity.id == shot_id))
    await session.commit()
    job = await step(client, boss, found, "undo")
    reasons = {(each["table"], each["reason"]) for each in job["result"]["obstacles"]}
    assert reasons == {("task", "changed"), ("entity", "changed")}


async def test_rows_that_are_written_as_they_were_are_nobodys_business(client, show, boss, session, make):
    sequence = await make(factories.entity(show.film, show.kinds["Sequence"], name="SQ01"))
    shot = factories.entity(show.film, show.kinds["Shot"], name="SH010", parent_id=sequence.id)
    await make(shot, factories.task(shot, show.animation, show.todo))
    found = await applied(client, boss, "Sequence,Name\nSQ01,SH010\n", project_id=show.film.id, update=True)
    noted = select(m.ImportChange.table_name, m.ImportChange.before).where(m.ImportChange.action == "updated")
    assert [row for row in await session.execute(noted) if "nb_frames" not in (row[1] or {})] == []
    assert (await step(client, boss, found, "undo"))["result"]["undone"]


async def test_an_asset_type_that_others_use_by_now_stays(client, show, boss, session, make):
    found = await applied(client, boss, "Type,Name\nVehicle,Car\n", kind="assets", project_id=show.film.id)
    vehicle = (await session.scalars(select(m.EntityType).where(m.EntityType.name == "Vehicle"))).one()
    await make(factories.entity(await make(factories.project()), vehicle))
    job = await step(client, boss, found, "undo")
    assert job["result"]["undone"], job
    names = (await session.scalars(select(m.EntityType.name))).all()
    assert "Vehicle" in names
    assert await session.scalar(select(func.count()).where(m.Entity.name == "Car")) == 0


async def test_castings_are_undone(client, show, boss, session, make):
    sequence = await make(factories.entity(show.film, show.kinds["Sequence"], name="SQ01"))
    shot = factories.entity(show.film, show.kinds["Shot"], name="SH010", parent_id=sequence.id)
    tree, bush = (factories.entity(show.film, show.kinds["Props"], name=name) for name in ("Tree", "Bush"))
    link = m.EntityLink(entity_in_id=shot.id, entity_out_id=tree.id, nb_occurences=1, label="x")
    await make(shot, tree, bush, link)
    before = await everything(session)
    content = "Parent,Name,Asset Type,Asset,Occurrences\nSQ01,SH010,Props,Tree,5\nSQ01,SH010,Props,Bush,2\n"
    found = await applied(client, boss, content, kind="casting", project_id=show.film.id)
    assert (await everything(session))["entity_link"] != before["entity_link"]
    job = await step(client, boss, found, "undo")
    assert job["result"]["undone"], job
    assert await everything(session) == before


async def test_estimations_are_undone(client, show, boss, session, make):
    sequence = await make(factories.entity(show.film, show.kinds["Sequence"], name="SQ01"))
    shot = factories.entity(show.film, show.kinds["Shot"], name="SH010", parent_id=sequence.id)
    await make(shot, factories.task(shot, show.animation, show.todo, estimation=60))
    before = await everything(session)
    content = "Sequence;Shot;Estimate;Deadline\nSQ01;SH010;480;2026-03-02\n"
    query = {"project_id": show.film.id, "task_type_id": show.animation.id}
    found = await applied(client, boss, content, kind="estimations", **query)
    assert (await everything(session))["task"] != before["task"]
    assert (await step(client, boss, found, "undo"))["result"]["undone"]
    assert await everything(session) == before


async def test_people_are_taken_in_and_undone_without_their_secrets_being_noted(
    client, show, admin, session, make
):
    department = await make(factories.department(name="Rigging"))
    await make(m.DepartmentLink(person_id=show.ada.id, department_id=department.id))
    before = await everything(session)
    content = (
        "Prénom;Nom de famille;Courriel;Téléphone;Departments\n"
        "Ada;King;ada@example.com;+33 123456789;\nGrace;Hopper;grace@example.com;;Rigging\n"
    )
    found = await applied(client, admin, content, kind="persons", update=True)
    assert (await everything(session))["person"] != before["person"]
    noted = select(m.ImportChange.before).where(m.ImportChange.table_name == "person")
    assert {tuple(sorted(row)) for row in await session.scalars(noted) if row} == {("last_name", "phone")}
    job = await step(client, admin, found, "undo")
    assert job["result"]["undone"], job
    assert await everything(session) == before


async def test_an_import_and_its_undoing_take_as_many_statements_with_more_rows(
    client, show, boss, count_statements
):
    counts = []
    for number in (1, 2):
        rows = "".join(f"SQ{number};SH{number}{shot:02}\n" for shot in range(number * 5))
        found = await begin(client, boss, f"Sequence;Name\n{rows}", project_id=show.film.id)
        await step(client, boss, found, "apply")
        with count_statements() as statements:
            assert (await step(client, boss, found, "undo"))["result"]["undone"]
        counts.append(statements.count)
    assert counts[0] == counts[1]


# --- who may, and for how long ------------------------------------------------------------------------


async def test_imports_are_for_who_runs_the_production(client, show, boss, as_role, make):
    found = await begin(client, boss, SHOTS, project_id=show.film.id)
    strangers = [
        await as_role("manager", on=await make(factories.project())),
        await as_role("supervisor", on=show.film),
        await as_role("user", on=show.film),
    ]
    for who in strangers:
        await begin(client, who, SHOTS, expected=403, project_id=show.film.id)
        assert (await client.get(f"{PATH}/{found['id']}", headers=who)).status_code == 403
        for name in ("plan", "apply", "undo"):
            await step(client, who, found, name, 403)
        assert (await client.delete(f"{PATH}/{found['id']}", headers=who)).status_code == 403
    assert (await client.get(PATH, headers=strangers[0])).json() == []
    assert [each["id"] for each in (await client.get(PATH, headers=boss)).json()] == [found["id"]]


async def test_people_are_taken_in_by_admins_alone(client, show, boss):
    await begin(client, boss, "First Name,Last Name,Email\na,b,c@d.fr\n", "persons", 403)


async def test_a_forgotten_import_leaves_what_it_did(client, app, show, boss, session):
    found = await applied(client, boss, SHOTS, project_id=show.film.id)
    assert (await client.delete(f"{PATH}/{found['id']}", headers=boss)).status_code == 204
    assert (await client.get(f"{PATH}/{found['id']}", headers=boss)).status_code == 404
    assert await session.scalar(select(func.count()).where(m.Entity.name == "SH010")) == 1
    gone = select(func.count()).where(m.StoredFile.prefix == "imports", m.StoredFile.purge_forced)
    assert await session.scalar(gone) == 1


async def test_imports_are_kept_for_thirty_days(client, app, show, boss, session):
    found = await begin(client, boss, SHOTS, project_id=show.film.id)
    context = {"job": app.state.jobs}
    assert await forget_imports(context) == 0
    old = now() - IMPORTS_ARE_KEPT - dt.timedelta(minutes=1)
    await session.execute(update(m.SheetImport).values(created_at=old))
    await session.commit()
    assert await forget_imports(context) == 1
    assert await session.get(m.SheetImport, UUID(found["id"])) is None
