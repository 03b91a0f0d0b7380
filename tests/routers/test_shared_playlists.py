"""What a share link opens, to whom, and for how long."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from kitsu_api.db.base import now
from kitsu_api.db.models import Person, Playlist, PlaylistShareLink
from kitsu_api.permissions import tokens
from kitsu_api.permissions.tokens import IdentityType
from tests import factories
from tests.routers.sharing import PASSWORD, enter, say, share_link, stage

UNKNOWN = "5f0c1e6a-0000-4000-8000-000000000000"
"""An id of nothing."""


@pytest.fixture
async def review(make):
    return await stage(make)


async def change(session, model, id, **values):
    await session.execute(update(model).where(model.id == id).values(**values))
    await session.commit()


# --- the link ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["nothing", "%00", UNKNOWN, "x" * 300, "'; drop table person; --"])
@pytest.mark.parametrize("path", ["", "/context", "/comments", f"/preview-files/{UNKNOWN}/download"])
async def test_a_token_that_is_none_opens_nothing(client, token, path):
    assert (await client.get(f"/shared/playlists/{token}{path}")).status_code == 404


async def test_a_link_is_closed_at_once_when_it_is_revoked(client, as_role, review):
    assert (await client.get(review.path)).status_code == 200
    share = f"/data/playlists/{review.playlist.id}/share/{review.link.token}"
    assert (await client.delete(share, headers=await as_role("admin"))).status_code == 200
    for path in ("", "/context", "/comments"):
        assert (await client.get(review.path + path)).status_code == 404
    assert (await client.post(f"{review.path}/guest", json={})).status_code == 404


async def test_a_link_is_closed_when_it_runs_out(client, review, session):
    await change(session, PlaylistShareLink, review.link.id, expiration_date=now() + timedelta(minutes=1))
    assert (await client.get(review.path)).status_code == 200
    await change(session, PlaylistShareLink, review.link.id, expiration_date=now() - timedelta(seconds=1))
    assert (await client.get(review.path)).status_code == 404


async def test_a_token_of_an_account_opens_no_more_than_the_link(client, as_role, review, session):
    await change(session, PlaylistShareLink, review.link.id, is_active=False)
    assert (await client.get(review.path, headers=await as_role("admin"))).status_code == 404


# --- its password -----------------------------------------------------------------------------------


@pytest.fixture
async def guarded(make):
    return await stage(make, password=PASSWORD)


@pytest.mark.parametrize("shown", [None, "", "wrong", "x" * 100, "a\x00b", PASSWORD.upper()])
async def test_without_the_password_a_link_is_as_good_as_none(client, guarded, shown):
    params = {} if shown is None else {"password": shown}
    for path in ("", "/context", "/comments", f"/preview-files/{guarded.preview.id}"):
        answer = await client.get(guarded.path + path, params=params)
        assert answer.status_code == 404
    unknown = await client.get(f"/shared/playlists/{uuid4()}", params=params)
    assert unknown.json() == answer.json()


async def test_the_password_is_taken_from_the_query_or_from_a_header(browser, guarded):
    assert (await browser().get(guarded.path, params={"password": PASSWORD})).status_code == 200
    answer = await browser().get(f"{guarded.path}/context", headers={"X-Share-Password": PASSWORD})
    assert answer.status_code == 200


async def test_a_browser_shows_the_password_once(browser, guarded):
    first, second = browser(), browser()
    await first.get(guarded.path, params={"password": PASSWORD})
    assert (await first.get(f"{guarded.path}/comments")).status_code == 200
    assert (await first.get(f"{guarded.path}/preview-files/{guarded.preview.id}")).status_code == 200
    assert (await second.get(f"{guarded.path}/comments")).status_code == 404


async def test_what_a_browser_keeps_goes_to_the_routes_of_the_link_alone(browser, guarded):
    answer = await browser().get(guarded.path, params={"password": PASSWORD})
    kept = answer.headers.get_list("set-cookie")
    assert {one.split("Path=")[1].split(";")[0] for one in kept} == {guarded.path, f"/api{guarded.path}"}
    assert all("HttpOnly" in one and "SameSite=strict" in one for one in kept)


async def test_a_browser_that_asks_below_the_prefix_is_known_there(browser, guarded):
    guest = browser()
    await guest.get(f"/api{guarded.path}", params={"password": PASSWORD})
    assert (await guest.get(f"/api{guarded.path}/comments")).status_code == 200


async def test_what_a_browser_keeps_is_of_this_link_and_this_password(browser, make, guarded, session):
    guest = browser()
    await guest.get(guarded.path, params={"password": PASSWORD})
    other = await make(share_link(guarded.playlist, guarded.rows.person, password=PASSWORD))
    kept = next(iter(guest.cookies.jar))
    guest.cookies.set(f"kitsu_share_{other.id.hex}", kept.value)
    assert (await guest.get(f"/shared/playlists/{other.token}")).status_code == 404
    hashed = factories.hashed("another one").decode()
    await change(session, PlaylistShareLink, guarded.link.id, password=hashed)
    assert (await guest.get(guarded.path)).status_code == 404


async def test_what_a_browser_keeps_can_not_be_made_up(browser, guarded, settings):
    name = f"kitsu_share_{guarded.link.id.hex}"
    forged = tokens.issue(settings, guarded.link.id)
    for value in ("x", "a.b.c", forged):
        guest = browser()
        guest.cookies.set(name, value)
        assert (await guest.get(guarded.path)).status_code == 404


async def test_what_a_browser_keeps_is_no_token_of_an_account(browser, guarded):
    guest = browser()
    await guest.get(guarded.path, params={"password": PASSWORD})
    kept = next(iter(guest.cookies.jar))
    answer = await browser().get("/data/persons", headers={"Authorization": f"Bearer {kept.value}"})
    assert answer.status_code == 422


async def test_a_password_can_be_guessed_a_few_times_only(client, browser, guarded, configure):
    configure(rate_limits=True)
    statuses = [
        (await client.get(guarded.path, params={"password": f"wrong {number}"})).status_code
        for number in range(12)
    ]
    assert statuses == [404] * 10 + [429] * 2
    right = await client.get(guarded.path, params={"password": PASSWORD})
    assert right.status_code == 429
    assert int(right.headers["Retry-After"]) > 0
    elsewhere = {"X-Forwarded-For": "203.0.113.9"}
    assert (
        await client.get(guarded.path, params={"password": PASSWORD}, headers=elsewhere)
    ).status_code == 200


async def test_a_right_password_can_be_shown_as_often_as_one_likes(browser, guarded, configure):
    configure(rate_limits=True)
    for _ in range(15):
        assert (await browser().get(guarded.path, params={"password": PASSWORD})).status_code == 200


# --- the playlist -----------------------------------------------------------------------------------


async def test_entries_tell_what_they_show(client, make, review):
    beside = await make(
        factories.preview_file(review.rows.task, review.rows.person, revision=1, position=2, extension="mp4")
    )
    await make(factories.preview_file(review.rows.task, review.rows.person, revision=2, position=1))
    found = (await client.get(review.path)).json()
    assert found["project_name"] == review.rows.project.name
    assert found["project_fps"] == "25"
    (entry,) = found["shots"]
    assert entry["id"] == entry["entity_id"] == str(review.rows.entity.id)
    assert entry["name"] == review.rows.entity.name
    assert entry["parent_name"] == review.rows.entity_type.name
    assert entry["preview_file_id"] == str(review.preview.id)
    assert entry["preview_file_task_id"] == str(review.rows.task.id)
    assert entry["preview_file_status"] == "Ready"
    assert [one["id"] for one in entry["preview_file_previews"]] == [str(beside.id)]
    assert entry["preview_file_task_type_name"] == review.rows.task_type.name
    assert entry["task_status_color"] == review.rows.task_status.color
    assert entry["preview_files"] == {}


async def test_a_shot_is_told_with_its_sequence(client, make, review, session):
    kind, film = await make(factories.entity_type(name="Shot")), review.rows.project
    holder = await make(factories.entity(film, await make(factories.entity_type(name="Sequence")), name="S1"))
    shot = await make(factories.entity(film, kind, name="P1", parent_id=holder.id))
    await change(session, Playlist, review.playlist.id, shots=[{"entity_id": str(shot.id)}])
    (entry,) = (await client.get(review.path)).json()["shots"]
    assert (entry["name"], entry["parent_name"]) == ("P1", "S1")


@pytest.mark.parametrize(
    "shots",
    [None, {}, "x", [None], ["x"], [{}], [{"id": 7}], [{"entity_id": "x", "preview_file_id": ["y"]}]],
)
async def test_a_playlist_of_nonsense_breaks_nothing(client, review, session, shots):
    await change(session, Playlist, review.playlist.id, shots=shots)
    for path in ("", "/context", "/comments"):
        assert (await client.get(review.path + path)).status_code == 200
    assert (await client.get(f"{review.path}/preview-files/{review.preview.id}")).status_code == 403


async def test_no_proxy_keeps_what_is_shared(client, review):
    for path in ("", "/context", "/comments"):
        assert (await client.get(review.path + path)).headers["cache-control"] == "private, no-cache"


async def test_what_clients_stored_in_entries_is_not_passed_on(client, review, session):
    stored = [{**review.playlist.shots[0], "note": "the client is a fool"}]
    await change(session, Playlist, review.playlist.id, shots=stored)
    assert "fool" not in (await client.get(review.path)).text


async def test_a_playlist_that_names_things_of_another_production_shows_none_of_them(
    client, browser, make, review, session
):
    secret = await stage(make)
    shots = [
        {"entity_id": str(secret.rows.entity.id), "preview_file_id": str(secret.preview.id)},
        {"entity_id": str(secret.rows.entity.id), "preview_file_task_id": str(secret.rows.task.id)},
    ]
    await make(factories.comment(secret.rows.task, secret.rows.person, for_client=True, text="secret"))
    await change(session, Playlist, review.playlist.id, shots=shots)
    text = (await client.get(review.path)).text
    for word in (secret.rows.entity.name, secret.rows.task_type.name, "Ready"):
        assert word not in text
    assert (await client.get(review.comments)).json() == []
    assert (await client.get(f"{review.path}/preview-files/{secret.preview.id}")).status_code == 403
    guest = browser()
    wish = review.wish(await enter(guest, review), task_id=str(secret.rows.task.id))
    assert (await guest.post(review.comments, json=wish)).status_code == 403


async def test_the_context_says_what_the_production_uses(client, make, review):
    await make(factories.task_status(), factories.task_type())
    found = (await client.get(f"{review.path}/context")).json()
    assert found["project"]["id"] == str(review.rows.project.id)
    assert found["project"]["team"] == []
    allowed = {status["id"]: status["is_client_allowed"] for status in found["task_statuses"]}
    assert allowed == {str(review.rows.task_status.id): True, str(review.closed_status.id): False}
    assert found["task_types"] == []


async def test_reading_takes_as_many_statements_for_many_entries_as_for_one(
    client, make, review, session, count_statements
):
    async def statements():
        counts = []
        for path in ("", "/context", "/comments"):
            with count_statements() as counted:
                assert (await client.get(review.path + path)).status_code == 200
            counts.append(counted.count)
        return counts

    before = await statements()
    entries = list(review.playlist.shots)
    for _ in range(5):
        tree = await make(factories.entity(review.rows.project, review.rows.entity_type))
        task = await make(factories.task(tree, review.rows.task_type, review.rows.task_status))
        preview = await make(factories.preview_file(task, review.rows.person))
        await make(factories.comment(task, review.rows.person, for_client=True))
        entries.append({"entity_id": str(tree.id), "preview_file_id": str(preview.id)})
    await change(session, Playlist, review.playlist.id, shots=entries)
    assert len((await client.get(review.path)).json()["shots"]) == 6
    assert await statements() == before
    assert max(before) <= 7


# --- guests -----------------------------------------------------------------------------------------


async def test_a_guest_is_a_client_whom_no_licence_counts(client, configure, review, session):
    configure(user_limit=0)
    answer = await client.post(f"{review.path}/guest", json={"first_name": " Gina ", "last_name": "Guest"})
    assert answer.status_code == 201
    guest = answer.json()
    assert (guest["full_name"], guest["role"], guest["is_guest"]) == ("Gina Guest", "client", True)
    assert guest["password"] is None
    kept = await session.get(Person, guest["id"])
    assert kept.password is None
    assert kept.email.endswith("@guest.kitsu")
    assert kept.data["share_link_id"] == str(review.link.id)


@pytest.mark.parametrize("name", [{}, {"first_name": ""}, {"first_name": None, "last_name": None}])
async def test_who_gives_no_name_is_called_guest(client, review, name):
    assert (await client.post(f"{review.path}/guest", json=name)).json()["full_name"] == "Guest"


@pytest.mark.parametrize("name", [{"first_name": "x" * 81}, {"first_name": "a\x00b"}, {"guest_id": "x"}])
async def test_a_name_that_can_not_be_stored_is_refused(client, review, name):
    assert (await client.post(f"{review.path}/guest", json=name)).status_code == 400


async def test_a_browser_that_comes_again_is_the_guest_of_before(browser, review, session):
    mine = browser()
    guest = await enter(mine, review)
    again = await mine.post(f"{review.path}/guest", json={"first_name": "X", "guest_id": guest["id"]})
    assert (again.status_code, again.json()["id"]) == (200, guest["id"])
    assert again.json()["first_name"] == "Gina"


async def test_who_only_knows_the_id_of_a_guest_becomes_another(browser, review):
    guest = await enter(browser(), review)
    other = await browser().post(f"{review.path}/guest", json={"guest_id": guest["id"]})
    assert other.status_code == 201
    assert other.json()["id"] != guest["id"]


async def test_a_guest_of_another_link_or_a_person_is_nobody_here(browser, make, review):
    elsewhere = await make(share_link(review.playlist, review.rows.person))
    mine = browser()
    answer = await mine.post(f"/shared/playlists/{elsewhere.token}/guest", json={})
    for id in (answer.json()["id"], str(review.rows.person.id)):
        welcomed = await mine.post(f"{review.path}/guest", json={"guest_id": id})
        assert welcomed.status_code == 201
        assert welcomed.json()["id"] != id
        said = await mine.post(review.comments, json=review.wish({"id": id}))
        assert said.status_code == 403


async def test_a_guest_of_an_adopted_database_speaks_by_the_id_alone(browser, make, review):
    known = await make(factories.guest(role="client", data={"share_link_id": str(review.link.id)}))
    assert await say(browser(), review, {"id": str(known.id)})
    again = await browser().post(f"{review.path}/guest", json={"guest_id": str(known.id)})
    assert (again.status_code, again.json()["id"]) == (200, str(known.id))


async def test_a_guest_whose_account_is_closed_says_no_more(browser, review, session):
    mine = browser()
    guest = await enter(mine, review)
    await change(session, Person, guest["id"], active=False)
    assert (await mine.post(review.comments, json=review.wish(guest))).status_code == 403


async def test_a_ticket_of_somebody_else_proves_nothing(browser, review, settings):
    guest = await enter(browser(), review)
    name = f"kitsu_guest_{review.link.id.hex}"
    others = await enter(browser(), review, "Bob")
    for value in (
        "x",
        tokens.issue(settings, others["id"], identity=IdentityType.GUEST),
        tokens.issue(settings, guest["id"], identity=IdentityType.PERSON),
    ):
        thief = browser()
        thief.cookies.set(name, value)
        assert (await thief.post(review.comments, json=review.wish(guest))).status_code == 403


async def test_guests_are_not_for_flooding(client, review, configure, session):
    configure(rate_limits=True)
    for _ in range(25):
        last = await client.post(f"{review.path}/guest", json={})
    assert last.status_code == 429
    query = select(func.count()).select_from(Person).where(Person.is_guest.is_(True))
    assert await session.scalar(query) == 20
