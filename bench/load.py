"""python -m bench.load: more requests than the server can answer, and what becomes of it meanwhile and afterwards.

The server, PostgreSQL and Valkey have one core, who asks has another. What the server answers at all is found out
first; then so many clients ask for twice as much, at their own pace: those who are let in are to be answered right and
in time, the others are told to come again (503), memory stays bounded, and once it is over everything is as before.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from uuid import uuid4

import asyncpg

from bench import servers
from bench.client import Client, Request
from bench.driver import Driver, Question, Seen
from bench.floors import BIG, BUSY, TASK

BUILD = Path("build/bench")
FEW = 8
"""Clients at a time that keep a process busy without a queue."""

FINDING_OUT = 8.0
"""Seconds in which it is found out what the server can answer."""

SLOWEST = 2.0
"""Seconds within which 99 of 100 requests that are let in are answered."""

GROWTH = 256.0
"""Megabytes that a process may grow by."""

SETTLING = 8.0
"""Seconds after which connections that nobody uses are closed."""

NEARLY = 0.95
"""So much of what was to be asked has to be asked, else nothing was shown."""

STILL_DONE = 0.5
"""So much of what the server answers at all it has to answer while it is asked for more."""

READS = ("/data/user/context", f"/data/tasks/{TASK}", f"/data/projects/{BIG}", f"/data/tasks/{TASK}/comments")
WRITE_EACH = 25
"""One request of so many writes."""


@dataclass(frozen=True)
class State:
    """How a server is when nobody asks."""

    milliseconds: float
    open_files: int
    memory: float


class Load:
    """A server under load."""

    def __init__(self, stand: servers.Stand, status_id: str) -> None:
        self.stand, self.status_id = stand, status_id
        self.client = Client(stand.url)
        self.client.sign_in("admin")
        self.pids = servers.processes(stand.port)
        self._numbers = count()
        self._reads = []
        for path in READS:
            request = Request("GET", path)
            self._reads.append(Question(self.client.text(request), path, self.client.send(request).body))

    def next_question(self) -> Question:
        """One read after the other, and a comment among them now and then."""
        number = next(self._numbers)
        if number % WRITE_EACH:
            read = self._reads[number % len(READS)]
            return Question(read.text, read.path, read.body)
        comment = str(uuid4())
        path = f"/actions/tasks/{BUSY}/comment"
        body = {"task_status_id": self.status_id, "comment": comment}
        return Question(self.client.text(Request("POST", path, body=body)), path, None, comment)

    def driver(self, clients: int) -> Driver:
        """So many clients of this server."""
        return Driver(self.client.host, self.client.port, clients, self.next_question)

    def state(self) -> State:
        """How the server is now, which should be when nobody asks."""
        taken = [self.client.send(Request("GET", READS[1])).seconds for _ in range(40)]
        files = sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in self.pids)
        return State(statistics.median(taken) * 1000, files, servers.memory(self.pids))


def p99(taken: list[float]) -> float:
    """Seconds that 99 of 100 took at most."""
    return sorted(taken)[int(len(taken) * 0.99)] if taken else float("inf")


async def stored_of(connection: asyncpg.Connection, texts: set[str]) -> set[str]:
    """Those of the texts of which there is a comment."""
    query = "SELECT text FROM comment WHERE text = ANY($1::text[])"
    return {row["text"] for row in await connection.fetch(query, list(texts))}


@dataclass(frozen=True)
class Measured:
    """Everything that was seen."""

    capacity: float
    wanted: float
    seen: Seen
    before: State
    after: State
    peak: float
    lost: int
    """Acknowledged comments that are not there."""
    halves: int
    """Refused comments that are there."""
    busy: int
    """Database connections that are at work afterwards."""

    def told(self) -> dict[str, object]:
        """The figures."""
        seen = self.seen
        return {
            "capacity_per_second": round(self.capacity),
            "wanted_per_second": round(self.wanted),
            "asked_per_second": round(seen.asked / seen.seconds),
            "accepted_per_second": round(len(seen.accepted) / seen.seconds),
            "refused_503_per_second": round(seen.statuses[503] / seen.seconds),
            "statuses": dict(seen.statuses),
            "accepted_p50_ms": round(statistics.median(seen.accepted) * 1000) if seen.accepted else None,
            "accepted_p99_ms": round(p99(seen.accepted) * 1000) if seen.accepted else None,
            "comments_written": len(seen.written),
            "comments_refused": len(seen.turned_away),
            "memory_mb": [round(self.before.memory), round(self.peak), round(self.after.memory)],
            "at_rest_ms": [round(self.before.milliseconds, 1), round(self.after.milliseconds, 1)],
            "open_files": [self.before.open_files, self.after.open_files],
        }

    def problems(self) -> list[str]:
        """What was not as it should be."""
        seen, before, after = self.seen, self.before, self.after
        asked, done = seen.asked / seen.seconds, len(seen.accepted) / seen.seconds
        checks = {
            f"{asked:.0f} a second were asked for instead of {self.wanted:.0f}: nothing was shown"
            f" ({seen.unasked} found no connection)": asked >= NEARLY * self.wanted,
            f"{done:.0f} a second were answered, and {self.capacity:.0f} can be": done
            >= STILL_DONE * self.capacity,
            f"{len(seen.wrong)} answers were wrong, such as {seen.wrong[:1]}": not seen.wrong,
            f"{self.lost} acknowledged comments are not there": not self.lost,
            f"{self.halves} refused comments are there": not self.halves,
            f"other answers than 503 were refusals: {dict(seen.statuses)}": not set(seen.statuses)
            - {200, 201, 503},
            f"{seen.broken} connections ended without an answer": not seen.broken,
            f"{seen.without_hint} refusals did not say when to come again": not seen.without_hint,
            f"99 of 100 took up to {p99(seen.accepted):.1f} s": p99(seen.accepted) <= SLOWEST,
            f"a process grew from {before.memory:.0f} to {self.peak:.0f} MB": self.peak - before.memory
            <= GROWTH,
            f"a request at rest takes {after.milliseconds:.0f} ms, and took {before.milliseconds:.0f}": (
                after.milliseconds <= 2 * before.milliseconds + 20
            ),
            f"{after.open_files - before.open_files} files or connections are open still": (
                after.open_files - before.open_files <= 8
            ),
            f"{self.busy} database connections are busy still": not self.busy,
        }
        return [problem for problem, fine in checks.items() if not fine]


async def measure(stand: servers.Stand, arguments: argparse.Namespace) -> Measured:
    """Load the server, and look at it before, meanwhile and afterwards."""
    connection = await asyncpg.connect(servers.plain(stand.database))
    status_id = str(await connection.fetchval("SELECT task_status_id FROM task WHERE id = $1", BUSY))
    load = Load(stand, status_id)
    # pools and caches are full before anything is measured
    await load.driver(arguments.clients).without_a_pause(5)
    await asyncio.sleep(SETTLING)
    alone = await load.driver(FEW).without_a_pause(FINDING_OUT)
    capacity = len(alone.accepted) / FINDING_OUT
    before = load.state()
    servers.reset_peak(load.pids)
    wanted = capacity * arguments.times
    seen = await load.driver(arguments.clients).at_a_pace(wanted, arguments.seconds)
    peak = servers.memory(load.pids, "VmHWM")
    await asyncio.sleep(SETTLING)
    after = load.state()
    busy = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'kitsu-api' AND state <> 'idle'"
    )
    stored = await stored_of(connection, seen.written | seen.turned_away)
    await connection.close()
    lost, halves = len(seen.written - stored), len(seen.turned_away & stored)
    return Measured(capacity, wanted, seen, before, after, peak, lost, halves, int(busy or 0))


def two_cores() -> tuple[int, int]:
    """The core of the server, and that of who asks.

    Raises:
        SystemExit: there are no two.
    """
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise SystemExit("This needs two cores: one for the server, one for who asks.")
    return cores[0], cores[-1]


def main() -> int:
    """Read the arguments, load the server, and tell; 1 if something was not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--times", type=float, default=2.0, help="how much more than it can answer")
    parser.add_argument("--scale", default="small")
    arguments = parser.parse_args()
    core_of_server, core_of_driver = two_cores()
    # processes keep the cores of who starts them
    os.sched_setaffinity(0, {core_of_server})
    began = time.monotonic()
    with servers.stand(BUILD.absolute(), arguments.scale, 1) as stand:
        os.sched_setaffinity(0, {core_of_driver})
        measured = asyncio.run(measure(stand, arguments))
    print(json.dumps(measured.told(), indent=2), flush=True)
    problems = measured.problems()
    print("\n".join(problems) or f"Everything was as it should be ({time.monotonic() - began:.0f} s).")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
