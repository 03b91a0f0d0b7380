"""PostgreSQL and Valkey together, for as long as a block of code runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kitsu_api.embedded.folder import DataFolder
from kitsu_api.embedded.postgres import Postgres
from kitsu_api.embedded.valkey import Valkey


@dataclass(frozen=True, repr=False)
class EmbeddedServices:
    """Where the servers are. The URLs hold passwords, so they are not shown in a traceback."""

    postgres_url: str
    valkey_url: str
    secret_key: str
    folder: DataFolder
    postgres: Postgres | None
    valkey: Valkey | None

    @property
    def servers(self) -> tuple[Postgres | Valkey, ...]:
        """Those that were started here."""
        return tuple(server for server in (self.postgres, self.valkey) if server is not None)


@contextlib.contextmanager
def start(
    data_dir: Path,
    *,
    durable: bool = True,
    postgres_url: str | None = None,
    valkey_url: str | None = None,
) -> Iterator[EmbeddedServices]:
    """Lock the data folder and start what has no URL yet; stop it at the end of the block.

    Raises:
        EmbeddedError: the folder is in use or can't be written, or a server does not start.
    """
    folder = DataFolder(data_dir)
    with folder.locked(), contextlib.ExitStack() as running:
        postgres = None if postgres_url else Postgres(folder, durable=durable)
        valkey = None if valkey_url else Valkey(folder, durable=durable)
        for server in (postgres, valkey):
            if server is not None:
                running.callback(server.stop)
                server.start()
        yield EmbeddedServices(
            postgres_url=postgres_url or (postgres.url if postgres else ""),
            valkey_url=valkey_url or (valkey.url if valkey else ""),
            secret_key=folder.secret("secret_key", 48),
            folder=folder,
            postgres=postgres,
            valkey=valkey,
        )
