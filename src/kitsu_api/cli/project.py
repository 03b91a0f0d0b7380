"""Commands on one production: ``project export`` and ``project import``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from kitsu_api.cli.failure import fail, fail_of_system
from kitsu_api.cli.progress import AsJson, progress, show

if TYPE_CHECKING:
    from kitsu_api.db.engine import Sessions
    from kitsu_api.storage.files import FileStorage

T = TypeVar("T")

app = typer.Typer(
    help="Take a production out of this instance, or into it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command("export")
def export_project(
    production: Annotated[str, typer.Argument(help="Its id, or its name.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The archive to write: film.zip.")],
    files: Annotated[
        bool, typer.Option("--files/--no-files", help="With pictures, movies and the like.")
    ] = True,
    json: AsJson = False,
) -> None:
    """Write a production with its files into one archive, which other instances can take in."""
    from kitsu_api.services.archives.writing import export_production

    async def work(sessions: Sessions, storage: FileStorage) -> None:
        with progress(json) as shown:
            summary = await export_production(
                sessions, storage, production, output, with_files=files, progress=shown
            )
        show([vars(summary)], json)

    _run(work)


@app.command("import")
def import_project(
    archive: Annotated[Path, typer.Argument(help="The archive.", exists=True, dir_okay=False, readable=True)],
    json: AsJson = False,
) -> None:
    """Take in a production from an archive. People who aren't known here can't sign in until an admin lets
    them."""
    from kitsu_api.services.archives.reading import import_production

    async def work(sessions: Sessions, storage: FileStorage) -> None:
        with progress(json) as shown:
            restored = await import_production(sessions, storage, archive, progress=shown)
        show([vars(restored)], json)

    _run(work)


def _run(work: Callable[[Sessions, FileStorage], Awaitable[T]]) -> T:
    """Do the work on this instance; ends the command when it can't be done."""
    from kitsu_api.cli.database import database_url
    from kitsu_api.services.archives.manifest import ArchiveError
    from kitsu_api.settings import get_settings

    database_url()

    async def with_database() -> T:
        from kitsu_api.db.engine import make_engine, make_sessions
        from kitsu_api.storage.files import FileStorage

        settings = get_settings()
        engine = make_engine(settings, "command line")
        try:
            return await work(make_sessions(engine), FileStorage(settings))
        finally:
            await engine.dispose()

    try:
        return asyncio.run(with_database())
    except ArchiveError as error:
        fail(str(error))
    except OSError as error:
        fail_of_system(error)
