"""The jobs that exist, by name.

A job is an async function whose first argument is the worker's context, with a `JobContext` under `job`. One
that takes a `job_id` is tracked: it has a row that people watch, and works within
`kitsu_api.workers.tracking.begin`. Others are small and nobody waits for them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from kitsu_api.workers.jobs import (
    import_steps,
    imports,
    mails,
    picture_forms,
    playlists,
    preview_upkeep,
    previews,
    reports,
    retention,
)

JOBS: dict[str, Callable[..., Awaitable[Any]]] = {
    **import_steps.JOBS,
    **imports.JOBS,
    **mails.JOBS,
    **picture_forms.JOBS,
    **playlists.JOBS,
    **reports.JOBS,
    **retention.JOBS,
}
"""Jobs of seconds."""

MEDIA_JOBS: dict[str, Callable[..., Awaitable[Any]]] = {
    **picture_forms.MEDIA_JOBS,
    **playlists.MEDIA_JOBS,
    **preview_upkeep.MEDIA_JOBS,
    **previews.MEDIA_JOBS,
    **reports.MEDIA_JOBS,
}
"""Long work of the processor, in a queue of its own. It is done in threads: `asyncio.to_thread`."""

TIME_LIMITS: dict[str, int] = {**playlists.TIME_LIMITS}
"""Seconds that a tracked kind may take, where that is not the setting's."""
