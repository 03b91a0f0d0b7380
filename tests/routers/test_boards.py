"""Boards: what they show, to whom, in which form; and that a kept one is never out of date."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import brotli
import pytest
import zstandard
from sqlalchemy import text
from starlette.types import Message

from kitsu_api.db.base import Base
from kitsu_api.db.models import (
    DepartmentMetadataDescriptorLink,
    EntityConceptLink,
    EntityLink,
    Subscription,
    TaskPersonLink,
)
from kitsu_api.db.repositories import board_fields as fields
from kitsu_api.routers import stored_answers
from kitsu_api.routers.answer_parts import Parts
from kitsu_api.routers.stored_answers import AnswerStore, StreamedAnswer, accepted_encoding, matches
from kitsu_api.schemas import boards as schemas
from tests import factories

SHOWN = {
    "assets": (fields.ASSETS, schemas.BoardAsset),
    "shots": (fields.SHOTS, schemas.BoardShot),
    "edits": (fields.EDITS, schemas.BoardEdit),
    "episodes": (fields.EPISODES, schemas.BoardParent),
    "sequences": (fields.SEQUENCES, schemas.BoardParent),
    "scenes": (fields.SCENES, schemas.BoardParent),
    "concepts": (fields.CONCEPTS, schemas.BoardConcept),
}
ROLES = ("admin", "manager", "supervisor", "user", "client", "vendor")


class Show(NamedTuple):
    """A production with one entity of each kind, each with a task that two people share."""

    project: Any
    entities: dict[str, Any]
    tasks: dict[str, Any]
    people: list[Any]
    kinds: dict[str, Any]


async def show_of(make, kinds=None, **values) -> Show:
    project = await make(factories.project(**values))
    if kinds is None:
        kinds = {"assets": await make(factories.entity_type(name="Props"))}
        for path, (board, _) in SHOWN.items():
            if path != "assets":
                kinds[path] = await make(factories.entity_type(name=board.kind))
    entities: dict[str, Any] = {}
    parents = {"shots": "sequences", "sequences": "episodes", "edits": "episodes", "scenes": "sequences"}
    people = [await make(factories.person()) for _ in range(2)]
    status, tasks = await make(factories.task_status()), {}
    for path in ("episodes", "sequences", "assets", "shots", "edits", "scenes", "concepts"):
        parent = entities.get(parents.get(path, ""))
        row = factories.entity(
            project,
            kinds[path],
            parent_id=parent.id if parent else None,
            description='a "quoted" \\ line\nand é',
            data={"fps": 25, "cost": [1, "x"]},
        )
        entities[path] = await make(row)
        tasks[path] = await make(
            factories.task(entities[path], await make(factories.task_type()), status, data={"a": 1})
        )
        for person in people:
            await make(TaskPersonLink(task_id=tasks[path].id, person_id=person.id))
    await make(EntityLink(entity_in_id=entities["episodes"].id, entity_out_id=entities["assets"].id))
    await make(EntityConceptLink(entity_in_id=entities["assets"].id, entity_out_id=entities["concepts"].id))
    return Show(project, entities, tasks, people, kinds)


@pytest.fixture
async def show(make) -> Show:
    return await show_of(make)


def rows(answer) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return list(answer.json())


@pytest.mark.parametrize("path", sorted(SHOWN))
async def test_a_row_has_what_its_schema_says(client, as_role, show, path):
    admin = await as_role("admin")
    answer = await client.get(f"/data/{path}/with-tasks?project_id={show.project.id}", headers=admin)
    [row] = rows(answer)
    board, schema = SHOWN[path]
    assert list(row) == board.field_names
    assert set(row) == set(schema.model_fields)
    task_schema = schema.model_fields["tasks"].annotation.__args__[0]
    [task] = row["tasks"]
    assert set(task) == set(task_schema.model_fields)
    read = schema.model_validate(row)
    assert (read.id, read.name) == (show.entities[path].id, show.entities[path].name)
    assert read.description == 'a "quoted" \\ line\nand é'
    assert row["data"] == {"fps": 25, "cost": [1, "x"]}
    assert sorted(task["assignees"]) == sorted(str(person.id) for person in show.people)
    assert task["id"] == str(show.tasks[path].id)


async def test_names_of_what_holds_a_shot_are_with_it(client, as_role, show):
    admin = await as_role("admin")
    [shot] = rows(await client.get(f"/data/shots/with-tasks?project_id={show.project.id}", headers=admin))
    assert (shot["sequence_name"], shot["episode_name"], shot["project_name"]) == (
        show.entities["sequences"].name,
        show.entities["episodes"].name,
        show.project.name,
    )
    assert (shot["fps"], shot["frame_in"]) == (25, None)


async def test_episodes_that_cast_an_asset_are_with_it(client, as_role, show):
    admin = await as_role("admin")
    [asset] = rows(await client.get(f"/data/assets/with-tasks?project_id={show.project.id}", headers=admin))
    assert asset["casting_episode_ids"] == [str(show.entities["episodes"].id)]
    assert (asset["preview_file_id"], asset["ready_for"], asset["episode_id"]) == ("", "None", "")


async def test_what_refers_to_a_concept_is_listed_with_its_tasks(client, as_role, show, make):
    other = await show_of(make, show.kinds)
    await make(
        EntityConceptLink(
            entity_in_id=other.entities["assets"].id, entity_out_id=show.entities["concepts"].id
        )
    )
    path = f"/data/entities/{show.entities['concepts'].id}/entities-linked/with-tasks"
    artist = await as_role("user", on=show.project)
    [row] = rows(await client.get(path, headers=artist))
    assert (row["id"], row["type"]) == (str(show.entities["assets"].id), "Asset")
    assert set(row) == set(schemas.LinkedEntity.model_fields)
    assert len(rows(await client.get(path, headers=await as_role("admin")))) == 2
    assert (await client.get(path, headers=await as_role("user"))).status_code == 403


@pytest.mark.parametrize("path", ["assets", "shots"])
async def test_compact_rows_hold_the_values_in_the_order_of_their_names(client, as_role, show, path):
    admin = await as_role("admin")
    base = f"/data/{path}/with-tasks?project_id={show.project.id}"
    [plain] = rows(await client.get(base, headers=admin))
    told = (await client.get(f"{base}&compact=true", headers=admin)).json()
    assert told["compact"] is True
    names, task_names = told[f"{path[:-1]}_fields"], told["task_fields"]
    [row] = told["rows"]
    read = dict(zip(names, row, strict=True))
    read["tasks"] = [dict(zip(task_names, task, strict=True)) for task in read["tasks"]]
    assert read == plain


@pytest.mark.parametrize("compact", [False, True])
async def test_a_stream_has_a_line_that_says_how_to_read_and_a_line_a_row(client, as_role, show, compact):
    admin = await as_role("admin")
    base = f"/data/shots/with-tasks?project_id={show.project.id}&compact={str(compact).lower()}"
    whole = (await client.get(base, headers=admin)).json()
    answer = await client.get(f"{base}&stream=true", headers=admin)
    assert answer.headers["content-type"] == "application/x-ndjson"
    head, *lines = [json.loads(line) for line in answer.text.splitlines()]
    assert head == (
        {key: value for key, value in whole.items() if key != "rows"} if compact else {"compact": False}
    )
    assert lines == (whole["rows"] if compact else whole)


async def test_an_empty_board_is_an_empty_list(client, as_role, make):
    project = await make(factories.project())
    admin = await as_role("admin")
    base = f"/data/shots/with-tasks?project_id={project.id}"
    assert (await client.get(base, headers=admin)).json() == []
    assert (await client.get(f"{base}&compact=true", headers=admin)).json()["rows"] == []
    assert (await client.get(f"{base}&stream=true", headers=admin)).text == '{"compact":false}\n'


@pytest.mark.parametrize("path", sorted(SHOWN))
@pytest.mark.parametrize("role", ROLES)
async def test_a_board_is_for_the_people_of_the_production(client, as_role, show, make, path, role):
    other = await make(factories.project())
    person = await as_role(role, on=other)
    answer = await client.get(f"/data/{path}/with-tasks?project_id={show.project.id}", headers=person)
    if role == "admin":
        assert len(rows(answer)) == 1
        return
    assert answer.status_code == 403
    mine = await client.get(f"/data/{path}/with-tasks", headers=person)
    assert mine.status_code == 403 if (role, path) == ("vendor", "scenes") else rows(mine) == []


@pytest.mark.parametrize("path", sorted(set(SHOWN) - {"scenes"}))
async def test_a_vendor_sees_what_they_are_assigned_to(client, as_role, show, make, path):
    vendor = await as_role("vendor", on=show.project)
    board = f"/data/{path}/with-tasks?project_id={show.project.id}"
    assert rows(await client.get(board, headers=vendor)) == []
    await make(TaskPersonLink(task_id=show.tasks[path].id, person_id=vendor.person.id))
    unseen = await make(factories.task_type())
    await make(factories.task(show.entities[path], unseen, await make(factories.task_status())))
    [row] = rows(await client.get(board, headers=vendor))
    assert [task["id"] for task in row["tasks"]] == [str(show.tasks[path].id)]


@pytest.mark.parametrize(
    ("path", "held"), [("sequences", "shots"), ("episodes", "shots"), ("episodes", "sequences")]
)
async def test_a_vendor_sees_what_holds_their_work_without_its_tasks(client, as_role, show, make, path, held):
    vendor = await as_role("vendor", on=show.project)
    await make(TaskPersonLink(task_id=show.tasks[held].id, person_id=vendor.person.id))
    board = f"/data/{path}/with-tasks?project_id={show.project.id}"
    [row] = rows(await client.get(board, headers=vendor))
    assert row["tasks"] == []


async def test_metadata_of_other_departments_are_hidden_from_vendors(client, as_role, show, make):
    department = await make(factories.department())
    descriptor = await make(
        factories.metadata_descriptor(show.project, entity_type="Asset", field_name="cost")
    )
    await make(
        DepartmentMetadataDescriptorLink(metadata_descriptor_id=descriptor.id, department_id=department.id)
    )
    vendor = await as_role("vendor", on=show.project)
    await make(TaskPersonLink(task_id=show.tasks["assets"].id, person_id=vendor.person.id))
    board = f"/data/assets/with-tasks?project_id={show.project.id}"
    assert rows(await client.get(board, headers=vendor))[0]["data"] == {"fps": 25}
    artist = await as_role("user", on=show.project)
    assert rows(await client.get(board, headers=artist))[0]["data"] == {"fps": 25, "cost": [1, "x"]}


async def test_subscriptions_are_the_callers_own(client, as_role, show, make):
    people = [await as_role("user", on=show.project) for _ in range(2)]
    await make(Subscription(person_id=people[0].person.id, task_id=show.tasks["shots"].id))
    board = f"/data/shots/with-tasks?project_id={show.project.id}"
    marked = [rows(await client.get(board, headers=one))[0]["tasks"][0]["is_subscribed"] for one in people]
    assert marked == [True, False]


@pytest.mark.parametrize("query", ["id=x", "project_id=x", "episode_id=x", "compact=perhaps"])
@pytest.mark.parametrize("path", ["assets", "shots", "edits"])
async def test_a_filter_that_can_not_be_is_refused(client, as_role, path, query):
    if path == "edits" and query.startswith("compact"):
        return
    answer = await client.get(f"/data/{path}/with-tasks?{query}", headers=await as_role("admin"))
    assert answer.status_code == 400


async def test_a_board_can_be_narrowed(client, as_role, show, make):
    admin = await as_role("admin")
    base = f"/data/shots/with-tasks?project_id={show.project.id}"
    for name in ("sequence_id", "parent_id"):
        assert (
            len(rows(await client.get(f"{base}&{name}={show.entities['sequences'].id}", headers=admin))) == 1
        )
        assert rows(await client.get(f"{base}&{name}={show.project.id}", headers=admin)) == []
    assert (
        len(rows(await client.get(f"{base}&episode_id={show.entities['episodes'].id}", headers=admin))) == 1
    )


@pytest.mark.parametrize("role", ["admin", "vendor"])
async def test_the_number_of_statements_does_not_grow_with_the_rows(
    client, as_role, show, make, count_statements, role
):
    person = await as_role(role, on=show.project)
    board = f"/data/shots/with-tasks?project_id={show.project.id}"
    with count_statements() as few:
        await client.get(board, headers=person)
    for _ in range(5):
        shot = await make(factories.entity(show.project, show.kinds["shots"]))
        task = await make(
            factories.task(shot, await make(factories.task_type()), await make(factories.task_status()))
        )
        await make(TaskPersonLink(task_id=task.id, person_id=person.person.id))
    with count_statements() as many:
        assert len(rows(await client.get(board, headers=person))) >= 5
    assert many.count == few.count <= 4


# --- what is kept -------------------------------------------------------------------------------------


async def test_who_has_the_board_is_told_so(client, as_role, show):
    admin = await as_role("admin")
    board = f"/data/shots/with-tasks?project_id={show.project.id}"
    first = await client.get(board, headers=admin)
    assert first.headers["cache-control"] == "private, no-cache"
    again = await client.get(board, headers=admin | {"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_vendors_have_their_own_version_of_a_board(client, as_role, show, make):
    vendor = await as_role("vendor", on=show.project)
    board = f"/data/shots/with-tasks?project_id={show.project.id}"
    first = await client.get(board, headers=vendor)
    same = {"If-None-Match": first.headers["etag"]}
    assert (await client.get(board, headers=vendor | same)).status_code == 304
    await make(TaskPersonLink(task_id=show.tasks["shots"].id, person_id=vendor.person.id))
    assert (await client.get(board, headers=vendor | same)).status_code == 200


CHANGES = {
    "entity": "id = :shots",
    "task": "id = :task_shots",
    "task_person_link": "task_id = :task_shots",
    "project": "id = :project",
    "entity_type": "name = 'Shot'",
    "subscription": "person_id = :person",
    "entity_link": "entity_out_id = :assets",
    "entity_concept_link": "entity_out_id = :concepts",
}
FEEDING = [
    *(("shots", name) for name in ("entity", "task", "task_person_link", "project", "subscription")),
    ("assets", "entity_type"),
    ("assets", "entity_link"),
    ("concepts", "entity_concept_link"),
]


def columns_of(table: str) -> list[str]:
    return [column.name for column in Base.metadata.tables[table].columns]


@pytest.mark.parametrize(
    ("path", "table", "column"),
    [(path, table, column) for path, table in FEEDING for column in columns_of(table)],
)
async def test_a_change_of_any_column_by_sql_gives_the_board_another_version(
    client, as_role, show, make, session, path, table, column
):
    person = await as_role("user", on=show.project)
    await make(Subscription(person_id=person.person.id, task_id=show.tasks["shots"].id))
    board = f"/data/{path}/with-tasks?project_id={show.project.id}"
    before = (await client.get(board, headers=person)).headers["etag"]
    assert (await client.get(board, headers=person)).headers["etag"] == before
    place = {path: entity.id for path, entity in show.entities.items()}
    place |= {f"task_{path}": task.id for path, task in show.tasks.items()}
    place |= {"project": show.project.id, "person": person.person.id}
    where = CHANGES[table]
    used = {name: value for name, value in place.items() if f":{name}" in where.split()}
    written = await session.execute(text(f'UPDATE {table} SET "{column}" = "{column}" WHERE {where}'), used)
    await session.commit()
    assert written.rowcount >= 1
    assert (await client.get(board, headers=person)).headers["etag"] != before


async def test_what_becomes_an_episode_elsewhere_gives_the_board_another_version(
    client, as_role, show, make, session
):
    """The links of what is no episode are not shown, and no part of the board's state."""
    admin, board = await as_role("admin"), f"/data/assets/with-tasks?project_id={show.project.id}"
    episode = show.entities["episodes"].entity_type_id
    other = await make(factories.entity(await make(factories.project()), show.kinds["shots"]))
    before = (await client.get(board, headers=admin)).headers["etag"]
    await make(EntityLink(entity_in_id=other.id, entity_out_id=show.entities["assets"].id))
    assert (await client.get(board, headers=admin)).headers["etag"] == before
    await session.execute(
        text("UPDATE entity SET entity_type_id = :kind WHERE id = :id"), {"kind": episode, "id": other.id}
    )
    await session.commit()
    changed = await client.get(board, headers=admin)
    assert changed.headers["etag"] != before
    [asset] = rows(changed)
    assert str(other.id) in asset["casting_episode_ids"]


@pytest.mark.parametrize("table", ["task_person_link", "subscription", "entity_link"])
async def test_a_row_that_is_gone_gives_the_board_another_version(
    client, as_role, show, make, session, table
):
    person = await as_role("user", on=show.project)
    await make(Subscription(person_id=person.person.id, task_id=show.tasks["shots"].id))
    board = f"/data/assets/with-tasks?project_id={show.project.id}"
    before = (await client.get(board, headers=person)).headers["etag"]
    await session.execute(text(f"DELETE FROM {table}"))
    await session.commit()
    assert (await client.get(board, headers=person)).headers["etag"] != before


async def test_a_change_by_the_api_is_seen_at_once(client, as_role, show):
    admin = await as_role("admin")
    board = f"/data/shots/with-tasks?project_id={show.project.id}"
    before = await client.get(board, headers=admin)
    changed = await client.put(
        f"/data/entities/{show.entities['shots'].id}", json={"name": "Renamed"}, headers=admin
    )
    assert changed.status_code == 200
    after = await client.get(board, headers=admin | {"If-None-Match": before.headers["etag"]})
    assert rows(after)[0]["name"] == "Renamed"


async def test_what_others_do_elsewhere_leaves_the_board_as_it_is(client, as_role, show, make):
    admin = await as_role("admin")
    board = f"/data/shots/with-tasks?project_id={show.project.id}"
    before = (await client.get(board, headers=admin)).headers["etag"]
    await make(factories.department(), factories.project())
    assert (await client.get(board, headers=admin)).headers["etag"] == before


async def test_a_kept_answer_is_the_computed_one(client, as_role, show, make, configure, count_statements):
    admin = await as_role("admin")
    for _ in range(8):
        await make(factories.entity(show.project, show.kinds["shots"], description="x" * 300))
    board = f"/data/shots/with-tasks?project_id={show.project.id}"
    codings = {"gzip": gzip.decompress, "br": brotli.decompress, "identity": bytes}
    codings["zstd"] = lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body)
    bodies = []
    for coding, read in codings.items():
        for _ in ("computed", "kept"):
            async with client.stream("GET", board, headers=admin | {"Accept-Encoding": coding}) as answer:
                assert answer.headers.get("content-encoding", "identity") == coding
                assert answer.headers["vary"] == "Accept-Encoding"
                bodies.append(read(b"".join([part async for part in answer.aiter_raw()])))
    assert len(json.loads(bodies[0])) == 9
    assert set(bodies) == {bodies[0]}
    with count_statements() as kept:
        await client.get(board, headers=admin)
    assert kept.count == 2, "who calls, and the version"
    configure(answer_cache_mb=0)
    assert (await client.get(board, headers=admin)).content == bodies[0]


async def test_small_answers_are_not_compressed(client, as_role, show):
    admin = await as_role("admin")
    board = f"/data/concepts/with-tasks?project_id={show.project.id}&name=nothing"
    answer = await client.get(board, headers=admin | {"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert answer.content == b"[]"


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", "identity"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, br", "br"),
        ("GZIP", "gzip"),
        ("gzip;q=0, br;q=0.1", "br"),
        ("*", "zstd"),
        ("*;q=0", "identity"),
        ("zstd;q=x, gzip", "gzip"),
        ("identity", "identity"),
    ],
)
def test_the_best_coding_that_a_client_takes(header, coding):
    assert accepted_encoding(header) == coding


@pytest.mark.parametrize(
    ("header", "same"),
    [
        (None, False),
        ("*", True),
        ('W/"a"', True),
        ('"a"', True),
        ('"b", W/"a"', True),
        ('"b"', False),
        ("", False),
    ],
)
def test_names_of_answers_are_compared(header, same):
    assert matches(header, 'W/"a"') is same


def test_what_nobody_asked_for_longest_goes_first(tmp_path):
    store = AnswerStore(tmp_path / "cache", 25)
    for number, name in enumerate("abc"):
        draft = store.begin()
        assert draft is not None
        draft.file.write(b"0123456789")
        store.keep(draft, b"", name)
        os.utime(tmp_path / "cache" / name, (number, number))
    store.prune()
    assert store.open("a") is None
    for name in "bc":
        kept = store.open(name)
        assert kept is not None
        assert kept.read() == b"0123456789"
        kept.close()


def test_a_draft_that_is_given_up_leaves_nothing(tmp_path):
    store = AnswerStore(tmp_path / "cache", 25)
    draft = store.begin()
    assert draft is not None
    store.drop(draft)
    assert list((tmp_path / "cache").iterdir()) == []


async def test_a_client_that_is_slow_keeps_nobody_else_waiting(tmp_path, monkeypatch):
    monkeypatch.setattr(stored_answers, "SLOW_SECONDS", 0.01)
    store, taken, enough = AnswerStore(tmp_path / "cache", 1_000_000), asyncio.Event(), asyncio.Event()

    async def parts() -> AsyncIterator[bytes]:
        yield b"0" * 5_000
        yield b"1" * 5_000

    async def slow(message: Message) -> None:
        if message.get("body"):
            taken.set()
            await enough.wait()

    received: list[bytes] = []

    async def quick(message: Message) -> None:
        received.append(message.get("body", b""))

    def answer() -> StreamedAnswer:
        return StreamedAnswer(Parts(parts), "text/plain", {}, store=store, name="board")

    never: Any = None
    first = asyncio.create_task(answer()({"type": "http"}, never, slow))
    async with asyncio.timeout(30):
        await taken.wait()
        await answer()({"type": "http"}, never, quick)
    assert b"".join(received) == b"0" * 5_000 + b"1" * 5_000
    enough.set()
    await first
    kept = store.open("board.identity")
    assert kept is not None
    assert len(kept.read()) == 10_000
    kept.close()
