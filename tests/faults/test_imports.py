"""Sheets of tens of thousands of rows, and workers that die over them: all of a sheet is there, and once."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator

import httpx
import pytest

from tests import factories
from tests.faults.scene import Scene, scene, until

pytestmark = pytest.mark.faults
ROWS = 50_000
SOME = 2_000


@pytest.fixture(scope="module")
def standing() -> Iterator[Scene]:
    # an import keeps its worker busy: on a slow machine quick heartbeats would be missed
    with scene(KITSU_JOB_HEARTBEAT_SECONDS="2") as made:
        made.instance.add(*(factories.entity_type(name=name) for name in ("Shot", "Sequence", "Episode")))
        made.start_api()
        yield made


@pytest.fixture(autouse=True)
def no_workers(standing: Scene) -> Iterator[None]:
    """Workers of a test end with it."""
    yield
    for worker in standing.workers:
        worker.kill()


def send(standing: Scene, names: range, sheet: str) -> str:
    """Send a sheet of assets; the id of its job."""
    rows = "\n".join(f"Props {sheet},Asset {sheet} {number}" for number in names)
    files = {"file": ("assets.csv", f"Type,Name\n{rows}\n".encode(), "text/csv")}
    path = f"{standing.address}/import/csv/projects/{standing.film.project.id}/assets"
    headers = {**standing.headers, "Prefer": "respond-async"}
    answer = httpx.post(path, files=files, headers=headers, timeout=60)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def job(standing: Scene, id: str) -> dict[str, object]:
    return dict(standing.sql("SELECT * FROM kitsu_api_job WHERE id = $1::uuid", id)[0])


def ends(standing: Scene, id: str) -> dict[str, object]:
    until(lambda: job(standing, id)["ended_at"] is not None, "the import does not end", 300)
    return job(standing, id)


def counted(standing: Scene, sheet: str) -> tuple[int, int, int, int]:
    """Assets of a sheet, their different names, types of them, and events that told of them."""
    standing.sql("ANALYZE entity, api_event")  # else each asset may be compared with each event
    row = standing.sql(
        """SELECT count(DISTINCT a.id) AS assets, count(DISTINCT a.name) AS names, count(e.id) AS events,
                  (SELECT count(*) FROM entity_type WHERE name = $2) AS types
           FROM entity a LEFT JOIN api_event e
             ON e.name = 'asset:new' AND e.data->>'asset_id' = a.id::text
           WHERE a.name LIKE $1""",
        f"Asset {sheet} %",
        f"Props {sheet}",
    )[0]
    return row["assets"], row["names"], row["types"], row["events"]


def test_a_worker_that_dies_over_a_sheet_leaves_it_to_another_which_begins_anew(standing: Scene) -> None:
    sheet = "killed"
    id = send(standing, range(ROWS), sheet)
    first = standing.start_worker()
    until(lambda: job(standing, id)["done"] > ROWS // 4, "the import does not begin")  # type: ignore[operator]
    assert job(standing, id)["ended_at"] is None
    first.kill()
    assert counted(standing, sheet)[0] == 0, "half a sheet is seen"
    second = standing.start_worker()
    found = ends(standing, id)
    logs = [worker.log.read_text()[-4_000:] for worker in standing.workers]
    assert (found["status"], found["attempts"]) == ("succeeded", 2), (found["error"], logs)
    assert counted(standing, sheet) == (ROWS, ROWS, 1, ROWS)
    assert second.running is not None
    assert second.running.poll() is None


def test_a_worker_that_freezes_over_a_sheet_leaves_it_to_another_and_is_not_missed(standing: Scene) -> None:
    sheet = "frozen"
    id = send(standing, range(ROWS // 5), sheet)
    first = standing.start_worker()
    # so far that rows are written, and locked
    until(lambda: job(standing, id)["done"] > ROWS // 8, "the import does not begin")  # type: ignore[operator]
    os.kill(first.pid, signal.SIGSTOP)
    assert job(standing, id)["ended_at"] is None
    standing.start_worker()
    found = ends(standing, id)
    assert (found["status"], found["attempts"], found["error"]) == ("succeeded", 2, None)
    assert counted(standing, sheet) == (ROWS // 5, ROWS // 5, 1, ROWS // 5)
    os.kill(first.pid, signal.SIGCONT)
    until(lambda: "another worker's by now" in first.log.read_text(), "the first worker did not wake up")
    assert job(standing, id) == found
    assert counted(standing, sheet) == (ROWS // 5, ROWS // 5, 1, ROWS // 5)


def test_two_sheets_at_the_same_time_make_each_row_once(standing: Scene) -> None:
    standing.start_worker()
    standing.start_worker()
    ids = [send(standing, range(start, start + SOME), "both") for start in (0, SOME // 2)]
    assert {ends(standing, id)["status"] for id in ids} == {"succeeded"}
    assert counted(standing, "both") == (SOME * 3 // 2, SOME * 3 // 2, 1, SOME * 3 // 2)


def test_a_postgres_that_is_killed_during_an_import_takes_nothing_of_it_apart(standing: Scene) -> None:
    id = send(standing, range(ROWS // 5), "restart")
    standing.start_worker()
    until(lambda: job(standing, id)["done"] > 0, "the import does not begin")  # type: ignore[operator]
    standing.restart_postgres()
    found: dict[str, object] = {}
    with contextlib.suppress(AssertionError):
        found = ends(standing, id)
    whole = counted(standing, "restart")
    if found.get("status") == "succeeded":
        assert whole == (ROWS // 5, ROWS // 5, 1, ROWS // 5)
    else:
        assert whole[0] == 0
        assert found["status"] == "failed", found
    standing.is_well()
