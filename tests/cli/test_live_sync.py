"""Copies between two instances, whose servers are processes of their own."""

from __future__ import annotations

import asyncio
import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import delete, func, select, update
from typer.testing import CliRunner, Result

from kitsu_api.cli import app
from kitsu_api.db import models as m
from kitsu_api.db.base import now
from kitsu_api.settings import get_settings
from tests import factories, instances, live
from tests.instances import ADMIN, Film, Instance
from tests.servers import TEMPLATE, run_sql


class Studio(NamedTuple):
    """A source that runs, what is in it, and an instance that becomes its copy."""

    address: str
    source: Instance
    film: Film
    copy: Instance

    @property
    def told(self) -> dict[str, str]:
        """What the commands find in the environment."""
        source = {"SYNC_SOURCE": f"{self.address}/api", "SYNC_LOGIN": ADMIN}
        return {**self.copy.environment, **source, "SYNC_PASSWORD": factories.PASSWORD}

    def run(self, *arguments: str, **settings: str) -> Result:
        """Run `kitsu-api sync` on the copy, in this process."""
        get_settings.cache_clear()
        try:
            return CliRunner().invoke(app, ["sync", *arguments], env={**self.told, **settings})
        finally:
            get_settings.cache_clear()

    def done(self, *arguments: str) -> Any:
        """The JSON answer of a `kitsu-api sync` that succeeds."""
        ended = self.run(*arguments, "--json")
        assert ended.exit_code == 0, ended.output
        return json.loads(ended.stdout)

    def differences(self) -> dict[str, Any]:
        """What `verify` finds, by table."""
        ended = self.run("verify", "--json")
        assert ended.stdout, ended.output
        found = {row["table"]: row for row in json.loads(ended.stdout) if not row["same"]}
        assert ended.exit_code == (1 if found else 0)
        return found


@pytest.fixture(scope="module")
def studio(servers, valkey_url, tmp_path_factory) -> Iterator[Studio]:
    names = [f"scratch_{uuid4().hex}" for _ in range(2)]
    for name in names:
        run_sql(servers.postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    source, copy = (
        Instance(servers.database(name), valkey_url, tmp_path_factory.mktemp("instance")) for name in names
    )
    film = instances.fill(source)
    # The copy has rows of its own that stand for the same things under other ids.
    shots = factories.entity_type(name="Shot")
    own = factories.project_status(name="Open")
    copy.add(shots, own, m.Organisation(name="Nobody yet"), factories.department(name="Animation"))
    with live.serving(source.database_url, valkey_url, source.folder) as address:
        yield Studio(address, source, film, copy)
    for name in names:
        run_sql(servers.postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def copied(studio: Studio) -> Studio:
    """The studio once everything was copied."""
    studio.done("full")
    return studio


def scalar(instance: Instance, query: Any) -> Any:
    return instance.within(lambda session: session.scalar(query))


def test_changes_need_a_full_copy_first(servers, valkey_url, tmp_path, studio, migrated_database):
    fresh = studio._replace(copy=Instance(migrated_database, valkey_url, tmp_path))
    ended = fresh.run("changes", "--once")
    assert ended.exit_code == 1
    assert "sync full" in ended.stderr


def test_a_full_copy_is_the_same_in_every_row(copied):
    assert copied.differences() == {}
    told = live.command("sync", "verify", **copied.told)
    assert (told.returncode, told.stdout.startswith("The same: ")) == (0, True)


def test_a_copy_has_the_answers_of_its_source(copied, valkey_url):
    film = copied.film
    paths = (
        f"/data/projects/{film.project.id}?relations=true",
        f"/data/projects/{film.project.id}/team",
        f"/data/shots/{film.shot.id}",
        f"/data/projects/{film.project.id}/entities/{film.shot.id}/casting",
        f"/data/tasks/{film.task.id}/comments",
        f"/data/playlists?project_id={film.project.id}",
        f"/data/projects/{film.project.id}/budgets",
        "/data/organisations",
    )
    # The password isn't copied: it is set on the copy.
    password = factories.hashed(factories.PASSWORD)
    change = update(m.Person).where(m.Person.email == ADMIN).values(password=password)
    copied.copy.within(lambda session: session.execute(change))

    def answers(address: str) -> list[Any]:
        with httpx.Client(base_url=address, timeout=30) as client:
            body = {"email": ADMIN, "password": factories.PASSWORD}
            token = client.post("/auth/login", json=body).json()["access_token"]
            client.cookies.clear()
            client.headers["authorization"] = f"Bearer {token}"
            found = [client.get(path) for path in paths]
        assert [answer.status_code for answer in found] == [200] * len(paths)
        return [answer.json() for answer in found]

    with live.serving(copied.copy.database_url, valkey_url, copied.copy.folder) as address:
        there, here = answers(copied.address), answers(address)
    for path, one, other in zip(paths, there, here, strict=True):
        assert other == one, path


def test_rows_that_stood_for_the_same_are_one(copied):
    for model, name in ((m.EntityType, "Shot"), (m.ProjectStatus, "Open"), (m.Department, "Animation")):
        count = select(func.count()).select_from(model).where(model.name == name)
        assert scalar(copied.copy, count) == 1, name
    assert scalar(copied.copy, select(m.Organisation.name)) == "Studio of the source"


def test_secrets_stay_where_they_are(copied):
    password = select(m.Person.password).where(m.Person.id == copied.film.artist.id)
    assert scalar(copied.source, password) is not None
    assert scalar(copied.copy, password) is None


def test_files_are_copied_once(copied):
    first = copied.done("files")[0]
    assert first["copied"] >= 5
    film = copied.film
    assert copied.copy.file("files", "attachments", film.attachment.id) == b"notes"
    assert copied.copy.file("pictures", "original", film.preview.id) == b"picture original"
    key = select(func.count()).where(m.StoredFile.key == f"original-{film.preview.id}")
    assert scalar(copied.copy, key) == 1
    again = copied.done("files")[0]
    assert (again["copied"], again["present"]) == (0, first["copied"])


def test_changes_are_followed(copied):
    film = copied.film
    copied.done("changes", "--once")
    with httpx.Client(base_url=copied.address, timeout=30) as client:
        body = {"email": ADMIN, "password": factories.PASSWORD}
        client.headers["authorization"] = (
            f"Bearer {client.post('/auth/login', json=body).json()['access_token']}"
        )
        client.cookies.clear()
        status = {"task_status_id": str(film.task.task_status_id), "comment": "Second take"}
        answer = client.post(f"/actions/tasks/{film.task.id}/comment", json=status)
        assert answer.status_code == 201, answer.text
        answer = client.put(f"/data/entities/{film.shot.id}", json={"description": "At dawn"})
        assert answer.status_code == 200, answer.text
        answer = client.post(
            f"/data/projects/{film.project.id}/shots",
            json={"name": "SH2", "sequence_id": str(film.shot.parent_id)},
        )
        assert answer.status_code == 201, answer.text
        cast = [{"asset_id": str(film.asset.id), "nb_occurences": 7}]
        answer = client.put(f"/data/projects/{film.project.id}/entities/{film.shot.id}/casting", json=cast)
        assert answer.status_code == 200, answer.text
        assert client.delete(f"/data/comments/{film.comment.id}").status_code == 204
    assert copied.done("changes", "--once")[0]["events"] >= 4
    occurrences = select(m.EntityLink.nb_occurences).where(m.EntityLink.entity_in_id == film.shot.id)
    assert scalar(copied.copy, occurrences) == 7
    assert scalar(copied.copy, select(func.count()).where(m.Comment.id == film.comment.id)) == 0
    assert scalar(copied.copy, select(m.Comment.text)) == "Second take"
    assert copied.differences() == {}
    assert copied.done("changes", "--once")[0]["events"] == 0
    told = select(func.count()).where(m.ApiEvent.name == "comment:new")
    assert scalar(copied.copy, told) == 1


def test_what_differs_is_told_and_mended(copied):
    film = copied.film
    extra = factories.department(name="Left over")
    copied.copy.add(extra)
    change = update(m.Entity).where(m.Entity.id == film.asset.id).values(description="Changed here")
    copied.copy.within(lambda session: session.execute(change))
    gone = delete(m.TimeSpent).where(m.TimeSpent.task_id == film.task.id)
    copied.copy.within(lambda session: session.execute(gone))
    found = copied.differences()
    assert set(found) == {"department", "entity", "time_spent"}
    assert (found["department"]["extra"], found["time_spent"]["missing"]) == (1, 1)
    assert found["entity"]["columns"] == ["description", "updated_at"]
    assert found["entity"]["checksum_here"] != found["entity"]["checksum_there"]
    shown = copied.run("verify", "--table", "entity")
    assert shown.exit_code == 1
    assert "description" in shown.stdout
    tallies = {row["table"]: row for row in copied.done("full", "--delete")}
    assert tallies["department"]["deleted"] == 1
    assert copied.differences() == {}


def test_an_interrupted_copy_goes_on(copied):
    state = copied.copy.folder / "part.json"
    plan = ["department", "person"]
    kept = {"url": f"{copied.address}/api", "full": {"plan": plan, "done": ["department"], "page": 1}}
    state.write_text(json.dumps(kept))
    done = copied.done("full", "--table", "person", "--table", "department", "--state", str(state))
    assert [row["table"] for row in done] == ["person"]


def test_a_state_of_another_source_is_refused(copied):
    state = copied.copy.folder / "other.json"
    state.write_text(json.dumps({"url": "https://elsewhere.example/api"}))
    ended = copied.run("full", "--state", str(state))
    assert ended.exit_code == 1
    assert "another source" in ended.stderr


def test_the_daemon_follows_until_it_is_told_to_end(copied):
    process = subprocess.Popen(
        [sys.executable, "-m", "kitsu_api.cli", "sync", "changes", "--interval", "0.2"],
        env=copied.told,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "Following the source.\n"
    refused = copied.run("verify")
    assert "Another copy" in refused.stderr
    row = factories.department(name="Layout")
    event = factories.api_event("department:new", data={"department_id": str(row.id)})
    copied.source.add(row, event)
    deadline = time.monotonic() + live.PATIENCE
    while scalar(copied.copy, select(func.count()).where(m.Department.id == row.id)) == 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(live.PATIENCE) == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"SYNC_PASSWORD": "wrong"}, "refuses the sign-in"),
        ({"SYNC_PASSWORD": ""}, "SYNC_LOGIN and SYNC_PASSWORD"),
        ({"SYNC_TOKEN": "nonsense"}, "answers 4"),
    ],
)
def test_who_may_not_sign_in_is_told_so(studio, settings, message):
    ended = studio.run("verify", **settings)
    assert ended.exit_code == 1
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr
    assert factories.PASSWORD not in ended.stderr + ended.stdout


def test_only_admins_copy(studio):
    person = factories.person(email="sam@studio.example", role="manager")
    studio.source.add(person)
    ended = studio.run("verify", SYNC_LOGIN="sam@studio.example")
    assert "no admin's" in ended.stderr


def test_a_table_that_is_not_copied_is_named(studio):
    ended = studio.run("full", "--table", "login_log")
    assert ended.exit_code == 2
    assert "login_log" in ended.stderr


def test_what_was_done_on_the_copy_is_pushed_and_what_is_newer_there_stays(copied):
    film = copied.film
    copied.done("full", "--delete")
    to = ("--target", f"{copied.address}/api")
    assert sum(row["sent"] for row in copied.done("push", *to)) == 0
    later = now() + timedelta(hours=1)
    sequences = scalar(copied.copy, select(m.EntityType.id).where(m.EntityType.name == "Sequence"))
    sequence = m.Entity(name="SQ9", project_id=film.project.id, entity_type_id=sequences)
    shot = m.Entity(
        name="SH9", project_id=film.project.id, entity_type_id=film.shot.entity_type_id, description="Pushed"
    )
    copied.copy.add(sequence, shot)

    def change(entity: m.Entity, text: str, when: datetime, **more: Any) -> Any:
        values = {"description": text, "updated_at": when, **more}
        return update(m.Entity).where(m.Entity.id == entity.id).values(**values)

    work = change(shot, "Pushed", later, parent_id=sequence.id)  # refers to a row that is sent with it
    copied.copy.within(lambda session: session.execute(work))
    copied.copy.within(lambda session: session.execute(change(film.shot, "Here, earlier", later)))
    newer = change(film.shot, "There, later", later + timedelta(hours=1))
    copied.source.within(lambda session: session.execute(newer))
    tallies = {row["table"]: row for row in copied.done("push", *to)}
    assert tallies["entity"] == {"table": "entity", "sent": 2, "kept": 1}
    there = select(m.Entity.parent_id).where(m.Entity.id == shot.id)
    assert scalar(copied.source, there) == sequence.id
    stays = select(m.Entity.description).where(m.Entity.id == film.shot.id)
    assert scalar(copied.source, stays) == "There, later"
    compared = copied.run("push-verify", *to, "--json")
    assert compared.exit_code == 1
    assert [row["table"] for row in json.loads(compared.stdout) if not row["same"]] == ["entity"]
    copied.done("full")
    assert copied.run("push-verify", *to).exit_code == 0


def test_a_table_that_is_not_pushed_is_named(studio):
    ended = studio.run("push", "--target", f"{studio.address}/api", "--table", "person")
    assert ended.exit_code == 2
    assert "entity" in ended.stderr


def files_there(studio: Studio, preview: m.PreviewFile) -> list[bytes | None]:
    places = ("original", "previews", "thumbnails", "thumbnails-square")
    return [studio.source.file("pictures", place, preview.id) for place in places]


@pytest.fixture
def pushed_preview(copied: Studio) -> m.PreviewFile:
    """A movie that was made on the copy, with its files, and a note beside it."""
    film = copied.film
    movie = factories.preview_file(film.task, film.artist, extension="mp4", revision=7)
    movie.data = {"movie_prefixes": ["previews"]}
    comment = factories.comment(film.task, film.artist)  # that of the film may be gone by now
    note = m.AttachmentFile(name="plan.txt", size=4, extension="txt", comment_id=comment.id)
    copied.copy.add(movie, comment, note)
    for prefix in ("original", "previews", "thumbnails", "thumbnails-square"):
        copied.copy.put_file("pictures", prefix, movie.id, f"new {prefix}".encode())
    copied.copy.put_file("movies", "previews", movie.id, bytes(range(256)) * 40_000)  # more than a piece
    copied.copy.put_file("files", "attachments", note.id, b"plan")
    return movie


def test_files_are_pushed_once_and_whole(copied, pushed_preview):
    to = ("--target", f"{copied.address}/api")
    copied.done("push", *to)
    assert files_there(copied, pushed_preview) == [None] * 4
    (*_tables, files) = copied.done("push", *to, "--files")
    assert files["table"] == "files"
    assert files["sent"] == 6
    assert files["bytes"] > 10_000_000
    there = files_there(copied, pushed_preview)
    assert there == [b"new original", b"new previews", b"new thumbnails", b"new thumbnails-square"]
    assert copied.source.file("movies", "previews", pushed_preview.id) == bytes(range(256)) * 40_000
    (*_tables, again) = copied.done("push", *to, "--files")
    assert (again["sent"], again["kept"]) == (0, files["kept"] + 6)
    # the same size, and another content: only checksums tell
    asyncio.run(
        copied.source.storage.put("pictures", "original", pushed_preview.id, io.BytesIO(b"xxx original"))
    )
    compared = copied.run("push-verify", *to, "--files", "--json")
    assert compared.exit_code == 1
    told = json.loads(compared.stdout)[-1]
    assert told["examples"] == [f"pictures/original-{pushed_preview.id}"]
    (listed,) = [
        line for line in copied.run("push-verify", *to, "--files").stdout.splitlines() if "Not there" in line
    ]
    assert str(pushed_preview.id) in listed
