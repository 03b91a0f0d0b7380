"""Entities that were deleted, and come back with everything that hung on them."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text, update

from kitsu_api.db import models as m
from kitsu_api.db.base import Base, now
from kitsu_api.workers.jobs.retention import purge_trash
from tests import factories

UNSTABLE = ("api_event", "login_log", "person", "data_import_error")


@pytest.fixture
async def film(make):
    """A shot in a sequence in an episode, with a bit of everything, in a playlist between two others."""
    status = factories.project_status(name="Open")
    project = factories.project(status, production_type="tvshow")
    kinds = {name: factories.entity_type(name=name) for name in ("Episode", "Sequence", "Shot", "Props")}
    artist, boss = factories.person(), factories.person(role="admin")
    episode = factories.entity(project, kinds["Episode"], name="E01")
    sequence = factories.entity(project, kinds["Sequence"], name="SQ1", parent_id=episode.id)
    shots = [
        factories.entity(project, kinds["Shot"], name=f"SH{n}", parent_id=sequence.id, nb_entities_out=1)
        for n in range(3)
    ]
    asset = factories.entity(project, kinds["Props"], name="Ball", source_id=episode.id)
    animation, todo = factories.task_type(), factories.task_status()
    task = factories.task(shots[1], animation, todo, assigner_id=boss.id)
    comment = factories.comment(task, artist, text="ä ☃", replies=[])
    preview = factories.preview_file(task, artist, extension="png", revision=1)
    file = m.AttachmentFile(id=uuid4(), name="a.txt", size=1, extension="txt", comment_id=comment.id)
    working = factories.working_file(task, artist)
    output_type, file_status = factories.output_type(), factories.file_status()
    entries = [{"entity_id": str(shot.id), "preview_file_id": None} for shot in shots]
    playlist = factories.playlist(project, shots=entries, episode_id=episode.id)
    chat = m.Chat(id=uuid4(), object_id=shots[1].id, object_type="entity")
    await make(
        *(artist, boss, status, project, *kinds.values(), episode, sequence, *shots, asset),
        *(animation, todo, task, factories.assignation(task, artist)),
        *(m.EntityLink(entity_in_id=shot.id, entity_out_id=asset.id, nb_occurences=2) for shot in shots),
        *(comment, preview, file, working, output_type, file_status, playlist, chat),
        m.ChatMessage(id=uuid4(), chat_id=chat.id, person_id=artist.id, text="Hello"),
        m.CommentPreviewLink(comment=comment.id, preview_file=preview.id),
        m.CommentMentions(comment=comment.id, person=boss.id),
        factories.time_spent(task, artist, date=date(2026, 5, 4), duration=90),
        factories.news(task, artist, comment_id=comment.id),
        factories.subscription(boss, task),
        factories.notification(boss, task, author_id=artist.id, comment_id=comment.id),
        m.StoredFile(
            bucket="pictures",
            prefix="previews",
            file_id=str(preview.id),
            key=f"previews-{preview.id}",
            size=3,
        ),
    )
    found = {"project": project, "sequence": sequence, "shots": shots, "asset": asset, "task": task}
    found |= {"artist": artist, "preview": preview, "playlist": playlist, "episode": episode}
    return SimpleNamespace(**found)


@pytest.fixture
async def shown(film, session):
    """Pictures of the task stand for the shot and for the asset."""
    change = update(m.Entity).where(m.Entity.id.in_([film.shots[1].id, film.asset.id]))
    await session.execute(change.values(preview_file_id=film.preview.id))
    await session.commit()


@pytest.fixture
async def manager(as_role, film):
    return await as_role("manager", on=film.project)


async def rows(session):
    """Every row of every table that other servers know, but for what a change always changes."""
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name.startswith("kitsu_api_") or table.name in UNSTABLE:
            continue
        query = text(f"SELECT (to_jsonb(t) - 'updated_at')::text FROM \"{table.name}\" t ORDER BY 1")
        found[table.name] = list(await session.scalars(query))
    return found


async def delete(client, headers, path):
    answer = await client.delete(f"/data/{path}?force=true", headers=headers)
    assert answer.status_code == 204, answer.text


async def trash(client, headers, **params):
    answer = await client.get("/data/trash", headers=headers, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def restore(client, headers, id, status=200):
    answer = await client.post(f"/data/trash/{id}/restore", headers=headers)
    assert answer.status_code == status, answer.text
    return answer


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("shots/{0.shots[1].id}", {"SH1"}),
        ("sequences/{0.sequence.id}", {"SQ1", "SH0", "SH1", "SH2"}),
        ("episodes/{0.episode.id}", {"E01", "SQ1", "SH0", "SH1", "SH2"}),
        ("assets/{0.asset.id}", {"Ball"}),
        ("entities/{0.shots[1].id}", {"SH1"}),
    ],
)
@pytest.mark.usefixtures("shown")
async def test_all_that_went_comes_back(client, session, film, manager, path, names):
    before = await rows(session)
    await delete(client, manager, path.format(film))
    assert await rows(session) != before
    [record] = await trash(client, manager)
    assert {one["name"] for one in record["entities"]} == names
    assert record["deleted_by"] == str(manager.person.id)
    await restore(client, manager, record["id"])
    assert await rows(session) == before
    assert await trash(client, manager) == []
    assert await session.scalar(select(func.count()).select_from(m.TrashRow)) == 0


async def test_others_hear_of_what_is_back(client, session, film, manager):
    await delete(client, manager, f"shots/{film.shots[1].id}")
    [record] = await trash(client, manager)
    await restore(client, manager, record["id"])
    events = {
        (event.name, event.data.get("shot_id") or event.data.get("task_id"))
        for event in await session.scalars(select(m.ApiEvent).where(m.ApiEvent.name.like("%:new")))
    }
    assert events == {("shot:new", str(film.shots[1].id)), ("task:new", str(film.task.id))}


async def test_statements_do_not_grow_with_rows(client, film, manager, make, count_statements):
    async def both():
        with count_statements() as deleting:
            await delete(client, manager, f"sequences/{film.sequence.id}")
        [record] = await trash(client, manager)
        with count_statements() as restoring:
            await restore(client, manager, record["id"])
        return deleting.count, restoring.count

    few = await both()
    kind = film.shots[0].entity_type_id
    for number in range(20):
        shot = m.Entity(
            id=uuid4(),
            name=f"More {number}",
            project_id=film.project.id,
            entity_type_id=kind,
            parent_id=film.sequence.id,
        )
        await make(shot)
        await make(
            m.Task(
                id=uuid4(),
                name="main",
                project_id=film.project.id,
                entity_id=shot.id,
                task_type_id=film.task.task_type_id,
                task_status_id=film.task.task_status_id,
            )
        )
    assert await both() == few


async def test_a_name_that_is_taken_is_told_and_nothing_changes(client, session, film, manager):
    shot = film.shots[1]
    await delete(client, manager, f"shots/{shot.id}")
    [record] = await trash(client, manager)
    body = {"name": "SH1", "sequence_id": str(film.sequence.id)}
    made = await client.post(f"/data/projects/{film.project.id}/shots", json=body, headers=manager)
    assert made.status_code == 201, made.text
    answer = await restore(client, manager, record["id"], 409)
    assert "same name" in answer.json()["message"]
    assert await session.get(m.Entity, shot.id) is None
    assert len(await trash(client, manager)) == 1


async def test_what_refers_to_something_gone_comes_back_without_it(client, session, film, manager):
    await delete(client, manager, f"shots/{film.shots[1].id}")
    await delete(client, manager, f"sequences/{film.sequence.id}")
    records = await trash(client, manager)
    shot = next(one for one in records if len(one["entities"]) == 1)
    await restore(client, manager, shot["id"])
    row = await session.get(m.Entity, film.shots[1].id)
    assert (row.name, row.parent_id) == ("SH1", None)
    assert await session.get(m.Task, film.task.id) is not None


async def test_the_trash_is_for_those_who_run_the_production(client, as_role, make, film, manager):
    await delete(client, manager, f"shots/{film.shots[1].id}")
    [record] = await trash(client, manager)
    path = f"/data/trash/{record['id']}"
    for role in ("user", "supervisor", "client", "vendor"):
        headers = await as_role(role, on=film.project)
        assert (await client.get("/data/trash", headers=headers)).status_code == 403
        assert (await client.post(f"{path}/restore", headers=headers)).status_code == 403
        assert (await client.delete(path, headers=headers)).status_code == 403
    elsewhere = await as_role("manager", on=await make(factories.project()))
    assert await trash(client, elsewhere) == []
    assert await trash(client, elsewhere, project_id=str(film.project.id)) == []
    assert (await client.post(f"{path}/restore", headers=elsewhere)).status_code == 403
    assert (await client.delete(path, headers=elsewhere)).status_code == 403
    assert len(await trash(client, await as_role("admin"), project_id=str(film.project.id))) == 1
    assert (await client.post(f"/data/trash/{uuid4()}/restore", headers=manager)).status_code == 404


async def test_what_is_deleted_for_good_takes_its_files_along(client, session, film, manager):
    await delete(client, manager, f"shots/{film.shots[1].id}")
    query = select(m.StoredFile.deleted_at).where(m.StoredFile.file_id == str(film.preview.id))
    assert await session.scalar(query) is None
    [record] = await trash(client, manager)
    answer = await client.delete(f"/data/trash/{record['id']}", headers=manager)
    assert answer.status_code == 204
    assert await session.scalar(query) is not None
    await restore(client, manager, record["id"], 404)


async def test_the_worker_purges_what_is_past_its_days(app, client, session, film, manager):
    for number in (0, 1):
        await delete(client, manager, f"shots/{film.shots[number].id}")
    newest, oldest = await trash(client, manager)
    past = now() - timedelta(seconds=1)
    await session.execute(
        update(m.TrashRecord).where(m.TrashRecord.id == oldest["id"]).values(expires_at=past)
    )
    await session.commit()
    assert [one["id"] for one in await trash(client, manager)] == [newest["id"]]
    await restore(client, manager, oldest["id"], 404)
    assert await purge_trash({"job": app.state.jobs}) == 1
    assert [str(id) for id in await session.scalars(select(m.TrashRecord.id))] == [newest["id"]]


async def test_nothing_is_kept_where_the_operator_wants_none(client, session, film, manager, configure):
    configure(trash_days=0)
    await delete(client, manager, f"shots/{film.shots[1].id}")
    assert await trash(client, manager) == []
    assert await session.scalar(select(func.count()).select_from(m.TrashRow)) == 0
