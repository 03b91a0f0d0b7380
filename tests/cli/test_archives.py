"""Productions that move from one instance to another in an archive."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from kitsu_api.app import connect, make_valkey
from kitsu_api.cli import app as commands
from kitsu_api.db import models as m
from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.settings import get_settings
from tests import factories, instances
from tests.conftest import make_settings
from tests.instances import ADMIN, Film, Instance
from tests.servers import TEMPLATE, run_sql


class Move(NamedTuple):
    """An instance with a production, its archive, and an instance that the production went to."""

    source: Instance
    film: Film
    archive: Path
    target: Instance
    same: dict[str, str]
    """Ids there of what both instances had, by those at the source."""
    told: dict[str, Any]


def run(instance: Instance, *arguments: str) -> Result:
    """Run `kitsu-api project` on an instance, in this process."""
    get_settings.cache_clear()
    try:
        return CliRunner().invoke(commands, ["project", *arguments], env=instance.environment)
    finally:
        get_settings.cache_clear()


@pytest.fixture(scope="module")
def fresh(servers, valkey_url, tmp_path_factory) -> Iterator[Callable[[], Instance]]:
    """Makes instances without rows."""
    names: list[str] = []

    def make() -> Instance:
        names.append(f"scratch_{uuid4().hex}")
        run_sql(servers.postgres, f"CREATE DATABASE {names[-1]} TEMPLATE {TEMPLATE}")
        folder = tmp_path_factory.mktemp("instance")
        return Instance(servers.database(names[-1]), valkey_url, folder)

    yield make
    for name in names:
        run_sql(servers.postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def move(fresh, tmp_path_factory) -> Move:
    source, target = fresh(), fresh()
    film = instances.fill(source)
    boss, shots = instances.admin(), factories.entity_type(name="Shot")
    crew = factories.department(name="Animation")
    animation = factories.task_type(name="Animation", department_id=crew.id, for_entity="Shot")
    target.add(boss, shots, crew, animation)
    same: dict[str, str] = {}
    for model, column, row in (
        (m.Person, m.Person.email, boss),
        (m.EntityType, m.EntityType.name, shots),
        (m.Department, m.Department.name, crew),
        (m.TaskType, m.TaskType.name, animation),
    ):
        there = scalar(source, select(model.id).where(column == getattr(row, column.key)))
        same[str(there)] = str(row.id)
    archive = tmp_path_factory.mktemp("archives") / "film.zip"
    exported = run(source, "export", "Film", "--output", str(archive), "--json")
    assert exported.exit_code == 0, exported.output
    imported = run(target, "import", str(archive), "--json")
    assert imported.exit_code == 0, imported.output
    return Move(source, film, archive, target, same, json.loads(imported.stdout)[0])


def scalar(instance: Instance, query: Any) -> Any:
    return instance.within(lambda session: session.scalar(query))


async def answers(app: FastAPI, instance: Instance, paths: Sequence[str]) -> list[str]:
    """What the server answers an admin on an instance."""
    settings = make_settings(instance.folder, instance.database_url, instance.valkey_url)
    engine = make_engine(settings)
    valkey = make_valkey(instance.valkey_url)
    app.state.settings = settings
    connect(app, make_sessions(engine), valkey)
    try:
        async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
            body = {"email": ADMIN, "password": factories.PASSWORD}
            token = (await client.post("/auth/login", json=body)).json()["access_token"]
            client.cookies.clear()
            client.headers["authorization"] = f"Bearer {token}"
            found = [await client.get(path) for path in paths]
        assert [answer.status_code for answer in found] == [200] * len(paths)
        return [answer.text for answer in found]
    finally:
        await valkey.aclose()
        await engine.dispose()


async def test_a_moved_production_gives_the_same_answers(move, built_app):
    film, project = move.film, move.film.project.id
    paths = (
        f"/data/projects/{project}?relations=true",
        f"/data/entities?project_id={project}&relations=true",
        f"/data/tasks?project_id={project}&relations=true",
        f"/data/projects/{project}/entities/{film.shot.id}/casting",
        f"/data/tasks/{film.task.id}/comments",
        f"/data/preview-files?task_id={film.task.id}&relations=true",
        f"/data/playlists?project_id={project}",
        f"/data/projects/{project}/budgets",
        f"/data/projects/{project}/milestones",
        f"/data/metadata-descriptors?project_id={project}",
        f"/data/time-spents?task_id={film.task.id}",
        f"/data/news?task_id={film.task.id}",
        f"/data/attachment-files/{film.attachment.id}/file/notes.txt",
    )
    there = await answers(built_app, move.source, paths)
    here = await answers(built_app, move.target, paths)
    for path, one, other in zip(paths, there, here, strict=True):
        for old, new in move.same.items():
            one = one.replace(old, new)
        assert _plain(other) == _plain(one), path


def _plain(text: str) -> Any:
    """An answer without the order of its lists, and without what people are allowed to do elsewhere."""

    def sort(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: sort(inner) for key, inner in value.items() if key != "has_avatar"}
        if isinstance(value, list):
            return sorted((sort(inner) for inner in value), key=lambda inner: json.dumps(inner))
        return value

    try:
        return sort(json.loads(text))
    except ValueError:
        return text


def test_files_move_along(move):
    film = move.film
    assert move.told["files"] == 5
    assert move.target.file("pictures", "previews", film.preview.id) == b"picture previews"
    key = select(func.count()).where(m.StoredFile.key == f"attachments-{film.attachment.id}")
    assert scalar(move.target, key) == 1


def test_people_who_are_not_known_can_not_sign_in(move):
    assert (move.told["people_matched"], move.told["people_created"]) == (1, 1)
    person = move.target.within(lambda session: session.get(m.Person, move.film.artist.id))
    assert (person.active, person.password, person.role) == (False, None, "user")
    assert (person.email, person.first_name) == (move.film.artist.email, move.film.artist.first_name)
    link = select(m.ProjectPersonLink.role).where(m.ProjectPersonLink.person_id == person.id)
    assert scalar(move.target, link) == "supervisor"


def test_people_come_without_what_is_theirs_alone(move):
    with zipfile.ZipFile(move.archive) as archive:
        lines = archive.read("tables/person.jsonl").decode().splitlines()
    keys = {key for line in lines for key in json.loads(line)}
    assert keys == {"id", "email", "first_name", "last_name", "role"}
    assert move.archive.stat().st_mode & 0o077 == 0


def test_a_production_that_is_here_is_not_imported_again(move):
    again = run(move.target, "import", str(move.archive))
    assert again.exit_code == 1
    assert "is here already" in again.stderr


def test_an_archive_without_files_has_none(move, tmp_path):
    done = run(
        move.source,
        "export",
        str(move.film.project.id),
        "-o",
        str(tmp_path / "a.zip"),
        "--no-files",
        "--json",
    )
    assert json.loads(done.stdout)[0]["files"] == 0


def test_an_unknown_production_is_not_exported(move, tmp_path):
    done = run(move.source, "export", "Nothing", "-o", str(tmp_path / "a.zip"))
    assert (done.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert "“Nothing”" in done.stderr
    there = run(move.source, "export", "Film", "-o", str(move.archive))
    assert "exists already" in there.stderr


# --- archives that are damaged, or mean harm ---------------------------------------------------------


@pytest.fixture(scope="module")
def empty(fresh) -> Instance:
    """An instance that no archive of these tests may change."""
    return fresh()


def changed(move: Move, folder: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    """The archive with another manifest or other members, whose checksums are right unless changed too."""
    with zipfile.ZipFile(move.archive) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members.pop("manifest.json"))
    before = dict(members)
    change(manifest, members)
    for part in manifest["tables"]:
        name = f"tables/{part['name']}.jsonl"
        if name in members and members[name] != before.get(name):
            part["sha256"] = hashlib.sha256(members[name]).hexdigest()
            part["size"] = len(members[name])
    path = folder / "changed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr("manifest.json", json.dumps(manifest))
    return path


def _lose_a_table(manifest, members):
    del members["tables/task.jsonl"]


def _change_a_file(manifest, members):
    name = next(name for name in members if name.startswith("files/"))
    members[name] = members[name][:-1] + b"!"


def _wrong_size(manifest, members):
    manifest["files"][0]["size"] += 1


def _climb(manifest, members):
    manifest["files"][0]["prefix"] = "../../etc"


def _other_bucket(manifest, members):
    manifest["files"][0]["bucket"] = "/etc"


def _strange_table(manifest, members):
    manifest["tables"][0]["name"] = "login_log"


def _newer(manifest, members):
    manifest["version"] = 99


def _twice(manifest, members):
    manifest["tables"].append(manifest["tables"][0])


def _no_rows(manifest, members):
    members["tables/entity.jsonl"] = b"[1]\n"


def _no_json(manifest, members):
    members["tables/entity.jsonl"] = b"{\n"


def _file_of_nothing(manifest, members):
    part = manifest["files"][0]
    old = f"files/{part['bucket']}/{part['prefix']}/{part['id']}"
    part["id"] = str(uuid4())
    members[f"files/{part['bucket']}/{part['prefix']}/{part['id']}"] = members.pop(old)


def _no_production(manifest, members):
    del members["tables/project.jsonl"]
    manifest["tables"] = [part for part in manifest["tables"] if part["name"] != "project"]


def _nonsense_in_a_column(manifest, members):
    row = json.loads(members["tables/project.jsonl"])
    members["tables/project.jsonl"] = json.dumps({**row, "nb_episodes": "many"}).encode() + b"\n"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_lose_a_table, "task.jsonl is missing"),
        (_change_a_file, "another checksum"),
        (_wrong_size, "another size"),
        (_climb, "manifest of the archive is damaged: files.0.prefix"),
        (_other_bucket, "files.0.bucket"),
        (_strange_table, "login_log"),
        (_newer, "newer server"),
        (_twice, "named twice"),
        (_no_rows, "no row"),
        (_no_json, "can't be read"),
        (_file_of_nothing, "belongs to nothing"),
        (_no_production, "The archive holds"),
        (_nonsense_in_a_column, "no table takes"),
    ],
)
def test_a_damaged_archive_changes_nothing(move, empty, tmp_path, change, message):
    refused = run(empty, "import", str(changed(move, tmp_path, change)))
    assert (refused.exit_code, message in refused.stderr) == (1, True), refused.stderr
    assert "Traceback" not in refused.output
    assert scalar(empty, select(func.count()).select_from(m.Project)) == 0
    assert scalar(empty, select(func.count()).select_from(m.Person)) == 0
    assert scalar(empty, select(func.count()).select_from(m.StoredFile)) == 0
    assert not [path for path in (empty.folder / "previews").rglob("*") if path.is_file()]


def test_half_an_archive_is_refused(move, empty, tmp_path):
    path = tmp_path / "half.zip"
    content = move.archive.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    refused = run(empty, "import", str(path))
    assert (refused.exit_code, "can't be read" in refused.stderr) == (1, True)


def test_rows_of_another_production_are_refused(move, fresh, tmp_path):
    target = fresh()
    rows = factories.production()
    target.add(*rows)

    def change(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
        comment = json.loads(members["tables/comment.jsonl"])
        comment["object_id"] = str(rows.task.id)
        members["tables/comment.jsonl"] = json.dumps(comment).encode() + b"\n"

    refused = run(target, "import", str(changed(move, tmp_path, change)))
    assert refused.exit_code == 1
    assert "comment of other productions" in refused.stderr
    assert scalar(target, select(func.count()).select_from(m.Comment)) == 0


def test_admins_of_elsewhere_are_none_here(move, fresh, tmp_path):
    target = fresh()
    done = run(target, "import", str(shutil.copy(move.archive, tmp_path / "copy.zip")), "--json")
    assert done.exit_code == 0, done.output
    people = target.within(lambda session: session.execute(select(m.Person.role, m.Person.active)))
    assert {tuple(row) for row in people} == {("user", False)}
