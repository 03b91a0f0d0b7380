"""The API and the worker as child processes, their output shown line by line."""

from __future__ import annotations

import collections
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

from kitsu_api.embedded.process import spawn, stop

GRACE_SECONDS = 15.0
"""Wait for open requests and running jobs at the end."""


class Program:
    """A command of this package that runs until it is told to stop."""

    def __init__(self, name: str, arguments: Sequence[str], *, when_told: bool = False) -> None:
        """``arguments`` are those of ``kitsu-api``.

        With ``when_told`` the command has that option: it loads its modules, then waits for its environment
        on the standard input. Loading takes most of its start, and needs no database yet.
        """
        self.name = name
        self.arguments = [sys.executable, "-m", "kitsu_api.cli", *arguments]
        self.process: subprocess.Popen[bytes] | None = None
        self._last: collections.deque[str] = collections.deque(maxlen=5)
        self._pump: threading.Thread | None = None
        self._when_told = when_told
        self._waits = False

    def load(self) -> None:
        """Let it load its modules, if it can wait then."""
        if self._when_told:
            self._spawn()

    def start(self) -> None:
        """Start it, with the present environment of this process."""
        if not self._waits:
            self._spawn()
        if self._waits and self.process is not None and self.process.stdin is not None:
            self._waits = False
            # it may have died while it waited; whoever looks after it sees that
            with contextlib.suppress(BrokenPipeError), self.process.stdin as told:
                told.write(json.dumps(dict(os.environ)).encode() + b"\n")

    def _spawn(self) -> None:
        self._last.clear()
        self._waits = self._when_told
        source = subprocess.PIPE if self._when_told else subprocess.DEVNULL
        self.process = spawn(self.arguments, output=subprocess.PIPE, source=source)
        self._pump = threading.Thread(target=self._show, args=(self.process,), daemon=True)
        self._pump.start()

    def ask_to_stop(self) -> None:
        """Tell it to end, without waiting."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """End it, and show what it had to say."""
        if self.process is not None:
            stop(self.process, (signal.SIGTERM, GRACE_SECONDS))
        if self._pump is not None:
            self._pump.join(2)

    def tail(self) -> list[str]:
        """The last lines of its output."""
        if self._pump is not None:
            self._pump.join(0.5)
        return list(self._last)

    def _show(self, process: subprocess.Popen[bytes]) -> None:
        """Pass the output on until it ends."""
        assert process.stdout is not None
        with process.stdout as output:
            for line in output:
                text = line.decode(errors="replace").rstrip()
                self._last.append(text)
                print(f"{self.name:10} | {text}", flush=True)
