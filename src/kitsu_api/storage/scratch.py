"""Folders for files that are there for a moment: uploads, and what is made of them."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PREFIX = "kitsu-media"
NAME = re.compile(rf"{PREFIX}-(\d+)-")

OLD = 24 * 3600.0
"""Seconds after which a folder whose process has ended counts as left behind. Processes of other containers
look as if they had ended, too, so that this alone is no proof."""

_swept: set[Path] = set()


@contextlib.contextmanager
def scratch_folder(parent: Path | None = None) -> Iterator[Path]:
    """A folder of this block's own, in `parent` or where the system keeps such; gone with the block."""
    where = parent or Path(tempfile.gettempdir())
    where.mkdir(parents=True, exist_ok=True)
    if where not in _swept:
        _swept.add(where)
        sweep(where)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}-{os.getpid()}-", dir=where))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(where: Path, older_than: float = OLD) -> None:
    """Remove the folders of processes that were killed, once these are so many seconds old."""
    for folder in where.glob(f"{PREFIX}-*"):
        match = NAME.match(folder.name)
        if match is None or _is_running(int(match[1])):
            continue
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > older_than:
                shutil.rmtree(folder, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
