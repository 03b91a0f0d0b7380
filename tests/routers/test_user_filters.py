"""Saved searches: one's own, and those that are shared."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from kitsu_api.db.models import DepartmentLink, SearchFilter, SearchFilterGroup
from tests import factories

KINDS = {
    "filters": ({"name": "Mine", "query": "props", "list_type": "asset"}, SearchFilter),
    "filter-groups": ({"name": "Mine", "color": "#112233", "list_type": "asset"}, SearchFilterGroup),
}
each_kind = pytest.mark.parametrize("kind", sorted(KINDS))


@pytest.fixture
async def film(make):
    return await make(factories.project())


async def save(client, kind, headers, status=201, **more):
    answer = await client.post(f"/data/user/{kind}", json=KINDS[kind][0] | more, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def listed(client, kind, headers) -> dict:
    answer = await client.get(f"/data/user/{kind}", headers=headers)
    assert answer.status_code == 200, answer.text
    return {
        list_type: {place: [row["name"] for row in rows] for place, rows in places.items()}
        for list_type, places in answer.json().items()
    }


@each_kind
async def test_a_search_is_listed_by_list_and_production(client, as_role, film, kind):
    artist = await as_role("user", on=film)
    assert await listed(client, kind, artist) == {}
    row = await save(client, kind, artist, project_id=str(film.id))
    assert (row["person_id"], row["is_shared"]) == (str(artist.person.id), False)
    await save(client, kind, artist, list_type="shot", name="Everywhere")
    assert await listed(client, kind, artist) == {
        "asset": {str(film.id): ["Mine"]},
        "shot": {"all": ["Everywhere"]},
    }


async def test_a_query_is_kept_as_search_query(client, as_role):
    artist = await as_role("user")
    row = await save(client, "filters", artist, query="tree rig")
    assert row["search_query"] == "tree rig"
    changed = await client.put(
        f"/data/user/filters/{row['id']}", json={"search_query": "bush"}, headers=artist
    )
    assert (changed.json()["search_query"], changed.json()["name"]) == ("bush", "Mine")


@each_kind
async def test_a_search_is_its_owners_alone(client, as_role, film, kind):
    artist, other = await as_role("user", on=film), await as_role("user", on=film)
    row = await save(client, kind, artist, project_id=str(film.id))
    assert await listed(client, kind, other) == {}
    path = f"/data/user/{kind}/{row['id']}"
    for headers in (other, await as_role("admin")):
        assert (await client.put(path, json={"name": "Stolen"}, headers=headers)).status_code == 404
        assert (await client.delete(path, headers=headers)).status_code == 404
    assert (await client.delete(path, headers=artist)).status_code == 204
    assert await listed(client, kind, artist) == {}


@each_kind
async def test_a_shared_one_reaches_the_team_and_nobody_else(client, as_role, film, kind):
    boss = await as_role("supervisor", on=film)
    await save(client, kind, boss, project_id=str(film.id), is_shared=True)
    assert await listed(client, kind, await as_role("user", on=film)) == {"asset": {str(film.id): ["Mine"]}}
    assert await listed(client, kind, await as_role("user")) == {}


@each_kind
async def test_one_that_is_shared_with_a_department_reaches_that_department(
    client, as_role, film, make, kind
):
    boss, artist = await as_role("manager", on=film), await as_role("user", on=film)
    department = await make(factories.department())
    await save(client, kind, boss, project_id=str(film.id), is_shared=True, department_id=str(department.id))
    assert await listed(client, kind, artist) == {}
    await make(DepartmentLink(person_id=artist.person.id, department_id=department.id))
    assert await listed(client, kind, artist) == {"asset": {str(film.id): ["Mine"]}}


@each_kind
@pytest.mark.parametrize("role", ["admin", "manager", "supervisor", "user", "client", "vendor"])
async def test_who_may_share(client, as_role, film, make, kind, role):
    other = await make(factories.project())
    person = await as_role(role, on=film)
    high = role in ("admin", "manager", "supervisor")
    await save(client, kind, person, 201 if high else 403, project_id=str(film.id), is_shared=True)
    everywhere = 201 if role == "admin" else 403
    await save(client, kind, person, everywhere, project_id=str(other.id), is_shared=True)
    await save(client, kind, person, 201 if role in ("admin", "manager") else 403, is_shared=True)
    if not high:
        own = await save(client, kind, person, project_id=str(film.id))
        answer = await client.put(f"/data/user/{kind}/{own['id']}", json={"is_shared": True}, headers=person)
        assert answer.status_code == 403


@each_kind
@pytest.mark.parametrize(
    "wrong",
    [
        {"project_id": "11111111-1111-4111-8111-111111111111"},
        {"department_id": "11111111-1111-4111-8111-111111111111"},
        {"project_id": "x"},
        {"name": ""},
        {"name": "x" * 201},
        {"list_type": None},
        {"name": "\x00"},
    ],
)
async def test_what_can_not_be_saved_is_refused(client, as_role, kind, wrong):
    await save(client, kind, await as_role("admin"), 400, **wrong)


async def test_a_search_goes_into_a_group_of_its_owner(client, as_role, session):
    artist, other = await as_role("user"), await as_role("user")
    group = await save(client, "filter-groups", artist)
    row = await save(client, "filters", artist, search_filter_group_id=group["id"])
    assert row["search_filter_group_id"] == group["id"]
    await save(client, "filters", other, 400, search_filter_group_id=group["id"])
    path = f"/data/user/filter-groups/{group['id']}"
    assert (await client.get(path, headers=artist)).json() == group
    assert (await client.get(path, headers=other)).status_code == 404
    assert (await client.delete(path, headers=artist)).status_code == 204
    kept = await session.scalar(
        select(SearchFilter.search_filter_group_id).where(SearchFilter.person_id == artist.person.id)
    )
    assert kept is None
