"""What operators do at the server's own command line, run as processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from obstore.exceptions import BaseError

from kitsu_api.cli.failure import sentence
from kitsu_api.services.backups.dumps import environment
from kitsu_api.storage.files import MissingBucket, StoreFailure
from kitsu_api.storage.layout import key_of_path, local_path
from tests import live
from tests.cli.test_live_commands import ask
from tests.servers import run_sql


@pytest.fixture
def on_servers(migrated_database, valkey_url, tmp_path):
    return live.environment(migrated_database, valkey_url, tmp_path)


def told(done: subprocess.CompletedProcess[str]):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)[0]


def test_accounts_from_their_first_password_to_their_end(on_servers, migrated_database, valkey_url, tmp_path):
    email = "ada@studio.example"
    assert live.command("create-admin", email, "--password", "a first password", **on_servers).returncode == 0
    with live.serving(migrated_database, valkey_url, tmp_path) as address:

        def sign_in(password: str) -> httpx.Response:
            return httpx.post(f"{address}/auth/login", json={"email": email, "password": password})

        token = sign_in("a first password").json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        changed = told(live.command("change-password", email, "--random", "--json", **on_servers))
        assert sign_in("a first password").status_code == 400
        assert sign_in(changed["password"]).status_code == 200
        assert httpx.get(f"{address}/data/projects", headers=headers).status_code == 401

        bot = told(live.command("create-bot", "Render farm", "--role", "admin", "--json", **on_servers))
        as_bot = {"Authorization": f"Bearer {bot['access_token']}"}
        assert httpx.get(f"{address}/data/projects", headers=as_bot).status_code == 200

        last = live.command("set-person-as-active", email, "--unactive", **on_servers)
        assert (last.returncode, "last active admin" in last.stderr) == (1, True)
        assert told(live.command("clear-all-auth-tokens", "--yes", "--json", **on_servers))["people"] == 1
        assert told(live.command("clean-auth-tokens", "--json", **on_servers)) == {"deleted": 0, "kept": 1}
        assert httpx.get(f"{address}/data/projects", headers=as_bot).status_code == 200

    none = live.command("disable-two-factor-authentication", email, **on_servers)
    assert (none.returncode, "not enabled" in none.stderr) == (1, True)
    nobody = live.command("change-password", "eve@studio.example", "--random", **on_servers)
    assert (nobody.returncode, "eve@studio.example" in nobody.stderr) == (1, True)
    assert "Traceback" not in nobody.stderr + none.stderr + last.stderr


def test_the_database_is_dumped_emptied_and_built_anew(on_servers, migrated_database, tmp_path):
    live.command("create-admin", "ada@studio.example", **on_servers)
    people = "select count(*) from person"
    dump = tmp_path / "all.dump"
    done = live.command("dump-database", "--output", str(dump), "--json", **on_servers)
    assert told(done)["bytes"] == dump.stat().st_size > 1000
    assert dump.read_bytes().startswith(b"PGDMP")
    assert dump.stat().st_mode & 0o077 == 0
    refused = live.command("clear-db", **on_servers)
    assert (refused.returncode, ask(migrated_database, people)) == (1, 1)
    assert told(live.command("clear-db", "--yes", "--json", **on_servers))["tables"] > 80
    assert ask(migrated_database, people) == 0
    assert live.command("db", "check", **on_servers).returncode == 0
    live.command("create-admin", "ada@studio.example", **on_servers)
    assert live.command("reset-db", "--yes", **on_servers).returncode == 0
    assert ask(migrated_database, people) == 0


def test_upkeep_says_what_it_did(on_servers, tmp_path):
    for name in ("clean-tasks-data", "reset-breakdown-data"):
        assert told(live.command(name, "--json", **on_servers)) == {"mended": 0}
    gone = live.command("clean-tasks-data", "--project", "No Such Film", **on_servers)
    assert (gone.returncode, "No Such Film" in gone.stderr) == (1, True)
    kept = told(live.command("remove-old-data", "--yes", "--json", **on_servers))
    assert kept == {"events": 0, "login_logs": 0, "notifications": 0}
    assert told(live.command("normalize-annotation-times", "--json", **on_servers)) == {"changed": 0}
    assert told(live.command("probe-preview-files", "--json", **on_servers)) == {"previews": 0, "jobs": 0}
    (tmp_path / "cache" / "boards").mkdir(parents=True)
    (tmp_path / "cache" / "boards" / "one").write_text("x")
    assert told(live.command("clear-memory-cache", "--json", **on_servers)) == {"deleted": 1}
    store = live.command("upload-files-to-cloud-storage", **on_servers)
    assert (store.returncode, "FS_S3_ACCESS_KEY" in store.stderr) == (1, True)


def test_a_shell_completes_commands():
    script = live.command("shell-completion", "bash").stdout
    assert "_KITSU_API_COMPLETE" in script
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(live.ROOT / "src"),
        "_KITSU_API_COMPLETE": "complete_bash",
        "COMP_WORDS": "kitsu-api clear",
        "COMP_CWORD": "1",
    }
    run = [sys.executable, "-m", "kitsu_api.cli"]
    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=False)
    assert {"clear-db", "clear-memory-cache", "clear-all-auth-tokens"} <= set(done.stdout.split())


def test_every_command_of_the_page_exists_and_helps():
    page = (Path(live.ROOT) / "docs" / "cli.md").read_text()
    rows = [line.split("|")[2] for line in page.splitlines() if line.startswith("| `")]
    named = {part for row in rows for part in row.split("`")[1::2] if part.startswith("kitsu-api ")}
    assert len(named) > 30
    import typer
    from click.testing import CliRunner

    from kitsu_api.cli import app

    program = typer.main.get_command(app)
    for command in sorted(named):
        words = [word for word in command.split()[1:] if not word.startswith(("-", "<", "["))]
        done = CliRunner().invoke(program, [*words, "--help"])
        assert done.exit_code == 0, command
        assert "Usage" in done.output, command


def test_a_password_is_told_to_programs_by_variables_alone():
    told = environment("postgresql://ada:p%40ss@db.example:6000/film?sslmode=verify-full")
    assert {name: value for name, value in told.items() if name.startswith("PG")} == {
        "PGHOST": "db.example",
        "PGPORT": "6000",
        "PGUSER": "ada",
        "PGPASSWORD": "p@ss",
        "PGDATABASE": "film",
        "PGSSLMODE": "verify-full",
    }
    assert environment("postgresql://ada@/film?host=/run/postgresql")["PGHOST"] == "/run/postgresql"


@pytest.mark.parametrize(
    "key",
    [
        "previews-8f8979cf-0000-4000-8000-000000000000",
        "thumbnails-square-4ae979cf-0000-4000-8000-000000000000",
        "dbbackup-kitsu-2026.dump",
    ],
)
def test_a_path_on_the_disk_leads_back_to_its_key(key):
    assert key_of_path("pictures", local_path("pictures", key)) == key


@pytest.mark.parametrize("path", ["pictures/stray.txt", "pictures/previews/abc/def/other", "pictures/a/b"])
def test_stray_files_are_no_objects(path):
    with pytest.raises(ValueError, match="no object"):
        key_of_path("pictures", path)


def test_plugins_of_an_adopted_database_are_listed(on_servers, migrated_database):
    run_sql(
        migrated_database,
        "INSERT INTO plugin (id, plugin_id, name, version, maintainer_name, license)"
        " VALUES (gen_random_uuid(), 'weather', 'Weather', '1.2', 'Ada', 'MIT')",
    )
    listed = told(live.command("list-plugins", "--json", **on_servers))
    assert (listed["plugin_id"], listed["version"]) == ("weather", "1.2")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (StoreFailure("http://10.0.0.1/secret refused"), "FS_S3_ENDPOINT"),
        (BaseError("http://10.0.0.1/secret refused"), "FS_S3_ENDPOINT"),
        (MissingBucket("movies"), "no bucket for movies"),
    ],
)
def test_a_store_that_fails_is_told_in_a_sentence(error, said):
    told = sentence(error)
    assert told is not None
    assert said in told
    assert "secret" not in told
