"""What people are told, and what they follow."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from kitsu_api.db.models import (
    ApiEvent,
    Comment,
    CommentMentions,
    Notification,
    ProjectPersonLink,
    Subscription,
    TaskPersonLink,
)
from kitsu_api.schemas.user_work import UserNotification
from tests import factories

NOON = datetime(2026, 3, 2, 12)


@pytest.fixture
async def film(make):
    rows = factories.production()
    await make(*rows)
    return rows


@pytest.fixture
async def artist(as_role, film):
    return await as_role("user", on=film.project)


async def tell(make, film, person, **values):
    author = film.person
    comment = await make(
        Comment(
            object_id=film.task.id,
            object_type="Task",
            person_id=author.id,
            task_status_id=film.task_status.id,
            text="Look at the bark",
            replies=values.pop("replies", []),
        )
    )
    row = factories.notification(
        person, film.task, author_id=author.id, comment_id=comment.id, **({"created_at": NOON} | values)
    )
    return await make(row)


async def read(client, headers, **query):
    answer = await client.get("/data/user/notifications", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_notification_says_what_it_is_about(client, artist, film, make):
    row = await tell(make, film, artist.person)
    await make(CommentMentions(comment=row.comment_id, person=artist.person.id))
    [told] = await read(client, artist)
    assert set(told) == set(UserNotification.model_fields)
    assert told["comment_text"] == "Look at the bark"
    assert told["mentions"] == [str(artist.person.id)]
    assert told["full_entity_name"] == f"{film.entity_type.name} / {film.entity.name}"
    assert (told["project_id"], told["task_status_id"]) == (str(film.project.id), str(film.task_status.id))
    assert (told["read"], told["subscription_id"], told["reply_text"]) == (False, None, "")
    one = await client.get(f"/data/user/notifications/{row.id}", headers=artist)
    assert one.json() == told


async def test_a_notification_of_a_reply_shows_the_reply(client, artist, film, make):
    reply = {"id": str(uuid4()), "text": "Done", "mentions": [str(uuid4())], "department_mentions": []}
    await tell(make, film, artist.person, replies=[reply], reply_id=reply["id"], type="reply")
    [told] = await read(client, artist)
    assert (told["reply_text"], told["reply_mentions"]) == ("Done", reply["mentions"])


@pytest.mark.parametrize(
    ("reader", "author", "for_client", "quoted"),
    [
        ("user", "client", False, False),
        ("vendor", "client", True, False),
        ("supervisor", "client", False, True),
        ("user", "manager", False, True),
        ("client", "manager", True, True),
        ("client", "manager", False, False),
    ],
)
async def test_what_a_reader_may_not_read_is_told_without_its_words(
    client, as_role, film, make, reader, author, for_client, quoted
):
    listener, speaker = await as_role(reader, on=film.project), await as_role(author, on=film.project)
    reply = {"id": str(uuid4()), "text": "Agreed", "mentions": [], "department_mentions": []}
    words = {"text": "Too dark", "for_client": for_client, "replies": [reply]}
    comment = await make(factories.comment(film.task, speaker.person, **words))
    about = {"author_id": speaker.person.id, "comment_id": comment.id}
    await make(factories.notification(listener.person, film.task, **about, reply_id=reply["id"]))
    [told] = await read(client, listener)
    assert (told["comment_text"], told["reply_text"]) == (("Too dark", "Agreed") if quoted else ("", ""))


async def test_admins_read_what_clients_say_whatever_role_they_hold_on_a_production(
    client, as_role, film, make
):
    admin, speaker = await as_role("admin"), await as_role("client", on=film.project)
    await make(ProjectPersonLink(person_id=admin.person.id, project_id=film.project.id, role="user"))
    comment = await make(factories.comment(film.task, speaker.person, text="Too dark"))
    about = {"author_id": speaker.person.id, "comment_id": comment.id}
    await make(factories.notification(admin.person, film.task, **about))
    [told] = await read(client, admin)
    assert told["comment_text"] == "Too dark"


async def test_filters(client, artist, film, make):
    await tell(make, film, artist.person, type="mention", read=True, created_at=NOON)
    await tell(make, film, artist.person, created_at=NOON + timedelta(hours=1))

    async def kinds(**query):
        return [row["notification_type"] for row in await read(client, artist, **query)]

    assert await kinds() == ["comment", "mention"]
    assert await kinds(read="true") == ["mention"]
    assert await kinds(read="false") == ["comment"]
    assert await kinds(type="mention") == ["mention"]
    assert await kinds(before="2026-03-02T13:00:00") == ["mention"]
    assert await kinds(after="2026-03-02T12:00:00") == ["comment"]
    assert await kinds(task_type_id=film.task_type.id) == ["comment", "mention"]
    assert await kinds(task_type_id=film.project.id) == []
    assert await kinds(task_status_id=film.task_status.id) == ["comment", "mention"]
    assert await kinds(watching="true") == []
    await make(Subscription(person_id=artist.person.id, task_id=film.task.id))
    assert await kinds(watching="true") == ["comment", "mention"]
    assert await kinds(watching="false") == []


async def test_a_list_ends_after_a_hundred(client, artist, film, make, count_statements):
    for minute in range(101):
        await tell(make, film, artist.person, created_at=NOON + timedelta(minutes=minute))
    with count_statements() as statements:
        rows = await read(client, artist)
    assert len(rows) == 100
    assert statements.count == 2, "who calls, and the list"
    assert len(await read(client, artist, before=rows[-1]["created_at"])) == 1


async def test_what_others_are_told_stays_with_them(client, as_role, artist, film, make):
    row = await tell(make, film, film.person)
    assert await read(client, artist) == []
    path = f"/data/user/notifications/{row.id}"
    for headers in (artist, await as_role("admin")):
        assert (await client.get(path, headers=headers)).status_code == 404
        assert (await client.put(path, json={"read": True}, headers=headers)).status_code == 404


async def test_a_notification_is_marked_as_read(client, artist, film, make, session):
    row = await tell(make, film, artist.person)
    answer = await client.put(f"/data/user/notifications/{row.id}", json={"read": True}, headers=artist)
    assert (answer.status_code, answer.json()["read"]) == (200, True)
    events = await session.scalars(select(ApiEvent.data).where(ApiEvent.name == "notification:read"))
    assert list(events) == [{"person_id": str(artist.person.id), "notification_id": str(row.id)}]


async def test_all_notifications_of_the_caller_are_marked_as_read(client, artist, film, make, session):
    await tell(make, film, artist.person)
    await tell(make, film, artist.person)
    await tell(make, film, film.person)
    answer = await client.post("/actions/user/notifications/mark-all-as-read", headers=artist)
    assert answer.json() == {"success": True}
    unread = await session.scalars(select(Notification.person_id).where(Notification.read.is_(False)))
    assert list(unread) == [film.person.id]


# --- subscriptions ------------------------------------------------------------------------------------


async def followed(session, person) -> int:
    query = select(func.count()).select_from(Subscription).where(Subscription.person_id == person.id)
    return int(await session.scalar(query))


async def test_a_task_is_followed_once_and_no_more(client, artist, film, session):
    base, seen = f"/actions/user/tasks/{film.task.id}", f"/data/user/tasks/{film.task.id}/subscribed"
    assert (await client.get(seen, headers=artist)).json() is False
    first = await client.post(f"{base}/subscribe", json={}, headers=artist)
    again = await client.post(f"{base}/subscribe", headers=artist)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert await followed(session, artist.person) == 1
    assert (await client.get(seen, headers=artist)).json() is True
    assert (await client.delete(f"{base}/unsubscribe", headers=artist)).status_code == 204
    assert (await client.get(seen, headers=artist)).json() is False


async def test_several_tasks_are_followed_at_once(client, artist, film, make, session):
    other = await make(factories.task(film.entity, await make(factories.task_type()), film.task_status))
    ids = [str(film.task.id), str(other.id)]
    answer = await client.post("/actions/user/tasks/subscribe", json={"task_ids": ids}, headers=artist)
    assert answer.status_code == 201
    assert {row["task_id"] for row in answer.json()} == set(ids)
    answer = await client.post("/actions/user/tasks/unsubscribe", json={"task_ids": ids}, headers=artist)
    assert (answer.status_code, answer.json()) == (200, ids)
    assert await followed(session, artist.person) == 0


async def test_only_what_one_sees_can_be_followed(client, as_role, film, make):
    path = f"/actions/user/tasks/{film.task.id}/subscribe"
    assert (await client.post(path, headers=await as_role("user"))).status_code == 403
    vendor = await as_role("vendor", on=film.project)
    assert (await client.post(path, headers=vendor)).status_code == 403
    await make(TaskPersonLink(task_id=film.task.id, person_id=vendor.person.id))
    assert (await client.post(path, headers=vendor)).status_code == 201
    missing = f"/actions/user/tasks/{film.project.id}/subscribe"
    assert (await client.post(missing, headers=vendor)).status_code == 404


async def test_the_tasks_of_a_sequence_are_followed(client, artist, film, make, as_role, session):
    kind = await make(factories.entity_type(name="Sequence"))
    sequence = await make(factories.entity(film.project, kind))
    place = f"sequences/{sequence.id}/task-types/{film.task_type.id}"
    seen = f"/data/user/{place}/subscribed"
    assert (await client.get(seen, headers=artist)).json() is False
    for _ in range(2):
        answer = await client.post(f"/actions/user/{place}/subscribe", headers=artist)
        assert (answer.status_code, answer.json()["entity_id"]) == (201, str(sequence.id))
    assert await followed(session, artist.person) == 1
    for path in (seen, seen.replace("sequences", "entities")):
        assert (await client.get(path, headers=artist)).json() is True
    listing = f"/data/user/projects/{film.project.id}/task-types/{film.task_type.id}/sequence-subscriptions"
    assert (await client.get(listing, headers=artist)).json() == [str(sequence.id)]
    stranger = await as_role("user")
    assert (await client.post(f"/actions/user/{place}/subscribe", headers=stranger)).status_code == 403
    unknown = f"/actions/user/sequences/{sequence.id}/task-types/{film.project.id}/subscribe"
    assert (await client.post(unknown, headers=artist)).status_code == 404
    assert (await client.delete(f"/actions/user/{place}/unsubscribe", headers=artist)).status_code == 204
    assert (await client.get(seen, headers=artist)).json() is False
