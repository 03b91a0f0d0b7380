"""Files on the local disk: where they lie, and what becomes of them."""

from __future__ import annotations

import io
from uuid import UUID

import pytest

from kitsu_api.storage.files import FileStorage, MissingFile, local_path

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
