"""What changed in a row, who did it and with what; and the way back."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from kitsu_api.db.models import Comment, Entity, Person, Task
from kitsu_api.permissions.client_programs import program_of
from tests import factories
from tests.routers.sharing import enter, say, stage


@pytest.fixture
async def work(make):
    """A production with an asset and a task."""
    rows = factories.production()
    await make(*rows)
    return rows


@pytest.fixture
async def manager(as_role, work):
    return await as_role("manager", on=work.project)


async def changes(client, headers, path, **query):
    answer = await client.get(f"/data/history/{path}", headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_edit_is_told_with_who_when_and_what(client, work, manager):
    path = f"tasks/{work.task.id}"
    edit = {"priority": 3, "description": "Again"}
    headers = {**manager, "User-Agent": "CGWire Gazu 1.2"}
    assert (await client.put(f"/data/{path}", json=edit, headers=headers)).status_code == 200
    latest, first = await changes(client, manager, path)
    assert latest["person_id"] == str(manager.person.id)
    assert latest["client"] == "gazu"
    assert latest["action"] == "update"
    assert latest["changes"] == [
        {"field": "description", "old": None, "new": "Again"},
        {"field": "priority", "old": 0, "new": 3},
    ]
    assert first["action"] == "create"
    assert {"field": "name", "old": None, "new": "main"} in first["changes"]


async def test_metadata_is_told_key_by_key(client, work, manager):
    path = f"entities/{work.entity.id}"
    for data in ({"fps": 24, "mood": "calm"}, {"fps": 25}):
        await client.put(f"/data/{path}", json={"data": data}, headers=manager)
    latest, before, _ = await changes(client, manager, path)
    assert latest["changes"] == [{"field": "data.fps", "old": 24, "new": 25}]
    assert [change["field"] for change in before["changes"]] == ["data.fps", "data.mood"]


async def test_an_edit_that_changes_nothing_is_no_history(client, work, manager):
    path = f"tasks/{work.task.id}"
    await client.put(f"/data/{path}", json={"name": work.task.name}, headers=manager)
    assert [entry["action"] for entry in await changes(client, manager, path)] == ["create"]


async def test_statements_on_many_rows_are_told_row_by_row(client, session, work, manager):
    await session.execute(
        text("UPDATE task SET priority = 2 WHERE project_id = :id"), {"id": work.project.id}
    )
    await session.commit()
    latest = (await changes(client, manager, f"tasks/{work.task.id}"))[0]
    assert latest["changes"] == [{"field": "priority", "old": 0, "new": 2}]


async def test_pages_go_on_after_an_entry_and_keep_one_field(client, work, manager, count_statements):
    path = f"tasks/{work.task.id}"
    for priority in (1, 2, 3):
        await client.put(f"/data/{path}", json={"priority": priority}, headers=manager)
        await client.put(f"/data/{path}", json={"description": str(priority)}, headers=manager)
    page = await changes(client, manager, path, limit=2, field="priority")
    assert [entry["changes"][0]["new"] for entry in page] == [3, 2]
    with count_statements() as statements:
        rest = await changes(client, manager, path, limit=5, field="priority", before=page[-1]["id"])
    assert [entry["changes"][0]["new"] for entry in rest if entry["changes"]] == [1, 0]
    assert statements.count <= 3


async def test_a_deleted_row_keeps_its_history_for_who_ran_it(client, work, manager, as_role, make):
    task = await make(factories.task(work.entity, work.task_type, work.task_status, name="second"))
    path = f"tasks/{task.id}"
    assert (await client.delete(f"/data/{path}", headers=manager)).status_code == 204
    latest = (await changes(client, manager, path))[0]
    assert latest["action"] == "delete"
    assert {"field": "name", "old": "second", "new": None} in latest["changes"]
    artist = await as_role("user", on=work.project)
    assert (await client.get(f"/data/history/{path}", headers=artist)).status_code == 403


async def test_a_row_that_never_was_has_no_history(client, manager):
    path = "/data/history/tasks/a24a6ea4-ce75-4665-a070-57453082c25"
    assert (await client.get(f"{path}6", headers=manager)).status_code == 404


@pytest.mark.parametrize("table", ["entities", "tasks", "comments"])
@pytest.mark.parametrize(
    ("role", "status"),
    [("admin", 200), ("manager", 200), ("supervisor", 200), ("user", 200), ("vendor", 403), ("client", 403)],
)
async def test_people_of_the_studio_read_the_history_of_what_they_see(
    client, make, work, as_role, table, role, status
):
    person = await as_role(role, on=work.project)
    await make(factories.assignation(work.task, person.person))
    comment = await make(factories.comment(work.task, work.person, for_client=True))
    id = {"entities": work.entity.id, "tasks": work.task.id, "comments": comment.id}[table]
    assert (await client.get(f"/data/history/{table}/{id}", headers=person)).status_code == status
    stranger = await as_role(role)
    expected = 200 if role == "admin" else 403
    assert (await client.get(f"/data/history/{table}/{id}", headers=stranger)).status_code == expected


async def test_secrets_are_not_kept_and_money_is_for_who_reads_it(client, session, make, as_role):
    admin, artist, client_of = await as_role("admin"), await as_role("user"), await as_role("client")
    person = await make(factories.person(daily_salary=100))
    path = f"persons/{person.id}"
    await session.execute(
        text(
            "UPDATE person SET jti = 'token', totp_secret = 'SECRET', password = 'hash'::bytea WHERE id = :id"
        ),
        {"id": person.id},
    )
    await session.commit()
    assert len(await changes(client, admin, path)) == 1, "secrets change without a trace"
    await client.put(f"/data/{path}", json={"daily_salary": 200}, headers=admin)
    await client.put(f"/data/{path}", json={"first_name": "Ada", "daily_salary": 300}, headers=admin)
    assert [change["field"] for change in (await changes(client, admin, path))[0]["changes"]] == [
        "daily_salary",
        "first_name",
    ]
    seen = await changes(client, artist, path)
    assert [entry["action"] for entry in seen] == ["update", "create"], "a raise is not even a date"
    fields = {change["field"] for entry in seen for change in entry["changes"]}
    assert (
        {"first_name", "last_name"}
        <= fields
        <= {"first_name", "last_name", "role", "active", "is_bot"}
        | {
            "has_avatar",
            "desktop_login",
            "studio_id",
        }
    )
    assert await changes(client, artist, path, field="daily_salary") == []
    assert (await client.get(f"/data/history/{path}", headers=client_of)).status_code == 403


@pytest.mark.parametrize("model", [Entity, Task, Comment, Person])
async def test_every_column_is_either_noted_or_a_secret(session, model):
    """A new column has to be thought of: `kitsu_api_watch` is called again, with what it must not keep."""
    table = model.__tablename__
    body = await session.scalar(
        text("SELECT prosrc FROM pg_proc WHERE proname = :name"), {"name": f"kitsu_api_note_{table}"}
    )
    columns = {column.name for column in model.__table__.columns}
    noted = columns & set(re.findall(r'IF OLD\."?(\w+)"? IS DISTINCT FROM', body))
    quiet = {"id", "created_at", "updated_at"}
    if model is Person:
        from kitsu_api.db.projections import PERSON_SECRETS

        quiet |= PERSON_SECRETS | {"last_presence"}
    assert columns - noted == quiet


async def test_a_former_value_is_restored_by_who_may_edit_it(client, session, work, manager, as_role):
    path = f"tasks/{work.task.id}"
    await client.put(f"/data/{path}", json={"priority": 3, "description": "New"}, headers=manager)
    entry = (await changes(client, manager, path))[0]["id"]
    wish = {"entry_id": entry, "field": "priority"}
    artist = await as_role("user", on=work.project)
    refused = await client.post(f"/data/history/{path}/restore", json=wish, headers=artist)
    assert refused.status_code == 403
    answer = await client.post(f"/data/history/{path}/restore", json=wish, headers=manager)
    assert answer.status_code == 200
    assert answer.json()["priority"] == 0
    assert answer.json()["description"] == "New"
    latest = (await changes(client, manager, path))[0]
    assert latest["changes"] == [{"field": "priority", "old": 3, "new": 0}]


async def test_a_field_that_changed_again_is_restored_only_by_force(client, work, manager):
    path = f"entities/{work.entity.id}"
    for fps in (24, 25, 30):
        await client.put(f"/data/{path}", json={"data": {"fps": fps, "mood": "calm"}}, headers=manager)
    entry = next(
        each
        for each in await changes(client, manager, path)
        if {"field": "data.fps", "old": 24, "new": 25} in each["changes"]
    )
    wish = {"entry_id": entry["id"], "field": "data.fps"}
    answer = await client.post(f"/data/history/{path}/restore", json=wish, headers=manager)
    assert answer.status_code == 412
    answer = await client.post(f"/data/history/{path}/restore", json={**wish, "force": True}, headers=manager)
    assert answer.status_code == 200
    assert answer.json()["data"] == {"fps": 24, "mood": "calm"}


async def test_what_no_edit_changes_is_not_restored_either(client, session, work, manager):
    path = f"tasks/{work.task.id}"
    await session.execute(text("UPDATE task SET retake_count = 4 WHERE id = :id"), {"id": work.task.id})
    await session.commit()
    entry = (await changes(client, manager, path))[0]["id"]
    for field in ("retake_count", "priority", "nothing"):
        wish = {"entry_id": entry, "field": field}
        answer = await client.post(f"/data/history/{path}/restore", json=wish, headers=manager)
        assert answer.status_code == 400, field
    wish = {"entry_id": 1, "field": "priority"}
    answer = await client.post(f"/data/history/{path}/restore", json=wish, headers=manager)
    assert answer.status_code == 404


async def test_an_artist_brings_back_the_text_of_their_own_comment_alone(client, work, as_role, make):
    artist = await as_role("user", on=work.project)
    mine = await make(factories.comment(work.task, artist.person, text="First"))
    other = await make(factories.comment(work.task, work.person, text="First"))
    supervisor = await as_role("admin")
    for comment, status in ((mine, 200), (other, 403)):
        path = f"comments/{comment.id}"
        await client.put(f"/data/{path}", json={"text": "Second"}, headers=supervisor)
        await make(factories.assignation(work.task, artist.person)) if comment is mine else None
        entry = next(
            each["id"]
            for each in await changes(client, supervisor, path, field="text")
            if each["action"] == "update"
        )
        wish = {"entry_id": entry, "field": "text"}
        answer = await client.post(f"/data/history/{path}/restore", json=wish, headers=artist)
        assert answer.status_code == status, answer.text


async def test_an_api_key_is_named_and_reaches_what_it_is_good_for(client, work, manager):
    async def key(**limits):
        wish = {"name": "render farm", "access": "write", **limits}
        made = await client.post("/data/api-keys", json=wish, headers=manager)
        return {"Authorization": f"Bearer {made.json()['key']}"}

    path = f"tasks/{work.task.id}"
    await client.put(f"/data/{path}", json={"priority": 1}, headers=await key())
    latest = (await changes(client, manager, path))[0]
    assert latest["client"] == "API key: render farm"
    assert latest["person_id"] == str(manager.person.id)
    narrow = await key(resources=["history"])
    assert (await client.get(f"/data/history/{path}", headers=narrow)).status_code == 403


async def test_what_a_guest_of_a_share_link_says_is_theirs(browser, session, make):
    review, mine = await stage(make), browser()
    guest = await enter(mine, review)
    await say(mine, review, guest, text="by a guest")
    query = "SELECT person_id, client FROM kitsu_api_history WHERE table_name = 'comment' ORDER BY id DESC"
    person, program = (await session.execute(text(query))).first()
    assert (str(person), program) == (guest["id"], "share link")


async def test_what_a_transaction_writes_after_a_pause_is_still_the_callers(app, session, work, sessions):
    from kitsu_api.db.attribution import Author, writing_as

    with writing_as(Author(work.person.id, "worker: probe")):
        async with app.state.jobs.unit_of_work() as uow:
            task = await uow.session.get(Task, work.task.id)
            await uow.pause()
            task.priority = 5
    entry = await session.scalar(
        text("SELECT client || ' ' || person_id FROM kitsu_api_history ORDER BY id DESC LIMIT 1")
    )
    assert entry == f"worker: probe {work.person.id}"


@pytest.mark.parametrize(
    ("user_agent", "program"),
    [
        ("CGWire Gazu 0.10", "gazu"),
        ("Mozilla/5.0 (X11) Gecko/20100101 Firefox/128.0", "Firefox"),
        ("Mozilla/5.0 AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge"),
        ("Mozilla/5.0 AppleWebKit/605.1 Version/17.5 Safari/605.1", "Safari"),
        ("python-requests/2.32", "python-requests"),
        ("<script>alert(1)</script>", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_program_is_known_by_what_it_says_of_itself(user_agent, program):
    assert program_of(user_agent) == program
