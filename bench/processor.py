"""Seconds of the processor that processes have used: on a machine in use they say more than those that pass."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import psutil


def family(pid: int) -> list[psutil.Process]:
    """A process and all that it has started, directly or not."""
    try:
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def used(pids: Iterable[int]) -> float:
    """Seconds of the processor of some processes and all that they started, also of those that ended since.

    The kernel counts in steps of 10 ms: what is shorter has to be repeated.
    """
    total = 0.0
    for pid in pids:
        for process in family(pid):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
                # Linux alone knows what ended processes have used
                total += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return total
