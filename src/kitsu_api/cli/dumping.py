"""Commands that write the whole database into a file, and that empty it."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kitsu_api.cli.database import direct_url
from kitsu_api.cli.failure import fail
from kitsu_api.cli.progress import AsJson, progress, show

if TYPE_CHECKING:
    from kitsu_api.workers.context import JobContext

Yes = Annotated[bool, typer.Option("--yes", help="Don't ask.")]


def _dump(target: Path, json: bool) -> None:
    from kitsu_api.services.backups.dumps import environment, program
    from kitsu_api.services.backups.manifest import BackupError

    url = direct_url()
    try:
        found = program("pg_dump")
    except BackupError as error:
        fail(str(error))
    part = target.with_name(f"{target.name}.part")
    try:
        with (
            os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
            progress(json, "dumping"),
        ):
            done = subprocess.run(  # noqa: S603 (a program found in PATH, arguments of our own)
                [found, "--format", "custom", "--no-owner"],
                env=environment(url),
                stdout=file,
                stderr=subprocess.PIPE,
                check=False,
            )
        if done.returncode:
            fail(f"pg_dump failed: {done.stderr.decode(errors='replace').strip()}")
        part.replace(target)
    except OSError as error:
        fail(f"{target} can't be written: {error.strerror}.")
    finally:
        part.unlink(missing_ok=True)


def dump_database(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file to write; default: named after the day.")
    ] = None,
    store: Annotated[
        bool, typer.Option("--store", help="Put it into the storage of files, and keep no file here.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Write the whole database into a file for `pg_restore`. It holds hashes of passwords and is readable by
    its owner alone."""
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S")
    target = output or Path(f"kitsu-{moment}.dump")
    _dump(target, json)
    told = {"file": str(target), "bytes": target.stat().st_size}
    if store:
        from kitsu_api.cli.at_work import run

        async def work(context: JobContext) -> None:
            await context.storage.copy_key("files", f"dbbackup-{target.name}", target)

        try:
            run(work)
        finally:
            target.unlink(missing_ok=True)
        told["file"] = f"files: dbbackup-{target.name}"
    show([told], json)


def clear_db(yes: Yes = False, json: AsJson = False) -> None:
    """Delete all rows; the tables stay."""
    if not yes:
        typer.confirm("Everything in the database is deleted. Go on?", abort=True)
    from kitsu_api.cli.at_work import run
    from kitsu_api.db.repositories.administration import AdministrationRepository

    async def work(context: JobContext) -> None:
        with progress(json, "deleting"):
            async with context.unit_of_work() as uow:
                tables = await AdministrationRepository(uow.session).clear()
        show([{"tables": tables}], json)

    run(work)


def reset_db(yes: Yes = False, json: AsJson = False) -> None:
    """Drop all tables, and build them anew, empty."""
    if not yes:
        typer.confirm("Everything in the database is deleted. Go on?", abort=True)
    from kitsu_api.db import migrations

    url = direct_url()
    try:
        with progress(json, "building"):
            migrations.downgrade(url, "base")
            migrations.upgrade(url)
    except migrations.MigrationError as error:
        fail(str(error))
    show([{"revision": "head"}], json)
