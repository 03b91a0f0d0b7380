"""How much people and productions may store: counted with the register of files, refused beyond it."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image
from sqlalchemy import func, select, text

from kitsu_api.db import models as m
from kitsu_api.db.repositories.storage_use import add_up, bytes_of
from kitsu_api.db.repositories.stored_files import forget, note_purged, register
from kitsu_api.services import storage_quota
from tests import factories

KILOBYTE = 1024


@pytest.fixture(autouse=True)
def small_gigabytes(monkeypatch):
    """A gigabyte has a few kilobytes here."""
    monkeypatch.setattr(storage_quota, "GIGABYTE", 10 * KILOBYTE)


@pytest.fixture
async def film(make):
    rows = factories.production()
    await make(*rows)
    return rows


@pytest.fixture
def attach(client, film):
    async def send(headers, size, task=film.task, status=film.task_status):
        form = {"task_status_id": str(status.id), "comment": "Hello"}
        sent = [("file", ("notes.txt", io.BytesIO(b"x" * size), "text/plain"))]
        return await client.post(f"/actions/tasks/{task.id}/comment", data=form, files=sent, headers=headers)

    return send


async def used(session, *rows) -> list[int]:
    found = await bytes_of(session, [row.id for row in rows])
    return [found.get(row.id, 0) for row in rows]


def files(settings):
    return [path for path in settings.previews.rglob("*") if path.is_file()]


async def test_a_person_has_so_much_room_and_no_more(client, as_role, film, attach, configure, session):
    settings = configure(person_quota_gb=1)
    ada, bob = [await as_role("manager", on=film.project) for _ in range(2)]
    assert (await attach(ada, 6 * KILOBYTE)).status_code == 201
    kept = files(settings)
    refused = await attach(ada, 6 * KILOBYTE)
    assert refused.status_code == 507
    assert refused.json()["message"].startswith("You have 1.2 of 1 GB in storage, and no room for this file.")
    assert refused.json()["quota_bytes"] == 10 * KILOBYTE
    assert files(settings) == kept
    assert await session.scalar(select(func.count()).select_from(m.Comment)) == 1
    assert await used(session, ada.person, film.project) == [6 * KILOBYTE] * 2
    assert (await attach(ada, 4 * KILOBYTE)).status_code == 201
    assert (await attach(bob, 6 * KILOBYTE)).status_code == 201
    assert await used(session, ada.person, bob.person) == [10 * KILOBYTE, 6 * KILOBYTE]


async def test_a_production_has_so_much_room_whoever_uploads(as_role, film, attach, configure, make):
    configure(production_quota_gb=1)
    other = factories.production()
    await make(*other)
    ada, bob = [await as_role("manager", on=[film.project, other.project]) for _ in range(2)]
    assert (await attach(ada, 6 * KILOBYTE)).status_code == 201
    refused = await attach(bob, 6 * KILOBYTE)
    assert (refused.status_code, "The production has" in refused.json()["message"]) == (507, True)
    assert (await attach(bob, 6 * KILOBYTE, other.task, other.task_status)).status_code == 201


async def test_previews_and_working_files_count_too(client, as_role, film, make, configure, session):
    settings = configure(person_quota_gb=1)
    ada = await as_role("manager", on=film.project)
    previews = [await make(factories.preview_file(film.task, ada.person, original_name=None)) for _ in "ab"]
    picture = io.BytesIO()
    Image.new("RGB", (64, 36)).save(picture, "PNG")
    noise = io.BytesIO()
    Image.effect_noise((200, 200), 90).save(noise, "PNG")

    async def upload(preview, content):
        sent = {"file": ("frame.png", content.getvalue(), "image/png")}
        return await client.post(f"/pictures/preview-files/{preview.id}", files=sent, headers=ada)

    assert (await upload(previews[0], picture)).status_code == 201
    total = await session.scalar(select(func.sum(m.StoredFile.size)))
    assert await used(session, ada.person, film.project) == [total, total]
    kept = files(settings)
    assert (await upload(previews[1], noise)).status_code == 507
    assert files(settings) == kept
    work = await make(factories.working_file(film.task, ada.person))
    path = f"/data/working-files/{work.id}/file"
    first = await client.post(path, files={"file": ("a.blend", b"x" * KILOBYTE)}, headers=ada)
    assert first.status_code == 201, first.text
    refused = await client.post(path, files={"file": ("a.blend", b"y" * 20 * KILOBYTE)}, headers=ada)
    assert refused.status_code == 507
    assert sorted(path.stat().st_size for path in files(settings) if path.stat().st_size == KILOBYTE)


async def test_a_resumable_upload_is_refused_before_a_byte_is_sent(client, as_role, configure, film, attach):
    configure(person_quota_gb=1)
    ada = await as_role("manager", on=film.project)
    name = base64.b64encode(b"a.mov").decode()

    async def begin(size):
        tus = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size), "Upload-Metadata": f"filename {name}"}
        return (await client.post("/uploads", headers={**ada, **tus})).status_code

    assert await begin(11 * KILOBYTE) == 507
    assert await begin(6 * KILOBYTE) == 201
    assert await begin(6 * KILOBYTE) == 507, "what is on its way counts"
    assert await begin(4 * KILOBYTE) == 201


async def test_files_count_until_they_are_gone_from_storage(session, make, film):
    preview = await make(factories.preview_file(film.task, film.person))
    await register(session, "pictures", "previews", preview.id, 100)
    await register(session, "pictures", "previews", preview.id, 250)
    await register(session, "pictures", "thumbnails", preview.id, 50)
    assert await used(session, film.person, film.project) == [300, 300]
    await session.execute(text("DELETE FROM preview_file"))
    await forget(session, "pictures", "previews", [preview.id])
    assert await used(session, film.person, film.project) == [300, 300], "it still takes its place"
    row = (await session.scalars(select(m.StoredFile).where(m.StoredFile.prefix == "previews"))).one()
    await note_purged(session, [row.id])
    assert await used(session, film.person, film.project) == [50, 50]
    await session.execute(text("DELETE FROM stored_file"))
    assert await used(session, film.person, film.project) == [0, 0]
    assert await session.scalar(select(func.count()).select_from(m.KeptFile)) == 0


async def test_files_of_nobody_are_not_counted(session, make, film):
    for name in ("2026-11-24.sql.gz", str(film.project.id)):
        session.add(m.StoredFile(bucket="files", prefix="dbbackup", file_id=name, key=name, size=10))
    await session.flush()
    assert await session.scalar(select(func.count()).select_from(m.StorageUse)) == 0


async def test_an_attachment_of_a_reply_is_its_authors(client, as_role, film, session, make):
    ada, bob = [await as_role("manager", on=film.project) for _ in range(2)]
    comment = await make(factories.comment(film.task, ada.person))
    sent = [("file", ("a.txt", io.BytesIO(b"x" * 70), "text/plain"))]
    path = f"/data/tasks/{film.task.id}/comments/{comment.id}/reply"
    answer = await client.post(path, data={"text": "Here"}, files=sent, headers=bob)
    assert answer.status_code < 300, answer.text
    assert await used(session, ada.person, bob.person, film.project) == [0, 70, 70]


async def test_changes_are_added_up_and_the_sums_stay(session, make, film):
    previews = [await make(factories.preview_file(film.task, film.person)) for _ in range(4)]
    for number, preview in enumerate(previews):
        await register(session, "pictures", "previews", preview.id, 10 + number)
    assert await session.scalar(select(func.count()).select_from(m.StorageUse)) == 8
    assert await add_up(session) == 8
    assert await used(session, film.person, film.project) == [46, 46]
    assert await session.scalar(select(func.count()).select_from(m.StorageUse)) == 2
    assert await add_up(session) == 0


async def test_without_a_limit_nothing_more_is_asked(as_role, film, attach, count_statements):
    ada = await as_role("manager", on=film.project)
    with count_statements() as statements:
        assert (await attach(ada, 100)).status_code == 201
    assert not [sql for sql in statements.sql if "kitsu_api_storage_use" in sql]
