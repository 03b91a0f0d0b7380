"""Temporary folders: made under a name of ours, so that those of a process that was killed can be told."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from kitsu_api.settings import Settings

logger = logging.getLogger(__name__)

PREFIX = "kitsu-work-"


def parent_of_temporary(settings: Settings) -> Path:
    """The folder that temporary ones are made in: the setting's, else the system's."""
    return Path(settings.temporary_folder or tempfile.gettempdir())


@contextlib.contextmanager
def temporary_folder(settings: Settings) -> Iterator[Path]:
    """A folder that only this account reads, and that is gone after the block."""
    parent = parent_of_temporary(settings)
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    try:
        yield folder
    finally:
        # a thread that was told to stop may still write into it
        shutil.rmtree(folder, ignore_errors=True)


def remove_stale(settings: Settings, age: float) -> int:
    """Remove the folders in which nothing has changed for so many seconds; how many there were.

    They are left by processes that were killed. Blocks: call it in a thread.
    """
    limit, removed = time.time() - age, 0
    for folder in parent_of_temporary(settings).glob(f"{PREFIX}*"):
        if not _is_own(folder) or _last_change(folder) > limit:
            continue
        shutil.rmtree(folder, ignore_errors=True)
        removed += not folder.exists()
    if removed:
        logger.info("%d temporary folders that were left behind are gone.", removed)
    return removed


def _is_own(folder: Path) -> bool:
    """Whether it is a folder of this account: others may make what they like in a shared one."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _last_change(folder: Path) -> float:
    """When something in a folder was last written; now, when somebody is removing it meanwhile."""
    try:
        return max(path.lstat().st_mtime for path in (folder, *folder.rglob("*")))
    except OSError:
        return time.time()
