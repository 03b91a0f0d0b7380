"""The log of slow statements: their text with placeholders, never the values."""

from __future__ import annotations

import logging
import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

logger = logging.getLogger(__name__)

BEGAN = "kitsu_began"
LONGEST = 2_000
"""Characters of a statement that are logged."""


def note_slow(sql: str, milliseconds: float) -> None:
    """Log a statement that was slow."""
    logger.warning("Slow statement, %.0f ms: %s", milliseconds, " ".join(sql.split())[:LONGEST])


def log_slow_statements(engine: AsyncEngine, milliseconds: int) -> None:
    """Log each statement of an engine that takes at least so long; 0 logs none and costs nothing."""
    if not milliseconds:
        return

    def begin(_connection: Any, _cursor: Any, _sql: str, _values: Any, context: Any, _many: bool) -> None:
        setattr(context, BEGAN, time.perf_counter())

    def end(_connection: Any, _cursor: Any, sql: str, _values: Any, context: Any, _many: bool) -> None:
        took = (time.perf_counter() - getattr(context, BEGAN)) * 1000
        if took >= milliseconds:
            note_slow(sql, took)

    event.listen(engine.sync_engine, "before_cursor_execute", begin)
    event.listen(engine.sync_engine, "after_cursor_execute", end)
