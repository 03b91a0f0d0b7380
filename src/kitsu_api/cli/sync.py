"""Commands that make this instance a copy of another: ``sync …``."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from kitsu_api.cli.failure import WRONGLY_CALLED, fail
from kitsu_api.cli.progress import AsJson, show
from kitsu_api.cli.sync_work import (
    Login,
    Password,
    SourceMovies,
    SourceUrl,
    StatePath,
    Tables,
    Token,
    Tools,
    Wishes,
    run,
    show_comparison,
)

if TYPE_CHECKING:
    from kitsu_api.services.sync.changes import Changes, OpenUnitOfWork
    from kitsu_api.services.sync.sending import FilePush

T = TypeVar("T")
logger = logging.getLogger(__name__)

app = typer.Typer(
    help="Copy another instance into this one, and keep the copy up.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command()
def full(
    source: SourceUrl,
    login: Login = None,
    password: Password = None,
    token: Token = None,
    table: Tables = None,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete here what is gone there; people stay.")
    ] = False,
    state: StatePath = None,
    json: AsJson = False,
) -> None:
    """Copy all rows. An interrupted copy goes on where it was; run it again at any time."""

    async def work(tools: Tools) -> None:
        from kitsu_api.services.sync.mirror import Mirror

        mirror = Mirror(tools.source, tools.sessions, tools.state, tools.progress)
        tallies = await mirror.copy_all(table or (), clear=delete)
        rows = [{"table": name, **vars(tally)} for name, tally in tallies.items()]
        show(rows, json)

    _check_tables(table)
    run(Wishes(source, login, password, token, state, json), work)


@app.command()
def changes(
    source: SourceUrl,
    login: Login = None,
    password: Password = None,
    token: Token = None,
    once: Annotated[bool, typer.Option("--once", help="Do what happened so far, and end.")] = False,
    interval: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks at the source.")] = 10.0,
    files: Annotated[bool, typer.Option("--files", help="Copy the files of changed rows as well.")] = False,
    state: StatePath = None,
    json: AsJson = False,
) -> None:
    """Follow the source's events until Ctrl-C or SIGTERM. Needs a full copy to begin with."""

    async def work(tools: Tools) -> None:
        from kitsu_api.services.sync.changes import Changes
        from kitsu_api.services.sync.files import FileCopies
        from kitsu_api.services.sync.mirror import Mirror
        from kitsu_api.storage.files import FileStorage

        mirror = Mirror(tools.source, tools.sessions, tools.state)
        copies = FileCopies(tools.source, tools.sessions, FileStorage(tools.settings)) if files else None
        async with _units_of_work(tools) as units:
            following = Changes(mirror, units, copies)
            count = await following.follow_once() if once else await _follow(following, interval)
        show([{"events": count}], json)

    run(Wishes(source, login, password, token, state, json), work)


@app.command()
def files(
    source: SourceUrl,
    login: Login = None,
    password: Password = None,
    token: Token = None,
    source_movies: SourceMovies = False,
    again: Annotated[bool, typer.Option("--again", help="Also files that are here already.")] = False,
    state: StatePath = None,
    json: AsJson = False,
) -> None:
    """Copy the files of previews, comments, working files and avatars that are not here yet."""

    async def work(tools: Tools) -> None:
        from kitsu_api.services.sync.files import FileCopies
        from kitsu_api.storage.files import FileStorage

        storage = FileStorage(tools.settings)
        copies = FileCopies(
            tools.source,
            tools.sessions,
            storage,
            sources=source_movies,
            again=again,
            progress=tools.progress,
        )
        show([vars(await copies.copy_all())], json)

    run(Wishes(source, login, password, token, state, json), work)


@app.command()
def verify(
    source: SourceUrl,
    login: Login = None,
    password: Password = None,
    token: Token = None,
    table: Tables = None,
    state: StatePath = None,
    json: AsJson = False,
) -> None:
    """Compare all rows there and here; exit code 1 and what differs when they are not the same."""

    async def work(tools: Tools) -> bool:
        from kitsu_api.services.sync.verification import compare_all

        found = await compare_all(tools.source, tools.sessions, table or (), tools.progress)
        show_comparison(found, json)
        return all(each.same for each in found)

    _check_tables(table)
    if not run(Wishes(source, login, password, token, state, json), work):
        raise typer.Exit(1)


@app.command()
def push(
    target: Annotated[
        str,
        typer.Option(
            "--target", envvar="SYNC_TARGET", help="Address of the API that is sent to: https://host/api."
        ),
    ],
    login: Login = None,
    password: Password = None,
    token: Token = None,
    table: Tables = None,
    silent: Annotated[bool, typer.Option("--silent", help="Tell nobody there: no events.")] = False,
    files: Annotated[
        bool, typer.Option("--files", help="Send files that are missing there, after the rows.")
    ] = False,
    source_movies: SourceMovies = False,
    state: StatePath = None,
    json: AsJson = False,
) -> None:
    """Send rows of productions that are missing there or older there; what is newer there stays.

    The other instance has to know the people, task types and the like already, under the same ids: it is
    the one that this instance is a copy of, or itself a copy of this one. An interrupted push goes on where
    it was.
    """

    async def work(tools: Tools) -> None:
        from kitsu_api.services.sync.pushing import Push

        pushing = Push(tools.source, tools.sessions, tools.progress, silent=silent)
        told: list[dict[str, Any]] = [vars(each) for each in await pushing.push_all(table or ())]
        if files:
            tally = await _file_push(tools, source_movies).push_all()
            sent = {"table": "files", "sent": tally.sent, "kept": tally.present}
            more = {"missing": tally.missing, "unknown": tally.unknown, "bytes": tally.size}
            # a table has the same columns in each row
            told.append({**sent, **more} if json else sent)
        show(told, json)

    from kitsu_api.services.sync.pushing import PUSHED

    names = [each.name for each in PUSHED]
    if unknown := [name for name in table or () if name not in names]:
        fail(f"Not sent: {', '.join(unknown)}. There are: {', '.join(names)}.", WRONGLY_CALLED)
    run(Wishes(target, login, password, token, state, json), work)


@app.command("push-verify")
def push_verify(
    target: Annotated[
        str,
        typer.Option("--target", envvar="SYNC_TARGET", help="Address of the API that was sent to."),
    ],
    login: Login = None,
    password: Password = None,
    token: Token = None,
    files: Annotated[
        bool,
        typer.Option("--files", help="Compare checksums of files as well; all are read, on both sides."),
    ] = False,
    source_movies: SourceMovies = False,
    json: AsJson = False,
) -> None:
    """Compare the rows that `push` sends, there and here; exit code 1 and what differs."""

    async def work(tools: Tools) -> bool:
        from kitsu_api.services.sync.pushing import PUSHED
        from kitsu_api.services.sync.verification import compare_all

        names = [each.name for each in PUSHED]
        found = await compare_all(tools.source, tools.sessions, names, tools.progress)
        compared = await _file_push(tools, source_movies).compare() if files else None
        show_comparison(found, json, compared)
        return all(each.same for each in found) and not (compared and compared.different)

    if not run(Wishes(target, login, password, token, None, json), work):
        raise typer.Exit(1)


def _file_push(tools: Tools, sources: bool) -> FilePush:
    from kitsu_api.services.sync.sending import FilePush
    from kitsu_api.storage.files import FileStorage

    storage = FileStorage(tools.settings)
    return FilePush(tools.source, tools.sessions, storage, tools.state, tools.progress, sources=sources)


def _check_tables(names: list[str] | None) -> None:
    from kitsu_api.services.sync.catalogue import BY_NAME

    unknown = [name for name in names or () if name not in BY_NAME]
    if unknown:
        fail(f"No such table: {', '.join(unknown)}. There are: {', '.join(BY_NAME)}.", WRONGLY_CALLED)


@contextlib.asynccontextmanager
async def _units_of_work(tools: Tools) -> AsyncIterator[OpenUnitOfWork | None]:
    """Transactions whose events reach those who look at this instance; none without a Valkey."""
    from redis.asyncio import Redis

    from kitsu_api.outbox import DatabaseOutbox
    from kitsu_api.realtime.bell import ValkeyBell
    from kitsu_api.unit_of_work import UnitOfWork, unit_of_work
    from kitsu_api.workers.queue import ArqQueue

    url = tools.settings.valkey_url
    if url is None:
        logger.warning("No REDIS_URL: nobody who looks at this instance is told of changes.")
        yield None
        return
    queue = ArqQueue(url)
    valkey = Redis.from_url(url, socket_connect_timeout=3)
    outbox = DatabaseOutbox(tools.sessions, ValkeyBell(valkey, url), queue)

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[UnitOfWork]:
        async with tools.sessions() as session, unit_of_work(session, outbox) as uow:
            yield uow

    try:
        yield opened
    finally:
        await queue.close()
        await valkey.aclose()


async def _follow(following: Changes, interval: float) -> int:
    """Follow the source until a signal comes; what it is away for is done later. How many events came."""
    from kitsu_api.services.sync.source import SyncError

    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows knows no handlers of a loop
            loop.add_signal_handler(number, told.set)
    count = await following.follow_once()
    typer.echo("Following the source.", err=True)
    while not told.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), interval)
        if told.is_set():
            break
        try:
            count += await following.follow_once()
        except SyncError as error:
            typer.echo(f"{error} Trying again in {interval:g} s.", err=True)
    return count
