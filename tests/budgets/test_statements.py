"""What hot routes may cost: the most SQL statements that a request takes, however many rows there are.

A new feature that needs more has to say so here, and why it is worth it. Statements that begin and end
transactions are not counted; the one that says who asks is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import event

from tests import factories

READS = {
    "/data/user/context": 2,
    "/data/persons": 2,
    "/data/projects": 2,
    "/data/projects/open": 2,
    "/data/projects/{project}": 2,
    "/data/projects/{project}/tasks": 4,
    "/data/projects/{project}/tasks?page=1": 4,
    "/data/projects/{project}/shots": 4,
    "/data/projects/{project}/assets": 4,
    "/data/projects/{project}/news": 4,
    "/data/projects/{project}/playlists": 3,
    "/data/projects/{project}/entity-links": 4,
    "/data/shots/with-tasks?project_id={project}": 3,
    "/data/assets/with-tasks?project_id={project}": 3,
    "/data/shots/with-tasks": 3,
    "/data/tasks?project_id={project}": 2,
    "/data/tasks/open-tasks?project_id={project}": 4,
    "/data/tasks/{task}": 2,
    "/data/tasks/{task}/full": 3,
    "/data/tasks/{task}/comments": 3,
    "/data/tasks/{task}/previews": 3,
    "/data/entities/{entity}": 2,
    "/data/shots/{entity}": 3,
    "/data/projects/{project}/entities/{entity}/casting": 3,
    "/data/user/tasks": 2,
    "/data/user/notifications": 2,
    "/data/events/last": 2,
    "/data/search/all?q=tree": 7,
    "/export/csv/projects/{project}/shots.csv": 9,
}


@dataclass(frozen=True)
class Write:
    """A request that changes something, and the most statements that it may take."""

    method: str
    path: str
    most: int
    body: Any = None


WRITES = {
    "a comment": Write(
        "POST", "/actions/tasks/{task}/comment", 9, {"task_status_id": "{same}", "comment": "More light"}
    ),
    "a comment with another status": Write(
        "POST", "/actions/tasks/{task}/comment", 9, {"task_status_id": "{other}", "comment": "Done"}
    ),
    "a comment that mentions somebody": Write(
        "POST",
        "/actions/tasks/{task}/comment",
        11,
        {"task_status_id": "{same}", "comment": "@Ada Byron"},
    ),
    "a comment on each task": Write(
        "POST", "/actions/projects/{project}/tasks/comment-many", 13, "{a_comment_on_each}"
    ),
    "a change of a task": Write("PUT", "/data/tasks/{task}", 5, {"estimation": 480}),
    "a change of metadata": Write("PUT", "/data/entities/{entity}", 6, {"data": {"camera": "A"}}),
    "a task handed out": Write("PUT", "/actions/persons/{person}/assign", 10, {"task_ids": ["{task}"]}),
    "all tasks handed out": Write("PUT", "/actions/persons/{person}/assign", 10, {"task_ids": "{tasks}"}),
    "all tasks taken back": Write(
        "PUT", "/actions/tasks/clear-assignation", 5, {"task_ids": "{tasks}", "person_id": "{person}"}
    ),
    "a task for each shot": Write(
        "POST", "/actions/projects/{project}/task-types/{fresh_type}/shots/create-tasks", 10, []
    ),
    "priorities": Write("PUT", "/actions/tasks/set-priority", 5, {"task_ids": "{tasks}", "priority": 2}),
}


@dataclass(frozen=True)
class Studio:
    """A production with work in it, who runs it, and the names that paths and bodies use."""

    headers: dict[str, str]
    names: dict[str, Any]

    def filled(self, part: Any) -> Any:
        """A path or a body with ids in place of names."""
        if isinstance(part, str):
            alone = self.names.get(part[1:-1]) if part.startswith("{") else None
            return alone if alone is not None else part.format(**self.names)
        if isinstance(part, dict):
            return {key: self.filled(value) for key, value in part.items()}
        return [self.filled(value) for value in part] if isinstance(part, list) else part


SHOTS = 12


@pytest.fixture
async def studio(make, as_role) -> Studio:
    """A dozen shots, one of which was talked about; the caller does not work on it, two others do."""
    production = factories.production()
    await make(*production)
    project, task = production.project, production.task
    shot_type = await make(factories.entity_type(name="Shot"))
    shots = [factories.entity(project, shot_type) for _ in range(SHOTS)]
    await make(*shots)
    tasks = [factories.task(shot, production.task_type, production.task_status) for shot in shots]
    await make(*tasks)
    other, fresh = await make(factories.task_status(is_default=True), factories.task_type())
    boss = await as_role("admin", on=project)
    called = await as_role("user", on=project, first_name="Ada", last_name="Byron")
    await make(*[factories.comment(task, production.person, task_status_id=other.id) for _ in range(5)])
    names: dict[str, Any] = {
        "project": project,
        "task": task,
        "entity": shots[0],
        "person": called.person,
        "same": production.task_status,
        "other": other,
        "fresh_type": fresh,
    }
    ids: dict[str, Any] = {name: str(row.id) for name, row in names.items()}
    ids["tasks"] = [str(one.id) for one in tasks]
    status = {"task_status_id": ids["other"], "comment": "@Ada Byron: more light"}
    ids["a_comment_on_each"] = [{"task_id": id, **status} for id in ids["tasks"]]
    return Studio(boss, ids)


@pytest.mark.parametrize("path", READS)
async def test_a_read_keeps_to_its_budget(client, studio, count_statements, path):
    path, most = studio.filled(path), READS[path]
    with count_statements() as statements:
        answer = await client.get(path, headers=studio.headers)
    assert answer.status_code == 200, answer.text
    assert statements.count <= most, "\n".join(statements.sql)


@pytest.mark.parametrize("name", WRITES)
async def test_a_write_keeps_to_its_budget(client, studio, count_statements, name):
    write = WRITES[name]
    with count_statements() as statements:
        answer = await client.request(
            write.method, studio.filled(write.path), json=studio.filled(write.body), headers=studio.headers
        )
    assert answer.status_code in (200, 201), answer.text
    assert statements.count <= write.most, "\n".join(statements.sql)


STRAIGHT = (
    "/data/user/context",
    "/data/persons",
    "/data/projects/open",
    "/data/tasks/{task}",
    "/data/tasks/{task}/full",
    "/data/tasks/{task}/comments",
    "/data/entities/{entity}",
    "/data/shots/{entity}",
    "/data/projects/{project}/entities/{entity}/casting",
    "/data/user/notifications",
)
"""Reads whose statements all go straight to the driver: one that doesn't begins a transaction."""


@pytest.mark.parametrize("path", STRAIGHT)
async def test_a_small_read_needs_no_transaction(client, studio, engine, path):
    begun: list[str] = []

    def note(_connection: Any, name: str) -> None:
        begun.append(name)

    # the tests' own transaction is there already: others are savepoints in it
    event.listen(engine.sync_engine, "savepoint", note)
    try:
        answer = await client.get(studio.filled(path), headers=studio.headers)
    finally:
        event.remove(engine.sync_engine, "savepoint", note)
    assert (answer.status_code, begun) == (200, [])
