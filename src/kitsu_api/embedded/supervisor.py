"""Keeps the parts of an installation running, and stops them together."""

from __future__ import annotations

import collections
import contextlib
import http.client
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Protocol

from kitsu_api.embedded.process import EmbeddedError
from kitsu_api.embedded.programs import Program

CRASHES = 5
"""Crashes of one part within ``CRASH_SECONDS`` after which all stops: restarting does not mend it."""
CRASH_SECONDS = 60.0
LONGEST_PAUSE = 5.0
READY_SECONDS = 60.0


class Part(Protocol):
    """What the supervisor knows of a server or a program."""

    name: str
    process: subprocess.Popen[bytes] | None

    def start(self) -> None:
        """Start it, or raise EmbeddedError."""

    def stop(self) -> None:
        """End it."""

    def tail(self) -> list[str]:
        """The last lines it said."""


class StopRequested(BaseException):
    """Ctrl-C or SIGTERM came while the parts were still being started."""


class StopSignals:
    """Ctrl-C and SIGTERM: an exception up to ``from_now_on_quietly``, only a mark afterwards."""

    def __init__(self) -> None:
        self.received = False
        self._quiet = False

    def from_now_on_quietly(self) -> None:
        """Raise no more; whoever waits looks at ``received``."""
        self._quiet = True

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:
        first, self.received = not self.received, True
        if first and not self._quiet:
            raise StopRequested

    @contextlib.contextmanager
    def caught(self) -> Iterator[StopSignals]:
        """Take the signals over for a while."""
        wanted = signal.SIGINT, signal.SIGTERM
        before = {number: signal.signal(number, self._on_signal) for number in wanted}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class Supervisor:
    """Starts programs beside servers that already run; restarts whatever crashes, with growing pauses."""

    def __init__(
        self, servers: Sequence[Part], programs: Sequence[Program], say: Callable[[str], None]
    ) -> None:
        """``say`` is called with each line that the operator should read."""
        self.parts: list[Part] = [*servers, *programs]
        self.programs = programs
        self.say = say
        self._crashes: dict[str, collections.deque[float]] = collections.defaultdict(collections.deque)
        self._restart_at: dict[str, float] = {}

    def run(self, stop: StopSignals, is_ready: Callable[[], bool], when_ready: Callable[[], None]) -> int:
        """Run until a stop is asked for (0) or a part can't be kept alive (1)."""
        stop.from_now_on_quietly()
        started, waiting = time.monotonic(), True
        try:
            # one after the other: on a small machine the first answers sooner
            self.programs[0].start()
            while not stop.received:
                if not all(self._look_after(part) for part in self.parts):
                    return 1
                if waiting and is_ready():
                    waiting = False
                    self._start_others()
                    when_ready()
                elif waiting and time.monotonic() - started > READY_SECONDS:
                    waiting = False
                    self._start_others()
                    self.say(f"The API has not answered within {READY_SECONDS:.0f} s; still trying.")
                time.sleep(0.05 if waiting else 0.1)
            self.say("Stopping.")
            return 0
        finally:
            for program in self.programs:
                program.ask_to_stop()
            for program in self.programs:
                program.stop()

    def _start_others(self) -> None:
        for program in self.programs[1:]:
            program.start()

    def _look_after(self, part: Part) -> bool:
        """Restart the part if it has ended; False when it has done so too often."""
        if part.name in self._restart_at:
            if time.monotonic() < self._restart_at[part.name]:
                return True
            del self._restart_at[part.name]
            try:
                part.start()
            except EmbeddedError as error:
                return self._crashed(part, str(error).splitlines())
            self.say(f"{part.name} runs again.")
            return True
        if part.process is None or part.process.poll() is None:
            return True
        code = part.process.returncode
        reason = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        said = f"{part.name} ended unexpectedly ({reason}). It last said:"
        return self._crashed(part, [said, *part.tail()])

    def _crashed(self, part: Part, report: list[str]) -> bool:
        """Say what happened and plan the restart; False when there were too many."""
        for line in report:
            self.say(line)
        recent, present = self._crashes[part.name], time.monotonic()
        recent.append(present)
        while recent[0] < present - CRASH_SECONDS:
            recent.popleft()
        if len(recent) >= CRASHES:
            self.say(f"{part.name} crashed {CRASHES} times in {CRASH_SECONDS:.0f} s. Stopping everything.")
            return False
        pause: float = min(0.2 * 2 ** (len(recent) - 1), LONGEST_PAUSE)
        self.say(f"Restarting {part.name} in {pause:.1f} s.")
        self._restart_at[part.name] = present + pause
        return True


def answers(host: str, port: int) -> bool:
    """Whether the API there answers, and not that it is unwell."""
    connection = http.client.HTTPConnection(reachable_host(host), port, timeout=5)
    try:
        connection.request("GET", "/status")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def reachable_host(host: str) -> str:
    """The address by which this machine reaches a server that listens on ``host``."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 (compared, not bound)
