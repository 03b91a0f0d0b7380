"""Pictures in other sizes and forms, and contact sheets: who asks for none gets what they always got."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import delete, select, update

from kitsu_api.db.base import now
from kitsu_api.db.models import PreviewFile, StoredFile, TaskPersonLink
from kitsu_api.routers import picture_forms as router
from kitsu_api.services import picture_forms as service
from kitsu_api.services import picture_sheets as sheets
from kitsu_api.services.picture_forms import MADE_AHEAD, SQUARES, THUMBNAILS, PictureForm, best_format
from kitsu_api.workers.jobs.picture_forms import forget_sheets, make_picture_forms
from tests import previews
from tests.previews import upload, waiting

BROWSER = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"


@pytest.fixture
async def desk(make, as_role):
    return await previews.open_desk(make, as_role)


@pytest.fixture
async def picture(client, make, desk):
    return await stored(client, make, desk)


async def stored(client, make, desk, colour="teal", revision=1) -> PreviewFile:
    preview = await waiting(make, desk, revision=revision)
    answer = await upload(client, desk.artist, preview, "frame.png", previews.png(colour=colour))
    assert answer.status_code in (200, 201), answer.text
    return preview


def path_of(preview, kind="thumbnails") -> str:
    return f"/pictures/{kind}/preview-files/{preview.id}.png"


async def get(client, who, path, accept=BROWSER, **headers):
    return await client.get(path, headers={**who, "accept": accept, **headers})


def opened(answer) -> Image.Image:
    return Image.open(io.BytesIO(answer.content))


async def forms_of(session, id) -> dict[str, bool]:
    """Prefixes of the forms of a picture that the register knows, and whether they are to stay."""
    query = select(StoredFile.prefix, StoredFile.deleted_at).where(
        StoredFile.file_id == str(id), StoredFile.prefix.regexp_match("(avif|webp|png)$")
    )
    return {prefix: deleted is None for prefix, deleted in await session.execute(query)}


@pytest.mark.parametrize("accept", ["*/*", "image/*", "image/png", "text/html, */*;q=0.8", "image/avif;q=0"])
async def test_who_names_no_newer_form_gets_the_png_that_is_there(client, desk, picture, accept, session):
    answer = await get(client, desk.artist, path_of(picture), accept)
    assert answer.headers["content-type"] == "image/png"
    assert opened(answer).size == (150, 100)
    assert "Accept" in answer.headers["vary"]
    assert answer.headers["cache-control"] == "private, max-age=604800"
    assert await forms_of(session, picture.id) == {}


@pytest.mark.parametrize(
    ("kind", "size"),
    [("thumbnails", (150, 100)), ("thumbnails-square", (100, 100)), ("previews", (1200, 675))],
)
async def test_browsers_get_a_smaller_file_of_the_same_picture(client, desk, picture, kind, size):
    plain = await get(client, desk.artist, path_of(picture, kind), "*/*")
    small = await get(client, desk.artist, path_of(picture, kind))
    assert small.headers["content-type"] == "image/avif"
    assert opened(small).size == size
    assert small.headers["etag"] != plain.headers["etag"]
    assert "Accept" in small.headers["vary"]
    assert small.headers["content-disposition"].startswith('inline; filename="frame.avif"')
    again = await get(client, desk.artist, path_of(picture, kind), **{"if-none-match": small.headers["etag"]})
    assert again.status_code == 304
    assert "Accept" in again.headers["vary"]
    webp = await get(client, desk.artist, path_of(picture, kind), "image/webp,*/*")
    assert webp.headers["content-type"] == "image/webp"


@pytest.mark.parametrize(
    ("accept", "format"),
    [
        ("image/avif,image/webp,*/*;q=0.8", "avif"),
        ("image/webp,image/avif", "avif"),
        ("image/webp, image/avif;q=0.5", "webp"),
        ("image/png, image/avif;q=0.5", "png"),
        ("image/*, image/avif;q=0.5", "png"),
        ("IMAGE/AVIF", "avif"),
        ("image/avif;q=nonsense", "png"),
        ("image/avif; q=0, image/webp", "webp"),
        ("", "png"),
        (",;,", "png"),
    ],
)
def test_the_form_that_a_client_likes_most(accept, format):
    assert best_format(accept) == format


@pytest.mark.parametrize(
    ("kind", "width", "size"),
    [("thumbnails", 300, (300, 200)), ("thumbnails-square", 400, (400, 400)), ("previews", 600, (600, 338))],
)
async def test_other_sizes_are_made_when_they_are_asked_for(client, desk, picture, kind, width, size):
    path = f"{path_of(picture, kind)}?size={width}"
    plain = await get(client, desk.artist, path, "*/*")
    assert (plain.headers["content-type"], opened(plain).size) == ("image/png", size)
    small = await get(client, desk.artist, path)
    assert (small.headers["content-type"], opened(small).size) == ("image/avif", size)


@pytest.mark.parametrize("size", ["151", "0", "-1", "99999999", "x", ""])
async def test_sizes_that_are_not_on_the_list_are_refused(client, desk, picture, size):
    answer = await get(client, desk.artist, f"{path_of(picture)}?size={size}")
    assert answer.status_code == 400


async def test_a_form_is_made_once(client, desk, picture, monkeypatch, count_statements):
    await get(client, desk.artist, path_of(picture))
    monkeypatch.setattr(service, "make_small", None)
    with count_statements() as statements:
        assert (await get(client, desk.artist, path_of(picture))).headers["content-type"] == "image/avif"
    assert statements.count <= 4


async def test_forms_go_with_the_picture_that_they_are_made_of(client, desk, picture, session, as_role):
    await get(client, desk.artist, path_of(picture))
    await get(client, desk.artist, f"{path_of(picture)}?size=300")
    assert await forms_of(session, picture.id) == {"thumbnails150avif": True, "thumbnails300avif": True}
    answer = await client.delete(f"/data/preview-files/{picture.id}", headers=await as_role("admin"))
    assert answer.status_code == 204
    assert set((await forms_of(session, picture.id)).values()) == {False}


async def test_forms_of_a_picture_that_changes_are_made_anew(client, make, desk, session):
    movie = await waiting(make, desk)
    await upload(client, desk.artist, movie, "take.mp4", previews.movie())
    before = await get(client, desk.artist, path_of(movie))
    answer = await client.put(
        f"/actions/preview-files/{movie.id}/set-main-preview", json={"frame_number": 11}, headers=desk.manager
    )
    assert answer.status_code == 200, answer.text
    assert await forms_of(session, movie.id) == {"thumbnails150avif": False}
    after = await get(client, desk.artist, path_of(movie))
    assert after.headers["content-type"] == "image/avif"
    assert after.content != before.content


async def test_a_form_that_was_made_of_what_changed_meanwhile_is_not_kept(
    client, app, desk, picture, monkeypatch, session
):
    context = app.state.jobs
    async with context.unit_of_work() as uow:
        hold = service.hold_version

        async def held(*args):
            await uow.session.execute(
                update(StoredFile).where(StoredFile.prefix == "thumbnails").values(updated_at=now())
            )
            return await hold(*args)

        monkeypatch.setattr(service, "hold_version", held)
        form = PictureForm(THUMBNAILS, 150, "avif")
        assert not await service.make(uow, context.storage, picture.id, [form])
    assert await forms_of(session, picture.id) == {}


async def test_a_form_that_left_the_storage_is_made_again(client, app, desk, picture):
    await get(client, desk.artist, path_of(picture))
    await app.state.jobs.storage.delete("pictures", "thumbnails150avif", picture.id)
    assert (await get(client, desk.artist, path_of(picture))).headers["content-type"] == "image/avif"


async def test_who_would_wait_for_others_gets_the_png_for_a_minute(
    client, app, desk, picture, monkeypatch, session
):
    monkeypatch.setattr(app.state, "picture_turns", asyncio.Semaphore(0), raising=False)
    monkeypatch.setattr(router, "PATIENCE", 0.001)
    monkeypatch.setattr(router, "LONGEST_WAIT", 0.001)
    answer = await get(client, desk.artist, path_of(picture))
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "private, max-age=60"
    late = await get(client, desk.artist, f"{path_of(picture)}?size=300")
    assert late.status_code == 503


async def test_a_preview_without_a_file_has_no_other_forms(client, make, desk):
    preview = await waiting(make, desk)
    assert (await get(client, desk.artist, path_of(preview))).status_code == 404
    assert (await get(client, desk.artist, f"{path_of(preview)}?size=300")).status_code == 404


async def test_forms_are_as_closed_as_the_picture(client, desk, picture, as_role):
    stranger = await as_role("manager")
    await get(client, desk.artist, path_of(picture))
    for query in ("", "?size=300"):
        assert (await get(client, stranger, path_of(picture) + query)).status_code == 403


async def test_a_worker_makes_ahead_what_browsers_ask_for(client, app, desk, picture, session, monkeypatch):
    await make_picture_forms({"job": app.state.jobs}, preview_file_id=str(picture.id))
    assert await forms_of(session, picture.id) == {form.place[1]: True for form in MADE_AHEAD}
    monkeypatch.setattr(service, "make_small", None)
    answer = await get(client, desk.artist, f"{path_of(picture)}?size=300")
    assert answer.headers["content-type"] == "image/avif"


async def test_a_preview_that_is_ready_has_a_worker_make_its_forms(client, app, configure, make, desk):
    sent = []

    class Queue:
        async def deliver(self, message):
            sent.extend(message.jobs if message is not None else ())

    configure(jobs_inline=False)
    app.state.outbox = Queue()
    preview = await stored(client, make, desk)
    wanted = {"preview_file_id": str(preview.id)}
    assert [job["arguments"] for job in sent if job["name"] == service.MAKE_JOB] == [wanted]


async def test_a_preview_that_is_gone_does_no_harm_to_the_worker(app):
    await make_picture_forms({"job": app.state.jobs}, preview_file_id=str(uuid4()))


# --- people -------------------------------------------------------------------------------------------


async def test_pictures_of_people_come_in_these_forms_too(client, as_role, session):
    admin = await as_role("admin")
    path = f"/pictures/thumbnails/persons/{admin.person.id}"
    files = {"file": ("me.png", previews.png())}
    assert (await client.post(path, files=files, headers=admin)).status_code == 201
    assert (await get(client, admin, path, "*/*")).headers["content-type"] == "image/png"
    small = await get(client, admin, f"{path}.png?size=100")
    assert (small.headers["content-type"], opened(small).size) == ("image/avif", (100, 100))
    files = {"file": ("me.png", previews.png(colour="red"))}
    assert (await client.post(path, files=files, headers=admin)).status_code == 201
    assert await forms_of(session, admin.person.id) == {"avatars100avif": False}
    other = await get(client, admin, f"{path}.png?size=100")
    assert other.content != small.content


# --- contact sheets -----------------------------------------------------------------------------------


async def order(client, who, *ids, **more) -> dict:
    wish = {"preview_file_ids": [str(id) for id in ids], **more}
    answer = await client.post("/pictures/sheets", json=wish, headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_sheet_shows_the_thumbnails_of_many_previews(client, make, desk, monkeypatch):
    monkeypatch.setattr(sheets, "COLUMNS", 2)
    shown = [await stored(client, make, desk, colour, n) for n, colour in enumerate(("red", "lime", "blue"))]
    gone = uuid4()
    sheet = await order(client, desk.artist, shown[0].id, gone, *(each.id for each in shown))
    assert [cell["preview_file_id"] for cell in sheet["cells"]] == [str(each.id) for each in shown]
    assert [(cell["x"], cell["y"]) for cell in sheet["cells"]] == [(0, 0), (150, 0), (0, 100)]
    assert sheet["missing"] == [str(gone)]
    plain = await get(client, desk.artist, sheet["image"], "*/*")
    assert (plain.headers["content-type"], opened(plain).size) == ("image/png", (300, 200))
    assert (sheet["width"], sheet["height"]) == (300, 200)
    pixels = opened(plain).convert("RGB")
    places = [(75, 50), (225, 50), (75, 150)]
    assert [pixels.getpixel(place) for place in places] == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    small = await get(client, desk.artist, sheet["image"])
    assert small.headers["content-type"] == "image/avif"
    assert "Accept" in small.headers["vary"]


async def test_a_sheet_of_squares(client, desk, picture):
    sheet = await order(client, desk.artist, picture.id, kind="square")
    assert opened(await get(client, desk.artist, sheet["image"], "*/*")).size == (100, 100)


async def test_the_same_thumbnails_are_the_same_sheet_until_one_changes(client, desk, picture, session):
    first = await order(client, desk.artist, picture.id)
    assert (await order(client, desk.manager, picture.id))["id"] == first["id"]
    await session.execute(
        update(StoredFile).where(StoredFile.prefix == "thumbnails").values(updated_at=now() + timedelta(1))
    )
    await session.commit()
    assert (await order(client, desk.manager, picture.id))["id"] != first["id"]


async def test_what_one_does_not_see_is_left_out_of_a_sheet(client, desk, picture, make, as_role):
    other = await previews.open_desk(make, as_role, name="Elsewhere")
    hidden = await stored(client, make, other)
    sheet = await order(client, desk.artist, picture.id, hidden.id)
    assert [cell["preview_file_id"] for cell in sheet["cells"]] == [str(picture.id)]
    assert sheet["missing"] == [str(hidden.id)]


async def test_a_sheet_is_read_by_who_sees_all_that_is_on_it(client, desk, picture, as_role, session):
    sheet = await order(client, desk.artist, picture.id)
    assert (await get(client, desk.manager, sheet["image"])).status_code == 200
    assert (await get(client, await as_role("manager"), sheet["image"])).status_code == 403
    vendor = await as_role("vendor", on=desk.project)
    assert (await get(client, vendor, sheet["image"])).status_code == 403
    await session.execute(delete(TaskPersonLink))
    await session.commit()
    assert (await order(client, vendor, picture.id))["cells"] == []


async def test_a_sheet_of_a_preview_that_is_gone_is_gone_too(client, desk, picture, as_role):
    sheet = await order(client, desk.artist, picture.id)
    await client.delete(f"/data/preview-files/{picture.id}", headers=await as_role("admin"))
    assert (await get(client, desk.artist, sheet["image"])).status_code == 404


async def test_a_sheet_that_nobody_ordered_is_not_there(client, desk):
    assert (await get(client, desk.artist, f"/pictures/sheets/{uuid4()}")).status_code == 404


async def test_a_sheet_of_nothing_has_no_picture(client, desk):
    sheet = await order(client, desk.artist, uuid4())
    assert (sheet["image"], sheet["width"], sheet["cells"]) == (None, 0, [])


@pytest.mark.parametrize("ids", [[], [str(uuid4())] * 201, ["x"]])
async def test_sheets_have_a_bound(client, desk, ids):
    answer = await client.post("/pictures/sheets", json={"preview_file_ids": ids}, headers=desk.artist)
    assert answer.status_code == 400


async def test_a_sheet_takes_as_many_statements_with_more_previews(client, make, desk, count_statements):
    counts = []
    ids = []
    for revision in range(3):
        ids.append((await stored(client, make, desk, revision=revision)).id)
        with count_statements() as statements:
            sheet = await order(client, desk.artist, *ids)
            await get(client, desk.artist, sheet["image"])
        counts.append(statements.count)
    assert len(set(counts)) == 1


async def test_old_sheets_are_removed(client, app, desk, picture, session):
    sheet = await order(client, desk.artist, picture.id)
    await get(client, desk.artist, sheet["image"])
    assert await forget_sheets({"job": app.state.jobs}) == 0
    old = now() - timedelta(hours=sheets.HOURS * 2 + 1)
    await session.execute(update(StoredFile).values(created_at=old))
    await session.commit()
    assert await forget_sheets({"job": app.state.jobs}) == 1


def test_all_forms_have_names_that_the_register_knows_them_by():
    for kind in (THUMBNAILS, SQUARES, service.PREVIEWS, service.AVATARS):
        for width in kind.heights:
            for format in service.MEDIA_TYPES:
                prefix = PictureForm(kind, width, format).place[1]
                assert prefix.isalnum()
                assert prefix.endswith(format)
