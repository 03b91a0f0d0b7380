"""Guests of share links call every route: what their link shares is open to them, and nothing else."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import update

from kitsu_api.db.models import PlaylistShareLink
from kitsu_api.permissions.authentication import ACCESS_COOKIE
from kitsu_api.permissions.guard import PUBLIC_ROUTES, SHARED_PATHS
from tests import factories
from tests.permissions import walk
from tests.routers.sharing import Review, enter, say, share_link, stage

ROUTES = [(method, path) for method, path in walk.routes() if (method, path) not in PUBLIC_ROUTES]
KEYED = "/admin/"
"""Opened by a key of the operator, which nobody has here."""
ACCOUNTS = [(method, path) for method, path in ROUTES if not path.startswith((SHARED_PATHS, KEYED))]
SHARED = [(method, path) for method, path in ROUTES if path.startswith(SHARED_PATHS)]


def filled(path: str, **values: object) -> str:
    """A path with these values in it, and made-up ones elsewhere."""

    def value(match: re.Match[str]) -> str:
        return str(values.get(match[1]) or walk.SIMPLE.get(match[1]) or uuid4())

    return re.sub(r"{(\w+)}", value, path)


def tickets(browser: AsyncClient) -> list[str]:
    """What the browser of a guest holds."""
    return [cookie.value or "" for cookie in browser.cookies.jar]


@pytest.fixture
async def review(make) -> Review:
    return await stage(make)


def test_there_are_routes_of_both_kinds():
    assert len(SHARED) == 19
    assert len(ACCOUNTS) > 500


@pytest.mark.parametrize("part", range(walk.PARTS))
async def test_what_a_guest_holds_opens_no_route_of_accounts(browser, client, review, sign_in, make, part):
    mine = browser()
    await enter(mine, review)
    ticket, *_ = tickets(mine)
    known = await make(factories.guest(role="admin", data={"share_link_id": str(review.link.id)}))
    as_cookie = {"Cookie": f"{ACCESS_COOKIE}={ticket}"}
    held = ({"Authorization": f"Bearer {ticket}"}, as_cookie, sign_in(known))
    headers = [{"Tus-Resumable": "1.0.0", **one} for one in held]
    ids = {
        "project_id": review.rows.project.id,
        "task_id": review.rows.task.id,
        "entity_id": review.rows.entity.id,
        "asset_id": review.rows.entity.id,
        "person_id": review.rows.person.id,
        "preview_file_id": review.preview.id,
        "instance_id": review.preview.id,
        "playlist_id": review.playlist.id,
        "token": review.link.token,
    }
    opened = []
    for method, path in ACCOUNTS[part :: walk.PARTS]:
        body = None if method in ("GET", "DELETE") else {}
        asked = filled(path, **ids)
        answers = [await client.request(method, asked, json=body, headers=one) for one in headers]
        opened += [
            f"{method} {path}: {one.status_code}" for one in answers if one.status_code not in (401, 403)
        ]
    assert opened == []


@pytest.fixture
async def visit(browser, review):
    """A browser whose guest has said something, and all that a path may name of that."""
    mine = browser()
    guest = await enter(mine, review)
    comment = await say(mine, review, guest)
    sent = await mine.post(
        f"{review.comments}/{comment['id']}/attachments",
        data={"guest_id": guest["id"]},
        files={"file": ("a.txt", b"x")},
    )
    names = {
        "preview_file_id": review.preview.id,
        "comment_id": comment["id"],
        "attachment_file_id": sent.json()["attachment_files"][0]["id"],
        "person_id": guest["id"],
        "extension": "png",
        "file_name": "a.txt",
    }
    return mine, guest, names


def body_of(review: Review, guest: dict[str, str], method: str) -> dict[str, str] | None:
    """A body that fits every route of guests."""
    if method == "GET":
        return None
    return {**review.wish(guest), "preview_file_id": str(review.preview.id)}


async def walked(mine, review, guest, names, token):
    """Statuses of all routes of guests, by method and path."""
    return {
        (method, path): (
            await mine.request(
                method, filled(path, **{**names, "token": token}), json=body_of(review, guest, method)
            )
        ).status_code
        for method, path in SHARED
    }


async def test_a_guest_reaches_nothing_by_a_link_that_is_closed(visit, review, session):
    mine, guest, names = visit
    change = update(PlaylistShareLink).where(PlaylistShareLink.id == review.link.id)
    await session.execute(change.values(is_active=False))
    await session.commit()
    assert set((await walked(mine, review, guest, names, review.link.token)).values()) == {404}


async def test_a_guest_reaches_nothing_of_theirs_by_the_link_of_another_playlist(visit, review, make):
    mine, guest, names = visit
    other = await stage(make)
    answers = await walked(mine, review, guest, names, other.link.token)
    own = {f"/shared/playlists/{{token}}{path}" for path in ("", "/context", "/comments", "/guest")}
    reached = {
        (method, path): status
        for (method, path), status in answers.items()
        if status < 400 and not (path in own and (method == "GET" or path.endswith("/guest")))
    }
    assert reached == {}
    listed = await mine.get(f"/shared/playlists/{other.link.token}/comments")
    assert listed.json() == []


async def test_a_guest_changes_nothing_by_another_link_of_the_same_playlist(visit, review, make):
    mine, guest, names = visit
    other = await make(share_link(review.playlist, review.rows.person))
    answers = await walked(mine, review, guest, names, other.token)
    written = {key: status for key, status in answers.items() if key[0] != "GET"}
    assert written.pop(("POST", "/shared/playlists/{token}/guest")) == 201
    # a form is not JSON; it is refused for that or for the guest
    assert set(written.values()) == {403}


async def test_a_stranger_with_the_link_changes_nothing_of_a_guest(visit, browser, review):
    _, guest, names = visit
    answers = await walked(browser(), review, guest, names, review.link.token)
    written = {key: status for key, status in answers.items() if key[0] != "GET"}
    assert written.pop(("POST", "/shared/playlists/{token}/guest")) == 201
    assert set(written.values()) == {403}
