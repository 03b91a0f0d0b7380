"""Commands against real servers, run as processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

import asyncpg
import httpx
import psutil
import pytest

from kitsu_api.embedded.ports import free_port
from tests import live


@pytest.fixture
def on_servers(migrated_database, valkey_url, tmp_path):
    return live.environment(migrated_database, valkey_url, tmp_path)


def ask(url: str, query: str):
    async def run():
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    return asyncio.run(run())


def test_doctor_finds_nothing_to_mend_where_all_is_well(on_servers):
    done = live.command("doctor", **on_servers)
    assert done.returncode == 0, done.stdout
    states = {line.split()[0] for line in done.stdout.splitlines()}
    assert states == {"ok"}
    assert on_servers["SECRET_KEY"] not in done.stdout


def test_doctor_says_that_tables_are_missing(empty_database, valkey_url, tmp_path):
    done = live.command("doctor", **live.environment(empty_database, valkey_url, tmp_path))
    assert done.returncode == 1
    line = next(line for line in done.stdout.splitlines() if "migrations" in line)
    assert line.startswith("fail") and "kitsu-api db upgrade" in line  # noqa: PT018


def test_an_admin_who_was_made_can_sign_in(on_servers, migrated_database, valkey_url, tmp_path):
    made = live.command("create-admin", "ada@studio.example", **on_servers)
    assert made.returncode == 0, made.stderr
    password = made.stdout.rpartition("Password: ")[2].strip()
    again = live.command("create-admin", "ada@studio.example", **on_servers)
    assert again.returncode == 1
    assert "ada@studio.example" in again.stderr
    with live.serving(migrated_database, valkey_url, tmp_path) as address:
        body = {"email": "ada@studio.example", "password": password}
        answer = httpx.post(f"{address}/api/auth/login", json=body)
        assert (answer.status_code, answer.json()["user"]["role"]) == (200, "admin")
    assert password not in "".join(path.read_text() for path in tmp_path.glob("*.log"))


def test_starting_data_are_added_once(on_servers):
    first = live.command("init-data", "--domain", "vfx", **on_servers)
    assert first.returncode == 0, first.stderr
    assert int(first.stdout.split()[0]) > 20
    assert live.command("init-data", "--domain", "vfx", **on_servers).stdout == "0 rows were added.\n"


def test_going_back_asks_first_and_takes_the_tables_away(on_servers, migrated_database):
    refused = live.command("db", "downgrade", "base", **on_servers)
    assert refused.returncode == 1
    count = "select count(*) from pg_tables where schemaname = 'public' and tablename <> 'kitsu_api_version'"
    assert ask(migrated_database, count) > 80
    done = live.command("db", "downgrade", "base", "--yes", **on_servers)
    assert done.returncode == 0, done.stderr
    assert ask(migrated_database, count) == 0
    assert live.command("db", "upgrade", **on_servers).returncode == 0
    assert live.command("db", "check", **on_servers).returncode == 0


def test_several_processes_answer_on_one_port(migrated_database, valkey_url, tmp_path):
    with live.serving(migrated_database, valkey_url, tmp_path, "--workers", "2") as address:
        answers = [httpx.get(f"{address}/api/status").json() for _ in range(6)]
    assert all(answer["database_up"] and answer["key_value_store_up"] for answer in answers)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone deals connections out")
def test_a_burst_of_connections_is_shared_by_the_processes(migrated_database, valkey_url, tmp_path):
    started = live.running(migrated_database, valkey_url, tmp_path, "--workers", "2")
    with started as (address, process), contextlib.ExitStack() as opened:
        wanted = urlsplit(address)
        deadline = time.monotonic() + live.PATIENCE
        while (tmp_path / f"server-{wanted.port}.log").read_text().count("startup complete") < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        mine = set()
        for _ in range(24):
            connection = opened.enter_context(socket.create_connection((wanted.hostname, wanted.port)))
            mine.add(connection.getsockname()[1])
        taken: list[int] = []
        while sum(taken) < 24:
            assert time.monotonic() < deadline
            children = psutil.Process(process.pid).children()
            open_ones = [one.net_connections() for one in children]
            taken = [sum(bool(c.raddr) and c.raddr.port in mine for c in each) for each in open_ones]
        assert sorted(taken)[-2] >= 3, taken


def test_a_port_that_is_taken_is_not_shared_with_another_server(migrated_database, valkey_url, tmp_path):
    settings = live.environment(migrated_database, valkey_url, tmp_path)
    with live.serving(migrated_database, valkey_url, tmp_path, "--workers", "2") as address:
        port = str(urlsplit(address).port)
        done = live.command("serve", "--port", port, "--workers", "2", **settings)
    assert done.returncode != 0
    assert "in use" in done.stderr + done.stdout


def test_the_server_does_not_start_without_a_key(migrated_database, valkey_url, tmp_path):
    settings = live.environment(migrated_database, valkey_url, tmp_path)
    del settings["SECRET_KEY"]
    done = live.command("serve", "--port", str(free_port()), **settings)
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr + done.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_ends_when_it_is_told_to(on_servers, number):
    process = subprocess.Popen(
        [sys.executable, "-m", "kitsu_api.cli", "worker"],
        env=on_servers,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if "ready" in line:
            os.kill(process.pid, number)
    assert process.wait(live.PATIENCE) == 0, lines
