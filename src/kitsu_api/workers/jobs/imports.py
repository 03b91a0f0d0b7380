"""The job that takes in sheets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from kitsu_api.services.import_csv.plans import Kind, Wish
from kitsu_api.services.import_csv.running import run_import
from kitsu_api.services.import_csv.sheets import SheetError
from kitsu_api.services.import_csv.submission import BUCKET, KIND, PREFIX, Answers, result_of, told_of
from kitsu_api.storage.files import MissingFile
from kitsu_api.unit_of_work import UnitOfWork
from kitsu_api.workers.context import JobContext
from kitsu_api.workers.tracking import JobCancelled, JobFailed, RunningJob, begin

GONE = "The sheet is no longer in storage: send it again."


async def import_sheet(
    ctx: dict[str, Any],
    *,
    job_id: str,
    sheet_id: str,
    actor_id: str,
    sheet_kind: Kind,
    project_id: str | None = None,
    episode_id: str | None = None,
    task_type_id: str | None = None,
    update: bool = False,
    dry_run: bool = False,
    create_columns: bool = False,
) -> None:
    """Take in a sheet from storage, in one transaction; then it is no longer needed there.

    A worker that is killed leaves nothing of it, so that another begins anew.
    """
    context: JobContext = ctx["job"]
    wish = Wish(
        sheet_kind,
        project_id=_id(project_id),
        episode_id=_id(episode_id),
        task_type_id=_id(task_type_id),
        update=update,
        dry_run=dry_run,
        create_columns=create_columns,
    )
    async with begin(ctx, job_id) as job:
        answers = Answers(context.valkey)
        try:
            with context.temporary_folder() as folder:
                path = folder / "sheet"
                await context.storage.fetch(BUCKET, PREFIX, UUID(sheet_id), path)
                await _run(context, job, UUID(actor_id), path, wish)
        except MissingFile as error:
            raise JobFailed(GONE) from error
        except SheetError as error:
            await answers.refuse(job.id, error)
            await context.storage.delete(BUCKET, PREFIX, UUID(sheet_id))
            raise JobFailed(told_of(error)) from error
        except JobCancelled:
            if not job.lost:
                await context.storage.delete(BUCKET, PREFIX, UUID(sheet_id))
            raise
        await context.storage.delete(BUCKET, PREFIX, UUID(sheet_id))


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


async def _run(context: JobContext, job: RunningJob, actor_id: UUID, path: Path, wish: Wish) -> None:
    """The import itself, which leaves the job's result and the answer to whoever waits for it.

    The rows and the end of the job are committed together: a worker that ends between the two would have
    another one begin with rows that are there already, or with a sheet that is gone.
    """
    answers = Answers(context.valkey)
    if wish.dry_run:
        if context.outbox is None:
            raise RuntimeError("This context was built without an outbox.")
        async with context.sessions() as session:
            uow = UnitOfWork(session, context.outbox, actor_id, context.settings)
            await job.mark(uow)
            outcome = await run_import(uow, actor_id, path, wish, job.progress)
            await session.rollback()
        await answers.accept(job.id, outcome.ids)
        job.result = result_of(wish, outcome)
        return
    async with job.last_unit_of_work(actor_id) as uow:
        outcome = await run_import(uow, actor_id, path, wish, job.progress)
        await answers.accept(job.id, outcome.ids)
        job.result = result_of(wish, outcome)


JOBS: dict[str, Callable[..., Awaitable[Any]]] = {KIND: import_sheet}
