"""Pictures of people, productions and the studio, small ones of attachments, and backgrounds."""

from __future__ import annotations

import io
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import select

from kitsu_api.db.models import (
    ApiEvent,
    AttachmentFile,
    Person,
    PreviewBackgroundFile,
    ProjectPreviewBackgroundFileLink,
    StoredFile,
)
from tests import factories, previews


async def post(client, who, path, name="me.png", content=None):
    files = {"file": (name, previews.png() if content is None else content)}
    return await client.post(f"/pictures/{path}", files=files, headers=who)


async def get(client, who, path):
    return await client.get(f"/pictures/{path}", headers=who)


async def test_people_give_themselves_a_picture(client, as_role, session):
    me = await as_role("user")
    for path in (f"thumbnails/persons/{me.person.id}", f"thumbnails/persons/{me.person.id}.png"):
        assert (await get(client, me, path)).status_code == (404 if path[-4:] != ".png" else 200)
        made = await post(client, me, path)
        assert made.status_code == 201
        assert made.json() == {"thumbnail_path": f"pictures/thumbnails/persons/{me.person.id}.png"}
    shown = await get(client, me, path)
    assert Image.open(io.BytesIO(shown.content)).size == (400, 400)
    assert (await session.get(Person, me.person.id)).has_avatar
    names = {event.name for event in await session.scalars(select(ApiEvent))}
    assert names == {"person:update", "person:set-thumbnail"}
    assert (await session.scalar(select(StoredFile.key))) == f"thumbnails-{me.person.id}"


@pytest.mark.parametrize(
    ("role", "expected"), [("admin", 201), ("manager", 403), ("user", 403), ("client", 403)]
)
async def test_pictures_of_others_are_for_admins(client, make, as_role, role, expected):
    other = await make(factories.person())
    assert (await post(client, await as_role(role), f"thumbnails/persons/{other.id}")).status_code == expected


async def test_protected_accounts_keep_their_pictures(client, make, as_role, configure):
    other = await make(factories.person())
    configure(protected_accounts=(other.email,))
    answer = await post(client, await as_role("admin"), f"thumbnails/persons/{other.id}")
    assert answer.status_code == 403


@pytest.mark.parametrize("role", ["client", "vendor"])
async def test_outsiders_see_the_faces_of_their_productions(client, make, as_role, role):
    rows = factories.production()
    await make(*rows)
    worker, stranger = await as_role("user", on=rows.project), await as_role("user")
    for one in (worker, stranger):
        await post(client, one, f"thumbnails/persons/{one.person.id}")
    who = await as_role(role, on=rows.project)
    seen = [
        (await get(client, who, f"thumbnails/persons/{one.person.id}.png")).status_code
        for one in (worker, stranger)
    ]
    assert seen == [200, 403]


@pytest.mark.parametrize(
    ("name", "content"),
    [("me.png", b"no picture"), ("me.exe", b"MZ"), ("me.png", previews.bomb()), ("me.png", b"")],
)
async def test_what_is_no_picture_is_refused(client, as_role, session, name, content):
    me = await as_role("user")
    answer = await post(client, me, f"thumbnails/persons/{me.person.id}", name, content)
    assert answer.status_code == 400
    assert not (await session.get(Person, me.person.id)).has_avatar


@pytest.mark.parametrize(("role", "expected"), [("admin", 201), ("manager", 403), ("user", 403)])
async def test_admins_give_the_studio_its_logo(client, make, as_role, role, expected):
    studio = await make(factories.organisation())
    path = f"thumbnails/organisations/{studio.id}"
    assert (await post(client, await as_role(role), path)).status_code == expected
    seen = await get(client, await as_role("client"), f"{path}.png")
    assert seen.status_code == (200 if expected == 201 else 404)


@pytest.mark.parametrize(
    ("role", "inside", "expected"),
    [("manager", True, 201), ("manager", False, 403), ("user", True, 403), ("admin", False, 201)],
)
async def test_who_runs_a_production_gives_it_a_picture(
    client, make, as_role, session, role, inside, expected
):
    film = await make(factories.project())
    who = await as_role(role, on=film if inside else None)
    assert (await post(client, who, f"thumbnails/projects/{film.id}")).status_code == expected
    if expected == 201:
        assert (await post(client, who, f"thumbnails/projects/{film.id}.png")).status_code == 405
        member, stranger = await as_role("user", on=film), await as_role("user")
        seen = [
            (await get(client, one, f"thumbnails/projects/{film.id}.png")).status_code
            for one in (member, stranger)
        ]
        assert seen == [200, 403]


async def test_nobody_and_nothing_has_no_picture(client, as_role):
    who = await as_role("admin")
    for thing in ("persons", "projects", "organisations", "preview-files", "attachment-files"):
        path = f"thumbnails/{thing}/{uuid4()}.png"
        assert (await get(client, who, path)).status_code == 404
    for thing in ("persons", "projects", "organisations"):
        assert (await post(client, who, f"thumbnails/{thing}/{uuid4()}")).status_code == 404


# --- attached files -----------------------------------------------------------------------------------


async def test_an_attached_picture_gets_its_thumbnail_when_it_is_looked_at(client, make, as_role, session):
    rows = factories.production()
    await make(*rows)
    who = await as_role("manager", on=rows.project)
    files = [("file", ("a.png", previews.png(300, 300))), ("file", ("b.txt", b"hello"))]
    path = f"/actions/tasks/{rows.task.id}/comment"
    form = {"task_status_id": str(rows.task_status.id)}
    made = await client.post(path, data=form, files=files, headers=who)
    ids = {one["name"]: one["id"] for one in made.json()["attachment_files"]}
    for _ in range(2):
        shown = await get(client, who, f"thumbnails/attachment-files/{ids['a.png']}.png")
        assert Image.open(io.BytesIO(shown.content)).size == (150, 100)
    assert (await get(client, who, f"thumbnails/attachment-files/{ids['b.txt']}.png")).status_code == 404
    stranger = await as_role("user")
    assert (await get(client, stranger, f"thumbnails/attachment-files/{ids['a.png']}.png")).status_code == 403
    gone = f"/data/tasks/{rows.task.id}/comments/{made.json()['id']}/attachments/{ids['a.png']}"
    assert (await client.delete(gone, headers=who)).status_code == 204
    marked = await session.scalars(select(StoredFile.prefix).where(StoredFile.deleted_at.is_not(None)))
    assert set(marked) == {"attachments", "thumbnails"}


async def test_an_attachment_that_only_says_that_it_is_a_picture_has_no_thumbnail(client, make, as_role):
    rows = factories.production()
    await make(*rows)
    comment = await make(factories.comment(rows.task, rows.person))
    file = await make(AttachmentFile(id=uuid4(), name="a.png", extension="png", comment_id=comment.id))
    who = await as_role("admin")
    assert (await get(client, who, f"thumbnails/attachment-files/{file.id}.png")).status_code == 404
    await client._transport.app.state.storage.put("files", "attachments", file.id, io.BytesIO(b"no"))
    assert (await get(client, who, f"thumbnails/attachment-files/{file.id}.png")).status_code == 404


# --- backgrounds --------------------------------------------------------------------------------------


@pytest.fixture
async def background(make):
    return await make(PreviewBackgroundFile(id=uuid4(), name="Studio light"))


async def test_a_background_gets_its_file_and_a_thumbnail(client, as_role, background, session):
    admin, artist = await as_role("admin"), await as_role("user")
    path = f"preview-background-files/{background.id}"
    assert (await get(client, artist, f"{path}.hdr")).status_code == 404
    assert (await post(client, artist, path, "studio.hdr", previews.hdr())).status_code == 403
    made = await post(client, admin, path, "studio.hdr", previews.hdr())
    assert made.status_code == 201, made.text
    assert (made.json()["extension"], made.json()["original_name"]) == ("hdr", "studio")
    shown = await get(client, artist, f"{path}.hdr")
    assert (shown.headers["content-type"], shown.content) == ("image/vnd.radiance", previews.hdr())
    assert (await get(client, artist, f"{path}.png")).status_code == 404
    small = await get(client, artist, f"thumbnails/{path}.png")
    assert small.headers["content-type"] == "image/png"
    names = {event.name for event in await session.scalars(select(ApiEvent))}
    assert names == {"preview-background-file:add-file", "preview-background-file:update"}
    assert (await post(client, admin, f"thumbnails/{path}.png")).status_code == 405


@pytest.mark.parametrize(
    ("name", "content"), [("a.png", previews.png()), ("a.hdr", b"no"), ("a.hdr", previews.hdr()[:-9])]
)
async def test_a_background_goes_with_a_file_of_no_use(client, as_role, background, session, name, content):
    admin, id = await as_role("admin"), background.id
    path = f"preview-background-files/{id}"
    await post(client, admin, path, "studio.hdr", previews.hdr())
    assert (await post(client, admin, path, name, content)).status_code == 400
    assert await session.get(PreviewBackgroundFile, id) is None
    files = (await session.scalars(select(StoredFile))).all()
    assert len(files) == 2
    assert all(file.deleted_at and file.purged_at and file.purge_forced for file in files)


async def test_a_background_that_a_production_uses_stays(client, make, as_role, background, session):
    admin, film = await as_role("admin"), await make(factories.project())
    path = f"preview-background-files/{background.id}"
    await post(client, admin, path, "studio.hdr", previews.hdr())
    link = ProjectPreviewBackgroundFileLink(project_id=film.id, preview_background_file_id=background.id)
    await make(link)
    assert (await post(client, admin, path, "a.png")).status_code == 400
    assert (await get(client, admin, f"{path}.hdr")).status_code == 200
