"""``kitsu-api sync-with-ldap``: people as the directory has them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

import typer

from kitsu_api.cli.failure import fail
from kitsu_api.cli.progress import AsJson, progress, show

if TYPE_CHECKING:
    from kitsu_api.services.ldap.synchronising import Tally
    from kitsu_api.settings import Settings
    from kitsu_api.unit_of_work import UnitOfWork


def sync_with_ldap(
    close_missing: Annotated[
        bool,
        typer.Option("--close-missing", help="Close accounts that came from the directory and left it."),
    ] = False,
    json: AsJson = False,
) -> None:
    """Add the people of the directory, and bring names and e-mails up to it. Roles stay as they are."""
    from kitsu_api.cli.database import database_url
    from kitsu_api.services.ldap.directory import DirectoryError
    from kitsu_api.services.ldap.synchronising import LicenceFull
    from kitsu_api.settings import get_settings

    database_url()
    try:
        with progress(json, "people"):
            tally = asyncio.run(_synchronise(get_settings(), close_missing))
    except (DirectoryError, LicenceFull) as error:
        fail(str(error))
    for line in tally.skipped:
        typer.echo(f"Left out: {line}.", err=True)
    show([{**vars(tally), "skipped": len(tally.skipped)}], json)


async def _synchronise(settings: Settings, close_missing: bool) -> Tally:
    from kitsu_api.services.ldap.directory import Directory
    from kitsu_api.services.ldap.synchronising import synchronise

    entries = await Directory(settings).people()
    async with _unit_of_work(settings) as uow:
        return await synchronise(uow, entries, close_missing=close_missing)


@contextlib.asynccontextmanager
async def _unit_of_work(settings: Settings) -> AsyncIterator[UnitOfWork]:
    """A transaction whose events reach those who look at this instance."""
    from redis.asyncio import Redis

    from kitsu_api.db.engine import make_engine, make_sessions
    from kitsu_api.outbox import DatabaseOutbox
    from kitsu_api.realtime.bell import ValkeyBell
    from kitsu_api.unit_of_work import unit_of_work
    from kitsu_api.workers.queue import ArqQueue

    url = settings.valkey_url
    if url is None:
        fail("No Valkey: set REDIS_URL, or KV_HOST.")
    engine, queue = make_engine(settings, "command line"), ArqQueue(url)
    valkey = Redis.from_url(url, socket_connect_timeout=3)
    sessions = make_sessions(engine)
    try:
        outbox = DatabaseOutbox(sessions, ValkeyBell(valkey, url), queue)
        async with sessions() as session, unit_of_work(session, outbox, settings=settings) as uow:
            yield uow
    finally:
        await queue.close()
        await valkey.aclose()
        await engine.dispose()
