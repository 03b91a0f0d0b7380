"""Archives of productions whose restoring is broken off by what has nothing to do with them."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from kitsu_api.db.repositories.production_rows import ProductionRows
from kitsu_api.services.archives import reading
from kitsu_api.services.archives.manifest import MANIFEST, ArchiveError, FilePart, Manifest
from kitsu_api.storage.files import FileStorage, StoreFailure


def write(path: Path, *files: bytes) -> Manifest:
    parts = [
        FilePart(bucket="files", prefix="attachments", id=uuid4(), size=len(content), sha256=digest(content))
        for content in files
    ]
    manifest = Manifest(
        server="1", created_at="2026-11-26", project_id=uuid4(), project_name="Film", tables=[], files=parts
    )
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in zip(parts, files, strict=True):
            archive.writestr(part.member, content)
        archive.writestr(MANIFEST, manifest.model_dump_json())
    return manifest


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def nobody_looks(what: str, done: int, total: int) -> None:
    return None


@pytest.mark.parametrize("error", [ConnectionRefusedError("refused"), OSError(28, "No space left on device")])
async def test_what_the_database_or_the_disk_refuses_is_no_fault_of_the_archive(
    tmp_path, settings, sessions, monkeypatch, error
):
    async def fail(self):
        raise error

    write(tmp_path / "film.zip")
    monkeypatch.setattr(reading._Reader, "restore", fail)
    with pytest.raises(type(error)):
        await reading.import_production(
            sessions, FileStorage(settings), tmp_path / "film.zip", progress=nobody_looks
        )
    (tmp_path / "film.zip").write_bytes(b"no archive")
    with pytest.raises(ArchiveError, match="can't be read"):
        await reading.import_production(
            sessions, FileStorage(settings), tmp_path / "film.zip", progress=nobody_looks
        )


async def test_files_that_were_stored_are_deleted_again_though_one_of_them_stays(
    tmp_path, settings, sessions, monkeypatch
):
    manifest = write(tmp_path / "film.zip", b"one", b"two")
    storage = FileStorage(settings)
    asked = []

    async def put(self, rows, written):
        written.extend(manifest.files)
        raise StoreFailure("away")

    async def delete(bucket, prefix, id):
        asked.append(id)
        if len(asked) == 1:
            raise StoreFailure("away")

    monkeypatch.setattr(reading._Reader, "_put_files", put)
    monkeypatch.setattr(storage, "delete", delete)
    with pytest.raises(StoreFailure):
        await reading.import_production(sessions, storage, tmp_path / "film.zip", progress=nobody_looks)
    assert asked == [part.id for part in manifest.files]


@pytest.mark.parametrize("way", ["begin_snapshot", "begin_writing"])
async def test_copying_a_large_file_is_no_idleness(migrated_database, way):
    engine = create_async_engine(
        migrated_database,
        connect_args={"server_settings": {"idle_in_transaction_session_timeout": "1000"}},
    )
    async with AsyncSession(engine) as session:
        await getattr(ProductionRows(session), way)()
        for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
            assert await session.scalar(text("SELECT current_setting(:name)"), {"name": name}) == "0"
    await engine.dispose()
