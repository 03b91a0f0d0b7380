"""Sheets: their columns and rows, whose rows they are, and what they cost."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any
from uuid import uuid4

import pytest

from kitsu_api.db.models import (
    DepartmentLink,
    DepartmentMetadataDescriptorLink,
    EntityLink,
    ProjectTaskTypeLink,
)
from tests import factories

ROLES = ("admin", "manager", "supervisor", "user", "client", "vendor")


async def export(client, who, path: str) -> list[list[str]]:
    answer = await client.get(f"/export/csv/{path}", headers=who)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    text = answer.content.decode()
    assert text.endswith("\r\n")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def cells(row: str) -> list[str]:
    return row.split(";")


async def refused(client, who, path: str) -> int:
    return int((await client.get(f"/export/csv/{path}", headers=who)).status_code)


class Show:
    """A production of two episodes, to be filled."""

    def __init__(self, make, project, kinds) -> None:
        self.make, self.project, self.kinds = make, project, kinds

    async def add(self, kind: str, name: str, **values: Any) -> Any:
        return await self.make(factories.entity(self.project, self.kinds[kind], name=name, **values))

    async def shot(self, place: str, **values: Any) -> Any:
        episode, sequence, name = place.split("/")
        above = await self.add("Episode", episode) if episode else None
        holder = await self.add("Sequence", sequence, parent_id=above and above.id)
        return await self.add("Shot", name, parent_id=holder.id, **values)

    async def column(self, name: str, kind: str = "Asset", **values: Any) -> Any:
        field = name.lower().replace(" ", "_")
        row = factories.metadata_descriptor(
            self.project, name=name, field_name=field, entity_type=kind, **values
        )
        return await self.make(row)

    async def task(self, entity, type_, status, *people, **values: Any) -> Any:
        task = await self.make(factories.task(entity, type_, status, **values))
        for person in people:
            await self.make(factories.assignation(task, person))
        return task

    def sheet(self, name: str) -> str:
        return f"projects/{self.project.id}/{name}.csv"


@pytest.fixture
async def kinds(make) -> dict[str, Any]:
    names = ("Props", "Environment", "Shot", "Sequence", "Episode", "Edit")
    return {name: await make(factories.entity_type(name=name)) for name in names}


@pytest.fixture
async def show(make, kinds) -> Show:
    status = await make(factories.project_status())
    project = await make(factories.project(status, name="Été Rouge", production_type="tvshow"))
    return Show(make, project, kinds)


@pytest.fixture
async def work(make) -> Any:
    """A status whose short name is `wip`."""
    return await make(factories.task_status(name="Work in progress", short_name="wip"))


# --- people, productions, task types ------------------------------------------------------------------


async def test_people_are_listed_by_name_with_their_departments_and_studio(client, as_role, make):
    admin = await as_role("admin")
    studio = await make(factories.studio(name="North"))
    first, second = await make(factories.department(name="Zoo"), factories.department(name="Anim"))
    person = factories.person(
        first_name="zoe",
        last_name="Zulu",
        email="zoe@example.com",
        phone="+33 6",
        studio_id=studio.id,
        country="FR",
        daily_salary=300,
        seniority="senior",
        position="lead",
        active=False,
    )
    await make(person, factories.person(first_name="Zoe", last_name="Alpha"))
    await make(factories.bot(first_name="Zorro"), factories.guest(first_name="Zula"))
    for department in (first, second):
        await make(DepartmentLink(person_id=person.id, department_id=department.id))
    head, *rows = await export(client, admin, "persons.csv")
    assert head == cells(
        "First Name;Last Name;Email;Phone;Role;Departments;Studio;Country;Contract Type;Position;Seniority;"
        "Daily Salary;Active"
    )
    assert [row[1] for row in rows if row[0].lower().startswith("z")] == ["Alpha", "Zulu"]
    assert rows[-1] == cells(
        "zoe;Zulu;zoe@example.com;'+33 6;user;Anim,Zoo;North;FR;open-ended;lead;senior;300;no"
    )


async def test_the_files_have_the_names_that_clients_know(client, as_role, show, make):
    admin = await as_role("admin")
    playlist = await make(factories.playlist(show.project, name="Day 1"))
    today = dt.datetime.now(dt.UTC).strftime("%Y_%m_%d")
    names = {
        "persons.csv": "kitsu_people_export",
        "projects.csv": "kitsu_export",
        "task-types.csv": "kitsu_export",
        "tasks.csv": "kitsu_tasks_export",
        "time-spents.csv": f"kitsu_{today}_open_projects_time_spents_export",
        show.sheet("assets"): "kitsu_ete_rouge_assets",
        show.sheet("shots"): "kitsu_ete_rouge_shots",
        show.sheet("edits"): "kitsu_ete_rouge_edits",
        show.sheet("casting"): "kitsu_ete_rouge_casting",
        f"playlists/{playlist.id}": "kitsu_ete_rouge_playlist_day_1",
    }
    for path, name in names.items():
        answer = await client.get(f"/export/csv/{path}", headers=admin)
        assert answer.headers["content-disposition"] == f"attachment; filename={name}.csv"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("persons.csv", {"admin", "manager"}),
        ("projects.csv", {"admin", "manager"}),
        ("task-types.csv", {"admin", "manager"}),
        ("tasks.csv", {"admin", "manager"}),
        ("time-spents.csv", {"admin", "manager", "supervisor"}),
    ],
)
async def test_sheets_of_the_studio_are_for_those_who_run_productions(
    client, as_role, show, role, path, allowed
):
    who = await as_role(role, on=show.project)
    assert await refused(client, who, path) == (200 if role in allowed else 403)


async def test_a_manager_exports_their_own_productions(client, as_role, show, make):
    await make(factories.project(name="Other"))
    manager, admin = await as_role("manager", on=show.project), await as_role("admin")
    assert await export(client, manager, "projects.csv") == [["Name", "Status"], ["Été Rouge", "Open"]]
    assert ["Other", ""] in await export(client, admin, "projects.csv")


async def test_task_types_are_listed_by_department(client, as_role, make):
    department = await make(factories.department(name="Anim"))
    await make(
        factories.task_type(name="Layout", department_id=department.id),
        factories.task_type(name="Blocking", department_id=department.id),
        factories.task_type(name="Editing", department_id=None),
    )
    found = await export(client, await as_role("admin"), "task-types.csv")
    assert found == [["Department", "Name"], ["Anim", "Blocking"], ["Anim", "Layout"]]


# --- tasks and time -----------------------------------------------------------------------------------


async def test_tasks_say_where_they_are_and_who_does_what(client, as_role, show, make, work):
    people = [await make(factories.person(first_name=name, last_name="Doe")) for name in ("Zed", "Ann")]
    shot = await show.shot("E1/S1/P1")
    await show.task(
        shot,
        await make(factories.task_type(name="Comp")),
        work,
        *people,
        assigner_id=people[0].id,
        duration=90,
        estimation=40.5,
        start_date=dt.datetime(2026, 3, 1, 9),
        due_date=dt.datetime(2026, 3, 9),
        real_start_date=dt.datetime(2026, 3, 2),
        end_date=dt.datetime(2026, 3, 3),
        done_date=dt.datetime(2026, 3, 4),
    )
    head, row = await export(client, await as_role("manager", on=show.project), "tasks.csv")
    assert head == cells(
        "Project;Task Type;Episode;Sequence;Entity Type;Entity;Assigner;Assignees;Duration;Estimation;"
        "Start date;Due date;WIP date;Validation date;Task Status"
    )
    assert row == cells(
        "Été Rouge;Comp;E1;S1;Shot;P1;Zed Doe;Ann Doe,Zed Doe;90.0;40.5;2026-03-01;2026-03-09;2026-03-02;"
        "2026-03-04;Work in progress"
    )


async def test_the_episode_of_a_task_on_an_edit_is_no_sequence(client, as_role, show, make, work):
    episode = await show.add("Episode", "E1")
    edit = await show.add("Edit", "Cut", parent_id=episode.id)
    await show.task(edit, await make(factories.task_type()), work)
    [_, row] = await export(client, await as_role("admin"), "tasks.csv")
    assert row[2:6] == ["E1", "", "Edit", "Cut"]


async def test_tasks_and_time_of_productions_that_are_over_are_left_out(client, as_role, make):
    over = await make(factories.project_status(name="Closed"))
    rows = factories.production()
    rows.project.project_status_id = over.id
    await make(*rows, factories.time_spent(rows.task, rows.person))
    admin = await as_role("admin")
    for path in ("tasks.csv", "time-spents.csv"):
        assert len(await export(client, admin, path)) == 1


async def test_a_manager_exports_the_tasks_of_the_productions_they_run(client, as_role, make):
    here, there = factories.production(), factories.production()
    await make(*here, *there)
    manager = await as_role("manager", on=here.project)
    rows = await export(client, manager, "tasks.csv")
    assert [row[0] for row in rows[1:]] == [here.project.name]
    reduced = await as_role("manager", on=[here.project, there.project], role_on="user")
    assert await refused(client, reduced, "tasks.csv") == 403


async def test_time_is_listed_in_minutes_by_person_and_day(client, as_role, make):
    rows = factories.production()
    await make(*rows)
    for day, minutes in ((4, 500), (3, 60)):
        await make(factories.time_spent(rows.task, rows.person, date=dt.date(2026, 3, day), duration=minutes))
    head, first, second = await export(client, await as_role("admin"), "time-spents.csv")
    assert head == cells("Project;Person;Entity Type Name;Entity;Task Type;Date;Time spent")
    name = f"{rows.person.first_name} {rows.person.last_name}"
    place = [rows.project.name, name, rows.entity_type.name, rows.entity.name, rows.task_type.name]
    assert first == [*place, "2026-03-03", "60.0"]
    assert second == [*place, "2026-03-04", "500.0"]


async def test_a_supervisor_exports_the_time_of_their_departments(client, as_role, make):
    rows = factories.production()
    other = factories.production()
    await make(*rows, *other)
    await make(factories.time_spent(rows.task, rows.person), factories.time_spent(other.task, other.person))
    department = await make(factories.department())
    supervisor = await as_role("supervisor", on=rows.project)
    assert len(await export(client, supervisor, "time-spents.csv")) == 2
    await make(DepartmentLink(person_id=supervisor.person.id, department_id=department.id))
    assert len(await export(client, supervisor, "time-spents.csv")) == 1


# --- assets, shots, edits -----------------------------------------------------------------------------


async def test_assets_have_metadata_statuses_and_assignations(client, as_role, show, make, work):
    await make(factories.organisation(hours_by_day=10))
    shading = await make(factories.task_type(name="Shading", priority=2))
    modeling = await make(factories.task_type(name="Modeling", priority=1))
    await make(factories.task_type(name="Unused"))
    people = [await make(factories.person(first_name=name, last_name="Doe")) for name in ("Zed", "Ann")]
    await show.column("Vendor")
    tree = await show.add("Props", "Tree", description="tall", data={"vendor": "Ours", "other": 1})
    await show.add("Props", "Bush")
    await show.add("Environment", "Forest")
    await show.add("Props", "Gone", canceled=True)
    await show.task(tree, shading, work, *people, duration=90)
    await show.task(tree, modeling, work, duration=60)
    head, forest, bush, row = await export(client, await as_role("admin"), show.sheet("assets"))
    common = ["Project", "Type", "Name", "Description", "Time Spent"]
    assert head == [*common, "Vendor", "Modeling", "Assignations", "Shading", "Assignations"]
    assert row == (
        ["Été Rouge", "Props", "Tree", "tall", "0.25", "Ours", "wip", "", "wip", "Ann Doe,Zed Doe"]
    )
    assert [forest[2], bush[2]] == ["Forest", "Bush"]
    assert bush[4:] == ["0.00", "", "", "", "", ""]


async def test_the_status_of_several_tasks_of_a_type_is_that_of_the_oldest(client, as_role, show, make, work):
    done = await make(factories.task_status(short_name="done"))
    shading = await make(factories.task_type(name="Shading"))
    person = await make(factories.person(first_name="Ann", last_name="Doe"))
    tree = await show.add("Props", "Tree")
    moments = [dt.datetime(2026, 3, day) for day in (1, 2)]
    await show.task(tree, shading, done, person, name="second", created_at=moments[1])
    await show.task(tree, shading, work, person, name="first", created_at=moments[0])
    [_, row] = await export(client, await as_role("admin"), show.sheet("assets"))
    assert row[-2:] == ["wip", "Ann Doe"]


async def test_shots_have_frames_and_come_by_episode_sequence_and_name(client, as_role, show):
    await show.shot("E2/S1/P1")
    await show.shot("E1/S2/P1", nb_frames=24, data={"frame_in": 1, "frame_out": "25", "fps": 25})
    await show.shot("/S0/P9", data=["no", "object"])
    head, alone, first, second = await export(client, await as_role("admin"), show.sheet("shots"))
    assert head == cells("Project;Episode;Sequence;Name;Description;Time Spent;Frames;Frame In;Frame Out;FPS")
    assert first == ["Été Rouge", "E1", "S2", "P1", "", "0.00", "24", "1", "25", "25"]
    assert alone[1:] == ["", "S0", "P9", "", "0.00", "", "", "", ""]
    assert second[1:4] == ["E2", "S1", "P1"]


async def test_edits_come_with_their_episode(client, as_role, show):
    episode = await show.add("Episode", "E1")
    await show.column("Cutter", "Edit")
    await show.add("Edit", "Cut", parent_id=episode.id, description="rough", data={"cutter": "Ann"})
    head, row = await export(client, await as_role("admin"), show.sheet("edits"))
    assert head == ["Project", "Episode", "Name", "Description", "Time Spent", "Cutter"]
    assert row == ["Été Rouge", "E1", "Cut", "rough", "0.00", "Ann"]


async def test_metadata_are_written_as_people_read_them(client, as_role, show, make):
    person = await make(factories.person(first_name="Ann", last_name="Doe"))
    values: dict[str, tuple[str, Any, str]] = {
        "A": ("boolean", True, "true"),
        "B": ("number", -1.5, "-1.5"),
        "C": ("taglist", ["x", "y"], "x,y"),
        "D": ("checklist", [{"text": "t", "checked": False}], '[{"text":"t","checked":false}]'),
        "E": ("person", str(person.id), "Ann Doe"),
        "F": ("string", "-2+3", "'-2+3"),
        "G": ("string", {"deep": 1}, '{"deep":1}'),
    }
    for name, (data_type, _, _) in values.items():
        await show.column(name, data_type=data_type)
    await show.add("Props", "Tree", data={name.lower(): value[1] for name, value in values.items()})
    head, row = await export(client, await as_role("admin"), show.sheet("assets"))
    assert head[5:] == list(values)
    assert row[5:] == [value[2] for value in values.values()]


async def test_what_a_spreadsheet_would_run_is_made_harmless_in_heads_and_rows(client, as_role, show):
    await show.column("=cmd")
    await show.add("Props", "@SUM(A1)", description='=1;2\n"x"')
    head, row = await export(client, await as_role("admin"), show.sheet("assets"))
    assert head[5] == "'=cmd"
    assert row[2:4] == ["'@SUM(A1)", '\'=1;2\n"x"']


@pytest.mark.parametrize("name", ["assets", "shots", "edits", "casting"])
async def test_a_production_is_exported_by_its_team_alone(client, as_role, show, name):
    assert await refused(client, await as_role("user"), show.sheet(name)) == 403
    assert await refused(client, {}, show.sheet(name)) == 401
    assert await refused(client, await as_role("admin"), f"projects/{uuid4()}/{name}.csv") == 404
    for role in ROLES:
        assert await refused(client, await as_role(role, on=show.project), show.sheet(name)) == 200


async def test_a_vendor_exports_what_they_are_assigned_to(client, as_role, show, make, work):
    vendor = await as_role("vendor", on=show.project)
    shading, rigging = await make(factories.task_type(name="Shading"), factories.task_type(name="Rigging"))
    tree, other = await show.add("Props", "Tree"), await show.add("Props", "Other")
    await show.task(tree, shading, work, vendor.person, duration=48)
    await show.task(tree, rigging, work, duration=480)
    await show.task(other, rigging, work)
    head, row = await export(client, vendor, show.sheet("assets"))
    assert head[5:] == ["Shading", "Assignations"]
    assert row[2:5] == ["Tree", "", "0.10"]


async def test_departments_narrow_the_metadata_columns_of_vendors(client, as_role, show, make, work):
    open_, closed = await make(factories.department(), factories.department())
    for name, department in (("Mine", open_), ("Secret", closed)):
        column = await show.column(name)
        await make(
            DepartmentMetadataDescriptorLink(metadata_descriptor_id=column.id, department_id=department.id)
        )
    await show.column("Everybody")
    vendor = await as_role("vendor", on=show.project)
    await make(DepartmentLink(person_id=vendor.person.id, department_id=open_.id))
    tree = await show.add("Props", "Tree", data={"mine": "m", "secret": "s", "everybody": "e"})
    await show.task(tree, await make(factories.task_type()), work, vendor.person)
    head, row = await export(client, vendor, show.sheet("assets"))
    assert (head[5:7], row[5:7]) == (["Everybody", "Mine"], ["e", "m"])
    assert "s" not in row
    artist = await as_role("user", on=show.project)
    assert (await export(client, artist, show.sheet("assets")))[0][5:8] == ["Everybody", "Mine", "Secret"]


async def test_clients_export_the_columns_that_are_for_them(client, as_role, show, make, work):
    await show.column("Inner")
    await show.column("Outer", for_client=True)
    tree = await show.add("Props", "Tree", data={"inner": "i", "outer": "o"})
    hidden, shown = await make(factories.task_type(name="Hidden"), factories.task_type(name="Shown"))
    link = ProjectTaskTypeLink(project_id=show.project.id, task_type_id=hidden.id, is_client_visible=False)
    await make(link)
    for type_ in (hidden, shown):
        await show.task(tree, type_, work)
    head, row = await export(client, await as_role("client", on=show.project), show.sheet("assets"))
    assert head[5:] == ["Outer", "Shown", "Assignations"]
    assert row[5:] == ["o", "wip", ""]


@pytest.mark.parametrize("name", ["assets", "shots", "casting"])
async def test_the_number_of_statements_does_not_grow_with_the_sheet(
    client, as_role, show, make, work, count_statements, name
):
    admin = await as_role("admin")
    shading, person = await make(factories.task_type(), factories.person())

    async def fill() -> None:
        asset, shot = await show.add("Props", f"A {uuid4()}"), await show.shot(f"{uuid4()}/S/P")
        await make(EntityLink(entity_in_id=asset.id, entity_out_id=shot.id))
        await make(EntityLink(entity_in_id=shot.id, entity_out_id=asset.id))
        for entity in (asset, shot):
            await show.task(entity, shading, work, person)

    await fill()
    with count_statements() as few:
        before = await export(client, admin, show.sheet(name))
    for _ in range(4):
        await fill()
    with count_statements() as many:
        after = await export(client, admin, show.sheet(name))
    assert len(after) >= len(before)
    assert few.count == many.count <= 10


async def test_a_sheet_is_compressed_for_those_who_take_that(client, as_role, show):
    for number in range(60):
        await show.add("Props", f"Tree {number:02}", description="long " * 20)
    headers = {**await as_role("admin"), "Accept-Encoding": "gzip"}
    answer = await client.get(f"/export/csv/{show.sheet('assets')}", headers=headers)
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.text.splitlines()) == 61


# --- castings -----------------------------------------------------------------------------------------

CAST = ["Asset Type", "Asset", "Occurences", "Label"]


@pytest.fixture
async def cast(show) -> Show:
    """`Forest` of no episode and `Cave` of E1 cast trees; so do P1 of E1, P2 of E2 and P3, and E1."""
    first = await show.add("Episode", "E1")
    tree, bush = await show.add("Props", "Tree"), await show.add("Props", "Bush")
    forest = await show.add("Environment", "Forest")
    cave = await show.add("Environment", "Cave", source_id=first.id)
    sequence = await show.add("Sequence", "S1", parent_id=first.id)
    shots = [await show.add("Shot", "P1", parent_id=sequence.id)]
    shots += [await show.shot("E2/S1/P2"), await show.shot("/S9/P3")]
    gone = await show.add("Props", "Gone", canceled=True)

    async def link(caster, asset, number=1, label="") -> None:
        row = EntityLink(entity_in_id=caster.id, entity_out_id=asset.id, nb_occurences=number, label=label)
        await show.make(row)

    await link(forest, tree, 12, "setdress")
    await link(forest, bush)
    await link(forest, gone)
    await link(gone, tree)
    await link(cave, bush, 2)
    for shot in shots:
        await link(shot, tree, label="fixed")
    await link(first, tree)
    show.episode = first
    return show


async def test_what_assets_cast_is_exported_by_episode(client, as_role, cast):
    admin = await as_role("admin")
    head, *rows = await export(client, admin, cast.sheet("casting"))
    assert head == ["Episode", "Parent", "Name", *CAST]
    of_cave = ["E1", "Environment", "Cave", "Props", "Bush", "2", ""]
    assert rows == [
        of_cave,
        ["MP", "Environment", "Forest", "Props", "Bush", "1", ""],
        ["MP", "Environment", "Forest", "Props", "Tree", "12", "setdress"],
    ]
    path = f"{cast.sheet('casting')}?episode_id={cast.episode.id}"
    assert (await export(client, admin, path))[1:] == [of_cave]
    main = await export(client, admin, f"{cast.sheet('casting')}?episode_id=main")
    assert main[1:] == rows[1:]


async def test_what_shots_cast_is_exported_by_sequence(client, as_role, cast):
    admin = await as_role("admin")
    base = f"{cast.sheet('casting')}?is_shot_casting=true"
    head, *rows = await export(client, admin, base)
    assert head == ["Episode", "Parent", "Name", *CAST]
    tree = ["Props", "Tree", "1", "fixed"]
    assert rows == [["", "S9", "P3", *tree], ["E1", "S1", "P1", *tree], ["E2", "S1", "P2", *tree]]
    assert (await export(client, admin, f"{base}&episode_id={cast.episode.id}"))[1:] == [rows[1]]
    assert (await export(client, admin, f"{base}&episode_id=main"))[1:] == [rows[0]]
    assert (await export(client, admin, f"{base}&episode_id="))[1:] == rows


async def test_what_episodes_cast_has_no_column_for_the_episode(client, as_role, cast):
    found = await export(client, await as_role("admin"), f"{cast.sheet('casting')}?episode_id=all")
    assert found == [["Parent", "Name", *CAST], ["Episode", "E1", "Props", "Tree", "1", ""]]


async def test_a_vendor_exports_the_castings_of_what_they_are_assigned_to(client, as_role, cast, make, work):
    vendor = await as_role("vendor", on=cast.project)
    assert len(await export(client, vendor, cast.sheet("casting"))) == 1
    cave = await cast.add("Environment", "Lake")
    bush = await cast.add("Props", "Stone")
    await make(EntityLink(entity_in_id=cave.id, entity_out_id=bush.id))
    await cast.task(cave, await make(factories.task_type()), work, vendor.person)
    assert [row[2] for row in await export(client, vendor, cast.sheet("casting"))] == ["Name", "Lake"]


async def test_castings_of_an_episode_of_elsewhere_are_not_found(client, as_role, cast, make, kinds):
    admin = await as_role("admin")
    other = await make(factories.entity(await make(factories.project()), kinds["Episode"]))
    for id in (other.id, uuid4()):
        assert await refused(client, admin, f"{cast.sheet('casting')}?episode_id={id}") == 404
    assert await refused(client, admin, f"{cast.sheet('casting')}?episode_id=nothing") == 400


# --- playlists ----------------------------------------------------------------------------------------


async def test_a_playlist_shows_tasks_revisions_and_last_comments_in_its_order(
    client, as_role, show, make, work
):
    admin = await as_role("admin")
    first, second = await show.shot("E1/S1/P1", nb_frames=24), await show.shot("E2/S2/P2")
    author = await make(factories.person(first_name="Ann", last_name="Doe"))
    task = await show.task(first, await make(factories.task_type(name="Comp")), work, retake_count=2)
    preview = await make(factories.preview_file(task, author, revision=3))
    for day, text in ((1, "old"), (2, "=new")):
        moment = dt.datetime(2026, 1, day, 12)
        await make(factories.comment(task, author, text=text, created_at=moment))
    shots = [
        {"entity_id": str(second.id)},
        {"entity_id": "nothing"},
        {"entity_id": str(first.id), "preview_file_id": str(preview.id)},
    ]
    moment = dt.datetime(2026, 1, 3, 23, 30, 1, 999)
    playlist = await make(factories.playlist(show.project, name="Day", shots=shots, created_at=moment))
    zoned = await as_role("manager", on=show.project, timezone="Europe/Paris")
    rows = await export(client, zoned, f"playlists/{playlist.id}")
    assert rows[0] == ["Playlist", "Été Rouge | for shots", "Day", "2026-01-04T00:30:01", "", "", ""]
    assert rows[1] == [""] * 7
    assert rows[2] == cells(
        "Entity name;Nb Frames;Task Type;Retake count;Revision;Task Status;Last comment author;"
        "Last comment date;Last comment"
    )
    assert rows[3] == ["E2 / S2 / P2", *[""] * 8]
    said = ["Ann Doe", "2026-01-02T13:00:00", "'=new"]
    assert rows[4:] == [["E1 / S1 / P1", "24", "Comp", "2", "3", "Work in progress", *said]]
    assert len(await export(client, admin, f"playlists/{playlist.id}")) == 5


async def test_clients_export_playlists_for_them_with_comments_for_them(client, as_role, show, make, work):
    shot, author = await show.shot("E1/S1/P1"), await make(factories.person())
    task = await show.task(shot, await make(factories.task_type()), work)
    preview = await make(factories.preview_file(task, author))
    for day, text, for_client in ((1, "hello", True), (2, "inner", False)):
        moment = dt.datetime(2026, 1, day)
        row = factories.comment(task, author, text=text, for_client=for_client, created_at=moment)
        await make(row)
    shots = [{"entity_id": str(shot.id), "preview_file_id": str(preview.id)}]
    theirs = await make(factories.playlist(show.project, shots=shots, for_client=True))
    ours = await make(factories.playlist(show.project, shots=shots))
    customer = await as_role("client", on=show.project)
    assert (await export(client, customer, f"playlists/{theirs.id}"))[-1][-1] == "hello"
    assert await refused(client, customer, f"playlists/{ours.id}") == 403
    artist = await as_role("user", on=show.project)
    assert (await export(client, artist, f"playlists/{ours.id}"))[-1][-1] == "inner"


async def test_a_preview_of_another_entity_tells_nothing(client, as_role, show, make, work):
    shot = await show.shot("E1/S1/P1")
    elsewhere = factories.production()
    await make(*elsewhere)
    preview = await make(factories.preview_file(elsewhere.task, elsewhere.person))
    shots = [{"entity_id": str(shot.id), "preview_file_id": str(preview.id)}]
    playlist = await make(factories.playlist(show.project, shots=shots))
    row = (await export(client, await as_role("user", on=show.project), f"playlists/{playlist.id}"))[-1]
    assert row == ["E1 / S1 / P1", *[""] * 8]


@pytest.mark.parametrize("shots", [None, "text", {}, [1, None, {"entity_id": 5}]])
async def test_a_playlist_of_no_use_is_an_empty_sheet(client, as_role, show, make, shots):
    playlist = await make(factories.playlist(show.project, shots=shots))
    assert len(await export(client, await as_role("admin"), f"playlists/{playlist.id}")) == 3


async def test_playlists_are_for_the_team_without_its_vendors(client, as_role, show, make):
    playlist = await make(factories.playlist(show.project))
    path = f"playlists/{playlist.id}"
    assert await refused(client, await as_role("vendor", on=show.project), path) == 403
    assert await refused(client, await as_role("manager"), path) == 403
    assert await refused(client, await as_role("admin"), f"playlists/{uuid4()}") == 404
