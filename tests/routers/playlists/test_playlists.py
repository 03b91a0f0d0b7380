"""Playlists: what lists show, what there is to watch, what may be put in, and who is told."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from kitsu_api.db.models import ApiEvent, BuildJob, DepartmentLink, Notification, Playlist, StoredFile
from tests import factories
from tests.routers.playlists.stage import entry, make_stage, take


async def get(client, who, path: str, expected: int = 200) -> Any:
    answer = await client.get(path, headers=who)
    assert answer.status_code == expected, answer.text
    return answer.json()


async def post(client, who, path: str, body: object, expected: int = 200) -> Any:
    answer = await client.post(path, json=body, headers=who)
    assert answer.status_code == expected, answer.text
    return answer.json()


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows]


# --- lists --------------------------------------------------------------------------------------------


async def test_lists_leave_out_what_playlists_hold(client, manager, make, stage):
    await make(factories.playlist(stage.film, name="Dailies", shots=[entry(stage.first)]))
    [row] = await get(client, manager, f"/data/projects/{stage.film.id}/playlists")
    assert (row["name"], row["type"]) == ("Dailies", "Playlist")
    assert "shots" not in row
    [whole] = await get(client, manager, f"/data/projects/{stage.film.id}/playlists/all")
    assert whole["shots"] == [entry(stage.first)]
    assert whole["build_jobs"] == []


async def test_lists_are_sorted_and_come_in_pages(client, manager, make, stage):
    for name in ("b", "C", "a"):
        await make(factories.playlist(stage.film, name=name))
    path = f"/data/projects/{stage.film.id}/playlists"
    assert names(await get(client, manager, path)) == ["a", "C", "b"]
    assert names(await get(client, manager, f"{path}?sort_by=created_at")) == ["a", "C", "b"]
    assert names(await get(client, manager, f"{path}?sort_by=name")) == ["a", "b", "C"]
    assert names(await get(client, manager, f"{path}?sort_by=name&limit=2&page=1")) == ["a", "b"]
    assert names(await get(client, manager, f"{path}?sort_by=name&limit=2&page=2")) == ["C"]
    assert await get(client, manager, f"{path}?sort_by=name&limit=2&page=3") == []


@pytest.mark.parametrize("query", ["sort_by=shots", "page=0", "page=x", "task_type_id=x", "limit=0"])
async def test_lists_refuse_what_they_do_not_know(client, manager, stage, query):
    await get(client, manager, f"/data/projects/{stage.film.id}/playlists?{query}", 400)


async def test_lists_are_narrowed_by_task_type_and_kind(client, manager, make, stage):
    await make(factories.playlist(stage.film, name="shots", task_type_id=stage.animation.id))
    await make(factories.playlist(stage.film, name="props", for_entity="asset"))
    path = f"/data/projects/{stage.film.id}/playlists"
    assert names(await get(client, manager, f"{path}?task_type_id={stage.animation.id}")) == ["shots"]
    assert names(await get(client, manager, f"{path}?for_entity=asset")) == ["props"]


async def test_an_episode_has_its_playlists_and_so_have_none_and_all(client, manager, make, stage):
    await make(factories.playlist(stage.film, name="of E01", episode_id=stage.episode.id))
    await make(factories.playlist(stage.film, name="of none"))
    await make(factories.playlist(stage.film, name="of all", is_for_all=True))
    path = f"/data/projects/{stage.film.id}/episodes"
    assert names(await get(client, manager, f"{path}/{stage.episode.id}/playlists")) == ["of E01"]
    assert names(await get(client, manager, f"{path}/main/playlists")) == ["of none"]
    assert names(await get(client, manager, f"{path}/all/playlists")) == ["of all"]
    assert await get(client, manager, f"{path}/{uuid4()}/playlists") == []
    await get(client, manager, f"{path}/nowhere/playlists", 404)


async def test_an_episode_of_another_production_lends_no_playlists(client, as_role, make, stage):
    other = await make_stage(make, name="Other")
    await make(factories.playlist(other.film, name="theirs", episode_id=other.episode.id))
    path = f"/data/projects/{stage.film.id}/episodes/{other.episode.id}/playlists"
    assert await get(client, await as_role("admin"), path) == []


async def test_two_hundred_playlists_take_as_many_statements_as_two(
    client, manager, make, stage, count_statements
):
    paths = [
        f"/data/projects/{stage.film.id}/playlists?page=1",
        f"/data/projects/{stage.film.id}/playlists/all",
        f"/data/projects/{stage.film.id}/episodes/main/playlists",
    ]
    rows = [factories.playlist(stage.film, shots=[entry(stage.first)]) for _ in range(200)]
    await make(*rows[:2])
    few, many = [], []
    for counts in (few, many):
        for path in paths:
            with count_statements() as statements:
                await get(client, manager, path)
            counts.append(statements.count)
        if counts is few:
            await make(*rows[2:])
    assert few == many
    assert max(many) <= 3


# --- one playlist -------------------------------------------------------------------------------------


async def test_an_entry_shows_all_revisions_by_task_type(client, manager, make, stage):
    old, new = take(stage, stage.tasks.first, 1, extension="mp4"), take(stage, stage.tasks.first, 2)
    beside = take(stage, stage.tasks.first, 2, position=2, width=320)
    layout = take(stage, stage.tasks.first_layout, 1)
    old.data = {"original_width": 1920, "original_duration": 2.5}
    old.annotations = [{"time": 0, "drawing": {"objects": []}}]
    await make(old, new, beside, layout)
    playlist = await make(factories.playlist(stage.film, shots=[entry(stage.first, old)]))
    whole = await get(client, manager, f"/data/projects/{stage.film.id}/playlists/{playlist.id}")
    [shot] = whole["shots"]
    assert (shot["id"], shot["entity_id"]) == (str(stage.first.id), str(stage.first.id))
    revisions = shot["preview_files"][str(stage.animation.id)]
    assert [one["id"] for one in revisions] == [str(new.id), str(old.id)]
    assert [one["id"] for one in revisions[0]["previews"]] == [str(beside.id)]
    assert revisions[0]["previews"][0]["width"] == 320
    assert (revisions[1]["original_width"], revisions[1]["original_duration"]) == (1920, 2.5)
    assert revisions[1]["original_height"] is None
    assert [one["id"] for one in shot["preview_files"][str(stage.layout.id)]] == [str(layout.id)]
    assert shot["preview_file_extension"] == "mp4"
    assert shot["preview_file_revision"] == 1
    assert shot["preview_file_task_id"] == str(stage.tasks.first.id)
    assert shot["preview_file_annotations"] == old.annotations
    assert (shot["preview_file_status"], shot["preview_file_previews"]) == ("Ready", [])
    assert whole["build_jobs"] == []


async def test_an_entry_without_anything_to_watch_has_an_empty_list(client, manager, make, stage):
    playlist = await make(factories.playlist(stage.film, shots=[entry(stage.first)]))
    whole = await get(client, manager, f"/data/projects/{stage.film.id}/playlists/{playlist.id}")
    shot = entry(stage.first) | {"id": str(stage.first.id), "preview_files": []}
    assert whole["shots"] == [shot]


async def test_entries_that_are_none_do_no_harm(client, manager, make, stage):
    rubbish = [None, 3, {"entity_id": "x"}, {"id": str(stage.first.id), "preview_file_id": "x"}]
    for shots in (rubbish, {"a": 1}, None):
        playlist = await make(factories.playlist(stage.film, shots=shots))
        path = f"/data/projects/{stage.film.id}/playlists/{playlist.id}"
        whole = await get(client, manager, path)
        assert [shot["id"] for shot in whole["shots"]] == ([str(stage.first.id)] if shots is rubbish else [])


async def test_a_playlist_does_not_show_what_another_production_made(client, as_role, make, stage):
    other = await make_stage(make, name="Other")
    foreign = await make(take(other, other.tasks.first, 1))
    playlist = await make(factories.playlist(stage.film, shots=[entry(other.first, foreign)]))
    path = f"/data/projects/{stage.film.id}/playlists/{playlist.id}"
    [shot] = (await get(client, await as_role("admin"), path))["shots"]
    assert shot["preview_files"] == []
    assert "preview_file_status" not in shot


async def test_a_playlist_lists_its_builds(client, manager, make, stage):
    playlist = await make(factories.playlist(stage.film))
    build = await make(BuildJob(id=uuid4(), playlist_id=playlist.id, status="succeeded"))
    whole = await get(client, manager, f"/data/projects/{stage.film.id}/playlists/{playlist.id}")
    assert [(job["id"], job["status"]) for job in whole["build_jobs"]] == [(str(build.id), "succeeded")]


async def test_a_playlist_is_found_in_its_own_production_alone(client, as_role, make, stage):
    other = await make_stage(make, name="Other")
    playlist = await make(factories.playlist(other.film))
    await get(client, await as_role("admin"), f"/data/projects/{stage.film.id}/playlists/{playlist.id}", 404)


async def test_a_long_playlist_takes_as_many_statements_as_a_short_one(
    client, manager, make, stage, count_statements
):
    takes = [take(stage, stage.tasks.first, number) for number in range(1, 60)]
    await make(*takes)
    short = await make(factories.playlist(stage.film, shots=[entry(stage.first, takes[0])]))
    long = await make(factories.playlist(stage.film, shots=[entry(stage.first, one) for one in takes]))
    counts = []
    for playlist in (short, long):
        with count_statements() as statements:
            await get(client, manager, f"/data/projects/{stage.film.id}/playlists/{playlist.id}")
        counts.append(statements.count)
    assert counts[0] == counts[1] <= 7


# --- who sees them ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("manager", {"inner", "outer"}),
        ("supervisor", {"inner", "outer"}),
        ("user", {"inner", "outer"}),
        ("client", {"outer"}),
        ("vendor", set()),
    ],
)
@pytest.mark.parametrize("by_production", [False, True])
async def test_lists_and_single_reads_show_the_same(client, as_role, make, stage, role, seen, by_production):
    """The role counts that is held in the production."""
    who = await as_role("user" if by_production else role, on=stage.film, role_on=role)
    shown = {
        name: await make(factories.playlist(stage.film, name=name, for_client=name == "outer"))
        for name in ("inner", "outer")
    }
    project = f"/data/projects/{stage.film.id}"
    for path in ("/data/playlists", f"{project}/playlists", f"{project}/playlists/all"):
        answer = await client.get(path, headers=who)
        found = set(names(answer.json())) if answer.status_code == 200 else set()
        assert found == seen, path
    for name, playlist in shown.items():
        expected = 200 if name in seen else 403
        for path in (
            f"/data/playlists/{playlist.id}",
            f"{project}/playlists/{playlist.id}",
            f"/data/playlists/{playlist.id}/download/zip",
        ):
            assert (await client.get(path, headers=who)).status_code == expected, path


async def test_playlists_of_other_productions_are_closed(client, as_role, make, stage):
    other = await make_stage(make, name="Other")
    playlist = await make(factories.playlist(stage.film))
    for role in ("manager", "supervisor", "user", "client", "vendor"):
        who = await as_role(role, on=other.film)
        for path in (
            f"/data/projects/{stage.film.id}/playlists",
            f"/data/projects/{stage.film.id}/playlists/all",
            f"/data/projects/{stage.film.id}/playlists/{playlist.id}",
            f"/data/projects/{stage.film.id}/episodes/all/playlists",
            f"/data/projects/{stage.film.id}/build-jobs",
            f"/data/playlists/{playlist.id}",
            f"/data/playlists/{playlist.id}/build/mp4",
            f"/data/playlists/{playlist.id}/download/zip",
        ):
            await get(client, who, path, 403)


@pytest.mark.parametrize(("role", "status"), [("user", 403), ("client", 403), ("vendor", 403)])
async def test_who_does_not_direct_changes_no_playlist(client, as_role, make, stage, role, status):
    playlist = await make(factories.playlist(stage.film, for_client=True))
    who = await as_role(role, on=stage.film)
    await post(client, who, f"/actions/playlists/{playlist.id}/add-entity", entry(stage.first), status)
    body = {"entities": [entry(stage.first)]}
    await post(client, who, f"/actions/playlists/{playlist.id}/add-entities", body, status)
    await post(client, who, f"/data/playlists/{playlist.id}/notify-clients", {}, status)
    assert (await client.put(f"/data/playlists/{playlist.id}", json={}, headers=who)).status_code == status
    assert (await client.delete(f"/data/playlists/{playlist.id}", headers=who)).status_code == status


async def test_supervisors_add_to_their_own_playlists_and_to_nobodys(client, as_role, make, stage):
    who = await as_role("supervisor", on=stage.film)
    for owner, status in ((who.person.id, 200), (None, 200), (stage.artist.id, 403)):
        playlist = await make(factories.playlist(stage.film, created_by=owner))
        await post(client, who, f"/actions/playlists/{playlist.id}/add-entity", entry(stage.first), status)


# --- what is put in -----------------------------------------------------------------------------------


async def test_the_newest_revision_is_added(client, manager, make, stage, session):
    takes = [take(stage, stage.tasks.first, number) for number in (3, 1, 2)]
    await make(*takes, take(stage, stage.tasks.first, 3, position=2))
    playlist = await make(factories.playlist(stage.film))
    path = f"/actions/playlists/{playlist.id}/add-entity"
    answer = await post(client, manager, path, {"entity_id": str(stage.first.id)})
    assert answer["shots"] == [entry(stage.first, takes[0])]
    event = (await session.scalars(select(ApiEvent).where(ApiEvent.name == "playlist:add_entity"))).one()
    assert event.data == {
        "playlist_id": str(playlist.id),
        "entity_id": str(stage.first.id),
        "preview_file_id": str(takes[0].id),
        "project_id": str(stage.film.id),
    }
    assert event.user_id == manager.person.id


async def test_the_task_type_of_a_playlist_says_which_revision_is_added(client, manager, make, stage):
    layout = take(stage, stage.tasks.first_layout, 1)
    await make(layout, take(stage, stage.tasks.first, 5))
    playlist = await make(factories.playlist(stage.film, task_type_id=stage.layout.id))
    path = f"/actions/playlists/{playlist.id}/add-entities"
    answer = await post(client, manager, path, {"entities": [entry(stage.first), entry(stage.second)]})
    assert answer["shots"] == [entry(stage.first, layout), entry(stage.second)]


async def test_what_a_playlist_shows_already_is_not_added_again(client, manager, make, stage, session):
    one, two = take(stage, stage.tasks.first, 1), take(stage, stage.tasks.first, 2)
    await make(one, two)
    playlist = await make(factories.playlist(stage.film, shots=[entry(stage.first, one)]))
    path = f"/actions/playlists/{playlist.id}/add-entities"
    wishes = [entry(stage.first, one), entry(stage.first, two), entry(stage.first), entry(stage.second)]
    answer = await post(client, manager, path, {"entities": [*wishes, entry(stage.second)]})
    assert answer["shots"] == [entry(stage.first, one), entry(stage.first, two), entry(stage.second)]
    told = await session.scalars(select(ApiEvent).where(ApiEvent.name == "playlist:add_entity"))
    assert len(told.all()) == 2


async def test_adding_hundreds_takes_as_many_statements_as_adding_two(
    client, manager, make, stage, count_statements
):
    shots = [factories.entity(stage.film, stage.kinds["Shot"]) for _ in range(202)]
    await make(*shots)
    counts = []
    for part in (shots[:2], shots[2:]):
        playlist = await make(factories.playlist(stage.film))
        body = {"entities": [entry(shot) for shot in part]}
        with count_statements() as statements:
            answer = await post(client, manager, f"/actions/playlists/{playlist.id}/add-entities", body)
        counts.append(len([sql for sql in statements.sql if "api_event" not in sql]))
        assert len(answer["shots"]) == len(part)
    assert counts[0] == counts[1]


async def test_only_what_the_production_has_is_added(client, as_role, make, stage, session):
    other = await make_stage(make, name="Other")
    foreign = await make(take(other, other.tasks.first, 1))
    mine = await make(take(stage, stage.tasks.second, 1))
    playlist = await make(factories.playlist(stage.film))
    admin = await as_role("admin")
    path = f"/actions/playlists/{playlist.id}/add-entities"
    for wish in (
        entry(other.first),
        {"entity_id": str(uuid4())},
        entry(stage.first, foreign),
        entry(stage.first, mine),
        {"entity_id": str(stage.first.id), "preview_file_id": str(uuid4())},
    ):
        await post(client, admin, path, {"entities": [entry(stage.second), wish]}, 400)
        await post(client, admin, path.replace("entities", "entity"), wish, 400)
        change = await client.put(f"/data/playlists/{playlist.id}", json={"shots": [wish]}, headers=admin)
        assert change.status_code == 400
        new = {"name": "new", "project_id": str(stage.film.id), "shots": [wish]}
        await post(client, admin, "/data/playlists", new, 400)
    stored = await session.get(Playlist, playlist.id)
    assert stored.shots == []


async def test_what_was_in_a_playlist_before_may_stay(client, manager, make, stage):
    gone = {"entity_id": str(uuid4()), "preview_file_id": str(uuid4())}
    playlist = await make(factories.playlist(stage.film, shots=[gone]))
    body = {"shots": [entry(stage.first), gone]}
    answer = await client.put(f"/data/playlists/{playlist.id}", json=body, headers=manager)
    assert answer.status_code == 200
    assert answer.json()["shots"] == body["shots"]


@pytest.mark.parametrize(
    "shots", ["x", {}, [1], [{}], [{"entity_id": "x"}], [{"entity_id": None, "preview_file_id": None}]]
)
async def test_shots_are_a_list_of_entities(client, manager, make, stage, shots):
    playlist = await make(factories.playlist(stage.film))
    answer = await client.put(f"/data/playlists/{playlist.id}", json={"shots": shots}, headers=manager)
    assert answer.status_code == 400
    assert "shots" in answer.json()["message"]


@pytest.mark.parametrize("body", [{}, {"entity_id": "x"}, {"entities": 3}, {"entities": [{}]}])
@pytest.mark.parametrize("route", ["add-entity", "add-entities"])
async def test_bodies_that_name_nothing_are_refused(client, manager, make, stage, route, body):
    playlist = await make(factories.playlist(stage.film))
    await post(client, manager, f"/actions/playlists/{playlist.id}/{route}", body, 400)


# --- what there is to watch ---------------------------------------------------------------------------


async def test_revisions_of_an_entity_come_by_task_type(client, manager, make, stage):
    assert await get(client, manager, f"/data/playlists/entities/{stage.first.id}/preview-files") == {}
    one, two, layout = (
        take(stage, stage.tasks.first, 1),
        take(stage, stage.tasks.first, 2, status="processing"),
        take(stage, stage.tasks.first_layout, 1),
    )
    await make(one, two, layout)
    found = await get(client, manager, f"/data/playlists/entities/{stage.first.id}/preview-files")
    ids = {type_id: [one["id"] for one in revisions] for type_id, revisions in found.items()}
    assert ids == {
        str(stage.animation.id): [str(two.id), str(one.id)],
        str(stage.layout.id): [str(layout.id)],
    }
    assert found[str(stage.animation.id)][0]["status"] == "processing"


async def test_revisions_of_an_entity_take_a_constant_number_of_statements(
    client, manager, make, stage, count_statements
):
    counts = []
    for numbers in (range(1, 3), range(3, 80)):
        await make(*(take(stage, stage.tasks.first, number) for number in numbers))
        with count_statements() as statements:
            await get(client, manager, f"/data/playlists/entities/{stage.first.id}/preview-files")
        counts.append(statements.count)
    assert counts[0] == counts[1] <= 3


async def test_vendors_watch_what_they_are_assigned_to(client, as_role, make, stage):
    mine, other = take(stage, stage.tasks.first, 1), take(stage, stage.tasks.first_layout, 1)
    await make(mine, other)
    vendor = await as_role("vendor", on=stage.film)
    path = f"/data/playlists/entities/{stage.first.id}/preview-files"
    temporary = f"/data/projects/{stage.film.id}/playlists/temp"
    await get(client, vendor, path, 403)
    await post(client, vendor, temporary, {"task_ids": [str(stage.tasks.first.id)]}, 403)
    await post(client, vendor, temporary, {"entity_ids": [str(stage.first.id)]}, 403)
    await make(factories.assignation(stage.tasks.first, vendor.person))
    assert list(await get(client, vendor, path)) == [str(stage.animation.id)]
    for body in ({"task_ids": [str(stage.tasks.first.id)]}, {"entity_ids": [str(stage.first.id)]}):
        [shown] = await post(client, vendor, temporary, body)
        assert list(shown["preview_files"]) == [str(stage.animation.id)]
    both = {"task_ids": [str(stage.tasks.first.id), str(stage.tasks.second.id)]}
    await post(client, vendor, temporary, both, 403)


async def test_tasks_are_watched_without_a_playlist(client, manager, make, stage, session):
    old, new = take(stage, stage.tasks.first, 1), take(stage, stage.tasks.first, 2, extension="mp4")
    await make(old, new, take(stage, stage.tasks.first_layout, 9))
    path = f"/data/projects/{stage.film.id}/playlists/temp"
    body = {"task_ids": [str(stage.tasks.tree.id), str(stage.tasks.first.id)]}
    tree, shot = await post(client, manager, path, body)
    assert shot["id"] == str(stage.first.id)
    assert (shot["name"], shot["parent_name"]) == ("SH010", "SQ01")
    assert (shot["sequence_id"], shot["sequence_name"]) == (str(stage.sequence.id), "SQ01")
    assert (shot["asset_type_id"], shot["episode_id"], shot["episode_name"]) == ("", "", "")
    assert shot["preview_file_task_id"] == str(stage.tasks.first.id)
    assert (shot["preview_file_id"], shot["preview_file_extension"]) == (str(new.id), "mp4")
    assert set(shot["preview_files"]) == {str(stage.animation.id), str(stage.layout.id)}
    assert (tree["parent_name"], tree["asset_type_name"]) == ("Props", "Props")
    assert (tree["sequence_id"], tree["preview_files"]) == ("", {})
    assert "preview_file_id" not in tree
    assert (await session.scalars(select(Playlist))).all() == []
    ordered = await post(client, manager, f"{path}?sort=true", {"task_ids": [*body["task_ids"][::-1]]})
    assert names(ordered) == ["Tree", "SH010"]


async def test_episodes_are_named_where_productions_have_some(client, as_role, make):
    stage = await make_stage(make, production_type="tvshow")
    manager = await as_role("manager", on=stage.film)
    body = {"task_ids": [str(stage.tasks.first.id)], "entity_ids": [str(stage.sequence.id)]}
    shot, sequence = await post(client, manager, f"/data/projects/{stage.film.id}/playlists/temp", body)
    assert (shot["episode_id"], shot["episode_name"]) == (str(stage.episode.id), "E01")
    assert (sequence["episode_name"], sequence["parent_name"]) == ("E01", "E01")


async def test_an_entity_that_is_watched_shows_its_highest_revision_of_all(client, manager, make, stage):
    await make(take(stage, stage.tasks.first, 7))
    newest = await make(take(stage, stage.tasks.first_layout, 9))
    path = f"/data/projects/{stage.film.id}/playlists/temp"
    body = {"entity_ids": [str(stage.first.id)]}
    [shot] = await post(client, manager, path, body)
    assert shot["preview_file_id"] == str(newest.id)
    assert shot["preview_file_task_id"] == str(stage.tasks.first_layout.id)


async def test_only_what_a_production_has_is_watched(client, as_role, make, stage):
    other = await make_stage(make, name="Other")
    path = f"/data/projects/{stage.film.id}/playlists/temp"
    admin = await as_role("admin")
    for body in (
        {"task_ids": [str(other.tasks.first.id)]},
        {"entity_ids": [str(other.first.id)]},
        {"task_ids": [str(uuid4())]},
    ):
        await post(client, admin, path, body, 404)
    for body in ({}, {"task_ids": []}, {"task_ids": ["x"]}, {"task_ids": 3}):
        await post(client, admin, path, body, 400)


async def test_watching_many_takes_as_many_statements_as_watching_one(
    client, manager, make, stage, count_statements
):
    shots = [factories.entity(stage.film, stage.kinds["Shot"]) for _ in range(40)]
    status = factories.task_status()
    tasks = [factories.task(shot, stage.animation, status) for shot in shots]
    await make(status, *shots, *tasks, *(take(stage, task, 1) for task in tasks))
    counts = []
    for part in (tasks[:1], tasks):
        body = {"task_ids": [str(task.id) for task in part]}
        with count_statements() as statements:
            await post(client, manager, f"/data/projects/{stage.film.id}/playlists/temp", body)
        counts.append(statements.count)
    assert counts[0] == counts[1] <= 5


# --- previews that are not ready ----------------------------------------------------------------------


async def test_previews_that_are_not_ready_are_listed_newest_first(client, manager, make, stage):
    rows = [
        take(stage, stage.tasks.first, number, status=status)
        for number, status in enumerate(("processing", "ready", "broken", "missing", "processing"), 1)
    ]
    for row in rows:
        await make(row)
    found = await get(client, manager, "/data/playlists/preview-files/running")
    assert [row["revision"] for row in found] == [5, 3, 1]
    assert found[0]["full_entity_name"] == "E01 / SQ01 / SH010"
    assert found[0]["project_id"] == str(stage.film.id)
    assert found[0]["task_type_id"] == str(stage.animation.id)
    path = "/data/playlists/preview-files/running?limit=1"
    [first] = await get(client, manager, path)
    [second] = await get(client, manager, f"{path}&cursor_preview_file_id={first['id']}")
    assert second["revision"] == 3
    await get(client, manager, f"{path}&cursor_preview_file_id={uuid4()}", 400)


async def test_previews_that_are_not_ready_are_for_those_who_run_productions(client, as_role, make, stage):
    await make(take(stage, stage.tasks.first, 1, status="broken"))
    other = await make_stage(make, name="Other")
    elsewhere = await as_role("manager", on=other.film)
    assert await get(client, elsewhere, "/data/playlists/preview-files/running") == []
    for role in ("supervisor", "user", "client", "vendor"):
        who = await as_role(role, on=stage.film)
        await get(client, who, "/data/playlists/preview-files/running", 403)


# --- clients are told ---------------------------------------------------------------------------------


async def test_clients_of_the_production_are_told(client, as_role, make, stage, session):
    reader = await as_role("client", on=stage.film)
    by_link = await as_role("user", on=stage.film, role_on="client")
    await as_role("client")
    await as_role("client", on=stage.film, active=False)
    await as_role("user", on=stage.film)
    manager = await as_role("manager", on=stage.film)
    playlist = await make(factories.playlist(stage.film))
    path = f"/data/playlists/{playlist.id}/notify-clients"
    assert await post(client, manager, path, {}) == {"status": "success"}
    rows = (await session.scalars(select(Notification))).all()
    assert {row.person_id for row in rows} == {reader.person.id, by_link.person.id}
    assert {(row.type, row.author_id, row.playlist_id, row.read) for row in rows} == {
        ("playlist-ready", manager.person.id, playlist.id, False)
    }


async def test_clients_of_a_studio_or_a_department_are_told_alone(client, as_role, make, stage, session):
    studio, department = factories.studio(), factories.department()
    await make(studio, department)
    of_studio = await as_role("client", on=stage.film, studio_id=studio.id)
    of_department = await as_role("client", on=stage.film)
    await make(DepartmentLink(department_id=department.id, person_id=of_department.person.id))
    manager = await as_role("manager", on=stage.film)
    for key, id, told in (
        ("studio_id", studio.id, of_studio),
        ("department_id", department.id, of_department),
    ):
        playlist = await make(factories.playlist(stage.film))
        await post(client, manager, f"/data/playlists/{playlist.id}/notify-clients", {key: str(id)})
        where = Notification.playlist_id == playlist.id
        rows = (await session.scalars(select(Notification).where(where))).all()
        assert [row.person_id for row in rows] == [told.person.id]


async def test_clients_who_want_mails_get_one_with_names_escaped(client, as_role, make, stage, app):
    sent = []

    async def keep(name, arguments, key):
        sent.append((name, arguments))

    app.state.queue.enqueue = keep
    await as_role("client", on=stage.film, notifications_enabled=True, email="eva@example.com")
    await as_role("client", on=stage.film, notifications_enabled=False)
    manager = await as_role("manager", on=stage.film, first_name="<b>Max</b>", last_name="M")
    playlist = await make(factories.playlist(stage.film, name="<script>Reel"))
    await client.post(f"/data/playlists/{playlist.id}/notify-clients", headers=manager)
    [(name, mail)] = sent
    assert (name, mail["to"]) == ("send_mail", "eva@example.com")
    assert "<script>" not in mail["html"]
    assert "<b>" not in mail["html"]
    assert "&lt;script&gt;Reel" in mail["html"]
    assert f"/productions/{stage.film.id}/playlists/{playlist.id}" in mail["text"]


# --- what goes with a playlist ------------------------------------------------------------------------


async def test_builds_and_their_movies_go_with_a_playlist(client, manager, make, stage, session):
    playlist = await make(factories.playlist(stage.film))
    builds = [BuildJob(id=uuid4(), playlist_id=playlist.id, status="succeeded") for _ in range(2)]
    await make(*builds)
    answer = await client.delete(f"/data/playlists/{playlist.id}", headers=manager)
    assert answer.status_code == 204
    assert (await session.scalars(select(BuildJob))).all() == []
    files = (await session.scalars(select(StoredFile))).all()
    assert {(file.bucket, file.key) for file in files} == {
        ("movies", f"playlists-{build.id}") for build in builds
    }
    assert all(file.deleted_at for file in files)


async def test_the_role_in_the_production_says_who_makes_playlists(client, as_role, stage):
    body = {"name": "mine", "project_id": str(stage.film.id)}
    who = await as_role("user", on=stage.film)
    await post(client, who, "/data/playlists", body, 403)
    who = await as_role("user", on=stage.film, role_on="supervisor")
    made = await post(client, who, "/data/playlists", body, 201)
    assert made["created_by"] == str(who.person.id)
