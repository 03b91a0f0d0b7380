"""python -m bench.load: more requests than the server can answer, and what becomes of it meanwhile and afterwards.

What it answers at all, and how fast, is found out first. Then so many clients ask for twice as much: those who
are let in are to be answered right and in time, the others are told to come again (503), memory stays bounded,
and once it is over everything is as before.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import asyncpg

from bench import servers
from bench.client import Client, Request
from bench.floors import BIG, BUSY, TASK

BUILD = Path("build/bench")
FEW = 8
"""Clients at a time that keep a process busy without a queue."""

SLOWEST = 2.0
"""Seconds within which 99 of 100 requests that are let in are answered."""

GROWTH = 256.0
"""Megabytes that a process may grow by."""

SETTLING = 8.0
"""Seconds after which connections that nobody uses are closed."""

READS = ("/data/user/context", f"/data/tasks/{TASK}", f"/data/projects/{BIG}", f"/data/tasks/{TASK}/comments")
WRITE_EACH = 25
"""One request of so many writes."""


@dataclass
class Seen:
    """What clients saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    accepted: list[float] = field(default_factory=list)
    """Seconds of the requests that were let in."""
    wrong: list[str] = field(default_factory=list)
    written: set[str] = field(default_factory=set)
    """Texts of comments that were acknowledged."""
    without_hint: int = 0
    """Refusals that did not say when to come again."""


async def answer_of(reader: asyncio.StreamReader) -> tuple[int, bytes, bytes]:
    """Status, head and body of the next answer on a connection."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    if length:
        return int(head.split(b" ", 2)[1]), head, await reader.readexactly(int(length))
    body = bytearray()
    while size := int((await reader.readline()).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return int(head.split(b" ", 2)[1]), head, bytes(body)


class Load:
    """A server under load."""

    def __init__(self, stand: servers.Stand, status_id: str) -> None:
        self.stand, self.status_id = stand, status_id
        self.client = Client(stand.url)
        self.client.sign_in("admin")
        self.right: dict[str, bytes] = {}
        for path in READS:
            self.right[path] = self.client.send(Request("GET", path)).body

    def _next(self, number: int) -> tuple[str, bytes, str | None]:
        """A path, the request as bytes, and the text of a comment if it writes one."""
        if number % WRITE_EACH:
            path = READS[number % len(READS)]
            return path, self.client.text(Request("GET", path)), None
        text = str(uuid4())
        body = {"task_status_id": self.status_id, "comment": text}
        path = f"/actions/tasks/{BUSY}/comment"
        return path, self.client.text(Request("POST", path, body=body)), text

    async def _ask(self, number: int, until: float, pause: float, seen: Seen) -> None:
        """Ask again and again, `pause` seconds from one beginning to the next; reads alone without one."""
        reader, writer = await asyncio.open_connection(self.client.host, self.client.port)
        due = time.perf_counter() + pause * (number % 97) / 97
        while due < until:
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            path, request, text = self._next(number if pause else number * WRITE_EACH + 1 + number % 3)
            began = time.perf_counter()
            writer.write(request)
            status, head, body = await answer_of(reader)
            seen.statuses[status] += 1
            if status < 300:
                seen.accepted.append(time.perf_counter() - began)
                if text is not None:
                    seen.written.add(text)
                elif body != self.right[path]:
                    seen.wrong.append(f"{path}: {body[:200]!r}")
            elif b"retry-after" not in head.lower():
                seen.without_hint += 1
            number += 1
            due = max(due + pause, time.perf_counter() - 1) if pause else time.perf_counter()
        writer.close()

    async def run(self, clients: int, seconds: float, pause: float) -> Seen:
        """So many clients for so many seconds."""
        seen, until = Seen(), time.perf_counter() + seconds
        await asyncio.gather(*(self._ask(number, until, pause, seen) for number in range(clients)))
        return seen

    def at_rest(self) -> float:
        """Milliseconds of a request when nobody else asks: the middle of many."""
        taken = [self.client.send(Request("GET", READS[1])).seconds for _ in range(40)]
        return statistics.median(taken) * 1000

    def open_files(self) -> int:
        """Files and connections that the processes have open."""
        return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in servers.processes(self.stand.port))


def p99(taken: list[float]) -> float:
    """Seconds that 99 of 100 took at most."""
    return sorted(taken)[int(len(taken) * 0.99)] if taken else float("inf")


async def measure(stand: servers.Stand, arguments: argparse.Namespace) -> list[str]:
    """Load the server; what was not as it should be."""
    connection = await asyncpg.connect(servers.plain(stand.database))
    status_id = str(await connection.fetchval("SELECT task_status_id FROM task WHERE id = $1", BUSY))
    load = Load(stand, status_id)
    pids = servers.processes(stand.port)
    # pools and caches are full before anything is measured
    await load.run(arguments.clients, 5, 1)
    await asyncio.sleep(SETTLING)
    capacity = sum((await load.run(FEW, 5, 0)).statuses.values()) / 5
    rest, files, memory = load.at_rest(), load.open_files(), servers.memory(pids)
    servers.reset_peak(pids)
    pause = arguments.clients / (capacity * arguments.times)
    seen = await load.run(arguments.clients, arguments.seconds, pause)
    peak = servers.memory(pids, "VmHWM")
    await asyncio.sleep(SETTLING)
    rest_after, files_after = load.at_rest(), load.open_files()
    busy = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'kitsu-api' AND state <> 'idle'"
    )
    stored = {
        row["text"]
        for row in await connection.fetch(
            "SELECT text FROM comment WHERE text = ANY($1::text[])", list(seen.written)
        )
    }
    await connection.close()
    asked = sum(seen.statuses.values())
    told: dict[str, object] = {
        "capacity_per_second": round(capacity),
        "asked_per_second": round(asked / arguments.seconds),
        "statuses": dict(seen.statuses),
        "accepted_p50_ms": round(statistics.median(seen.accepted) * 1000) if seen.accepted else None,
        "accepted_p99_ms": round(p99(seen.accepted) * 1000),
        "comments_written": len(seen.written),
        "memory_mb": [round(memory), round(peak)],
        "at_rest_ms": [round(rest, 1), round(rest_after, 1)],
        "open_files": [files, files_after],
    }
    print(json.dumps(told, indent=2), flush=True)
    checks = {
        f"{len(seen.wrong)} answers were wrong, such as {seen.wrong[:1]}": not seen.wrong,
        f"{len(seen.written - stored)} acknowledged comments are not there": not seen.written - stored,
        f"there were other refusals than 503: {dict(seen.statuses)}": not set(seen.statuses)
        - {200, 201, 503},
        f"{seen.without_hint} refusals did not say when to come again": not seen.without_hint,
        f"99 of 100 took up to {p99(seen.accepted):.1f} s": p99(seen.accepted) <= SLOWEST,
        f"a process grew from {memory:.0f} to {peak:.0f} MB": peak - memory <= GROWTH,
        f"a request at rest takes {rest_after:.0f} ms, and took {rest:.0f}": rest_after <= 2 * rest + 20,
        f"{files_after - files} files or connections are open still": files_after - files <= 8,
        f"{busy} database connections are busy still": not busy,
    }
    return [problem for problem, fine in checks.items() if not fine]


def main() -> int:
    """Read the arguments, load the server, and tell; 1 if something was not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--times", type=float, default=2.0, help="how much more than it can answer")
    parser.add_argument("--scale", default="small")
    arguments = parser.parse_args()
    with servers.stand(BUILD.absolute(), arguments.scale, 1) as stand:
        problems = asyncio.run(measure(stand, arguments))
    print("\n".join(problems) or "Everything was as it should be.")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
