"""Runs the operator's own handlers on events.

A handler is a Python file in EVENT_HANDLERS_FOLDER, or an installed module that is named by an entry point of
the group `kitsu_api.event_handlers`. It says `EVENTS = ["task:update", "comment:*"]`, has a function
`handle(event)` and may set `TIME_LIMIT`, in seconds. Each event is handed to it in a process of its own; what
it prints or raises is kept in the log of runs when it fails.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import orjson

from kitsu_api.db.base import now
from kitsu_api.db.models import RunStatus
from kitsu_api.db.repositories.event_feed import LogEntry
from kitsu_api.db.repositories.event_handlers import DueRun, EventHandlerRuns
from kitsu_api.unit_of_work import UnitOfWork
from kitsu_api.workers.context import JobContext
from kitsu_api.workers.followers import follow_once

logger = logging.getLogger(__name__)

GROUP = "kitsu_api.event_handlers"
PROGRAM = Path(__file__).with_name("run_handler.py")
CURSOR = "handlers"

DESCRIBE_SECONDS = 30.0
LONGEST = 600.0
"""Seconds that a handler may ask for at most."""

LEASE = timedelta(seconds=LONGEST + 60)
ERROR_CHARACTERS = 4_000
"""How much of what a failed handler printed is kept: its end, where the error is."""

KEPT_BYTES = 64 * 1024
"""What is kept of the output of a handler while it runs: one may print for ten minutes."""

PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "PYTHONPATH", "VIRTUAL_ENV")
PREFIX = "HANDLER_"
"""Variables of these names reach handlers; keys and passwords of the server do not."""


@dataclass(frozen=True)
class Handler:
    """A handler, and what it wants."""

    name: str
    place: str
    events: tuple[str, ...]
    time_limit: float

    def wants(self, name: str) -> bool:
        """Whether it wants events of this name."""
        return name in self.events or f"{name.partition(':')[0]}:*" in self.events or "*" in self.events


class HandlerFailed(Exception):
    """A handler failed, or took too long; the text is for the log of runs."""


def _environment() -> dict[str, str]:
    """What a handler may read of the environment."""
    return {name: value for name, value in os.environ.items() if name in PASSED_ON or name.startswith(PREFIX)}


async def _run(what: str, place: str, given: bytes, seconds: float) -> bytes:
    """Run the program of handlers; what it answered.

    Raises:
        HandlerFailed: it failed, or was not done in time.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(PROGRAM),
        what,
        place,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(),
        start_new_session=True,  # so that what it starts itself ends with it
    )
    try:
        async with asyncio.timeout(seconds):
            answer, printed = await _talk(process, given)
    except TimeoutError as error:
        raise HandlerFailed(f"It was ended after {seconds:.0f} seconds.") from error
    finally:
        _end(process)
    if process.returncode:
        said = printed.decode("utf-8", "replace").replace("\x00", "").strip()
        raise HandlerFailed(said[-ERROR_CHARACTERS:] or f"It ended with status {process.returncode}.")
    return answer


async def _talk(process: asyncio.subprocess.Process, given: bytes) -> tuple[bytes, bytes]:
    """Tell the process what it is given, and wait for its end; the ends of what it answered and printed."""
    told, answering, printing = process.stdin, process.stdout, process.stderr
    assert told is not None
    assert answering is not None
    assert printing is not None

    async def tell() -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            told.write(given)
            await told.drain()
        told.close()

    _, answer, printed = await asyncio.gather(tell(), _tail(answering), _tail(printing))
    await process.wait()
    return answer, printed


async def _tail(stream: asyncio.StreamReader) -> bytes:
    """The end of a stream, however long it is."""
    kept = b""
    while part := await stream.read(KEPT_BYTES):
        kept = (kept + part)[-KEPT_BYTES:]
    return kept


def _end(process: asyncio.subprocess.Process) -> None:
    """End the process and all that it has started."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, 9)
        elif process.returncode is None:
            process.kill()


def places(folder: Path | None) -> dict[str, str]:
    """Where handlers are, by name: files of the folder, and installed modules."""
    found = {entry.name: entry.value for entry in entry_points(group=GROUP)}
    if folder is not None and folder.is_dir():
        for path in sorted(folder.glob("*.py")):
            if not path.name.startswith("_"):
                found[path.stem] = str(path.resolve())
    return found


async def describe(found: Mapping[str, str], default_limit: float) -> list[Handler]:
    """What handlers want. One that can't be read is left out, and the log says why."""
    handlers = []
    for name, place in found.items():
        try:
            said = orjson.loads(await _run("describe", place, b"", DESCRIBE_SECONDS))
        except (HandlerFailed, OSError, orjson.JSONDecodeError) as error:
            logger.error("The event handler %s can't be used: %s", name, error)
            continue
        limit = min(said["time_limit"] or default_limit, LONGEST)
        handlers.append(Handler(name[:120], place, tuple(said["events"]), limit))
    return handlers


class EventHandlers:
    """The handlers of this worker."""

    def __init__(self, context: JobContext, handlers: Sequence[Handler]) -> None:
        self._context = context
        self._handlers = {handler.name: handler for handler in handlers}
        self._running: set[asyncio.Task[None]] = set()

    async def dispatch(self) -> bool:
        """Note the runs that new events bring about."""
        return await follow_once(self._context, CURSOR, self._note)

    async def _note(self, uow: UnitOfWork, entries: Sequence[LogEntry]) -> None:
        moment = now()
        await EventHandlerRuns(uow.session).add(
            [
                {
                    "handler": handler.name,
                    "sequence": entry.sequence,
                    "event_id": entry.event_id,
                    "event_name": entry.name,
                    "event": _event(entry),
                    "next_attempt_at": moment,
                    "created_at": moment,
                    "updated_at": moment,
                }
                for entry in entries
                for handler in self._handlers.values()
                if handler.wants(entry.name)
            ]
        )

    async def run(self) -> bool:
        """Begin runs that are due; the end of each is not waited for."""
        free = self._context.settings.worker_concurrency - len(self._running)
        if free <= 0:
            return False
        async with self._context.unit_of_work() as uow:
            due = await EventHandlerRuns(uow.session).claim_due(free, LEASE)
        for run in due:
            task = asyncio.create_task(self._run_one(run))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return len(due) == free

    async def settled(self) -> None:
        """Wait until the runs that were begun have ended."""
        while self._running:
            await asyncio.wait(self._running)

    async def end(self) -> None:
        """End the runs that are under way."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _run_one(self, run: DueRun) -> None:
        began = time.monotonic()
        handler, values = self._handlers.get(run.handler), {"status": RunStatus.SUCCEEDED.value}
        try:
            if handler is None:
                raise HandlerFailed("There is no handler of this name any more.")
            await _run("handle", handler.place, orjson.dumps(run.event), handler.time_limit)
        except HandlerFailed as error:
            logger.warning("The event handler %s failed; its run %s says why.", run.handler, run.id)
            values = {"status": RunStatus.FAILED.value, "error": str(error)}
        except OSError as error:
            values = {"status": RunStatus.FAILED.value, "error": f"It did not start: {error.strerror}."}
        duration = int((time.monotonic() - began) * 1000)
        async with self._context.unit_of_work() as uow:
            await EventHandlerRuns(uow.session).note(run, {**values, "duration_ms": duration})


def _event(entry: LogEntry) -> dict[str, Any]:
    """An event as a handler is given it."""
    return {
        "id": str(entry.event_id),
        "sequence": entry.sequence,
        "name": entry.name,
        "created_at": entry.created_at.isoformat(timespec="seconds"),
        "project_id": str(entry.project_id) if entry.project_id else None,
        "user_id": str(entry.user_id) if entry.user_id else None,
        "data": entry.data,
    }
