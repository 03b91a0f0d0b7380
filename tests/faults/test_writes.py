"""Parts that are killed under writes: what was acknowledged is there, nothing is there by half."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.faults.scene import Scene, Writers, until

MEGABYTE = 1024 * 1024


def test_a_postgres_that_is_killed_loses_nothing_that_was_acknowledged(standing: Scene) -> None:
    with Writers(standing).writing() as writers:
        writers.wrote(10)
        standing.restart_postgres()
        writers.wrote(10)
    writers.check()
    standing.is_well()


@pytest.mark.faults
def test_an_api_that_is_killed_while_it_writes_leaves_nothing_by_half(standing: Scene) -> None:
    with Writers(standing).writing() as writers:
        writers.wrote(10)
        standing.api.kill()
        standing.start_api()
        writers.wrote(10)
    writers.check()
    standing.is_well()


def test_without_valkey_requests_wait_for_it_and_go_on(standing: Scene) -> None:
    with Writers(standing).writing() as writers:
        writers.wrote(10)
        assert standing.valkey.process is not None
        standing.valkey.process.kill()
        standing.valkey.process.wait()
        refused = writers.statuses[503]
        until(lambda: writers.statuses[503] > refused, "nobody was told")
        standing.valkey.start()
        writers.wrote(10)
    writers.check()
    standing.is_well()


@pytest.mark.parametrize("way", ["form", "tus"])
def test_a_full_disk_refuses_an_upload_and_leaves_nothing_of_it(standing: Scene, way: str) -> None:
    comment = standing.comment("with a file").json()
    content = b"x" * (2 * MEGABYTE)
    before = resource.prlimit(standing.api.pid, resource.RLIMIT_FSIZE)
    count = "SELECT count(*) AS n FROM stored_file WHERE purged_at IS NULL AND deleted_at IS NULL"
    stored = standing.sql(count)[0]["n"]

    def files() -> set[Path]:
        return {path for path in (standing.folder / "previews").rglob("*") if path.is_file()}

    kept = files()

    def send() -> int:
        if way == "tus":
            headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(content))}
            octets = {"Content-Type": "application/offset+octet-stream", **headers, **standing.headers}
            return httpx.post(f"{standing.address}/uploads", content=content, headers=octets).status_code
        path = f"/actions/tasks/{standing.film.task.id}/comments/{comment['id']}/add-attachment"
        return standing.ask("POST", path, files=[("file", ("a.bin", content, "text/plain"))]).status_code

    resource.prlimit(standing.api.pid, resource.RLIMIT_FSIZE, (MEGABYTE, before[1]))
    try:
        assert send() == {"form": 507, "tus": 503}[way]
    finally:
        resource.prlimit(standing.api.pid, resource.RLIMIT_FSIZE, before)
    assert standing.sql(count)[0]["n"] == stored
    assert files() == kept
    assert send() == 201
    standing.is_well()


def test_a_full_disk_refuses_an_export_and_leaves_nothing_of_it(standing: Scene) -> None:
    """The archive of a production, written by a process that may write no more than a few bytes to a file."""
    target = standing.folder / "film.zip"
    few = 200

    def export(limit: int) -> subprocess.CompletedProcess[str]:
        run = [sys.executable, "-m", "kitsu_api.cli", "project", "export"]
        return subprocess.run(
            [*run, str(standing.film.project.id), "--output", str(target)],
            # compiled modules would be cut off, too, and stay so
            env={**standing.values, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        )

    refused = export(few)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert not list(standing.folder.glob("film.zip*"))
    done = export(64 * MEGABYTE)
    assert done.returncode == 0, done.stderr
    assert target.stat().st_size > few
