"""What admins do to accounts: invitations, passwords, departments, pictures, and removal with all work."""

from __future__ import annotations

import logging
from datetime import date, datetime
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from kitsu_api.db.models import ApiEvent, Comment, DayOff, DepartmentLink, Person, StoredFile, Task, TimeSpent
from tests import factories
from tests.routers.auth.steps import mails, reset_token

PASSWORD = "a new password of theirs"
GIVEN = {"password": PASSWORD, "password_2": PASSWORD}


def action(person, *parts) -> str:
    return "/".join([f"/actions/persons/{person.id}", *(str(part) for part in parts)])


async def sign_in_with(client, person, password) -> int:
    payload = {"email": person.email, "password": password}
    return (await client.post("/auth/login", json=payload)).status_code


async def choose(client, link, password) -> int:
    query = parse_qs(urlsplit(link).query)
    payload = {"email": query["email"][0], "token": query["token"][0]}
    answer = await client.put(
        "/auth/reset-password", json={**payload, "password": password, "password2": password}
    )
    return answer.status_code


# --- invitations ------------------------------------------------------------------------------------


async def test_who_has_no_password_is_mailed_a_link_to_choose_one(client, as_role, make, caplog):
    person, headers = await make(newcomer()), await as_role("admin")
    with caplog.at_level(logging.INFO):
        answer = await client.get(action(person, "invite"), headers=headers)
    assert answer.json() == {"success": True, "message": "Email sent"}
    (mail,) = mails(caplog)
    assert person.email in mail
    payload = {"email": person.email, "token": reset_token(mail), "password": PASSWORD, "password2": PASSWORD}
    assert (await client.put("/auth/reset-password", json=payload)).status_code == 200
    assert await sign_in_with(client, person, PASSWORD) == 200


def newcomer(**values) -> Person:
    """Somebody whom an admin has just added."""
    person = factories.person(**values)
    person.password = None
    return person


async def test_who_has_a_password_is_mailed_no_token(client, as_role, make, caplog):
    person, headers = await make(factories.person()), await as_role("admin")
    with caplog.at_level(logging.INFO):
        await client.get(action(person, "invite"), headers=headers)
    (mail,) = mails(caplog)
    assert "token=" not in mail


async def test_bots_and_guests_are_not_invited(client, as_role, make):
    headers = await as_role("admin")
    for nobody in await make(factories.bot(), factories.guest()):
        assert (await client.get(action(nobody, "invite"), headers=headers)).status_code == 403


@pytest.mark.parametrize("values", [{"active": False}, {"email": None}])
async def test_who_could_not_sign_in_is_not_invited(client, as_role, make, values):
    person = await make(factories.person(**values))
    answer = await client.get(action(person, "invite"), headers=await as_role("admin"))
    assert answer.status_code == 400


# --- passwords --------------------------------------------------------------------------------------


async def test_an_admin_sets_a_password_and_ends_the_sessions_of_its_owner(client, as_role, make, sign_in):
    person, headers = await make(factories.person()), await as_role("admin")
    old = sign_in(person)
    answer = await client.post(action(person, "change-password"), json=GIVEN, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert (await client.get("/auth/authenticated", headers=old)).status_code == 401
    assert await sign_in_with(client, person, PASSWORD) == 200


async def test_an_admin_sets_the_first_password_of_another_admin_only(client, as_role, make):
    known, new = await make(factories.person(role="admin"), newcomer(role="admin"))
    headers = await as_role("admin")
    for path, payload in (("change-password", GIVEN), ("reset-password-link", {})):
        refused = await client.post(action(known, path), json=payload, headers=headers)
        assert refused.status_code == 400
        assert refused.json()["message"] == "An admin can't change another admin's password."
    assert (await client.post(action(new, "reset-password-link"), headers=headers)).status_code == 200
    assert (await client.post(action(new, "change-password"), json=GIVEN, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "payload",
    [
        {}, [], {"password": PASSWORD}, {"password": PASSWORD, "password_2": "another password"},
        {"password": "short", "password_2": "short"}, {"password": None, "password_2": None},
        {"password": "x" * 73, "password_2": "x" * 73},
        {"password": "nul\x00" * 4, "password_2": "nul\x00" * 4},
    ],
)  # fmt: skip
async def test_unusable_passwords_are_refused(client, as_role, make, payload):
    person, headers = await make(factories.person()), await as_role("admin")
    answer = await client.post(action(person, "change-password"), json=payload, headers=headers)
    assert answer.status_code == 400
    assert PASSWORD not in answer.text


async def test_a_link_is_the_same_until_it_is_used(client, as_role, make):
    person, headers = await make(factories.person()), await as_role("admin")

    async def link() -> str:
        answer = await client.post(action(person, "reset-password-link"), json={}, headers=headers)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        return answer.json()["reset_password_link"]

    first = await link()
    assert await link() == first
    assert await choose(client, first, PASSWORD) == 200
    assert await choose(client, first, PASSWORD) == 400
    assert await link() != first
    assert await sign_in_with(client, person, PASSWORD) == 200


async def test_links_of_two_people_differ(client, as_role, make):
    headers, links = await as_role("admin"), set()
    for person in await make(factories.person(), factories.person()):
        answer = await client.post(action(person, "reset-password-link"), headers=headers)
        links.add(parse_qs(urlsplit(answer.json()["reset_password_link"]).query)["token"][0])
    assert len(links) == 2


async def test_bots_have_no_password(client, as_role, make):
    bot, headers = await make(factories.bot()), await as_role("admin")
    assert (await client.post(action(bot, "change-password"), json=GIVEN, headers=headers)).status_code == 403
    assert (await client.post(action(bot, "reset-password-link"), headers=headers)).status_code == 403


async def test_protected_accounts_are_left_alone(client, as_role, make, configure):
    configure(protected_accounts=("founder@example.com",))
    department = await make(factories.department())
    founder, headers = await make(factories.person(email="founder@example.com")), await as_role("admin")
    join = {"department_id": str(department.id)}
    for answer in (
        await client.post(action(founder, "change-password"), json=GIVEN, headers=headers),
        await client.post(action(founder, "reset-password-link"), headers=headers),
        await client.post(action(founder, "departments", "add"), json=join, headers=headers),
        await client.delete(action(founder, "clear-avatar"), headers=headers),
    ):
        assert answer.status_code == 403


# --- departments and pictures -----------------------------------------------------------------------


async def test_a_person_joins_a_department_and_leaves_it(client, as_role, make, session):
    person, department, headers = (
        *await make(factories.person(), factories.department()),
        await as_role("admin"),
    )
    payload = {"department_id": str(department.id)}
    for _ in range(2):
        answer = await client.post(action(person, "departments", "add"), json=payload, headers=headers)
        assert (answer.status_code, answer.json()["departments"]) == (201, [str(department.id)])
        assert "password" not in answer.json()
    links = select(func.count()).where(DepartmentLink.person_id == person.id)
    assert await session.scalar(links) == 1
    gone = await client.delete(action(person, "departments", department.id), headers=headers)
    assert gone.status_code == 204
    await session.commit()
    assert await session.scalar(links) == 0
    events = select(ApiEvent.data).where(ApiEvent.name == "person:update")
    assert [data["person_id"] for data in await session.scalars(events)] == [str(person.id)] * 3


@pytest.mark.parametrize(
    "payload", [{}, [], {"department_id": None}, {"department_id": "x"}, {"department_id": str(uuid4())}]
)
async def test_a_department_that_is_none_is_refused(client, as_role, make, payload):
    person, headers = await make(factories.person()), await as_role("admin")
    answer = await client.post(action(person, "departments", "add"), json=payload, headers=headers)
    assert answer.status_code == 400
    assert (await client.delete(action(person, "departments", uuid4()), headers=headers)).status_code == 404


async def test_a_picture_is_taken_away_by_its_owner_or_an_admin(client, as_role, make, sign_in, session):
    person = await make(factories.person(has_avatar=True))
    url = action(person, "clear-avatar")
    for role in ("manager", "supervisor", "user", "client", "vendor"):
        assert (await client.delete(url, headers=await as_role(role))).status_code == 403
    for headers in (sign_in(person), await as_role("admin")):
        assert (await client.delete(url, headers=headers)).status_code == 204
    assert (await session.get_one(Person, person.id)).has_avatar is False


# --- rights -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["manager", "supervisor", "user", "client", "vendor"])
async def test_accounts_are_for_admins(client, as_role, make, role):
    person, department, headers = *await make(factories.person(), factories.department()), await as_role(role)
    join = {"department_id": str(department.id)}
    for answer in (
        await client.get(action(person, "invite"), headers=headers),
        await client.post(action(person, "change-password"), json=GIVEN, headers=headers),
        await client.post(action(person, "reset-password-link"), headers=headers),
        await client.post(action(person, "departments", "add"), json=join, headers=headers),
        await client.delete(action(person, "departments", department.id), headers=headers),
    ):
        assert answer.status_code == 403


async def test_people_who_do_not_exist_are_not_found(client, as_role, make):
    nobody, department, headers = (
        factories.person(),
        await make(factories.department()),
        await as_role("admin"),
    )
    join = {"department_id": str(department.id)}
    for answer in (
        await client.get(action(nobody, "invite"), headers=headers),
        await client.post(action(nobody, "change-password"), json=GIVEN, headers=headers),
        await client.post(action(nobody, "reset-password-link"), headers=headers),
        await client.post(action(nobody, "departments", "add"), json=join, headers=headers),
        await client.delete(action(nobody, "departments", department.id), headers=headers),
        await client.delete(action(nobody, "clear-avatar"), headers=headers),
    ):
        assert answer.status_code == 404


# --- removal with all work --------------------------------------------------------------------------


@pytest.fixture
async def veteran(make):
    """Somebody with a task, comments, hours, days off and files, and a production to remember them."""
    rows = factories.production()
    await make(*rows)
    person, colleague = rows.person, await make(factories.person())
    theirs, others = await make(
        factories.comment(rows.task, person, created_at=datetime(2026, 3, 2)),
        factories.comment(rows.task, colleague, created_at=datetime(2026, 3, 1)),
    )
    preview = await make(factories.preview_file(rows.task, person))
    await make(
        factories.news(rows.task, person, comment_id=theirs.id),
        factories.notification(colleague, rows.task, author_id=person.id, comment_id=theirs.id),
        factories.time_spent(rows.task, person, duration=60),
        factories.time_spent(rows.task, colleague, duration=30),
        DayOff(person_id=person.id, date=date(2026, 1, 1), end_date=date(2026, 1, 2)),
    )
    return rows, preview, others


async def test_by_force_a_person_goes_with_their_work_and_files_stay(client, as_role, veteran, session):
    rows, preview, others = veteran
    url, headers = f"/data/persons/{rows.person.id}", await as_role("admin")
    assert (await client.delete(url, headers=headers)).status_code == 400
    assert (await client.delete(f"{url}?force=true", headers=headers)).status_code == 204
    assert (await client.get(url, headers=headers)).status_code == 404
    task = await session.get_one(Task, rows.task.id)
    assert (task.duration, task.last_comment_date, task.assigner_id) == (30, datetime(2026, 3, 1), None)
    assert list(await session.scalars(select(Comment.id))) == [others.id]
    assert await session.scalar(select(func.count()).select_from(DayOff)) == 0
    assert await session.scalar(select(func.sum(TimeSpent.duration))) == 30
    shown = await client.get(f"/data/preview-files/{preview.id}", headers=headers)
    assert (shown.status_code, shown.json()["person_id"]) == (200, None)


async def test_a_person_goes_in_a_constant_number_of_statements(client, as_role, make, count_statements):
    headers, counts = await as_role("admin"), []
    for tasks in (1, 1, 6):
        rows = factories.production()
        await make(*rows)
        for _ in range(tasks):
            task = await make(
                factories.task(rows.entity, await make(factories.task_type()), rows.task_status)
            )
            await make(factories.comment(task, rows.person), factories.time_spent(task, rows.person))
        with count_statements() as statements:
            answer = await client.delete(f"/data/persons/{rows.person.id}?force=true", headers=headers)
        assert answer.status_code == 204, answer.text
        counts.append(statements.count)
    assert counts[1] == counts[2]


@pytest.mark.parametrize("role", ["manager", "user"])
async def test_force_is_for_admins(client, as_role, veteran, role):
    rows = veteran[0]
    headers = await as_role(role, on=rows.project)
    answer = await client.delete(f"/data/persons/{rows.person.id}?force=true", headers=headers)
    assert answer.status_code == 403
    own = await client.delete(f"/data/persons/{headers.person.id}?force=true", headers=headers)
    assert own.status_code == 403


async def test_force_spares_the_caller(client, as_role):
    headers = await as_role("admin")
    answer = await client.delete(f"/data/persons/{headers.person.id}?force=true", headers=headers)
    assert answer.status_code == 403


# --- guests -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "guests"), [("admin", 1), ("manager", 1), ("supervisor", 0), ("user", 0)])
async def test_everybody_may_leave_guests_out_and_managers_look_for_them(client, as_role, make, role, guests):
    await make(factories.guest())
    headers = await as_role(role)
    people = (await client.get("/data/persons?is_guest=false", headers=headers)).json()
    assert [person["id"] for person in people] == [str(headers.person.id)]
    assert len((await client.get("/data/persons?is_guest=true", headers=headers)).json()) == guests


async def test_the_picture_of_a_deleted_person_is_to_be_removed_from_storage(client, as_role, make, session):
    person = await make(factories.person(has_avatar=True))
    answer = await client.delete(f"/data/persons/{person.id}", headers=await as_role("admin"))
    assert answer.status_code == 204
    assert await session.scalar(select(StoredFile.file_id)) == str(person.id)
