"""Batches: all items or none, by the rules and rights of the routes that make one of them."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from kitsu_api.db.models import ApiEvent, Comment, Entity, News, Notification, Task
from tests import factories


@pytest.fixture
async def film(make):
    """A production with an asset and a task, and the kinds of entities that a season needs."""
    production = factories.production()
    await make(*production)
    for name in ("Episode", "Sequence", "Shot"):
        await make(factories.entity_type(name=name))
    return production


async def send(client, who, *items, **more):
    return await client.post("/data/batch", json={"items": list(items), **more}, headers=who)


async def done(client, who, *items, **more):
    answer = await send(client, who, *items, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def create(resource, key=None, **values):
    return {"action": "create", "resource": resource, "values": values, **({"key": key} if key else {})}


def update(resource, id, **values):
    return {"action": "update", "resource": resource, "id": id, "values": values}


def delete(resource, id, **more):
    return {"action": "delete", "resource": resource, "id": id, **more}


def ref(key):
    return {"@ref": key}


async def names_of_events(session):
    return sorted((await session.scalars(select(ApiEvent.name))).all())


async def count(session, model):
    return await session.scalar(select(func.count()).select_from(model))


async def test_later_items_refer_to_what_earlier_ones_made(client, as_role, film, session):
    who = await as_role("manager", on=film.project)
    project = str(film.project.id)
    results = await done(
        client,
        who,
        create("episodes", "e1", project_id=project, name="E01"),
        create("sequences", "sq", project_id=project, name="SQ01", episode_id=ref("e1")),
        create("shots", "sh", project_id=project, name="SH010", sequence_id=ref("sq"), nb_frames=48),
        create(
            "tasks",
            "t",
            name="main",
            project_id=project,
            entity_id=ref("sh"),
            task_type_id=str(film.task_type.id),
            task_status_id=str(film.task_status.id),
            assignees=[str(film.person.id)],
        ),
        create("comments", "c", task_id=ref("t"), task_status_id=str(film.task_status.id), text="Begin."),
        update("tasks", ref("t"), priority=2, data={"from": "batch"}),
        update("tasks", str(film.task.id), priority=3),
        answer="rows",
    )
    assert [(one["index"], one["key"], one["status"]) for one in results] == [
        *((0, "e1", 201), (1, "sq", 201), (2, "sh", 201), (3, "t", 201), (4, "c", 201)),
        *((5, None, 200), (6, None, 200)),
    ]
    rows = {one["key"]: one["row"] for one in results}
    assert rows["sh"]["parent_id"] == rows["sq"]["id"]
    assert rows["sq"]["parent_id"] == rows["e1"]["id"]
    assert rows["c"]["object_id"] == rows["t"]["id"]
    assert rows["t"]["assignees"] == [str(film.person.id)]
    assert rows["t"]["priority"] == 2
    shot = await session.get(Entity, results[2]["id"])
    assert (shot.name, shot.nb_frames, shot.created_by) == ("SH010", 48, who.person.id)
    assert (await session.get(Task, film.task.id)).priority == 3


async def test_a_batch_tells_of_what_its_routes_would_tell(client, as_role, film, session):
    who = await as_role("manager", on=film.project)
    project, status = str(film.project.id), str(film.task_status.id)
    task = str(film.task.id)
    await done(
        client,
        who,
        create("assets", "a", project_id=project, entity_type_id=str(film.entity_type.id), name="Lamp"),
        create("comments", task_id=task, task_status_id=status, text="Well"),
        update("entities", ref("a"), description="x"),
        delete("assets", ref("a"), force=True),
    )
    told = await names_of_events(session)
    assert {"asset:new", "asset:update", "asset:delete", "comment:new", "news:new", "task:update"} <= set(
        told
    )
    assert told.count("asset:new") == 1
    assert await count(session, Notification) == 1
    assert await count(session, News) == 1
    people = set((await session.scalars(select(ApiEvent.user_id))).all())
    assert people == {who.person.id}


async def test_one_refused_item_undoes_all_and_each_refusal_is_told(client, as_role, film, session):
    who = await as_role("manager", on=film.project)
    other = factories.production()
    project, kind = str(film.project.id), str(film.entity_type.id)
    events = await names_of_events(session)
    answer = await send(
        client,
        who,
        create("assets", "a", project_id=project, entity_type_id=kind, name="Lamp"),
        create("assets", "b", project_id=project, entity_type_id=kind, name="Lamp"),
        update("entities", ref("b"), description="y"),
        update("tasks", str(uuid4()), priority=1),
        create("assets", "c", project_id=str(other.project.id), entity_type_id=kind, name="Lamp"),
        create("comments", "d", task_id=str(film.task.id), task_status_id=str(uuid4()), text="x"),
        update("entities", ref("a"), description="z"),
    )
    assert answer.status_code == 400
    body = answer.json()
    assert [(one["index"], one["key"], one["status"]) for one in body["errors"]] == [
        (1, "b", 400),
        (2, None, 400),
        (3, None, 404),
        (4, "c", 404),
        (5, "d", 400),
    ]
    assert body["errors"][0]["message"] == "Lamp exists already."
    assert body["errors"][1]["message"] == "Item b, to which this one refers, can't be done."
    assert "nothing was stored" in body["message"]
    assert await count(session, Entity) == 1
    assert await count(session, Comment) == 0
    assert await names_of_events(session) == events


async def test_what_the_database_refuses_is_told_of_its_item(client, as_role, film, session):
    who = await as_role("admin")
    answer = await send(
        client,
        who,
        create("departments", name="Layout", color="#123456"),
        create("task-types", "t", name="Layout", short_name="lay", department_id=str(uuid4())),
    )
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert (error["index"], error["key"], error["status"]) == (1, "t", 400)
    listed = (await client.get("/data/departments?name=Layout", headers=who)).json()
    assert listed == []


async def test_items_without_sense_are_all_told_before_anything_is_done(
    client, as_role, film, count_statements
):
    who = await as_role("manager", on=film.project)
    items = [
        (create("asset"), 400, "there is no asset"),
        ({"action": "update", "resource": "shots", "id": str(uuid4())}, 400, "updated in a batch"),
        ({"action": "update", "resource": "tasks"}, 400, "what is to be changed"),
        ({**create("tasks"), "id": str(uuid4())}, 400, "has none yet"),
        (create("shots", project_id="x", name="SH"), 400, "project_id"),
        (update("tasks", ref("none"), priority=1), 400, "no earlier item none"),
        (create("shots", "me", project_id=ref("me"), name="SH"), 400, "no earlier item me"),
        (create("departments", name="Layout", color="#123456"), 403, "permission"),
        (update("tasks", str(film.task.id), priority="high"), 400, "priority"),
        (create("comments", "me", task_id=ref("me")), 400, "earlier item me"),
        ({**delete("tasks", str(film.task.id)), "values": {"name": "x"}}, 400, "takes none"),
        ({**create("departments", name="x", color="#123456"), "force": True}, 400, "nothing yet"),
    ]
    with count_statements() as statements:
        answer = await send(client, who, *(item for item, _, _ in items))
    assert statements.count == 1
    assert answer.status_code == 400
    errors = answer.json()["errors"]
    assert [one["index"] for one in errors] == list(range(len(items)))
    for error, (_, status, words) in zip(errors, items, strict=True):
        assert error["status"] == status
        assert words in error["message"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": []},
        {"items": [create("tasks")] * 1001},
        {"items": [{"action": "upsert", "resource": "tasks"}]},
        {"items": [{**create("tasks"), "unknown": 1}]},
        {"items": [create("tasks", "no spaces please")]},
        {"items": [create("tasks", "a")], "answer": "all"},
    ],
)
async def test_batches_out_of_form_are_refused(client, as_role, body):
    answer = await client.post("/data/batch", json=body, headers=await as_role("admin"))
    assert answer.status_code == 400
    assert answer.json()["message"]


@pytest.mark.parametrize(
    ("role", "held", "statuses"),
    [
        ("user", True, [403, 403, 403, 403, 200]),
        ("client", True, [403, 403, 403, 403, 201]),
        ("vendor", True, [403, 403, 403, 403, 403]),
        ("manager", False, [403, 403, 403, 403, 403]),
        ("manager", True, [201, 201, 200, 204, 201]),
    ],
)
async def test_an_item_needs_the_right_of_its_route(client, as_role, film, make, role, held, statuses):
    who = await as_role(role, on=film.project if held else None)
    if role == "user":
        await make(factories.assignation(film.task, who.person))
    project, status = str(film.project.id), str(film.task_status.id)
    lonely = await make(factories.entity(film.project, film.entity_type))
    task = {"project_id": project, "entity_id": str(lonely.id), "task_type_id": str(film.task_type.id)}
    items = [
        create("assets", project_id=project, entity_type_id=str(film.entity_type.id), name="Lamp"),
        create("tasks", name="main", task_status_id=status, **task),
        update("entities", str(film.entity.id), description="x"),
        delete("entities", str(lonely.id)),
        create("comments", task_id=str(film.task.id), task_status_id=status, text="x"),
    ]
    items[1]["values"]["entity_id"] = str(film.entity.id)
    items[1]["values"]["name"] = "second"
    for item, status in zip(items, statuses, strict=True):
        answer = await send(client, who, item)
        if status < 300:
            assert answer.status_code == 200, (item, answer.text)
        else:
            assert answer.json()["errors"][0]["status"] == status, (item, answer.text)


async def test_a_change_may_say_which_state_it_means(client, as_role, film):
    who = await as_role("admin")
    task = str(film.task.id)
    tag = (await client.get(f"/data/tasks/{task}", headers=who)).headers["etag"]
    await done(client, who, {**update("tasks", task, priority=1), "if_match": tag})
    asset = delete("assets", str(film.entity.id), if_match='"0"', force=True)
    answer = await send(client, who, {**update("tasks", task, priority=2), "if_match": tag}, asset)
    assert [one["status"] for one in answer.json()["errors"]] == [412, 412]


async def test_a_secret_that_is_shown_once_is_in_the_answer(client, as_role):
    who = await as_role("admin")
    values = {"first_name": "Farm", "last_name": "Bot", "email": "farm@example.com", "is_bot": True}
    [result] = await done(client, who, create("persons", **values))
    token = result["row"]["access_token"]
    answer = await client.get("/data/task-types", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


async def test_a_batch_with_a_key_is_done_once(client, as_role, session):
    who = {**await as_role("admin"), "Idempotency-Key": "once"}
    item = create("departments", name="Once", color="#123456")
    first, second = await send(client, who, item), await send(client, who, item)
    assert (first.status_code, first.content) == (200, second.content)
    assert second.headers["idempotent-replayed"] == "true"
    assert len((await client.get("/data/departments?name=Once", headers=who)).json()) == 1


async def test_an_api_key_is_held_to_its_limits_item_by_item(client, as_role, film):
    who = await as_role("manager", on=film.project)

    async def key(**wish):
        answer = await client.post("/data/api-keys", json={"name": "Farm", **wish}, headers=who)
        return {"Authorization": f"Bearer {answer.json()['key']}"}

    change = update("tasks", str(film.task.id), priority=1)
    other = update("entities", str(film.entity.id), description="x")
    comment = create("comments", task_id=str(film.task.id), task_status_id=str(film.task_status.id))
    narrow = await key(access="write", resources=["tasks"])
    await done(client, narrow, change, comment)
    answer = await send(client, narrow, change, other)
    assert [(one["index"], one["status"]) for one in answer.json()["errors"]] == [(1, 403)]
    assert (await send(client, await key(access="read"), change)).status_code == 403
    elsewhere = await key(access="write", resources=["comments"])
    assert (await send(client, elsewhere, comment)).json()["errors"][0]["status"] == 403


async def test_nobody_sends_a_batch_without_signing_in(client):
    assert (await client.post("/data/batch", json={"items": [create("tasks")]})).status_code == 401


async def test_500_mixed_items_keep_to_a_budget_of_statements(client, as_role, film, count_statements):
    who = await as_role("manager", on=film.project)
    kind = {"project_id": str(film.project.id), "entity_type_id": str(film.entity_type.id)}
    work = {"task_type_id": str(film.task_type.id), "task_status_id": str(film.task_status.id)}
    items = []
    for number in range(100):
        items += [
            create("entities", f"e{number}", name=f"Prop {number}", **kind),
            create(
                "tasks",
                f"t{number}",
                name="main",
                project_id=kind["project_id"],
                entity_id=ref(f"e{number}"),
                **work,
            ),
            update("entities", ref(f"e{number}"), description="Round"),
            update("tasks", ref(f"t{number}"), priority=1),
            delete("tasks", ref(f"t{number}")),
        ]
    with count_statements() as statements:
        await done(client, who, *items)
    assert statements.count <= 1010


async def test_alike_items_are_written_together(client, as_role, film, make, session, count_statements):
    who = await as_role("manager", on=film.project)
    shots = [factories.entity(film.project, film.entity_type) for _ in range(40)]
    await make(*shots)
    done_status = await make(factories.task_status(is_done=True))
    kind = {"project_id": str(film.project.id), "entity_type_id": str(film.entity_type.id)}
    work = {"task_type_id": str(film.task_type.id), "task_status_id": str(film.task_status.id)}
    base = {"name": "main", "project_id": kind["project_id"], **work}
    made = [create("tasks", f"t{n}", entity_id=str(shot.id), **base) for n, shot in enumerate(shots)]
    props = [create("entities", name=f"Prop {n}", parent_id=str(shots[0].id), **kind) for n in range(40)]
    changes = [update("tasks", ref(f"t{n}"), task_status_id=str(done_status.id)) for n in range(40)]
    named = [update("entities", str(shot.id), data={"reel": n}) for n, shot in enumerate(shots)]
    said = {"task_status_id": work["task_status_id"], "comment": "Once more"}
    comments = [create("comments", task_id=ref(f"t{n}"), **said) for n in range(40)]
    with count_statements() as statements:
        results = await done(client, who, *made, *props, *changes, *named, *comments)
    assert statements.count <= 21, "\n".join(statements.sql)
    ids = [result["id"] for result in results]
    assert len(set(ids[:80])) == 80
    tasks = (await session.scalars(select(Task).where(Task.id.in_(ids[:40])))).all()
    assert {(task.task_status_id, task.done_date) for task in tasks} == {(film.task_status.id, None)}
    rows = {
        row.id: row
        for row in await session.scalars(select(Entity).where(Entity.project_id == film.project.id))
    }
    assert [rows[shot.id].data["reel"] for shot in shots] == list(range(40))
    assert await count(session, Comment) == 40
    names = await names_of_events(session)
    assert {name: names.count(name) for name in set(names)} == {
        "asset:new": 40,
        "asset:update": 40,
        "comment:new": 40,
        "news:new": 40,
        "task:new": 40,
        "task:status-changed": 80,
        "task:update": 80,
    }


async def test_shots_are_added_together(client, as_role, film, make, session, count_statements):
    who = await as_role("manager", on=film.project)
    project = {"project_id": str(film.project.id)}
    sequences = [create("sequences", f"q{n}", name=f"SQ{n}", **project) for n in range(2)]
    added = [create("shots", name=f"SH{n // 2}", sequence_id=ref(f"q{n % 2}"), **project) for n in range(60)]
    with count_statements() as statements:
        results = await done(client, who, *sequences, *added)
    assert statements.count <= 20, "\n".join(statements.sql)
    rows = {str(row.id): row for row in await session.scalars(select(Entity))}
    shots = [rows[result["id"]] for result in results[2:]]
    assert [shot.name for shot in shots] == [f"SH{n // 2}" for n in range(60)]
    assert [str(shot.parent_id) for shot in shots] == [results[n % 2]["id"] for n in range(60)]
    assert (await names_of_events(session)).count("shot:new") == 60

    again = [
        create("shots", name=name, sequence_id=results[0]["id"], **project) for name in ("A", "SH3", "A")
    ]
    answer = await send(client, who, *again)
    assert [(one["index"], one["message"]) for one in answer.json()["errors"]] == [
        (1, "SH3 exists already."),
        (2, "A exists already."),
    ]


async def test_of_alike_items_those_that_are_refused_are_told(client, as_role, film, make, session):
    who = await as_role("manager", on=film.project)
    other = factories.production()
    await make(*other)
    mine, foreign, nobody = str(film.task.id), str(other.task.id), str(uuid4())
    changes = [update("tasks", id, priority=3) for id in (mine, foreign, nobody)]
    status = {"task_status_id": str(film.task_status.id)}
    comments = [create("comments", task_id=id, comment="x", **status) for id in (mine, foreign, nobody)]
    tasks = [
        create(
            "tasks",
            project_id=str(film.project.id),
            entity_id=id,
            name=f"n{place}",
            task_type_id=str(film.task_type.id),
            **status,
        )
        for place, id in enumerate((str(film.entity.id), str(other.entity.id), nobody))
    ]
    answer = await send(client, who, *changes, *comments, *tasks)
    told = [(error["index"], error["status"]) for error in answer.json()["errors"]]
    assert told == [(1, 403), (2, 404), (4, 403), (5, 404), (7, 400), (8, 400)]
    assert (await session.get(Task, film.task.id, populate_existing=True)).priority != 3
    assert await count(session, Comment) == 0


async def test_a_row_that_is_changed_twice_keeps_both_changes(client, as_role, film, session):
    who = await as_role("manager", on=film.project)
    id = str(film.entity.id)
    first, second = update("entities", id, data={"a": 1}), update("entities", id, data={"b": 2}, name="Oak")
    await done(client, who, first, {**second, "key": "oak"}, update("entities", ref("oak"), data={"a": 3}))
    entity = await session.get(Entity, film.entity.id, populate_existing=True)
    assert (entity.name, entity.data) == ("Oak", {"a": 3, "b": 2})
