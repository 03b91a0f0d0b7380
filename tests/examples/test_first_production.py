"""The first script of the README, with the client that studios use."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from tests import live

TREE = """\
The Stargazer (short)
  Characters / Ada: Modeling, Rigging
  Characters / Grandmother: Modeling, Rigging
  Props / Teapot: Modeling, Rigging
  Props / Telescope: Modeling, Rigging
  SQ010
    SH0010, 48 frames: Animation, Layout
    SH0020, 120 frames: Animation, Layout
  SQ020
    SH0010, 72 frames: Animation, Layout
"""


def first_production(address: str, password: str) -> str:
    script = live.ROOT / "examples" / "first_production.py"
    run = [sys.executable, str(script), "--host", f"{address}/api", "--email", "ada@studio.example"]
    environment = {"PATH": os.environ["PATH"], "KITSU_PASSWORD": password}
    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    # gazu lists assets in the server's order, which is not that of names
    assets = sorted(line for line in lines if " / " in line)
    return "\n".join([lines[0], *assets, *(line for line in lines[1:] if " / " not in line)]) + "\n"


def scripts_of_the_page(address: str, password: str) -> str:
    """What the scripts of the documentation print, run one after the other."""
    page = (live.ROOT / "docs" / "scripts.md").read_text()
    code = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    code = code.replace("http://127.0.0.1:8000", address).replace('"…"', repr(password))
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_first_script_prints_its_production_and_a_second_run_makes_nothing_twice(
    migrated_database, valkey_url, tmp_path
):
    settings = live.environment(migrated_database, valkey_url, tmp_path)
    password = "the first admin's password"
    made = live.command("create-admin", "ada@studio.example", "--password", password, **settings)
    assert made.returncode == 0, made.stderr
    assert live.command("init-data", **settings).returncode == 0
    with live.serving(migrated_database, valkey_url, tmp_path) as address:
        assert first_production(address, password) == TREE
        assert first_production(address, password) == TREE
        assert "2 tasks were dated" in scripts_of_the_page(address, password)
