"""Handlers of events: each in a process of its own, with a time limit, and a log of what went wrong."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from kitsu_api.db.models import ApiEvent, EventHandlerRun
from kitsu_api.workers import event_handlers
from kitsu_api.workers.event_handlers import EventHandlers, describe, places

WRITES = """
import json
from shared import TARGET

EVENTS = ["task:*"]


def handle(event):
    print("working")
    with open(TARGET, "a") as target:
        target.write(json.dumps(event) + "\\n")
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "handlers"
    folder.mkdir()
    (folder / "_private.py").write_text("raise SystemExit")
    (folder / "shared.txt").write_text("no module")
    return folder


def write(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.py").write_text(text)


@pytest.fixture
def handling(app, configure, folder):
    """Hand on what is new and wait until it was handled."""
    configure(worker_concurrency=1)  # tests share a connection

    async def handle() -> None:
        handlers = EventHandlers(app.state.jobs, await describe(places(folder), 60))
        while await handlers.dispatch():
            continue
        while await handlers.run() or handlers._running:
            await handlers.settled()

    return handle


async def runs(session) -> dict[str, EventHandlerRun]:
    session.expire_all()
    return {row.handler: row for row in (await session.scalars(select(EventHandlerRun))).all()}


async def test_a_handler_is_given_the_events_it_names_once(folder, handling, make, session, tmp_path):
    target = tmp_path / "seen"
    write(folder, "notes", WRITES.replace("from shared import TARGET", f"TARGET = {str(target)!r}"))
    await handling()  # from now on
    event = await make(ApiEvent(name="task:update", data={"task_id": "1"}))
    await make(ApiEvent(name="asset:update", data={}))
    await handling()
    await handling()
    (line,) = target.read_text().splitlines()
    given = json.loads(line)
    assert (given["name"], given["data"], given["id"]) == ("task:update", {"task_id": "1"}, str(event.id))
    run = (await runs(session))["notes"]
    assert (run.status, run.error, run.attempts) == ("succeeded", None, 1)


async def test_one_that_fails_hangs_or_is_broken_harms_nobody_else(folder, handling, make, session, tmp_path):
    target = tmp_path / "seen"
    head = "EVENTS = ['task:new']\n"
    write(
        folder, "fails", head + "def handle(event):\n    print('so far')\n    raise ValueError('no such rig')"
    )
    write(folder, "hangs", head + "TIME_LIMIT = 0.7\ndef handle(event):\n    while True: pass")
    write(folder, "exits", head + "import os\ndef handle(event):\n    os._exit(3)")
    write(folder, "broken", "def handle(event:")
    write(folder, "works", head + f"def handle(event):\n    open({str(target)!r}, 'w').close()")
    await handling()
    await make(ApiEvent(name="task:new", data={}))
    began = time.monotonic()
    await handling()
    assert time.monotonic() - began < 30
    found = await runs(session)
    assert {name: run.status for name, run in found.items()} == {
        "fails": "failed",
        "hangs": "failed",
        "exits": "failed",
        "works": "succeeded",
    }
    assert "so far" in str(found["fails"].error)
    assert "ValueError: no such rig" in str(found["fails"].error)
    assert "ended after" in str(found["hangs"].error)
    assert "status 3" in str(found["exits"].error)
    assert target.exists()


async def test_what_a_handler_starts_ends_with_it(folder, handling, make, tmp_path):
    pid = tmp_path / "pid"
    write(
        folder,
        "forks",
        "EVENTS = ['task:new']\nimport subprocess, time\n"
        "def handle(event):\n"
        f"    child = subprocess.Popen(['sleep', '600'])\n    open({str(pid)!r}, 'w').write(str(child.pid))\n"
        "    time.sleep(60)",
    )
    # not by its time limit: within that it might not have begun on a busy machine
    running = asyncio.create_task(event_handlers._run("handle", str(folder / "forks.py"), b"{}", 600))
    deadline = time.monotonic() + 60
    while not (pid.exists() and pid.read_text()) and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    state = Path(f"/proc/{pid.read_text()}/stat")
    while state.exists() and state.read_text().split()[2] != "Z" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not state.exists() or state.read_text().split()[2] == "Z"


async def test_keys_and_passwords_of_the_server_do_not_reach_handlers(
    folder, handling, make, session, monkeypatch
):
    monkeypatch.setenv("SECRET_KEY", "the key of the server")
    monkeypatch.setenv("DB_PASSWORD", "the password of the server")
    monkeypatch.setenv("HANDLER_FARM", "http://farm")
    write(
        folder,
        "nosy",
        "EVENTS = ['task:new']\nimport os\ndef handle(event):\n    raise ValueError(dict(os.environ))",
    )
    await handling()
    await make(ApiEvent(name="task:new", data={}))
    await handling()
    said = str((await runs(session))["nosy"].error)
    assert "HANDLER_FARM" in said
    assert "of the server" not in said


async def test_admins_read_the_log_of_runs(folder, handling, make, client, as_role):
    write(folder, "fails", "EVENTS = ['*']\ndef handle(event):\n    raise ValueError('no such rig')")
    await handling()
    await make(ApiEvent(name="task:new", data={}))
    await handling()
    path = "/data/events/handler-runs"
    answer = await client.get(path, params={"status": "failed"}, headers=await as_role("admin"))
    (run,) = answer.json()
    assert (run["handler"], run["event_name"]) == ("fails", "task:new")
    assert "no such rig" in run["error"]
    for query in ({"status": "succeeded"}, {"handler": "other"}):
        assert (await client.get(path, params=query, headers=await as_role("admin"))).json() == []
    assert (await client.get(path, headers=await as_role("manager"))).status_code == 403


def test_without_a_folder_there_are_no_handlers(tmp_path):
    assert places(None) == {}
    assert places(tmp_path / "nowhere") == {}


async def test_a_module_that_an_entry_point_names_is_a_handler(monkeypatch):
    class Entry:
        name, value = "farm", "json"

    monkeypatch.setattr(event_handlers, "entry_points", lambda group: [Entry])
    assert places(None) == {"farm": "json"}
    assert await describe(places(None), 60) == [], "json has no handle(event)"


async def test_of_what_a_handler_prints_the_end_is_kept_alone(folder, handling, make, session):
    noise = "import sys\nEVENTS = ['task:new']\ndef handle(event):\n    sys.stderr.write('x' * 1_000_000)\n"
    write(folder, "loud", noise + "    raise ValueError('the end')")
    await handling()
    await make(ApiEvent(name="task:new", data={}))
    await handling()
    error = (await runs(session))["loud"].error
    assert error is not None
    assert error.endswith("ValueError: the end")
    stream = asyncio.StreamReader()
    stream.feed_data(b"0" * 1_000_000 + b"the end")
    stream.feed_eof()
    kept = await event_handlers._tail(stream)
    assert (len(kept), kept[-7:]) == (event_handlers.KEPT_BYTES, b"the end")


async def test_a_handler_that_can_not_be_started_is_left_out(folder, monkeypatch, caplog):
    write(folder, "works", "EVENTS = ['task:new']\ndef handle(event): pass")

    async def refused(*arguments: object, **options: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", refused)
    assert await describe(places(folder), 60) == []
    assert "works can't be used" in caplog.text
