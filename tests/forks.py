"""`kitsu-api` in processes of its own that needn't load its modules: each is a copy of one that has.

Loading takes two seconds of the processor, and tests run a hundred commands and servers. A process that has
loaded everything waits on a socket; whoever asks hands over the arguments, the environment and three open
files, and gets the id of the copy, and at its end how it ended. `tests/embedded` starts the real program.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import select
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parents[1]
PATIENCE = 300.0
"""Seconds until everything is loaded, on a machine that does much else."""


# --- the process that waits -----------------------------------------------------------------------------


def main() -> None:
    """Load everything, and be copied until the one who started this is gone."""
    from kitsu_api.cli import app

    assert threading.active_count() == 1, "a process with threads can't be copied"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen(64)
    gc.collect()
    gc.freeze()  # copies share what nobody writes to
    arguments = _wait(listener)
    if arguments is not None:
        sys.argv = ["kitsu-api", *arguments]
        _end(app)


def _end(app: Callable[..., object]) -> NoReturn:
    """Run the command, and end as Python does, but without taking everything apart that was loaded."""
    code: Any = 0
    try:
        app(prog_name="kitsu-api")
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    if isinstance(code, str):
        print(code, file=sys.stderr)
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]  # threads that have work to finish do so
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


def _wait(listener: socket.socket) -> list[str] | None:
    """The arguments, in a copy; None once nobody can ask any more."""
    woken, wake = socket.socketpair()
    wake.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked: dict[int, socket.socket] = {}
    watch = selectors.DefaultSelector()
    for source in (listener, woken, sys.stdin):
        watch.register(source, selectors.EVENT_READ)
    while True:
        for key, _ in watch.select():
            if key.fileobj is sys.stdin:
                return None
            if key.fileobj is woken:
                woken.recv(4096)
                _tell_of_ended(asked)
                continue
            asker, _ = listener.accept()
            wish, files = _read(asker)
            pid = os.fork()
            if pid == 0:
                for one in (listener, woken, asker, *asked.values()):
                    one.close()
                watch.close()
                wake_again = signal.set_wakeup_fd(-1)
                assert wake_again == wake.fileno()
                wake.close()
                return _become(wish, files)
            for number in files:
                os.close(number)
            asked[pid] = asker
            asker.sendall(f"{pid}\n".encode())
            # it may have ended before it was known
            _tell_of_ended(asked)


def _read(asker: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """What is wished for, and the numbers of the three open files."""
    text, files, _, _ = socket.recv_fds(asker, 1 << 16, 3)
    while not text.endswith(b"\n"):
        text += asker.recv(1 << 16)
    return json.loads(text), files


def _become(wish: dict[str, Any], files: list[int]) -> list[str]:
    """Take over the files and the environment, and forget what the waiting process has set."""
    for number, given in enumerate(files):
        os.dup2(given, number)
        os.close(given)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(wish["environment"])
    os.chdir(wish["folder"])
    return list(wish["arguments"])


def _tell_of_ended(asked: dict[int, socket.socket]) -> None:
    """Tell the askers of processes that have ended how they ended."""
    for pid in list(asked):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            with contextlib.suppress(OSError):
                asked[pid].sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
            asked.pop(pid).close()


# --- those who ask --------------------------------------------------------------------------------------


@cache
def _waiting() -> Path:
    """Where the process that waits can be asked; it is started once, and ends with this one."""
    folder = tempfile.TemporaryDirectory(prefix="kitsu-forks-")
    path = Path(folder.name) / "socket"
    process = subprocess.Popen(
        [sys.executable, "-c", "from tests.forks import main; main()", str(path)],
        stdin=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
    )

    def end() -> None:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
        folder.cleanup()

    atexit.register(end)
    return path


def _connected() -> socket.socket:
    path, deadline = _waiting(), time.monotonic() + PATIENCE
    while True:
        asker = socket.socket(socket.AF_UNIX)
        try:
            asker.connect(str(path))
        except OSError:
            asker.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return asker


class Forked:
    """A running command; what `subprocess.Popen` offers, as far as tests need it."""

    def __init__(self, arguments: list[str], environment: dict[str, str], out: int, err: int) -> None:
        """`out` and `err` are numbers of open files."""
        self.args = ["kitsu-api", *arguments]
        self.returncode: int | None = None
        self._told = b""
        self._asker = _connected()
        wish = {"arguments": arguments, "environment": environment, "folder": os.getcwd()}
        with open(os.devnull, "rb") as nothing:
            files = [nothing.fileno(), out, err]
            text = json.dumps(wish).encode() + b"\n"
            sent = socket.send_fds(self._asker, [text], files)
            self._asker.sendall(text[sent:])
            self.pid = int(self._line(None) or 0)

    def _line(self, seconds: float | None) -> bytes | None:
        """The next line that is told; None when none comes in time."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while b"\n" not in self._told:
            left = None if deadline is None else max(deadline - time.monotonic(), 0)
            if not select.select([self._asker], [], [], left)[0]:
                return None
            part = self._asker.recv(64)
            assert part, "The process that is copied has ended."
            self._told += part
        line, _, self._told = self._told.partition(b"\n")
        return line

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        if self.returncode is None and (line := self._line(0)) is not None:
            self.returncode = int(line)
            self._asker.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired: it runs still.
        """
        if self.returncode is None:
            line = self._line(timeout)
            if line is None:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self.returncode = int(line)
            self._asker.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def run(
    arguments: list[str], environment: dict[str, str], seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with what it says.

    Raises:
        subprocess.TimeoutExpired: it took longer; it was ended.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        running = Forked(arguments, environment, out.fileno(), err.fileno())
        try:
            running.wait(seconds)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
            raise
        out.seek(0)
        err.seek(0)
        said = out.read().decode(), err.read().decode()
    return subprocess.CompletedProcess(running.args, running.wait(), *said)
