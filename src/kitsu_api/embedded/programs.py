"""The API and the worker as child processes, their output shown line by line."""

from __future__ import annotations

import collections
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

    def __init__(self, name: str, arguments: Sequence[str]) -> None:
        """``arguments`` are those of ``kitsu-api``."""
        self.name = name
        self.arguments = [sys.executable, "-m", "kitsu_api.cli", *arguments]
        self.process: subprocess.Popen[bytes] | None = None
        self._last: collections.deque[str] = collections.deque(maxlen=15)
        self._pump: threading.Thread | None = None

    def start(self) -> None:
        """Start it; it inherits the environment."""
        self._last.clear()
        self.process = spawn(self.arguments, output=subprocess.PIPE)
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
