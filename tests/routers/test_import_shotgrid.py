"""Rows of ShotGrid: found again by their numbers, whatever the order that they come in."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from kitsu_api.db.models import (
    ApiEvent,
    Comment,
    DataImportError,
    Department,
    DepartmentLink,
    Entity,
    EntityLink,
    EntityType,
    Person,
    PreviewFile,
    Project,
    ProjectPersonLink,
    Task,
    TaskPersonLink,
    TaskStatus,
    TaskType,
)
from tests import factories

IMPORTS = (
    *("assets", "episodes", "notes", "persons", "project-connections", "projectconnections", "projects"),
    *("scenes", "sequences", "shots", "status", "steps", "tasks", "versions"),
)
REMOVALS = (
    *("asset", "episode", "note", "person", "project", "project-connection", "projectconnection"),
    *("scene", "sequence", "shot", "status", "step", "task", "version"),
)
FILM = {"id": 7, "name": "Lantern", "type": "Project"}


@pytest.fixture
async def send(client, as_role):
    who = await as_role("admin")

    async def post(path: str, body: object, expected: int = 200) -> Any:
        answer = await client.post(f"/import/shotgun/{path}", json=body, headers=who)
        assert answer.status_code == expected, answer.text
        return answer.json()

    post.who = who  # type: ignore[attr-defined]  # the caller, for tests that read as them
    return post


@pytest.fixture
async def lantern(send):
    return (await send("projects", [{"id": 7, "name": "Lantern", "sg_status": "Active", "sg_fps": "24"}]))[0]


@pytest.fixture
async def staged(send, lantern):
    """A production with a step, a status, a person and an asset."""
    await send("persons", [{"id": 3, "firstname": "Ana", "lastname": "Lopez", "email": "ana@example.com"}])
    await send("steps", [{"id": 4, "code": "Paint Fur", "color": "1,2,3"}])
    await send("status", [{"id": 5, "name": "Moving", "code": "mov", "bg_color": "255,0,16"}])
    await send("assets", [{"id": 6, "code": "Fox", "project": FILM, "sg_asset_type": "Beast"}])
    return lantern


def task(number: int = 11, **values: object) -> dict[str, object]:
    return {
        "id": number,
        "cached_display_name": "fur",
        "project": FILM,
        "entity": {"id": 6, "type": "Asset"},
        "step": {"id": 4},
        "sg_status_list": "mov",
        "task_assignees": [{"id": 3}],
    } | values


async def only(session, model, *where) -> Any:
    return (await session.scalars(select(model).where(*where))).one()


@pytest.mark.parametrize("path", IMPORTS)
async def test_what_is_not_a_list_is_refused(send, path):
    answer = await send(path, {"id": 1}, 400)
    assert answer["message"] == "A list of ShotGrid rows is expected."


@pytest.mark.parametrize("path", IMPORTS)
async def test_rows_that_say_nothing_are_left_out(send, path):
    assert await send(path, [{"bad": "wrong"}]) == []


@pytest.mark.parametrize("path", [*IMPORTS, *(f"remove/{kind}" for kind in REMOVALS), "errors"])
async def test_only_admins_may_speak_for_shotgrid(client, as_role, path):
    who = await as_role("manager")
    body = {"id": 1} if "/" in path or path == "errors" else []
    assert (await client.post(f"/import/shotgun/{path}", json=body, headers=who)).status_code == 403


@pytest.mark.parametrize("kind", REMOVALS)
async def test_what_is_not_here_is_gone_already(send, kind):
    assert await send(f"remove/{kind}", {"id": 404}) == {"success": True}


async def test_a_person_is_found_again_by_number_and_by_e_mail(send, session, make):
    known = await make(factories.person(email="Bo@example.com", role="supervisor"))
    row = {"id": 9, "firstname": "Bo", "lastname": "Li", "email": "bo@example.com", "login": "bo"}
    first = await send("persons", [row])
    assert first[0]["id"] == str(known.id)
    second = await send("persons", [row | {"lastname": "Lin"}])
    assert (second[0]["id"], second[0]["last_name"], second[0]["role"]) == (
        str(known.id),
        "Lin",
        "supervisor",
    )
    assert (await only(session, Person, Person.shotgun_id == 9)).desktop_login == "bo"


@pytest.mark.parametrize(
    ("group", "role"), [("Admin", "admin"), ("Manager", "manager"), ("Artist", "user"), ("Robot", "user")]
)
async def test_permission_groups_become_roles(send, group, role):
    row = {"id": 9, "firstname": "Bo", "lastname": "Li", "email": "bo@example.com"}
    answer = await send("persons", [row | {"permission_rule_set": {"name": group}}])
    assert answer[0]["role"] == role


async def test_who_is_disabled_there_is_inactive_here(send):
    row = {"id": 9, "firstname": "Bo", "lastname": "Li", "email": "bo@example.com", "sg_status_list": "dis"}
    assert (await send("persons", [row]))[0]["active"] is False


async def test_a_person_comes_with_the_department(send, session):
    row = {"id": 9, "firstname": "Bo", "lastname": "Li", "department": {"name": "Fur"}}
    answer = await send("persons", [row])
    department = await only(session, Department, Department.name == "Fur")
    link = await only(session, DepartmentLink, DepartmentLink.department_id == department.id)
    assert str(link.person_id) == answer[0]["id"]


async def test_nothing_secret_of_a_person_is_answered(send, make):
    await make(factories.person(email="bo@example.com", totp_secret="JBSWY3DPEHPK3PXP"))
    row = {"id": 9, "firstname": "Bo", "lastname": "Li", "email": "bo@example.com"}
    answer = (await send("persons", [row]))[0]
    assert (answer["password"], answer["totp_secret"], answer["jti"]) == (None, None, None)


async def test_the_last_admin_stays_an_admin(send, session):
    admin = await only(session, Person, Person.role == "admin")
    row = {
        "id": 9,
        "firstname": "A",
        "lastname": "B",
        "email": admin.email,
        "permission_rule_set": {"name": "Artist"},
    }
    answer = await send("persons", [row], 400)
    assert "last active admin" in answer["message"]


async def test_a_production_keeps_its_own_fields_and_gets_its_state(send, session, lantern):
    assert (lantern["name"], lantern["shotgun_id"], lantern["data"]) == ("Lantern", 7, {"sg_fps": "24"})
    again = await send("projects", [{"id": 7, "name": "Lanterns", "sg_status": "Done", "sg_lens": 35}])
    assert (again[0]["id"], again[0]["name"]) == (lantern["id"], "Lanterns")
    assert again[0]["data"] == {"sg_fps": "24", "sg_lens": 35}
    assert again[0]["project_status_id"] != lantern["project_status_id"]


async def test_a_production_that_was_made_here_is_found_by_its_name(send, make):
    status = factories.project_status()
    film = factories.project(status, name="Lantern")
    await make(status, film)
    assert (await send("projects", [{"id": 7, "name": "lantern"}]))[0]["id"] == str(film.id)


async def test_colours_of_statuses_are_hexadecimal(send, session):
    rows = [
        {"id": 1, "name": "Red", "code": "red", "bg_color": "255,0,16"},
        {"id": 2, "name": "None", "code": "non", "bg_color": None},
    ]
    answer = await send("status", rows)
    assert [row["color"] for row in answer] == ["#ff0010", "#000000"]
    again = await send("status", [rows[0] | {"name": "Redder"}])
    assert (again[0]["id"], again[0]["name"]) == (answer[0]["id"], "Redder")


async def test_a_colour_that_is_none_is_refused(send):
    answer = await send("status", [{"id": 1, "name": "Red", "code": "red", "bg_color": "red"}], 400)
    assert "29,215,46" in answer["message"]


async def test_a_status_made_here_is_taken_over_and_one_of_another_number_is_not(send, make, session):
    own = await make(factories.task_status(name="Review", short_name="rev"))
    first = await send("status", [{"id": 1, "name": "Review", "code": "rv"}])
    second = await send("status", [{"id": 2, "name": "Review", "code": "rv2"}])
    assert first[0]["id"] == str(own.id)
    assert second[0]["id"] != str(own.id)


async def test_a_step_is_named_after_its_department_and_can_be_renamed(send, session):
    rows = [{"id": 4, "code": "Paint Fur", "color": "1,2,3"}, {"id": 4, "code": "Groom", "color": "1,2,3"}]
    answer = await send("steps", rows)
    assert [row["name"] for row in answer] == ["Groom", "Groom"]
    kind = await only(session, TaskType, TaskType.shotgun_id == 4)
    department = await only(session, Department, Department.id == kind.department_id)
    assert (department.name, department.color, kind.for_entity) == ("Groom", "#010203", "Asset")


async def test_types_of_assets_are_made_and_told_of(send, staged, session):
    kind = await only(session, EntityType, EntityType.name == "Beast")
    told = await only(session, ApiEvent, ApiEvent.name == "asset-type:new")
    assert told.data == {"asset_type_id": str(kind.id)}


async def test_an_asset_is_part_of_others(send, staged, session):
    await send("assets", [{"id": 8, "code": "Tail", "project": FILM, "parents": [{"id": 6}, {"id": 999}]}])
    fox = await only(session, Entity, Entity.name == "Fox")
    tail = await only(session, Entity, Entity.name == "Tail")
    link = await only(session, EntityLink)
    assert (link.entity_in_id, link.entity_out_id) == (fox.id, tail.id)


async def test_an_entity_made_here_is_taken_over_by_its_place(send, lantern, make, session):
    kind = factories.entity_type(name="Beast")
    film = await only(session, Project)
    fox = factories.entity(film, kind, name="Fox")
    await make(kind, fox)
    answer = await send("assets", [{"id": 6, "code": "Fox", "project": FILM, "sg_asset_type": "Beast"}])
    assert answer[0]["id"] == str(fox.id)


async def test_rows_of_productions_that_are_not_here_are_left_out(send, lantern):
    assert await send("episodes", [{"id": 1, "code": "E01", "project": {"id": 8, "name": "Other"}}]) == []


async def test_shots_may_come_before_what_holds_them(send, lantern, session):
    shot = {
        "id": 1,
        "code": "SH01",
        "project": FILM,
        "sg_sequence": {"id": 2},
        "sg_scene": {"id": 3, "name": "SC", "type": "Scene"},
        "assets": [{"id": 6}],
        "sg_cut_in": 101,
        "sg_cut_duration": 20,
        "sg_lens": 35,
        "sg_empty": None,
    }
    first = (await send("shots", [shot]))[0]
    assert (first["parent_id"], first["source_id"]) == (None, None)
    assert first["data"] == {
        "frame_in": 101,
        "frame_out": 121,
        "sg_cut_duration": 20,
        "sg_lens": 35,
        "sg_scene": {"id": 3, "name": "SC", "type": "Scene"},
    }
    episode = (await send("episodes", [{"id": 1, "code": "E01", "project": FILM}]))[0]
    sequence = (await send("sequences", [{"id": 2, "code": "SQ", "project": FILM, "episode": {"id": 1}}]))[0]
    assert sequence["parent_id"] == episode["id"]
    scene = {"id": 3, "code": "SC", "project": FILM, "sequence_sg_scenes_1_sequences": [{"id": 2}]}
    placed = (await send("scenes", [scene]))[0]
    assert placed["parent_id"] == sequence["id"]
    asset = (await send("assets", [{"id": 6, "code": "Fox", "project": FILM}]))[0]
    second = (await send("shots", [shot]))[0]
    assert (second["id"], second["parent_id"]) == (first["id"], sequence["id"])
    assert second["source_id"] == placed["id"]
    await send("shots", [shot])
    link = await only(session, EntityLink)
    assert (str(link.entity_in_id), str(link.entity_out_id)) == (first["id"], asset["id"])


async def test_a_holder_that_is_not_here_leaves_a_shot_where_it_is(send, lantern):
    sequence = (await send("sequences", [{"id": 2, "code": "SQ", "project": FILM}]))[0]
    shot = {"id": 1, "code": "SH01", "project": FILM, "sg_sequence": {"id": 2}}
    await send("shots", [shot])
    again = (await send("shots", [shot | {"sg_sequence": {"id": 99}}]))[0]
    assert again["parent_id"] == sequence["id"]


async def test_a_task_comes_with_its_people_and_its_status(send, staged, session):
    row = task(created_by={"id": 3}, start_date="2026-01-05", duration=480, sg_sort_order=3)
    answer = (await send("tasks", [row]))[0]
    person = await only(session, Person, Person.shotgun_id == 3)
    status = await only(session, TaskStatus, TaskStatus.shotgun_id == 5)
    assert (answer["assigner_id"], answer["task_status_id"]) == (str(person.id), str(status.id))
    assert (answer["duration"], answer["sort_order"], answer["start_date"][:10]) == (480, 3, "2026-01-05")
    assert (await only(session, TaskPersonLink)).person_id == person.id
    await send("tasks", [task(task_assignees=[])])
    assert (await session.scalars(select(TaskPersonLink))).all() == []
    assert len((await session.scalars(select(Task))).all()) == 1


@pytest.mark.parametrize(
    "missing", [{"step": {"id": 99}}, {"entity": {"id": 6, "type": "Shot"}}, {"project": None}]
)
async def test_a_task_that_can_not_be_placed_is_left_out(send, staged, missing):
    assert await send("tasks", [task(**missing)]) == []


async def test_a_note_is_a_comment_with_the_time_that_its_people_read(send, staged, session):
    await send("tasks", [task()])
    row = {
        "id": 21,
        "content": "nice",
        "tasks": [{"id": 11}],
        "user": {"id": 3},
        "created_at": "2016-12-05T15:06:34+01:00",
    }
    answer = (await send("notes", [row]))[0]
    assert (answer["text"], answer["created_at"]) == ("nice", "2016-12-05T15:06:34")
    await send("notes", [row | {"content": "nicer"}])
    assert (await only(session, Comment)).text == "nicer"
    assert await send("notes", [row | {"id": 22, "user": {"id": 99}}]) == []


async def test_a_version_is_a_preview_that_is_still_with_shotgrid(send, staged, session):
    await send("tasks", [task()])
    movie = {"url": "https://example.com/a.mov", "name": "a.mov"}
    row = {"id": 31, "code": "v1", "sg_task": {"id": 11}, "sg_uploaded_movie": movie, "user": {"id": 3}}
    answer = (await send("versions", [row]))[0]
    assert (answer["source"], answer["uploaded_movie_name"]) == ("Shotgun", "a.mov")
    await send("versions", [row | {"code": "v2"}])
    assert (await only(session, PreviewFile)).name == "v2"


async def test_places_in_teams_are_known_by_their_number(send, staged, session):
    await send("persons", [{"id": 12, "firstname": "Ivo", "lastname": "Li", "email": "ivo@example.com"}])
    rows = [{"id": 41, "project": FILM, "user": {"id": 3}}, {"id": 41, "project": FILM, "user": {"id": 12}}]
    answer = await send("project-connections", rows)
    assert [row["id"] for row in answer] == [staged["id"], staged["id"]]
    link = await only(session, ProjectPersonLink)
    assert (str(link.project_id), link.shotgun_id) == (staged["id"], 41)
    assert len((await session.scalars(select(ApiEvent).where(ApiEvent.name == "project:update"))).all()) == 1
    assert await send("remove/projectconnection", {"id": 41}) == {"success": True}
    assert (await session.scalars(select(ProjectPersonLink))).all() == []


async def test_a_task_goes_and_is_told_of(send, staged, session):
    made = (await send("tasks", [task()]))[0]
    assert await send("remove/task", {"id": 11}) == {"success": True, "removed_instance_id": made["id"]}
    assert (await only(session, ApiEvent, ApiEvent.name == "task:delete")).data["task_id"] == made["id"]
    assert (await session.scalars(select(Task))).all() == []


@pytest.mark.parametrize(
    ("kind", "number"), [("asset", 6), ("step", 4), ("status", 5), ("person", 3), ("project", 7)]
)
async def test_what_work_needs_stays(send, staged, session, kind, number):
    await send("tasks", [task()])
    answer = await send(f"remove/{kind}", {"id": number})
    assert answer["success"] is False
    assert len((await session.scalars(select(Task))).all()) == 1


async def test_an_asset_goes_out_of_what_it_is_cast_in(send, staged, session):
    await send("shots", [{"id": 1, "code": "SH01", "project": FILM, "assets": [{"id": 6}]}])
    answer = await send("remove/asset", {"id": 6})
    assert answer["success"] is True
    assert (await session.scalars(select(EntityLink))).all() == []
    assert (await only(session, ApiEvent, ApiEvent.name == "asset:delete")).data["asset_id"] == (
        answer["removed_instance_id"]
    )


async def test_the_caller_is_not_removed(send, session):
    admin = await only(session, Person, Person.role == "admin")
    await send("persons", [{"id": 9, "firstname": "A", "lastname": "B", "email": admin.email}])
    await send("remove/person", {"id": 9}, 403)


async def test_events_that_could_not_be_followed_wait_for_somebody(client, send, session):
    event = {"event_type": "Shotgun_Shot_Change", "entity": {"id": 1}}
    made = await send("errors", event, 201)
    assert (made["event_data"], made["source"], made["type"]) == (event, "shotgun", "DataImportError")
    listed = await client.get("/import/shotgun/errors", headers=send.who)
    assert [row["id"] for row in listed.json()] == [made["id"]]
    path = f"/import/shotgun/errors/{made['id']}"
    assert (await client.delete(path, headers=send.who)).status_code == 204
    assert (await client.delete(path, headers=send.who)).status_code == 404
    assert (await session.scalars(select(DataImportError))).all() == []


async def test_the_number_of_statements_does_not_grow_with_the_shots(send, lantern, count_statements):
    async def cost(first: int, rows: int) -> int:
        sent = [{"id": first + n, "code": f"SH{first + n}", "project": FILM} for n in range(rows)]
        with count_statements() as made:
            await send("shots", sent)
        with count_statements() as changed:
            await send("shots", sent)
        return made.count + changed.count

    await cost(1, 1)
    assert await cost(100, 3) == await cost(200, 60)
