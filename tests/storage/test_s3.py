"""Files of people in an object store that speaks S3: sent, served, signed, deleted, backed up, refused."""

from __future__ import annotations

import io
from uuid import UUID, uuid4

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from kitsu_api.cli.checks import _storage
from kitsu_api.db import models as m
from kitsu_api.db.engine import make_engine, make_sessions
from kitsu_api.services.backups import creating, restoring
from kitsu_api.services.backups.manifest import BackupError
from kitsu_api.services.backups.shelf import Shelf
from kitsu_api.storage import files
from kitsu_api.storage.files import FileStorage, MissingFile, StoreFailure
from tests import factories
from tests.conftest import make_settings
from tests.storage.s3 import PREFIX

CONTENT = bytes(range(256)) * 40


@pytest.fixture
async def film(make):
    rows = factories.production()
    await make(*rows)
    return rows


@pytest.fixture
async def on_s3(s3, configure):
    return configure(**s3.settings)


async def attach(client, film, headers, content=CONTENT):
    path = f"/actions/tasks/{film.task.id}/comment"
    form = {"task_status_id": str(film.task_status.id), "comment": "Hello"}
    sent = [("file", ("notes.txt", io.BytesIO(content), "text/plain"))]
    return await client.post(path, data=form, files=sent, headers=headers)


async def test_an_attachment_is_stored_registered_served_in_parts_and_deleted(
    client, as_role, film, on_s3, s3, session
):
    manager = await as_role("manager", on=film.project)
    answer = await attach(client, film, manager)
    assert answer.status_code == 201, answer.text
    file = answer.json()["attachment_files"][0]
    assert s3.objects("files") == [f"attachments-{file['id']}"]
    row = (await session.scalars(select(m.StoredFile))).one()
    assert (row.bucket, row.key, row.size) == ("files", f"attachments-{file['id']}", len(CONTENT))
    path = f"/data/attachment-files/{file['id']}/file/notes.txt"
    whole = await client.get(path, headers=manager)
    assert (whole.status_code, whole.content) == (200, CONTENT)
    part = await client.get(path, headers={**manager, "Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, CONTENT[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(CONTENT)}"
    again = await client.get(path, headers={**manager, "If-None-Match": whole.headers["etag"]})
    assert again.status_code == 304
    beyond = await client.get(path, headers={**manager, "Range": f"bytes={len(CONTENT)}-"})
    assert beyond.status_code == 416
    comment = answer.json()["id"]
    gone = await client.delete(f"/data/tasks/{film.task.id}/comments/{comment}", headers=manager)
    assert gone.status_code == 204
    await session.refresh(row)
    assert row.deleted_at is not None


async def test_a_preview_is_made_there_and_browsers_are_sent_to_it(
    client, as_role, film, make, s3, configure, session
):
    configure(**s3.settings, fs_s3_signed_seconds=60)
    manager = await as_role("manager", on=film.project)
    preview = await make(factories.preview_file(film.task, manager.person, original_name=None))
    picture = io.BytesIO()
    Image.effect_noise((64, 36), 50).save(picture, "PNG")
    sent = {"file": ("frame.png", picture.getvalue(), "image/png")}
    answer = await client.post(f"/pictures/preview-files/{preview.id}", files=sent, headers=manager)
    assert answer.status_code == 201, answer.text
    prefixes = ("original", "previews", "thumbnails", "thumbnails-square")
    assert s3.objects("pictures") == [f"{prefix}-{preview.id}" for prefix in prefixes]
    sizes = {row.prefix: row.size for row in await session.scalars(select(m.StoredFile))}
    assert sizes.keys() == set(prefixes)
    shown = await client.get(f"/pictures/originals/preview-files/{preview.id}.png", headers=manager)
    assert shown.status_code == 302
    address = shown.headers["location"]
    assert "X-Amz-Signature" in address
    assert "very-secret" not in address
    content = httpx.get(address).content
    assert len(content) == sizes["original"]
    assert Image.open(io.BytesIO(content)).size == (64, 36)


async def test_large_files_are_sent_in_parts_and_come_back_whole(s3, settings, tmp_path):
    storage = FileStorage(settings.model_copy(update=s3.settings))
    id, path = uuid4(), tmp_path / "movie"
    path.write_bytes(b"frames!!" * (files.PART // 4))
    await storage.put("movies", "previews", id, path, "video/mp4")
    assert await storage.fetch("movies", "previews", id, tmp_path / "copy") == 2 * files.PART
    assert (tmp_path / "copy").read_bytes() == path.read_bytes()
    address = await FileStorage(
        settings.model_copy(update={**s3.settings, "fs_s3_signed_seconds": 60})
    ).signed_url("movies", "previews", id)
    assert address is not None
    answer = httpx.get(address, headers={"Range": "bytes=0-7"})
    assert (answer.status_code, answer.content) == (206, b"frames!!")
    assert answer.headers["content-type"] == "video/mp4"
    await storage.delete("movies", "previews", id)
    with pytest.raises(MissingFile):
        await storage.stat("movies", "previews", id)


# --- a store that refuses ----------------------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch):
    """Try once."""
    monkeypatch.setattr(files, "STORE_RETRIES", {"max_retries": 0})


@pytest.mark.parametrize("way", ["away", "no such bucket"])
async def test_a_store_that_refuses_is_told_and_leaves_nothing(
    client, as_role, film, s3, configure, session, impatient, way
):
    wrong = {"fs_s3_endpoint": "http://127.0.0.1:9"} if way == "away" else {"fs_bucket_prefix": "other-"}
    manager = await as_role("manager", on=film.project)
    configure(**{**s3.settings, **wrong})
    answer = await attach(client, film, manager)
    assert answer.status_code == 503
    assert answer.json()["message"] == "The storage of files does not answer. Try again in a moment."
    assert answer.headers["retry-after"] == "2"
    assert (await session.scalars(select(m.StoredFile))).all() == []
    assert (await session.scalars(select(m.Comment))).all() == []
    configure(**s3.settings)
    assert (await attach(client, film, manager)).status_code == 201


async def test_a_store_is_not_waited_for_longer_than_a_client_waits():
    assert files.STORE_RETRIES["retry_timeout"].total_seconds() <= 15
    assert files.STORE_CONNECT_TIMEOUT.total_seconds() <= 5


# --- backups -----------------------------------------------------------------------------------------


def quiet(*_: object) -> None:
    """Nobody watches."""


async def test_an_instance_on_s3_is_backed_up_there_and_comes_out_as_it_went_in(
    s3, tmp_path, migrated_database, empty_database, valkey_url, session
):
    settings = make_settings(tmp_path, migrated_database, valkey_url).model_copy(update=s3.settings)
    engine = make_engine(settings)
    sessions, storage = make_sessions(engine), FileStorage(settings)
    kept: dict[UUID, bytes] = {uuid4(): b"a" * 10, uuid4(): b"b" * (9 * 1024 * 1024)}
    async with sessions() as rows:
        for id, content in kept.items():
            await storage.put("files", "attachments", id, io.BytesIO(content))
            key = f"attachments-{id}"
            rows.add(
                m.StoredFile(
                    bucket="files", prefix="attachments", file_id=str(id), key=key, size=len(content)
                )
            )
        await rows.commit()
    shelf = Shelf(f"s3://{PREFIX}backups/nightly", settings)
    made = await creating.create(settings, sessions, shelf, keep=None, progress=quiet)
    assert (made.files, made.new_files, made.missing_files) == (2, 2, 0)
    again = await creating.create(settings, sessions, shelf, keep=None, progress=quiet)
    assert (again.files, again.new_files) == (2, 0)
    assert await restoring.verify(shelf, None, quiet) == (again.backup, [])
    assert len(await shelf.ids()) == 2

    last = await creating.create(settings, sessions, shelf, keep=2, progress=quiet)
    assert (last.dropped_backups, await shelf.ids()) == (1, [again.backup, last.backup])
    await engine.dispose()

    s3_elsewhere = {**s3.settings, "fs_bucket_prefix": f"{PREFIX}other-"}
    for bucket in ("pictures", "movies", "files"):
        httpx.put(f"{s3.endpoint}/{PREFIX}other-{bucket}").raise_for_status()
    target = make_settings(tmp_path, empty_database, valkey_url).model_copy(update=s3_elsewhere)
    engine = make_engine(target)
    restored = await restoring.restore(target, make_sessions(engine), shelf, last.backup, quiet)
    await engine.dispose()
    assert restored.files == 2
    for id, content in kept.items():
        path = tmp_path / str(id)
        await FileStorage(target).fetch("files", "attachments", id, path)
        assert path.read_bytes() == content


async def test_damage_in_the_store_is_found(s3, tmp_path, migrated_database, valkey_url):
    settings = make_settings(tmp_path, migrated_database, valkey_url).model_copy(update=s3.settings)
    engine = make_engine(settings)
    shelf = Shelf(f"s3://{PREFIX}backups", settings)
    made = await creating.create(settings, make_sessions(engine), shelf, keep=None, progress=quiet)
    await engine.dispose()
    await shelf.put(f"backups/{made.backup}/database.dump", b"something else")
    _, problems = await restoring.verify(shelf, None, quiet)
    assert problems == [f"backups/{made.backup}/database.dump is damaged: it is not what was stored."]
    with pytest.raises(BackupError, match="no backup"):
        await restoring.verify(shelf, "20200101T000000000000Z", quiet)


async def test_doctor_looks_into_the_object_store(settings, s3):
    stored = settings.model_copy(update=s3.settings)
    assert (await _storage(stored)).state == "ok"
    assert [path async for path, _ in FileStorage(stored).keys("files")] == []
    elsewhere = await _storage(stored.model_copy(update={"fs_bucket_prefix": "nobodys-"}))
    assert elsewhere.state == "fail"
    assert "nobodys-files" in elsewhere.text


async def test_a_bucket_that_is_not_there_is_no_empty_one(settings, s3):
    elsewhere = FileStorage(settings.model_copy(update={**s3.settings, "fs_bucket_prefix": "nobodys-"}))
    with pytest.raises(StoreFailure):
        _ = [key async for key in elsewhere.keys("files")]
