"""Jobs that let go of what is too old."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from kitsu_api.db.base import now
from kitsu_api.db.repositories.event_feed import EventFeed
from kitsu_api.db.repositories.event_handlers import EventHandlerRuns
from kitsu_api.db.repositories.event_log import EventLog
from kitsu_api.db.repositories.history import HistoryMonths, following
from kitsu_api.db.repositories.jobs import Jobs
from kitsu_api.db.repositories.messages import Messages
from kitsu_api.db.repositories.storage_use import add_up
from kitsu_api.db.repositories.stored_files import DeletedFile, files_to_purge, note_purged, note_unpurged
from kitsu_api.db.repositories.trash import TrashRecords
from kitsu_api.db.repositories.uploads import Uploads
from kitsu_api.db.repositories.webhooks import Webhooks
from kitsu_api.services import uploads
from kitsu_api.workers.context import JobContext

logger = logging.getLogger(__name__)

BATCH = 10_000
"""Rows that one transaction deletes: few enough that nobody waits for it."""

FILES = 50
"""Files that one transaction removes: their rows are locked until all are gone."""

UPLOADS = 20
"""Uploads that one transaction drops: each may have thousands of parts."""

ATTEMPTS = 10
"""How often a file's removal is tried."""


async def _in_batches(context: JobContext, delete: Callable[[AsyncSession, int], Awaitable[int]]) -> int:
    """Delete batch by batch, each in a transaction, until one is not full; how many rows there were."""
    total = 0
    while True:
        async with context.unit_of_work() as uow:
            deleted = await delete(uow.session, BATCH)
        total += deleted
        if deleted < BATCH:
            return total


DELIVERIES_ARE_KEPT = timedelta(days=30)
MESSAGES_ARE_KEPT = timedelta(hours=1)
"""Age of what is told to listeners and is no part of the log: they have heard it long before."""


async def delete_old_events(ctx: dict[str, Any]) -> int:
    """Delete the events that are older than the settings keep them; how many there were."""
    context: JobContext = ctx["job"]
    days = context.settings.event_retention_days
    if not days:
        return 0
    moment = now() - timedelta(days=days)
    async with context.unit_of_work() as uow:
        await EventFeed(uow.session).number()
        await EventFeed(uow.session).note_forgotten(moment)
    total = await _in_batches(context, lambda session, n: EventLog(session).delete_before(moment, n))
    if total:
        logger.info("%d events older than %d days were deleted.", total, days)
    return total


async def forget_told_messages(ctx: dict[str, Any]) -> None:
    """Delete what was told to listeners and is no part of the log, such as the progress of jobs."""
    context: JobContext = ctx["job"]
    async with context.unit_of_work() as uow:
        await EventFeed(uow.session).forget_told(now() - MESSAGES_ARE_KEPT)


async def delete_old_deliveries(ctx: dict[str, Any]) -> None:
    """Delete deliveries of webhooks, messages and runs of handlers that are too old to ask about."""
    context: JobContext = ctx["job"]
    moment = now() - DELIVERIES_ARE_KEPT
    await _in_batches(context, lambda session, n: Webhooks(session).delete_old_deliveries(moment, n))
    await _in_batches(context, lambda session, n: Messages(session).delete_old(moment, n))
    await _in_batches(context, lambda session, n: EventHandlerRuns(session).delete_old(moment, n))


async def delete_ended_jobs(ctx: dict[str, Any]) -> int:
    """Forget the jobs that ended longer ago than the settings keep them; how many there were."""
    context: JobContext = ctx["job"]
    moment = now() - timedelta(days=context.settings.job_retention_days)
    return await _in_batches(context, lambda session, n: Jobs(session).delete_ended(moment, n))


async def purge_deleted_files(ctx: dict[str, Any]) -> int:
    """Remove the files from storage that were deleted longer ago than the settings keep them; how many
    there were. A file that can't be removed is tried again at the next times, up to ten."""
    context: JobContext = ctx["job"]
    moment, total = now() - timedelta(days=context.settings.deleted_file_days), 0
    failed: set[UUID] = set()
    while True:
        async with context.unit_of_work() as uow:
            files = await files_to_purge(uow.session, moment, ATTEMPTS, FILES, failed)
            outcome = await asyncio.gather(*(_remove(context, file) for file in files))
            gone = [file.id for file, error in zip(files, outcome, strict=True) if error is None]
            await note_purged(uow.session, gone)
            for reason in {error for error in outcome if error is not None}:
                kept = [file.id for file, error in zip(files, outcome, strict=True) if error == reason]
                await note_unpurged(uow.session, kept, reason)
                failed.update(kept)
        total += len(gone)
        if len(files) < FILES:
            break
    if total or failed:
        logger.info("%d deleted files are gone from storage, %d could not be removed.", total, len(failed))
    return total


async def _remove(context: JobContext, file: DeletedFile) -> str | None:
    """Remove a file; the kind of the error if that failed."""
    try:
        await context.storage.delete_key(file.bucket, file.key)
    except Exception as error:
        # the text may name folders and addresses of the store
        logger.warning("A deleted file could not be removed from storage.", exc_info=error)
        return type(error).__name__
    return None


async def delete_expired_uploads(ctx: dict[str, Any]) -> int:
    """Drop the uploads that nobody went on with for as long as the settings wait; how many there were."""
    context: JobContext = ctx["job"]
    total = 0
    while True:
        async with context.unit_of_work() as uow:
            ids = await Uploads(uow.session).expired(UPLOADS)
            await uploads.remove(uow, ids)
        total += len(ids)
        if len(ids) < UPLOADS:
            return total


async def purge_trash(ctx: dict[str, Any]) -> int:
    """Forget the deletions that can't be undone any more, with their files; how many there were."""
    context: JobContext = ctx["job"]
    return await _in_batches(context, lambda session, n: TrashRecords(session).purge_expired(now(), n))


MONTHS_AHEAD = 3
"""Months of the history that are made before they begin."""


async def keep_history_months(ctx: dict[str, Any]) -> int:
    """Make the months of the history that are to come, and drop those that are older than the settings keep
    them; how many were dropped. Where others write too long, the next time does it."""
    context: JobContext = ctx["job"]
    today, kept = now().date(), context.settings.history_months
    async with context.unit_of_work() as uow:
        lacking = await HistoryMonths(uow.session).lacking(today, MONTHS_AHEAD)
    dropped: list[str] = []
    try:
        for month in lacking:
            async with context.unit_of_work() as uow:
                months = HistoryMonths(uow.session)
                await months.hold()
                if month in await months.lacking(today, MONTHS_AHEAD):
                    await months.add(month)
        if kept:
            async with context.unit_of_work() as uow:
                months = HistoryMonths(uow.session)
                await months.hold()
                dropped = await months.drop_before(following(today.replace(day=1), -kept))
    except DBAPIError as error:
        logger.warning("The months of the history are looked after later (%s).", type(error.orig).__name__)
    if dropped:
        logger.info("The history of %d months is gone: %s.", len(dropped), ", ".join(dropped))
    return len(dropped)


async def add_up_storage_use(ctx: dict[str, Any]) -> int:
    """Put one row in the place of the many that say what somebody's files take; how many there were."""
    context: JobContext = ctx["job"]
    async with context.unit_of_work() as uow:
        return await add_up(uow.session)


JOBS: dict[str, Callable[..., Awaitable[Any]]] = {
    "delete_old_events": delete_old_events,
    "forget_told_messages": forget_told_messages,
    "delete_old_deliveries": delete_old_deliveries,
    "delete_ended_jobs": delete_ended_jobs,
    "keep_history_months": keep_history_months,
    "purge_trash": purge_trash,
    "purge_deleted_files": purge_deleted_files,
    "delete_expired_uploads": delete_expired_uploads,
    "add_up_storage_use": add_up_storage_use,
}
