"""The jobs that exist, by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from kitsu_api.workers.jobs import mails

JOBS: dict[str, Callable[..., Awaitable[Any]]] = {**mails.JOBS}
"""Every job: an async function whose first argument is arq's context, with a `JobContext` under `job`."""
