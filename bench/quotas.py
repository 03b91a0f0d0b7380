"""A share of a core for each of some processes, by control groups of Linux (version 1 or 2), for root alone."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
PERIOD = 50_000
"""Microseconds in which a process may use its share; a short one makes many short pauses of a long one."""

PATIENCE = 5.0
"""Seconds until the kernel has forgotten the processes of a group."""


class NoQuota(RuntimeError):
    """This machine gives no shares to this user; the text says what is missing."""


class Quotas:
    """Groups of one process each, below those of the machine."""

    def __init__(self, groups: Path = GROUPS) -> None:
        old = groups / "cpu"
        self._old = (old / "cpu.cfs_quota_us").exists()
        self._above = old if self._old else groups
        self._made: list[Path] = []

    def limit(self, pid: int, share: float) -> None:
        """Let a process, with all its threads, use this share of one core and no more.

        Raises:
            NoQuota: the machine has no such groups, or the user may not make them.
        """
        group = self._above / f"kitsu-bench-{os.getpid()}-{pid}"
        quota = int(share * PERIOD)
        try:
            if not self._old:
                (self._above / "cgroup.subtree_control").write_text("+cpu")
            group.mkdir()
            self._made.append(group)
            if self._old:
                (group / "cpu.cfs_period_us").write_text(str(PERIOD))
                (group / "cpu.cfs_quota_us").write_text(str(quota))
            else:
                (group / "cpu.max").write_text(f"{quota} {PERIOD}")
            (group / "cgroup.procs").write_text(str(pid))
        except OSError as error:
            raise NoQuota(f"No share can be given by {self._above}: {error.strerror}.") from error

    def remove(self) -> None:
        """Remove the groups, whose processes have ended."""
        deadline = time.monotonic() + PATIENCE
        while self._made and time.monotonic() < deadline:
            for group in list(self._made):
                with contextlib.suppress(OSError):
                    group.rmdir()
                    self._made.remove(group)
            time.sleep(0.02)


@contextlib.contextmanager
def quotas() -> Iterator[Quotas]:
    """Shares for processes that end before this block does."""
    given = Quotas()
    try:
        yield given
    finally:
        given.remove()
