"""Whether processes of a server hold each other up: how much more two and three of them answer than one.

    python -m bench.workers [--counts 1,2,3] [--share 0.2] [--seconds 2] [--rounds 8] [--scale small]

Where clients, server and databases share a few cores, a second process can't show what it is worth: the cores
are taken. So each process gets the same share of a core, small enough that the processes are what limits, and
clients and databases have what they need. What is left between one process and two are the things that they
share: locks, the numbering of events, connections. How much a core can answer is not what this says. The servers
run side by side on one database and are asked in turn, so that a single process has the events of its comments
numbered by idle ones too: what is told about comments errs on the side of caution.

Without the rights to give shares (root, control groups) it runs all the same, judges nothing, and says so.
The exit code is 1 when two processes answer less than 1.7 times as much as one.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

from bench import processor, servers
from bench.client import Client, Request, throughput
from bench.floors import BIG, SHOT, TASK
from bench.quotas import NoQuota, Quotas, quotas
from bench.writes import comment_requests

BUILD = Path("build/bench")
CLIENTS = 24
WANTED = 1.7
"""How many times as much two processes should answer as one."""

PATIENT = {"KITSU_REQUEST_WAIT": "60"}
"""A server that has a fifth of a core would send people away who wait for a second."""

PATIENCE = 120.0
"""Seconds until every process has started."""


def _reads(*paths: str) -> list[Request]:
    return [Request("GET", path) for path in paths]


SCENARIOS: dict[str, Sequence[Request]] = {
    "one task": _reads(f"/data/tasks/{TASK}"),
    "one shot": _reads(f"/data/shots/{SHOT}"),
    "comments of a task": _reads(f"/data/tasks/{TASK}/comments"),
    "user context": _reads("/data/user/context"),
    "tasks by production, page 1": _reads(f"/data/tasks?project_id={BIG}&page=1"),
    "comment": comment_requests(),
}


@dataclass
class Found:
    """What was measured for a scenario and a number of processes, a value a round."""

    per_second: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    """How much of its share the least busy process has used, from 0 to 1: near 1 where processes are what limits."""


Table = dict[str, dict[int, Found]]


@dataclass(frozen=True)
class Running:
    """A server whose processes are known, and somebody who is signed in."""

    client: Client
    pids: list[int]


def _answering(stand: servers.Stand, count: int) -> list[int]:
    """The processes that answer, once all of them do: with several there is one more that watches them.

    Raises:
        RuntimeError: they don't start.
    """
    watching = stand.pids[0]
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = [pid for pid in servers.processes(stand.port) if count == 1 or pid != watching]
        if len(found) == count and stand.log.read_text().count("Application startup complete") >= count:
            return found
        time.sleep(0.1)
    raise RuntimeError(f"The {count} processes of the server did not start.")


async def _slice(running: Running, requests: Sequence[Request], seconds: float, share: float) -> Found:
    """Ask for some seconds; `share` is 0 when the processes may use what there is."""
    before = [processor.used([pid]) for pid in running.pids]
    began = time.perf_counter()
    per_second, _ = await throughput(running.client, list(requests), CLIENTS, seconds)
    passed = time.perf_counter() - began
    used = [processor.used([pid]) - first for pid, first in zip(running.pids, before, strict=True)]
    return Found([per_second], [min(used) / passed / (share or 1)])


async def _measure(
    there: dict[int, Running], share: float, arguments: argparse.Namespace, table: Table
) -> None:
    """Ask all servers in turn, again and again: whatever else the machine does hits all of them."""
    for number in range(-1, arguments.rounds):  # the first round only warms up
        for name, requests in SCENARIOS.items():
            for count, running in list(there.items())[:: 1 if number % 2 else -1]:
                one = await _slice(running, requests, arguments.seconds, share)
                if number >= 0:
                    found = table[name].setdefault(count, Found())
                    found.per_second += one.per_second
                    found.busy += one.busy


def ratio(found: dict[int, Found], count: int) -> float:
    """How many times as much as one process so many answer."""
    return mean(found[count].per_second) / mean(found[1].per_second)


def lines(table: Table, counts: list[int]) -> list[str]:
    """What was found, as a table in Markdown."""
    heads = ["request", *(f"{count} a second" for count in counts)]
    heads += [f"{count} by 1" for count in counts if count > 1] + ["share used by the least busy"]
    told = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for name, found in table.items():
        cells = [f"{mean(found[count].per_second):.1f}" for count in counts]
        cells += [f"{ratio(found, count):.2f}" for count in counts if count > 1]
        cells += [", ".join(f"{mean(found[count].busy):.0%}" for count in counts)]
        told.append(f"| {' | '.join([name, *cells])} |")
    return told


def problems(table: Table) -> list[str]:
    """What two processes do too little of, as sentences."""
    return [
        f"{name}: two processes answer {ratio(found, 2):.2f} times as much as one, and {WANTED} is wanted."
        for name, found in table.items()
        if 2 in found and ratio(found, 2) < WANTED
    ]


def _limit(given: Quotas, pids: list[int], share: float) -> bool:
    """Give each process its share; False where that can't be done."""
    try:
        for pid in pids:
            given.limit(pid, share)
    except NoQuota as why:
        print(f"{why} So the processes use what there is on {os.cpu_count()} cores, and nothing is judged.")
        return False
    return True


def run(arguments: argparse.Namespace) -> tuple[Table, bool]:
    """Start a server of each number of processes, and measure; whether the processes had shares."""
    counts = [int(count) for count in arguments.counts.split(",")]
    table: Table = {name: {} for name in SCENARIOS}
    there: dict[int, Running] = {}
    with (
        servers.databases(arguments.folder.resolve(), arguments.scale) as kept,
        contextlib.ExitStack() as all_of_them,
    ):
        given = all_of_them.enter_context(quotas())
        for count in counts:
            stand = all_of_them.enter_context(servers.serving(kept, count, **PATIENT))
            there[count] = Running(Client(stand.url), _answering(stand, count))
            there[count].client.sign_in("admin")
        pids = [pid for running in there.values() for pid in running.pids]
        limited = arguments.share > 0 and _limit(given, pids, arguments.share)
        asyncio.run(_measure(there, arguments.share if limited else 0, arguments, table))
    print("\n".join(lines(table, counts)))
    return table, limited


def main() -> int:
    """Measure, write `workers.json`, and judge."""
    cli = argparse.ArgumentParser(
        prog="python -m bench.workers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    cli.add_argument("--counts", default="1,2,3", help="numbers of processes, with commas between, 1 first")
    cli.add_argument(
        "--share", type=float, default=0.2, help="of a core for each process; 0 for what there is"
    )
    cli.add_argument("--seconds", type=float, default=2.0, help="seconds of each slice")
    cli.add_argument("--rounds", type=int, default=8, help="slices of each request and server")
    cli.add_argument("--scale", default="small", help="small, large, or a number of shots")
    cli.add_argument("--folder", type=Path, default=BUILD, help="where data and results go")
    arguments = cli.parse_args()
    table, limited = run(arguments)
    about = {"cores": os.cpu_count(), "load": os.getloadavg(), "share": arguments.share if limited else None}
    rows = {name: {count: vars(one) for count, one in found.items()} for name, found in table.items()}
    (arguments.folder / "workers.json").write_text(
        json.dumps({"about": about, "rows": rows}, indent=1) + "\n"
    )
    wrong = problems(table) if limited else []
    if limited:
        print("\n".join(wrong) or "The processes don't hold each other up.")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
