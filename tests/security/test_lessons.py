"""What went wrong in servers of this kind, one test for each class of fault."""

from __future__ import annotations

import io
import logging
import time
from datetime import datetime
from types import SimpleNamespace
from uuid import uuid4

import pytest
from httpx import ASGITransport, AsyncClient
from jose import jwt
from pydantic import SecretStr, ValidationError
from sqlalchemy import func, select

from kitsu_api.app import create_app
from kitsu_api.db.models import (
    Milestone,
    Organisation,
    Person,
)
from kitsu_api.permissions import tokens
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.realtime.review_rooms import ReviewRooms
from kitsu_api.settings import Settings
from tests import factories
from tests.routers import sharing

SCRIPT = b"<script>alert(1)</script>"
SECRETS = ("password", "totp_secret", "email_otp_secret", "otp_recovery_codes", "fido_credentials", "jti")


@pytest.fixture
async def film(make):
    rows = factories.production()
    await make(*rows)
    return rows


async def log_in(client, person, password=factories.PASSWORD, **headers):
    return await client.post(
        "/auth/login", json={"email": person.email, "password": password}, headers=headers
    )


async def say(client, film, headers):
    path = f"/actions/tasks/{film.task.id}/comment"
    body = {"task_status_id": str(film.task_status.id), "comment": "Hello"}
    answer = await client.post(path, json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def attach(client, film, headers, name, content, kind="text/html"):
    made = await say(client, film, headers)
    path = f"/actions/tasks/{film.task.id}/comments/{made['id']}/add-attachment"
    answer = await client.post(path, files=[("file", (name, io.BytesIO(content), kind))], headers=headers)
    assert answer.status_code == 201, answer.text
    return {**answer.json()[0], "comment_id": made["id"]}


async def test_token_forgery(client, make, settings, monkeypatch):
    for variable in ("SECRET_KEY", "KITSU_SECRET_KEY"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(RuntimeError, match="SECRET_KEY is not set"):
        Settings(secret_key=None).signing_key()
    with pytest.raises(ValidationError, match="shorter"):
        Settings(secret_key=SecretStr("mysecretkey"))
    person = await make(factories.person(role="admin"))
    claims = jwt.get_unverified_claims(tokens.issue(settings, person.id))
    for key in ("mysecretkey", "another key of at least thirty-two bytes"):
        forged = jwt.encode(claims, key, algorithm="HS256")
        answer = await client.get("/data/persons", headers={"Authorization": f"Bearer {forged}"})
        assert answer.status_code in (401, 422)


@pytest.mark.parametrize("query", ["", "?with_pass_hash=true", "?relations=true", "?with_pass_hash=1&page=1"])
async def test_secret_exposure(client, as_role, make, query):
    person = await make(
        factories.person(
            totp_secret="JBSWY3DPEHPK3PXP", email_otp_secret="KRSXG5A=", otp_recovery_codes=[b"x"], jti="abc"
        )
    )
    admin = await as_role("admin")
    texts = [
        (await client.get(f"/data/persons{query}", headers=admin)).text,
        (await client.get(f"/data/persons/{person.id}{query}", headers=admin)).text,
        (await log_in(client, person)).text,
    ]
    for text in texts:
        assert person.email in text or "login" in text
        for name in SECRETS:
            assert f'"{name}":' not in text
        assert "JBSWY3DPEHPK3PXP" not in text
        assert "$2b$" not in text


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("persons", "daily_salary=320"),
        ("persons", "login_failed_attemps=5"),
        ("persons", "totp_secret=JBSWY3DPEHPK3PXP"),
        ("organisations", "chat_token_slack=xoxb"),
    ],
)
async def test_filter_oracle(client, as_role, make, path, query):
    await make(
        factories.person(daily_salary=320, login_failed_attemps=5, totp_secret="JBSWY3DPEHPK3PXP"),
        factories.organisation(chat_token_slack="xoxb"),
    )
    answer = await client.get(f"/data/{path}?{query}", headers=await as_role("user"))
    assert answer.status_code == 400


@pytest.mark.parametrize("name", ["page.html", "picture.svg", "page.xhtml", "script.js", "picture.png"])
async def test_stored_xss(client, as_role, film, name):
    manager = await as_role("manager", on=film.project)
    file = await attach(client, film, manager, name, SCRIPT)
    sent = await client.get(f"/data/attachment-files/{file['id']}/file/{name}", headers=manager)
    assert sent.headers["content-type"].partition(";")[0] in (
        "application/octet-stream",
        "text/plain",
        "image/png",
    )
    assert sent.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in sent.headers["content-security-policy"]


async def test_html_injection_in_mail(client, make, caplog):
    person = await make(factories.person(first_name="<script>bob</script>"))
    with caplog.at_level(logging.INFO):
        headers = {"X-Forwarded-For": "<script>alert(1)</script>", "User-Agent": "<script>x</script>"}
        await client.post("/auth/reset-password", json={"email": person.email}, headers=headers)
    told = "\n".join(record.getMessage() for record in caplog.records)
    assert person.email in told
    assert "<script>alert" not in told
    assert "<script>x" not in told


async def test_a_child_is_not_reached_through_another_parent(client, as_role, make, film):
    other = factories.production()
    await make(*other)
    admin = await as_role("admin", on=[film.project, other.project])
    made = await say(client, film, admin)
    file = await attach(client, film, admin, "notes.txt", b"x", "text/plain")
    budget = (
        await client.post(
            f"/data/projects/{film.project.id}/budgets", json={"name": "A", "currency": "EUR"}, headers=admin
        )
    ).json()
    await client.post(f"/actions/user/chats/{film.entity.id}/join", headers=admin)
    await client.post(f"/actions/user/chats/{other.entity.id}/join", headers=admin)
    message = await client.post(
        f"/data/entities/{film.entity.id}/chat/messages", json={"message": "Hello"}, headers=admin
    )
    task = "/data/tasks/{0.task.id}/comments/"
    paths = (
        task + made["id"],
        task + f"{file['comment_id']}/attachments/{file['id']}",
        "/data/projects/{0.project.id}/budgets/" + budget["id"],
        "/data/entities/{0.entity.id}/chat/messages/" + message.json()["id"],
    )
    for path in paths:
        wrong = await client.delete(path.format(other), headers=admin)
        assert wrong.status_code in (400, 403, 404), path
    for path in paths:  # they are still there, under the parent that they have
        assert (await client.delete(path.format(film), headers=admin)).status_code == 204, path


async def test_mass_assignment(client, as_role, make, film, session):
    other = await make(factories.project())
    manager = await as_role("manager", on=film.project)
    body = {"project_id": str(other.id), "name": "Tree"}
    for path in (f"entities/{film.entity.id}", f"tasks/{film.task.id}"):
        await client.put(f"/data/{path}", json=body, headers=manager)
    for path in (f"entities/{film.entity.id}", f"tasks/{film.task.id}"):
        row = (await client.get(f"/data/{path}", headers=manager)).json()
        assert row["project_id"] == str(film.project.id)
    artist = await as_role("user", on=film.project)
    wish = {"role": "admin", "active": True, "is_bot": True, "password": "x", "jti": "y"}
    await client.put(f"/data/persons/{artist.person.id}", json=wish, headers=artist)
    person = await session.get(Person, artist.person.id, populate_existing=True)
    assert (person.role, bool(person.is_bot), person.password) == ("user", False, artist.person.password)


@pytest.mark.parametrize("role", ["user", "supervisor", "client", "vendor"])
async def test_list_and_single_do_not_drift_apart(client, as_role, make, film, role):
    playlist = await make(factories.playlist(film.project))
    studio = await make(Organisation(id=uuid4(), name="Kitsu", chat_token_slack="xoxb-secret"))
    stranger = await as_role(role, on=await make(factories.project()))
    for path, id in (
        ("playlists", playlist.id),
        ("entities", film.entity.id),
        ("tasks", film.task.id),
        ("projects", film.project.id),
    ):
        listed = await client.get(f"/data/{path}", headers=stranger)
        assert str(id) not in listed.text, path
        single = await client.get(f"/data/{path}/{id}", headers=stranger)
        assert single.status_code in (403, 404), path
    for path in ("organisations", f"organisations/{studio.id}"):
        assert "xoxb-secret" not in (await client.get(f"/data/{path}", headers=stranger)).text
    found = await client.post("/data/search", json={"query": film.entity.name}, headers=stranger)
    assert str(film.entity.id) not in found.text
    cast = await client.get(f"/data/assets/{film.entity.id}/cast-in", headers=stranger)
    assert cast.status_code in (403, 404)


async def test_the_role_on_the_production_counts(client, as_role, film):
    path = f"/data/projects/{film.project.id}/budgets"
    demoted = await as_role("manager", on=film.project, role_on="user")
    assert (await client.get(path, headers=demoted)).status_code == 403
    promoted = await as_role("user", on=film.project, role_on="manager")
    assert (await client.get(path, headers=promoted)).status_code == 200


async def test_nobody_is_served_what_was_made_for_another(client, as_role, film):
    """Who may see everything asks first, and twice: whatever is kept must be kept for them alone."""
    admin = await as_role("admin")
    stranger = await as_role("user")
    for path in (
        "/data/tasks",
        "/data/projects/open",
        "/data/assets/with-tasks",
        "/data/user/context",
        f"/data/projects/{film.project.id}",
    ):
        for _ in range(2):
            await client.get(path, headers=admin)
        assert str(film.project.id) not in (await client.get(path, headers=stranger)).text, path
        assert (await client.get(path, headers=admin)).status_code == 200


async def test_guest_impersonation(browser, make):
    review = await sharing.stage(make)
    elsewhere = await make(sharing.share_link(review.playlist, review.rows.person))
    mine = browser()
    guest = (await mine.post(f"/shared/playlists/{elsewhere.token}/guest", json={})).json()
    assert (await mine.post(review.comments, json=review.wish(guest))).status_code == 403
    stranger = browser()
    here = await sharing.enter(mine, review)
    assert (await stranger.post(review.comments, json=review.wish(here))).status_code == 403


async def test_privileged_import(client, as_role, film, session, settings):
    manager = await as_role("manager", on=film.project)
    row = {"id": str(uuid4()), "name": "Delivery", "type": "Milestone", "project_id": str(film.project.id)}
    await client.post("/import/kitsu/milestones", json=[row], headers=manager)
    assert await session.get(Milestone, row["id"]) is None
    artist = await as_role("user", on=film.project)
    sheet = {"file": ("a.csv", b"Type,Name\nProps,Oak\n", "text/csv")}
    answer = await client.post(f"/import/csv/projects/{film.project.id}/assets", files=sheet, headers=artist)
    assert answer.status_code == 403
    assert not [path for path in settings.data_dir.rglob("*") if path.is_file()]


async def test_timing_and_lockout(client, make, configure, session):
    configure(bcrypt_log_rounds=10)
    known = await make(factories.person(password=factories.PASSWORD))
    unknown = factories.person()
    checks = []
    for person in (known, unknown):
        began = time.perf_counter()
        assert (await log_in(client, person, "a wrong one")).status_code == 400
        checks.append(time.perf_counter() - began)
    # a hash of 2^10 rounds takes tens of milliseconds: an account that isn't there must take it too
    assert checks[1] > 0.02
    locked = await make(factories.person(login_failed_attemps=5, last_login_failed=datetime(2026, 1, 1)))
    assert (await log_in(client, locked)).status_code == 200


async def test_a_second_factor_is_not_removed_without_proof(client, make, sign_in, session):
    device = [{"device_name": "Blue key"}]
    person = await make(
        factories.person(
            fido_enabled=True, fido_credentials=device, totp_enabled=True, totp_secret="JBSWY3DP"
        )
    )
    headers = sign_in(person)
    for path, body in (("/auth/fido", {"device_name": "Blue key"}), ("/auth/totp", {})):
        answer = await client.request("DELETE", path, json=body, headers=headers)
        assert answer.status_code == 400
    row = await session.get(Person, person.id, populate_existing=True)
    assert (row.fido_enabled, row.totp_enabled) == (True, True)


@pytest.mark.parametrize("path", ["/auth/saml/login", "/auth/oidc/login"])
async def test_single_sign_on_tells_no_internals(client, session, path):
    before = await session.scalar(select(func.count()).select_from(Person))
    answer = await client.get(path)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "message"}
    for call in (
        client.post("/auth/saml/sso", data={"SAMLResponse": "PHg+"}),
        client.get("/auth/oidc/callback?code=x&state=y"),
    ):
        finished = await call
        assert finished.status_code in (400, 401, 403)
        assert "access_token" not in finished.text
    assert await session.scalar(select(func.count()).select_from(Person)) == before


async def test_cors_caches_and_frames(client, as_role, settings):
    app = create_app(settings.model_copy(update={"cors_allowed_origins": ("*",)}))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as anywhere:
        answer = await anywhere.get("/config-that-is-none", headers={"Origin": "https://evil.example"})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
    closed = await client.get("/data/departments", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in closed.headers
    answer = await client.get("/data/persons", headers=await as_role("admin"))
    assert answer.headers["cache-control"].startswith("private")
    assert "frame-ancestors" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(("role", "on_the_team", "enters"), [("user", True, True), ("user", False, False)])
async def test_a_room_of_a_playlist_is_for_those_who_see_it(
    make, film, sessions, valkey, role, on_the_team, enters
):
    playlist = await make(factories.playlist(film.project))
    entered = []

    async def enter(_sid, room):
        entered.append(room)

    async def nothing(*_arguments):
        return None

    doors = SimpleNamespace(enter_room=enter, leave_room=nothing)
    rooms = ReviewRooms(sessions, valkey, 30, doors, nothing)
    projects = {film.project.id: Role(role)} if on_the_team else {}
    actor = Actor(uuid4(), Role(role), project_roles=projects)
    for event in ("open-playlist", "join", "update-playback-status"):
        answer = await rooms.handle("a", actor, f"preview-room:{event}", {"playlist_id": str(playlist.id)})
        assert ("error" not in answer) is enters
    assert bool(entered) is enters


@pytest.mark.parametrize("name", ["../../../etc/passwd", "..\\..\\win.ini", "/etc/passwd", "a\x00b.txt"])
async def test_paths_and_disk(client, as_role, film, settings, name):
    manager = await as_role("manager", on=film.project)
    made = await say(client, film, manager)
    path = f"/actions/tasks/{film.task.id}/comments/{made['id']}/add-attachment"
    await client.post(path, files=[("file", (name, io.BytesIO(b"x"), "text/plain"))], headers=manager)
    outside = [
        file
        for file in settings.data_dir.rglob("*")
        if file.is_file() and settings.previews / "files" not in file.parents
    ]
    assert outside == []


@pytest.mark.parametrize("password", ["x" * 73, "é" * 40, "x" * 5_000])
async def test_bcrypt_takes_72_bytes(client, make, sign_in, password):
    person = await make(factories.person())
    assert (await log_in(client, person, password)).status_code == 400
    body = {"old_password": factories.PASSWORD, "password": password, "password_2": password}
    answer = await client.post("/auth/change-password", json=body, headers=sign_in(person))
    assert answer.status_code == 400
    assert (await log_in(client, person)).status_code == 200


async def test_what_was_open_by_design_is_closed(client, configure):
    assert (await client.get("/admin/config/check")).status_code == 404
    configure(admin_token=SecretStr("the key of operators"))
    for headers, status in (
        ({}, 401),
        ({"Authorization": "Bearer the key of operatorz"}, 403),
        ({"Authorization": "Bearer "}, 401),
    ):
        assert (await client.get("/admin/config/check", headers=headers)).status_code == status
    assert (await client.get("/admin/config/check?token=the%20key%20of%20operators")).status_code == 401
