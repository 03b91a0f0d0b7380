"""What is measured: requests that the web client and scripts send all day."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from bench import floors as f
from bench.client import Request
from bench.dataset import id_of
from kitsu_api.db.repositories.board_fields import ASSETS, SHOTS, Board

Floor = Callable[[f.Floors], Awaitable[float]]


@dataclass(frozen=True)
class Scenario:
    """A request that is sent again and again; `make` gives the n-th."""

    name: str
    make: Callable[[int], Request]
    runs: int = 20
    floor: Floor | None = None
    touch: str | None = None
    """A statement that changes the data before each request, so that no kept answer is of use."""
    throughput: bool = False
    known: bool = False
    """Whether the client has the answer already, and says so."""
    undo: Callable[[int], Request] | None = None
    """A request before each, which isn't measured: it makes the next one do its whole work."""


def get(name: str, path: str, role: str = "admin", runs: int = 20, **more: object) -> Scenario:
    """A read that is always the same."""
    return Scenario(name, lambda _: Request("GET", path, role), runs, **more)  # type: ignore[arg-type]  # the fields of Scenario


def _board(project_id: UUID, board: Board) -> Floor:
    return lambda floors: floors.board(project_id, board, f.ADMIN)


TOUCH = f"UPDATE task SET priority = (priority + 1) % 4, updated_at = updated_at + interval '1 second' WHERE id = '{f.TASK}'"
TOUCH_ASSET = (
    "UPDATE task SET priority = (priority + 1) % 4, updated_at = updated_at + interval '1 second'"
    f" WHERE entity_id = '{id_of('asset', 5)}'"
)
TOUCH_SHOT = f"UPDATE entity SET nb_frames = nb_frames WHERE id = '{f.SHOT}'"
TOUCH_LINK = f"UPDATE entity_link SET nb_occurences = nb_occurences WHERE entity_in_id = '{f.SHOT}'"
TOUCH_COMMENT = f"UPDATE comment SET pinned = pinned WHERE object_id = '{f.TASK}'"
TOUCH_ELSEWHERE = f"UPDATE department SET name = name WHERE id = '{id_of('department', 1)}'"
"""A write that no list shows: nobody can know from it that nothing was written."""

OPEN_TASKS = {
    "filter": {
        "and": [
            {"field": "entity.parent.parent_id", "value": str(id_of("episode", 1))},
            {"not": {"field": "task_status.is_done", "value": True}},
        ]
    },
    "fields": [
        *("id", "due_date", "estimation", "entity.name", "entity.parent.name", "task_type.name"),
        *("task_status.short_name", "assignees.full_name"),
    ],
    "limit": 500,
}
"""What a script asks for on Monday mornings: the work on an episode that is not done, with the names around it."""


def query(name: str, wish: dict[str, object], role: str = "admin", source: str = "tasks") -> Scenario:
    """A query that is always the same."""
    return Scenario(name, lambda _: Request("POST", f"/data/query/{source}", role, wish))


READS = (
    query("query: open tasks of an episode, 500 of them", OPEN_TASKS),
    query("query: the same, counted", {**OPEN_TASKS, "count": True}),
    query("query: the same for an artist", OPEN_TASKS, "artist"),
    query("query: the same for a vendor", OPEN_TASKS, "vendor"),
    query(
        "query: tasks and minutes by episode and status",
        {
            "filter": {"field": "project_id", "value": str(f.BIG)},
            "group_by": ["entity.parent.parent_id", "task_status_id"],
            "aggregates": {
                "tasks": {"function": "count"},
                "minutes": {"function": "sum", "field": "duration"},
            },
        },
    ),
    get(
        "shots board, cold",
        f"/data/shots/with-tasks?project_id={f.BIG}",
        runs=7,
        touch=TOUCH,
        floor=_board(f.BIG, SHOTS),
    ),
    get(
        "shots board, warm",
        f"/data/shots/with-tasks?project_id={f.BIG}",
        runs=10,
        floor=_board(f.BIG, SHOTS),
    ),
    get(
        "shots board of a tenth, cold",
        f"/data/shots/with-tasks?project_id={f.MEDIUM}",
        touch=TOUCH.replace(str(f.TASK), str(id_of("task", 10_000_001))),
        floor=_board(f.MEDIUM, SHOTS),
    ),
    get("shots board of a vendor", f"/data/shots/with-tasks?project_id={f.BIG}", "vendor"),
    get(
        "assets board, cold",
        f"/data/assets/with-tasks?project_id={f.BIG}",
        runs=10,
        touch=TOUCH_ASSET,
        floor=_board(f.BIG, ASSETS),
    ),
    get(
        "assets board, warm",
        f"/data/assets/with-tasks?project_id={f.BIG}",
        runs=10,
        floor=_board(f.BIG, ASSETS),
    ),
    get("shots board, not changed", f"/data/shots/with-tasks?project_id={f.BIG}", known=True),
    get(
        "shots board, not changed, others were",
        f"/data/shots/with-tasks?project_id={f.BIG}",
        known=True,
        touch=TOUCH_ELSEWHERE,
    ),
    get(
        "assets board, not changed, others were",
        f"/data/assets/with-tasks?project_id={f.BIG}",
        known=True,
        touch=TOUCH_ELSEWHERE,
    ),
    get(
        "shots of a production, cold",
        f"/data/projects/{f.BIG}/shots",
        runs=7,
        touch=TOUCH_SHOT,
        floor=lambda floors: floors.entities(f.BIG),
    ),
    get(
        "shots of a production, warm",
        f"/data/projects/{f.BIG}/shots",
        touch=TOUCH_ELSEWHERE,
        floor=lambda floors: floors.entities(f.BIG),
    ),
    get("shots of a production, not changed", f"/data/projects/{f.BIG}/shots", known=True),
    get(
        "tasks of a production, page 1, cold",
        f"/data/projects/{f.BIG}/tasks?page=1",
        touch=TOUCH,
        floor=lambda floors: floors.tasks(f.BIG, assignees=True),
    ),
    get(
        "tasks of a production, page 1",
        f"/data/projects/{f.BIG}/tasks?page=1",
        floor=lambda floors: floors.tasks(f.BIG, assignees=True),
    ),
    get(
        "tasks by production, page 1, cold",
        f"/data/tasks?project_id={f.BIG}&page=1",
        touch=TOUCH,
        floor=lambda floors: floors.tasks(f.BIG, assignees=False),
    ),
    get(
        "tasks by production, page 1",
        f"/data/tasks?project_id={f.BIG}&page=1",
        floor=lambda floors: floors.tasks(f.BIG, assignees=False),
        throughput=True,
    ),
    get("open tasks, page 1", f"/data/tasks/open-tasks?project_id={f.BIG}&page=1", runs=10),
    get("open tasks, page 400", f"/data/tasks/open-tasks?project_id={f.BIG}&page=400", runs=10),
    get("open tasks, not changed", f"/data/tasks/open-tasks?project_id={f.BIG}&page=1", known=True),
    get("one task", f"/data/tasks/{f.TASK}", floor=lambda floors: floors.one_task(f.TASK), throughput=True),
    get("one task in full", f"/data/tasks/{f.TASK}/full", throughput=True),
    get(
        "one entity",
        f"/data/entities/{f.SHOT}",
        floor=lambda floors: floors.one_entity(f.SHOT),
        throughput=True,
    ),
    get("one shot", f"/data/shots/{f.SHOT}", throughput=True),
    get("comments of a task", f"/data/tasks/{f.TASK}/comments", throughput=True),
    get(
        "comments of a busy task",
        f"/data/tasks/{f.BUSY}/comments",
        touch=TOUCH_COMMENT,
        floor=lambda floors: floors.comments(f.BUSY),
    ),
    get("persons", "/data/persons", floor=lambda floors: floors.persons(), throughput=True),
    get("user context of the admin", "/data/user/context", throughput=True),
    get("user context of an artist", "/data/user/context", "artist"),
    get("open productions", "/data/projects/open", throughput=True),
    get(
        "news, page 1, cold",
        f"/data/projects/{f.BIG}/news?page=1&limit=50",
        touch=TOUCH_ELSEWHERE,
        floor=lambda floors: floors.news(f.BIG, 0),
    ),
    get("news, page 1, warm", f"/data/projects/{f.BIG}/news?page=1&limit=50"),
    get(
        "news, page 500, cold",
        f"/data/projects/{f.BIG}/news?page=500&limit=50",
        touch=TOUCH_ELSEWHERE,
        floor=lambda floors: floors.news(f.BIG, 24_950),
    ),
    get("tasks of an artist", "/data/user/tasks", "artist", throughput=True),
    get("notifications of an artist", "/data/user/notifications", "artist"),
    get(
        "castings, page 1 of 1,000",
        f"/data/projects/{f.BIG}/entity-links?page=1&limit=1000",
        floor=lambda floors: floors.links(f.BIG, 1000),
    ),
    get(
        "castings of a production, cold",
        f"/data/projects/{f.BIG}/entity-links",
        runs=7,
        touch=TOUCH_LINK,
        floor=lambda floors: floors.links(f.BIG),
    ),
    get(
        "castings of a production, warm",
        f"/data/projects/{f.BIG}/entity-links",
        runs=10,
        floor=lambda floors: floors.links(f.BIG),
    ),
    get("casting of a shot", f"/data/projects/{f.BIG}/entities/{f.SHOT}/casting", throughput=True),
    get(
        "casting of a sequence",
        f"/data/projects/{f.BIG}/sequences/{id_of('sequence', 1)}/casting",
        throughput=True,
    ),
    get("last 1,000 events", "/data/events/last?limit=1000", floor=lambda floors: floors.events()),
    get("sheet of shots (CSV)", f"/export/csv/projects/{f.BIG}/shots.csv", runs=5),
)


def _tasks(number: int, count: int) -> list[str]:
    return [str(id_of("task", 1000 + number * count + place)) for place in range(count)]


def _comment(number: int) -> Request:
    task = id_of("task", 300 + number)
    status = str(id_of("task-status", 2 + number % 2))
    return Request(
        "POST", f"/actions/tasks/{task}/comment", body={"task_status_id": status, "comment": f"take {number}"}
    )


PERSON = id_of("person", 20)


def _batch(number: int) -> Request:
    """500 changes: shots and tasks made, changed and deleted."""
    status, kind = str(id_of("task-status", 1)), str(id_of("task-type", 1))
    items: list[dict[str, object]] = []
    for place in range(100):
        shot, task = {"@ref": f"s{place}"}, {"@ref": f"t{place}"}
        work = {"project_id": str(f.BIG), "entity_id": shot, "task_type_id": kind, "task_status_id": status}
        made = {"project_id": str(f.BIG), "name": f"Batch {time.time_ns()} {place}", "nb_frames": 48}
        items += [
            {"action": "create", "resource": "shots", "key": f"s{place}", "values": made},
            {"action": "create", "resource": "tasks", "key": f"t{place}", "values": {"name": "main", **work}},
            {
                "action": "update",
                "resource": "entities",
                "id": shot,
                "values": {"description": "made at once"},
            },
            {"action": "update", "resource": "tasks", "id": task, "values": {"priority": number % 3}},
            {"action": "delete", "resource": "tasks", "id": task},
        ]
    return Request("POST", "/data/batch", body={"items": items})


WRITES = (
    Scenario(
        "sign-in",
        lambda _: Request(
            "POST", "/auth/login", None, {"email": "admin@lantern.example.com", "password": "bench-password"}
        ),
        10,
    ),
    Scenario(
        "change of a task",
        lambda n: Request("PUT", f"/data/tasks/{id_of('task', 400 + n)}", body={"estimation": 500 + n}),
    ),
    Scenario(
        "change of metadata",
        lambda n: Request(
            "PUT", f"/data/entities/{id_of('shot', 100 + n)}", body={"data": {"camera": f"c{n}"}}
        ),
    ),
    Scenario("comment", _comment),
    Scenario("batch of 500 changes", _batch, 5),
    Scenario(
        "assignation of 10 tasks",
        lambda n: Request("PUT", f"/actions/persons/{PERSON}/assign", body={"task_ids": _tasks(n, 10)}),
        10,
        undo=lambda n: Request(
            "PUT",
            "/actions/tasks/clear-assignation",
            body={"task_ids": _tasks(n, 10), "person_id": str(PERSON)},
        ),
    ),
    Scenario(
        "assignation of 500 tasks",
        lambda _: Request("PUT", f"/actions/persons/{PERSON}/assign", body={"task_ids": _tasks(0, 500)}),
        5,
        undo=lambda _: Request(
            "PUT",
            "/actions/tasks/clear-assignation",
            body={"task_ids": _tasks(0, 500), "person_id": str(PERSON)},
        ),
    ),
)
