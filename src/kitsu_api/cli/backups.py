"""Commands on backups: ``backup create``, ``backup verify`` and ``backup restore``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from kitsu_api.cli.failure import fail, fail_of_system
from kitsu_api.cli.progress import AsJson, progress, show

if TYPE_CHECKING:
    from kitsu_api.db.engine import Sessions
    from kitsu_api.services.backups.shelf import Shelf
    from kitsu_api.settings import Settings

T = TypeVar("T")

app = typer.Typer(
    help="Back up the database and all files, check backups, and restore them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Place = Annotated[str, typer.Argument(help="A folder, or an address such as s3://bucket/folder.")]
Id = Annotated[str | None, typer.Option("--id", help="Which backup; the newest by default.")]


@app.command()
def create(
    place: Place,
    keep: Annotated[
        int | None, typer.Option("--keep", min=1, help="Delete all backups there but the newest so many.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Back up everything as of now; of files only those that the newest backup there does not have."""
    from kitsu_api.services.backups import creating

    async def work(settings: Settings, sessions: Sessions, shelf: Shelf) -> None:
        with progress(json) as shown:
            summary = await creating.create(settings, sessions, shelf, keep=keep, progress=shown)
        show([vars(summary)], json)

    _run(place, work)


@app.command()
def verify(place: Place, id: Id = None, json: AsJson = False) -> None:
    """Read all of a backup and compare it with its checksums; exit code 1 if anything is wrong."""
    from kitsu_api.services.backups import restoring

    async def work(_settings: Settings, _sessions: Sessions, shelf: Shelf) -> list[str]:
        with progress(json) as shown:
            found, problems = await restoring.verify(shelf, id, shown)
        show([{"backup": found, "problems": len(problems)}], json)
        return problems

    problems = _run(place, work)
    if problems:
        fail("\n".join(problems))


@app.command()
def restore(place: Place, id: Id = None, json: AsJson = False) -> None:
    """Restore a backup into the empty database, and the file storage, of the environment."""
    from kitsu_api.services.backups import restoring

    async def work(settings: Settings, sessions: Sessions, shelf: Shelf) -> None:
        with progress(json) as shown:
            restored = await restoring.restore(settings, sessions, shelf, id, shown)
        show([vars(restored)], json)

    _run(place, work)


def _run(place: str, work: Callable[[Settings, Sessions, Shelf], Awaitable[T]]) -> T:
    """Do the work on this instance; ends the command when it can't be done."""
    from obstore.exceptions import BaseError

    from kitsu_api.cli.database import direct_url
    from kitsu_api.services.backups.manifest import BackupError
    from kitsu_api.settings import get_settings

    direct_url()

    async def with_database() -> T:
        from kitsu_api.db.engine import make_engine, make_sessions
        from kitsu_api.services.backups.shelf import Shelf

        settings = get_settings()
        engine = make_engine(settings, "command line", direct=True)
        try:
            return await work(settings, make_sessions(engine), Shelf(place, settings))
        finally:
            await engine.dispose()

    try:
        return asyncio.run(with_database())
    except BackupError as error:
        fail(str(error))
    except OSError as error:
        fail_of_system(error)
    except BaseError as error:
        fail(f"The place of the backups, or the storage, failed: {type(error).__name__}")
