"""Files on the local disk: where they lie, and what becomes of them."""

from __future__ import annotations

import errno
import io
import os
from uuid import UUID

import obstore
import pytest

from kitsu_api.storage.files import FileStorage, MissingFile
from kitsu_api.storage.layout import local_path

ID = UUID("8f8979cf-0000-4000-8000-000000000001")


@pytest.fixture
def storage(settings) -> FileStorage:
    return FileStorage(settings)


async def read(storage: FileStorage) -> bytes:
    stored = await storage.open("files", "attachments", ID)
    content = b"".join([chunk async for chunk in stored.chunks])
    assert stored.size == len(content)
    return content


@pytest.mark.parametrize(
    ("bucket", "key", "path"),
    [
        ("pictures", f"previews-{ID}", f"pictures/previews/8f8/979/{ID}"),
        ("pictures", f"thumbnails-square-{ID}", f"pictures/thumbnails/squ/are/square-{ID}"),
        ("files", f"attachments-{ID}", f"files/attachments/8f8/979/{ID}"),
        ("files", "dbbackup-2026-11-24.sql.gz", "files/dbbackup/2026-11-24.sql.gz"),
    ],
)
def test_files_lie_where_existing_installations_have_them(bucket, key, path):
    assert local_path(bucket, key) == path


@pytest.mark.parametrize(
    "key",
    ["previews-../../../../escaped", "previews-/escaped", "../escaped", "previews-..", "", "a\\b", "a\x00"],
)
async def test_a_key_leads_nowhere_else(storage, tmp_path, key):
    source = tmp_path / "source"
    source.write_bytes(b"hostile")
    with pytest.raises(ValueError, match="no such key"):
        await storage.put_key("pictures", key, source)
    with pytest.raises(ValueError, match="no such bucket"):
        await storage.put_key("../pictures", f"previews-{ID}", source)
    assert not list(tmp_path.rglob("escaped"))


async def test_a_file_is_stored_read_replaced_and_deleted(storage, settings):
    for content in (b"first", b"x" * 3_000_000):
        await storage.put("files", "attachments", ID, io.BytesIO(content))
        assert await read(storage) == content
    assert (settings.previews / f"files/attachments/8f8/979/{ID}").stat().st_size == 3_000_000
    await storage.delete("files", "attachments", ID)
    with pytest.raises(MissingFile):
        await storage.open("files", "attachments", ID)
    await storage.delete("files", "attachments", ID)


async def test_a_file_that_was_there_before_is_found(storage, settings):
    path = settings.previews / f"files/attachments/8f8/979/{ID}"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"from another server")
    assert await read(storage) == b"from another server"


async def test_a_part_of_a_file_is_read(storage):
    await storage.put("files", "attachments", ID, io.BytesIO(b"0123456789"))
    part = await storage.open("files", "attachments", ID, (3, 6))
    assert (part.size, b"".join([chunk async for chunk in part.chunks])) == (10, b"345")
    state = await storage.stat("files", "attachments", ID)
    assert (state.size, state.etag) == (10, part.etag)


async def test_a_file_is_fetched_to_the_local_disk(storage, tmp_path):
    content = b"frames " * 300_000
    await storage.put("files", "attachments", ID, io.BytesIO(content))
    target = tmp_path / "copy"
    assert await storage.fetch("files", "attachments", ID, target) == len(content)
    assert target.read_bytes() == content
    await storage.delete("files", "attachments", ID)
    with pytest.raises(MissingFile):
        await storage.fetch("files", "attachments", ID, target)


async def test_a_file_of_the_local_disk_is_stored_without_a_copy(storage, settings, tmp_path):
    source = tmp_path / "movie"
    source.write_bytes(b"frames")
    await storage.put("files", "attachments", ID, source)
    lies = settings.previews / f"files/attachments/8f8/979/{ID}"
    assert lies.stat().st_ino == source.stat().st_ino
    assert settings.previews.stat().st_mode & 0o077 == 0
    await storage.put("files", "attachments", ID, source)
    source.unlink()
    assert await read(storage) == b"frames"
    assert [path.name for path in lies.parent.iterdir()] == [str(ID)]


async def test_a_file_of_another_disk_is_copied(storage, tmp_path, monkeypatch):
    def refuse(source: object, target: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    source = tmp_path / "movie"
    source.write_bytes(b"frames")
    await storage.put("files", "attachments", ID, source)
    assert await read(storage) == b"frames"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
async def test_a_full_disk_is_told_by_its_number(storage, monkeypatch, number):
    async def full(*_: object, **__: object) -> None:
        raise obstore.exceptions.GenericError(f"Unable to write: somewhere (os error {number})")

    monkeypatch.setattr(obstore, "put_async", full)
    with pytest.raises(OSError, match=os.strerror(number)):
        await storage.put("files", "attachments", ID, io.BytesIO(b"x"))


async def test_a_file_is_borrowed_where_it_lies(storage, settings, tmp_path):
    await storage.put("files", "attachments", ID, io.BytesIO(b"frames"))
    borrowed = await storage.borrow("files", "attachments", ID, tmp_path / "copy")
    assert borrowed == settings.previews / f"files/attachments/8f8/979/{ID}"
    await storage.delete("files", "attachments", ID)
    with pytest.raises(MissingFile):
        await storage.borrow("files", "attachments", ID, tmp_path / "copy")
