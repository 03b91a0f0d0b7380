"""Share links: who makes them, what is kept of them, and whom they are mailed to."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from kitsu_api.db.base import now
from kitsu_api.db.models import PlaylistShareLink
from kitsu_api.db.repositories.playlist_sharing import SharedLink, ShareLinks
from kitsu_api.services.mail_texts import Reader, share_invitation, shared_link
from kitsu_api.settings import Settings
from kitsu_api.workers.jobs.mails import send_share_invitation
from tests import factories
from tests.routers.sharing import PASSWORD, share_link, stage

UNKNOWN = "5f0c1e6a-0000-4000-8000-000000000000"
"""An id of nothing."""


@pytest.fixture
async def review(make):
    return await stage(make)


def links(review, *parts: str) -> str:
    return "/".join((f"/data/playlists/{review.playlist.id}/share", *parts))


async def test_a_link_is_made_listed_and_revoked(client, as_role, review, session):
    headers = await as_role("manager", on=review.rows.project)
    payload = {"can_comment": False, "expiration_date": "2030-01-02T03:04:05"}
    made = await client.post(links(review), json=payload, headers=headers)
    assert made.status_code == 201
    link = made.json()
    assert link["can_comment"] is False
    assert link["has_password"] is False
    assert link["expiration_date"] == "2030-01-02T03:04:05"
    assert link["created_by"] == str(headers.person.id)
    assert UUID(link["token"]).version == 4
    assert "password" not in link
    listed = (await client.get(links(review), headers=headers)).json()
    assert [one["token"] for one in listed] == [review.link.token, link["token"]]
    revoked = await client.delete(links(review, link["token"]), headers=headers)
    assert (revoked.status_code, revoked.json()["is_active"]) == (200, False)
    left = (await client.get(links(review), headers=headers)).json()
    assert [one["token"] for one in left] == [review.link.token]


async def test_a_password_is_kept_hashed_and_never_shown(client, as_role, review, session):
    headers = await as_role("admin")
    made = (await client.post(links(review), json={"password": PASSWORD}, headers=headers)).json()
    listed = await client.get(links(review), headers=headers)
    assert made["has_password"] is True
    assert "$2b$" not in listed.text
    assert PASSWORD not in listed.text
    kept = await session.scalar(select(PlaylistShareLink).where(PlaylistShareLink.token == made["token"]))
    assert kept.password.startswith("$2b$")


@pytest.mark.parametrize(
    "payload",
    [{"password": "x" * 73}, {"password": "a\x00b"}, {"expiration_date": "soon"}, {"can_comment": None}],
)
async def test_a_link_that_makes_no_sense_is_refused(client, as_role, review, session, payload):
    answer = await client.post(links(review), json=payload, headers=await as_role("admin"))
    assert answer.status_code == 400
    assert len((await session.scalars(select(PlaylistShareLink))).all()) == 1


async def test_a_playlist_of_no_production_is_not_shared(client, as_role, make, review):
    loose = await make(factories.playlist(review.rows.project, project_id=None))
    answer = await client.post(f"/data/playlists/{loose.id}/share", json={}, headers=await as_role("admin"))
    assert answer.status_code == 400


@pytest.mark.parametrize("role", ["manager", "supervisor", "user", "vendor", "client"])
@pytest.mark.parametrize("where", ["own", "other"])
async def test_links_are_for_those_who_may_change_the_playlist(client, as_role, make, review, role, where):
    other = await make(factories.project())
    headers = await as_role(role, on=review.rows.project if where == "own" else other)
    expected = where == "own" and role in ("manager", "supervisor")  # nobody owns the playlist
    calls = [
        ("GET", links(review), None),
        ("POST", links(review), {}),
        ("POST", links(review, review.link.token, "invite"), {"emails": ["ada@example.com"]}),
        ("DELETE", links(review, review.link.token), None),
    ]
    for method, path, body in calls:
        answer = await client.request(method, path, json=body, headers=headers)
        assert (answer.status_code < 300) is expected, (method, path, answer.text)
        assert expected or answer.status_code == 403


async def test_a_supervisor_does_not_share_what_somebody_else_made(client, as_role, make, review):
    owned = await make(factories.playlist(review.rows.project, created_by=review.rows.person.id))
    headers = await as_role("supervisor", on=review.rows.project)
    assert (await client.get(f"/data/playlists/{owned.id}/share", headers=headers)).status_code == 403


@pytest.mark.parametrize("method", ["DELETE", "POST"])
async def test_a_link_is_found_under_its_own_playlist_only(client, as_role, make, review, session, method):
    other = await make(factories.playlist(review.rows.project))
    path = f"/data/playlists/{other.id}/share/{review.link.token}" + ("/invite" if method == "POST" else "")
    body = {"emails": ["ada@example.com"]} if method == "POST" else None
    answer = await client.request(method, path, json=body, headers=await as_role("admin"))
    assert answer.status_code == 404
    link = await session.get(PlaylistShareLink, review.link.id)
    assert link.is_active


@pytest.mark.parametrize("token", ["nothing", "%00", UNKNOWN, "x" * 300])
async def test_a_token_that_is_none_is_not_found(client, as_role, review, token):
    assert (await client.delete(links(review, token), headers=await as_role("admin"))).status_code == 404


# --- invitations ------------------------------------------------------------------------------------


def mailed(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.getMessage().startswith("Mail to")]


async def test_a_link_is_mailed_to_each_reviewer_once(client, as_role, make, review, caplog):
    person, sender = (
        factories.person(email="Bob@example.com"),
        await as_role("manager", on=review.rows.project, first_name="Max", last_name="Manager"),
    )
    await make(person)
    payload = {
        "emails": ["alice@example.com", "ALICE@example.com", " bob@example.com "],
        "person_ids": [str(person.id)],
        "message": "Until Friday,\nplease",
    }
    with caplog.at_level(logging.INFO):
        answer = await client.post(links(review, review.link.token, "invite"), json=payload, headers=sender)
    assert answer.json() == {"sent": ["alice@example.com", "bob@example.com"]}
    first, second = mailed(caplog)
    assert "alice@example.com" in first
    assert "bob@example.com" in second
    for word in (review.link.token, review.playlist.name, review.rows.project.name, "Max Manager", "please"):
        assert word in first


@pytest.mark.parametrize(
    "payload",
    [
        {"emails": ["not-an-email"]},
        {"emails": ["a@example.com\nBcc: b@example.com"]},
        {"emails": [], "person_ids": []},
        {},
        {"person_ids": [UNKNOWN]},
        {"emails": [f"{number}@example.com" for number in range(101)]},
        {"emails": ["a@example.com"], "message": "x" * 4001},
    ],
)
async def test_an_invitation_of_nobody_is_refused_and_nobody_is_mailed(
    client, as_role, review, caplog, payload
):
    with caplog.at_level(logging.INFO):
        answer = await client.post(
            links(review, review.link.token, "invite"), json=payload, headers=await as_role("admin")
        )
    assert answer.status_code == 400
    assert not mailed(caplog)


@pytest.mark.parametrize("kind", ["bot", "guest", "closed", "without e-mail"])
async def test_who_can_not_be_mailed_is_told_of(client, as_role, make, review, kind):
    people = {
        "bot": factories.bot(),
        "guest": factories.guest(),
        "closed": factories.person(active=False),
        "without e-mail": factories.person(email=None),
    }
    person = await make(people[kind])
    payload = {"person_ids": [str(person.id)]}
    answer = await client.post(
        links(review, review.link.token, "invite"), json=payload, headers=await as_role("admin")
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("values", [{"is_active": False}, {"expiration_date": datetime(2020, 1, 1)}])
async def test_a_closed_link_is_mailed_to_nobody(client, as_role, make, review, values):
    closed = await make(share_link(review.playlist, review.rows.person, **values))
    answer = await client.post(
        links(review, closed.token, "invite"),
        json={"emails": ["ada@example.com"]},
        headers=await as_role("admin"),
    )
    assert answer.status_code == 400


async def test_a_link_that_is_revoked_before_its_mail_leaves_is_not_mailed(app, review, session, caplog):
    context = {"job": app.state.jobs}
    wish = {"link_id": str(review.link.id), "email": "ada@example.com", "sender": "Max", "message": ""}
    await session.execute(
        update(PlaylistShareLink).where(PlaylistShareLink.id == review.link.id).values(is_active=False)
    )
    await session.commit()
    with caplog.at_level(logging.INFO):
        await send_share_invitation(context, **wish)
    assert not mailed(caplog)


async def test_mails_are_not_for_flooding(client, as_role, review, configure):
    configure(rate_limits=True)
    headers = await as_role("admin")
    path, payload = links(review, review.link.token, "invite"), {"emails": ["ada@example.com"]}
    statuses = {(await client.post(path, json=payload, headers=headers)).status_code for _ in range(31)}
    assert statuses == {200, 429}


SETTINGS = Settings.model_construct(domain_name="studio.example", domain_protocol="https")


@pytest.mark.parametrize("field", ["studio", "sender", "playlist", "project", "message"])
def test_nothing_in_an_invitation_is_markup(field):
    evil = "<img src=x onerror=alert(1)>"
    words = {"studio": "S", "sender": "Max", "playlist": "P", "project": "F", "message": "Hi", field: evil}
    shared = SharedLink("to/ken", words["playlist"], words["project"], now() + timedelta(days=1), True)
    mail = share_invitation(
        SETTINGS, words["studio"], Reader("a@b.ch", None, None), words["sender"], shared, words["message"]
    )
    assert "<img" not in mail.html
    assert "https://studio.example/shared/playlists/to%2Fken" in mail.text
    assert "password" in mail.text
    assert "to/ken" not in repr(shared)


def test_the_address_of_a_shared_playlist_is_one_word():
    assert shared_link(SETTINGS, "a b?c").endswith("/a%20b%3Fc")


async def test_a_token_that_only_begins_like_a_link_opens_nothing(session, make):
    project, maker = await make(factories.project(), factories.person())
    playlist = await make(factories.playlist(project))
    token = "abcdefgh" + "x" * 35
    await make(PlaylistShareLink(playlist_id=playlist.id, token=token, created_by=maker.id))
    links = ShareLinks(session)
    assert (await links.open(token)) is not None
    for wrong in (token[:-1] + "y", token[:8], token[:8] + "%", "%", "", token + "x"):
        assert await links.open(wrong) is None, wrong
