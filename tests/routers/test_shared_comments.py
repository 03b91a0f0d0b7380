"""What guests of a share link read, say and attach."""

from __future__ import annotations

import io
from uuid import uuid4

import pytest
from sqlalchemy import select

from kitsu_api.db.models import ApiEvent, AttachmentFile, Comment, Notification, ProjectPersonLink, Task
from kitsu_api.services.file_kinds import HEAD, kind_by_content
from tests import factories
from tests.routers.sharing import enter, say, share_link, stage

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SCRIPT = b"<html><script>alert(document.cookie)</script></html>"


@pytest.fixture
async def review(make):
    return await stage(make)


@pytest.fixture
async def gina(browser, review):
    """A browser, and the guest who uses it."""
    mine = browser()
    return mine, await enter(mine, review)


async def texts(client, review):
    return {comment["text"] for comment in (await client.get(review.comments)).json()}


# --- reading ----------------------------------------------------------------------------------------


async def test_guests_read_what_is_for_clients_and_what_guests_of_the_link_say(client, gina, make, review):
    staff = review.rows.person
    await make(
        factories.comment(review.rows.task, staff, text="for clients", for_client=True),
        factories.comment(review.rows.task, staff, text="for us"),
    )
    mine, guest = gina
    await say(mine, review, guest, text="by a guest")
    found = (await client.get(review.comments)).json()
    assert [comment["text"] for comment in found] == ["by a guest", "for clients"]
    assert found[0]["person"]["is_guest"] is True
    assert found[1]["person"]["is_guest"] is False
    assert "email" not in found[1]["person"]


async def test_what_a_guest_says_again_under_one_key_is_said_once(client, gina, review):
    mine, guest = gina
    wish = review.wish(guest, text="Brighter.")
    headers = {"Idempotency-Key": "one"}
    first = await mine.post(review.comments, json=wish, headers=headers)
    second = await mine.post(review.comments, json=wish, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert len((await client.get(review.comments)).json()) == 1
    other = await mine.post(review.comments, json={**wish, "text": "Darker."}, headers=headers)
    assert other.status_code == 400


async def test_comments_on_other_tasks_of_the_entity_are_not_shared(client, make, review):
    rows = review.rows
    other = await make(factories.task(rows.entity, await make(factories.task_type()), rows.task_status))
    await make(factories.comment(other, rows.person, for_client=True))
    assert await texts(client, review) == set()


@pytest.mark.parametrize("isolated", [False, True])
async def test_clients_are_kept_apart_where_the_production_wants_that(client, browser, make, isolated):
    review = await stage(make, {"is_clients_isolated": isolated})
    film, task = review.rows.project, review.rows.task
    studio = await make(factories.studio())
    people = {
        "colleague": factories.person(role="client"),
        "of a studio": factories.person(role="client", studio_id=studio.id),
        "artist": factories.person(),
    }
    for name, person in people.items():
        await make(person)
        await make(ProjectPersonLink(project_id=film.id, person_id=person.id))
        await make(factories.comment(task, person, text=name))
    elsewhere = await make(share_link(review.playlist, review.rows.person))
    other = await make(factories.guest(role="client", data={"share_link_id": str(elsewhere.id)}))
    await make(factories.comment(task, other, text="guest of another link"))
    expected = set() if isolated else {"colleague", "guest of another link"}
    assert await texts(client, review) == expected


# --- saying -----------------------------------------------------------------------------------------


async def test_a_comment_of_a_guest_does_what_one_of_a_client_does(gina, make, review, session):
    mine, guest = gina
    retake = factories.task_status(is_client_allowed=True, is_retake=True)
    await make(retake)
    made = await say(mine, review, guest, task_status_id=str(retake.id), checklist=[{"text": "Lift"}])
    assert made["person"]["id"] == made["person_id"] == guest["id"]
    assert made["checklist"] == [{"text": "Lift"}]
    task = await session.get(Task, review.rows.task.id)
    assert (task.task_status_id, task.retake_count) == (retake.id, 1)
    told = (await session.scalars(select(Notification.person_id))).all()
    assert told == [review.rows.person.id]
    events = (await session.scalars(select(ApiEvent).where(ApiEvent.name == "comment:new"))).all()
    assert [event.user_id for event in events] == [None]


@pytest.mark.parametrize("status", ["closed", "unknown"])
async def test_guests_give_the_statuses_of_clients_alone(gina, review, session, status):
    mine, guest = gina
    id = review.closed_status.id if status == "closed" else uuid4()
    refused = await mine.post(review.comments, json=review.wish(guest, task_status_id=str(id)))
    assert refused.status_code == 400
    assert (await session.scalars(select(Comment))).all() == []


@pytest.mark.parametrize("left_out", ["guest_id", "task_id", "task_status_id"])
async def test_a_comment_says_who_and_on_what(gina, review, left_out):
    mine, guest = gina
    wish = review.wish(guest)
    del wish[left_out]
    assert (await mine.post(review.comments, json=wish)).status_code == 400


@pytest.mark.parametrize("values", [{"text": "a\x00b"}, {"text": "x" * 100_001}, {"checklist": 7}])
async def test_a_comment_that_can_not_be_stored_is_refused_or_kept_whole(gina, review, values):
    mine, guest = gina
    assert (await mine.post(review.comments, json=review.wish(guest, **values))).status_code in (201, 400)


async def test_a_link_to_look_lets_nobody_say_anything(browser, make):
    review = await stage(make, can_comment=False)
    mine = browser()
    guest = await enter(mine, review)
    comment = await make(factories.comment(review.rows.task, review.rows.person, for_client=True))
    calls = [
        ("POST", review.comments, review.wish(guest)),
        ("PUT", f"{review.comments}/{comment.id}", {"guest_id": guest["id"], "text": "x"}),
        ("DELETE", f"{review.comments}/{comment.id}", {"guest_id": guest["id"]}),
        ("POST", f"{review.comments}/{comment.id}/attachments", None),
        ("DELETE", f"{review.comments}/{comment.id}/attachments/{uuid4()}", {"guest_id": guest["id"]}),
        (
            "PUT",
            f"{review.path}/annotations",
            {"guest_id": guest["id"], "preview_file_id": str(review.preview.id)},
        ),
    ]
    for method, path, body in calls:
        assert (await mine.request(method, path, json=body)).status_code == 403, (method, path)
    assert (await mine.get(review.comments)).status_code == 200


async def test_a_guest_changes_their_own_comment(gina, review, session):
    mine, guest = gina
    made = await say(mine, review, guest)
    wish = {"guest_id": guest["id"], "text": "Lighter", "checklist": [{"text": "Blacks", "checked": False}]}
    changed = await mine.put(f"{review.comments}/{made['id']}", json=wish)
    assert changed.status_code == 200
    assert changed.json()["text"] == "Lighter"
    assert changed.json()["editor_id"] == guest["id"]
    kept = await session.get(Comment, made["id"])
    assert kept.checklist == wish["checklist"]
    left = await mine.put(f"{review.comments}/{made['id']}", json={"guest_id": guest["id"], "text": None})
    assert left.json()["text"] == "Lighter"


async def test_a_guest_can_not_change_what_they_may_not(gina, review, session):
    mine, guest = gina
    made = await say(mine, review, guest)
    wish = {
        "guest_id": guest["id"],
        "person_id": str(review.rows.person.id),
        "for_client": True,
        "pinned": True,
        "task_status_id": str(review.closed_status.id),
        "object_id": str(uuid4()),
    }
    assert (await mine.put(f"{review.comments}/{made['id']}", json=wish)).status_code == 200
    kept = await session.get(Comment, made["id"])
    assert str(kept.person_id) == guest["id"]
    assert (kept.for_client, kept.pinned) == (False, None)
    assert kept.task_status_id == review.rows.task_status.id
    assert kept.object_id == review.rows.task.id


async def test_a_guest_takes_their_own_comment_back(gina, review, session):
    mine, guest = gina
    made = await say(mine, review, guest)
    path = f"{review.comments}/{made['id']}"
    assert (await mine.request("DELETE", path, json={"guest_id": guest["id"]})).status_code == 204
    assert (await session.scalars(select(Comment))).all() == []
    assert (await mine.request("DELETE", path, json={"guest_id": guest["id"]})).status_code == 404
    assert (await mine.request("DELETE", path)).status_code == 400


# --- what is somebody else's ------------------------------------------------------------------------


async def attempts(mine, review, guest, comment_id, attachment_id=None):
    """The statuses of all that a guest may try on a comment: change, files, removal."""
    path, body = f"{review.comments}/{comment_id}", {"guest_id": guest["id"]}
    answers = [
        await mine.put(path, json={**body, "text": "hijacked"}),
        await mine.post(f"{path}/attachments", data=body, files={"file": ("a.txt", b"x")}),
        await mine.request("DELETE", f"{path}/attachments/{attachment_id or uuid4()}", json=body),
        await mine.request("DELETE", path, json=body),
    ]
    return {answer.status_code for answer in answers}


async def attach(mine, review, guest, comment_id, name="notes.txt", content=b"Some notes."):
    return await mine.post(
        f"{review.comments}/{comment_id}/attachments",
        data={"guest_id": guest["id"]},
        files={"file": (name, content)},
    )


async def test_a_guest_touches_nothing_of_another_guest(gina, browser, review, session):
    mine, guest = gina
    made = await say(mine, review, guest)
    file = (await attach(mine, review, guest, made["id"])).json()["attachment_files"][0]
    thief = browser()
    bob = await enter(thief, review, "Bob")
    assert await attempts(thief, review, bob, made["id"], file["id"]) == {403}
    assert await attempts(thief, review, guest, made["id"], file["id"]) == {403}, "by the id of the other"
    assert await attempts(browser(), review, guest, made["id"], file["id"]) == {403}, "without a ticket"
    kept = await session.get(Comment, made["id"])
    assert kept.text == "Too dark"
    assert len((await session.scalars(select(AttachmentFile))).all()) == 1


async def test_a_guest_touches_nothing_of_the_studio(gina, make, review):
    mine, guest = gina
    shown = await make(factories.comment(review.rows.task, review.rows.person, for_client=True))
    hidden = await make(factories.comment(review.rows.task, review.rows.person))
    assert await attempts(mine, review, guest, shown.id) == {403}
    assert await attempts(mine, review, guest, hidden.id) == {404}
    staff = {"id": str(review.rows.person.id)}
    assert await attempts(mine, review, staff, shown.id) == {403}


async def test_a_guest_speaks_by_no_other_link(gina, browser, make, review):
    mine, guest = gina
    made = await say(mine, review, guest)
    same_playlist = await make(share_link(review.playlist, review.rows.person))
    other = await stage(make)
    for token in (same_playlist.token, other.link.token):
        review.link.token = token
        assert await attempts(mine, review, guest, made["id"]) == {403}
        assert (await mine.post(review.comments, json=review.wish(guest))).status_code == 403


async def test_a_comment_is_looked_for_in_the_playlist_alone(gina, make, review):
    mine, guest = gina
    other = await stage(make)
    strange = await make(factories.comment(other.rows.task, other.rows.person, for_client=True))
    own = await make(factories.comment(other.rows.task, other.rows.person))
    for comment in (strange, own):
        assert await attempts(mine, review, guest, comment.id) == {404}


# --- files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("notes.txt", b"Some notes.", "text/plain"),
        ("table.csv", b"a;b\n", "text/csv"),
        ("frame.png", PNG, "image/png"),
        ("frame.png", SCRIPT, "text/plain"),
        ("page.html", SCRIPT, "text/plain"),
        ("drawing.svg", b"<svg onload='alert(1)'/>", "text/plain"),
        ("frame.jpg", PNG, "image/png"),
        ("movie.mp4", b"\x00\x00\x00\x18ftypisom", "video/mp4"),
        ("clip.mov", b"\x00\x00\x00\x14ftypqt  ", "video/quicktime"),
        ("book.pdf", b"%PDF-1.7", "application/pdf"),
        (
            "letter.docx",
            b"PK\x03\x04",
            DOCX,
        ),
        ("page.html", b"PK\x03\x04", "application/zip"),
        ("frame.png", b"\x00\x01\x02", "application/octet-stream"),
        ("empty.txt", b"\xff\xfe", "application/octet-stream"),
        ("long.txt", "é".encode() * HEAD, "text/plain"),
        ("long.txt", b"a" + "é".encode() * HEAD, "text/plain"),
    ],
)
def test_what_a_file_is_is_told_by_its_content(name, content, kind):
    assert kind_by_content(name, io.BytesIO(content)) == kind


async def test_a_file_of_a_guest_is_only_ever_downloaded(gina, client, review, session):
    mine, guest = gina
    made = await say(mine, review, guest)
    answer = await attach(mine, review, guest, made["id"], "frame.png", PNG)
    assert answer.status_code == 201
    (file,) = answer.json()["attachment_files"]
    assert (file["name"], file["extension"], file["size"]) == ("frame.png", "png", len(PNG))
    sent = await client.get(f"{review.path}/attachment-files/{file['id']}/file/frame.png")
    assert sent.content == PNG
    assert sent.headers["content-disposition"].startswith("attachment;")
    assert sent.headers["x-content-type-options"] == "nosniff"
    assert sent.headers["content-type"] == "image/png"
    assert "sandbox" in sent.headers["content-security-policy"]


async def test_a_page_of_a_guest_does_not_run_for_the_studio_either(gina, client, as_role, review):
    mine, guest = gina
    made = await say(mine, review, guest)
    (file,) = (await attach(mine, review, guest, made["id"], "a.html", SCRIPT)).json()["attachment_files"]
    path = f"/data/attachment-files/{file['id']}/file/a.html"
    sent = await client.get(path, headers=await as_role("manager", on=review.rows.project))
    assert sent.headers["content-type"].startswith("text/plain")
    assert sent.headers["x-content-type-options"] == "nosniff"


async def test_a_guest_removes_a_file_of_the_comment_that_it_hangs_on(gina, review, session):
    mine, guest = gina
    first, second = await say(mine, review, guest), await say(mine, review, guest)
    (file,) = (await attach(mine, review, guest, first["id"])).json()["attachment_files"]
    for comment, status in ((second, 404), (first, 204)):
        path = f"{review.comments}/{comment['id']}/attachments/{file['id']}"
        answer = await mine.request("DELETE", path, json={"guest_id": guest["id"]})
        assert answer.status_code == status
    assert (await session.scalars(select(AttachmentFile))).all() == []


async def test_files_of_what_guests_do_not_read_are_not_shared(client, make, review):
    hidden = await make(factories.comment(review.rows.task, review.rows.person))
    file = await make(AttachmentFile(id=uuid4(), name="plans.pdf", comment_id=hidden.id))
    path = f"{review.path}/attachment-files/{file.id}/file/plans.pdf"
    assert (await client.get(path)).status_code == 404


async def test_what_guests_send_has_a_limit_of_its_own(gina, review, configure, session):
    configure(max_guest_upload_mb=1)
    mine, guest = gina
    made = await say(mine, review, guest)
    large = await attach(mine, review, guest, made["id"], "a.bin", b"\x00" * (1024 * 1024 + 1))
    assert large.status_code == 413
    assert (await session.scalars(select(AttachmentFile))).all() == []


@pytest.mark.parametrize(
    ("data", "files"),
    [({}, {"file": ("a.txt", b"x")}), ({"guest_id": "x"}, {"file": ("a.txt", b"x")}), (None, None)],
)
async def test_a_form_that_makes_no_sense_is_refused(gina, review, data, files):
    mine, guest = gina
    made = await say(mine, review, guest)
    path = f"{review.comments}/{made['id']}/attachments"
    values = {"guest_id": guest["id"]} if data is None else data
    assert (await mine.post(path, data=values, files=files)).status_code == 400


async def test_nothing_is_read_from_who_has_no_link(client, review):
    path = f"/shared/playlists/{uuid4()}/comments/{uuid4()}/attachments"
    answer = await client.post(path, content=b"not a form", headers={"content-type": "multipart/form-data"})
    assert answer.status_code == 404


async def test_words_of_guests_have_a_limit(gina, review, configure):
    configure(rate_limits=True)
    mine, guest = gina
    wish = review.wish(guest, task_id=str(uuid4()))
    statuses = {(await mine.post(review.comments, json=wish)).status_code for _ in range(121)}
    assert statuses == {403, 429}
