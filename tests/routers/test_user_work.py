"""What the signed-in person has to do, has done, and where."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

from kitsu_api.db.models import (
    ApiEvent,
    ChatParticipant,
    Comment,
    DayOff,
    DepartmentLink,
    DepartmentMetadataDescriptorLink,
    Entity,
    Person,
    StoredFile,
    TaskPersonLink,
    TimeSpent,
)
from kitsu_api.schemas.user_work import TaskOfPerson
from tests import factories


class Film(NamedTuple):
    """A running production with a task on an asset and one on a shot of an episode."""

    project: Any
    statuses: dict[str, Any]
    asset: Any
    episode: Any
    sequence: Any
    shot: Any
    scene: Any
    tasks: dict[str, Any]
    departments: dict[str, Any]


async def film_of(make, kinds=None, **project) -> Film:
    status = factories.project_status(name=project.pop("status", "Open"))
    movie = factories.project(status, **project)
    await make(status, movie)
    kinds = kinds if kinds is not None else {}
    for name in ("Props", "Episode", "Sequence", "Shot", "Scene"):
        if name not in kinds:
            kinds[name] = await make(factories.entity_type(name=name))
    asset = await make(factories.entity(movie, kinds["Props"], name="Tree"))
    episode = await make(factories.entity(movie, kinds["Episode"], name="E01"))
    sequence = await make(factories.entity(movie, kinds["Sequence"], name="SQ01", parent_id=episode.id))
    shot = await make(factories.entity(movie, kinds["Shot"], name="SH01", parent_id=sequence.id))
    scene = await make(factories.entity(movie, kinds["Scene"], name="SC01", parent_id=sequence.id))
    statuses = {
        "open": await make(factories.task_status(is_done=False)),
        "check": await make(factories.task_status(is_feedback_request=True)),
        "done": await make(factories.task_status(is_done=True)),
    }
    departments, tasks = {}, {}
    for name, entity in (("asset", asset), ("shot", shot), ("scene", scene)):
        departments[name] = await make(factories.department())
        kind = await make(factories.task_type(department_id=departments[name].id))
        tasks[name] = await make(factories.task(entity, kind, statuses["open"]))
    return Film(movie, statuses, asset, episode, sequence, shot, scene, tasks, departments)


@pytest.fixture
async def kinds() -> dict[str, Any]:
    return {}


@pytest.fixture
async def film(make, kinds) -> Film:
    return await film_of(make, kinds)


@pytest.fixture
async def artist(as_role, film):
    return await as_role("user", on=film.project)


async def assign(make, task, credentials) -> None:
    await make(TaskPersonLink(task_id=task.id, person_id=credentials.person.id))


async def put(session, task, status) -> None:
    row = await session.get(type(task), task.id)
    row.task_status_id = status.id
    await session.commit()


async def read(client, path, headers, **query):
    answer = await client.get(path, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_what_there_is_to_do_and_what_is_done(client, artist, film, make, session):
    for task in film.tasks.values():
        await assign(make, task, artist)
    await put(session, film.tasks["asset"], film.statuses["done"])
    todo = await read(client, "/data/user/tasks", artist)
    assert {row["id"] for row in todo} == {str(film.tasks["shot"].id), str(film.tasks["scene"].id)}
    [done] = await read(client, "/data/user/done-tasks", artist)
    assert done["id"] == str(film.tasks["asset"].id)
    assert set(done) == set(TaskOfPerson.model_fields)


async def test_a_task_says_where_it_lies(client, artist, film, make):
    await assign(make, film.tasks["shot"], artist)
    comment = Comment(
        object_id=film.tasks["shot"].id,
        object_type="Task",
        person_id=artist.person.id,
        task_status_id=film.statuses["open"].id,
        text="Ready",
        created_at=datetime(2026, 3, 2, 12),
    )
    await make(comment)
    [row] = await read(client, "/data/user/tasks", artist)
    assert (row["entity_name"], row["sequence_name"], row["episode_name"]) == ("SH01", "SQ01", "E01")
    assert row["episode_id"] == str(film.episode.id)
    assert row["assignees"] == [str(artist.person.id)]
    assert row["last_comment"] == {
        "text": "Ready",
        "date": "2026-03-02T12:00:00",
        "person_id": str(artist.person.id),
    }


async def test_work_of_productions_that_are_over_is_left_out(client, as_role, make, kinds):
    over = await film_of(make, kinds, status="Closed")
    artist = await as_role("user", on=over.project)
    await assign(make, over.tasks["shot"], artist)
    assert await read(client, "/data/user/tasks", artist) == []


@pytest.mark.parametrize("role", ["admin", "manager", "supervisor", "user", "client", "vendor"])
async def test_who_has_tasks_to_check(client, as_role, film, make, kinds, session, role):
    await put(session, film.tasks["shot"], film.statuses["check"])
    other = await film_of(make, kinds)
    await put(session, other.tasks["shot"], other.statuses["check"])
    person = await as_role(role, on=film.project)
    rows = await read(client, "/data/user/tasks-to-check", person)
    expected = {"admin": 2, "manager": 1, "supervisor": 1}.get(role, 0)
    assert len(rows) == expected
    values = await read(client, "/data/user/tasks-to-check/filter-values", person)
    assert len(values["project_ids"]) == expected
    if expected == 1:
        assert rows[0]["id"] == str(film.tasks["shot"].id)
        assert values["episode_ids"] == [str(film.episode.id)]


async def test_supervisors_check_what_their_departments_do(client, as_role, film, make, session):
    for name in ("asset", "shot"):
        await put(session, film.tasks[name], film.statuses["check"])
    boss = await as_role("supervisor", on=film.project)
    assert len(await read(client, "/data/user/tasks-to-check", boss)) == 2
    await make(DepartmentLink(person_id=boss.person.id, department_id=film.departments["asset"].id))
    [row] = await read(client, "/data/user/tasks-to-check", boss)
    assert row["id"] == str(film.tasks["asset"].id)


async def test_tasks_to_check_can_be_narrowed_sorted_and_paged(client, as_role, film, make, session, artist):
    for name, due in (("asset", datetime(2026, 3, 9)), ("shot", datetime(2026, 3, 2))):
        await put(session, film.tasks[name], film.statuses["check"])
        task = await session.get(type(film.tasks[name]), film.tasks[name].id)
        task.due_date, task.priority = due, 3 if name == "asset" else 1
    await session.commit()
    await assign(make, film.tasks["asset"], artist)
    manager = await as_role("manager", on=film.project)

    async def names(**query):
        return [
            row["entity_name"] for row in await read(client, "/data/user/tasks-to-check", manager, **query)
        ]

    assert await names() == ["SH01", "Tree"]
    assert await names(order_by="priority") == ["Tree", "SH01"]
    assert await names(order_by="entity_name") == ["SH01", "Tree"]
    assert await names(person_id=artist.person.id) == ["Tree"]
    assert await names(episode_id=film.episode.id) == ["SH01"]
    assert await names(task_type_id=film.tasks["asset"].task_type_id) == ["Tree"]
    assert await names(task_status_id=f"{film.statuses['open'].id},{film.statuses['check'].id}") == [
        "SH01",
        "Tree",
    ]
    assert await names(project_id=film.asset.id) == []
    assert await names(due_date_since="2026-03-05") == ["Tree"]
    assert await names(due_date_until="2026-03-05") == ["SH01"]
    page = await read(client, "/data/user/tasks-to-check", manager, page=2, limit=1)
    assert [row["entity_name"] for row in page.pop("data")] == ["Tree"]
    assert page == {"total": 2, "nb_pages": 2, "limit": 1, "offset": 1, "page": 2}


@pytest.mark.parametrize(
    "query", ["order_by=mood", "project_id=x", "page=0", "due_date_since=soon", "limit=0"]
)
async def test_tasks_to_check_that_can_not_be_asked_for(client, as_role, query):
    answer = await client.get(f"/data/user/tasks-to-check?{query}", headers=await as_role("admin"))
    assert answer.status_code == 400


async def test_statements_do_not_grow_with_the_work(client, artist, film, make, count_statements):
    for task in film.tasks.values():
        await assign(make, task, artist)
    for path in ("tasks", "done-tasks", "tasks-to-check", "tasks-to-check/filter-values"):
        with count_statements() as statements:
            await read(client, f"/data/user/{path}", artist)
        assert statements.count == 2, path


async def test_the_tree_shows_where_one_works(client, artist, film, make):
    base = f"/data/user/projects/{film.project.id}"
    paths = {
        f"{base}/asset-types": film.asset.entity_type_id,
        f"{base}/asset-types/{film.asset.entity_type_id}/assets": film.asset.id,
        f"{base}/episodes": film.episode.id,
        f"{base}/sequences": film.sequence.id,
        f"/data/user/sequences/{film.sequence.id}/shots": film.shot.id,
        f"/data/user/sequences/{film.sequence.id}/scenes": film.scene.id,
        f"/data/user/assets/{film.asset.id}/tasks": film.tasks["asset"].id,
        f"/data/user/shots/{film.shot.id}/tasks": film.tasks["shot"].id,
        f"/data/user/scenes/{film.scene.id}/tasks": film.tasks["scene"].id,
        f"/data/user/assets/{film.asset.id}/task-types": film.tasks["asset"].task_type_id,
        f"/data/user/shots/{film.shot.id}/task-types": film.tasks["shot"].task_type_id,
        f"/data/user/scenes/{film.scene.id}/task-types": film.tasks["scene"].task_type_id,
    }
    for path in paths:
        assert await read(client, path, artist) == [], path
    for task in film.tasks.values():
        await assign(make, task, artist)
    for path, id in paths.items():
        assert [row["id"] for row in await read(client, path, artist)] == [str(id)], path
    task_type = await make(factories.task_type())
    task = await make(factories.task(film.sequence, task_type, film.statuses["open"]))
    await assign(make, task, artist)
    base = f"/data/user/sequences/{film.sequence.id}"
    assert [row["id"] for row in await read(client, f"{base}/tasks", artist)] == [str(task.id)]
    assert [row["id"] for row in await read(client, f"{base}/task-types", artist)] == [str(task_type.id)]


@pytest.mark.parametrize("place", ["asset-types", "episodes", "sequences"])
async def test_the_tree_of_other_productions_is_closed(client, as_role, film, place):
    path = f"/data/user/projects/{film.project.id}/{place}"
    assert (await client.get(path, headers=await as_role("user"))).status_code == 403


async def test_hours_of_a_day_and_of_a_range(client, artist, film, make):
    for day, minutes in ((2, 60), (3, 90)):
        row = TimeSpent(
            person_id=artist.person.id,
            task_id=film.tasks["shot"].id,
            date=date(2026, 3, day),
            duration=minutes,
        )
        await make(row)
    rows = await read(client, "/data/user/time-spents", artist)
    assert [row["duration"] for row in rows] == [60, 90]
    assert rows[0]["project_id"] == str(film.project.id)
    rows = await read(
        client, "/data/user/time-spents", artist, start_date="2026-03-03", end_date="2026-03-31"
    )
    assert [row["duration"] for row in rows] == [90]
    [row] = await read(client, "/data/user/time-spents/2026-03-02", artist)
    assert row["duration"] == 60
    task = f"/data/user/tasks/{film.tasks['shot'].id}/time-spents"
    assert (await read(client, f"{task}/2026-03-03", artist))["duration"] == 90
    assert await read(client, f"{task}/2026-03-04", artist) == {}


@pytest.mark.parametrize(
    "path",
    [
        "time-spents?start_date=2026-03-02",
        "time-spents?start_date=2026-03-02&end_date=soon",
        "time-spents/2026-02-30",
        "day-offs/tomorrow",
        "tasks/11111111-1111-4111-8111-111111111111/time-spents/2026-13-01",
    ],
)
async def test_days_that_are_none_are_refused(client, as_role, path):
    assert (await client.get(f"/data/user/{path}", headers=await as_role("user"))).status_code == 400


async def test_a_day_off_that_a_day_lies_in(client, artist, make):
    await make(DayOff(person_id=artist.person.id, date=date(2026, 4, 6), end_date=date(2026, 4, 10)))
    assert (await read(client, "/data/user/day-offs/2026-04-08", artist))["date"] == "2026-04-06"
    assert await read(client, "/data/user/day-offs/2026-04-11", artist) == {}


async def test_open_projects_are_those_of_the_team(client, artist, film, make, as_role, kinds):
    await film_of(make, kinds)
    assert [row["id"] for row in await read(client, "/data/user/projects/open", artist)] == [
        str(film.project.id)
    ]
    assert len(await read(client, "/data/user/projects/open", await as_role("admin"))) == 2
    named = await read(client, "/data/user/projects/open", artist, name=film.project.name.upper())
    assert len(named) == 1


async def test_a_sign_in_at_the_desk_is_presence(client, artist, session):
    path = "/data/user/desktop-login-logs"
    assert await read(client, path, artist) == []
    answer = await client.post(path, json={"date": "2026-03-02T09:00:00"}, headers=artist)
    assert (answer.status_code, answer.json()["date"]) == (201, "2026-03-02T09:00:00")
    await client.post(path, json={"date": "2026-02-02T09:00:00"}, headers=artist)
    assert len(await read(client, path, artist)) == 2
    person = await session.get(Person, artist.person.id)
    assert person.last_presence == date(2026, 3, 2), "an earlier note does not undo a later one"
    assert (await client.post(path, json={"date": "soon"}, headers=artist)).status_code == 400


async def test_a_picture_is_taken_away(client, as_role, session):
    artist = await as_role("user", has_avatar=True)
    assert (await client.delete("/actions/user/clear-avatar", headers=artist)).status_code == 204
    assert (await session.get(Person, artist.person.id)).has_avatar is False
    files = await session.scalars(select(StoredFile).where(StoredFile.file_id == str(artist.person.id)))
    assert [file.deleted_at is not None for file in files] == [True]


async def test_chats_are_joined_and_left(client, as_role, film, artist, session):
    path = f"/actions/user/chats/{film.asset.id}/join"
    first = await client.post(path, headers=artist)
    again = await client.post(path, json={}, headers=artist)
    assert (first.status_code, first.json()["id"]) == (200, again.json()["id"])
    [chat] = await read(client, "/data/user/chats", artist)
    assert (chat["entity_name"], chat["project_id"]) == ("Props / Tree", str(film.project.id))
    assert list(await session.scalars(select(ChatParticipant.person_id))) == [artist.person.id]
    assert (await client.delete(path, headers=artist)).status_code == 204
    assert await read(client, "/data/user/chats", artist) == []
    assert (await client.post(path, headers=await as_role("user"))).status_code == 403
    logged = await session.scalars(select(ApiEvent.name).where(ApiEvent.name.like("chat:%")))
    assert list(logged) == [], "who talks to whom is no part of the log"


@pytest.mark.parametrize(
    ("role", "shown"), [("vendor", {"mood": "calm"}), ("user", {"cost": 1, "mood": "calm"})]
)
async def test_vendors_do_not_see_what_is_for_other_departments(
    client, as_role, film, make, session, role, shown
):
    column = factories.metadata_descriptor(film.project, field_name="cost")
    department = factories.department()
    await make(column, department)
    await make(
        DepartmentMetadataDescriptorLink(metadata_descriptor_id=column.id, department_id=department.id)
    )
    asset = (await session.scalars(select(Entity).where(Entity.id == film.asset.id))).one()
    asset.data = {"cost": 1, "mood": "calm"}
    await session.flush()
    headers = await as_role(role, on=film.project)
    await make(factories.assignation(film.tasks["asset"], headers.person))

    async def read(path):
        return (await client.get(path, headers=headers)).json()

    assert [task["entity_data"] for task in await read("/data/user/tasks")] == [shown]
    place = f"/data/user/projects/{film.project.id}/asset-types/{asset.entity_type_id}/assets"
    assert [row["data"] for row in await read(place)] == [shown]
    await make(factories.task_status(name="To review"))
    review = await client.put(f"/actions/tasks/{film.tasks['asset'].id}/to-review", json={}, headers=headers)
    assert review.json()["entity"]["data"] == shown
