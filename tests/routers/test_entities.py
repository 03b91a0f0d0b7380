"""Entities: how they go, and what goes with them; their tasks, previews, news and time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from kitsu_api.app import connect
from kitsu_api.db import models as m
from kitsu_api.errors import BadRequest
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.services.entity_removal import remove_entity
from kitsu_api.unit_of_work import UnitOfWork
from tests import factories

ROLES = ("admin", "manager", "supervisor", "user", "client", "vendor")


class Show(NamedTuple):
    """A production with an episode, a sequence, two shots, an asset, an edit and a task on asset and shot."""

    project: Any
    props: Any
    kinds: dict[str, Any]
    asset: Any
    episode: Any
    sequence: Any
    shots: list[Any]
    edit: Any
    task_type: Any
    status: Any
    tasks: list[Any]
    author: Any


@pytest.fixture
async def show(make) -> Show:
    project, props = await make(factories.project(), factories.entity_type())
    names = ("Episode", "Sequence", "Shot", "Scene", "Edit", "Concept", "ConceptFolder")
    kinds = {name: await make(factories.entity_type(name=name)) for name in names}
    asset = await make(factories.entity(project, props, name="Tree"))
    episode = await make(factories.entity(project, kinds["Episode"], name="E01"))
    sequence = await make(factories.entity(project, kinds["Sequence"], name="SQ01", parent_id=episode.id))
    shots = [
        await make(factories.entity(project, kinds["Shot"], name=name, parent_id=sequence.id))
        for name in ("SH01", "SH02")
    ]
    edit = await make(factories.entity(project, kinds["Edit"], name="Cut", parent_id=episode.id))
    task_type, status = await make(factories.task_type(), factories.task_status())
    author = await make(factories.person())
    tasks = [await make(factories.task(entity, task_type, status)) for entity in (asset, shots[0])]
    return Show(
        project, props, kinds, asset, episode, sequence, shots, edit, task_type, status, tasks, author
    )


async def there(session, entity) -> bool:
    return bool(await session.scalar(select(m.Entity.id).where(m.Entity.id == entity.id)))


async def events(session) -> list[str]:
    return list((await session.scalars(select(m.ApiEvent.name).order_by(m.ApiEvent.created_at))).all())


# --- what goes, and what goes with it ---------------------------------------------------------------


async def test_what_has_tasks_is_canceled_and_goes_the_second_time(client, as_role, show, session):
    headers = await as_role("manager", on=show.project)
    path = f"/data/assets/{show.asset.id}"
    assert (await client.delete(path, headers=headers)).status_code == 204
    assert (await client.get(path, headers=headers)).json()["canceled"] is True
    assert (await client.delete(path, headers=headers)).status_code == 204
    assert (await client.get(path, headers=headers)).status_code == 404
    assert await events(session) == ["asset:update", "task:delete", "asset:delete"]


async def test_what_has_no_tasks_goes_at_once(client, as_role, show, session):
    headers = await as_role("manager", on=show.project)
    assert (await client.delete(f"/data/edits/{show.edit.id}", headers=headers)).status_code == 204
    assert not await there(session, show.edit)
    assert await events(session) == ["edit:delete"]


@pytest.mark.parametrize("role", ROLES)
async def test_who_deletes_assets_and_edits(client, as_role, show, role):
    headers = await as_role(role, on=show.project)
    expected = 204 if role in ("admin", "manager") else 403
    for path in (f"/data/assets/{show.asset.id}", f"/data/edits/{show.edit.id}"):
        assert (await client.delete(path, headers=headers)).status_code == expected, path


@pytest.mark.parametrize("kind", ["assets", "entities"])
async def test_force_takes_all_that_hangs_on_an_asset(client, as_role, show, make, session, kind):
    asset, shot, task = show.asset, show.shots[1], show.tasks[0]
    scene = await make(factories.entity(show.project, show.kinds["Scene"], name="SC01"))
    child = await make(factories.entity(show.project, show.props, name="Leaf", parent_id=asset.id))
    other = await make(factories.entity(show.project, show.props, name="Rock"))
    instance = m.AssetInstance(id=uuid4(), asset_id=asset.id, scene_id=scene.id, name="Tree_0001", number=1)
    playlist = await make(
        factories.playlist(
            show.project, shots=[{"entity_id": str(asset.id)}, {"entity_id": str(other.id)}, "odd"]
        )
    )
    preview = await make(factories.preview_file(task, show.author))
    chat = m.Chat(id=uuid4(), object_id=asset.id)
    message = m.ChatMessage(id=uuid4(), chat_id=chat.id, person_id=show.author.id, text="hello")
    ready = await make(factories.file_status())
    output = m.OutputFile(
        file_status_id=ready.id,
        id=uuid4(),
        name="main",
        entity_id=asset.id,
        asset_instance_id=instance.id,
        revision=1,
    )
    await make(
        instance,
        m.AssetInstanceLink(entity_id=shot.id, asset_instance_id=instance.id),
        m.EntityLink(entity_in_id=shot.id, entity_out_id=asset.id),
        m.EntityLink(entity_in_id=shot.id, entity_out_id=other.id),
        m.EntityConceptLink(entity_in_id=other.id, entity_out_id=asset.id),
        m.EntityVersion(name="1", entity_id=asset.id, data={}),
        m.Subscription(person_id=show.author.id, entity_id=asset.id, task_type_id=show.task_type.id),
        m.ScheduleItem(project_id=show.project.id, object_id=asset.id),
        output,
        factories.working_file(task, show.author, entity_id=asset.id),
        chat,
        m.ChatParticipant(chat_id=chat.id, person_id=show.author.id),
        message,
        m.AttachmentFile(chat_message_id=message.id, name="a.png", extension="png"),
        factories.time_spent(task, show.author),
        factories.comment(task, show.author),
        factories.news(task, show.author),
    )
    headers = await as_role("manager", on=show.project)
    await client.put(f"/data/entities/{asset.id}", json={"preview_file_id": str(preview.id)}, headers=headers)
    answer = await client.delete(f"/data/{kind}/{asset.id}?force=true", headers=headers)
    assert answer.status_code == 204, answer.text
    assert not await there(session, asset)
    for table in (
        m.AssetInstance,
        m.AssetInstanceLink,
        m.EntityConceptLink,
        m.EntityVersion,
        m.Subscription,
        m.ScheduleItem,
        m.OutputFile,
        m.WorkingFile,
        m.Chat,
        m.ChatMessage,
        m.ChatParticipant,
        m.AttachmentFile,
        m.PreviewFile,
        m.TimeSpent,
        m.Comment,
        m.News,
    ):
        assert await session.scalar(select(func.count()).select_from(table)) == 0, table
    assert await there(session, show.shots[1])
    for row in (shot, child, playlist):
        session.add(row)
        await session.refresh(row)
    assert shot.nb_entities_out == 1
    assert child.parent_id is None
    assert playlist.shots == [{"entity_id": str(other.id)}, "odd"]


async def test_an_episode_goes_by_force_with_its_sequences_and_shots(app, show, session):
    actor = Actor(show.author.id, Role.ADMIN)
    uow = UnitOfWork(session, app.state.outbox, actor.id)
    for place, kind in ((show.episode, "Episode"), (show.sequence, "Sequence")):
        with pytest.raises(BadRequest):
            await remove_entity(uow, actor, place.id, kind, force=False)
    await remove_entity(uow, actor, show.episode.id, "Episode", force=True)
    await uow.commit()
    for gone in (show.episode, show.sequence, *show.shots):
        assert not await there(session, gone)
    assert await events(session) == [
        "task:delete",
        "shot:delete",
        "shot:delete",
        "sequence:delete",
        "episode:delete",
    ]
    edit = await session.get(m.Entity, show.edit.id)
    assert edit is not None
    assert edit.parent_id is None


async def test_an_entity_that_something_refers_to_stays_unless_it_goes_by_force(
    client, as_role, show, session
):
    headers = await as_role("manager", on=show.project)
    path = f"/data/entities/{show.episode.id}"
    assert (await client.delete(path, headers=headers)).status_code == 400
    assert await there(session, show.shots[0])
    assert (await client.delete(f"{path}?force=true", headers=headers)).status_code == 204
    for gone in (show.episode, show.sequence, *show.shots):
        assert not await there(session, gone)


async def test_an_empty_sequence_goes(app, show, session, make):
    actor, empty = Actor(show.author.id, Role.ADMIN), factories.entity(show.project, show.kinds["Sequence"])
    await make(empty)
    uow = UnitOfWork(session, app.state.outbox, actor.id)
    await remove_entity(uow, actor, empty.id, "Sequence", force=False)
    await uow.commit()
    assert not await there(session, empty)


@pytest.mark.parametrize("role", ROLES)
async def test_who_deletes_in_bulk(client, as_role, show, role):
    headers = await as_role(role, on=show.project)
    path = f"/actions/projects/{show.project.id}/delete-entities"
    expected = 200 if role in ("admin", "manager") else 403
    assert (await client.post(path, json=[], headers=headers)).status_code == expected


async def test_in_bulk_each_is_canceled_or_deleted_and_the_rest_stays(client, as_role, show, make, session):
    elsewhere = await make(factories.project())
    foreign = await make(factories.entity(elsewhere, show.props))
    headers = await as_role("manager", on=[show.project, elsewhere])
    path = f"/actions/projects/{show.project.id}/delete-entities"
    ids = [show.shots[1].id, uuid4(), foreign.id, show.sequence.id, show.asset.id, show.shots[1].id]
    answer = await client.post(path, json=[str(id) for id in ids], headers=headers)
    assert answer.json() == [str(show.shots[1].id), str(show.asset.id)], answer.text
    assert not await there(session, show.shots[1])
    for stays in (show.asset, foreign, show.sequence):
        assert await there(session, stays)
    assert sorted(await events(session)) == ["asset:update", "shot:delete"]


async def test_the_number_of_statements_does_not_grow_with_what_goes(
    client, as_role, show, make, count_statements
):
    headers = await as_role("manager", on=show.project)
    path = f"/actions/projects/{show.project.id}/delete-entities?force=true"

    async def statements(number: int) -> int:
        assets = [await make(factories.entity(show.project, show.props)) for _ in range(number)]
        for asset in assets:
            await make(factories.task(asset, show.task_type, show.status))
        with count_statements() as counted:
            answer = await client.post(path, json=[str(asset.id) for asset in assets], headers=headers)
        assert len(answer.json()) == number
        return counted.count

    assert await statements(8) <= await statements(1) + 1


@pytest.mark.parametrize("body", [None, {}, ["x"], [1], "text", [None]])
async def test_in_bulk_ids_are_a_list_of_ids(client, as_role, show, body):
    headers = await as_role("manager", on=show.project)
    path = f"/actions/projects/{show.project.id}/delete-entities"
    assert (await client.post(path, json=body, headers=headers)).status_code == 400


# --- tasks of an entity -----------------------------------------------------------------------------


async def test_an_entity_gets_the_tasks_of_its_workflow(client, as_role, show, make):
    kinds = [await make(factories.task_type(for_entity="Asset")) for _ in range(3)]
    for kind in kinds[:2]:
        await make(m.ProjectTaskTypeLink(project_id=show.project.id, task_type_id=kind.id))
    for kind in kinds[1:]:
        await make(m.TaskTypeAssetTypeLink(asset_type_id=show.props.id, task_type_id=kind.id))
    headers = await as_role("manager", on=show.project)
    path = f"/data/entities/{show.asset.id}/tasks"
    answer = await client.post(path, json={}, headers=headers)
    assert answer.status_code == 201, answer.text
    assert [task["task_type_id"] for task in answer.json()] == [str(kinds[1].id)]
    again = await client.post(path, json={"task_type_ids": [str(kinds[1].id)]}, headers=headers)
    assert (again.status_code, again.json()) == (201, [])


async def test_tasks_that_an_entity_can_not_have_are_refused(client, as_role, show, make):
    headers = await as_role("manager", on=show.project)
    path = f"/data/entities/{show.asset.id}/tasks"
    link = m.ProjectTaskTypeLink
    for_shots = await make(factories.task_type(for_entity="Shot"))
    foreign = await make(factories.task_type(for_entity="Asset"))
    outside, inside = await make(
        factories.task_type(for_entity="Asset"), factories.task_type(for_entity="Asset")
    )
    for kind in (for_shots, outside, inside):
        await make(link(project_id=show.project.id, task_type_id=kind.id))
    await make(m.TaskTypeAssetTypeLink(asset_type_id=show.props.id, task_type_id=inside.id))
    for id in (for_shots.id, foreign.id, outside.id, uuid4()):
        answer = await client.post(path, json={"task_type_ids": [str(id)]}, headers=headers)
        assert answer.status_code == 400, answer.text
    answer = await client.post(path, json={"task_type_ids": [str(inside.id)]}, headers=headers)
    assert answer.status_code == 201


@pytest.mark.parametrize("role", ROLES)
async def test_who_makes_tasks_of_an_entity(client, as_role, show, role):
    headers = await as_role(role, on=show.project)
    answer = await client.post(f"/data/entities/{show.asset.id}/tasks", json={}, headers=headers)
    assert answer.status_code == (201 if role in ("admin", "manager") else 403)


# --- what is read of an entity ----------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
async def test_who_reads_what_hangs_on_an_entity(client, as_role, show, role):
    headers = await as_role(role, on=show.project)
    base = f"/data/entities/{show.asset.id}"
    for part in ("news", "preview-files", "time-spents"):
        refused = role == "vendor" or (part == "time-spents" and role == "client")
        answer = await client.get(f"{base}/{part}", headers=headers)
        assert answer.status_code == (403 if refused else 200), part


async def test_outsiders_and_unknown_ids(client, as_role, show):
    outsider, member = await as_role("manager"), await as_role("manager", on=show.project)
    for part in ("news", "preview-files", "time-spents"):
        path = f"/data/entities/{show.asset.id}/{part}"
        assert (await client.get(path, headers=outsider)).status_code == 403
        for id in (uuid4(), "no-id"):
            assert (await client.get(f"/data/entities/{id}/{part}", headers=member)).status_code == 404


async def test_news_tell_of_task_comment_preview_and_author(client, as_role, show, make):
    task = show.tasks[1]
    comment = await make(factories.comment(task, show.author, task_status_id=show.status.id))
    preview = await make(factories.preview_file(task, show.author, revision=3, extension="mp4"))
    await make(factories.news(task, show.author, comment_id=comment.id, preview_file_id=preview.id))
    headers = await as_role("user", on=show.project)
    page = (await client.get(f"/data/entities/{show.shots[0].id}/news", headers=headers)).json()
    assert {name: page[name] for name in ("total", "nb_pages", "limit", "offset", "page")} == {
        "total": 1,
        "nb_pages": 1,
        "limit": 2000,
        "offset": 0,
        "page": 1,
    }
    (news,) = page["data"]
    assert news["full_entity_name"] == "E01 / SQ01 / SH01"
    assert news["episode_id"] == str(show.episode.id)
    assert news["task_status_id"] == str(show.status.id)
    assert (news["preview_file_revision"], news["preview_file_extension"]) == (3, "mp4")
    assert news["person"]["id"] == str(show.author.id)


async def test_news_come_in_pages_newest_first(client, as_role, show, make, count_statements):
    made = [await make(factories.news(show.tasks[0], show.author)) for _ in range(5)]
    headers = await as_role("user", on=show.project)
    path = f"/data/entities/{show.asset.id}/news"
    seen = []
    for number in (1, 2, 3):
        with count_statements() as statements:
            page = (await client.get(f"{path}?page={number}&limit=2", headers=headers)).json()
        assert statements.count <= 5
        assert (page["total"], page["nb_pages"]) == (5, 3)
        seen += [news["id"] for news in page["data"]]
    assert seen == [str(news.id) for news in reversed(made)]
    for query in ("page=0", "page=x", "limit=0", "page=-1"):
        assert (await client.get(f"{path}?{query}", headers=headers)).status_code == 400, query


async def test_vendors_see_the_time_and_the_news_of_their_tasks(client, as_role, show, make):
    vendor = await as_role("vendor", on=show.project)
    other = await make(factories.task_type())
    second = await make(factories.task(show.asset, other, show.status))
    await make(factories.assignation(second, vendor.person))
    for task in (show.tasks[0], second):
        await make(
            factories.news(task, show.author),
            factories.time_spent(task, show.author),
            factories.preview_file(task, show.author),
        )
    base = f"/data/entities/{show.asset.id}"
    assert (await client.get(f"{base}/news", headers=vendor)).json()["total"] == 1
    for part in ("time-spents", "preview-files"):
        rows = (await client.get(f"{base}/{part}", headers=vendor)).json()
        assert [row["task_id"] for row in rows] == [str(second.id)], part


# --- two requests at once ---------------------------------------------------------------------------


@pytest.fixture
async def parallel(built_app, settings, migrated_database, valkey, valkey_url) -> AsyncIterator[Any]:
    """A client whose requests have connections of their own, and the sessions to look with."""
    engine = create_async_engine(migrated_database.replace("postgresql://", "postgresql+asyncpg://"))
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    built_app.state.settings = settings
    connect(built_app, sessions, valkey)
    async with AsyncClient(transport=ASGITransport(built_app), base_url="http://test") as client:
        yield client, sessions
    await engine.dispose()


async def test_of_requests_that_add_the_same_at_once_one_adds_it(parallel, sign_in):
    client, sessions = parallel
    admin, project, props = factories.person(role="admin"), factories.project(), factories.entity_type()
    async with sessions() as session:
        session.add_all([admin, project, props])
        await session.commit()
    headers = sign_in(admin)
    base = f"/data/projects/{project.id}"
    for path in (f"{base}/asset-types/{props.id}/assets/new", f"{base}/edits", f"{base}/concepts"):
        body = {"name": "Twin"}
        answers = await asyncio.gather(*(client.post(path, json=body, headers=headers) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400], path
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(m.Entity)) == 3


async def test_an_entity_that_two_requests_delete_is_told_of_once(parallel, sign_in):
    client, sessions = parallel
    admin, project, props = factories.person(role="admin"), factories.project(), factories.entity_type()
    asset = factories.entity(project, props)
    async with sessions() as session:
        session.add_all([admin, project, props])
        await session.flush()
        session.add(asset)
        await session.commit()
    path = f"/data/assets/{asset.id}"
    answers = await asyncio.gather(*(client.delete(path, headers=sign_in(admin)) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [204, 404, 404]
    async with sessions() as session:
        query = select(func.count()).select_from(m.ApiEvent).where(m.ApiEvent.name == "asset:delete")
        assert await session.scalar(query) == 1


@pytest.mark.parametrize("name", ["parent_id", "source_id", "preview_file_id"])
async def test_an_entity_refers_to_its_own_production_alone(client, as_role, make, name):
    own, other = factories.production(), factories.production()
    await make(*own)
    await make(*other)
    pictures = [factories.preview_file(rows.task, rows.person) for rows in (own, other)]
    await make(*pictures)
    mine, foreign = [
        picture.id if name == "preview_file_id" else rows.entity.id
        for picture, rows in zip(pictures, (own, other), strict=True)
    ]
    headers, path = await as_role("admin"), "/data/entities"
    body = {"project_id": str(own.project.id), "entity_type_id": str(own.entity_type.id)}
    refused = await client.post(path, json={**body, "name": "A", name: str(foreign)}, headers=headers)
    assert refused.status_code == 400, refused.text
    assert name in refused.json()["message"]
    made = await client.post(path, json={**body, "name": "A", name: str(mine)}, headers=headers)
    assert (made.status_code, made.json()[name]) == (201, str(mine))
    moved = await client.put(f"{path}/{made.json()['id']}", json={name: str(foreign)}, headers=headers)
    assert moved.status_code == 400
    kept = await client.get(f"{path}/{made.json()['id']}", headers=headers)
    assert kept.json()[name] == str(mine)
