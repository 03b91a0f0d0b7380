"""Uploads of previews: what becomes of the row, the storage, the task, and what is refused."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import obstore
import pytest
from sqlalchemy import select

from kitsu_api.db.models import (
    ApiEvent,
    CommentPreviewLink,
    Entity,
    PreviewFile,
    PreviewFileStorageState,
    ProjectTaskTypeLink,
    StoredFile,
    Task,
    TrackedJob,
)
from kitsu_api.db.repositories.preview_media import PreviewMedia
from kitsu_api.services.preview_making import plan_of
from tests import factories, previews
from tests.previews import upload, waiting

STILLS = {("pictures", name) for name in ("original", "previews", "thumbnails", "thumbnails-square")}
MOVIES = {("movies", "previews"), ("movies", "lowdef"), ("pictures", "tiles")}


@pytest.fixture
async def desk(make, as_role):
    return await previews.open_desk(make, as_role)


async def row_of(session, preview) -> PreviewFile | None:
    return await session.scalar(
        select(PreviewFile).where(PreviewFile.id == preview.id).execution_options(populate_existing=True)
    )


async def registered(session, preview) -> set[tuple[str, str]]:
    files = select(StoredFile).where(StoredFile.file_id == str(preview.id), StoredFile.deleted_at.is_(None))
    noted = select(PreviewFileStorageState).where(
        PreviewFileStorageState.preview_file_id == preview.id, PreviewFileStorageState.state == "ok"
    )
    found = {(one.bucket, one.prefix) for one in await session.scalars(files)}
    assert found == {(one.bucket, one.prefix) for one in await session.scalars(noted)}
    return found


def stored(settings) -> list[Path]:
    return (
        [path for path in settings.previews.rglob("*") if path.is_file()]
        if settings.previews.exists()
        else []
    )


@pytest.fixture
def temporary(configure, tmp_path) -> Path:
    """The folder of temporary files, to see whether it is empty."""
    folder = tmp_path / "temporary"
    configure(temporary_folder=folder)
    return folder


async def test_a_picture_is_ready_with_the_answer(client, make, desk, session, temporary):
    preview = await waiting(make, desk)
    answer = await upload(client, desk.artist, preview, "A frame.JPG", previews.picture("JPEG"))
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["status"], body["extension"], body["original_name"]) == ("ready", "png", "A frame")
    assert (body["width"], body["height"]) == (64, 36)
    assert await registered(session, preview) == STILLS
    task = await session.get(Task, desk.task.id)
    assert task.last_preview_file_id == preview.id
    assert list(temporary.iterdir()) == []


async def test_a_gif_that_moves_stays_one(client, make, desk):
    preview = await waiting(make, desk)
    answer = await upload(client, desk.artist, preview, "walk.gif", previews.moving_gif())
    assert answer.json()["extension"] == "gif"
    shown = await client.get(f"/pictures/originals/preview-files/{preview.id}.gif", headers=desk.artist)
    assert (shown.headers["content-type"], shown.content) == ("image/gif", previews.moving_gif())


async def test_a_movie_is_made_before_the_answer_when_jobs_run_inline(client, make, desk, session, settings):
    preview = await waiting(make, desk)
    answer = await upload(client, desk.artist, preview, "take.mp4", previews.movie())
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["status"] == "ready"
    assert body["duration"] == pytest.approx(12 / 25)
    assert body["data"]["movie_prefixes"] == ["previews", "lowdef"]
    assert body["data"]["original_file_size"] == len(previews.movie())
    assert await registered(session, preview) == STILLS | MOVIES
    assert len(stored(settings)) == 7


async def test_a_movie_stays_as_it_is_when_that_is_asked(client, make, desk):
    preview = await waiting(make, desk)
    await upload(client, desk.artist, preview, "take.mp4", previews.movie(), "?normalize=false")
    path = f"/movies/originals/preview-files/{preview.id}.mp4"
    assert (await client.get(path, headers=desk.artist)).content == previews.movie()


@pytest.mark.parametrize(
    ("settings_of_server", "prefixes", "kept"),
    [
        ({"skip_normalization": True}, ["previews"], "movies/originals"),
        ({"skip_normalization_high": True}, ["previews", "lowdef"], "movies/originals"),
        ({"preview_save_source_file": True}, ["previews", "lowdef", "source"], "movies/source"),
    ],
)
async def test_settings_say_which_movies_are_made(
    client, make, desk, configure, settings_of_server, prefixes, kept
):
    configure(**settings_of_server)
    preview = await waiting(make, desk)
    answer = await upload(client, desk.artist, preview, "take.mp4", previews.movie())
    assert answer.json()["data"]["movie_prefixes"] == prefixes
    shown = await client.get(f"/{kept}/preview-files/{preview.id}.mp4", headers=desk.artist)
    assert shown.content == previews.movie()


async def test_bit_rates_are_those_of_the_task_type_then_the_production_then_the_server(
    make, desk, session, settings
):
    link = ProjectTaskTypeLink(
        project_id=desk.project.id, task_type_id=desk.rows.task_type.id, hd_bitrate_compression=3
    )
    await make(link)
    desk.project.hd_bitrate_compression = 9
    desk.project.ld_bitrate_compression = None
    desk.project.resolution = "1280x720"
    await make(desk.project)
    task = await PreviewMedia(session).task_of(desk.task.id)
    wish = plan_of(settings, task).wish
    assert (wish.high_bitrate, wish.low_bitrate) == (3, settings.movie_lowdef_bitrate)
    assert (wish.width, wish.height, wish.rate) == (1280, 720, 25)


@pytest.mark.parametrize("name", ["notes.pdf", "scene.blend", "readme.md", "logo.svg", "take.zip"])
async def test_any_other_file_is_kept_as_it_is(client, make, desk, session, name):
    preview = await waiting(make, desk)
    answer = await upload(client, desk.artist, preview, name, b"%PDF-1.4 hello")
    assert answer.status_code == 201
    assert answer.json()["extension"] == name.rpartition(".")[2]
    assert answer.json()["file_size"] == 14
    assert await registered(session, preview) == {("files", "previews")}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("tool.exe", b"MZ", "Wrong file format"),
        ("noextension", b"MZ", "Wrong file format"),
        ("page.png", b"<html><script>alert(1)</script></html>", "neither a picture nor a movie"),
        ("frame.png", previews.png(640, 480)[:200], "damaged or cut off"),
        ("take.mp4", previews.movie()[:-200], ""),
        ("take.mp4", b"", "File not provided"),
    ],
)
async def test_a_file_of_no_use_is_refused_and_leaves_nothing(
    client, make, desk, session, settings, temporary, name, content, said
):
    preview = await waiting(make, desk)
    answer = await upload(client, desk.artist, preview, name, content)
    assert answer.status_code == 400
    assert said in answer.json()["message"]
    assert await registered(session, preview) == set()
    assert stored(settings) == []
    assert list(temporary.iterdir()) == []
    link = select(CommentPreviewLink).where(CommentPreviewLink.preview_file == preview.id)
    # nothing was sent in the last case: then the preview still waits
    assert ((await row_of(session, preview)) is None) == bool(content)
    assert ((await session.scalar(link)) is None) == bool(content)


async def test_a_picture_with_too_many_pixels_is_refused(client, make, desk, configure):
    for content in (previews.bomb(), previews.png()):
        configure(max_image_pixels=1000)
        answer = await upload(client, desk.artist, await waiting(make, desk), "frame.png", content)
        assert answer.status_code == 400
        assert "pixels" in answer.json()["message"]


async def test_an_upload_larger_than_the_operator_allows_is_refused_and_may_be_tried_again(
    client, make, desk, session, configure, temporary
):
    configure(max_upload_mb=1, temporary_folder=temporary)
    preview = await waiting(make, desk)

    async def body() -> Any:
        yield b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        for _ in range(20):
            yield b"x" * 100_000
        yield b"\r\n--b--\r\n"

    headers = {**desk.artist, "content-type": "multipart/form-data; boundary=b"}
    path = f"/pictures/preview-files/{preview.id}"
    answer = await client.post(path, content=body(), headers=headers)
    assert answer.status_code == 413
    assert list(temporary.iterdir()) == []
    assert (await row_of(session, preview)).status == "processing"
    assert (await upload(client, desk.artist, preview, "a.png", previews.png())).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\nhalf',
        b"not a form",
        b'--b\r\ncontent-disposition: form-data; name="file"\r\n\r\nno file\r\n--b--\r\n',
        b"--b\r\nx: " + b"y" * 10_000 + b"\r\n\r\n--b--\r\n",
        b'--b\r\ncontent-disposition: form-data; name="a"\r\n\r\n\r\n' * 200 + b"--b--\r\n",
    ],
    ids=["broken off", "no form", "no file", "long header", "many parts"],
)
async def test_a_form_that_cannot_be_read_is_refused(client, make, desk, session, body):
    preview = await waiting(make, desk)
    headers = {**desk.artist, "content-type": "multipart/form-data; boundary=b"}
    answer = await client.post(f"/pictures/preview-files/{preview.id}", content=body, headers=headers)
    assert answer.status_code == 400
    assert (await row_of(session, preview)).original_name is None


async def test_a_full_disk_is_told_and_leaves_nothing(
    client, make, desk, session, settings, temporary, monkeypatch
):
    preview, puts = await waiting(make, desk), []
    put = obstore.put_async

    async def fill(store, path, file, **options):
        puts.append(path)
        if len(puts) == 3:
            raise obstore.exceptions.GenericError("No space left on device (os error 28)")
        await put(store, path, file, **options)

    monkeypatch.setattr(obstore, "put_async", fill)
    answer = await upload(client, desk.artist, preview, "a.png", previews.png())
    assert answer.status_code == 507
    assert "disk is full" in answer.json()["message"]
    assert stored(settings) == []
    assert list(temporary.iterdir()) == []
    assert (await row_of(session, preview)).original_name is None


async def test_a_full_disk_of_temporary_files_is_told(client, make, desk, monkeypatch):
    preview = await waiting(make, desk)
    opened = Path.open

    class Full:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def write(self, _):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(
        Path, "open", lambda path, *a, **k: Full() if path.name == "upload" else opened(path, *a, **k)
    )
    answer = await upload(client, desk.artist, preview, "a.png", previews.png())
    assert answer.status_code == 507


async def test_a_preview_takes_one_file(client, make, desk):
    preview = await waiting(make, desk)
    assert (await upload(client, desk.artist, preview, "a.png", previews.png())).status_code == 201
    again = await upload(client, desk.artist, preview, "b.png", previews.png())
    assert again.status_code == 400
    assert "has its file already" in again.json()["message"]


@pytest.mark.parametrize("status", ["broken", "missing", "processing"])
async def test_a_preview_whose_file_was_of_no_use_takes_another(client, make, desk, status):
    preview = await waiting(make, desk, status=status, original_name="take")
    assert (await upload(client, desk.artist, preview, "a.png", previews.png())).status_code == 201


@pytest.mark.parametrize(
    ("role", "inside", "assigned", "expected"),
    [
        ("admin", False, False, 201),
        ("supervisor", True, False, 201),
        ("user", True, False, 201),
        ("user", False, False, 403),
        ("vendor", True, True, 201),
        ("vendor", True, False, 403),
        ("client", True, False, 403),
    ],
)
async def test_the_team_uploads_without_its_clients(
    client, make, desk, as_role, role, inside, assigned, expected
):
    who = await as_role(role, on=desk.project if inside else None)
    if assigned:
        await make(factories.assignation(desk.task, who.person))
    preview = await waiting(make, desk)
    assert (await upload(client, who, preview, "a.png", previews.png())).status_code == expected


async def test_unknown_previews_are_not_found(client, desk):
    answer = await client.post(
        "/pictures/preview-files/00000000-0000-4000-8000-000000000000", headers=desk.artist
    )
    assert answer.status_code == 404


async def test_the_world_hears_of_an_upload(client, make, desk, session):
    preview = await waiting(make, desk, revision=4)
    await upload(client, desk.artist, preview, "a.png", previews.png())
    events = (await session.scalars(select(ApiEvent).order_by(ApiEvent.created_at))).all()
    told = {event.name: event.data for event in events}
    assert told["preview-file:add-file"] == {
        "comment_id": str(desk.comment.id),
        "extension": "png",
        "preview_file_id": str(preview.id),
        "project_id": str(desk.project.id),
        "revision": 4,
        "status": "ready",
        "task_id": str(desk.task.id),
    }
    assert told["preview-file:update"]["status"] == "ready"
    assert told["comment:update"]["comment_id"] == str(desk.comment.id)


async def test_a_task_goes_on_showing_its_last_revision(client, make, desk, session):
    new, old = await waiting(make, desk, revision=2), await waiting(make, desk, revision=1)
    beside = await waiting(make, desk, revision=2, position=2)
    for preview in (new, old, beside):
        await upload(client, desk.artist, preview, "a.png", previews.png())
    task = await session.get(Task, desk.task.id)
    assert task.last_preview_file_id == new.id


async def test_a_production_may_show_each_new_preview_as_the_picture_of_its_entity(
    client, make, desk, session
):
    first, second = await waiting(make, desk), await waiting(make, desk, revision=2)
    await upload(client, desk.artist, first, "a.png", previews.png())
    entity = await session.get(Entity, desk.rows.entity.id)
    assert entity.preview_file_id is None
    desk.project.is_set_preview_automated = True
    await make(desk.project)
    await upload(client, desk.artist, second, "a.png", previews.png())
    await session.refresh(entity)
    assert entity.preview_file_id == second.id


async def test_a_movie_waits_for_a_worker_with_its_source_in_storage(
    client, make, desk, session, configure, settings, temporary
):
    configure(jobs_inline=False, temporary_folder=temporary)
    preview = await waiting(make, desk)
    answer = await upload(client, desk.artist, preview, "take.mov", previews.movie())
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["status"], body["extension"], body["width"]) == ("processing", "mp4", 64)
    assert await registered(session, preview) == {("movies", "source")}
    (path,) = stored(settings)
    assert path.read_bytes() == previews.movie()
    job = await session.scalar(select(TrackedJob))
    assert (job.kind, job.key, job.queue) == ("make_movie_preview", str(preview.id), "media")
    assert list(temporary.iterdir()) == []
    shown = await client.get(f"/movies/originals/preview-files/{preview.id}.mp4", headers=desk.artist)
    assert shown.content == previews.movie()
    again = await upload(client, desk.artist, preview, "take.mov", previews.movie())
    assert again.status_code == 400


async def test_only_so_many_requests_work_on_media_at_once(client, make, desk, configure, app):
    configure(media_requests=1, media_wait=0.01)
    preview = await waiting(make, desk)
    assert (await upload(client, desk.artist, preview, "a.png", previews.png())).status_code == 201
    await app.state.media_turns[1].acquire()
    busy = await upload(client, desk.artist, await waiting(make, desk, revision=2), "a.png", previews.png())
    assert busy.status_code == 503
    app.state.media_turns[1].release()
