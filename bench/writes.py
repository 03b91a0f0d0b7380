"""Writes at speed, against the aims that the project has for them.

    python -m bench.writes [--scale 5000] [--workers 2] [--seconds 10]

- 100 comments a second by 16 clients, with their events, news and notifications;
- 500 tasks handed out in less than a second;
- 5,000 tasks made in less than 3 seconds;
- a small read in less than 20 ms at the 95th percentile while 20 people sign in at once.

Clients, server and databases share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import threading
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench import servers
from bench.client import Client, Request, throughput
from bench.dataset import PASSWORD, id_of
from bench.floors import BIG, TASK

CLIENTS = 16
SIGN_INS = 20
RUNS = 5


@dataclass(frozen=True)
class Measured:
    """A figure, and the aim that it is held against."""

    name: str
    figure: float
    aim: float
    unit: str
    more_is_better: bool = False

    @property
    def reached(self) -> bool:
        """Whether it is as good as it should be."""
        return self.figure >= self.aim if self.more_is_better else self.figure <= self.aim

    def line(self) -> str:
        """A row of a Markdown table."""
        said = "yes" if self.reached else "no"
        return f"| {self.name} | {self.figure:,.1f} {self.unit} | {self.aim:,.0f} {self.unit} | {said} |"


def _sent(client: Client, request: Request) -> float:
    """Milliseconds that a request took.

    Raises:
        RuntimeError: it was refused.
    """
    answer = client.send(request)
    if answer.status >= 400:
        raise RuntimeError(f"{request.path}: {answer.status} {answer.body[:200]!r}")
    return answer.seconds * 1000


def comment_requests() -> list[Request]:
    """Comments, each on a task of its own, with one status for those of a round and another for the next."""
    return [
        Request(
            "POST",
            f"/actions/tasks/{id_of('task', 1 + number)}/comment",
            body={
                "task_status_id": str(id_of("task-status", 2 + number // CLIENTS % 2)),
                "comment": f"take {number}",
            },
        )
        for number in range(2_000)
    ]


async def comments(client: Client, seconds: float) -> list[Measured]:
    """Comments of many at once."""
    requests = comment_requests()
    await throughput(client, requests, CLIENTS, 1.0)  # warms up
    per_second, slowest = await throughput(client, requests, CLIENTS, seconds)
    return [
        Measured("comments, 16 clients", per_second, 100, "/s", more_is_better=True),
        Measured("a comment among them, p95", slowest * 1000, 1_000, "ms"),
    ]


def handing_out(client: Client) -> Measured:
    """500 tasks for one person."""
    person = id_of("person", 20)
    ids = [str(id_of("task", 1 + number)) for number in range(500)]
    taken = []
    for _ in range(RUNS):
        body = {"task_ids": ids, "person_id": str(person)}
        _sent(client, Request("PUT", "/actions/tasks/clear-assignation", body=body))
        path = f"/actions/persons/{person}/assign"
        taken.append(_sent(client, Request("PUT", path, body={"task_ids": ids})))
    return Measured("500 tasks handed out", statistics.median(taken), 1_000, "ms")


def creation(client: Client) -> Measured:
    """A task for each of 5,000 shots."""
    taken = []
    for _ in range(RUNS):
        kind = {"name": f"Bench {uuid.uuid4().hex[:8]}", "for_entity": "Shot"}
        made = json.loads(client.send(Request("POST", "/data/task-types", body=kind)).body)
        path = f"/actions/projects/{BIG}/task-types/{made['id']}/shots/create-tasks"
        taken.append(_sent(client, Request("POST", path, body=[])))
    return Measured("5,000 tasks made", statistics.median(taken), 3_000, "ms")


def reads_beside_sign_ins(client: Client, url: str) -> Measured:
    """One small read after the other, while 20 people sign in again and again."""
    login = {"email": "admin@lantern.example.com", "password": PASSWORD}
    over = threading.Event()

    def sign_in(_: int) -> None:
        own = Client(url)
        while not over.is_set():
            _sent(own, Request("POST", "/auth/login", None, login))

    with ThreadPoolExecutor(SIGN_INS) as people:
        running = [people.submit(sign_in, number) for number in range(SIGN_INS)]
        taken = sorted(_sent(client, Request("GET", f"/data/tasks/{TASK}")) for _ in range(300))
        over.set()
        for one in running:
            one.result()
    return Measured("a small read beside 20 sign-ins, p95", taken[int(len(taken) * 0.95)], 20, "ms")


async def measure(stand: servers.Stand, seconds: float) -> AsyncIterator[Measured]:
    """All figures, one after the other."""
    client = Client(stand.url)
    client.sign_in("admin")
    for one in await comments(client, seconds):
        yield one
    yield await asyncio.to_thread(handing_out, client)
    yield await asyncio.to_thread(creation, client)
    yield await asyncio.to_thread(reads_beside_sign_ins, client, stand.url)


async def show(stand: servers.Stand, seconds: float) -> None:
    """Print the figures as they come."""
    print("| what | measured | aim | reached |\n|---|---|---|---|", flush=True)
    async for one in measure(stand, seconds):
        print(one.line(), flush=True)


def main() -> None:
    """Parse the command line and run."""
    cli = argparse.ArgumentParser(prog="python -m bench.writes", description=__doc__)
    cli.add_argument("--scale", default="5000", help="small, large, or a number of shots")
    cli.add_argument("--workers", type=int, default=2, help="processes of the server")
    cli.add_argument("--seconds", type=float, default=10.0, help="seconds of comments")
    cli.add_argument("--folder", type=Path, default=Path("build/bench"), help="where the data set is kept")
    arguments = cli.parse_args()
    with servers.stand(arguments.folder.resolve(), arguments.scale, arguments.workers) as stand:
        asyncio.run(show(stand, arguments.seconds))
    print(f"{os.cpu_count()} cores, {arguments.workers} workers, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
