"""python -m bench: measure the server on a data set of its own, beside the SQL floor and perhaps a peer."""

from __future__ import annotations

import argparse
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import asyncpg
import uvloop

from bench import servers
from bench.client import Client, Request, throughput
from bench.floors import BIG, Floors
from bench.report import HEADER, Row, line, write
from bench.scenarios import READS, WRITES, Scenario

BUILD = Path("build/bench")
CLIENTS = 16


class Bench:
    """Scenarios on our server, alternately with the floor and a peer."""

    def __init__(
        self, stand: servers.Stand, databases: dict[str, asyncpg.Connection], arguments: argparse.Namespace
    ) -> None:
        self.stand = stand
        self.databases = databases
        self.connection = connection = databases["ours"]
        self.arguments = arguments
        self.floors = Floors(connection)
        self._names: dict[tuple[str, int, str], str] = {}
        self.clients = {"ours": Client(stand.url)}
        if arguments.peer:
            self.clients["peer"] = Client(arguments.peer)
        for client in self.clients.values():
            for role in ("admin", "artist", "vendor"):
                client.sign_in(role)

    async def measure(self, scenario: Scenario) -> Row:
        """Run a scenario on every target in turn."""
        row = Row(scenario.name)
        for number in range(-1, scenario.runs):  # the first run only warms up
            for target, client in self._in_turn(number):
                await self._prepare(scenario, target, number)
                answer = client.send(self._request(scenario, client, number))
                if answer.status >= 400:
                    raise RuntimeError(
                        f"{scenario.name}: {target} answers {answer.status}: {answer.body[:200]!r}"
                    )
                if number >= 0:
                    row.taken.setdefault(target, []).append(answer.seconds * 1000)
                if target == "ours":
                    row.size = len(answer.body)
            if scenario.floor is not None and number >= 0:
                row.taken.setdefault("floor", []).append(await scenario.floor(self.floors) * 1000)
        row.statements = await self._statements(scenario)
        if scenario.throughput and not self.arguments.quick:
            for target, client in self.clients.items():
                found = await throughput(client, [scenario.make(0)], CLIENTS, self.arguments.seconds)
                row.per_second[target], row.p95_busy[target] = found[0], found[1] * 1000
        return row

    def _request(self, scenario: Scenario, client: Client, number: int) -> Request:
        """What is sent: with the name of the answer, where the client has it already."""
        request = scenario.make(number)
        if not scenario.known:
            return request
        key = (client.host, client.port, scenario.name)
        if key not in self._names:
            self._names[key] = client.send(request).headers.get("etag", "")
        return replace(request, headers=(("If-None-Match", self._names[key]),))

    def _in_turn(self, number: int) -> list[tuple[str, Client]]:
        targets = list(self.clients.items())
        return targets if number % 2 else targets[::-1]

    async def _prepare(self, scenario: Scenario, target: str, number: int) -> None:
        if scenario.touch is not None:
            await self.databases[target].execute(scenario.touch)
        if scenario.undo is not None:
            self.clients[target].send(scenario.undo(number))

    async def _statements(self, scenario: Scenario) -> float:
        """SQL statements of one request, without those that begin and end transactions."""
        await self._prepare(scenario, "ours", scenario.runs)
        request = self._request(scenario, self.clients["ours"], scenario.runs)
        await self.connection.execute("SELECT pg_stat_statements_reset()")
        self.clients["ours"].send(request)
        count = await self.connection.fetchval(
            "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements"
            " WHERE query !~* '^(BEGIN|COMMIT|ROLLBACK|SET|SHOW|SELECT pg_stat)'"
        )
        return float(count)

    def memory(self) -> dict[str, float]:
        """Resident megabytes of the largest process: at rest, then at most while it sends a board as a stream, a
        board, and four boards at once."""
        pids = servers.processes(self.stand.port)
        rest = servers.memory(pids)
        request = Request("GET", f"/data/shots/with-tasks?project_id={BIG}")
        servers.reset_peak(pids)
        self.clients["ours"].pour(Request("GET", f"{request.path}&stream=true"))
        stream = servers.memory(pids, "VmHWM")
        servers.reset_peak(pids)
        self.clients["ours"].send(request)
        one = servers.memory(pids, "VmHWM")
        more = [Client(self.stand.url) for _ in range(4)]
        for client in more:
            client.tokens = self.clients["ours"].tokens
        servers.reset_peak(pids)
        began = time.perf_counter()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda client: client.send(request), more))
        seconds = time.perf_counter() - began
        return {
            "at_rest_mb": rest,
            "stream_mb": stream,
            "board_mb": one,
            "four_boards_mb": servers.memory(pids, "VmHWM"),
            "four_boards_s": seconds,
        }


async def run(stand: servers.Stand, arguments: argparse.Namespace) -> None:
    """Measure what was asked for, print it as it comes, and write it down."""
    urls = {"ours": stand.database, "peer": arguments.peer_database or stand.database}
    databases = {name: await asyncpg.connect(servers.plain(url)) for name, url in urls.items()}
    bench = Bench(stand, databases, arguments)
    about: dict[str, object] = {
        "scale": arguments.scale,
        "workers": arguments.workers,
        "cores": os.cpu_count(),
    }
    if Path("/proc").exists() and not arguments.only:
        about["memory"] = found = bench.memory()
        print(", ".join(f"{name} {value:.1f}" for name, value in found.items()))
    print(HEADER, flush=True)
    rows = []
    for scenario in (*READS, *WRITES):
        if arguments.only and not re.search(arguments.only, scenario.name):
            continue
        row = await bench.measure(scenario)
        rows.append(row)
        print(line(row), flush=True)
    for connection in databases.values():
        await connection.close()
    about["load"] = os.getloadavg()
    write(arguments.folder, rows, about)
    print(f"Written to {arguments.folder}. Load average at the end: {os.getloadavg()[0]:.1f}.")


def main() -> None:
    """Parse the command line and run."""
    cli = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    cli.add_argument("--scale", default="small", help="small, large, or a number of shots")
    cli.add_argument("--peer", help="URL of another server on the same data, measured in turn with ours")
    cli.add_argument(
        "--peer-database",
        help="URL of the peer's database, which is changed where a scenario changes ours; see bench.dataset",
    )
    cli.add_argument("--only", help="only scenarios whose name matches this expression")
    cli.add_argument("--workers", type=int, default=1, help="processes of our server")
    cli.add_argument("--seconds", type=float, default=4.0, help="seconds of each throughput")
    cli.add_argument("--quick", action="store_true", help="no throughput")
    cli.add_argument("--folder", type=Path, default=BUILD, help="where data and results go")
    arguments = cli.parse_args()
    if arguments.peer and not arguments.peer_database:
        cli.error("--peer wants --peer-database, so that its data change when ours do")
    arguments.folder = arguments.folder.resolve()
    with servers.stand(arguments.folder, arguments.scale, arguments.workers) as stand:
        uvloop.run(run(stand, arguments))


if __name__ == "__main__":
    main()
