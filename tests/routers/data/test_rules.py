"""Rules that writes of the register follow beyond storing a row."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from kitsu_api.db.models import (
    ApiEvent,
    DayOff,
    Notification,
    SalaryScale,
    StoredFile,
    Task,
    TaskPersonLink,
    TaskStatus,
    TimeSpent,
)
from tests import factories


@pytest.fixture
async def film(make):
    rows = factories.production()
    await make(*rows)
    return rows


async def events(session, name: str) -> list[dict]:
    found = await session.scalars(select(ApiEvent.data).where(ApiEvent.name == name))
    return list(found)


@pytest.mark.parametrize(
    ("first", "last", "status"),
    [
        ("2024-01-10", "2024-01-15", 400),
        ("2024-01-18", "2024-01-20", 400),
        ("2024-01-01", "2024-01-31", 400),
        ("2024-01-16", "2024-01-17", 400),
        ("2024-01-20", "2024-01-19", 400),
        ("2024-01-19", "2024-01-20", 201),
        ("2024-01-01", "2024-01-14", 201),
    ],
)
async def test_days_off_of_a_person_do_not_overlap(client, as_role, first, last, status):
    person = await as_role("user")
    body = {"date": "2024-01-15", "end_date": "2024-01-18"}
    assert (await client.post("/data/day-offs", json=body, headers=person)).status_code == 201
    body = {"date": first, "end_date": last}
    assert (await client.post("/data/day-offs", json=body, headers=person)).status_code == status


async def test_a_day_off_moves_within_itself_and_wipes_the_time_of_its_days(
    client, as_role, make, session, film
):
    person = await as_role("user", on=film.project)
    days = [dt.date(2024, 1, day) for day in (2, 3, 9)]
    await make(*(factories.time_spent(film.task, person.person, date=day) for day in days))
    body = {"date": "2024-01-03", "end_date": "2024-01-03"}
    made = (await client.post("/data/day-offs", json=body, headers=person)).json()
    moved = {"date": "2024-01-02", "end_date": "2024-01-04"}
    answer = await client.put(f"/data/day-offs/{made['id']}", json=moved, headers=person)
    assert answer.status_code == 200
    left = await session.scalars(select(TimeSpent.date).where(TimeSpent.person_id == person.person.id))
    assert list(left) == [dt.date(2024, 1, 9)]
    assert await session.scalar(select(func.count()).select_from(DayOff)) == 1


async def test_days_off_of_others_are_kept_by_managers(client, as_role, film):
    body = {"date": "2024-01-03", "person_id": str(film.person.id)}
    artist, manager = await as_role("user"), await as_role("manager")
    assert (await client.post("/data/day-offs", json=body, headers=artist)).status_code == 403
    assert (await client.post("/data/day-offs", json=body, headers=manager)).status_code == 201


async def duration(session, task) -> float:
    return await session.scalar(select(Task.duration).where(Task.id == task.id))


async def test_a_task_keeps_the_sum_of_its_time_spents(client, admin, session, film):
    person_id, task_id = str(film.person.id), str(film.task.id)
    made = []
    for day, minutes in (("2024-01-02", 60), ("2024-01-03", 90)):
        body = {"person_id": person_id, "task_id": task_id, "date": day, "duration": minutes}
        made.append((await client.post("/data/time-spents", json=body, headers=admin)).json()["id"])
    assert await duration(session, film.task) == 150
    await client.put(f"/data/time-spents/{made[0]}", json={"duration": 10}, headers=admin)
    assert await duration(session, film.task) == 100
    await client.delete(f"/data/time-spents/{made[1]}", headers=admin)
    assert await duration(session, film.task) == 10
    assert len(await events(session, "task:update")) == 4


async def test_a_deleted_comment_puts_its_task_back(client, admin, make, session, film):
    wip = factories.task_status(is_wip=True)
    done = factories.task_status(is_done=True)
    await make(wip, done)
    start = dt.datetime(2026, 1, 1, 10)
    remarks = [
        factories.comment(
            film.task, film.person, task_status_id=status.id, created_at=start + dt.timedelta(hours=hour)
        )
        for hour, status in enumerate((wip, done))
    ]
    await make(*remarks, factories.notification(film.person, film.task, comment_id=remarks[1].id))
    answer = await client.delete(f"/data/comments/{remarks[1].id}", headers=admin)
    assert answer.status_code == 204
    task = (await session.scalars(select(Task).where(Task.id == film.task.id))).one()
    await session.refresh(task)
    assert task.task_status_id == wip.id
    assert (task.real_start_date, task.last_comment_date) == (start, start)
    assert (task.done_date, task.end_date) == (None, None)
    assert await session.scalar(select(func.count()).select_from(Notification)) == 0
    payload = {"comment_id": str(remarks[1].id), "task_id": str(task.id), "project_id": str(task.project_id)}
    assert await events(session, "comment:delete") == [payload]


async def test_the_last_comment_leaves_a_task_that_nobody_has_begun(client, admin, make, session, film):
    remark = await make(factories.comment(film.task, film.person, task_status_id=film.task_status.id))
    await client.delete(f"/data/comments/{remark.id}", headers=admin)
    status_id = await session.scalar(select(Task.task_status_id).where(Task.id == film.task.id))
    status = await session.get(TaskStatus, status_id)
    assert (status.name, status.is_default) == ("Todo", True)


async def test_whoever_changes_a_comment_is_its_editor(client, as_role, make, session, film):
    author = await as_role("user", on=film.project)
    other = await as_role("user", on=film.project)
    remark = await make(factories.comment(film.task, author.person))
    url = f"/data/comments/{remark.id}"
    assert (await client.put(url, json={"text": "mine"}, headers=other)).status_code == 403
    changed = (await client.put(url, json={"text": "better"}, headers=author)).json()
    assert (changed["text"], changed["editor_id"]) == ("better", str(author.person.id))


async def test_a_comment_stands_on_a_task(client, admin, film):
    body = {"object_id": str(film.entity.id), "object_type": "Task", "person_id": str(film.person.id)}
    assert (await client.post("/data/comments", json=body, headers=admin)).status_code == 400


async def test_people_hear_that_a_task_is_theirs_and_no_longer_is(client, admin, make, session, film):
    newcomer = await make(factories.person())
    body = {"assignees": [str(newcomer.id), str(admin.person.id)]}
    answer = await client.put(f"/data/tasks/{film.task.id}", json=body, headers=admin)
    assert answer.status_code == 200
    assert [data["person_id"] for data in await events(session, "task:unassign")] == [str(film.person.id)]
    told = {data["person_id"] for data in await events(session, "task:assign")}
    assert told == {str(newcomer.id), str(admin.person.id)}
    notified = await session.scalars(select(Notification.person_id).where(Notification.type == "assignation"))
    assert list(notified) == [newcomer.id], "nobody is told what they did themselves"


async def test_metadata_of_two_editors_both_stay(client, admin, film):
    for path, row in (("tasks", film.task), ("entities", film.entity)):
        url = f"/data/{path}/{row.id}"
        await client.put(url, json={"data": {"layer": "bg"}}, headers=admin)
        changed = (await client.put(url, json={"data": {"lens": 35}}, headers=admin)).json()
        assert changed["data"] == {"layer": "bg", "lens": 35}


async def test_a_deleted_task_takes_its_assignments_and_says_what_it_was(client, admin, session, film):
    assert (await client.delete(f"/data/tasks/{film.task.id}", headers=admin)).status_code == 204
    assert await session.scalar(select(func.count()).select_from(TaskPersonLink)) == 0
    [payload] = await events(session, "task:delete")
    assert (payload["entity_id"], payload["task_type_id"]) == (str(film.entity.id), str(film.task_type.id))


async def test_a_task_with_time_spent_is_not_deleted_by_the_way(client, admin, make, film):
    await make(factories.time_spent(film.task, film.person))
    answer = await client.delete(f"/data/tasks/{film.task.id}", headers=admin)
    assert answer.status_code == 400
    assert "SQL" not in answer.text


@pytest.mark.parametrize(
    ("kind", "thing"),
    [("Shot", "shot"), ("Sequence", "sequence"), ("Episode", "episode"), ("Chair", "asset")],
)
async def test_entities_remember_their_maker_and_events_call_them_what_they_are(
    client, admin, make, session, film, kind, thing
):
    entity_type = await make(factories.entity_type(name=kind))
    body = {
        "name": "One",
        "project_id": str(film.project.id),
        "entity_type_id": str(entity_type.id),
        "created_by": str(film.person.id),
    }
    made = (await client.post("/data/entities", json=body, headers=admin)).json()
    assert (made["created_by"], made["type"]) == (str(admin.person.id), "Entity")
    read = (await client.get(f"/data/entities/{made['id']}", headers=admin)).json()
    assert read["type"] == (kind if thing != "asset" else "Asset")
    assert (await events(session, f"{thing}:new"))[0][f"{thing}_id"] == made["id"]


async def test_supervisors_keep_their_own_playlists_and_nobodys(client, as_role, make, film):
    supervisor = await as_role("supervisor", on=film.project)
    own = factories.playlist(film.project, created_by=supervisor.person.id)
    orphan = factories.playlist(film.project)
    others = factories.playlist(film.project, created_by=film.person.id)
    await make(own, orphan, others)
    for row, status in ((own, 200), (orphan, 200), (others, 403)):
        answer = await client.put(f"/data/playlists/{row.id}", json={"name": f"{row.id}"}, headers=supervisor)
        assert answer.status_code == status


@pytest.mark.parametrize(("kind", "status"), [("shot", 201), ("episode", 201), ("banana", 400)])
async def test_playlists_are_of_a_kind(client, as_role, film, kind, status):
    manager = await as_role("manager", on=film.project)
    body = {"name": "Dailies", "project_id": str(film.project.id), "for_entity": kind}
    assert (await client.post("/data/playlists", json=body, headers=manager)).status_code == status


async def test_every_department_has_its_salary_scales_made_once(client, admin, make, session):
    department = await make(factories.department())
    for _ in range(2):
        rows = (await client.get("/data/salary-scales", headers=admin)).json()
        assert sum(row["department_id"] == str(department.id) for row in rows) == 9
    count = select(func.count()).where(SalaryScale.department_id == department.id)
    assert await session.scalar(count) == 9


async def test_a_schedule_has_one_item_for_a_task_type_and_an_entity(client, admin, film):
    body = {"project_id": str(film.project.id), "task_type_id": str(film.task_type.id)}
    assert (await client.post("/data/schedule-items", json=body, headers=admin)).status_code == 201
    assert (await client.post("/data/schedule-items", json=body, headers=admin)).status_code == 400
    assert (await client.post("/data/schedule-items", json={}, headers=admin)).status_code == 400


async def test_pictures_of_a_deleted_background_are_noted_for_removal(client, admin, session):
    made = await client.post("/data/preview-background-files", json={"name": "Studio"}, headers=admin)
    id = made.json()["id"]
    await client.delete(f"/data/preview-background-files/{id}", headers=admin)
    noted = await session.scalars(select(StoredFile.key).where(StoredFile.deleted_at.is_not(None)))
    assert set(noted) == {f"preview-backgrounds-{id}", f"thumbnails-{id}"}


async def test_saved_searches_belong_to_whoever_saves_them(client, as_role, film):
    body = {"name": "Mine", "list_type": "assets", "search_query": "x", "project_id": str(film.project.id)}
    mine, other = await as_role("user", on=film.project), await as_role("user", on=film.project)
    made = (await client.post("/data/search-filters", json=body, headers=mine)).json()
    assert made["person_id"] == str(mine.person.id)
    forged = body | {"person_id": str(other.person.id)}
    assert (await client.post("/data/search-filters", json=forged, headers=mine)).status_code == 403
    assert (await client.get("/data/search-filters", headers=other)).json() == []
    assert (await client.get(f"/data/search-filters/{made['id']}", headers=other)).status_code == 403


async def test_time_is_not_spent_on_tasks_of_other_productions(client, as_role, make, film):
    stranger = await as_role("user", on=await make(factories.project()))
    body = {"task_id": str(film.task.id), "date": "2024-01-02", "duration": 60}
    body["person_id"] = str(stranger.person.id)
    assert (await client.post("/data/time-spents", json=body, headers=stranger)).status_code == 403


async def test_rows_do_not_refer_to_entities_of_other_productions(client, as_role, make, film):
    other = await make(factories.project())
    manager = await as_role("manager", on=[other, film.project])
    stranger = str(film.entity.id)
    own = await make(factories.entity(other, film.entity_type))
    task = {"name": "x", "project_id": str(other.id), "entity_id": stranger}
    task |= {"task_type_id": str(film.task_type.id), "task_status_id": str(film.task_status.id)}
    playlist = {"name": "x", "project_id": str(other.id), "episode_id": stranger}
    for answer in (
        await client.post("/data/tasks", json=task, headers=manager),
        await client.post("/data/playlists", json=playlist, headers=manager),
        await client.put(f"/data/entities/{own.id}", json={"parent_id": stranger}, headers=manager),
    ):
        assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:00:00-14:00"])
async def test_moments_beyond_the_calendar_are_refused(client, admin, film, moment):
    answer = await client.get(f"/data/tasks?start_date={moment}", headers=admin)
    assert answer.status_code == 400
    body = {"start_date": moment.replace("%2B", "+")}
    assert (await client.put(f"/data/tasks/{film.task.id}", json=body, headers=admin)).status_code == 400


async def test_a_notification_can_be_sent_back_as_it_was_read(client, make, as_role, film):
    notification = await make(factories.notification(film.person, film.task))
    admin = await as_role("admin")
    row = (await client.get(f"/data/notifications/{notification.id}", headers=admin)).json()
    answer = await client.put(
        f"/data/notifications/{notification.id}", json=row | {"read": True}, headers=admin
    )
    assert answer.status_code == 200, answer.text
    assert answer.json() | {"updated_at": None} == row | {"read": True, "updated_at": None}
