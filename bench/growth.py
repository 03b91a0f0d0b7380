"""How the cost of a request grows with the size of a production, and whether memory stays as it is.

    python -m bench.growth [--sizes 1000,3000,10000,30000,100000] [--folder build/bench]

Each size is a data set of its own, with tasks and assignees of a real production and a tenth of its history,
so that 100,000 shots fit on a disk. Measured are the seconds of the processor of server and databases, which
other programs on the machine hardly change, and the seconds that passed. A line through the logarithms of
sizes and costs has the exponent as its slope: 1 is linear, 0 is the same whatever the size. The exit code is 1
when an exponent is above 1.15, or when the server needs more memory for a large production than for a small one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression, median

import asyncpg
from matplotlib.figure import Figure

from bench import processor, servers
from bench.client import Client, Request
from bench.dataset import id_of
from bench.floors import BIG, SHOT, TASK
from bench.scenarios import OPEN_TASKS, TOUCH

BUILD = Path("build/bench")
SIZES = "1000,3000,10000,30000,100000"
STEEPEST = 1.15
"""The largest exponent: a little more than linear, since caches of the processor and of the database end somewhere."""

MEMORY = 40.0
"""Megabytes that the peak of the largest production may be above that of the smallest."""

ENOUGH = 0.6
"""Seconds of the processor after which a cost is known well, in steps of 10 ms."""

FEWEST, MOST = 2, 60
"""Runs of a request."""


@dataclass(frozen=True)
class Growing:
    """A request whose cost is followed; `make` gives the n-th."""

    name: str
    make: Callable[[int], Request]
    touch: bool = False
    """Whether the data change before each, so that no kept answer is of use."""


def _get(name: str, path: str, *, touch: bool = False) -> Growing:
    return Growing(name, lambda _: Request("GET", path), touch)


def _comment(number: int) -> Request:
    body = {
        "task_status_id": str(id_of("task-status", 2 + number % 2)),
        "comment": f"take {number} {time.time_ns()}",
    }
    return Request("POST", f"/actions/tasks/{id_of('task', 300 + number)}/comment", body=body)


BOARD = f"/data/shots/with-tasks?project_id={BIG}"
REQUESTS = (
    _get("shots board, cold", BOARD, touch=True),
    _get("shots board, warm", BOARD),
    _get("shots board as a stream, cold", f"{BOARD}&compact=true&stream=true", touch=True),
    _get("shots of a production", f"/data/projects/{BIG}/shots"),
    _get("sheet of shots (CSV)", f"/export/csv/projects/{BIG}/shots.csv"),
    _get("tasks of a production, page 1", f"/data/projects/{BIG}/tasks?page=1"),
    _get("news, page 1", f"/data/projects/{BIG}/news?page=1&limit=50"),
    Growing(
        "query: open tasks of an episode", lambda _: Request("POST", "/data/query/tasks", body=OPEN_TASKS)
    ),
    Growing(
        "search",
        lambda n: Request("POST", "/data/search", body={"query": f"SH{(n % 900 + 1) * 10:06}", "limit": 10}),
    ),
    _get("one task", f"/data/tasks/{TASK}"),
    _get("one shot", f"/data/shots/{SHOT}"),
    _get("user context", "/data/user/context"),
    Growing("comment", _comment),
)


@dataclass
class Line:
    """The costs of one request, by the number of shots."""

    name: str
    processor: dict[int, float] = field(default_factory=dict)
    """Seconds of the processor, of server and databases."""
    passed: dict[int, float] = field(default_factory=dict)
    """Seconds that passed: the shortest of all runs."""
    size: dict[int, int] = field(default_factory=dict)
    """Bytes of the answer."""
    peak: dict[int, float] = field(default_factory=dict)
    """Resident megabytes of the server, at most."""

    @property
    def exponent(self) -> float:
        """The exponent of what is judged."""
        return exponent(self.processor)


def exponent(costs: dict[int, float]) -> float:
    """The slope of the line through the logarithms of sizes and costs (least squares); 0 for a single size."""
    from math import log

    if len(costs) < 2:
        return 0.0
    pairs = [(log(size), log(max(cost, 1e-6))) for size, cost in costs.items()]
    return linear_regression([x for x, _ in pairs], [y for _, y in pairs]).slope


async def _measure(stand: servers.Stand, shots: int, lines: list[Line]) -> dict[str, float]:
    """Measure every request on one size; the memory of the server at rest."""
    connection = await asyncpg.connect(servers.plain(stand.database))
    client = Client(stand.url)
    client.sign_in("admin")
    answering = servers.processes(stand.port)
    rest = servers.memory(answering)
    for growing, line in zip(REQUESTS, lines, strict=True):
        servers.reset_peak(answering)
        costs, passed, number = [], [], 0
        while number <= FEWEST or (sum(costs) < ENOUGH and number <= MOST):
            if growing.touch:
                await connection.execute(TOUCH)
            before = processor.used(stand.pids)
            status, size, seconds = client.pour(growing.make(number))
            if status >= 400:
                raise RuntimeError(f"{growing.name} of {shots} shots is answered with {status}.")
            if number:  # the first only warms up
                costs.append(processor.used(stand.pids) - before)
                passed.append(seconds)
            number += 1
        line.processor[shots] = sum(costs) / len(costs)
        line.passed[shots], line.size[shots] = min(passed), size
        line.peak[shots] = servers.memory(answering, "VmHWM")
        print(
            f"{shots:>8,}  {growing.name:32} {line.processor[shots] * 1000:>10,.1f} ms of the processor"
            f" {median(passed) * 1000:>10,.1f} ms passed {size:>13,} bytes {line.peak[shots]:>6.0f} MB",
            flush=True,
        )
    await connection.close()
    return {"rest": rest}


def problems(lines: list[Line]) -> list[str]:
    """What grows more than it should, as sentences."""
    found = [
        f"{line.name}: the exponent is {line.exponent:.2f}, and {STEEPEST} is allowed."
        for line in lines
        if line.exponent > STEEPEST
    ]
    for line in lines:
        smallest, largest = line.peak[min(line.peak)], line.peak[max(line.peak)]
        if largest - smallest > MEMORY:
            found.append(
                f"{line.name}: the server takes {smallest:.0f} MB at first, {largest:.0f} MB at last."
            )
    return found


def table(lines: list[Line]) -> str:
    """The costs in milliseconds of the processor, as a table in Markdown."""
    sizes = sorted(lines[0].processor)
    heads = ["request", *(f"{size:,}" for size in sizes), "exponent", "exponent of what passed"]
    rows = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for line in lines:
        cells = [f"{line.processor[size] * 1000:,.1f}" for size in sizes]
        rows.append(
            f"| {' | '.join([line.name, *cells, f'{line.exponent:.2f}', f'{exponent(line.passed):.2f}'])} |"
        )
    return "\n".join(rows)


def picture(lines: list[Line], path: Path) -> None:
    """Costs above the sizes, both on logarithmic scales; beneath it the memory."""
    figure = Figure(figsize=(9, 11), layout="constrained")
    costs, memory = figure.subplots(2, 1, height_ratios=(3, 1), sharex=True)
    for number, line in enumerate(lines):
        sizes = sorted(line.processor)
        style = {"color": f"C{number % 10}", "marker": "os^vD"[number // 10], "label": line.name}
        milliseconds = [line.processor[size] * 1000 for size in sizes]
        costs.plot(sizes, milliseconds, **{**style, "label": f"{line.name}: {line.exponent:.2f}"})
        memory.plot(sizes, [line.peak[size] for size in sizes], **style)
    costs.set(xscale="log", yscale="log", ylabel="milliseconds of the processor")
    costs.set_title("Cost of a request by the size of the production; exponents in the legend")
    costs.legend(fontsize="small")
    costs.grid(which="both", alpha=0.2)
    memory.set(xlabel="shots of the production", ylabel="MB of the server, at most", ylim=(0, None))
    memory.grid(which="both", alpha=0.2)
    figure.savefig(path)


def write(folder: Path, lines: list[Line], about: dict[str, object]) -> None:
    """`growth.json`, `growth.svg` and `growth.png` in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [vars(line) | {"exponent": line.exponent} for line in lines]
    (folder / "growth.json").write_text(json.dumps({"about": about, "lines": rows}, indent=1) + "\n")
    for ending in ("svg", "png"):
        picture(lines, folder / f"growth.{ending}")


def main() -> int:
    """Measure size after size, draw what was found, and judge it."""
    cli = argparse.ArgumentParser(
        prog="python -m bench.growth",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    cli.add_argument("--sizes", default=SIZES, help="numbers of shots, with commas between")
    cli.add_argument("--folder", type=Path, default=BUILD, help="where data and results go")
    arguments = cli.parse_args()
    folder = arguments.folder.resolve()
    lines = [Line(growing.name) for growing in REQUESTS]
    rest: dict[int, float] = {}
    for size in (int(size) for size in arguments.sizes.split(",")):
        with servers.stand(folder, f"light-{size}", 1) as stand:
            rest[size] = asyncio.run(_measure(stand, size, lines))["rest"]
    about: dict[str, object] = {"cores": os.cpu_count(), "load": os.getloadavg(), "memory_at_rest": rest}
    write(folder, lines, about)
    print(table(lines))
    wrong = problems(lines)
    print("\n".join(wrong) or "Nothing grows more than it should.")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
