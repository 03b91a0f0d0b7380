"""Small commands, run as processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from kitsu_api import __version__

SOURCE = str(Path(__file__).parents[2] / "src")


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run ``kitsu-api`` with these settings and no others."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": SOURCE} | settings
    command = [sys.executable, "-m", "kitsu_api.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_version_prints_the_version() -> None:
    assert run("version").stdout == f"{__version__}\n"


def test_version_loads_no_heavy_module() -> None:
    code = (
        "import sys, kitsu_api.cli; print([m for m in ('sqlalchemy', 'fastapi', 'av') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": SOURCE}, check=False
    )
    assert done.stdout == "[]\n"


def test_doctor_says_what_to_mend_where_servers_do_not_answer(tmp_path: Path) -> None:
    done = run(
        "doctor",
        DATABASE_URL="postgresql://someone:not-to-be-shown@127.0.0.1:1/x",
        REDIS_URL="redis://127.0.0.1:1",
        KITSU_DATA_DIR=str(tmp_path),
        MAIL_ENABLED="false",
    )
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert any(line.startswith("fail  PostgreSQL") and "DATABASE_URL" in line for line in lines)
    assert any(line.startswith("fail  Valkey") and "REDIS_URL" in line for line in lines)
    assert any(line.startswith("ok    storage") for line in lines)
    assert any(line.startswith("ok    media") for line in lines)
    assert "not-to-be-shown" not in done.stdout + done.stderr


def test_doctor_shows_no_setting_that_is_wrong() -> None:
    done = run("doctor", SECRET_KEY="too-short")
    assert done.returncode == 1
    assert "SECRET_KEY is shorter" in done.stderr
    assert "too-short" not in done.stdout + done.stderr


def test_commands_on_the_database_ask_for_one() -> None:
    done = run("db", "check")
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
