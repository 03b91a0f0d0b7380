"""Every command, whatever it is called: it explains itself, answers as JSON, and fails with a sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from kitsu_api.cli import app
from kitsu_api.db import models as m
from kitsu_api.settings import get_settings
from tests import factories, live
from tests.instances import Instance
from tests.servers import TEMPLATE, run_sql

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "cli.md"
NOWHERE = "/dev/null/nowhere"
"""A folder that nobody can make."""


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from walk(inner, (*path, name))
    else:
        yield path, command


COMMANDS = dict(walk(get_command(app)))
SERVERS = {("up",), ("serve",), ("worker",)}
SCRIPTS = {("openapi",), ("shell-completion",)}
"""What they print is for another program anyway."""

AFAR = {("import", "csv"), *(path for path in COMMANDS if path[0] == "sync")}
"""They ask another server, and have tests of their own with one: see `test_imports`, `test_live_sync`."""

EMAIL = "ada@studio.example"
ARGUMENTS: dict[tuple[str, ...], list[list[str]]] = {
    ("create-admin",): [["grace@studio.example"]],
    ("change-password",): [[EMAIL, "--random"], [EMAIL, "--password", "long enough"]],
    ("set-person-as-active",): [[EMAIL, "--unactive"], [EMAIL]],
    ("disable-two-factor-authentication",): [[EMAIL]],
    ("create-bot",): [["Robot"]],
    ("clear-all-auth-tokens",): [["--yes"]],
    ("remove-old-data",): [["--yes", "--days", "10"]],
    ("dump-database",): [["--output", "{folder}/dump"]],
    ("search-asset",): [["lighthouse"]],
    ("backup", "create"): [["{folder}/backups"]],
    ("backup", "verify"): [["{folder}/backups"]],
    ("project", "export"): [["Film", "--output", "{folder}/film.zip"]],
    ("db", "downgrade"): [["head", "--yes"]],
    ("db", "upgrade"): [["head"]],
}
"""How commands that need arguments are called; several ways one after the other."""

NOT_ON_THIS = {
    # they need an instance of another kind; the tests beside this one have it
    ("sync-with-ldap",),
    ("sync-with-ldap-server",),
    ("upload-files-to-cloud-storage",),
    ("download-storage-files",),
    ("backup", "restore"),
    ("project", "import"),
    ("clear-db",),
    ("reset-db",),
}


def run(*arguments: str, **environment: str) -> Result:
    get_settings.cache_clear()
    try:
        return CliRunner().invoke(app, arguments, env=environment)
    finally:
        get_settings.cache_clear()


@pytest.fixture(scope="module")
def instance(servers, valkey_url, tmp_path_factory) -> Iterator[Instance]:
    name = f"scratch_{uuid4().hex}"
    run_sql(servers.postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    made = Instance(servers.database(name), valkey_url, tmp_path_factory.mktemp("commands"))
    made.add(*factories.production()[:2], factories.person(email=EMAIL, role="admin", totp_enabled=True))
    made.within(lambda session: session.execute(m.Project.__table__.update().values(name="Film")))
    yield made
    run_sql(servers.postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_a_command_explains_itself_and_all_that_it_takes(path):
    command = COMMANDS[path]
    assert command.help, path
    for parameter in command.params:
        if parameter.name != "help" and not getattr(parameter, "hidden", False):
            assert parameter.help, parameter.name
    shown = run(*path, "--help")
    assert shown.exit_code == 0
    assert command.help.split()[0] in shown.stdout


@pytest.mark.parametrize("path", [path for path in COMMANDS if path not in SERVERS | SCRIPTS], ids=" ".join)
def test_a_command_that_tells_something_takes_json(path):
    assert "json" in {parameter.name for parameter in COMMANDS[path].params}


def test_what_commands_tell_as_json_is_a_list_of_objects(instance, monkeypatch):
    called = [path for path in COMMANDS if path not in SERVERS | SCRIPTS | AFAR | NOT_ON_THIS]
    environment = {**instance.environment, "MAIL_ENABLED": "false"}
    for path in called:
        for arguments in ARGUMENTS.get(path, [[]]):
            given = [each.format(folder=instance.folder) for each in arguments]
            ended = run(*path, *given, "--json", **environment)
            assert ended.exit_code == 0, (path, ended.output, ended.exception)
            told = json.loads(ended.stdout)
            assert isinstance(told, list), path
            assert all(isinstance(row, dict) for row in told), path
            assert ended.stderr == "", path


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_a_command_that_is_called_wrongly_ends_with_2(path):
    if path != ("db", "downgrade"):  # there it may be a revision
        wrong = run(*path, "--no-such-option")
        assert wrong.exit_code == 2
        assert "Usage" in wrong.stderr
    many = run(*path, *["superfluous"] * 9)
    assert many.exit_code == 2, many.output


def failing(path: tuple[str, ...], folder: Path) -> list[str]:
    """Arguments with which a command gets as far as the servers."""
    if path[0] == "sync":
        where = "--target" if path[1].startswith("push") else "--source"
        return [where, "http://127.0.0.1:1", "--token", "x"]
    if path == ("import", "csv"):
        (folder / "sheet.csv").write_text("Name\n")
        return ["persons", str(folder / "sheet.csv"), "--url", "http://127.0.0.1:1", "--token", "x"]
    if path == ("project", "import"):
        return [str(DOCUMENTATION)]
    if path in NOT_ON_THIS:
        return {"clear-db": ["--yes"], "reset-db": ["--yes"], "backup": [str(folder)]}.get(path[0], [])
    return [each.format(folder=folder) for each in ARGUMENTS.get(path, [[]])[0]]


NEED_NO_DATABASE = {
    *(("import", "csv"), ("version",), ("clear-memory-cache",), ("clean-auth-tokens",)),
    *(("upload-files-to-cloud-storage",), ("download-storage-files",)),
}
NEED_A_DATABASE = [path for path in COMMANDS if path not in SERVERS | SCRIPTS | NEED_NO_DATABASE]
AWAY = {
    "away": ("postgresql://nobody:not-to-be-shown@127.0.0.1:1/x", r"reached|used|[Cc]an't"),
    "of another kind": ("mysql://nobody:not-to-be-shown@127.0.0.1/x", r"mysql"),
    "no address": ("not-to-be-shown", r"not a URL|URL"),
}


def assert_plain(ended: Result, *secrets: str) -> None:
    """It has failed, with a short text and no trace."""
    assert isinstance(ended.exception, SystemExit), ended.exc_info
    assert ended.exit_code in (1, 3), ended.output
    assert ended.stderr.strip() or "fail" in ended.stdout, ended.output
    assert len(ended.stderr.strip().splitlines()) <= 4, ended.stderr
    assert "Traceback" not in ended.output
    for secret in secrets:
        assert secret not in ended.output


OF_EACH_FAMILY = (
    *(("change-password",), ("init-data",), ("db", "check"), ("backup", "create"), ("project", "export")),
    *(("dump-database",), ("doctor",), ("sync", "full")),
)
"""Commands that open the database in different ways."""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        *((path, "away") for path in NEED_A_DATABASE),
        *((path, kind) for path in OF_EACH_FAMILY for kind in AWAY if kind != "away"),
    ],
    ids=lambda each: each if isinstance(each, str) else " ".join(each),
)
def test_a_command_whose_database_is_not_there_says_so(path, kind, tmp_path, valkey_url):
    url, said = AWAY[kind]
    told = live.environment(url, valkey_url, tmp_path) | {"MAIL_ENABLED": "false"}
    ended = run(*path, *failing(path, tmp_path), **told)
    assert_plain(ended, "not-to-be-shown")
    if path[0] not in ("sync-with-ldap", "sync-with-ldap-server", "dump-database", "backup"):
        assert re.search(said, ended.output), ended.output


def test_a_command_that_tells_others_says_where_valkey_is_away(instance, tmp_path):
    told = {**instance.environment, "REDIS_URL": "redis://127.0.0.1:1", "MAIL_ENABLED": "false"}
    for path in (("clear-all-auth-tokens",), ("change-password",), ("clean-auth-tokens",), ("doctor",)):
        ended = run(*path, *failing(path, tmp_path), **told)
        assert_plain(ended)
        assert "Valkey" in ended.output, (path, ended.output)


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        (("dump-database",), ["--output", f"{NOWHERE}/dump"]),
        (("backup", "create"), [f"{NOWHERE}/backups"]),
        (("project", "export"), ["Film", "--output", f"{NOWHERE}/film.zip"]),
        (("doctor",), []),
        (("clear-memory-cache",), []),
    ],
    ids=lambda each: " ".join(each),
)
def test_a_folder_that_cannot_be_used_is_named(instance, path, arguments):
    told = {**instance.environment, "MAIL_ENABLED": "false", "KITSU_DATA_DIR": NOWHERE}
    ended = run(*path, *arguments, **told)
    if path == ("clear-memory-cache",):  # there is nothing to delete
        assert ended.exit_code == 0
        return
    assert_plain(ended)
    assert "nowhere" in ended.output, ended.output


def test_a_setting_that_is_wrong_is_named_and_not_shown(valkey_url, tmp_path):
    told = live.environment("postgresql://x@127.0.0.1:1/x", valkey_url, tmp_path)
    ended = run("init-data", **told | {"DB_POOL_SIZE": "not-to-be-shown"})
    assert_plain(ended, "not-to-be-shown")
    assert "DB_POOL_SIZE" in ended.stderr


def test_each_command_of_an_installation_has_its_line_and_each_line_its_command():
    rows = re.findall(r"^\| (`[^|]+) \| ([^|]*) \|", DOCUMENTATION.read_text(), re.MULTILINE)
    here = [name for _, found in rows for name in re.findall(r"`kitsu-api ([^`]+)`", found)]
    for name in here:
        words = tuple(word for word in name.split() if not word.startswith("-"))
        assert words in COMMANDS or words[:1] in COMMANDS, name
    there = {name for found, _ in rows for name in re.findall(r"`([^`]+)`", found)}
    assert len(there) >= 40


def test_assets_are_found_by_their_words_and_by_what_is_spelt_alike(instance):
    film = factories.production()
    film.entity.name = "Lighthouse keeper"
    instance.add(*film)
    for query in ("keeper", "lighthuose"):
        ended = run("search-asset", query, "--json", **instance.environment)
        assert ended.exit_code == 0, ended.output
        (hit,) = json.loads(ended.stdout)
        assert hit["id"] == str(film.entity.id)
        assert hit["name"].endswith("Lighthouse keeper")
    assert run("search-asset", "nothing-of-this", "--json", **instance.environment).stdout.strip() == "[]"
