"""The command ``kitsu-api``. Each command imports what it needs, so that small ones answer at once."""

from __future__ import annotations

import os

import typer

from kitsu_api import __version__
from kitsu_api.cli import (
    accounts,
    backups,
    database,
    diagnosis,
    directory,
    dumping,
    imports,
    maintenance,
    people,
    previews,
    project,
    running,
    sync,
)
from kitsu_api.cli.failure import Commands
from kitsu_api.cli.progress import AsJson, show

app = typer.Typer(
    name="kitsu-api",
    help="The back end of a production tracker for animation, VFX and game studios.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    cls=Commands,
)
if "_KITSU_API_COMPLETE" in os.environ:
    from typer._completion_classes import completion_init

    completion_init()  # the shells are not known before, since the options that install scripts are off
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

for _command in (
    accounts.change_password,
    accounts.set_person_as_active,
    accounts.create_bot,
    accounts.clean_auth_tokens,
    accounts.clear_all_auth_tokens,
    dumping.dump_database,
    dumping.clear_db,
    dumping.reset_db,
    previews.generate_preview_extra,
    previews.probe_preview_files,
    previews.renormalize_movie_preview_files,
    previews.reset_movie_files_metadata,
    previews.reset_picture_files_metadata,
    previews.normalize_annotation_times,
    previews.upload_files_to_cloud_storage,
    previews.download_storage_files,
    maintenance.clean_tasks_data,
    maintenance.reset_breakdown_data,
    maintenance.remove_old_data,
    maintenance.clear_memory_cache,
    maintenance.list_plugins,
    maintenance.search_asset,
    maintenance.shell_completion,
):
    app.command()(_command)
app.command("disable-two-factor-authentication")(accounts.disable_two_factor)


@app.command()
def version(json: AsJson = False) -> None:
    """Print the version."""
    if json:
        show([{"version": __version__}], json)
    else:
        typer.echo(__version__)
