"""The context of the user, running productions, and sign-ins."""

from __future__ import annotations

import datetime as dt

import pytest

from kitsu_api.db.models import LoginLog, SearchFilter
from tests import factories

KEYS = {
    "asset_types",
    "custom_actions",
    "status_automations",
    "departments",
    "studios",
    "notification_count",
    "persons",
    "project_status",
    "project_roles",
    "projects",
    "task_types",
    "task_status",
    "search_filters",
    "search_filter_groups",
    "preview_background_files",
    "plugins",
    "user_limit",
}


async def context(client, headers) -> dict:
    answer = await client.get("/data/user/context", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
async def two_productions(make):
    opened, closed = await make(factories.project_status(), factories.project_status(name="Closed"))
    return await make(factories.project(opened), factories.project(opened), factories.project(closed))


async def test_the_context_takes_two_statements(client, as_role, make, two_productions, count_statements):
    await make(*factories.production())
    headers = await as_role("user", on=list(two_productions))
    with count_statements() as statements:
        assert set(await context(client, headers)) == KEYS
    assert statements.count <= 2


@pytest.mark.parametrize("role", ["admin", "manager", "supervisor", "user", "client", "vendor"])
async def test_running_productions_of_the_team_are_shown(client, as_role, two_productions, role):
    mine, other, over = two_productions
    headers = await as_role(role, on=[mine, over])
    expected = {str(mine.id)} | ({str(other.id)} if role == "admin" else set())
    for rows in (
        (await context(client, headers))["projects"],
        (await client.get("/data/projects/open", headers=headers)).json(),
    ):
        assert {row["id"] for row in rows} == expected
    everything = (await client.get("/data/projects/all", headers=headers)).json()
    assert {row["id"] for row in everything} == expected | {str(over.id)}
    named = await client.get(f"/data/projects/open?name={mine.name.upper()}", headers=headers)
    assert [row["id"] for row in named.json()] == [str(mine.id)]


@pytest.mark.parametrize(
    ("role", "columns"), [("client", 9), ("vendor", 9), ("user", 12), ("supervisor", 12)]
)
async def test_people_are_shown_as_far_as_the_caller_may_know(client, as_role, make, role, columns):
    project = await make(factories.project())
    await make(factories.guest())
    await as_role("manager", on=project)
    await as_role("manager")
    headers = await as_role(role, on=project)
    people = (await context(client, headers))["persons"]
    assert len(people) == (2 if columns == 9 else 3)
    assert all(len(person) == columns for person in people)


async def test_clients_see_the_metadata_that_is_for_clients(client, as_role, make, two_productions):
    project = two_productions[0]
    await make(
        factories.metadata_descriptor(project, name="Secret", field_name="secret", for_client=False),
        factories.metadata_descriptor(project, name="Open", field_name="open", for_client=True),
    )
    for role, fields in (("client", {"open"}), ("user", {"open", "secret"})):
        (shown,) = (await context(client, await as_role(role, on=project)))["projects"]
        assert {card["field_name"] for card in shown["descriptors"]} == fields


async def test_roles_are_told_where_they_differ(client, as_role, two_productions):
    headers = await as_role("user", on=two_productions[0], role_on="supervisor")
    assert (await context(client, headers))["project_roles"] == {str(two_productions[0].id): "supervisor"}
    plain = await as_role("user", on=two_productions[0])
    assert (await context(client, plain))["project_roles"] == {}


async def test_a_show_opens_on_its_first_running_episode(client, as_role, make):
    status = await make(factories.project_status())
    show, kind = await make(
        factories.project(status, production_type="tvshow"), factories.entity_type(name="Episode")
    )
    over = factories.entity(show, kind, name="E01", status="complete")
    runs = factories.entity(show, kind, name="E02", status="running")
    await make(over, runs)
    (shown,) = (await context(client, await as_role("admin")))["projects"]
    assert shown["first_episode_id"] == str(runs.id)


async def test_each_show_opens_on_an_episode_of_its_own(client, as_role, make):
    status, kind = await make(factories.project_status(), factories.entity_type(name="Episode"))
    shows = [factories.project(status, name=name, production_type="tvshow") for name in ("A", "B")]
    short = factories.project(status, name="C", production_type="short")
    await make(*shows, short)
    episodes = [factories.entity(project, kind, name="E01") for project in (*shows, short)]
    await make(*episodes)
    headers = await as_role("admin")
    expected = [str(episodes[0].id), str(episodes[1].id), None]
    running = (await client.get("/data/projects/open", headers=headers)).json()
    for projects in (running, (await context(client, headers))["projects"]):
        assert [project["first_episode_id"] for project in projects] == expected


async def test_saved_searches_are_ones_own_or_shared_with_the_team(client, as_role, make, two_productions):
    project, other, _ = two_productions
    headers, colleague = await as_role("user", on=project), await as_role("manager", on=[project, other])

    async def save(person, **values):
        search = SearchFilter(
            **{"list_type": "asset", "name": "x", "search_query": "x", "person_id": person.id, **values}
        )
        return str((await make(search)).id)

    mine = await save(headers.person)
    shared = await save(colleague.person, project_id=project.id, is_shared=True)
    await save(colleague.person, project_id=project.id)
    await save(colleague.person, project_id=other.id, is_shared=True)
    found = (await context(client, headers))["search_filters"]
    assert {place: [row["id"] for row in rows] for place, rows in found["asset"].items()} == {
        "all": [mine],
        str(project.id): [shared],
    }


async def test_unread_notifications_are_counted(client, as_role, make):
    rows = factories.production()
    await make(*rows)
    headers = await as_role("user")
    await make(
        factories.notification(headers.person, rows.task, author_id=rows.person.id, read=False),
        factories.notification(rows.person, rows.task, author_id=rows.person.id, read=False),
    )
    assert (await context(client, headers))["notification_count"] == 1


@pytest.mark.parametrize("role", ["manager", "supervisor", "user", "client", "vendor"])
async def test_sign_ins_are_for_admins(client, as_role, role):
    answer = await client.get("/data/events/login-logs/last", headers=await as_role(role))
    assert answer.status_code == 403


async def test_sign_ins_are_paged_and_filtered(client, as_role, make):
    headers = await as_role("admin")
    other = await make(factories.person())
    noon = dt.datetime(2026, 3, 2, 12)
    logs = [
        await make(LoginLog(person_id=person.id, origin="web", created_at=noon + dt.timedelta(hours=hour)))
        for hour, person in enumerate((headers.person, other, headers.person))
    ]
    newest_first = [str(log.id) for log in reversed(logs)]

    async def ids(query: str) -> list[str]:
        answer = await client.get(f"/data/events/login-logs/last?{query}", headers=headers)
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()]

    assert await ids("") == newest_first
    assert await ids("limit=1") == newest_first[:1]
    assert await ids(f"cursor_login_log_id={newest_first[0]}") == newest_first[1:]
    assert await ids("after=2026-03-02T13:00:00") == newest_first[:1]
    assert await ids("before=2026-03-02T13:00:00") == newest_first[2:]
    assert await ids(f"person_ids={other.id}") == [newest_first[1]]
    for bad in ("limit=0", "cursor_login_log_id=x", "person_ids=x", "after=never"):
        answer = await client.get(f"/data/events/login-logs/last?{bad}", headers=headers)
        assert answer.status_code == 400
