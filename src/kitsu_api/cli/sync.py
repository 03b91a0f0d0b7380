"""Commands that make this instance a copy of another: ``sync …``."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from kitsu_api.cli.failure import fail
from kitsu_api.cli.progress import AsJson, Progress, progress, show

if TYPE_CHECKING:
    from kitsu_api.db.engine import Sessions
    from kitsu_api.services.sync.changes import Changes, OpenUnitOfWork
    from kitsu_api.services.sync.source import Source
    from kitsu_api.services.sync.state import SyncState
    from kitsu_api.services.sync.verification import Comparison
    from kitsu_api.settings import Settings

T = TypeVar("T")
logger = logging.getLogger(__name__)

app = typer.Typer(
    help="Copy another instance into this one, and keep the copy up.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

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
    _run(Wishes(source, login, password, token, state, json), work)


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

    _run(Wishes(source, login, password, token, state, json), work)


@app.command()
def files(
    source: SourceUrl,
    login: Login = None,
    password: Password = None,
    token: Token = None,
    source_movies: Annotated[
        bool,
        typer.Option(
            "--source-movies", envvar="SYNC_SOURCE_MOVIE_FILES", help="Also movies as they were uploaded."
        ),
    ] = False,
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

    _run(Wishes(source, login, password, token, state, json), work)


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
        _show_comparison(found, json)
        return all(each.same for each in found)

    _check_tables(table)
    if not _run(Wishes(source, login, password, token, state, json), work):
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
    json: AsJson = False,
) -> None:
    """Send rows of productions that are missing there or older there; what is newer there stays.

    The other instance has to know the people, task types and the like already, under the same ids: it is
    the one that this instance is a copy of, or itself a copy of this one. Files are not sent.
    """

    async def work(tools: Tools) -> None:
        from kitsu_api.services.sync.pushing import Push

        pushing = Push(tools.source, tools.sessions, tools.progress, silent=silent)
        show([vars(each) for each in await pushing.push_all(table or ())], json)

    from kitsu_api.services.sync.pushing import PUSHED

    names = [each.name for each in PUSHED]
    if unknown := [name for name in table or () if name not in names]:
        fail(f"Not sent: {', '.join(unknown)}. There are: {', '.join(names)}.")
    _run(Wishes(target, login, password, token, None, json), work)


@app.command("push-verify")
def push_verify(
    target: Annotated[
        str,
        typer.Option("--target", envvar="SYNC_TARGET", help="Address of the API that was sent to."),
    ],
    login: Login = None,
    password: Password = None,
    token: Token = None,
    json: AsJson = False,
) -> None:
    """Compare the rows that `push` sends, there and here; exit code 1 and what differs."""
    from kitsu_api.services.sync.pushing import PUSHED

    verify(target, login, password, token, [each.name for each in PUSHED], None, json)


def _check_tables(names: list[str] | None) -> None:
    from kitsu_api.services.sync.catalogue import BY_NAME

    unknown = [name for name in names or () if name not in BY_NAME]
    if unknown:
        fail(f"No such table: {', '.join(unknown)}. There are: {', '.join(BY_NAME)}.")


def _run(wishes: Wishes, work: Callable[[Tools], Awaitable[T]]) -> T:
    """Do the work with everything that it needs; ends the command when it can't be done."""
    from kitsu_api.cli.database import direct_url
    from kitsu_api.services.sync.source import SyncError

    direct_url()
    if not wishes.token and not (wishes.login and wishes.password):
        fail("Who signs in at the source? Set SYNC_LOGIN and SYNC_PASSWORD, or SYNC_TOKEN.")
    try:
        return asyncio.run(_with_tools(wishes, work))
    except SyncError as error:
        fail(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


async def _with_tools(wishes: Wishes, work: Callable[[Tools], Awaitable[T]]) -> T:
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


def _show_comparison(found: list[Comparison], as_json: bool) -> None:
    if as_json:
        show([each.told() for each in found], True)
        return
    different = [each for each in found if not each.same]
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
        for each in different
    ]
    if rows:
        show(rows, False)
    count = sum(each.there for each in found)
    typer.echo(
        f"{len(different)} of {len(found)} tables differ." if different else f"The same: {count} rows."
    )
