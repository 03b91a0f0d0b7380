"""Groups let people do more than their role, where they are and no further."""

from __future__ import annotations

from uuid import uuid4

import pytest

from kitsu_api.db.models import AccessGroup, AccessGroupMember, EntityLink, ProjectPersonLink
from kitsu_api.permissions.actor import Role
from kitsu_api.permissions.capabilities import FOR_ROLES
from kitsu_api.schemas.access_groups import Capability
from tests import factories

PATH = "/data/access-groups"


class Stage:
    """A production with what capabilities are about, and another one."""

    def __init__(self, rows, other, make):
        self.rows, self.other, self.make = rows, other, make
        self.project, self.task = rows.project, rows.task

    async def build(self):
        make, project = self.make, self.project
        kinds = {
            name: await make(factories.entity_type(name=name)) for name in ("Shot", "Episode", "Concept")
        }
        self.episode = await make(factories.entity(project, kinds["Episode"]))
        self.shot = await make(factories.entity(project, kinds["Shot"], parent_id=self.episode.id))
        self.asset = self.rows.entity
        self.link = await make(EntityLink(id=uuid4(), entity_in_id=self.shot.id, entity_out_id=self.asset.id))
        self.concept = await make(factories.entity(project, kinds["Concept"]))
        self.playlist = await make(factories.playlist(project))
        return self

    async def let(self, person, *capabilities, on="own"):
        """Put somebody in a group with these capabilities."""
        where = {"own": self.project.id, "other": self.other.project.id, "all": None}[on]
        group = await self.make(factories.access_group(None, *map(str, capabilities), project_id=where))
        await self.make(AccessGroupMember(person_id=person.person.id, group_id=group.id))
        return group


@pytest.fixture
async def stage(make):
    rows, other = factories.production(is_client_stats_visible=False), factories.production()
    await make(*rows)
    await make(*other)
    return await Stage(rows, other, make).build()


# (capability, role, method, path, body): refused without the group, and not with it
CASES = [
    (Capability.CASTING_VIEW, "vendor", "GET", "/data/projects/{project}/entities/{shot}/casting", None),
    (Capability.CASTING_VIEW, "vendor", "GET", "/data/assets/{asset}/casting", None),
    (Capability.CASTING_VIEW, "vendor", "GET", "/data/assets/{asset}/cast-in", None),
    (Capability.CASTING_VIEW, "vendor", "GET", "/data/entity-links/{link}", None),
    (Capability.CASTING_EDIT, "user", "PUT", "/data/projects/{project}/entities/{shot}/casting", []),
    (Capability.CASTING_EDIT, "supervisor", "PUT", "/data/projects/{project}/entities/casting", {}),
    (Capability.CASTING_EDIT, "user", "PUT", "/data/assets/{asset}/casting", []),
    (Capability.CASTING_EDIT, "user", "DELETE", "/data/projects/{project}/entity-links/{link}", None),
    (
        Capability.COMMENTS_POST,
        "user",
        "POST",
        "/actions/tasks/{task}/comment",
        {"task_status_id": "{status}", "comment": "Hello"},
    ),
    (Capability.CONCEPTS_EDIT, "user", "POST", "/data/projects/{project}/concepts", {"name": "Idea"}),
    (Capability.CONCEPTS_EDIT, "user", "DELETE", "/data/concepts/{concept}", None),
    (Capability.PLAYLISTS_VIEW, "vendor", "GET", "/data/playlists", None),
    (Capability.PLAYLISTS_VIEW, "vendor", "GET", "/data/playlists/{playlist}", None),
    (Capability.PLAYLISTS_VIEW, "vendor", "GET", "/data/projects/{project}/playlists", None),
    (Capability.PLAYLISTS_EDIT, "user", "PUT", "/data/playlists/{playlist}", {"name": "Renamed"}),
    (
        Capability.PLAYLISTS_EDIT,
        "user",
        "POST",
        "/data/playlists",
        {"name": "New", "project_id": "{project}", "shots": [], "for_entity": "shot"},
    ),
    (Capability.SCHEDULE_VIEW, "vendor", "GET", "/data/projects/{project}/schedule-items", None),
    (Capability.STATS_VIEW, "client", "GET", "/data/projects/{project}/episodes/stats", None),
    (
        Capability.TASKS_ASSIGN,
        "user",
        "PUT",
        "/actions/tasks/{task}/assign",
        {"person_id": "{person}"},
    ),
]


def filled(stage, value):
    ids = {
        "project": stage.project.id,
        "shot": stage.shot.id,
        "asset": stage.asset.id,
        "link": stage.link.id,
        "task": stage.task.id,
        "status": stage.rows.task_status.id,
        "concept": stage.concept.id,
        "playlist": stage.playlist.id,
        "person": stage.rows.person.id,
    }
    if isinstance(value, dict):
        return {key: filled(stage, item) for key, item in value.items()}
    return value.format(**ids) if isinstance(value, str) and "{" in value else value


@pytest.mark.parametrize(
    ("capability", "role", "method", "path", "body"), CASES, ids=[f"{c[0]} {c[2]} {c[3]}" for c in CASES]
)
async def test_a_group_opens_what_its_capability_says(
    client, stage, as_role, capability, role, method, path, body
):
    person = await as_role(role, on=stage.project)
    request = {"url": filled(stage, path), "json": filled(stage, body), "headers": person}
    assert (await client.request(method, **request)).status_code == 403
    await stage.let(person, capability, on="other")
    assert (await client.request(method, **request)).status_code == 403, "of another production"
    others = [each for each in Capability if each is not capability]
    await stage.let(person, *others)
    assert (await client.request(method, **request)).status_code == 403, "of other capabilities"
    await stage.let(person, capability)
    answer = await client.request(method, **request)
    assert answer.is_success, answer.text


def test_every_capability_is_tried_and_for_the_roles_that_it_names():
    assert {case[0] for case in CASES} == set(Capability) == set(FOR_ROLES)
    for capability, role, *_ in CASES:
        assert Role(role) in FOR_ROLES[capability]


@pytest.mark.parametrize("role", ["client", "vendor"])
async def test_nobody_of_another_house_becomes_an_editor(client, stage, as_role, role):
    person = await as_role(role, on=stage.project)
    await stage.let(person, *Capability)
    for capability, _, method, path, body in CASES:
        if Role(role) in FOR_ROLES[capability]:
            continue
        if capability in (Capability.SCHEDULE_VIEW, Capability.STATS_VIEW) or method == "GET":
            continue
        if capability is Capability.COMMENTS_POST and role == "client":
            continue  # clients comment anyway
        answer = await client.request(method, filled(stage, path), json=filled(stage, body), headers=person)
        assert answer.status_code == 403, (method, path)


async def test_lists_and_single_rows_agree(client, stage, as_role):
    vendor = await as_role("vendor", on=stage.project)
    assert (await client.get("/data/entity-links", headers=vendor)).json() == []
    await stage.let(vendor, Capability.CASTING_VIEW, Capability.PLAYLISTS_VIEW, on="all")
    listed = (await client.get("/data/entity-links", headers=vendor)).json()
    assert [row["id"] for row in listed] == [str(stage.link.id)]
    path = f"/data/projects/{stage.project.id}/entity-links"
    assert [row["id"] for row in (await client.get(path, headers=vendor)).json()] == [str(stage.link.id)]
    other = await stage.make(factories.playlist(stage.other.project))
    listed = (await client.get("/data/playlists", headers=vendor)).json()
    assert [row["id"] for row in listed] == [str(stage.playlist.id)]
    assert (await client.get(f"/data/playlists/{other.id}", headers=vendor)).status_code == 403
    assert (await client.get(f"/data/entities/{stage.shot.id}", headers=vendor)).status_code == 403


async def test_who_edits_playlists_by_a_group_does_not_share_them(client, stage, as_role):
    artist = await as_role("user", on=stage.project)
    await stage.let(artist, Capability.PLAYLISTS_EDIT)
    path = f"/data/playlists/{stage.playlist.id}"
    assert (await client.put(path, json={"name": "Mine"}, headers=artist)).status_code == 200
    for method in ("GET", "POST"):
        answer = await client.request(method, f"{path}/share", json={}, headers=artist)
        assert answer.status_code == 403, (method, answer.text)
    theirs = await stage.make(factories.playlist(stage.project, created_by=stage.rows.person.id))
    answer = await client.put(f"/data/playlists/{theirs.id}", json={"name": "x"}, headers=artist)
    assert answer.status_code == 403, "somebody else's, as for supervisors"


async def test_a_group_gives_nothing_to_who_has_left_the_team(client, session, stage, as_role):
    artist = await as_role("user", on=stage.project)
    await stage.let(artist, Capability.PLAYLISTS_EDIT)
    manager = await as_role("manager", on=stage.project)
    path = f"/data/projects/{stage.project.id}/team/{artist.person.id}"
    assert (await client.delete(path, headers=manager)).status_code == 204
    answer = await client.put(f"/data/playlists/{stage.playlist.id}", json={"name": "x"}, headers=artist)
    assert answer.status_code == 403


async def test_an_api_key_does_not_reach_further_than_its_productions(client, stage, as_role, make):
    artist = await as_role("user", on=stage.project)
    await make(ProjectPersonLink(project_id=stage.other.project.id, person_id=artist.person.id))
    await stage.let(artist, Capability.PLAYLISTS_EDIT, on="all")
    wish = {"name": "key", "access": "write", "project_ids": [str(stage.other.project.id)]}
    made = await client.post("/data/api-keys", json=wish, headers=artist)
    key = {"Authorization": f"Bearer {made.json()['key']}"}
    other = await stage.make(factories.playlist(stage.other.project))
    for playlist, status in ((other, 200), (stage.playlist, 403)):
        answer = await client.put(f"/data/playlists/{playlist.id}", json={"name": "x"}, headers=key)
        assert answer.status_code == status


async def test_groups_cost_a_request_no_statement(client, stage, as_role, count_statements):
    artist = await as_role("user", on=stage.project)
    path = f"/data/tasks/{stage.task.id}"
    with count_statements() as before:
        await client.get(path, headers=artist)
    await stage.let(artist, *Capability)
    with count_statements() as after:
        await client.get(path, headers=artist)
    assert after.count == before.count


# --- making them --------------------------------------------------------------------------------------


async def test_a_group_is_made_changed_and_deleted(client, session, stage, as_role):
    manager = await as_role("manager", on=stage.project)
    artist = await as_role("user", on=stage.project)
    wish = {
        "name": "Casters",
        "project_id": str(stage.project.id),
        "capabilities": ["casting.edit", "casting.edit"],
        "person_ids": [str(artist.person.id)],
    }
    answer = await client.post(PATH, json=wish, headers=manager)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["capabilities"] == ["casting.edit"]
    assert made["person_ids"] == [str(artist.person.id)]
    assert [row["id"] for row in (await client.get(PATH, headers=manager)).json()] == [made["id"]]
    path = f"{PATH}/{made['id']}"
    change = {"capabilities": ["playlists.edit", "concepts.edit"], "person_ids": [], "description": "x"}
    answer = await client.put(path, json=change, headers=manager)
    assert answer.status_code == 200, answer.text
    read = (await client.get(path, headers=manager)).json()
    assert read["capabilities"] == ["concepts.edit", "playlists.edit"]
    assert (read["person_ids"], read["description"], read["name"]) == ([], "x", "Casters")
    assert (await client.delete(path, headers=manager)).status_code == 204
    assert (await client.get(path, headers=manager)).status_code == 404


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"capabilities": ["money.view"]}, "capabilities"),
        ({"capabilities": []}, "capabilities"),
        ({"name": ""}, "name"),
        ({"person_ids": ["a24a6ea4-ce75-4665-a070-57453082c256"]}, "person_ids"),
        ({"project_id": "a24a6ea4-ce75-4665-a070-57453082c256"}, "project_id"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_reason(client, stage, as_role, change, says):
    admin = await as_role("admin")
    wish = {"name": "G", "project_id": str(stage.project.id), "capabilities": ["stats.view"], **change}
    answer = await client.post(PATH, json=wish, headers=admin)
    assert answer.status_code == 400
    assert says in answer.json()["message"]


async def test_members_are_of_the_team_and_no_guests(client, stage, as_role, make):
    manager = await as_role("manager", on=stage.project)
    stranger, guest = await as_role("user"), await make(factories.guest())
    wish = {"name": "G", "project_id": str(stage.project.id), "capabilities": ["casting.edit"]}
    for id in (stranger.person.id, guest.id):
        answer = await client.post(PATH, json={**wish, "person_ids": [str(id)]}, headers=manager)
        assert answer.status_code == 400


async def test_managers_make_groups_of_their_productions_and_nobody_below_makes_any(client, stage, as_role):
    manager = await as_role("manager", on=stage.project)
    wish = {"name": "G", "capabilities": ["casting.edit"]}
    for project, status in ((stage.project.id, 201), (stage.other.project.id, 403), (None, 403)):
        body = {**wish, "project_id": project and str(project)}
        assert (await client.post(PATH, json=body, headers=manager)).status_code == status
    everywhere = await stage.make(AccessGroup(name="All", project_id=None, capabilities=["casting.edit"]))
    foreign = await stage.make(
        AccessGroup(name="Other", project_id=stage.other.project.id, capabilities=["casting.edit"])
    )
    for group in (everywhere, foreign):
        for method in ("GET", "PUT", "DELETE"):
            answer = await client.request(method, f"{PATH}/{group.id}", json={}, headers=manager)
            assert answer.status_code == 403
    assert {row["name"] for row in (await client.get(PATH, headers=manager)).json()} == {"G"}
    admin = await as_role("admin")
    assert {row["name"] for row in (await client.get(PATH, headers=admin)).json()} == {"G", "All", "Other"}
    for role in ("supervisor", "user", "client", "vendor"):
        person = await as_role(role, on=stage.project)
        assert (await client.get(PATH, headers=person)).status_code == 403
        body = {**wish, "project_id": str(stage.project.id)}
        assert (await client.post(PATH, json=body, headers=person)).status_code == 403


async def test_listing_groups_takes_the_same_statements_for_many(client, stage, as_role, count_statements):
    admin = await as_role("admin")
    with count_statements() as one:
        await client.get(PATH, headers=admin)
    artist = await as_role("user", on=stage.project)
    for _ in range(3):
        await stage.let(artist, Capability.CASTING_EDIT)
    with count_statements() as many:
        answer = await client.get(PATH, headers=admin)
    assert len(answer.json()) == 3
    assert many.count == one.count == 2
