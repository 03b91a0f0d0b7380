"""Chats beside entities: who writes, who reads, what becomes of files."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select

from kitsu_api.db.models import AttachmentFile, ChatMessage, ProjectPersonLink, StoredFile
from tests import factories


@pytest.fixture
async def film(make):
    rows = factories.production()
    await make(*rows)
    return rows


@pytest.fixture
async def artist(as_role, film):
    return await as_role("user", on=film.project)


async def join(client, film, headers) -> None:
    answer = await client.post(f"/actions/user/chats/{film.entity.id}/join", headers=headers)
    assert answer.status_code == 200, answer.text


async def send(client, film, headers, expected=201, **body):
    path = f"/data/entities/{film.entity.id}/chat/messages"
    answer = await client.post(path, json={"message": "Hello"} | body, headers=headers)
    assert answer.status_code == expected, answer.text
    return answer.json()


async def test_who_has_joined_writes_and_the_team_reads(client, as_role, film, artist, count_statements):
    await send(client, film, artist, 403)
    await join(client, film, artist)
    sent = await send(client, film, artist)
    assert (sent["text"], sent["person_id"]) == ("Hello", str(artist.person.id))
    reader = await as_role("user", on=film.project)
    base = f"/data/entities/{film.entity.id}/chat"
    chat = (await client.get(base, headers=reader)).json()
    assert (chat["participants"], chat["messages"]) == ([str(artist.person.id)], [])
    assert chat["last_message"] == sent["created_at"]
    with count_statements() as statements:
        [row] = (await client.get(f"{base}/messages", headers=reader)).json()
    assert (row["id"], row["attachment_files"]) == (sent["id"], [])
    assert statements.count == 3
    one = await client.get(f"{base}/messages/{sent['id']}", headers=reader)
    assert one.json() == row


async def test_who_has_left_the_team_reads_nothing_of_its_chats(client, film, artist, make, session):
    await join(client, film, artist)
    sent = await send(client, film, artist)
    file = await make(AttachmentFile(id=uuid4(), name="a.txt", chat_message_id=sent["id"]))

    async def reads() -> list[bool]:
        chats = await client.get("/data/user/chats", headers=artist)
        listed = await client.get("/data/attachment-files", headers=artist)
        single = await client.get(f"/data/attachment-files/{file.id}", headers=artist)
        path = f"/data/attachment-files/{file.id}/file/a.txt"
        opened = (await client.get(path, headers=artist)).status_code != 403
        return [
            str(film.entity.id) in chats.text,
            str(file.id) in listed.text,
            single.status_code == 200,
            opened,
        ]

    assert await reads() == [True] * 4
    await session.execute(delete(ProjectPersonLink).where(ProjectPersonLink.person_id == artist.person.id))
    await session.commit()
    assert await reads() == [False] * 4


async def test_a_chat_is_closed_to_other_productions(client, as_role, film, artist, make):
    await join(client, film, artist)
    sent = await send(client, film, artist)
    stranger = await as_role("user", on=await make(factories.project()))
    base = f"/data/entities/{film.entity.id}/chat"
    for path in (base, f"{base}/messages", f"{base}/messages/{sent['id']}"):
        assert (await client.get(path, headers=stranger)).status_code == 403
    await send(client, film, stranger, 403)


async def test_a_message_is_deleted_by_its_author_or_who_runs_the_production(
    client, as_role, film, artist, session
):
    await join(client, film, artist)
    messages = [await send(client, film, artist) for _ in range(2)]
    paths = [f"/data/entities/{film.entity.id}/chat/messages/{row['id']}" for row in messages]
    other = await as_role("supervisor", on=film.project)
    assert (await client.delete(paths[0], headers=other)).status_code == 403
    assert (await client.delete(paths[0], headers=artist)).status_code == 204
    assert (await client.delete(paths[0], headers=artist)).status_code == 404
    manager = await as_role("manager", on=film.project)
    assert (await client.delete(paths[1], headers=manager)).status_code == 204
    assert await session.scalar(select(func.count()).select_from(ChatMessage)) == 0


async def test_a_message_that_says_nothing_is_refused(client, film, artist):
    await join(client, film, artist)
    await send(client, film, artist, 400, message=" ")
    await send(client, film, artist, 400, message=7)
    path = f"/data/entities/{uuid4()}/chat/messages"
    assert (await client.post(path, json={"message": "x"}, headers=artist)).status_code == 404


async def test_files_of_a_message_are_for_those_who_take_part(client, as_role, film, artist, session):
    await join(client, film, artist)
    path = f"/data/entities/{film.entity.id}/chat/messages"
    answer = await client.post(path, files={"file": ("plan.txt", b"plan")}, headers=artist)
    assert answer.status_code == 201, answer.text
    [file] = answer.json()["attachment_files"]
    download = f"/data/attachment-files/{file['id']}/file/plan.txt"
    other = await as_role("user", on=film.project)
    assert (await client.get(download, headers=other)).status_code == 403
    await join(client, film, other)
    assert (await client.get(download, headers=other)).content == b"plan"
    assert (await client.delete(f"{path}/{answer.json()['id']}", headers=artist)).status_code == 204
    assert await session.scalar(select(func.count()).select_from(AttachmentFile)) == 0
    assert await session.scalar(select(StoredFile.deleted_at)) is not None
