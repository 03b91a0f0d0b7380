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
    assert (await client.put(path, json={"name": "Stolen"}, headers=other)).status_code == 404
    assert (await client.delete(path, headers=other)).status_code == 404
    assert (await client.delete(path, headers=artist)).status_code == 204
    assert await listed(client, kind, artist) == {}


@each_kind
async def test_admins_reach_the_searches_of_others_but_are_not_shown_them(client, as_role, film, kind):
    artist, admin = await as_role("user", on=film), await as_role("admin")
    row = await save(client, kind, artist, project_id=str(film.id))
    assert await listed(client, kind, admin) == {}
    path = f"/data/user/{kind}/{row['id']}"
    answer = await client.put(path, json={"name": "Mended"}, headers=admin)
    assert (answer.status_code, answer.json()["person_id"]) == (200, str(artist.person.id))
    assert await listed(client, kind, artist) == {"asset": {str(film.id): ["Mended"]}}
    assert (await client.delete(path, headers=admin)).status_code == 204
    assert await listed(client, kind, artist) == {}


@each_kind
async def test_a_shared_one_reaches_the_team_and_nobody_else(client, as_role, film, kind):
    boss = await as_role("manager", on=film)
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
    high = role in ("admin", "manager")
    await save(client, kind, person, 201 if high else 403, project_id=str(film.id), is_shared=True)
    everywhere = 201 if role == "admin" else 403
    await save(client, kind, person, everywhere, project_id=str(other.id), is_shared=True)
    own = await save(client, kind, person, project_id=str(film.id))
    answer = await client.put(f"/data/user/{kind}/{own['id']}", json={"is_shared": True}, headers=person)
    assert answer.status_code == (200 if high else 403)


@each_kind
async def test_the_register_is_no_way_around_what_may_be_shared(client, as_role, film, kind):
    artist = await as_role("user", on=film)
    register = f"/data/search-{kind}"
    body = {"name": "Mine", "list_type": "asset", "project_id": str(film.id)}
    answer = await client.post(register, json=body | {"is_shared": True}, headers=artist)
    assert answer.status_code == 403
    made = await client.post(register, json=body, headers=artist)
    assert made.status_code == 201, made.text
    one = f"{register}/{made.json()['id']}"
    assert (await client.put(one, json={"is_shared": True}, headers=artist)).status_code == 403
    assert (await client.put(one, json={"name": "Still mine"}, headers=artist)).status_code == 200


@each_kind
async def test_one_of_no_production_is_not_shared(client, as_role, film, kind):
    admin = await as_role("admin")
    await save(client, kind, admin, 400, is_shared=True)
    own = await save(client, kind, admin, project_id=str(film.id), is_shared=True)
    path = f"/data/user/{kind}/{own['id']}"
    assert (await client.put(path, json={"project_id": None}, headers=admin)).status_code == 400
    both = {"project_id": None, "is_shared": False}
    assert (await client.put(path, json=both, headers=admin)).status_code == 200


async def test_a_search_and_its_group_agree_on_being_shared(client, as_role, film):
    boss = await as_role("manager", on=film)
    here = {"project_id": str(film.id)}
    group = await save(client, "filter-groups", boss, **here, is_shared=True)
    place = {"search_filter_group_id": group["id"]}
    await save(client, "filters", boss, 400, **here, **place, is_shared=False)
    held = await save(client, "filters", boss, **here, **place)
    alone = await save(client, "filters", boss, **here, name="Alone")
    assert (held["is_shared"], alone["is_shared"]) == (True, False)
    path = f"/data/user/filters/{held['id']}"
    assert (await client.put(path, json={"is_shared": False}, headers=boss)).status_code == 400
    whole = {"name": "Alone", "is_shared": False, **place}
    moved = await client.put(f"/data/user/filters/{alone['id']}", json=whole, headers=boss)
    assert moved.json()["is_shared"] is True
    out = {"search_filter_group_id": None, "is_shared": False}
    assert (await client.put(path, json=out, headers=boss)).json()["is_shared"] is False


async def test_what_a_group_holds_is_shared_with_it_and_no_longer_than_it(client, as_role, film):
    boss, artist = await as_role("manager", on=film), await as_role("user", on=film)
    here = {"project_id": str(film.id)}
    group = await save(client, "filter-groups", boss, **here)
    place = {"search_filter_group_id": group["id"]}
    await save(client, "filters", boss, **here, **place)
    await save(client, "filters", boss, **place, name="Of no production")
    path = f"/data/user/filter-groups/{group['id']}"
    assert (await client.put(path, json={"is_shared": True}, headers=boss)).status_code == 200
    assert await listed(client, "filters", artist) == {"asset": {str(film.id): ["Mine"]}}
    assert (await client.put(path, json={"is_shared": False}, headers=boss)).status_code == 200
    assert await listed(client, "filters", artist) == {}


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
    alone = await save(client, "filters", artist, name="Alone")
    assert (await client.delete(path, headers=artist)).status_code == 204
    kept = await session.scalars(select(SearchFilter.id).where(SearchFilter.person_id == artist.person.id))
    assert [str(id) for id in kept] == [alone["id"]]
