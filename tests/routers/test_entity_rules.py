"""Rules that all kinds of entities share: what is read goes back, what lies where, what lists agree on."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

from kitsu_api.db import models as m
from tests import factories

KINDS = ("Episode", "Sequence", "Shot", "Scene", "Edit", "Concept", "ConceptFolder", "Props", "Set")


class Show(NamedTuple):
    """A production with two episodes, and one entity of each kind, most of them in the first."""

    project: Any
    kinds: dict[str, Any]
    made: dict[str, Any]

    def id(self, name: str) -> str:
        """The id of an entity."""
        return str(self.made[name].id)

    def kind(self, name: str) -> str:
        """The id of an entity type."""
        return str(self.kinds[name].id)


@pytest.fixture
async def show(make) -> Show:
    project = factories.project(production_type="tvshow")
    kinds = {name: factories.entity_type(name=name) for name in KINDS}
    made: dict[str, Any] = {}

    def add(kind: str, name: str, parent: str | None = None, **values: Any) -> None:
        place = {"parent_id": made[parent].id} if parent else {}
        made[name] = factories.entity(project, kinds[kind], name=name, **place, **values)

    add("Episode", "E01")
    add("Episode", "E02")
    add("Sequence", "SQ01", "E01")
    add("Sequence", "SQ02", "E02")
    add("Sequence", "SQ00")
    add("Shot", "SH01", "SQ01", data={"fps": 25, "cost": 1})
    add("Shot", "SH02", "SQ02")
    add("Shot", "SH00", "SQ00")
    add("Shot", "GONE", "SQ01", canceled=True)
    add("Scene", "SC01", "SQ01")
    add("Scene", "SC00", "SQ00")
    add("Edit", "ED01", "E01", data={"cut": 1})
    add("Edit", "ED00")
    add("ConceptFolder", "Mood")
    add("Concept", "CO01", "Mood", data={})
    add("Props", "Tree", source_id=made["E01"].id, data={"cost": 1, "size": 2})
    add("Set", "Wood")
    await make(project, *kinds.values(), *made.values())
    return Show(project, kinds, made)


async def names(client, path: str, headers) -> list[str]:
    answer = await client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return sorted(row["name"] for row in answer.json())


# --- what is read goes back ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("assets", "Tree"),
        ("shots", "SH01"),
        ("sequences", "SQ01"),
        ("episodes", "E01"),
        ("scenes", "SC01"),
        ("edits", "ED01"),
        ("concepts", "CO01"),
        ("entities", "Tree"),
    ],
)
async def test_what_a_single_one_shows_can_be_sent_back(client, as_role, show, path, name):
    headers = await as_role("manager", on=show.project)
    read = await client.get(f"/data/{path}/{show.id(name)}", headers=headers)
    before = await client.get(f"/data/entities/{show.id(name)}", headers=headers)
    sent = await client.put(f"/data/entities/{show.id(name)}", json=read.json(), headers=headers)
    assert sent.status_code == 200, sent.text
    assert sent.json() | {"updated_at": ""} == before.json() | {"updated_at": ""}


async def test_an_asset_moves_to_another_episode_and_out_of_all(client, as_role, show):
    headers, path = await as_role("manager", on=show.project), f"/data/entities/{show.id('Tree')}"
    moved = await client.put(path, json={"source_id": show.id("E02")}, headers=headers)
    assert (moved.status_code, moved.json()["source_id"]) == (200, show.id("E02"))
    asset = await client.get(f"/data/assets/{show.id('Tree')}", headers=headers)
    assert asset.json()["episode_id"] == show.id("E02")
    out = await client.put(path, json={"source_id": ""}, headers=headers)
    assert out.json()["source_id"] is None


@pytest.mark.parametrize("name", ["episode_id", "source_id"])
async def test_an_asset_is_made_for_an_episode_by_either_name(client, as_role, show, name):
    headers = await as_role("manager", on=show.project)
    path = f"/data/projects/{show.project.id}/asset-types/{show.kind('Props')}/assets/new"
    made = await client.post(path, json={"name": "Lamp", name: show.id("E02")}, headers=headers)
    assert (made.status_code, made.json()["source_id"]) == (201, show.id("E02"))
    assert made.json()["data"] == {}
    refused = await client.post(path, json={"name": "Rug", name: show.id("SQ01")}, headers=headers)
    assert refused.status_code == 400


# --- what vendors may not read ------------------------------------------------------------------------


async def test_rows_of_entities_show_vendors_the_metadata_of_their_departments(client, as_role, make, show):
    department = factories.department()
    descriptor = factories.metadata_descriptor(show.project, field_name="cost", entity_type="Asset")
    link = m.DepartmentMetadataDescriptorLink(
        metadata_descriptor_id=descriptor.id, department_id=department.id
    )
    vendor, insider = [await as_role("vendor", on=show.project) for _ in range(2)]
    kind, status = factories.task_type(), factories.task_status()
    task = factories.task(show.made["Tree"], kind, status)
    people = [factories.assignation(task, one.person) for one in (vendor, insider)]
    member = m.DepartmentLink(person_id=insider.person.id, department_id=department.id)
    await make(department, descriptor, link, kind, status, task, *people, member)
    path = f"/data/entities/{show.id('Tree')}"
    for url in (path, f"{path}?relations=false", f"/data/entities?project_id={show.project.id}"):
        for who, expected in ((vendor, {"size": 2}), (insider, {"cost": 1, "size": 2})):
            answer = (await client.get(url, headers=who)).json()
            [row] = answer if isinstance(answer, list) else [answer]
            assert row["data"] == expected, url
    page = await client.get("/data/entities?page=1&fields=data", headers=vendor)
    assert [row["data"] for row in page.json()["data"]] == [{"size": 2}]


async def test_vendors_are_shown_no_folder_of_concepts_among_sequences(client, as_role, make, show):
    vendor = await as_role("vendor", on=show.project)
    kind, status = factories.task_type(), factories.task_status()
    tasks = [factories.task(show.made[name], kind, status) for name in ("CO01", "SH01")]
    await make(kind, status, *tasks, *(factories.assignation(task, vendor.person) for task in tasks))
    assert await names(client, f"/data/sequences?project_id={show.project.id}", vendor) == ["SQ01"]


# --- names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["shots", "sequences", "episodes", "edits", "concepts"])
@pytest.mark.parametrize("name", ["", "  \t"])
async def test_spaces_are_no_name(client, as_role, show, kind, name):
    headers = await as_role("manager", on=show.project)
    path = f"/data/projects/{show.project.id}/{kind}"
    answer = await client.post(path, json={"name": name}, headers=headers)
    assert (answer.status_code, answer.json()["message"][:5]) == (400, "name:")


async def test_a_canceled_shot_keeps_its_name_and_says_what_to_do(client, as_role, show):
    headers = await as_role("manager", on=show.project)
    path = f"/data/projects/{show.project.id}/shots"
    body = {"name": "GONE", "sequence_id": show.id("SQ01")}
    refused = await client.post(path, json=body, headers=headers)
    assert (refused.status_code, refused.json()["message"]) == (
        400,
        "GONE exists already, canceled: restore it, or delete it for good.",
    )
    elsewhere = await client.post(path, json=body | {"sequence_id": show.id("SQ02")}, headers=headers)
    assert elsewhere.status_code == 201


async def test_a_canceled_asset_gives_its_name_free(client, as_role, make, show):
    await make(factories.entity(show.project, show.kinds["Props"], name="Old", canceled=True))
    headers = await as_role("manager", on=show.project)
    path = f"/data/projects/{show.project.id}/asset-types/{show.kind('Props')}/assets/new"
    assert (await client.post(path, json={"name": "Old"}, headers=headers)).status_code == 201


# --- where entities lie, and what they are ------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "parent", "status"),
    [
        ("SH01", "SQ02", 200),
        ("SH01", "E01", 200),
        ("SH01", "SH02", 400),
        ("SH01", "SH01", 400),
        ("SQ01", "SH01", 400),
        ("SQ01", "E02", 200),
        ("E01", "SQ01", 400),
        ("CO01", "E01", 400),
        ("Tree", "Wood", 200),
        ("Tree", "Tree", 400),
    ],
)
async def test_entities_lie_in_what_holds_their_kind(client, as_role, show, name, parent, status):
    headers = await as_role("manager", on=show.project)
    moved = await client.put(
        f"/data/entities/{show.id(name)}", json={"parent_id": show.id(parent)}, headers=headers
    )
    assert moved.status_code == status, moved.text


async def test_new_entities_lie_in_what_holds_their_kind(client, as_role, show):
    headers = await as_role("manager", on=show.project)
    body = {"name": "New", "project_id": str(show.project.id), "entity_type_id": show.kind("Sequence")}
    refused = await client.post("/data/entities", json=body | {"parent_id": show.id("SH01")}, headers=headers)
    assert (refused.status_code, refused.json()["message"]) == (
        400,
        "parent_id: a `Sequence` lies in `Episode`.",
    )
    made = await client.post("/data/entities", json=body | {"parent_id": show.id("E02")}, headers=headers)
    assert made.status_code == 201


@pytest.mark.parametrize(
    ("name", "kind", "status"), [("Tree", "Set", 200), ("Tree", "Shot", 400), ("SH01", "Props", 400)]
)
async def test_an_asset_changes_its_type_and_stays_an_asset(client, as_role, show, name, kind, status):
    headers = await as_role("manager", on=show.project)
    changed = await client.put(
        f"/data/entities/{show.id(name)}", json={"entity_type_id": show.kind(kind)}, headers=headers
    )
    assert changed.status_code == status, changed.text


async def test_an_entity_type_that_there_is_not_is_refused(client, as_role, show):
    headers = await as_role("manager", on=show.project)
    nothing = {"entity_type_id": str(show.project.id)}
    body = {"name": "New", "project_id": str(show.project.id)}
    answers = [
        await client.post("/data/entities", json=body | nothing, headers=headers),
        await client.put(f"/data/entities/{show.id('Tree')}", json=nothing, headers=headers),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["message"]) == (
            400,
            "entity_type_id: there is no such entity type.",
        )


async def test_a_folder_of_concepts_is_told_by_its_kind(client, as_role, show):
    headers = await as_role("manager", on=show.project)
    folder = await client.get(f"/data/entities/{show.id('Mood')}", headers=headers)
    assert folder.json()["type"] == "ConceptFolder"


async def test_an_asset_does_not_stand_in_itself(client, as_role, show):
    headers = await as_role("manager", on=show.project)
    path = f"/data/assets/{show.id('Wood')}/asset-asset-instances"
    refused = await client.post(path, json={"asset_to_instantiate_id": show.id("Wood")}, headers=headers)
    assert refused.status_code == 400
    placed = await client.post(path, json={"asset_to_instantiate_id": show.id("Tree")}, headers=headers)
    assert placed.status_code == 201


# --- lists and boards narrow in one way ---------------------------------------------------------------

NARROWED = [
    ("assets", "E01", ["Tree"]),
    ("shots", "E01", ["GONE", "SH01"]),
    ("sequences", "E01", ["SQ01"]),
    ("scenes", "E01", ["SC01"]),
    ("edits", "E01", ["ED01"]),
    ("assets", "main", ["Wood"]),
    ("shots", "main", ["SH00"]),
    ("sequences", "main", ["SQ00"]),
    ("scenes", "null", ["SC00"]),
    ("edits", "main", ["ED00"]),
    ("assets", "all", ["Tree", "Wood"]),
    ("shots", "", ["GONE", "SH00", "SH01", "SH02"]),
    ("sequences", "all", ["SQ00", "SQ01", "SQ02"]),
    ("scenes", "all", ["SC00", "SC01"]),
    ("edits", "", ["ED00", "ED01"]),
    ("shots", "E01+E02", ["GONE", "SH01", "SH02"]),
    ("sequences", "E01+E02", ["SQ01", "SQ02"]),
    ("episodes", "E01", ["E01", "E02"]),
    ("concepts", "E01", ["CO01"]),
]


@pytest.mark.parametrize(("kind", "episodes", "expected"), NARROWED)
async def test_lists_and_boards_of_an_episode_hold_the_same(client, as_role, show, kind, episodes, expected):
    headers = await as_role("admin")
    named = [show.id(name) if name in show.made else name for name in episodes.split("+")]
    query = "&".join([f"project_id={show.project.id}", *(f"episode_id={name}" for name in named)])
    whole = "/all" if kind == "scenes" else ""
    assert await names(client, f"/data/{kind}{whole}?{query}", headers) == expected
    assert await names(client, f"/data/{kind}/with-tasks?{query}", headers) == expected


async def test_an_episode_that_is_no_id_is_refused(client, as_role, show):
    headers = await as_role("admin")
    for kind in ("assets", "shots", "sequences", "edits"):
        for path in (f"/data/{kind}", f"/data/{kind}/with-tasks"):
            answer = await client.get(f"{path}?episode_id=undefined", headers=headers)
            assert (answer.status_code, "episode_id" in answer.json()["message"]) == (400, True), path


async def test_assets_of_a_production_and_of_a_type_come_in_pages(client, as_role, make, show):
    await make(factories.entity(show.project, show.kinds["Props"], name="Lamp"))
    headers, base = await as_role("user", on=show.project), f"/data/projects/{show.project.id}"
    for path, total in ((f"{base}/assets", 3), (f"{base}/asset-types/{show.kind('Props')}/assets", 2)):
        page = (await client.get(f"{path}?page=1&limit=1", headers=headers)).json()
        assert [row["name"] for row in page["data"]] == ["Lamp"]
        assert (page["total"], page["nb_pages"], page["limit"], page["page"]) == (total, total, 1, 1)
        assert len((await client.get(path, headers=headers)).json()) == total


async def test_a_page_of_news_that_is_too_long_is_cut(client, as_role, show):
    headers = await as_role("user", on=show.project)
    news = await client.get(f"/data/entities/{show.id('Tree')}/news?limit=100000", headers=headers)
    assert (news.status_code, news.json()["limit"]) == (200, 2000)


# --- what goes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("held", ["scene", "edit", "asset", "playlist"])
async def test_what_holds_something_of_any_kind_goes_by_force_alone(client, as_role, make, show, held):
    path = "sequences" if held == "scene" else "episodes"
    holder = factories.entity(show.project, show.kinds[path[:-1].title()], name="Held")
    row = {
        "scene": lambda: factories.entity(show.project, show.kinds["Scene"], parent_id=holder.id),
        "edit": lambda: factories.entity(show.project, show.kinds["Edit"], parent_id=holder.id),
        "asset": lambda: factories.entity(show.project, show.kinds["Props"], source_id=holder.id),
        "playlist": lambda: factories.playlist(show.project, episode_id=holder.id),
    }[held]()
    await make(holder, row)
    headers = await as_role("manager", on=show.project)
    refused = await client.delete(f"/data/{path}/{holder.id}", headers=headers)
    assert refused.status_code == 400
    assert "still linked" in refused.json()["message"]
    assert (await client.delete(f"/data/{path}/{holder.id}?force=true", headers=headers)).status_code == 204


async def test_what_an_episode_casts_no_more_stays_in_its_scenes(client, as_role, session, show):
    headers = await as_role("manager", on=show.project)
    base = f"/data/projects/{show.project.id}/entities"
    for name in ("SC01", "SH01"):
        casting = [{"asset_id": show.id("Tree")}]
        answer = await client.put(f"{base}/{show.id(name)}/casting", json=casting, headers=headers)
        assert answer.status_code == 200
    assert (await client.put(f"{base}/{show.id('E01')}/casting", json=[], headers=headers)).status_code == 200
    casting = await client.get(f"{base}/{show.id('SC01')}/casting", headers=headers)
    assert [row["asset_name"] for row in casting.json()] == ["Tree"]
    assert (await client.get(f"{base}/{show.id('SH01')}/casting", headers=headers)).json() == []
    told = (
        await session.scalars(select(m.ApiEvent.data).where(m.ApiEvent.name == "shot:casting-update"))
    ).all()
    assert {data["shot_id"] for data in told} == {show.id("SH01")}


# --- what concepts are drawn for ----------------------------------------------------------------------


async def test_what_a_concept_is_drawn_for_changes(client, as_role, show):
    headers, path = await as_role("manager", on=show.project), f"/data/entities/{show.id('CO01')}"
    for names_ in (["Tree", "Wood"], ["Wood"], []):
        wish = {"entity_concept_links": [show.id(name) for name in names_]}
        answer = await client.put(path, json=wish, headers=headers)
        assert answer.status_code == 200, answer.text
        assert sorted(answer.json()["entity_concept_links"]) == sorted(wish["entity_concept_links"])
        concept = await client.get(f"/data/concepts/{show.id('CO01')}", headers=headers)
        assert sorted(concept.json()["entity_concept_links"]) == sorted(wish["entity_concept_links"])


async def test_links_of_a_concept_stay_where_nothing_is_said_of_them(client, as_role, make, show):
    await make(m.EntityConceptLink(entity_in_id=show.made["CO01"].id, entity_out_id=show.made["Tree"].id))
    headers, path = await as_role("manager", on=show.project), f"/data/entities/{show.id('CO01')}"
    for wish in ({"name": "Other"}, {"entity_concept_links": None}):
        answer = await client.put(path, json=wish, headers=headers)
        assert answer.json()["entity_concept_links"] == [show.id("Tree")]


async def test_a_concept_is_drawn_for_nothing_new_of_elsewhere(client, as_role, make, show):
    rows = factories.production()
    await make(*rows)
    headers, path = await as_role("admin"), f"/data/entities/{show.id('CO01')}"
    wish = {"entity_concept_links": [show.id("Tree"), str(rows.entity.id)]}
    assert (await client.put(path, json=wish, headers=headers)).status_code == 400
    await make(m.EntityConceptLink(entity_in_id=show.made["CO01"].id, entity_out_id=rows.entity.id))
    assert (await client.put(path, json=wish, headers=headers)).status_code == 200


async def test_vendors_read_no_metadata_of_what_others_share(client, as_role, make, show):
    other = factories.project()
    shared = factories.entity(other, show.kinds["Props"], is_shared=True, data={"cost": 9, "size": 1})
    department = factories.department()
    descriptor = factories.metadata_descriptor(other, field_name="cost", entity_type="Asset")
    link = m.DepartmentMetadataDescriptorLink(
        metadata_descriptor_id=descriptor.id, department_id=department.id
    )
    vendor, artist = await as_role("vendor", on=show.project), await as_role("user", on=show.project)
    kind, status = factories.task_type(), factories.task_status()
    task = factories.task(show.made["SH01"], kind, status)
    cast = m.EntityLink(entity_in_id=show.made["SH01"].id, entity_out_id=shared.id)
    await make(other, shared, department, descriptor, link, kind, status, task, cast)
    await make(factories.assignation(task, vendor.person))
    for who, expected in ((vendor, {"size": 1}), (artist, {"cost": 9, "size": 1})):
        [row] = (await client.get(f"/data/shots/{show.id('SH01')}/assets", headers=who)).json()
        assert row["data"] == expected


@pytest.mark.parametrize(
    ("kind", "name", "status"),
    [("Props", "Objects", 200), ("Shot", "Plan", 400), ("Props", "Shot", 400), ("Shot", "Shot", 200)],
)
async def test_types_that_are_found_by_name_keep_it(client, as_role, show, kind, name, status):
    headers = await as_role("admin")
    answer = await client.put(f"/data/entity-types/{show.kind(kind)}", json={"name": name}, headers=headers)
    assert answer.status_code == status, answer.text


async def test_cameras_are_cameras_however_their_type_is_written(client, as_role, make, show):
    kind = factories.entity_type(name="CAMERA")
    camera = factories.entity(show.project, kind, name="Main")
    await make(kind, camera)
    headers, path = await as_role("manager", on=show.project), f"/data/scenes/{show.id('SC01')}"
    for asset_id in (str(camera.id), show.id("Tree")):
        await client.post(f"{path}/asset-instances", json={"asset_id": asset_id}, headers=headers)
    found = await client.get(f"{path}/camera-instances", headers=headers)
    assert list(found.json()) == [str(camera.id)]


@pytest.mark.parametrize(("role", "status"), [("supervisor", 200), ("user", 403), ("client", 403)])
async def test_concepts_are_changed_by_whoever_keeps_them(client, as_role, show, role, status):
    headers = await as_role(role, on=show.project)
    for name, expected in (("CO01", status), ("Tree", 403)):
        answer = await client.put(f"/data/entities/{show.id(name)}", json={"name": "Other"}, headers=headers)
        assert answer.status_code == expected, name
    gone = await client.delete(f"/data/entities/{show.id('CO01')}", headers=headers)
    assert gone.status_code == (204 if status == 200 else 403)


async def test_a_canceled_shot_keeps_its_name_in_batches(client, as_role, show):
    headers = await as_role("manager", on=show.project)
    wish = {"project_id": str(show.project.id), "sequence_id": show.id("SQ01"), "name": "GONE"}
    item = {"action": "create", "resource": "shots", "values": wish}
    refused = await client.post("/data/batch", json={"items": [item]}, headers=headers)
    assert refused.status_code == 400
    assert "GONE exists already, canceled" in refused.text
