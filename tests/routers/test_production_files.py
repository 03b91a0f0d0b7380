"""Working files and output files: where they go, which revision they get, and whose they are."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from kitsu_api.db.models import (
    ApiEvent,
    AssetInstance,
    FileStatus,
    OutputFile,
    Software,
    StoredFile,
    TaskPersonLink,
    WorkingFile,
)
from kitsu_api.services.file_trees import named_tree
from tests import factories


@pytest.fixture
async def show(make):
    """A production with the tree `simple`: an asset, a shot in a sequence, a task on each, an instance."""
    status = factories.project_status()
    film = factories.project(status, name="Big Film", file_tree=named_tree("simple"))
    kinds = {name: factories.entity_type(name=name) for name in ("Sequence", "Shot", "Props")}
    tree = factories.entity(film, kinds["Props"], name="Tree")
    sequence = factories.entity(film, kinds["Sequence"], name="S01")
    shot = factories.entity(film, kinds["Shot"], name="P01", parent_id=sequence.id)
    shading, wip, artist = factories.task_type(name="Shaders"), factories.task_status(), factories.person()
    job = factories.task(tree, shading, wip, assigner_id=artist.id)
    shot_job = factories.task(shot, shading, wip, assigner_id=artist.id)
    cache = factories.output_type(name="Cache")
    instance = AssetInstance(id=uuid4(), asset_id=tree.id, name="Tree_0001", number=1)
    rows = [status, film, *kinds.values(), tree, sequence, shot, shading, wip, artist, job, shot_job, cache]
    await make(*rows)
    await make(instance)
    return SimpleNamespace(
        film=film,
        tree=tree,
        shot=shot,
        job=job,
        shot_job=shot_job,
        cache=cache,
        shading=shading,
        artist=artist,
        instance=instance,
        status=wip,
    )


@pytest.fixture
async def admin(as_role):
    return await as_role("admin")


async def post(client, who, path: str, body: object, expected: int = 200) -> Any:
    answer = await client.post(path, json=body, headers=who)
    assert answer.status_code == expected, answer.text
    return answer.json()


async def get(client, who, path: str) -> Any:
    answer = await client.get(path, headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()


def output(show, **more: object) -> dict[str, object]:
    return {"output_type_id": str(show.cache.id), "task_type_id": str(show.shading.id)} | more


# --- paths ------------------------------------------------------------------------------------------


async def test_a_working_file_goes_where_the_tree_says(client, admin, show, session):
    path = f"/data/tasks/{show.shot_job.id}/working-file-path"
    answer = await post(client, admin, path, {})
    folder = "/simple/productions/big_film/shots/s01/p01/shaders/3ds_max"
    assert answer == {"path": folder, "name": "big_film_s01_p01_shaders_main_v001"}
    software = (await session.scalars(select(Software).where(Software.name == "3ds Max"))).one()
    await post(client, admin, path, {"name": "again"})
    told = (await session.scalars(select(ApiEvent).where(ApiEvent.name == "software:new"))).one()
    assert told.data == {"software_id": str(software.id)}


async def test_name_revision_software_and_separator_of_a_path_can_be_chosen(client, admin, show, make):
    software = await make(factories.software(name="Blender"))
    wish = {"name": "wip", "revision": 12, "software_id": str(software.id), "sep": "\\"}
    answer = await post(client, admin, f"/data/tasks/{show.job.id}/working-file-path", wish)
    assert answer["path"] == "/simple\\productions\\big_film\\assets\\props\\tree\\shaders\\blender"
    assert answer["name"] == "big_film_props_tree_shaders_wip_v012"


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"mode": "nowhere"}, "Mode nowhere cannot be found on given tree."),
        ({"software_id": str(uuid4())}, "There is no such software."),
    ],
)
async def test_a_path_that_can_not_be_told_is_refused(client, admin, show, wish, message):
    answer = await post(client, admin, f"/data/tasks/{show.job.id}/working-file-path", wish, 400)
    assert answer["message"] == message


async def test_a_production_without_a_tree_has_no_paths(client, admin, make):
    rows = factories.production(file_tree=None)
    await make(*rows)
    answer = await post(client, admin, f"/data/tasks/{rows.task.id}/working-file-path", {}, 400)
    assert "no file tree" in answer["message"]


async def test_an_output_file_goes_where_the_tree_says(client, admin, show):
    path = f"/data/entities/{show.tree.id}/output-file-path"
    answer = await post(client, admin, path, output(show, name="main", revision=3))
    assert answer == {
        "folder_path": "/simple/productions/export/big_film/assets/props/tree/shaders/cache",
        "file_name": "big_film_props_tree_shaders_cache_main_v003",
    }


async def test_an_output_file_of_an_instance_goes_where_it_stands(client, admin, show):
    path = f"/data/asset-instances/{show.instance.id}/entities/{show.shot.id}/output-file-path"
    answer = await post(client, admin, path, output(show, representation=".abc"))
    folder = "/simple/productions/export/big_film/shot/s01/p01/shaders/cache/props/tree/instance_0001/abc"
    assert answer["folder_path"] == folder
    assert answer["file_name"] == "big_film_s01_p01_shaders_cache_main_tree_0001_v001"


async def test_types_of_outputs_and_tasks_of_a_path_exist(client, admin, show):
    wish = output(show) | {"output_type_id": str(uuid4())}
    await post(client, admin, f"/data/entities/{show.tree.id}/output-file-path", wish, 400)


# --- working files ----------------------------------------------------------------------------------


async def test_a_new_working_file_is_the_next_revision_and_assigns_its_artist(client, as_role, show, session):
    who = await as_role("user", on=show.film)
    path = f"/data/tasks/{show.job.id}/working-files/new"
    made = [await post(client, who, path, {"name": "main", "comment": "c"}, 201) for _ in range(2)]
    assert [one["revision"] for one in made] == [1, 2]
    assert made[1]["path"].endswith("/3ds_max/big_film_props_tree_shaders_main_v002")
    assert (made[1]["person_id"], made[1]["entity_id"]) == (str(who.person.id), str(show.tree.id))
    link = (await session.scalars(select(TaskPersonLink))).one()
    assert (link.task_id, link.person_id) == (show.job.id, who.person.id)
    told = (await session.scalars(select(ApiEvent.name).order_by(ApiEvent.created_at))).all()
    assert sorted(told) == sorted(
        ["software:new", "task:assign", "task:update", "working-file:new", "working-file:new"]
    )


async def test_a_new_working_file_is_for_the_software_of_the_newest_one(client, admin, show, make):
    software = await make(factories.software(name="Krita"))
    path = f"/data/tasks/{show.job.id}/working-files/new"
    first = await post(client, admin, path, {"software_id": str(software.id)}, 201)
    second = await post(client, admin, path, {}, 201)
    assert first["software_id"] == second["software_id"] == str(software.id)


async def test_a_revision_that_exists_is_refused(client, admin, show):
    path = f"/data/tasks/{show.job.id}/working-files/new"
    await post(client, admin, path, {"name": "main", "revision": 66}, 201)
    answer = await post(client, admin, path, {"name": "main", "revision": 66}, 400)
    assert answer["message"] == "The given working file already exists."


@pytest.mark.parametrize("wrong", ["person_id", "software_id"])
async def test_a_working_file_refers_to_what_there_is(client, admin, show, session, wrong):
    path = f"/data/tasks/{show.job.id}/working-files/new"
    await post(client, admin, path, {wrong: str(uuid4())}, 400)
    assert (await session.scalars(select(WorkingFile))).all() == []


async def test_last_working_files_are_by_name(client, admin, show, make):
    for name, revision in (("main", 1), ("main", 3), ("main", 2), ("wip", 1)):
        await make(factories.working_file(show.job, show.artist, name=name, revision=revision))
    path = f"/data/tasks/{show.job.id}/working-files"
    last = await get(client, admin, f"{path}/last-revisions")
    assert {name: file["revision"] for name, file in last.items()} == {"main": 3, "wip": 1}
    assert [file["revision"] for file in await get(client, admin, path)] == [1, 3, 2, 1]
    assert await get(client, admin, f"/data/tasks/{show.shot_job.id}/working-files/last-revisions") == {}


async def test_working_files_of_an_entity_are_narrowed(client, admin, show, make):
    first = factories.working_file(show.job, show.artist, name="a", entity_id=show.tree.id)
    second = factories.working_file(show.job, show.artist, name="b", entity_id=show.tree.id)
    await make(first, second)
    path = f"/data/entities/{show.tree.id}/working-files"
    assert [file["id"] for file in await get(client, admin, path)] == [str(first.id), str(second.id)]
    assert [file["id"] for file in await get(client, admin, f"{path}?name=b")] == [str(second.id)]
    assert await get(client, admin, f"{path}?task_id={show.shot_job.id}") == []


async def test_a_working_file_can_be_commented_and_touched(client, admin, show, make, session):
    file = await make(factories.working_file(show.job, show.artist))
    before = file.updated_at
    path = f"/actions/working-files/{file.id}"
    answer = await client.put(f"{path}/comment", json={"comment": "lighter"}, headers=admin)
    assert answer.json()["comment"] == "lighter"
    told = (await session.scalars(select(ApiEvent).where(ApiEvent.name == "working-file:update"))).one()
    assert told.project_id == show.film.id
    assert (await client.put(f"{path}/modified", headers=admin)).status_code == 200
    await session.refresh(await session.get(WorkingFile, file.id))
    assert (await session.get(WorkingFile, file.id)).updated_at > before


async def test_the_content_of_a_working_file_comes_back_as_a_download(client, admin, show, make, session):
    file = await make(factories.working_file(show.job, show.artist, name="scene"))
    path = f"/data/working-files/{file.id}/file"
    assert (await client.get(path, headers=admin)).status_code == 404
    for content in (b"first", b"<script>second</script>"):
        sent = await client.post(path, files={"file": ("scene.blend", content)}, headers=admin)
        assert sent.status_code == 201, sent.text
    assert sent.json()["outputs"] == []
    answer = await client.get(path, headers=admin)
    assert answer.content == b"<script>second</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    part = await client.get(path, headers={**admin, "range": "bytes=8-13"})
    assert (part.status_code, part.content) == (206, b"second")
    stored = (await session.scalars(select(StoredFile))).one()
    assert (stored.bucket, stored.key, stored.size) == ("files", f"working-{file.id}", 23)


async def test_an_upload_without_a_file_is_refused(client, admin, show, make):
    file = await make(factories.working_file(show.job, show.artist))
    path = f"/data/working-files/{file.id}/file"
    assert (await client.post(path, json={}, headers=admin)).status_code == 400
    assert (await client.post(path, files={"other": ("a", b"b")}, headers=admin)).status_code == 400


# --- output files -----------------------------------------------------------------------------------


async def test_a_new_output_file_says_where_it_goes(client, admin, show, make, session):
    source = await make(factories.working_file(show.job, show.artist))
    wish = output(show, working_file_id=str(source.id), extension="abc", nb_elements=5)
    made = await post(client, admin, f"/data/entities/{show.tree.id}/output-files/new", wish, 201)
    folder = "/simple/productions/export/big_film/assets/props/tree/shaders/cache"
    assert (made["folder_path"], made["file_name"]) == (folder, "big_film_props_tree_shaders_cache_main_v001")
    assert made["path"] == f"{folder}/big_film_props_tree_shaders_cache_main_v001.abc"
    assert made["source_file"]["id"] == str(source.id)
    status = (await session.scalars(select(FileStatus))).one()
    assert (status.name, made["file_status_id"]) == ("To review", str(status.id))
    told = (await session.scalars(select(ApiEvent).where(ApiEvent.name == "output-file:new"))).one()
    assert told.data == {"output_file_id": made["id"], "project_id": str(show.film.id)}


async def test_an_output_file_that_exists_is_refused(client, admin, show):
    path = f"/data/entities/{show.tree.id}/output-files/new"
    await post(client, admin, path, output(show, revision=2), 201)
    answer = await post(client, admin, path, output(show, revision=2), 400)
    assert answer["message"] == "The given output file already exists."
    await post(client, admin, path, output(show, revision=2, representation="obj"), 201)


async def test_an_output_file_refers_to_what_there_is(client, admin, show, session):
    wish = output(show, working_file_id=str(uuid4()))
    await post(client, admin, f"/data/entities/{show.tree.id}/output-files/new", wish, 400)
    assert (await session.scalars(select(OutputFile))).all() == []


async def test_an_instance_has_its_own_revisions(client, admin, show):
    entity = f"/data/entities/{show.tree.id}/output-files"
    instance = f"/data/asset-instances/{show.instance.id}/entities/{show.shot.id}/output-files"
    await post(client, admin, f"{entity}/new", output(show), 201)
    made = await post(client, admin, f"{instance}/new", output(show), 201)
    assert (made["revision"], made["entity_id"]) == (1, str(show.tree.id))
    assert made["temporal_entity_id"] == str(show.shot.id)
    assert made["folder_path"].endswith("/instance_0001/")
    assert (await post(client, admin, f"{entity}/next-revision", output(show)))["next_revision"] == 2
    assert (await post(client, admin, f"{instance}/next-revision", output(show)))["next_revision"] == 2
    assert [one["id"] for one in await get(client, admin, f"{instance}/last-revisions")] == [made["id"]]
    types = await get(client, admin, instance.replace("output-files", "output-types"))
    assert [one["name"] for one in types] == ["Cache"]
    by_type = instance.replace("output-files", f"output-types/{show.cache.id}/output-files")
    assert [one["id"] for one in await get(client, admin, by_type)] == [made["id"]]


async def test_lists_of_output_files_are_narrowed_and_newest_first(client, admin, show, make):
    other = await make(factories.output_type(name="Alembic"))
    path = f"/data/entities/{show.tree.id}/output-files"
    for revision in (1, 2):
        await post(client, admin, f"{path}/new", output(show, revision=revision, representation="obj"), 201)
    wish = output(show, name="low") | {"output_type_id": str(other.id)}
    await post(client, admin, f"{path}/new", wish, 201)
    assert [one["revision"] for one in await get(client, admin, path)] == [2, 1, 1]
    last = await get(client, admin, f"{path}/last-revisions")
    assert [(one["name"], one["revision"]) for one in last] == [("main", 2), ("low", 1)]
    assert len(await get(client, admin, f"{path}?representation=obj")) == 2
    assert len(await get(client, admin, f"{path}?name=low")) == 1
    of_project = f"/data/projects/{show.film.id}/output-files"
    assert len(await get(client, admin, of_project)) == 3
    assert len(await get(client, admin, f"{of_project}?output_type_id={other.id}")) == 1
    names = [one["name"] for one in await get(client, admin, f"/data/entities/{show.tree.id}/output-types")]
    assert names == ["Alembic", "Cache"]
    by_type = f"/data/entities/{show.tree.id}/output-types/{show.cache.id}/output-files"
    assert len(await get(client, admin, by_type)) == 2
    assert await get(client, admin, f"{by_type}?representation=max") == []


async def test_the_number_of_statements_does_not_grow_with_the_files(
    client, admin, show, make, count_statements
):
    status = await make(factories.file_status())
    paths = (f"/data/entities/{show.tree.id}/output-files", f"/data/projects/{show.film.id}/output-files")

    async def cost(path: str) -> int:
        with count_statements() as statements:
            await get(client, admin, path)
        return statements.count

    before = [await cost(path) for path in paths]
    for revision in range(1, 30):
        common = {"output_type_id": show.cache.id, "task_type_id": show.shading.id, "name": "main"}
        ids = {"id": uuid4(), "entity_id": show.tree.id, "file_status_id": status.id}
        await make(OutputFile(**ids, **common, revision=revision))
    assert [await cost(path) for path in paths] == before


# --- any file, and paths that are read ---------------------------------------------------------------


async def test_a_file_is_found_whichever_it_is(client, admin, show, make):
    working = await make(factories.working_file(show.job, show.artist))
    made = await post(client, admin, f"/data/entities/{show.tree.id}/output-files/new", output(show), 201)
    assert (await get(client, admin, f"/data/files/{working.id}"))["type"] == "WorkingFile"
    assert (await get(client, admin, f"/data/files/{made['id']}"))["type"] == "OutputFile"
    assert (await client.get(f"/data/files/{uuid4()}", headers=admin)).status_code == 404


async def test_a_path_is_read_by_the_tree(client, admin, show, make):
    software = await make(factories.software(name="Blender"))
    wish = {"project_id": str(show.film.id)}
    shot = "/simple/productions/big_film/shots/S01/p01/SHADERS/blender/big_film_main_v001.blend"
    for path in ("guess-from-path", "guess_from_path"):
        found = await post(client, admin, f"/data/entities/{path}", wish | {"file_path": shot})
        assert len(found) == 1
        assert found[0]["Template"] == "shot"
        assert (found[0]["Shot"], found[0]["TaskType"]) == (str(show.shot.id), str(show.shading.id))
        assert found[0]["Software"] == str(software.id)
    asset = "/simple/productions/big_film/assets/Props/Tree/Shaders/other"
    found = await post(client, admin, "/data/entities/guess-from-path", wish | {"file_path": asset})
    assert (found[0]["Template"], found[0]["Asset"]) == ("asset", str(show.tree.id))
    assert "Software" not in found[0]


@pytest.mark.parametrize(
    "path",
    [
        "/elsewhere/productions/big_film/shots/S01/P01/Shaders/blender",
        "/simple/productions/other_film/shots/S01/P01/Shaders/blender",
        "/simple/productions/big_film/shots/S02/P01/Shaders/blender",
        "/simple/productions/big_film/shots/S01",
        "/",
    ],
)
async def test_a_path_of_something_else_is_read_as_nothing(client, admin, show, path):
    wish = {"project_id": str(show.film.id), "file_path": path}
    assert await post(client, admin, "/data/entities/guess-from-path", wish) == []


# --- rights -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["client", "vendor"])
async def test_clients_and_vendors_without_the_task_publish_nothing(client, as_role, show, role):
    who = await as_role(role, on=show.film)
    await post(client, who, f"/data/tasks/{show.job.id}/working-files/new", {}, 403)
    await post(client, who, f"/data/entities/{show.tree.id}/output-files/new", output(show), 403)


async def test_vendors_publish_for_what_they_are_assigned_to(client, as_role, show, make):
    who = await as_role("vendor", on=show.film)
    await make(factories.assignation(show.job, who.person))
    await post(client, who, f"/data/tasks/{show.job.id}/working-files/new", {}, 201)
    await post(client, who, f"/data/entities/{show.tree.id}/output-files/new", output(show), 201)
    assert len(await get(client, who, f"/data/projects/{show.film.id}/output-files")) == 1


async def test_files_of_another_production_stay_closed(client, as_role, show, make):
    other = factories.production()
    await make(*other)
    who = await as_role("manager", on=other.project)
    file = await make(factories.working_file(show.job, show.artist))
    for path in (
        f"/data/tasks/{show.job.id}/working-files",
        f"/data/tasks/{show.job.id}/working-files/last-revisions",
        f"/data/entities/{show.tree.id}/working-files",
        f"/data/entities/{show.tree.id}/output-files",
        f"/data/projects/{show.film.id}/output-files",
        f"/data/working-files/{file.id}/file",
        f"/data/files/{file.id}",
        f"/data/asset-instances/{show.instance.id}/entities/{show.shot.id}/output-types",
    ):
        assert (await client.get(path, headers=who)).status_code == 403, path
    instance = f"/data/asset-instances/{show.instance.id}/entities/{other.entity.id}/output-files/new"
    await post(client, who, instance, output(show), 403)
    wish = {"project_id": str(show.film.id), "file_path": "/simple"}
    await post(client, who, "/data/entities/guess-from-path", wish, 403)
