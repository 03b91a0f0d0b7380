"""The script that publishes a movie, with a worker that makes its versions."""

from __future__ import annotations

import os
import subprocess
import sys

from tests import live

SAID = """\
Revision {} is ready, 2 s:
  high: 320 x 180, 50 frames
  low: 1280 x 720, 50 frames
"""


def test_the_script_publishes_a_movie_and_downloads_both_versions(migrated_database, valkey_url, tmp_path):
    settings = live.environment(migrated_database, valkey_url, tmp_path)
    queued = {"KITSU_JOBS_INLINE": "false"}
    password = "the first admin's password"
    made = live.command("create-admin", "ada@studio.example", "--password", password, **settings)
    assert made.returncode == 0, made.stderr
    assert live.command("init-data", **settings).returncode == 0
    script = live.ROOT / "examples" / "publish_preview.py"
    with (
        live.serving(migrated_database, valkey_url, tmp_path, **queued) as address,
        live.working(migrated_database, valkey_url, tmp_path, **queued),
    ):
        for revision in (1, 2):
            run = [sys.executable, str(script), "--host", f"{address}/api", "--email", "ada@studio.example"]
            environment = {"PATH": os.environ["PATH"], "KITSU_PASSWORD": password}
            done = subprocess.run(
                run, env=environment, capture_output=True, text=True, check=False, timeout=120
            )
            assert done.returncode == 0, done.stderr
            assert done.stdout == SAID.format(revision)
