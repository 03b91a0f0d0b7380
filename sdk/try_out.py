"""Runs the scripts of `examples/sdk` with the clients in a folder, on `kitsu-api up`."""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from kitsu_api.embedded.ports import free_port

EMAIL = "admin@studio.example"
EXAMPLE = Path(__file__).parents[1] / "examples" / "sdk" / "first_review.py"
SAID = "{}: preview ready, 64 x 36\n  SQ010 SH0010: 1 task\n"
SECONDS = 120


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server is well.

    Raises:
        SystemExit: it ended, or took too long.
    """
    deadline = time.monotonic() + SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/status", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise SystemExit("The server did not start.")


def try_out(folder: Path, address: str, password: str) -> None:
    """Run both scripts, and look at what they say.

    Raises:
        SystemExit: one of them failed or said something else.
    """
    secret = {"KITSU_PASSWORD": password, "PYTHONPATH": str(folder / "python")}
    programs = {
        "Python": [sys.executable, str(EXAMPLE)],
        "TypeScript": ["node", str(folder / "typescript" / "dist" / "first_review.js")],
    }
    for language, program in programs.items():
        name = f"Film in {language}"
        command = [*program, address, EMAIL, name]
        done = subprocess.run(
            command,
            env={**os.environ, **secret},
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        if done.returncode or done.stdout != SAID.format(name):
            raise SystemExit(f"{language}: {done.stdout}{done.stderr}")
        print(done.stdout, end="")


def main() -> None:
    """Start a server, try the scripts, stop it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, help="where the clients are")
    folder = options.parse_args().folder.resolve()
    password, port = secrets.token_urlsafe(16), free_port()
    with tempfile.TemporaryDirectory() as data:
        up = [sys.executable, "-m", "kitsu_api.cli", "up", "--port", str(port), "--data-dir", data]
        server = subprocess.Popen(
            [*up, "--admin-email", EMAIL],
            env={**os.environ, "KITSU_ADMIN_PASSWORD": password},
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}", server)
            try_out(folder, f"http://127.0.0.1:{port}/api", password)
        finally:
            server.terminate()
            server.wait(timeout=SECONDS)


if __name__ == "__main__":
    main()
