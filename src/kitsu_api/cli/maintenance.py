"""Commands that keep an installation in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from kitsu_api.cli.at_work import run
from kitsu_api.cli.progress import AsJson, progress, show

if TYPE_CHECKING:
    from kitsu_api.workers.context import JobContext

Production = Annotated[str | None, typer.Option(help="Only this production, by id or name.")]


MOST_PLUGINS = 1000


def clean_tasks_data(project: Production = None, json: AsJson = False) -> None:
    """Work out anew, from comments, the dates and retakes of tasks."""
    from kitsu_api.services import upkeep

    async def work(context: JobContext) -> None:
        with progress(json, "tasks"):
            async with context.unit_of_work() as uow:
                mended = await upkeep.mend_tasks(uow, project)
        show([{"mended": mended}], json)

    run(work)


def reset_breakdown_data(project: Production = None, json: AsJson = False) -> None:
    """Count anew how many assets shots, scenes and assets cast."""
    from kitsu_api.services import upkeep

    async def work(context: JobContext) -> None:
        with progress(json, "castings"):
            async with context.unit_of_work() as uow:
                mended = await upkeep.mend_castings(uow, project)
        show([{"mended": mended}], json)

    run(work)


def remove_old_data(
    days: Annotated[int, typer.Option(min=1, help="Days that are kept.")] = 90,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    json: AsJson = False,
) -> None:
    """Delete events, login logs and notifications that are older than 90 days."""
    from kitsu_api.services import upkeep

    if not yes:
        typer.confirm(f"Events, login logs and notifications older than {days} days go. Go on?", abort=True)

    async def work(context: JobContext) -> None:
        deleted = dict.fromkeys(("events", "login_logs", "notifications"), 0)
        with progress(json) as shown:
            for kind in deleted:
                while True:
                    async with context.unit_of_work() as uow:
                        number = await upkeep.forget_batch(uow, kind, days)
                    deleted[kind] += number
                    shown(kind, deleted[kind], deleted[kind])
                    if number < upkeep.BATCH:
                        break
        show([deleted], json)

    run(work)


def list_plugins(json: AsJson = False) -> None:
    """List the plugins that an adopted database names. This server runs none of them."""

    async def work(context: JobContext) -> None:
        from orjson import loads

        from kitsu_api.db.projections import PLUGIN
        from kitsu_api.db.repositories.mirrored_rows import rows_after

        async with context.unit_of_work() as uow:
            rows = loads(await rows_after(uow.session, PLUGIN, None, MOST_PLUGINS))
        shown = ("plugin_id", "name", "version", "maintainer_name", "license")
        show([{name: row[name] for name in shown} for row in rows], json)

    run(work)


def search_asset(
    query: Annotated[str, typer.Argument(help="Words that names or descriptions of assets have.")],
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most so many.")] = 20,
    json: AsJson = False,
) -> None:
    """Find assets of all productions as the web client does, or what is spelt alike where nothing else is."""

    async def work(context: JobContext) -> None:
        from orjson import loads

        from kitsu_api.db.repositories.search_by_words import Search
        from kitsu_api.db.repositories.search_by_words.kinds import SEARCHED, hit_columns
        from kitsu_api.db.repositories.search_by_words.pages import Sight, Slice, Wanted
        from kitsu_api.db.repositories.search_by_words.words import words_of

        wanted = Wanted(
            query=query,
            kinds=("assets",),
            part=Slice(limit, 0),
            sight=Sight(
                key="all",
                where=lambda _: [],
                where_few=lambda _: [],
                columns=lambda kind: hit_columns(SEARCHED[kind]),
            ),
        )
        hits = []
        async with context.unit_of_work() as uow:
            search = Search(uow.session)
            ground = await search.scout(wanted)
            for forgiving in (False, True) if words_of(query) else ():
                found = await search.find(wanted, ground, forgiving=forgiving)
                hits = [loads(row) for row in found["assets"].rows]
                if hits:
                    break
        shown = ("id", "name", "project_name")
        show([{name: hit[name] for name in shown} for hit in hits], json)

    run(work)


def clear_memory_cache(json: AsJson = False) -> None:
    """Delete the finished answers that are kept in the data folder; they are made anew when asked for."""
    from kitsu_api.settings import get_settings

    folder = get_settings().data_dir / "cache"
    deleted = 0
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() or path.is_symlink():
            path.unlink(missing_ok=True)
            deleted += 1
    show([{"deleted": deleted}], json)


def shell_completion(
    shell: Annotated[Literal["bash", "zsh", "fish", "powershell"], typer.Argument(help="Which shell.")],
) -> None:
    """Print the script that has a shell complete commands: `eval "$(kitsu-api shell-completion bash)"`."""
    from typer._completion_shared import get_completion_script

    typer.echo(get_completion_script(prog_name="kitsu-api", complete_var="_KITSU_API_COMPLETE", shell=shell))
