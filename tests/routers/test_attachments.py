"""Attached files: parts of them, what clients have already, and what becomes of them."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

from kitsu_api.db.models import AttachmentFile, StoredFile
from kitsu_api.routers.stored_files import disposition
from kitsu_api.services.attachments import Upload, attach
from kitsu_api.storage.files import FileStorage
from kitsu_api.unit_of_work import UnitOfWork
from tests import factories

CONTENT = b"0123456789"


class Desk(NamedTuple):
    """A task, who runs its production, and the body of a comment on it."""

    task: Any
    manager: Any
    form: dict[str, str]

    @property
    def path(self) -> str:
        return f"/actions/tasks/{self.task.id}/comment"


@pytest.fixture
async def desk(make, as_role) -> Desk:
    rows = factories.production()
    await make(*rows)
    form = {"task_status_id": str(rows.task_status.id)}
    return Desk(rows.task, await as_role("manager", on=rows.project), form)


async def comment(client, desk, name="notes.txt", content=CONTENT) -> tuple[str, str]:
    files = {"file": (name, content)}
    answer = await client.post(desk.path, data=desk.form, files=files, headers=desk.manager)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"], answer.json()["attachment_files"][0]["id"]


async def fetch(client, desk, file_id, **headers):
    path = f"/data/attachment-files/{file_id}/file/notes.txt"
    return await client.get(path, headers={**desk.manager, **headers})


@pytest.mark.parametrize(
    ("asked", "status", "content", "shown"),
    [
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=-99", 206, CONTENT, "bytes 0-9/10"),
        ("bytes=0-1,4-5", 200, CONTENT, None),
        ("bytes=-", 200, CONTENT, None),
        ("bytes=5-2", 200, CONTENT, None),
        ("pages=1-2", 200, CONTENT, None),
        ("bytes=10-", 416, None, "bytes */10"),
        ("bytes=-0", 416, None, "bytes */10"),
        ("bytes=" + "9" * 18 + "-", 416, None, "bytes */10"),
    ],
)
async def test_a_part_of_a_file_is_read(client, desk, asked, status, content, shown):
    _, file_id = await comment(client, desk)
    answer = await fetch(client, desk, file_id, Range=asked)
    assert (answer.status_code, answer.headers.get("content-range")) == (status, shown)
    if content is not None:
        assert (answer.content, answer.headers["content-length"]) == (content, str(len(content)))


async def test_what_the_client_has_is_not_sent_again(client, desk):
    _, file_id = await comment(client, desk)
    etag = (await fetch(client, desk, file_id)).headers["etag"]
    again = await fetch(client, desk, file_id, **{"If-None-Match": f'"old", W/{etag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    other = await fetch(client, desk, file_id, **{"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, CONTENT)
    resumed = await fetch(client, desk, file_id, **{"Range": "bytes=1-2", "If-Range": etag})
    assert (resumed.status_code, resumed.content) == (206, b"12")
    changed = await fetch(client, desk, file_id, **{"Range": "bytes=1-2", "If-Range": '"other"'})
    assert (changed.status_code, changed.content) == (200, CONTENT)


async def test_a_name_can_not_break_out_of_its_header(client, desk):
    _, file_id = await comment(client, desk, name="é; evil.html")
    shown = (await fetch(client, desk, file_id)).headers["content-disposition"]
    assert shown == "attachment; filename=\"_; evil.html\"; filename*=UTF-8''%C3%A9%3B%20evil.html"
    shown = disposition('a\r\n"\\b/c', inline=True)
    assert shown == "inline; filename=\"a____b/c\"; filename*=UTF-8''a%0D%0A%22%5Cb%2Fc"


async def test_a_file_that_storage_lost_is_not_found(client, desk, settings):
    _, file_id = await comment(client, desk)
    (settings.previews / "files" / "attachments" / file_id[:3] / file_id[3:6] / file_id).unlink()
    assert (await fetch(client, desk, file_id)).status_code == 404
    assert (await fetch(client, desk, file_id, Range="bytes=0-1")).status_code == 404


async def gone(session, file_id) -> tuple[bool, bool]:
    row = await session.scalar(select(AttachmentFile.id).where(AttachmentFile.id == file_id))
    mark = await session.scalar(select(StoredFile.deleted_at).where(StoredFile.file_id == file_id))
    return row is None, mark is not None


@pytest.mark.parametrize("path", ["/data/tasks/{task}/comments/{comment}", "/data/comments/{comment}"])
async def test_files_go_with_their_comment(client, desk, as_role, session, path):
    comment_id, file_id = await comment(client, desk)
    assert await gone(session, file_id) == (False, False)
    admin = await as_role("admin")
    answer = await client.delete(path.format(task=desk.task.id, comment=comment_id), headers=admin)
    assert answer.status_code == 204, answer.text
    assert await gone(session, file_id) == (True, True)


async def test_files_go_with_their_reply_and_those_of_the_comment_stay(client, desk, session):
    comment_id, kept = await comment(client, desk)
    base = f"/data/tasks/{desk.task.id}/comments/{comment_id}/reply"
    files = {"file": ("more.txt", b"more")}
    reply = await client.post(base, data={"text": "See this"}, files=files, headers=desk.manager)
    assert reply.status_code == 200, reply.text
    query = select(AttachmentFile.id).where(AttachmentFile.reply_id == reply.json()["id"])
    file_id = str(await session.scalar(query))
    assert (await client.delete(f"{base}/{reply.json()['id']}", headers=desk.manager)).status_code == 200
    assert await gone(session, file_id) == (True, True)
    assert await gone(session, kept) == (False, False)


async def test_a_body_that_does_not_say_how_large_it_is_is_broken_off(client, desk, configure):
    configure(max_upload_mb=1)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
        while sent < 100:
            sent += 1
            yield b"x" * 1024 * 256

    headers = {**desk.manager, "content-type": "multipart/form-data; boundary=x"}
    answer = await client.post(desk.path, content=endless(), headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (413, True)
    assert sent < 20


async def test_a_body_without_files_is_not_read_into_memory_without_end(client, desk):
    body = b'{"comment": "' + b"x" * (17 * 1024 * 1024) + b'"}'
    answer = await client.post(desk.path, content=body, headers=desk.manager)
    assert answer.status_code == 413


class Torn(io.BytesIO):
    """A file that can't be read."""

    def read(self, *_size: int | None) -> bytes:
        raise OSError("the disk is gone")


async def test_when_one_file_can_not_be_stored_none_stays(desk, make, sessions, settings, app):
    said = await make(factories.comment(desk.task, desk.manager.person))
    whole, torn = Upload("a.txt", io.BytesIO(CONTENT), len(CONTENT)), Upload("b.txt", Torn(), 1)
    async with sessions() as session:
        uow = UnitOfWork(session, app.state.outbox)
        with pytest.raises(OSError, match="the disk is gone"):
            await attach(uow, FileStorage(settings), said.id, [whole, torn])
    assert [path for path in settings.previews.rglob("*") if path.is_file()] == []


async def test_who_replied_takes_away_the_files_of_their_own_reply_alone(client, desk, as_role, session):
    comment_id, kept = await comment(client, desk)
    artist = await as_role("user", on=desk.task.project_id)
    base = f"/data/tasks/{desk.task.id}/comments/{comment_id}"
    files = {"file": ("b.txt", b"b")}
    reply = await client.post(f"{base}/reply", data={"text": "See this"}, files=files, headers=artist)
    assert reply.status_code == 200, reply.text
    query = select(AttachmentFile.id).where(AttachmentFile.reply_id == reply.json()["id"])
    own = (await session.scalars(query)).one()
    other = await as_role("user", on=desk.task.project_id)
    for headers, file_id, status in ((artist, kept, 403), (other, own, 403), (artist, own, 204)):
        gone = await client.delete(f"{base}/attachments/{file_id}", headers=headers)
        assert gone.status_code == status
