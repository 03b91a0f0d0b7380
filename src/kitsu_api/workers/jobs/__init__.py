"""The jobs that exist, by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from kitsu_api.workers.jobs import mails, retention

JOBS: dict[str, Callable[..., Awaitable[Any]]] = {**mails.JOBS, **retention.JOBS}
"""Every job: an async function whose first argument is arq's context, with a `JobContext` under `job`."""
