"""Replays recorded cases against a server of its own, on scratch data and free ports.

Everything is stopped at the end.
Exit code: that of the replay; with ``--ratchet`` 1 when an area fell below its floor; 2 without the cases.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import http.client
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOOR = ROOT / "tests" / "conformance_floor.json"
START_SECONDS = 60
sys.path.insert(0, str(ROOT / "src"))

from kitsu_api.db.migrations import upgrade  # noqa: E402
from kitsu_api.embedded.ports import LOOPBACK, free_port  # noqa: E402
from kitsu_api.embedded.process import spawn, stop, tail  # noqa: E402
from kitsu_api.embedded.services import EmbeddedServices, start  # noqa: E402


def settings(services: EmbeddedServices, scratch: Path) -> dict[str, str]:
    """The environment of the server: nobody's own settings, and those that recorded cases ask for."""
    inherited = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TMPDIR") if key in os.environ}
    return inherited | {
        "PYTHONPATH": str(ROOT / "src"),
        "DATABASE_URL": services.postgres_url,
        "REDIS_URL": services.valkey_url,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "KITSU_DATA_DIR": str(scratch),
        "KITSU_PREVIEW_FOLDER": str(scratch / "previews"),
        "KITSU_RATE_LIMITS": "false",
        "KITSU_JOBS_INLINE": "true",
        "KITSU_REGISTRATION": "open",
        "KITSU_MAIL_TO_LOG": "true",
        "BCRYPT_LOG_ROUNDS": "4",
    }


@contextlib.contextmanager
def server() -> Iterator[tuple[str, str, Path]]:
    """A server in the conformance settings: its address, its database's, and its log."""
    scratch = Path(tempfile.mkdtemp(prefix="kitsu-conformance-"))
    try:
        scratch.chmod(0o711)
        with start(scratch / "data", durable=False) as services:
            upgrade(services.postgres_url)
            port, log = free_port(), scratch / "server.log"
            command = [
                sys.executable,
                "-m",
                "kitsu_api.cli",
                "serve",
                "--host",
                LOOPBACK,
                "--port",
                str(port),
            ]
            with log.open("wb") as output:
                process = spawn(
                    command, output=output, environment=settings(services, scratch), folder=scratch
                )
            try:
                _wait_for(process, port, log)
                yield f"http://{LOOPBACK}:{port}", services.postgres_url, log
            finally:
                died = process.poll()
                stop(process, (signal.SIGTERM, 10.0))
                if died is not None:
                    print(f"The server ended by itself (exit code {died}):", *tail(log, 40), sep="\n")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until the server answers at all."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
            connection.request("GET", "/status")
            connection.getresponse().read()
            connection.close()
            return
        time.sleep(0.05)
    raise SystemExit("\n".join(["The server did not start. Its log ends:", *tail(log, 40)]))


def replay(shared: Path, options: list[str], *, quiet: bool = False) -> int:
    """Run the replay with these options against a fresh server; its exit code.

    `quiet` keeps its output together until it ends, for replays beside each other.
    """
    script = shared / "conformance" / "replay.py"
    with server() as (address, database, log):
        arguments = [sys.executable, str(script), "--base-url", address, "--database-url", database, *options]
        done = subprocess.run(arguments, check=False, stdout=subprocess.PIPE if quiet else None, text=True)
        if quiet:
            print(done.stdout, flush=True)
        errors = [line for line in log.read_text(errors="replace").splitlines() if "Traceback" in line]
        if errors:
            kept = Path(tempfile.gettempdir()) / f"kitsu-conformance-server-{os.getpid()}-{id(log)}.log"
            shutil.copyfile(log, kept)
            print(f"The server logged {len(errors)} tracebacks; its log is kept at {kept}")
        return done.returncode


def halves(areas: list[str], steps: dict[str, int]) -> list[list[str]]:
    """The areas in two lists of about as many steps."""
    found: list[list[str]] = [[], []]
    for area in sorted(areas, key=lambda area: -steps.get(area, 0)):
        min(found, key=lambda half: sum(steps.get(other, 0) for other in half)).append(area)
    return [half for half in found if half]


def whole_steps(report: Path) -> dict[str, int]:
    """Of each area, how many steps had neither a wrong answer nor wrong writes."""
    count: collections.Counter[str] = collections.Counter()
    for line in report.read_text().splitlines():
        step = json.loads(line)
        count[step["area"]] += not step["hard"] and not step["writes"]
    return dict(count)


def ratchet(shared: Path, areas: list[str], *, upwards: bool) -> int:
    """Replay the areas that have a floor (and ``areas``); 1 when one fell below.

    With ``upwards`` the floors rise to what was reached. They never sink.
    """
    floor: dict[str, int] = json.loads(FLOOR.read_text()) if FLOOR.exists() else {}
    named = sorted({*floor, *areas} if upwards else floor)
    if not named:
        print("No area has a floor yet.")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        reports = {Path(folder) / f"{number}.jsonl": half for number, half in enumerate(halves(named, floor))}

        def run(report: Path) -> None:
            replay(shared, ["--area", ",".join(reports[report]), "--report", str(report)], quiet=True)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(run, reports))
        reached: dict[str, int] = {}
        for report in reports:
            reached |= whole_steps(report) if report.exists() else {}
    fallen = [area for area in named if reached.get(area, 0) < floor.get(area, 0)]
    for area in fallen:
        print(f"{area} fell: {reached.get(area, 0)} whole steps, and there were {floor[area]}")
    risen = {area: reached[area] for area in named if reached.get(area, 0) > floor.get(area, 0)}
    if upwards:
        FLOOR.write_text(json.dumps(floor | risen, indent=2, sort_keys=True) + "\n")
    for area, count in risen.items():
        print(f"{area} rose: {count} whole steps, and there were {floor.get(area, 0)}")
    return 1 if fallen else 0


def main() -> int:
    """Parse the command line and run."""
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--shared", type=Path, default=ROOT / ".." / "shared", help="folder with conformance/")
    cli.add_argument("--area", help="only these areas, comma separated")
    cli.add_argument("--cases", help="folder of other cases")
    cli.add_argument("-k", dest="word", help="only cases whose id or a request path contains this")
    cli.add_argument("-v", dest="verbose", action="store_true", help="print every difference")
    cli.add_argument("--report", help="write every step's outcome here, as JSON lines")
    cli.add_argument("--ratchet", action="store_true", help="fail when an area has fallen below its floor")
    cli.add_argument(
        "--raise", dest="upwards", action="store_true", help="lift the floors (and those of --area)"
    )
    args = cli.parse_args()
    shared = args.shared.resolve()
    if not (shared / "conformance" / "replay.py").exists():
        print(f"The conformance cases are not in {shared / 'conformance'}, so there is nothing to replay.")
        return 2
    if args.ratchet or args.upwards:
        return ratchet(shared, args.area.split(",") if args.area else [], upwards=args.upwards)
    options = [*(["-v"] if args.verbose else [])]
    for name, value in (("--area", args.area), ("-k", args.word)):
        options += [name, value] if value else []
    for name, value in (("--cases", args.cases), ("--report", args.report)):
        options += [name, str(Path(value).resolve())] if value else []
    return replay(shared, options)


if __name__ == "__main__":
    # SIGTERM ends the servers like Ctrl-C does
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
