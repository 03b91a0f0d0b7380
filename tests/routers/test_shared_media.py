"""Previews through a share link, and what guests draw on them."""

from __future__ import annotations

import io
from uuid import uuid4

import pytest
from sqlalchemy import update

from kitsu_api.db.models import Comment, PreviewFile
from kitsu_api.storage.files import FileStorage
from tests import factories
from tests.routers.sharing import enter, say, stage

PICTURE = b"a picture"


@pytest.fixture
async def review(make):
    return await stage(make)


def media(review, preview_id):
    """Every way to a file of a preview."""
    path = review.path
    return [
        f"{path}/preview-files/{preview_id}",
        f"{path}/preview-files/{preview_id}/download",
        f"{path}/pictures/originals/preview-files/{preview_id}.png",
        f"{path}/pictures/originals/preview-files/{preview_id}.gif",
        f"{path}/pictures/thumbnails/preview-files/{preview_id}.png",
        f"{path}/movies/originals/preview-files/{preview_id}.mp4",
        f"{path}/movies/tiles/preview-files/{preview_id}.png",
    ]


async def put(settings, bucket, prefix, id, content=PICTURE):
    await FileStorage(settings).put(bucket, prefix, id, io.BytesIO(content))


async def test_pictures_of_a_preview_are_read_through_the_link(client, review, settings):
    for prefix in ("original", "thumbnails"):
        await put(settings, "pictures", prefix, review.preview.id, prefix.encode())
    row, download, original, _, thumbnail, *_ = media(review, review.preview.id)
    assert (await client.get(row)).json()["id"] == str(review.preview.id)
    assert (await client.get(original)).content == b"original"
    assert (await client.get(thumbnail)).content == b"thumbnails"
    saved = await client.get(download)
    assert saved.content == b"original"
    assert saved.headers["content-disposition"].startswith("attachment;")
    assert saved.headers["x-content-type-options"] == "nosniff"


async def test_a_movie_is_read_in_parts_through_the_link(client, make, review, settings):
    movie = await make(
        factories.preview_file(review.rows.task, review.rows.person, revision=1, position=2, extension="mp4")
    )
    await put(settings, "movies", "previews", movie.id, b"0123456789")
    path = f"{review.path}/movies/originals/preview-files/{movie.id}.mp4"
    part = await client.get(path, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert part.headers["content-type"] == "video/mp4"


async def test_a_file_that_is_not_there_is_not_found(client, review):
    assert (await client.get(media(review, review.preview.id)[2])).status_code == 404
    other = f"{review.path}/pictures/originals/preview-files/{review.preview.id}.gif"
    assert (await client.get(other)).status_code == 404


async def test_an_extension_that_no_preview_has_is_refused(client, review):
    path = f"{review.path}/pictures/originals/preview-files/{review.preview.id}.exe"
    assert (await client.get(path)).status_code == 400


@pytest.mark.parametrize("which", ["other revision", "other task", "other production", "unknown"])
async def test_what_the_playlist_does_not_show_is_refused(client, browser, make, review, settings, which):
    rows = review.rows
    other_task = await make(factories.task(rows.entity, await make(factories.task_type()), rows.task_status))
    elsewhere = await stage(make)
    preview_id = {
        "other revision": (await make(factories.preview_file(rows.task, rows.person, revision=2))).id,
        "other task": (await make(factories.preview_file(other_task, rows.person, revision=1))).id,
        "other production": elsewhere.preview.id,
        "unknown": uuid4(),
    }[which]
    for bucket, prefix in (("pictures", "original"), ("pictures", "thumbnails"), ("movies", "previews")):
        await put(settings, bucket, prefix, preview_id)
    answers = [await client.get(path) for path in media(review, preview_id)]
    assert {answer.status_code for answer in answers} == {403}
    assert all(PICTURE not in answer.content for answer in answers)
    mine = browser()
    wish = {"guest_id": (await enter(mine, review))["id"], "preview_file_id": str(preview_id)}
    assert (await mine.put(f"{review.path}/annotations", json=wish)).status_code == 403


@pytest.mark.parametrize("id", ["x", "..%2f..%2fetc%2fpasswd", "%00"])
async def test_an_id_that_is_none_is_not_found(client, review, id):
    for path in media(review, id):
        assert (await client.get(path)).status_code == 404


# --- pictures of people -----------------------------------------------------------------------------


async def test_the_picture_of_somebody_is_shown_once_they_speak_to_guests(client, make, review, settings):
    person = review.rows.person
    await put(settings, "pictures", "thumbnails", person.id)
    path = f"{review.path}/pictures/thumbnails/persons/{person.id}.png"
    assert (await client.get(path)).status_code == 404
    await make(factories.comment(review.rows.task, person))
    assert (await client.get(path)).status_code == 404
    await make(factories.comment(review.rows.task, person, for_client=True))
    shown = await client.get(path)
    assert (shown.status_code, shown.content) == (200, PICTURE)
    assert shown.headers["content-type"] == "image/png"


async def test_the_picture_of_who_answers_a_guest_is_shown(client, browser, make, review, settings, session):
    answering = await make(factories.person())
    mine = browser()
    made = await say(mine, review, await enter(mine, review))
    reply = {"id": str(uuid4()), "text": "Yes", "person_id": str(answering.id)}
    await session.execute(update(Comment).where(Comment.id == made["id"]).values(replies=[reply]))
    await session.commit()
    await put(settings, "pictures", "thumbnails", answering.id)
    path = f"{review.path}/pictures/thumbnails/persons/{answering.id}.png"
    assert (await client.get(path)).status_code == 200


# --- drawings ---------------------------------------------------------------------------------------


def stroke(id, **values):
    return {"id": id, "type": "rect", "left": 10, **values}


def drawing(*objects, time=0.0):
    return {"time": time, "width": 320, "height": 180, "drawing": {"objects": list(objects)}}


class Artist:
    """A guest who draws."""

    def __init__(self, browser, review, guest):
        self.browser, self.review, self.id = browser, review, guest["id"]

    async def draw(self, **changes):
        wish = {"guest_id": self.id, "preview_file_id": str(self.review.preview.id), **changes}
        answer = await self.browser.put(f"{self.review.path}/annotations", json=wish)
        assert answer.status_code == 200, answer.text
        found = answer.json()["annotations"] or []
        return {one["id"]: one for row in found for one in row["drawing"]["objects"]}


@pytest.fixture
async def artist(browser, review):
    mine = browser()
    return Artist(mine, review, await enter(mine, review))


async def test_a_guest_draws_changes_and_erases(artist):
    drawn = await artist.draw(additions=[drawing(stroke("a"))])
    assert drawn["a"]["createdBy"] == artist.id
    assert (await artist.draw(updates=[drawing(stroke("a", left=90))]))["a"]["left"] == 90
    assert await artist.draw(deletions=[{"time": 0.0, "objects": ["a"]}]) == {}


async def test_two_guests_draw_at_once_and_nothing_is_lost(artist, browser, review):
    other = browser()
    bob = Artist(other, review, await enter(other, review, "Bob"))
    await artist.draw(additions=[drawing(stroke("a"))])
    assert set(await bob.draw(additions=[drawing(stroke("b"))])) == {"a", "b"}


async def test_a_guest_leaves_the_drawings_of_others_alone(artist, review, session):
    own = str(review.rows.person.id)
    kept = [drawing(stroke("theirs", createdBy=own), stroke("nobody's"))]
    await session.execute(
        update(PreviewFile).where(PreviewFile.id == review.preview.id).values(annotations=kept)
    )
    await session.commit()
    evil = stroke("theirs", left=666)
    attempts = [
        {"updates": [drawing(evil)]},
        {"additions": [drawing(evil)]},
        {"deletions": [{"time": 0.0, "objects": ["theirs", "nobody's"]}]},
        {"deletions": ["theirs", {"objects": [{"id": "theirs"}]}]},
    ]
    for changes in attempts:
        drawn = await artist.draw(**changes)
        assert drawn["theirs"] == stroke("theirs", createdBy=own)
        assert "nobody's" in drawn


async def test_a_guest_draws_in_their_own_name(artist, review):
    drawn = await artist.draw(additions=[drawing(stroke("a", createdBy=str(review.rows.person.id)))])
    assert drawn["a"]["createdBy"] == artist.id


@pytest.mark.parametrize(
    "changes",
    [
        {"additions": [{}]},
        {"additions": [{"drawing": 7}]},
        {"additions": [drawing("x", 7, None)]},
        {"updates": [{"drawing": {"objects": {"a": 1}}}]},
        {"deletions": [7, None, {"objects": 7}, {"objects": [[]]}, [[]]]},
        {"additions": [drawing(stroke("a"), time="soon")]},
    ],
)
async def test_drawings_of_nonsense_break_nothing(artist, review, changes):
    wish = {"guest_id": artist.id, "preview_file_id": str(review.preview.id), **changes}
    answer = await artist.browser.put(f"{review.path}/annotations", json=wish)
    assert answer.status_code in (200, 400)


@pytest.mark.parametrize("changes", [{"additions": 7}, {"updates": [7]}, {"additions": [{}] * 1001}])
async def test_drawings_that_are_none_are_refused(artist, review, changes):
    wish = {"guest_id": artist.id, "preview_file_id": str(review.preview.id), **changes}
    assert (await artist.browser.put(f"{review.path}/annotations", json=wish)).status_code == 400
