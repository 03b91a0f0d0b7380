"""What the commands ``sync …`` share: their options, what they work with, and how they show differences."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from kitsu_api.cli.failure import fail
from kitsu_api.cli.progress import Progress, progress, show

if TYPE_CHECKING:
    from kitsu_api.db.engine import Sessions
    from kitsu_api.services.sync.sending import FileComparison
    from kitsu_api.services.sync.source import Source
    from kitsu_api.services.sync.state import SyncState
    from kitsu_api.services.sync.verification import Comparison
    from kitsu_api.settings import Settings

T = TypeVar("T")

SourceUrl = Annotated[
    str,
    typer.Option(
        "--source", envvar="SYNC_SOURCE", help="Address of the API that is copied: https://host/api."
    ),
]
Login = Annotated[str | None, typer.Option(envvar="SYNC_LOGIN", help="E-mail of an admin there.")]
Password = Annotated[
    str | None,
    typer.Option(envvar="SYNC_PASSWORD", help="The password; better in SYNC_PASSWORD, out of others' sight."),
]
Token = Annotated[
    str | None,
    typer.Option(envvar="SYNC_TOKEN", help="Token of a bot that is admin there, in place of both."),
]
Tables = Annotated[
    list[str] | None, typer.Option("--table", help="Only this table; may be given several times.")
]
StatePath = Annotated[
    Path | None,
    typer.Option("--state", help="File that keeps how far the copy is; default in the data folder."),
]

SourceMovies = Annotated[
    bool,
    typer.Option(
        "--source-movies", envvar="SYNC_SOURCE_MOVIE_FILES", help="Also movies as they were uploaded."
    ),
]


@dataclass(frozen=True, repr=False)
class Wishes:
    """What all commands are told."""

    source: str
    login: str | None
    password: str | None
    token: str | None
    state: Path | None
    json: bool


@dataclass(frozen=True)
class Tools:
    """What a copy works with."""

    settings: Settings
    sessions: Sessions
    source: Source
    state: SyncState
    progress: Progress


def run(wishes: Wishes, work: Callable[[Tools], Awaitable[T]]) -> T:
    """Do the work with everything that it needs; ends the command when it can't be done."""
    from kitsu_api.cli.database import direct_url
    from kitsu_api.services.sync.source import SyncError

    direct_url()
    if not wishes.token and not (wishes.login and wishes.password):
        fail("Who signs in at the source? Set SYNC_LOGIN and SYNC_PASSWORD, or SYNC_TOKEN.")
    try:
        return asyncio.run(_at_work(wishes, work))
    except SyncError as error:
        fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


async def _at_work(wishes: Wishes, work: Callable[[Tools], Awaitable[T]]) -> T:
    from kitsu_api.db.engine import make_engine, make_sessions
    from kitsu_api.db.repositories.mirrored_rows import claim
    from kitsu_api.services.sync.source import Credentials, Source, SyncError
    from kitsu_api.services.sync.state import SyncState, default_path
    from kitsu_api.settings import get_settings

    settings = get_settings()
    url = wishes.source.rstrip("/")
    state = SyncState(wishes.state or default_path(settings, url), url)
    credentials = Credentials(wishes.login, wishes.password, wishes.token)
    engine = make_engine(settings, "command line", direct=True)
    try:
        sessions = make_sessions(engine)
        async with engine.connect() as alone:
            await alone.execution_options(isolation_level="AUTOCOMMIT")
            if not await claim(alone):
                raise SyncError("Another copy into this database is at work.")
            async with Source(url, credentials) as source:
                with progress(wishes.json) as shown:
                    return await work(Tools(settings, sessions, source, state, shown))
    finally:
        await engine.dispose()


def show_comparison(found: list[Comparison], as_json: bool, compared: FileComparison | None = None) -> None:
    """Print which tables differ and in what, and which files where these were compared."""
    if as_json:
        told = [each.told() for each in found]
        if compared is not None:
            different = len(compared.different)
            counts = {"table": "files", "same": not different, "here": compared.same + different}
            told.append({**counts, "different": different, "examples": compared.different[:5]})
        show(told, True)
        return
    different_tables = [each for each in found if not each.same]
    rows = [
        {
            "table": each.table,
            "there": each.there,
            "here": each.here,
            "missing": len(each.missing),
            "extra": len(each.extra),
            "different": len(each.different),
            "columns": ", ".join(sorted(each.columns)),
        }
        for each in different_tables
    ]
    if rows:
        show(rows, False)
    count = sum(each.there for each in found)
    typer.echo(f"{len(rows)} of {len(found)} tables differ." if rows else f"The same: {count} rows.")
    for key in compared.different if compared else ():
        typer.echo(f"Not there, or another one there: {key}")
    if compared:
        typer.echo(f"The same: {compared.same} files.")
