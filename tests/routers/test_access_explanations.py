"""What is said of somebody's rights is what happens when they use them."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import select

from kitsu_api.db.models import AccessGroup, AccessGroupMember, Comment, Task
from tests import factories
from tests.permissions import walk

PATH = "/data/access/explain"

SAMPLE = int(os.environ.get("EXPLAIN_EVERY", "60"))
"""Each how many of the routes of the permission walk are asked about, by some people; 1 asks about all, by
everybody, and takes minutes."""


SOME = ("manager", "artist", "vendor", "client")


async def explained(client, headers, method, path, **query):
    asked = {"method": method, "path": path, **{key: str(value) for key, value in query.items()}}
    return await client.get(PATH, params=asked, headers=headers)


@pytest.fixture
async def rows(make):
    rows = factories.production()
    await make(*rows)
    return rows


async def test_the_rule_that_refuses_is_named(client, rows, as_role):
    artist = await as_role("user", on=rows.project)
    path = f"/api/data/projects/{rows.project.id}/shots/"
    said = (await explained(client, artist, "POST", path)).json()
    assert (said["allowed"], said["status"]) == (False, 403)
    assert said["decided_by"] == "projects.runs_project"
    assert said["route"] == "/data/projects/{project_id}/shots"
    assert said["checks"] == [
        {
            "rule": "projects.runs_project",
            "meaning": "Whether the caller runs the production.",
            "outcome": "refused",
        }
    ]
    manager = await as_role("manager", on=rows.project)
    said = (await explained(client, manager, "POST", path)).json()
    assert (said["allowed"], said["status"], said["decided_by"]) == (True, 200, None)
    assert said["conditional"], "what is sent may be refused"


async def test_rows_are_looked_for_in_the_scope_of_the_route(client, rows, as_role):
    artist, vendor = await as_role("user", on=rows.project), await as_role("vendor", on=rows.project)
    path = f"/data/tasks/{rows.task.id}"
    said = (await explained(client, artist, "GET", path)).json()
    assert (said["allowed"], said["conditional"]) == (True, False)
    said = (await explained(client, vendor, "GET", path)).json()
    assert (said["status"], said["decided_by"]) == (403, "rows.task")
    said = (await explained(client, artist, "PUT", path)).json()
    assert (said["status"], said["decided_by"]) == (403, "rows.task")
    said = (await explained(client, artist, "GET", f"/data/tasks/{rows.project.id}")).json()
    assert (said["status"], said["checks"][-1]["outcome"]) == (404, "not found")


async def test_rows_that_are_patched_or_restored_are_looked_for_as_well(client, rows, as_role, make):
    boss, other = await as_role("manager", on=rows.project), await as_role("manager")
    entity = await make(factories.entity(rows.project, await make(factories.entity_type())))
    for method, path in (
        ("PATCH", f"/data/entities/{entity.id}/data"),
        ("PATCH", f"/data/tasks/{rows.task.id}/data"),
        ("POST", f"/data/history/entities/{entity.id}/restore"),
    ):
        assert (await explained(client, boss, method, path)).json()["allowed"], path
        assert (await explained(client, other, method, path)).json()["status"] == 403, path
    nowhere = f"/data/entities/{rows.project.id}/data"
    assert (await explained(client, boss, "PATCH", nowhere)).json()["status"] == 404


async def test_bots_have_no_account_to_look_after(client, as_role, make, sign_in):
    bot, admin = await make(factories.bot(role="admin")), await as_role("admin")
    said = (await explained(client, admin, "PUT", "/auth/totp", person=bot.id)).json()
    assert (said["status"], said["decided_by"]) == (403, "authentication.owner_setting_up")
    assert (await explained(client, admin, "PUT", "/auth/totp")).json()["allowed"]


async def test_what_a_key_does_not_reach_is_not_said_to_be_allowed(client, rows, as_role):
    admin = await as_role("admin")
    made = await client.post("/data/api-keys", json={"name": "Farm", "access": "read"}, headers=admin)
    key = {"Authorization": f"Bearer {made.json()['key']}"}
    path = f"/data/tasks/{rows.task.id}"
    assert (await explained(client, key, "GET", path)).json()["allowed"]
    for method, asked in (("PUT", path), ("GET", "/data/api-keys")):
        said = (await explained(client, key, method, asked)).json()
        assert (said["status"], said["decided_by"]) == (403, "api_keys.check_reach")
        assert (await client.request(method, asked, json={}, headers=key)).status_code == 403
    assert (await explained(client, admin, "PUT", path)).json()["allowed"]


async def test_the_group_that_opens_something_is_named(client, rows, as_role, make):
    artist, admin = await as_role("user", on=rows.project), await as_role("admin")
    playlist = await make(factories.playlist(rows.project))
    path = f"/data/playlists/{playlist.id}"
    asked = {"person": artist.person.id}
    said = (await explained(client, admin, "PUT", path, **asked)).json()
    assert (said["allowed"], said["granted_by"]) == (False, [])
    group = AccessGroup(name="Dailies", project_id=rows.project.id, capabilities=["playlists.edit"])
    await make(group)
    await make(AccessGroupMember(person_id=artist.person.id, group_id=group.id))
    said = (await explained(client, admin, "PUT", path, **asked)).json()
    assert said["allowed"]
    assert said["granted_by"] == [
        {"id": str(group.id), "name": "Dailies", "capabilities": ["playlists.edit"]}
    ]
    said = (await explained(client, admin, "GET", path, **asked)).json()
    assert (said["allowed"], said["granted_by"]) == (True, []), "the role is enough"


async def test_people_ask_about_themselves_and_admins_about_everybody(client, rows, as_role, make):
    manager, admin = await as_role("manager", on=rows.project), await as_role("admin")
    other = rows.person.id
    assert (await explained(client, manager, "GET", "/data/tasks", person=other)).status_code == 403
    answer = await explained(client, admin, "GET", "/data/tasks", person=other)
    assert answer.json()["person_id"] == str(other)
    assert (await explained(client, admin, "GET", "/nowhere")).status_code == 400
    assert (await explained(client, admin, "GET", "/nowhere/at/all")).status_code == 400
    assert (await explained(client, admin, "GET", "/data/tasks", person=rows.task.id)).status_code == 404
    closed = await make(factories.person(active=False))
    assert (await explained(client, admin, "GET", "/data/tasks", person=closed.id)).status_code == 400


async def test_routes_within_other_routers_are_found_too(client, as_role):
    admin = await as_role("admin")
    path = "/uploads/a24a6ea4-ce75-4665-a070-57453082c256"
    said = (await explained(client, admin, "HEAD", path)).json()
    assert (said["route"], said["status"]) == ("/uploads/{upload_id}", 404)
    said = (await explained(client, admin, "GET", "/status")).json()
    assert (said["allowed"], said["checks"]) == (True, [])


async def test_asking_changes_nothing(client, session, rows, as_role, make):
    admin = await as_role("admin")
    comment = await make(factories.comment(rows.task, rows.person))
    for method, path in (
        ("DELETE", f"/data/tasks/{rows.task.id}"),
        ("POST", f"/actions/tasks/{rows.task.id}/comment"),
        ("DELETE", f"/data/tasks/{rows.task.id}/comments/{comment.id}"),
    ):
        said = (await explained(client, admin, method, path)).json()
        assert said["allowed"], path
    assert await session.scalar(select(Task.id).where(Task.id == rows.task.id)) is not None
    assert list(await session.scalars(select(Comment.id))) == [comment.id]


async def test_what_is_said_is_what_the_permission_walk_was_answered(client, make, sign_in):
    """Of a sample of all routes, for every role, in its own and in another production."""
    own, other, people = await walk.build(make)
    admin, table, wrong, asked = sign_in(people["admin"]), walk.read_table(), [], 0
    known = [route for route in walk.routes() if route in table and route[1] not in walk.SIMPLE]
    for method, path in known[::SAMPLE]:
        for name, person in people.items() if SAMPLE == 1 else [(each, people[each]) for each in SOME]:
            for where, place in (("own", own), ("other", other)):
                status = table[method, path][f"{name} {where}"].split()[0]
                answer = await explained(client, admin, method, place.path(path), person=person.id)
                if answer.status_code != 200:
                    wrong.append(f"{method} {path}: {answer.text}")
                    continue
                said, asked = answer.json(), asked + 1
                if said["conditional"] and said["allowed"]:
                    continue  # what is sent decides
                if (status == "403") != (said["status"] == 403):
                    told = f"{said['status']} {said['decided_by']}"
                    wrong.append(f"{method} {path} {name} {where}: {status}, said {told}")
    assert not wrong, f"{len(wrong)} of {asked}\n" + "\n".join(wrong)
