"""Comments: who says what, and all that follows."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, func, select, update

from kitsu_api.db.models import (
    ApiEvent,
    AttachmentFile,
    Comment,
    CommentAcknoledgments,
    CommentMentions,
    DepartmentLink,
    Entity,
    EntityType,
    News,
    Notification,
    Project,
    ProjectPersonLink,
    ProjectStatusAutomationLink,
    StatusAutomation,
    StoredFile,
    Subscription,
    Task,
    TaskPersonLink,
    TaskStatus,
)
from tests import factories


class Film(NamedTuple):
    """A production with a task that one artist works on, and statuses of each kind."""

    project: Any
    entity: Any
    task: Any
    artist: Any
    statuses: dict[str, Any]


@pytest.fixture
async def film(make, as_role) -> Film:
    rows = factories.production()
    await make(*rows)
    statuses = {
        "open": rows.task_status,
        "wip": await make(factories.task_status(is_wip=True)),
        "check": await make(factories.task_status(is_feedback_request=True)),
        "retake": await make(factories.task_status(is_retake=True)),
        "done": await make(factories.task_status(is_done=True)),
        "closed": await make(factories.task_status(is_artist_allowed=False, is_client_allowed=False)),
    }
    artist = await as_role("user", on=rows.project, first_name="Ada", last_name="Byron")
    await make(TaskPersonLink(task_id=rows.task.id, person_id=artist.person.id))
    return Film(rows.project, rows.entity, rows.task, artist, statuses)


@pytest.fixture
async def manager(as_role, film):
    return await as_role("manager", on=film.project, first_name="Max", last_name="Boss")


async def say(client, film, headers, status="open", expected=201, task=None, **more):
    body = {"task_status_id": str(film.statuses[status].id), "comment": "Hello"} | more
    path = f"/actions/tasks/{(task or film.task).id}/comment"
    answer = await client.post(path, json=body, headers=headers)
    assert answer.status_code == expected, answer.text
    return answer.json()


async def task_of(session, film) -> Task:
    return (
        await session.scalars(
            select(Task).where(Task.id == film.task.id).execution_options(populate_existing=True)
        )
    ).one()


async def names_of_events(session) -> list[str]:
    return sorted(await session.scalars(select(ApiEvent.name)))


async def told(session, *columns) -> list[Any]:
    return sorted((await session.execute(select(*columns))).all(), key=str)


# --- what follows from a comment ----------------------------------------------------------------------


async def test_a_comment_is_news_and_tells_those_who_work_on_the_task(client, film, manager, session):
    made = await say(client, film, manager)
    assert (made["text"], made["person"]["id"]) == ("Hello", str(manager.person.id))
    assert made["task_status"]["id"] == str(film.statuses["open"].id)
    assert await told(session, Notification.person_id, Notification.type, Notification.change) in (
        sorted([(film.artist.person.id, "comment", False), (p, "comment", False)], key=str)
        for p in await session.scalars(
            select(TaskPersonLink.person_id).where(TaskPersonLink.person_id != film.artist.person.id)
        )
    )
    [news] = (await session.scalars(select(News))).all()
    assert (news.comment_id, news.change) == (UUID(made["id"]), False)
    assert await names_of_events(session) == ["comment:new", "news:new", "task:update"]
    assert (await task_of(session, film)).last_comment_date is not None


async def test_a_change_of_status_is_told(client, film, manager, session):
    await say(client, film, manager, "check")
    assert "task:status-changed" in await names_of_events(session)
    assert "task:to-review" in await names_of_events(session)
    data = await session.scalar(select(ApiEvent.data).where(ApiEvent.name == "task:status-changed"))
    assert data["previous_task_status_id"] == str(film.statuses["open"].id)
    assert data["new_task_status_id"] == str(film.statuses["check"].id)
    assert set(await session.scalars(select(Notification.change))) == {True}


async def test_dates_follow_the_statuses(client, film, manager, session):
    await say(client, film, manager, "wip")
    begun = (await task_of(session, film)).real_start_date
    assert begun is not None
    await say(client, film, manager, "check")
    task = await task_of(session, film)
    assert (task.real_start_date, task.done_date) == (begun, None)
    assert task.end_date is not None
    await say(client, film, manager, "wip")
    task = await task_of(session, film)
    assert (task.real_start_date, task.end_date) == (begun, None)
    await say(client, film, manager, "done")
    task = await task_of(session, film)
    assert task.done_date is not None
    assert task.end_date is not None


async def test_retakes_are_counted_once_for_each_time_that_work_is_sent_back(client, film, manager, session):
    for status in ("retake", "retake", "wip", "retake"):
        await say(client, film, manager, status)
    assert (await task_of(session, film)).retake_count == 2


async def test_one_retake_after_another_needs_no_room_for_a_further_one(client, film, manager, make, session):
    project = await session.get(Project, film.project.id)
    project.max_retakes = 1
    await session.commit()
    film.statuses["by client"] = await make(factories.task_status(is_retake=True))
    for status in ("retake", "by client", "retake"):
        await say(client, film, manager, status)
    assert (await task_of(session, film)).retake_count == 1


async def test_bots_that_work_on_a_task_are_told_of_its_comments(client, film, manager, make, session):
    bot = await make(factories.bot())
    await make(TaskPersonLink(task_id=film.task.id, person_id=bot.id))
    await say(client, film, manager)
    assert bot.id in set(await session.scalars(select(Notification.person_id)))


async def test_retakes_end_where_the_production_or_the_entity_says(client, film, manager, session):
    project = await session.get(Project, film.project.id)
    project.max_retakes = 1
    await session.commit()
    await say(client, film, manager, "retake")
    await say(client, film, manager, "wip")
    await say(client, film, manager, "retake", 400)
    entity = await session.get(Entity, film.entity.id)
    entity.data = {"max_retakes": "2"}
    await session.commit()
    await say(client, film, manager, "retake")
    assert (await task_of(session, film)).retake_count == 2


async def test_what_an_automation_sets_starts_others_and_a_circle_ends(client, film, manager, make, session):
    kinds = [await make(factories.task_type()) for _ in range(2)]
    tasks = [await make(factories.task(film.entity, kind, film.statuses["open"])) for kind in kinds]
    types = [film.task.task_type_id, *(kind.id for kind in kinds)]
    steps = (
        (0, "done", 1, "wip"),
        (1, "wip", 2, "check"),
        (2, "check", 0, "retake"),
        (2, "check", 1, "done"),
    )
    for source, given, target, wanted in steps:
        automation = await make(
            StatusAutomation(
                entity_type="asset",
                in_task_type_id=types[source],
                in_task_status_id=film.statuses[given].id,
                out_field_type="status",
                out_task_type_id=types[target],
                out_task_status_id=film.statuses[wanted].id,
            )
        )
        ids = {"project_id": film.project.id, "status_automation_id": automation.id}
        await make(ProjectStatusAutomationLink(**ids))
    await say(client, film, manager, "done")
    session.expire_all()
    found = [await session.get(Task, task.id) for task in (film.task, *tasks)]
    wanted = [film.statuses[name].id for name in ("done", "wip", "check")]
    assert [task.task_status_id for task in found] == wanted
    assert (await names_of_events(session)).count("task:status-changed") == 3


async def test_an_automation_sets_the_status_of_the_next_task(client, film, manager, make, session):
    kind = await make(factories.task_type())
    following = await make(factories.task(film.entity, kind, film.statuses["open"]))
    values = {
        "entity_type": "asset",
        "in_task_type_id": film.task.task_type_id,
        "in_task_status_id": film.statuses["done"].id,
        "out_task_type_id": kind.id,
    }
    status = StatusAutomation(
        id=uuid4(), out_field_type="status", out_task_status_id=film.statuses["wip"].id, **values
    )
    ready = StatusAutomation(id=uuid4(), out_field_type="ready_for", **values)
    await make(status, ready)
    await say(client, film, manager, "done")
    assert (await session.get(Task, following.id)).task_status_id == film.statuses["open"].id, "not chosen"
    await say(client, film, manager, "open")
    for row in (status, ready):
        await make(ProjectStatusAutomationLink(project_id=film.project.id, status_automation_id=row.id))
    await say(client, film, manager, "done")
    session.expire_all()
    changed = await session.get(Task, following.id)
    assert changed.task_status_id == film.statuses["wip"].id
    assert changed.real_start_date is not None
    assert (await session.get(Entity, film.entity.id)).ready_for == kind.id


async def test_whom_a_comment_calls_is_told_so(client, film, manager, make, as_role, session):
    department = await make(factories.department(name="Rigging"))
    rigger = await as_role("user", on=film.project, first_name="Grace", last_name="Hopper")
    await make(DepartmentLink(person_id=rigger.person.id, department_id=department.id))
    other = await as_role("user", on=film.project, first_name="Ada", last_name="By")
    made = await say(client, film, manager, comment="@Ada Byron, ask @Rigging. Not @Max Bossy")
    assert made["mentions"] == [str(film.artist.person.id)]
    assert made["department_mentions"] == [str(department.id)]
    mentioned = set(
        await session.scalars(select(Notification.person_id).where(Notification.type == "mention"))
    )
    assert mentioned == {film.artist.person.id, rigger.person.id}
    path = f"/data/comments/{made['id']}"
    changed = await client.put(path, json={"text": "@Ada By and @Grace Hopper"}, headers=manager)
    assert changed.status_code == 200
    mentioned = set(
        await session.scalars(select(Notification.person_id).where(Notification.type == "mention"))
    )
    assert mentioned == {other.person.id, rigger.person.id}
    assert len((await session.scalars(select(CommentMentions.person))).all()) == 2


async def test_who_follows_a_task_is_told_and_clients_only_of_what_is_for_clients(
    client, film, manager, make, as_role, session
):
    followers = [await as_role(role, on=film.project) for role in ("user", "client")]
    for one in followers:
        await make(Subscription(person_id=one.person.id, task_id=film.task.id))
    await say(client, film, manager)
    people = set(await session.scalars(select(Notification.person_id)))
    assert followers[0].person.id in people
    assert followers[1].person.id not in people
    await say(client, film, manager, for_client=True)
    assert followers[1].person.id in set(await session.scalars(select(Notification.person_id)))


# --- who may ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "assigned", "expected"),
    [
        ("admin", False, 201),
        ("manager", False, 201),
        ("supervisor", False, 201),
        ("user", False, 403),
        ("user", True, 201),
        ("vendor", False, 403),
        ("vendor", True, 201),
        ("client", False, 201),
    ],
)
async def test_who_comments(client, film, make, as_role, role, assigned, expected):
    person = await as_role(role, on=film.project)
    if assigned:
        await make(TaskPersonLink(task_id=film.task.id, person_id=person.person.id))
    await say(client, film, person, expected=expected)
    path = f"/actions/tasks/{film.task.id}/batch-comment"
    body = {"comments": [{"task_status_id": str(film.statuses["open"].id), "text": "x"}]}
    assert (await client.post(path, json=body, headers=person)).status_code == expected


@pytest.mark.parametrize(("role", "expected"), [("user", 201), ("supervisor", 201), ("vendor", 403)])
async def test_who_made_an_entity_comments_on_its_tasks(client, film, make, as_role, role, expected, session):
    maker, department = await as_role(role, on=film.project), await make(factories.department())
    await make(DepartmentLink(person_id=maker.person.id, department_id=department.id))
    await say(client, film, maker, expected=403)
    mine = Entity.id == film.entity.id
    await session.execute(update(Entity).where(mine).values(created_by=maker.person.id))
    await session.commit()
    await say(client, film, maker, expected=expected)
    body = {"comments": [{"task_id": str(film.task.id), "task_status_id": str(film.statuses["open"].id)}]}
    answer = await client.post("/actions/tasks/batch-comment", json=body, headers=maker)
    assert answer.status_code == expected
    gone = ProjectPersonLink.person_id == maker.person.id
    await session.execute(delete(ProjectPersonLink).where(gone))
    await session.commit()
    await say(client, film, maker, expected=403)


@pytest.mark.parametrize("role", ["manager", "supervisor", "user", "client", "vendor"])
async def test_tasks_of_other_productions_are_closed(client, film, make, as_role, role):
    person = await as_role(role, on=await make(factories.project()))
    await say(client, film, person, expected=403)
    assert (await client.get(f"/data/tasks/{film.task.id}/comments", headers=person)).status_code == 403


async def test_supervisors_comment_on_what_their_departments_do(client, film, make, as_role, session):
    boss, department = await as_role("supervisor", on=film.project), await make(factories.department())
    await make(DepartmentLink(person_id=boss.person.id, department_id=department.id))
    await say(client, film, boss, expected=403)


@pytest.mark.parametrize(
    ("role", "expected"),
    [("manager", 201), ("supervisor", 201), ("user", 403), ("vendor", 403), ("client", 403)],
)
async def test_some_statuses_are_closed_to_makers_and_clients(client, film, make, as_role, role, expected):
    person = await as_role(role, on=film.project)
    await make(TaskPersonLink(task_id=film.task.id, person_id=person.person.id))
    await say(client, film, person, "closed", expected)


async def test_only_who_runs_the_production_speaks_for_others(client, film, manager):
    someone = str(manager.person.id)
    await say(client, film, film.artist, expected=403, person_id=someone)
    made = await say(
        client, film, manager, person_id=str(film.artist.person.id), created_at="2026-03-02T12:00:00"
    )
    assert (made["person_id"], made["created_at"]) == (str(film.artist.person.id), "2026-03-02T12:00:00")
    own = await say(client, film, film.artist, created_at="2026-03-02T12:00:00")
    assert own["created_at"] != "2026-03-02T12:00:00"


async def test_who_reads_what(client, film, manager, make, as_role):
    one, other = [await as_role("client", on=film.project) for _ in range(2)]
    elsewhere = await as_role("client", on=film.project, studio_id=(await make(factories.studio())).id)
    await say(client, film, manager, comment="inside")
    await say(client, film, manager, comment="for clients", for_client=True)
    await say(client, film, one, comment="by a client")

    async def read(headers) -> set[str]:
        answer = await client.get(f"/data/tasks/{film.task.id}/comments", headers=headers)
        return {row["text"] for row in answer.json()}

    assert await read(manager) == {"inside", "for clients", "by a client"}
    assert await read(film.artist) == {"inside", "for clients"}
    assert await read(one) == await read(other) == {"for clients", "by a client"}
    assert await read(elsewhere) == {"for clients"}


async def test_isolated_clients_do_not_read_each_other(client, film, as_role, session):
    one, other = [await as_role("client", on=film.project) for _ in range(2)]
    made = await say(client, film, one)
    base = f"/data/tasks/{film.task.id}/comments"
    assert len((await client.get(base, headers=other)).json()) == 1
    project = await session.get(Project, film.project.id)
    project.is_clients_isolated = True
    await session.commit()
    assert (await client.get(base, headers=other)).json() == []
    assert (await client.get(f"{base}/{made['id']}", headers=other)).status_code == 403
    reply = await client.post(f"{base}/{made['id']}/reply", json={"text": "x"}, headers=other)
    assert reply.status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"task_status_id": None},
        {"task_status_id": "x"},
        {"task_status_id": "11111111-1111-4111-8111-111111111111"},
        {"comment": "\x00"},
        {"links": [1]},
        {"created_at": "soon"},
    ],
)
async def test_a_comment_that_can_not_be_is_refused(client, film, manager, session, wrong):
    await say(client, film, manager, expected=400, **wrong)
    assert await session.scalar(select(func.count()).select_from(Comment)) == 0


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff", b""])
async def test_a_body_that_is_no_object_is_refused(client, film, manager, body):
    headers = manager | {"Content-Type": "application/json"}
    path = f"/actions/tasks/{film.task.id}/comment"
    assert (await client.post(path, content=body, headers=headers)).status_code == 400


# --- lists and single ones ----------------------------------------------------------------------------


async def test_pinned_comments_come_first_then_the_newest(client, film, manager, make, count_statements):
    rows = []
    for minute in range(4):
        row = Comment(
            object_id=film.task.id,
            object_type="Task",
            person_id=manager.person.id,
            task_status_id=film.statuses["open"].id,
            text=str(minute),
            created_at=datetime(2026, 3, 2, 12, minute),
            pinned=minute == 1,
            replies=[{"id": str(uuid4()), "text": "Yes", "person_id": str(film.artist.person.id)}],
        )
        rows.append(await make(row))
    with count_statements() as statements:
        answer = await client.get(f"/data/tasks/{film.task.id}/comments", headers=film.artist)
    assert [row["text"] for row in answer.json()] == ["1", "3", "2", "0"]
    assert answer.json()[0]["replies"][0]["person"]["full_name"] == "Ada Byron"
    assert answer.json()[0]["task_status"]["short_name"] == film.statuses["open"].short_name
    assert statements.count <= 3


async def test_a_comment_is_deleted_by_its_author_and_by_who_runs_the_production(
    client, film, manager, as_role, session
):
    base = f"/data/tasks/{film.task.id}/comments"
    first = await say(client, film, manager, "wip")
    mine = await say(client, film, film.artist, "check")
    other = await as_role("supervisor", on=film.project)
    assert (await client.delete(f"{base}/{mine['id']}", headers=other)).status_code == 403
    assert (await client.delete(f"{base}/{mine['id']}", headers=film.artist)).status_code == 204
    assert (await client.delete(f"{base}/{mine['id']}", headers=film.artist)).status_code == 404
    task = await task_of(session, film)
    assert (task.task_status_id, task.end_date) == (film.statuses["wip"].id, None)
    events = await names_of_events(session)
    assert {"news:delete", "comment:delete"} <= set(events)
    assert (await client.delete(f"{base}/{first['id']}", headers=film.artist)).status_code == 403
    assert (await client.delete(f"{base}/{first['id']}", headers=manager)).status_code == 204


async def test_an_acknowledgement_is_given_and_taken_back(client, film, manager, session):
    made = await say(client, film, manager)
    path = f"/data/tasks/{film.task.id}/comments/{made['id']}/ack"
    first = await client.post(path, json={}, headers=film.artist)
    assert first.json()["acknowledgements"] == [str(film.artist.person.id)]
    again = await client.post(path, headers=film.artist)
    assert again.json()["acknowledgements"] == []
    assert await session.scalar(select(func.count()).select_from(CommentAcknoledgments)) == 0


async def test_a_task_on_a_concept_falls_back_to_the_status_of_concepts(client, film, manager, make, session):
    concept = await session.scalar(select(EntityType).where(EntityType.name == "Concept"))
    concept = concept or await make(factories.entity_type(name="Concept"))
    mood = await make(factories.entity(film.project, concept))
    kind = await make(factories.task_type())
    task = await make(factories.task(mood, kind, film.statuses["open"]))
    made = await say(client, film, manager, task=task)
    path = f"/data/tasks/{task.id}/comments/{made['id']}"
    assert (await client.delete(path, headers=manager)).status_code == 204
    found = await session.get(Task, task.id, populate_existing=True)
    status = await session.get(TaskStatus, found.task_status_id)
    assert (status.name, status.for_concept, status.is_default) == ("Neutral", True, True)


async def test_the_register_deletes_a_comment_by_the_same_rules(client, film, manager, as_role, session):
    await say(client, film, manager, "wip")
    gone = await say(client, film, manager, "done")
    before = await names_of_events(session)
    admin = await as_role("admin")
    assert (await client.delete(f"/data/comments/{gone['id']}", headers=admin)).status_code == 204
    told = await names_of_events(session)
    for name in before:
        told.remove(name)
    assert {"comment:delete", "news:delete", "task:status-changed", "task:update"} <= set(told)
    assert (await task_of(session, film)).task_status_id == film.statuses["wip"].id


async def test_what_is_null_in_a_comment_is_absent(client, film, manager):
    nothing = dict.fromkeys(("comment", "checklist", "links", "for_client", "person_id", "created_at"))
    made = await say(client, film, manager, **nothing)
    assert (made["text"], made["for_client"], made["checklist"]) == ("", False, [])
    assert made["person_id"] == str(manager.person.id)


@pytest.mark.parametrize("checklist", ["Mend the bark", {"text": "Mend"}, ["Mend"], [None], 3])
async def test_a_checklist_is_a_list_of_lines(client, film, manager, checklist):
    await say(client, film, manager, expected=400, checklist=checklist)
    made = await say(client, film, manager, checklist=[{"text": "Mend", "checked": False}])
    path = f"/data/comments/{made['id']}"
    assert (await client.put(path, json={"checklist": checklist}, headers=manager)).status_code == 400


async def test_replies_that_are_none_do_no_harm(client, film, manager, make, session):
    rubbish = ["Agreed", {"person_id": "nobody", "text": "Agreed"}, None]
    comment = await make(factories.comment(film.task, film.artist.person, replies=rubbish))
    base = f"/data/tasks/{film.task.id}/comments/{comment.id}/reply"
    made = await client.post(base, json={"text": "Why?"}, headers=manager)
    assert made.status_code == 200, made.text
    assert (await client.delete(f"{base}/{made.json()['id']}", headers=manager)).status_code == 200


async def test_replies_are_added_told_and_deleted(client, film, manager, as_role, session):
    made = await say(client, film, manager)
    base = f"/data/tasks/{film.task.id}/comments/{made['id']}/reply"
    answer = await client.post(base, json={"text": "Will do, @Max Boss"}, headers=film.artist)
    assert answer.status_code == 200, answer.text
    reply = answer.json()
    assert (reply["person"]["id"], reply["mentions"]) == (
        str(film.artist.person.id),
        [str(manager.person.id)],
    )
    query = select(Notification.type).where(
        Notification.person_id == manager.person.id, Notification.reply_id == UUID(reply["id"])
    )
    assert list(await session.scalars(query)) == ["reply-mention"]
    assert (await client.post(base, json={"text": " "}, headers=film.artist)).status_code == 400
    other = await as_role("supervisor", on=film.project)
    assert (await client.delete(f"{base}/{reply['id']}", headers=other)).status_code == 403
    assert (await client.delete(f"{base}/{uuid4()}", headers=film.artist)).status_code == 404
    gone = await client.delete(f"{base}/{reply['id']}", headers=film.artist)
    assert (gone.status_code, gone.json()["replies"]) == (200, [])
    assert list(await session.scalars(query)) == []


async def test_a_comment_is_moved_to_another_task_of_its_entity(client, film, manager, make, session):
    target = await make(factories.task(film.entity, await make(factories.task_type()), film.statuses["open"]))
    made = await say(client, film, manager, "wip")
    path = f"/actions/tasks/{film.task.id}/comments/{made['id']}/move"
    body = {"target_task_id": str(target.id)}
    assert (await client.post(path, json=body, headers=film.artist)).status_code == 403
    same = await client.post(path, json={"target_task_id": str(film.task.id)}, headers=manager)
    assert same.status_code == 400
    elsewhere = factories.production()
    await make(*elsewhere)
    wrong = await client.post(path, json={"target_task_id": str(elsewhere.task.id)}, headers=manager)
    assert wrong.status_code == 400
    answer = await client.post(path, json=body, headers=manager)
    assert (answer.status_code, answer.json()["object_id"]) == (200, str(target.id))
    session.expire_all()
    assert (await session.get(Task, target.id)).task_status_id == film.statuses["wip"].id
    assert (await session.get(Task, film.task.id)).task_status_id != film.statuses["wip"].id
    assert (await client.post(path, json=body, headers=manager)).status_code == 400, (
        "it is of another task now"
    )


# --- many at once -------------------------------------------------------------------------------------


async def test_a_batch_is_made_whole_or_not_at_all(client, film, manager, make, session):
    other = await make(factories.task(film.entity, await make(factories.task_type()), film.statuses["open"]))
    wip = str(film.statuses["wip"].id)
    good = [{"task_id": str(task.id), "task_status_id": wip, "text": "x"} for task in (film.task, other)]
    answer = await client.post("/actions/tasks/batch-comment", json={"comments": good}, headers=manager)
    assert [row["object_id"] for row in answer.json()] == [str(film.task.id), str(other.id)]
    assert await session.scalar(select(func.count()).select_from(Comment)) == 2
    bad = [*good, {"task_id": str(uuid4()), "task_status_id": wip}]
    answer = await client.post("/actions/tasks/batch-comment", json={"comments": bad}, headers=manager)
    assert answer.status_code == 404
    answer = await client.post("/actions/tasks/batch-comment", json={"comments": good}, headers=film.artist)
    assert answer.status_code == 403
    assert await session.scalar(select(func.count()).select_from(Comment)) == 2


async def test_comments_of_a_batch_keep_their_documents_and_follow_each_other(
    client, film, manager, make, session
):
    reader = await make(factories.person(email="reader@example.com"))
    await make(TaskPersonLink(task_id=film.task.id, person_id=reader.id))
    retake, wip = film.statuses["retake"], film.statuses["wip"]
    wishes = [
        {"task_status_id": str(retake.id), "text": "1", "checklist": [{"text": "Lift"}, {"text": "Tail"}]},
        {"task_status_id": str(retake.id), "text": "2", "links": ["https://a.example", "https://b.example"]},
        {"task_status_id": str(wip.id), "text": "3", "links": [], "checklist": []},
        {"task_status_id": str(retake.id), "text": "4"},
    ]
    path = f"/actions/tasks/{film.task.id}/batch-comment"
    answer = await client.post(path, json={"comments": wishes}, headers=manager)
    assert answer.status_code == 201, answer.text
    rows = answer.json()
    assert [row["text"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["checklist"] for row in rows] == [wishes[0]["checklist"], [], [], []]
    assert [row["links"] for row in rows] == [[], wishes[1]["links"], [], []]
    task = await session.get(Task, film.task.id, populate_existing=True)
    assert (task.task_status_id, task.retake_count) == (retake.id, 2)
    found = select(Notification.comment_id, Notification.change).where(Notification.person_id == reader.id)
    told = (await session.execute(found.order_by(Notification.created_at))).all()
    assert [str(id) for id, _ in told] == [row["id"] for row in rows]
    assert [change for _, change in told] == [True, False, True, True]
    news = {row[0]: row[1] for row in (await session.execute(select(News.comment_id, News.change))).all()}
    assert [news[id] for id, _ in told] == [True, False, True, True]


async def test_of_many_comments_those_that_the_caller_may_make_are_made(client, film, make):
    other = await make(factories.task(film.entity, await make(factories.task_type()), film.statuses["open"]))
    wip = str(film.statuses["wip"].id)
    wishes = [
        {"object_id": str(task.id), "task_status_id": wip, "comment": "x"} for task in (film.task, other)
    ]
    path = f"/actions/projects/{film.project.id}/tasks/comment-many"
    answer = await client.post(path, json=wishes, headers=film.artist)
    assert answer.status_code == 201, answer.text
    assert [row["object_id"] for row in answer.json()] == [str(film.task.id)]
    missing = f"/actions/projects/{uuid4()}/tasks/comment-many"
    assert (await client.post(missing, json=wishes, headers=film.artist)).status_code == 404


async def test_files_of_comments_that_are_left_out_are_left_out_with_them(client, film, make, session):
    other = await make(factories.task(film.entity, await make(factories.task_type()), film.statuses["open"]))
    wip = str(film.statuses["wip"].id)
    wishes = [
        {"object_id": str(task.id), "task_status_id": wip, "comment": "x"} for task in (other, film.task)
    ]
    path = f"/actions/projects/{film.project.id}/tasks/comment-many"
    files = {f"attachment_file-{place}-0": (f"note{place}.txt", b"Mind the teapot.") for place in (0, 1)}
    form = {"data": {"comments": json.dumps(wishes)}, "headers": film.artist}
    answer = await client.post(path, files=files, **form)
    assert answer.status_code == 201, answer.text
    [row] = answer.json()
    assert row["object_id"] == str(film.task.id)
    assert [file["name"] for file in row["attachment_files"]] == ["note1.txt"]
    stray = {"attachment_file-2-0": ("note2.txt", b"Of no comment.")}
    assert (await client.post(path, files=stray, **form)).status_code == 400


async def test_what_a_client_said_is_said_once_more_for_the_team(client, film, manager, as_role):
    customer = await as_role("client", on=film.project)
    await say(client, film, customer, "open", comment="Old")
    await say(client, film, customer, "retake", comment="Greener, please")
    path = f"/actions/projects/{film.project.id}/tasks/copy-client-comments"
    body = {"task_ids": [str(film.task.id)], "prefix": "From the client:"}
    assert (await client.post(path, json=body, headers=film.artist)).status_code == 403
    await say(client, film, manager, "retake", comment="For all to see", for_client=True)
    [copy] = (await client.post(path, json=body, headers=manager)).json()
    assert copy["text"] == "From the client:\n\nGreener, please"
    assert (copy["for_client"], copy["task_status_id"]) == (False, str(film.statuses["retake"].id))
    listed = await client.get(f"/data/tasks/{film.task.id}/comments", headers=film.artist)
    assert [row["text"] for row in listed.json()] == [copy["text"], "For all to see"]


# --- files --------------------------------------------------------------------------------------------


async def attach(client, film, headers, *files):
    form = {"task_status_id": str(film.statuses["open"].id), "comment": "See", "checklist": "[]"}
    path = f"/actions/tasks/{film.task.id}/comment"
    sent = [(f"file-{n}", file) for n, file in enumerate(files)]
    answer = await client.post(path, data=form, files=sent, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_files_come_with_a_comment_and_are_read_back(client, film, manager, session, settings):
    made = await attach(
        client,
        film,
        manager,
        ("notes.txt", b"Hello file"),
        ("../../etc/passwd", b"<script>"),
        ("page.html", b"<b>"),
    )
    files = {row["name"]: row for row in made["attachment_files"]}
    assert set(files) == {"notes.txt", "passwd", "page.html"}
    assert (files["notes.txt"]["size"], files["notes.txt"]["extension"]) == (10, "txt")
    path = f"/data/attachment-files/{files['notes.txt']['id']}/file/whatever.txt"
    answer = await client.get(path, headers=film.artist)
    assert (answer.content, answer.headers["content-type"]) == (b"Hello file", "text/plain; charset=utf-8")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    page = await client.get(f"/data/attachment-files/{files['page.html']['id']}/file/x", headers=film.artist)
    assert page.headers["content-type"] == "application/octet-stream"
    assert page.headers["content-disposition"].startswith("attachment;")
    id = files["notes.txt"]["id"]
    assert (settings.previews / "files" / "attachments" / id[:3] / id[3:6] / id).read_bytes() == b"Hello file"
    keys = await session.scalars(select(StoredFile.key).where(StoredFile.file_id == id))
    assert list(keys) == [f"attachments-{id}"]


async def test_files_are_for_those_who_read_the_comment(client, film, manager, as_role, make):
    made = await attach(client, film, manager, ("notes.txt", b"x"))
    id = made["attachment_files"][0]["id"]
    path = f"/data/attachment-files/{id}/file/notes.txt"
    lists = (
        f"/data/tasks/{film.task.id}/attachment-files",
        f"/data/projects/{film.project.id}/attachment-files",
    )
    customer = await as_role("client", on=film.project)
    assert (await client.get(path, headers=customer)).status_code == 403
    stranger = await as_role("user", on=await make(factories.project()))
    assert (await client.get(path, headers=stranger)).status_code == 403
    for one in lists:
        assert [row["id"] for row in (await client.get(one, headers=film.artist)).json()] == [id]
        assert (await client.get(one, headers=customer)).json() == []
        assert (await client.get(one, headers=stranger)).status_code == 403
    assert (await client.get(f"/data/attachment-files/{uuid4()}/file/x", headers=manager)).status_code == 404


async def test_files_are_added_and_taken_away_later(client, film, manager, make, session):
    made = await say(client, film, film.artist)
    base = f"/actions/tasks/{film.task.id}/comments/{made['id']}/add-attachment"
    added = await client.post(base, files={"file": ("a.png", b"png")}, headers=film.artist)
    assert (added.status_code, added.json()[0]["name"]) == (201, "a.png")
    assert (await client.post(base, data={"x": "y"}, headers=film.artist)).status_code == 400
    wrong = await client.post(
        base, data={"reply_id": str(uuid4())}, files={"file": ("a", b"x")}, headers=film.artist
    )
    assert wrong.status_code == 400
    other = await make(factories.task(film.entity, await make(factories.task_type()), film.statuses["open"]))
    elsewhere = base.replace(str(film.task.id), str(other.id))
    assert (await client.post(elsewhere, files={"file": ("a", b"x")}, headers=manager)).status_code == 403
    file_id = added.json()[0]["id"]
    gone = f"/data/tasks/{film.task.id}/comments/{made['id']}/attachments/{file_id}"
    assert (await client.delete(gone, headers=manager)).status_code == 204
    assert await session.scalar(select(func.count()).select_from(AttachmentFile)) == 0
    assert await session.scalar(select(StoredFile.deleted_at)) is not None
    assert (await client.delete(gone, headers=manager)).status_code == 404


async def test_files_of_a_batch_go_to_the_comment_of_their_number(client, film, manager):
    wishes = [
        {"task_id": str(film.task.id), "task_status_id": str(film.statuses["open"].id)} for _ in range(2)
    ]
    files = {"attachment_file-1": ("b.txt", b"second")}
    answer = await client.post(
        "/actions/tasks/batch-comment", data={"comments": json.dumps(wishes)}, files=files, headers=manager
    )
    assert answer.status_code == 201, answer.text
    assert [len(row["attachment_files"]) for row in answer.json()] == [0, 1]
    for name in ("attachment_file-2", "file"):
        answer = await client.post(
            "/actions/tasks/batch-comment",
            data={"comments": json.dumps(wishes)},
            files={name: ("b.txt", b"x")},
            headers=manager,
        )
        assert answer.status_code == 400


async def test_a_body_may_be_only_so_large(client, film, manager, configure):
    configure(max_upload_mb=1)
    path = f"/actions/tasks/{film.task.id}/comment"
    big = {"file": ("big.bin", b"x" * (2 * 1024 * 1024))}
    form = {"task_status_id": str(film.statuses["open"].id)}
    assert (await client.post(path, data=form, files=big, headers=manager)).status_code == 413
