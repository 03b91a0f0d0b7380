"""The folder of everything that the embedded mode keeps."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from kitsu_api.embedded.process import EmbeddedError

SYSTEM_FOLDER = Path("/var/lib/kitsu-api")
"""Where root's PostgreSQL lives when the data folder lies in a home that other users can't enter."""

LARGEST_LOG = 10_000_000


def open_to_others(path: Path) -> bool:
    """Whether a user without rights of its own may pass through ``path`` and every folder above it."""
    path = path.resolve()
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


class DataFolder:
    """Paths, secrets and the lock of one data folder; made when absent."""

    def __init__(self, path: Path) -> None:
        """Make the folder.

        Raises:
            EmbeddedError: it can't be made or written.
        """
        self.path = path.expanduser().resolve()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if self.path.stat().st_uid == os.geteuid() and not any(self.path.iterdir()):
                # root's PostgreSQL is run by `nobody`, who must pass through, and need not list
                self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
            self.logs.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise EmbeddedError(
                f"The data folder {self.path} can't be written ({error.strerror})."
                " Choose another with --data-dir."
            ) from error

    @property
    def logs(self) -> Path:
        """Folder of the logs of the embedded servers."""
        return self.path / "logs"

    @property
    def digest(self) -> str:
        """A short name for this folder, for what has to lie elsewhere."""
        return hashlib.sha256(str(self.path).encode()).hexdigest()[:16]

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out of the folder for a while.

        The kernel drops the lock with the process that holds it, so that none outlives a SIGKILL.

        Raises:
            EmbeddedError: another process uses the folder; its id is said.
        """
        try:
            file = (self.path / "lock").open("a+")
        except OSError as error:
            raise EmbeddedError(
                f"The data folder {self.path} belongs to another user ({error.strerror})."
                " Start as that user, or choose another folder with --data-dir."
            ) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                holder = file.read().strip() or "unknown"
                raise EmbeddedError(
                    f"Process {holder} already runs on the data folder {self.path}."
                    " Stop it first, or choose another folder with --data-dir."
                ) from None
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield

    def secret(self, name: str, size: int = 32) -> str:
        """The secret of this name, made at first use and kept in a file that only its owner reads."""
        path = self.path / name
        with contextlib.suppress(FileNotFoundError):
            return path.read_text().strip()
        write_private(path, secrets.token_urlsafe(size) + "\n")
        return path.read_text().strip()

    def log(self, name: str) -> Path:
        """The log file of a server; what grew too large is put aside as ``.1``."""
        path = self.logs / f"{name}.log"
        if path.exists() and path.stat().st_size > LARGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
        return path

    def remembered_port(self, name: str) -> int | None:
        """The port that a server had last time, so that its address stays the same where it can."""
        try:
            return int((self.path / f"{name}.port").read_text())
        except (OSError, ValueError):
            return None

    def remember_port(self, name: str, port: int) -> None:
        """Keep the port for the next start."""
        (self.path / f"{name}.port").write_text(f"{port}\n")
