"""The steps of imports that take their time: reading a file, planning, applying, and taking back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from kitsu_api.db.base import now
from kitsu_api.db.models import ImportStatus, SheetImport
from kitsu_api.db.repositories.import_journal import ImportJournal
from kitsu_api.db.repositories.import_wizard import SheetImports
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.stored_files import forget, forget_older, register
from kitsu_api.services.import_csv.plans import Outcome, Wish
from kitsu_api.services.import_csv.running import importer_of, take_in
from kitsu_api.services.import_csv.sheets import SheetError
from kitsu_api.services.import_csv.submission import result_of, told_of
from kitsu_api.services.import_wizard import steps
from kitsu_api.services.import_wizard.columns import guess, known_names
from kitsu_api.services.import_wizard.reading import MappedSheet, read
from kitsu_api.services.import_wizard.undoing import undo
from kitsu_api.storage.files import MissingFile
from kitsu_api.unit_of_work import UnitOfWork
from kitsu_api.workers.context import JobContext
from kitsu_api.workers.tracking import JobFailed, RunningJob, begin

GONE = "The file is no longer in storage: send it again."
IMPORTS_ARE_KEPT = timedelta(days=30)
"""How long an import can be taken back."""

BATCH = 50


async def import_step(
    ctx: dict[str, Any], *, job_id: str, import_id: str, actor_id: str, step: steps.Step, update: bool = False
) -> None:
    """Do one step of an import, in one transaction: a worker that is killed leaves nothing of it."""
    context: JobContext = ctx["job"]
    id, actor = UUID(import_id), UUID(actor_id)
    async with begin(ctx, job_id) as job:
        try:
            match step:
                case "read":
                    await _read(context, job, id)
                case "undo":
                    await _undo(job, id, actor)
                case _:
                    await _take_in(context, job, id, actor, update=update, dry_run=step == "plan")
        except MissingFile as error:
            raise JobFailed(GONE) from error
        except SheetError as error:
            raise JobFailed(told_of(error)) from error


async def _found(uow: UnitOfWork, id: UUID) -> SheetImport:
    found = await SheetImports(uow.session).locked(id)
    if found is None:
        raise JobFailed("The import was deleted.")
    return found


async def _read(context: JobContext, job: RunningJob, id: UUID) -> None:
    """Read the file of an import, and guess what its columns stand for."""
    async with job.unit_of_work() as uow:
        found = await _found(uow, id)
        if found.status != ImportStatus.READING.value:
            return
        worksheet = found.worksheet
    with context.temporary_folder() as folder:
        source, target = folder / "received", folder / "sheet"
        await context.storage.fetch(steps.BUCKET, steps.RECEIVED, id, source)
        try:
            sheet = await asyncio.to_thread(read, source, target, known_names(), worksheet)
        except SheetError as error:
            await _refuse(job, id, told_of(error))
            await context.storage.delete(steps.BUCKET, steps.RECEIVED, id)
            raise
        await context.storage.put(steps.BUCKET, steps.SHEETS, id, target)
        size = (await asyncio.to_thread(target.stat)).st_size
    async with job.unit_of_work() as uow:
        found = await _found(uow, id)
        await register(uow.session, steps.BUCKET, steps.SHEETS, id, size)
        known = await SheetImports(uow.session).mapping(found.kind, found.project_id)
        fields = await steps.fields_for(uow, found)
        said = known.fields if known else None
        guesses = await asyncio.to_thread(guess, sheet.head, sheet.samples, fields, said)
        await steps.note_read(uow, found, sheet, guesses)
    await context.storage.delete(steps.BUCKET, steps.RECEIVED, id)
    job.result = {"import_id": str(id), "rows": sheet.rows}


async def _refuse(job: RunningJob, id: UUID, error: str) -> None:
    async with job.unit_of_work() as uow:
        values = {"status": ImportStatus.REFUSED.value, "error": error}
        await Records(uow.session, SheetImport).change(await _found(uow, id), values)


async def _take_in(
    context: JobContext, job: RunningJob, id: UUID, actor_id: UUID, *, update: bool, dry_run: bool
) -> None:
    """Say what an import would do, or do it and note what it changed."""
    with context.temporary_folder() as folder:
        path = await context.storage.borrow(steps.BUCKET, steps.SHEETS, id, folder / "sheet")
        if dry_run:
            if context.outbox is None:
                raise RuntimeError("This context was built without an outbox.")
            async with context.sessions() as session:
                uow = UnitOfWork(session, context.outbox, actor_id, context.settings)
                await job.mark(uow)
                found = await _found(uow, id)
                outcome, wish = await _run(uow, job, found, actor_id, path, update=update, dry_run=True)
                await session.rollback()
            job.result = result_of(wish, outcome)
            return
        async with job.last_unit_of_work(actor_id) as uow:
            found = await _found(uow, id)
            journal = ImportJournal(uow.session, id, found.project_id)
            await journal.begin()
            outcome, wish = await _run(uow, job, found, actor_id, path, update=update, dry_run=False)
            await journal.note()
            job.result = result_of(wish, outcome)
            values = {"status": ImportStatus.APPLIED.value, "outcome": job.result, "applied_at": now()}
            await Records(uow.session, SheetImport).change(found, values)


async def _run(
    uow: UnitOfWork,
    job: RunningJob,
    found: SheetImport,
    actor_id: UUID,
    path: Path,
    *,
    update: bool,
    dry_run: bool,
) -> tuple[Outcome, Wish]:
    steps.check_ready(found)
    fields = await steps.fields_for(uow, found)
    steps.check_mapping(found, found.mapping, fields)
    steps.check_complete(found, fields)
    sheet = MappedSheet(path, steps.heads_of(found, fields))
    wish = steps.wish_of(found, update=update, dry_run=dry_run)
    return await take_in(uow, importer_of(uow, actor_id, wish), sheet, wish, job.progress), wish


async def _undo(job: RunningJob, id: UUID, actor_id: UUID) -> None:
    async with job.last_unit_of_work(actor_id) as uow:
        job.result = await undo(uow, await _found(uow, id))


async def forget_imports(ctx: dict[str, Any]) -> int:
    """Forget imports that are too old to be taken back, with their files; how many there were."""
    context: JobContext = ctx["job"]
    total, before = 0, now() - IMPORTS_ARE_KEPT
    while True:
        async with context.unit_of_work() as uow:
            gone: Sequence[UUID] = await SheetImports(uow.session).delete_older(before, BATCH)
            await forget(uow.session, steps.BUCKET, steps.SHEETS, gone, at_once=True)
            # and those whose production is gone
            await forget_older(uow.session, steps.BUCKET, steps.SHEETS, before)
        total += len(gone)
        if len(gone) < BATCH:
            return total


JOBS: dict[str, Callable[..., Awaitable[Any]]] = {
    steps.KIND: import_step,
    "forget_imports": forget_imports,
}
