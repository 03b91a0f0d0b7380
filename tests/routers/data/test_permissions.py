"""Who may do what with the rows of the register, and which of them they see."""

from __future__ import annotations

import pytest

from kitsu_api.db.models import DepartmentLink, ProjectPersonLink
from tests import factories

ADMIN_ONLY = (
    "budgets",
    "budget-entries",
    "salary-scales",
    "chats",
    "chat-messages",
    "events",
    "news",
    "notifications",
    "plugins",
    "subscriptions",
    "production-schedule-version-task-links",
)
LIBRARY = (
    "departments",
    "studios",
    "hardware-items",
    "softwares",
    "entity-types",
    "task-types",
    "task-status",
    "file-status",
    "project-status",
    "output-types",
    "status-automations",
    "custom-actions",
    "preview-background-files",
    "organisations",
)
OTHERS = ("manager", "supervisor", "user", "client", "vendor")


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("path", ADMIN_ONLY)
async def test_tables_of_the_administration_are_closed_to_others(client, as_role, path, role):
    headers = await as_role(role)
    assert (await client.get(f"/data/{path}", headers=headers)).status_code == 403


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("path", LIBRARY)
async def test_the_library_is_read_by_all_and_kept_by_admins(client, as_role, admin, world, path, role):
    headers = await as_role(role)
    assert (await client.get(f"/data/{path}", headers=headers)).status_code == 200
    unknown = f"/data/{path}/00000000-0000-4000-8000-000000000000"
    body = {"name": "x", "short_name": "x", "color": "#000000"}
    assert (await client.post(f"/data/{path}", json=body, headers=headers)).status_code in (400, 403)
    assert (await client.put(unknown, json={}, headers=headers)).status_code == 403
    assert (await client.delete(unknown, headers=headers)).status_code == 403


async def production_rows(make):
    """A production with one row of each table that belongs to it."""
    film = factories.production()
    await make(*film)
    remark = factories.comment(film.task, film.person, task_status_id=film.task_status.id)
    shown = factories.preview_file(film.task, film.person)
    source = factories.working_file(film.task, film.person)
    rows = {
        "entities": film.entity,
        "tasks": film.task,
        "comments": remark,
        "preview-files": shown,
        "working-files": source,
        "playlists": factories.playlist(film.project),
        "milestones": factories.milestone(film.project, film.task_type),
        "metadata-descriptors": factories.metadata_descriptor(film.project),
    }
    await make(*(row for path, row in rows.items() if path not in ("entities", "tasks")))
    return film, rows


PATHS = (
    "entities",
    "tasks",
    "comments",
    "preview-files",
    "working-files",
    "playlists",
    "milestones",
    "metadata-descriptors",
)


@pytest.mark.parametrize("path", PATHS)
async def test_rows_of_a_production_are_seen_by_its_team_alone(client, as_role, make, path):
    film, rows = await production_rows(make)
    row = rows[path]
    member, stranger = await as_role("user", on=film.project), await as_role("manager")
    for headers, visible in ((member, True), (stranger, False)):
        listed = (await client.get(f"/data/{path}", headers=headers)).json()
        assert (str(row.id) in {item["id"] for item in listed}) is visible
        single = await client.get(f"/data/{path}/{row.id}", headers=headers)
        assert single.status_code == (200 if visible else 403)
    assert (await client.put(f"/data/{path}/{row.id}", json={}, headers=stranger)).status_code == 403
    assert (await client.delete(f"/data/{path}/{row.id}", headers=stranger)).status_code == 403


@pytest.mark.parametrize("path", ["entities", "tasks", "milestones", "metadata-descriptors", "playlists"])
@pytest.mark.parametrize(
    ("general", "held", "status"),
    [
        ("manager", None, 200),
        ("user", None, 403),
        ("client", None, 403),
        ("user", "manager", 200),
        ("manager", "user", 403),
    ],
)
async def test_the_role_in_the_production_decides_who_changes_its_rows(
    client, as_role, make, path, general, held, status
):
    film, rows = await production_rows(make)
    headers = await as_role(general, on=film.project, role_on=held)
    answer = await client.put(f"/data/{path}/{rows[path].id}", json={}, headers=headers)
    assert answer.status_code == status


async def test_supervisors_change_the_tasks_that_their_departments_do(client, as_role, make):
    film = factories.production()
    own, other = factories.department(), factories.department()
    film.task_type.department_id = own.id
    await make(own, other, *film)
    path, plan = f"/data/tasks/{film.task.id}", {"estimation": 480, "due_date": "2026-03-06T00:00:00"}
    for department, status in ((None, 200), (own, 200), (other, 403)):
        boss = await as_role("supervisor", on=film.project)
        if department is not None:
            await make(DepartmentLink(person_id=boss.person.id, department_id=department.id))
        assert (await client.put(path, json=plan, headers=boss)).status_code == status
        assert (await client.delete(path, headers=boss)).status_code == 403
    stranger = await as_role("supervisor")
    assert (await client.put(path, json=plan, headers=stranger)).status_code == 403


@pytest.mark.parametrize("path", ["entities", "tasks", "milestones", "metadata-descriptors", "playlists"])
async def test_rows_do_not_move_to_another_production(client, as_role, make, path):
    film, rows = await production_rows(make)
    other = await make(factories.project())
    admin = await as_role("admin")
    body = {"project_id": str(other.id)}
    answer = await client.put(f"/data/{path}/{rows[path].id}", json=body, headers=admin)
    assert answer.json()["project_id"] == str(film.project.id)


@pytest.mark.parametrize("path", ["entities", "tasks", "comments", "preview-files", "working-files"])
async def test_vendors_see_what_they_are_assigned_to(client, as_role, make, path):
    film, rows = await production_rows(make)
    vendor = await as_role("vendor", on=film.project)
    for assigned in (False, True):
        listed = (await client.get(f"/data/{path}", headers=vendor)).json()
        assert bool(listed) is assigned
        single = await client.get(f"/data/{path}/{rows[path].id}", headers=vendor)
        assert single.status_code == (200 if assigned else 403)
        if not assigned:
            await make(factories.assignation(film.task, vendor.person))


@pytest.mark.parametrize("path", ["comments", "playlists"])
async def test_clients_see_what_is_meant_for_them(client, as_role, make, path):
    film = factories.production()
    await make(*film)
    if path == "comments":
        rows = [factories.comment(film.task, film.person, for_client=flag) for flag in (True, False)]
    else:
        rows = [factories.playlist(film.project, for_client=flag) for flag in (True, False)]
    await make(*rows)
    headers = await as_role("client", on=film.project)
    listed = (await client.get(f"/data/{path}", headers=headers)).json()
    assert [row["id"] for row in listed] == [str(rows[0].id)]
    assert (await client.get(f"/data/{path}/{rows[1].id}", headers=headers)).status_code == 403


async def test_guests_of_share_links_reach_no_table(client, make, sign_in):
    visitor = await make(factories.guest())
    film = await make(factories.project())
    await make(ProjectPersonLink(project_id=film.id, person_id=visitor.id))
    headers = sign_in(visitor)
    for path in ("tasks", "entities", "persons", "departments", "playlists"):
        assert (await client.get(f"/data/{path}", headers=headers)).status_code == 403
