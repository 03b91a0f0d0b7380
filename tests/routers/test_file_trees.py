"""File trees of productions, and work that is handed in for a review."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from kitsu_api.db.models import ApiEvent, Project, ProjectTaskStatusLink, Task
from kitsu_api.schemas.file_trees import ReviewedTask
from kitsu_api.services import file_trees
from tests import factories


@pytest.fixture
async def film(make):
    rows = factories.production(name="Élan vital")
    rows.project.file_tree = file_trees.named_tree("default")
    rows.entity.name, rows.entity_type.name = "Old Tree", "Props 7"
    rows.task_type.name = "Shading"
    await make(*rows)
    return rows


@pytest.fixture
async def review(make):
    return await make(factories.task_status(name="To Review"))


async def hand_in(client, headers, task, **payload):
    return await client.put(f"/actions/tasks/{task.id}/to-review", json=payload, headers=headers)


async def stored(session, task):
    return (await session.scalars(select(Task).where(Task.id == task.id))).one()


async def handed_in(session):
    query = select(ApiEvent).where(ApiEvent.name == "task:to-review")
    return (await session.scalars(query)).one()


@pytest.mark.parametrize("name", file_trees.TREES)
async def test_a_production_is_given_a_tree_by_name(client, as_role, film, session, name):
    headers = await as_role("manager", on=film.project)
    answer = await client.post(
        f"/actions/projects/{film.project.id}/set-file-tree", json={"tree_name": name}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["file_tree"] == file_trees.named_tree(name)
    query = select(Project.file_tree).where(Project.id == film.project.id)
    assert await session.scalar(query) == file_trees.named_tree(name)


@pytest.mark.parametrize(
    "payload", [{}, {"tree_name": "../default"}, {"tree_name": 7}, [], {"tree_name": ""}]
)
async def test_trees_that_do_not_exist_are_refused(client, as_role, film, payload):
    headers = await as_role("admin")
    path = f"/actions/projects/{film.project.id}/set-file-tree"
    answer = await client.post(path, json=payload, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"] is True


@pytest.mark.parametrize("role", ["supervisor", "user", "client", "vendor"])
async def test_those_who_run_a_production_alone_choose_its_tree(client, as_role, film, role):
    path = f"/actions/projects/{film.project.id}/set-file-tree"
    headers = await as_role(role, on=film.project)
    assert (await client.post(path, json={"tree_name": "simple"}, headers=headers)).status_code == 403
    stranger = await as_role("manager")
    assert (await client.post(path, json={"tree_name": "simple"}, headers=stranger)).status_code == 403
    missing = f"/actions/projects/{uuid4()}/set-file-tree"
    admin = await as_role("admin")
    assert (await client.post(missing, json={"tree_name": "simple"}, headers=admin)).status_code == 404


async def test_a_task_that_is_handed_in_waits_for_a_review(client, as_role, film, review, session):
    headers = await as_role("supervisor", on=film.project)
    answer = await hand_in(client, headers, film.task, comment="Have a look", person_id=str(film.person.id))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    ReviewedTask.model_validate(body)
    assert body["task_status_id"] == str(review.id)
    assert (body["comment"], body["person"]["id"]) == ("Have a look", str(film.person.id))
    assert body["preview_path"] == {
        "folder_path": "/simple/productions/previews/elan_vital/assets/props_7/old_tree/shading",
        "file_name": "elan_vital_props_7_old_tree_shading",
    }
    assert (await stored(session, film.task)).task_status_id == review.id
    event = await handed_in(session)
    assert event.project_id is None
    assert event.data["previous_task_status_id"] == str(film.task_status.id)
    assert event.data["preview_path"] == body["preview_path"]
    names = (await session.scalars(select(ApiEvent.name))).all()
    assert "task:status-changed" in names


async def test_the_status_stays_when_asked_to(client, as_role, film, review, session):
    answer = await hand_in(client, await as_role("admin"), film.task, change_status=False)
    assert answer.status_code == 200
    assert answer.json()["task_status_id"] == str(film.task_status.id)
    assert (await handed_in(session)).data["change_status"] is False


async def test_a_status_that_asks_for_feedback_serves_and_ends_the_work(client, as_role, film, make, session):
    headers = await as_role("admin")
    assert (await hand_in(client, headers, film.task)).status_code == 400
    asking = await make(factories.task_status(is_feedback_request=True))
    answer = await hand_in(client, headers, film.task)
    assert (answer.status_code, answer.json()["task_status_id"]) == (200, str(asking.id))
    assert (await stored(session, film.task)).end_date is not None


async def test_a_production_without_a_tree_has_no_path(client, as_role, make, review):
    rows = factories.production()
    await make(*rows)
    answer = await hand_in(client, await as_role("admin"), rows.task)
    assert (answer.status_code, answer.json()["preview_path"]) == (200, None)


async def test_people_hand_in_their_own_work(client, as_role, film, review, make, sign_in):
    artist = await as_role("user", on=film.project)
    assert (await hand_in(client, artist, film.task)).status_code == 403
    await make(factories.assignation(film.task, artist.person))
    assert (await hand_in(client, artist, film.task)).status_code == 200
    other = {"person_id": str(film.person.id)}
    assert (await hand_in(client, artist, film.task, **other)).status_code == 403
    body = (await hand_in(client, artist, film.task)).json()
    assert "daily_salary" not in body["person"]


async def test_a_status_that_is_closed_to_artists_is_refused(client, as_role, film, make):
    await make(factories.task_status(name="To review", is_artist_allowed=False))
    artist = await as_role("user", on=film.project)
    await make(factories.assignation(film.task, artist.person))
    assert (await hand_in(client, artist, film.task)).status_code == 403


@pytest.mark.parametrize(("usual", "own", "expected"), [(True, False, 403), (False, True, 200)])
async def test_a_production_opens_and_closes_the_review_to_its_clients(
    client, as_role, film, make, usual, own, expected
):
    status = await make(factories.task_status(name="To review", is_client_allowed=usual))
    link = {"project_id": film.project.id, "task_status_id": status.id, "is_client_allowed": own}
    await make(ProjectTaskStatusLink(**link))
    customer = await as_role("client", on=film.project)
    await make(factories.assignation(film.task, customer.person))
    assert (await hand_in(client, customer, film.task)).status_code == expected


@pytest.mark.parametrize(
    "payload", [{"person_id": "x"}, {"person_id": str(uuid4())}, {"revision": 0}, {"comment": "a\x00b"}]
)
async def test_what_can_not_be_handed_in_is_refused(client, as_role, film, review, payload):
    assert (await hand_in(client, await as_role("admin"), film.task, **payload)).status_code == 400


async def test_a_missing_task_is_not_found(client, as_role):
    answer = await client.put(f"/actions/tasks/{uuid4()}/to-review", json={}, headers=await as_role("admin"))
    assert answer.status_code == 404


async def test_a_shot_lies_in_its_sequence(client, as_role, film, review, make):
    kinds = [factories.entity_type(name=name) for name in ("Shot", "Sequence", "Episode")]
    shot_type, sequence_type, episode_type = kinds
    episode = factories.entity(film.project, episode_type, name="E01")
    sequence = factories.entity(film.project, sequence_type, name="SQ 1", parent_id=episode.id)
    shot = factories.entity(film.project, shot_type, name="SH/../9", parent_id=sequence.id)
    task = factories.task(shot, film.task_type, film.task_status)
    await make(*kinds, episode, sequence, shot, task)
    answer = await hand_in(client, await as_role("admin"), task)
    assert answer.json()["preview_path"]["folder_path"] == (
        "/simple/productions/previews/elan_vital/shots/sq_1/sh_9/shading"
    )


WORDS = {"Project": "Film", "Shot": "P 01", "Name": "main", "Version": "003"}


@pytest.mark.parametrize(
    ("style", "name"),
    [("lowercase", "film_p_01_v003"), ("uppercase", "FILM_P_01_V003"), (None, "Film_P_01_v003")],
)
def test_the_style_of_a_tree_decides_on_letters(style, name):
    part = {"style": style, "shot": "<Project>_<Sequence>_<Shot>_v<Version>"}
    tree = {"working": {"mountpoint": "/mnt/", "root": "a/b", "folder_path": part, "file_name": part}}
    path = file_trees.path_in(tree, "working", "shot", WORDS, "\\")
    assert path == file_trees.FilePath(f"/mnt\\a\\b\\{name}", name)


@pytest.mark.parametrize("style", [None, [], {}, 3, "unknown"])
def test_a_style_that_makes_no_sense_leaves_letters_as_they_are(style):
    part = {"style": style, "shot": "<Project>"}
    tree = {"working": {"mountpoint": "/mnt", "root": "", "folder_path": part, "file_name": part}}
    path = file_trees.path_in(tree, "working", "shot", {"Project": "Big_Film"})
    assert path == file_trees.FilePath("/mnt/Big_Film", "Big_Film")


@pytest.mark.parametrize(
    "tree",
    [
        None,
        [],
        "x",
        {},
        {"working": 1},
        {"working": {"folder_path": [], "file_name": {}}},
        {"working": {"folder_path": {"shot": 1}, "file_name": {"shot": "x"}, "mountpoint": "/"}},
        {"working": {"folder_path": {"shot": "x"}, "file_name": {"shot": "x"}, "mountpoint": None}},
    ],
)
def test_a_tree_that_makes_no_sense_has_no_paths(tree):
    assert file_trees.path_in(tree, "working", "shot", WORDS) is None
