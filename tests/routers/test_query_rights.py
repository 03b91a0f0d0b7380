"""Queries give away nothing that the caller could not list, however it is asked for."""

from __future__ import annotations

import pytest

from kitsu_api.db.models import DepartmentMetadataDescriptorLink
from kitsu_api.db.query.sources import RELATIONS, ToMany
from kitsu_api.routers.queries.register import LISTED, OPENINGS
from tests import factories
from tests.permissions import walk

OF_PRODUCTIONS = frozenset(OPENINGS) - {
    *("departments", "entity-types", "persons", "project-status", "task-status", "task-types", "events"),
}
OWN_RULES = {"news", "notifications"}
"""Sources whose listing in the register is for admins alone."""


def is_(field, value, op="eq"):
    return {"field": field, "op": op, "value": value}


async def ask(client, who, source, **wish):
    return await client.post(f"/data/query/{source}", json=wish, headers=who)


async def rows(client, who, source, **wish):
    answer = await ask(client, who, source, **wish)
    assert answer.status_code == 200, (source, answer.text)
    return answer.json()["data"]


async def visible(client, who, name):
    """The ids of each source that somebody sees, which are those of its listing where there is one."""
    seen = {}
    for source in OPENINGS:
        answer = await ask(client, who, source, fields=["id"], limit=1000)
        listed = None
        if source in LISTED and source not in OWN_RULES:
            listed = await client.get(f"/data/{source}?fields=id", headers=who)
            assert answer.status_code == listed.status_code, (name, source)
        if answer.status_code == 200:
            seen[source] = {row["id"] for row in answer.json()["data"]}
            if listed is not None:
                assert seen[source] == {row["id"] for row in listed.json()}, (name, source)
    return seen


def open_relations(source, seen, name):
    found = {step: one for step, one in RELATIONS.get(source, {}).items() if one.target in seen}
    if source == "persons" and name in ("vendor", "client"):
        del found["departments"]
    return found


async def check_relations(client, who, name, source, seen):
    """Relations lead to rows that their own source shows, and filters meet these alone."""
    relations = open_relations(source, seen, name)
    if not relations:
        return
    found = await rows(client, who, source, fields=["id", *relations], limit=100)
    for row in found:
        for step, relation in relations.items():
            reached = row[step] if isinstance(relation, ToMany) else [row[step]]
            ids = {one["id"] for one in reached if one is not None}
            assert ids <= seen[relation.target], (name, source, step)
    if name == "vendor":
        for step in relations:
            wish = {"not": is_(step, True, "is_null")}
            met = await rows(client, who, source, fields=["id"], filter=wish, limit=100)
            assert [row["id"] for row in met] == [row["id"] for row in found if row[step]], (source, step)


@pytest.mark.parametrize("name", ["vendor", "client"])
async def test_a_source_shows_whom_its_listing_shows_and_relations_lead_nowhere_else(
    client, make, sign_in, name
):
    _, other, people = await walk.build(make)
    who, secrets = sign_in(people[name]), {str(other.world.project.id), *other.own_ids()}
    seen = await visible(client, who, name)
    for source, ids in seen.items():
        assert source not in OF_PRODUCTIONS or not ids & secrets, source
        await check_relations(client, who, name, source, seen)


async def test_rows_of_every_source_are_as_the_document_says_and_take_three_statements(
    client, make, sign_in, count_statements
):
    _, _, people = await walk.build(make)
    who = sign_in(people["admin"])
    for source in OPENINGS:
        to_one = [step for step, one in RELATIONS.get(source, {}).items() if not isinstance(one, ToMany)]
        with count_statements() as statements:
            await rows(client, who, source, order=[{"field": step} for step in to_one[:5]])
        assert statements.count <= 3, source


async def test_what_a_caller_does_not_see_is_met_by_no_filter_and_counted_in_no_group(client, make, sign_in):
    own, other, people = await walk.build(make)
    hidden = await make(
        factories.comment(own.world.task, own.world.person, text="between us", for_client=False),
        factories.comment(own.world.task, own.world.person, text="for you", for_client=True),
    )
    who = sign_in(people["client"])
    task = str(own.world.task.id)
    assert await rows(client, who, "tasks", filter=is_("comments.text", "between us")) == []
    found = await rows(
        client, who, "tasks", filter=is_("comments.text", "for you"), fields=["id", "comments"]
    )
    assert [row["id"] for row in found] == [task]
    assert str(hidden[0].id) not in [one["id"] for one in found[0]["comments"]]
    wish = {"group_by": ["comments.text"], "filter": is_("id", task)}
    answer = (await ask(client, who, "tasks", **wish)).json()
    assert [group["keys"]["comments.text"] for group in answer["groups"]] == ["for you"]
    vendor = sign_in(people["vendor"])
    seen = await rows(client, vendor, "entities", fields=["id", "tasks"])
    assert [[one["id"] for one in row["tasks"]] for row in seen] == [[task]]
    counted = (await ask(client, vendor, "tasks", aggregates={"n": {"function": "count"}})).json()
    assert counted["groups"][0]["values"] == {"n": 1}
    for source in ("projects", "tasks", "shots", "comments", "time-spents", "news"):
        ids = [str(row.id) for row in other.rows.values()] + [str(other.world.project.id)]
        answer = await ask(client, vendor, source, filter=is_("id", ids, "in"), count=True)
        assert answer.json()["total"] == 0, source
        if "project" in RELATIONS[source]:
            wish = is_("project.id", str(other.world.project.id))
            assert await rows(client, vendor, source, filter=wish) == []


CLOSED_TO_ARTISTS = ("daily_salary", "email", "phone", "contract_type")
CLOSED_TO_ALL = ("password", "jti", "totp_secret", "fido_credentials", "login_failed_attemps")


def uses(field):
    """A query for each way of using a field."""
    return (
        {"fields": ["id", field]},
        {"filter": is_(field, None)},
        {"filter": {"not": {"or": [is_(field, True, "is_null")]}}},
        {"order": [{"field": field}]},
        {"group_by": [field]},
        {"aggregates": {"n": {"function": "count_distinct", "field": field}}},
    )


async def test_fields_that_are_closed_to_the_caller_are_refused_wherever_they_are_named(
    client, as_role, make
):
    production = factories.production()
    await make(*production)
    closed = [("user", name) for name in CLOSED_TO_ARTISTS] + [("admin", name) for name in CLOSED_TO_ALL]
    closed += [("client", "departments"), ("vendor", "studio_id")]
    people = {role: await as_role(role, on=production.project) for role in dict(closed)}
    for role, name in closed:
        deep = [("comments", f"task.assigner.{name}")] if name != "departments" else []
        for source, path in (("persons", name), ("tasks", f"assigner.{name}"), *deep):
            for wish in uses(path):
                answer = await ask(client, people[role], source, **wish)
                assert answer.status_code == 403, (role, source, wish, answer.text)
                assert path in answer.json()["message"]
        for wish in uses(f"assignees.{name}")[:3]:
            assert (await ask(client, people[role], "tasks", **wish)).status_code == 403
    manager = await as_role("manager", on=production.project)
    [row] = await rows(client, manager, "tasks", fields=["assigner.daily_salary"])
    assert row == {"assigner": {"daily_salary": 0}}


async def test_metadata_of_other_departments_are_nothing_to_vendors(client, as_role, make):
    production = factories.production()
    await make(*production)
    department = await make(factories.department())
    kind = await make(factories.entity_type())
    prop = await make(factories.entity(production.project, kind, data={"cost": 7, "fps": 25}))
    task = await make(factories.task(prop, production.task_type, production.task_status))
    column = await make(factories.metadata_descriptor(production.project, field_name="cost"))
    await make(
        DepartmentMetadataDescriptorLink(metadata_descriptor_id=column.id, department_id=department.id)
    )
    vendor = await as_role("vendor", on=production.project)
    await make(factories.assignation(task, vendor.person))
    artist = await as_role("user", on=production.project)
    for source, path, wish in (
        ("assets", "data", {}),
        ("entities", "data", {}),
        ("tasks", "entity.data", is_("id", str(task.id))),
    ):
        for who, known in ((vendor, False), (artist, True)):
            other = {"filter": wish} if wish else {}
            both = [wish] if wish else []
            met = await rows(client, who, source, filter={"and": [is_(f"{path}.cost", 7), *both]})
            assert bool(met) is known
            found = await rows(client, who, source, fields=[path], order=[{"field": f"{path}.cost"}], **other)
            document = found[0]["data"] if source != "tasks" else found[0]["entity"]["data"]
            assert document == ({"cost": 7, "fps": 25} if known else {"fps": 25})
            wish_of_groups = {"group_by": [f"{path}.cost"], **other}
            groups = (await ask(client, who, source, **wish_of_groups)).json()["groups"]
            assert (7 in [group["keys"][f"{path}.cost"] for group in groups]) is known


@pytest.fixture
async def make_key(client):
    async def made(who, **wish):
        answer = await client.post("/data/api-keys", json={"name": "Farm", **wish}, headers=who)
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['key']}"}

    return made


async def test_a_key_queries_its_own_resources_alone_over_relations_too(client, as_role, make, make_key):
    production = factories.production()
    await make(*production)
    who = await as_role("manager", on=production.project)
    key = await make_key(who, access="read", resources=["tasks", "task-types"])
    for wish, status in (
        ({"fields": ["name", "task_type.name"]}, 200),
        ({"fields": ["entity.name"]}, 403),
        ({"filter": is_("entity.name", "x")}, 403),
        ({"filter": is_("assignees", True, "is_null")}, 403),
        ({"order": [{"field": "entity.name"}]}, 403),
        ({"group_by": ["project.name"]}, 403),
    ):
        assert (await ask(client, key, "tasks", **wish)).status_code == status, wish
    assert (await ask(client, key, "shots")).status_code == 403
    assert (await ask(client, await make_key(who, access="read"), "shots")).status_code == 200


async def test_a_key_for_some_productions_queries_these_alone(client, as_role, make, make_key):
    own, other = factories.production(), factories.production()
    await make(*own)
    await make(*other)
    key = await make_key(await as_role("admin"), project_ids=[str(own.project.id)])
    assert [row["id"] for row in await rows(client, key, "tasks")] == [str(own.task.id)]
    assert await rows(client, key, "tasks", filter=is_("project.name", other.project.name)) == []


async def test_notifications_and_news_are_ones_own(client, as_role, make):
    own, other = factories.production(), factories.production()
    await make(*own)
    await make(*other)
    who, neighbour = await as_role("user", on=own.project), await as_role("user", on=own.project)
    mine, _, here, _ = await make(
        factories.notification(who.person, own.task),
        factories.notification(neighbour.person, own.task),
        factories.news(own.task, own.person),
        factories.news(other.task, other.person),
    )
    assert [row["id"] for row in await rows(client, who, "notifications")] == [str(mine.id)]
    assert [row["id"] for row in await rows(client, who, "news")] == [str(here.id)]
    assert (await ask(client, who, "events")).status_code == 403


async def test_nobody_queries_without_signing_in(client):
    for source in OPENINGS:
        assert (await client.post(f"/data/query/{source}", json={})).status_code == 401
