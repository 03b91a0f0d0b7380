"""How long a server takes for a large sheet of shots, and how much memory.

    python -m bench.sheet [--rows 50000] [--folder build/bench]

Each row makes a shot with its tasks. The sheet is sent without waiting for it; the job says how far it is.
Then it is taken in once more, changed in one cell, with `update=true`. At the end the shots go again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path

import asyncpg

from bench import servers
from bench.client import Client, Request
from bench.floors import BIG

BOUNDARY = "bench-sheet"
SEQUENCE = "Sheet"
LOOK_EVERY = 0.5
"""Seconds between two looks at the job."""


def sheet(rows: int, changed: str) -> bytes:
    """A sheet of shots, a hundred in a sequence; `changed` is the description of the last one."""
    lines = ["Episode;Sequence;Name;Description;Frames"]
    for number in range(rows):
        said = changed if number == rows - 1 else f"Row {number}"
        lines.append(f"{SEQUENCE};{SEQUENCE} {number // 100:04};S{number:05};{said};{number % 200}")
    return "\r\n".join([*lines, ""]).encode("utf-8-sig")


def take_in(client: Client, content: bytes, query: str) -> tuple[float, dict[str, object]]:
    """The seconds that the import of a sheet takes, and what it did."""
    head = (
        f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="shots.csv"\r\n\r\n'.encode()
    )
    form = f"multipart/form-data; boundary={BOUNDARY}", head + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    path = f"/import/csv/projects/{BIG}/shots{query}"
    began = time.perf_counter()
    answer = client.send(
        Request("POST", path, headers=(("Prefer", "respond-async"),), raw=form),
    )
    if answer.status != 202:
        raise SystemExit(f"The sheet was answered with {answer.status}: {answer.body[:300]!r}")
    job = json.loads(answer.body)
    while job["ended_at"] is None:
        time.sleep(LOOK_EVERY)
        job = json.loads(client.send(Request("GET", f"/data/jobs/{job['id']}")).body)
        print(f"\r{job['status']}: {job['done']} of {job['total']} rows ", end="", flush=True)
    print()
    if job["status"] != "succeeded":
        raise SystemExit(f"The import has failed: {job['error']}")
    return time.perf_counter() - began, job["result"]


async def clear(database: str) -> None:
    """Take the shots away that the sheet made."""
    connection = await asyncpg.connect(servers.plain(database))
    made = (
        "SELECT id FROM entity WHERE project_id = $1 AND (name = 'Sheet' OR parent_id IN (SELECT id FROM entity"
        " WHERE project_id = $1 AND name LIKE 'Sheet%') OR name LIKE 'Sheet %')"
    )
    try:
        await connection.execute(f"DELETE FROM task WHERE entity_id IN ({made})", BIG)
        await connection.execute(
            "DELETE FROM entity WHERE project_id = $1 AND name ~ '^S[0-9]{5}$' AND description ~ '^(Row|Changed)'",
            BIG,
        )
        for name in ("Sheet %", "Sheet"):
            await connection.execute("DELETE FROM entity WHERE project_id = $1 AND name LIKE $2", BIG, name)
    finally:
        await connection.close()


def main() -> int:
    """Take the sheet in twice and print what was measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--folder", type=Path, default=Path("build/bench"))
    arguments = parser.parse_args()
    # the server does the job itself, so that its memory is that of the import
    with servers.stand(arguments.folder.resolve(), "small", 1, KITSU_JOBS_INLINE="true") as stand:
        client = Client(stand.url)
        client.sign_in("admin")
        pids = servers.processes(stand.port)
        asyncio.run(clear(stand.database))
        try:
            for name, content, query in (
                ("new", sheet(arguments.rows, "Row last"), ""),
                ("one cell changed", sheet(arguments.rows, "Changed"), "?update=true"),
            ):
                servers.reset_peak(pids)
                before = servers.memory(pids)
                seconds, result = take_in(client, content, query)
                peak = servers.memory(pids, "VmHWM")
                print(
                    f"{name}: {result['rows']} rows ({result['created']} created, {result['updated']} changed) in"
                    f" {seconds:.1f} s, {arguments.rows / seconds:.0f} rows a second; resident {before:.0f} MB before,"
                    f" at most {peak:.0f} MB",
                    flush=True,
                )
        finally:
            asyncio.run(clear(stand.database))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
