"""The command ``kitsu-api``. Each command imports what it needs, so that small ones answer at once."""

from __future__ import annotations

import typer

from kitsu_api import __version__
from kitsu_api.cli import backups, database, diagnosis, directory, imports, people, project, running, sync

app = typer.Typer(
    name="kitsu-api",
    help="The back end of a production tracker for animation, VFX and game studios.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(running.up)
app.command()(running.serve)
app.command()(running.worker)
app.add_typer(backups.app, name="backup")
app.add_typer(database.app, name="db")
app.add_typer(imports.app, name="import")
app.add_typer(project.app, name="project")
app.add_typer(sync.app, name="sync")
app.command("create-admin")(people.create_admin)
app.command("init-data")(people.init_data)
app.command("sync-with-ldap")(directory.sync_with_ldap)
app.command("sync-with-ldap-server", hidden=True)(directory.sync_with_ldap)
app.command("openapi")(diagnosis.openapi)
app.command("doctor")(diagnosis.doctor)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)
