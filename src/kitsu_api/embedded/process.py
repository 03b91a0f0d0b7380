"""Child processes that never outlive the process that started them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that the kernel sends to a process when its parent dies. Linux only."""

_prctl: Callable[..., int] | None = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


class EmbeddedError(RuntimeError):
    """Something of the embedded mode can't go on; its text says what and what to do about it."""


def unprivileged_user() -> tuple[int, int] | None:
    """User and group id that PostgreSQL must run as: ``nobody`` for root, which it refuses, else None."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        # minimal containers have no user database; the kernel's overflow id is nobody everywhere
        return 65534, 65534
    return nobody.pw_uid, nobody.pw_gid


def _dying_with_parent(signum: int) -> Callable[[], None]:
    """What a child runs before it becomes its program: ask for ``signum`` at the parent's death."""
    parent = os.getpid()

    def ask() -> None:
        if _prctl is not None:
            _prctl(PR_SET_PDEATHSIG, signum, 0, 0, 0)
            if os.getppid() != parent:  # it died between fork and prctl
                os._exit(1)

    return ask


def spawn(
    arguments: Sequence[str],
    *,
    output: int | IO[bytes],
    source: int = subprocess.DEVNULL,
    environment: Mapping[str, str] | None = None,
    death_signal: int = signal.SIGTERM,
    user: tuple[int, int] | None = None,
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own, so that Ctrl-C reaches only the supervisor.

    ``death_signal`` is what it gets when the caller dies, however that happens. Call it from the main
    thread: the kernel takes the end of the starting *thread* for the parent's death.
    """
    return subprocess.Popen(  # noqa: S603 (callers start programs of packages, with arguments of their own)
        list(arguments),
        stdin=source,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=None if environment is None else dict(environment),
        cwd=folder,
        start_new_session=True,
        user=user[0] if user else None,
        group=user[1] if user else None,
        extra_groups=[] if user else None,
        # runs after the change of user, which would clear the death signal
        preexec_fn=_dying_with_parent(death_signal),
    )


def stop(process: subprocess.Popen[bytes], *signals: tuple[int, float]) -> None:
    """End a process by each ``(signal, seconds to wait)`` in turn, then by SIGKILL with its group."""
    for signum, seconds in signals:
        if process.poll() is not None:
            break
        process.send_signal(signum)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    # what the process has left behind in its group ends too
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def end_leftover(pid: int, folder: Path) -> None:
    """End the process of an earlier start that still works on ``folder``, if this is what ``pid`` is.

    Its parent was killed a moment ago and it is shutting down, or the kernel has no death signals. A
    process that merely got the same id since is left alone.

    Raises:
        EmbeddedError: it does not end.
    """
    try:
        process = psutil.Process(pid)
        if not any(str(folder) in argument for argument in process.cmdline()):
            return
        process.send_signal(signal.SIGINT)
        process.wait(20)
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return
    except psutil.TimeoutExpired:
        process.kill()
        with contextlib.suppress(psutil.NoSuchProcess):
            process.wait(5)
    except psutil.Error as error:
        raise EmbeddedError(f"Process {pid} still works on {folder} and can't be ended: {error}.") from error


def tail(path: Path, lines: int = 15) -> list[str]:
    """The last lines of a log file; none when there is no such file."""
    try:
        with path.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - 16_384))
            return log.read().decode(errors="replace").splitlines()[-lines:]
    except OSError:
        return []
