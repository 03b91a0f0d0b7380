"""The jobs that exist, by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

JOBS: dict[str, Callable[..., Awaitable[Any]]] = {}
"""Every job: an async function whose first argument is arq's context, with a `JobContext` under `job`."""
