"""A board as a stream is never whole in memory, neither what is read nor what is sent."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import psutil
import pytest

from tests import factories, instances, live
from tests.servers import run_sql

MEGABYTE = 1024 * 1024
SHOTS = 8_000
TEXT = 4_000
"""Characters of the description of each shot, which has as much as an ordinary one with its tasks."""

MOST_GROWTH = 20 * MEGABYTE


def peak_of(pid: int) -> int:
    """The most that a process had in memory since `clear_refs`, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.mark.skipif(not os.path.exists("/proc/self/clear_refs"), reason="needs the /proc of Linux")
def test_a_stream_of_thousands_of_shots_takes_little_memory(migrated_database, valkey_url, tmp_path):
    own = instances.Instance(migrated_database, valkey_url, tmp_path)
    project, kind = factories.project(), factories.entity_type(name="Shot")
    own.add(project, kind, instances.admin())
    run_sql(
        migrated_database,
        "INSERT INTO entity (id, name, description, status, project_id, entity_type_id, is_casting_standby,"
        " is_shared, canceled, data, created_at, updated_at)"
        f" SELECT gen_random_uuid(), 'SH' || k, repeat('x', {TEXT}), 'running', '{project.id}', '{kind.id}',"
        f" false, false, false, '{{}}', now(), now() FROM generate_series(1, {SHOTS}) AS k",
    )
    address_and_process = live.running(migrated_database, valkey_url, tmp_path, KITSU_ANSWER_CACHE_MB="0")
    with address_and_process as (address, process):
        client = httpx.Client(base_url=address, timeout=live.PATIENCE)
        login = {"email": instances.ADMIN, "password": factories.PASSWORD}
        token = client.post("/auth/login", json=login).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
        board = f"/data/shots/with-tasks?project_id={project.id}&stream=true"
        # the first answer of a process makes what all later ones use
        with client.stream("GET", f"{board}&name=SH1", headers=headers) as first:
            assert first.status_code == 200
            first.read()
        Path(f"/proc/{process.pid}/clear_refs").write_text("5")
        before, size, lines = psutil.Process(process.pid).memory_info().rss, 0, 0
        with client.stream("GET", board, headers=headers) as answer:
            for part in answer.iter_raw():
                size += len(part)
                lines += part.count(b"\n")
        grown = peak_of(process.pid) - before
    assert (size > SHOTS * TEXT, lines) == (True, SHOTS + 1)
    assert grown < MOST_GROWTH, f"{grown / MEGABYTE:.0f} MB for a stream of {size / MEGABYTE:.0f} MB"
