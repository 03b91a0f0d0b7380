"""Jobs for tests, and a worker process that knows them: `python -m tests.workers.probes quick,media`.

A job says in a folder that it has begun, works until it is let go, and leaves one row of its own.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from kitsu_api.db.models import Studio
from kitsu_api.settings import Settings
from kitsu_api.workers import register
from kitsu_api.workers.settings import run
from kitsu_api.workers.tracking import JobLost, RunningJob, begin

COLOR = "#101010"


def begun_file(folder: Path, job_id: object, attempt: int) -> Path:
    """The file by which an attempt says that it has begun; it holds the process."""
    return folder / f"{job_id}.{attempt}"


def let_go(folder: Path) -> None:
    """Let the jobs of a folder come to their end."""
    (folder / "go").touch()


def _announce(folder: str, job: RunningJob) -> Path:
    draft = Path(folder) / f"{job.id}.draft"
    draft.write_text(str(os.getpid()))
    draft.rename(begun_file(Path(folder), job.id, job.attempt))
    return Path(folder) / "go"


async def probe(ctx: dict[str, Any], *, job_id: str, folder: str) -> None:
    """Work in the event loop, in many small steps."""
    async with begin(ctx, job_id) as job:
        go, step = _announce(folder, job), 0
        while not go.exists():
            step += 1
            await job.progress(step, step + 1)
            await asyncio.sleep(0.02)
        async with job.unit_of_work() as uow:
            uow.session.add(Studio(name=job_id, color=COLOR))
        job.result = {"pid": os.getpid()}


async def probe_thread(ctx: dict[str, Any], *, job_id: str, folder: str) -> None:
    """Work in a thread, without a pause."""
    async with begin(ctx, job_id) as job:
        go = _announce(folder, job)

        def spin() -> int:
            while not go.exists():
                job.check_cancelled()
                end = time.thread_time() + 0.01
                while time.thread_time() < end:
                    pass
            return os.getpriority(os.PRIO_PROCESS, 0)

        job.result = {"niceness": await asyncio.to_thread(spin)}


async def probe_stubborn(ctx: dict[str, Any], *, job_id: str, folder: str) -> None:
    """Hold the event loop up, so that no heartbeat gets through, then want to write all the same."""
    async with begin(ctx, job_id) as job:
        go = _announce(folder, job)
        if job.attempt == 1:
            while not go.exists():
                time.sleep(0.02)
        try:
            async with job.unit_of_work() as uow:
                uow.session.add(Studio(name=job_id, color=COLOR))
        except JobLost:
            (Path(folder) / "lost").touch()
            raise


async def _freeze_within(ctx: dict[str, Any], job_id: str, folder: str, *, last: bool) -> None:
    """Write a row, then hold everything up in the middle of the transaction, which the first attempt never
    gets to the end of."""
    async with begin(ctx, job_id) as job:
        go = Path(folder) / "go"
        async with job.last_unit_of_work(UUID(int=0)) if last else job.unit_of_work() as uow:
            uow.session.add(Studio(id=UUID(job_id), name=job_id, color=COLOR))
            await uow.session.flush()
            _announce(folder, job)
            while job.attempt == 1 and not go.exists():
                time.sleep(0.02)
            job.result = {"pid": os.getpid()}


async def probe_frozen(ctx: dict[str, Any], *, job_id: str, folder: str) -> None:
    """Freeze in a transaction that leaves the job's row free, such as an import."""
    await _freeze_within(ctx, job_id, folder, last=True)


async def probe_frozen_row(ctx: dict[str, Any], *, job_id: str, folder: str) -> None:
    """Freeze in a transaction that holds the job's row."""
    await _freeze_within(ctx, job_id, folder, last=False)


def install() -> None:
    """Make these kinds known to this process."""
    register.register(register.QUICK, "probe", probe)
    register.register(register.QUICK, "probe_stubborn", probe_stubborn)
    register.register(register.QUICK, "probe_frozen", probe_frozen)
    register.register(register.QUICK, "probe_frozen_row", probe_frozen_row)
    register.register(register.MEDIA, "probe_thread", probe_thread)


if __name__ == "__main__":
    install()
    logging.basicConfig(level="INFO")
    run(Settings(), sys.argv[1].split(","))
