"""The script of a review session, with a worker that makes the movies."""

from __future__ import annotations

import os
import subprocess
import sys

from tests import live

SAID = """\
Review {} shows 3 shots.
Gina Guest says: The ball is too fast.
The movie has 110 frames.
"""


def test_the_script_holds_a_review_and_another_one(migrated_database, valkey_url, tmp_path):
    settings = live.environment(migrated_database, valkey_url, tmp_path)
    queued = {"KITSU_JOBS_INLINE": "false"}
    password = "the first admin's password"
    made = live.command("create-admin", "ada@studio.example", "--password", password, **settings)
    assert made.returncode == 0, made.stderr
    assert live.command("init-data", **settings).returncode == 0
    script = live.ROOT / "examples" / "review_session.py"
    with (
        live.serving(migrated_database, valkey_url, tmp_path, **queued) as address,
        live.working(migrated_database, valkey_url, tmp_path, **queued),
    ):
        for number in (1, 2):
            run = [sys.executable, str(script), "--host", f"{address}/api", "--email", "ada@studio.example"]
            environment = {"PATH": os.environ["PATH"], "KITSU_PASSWORD": password}
            done = subprocess.run(
                run, env=environment, capture_output=True, text=True, check=False, timeout=180
            )
            assert done.returncode == 0, done.stdout + done.stderr
            assert done.stdout == SAID.format(number)
