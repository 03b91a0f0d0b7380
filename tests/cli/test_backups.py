"""Backups: what is in them, that damage is found, and that an instance comes out as it went in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from typer.testing import CliRunner, Result

from kitsu_api.cli import app as commands
from kitsu_api.db import models as m
from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.db.repositories.backups import begin_snapshot, take_lock
from kitsu_api.services.backups.creating import create
from kitsu_api.services.backups.dumps import dump, load
from kitsu_api.services.backups.manifest import BackupError
from kitsu_api.services.backups.shelf import Shelf
from kitsu_api.settings import get_settings
from tests import factories
from tests.instances import Instance
from tests.servers import TEMPLATE, run_sql

PICTURES = {"previews": b"the whole picture", "thumbnails": b"the small one", "original": b"the same"}


def run(instance: Instance, *arguments: str) -> Result:
    """Run `kitsu-api backup` on an instance, in this process."""
    get_settings.cache_clear()
    try:
        return CliRunner().invoke(commands, ["backup", *arguments], env=instance.environment)
    finally:
        get_settings.cache_clear()


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)[0]


def put(instance: Instance, prefix: str, content: bytes, id: Any = None) -> Path:
    """A file in storage and in the register; where it lies."""
    id = id or uuid4()
    key = f"{prefix}-{id}"
    path = instance.folder / "previews" / "pictures" / prefix / str(id)[:3] / str(id)[3:6] / str(id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    row = m.StoredFile(bucket="pictures", prefix=prefix, file_id=str(id), key=key, size=len(content))
    instance.add(row)
    return path


@pytest.fixture
def databases(servers) -> Iterator[Any]:
    """Makes databases from a template, for this test alone."""
    names: list[str] = []

    def make(template: str) -> str:
        names.append(f"scratch_{uuid4().hex}")
        run_sql(servers.postgres, f"CREATE DATABASE {names[-1]} TEMPLATE {template}")
        return servers.database(names[-1])

    yield make
    for name in names:
        run_sql(servers.postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def source(databases, valkey_url, tmp_path) -> Instance:
    """An instance with a production and three pictures."""
    instance = Instance(databases(TEMPLATE), valkey_url, tmp_path / "source")
    instance.add(*factories.production(name='Odd "name": 100 %'))
    for prefix, content in PICTURES.items():
        put(instance, prefix, content)
    return instance


@pytest.fixture
def empty(databases, valkey_url, tmp_path) -> Instance:
    return Instance(databases("template0"), valkey_url, tmp_path / "restored")


def objects(place: Path) -> list[Path]:
    return [path for path in (place / "objects").rglob("*") if path.is_file()]


def rows_of(instance: Instance) -> list[Any]:
    async def read(session: Any) -> list[Any]:
        query = "SELECT row_to_json(r)::text FROM (SELECT * FROM {}) r ORDER BY 1"
        tables = ("project", "task", "person", "stored_file", "kitsu_api_version")
        return [list(await session.scalars(text(query.format(name)))) for name in tables]

    return instance.within(read)


def files_of(instance: Instance) -> dict[str, bytes]:
    folder = instance.folder / "previews"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_instance_comes_out_as_it_went_in(source, empty, tmp_path):
    place = str(tmp_path / "backups")
    made = told(run(source, "create", place, "--json"))
    assert (made["files"], made["new_files"], made["missing_files"]) == (3, 3, 0)
    assert told(run(source, "verify", place, "--json"))["problems"] == 0
    restored = told(run(empty, "restore", place, "--json"))
    assert (restored["backup"], restored["files"], restored["rows"]) == (made["backup"], 3, made["rows"])
    assert rows_of(empty) == rows_of(source)
    assert files_of(empty) == files_of(source)
    assert sorted(files_of(empty).values()) == sorted(PICTURES.values())


def test_a_second_backup_takes_new_and_changed_files_alone(source, empty, tmp_path):
    place = tmp_path / "backups"
    first = told(run(source, "create", str(place), "--json"))
    assert told(run(source, "create", str(place), "--json"))["new_files"] == 0
    changed = put(source, "previews", b"version 1")
    told(run(source, "create", str(place), "--json"))
    changed.write_bytes(b"version 2")
    last = told(run(source, "create", str(place), "--json"))
    assert (last["new_files"], last["new_bytes"]) == (1, 9)
    assert len(objects(place)) == 5
    told(run(empty, "restore", str(place), "--id", first["backup"], "--json"))
    assert sorted(files_of(empty).values()) == sorted(PICTURES.values())


@pytest.mark.parametrize("part", ["objects/*/*", "backups/*/database.dump", "backups/*/manifest.json"])
@pytest.mark.parametrize("damage", ["flipped", "cut", "lost"])
def test_damage_is_found_and_not_restored(source, empty, tmp_path, part, damage):
    place = tmp_path / "backups"
    told(run(source, "create", str(place), "--json"))
    path = min(place.glob(part))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if damage == "lost":
        path.unlink()
    else:
        path.write_bytes(content if damage == "flipped" else content[:-1])
    for result in (run(source, "verify", str(place)), run(empty, "restore", str(place))):
        assert result.exit_code == 1
        assert "Traceback" not in result.output
        assert path.name in result.output or "manifest" in result.output
    assert empty.within(lambda session: session.scalar(text("SELECT to_regclass('project')"))) is None


def test_so_many_backups_are_kept_and_the_files_that_they_need(source, tmp_path):
    place = tmp_path / "backups"
    gone = put(source, "previews", b"soon deleted")
    told(run(source, "create", str(place), "--json"))
    (place / "backups" / "20200101T000000000000Z").mkdir()
    (place / "backups" / "20200101T000000000000Z" / "database.dump").write_bytes(b"broken off")
    gone.unlink()

    async def purge(session: Any) -> None:
        await session.execute(text("UPDATE stored_file SET purged_at = now() WHERE size = 12"))

    source.within(purge)
    kept = [told(run(source, "create", str(place), "--keep", "2", "--json")) for _ in range(2)]
    assert [one["dropped_backups"] for one in kept] == [0, 1]
    finished = {path.parent.name for path in (place / "backups").rglob("*") if path.is_file()}
    assert finished == {one["backup"] for one in kept}
    assert sorted(path.read_bytes() for path in objects(place)) == sorted(PICTURES.values())
    assert told(run(source, "verify", str(place), "--json"))["problems"] == 0


def test_a_file_that_storage_lost_is_told(source, tmp_path):
    put(source, "previews", b"lost").unlink()
    made = told(run(source, "create", str(tmp_path / "backups"), "--json"))
    assert (made["files"], made["missing_files"]) == (3, 1)


def test_nothing_is_restored_over_what_is_there(source, tmp_path):
    place = str(tmp_path / "backups")
    told(run(source, "create", place, "--json"))
    result = run(source, "restore", place)
    assert (result.exit_code, "not empty" in result.output) == (1, True)
    assert source.within(lambda session: session.scalar(select(func.count()).select_from(m.Project))) == 1


def test_a_place_without_backups_says_so(source, tmp_path):
    place = str(tmp_path / "none")
    for command in ("verify", "restore"):
        result = run(source, command, place)
        assert (result.exit_code, "no finished backup" in result.output) == (1, True)
    told(run(source, "create", place, "--json"))
    assert "no backup 2020" in run(source, "verify", place, "--id", "2020").output


async def test_one_backup_is_made_at_a_time(migrated_database, tmp_path, settings):
    settings = settings.model_copy(update={"database_url": migrated_database})
    engine = make_engine(settings)
    sessions = make_sessions(engine)
    shelf = Shelf(str(tmp_path / "backups"), settings)
    async with sessions() as session:
        assert await take_lock(session)
        with pytest.raises(BackupError, match="Another backup"):
            await create(settings, sessions, shelf, keep=None, progress=lambda *_: None)
    assert await shelf.ids() == []
    await engine.dispose()


@pytest.mark.parametrize("damage", [lambda dump: dump[: len(dump) * 2 // 3], lambda _: b"no dump at all"])
async def test_what_can_not_be_loaded_leaves_nothing(
    migrated_database, empty_database, tmp_path, settings, damage
):
    engine = make_engine(settings.model_copy(update={"database_url": migrated_database}))
    async with make_sessions(engine)() as session:
        await dump(migrated_database, await begin_snapshot(session), tmp_path / "dump")
    await engine.dispose()
    content = (tmp_path / "dump").read_bytes()
    (tmp_path / "dump").write_bytes(damage(content))
    with pytest.raises(BackupError, match="failed"):
        await load(empty_database, tmp_path / "dump")
    (tmp_path / "dump").write_bytes(content)
    await load(empty_database, tmp_path / "dump")  # as it is still empty
    with pytest.raises(BackupError, match="psql failed"):
        await load(empty_database, tmp_path / "dump")
