"""`kitsu-api import csv` against a running server."""

from __future__ import annotations

import httpx
import pytest

from tests import live

EMAIL, PASSWORD = "admin@example.com", "a long password of an admin"


@pytest.fixture
def served(migrated_database, valkey_url, tmp_path):
    """The settings of the command, for a server that runs with an admin and a production."""
    settings = live.environment(migrated_database, valkey_url, tmp_path)
    made = live.command("create-admin", EMAIL, "--password", PASSWORD, **settings)
    assert made.returncode == 0, made.stderr
    with live.serving(migrated_database, valkey_url, tmp_path) as address:
        told = httpx.post(f"{address}/auth/login", json={"email": EMAIL, "password": PASSWORD}).json()
        headers = {"Authorization": f"Bearer {told['access_token']}"}
        httpx.post(f"{address}/data/projects", json={"name": "Big Film"}, headers=headers).raise_for_status()
        yield {"KITSU_URL": address, "KITSU_EMAIL": EMAIL, "KITSU_PASSWORD": PASSWORD}


def run(settings, *arguments: str):
    return live.command("import", "csv", *arguments, **settings)


def test_a_sheet_is_sent_watched_and_told_of(served, tmp_path):
    sheet = tmp_path / "shots.csv"
    sheet.write_text("Sequence,Name,Mood\nS01,P01,x\nS01,P02,y\n")
    planned = run(served, "shots", str(sheet), "--project", "big film", "--dry-run")
    assert planned.returncode == 0, planned.stderr
    done = run(served, "shots", str(sheet), "--project", "Big Film")
    assert done.returncode == 0, done.stderr
    assert "2 rows, 2 created, 0 updated" in done.stdout
    assert "not read: Mood" in done.stdout
    assert "2/2" in done.stderr
    sheet.write_text("Sequence,Name\nS01,P03\nS01,\n")
    refused = run(served, "shots", str(sheet), "--project", "Big Film")
    assert (refused.returncode, "Line 3, column Name" in refused.stderr) == (1, True)
    assert run(served, "shots", str(sheet), "--project", "Nowhere").returncode == 2
    assert run(served, "shots", str(sheet)).returncode == 2
    stranger = run({**served, "KITSU_PASSWORD": "wrong"}, "shots", str(sheet), "--project", "Big Film")
    assert stranger.returncode in (1, 3)
    nobody = run({**served, "KITSU_URL": "http://127.0.0.1:9"}, "shots", str(sheet), "--project", "Big Film")
    assert nobody.returncode == 3
    assert PASSWORD not in done.stdout + done.stderr + refused.stderr
