"""Somebody of two productions, and their API key for one of them: nothing of the other is told or changed,
not even what is their own."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from kitsu_api.db import models as m
from tests import factories
from tests.permissions import walk
from tests.permissions.test_walk import leaked

OWN_LISTS = (
    "/data/jobs",
    "/data/time-spents",
    "/data/user/chats",
    "/data/user/notifications",
    "/data/user/tasks",
    "/data/user/time-spents",
    "/data/user/time-spents/2026-03-02",
)
"""Lists of what is the caller's own in all of their productions."""


class Owner:
    """Somebody with rows of their own in two productions, and the key for the first."""

    def __init__(self, own, other, rows, who, key):
        self.own, self.other, self.rows, self.who, self.key = own, other, rows, who, key


@pytest.fixture
def owner(client, make, sign_in):
    """`await owner("user")`: such a person of a role."""

    async def made(role: str) -> Owner:
        own, other, _ = await walk.build(make)
        person = await make(factories.person(role=role))
        rows = {}
        for place in (own, other):
            world = place.world
            chat = await make(m.Chat(object_id=place.ids["sequence_id"]))
            rows[place] = [
                m.ProjectPersonLink(project_id=world.project.id, person_id=person.id),
                m.TaskPersonLink(task_id=world.task.id, person_id=person.id),
                factories.notification(person, world.task),
                factories.time_spent(world.task, person),
                factories.comment(world.task, person),
                factories.job(project_id=world.project.id, created_by=person.id),
                m.ChatParticipant(chat_id=chat.id, person_id=person.id),
            ]
            await make(*rows[place])
        who = sign_in(person)
        wish = {"name": "Farm", "access": "write", "project_ids": [str(own.world.project.id)]}
        answer = await client.post("/data/api-keys", json=wish, headers=who)
        return Owner(own, other, rows, who, {"Authorization": f"Bearer {answer.json()['key']}"})

    return made


async def test_no_route_tells_a_key_of_another_production(client, owner):
    given = await owner("user")
    rows = [row for row in given.rows[given.other] if hasattr(row, "id")]
    secrets = given.other.own_ids() | {str(row.id) for row in rows}
    told = []
    for method, path in walk.routes():
        if method != "GET" and not path.startswith("/data/query"):
            continue
        asked = given.other.path(path)
        body = None if method == "GET" else {}
        answer = await client.request(method, asked, json=body, headers=given.key)
        if answer.status_code < 300 and leaked(answer.text, secrets, asked + json.dumps(body)):
            told.append(f"{method} {path}: {answer.text[:120]}")
    assert not told, "\n".join(told)
    for path in OWN_LISTS:
        assert leaked((await client.get(path, headers=given.who)).text, secrets, ""), path


async def test_a_key_still_tells_what_is_ones_own_in_its_production(client, owner):
    given = await owner("user")
    ids = {str(row.id) for row in given.rows[given.own] if hasattr(row, "id")} | given.own.own_ids()
    for path in OWN_LISTS:
        assert leaked((await client.get(path, headers=given.key)).text, ids, ""), path


async def test_a_key_changes_nothing_of_ones_own_in_another_production(client, owner, session):
    given = await owner("user")
    _, _, notification, time_spent, comment, job, _ = given.rows[given.other]
    task = given.other.world.task
    for method, path, body in (
        ("PUT", f"/data/comments/{comment.id}", {"text": "Changed"}),
        ("DELETE", f"/data/comments/{comment.id}", None),
        ("DELETE", f"/data/tasks/{task.id}/comments/{comment.id}", None),
        ("PUT", f"/data/user/notifications/{notification.id}", {"read": True}),
        ("PUT", f"/data/time-spents/{time_spent.id}", {"duration": 1}),
        ("DELETE", f"/data/time-spents/{time_spent.id}", None),
        ("DELETE", f"/data/jobs/{job.id}", None),
        ("POST", f"/actions/user/tasks/{task.id}/subscribe", {}),
        ("POST", f"/actions/tasks/{task.id}/comment", {"task_status_id": str(task.task_status_id)}),
    ):
        answer = await client.request(method, path, json=body, headers=given.key)
        assert answer.status_code in (403, 404), (method, path, answer.status_code, answer.text)
    answer = await client.post("/actions/user/notifications/mark-all-as-read", headers=given.key)
    assert answer.status_code == 200
    ids = [rows[2].id for rows in (given.rows[given.own], given.rows[given.other])]
    found = {
        row.id: bool(row.read)
        for row in await session.scalars(select(m.Notification).where(m.Notification.id.in_(ids)))
    }
    assert [found[id] for id in ids] == [True, False]
