"""Resumable uploads by tus 1.0: what each request may do, and whose it is."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import func, select, update

from kitsu_api.db.base import now
from kitsu_api.db.models import PreviewFile, StoredFile, TaskPersonLink, Upload, UploadPart
from kitsu_api.errors import Conflict, NotFound
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.services import uploads as service
from kitsu_api.workers.jobs.retention import delete_expired_uploads
from tests import factories

CONTENT = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """Parts of ten bytes, so that small bodies have several."""
    monkeypatch.setattr(service, "PART", 10)


@pytest.fixture
def begin(client):
    """`await begin(person, 20)`: begin an upload of so many bytes; its path."""

    async def create(person, size, **headers):
        told = {"Upload-Length": str(size), "Upload-Metadata": f"filename {encoded('shot 1.mov')}"}
        answer = await client.post("/uploads", headers={**person, **TUS, **told, **headers})
        assert answer.status_code == 201, answer.text
        return "/" + answer.headers["Location"]

    return create


@pytest.fixture
def send(client):
    """`await send(person, path, 0, b"...")`: the answer to some bytes of an upload."""

    async def patch(person, path, offset, content, **headers):
        told = {"Upload-Offset": str(offset), "Content-Type": CONTENT}
        return await client.patch(path, content=content, headers={**person, **TUS, **told, **headers})

    return patch


@pytest.fixture
def taken(app):
    """`await taken(person, path)`: name, size and content of a finished upload, which is gone then."""

    async def take(person, path):
        actor = Actor(person.person.id, Role.ARTIST)
        async with (
            app.state.jobs.unit_of_work() as uow,
            service.take(uow, actor, UUID(path.rpartition("/")[2])) as (file, name, size),
        ):
            return name, size, file.read_bytes()

    return take


async def length_of(client, person, path) -> int:
    answer = await client.head(path, headers={**person, **TUS})
    assert answer.status_code == 204
    return int(answer.headers["Upload-Offset"])


async def test_the_server_says_what_it_understands_to_anybody(client):
    answer = await client.options("/uploads")
    assert answer.status_code == 204
    headers = answer.headers
    assert (headers["Tus-Version"], headers["Tus-Resumable"]) == ("1.0.0", "1.0.0")
    assert headers["Tus-Max-Size"] == str(10_240 * 1024 * 1024)
    known = {"creation", "creation-with-upload", "termination", "checksum", "expiration"}
    assert set(headers["Tus-Extension"].split(",")) == known
    assert {"sha1", "sha256"} <= set(headers["Tus-Checksum-Algorithm"].split(","))


async def test_a_file_arrives_in_several_requests_and_is_taken_once(
    client, as_role, begin, send, taken, session
):
    artist = await as_role("user")
    path = await begin(artist, 25)
    first = await send(artist, path, 0, b"0123456789ab")
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "12")
    assert first.headers["Upload-Expires"].endswith("GMT")
    looked = await client.head(path, headers={**artist, **TUS})
    assert looked.headers["Upload-Length"] == "25"
    assert looked.headers["Upload-Metadata"] == f"filename {encoded('shot 1.mov')}"
    assert looked.headers["Cache-Control"] == "no-store"
    assert looked.headers["Upload-Offset"] == "12"
    with pytest.raises(Conflict, match="12 of 25"):
        await taken(artist, path)
    assert (await send(artist, path, 12, b"cdefghijklmno")).headers["Upload-Offset"] == "25"
    with pytest.raises(NotFound):
        await taken(await as_role("admin"), path)
    assert await taken(artist, path) == ("shot 1.mov", 25, b"0123456789abcdefghijklmno")
    with pytest.raises(NotFound):
        await taken(artist, path)
    assert (await client.head(path, headers={**artist, **TUS})).status_code == 404
    assert await session.scalar(select(func.count()).select_from(UploadPart)) == 0
    assert await session.scalar(select(func.count()).select_from(StoredFile)) == 0, "the parts are gone too"


async def test_an_upload_that_was_taken_in_vain_stays(app, as_role, begin, send, taken):
    artist = await as_role("user")
    path = await begin(artist, 4)
    await send(artist, path, 0, b"text")
    with pytest.raises(RuntimeError):
        async with (
            app.state.jobs.unit_of_work() as uow,
            service.take(uow, Actor(artist.person.id, Role.ARTIST), UUID(path.rpartition("/")[2])) as found,
        ):
            raise RuntimeError("the preview is no picture")
    assert not found.path.exists()
    assert (await taken(artist, path))[2] == b"text"


async def test_the_first_bytes_may_come_with_the_beginning(client, as_role):
    artist = await as_role("user")
    headers = {**artist, **TUS, "Upload-Length": "20", "Content-Type": CONTENT}
    answer = await client.post("/api/uploads", content=b"0123456789abc", headers=headers)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "13")
    assert (answer.json()["size"], answer.json()["offset"]) == (20, 13)
    assert answer.headers["Location"].startswith("uploads/")
    answer = await client.post("/uploads/", content=b"", headers=headers)
    assert UUID(answer.headers["Location"]), "relative to /uploads/"


async def test_an_empty_file_is_finished_when_it_is_begun(as_role, begin, taken):
    artist = await as_role("user")
    assert await taken(artist, await begin(artist, 0)) == ("shot 1.mov", 0, b"")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Length": "many"}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": str(11 * 1024**3)}, 413),
        ({"Upload-Metadata": "filename not-base64!"}, 400),
        ({"Upload-Metadata": "filename YQ==,filename YQ=="}, 400),
        ({"Upload-Metadata": "filename gIA="}, 400),
        ({"Upload-Metadata": "a YQ==," * 2_000}, 400),
    ],
)
async def test_a_beginning_that_makes_no_sense_is_refused(client, as_role, session, change, status):
    artist = await as_role("user")
    answer = await client.post("/uploads", headers={**artist, **TUS, "Upload-Length": "5", **change})
    assert answer.status_code == status, answer.text
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert await session.scalar(select(func.count()).select_from(Upload)) == 0


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Content-Type": "application/json"}, 415),
        ({"Content-Type": CONTENT, "Upload-Checksum": "crc32 AAAAAA=="}, 400),
        ({"Content-Type": CONTENT, "Upload-Checksum": "sha1 AAAAAA=="}, 400),
        ({"Content-Type": CONTENT, "Upload-Length": "3"}, 413),
    ],
)
async def test_bytes_that_can_not_be_taken_begin_no_upload(client, as_role, session, change, status):
    headers = {**await as_role("user"), **TUS, "Upload-Length": "5", **change}
    answer = await client.post("/uploads", content=b"01234", headers=headers)
    assert answer.status_code == status, answer.text
    assert await session.scalar(select(func.count()).select_from(Upload)) == 0


async def test_names_of_files_are_plain_names(client, as_role, session):
    artist = await as_role("user")
    told = {"Upload-Length": "1", "Upload-Metadata": f"filename {encoded('../../etc/passwd')}"}
    await client.post("/uploads", headers={**artist, **TUS, **told})
    assert await session.scalar(select(Upload.filename)) == "passwd"


async def test_an_upload_is_its_owners_alone(client, as_role, begin, send):
    path = await begin(await as_role("user"), 5)
    for person in (await as_role("user"), await as_role("admin")):
        assert (await client.head(path, headers={**person, **TUS})).status_code == 403
        assert (await send(person, path, 0, b"01234")).status_code == 403
        assert (await client.delete(path, headers={**person, **TUS})).status_code == 403
    assert (await client.head(path, headers=TUS)).status_code == 401
    assert (await client.post("/uploads", headers={**TUS, "Upload-Length": "1"})).status_code == 401


async def test_bytes_belong_where_the_upload_ends(client, as_role, begin, send):
    artist = await as_role("user")
    path = await begin(artist, 20)
    await send(artist, path, 0, b"01234")
    for offset in (0, 4, 6):
        answer = await send(artist, path, offset, b"x")
        assert answer.status_code == 409, answer.text
        assert "5 bytes" in answer.json()["message"]
    assert (await send(artist, path, "here", b"x")).status_code == 400
    assert (await send(artist, path, 5, b"x" * 16)).status_code == 413
    assert await length_of(client, artist, path) == 5


async def test_more_bytes_than_announced_are_refused_without_a_length_too(client, as_role, begin, send):
    artist = await as_role("user")
    path = await begin(artist, 5)

    async def endless():
        for _ in range(4):
            yield b"012"

    assert (await send(artist, path, 0, endless())).status_code == 413


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512", "md5"])
async def test_bytes_with_another_checksum_do_not_count(
    client, as_role, begin, send, session, taken, algorithm
):
    artist = await as_role("user")
    content = b"0123456789abcdefghijkl"
    path = await begin(artist, len(content))
    digest = base64.b64encode(hashlib.new(algorithm, content).digest()).decode()
    told = {"Upload-Checksum": f"{algorithm} {digest}"}
    broken = await send(artist, path, 0, content[:-1] + b"?", **told)
    assert (broken.status_code, broken.json()["error"]) == (460, True)
    assert await length_of(client, artist, path) == 0
    assert await session.scalar(select(func.count()).select_from(UploadPart)) == 0
    assert (await send(artist, path, 0, content, **told)).status_code == 204
    assert (await taken(artist, path))[2] == content


async def test_while_one_request_writes_another_waits(client, as_role, begin, send, taken):
    artist = await as_role("user")
    path = await begin(artist, 20)
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow():
        yield b"0123456789"
        arrived.set()
        await go_on.wait()
        yield b"abcdefghij"

    first = asyncio.create_task(send(artist, path, 0, slow()))
    await arrived.wait()
    second = await send(artist, path, await length_of(client, artist, path), b"?")
    assert (second.status_code, second.headers["Retry-After"]) == (423, "5")
    go_on.set()
    assert (await first).status_code == 204
    assert (await taken(artist, path))[2] == b"0123456789abcdefghij"


async def test_a_writer_that_fell_silent_is_followed_by_another_and_writes_no_more(
    client, as_role, begin, send, taken, session
):
    artist = await as_role("user")
    path = await begin(artist, 20)
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def stalled():
        yield b"0123456789"
        arrived.set()
        await go_on.wait()
        yield b"??????????"

    first = asyncio.create_task(send(artist, path, 0, stalled()))
    await arrived.wait()
    await session.execute(update(Upload).values(writer_until=now() - timedelta(seconds=1)))
    await session.commit()
    offset = await length_of(client, artist, path)
    assert (await send(artist, path, offset, b"abcdefghij"[: 20 - offset])).status_code == 204
    go_on.set()
    assert (await first).status_code == 423
    assert (await taken(artist, path))[2] == b"0123456789abcdefghij"


async def test_what_arrived_of_a_request_that_broke_off_is_kept(client, as_role, begin, app, session):
    artist = await as_role("user")
    path = await begin(artist, 30)

    async def broken():
        yield b"0123456789"
        yield b"abc"
        raise ConnectionResetError

    upload = (await session.scalars(select(Upload))).one()
    context = app.state.jobs
    with pytest.raises(ConnectionResetError):
        await service.append(context.unit_of_work, context.storage, upload, 0, broken())
    assert await length_of(client, artist, path) == 13
    unsure = service.Checksum("sha1", b"?" * 20)
    with pytest.raises(ConnectionResetError):
        await service.append(context.unit_of_work, context.storage, upload, 13, broken(), unsure)
    assert await length_of(client, artist, path) == 13, "nobody can tell whether these bytes are right"


async def test_an_upload_can_be_given_up(client, as_role, begin, send, session):
    artist = await as_role("user")
    path = await begin(artist, 20)
    await send(artist, path, 0, b"0123456789abc")
    assert (await client.delete(path, headers={**artist, **TUS})).status_code == 204
    assert (await client.head(path, headers={**artist, **TUS})).status_code == 404
    for table in (Upload, UploadPart, StoredFile):
        assert await session.scalar(select(func.count()).select_from(table)) == 0


async def test_methods_may_come_as_post(client, as_role, begin):
    artist = await as_role("user")
    path = await begin(artist, 5)
    told = {**artist, **TUS, "Upload-Offset": "0", "Content-Type": CONTENT}
    patched = await client.post(path, content=b"01", headers={**told, "X-HTTP-Method-Override": "PATCH"})
    assert (patched.status_code, patched.headers["Upload-Offset"]) == (204, "2")
    assert (await client.post(path, content=b"01", headers=told)).status_code == 400
    given_up = await client.post(path, headers={**artist, **TUS, "X-HTTP-Method-Override": "DELETE"})
    assert given_up.status_code == 204
    assert (await client.head(path, headers={**artist, **TUS})).status_code == 404


async def test_one_person_has_only_so_many_uploads_and_bytes_open(client, as_role, begin, configure):
    configure(max_open_uploads=2, max_open_upload_mb=1)
    artist, other = await as_role("user"), await as_role("user")
    first = await begin(artist, 600 * 1024)
    answer = await client.post("/uploads", headers={**artist, **TUS, "Upload-Length": str(600 * 1024)})
    assert answer.status_code == 413
    await begin(artist, 1)
    answer = await client.post("/uploads", headers={**artist, **TUS, "Upload-Length": "1"})
    assert answer.status_code == 409
    await begin(other, 1)
    await client.delete(first, headers={**artist, **TUS})
    await begin(artist, 1)


async def test_uploads_that_nobody_goes_on_with_are_dropped(client, as_role, begin, send, app, session):
    artist = await as_role("user")
    old, new = await begin(artist, 20), await begin(artist, 20)
    for path in (old, new):
        await send(artist, path, 0, b"0123456789abc")
    id = UUID(old.rpartition("/")[2])
    await session.execute(update(Upload).where(Upload.id == id).values(expires_at=now()))
    await session.commit()
    assert (await client.head(old, headers={**artist, **TUS})).status_code == 404
    assert await delete_expired_uploads({"job": app.state.jobs}) == 1
    remaining = (await session.scalars(select(Upload.id))).all()
    assert [str(id) for id in remaining] == [new.rpartition("/")[2]]
    assert await session.scalar(select(func.count()).select_from(UploadPart)) == 1
    assert await length_of(client, artist, new) == 13


async def test_an_upload_that_there_is_not_is_not_found(client, as_role):
    artist = await as_role("user")
    assert (await client.head(f"/uploads/{uuid4()}", headers={**artist, **TUS})).status_code == 404
    assert (await client.head("/uploads/none", headers={**artist, **TUS})).status_code == 404


@pytest.fixture
async def scene(make, as_role):
    """A task with a preview that waits for its file, and the artist who is to give it."""
    rows = factories.production()
    await make(*rows)
    artist = await as_role("user", on=rows.project)
    await make(TaskPersonLink(task_id=rows.task.id, person_id=artist.person.id))
    preview = await make(factories.preview_file(rows.task, artist.person))
    return rows, artist, preview


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 36), "#336699").save(file, "PNG")
    return file.getvalue()


async def attach(client, person, path, preview):
    return await client.post(
        f"{path}/attach", json={"preview_file_id": str(preview.id)}, headers={**person, **TUS}
    )


async def named(client, person, name: str, content: bytes) -> str:
    """The path of a finished upload of this name."""
    told = {"Upload-Length": str(len(content)), "Upload-Metadata": f"filename {encoded(name)}"}
    answer = await client.post(
        "/uploads", content=content, headers={**person, **TUS, **told, "Content-Type": CONTENT}
    )
    return "/" + answer.headers["Location"]


async def test_a_finished_upload_becomes_the_file_of_a_preview(client, scene, session):
    _, artist, preview = scene
    path = await named(client, artist, "tree.png", picture())
    answer = await attach(client, artist, path, preview)
    assert answer.status_code == 201, answer.text
    row = answer.json()
    assert (row["original_name"], row["extension"], row["status"]) == ("tree", "png", "ready")
    assert (row["width"], row["height"]) == (64, 36)
    shown = await client.get(f"/pictures/originals/preview-files/{preview.id}.png", headers=artist)
    assert shown.status_code == 200
    assert (await client.head(path, headers={**artist, **TUS})).status_code == 404
    assert await session.scalar(select(func.count()).select_from(Upload)) == 0


async def test_what_can_not_be_attached_stays(client, scene, begin, as_role):
    _, artist, preview = scene
    unfinished = await begin(artist, 10)
    assert (await attach(client, artist, unfinished, preview)).status_code == 409
    path = await named(client, artist, "tree.png", picture())
    stranger = await as_role("user")
    assert (await attach(client, stranger, path, preview)).status_code == 403
    foreign = await named(client, stranger, "tree.png", picture())
    assert (await attach(client, stranger, foreign, preview)).status_code == 403
    preview.id = uuid4()
    assert (await attach(client, artist, path, preview)).status_code == 404
    assert await length_of(client, artist, path) == len(picture())


async def test_a_preview_gets_one_file(client, scene, session):
    _, artist, preview = scene
    first = await named(client, artist, "tree.png", picture())
    second = await named(client, artist, "tree.png", picture())
    assert (await attach(client, artist, first, preview)).status_code == 201
    assert (await attach(client, artist, second, preview)).status_code == 400
    assert await length_of(client, artist, second) == len(picture())


async def test_a_file_of_no_use_takes_its_preview_and_its_upload_along(client, scene, session):
    _, artist, preview = scene
    path = await named(client, artist, "tree.png", b"no picture at all")
    answer = await attach(client, artist, path, preview)
    assert answer.status_code == 400
    assert await session.scalar(select(func.count()).select_from(PreviewFile)) == 0
    assert (await client.head(path, headers={**artist, **TUS})).status_code == 404


async def test_an_upload_is_attached_once(client, scene, app):
    _, artist, preview = scene
    path = await named(client, artist, "tree.png", picture())
    id, actor = UUID(path.rpartition("/")[2]), Actor(artist.person.id, Role.ARTIST)
    async with app.state.jobs.unit_of_work() as uow, service.take(uow, actor, id):
        assert (await attach(client, artist, path, preview)).status_code == 423
    assert (await attach(client, artist, path, preview)).status_code == 404
