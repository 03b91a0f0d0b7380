"""Comments that change: who may change what of them, and what follows."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from kitsu_api.db.models import (
    ApiEvent,
    Comment,
    CommentPreviewLink,
    Notification,
    PreviewFile,
    ProjectStatusAutomationLink,
    ProjectTaskStatusLink,
    StatusAutomation,
    Task,
    TaskPersonLink,
)
from kitsu_api.db.repositories.event_feed import EventFeed
from tests import factories

CHECKLIST = [{"text": "Lift the blacks", "checked": False}, {"text": "Slower", "checked": False}]


class Said(NamedTuple):
    """A comment of a manager with a checklist, on a task that one artist works on."""

    rows: Any
    comment: Any
    manager: Any
    artist: Any
    path: str


@pytest.fixture
async def said(make, as_role) -> Said:
    rows = factories.production()
    await make(*rows)
    manager = await as_role("manager", on=rows.project)
    artist = await as_role("user", on=rows.project)
    await make(TaskPersonLink(task_id=rows.task.id, person_id=artist.person.id))
    values = {"text": "Once more", "checklist": CHECKLIST, "task_status_id": rows.task_status.id}
    comment = await make(factories.comment(rows.task, manager.person, **values))
    return Said(rows, comment, manager, artist, f"/data/comments/{comment.id}")


async def stored(session, model, id) -> Any:
    return await session.get(model, id, populate_existing=True)


async def change(client, said, headers, expected, **values):
    answer = await client.put(said.path, json=values, headers=headers)
    assert answer.status_code == expected, answer.text
    return answer.json()


async def test_whoever_works_on_the_task_ticks_the_checklist_and_changes_nothing_else(client, said, session):
    ticked = [{**CHECKLIST[0], "checked": True}, CHECKLIST[1]]
    whole = (await client.get(said.path, headers=said.artist)).json()
    await change(client, said, said.artist, 200, **{**whole, "checklist": ticked})
    assert (await stored(session, Comment, said.comment.id)).checklist == ticked
    for values in (
        {"text": "Never mind"},
        {"checklist": ticked[:1]},
        {"checklist": [{"text": "Nothing", "checked": True}, ticked[1]]},
        {"pinned": True},
        {"for_client": True},
    ):
        await change(client, said, said.artist, 403, **values)
    assert (await stored(session, Comment, said.comment.id)).text == "Once more"


async def test_supervisors_pin_and_edit_checklists_but_not_what_others_said(client, said, as_role, session):
    lead = await as_role("supervisor", on=said.rows.project)
    await change(client, said, lead, 200, pinned=True, checklist=CHECKLIST[:1])
    row = await stored(session, Comment, said.comment.id)
    assert (row.pinned, row.checklist) == (True, CHECKLIST[:1])
    await change(client, said, lead, 403, text="No")


@pytest.mark.parametrize("role", ["user", "client", "vendor", "supervisor"])
async def test_who_has_nothing_to_do_with_a_comment_changes_nothing_of_it(client, said, make, as_role, role):
    elsewhere = await make(factories.project())
    for headers in (await as_role(role, on=elsewhere), await as_role("vendor", on=said.rows.project)):
        await change(client, said, headers, 403, checklist=CHECKLIST)


async def test_replies_and_editors_are_nobodys_to_write(client, said, session):
    forged = [{"id": str(uuid4()), "text": "I agree", "person_id": str(said.artist.person.id)}]
    await change(client, said, said.manager, 200, replies=forged, editor_id=str(said.artist.person.id))
    row = await stored(session, Comment, said.comment.id)
    assert (row.replies, row.editor_id) == ([], said.manager.person.id)


async def test_the_task_follows_a_status_that_its_last_comment_is_given(client, said, make, session):
    done = await make(factories.task_status(is_done=True))
    await change(client, said, said.manager, 200, task_status_id=str(done.id))
    task = await stored(session, Task, said.rows.task.id)
    assert (task.task_status_id, task.done_date) == (done.id, said.comment.created_at)
    names = set(await session.scalars(select(ApiEvent.name)))
    assert names >= {"comment:update", "task:status-changed", "task:update"}
    await change(client, said, said.manager, 400, task_status_id=str(uuid4()))


async def test_a_closed_status_stays_closed_by_way_of_an_edit(client, said, make):
    closed = await make(factories.task_status(is_artist_allowed=False))
    path = f"/actions/tasks/{said.rows.task.id}/comment"
    body = {"task_status_id": str(said.rows.task_status.id)}
    own = (await client.post(path, json=body, headers=said.artist)).json()["id"]
    change = {"task_status_id": str(closed.id)}
    answer = await client.put(f"/data/comments/{own}", json=change, headers=said.artist)
    assert answer.status_code == 403


async def test_a_task_keeps_a_status_that_is_closed_to_who_comments(client, said, make):
    closed = await make(factories.task_status(is_artist_allowed=False))
    path, body = f"/actions/tasks/{said.rows.task.id}/comment", {"task_status_id": str(closed.id)}
    assert (await client.post(path, json=body, headers=said.artist)).status_code == 403
    assert (await client.post(path, json=body, headers=said.manager)).status_code == 201
    assert (await client.post(path, json=body, headers=said.artist)).status_code == 201


@pytest.mark.parametrize(("usual", "own", "expected"), [(True, False, 403), (False, True, 201)])
async def test_a_production_opens_and_closes_statuses_to_its_clients(
    client, said, make, as_role, usual, own, expected
):
    status = await make(factories.task_status(is_client_allowed=usual))
    project = said.rows.project
    link = {"project_id": project.id, "task_status_id": status.id, "is_client_allowed": own}
    await make(ProjectTaskStatusLink(**link))
    customer = await as_role("client", on=project)
    path = f"/actions/tasks/{said.rows.task.id}/comment"
    answer = await client.post(path, json={"task_status_id": str(status.id)}, headers=customer)
    assert answer.status_code == expected


async def test_makers_show_nothing_to_clients(client, said):
    path = f"/actions/tasks/{said.rows.task.id}/comment"
    body = {"task_status_id": str(said.rows.task_status.id), "for_client": True}
    assert (await client.post(path, json=body, headers=said.artist)).status_code == 403
    made = await client.post(path, json=body, headers=said.manager)
    assert (made.status_code, made.json()["for_client"]) == (201, True)


async def test_the_longest_name_is_the_one_that_is_called(client, said, as_role):
    lee = await as_role("user", on=said.rows.project, first_name="Ann", last_name="Lee")
    smith = await as_role("user", on=said.rows.project, first_name="Ann", last_name="Lee Smith")
    path = f"/actions/tasks/{said.rows.task.id}/comment"
    for text, called in (("@Ann Lee Smith!", smith), ("Ask @Ann Lee, please", lee)):
        body = {"task_status_id": str(said.rows.task_status.id), "comment": text}
        made = (await client.post(path, json=body, headers=said.manager)).json()
        assert made["mentions"] == [str(called.person.id)]


async def test_the_bell_rings_for_each_who_is_told_and_the_log_does_not_note_it(client, said, session):
    last = await EventFeed(session).number()
    path = f"/actions/tasks/{said.rows.task.id}/comment"
    body = {"task_status_id": str(said.rows.task_status.id)}
    assert (await client.post(path, json=body, headers=said.manager)).status_code == 201
    await EventFeed(session).number()
    bells = {
        (entry.data["notification_id"], entry.data["person_id"], str(entry.audience_id))
        for entry in await EventFeed(session).after(last, 100)
        if entry.name == "notification:new"
    }
    told = await session.execute(select(Notification.id, Notification.person_id))
    assert bells == {(str(id), str(person), str(said.rows.project.id)) for id, person in told}
    assert str(said.artist.person.id) in {person for _, person, _ in bells}
    logged = select(func.count()).where(ApiEvent.name == "notification:new")
    assert await session.scalar(logged) == 0


async def test_previews_that_move_with_a_comment_take_free_revisions(client, said, make, session):
    rows = said.rows
    kind = await make(factories.task_type())
    target = await make(factories.task(rows.entity, kind, rows.task_status))
    there = await make(factories.preview_file(target, rows.person, revision=1))
    moved, shared, stays = await make(
        factories.preview_file(rows.task, rows.person, revision=1),
        factories.preview_file(rows.task, rows.person, revision=2),
        factories.preview_file(rows.task, rows.person, revision=3),
    )
    other = await make(factories.comment(rows.task, rows.person))
    for comment, preview in ((said.comment, moved), (said.comment, shared), (other, shared)):
        await make(CommentPreviewLink(comment=comment.id, preview_file=preview.id))
    path = f"/actions/tasks/{rows.task.id}/comments/{said.comment.id}/move"
    answer = await client.post(path, json={"target_task_id": str(target.id)}, headers=said.manager)
    assert answer.status_code == 200, answer.text
    places = {
        row.id: (row.task_id, row.revision)
        for row in await session.scalars(select(PreviewFile).execution_options(populate_existing=True))
    }
    assert places == {
        there.id: (target.id, 1),
        moved.id: (target.id, 2),
        shared.id: (rows.task.id, 2),
        stays.id: (rows.task.id, 3),
    }
    assert (await stored(session, Task, target.id)).last_preview_file_id == moved.id
    assert (await stored(session, Task, rows.task.id)).last_preview_file_id == stays.id


async def test_retakes_that_automations_set_count_once_in_a_row(client, said, make, session):
    rows = said.rows
    begun = await make(factories.task_status(is_wip=True))
    retakes = [await make(factories.task_status(is_retake=True)) for _ in range(2)]
    kind = await make(factories.task_type())
    target = await make(factories.task(rows.entity, kind, retakes[0], retake_count=1))
    automation = await make(
        StatusAutomation(
            in_task_type_id=rows.task.task_type_id,
            in_task_status_id=begun.id,
            out_field_type="status",
            out_task_type_id=kind.id,
            out_task_status_id=retakes[1].id,
        )
    )
    link = {"project_id": rows.project.id, "status_automation_id": automation.id}
    await make(ProjectStatusAutomationLink(**link))
    path = f"/actions/tasks/{rows.task.id}/comment"
    body = {"task_status_id": str(begun.id)}
    assert (await client.post(path, json=body, headers=said.manager)).status_code == 201
    task = await stored(session, Task, target.id)
    assert (task.task_status_id, task.retake_count) == (retakes[1].id, 1)


async def test_an_older_comment_does_not_turn_the_clock_back(client, said, session):
    path = f"/actions/tasks/{said.rows.task.id}/comment"
    body = {"task_status_id": str(said.rows.task_status.id)}
    assert (await client.post(path, json=body, headers=said.manager)).status_code == 201
    last = (await stored(session, Task, said.rows.task.id)).last_comment_date
    old = {**body, "created_at": "2020-01-02T03:04:05"}
    made = await client.post(path, json=old, headers=said.manager)
    assert made.json()["created_at"] == "2020-01-02T03:04:05"
    assert (await stored(session, Task, said.rows.task.id)).last_comment_date == last
