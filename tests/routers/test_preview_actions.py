"""Drawing on previews, ordering them, the picture of an entity, and frames of movies."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image
from sqlalchemy import select

from kitsu_api.db.models import ApiEvent, Entity, PreviewFile, StoredFile
from tests import factories, previews
from tests.media.clips import number_of
from tests.previews import upload, waiting

BOX = {
    "id": "box",
    "type": "rect",
    "left": 10,
    "top": 5,
    "width": 30,
    "height": 20,
    "fill": "#ff0000",
    "canvasWidth": 64,
    "canvasHeight": 36,
}


@pytest.fixture
async def desk(make, as_role):
    return await previews.open_desk(make, as_role)


@pytest.fixture
async def movie(client, make, desk):
    preview = await waiting(make, desk)
    await upload(client, desk.artist, preview, "take.mp4", previews.movie(12, 96, 54))
    return preview


@pytest.fixture
async def picture(client, make, desk):
    preview = await waiting(make, desk)
    await upload(client, desk.artist, preview, "frame.png", previews.png())
    return preview


def action(preview, name: str) -> str:
    return f"/actions/preview-files/{preview.id}/{name}"


async def draw(client, who, preview, time=0.0, id="box", expected=200):
    drawing = {"time": time, "width": 64, "height": 36, "drawing": {"objects": [{**BOX, "id": id}]}}
    body = {"additions": [drawing]}
    answer = await client.put(action(preview, "update-annotations"), json=body, headers=who)
    assert answer.status_code == expected, answer.text
    return answer.json()


def shown(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


# --- drawings -----------------------------------------------------------------------------------------


async def test_drawings_are_kept_and_told(client, make, desk, session):
    preview = await waiting(make, desk)
    body = await draw(client, desk.manager, preview, 0.44)
    assert body["annotations"][0]["time"] == 0.44
    await draw(client, desk.artist, preview, 0.4401, "other")
    row = await session.get(PreviewFile, preview.id)
    assert [one["id"] for one in row.annotations[0]["drawing"]["objects"]] == ["box", "other"]
    event = await session.scalar(
        select(ApiEvent).where(ApiEvent.name == "preview-file:annotation-update").limit(1)
    )
    assert event.data["person_id"] == str(desk.manager.person.id)
    assert event.data["project_id"] == str(desk.project.id)


@pytest.mark.parametrize(
    ("role", "inside", "assigned", "expected"),
    [
        ("client", True, False, 200),
        ("user", True, False, 200),
        ("user", False, False, 403),
        ("vendor", True, False, 403),
        ("vendor", True, True, 200),
    ],
)
async def test_who_sees_a_preview_draws_on_it(client, make, desk, as_role, role, inside, assigned, expected):
    who = await as_role(role, on=desk.project if inside else None)
    if assigned:
        await make(factories.assignation(desk.task, who.person))
    await draw(client, who, await waiting(make, desk), expected=expected)


@pytest.mark.parametrize(
    "body",
    [
        {"additions": "x"},
        {"additions": [1]},
        {"updates": [None]},
        {"deletions": {}},
        {"additions": [{"drawing": "\x00"}]},
        {"additions": [{}] * 1001},
    ],
)
async def test_changes_that_make_no_sense_are_refused(client, make, desk, body):
    preview = await waiting(make, desk)
    answer = await client.put(action(preview, "update-annotations"), json=body, headers=desk.manager)
    assert answer.status_code == 400


async def test_a_preview_carries_so_many_drawings(client, make, desk, monkeypatch):
    monkeypatch.setattr("kitsu_api.services.annotations.MOST_OBJECTS", 2)
    preview = await waiting(make, desk)
    await draw(client, desk.manager, preview, 0)
    await draw(client, desk.manager, preview, 1)
    await draw(client, desk.manager, preview, 2, expected=400)


# --- order --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("position", "order"), [(1, "cab"), (2, "acb"), (3, "abc"), (0, "abc"), (99, "abc"), (-1, "abc")]
)
async def test_a_preview_moves_within_its_revision(client, make, desk, position, order):
    rows = [await waiting(make, desk, name=name, position=n) for n, name in enumerate("abc", 1)]
    await waiting(make, desk, name="other revision", revision=2)
    answer = await client.put(
        action(rows[2], "update-position"), json={"position": position}, headers=desk.artist
    )
    assert answer.status_code == 200
    assert "".join(one["name"] for one in answer.json()) == order
    assert [one["position"] for one in answer.json()] == [1, 2, 3]


async def test_clients_move_nothing(client, make, desk, as_role):
    who = await as_role("client", on=desk.project)
    answer = await client.put(
        action(await waiting(make, desk), "update-position"), json={"position": 1}, headers=who
    )
    assert answer.status_code == 403


# --- the picture of an entity -------------------------------------------------------------------------


async def test_a_preview_becomes_the_picture_of_its_entity(client, desk, picture, session):
    answer = await client.put(action(picture, "set-main-preview"), headers=desk.artist)
    assert answer.status_code == 200
    assert answer.json()["preview_file_id"] == str(picture.id)
    assert answer.json()["preview_file_status"] == "ready"
    assert (await session.get(Entity, desk.rows.entity.id)).preview_file_id == picture.id


@pytest.mark.parametrize("way", ["body", "query"])
async def test_the_pictures_of_a_movie_are_made_of_the_frame_that_is_wanted(client, desk, movie, way):
    path = action(movie, "set-main-preview")
    wish = {"json": {"frame_number": 7}} if way == "body" else {"params": {"frame_number": 7}}
    answer = await client.put(path, headers=desk.artist, **wish)
    assert answer.status_code == 200, answer.text
    original = await client.get(f"/pictures/originals/preview-files/{movie.id}.png", headers=desk.artist)
    assert number_of(shown(original.content)) == 7


async def test_a_frame_that_a_movie_has_not_is_refused(client, desk, movie):
    answer = await client.put(
        action(movie, "set-main-preview"), json={"frame_number": 900}, headers=desk.artist
    )
    assert answer.status_code == 400


async def test_clients_choose_no_picture(client, desk, picture, as_role):
    who = await as_role("client", on=desk.project)
    assert (await client.put(action(picture, "set-main-preview"), headers=who)).status_code == 403


# --- frames -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("query", "number"), [("", 0), ("?frame_number=5", 5)])
async def test_a_frame_is_extracted_exactly(client, desk, movie, query, number):
    answer = await client.get(action(movie, f"extract-frame{query}"), headers=desk.manager)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert number_of(shown(answer.content)) == number


async def test_frames_are_for_those_who_run_the_production(client, desk, movie):
    for name in ("extract-frame", "extract-annotated-frame?frame_number=1", "extract-annotated-frames"):
        assert (await client.get(action(movie, name), headers=desk.artist)).status_code == 403


@pytest.mark.parametrize(("query", "expected"), [("?frame_number=-1", 400), ("?frame_number=900", 400)])
async def test_frames_that_there_are_not_are_refused(client, desk, movie, query, expected):
    answer = await client.get(action(movie, f"extract-frame{query}"), headers=desk.manager)
    assert answer.status_code == expected


async def test_a_picture_has_neither_frames_nor_tiles(client, desk, picture):
    for name in ("extract-frame", "extract-tile"):
        assert (await client.get(action(picture, name), headers=desk.manager)).status_code == 404


async def test_a_contact_sheet_is_made_anew(client, desk, movie, session):
    storage = client._transport.app.state.storage
    await storage.delete("pictures", "tiles", movie.id)
    answer = await client.get(action(movie, "extract-tile"), headers=desk.artist)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert shown(answer.content).height == 200
    row = await session.scalar(select(StoredFile).where(StoredFile.key == f"tiles-{movie.id}"))
    assert row.size == len(answer.content)


async def test_a_movie_that_is_gone_from_storage_is_not_found(client, make, desk):
    preview = await waiting(make, desk, status="ready")
    await draw(client, desk.manager, preview, 0.0)
    for name in ("extract-frame", "extract-tile", "extract-annotated-frame?frame_number=1"):
        assert (await client.get(action(preview, name), headers=desk.manager)).status_code == 404


async def test_a_frame_is_extracted_with_what_is_drawn_on_it(client, desk, movie):
    await draw(client, desk.manager, movie, 0.16)
    answer = await client.get(action(movie, "extract-annotated-frame?frame_number=5"), headers=desk.manager)
    assert answer.status_code == 200, answer.text
    page = shown(answer.content).convert("RGB")
    red, green, blue = page.getpixel((page.width * 20 // 64, page.height * 7 // 36))
    assert red > 200 > 80 > max(green, blue)


@pytest.mark.parametrize("query", ["", "?frame_number=0", "?frame_number=2"])
async def test_a_movie_needs_the_number_of_a_frame_with_drawings(client, desk, movie, query):
    await draw(client, desk.manager, movie, 0.16)
    answer = await client.get(action(movie, f"extract-annotated-frame{query}"), headers=desk.manager)
    assert answer.status_code == 400


async def test_all_frames_with_drawings_come_as_a_zip_and_as_a_pdf(client, desk, movie):
    for time in (0.0, 0.2, 0.2003):
        await draw(client, desk.manager, movie, time, f"at {time}")
    answer = await client.get(action(movie, "extract-annotated-frames"), headers=desk.manager)
    assert answer.headers["content-type"] == "application/zip"
    assert "orchard_props_ladder_modeling_v1_annotated_frames.zip" in answer.headers["content-disposition"]
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert names == ["frame_00001.png", "frame_00006.png"]
    pages = await client.get(action(movie, "extract-annotated-frames-pdf"), headers=desk.manager)
    assert pages.headers["content-type"] == "application/pdf"
    assert pages.content.startswith(b"%PDF-")


async def test_a_picture_comes_with_what_is_drawn_on_it(client, desk, picture):
    await draw(client, desk.manager, picture)
    answer = await client.get(action(picture, "extract-annotated-frame"), headers=desk.manager)
    assert shown(answer.content).size == (64, 36)


@pytest.mark.parametrize("name", ["extract-annotated-frames", "extract-annotated-frames-pdf"])
async def test_a_preview_without_drawings_has_no_frames_with_drawings(client, desk, picture, name):
    assert (await client.get(action(picture, name), headers=desk.manager)).status_code == 400
