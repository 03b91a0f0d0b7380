"""Lists have names: who has one is told so, who hasn't gets what was kept; neither is out of date."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

from kitsu_api.db.base import Base
from kitsu_api.db.models import EntityLink, TaskPersonLink
from kitsu_api.db.prepared import Prepared
from kitsu_api.db.repositories import row_states
from tests import factories

KEPT = {
    "shots": "/data/projects/{project}/shots",
    "named shots": "/data/shots?project_id={project}",
    "shots of all": "/data/shots",
    "assets": "/data/projects/{project}/assets",
    "tasks": "/data/projects/{project}/tasks",
    "links": "/data/projects/{project}/entity-links",
}
NAMED = {
    **KEPT,
    "sequences": "/data/projects/{project}/sequences",
    "episodes": "/data/projects/{project}/episodes",
    "edits": "/data/projects/{project}/edits",
    "scenes": "/data/projects/{project}/scenes",
    "shots of a sequence": "/data/projects/{project}/shots?parent_id={sequence}",
    "a page of tasks": "/data/projects/{project}/tasks?page=1",
    "a page of links": "/data/projects/{project}/entity-links?limit=10",
    "news": "/data/projects/{project}/news",
    "open tasks": "/data/tasks/open-tasks?project_id={project}",
    "comments": "/data/tasks/{task}/comments",
    "own tasks": "/data/user/tasks",
    "rows of a table": "/data/tasks?project_id={project}",
    "a page of a table": "/data/tasks?project_id={project}&page=1",
}
FEEDS = (
    ("shots", "entity", "id = :shot"),
    ("shots", "entity_type", "name = 'Shot'"),
    ("named shots", "project", "id = :project"),
    ("shots of all", "entity", "id = :sequence"),
    ("assets", "entity", "id = :asset"),
    ("tasks", "task", "id = :task"),
    ("tasks", "task_person_link", "task_id = :task"),
    ("links", "entity_link", "entity_in_id = :shot"),
    ("links", "entity", "id = :shot"),
)


class Show(NamedTuple):
    """A production with a sequence, a shot that casts an asset, and a task on the shot."""

    ids: dict[str, Any]
    project: Any
    shot_type: Any
    task: Any

    def path(self, name: str) -> str:
        return NAMED[name].format(**self.ids)


@pytest.fixture
async def show(make) -> Show:
    running = await make(factories.project_status())
    project, person = factories.project(running), factories.person()
    kinds = [factories.entity_type(name=name) for name in ("Sequence", "Shot", "Props")]
    await make(project, person, *kinds)
    sequence = await make(factories.entity(project, kinds[0]))
    shot = await make(factories.entity(project, kinds[1], parent_id=sequence.id))
    asset = await make(factories.entity(project, kinds[2]))
    task = await make(
        factories.task(shot, await make(factories.task_type()), await make(factories.task_status()))
    )
    await make(EntityLink(entity_in_id=shot.id, entity_out_id=asset.id))
    await make(TaskPersonLink(task_id=task.id, person_id=person.id))
    ids = {"project": project.id, "sequence": sequence.id, "shot": shot.id}
    return Show({**ids, "asset": asset.id, "task": task.id}, project, kinds[1], task)


async def etag_of(client, path: str, headers) -> str:
    answer = await client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-cache"
    return str(answer.headers["etag"])


@pytest.mark.parametrize("name", sorted(NAMED))
async def test_who_has_a_list_is_told_so(client, as_role, show, name):
    headers = await as_role("user", on=show.project)
    etag = await etag_of(client, show.path(name), headers)
    again = await client.get(show.path(name), headers=headers | {"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)


@pytest.mark.parametrize(("name", "table", "where"), FEEDS)
async def test_a_change_of_any_column_by_sql_gives_a_list_another_name(
    client, as_role, show, session, name, table, where
):
    headers = await as_role("user", on=show.project)
    used = {key: id for key, id in show.ids.items() if f":{key}" in where.split()}
    etag = await etag_of(client, show.path(name), headers)
    assert await etag_of(client, show.path(name), headers) == etag
    for column in Base.metadata.tables[table].columns:
        change = text(f'UPDATE {table} SET "{column.name}" = "{column.name}" WHERE {where}')
        assert (await session.execute(change, used)).rowcount
        await session.commit()
        before, etag = etag, await etag_of(client, show.path(name), headers)
        assert etag != before, column.name


@pytest.mark.parametrize("name", sorted(KEPT))
async def test_what_others_do_elsewhere_leaves_a_list_as_it_is(client, as_role, show, make, name):
    headers = await as_role("user", on=show.project)
    etag = await etag_of(client, show.path(name), headers)
    elsewhere = await make(factories.project())
    await make(factories.department(), factories.entity(elsewhere, show.shot_type))
    assert await etag_of(client, show.path(name), headers) == etag


async def test_a_change_by_the_api_is_in_the_list_at_once(client, as_role, show):
    admin = await as_role("admin")
    etags = {name: await etag_of(client, show.path(name), admin) for name in ("shots", "tasks")}
    for path, body in (
        (f"/data/entities/{show.ids['shot']}", {"name": "Renamed"}),
        (f"/data/tasks/{show.ids['task']}", {"estimation": 77}),
    ):
        assert (await client.put(path, json=body, headers=admin)).status_code == 200
    answers = {
        name: await client.get(show.path(name), headers=admin | {"If-None-Match": etag})
        for name, etag in etags.items()
    }
    assert answers["shots"].json()[0]["name"] == "Renamed"
    assert answers["tasks"].json()[0]["estimation"] == 77


async def test_tasks_of_a_production_come_whole_in_parts(client, as_role, show, make):
    admin, empty = await as_role("admin"), await make(factories.project())
    [row] = (await client.get(show.path("tasks"), headers=admin)).json()
    paged = (await client.get(show.path("a page of tasks"), headers=admin)).json()
    assert [row] == paged["data"]
    assert (await client.get(f"/data/projects/{empty.id}/tasks", headers=admin)).json() == []


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "identity"])
async def test_a_big_list_is_kept_for_all_who_see_the_same(
    client, as_role, show, make, count_statements, coding
):
    rows = [factories.entity(show.project, show.shot_type, description="x" * 9000) for _ in range(12)]
    await make(*rows)
    first, second = [await as_role("user", on=show.project) for _ in range(2)]
    asked = {"Accept-Encoding": coding}
    made = await client.get(show.path("shots"), headers=first | asked)
    with count_statements() as statements:
        kept = await client.get(show.path("shots"), headers=second | asked)
    assert statements.count == 3, "who asks, for which production, and in what state it is"
    assert kept.json() == made.json()
    assert len(kept.json()) == 13


async def test_what_a_vendor_sees_is_nobody_elses(client, as_role, show, make):
    artist, vendor = await as_role("user", on=show.project), await as_role("vendor", on=show.project)
    for name in ("shots", "tasks"):
        assert len((await client.get(show.path(name), headers=artist)).json()) == 1
        assert (await client.get(show.path(name), headers=vendor)).json() == []
    await make(TaskPersonLink(task_id=show.ids["task"], person_id=vendor.person.id))
    for name in ("shots", "tasks"):
        assert len((await client.get(show.path(name), headers=vendor)).json()) == 1


@pytest.mark.parametrize("role", ["user", "vendor"])
async def test_who_sees_alike_shares_the_statements_of_lists(client, as_role, show, monkeypatch, role):
    paths = [
        f"/data/shots/with-tasks?project_id={show.project.id}",
        *(show.path(name) for name in ("shots", "tasks", "a page of tasks", "links", "rows of a table")),
    ]

    made: list[object] = []
    init = Prepared.__init__
    monkeypatch.setattr(
        Prepared, "__init__", lambda self, *given, **more: (made.append(self), init(self, *given, **more))[1]
    )
    for _ in range(2):
        person = await as_role(role, on=show.project)
        made.clear()
        for path in paths:
            assert (await client.get(path, headers=person)).status_code == 200
    assert not made, "the second one's were there"


async def test_a_small_list_is_not_made_again_while_nothing_was_written(
    client, as_role, show, monkeypatch, count_statements
):
    monkeypatch.setattr(row_states, "SNAPSHOT", "'unchanged'")
    headers, path = await as_role("user", on=show.project), show.path("open tasks")
    asked = headers | {"If-None-Match": await etag_of(client, path, headers)}
    assert (await client.get(path, headers=asked)).status_code == 304
    with count_statements() as statements:
        assert (await client.get(path, headers=asked)).status_code == 304
    assert statements.count == 2, "who asks, and whether anything was written"
    other = await as_role("vendor", on=show.project)
    answer = await client.get(path, headers=other | {"If-None-Match": asked["If-None-Match"]})
    assert (answer.status_code, answer.json()["data"]) == (200, [])


async def test_a_list_that_is_quickly_made_is_not_kept(client, as_role, show, settings):
    await etag_of(client, show.path("shots"), await as_role("admin"))
    assert not list((settings.data_dir / "cache").glob("*"))
