"""The sizes and forms of a preview that browsers ask for, made before they do."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from kitsu_api.db.base import now
from kitsu_api.db.repositories.stored_files import forget_older
from kitsu_api.services import picture_forms as service
from kitsu_api.services import picture_sheets as sheets
from kitsu_api.workers.context import JobContext

logger = logging.getLogger(__name__)


async def make_picture_forms(ctx: dict[str, Any], *, preview_file_id: str) -> None:
    """Make them; where that fails they are made when they are first asked for."""
    context: JobContext = ctx["job"]
    async with context.unit_of_work() as uow:
        if not await service.make(uow, context.storage, UUID(preview_file_id), service.MADE_AHEAD):
            logger.info("Nothing was made ahead of preview %s: it is gone, or was changed.", preview_file_id)


async def forget_sheets(ctx: dict[str, Any]) -> int:
    """Have contact sheets removed that can't be asked for any more, or could have been ordered anew; how many
    there were."""
    context: JobContext = ctx["job"]
    before = now() - timedelta(hours=sheets.HOURS * 2)
    async with context.unit_of_work() as uow:
        gone = [
            await forget_older(uow.session, sheets.BUCKET, prefix, before)
            for prefix in sheets.PREFIXES.values()
        ]
    return sum(gone)


JOBS: dict[str, Callable[..., Awaitable[Any]]] = {"forget_sheets": forget_sheets}
MEDIA_JOBS: dict[str, Callable[..., Awaitable[Any]]] = {service.MAKE_JOB: make_picture_forms}
