"""Commands on the database's structure: ``db …``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Annotated

import typer

from kitsu_api.cli.failure import fail
from kitsu_api.cli.progress import AsJson, progress, show

app = typer.Typer(
    help="Build, check and adopt the tables.", no_args_is_help=True, pretty_exceptions_enable=False
)

Revision = Annotated[str, typer.Argument(help="A revision's id, `head`, or a relative one such as `-1`.")]


def database_url() -> str:
    """The URL from the environment; ends the command when there is none."""
    from kitsu_api.settings import get_settings

    url = get_settings().postgres_url
    if url is None:
        fail("No database: set DATABASE_URL (postgresql://user:password@host/name), or DB_HOST.")
    return url


def direct_url() -> str:
    """The URL of PostgreSQL itself, past a pooler; ends the command when there is none."""
    from kitsu_api.settings import get_settings

    database_url()
    url = get_settings().direct_postgres_url
    if url is None:
        fail("This needs PostgreSQL itself, and DATABASE_URL is a pooler's: set DATABASE_DIRECT_URL.")
    return url


@contextlib.contextmanager
def _said_plainly() -> Iterator[None]:
    """End the command with the message of a migration that can't be done, without a trace."""
    from kitsu_api.db.migrations import MigrationError

    try:
        yield
    except MigrationError as error:
        fail(str(error))


@app.command()
def upgrade(revision: Revision = "head", json: AsJson = False) -> None:
    """Build the tables, or bring them up to a revision."""
    from kitsu_api.db import migrations

    url = direct_url()
    with _said_plainly(), progress(json, "migrating"):
        migrations.upgrade(url, revision)
    _told(f"The database is at {revision}.", {"revision": revision}, json)


# a revision such as `-1` is no option
@app.command(context_settings={"ignore_unknown_options": True})
def downgrade(
    revision: Revision,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    json: AsJson = False,
) -> None:
    """Take the tables back to a revision. What later revisions added is lost, data included."""
    from kitsu_api.db import migrations

    url = direct_url()
    if not yes:
        typer.confirm(f"Going back to {revision} deletes data that later revisions hold. Go on?", abort=True)
    with _said_plainly(), progress(json, "migrating"):
        migrations.downgrade(url, revision)
    _told(f"The database is at {revision}.", {"revision": revision}, json)


@app.command()
def check(json: AsJson = False) -> None:
    """Say what of the tables is not as this version needs it; exit code 1 if anything."""
    from kitsu_api.db import migrations

    url = direct_url()
    with progress(json, "comparing"):
        problems = migrations.check(url)
    _list(problems, json)
    if problems:
        fail("Mend it with `kitsu-api db upgrade`, or `kitsu-api db adopt` for an existing database.")
    if not json:
        typer.echo("The database is as it should be.")


@app.command()
def adopt(json: AsJson = False) -> None:
    """Take over an existing database in place: compare every table, and record our version if they match."""
    from kitsu_api.db import migrations

    url = direct_url()
    with _said_plainly(), progress(json, "comparing"):
        differences = migrations.adopt(url)
    _list(differences, json)
    if differences:
        fail("The database differs as listed above, so nothing was recorded.")
    if not json:
        typer.echo("The database is adopted: its tables are left as they are and our version is recorded.")


def _told(text: str, row: dict[str, str], json: bool) -> None:
    if json:
        show([row], json)
    else:
        typer.echo(text)


def _list(problems: list[str], json: bool) -> None:
    if json:
        show([{"problem": problem} for problem in problems], json)
        return
    for problem in problems:
        typer.echo(problem)
