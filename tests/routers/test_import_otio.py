"""Edits that become sequences and shots."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import select

from kitsu_api.db.models import ApiEvent, Entity, EntityType
from tests import factories


def edl(*clips: tuple[str, int], start: str = "10:00:00:00", counted: int = 25) -> bytes:
    """An edit decision list of clips that follow on each other, each so many frames long."""
    hours, minutes, seconds, frames = map(int, start.split(":"))
    at = ((hours * 60 + minutes) * 60 + seconds) * counted + frames
    lines = ["TITLE: edit", "FCM: NON-DROP FRAME"]

    def code(frame: int) -> str:
        rest = frame // counted
        return f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}:{frame % counted:02}"

    for number, (name, length) in enumerate(clips, 1):
        lines += [
            f"{number:03} AX V C 00:00:00:00 00:00:00:01 {code(at)} {code(at + length)}",
            f"* FROM CLIP NAME: {name}",
        ]
        at += length
    return "\n".join(lines).encode()


class Film(NamedTuple):
    """A production, and who runs it."""

    project: Any
    manager: Any
    path: str


@pytest.fixture
async def film(make, as_role) -> Film:
    status = factories.project_status()
    project = factories.project(status, name="Film", fps="25")
    await make(status, project)
    return Film(project, await as_role("manager", on=project), f"/import/otio/projects/{project.id}")


@pytest.fixture
async def kinds(make, session) -> dict[str, EntityType]:
    """The types of entities, those of episodes, sequences and shots among them, by name."""
    found = {row.name: row for row in await session.scalars(select(EntityType))}
    for name in ("Episode", "Sequence", "Shot"):
        if name not in found:
            found[name] = await make(factories.entity_type(name=name))
    return found


async def send(client, film, content, name="cut.edl", path=None, **form):
    return await client.post(
        path or film.path, files={"file": (name, content)}, data=form, headers=film.manager
    )


async def entities(session, project) -> list[Entity]:
    query = select(Entity).where(Entity.project_id == project.id).order_by(Entity.created_at)
    return list(await session.scalars(query))


async def test_an_edit_makes_its_sequences_and_shots(client, film, session):
    answer = await send(client, film, edl(("Film_S1-1.mov", 30), ("Film_S1-2.mov", 20), ("Film_S2-1", 5)))
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["updated_shots"] == []
    made = [(shot["name"], shot["nb_frames"], shot["data"], shot["type"]) for shot in body["created_shots"]]
    assert made == [
        ("1", 30, {"frame_in": 0, "frame_out": 29}, "Shot"),
        ("2", 20, {"frame_in": 30, "frame_out": 49}, "Shot"),
        ("1", 5, {"frame_in": 50, "frame_out": 54}, "Shot"),
    ]
    rows = {row.id: row for row in await entities(session, film.project)}
    parents = [rows[UUID(shot["parent_id"])] for shot in body["created_shots"]]
    assert [parent.name for parent in parents] == ["S1", "S1", "S2"]
    assert {row.created_by for row in rows.values()} == {film.manager.person.id}
    names = sorted(await session.scalars(select(ApiEvent.name)))
    assert names == ["sequence:new"] * 2 + ["shot:new"] * 3


async def test_shots_that_are_there_keep_what_else_is_known_of_them(client, film, session, make, kinds):
    sequence = factories.entity(film.project, kinds["Sequence"], name="S1")
    shot = factories.entity(
        film.project,
        kinds["Shot"],
        name="1",
        parent_id=sequence.id,
        description="Dawn.",
        data={"camera": "50 mm", "frame_in": 7},
    )
    await make(sequence, shot)
    answer = await send(client, film, edl(("Film_S1-0", 5), ("Film_S1-1", 10)))
    assert [row["name"] for row in answer.json()["created_shots"]] == ["0"]
    (updated,) = answer.json()["updated_shots"]
    assert (updated["id"], updated["type"], updated["nb_frames"]) == (str(shot.id), "Entity", 10)
    assert updated["description"] == "Dawn."
    assert updated["data"] == {"camera": "50 mm", "frame_in": 5, "frame_out": 14}
    events = await session.scalars(select(ApiEvent).where(ApiEvent.name == "shot:update"))
    assert [event.data for event in events] == [{"shot_id": str(shot.id), "project_id": str(film.project.id)}]


async def test_metadata_that_is_no_object_gives_way(client, film, make, kinds):
    sequence = factories.entity(film.project, kinds["Sequence"], name="S1")
    shot = factories.entity(film.project, kinds["Shot"], name="1", parent_id=sequence.id, data=["odd"])
    await make(sequence, shot)
    answer = await send(client, film, edl(("Film_S1-1", 10)))
    assert answer.json()["updated_shots"][0]["data"] == {"frame_in": 0, "frame_out": 9}


async def test_the_same_edit_again_makes_nothing_new(client, film, session):
    content = edl(("Film_S1-1", 30), ("Film_S1-2", 20))
    first = (await send(client, film, content)).json()
    again = (await send(client, film, content)).json()
    assert again["created_shots"] == []
    assert [s["id"] for s in again["updated_shots"]] == [s["id"] for s in first["created_shots"]]
    assert len(await entities(session, film.project)) == 3


@pytest.mark.parametrize(("match_case", "made"), [("true", 1), ("False", 0)])
async def test_case_tells_names_apart_unless_it_is_not_to(client, film, match_case, made):
    await send(client, film, edl(("Film_S1-a", 30)))
    answer = await send(client, film, edl(("Film_s1-A", 20)), match_case=match_case)
    assert len(answer.json()["created_shots"]) == made


async def test_without_case_two_spellings_are_one_shot(client, film, session):
    answer = await send(client, film, edl(("Film_S1-a", 30), ("film_s1-A", 20)), match_case="false")
    assert [(s["name"], s["nb_frames"]) for s in answer.json()["created_shots"]] == [("a", 50)]
    assert len(await entities(session, film.project)) == 2


async def test_a_shot_in_pieces_is_whole_and_one_that_comes_again_keeps_its_place(client, film):
    clips = ("Film_S1-1", 10), ("Film_S1-1", 5), ("Film_S1-2", 7), ("Film_S1-1", 3)
    shots = (await send(client, film, edl(*clips))).json()["created_shots"]
    assert [(s["nb_frames"], s["data"]["frame_in"]) for s in shots] == [(15, 0), (7, 15)]


async def test_clips_of_other_names_are_left_out(client, film):
    answer = await send(client, film, edl(("Titles.mov", 30), ("Film_S1-1", 20)))
    assert [s["data"]["frame_in"] for s in answer.json()["created_shots"]] == [30]


async def test_an_edit_without_a_fitting_clip_says_how_its_clips_are_named(client, film, session):
    answer = await send(client, film, edl(("Movie_S1-1", 20)))
    assert answer.status_code == 400
    assert "Movie_S1-1" in answer.json()["message"]
    assert "${project_name}_${sequence_name}-${shot_name}" in answer.json()["message"]
    assert await entities(session, film.project) == []


async def test_the_convention_comes_by_form_or_address(client, film):
    by_form = await send(client, film, edl(("1/2", 9)), naming_convention="${sequence_name}/${shot_name}")
    assert [s["name"] for s in by_form.json()["created_shots"]] == ["2"]
    path = f"{film.path}?naming_convention=$sequence_name:$shot_name&match_case=false"
    by_address = await send(client, film, edl(("1:3", 9)), path=path)
    assert [s["name"] for s in by_address.json()["created_shots"]] == ["3"]


async def test_an_episode_takes_the_sequences_of_its_edit(client, film, make, kinds, session):
    episode = factories.entity(film.project, kinds["Episode"], name="E01")
    await make(episode)
    path = f"{film.path}/episodes/{episode.id}"
    answer = await send(client, film, edl(("Film_E01-S1-1", 9), ("Film_E02-S1-1", 9)), path=path)
    (shot,) = answer.json()["created_shots"]
    sequence = await session.get(Entity, UUID(shot["parent_id"]))
    assert (sequence.name, sequence.parent_id) == ("S1", episode.id)
    data = (await session.scalars(select(ApiEvent.data).where(ApiEvent.name == "shot:new"))).one()
    assert data["episode_id"] == str(episode.id)


async def test_episodes_that_a_convention_names_are_found_or_made(client, film, make, kinds, session):
    episode = factories.entity(film.project, kinds["Episode"], name="E01")
    await make(episode)
    answer = await send(
        client,
        film,
        edl(("E01-S1-1", 9), ("E02-S1-1", 9)),
        naming_convention="${episode_name}-${sequence_name}-${shot_name}",
    )
    assert len(answer.json()["created_shots"]) == 2
    query = select(Entity.name).where(Entity.entity_type_id == kinds["Episode"].id).order_by(Entity.name)
    assert list(await session.scalars(query)) == ["E01", "E02"]


async def test_an_episode_of_another_production_is_not_found(client, film, make, kinds):
    status = factories.project_status()
    other = factories.project(status)
    episode = factories.entity(other, kinds["Episode"])
    await make(status, other, episode)
    answer = await send(client, film, edl(("a", 1)), path=f"{film.path}/episodes/{episode.id}")
    assert answer.status_code == 404
    sequence = factories.entity(film.project, kinds["Sequence"])
    await make(sequence)
    answer = await send(client, film, edl(("a", 1)), path=f"{film.path}/episodes/{sequence.id}")
    assert answer.status_code == 404


@pytest.mark.parametrize("role", ["supervisor", "user", "client", "vendor"])
async def test_only_those_who_run_a_production_import(client, film, as_role, role):
    headers = await as_role(role, on=film.project)
    answer = await client.post(film.path, files={"file": ("a.edl", edl(("Film_S1-1", 1)))}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("/var/tmp/canary.edl", b"hello world", "Line 1"),
        ("cut.csv", b"a;b", ".csv"),
        ("..\\..\\cut.EDL", b"\x00" * 50, "binary"),
        ("cut.otio", b"[" * 100_000, "JSON"),
        ("cut.edl", b"TITLE: x\n001 AX V C 0 1 00:00:00:25 00:00:01:00", "25 frames a second"),
    ],
)
async def test_what_can_not_be_read_is_refused(client, film, session, name, content, message):
    answer = await send(client, film, content, name)
    assert answer.status_code == 400
    assert message in answer.json()["message"]
    assert await entities(session, film.project) == []


async def test_a_form_without_a_file_is_refused(client, film):
    answer = await client.post(film.path, data={"match_case": "true"}, headers=film.manager)
    assert answer.status_code == 400
    assert (await client.post(film.path, json={}, headers=film.manager)).status_code == 400
    answer = await send(client, film, edl(("Film_S1-1", 1)), match_case="perhaps")
    assert answer.status_code == 400


async def test_drop_frame_edits_follow_the_rate_of_the_production(client, make, as_role):
    status = factories.project_status()
    project = factories.project(status, name="Film", fps="29.97")
    await make(status, project)
    film = Film(project, await as_role("manager", on=project), f"/import/otio/projects/{project.id}")
    text = "001 AX V C 0 1 01:00:59;28 01:01:00;04\n* FROM CLIP NAME: Film_S1-1"
    (shot,) = (await send(client, film, text.encode())).json()["created_shots"]
    assert (shot["nb_frames"], shot["data"]) == (4, {"frame_in": 0, "frame_out": 3})


async def test_the_statements_do_not_grow_with_the_shots(client, film, count_statements):
    await send(client, film, edl(("Film_S0-0", 1)))
    counts = []
    for size in (4, 60):
        clips = [(f"Film_S{size}x{n % 3}-{n}", 5) for n in range(size)]
        with count_statements() as statements:
            await send(client, film, edl(*clips))
            await send(client, film, edl(*clips))
        counts.append(statements.count)
    assert counts[0] == counts[1]


async def test_an_edit_of_a_thousand_clips_is_taken_whole(client, film):
    answer = await send(client, film, edl(*((f"Film_S{n // 50}-{n}", 3) for n in range(1_200))))
    assert len(answer.json()["created_shots"]) == 1_200
