"""Rows of another instance: taken over under their own ids, again and again with the same outcome."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from kitsu_api.db.models import (
    ApiEvent,
    Comment,
    DepartmentMetadataDescriptorLink,
    Entity,
    Milestone,
    PreviewFile,
    ProjectPersonLink,
    Task,
    TaskPersonLink,
)
from tests import factories

PATHS = (
    "attachment-files",
    "build-jobs",
    "comments",
    "entities",
    "entity-links",
    "metadata-descriptors",
    "milestones",
    "news",
    "notifications",
    "playlists",
    "preview-files",
    "projects",
    "schedule-items",
    "subscriptions",
    "tasks",
    "time-spents",
)


async def send(client, who, path: str, rows: object, expected: int = 200, query: str = "") -> object:
    answer = await client.post(f"/import/kitsu/{path}{query}", json=rows, headers=who)
    assert answer.status_code == expected, answer.text
    return answer.json()


async def events(session, name: str) -> list[ApiEvent]:
    return list(await session.scalars(select(ApiEvent).where(ApiEvent.name == name)))


@pytest.fixture
async def film(make):
    rows = factories.production()
    await make(*rows)
    return rows


@pytest.fixture
async def admin(as_role):
    return await as_role("admin")


def milestone(film, **values: object) -> dict[str, object]:
    return {
        "id": str(uuid4()),
        "project_id": str(film.project.id),
        "name": "Pitch",
        "date": "2026-06-01",
    } | values


async def test_rows_keep_their_ids_and_come_back_in_the_order_sent(client, admin, film):
    rows = [milestone(film, name=name) for name in ("C", "A", "B")]
    answer = await send(client, admin, "milestones", rows)
    assert [row["id"] for row in answer] == [row["id"] for row in rows]
    assert [row["name"] for row in answer] == ["C", "A", "B"]
    assert {row["type"] for row in answer} == {"Milestone"}


async def test_a_row_that_is_here_already_is_changed(client, admin, film, session):
    row = milestone(film)
    await send(client, admin, "milestones", [row])
    await send(client, admin, "milestones", [row | {"name": "Delivery"}])
    stored = (await session.scalars(select(Milestone).where(Milestone.id == row["id"]))).all()
    assert [one.name for one in stored] == ["Delivery"]
    assert len(await events(session, "milestone:new")) == 1
    told = await events(session, "milestone:update")
    assert [one.data for one in told] == [
        {"milestone_id": row["id"], "project_id": str(film.project.id)},
    ]


async def test_the_last_of_two_rows_with_one_id_counts(client, admin, film):
    row = milestone(film)
    answer = await send(client, admin, "milestones", [row, row | {"name": "Later"}])
    assert [one["name"] for one in answer] == ["Later", "Later"]


async def test_one_row_that_is_refused_takes_the_others_with_it(client, admin, film, session):
    good, bad = milestone(film), milestone(film, project_id=str(uuid4()))
    await send(client, admin, "milestones", [good, bad], 400)
    assert await session.get(Milestone, good["id"]) is None


async def test_a_new_row_needs_what_its_table_needs_and_the_answer_says_which(client, admin, film, session):
    answer = await send(client, admin, "milestones", [milestone(film), {"id": str(uuid4())}], 400)
    assert answer["message"] == "Row 2: the 'name' field is required."
    assert (await session.scalars(select(Milestone))).all() == []


async def test_times_of_the_other_instance_are_kept(client, admin, film):
    row = milestone(film, created_at="2024-05-20T10:00:00")
    first = await send(client, admin, "milestones", [row])
    assert (first[0]["created_at"], first[0]["updated_at"]) == ("2024-05-20T10:00:00", "2024-05-20T10:00:00")
    row |= {"updated_at": "2025-01-02T03:04:05"}
    second = await send(client, admin, "milestones", [row])
    assert second[0]["updated_at"] == "2025-01-02T03:04:05"


@pytest.mark.parametrize("path", PATHS)
async def test_what_is_not_a_list_is_refused(client, admin, path):
    answer = await send(client, admin, path, {"id": "nope"}, 400)
    assert answer["message"] == "A list of entities is expected."


@pytest.mark.parametrize("path", PATHS)
async def test_an_empty_list_imports_nothing(client, admin, path):
    assert await send(client, admin, path, []) == []


@pytest.mark.parametrize("role", ["manager", "supervisor", "user", "client", "vendor"])
async def test_only_admins_import(client, as_role, film, session, role):
    who = await as_role(role, on=film.project)
    row = milestone(film)
    assert await send(client, who, "milestones", [row]) == []
    assert await session.get(Milestone, row["id"]) is None
    assert await events(session, "milestone:new") == []


async def test_silent_imports_tell_nobody(client, admin, film, session):
    row = milestone(film)
    await send(client, admin, "milestones", [row], query="?silent=true")
    assert await session.get(Milestone, row["id"]) is not None
    assert await events(session, "milestone:new") == []


async def test_a_task_brings_its_assignees(client, admin, film, make, session):
    first, second = await make(factories.person()), await make(factories.person())
    row = {
        "id": str(uuid4()),
        "name": "taken over",
        "project_id": str(film.project.id),
        "entity_id": str(film.entity.id),
        "task_type_id": str(film.task.task_type_id),
        "task_status_id": str(film.task.task_status_id),
        "assignees": [str(first.id)],
    }
    await send(client, admin, "tasks", [row])
    await send(client, admin, "tasks", [row | {"assignees": [str(second.id)]}])
    linked = select(TaskPersonLink.person_id).where(TaskPersonLink.task_id == row["id"])
    assert (await session.scalars(linked)).all() == [second.id]
    await send(client, admin, "tasks", [{"id": row["id"], "priority": 2}])
    assert (await session.scalars(linked)).all() == [second.id]
    assert (await session.get(Task, row["id"])).priority == 2


async def test_a_production_brings_its_team_and_tells_its_own_people(client, admin, film, make, session):
    member = await make(factories.person())
    row = {
        "id": str(uuid4()),
        "name": factories.unique("Taken over"),
        "project_status_id": str(film.project.project_status_id),
        "team": [str(member.id)],
    }
    await send(client, admin, "projects", [row])
    team = select(ProjectPersonLink.person_id).where(ProjectPersonLink.project_id == row["id"])
    assert (await session.scalars(team)).all() == [member.id]
    told = await events(session, "project:new")
    assert [(one.data, str(one.project_id)) for one in told] == [({"project_id": row["id"]}, row["id"])]


async def test_a_column_brings_its_departments(client, admin, film, make, session):
    department = await make(factories.department())
    row = {
        "id": str(uuid4()),
        "project_id": str(film.project.id),
        "name": "Vendor",
        "field_name": "vendor",
        "data_type": "string",
        "entity_type": "Asset",
        "departments": [str(department.id)],
    }
    await send(client, admin, "metadata-descriptors", [row])
    link = DepartmentMetadataDescriptorLink
    linked = select(link.department_id).where(link.metadata_descriptor_id == row["id"])
    assert (await session.scalars(linked)).all() == [department.id]


async def test_an_entity_is_of_the_kind_that_its_row_tells(client, admin, film, make, session):
    prop, sequence = await make(factories.entity_type()), await make(factories.entity_type(name="Sequence"))
    shot = await make(factories.entity_type(name="Shot"))
    rows = [
        {"id": str(uuid4()), "name": name, "project_id": str(film.project.id), "entity_type_id": str(prop.id)}
        | more
        for name, more in (("a", {"type": "Asset"}), ("b", {"type": "Sequence"}), ("c", {}))
    ]
    answer = await send(client, admin, "entities", rows)
    assert [one["entity_type_id"] for one in answer] == [str(prop.id), str(sequence.id), str(shot.id)]
    assert {one["type"] for one in answer} == {"Entity"}
    told = {
        name: [one.data for one in await events(session, f"{name}:new")]
        for name in ("asset", "sequence", "shot")
    }
    project_id = str(film.project.id)
    assert told == {
        "asset": [{"Asset_id": rows[0]["id"], "project_id": project_id}],
        "sequence": [{"Sequence_id": rows[1]["id"], "project_id": project_id}],
        "shot": [{"Shot_id": rows[2]["id"], "project_id": project_id}],
    }
    assert (await session.get(Entity, rows[2]["id"])).entity_type_id == shot.id


async def test_an_entity_of_a_kind_that_is_not_here_is_refused(client, admin, film):
    row = {"id": str(uuid4()), "name": "x", "project_id": str(film.project.id), "type": "Concept"}
    answer = await send(client, admin, "entities", [row], 400)
    assert answer["message"] == "There is no entity type Concept here: create it first."


async def test_a_preview_without_its_file_says_so(client, admin, film, session):
    row = {
        "id": str(uuid4()),
        "task_id": str(film.task.id),
        "name": "v001",
        "extension": "mp4",
        "data": {"a": 1},
    }
    answer = await send(client, admin, "preview-files", [row])
    assert answer[0]["data"] == {"a": 1, "imported_only": True}
    assert (await session.get(PreviewFile, row["id"])).data == {"a": 1, "imported_only": True}


async def test_a_notification_tells_its_kind_apart_from_the_name_of_its_table(client, admin, film, make):
    person = await make(factories.person())
    row = {
        "id": str(uuid4()),
        "type": "Notification",
        "notification_type": "mention",
        "task_id": str(film.task.id),
        "person_id": str(person.id),
        "author_id": str(person.id),
    }
    answer = await send(client, admin, "notifications", [row])
    assert (answer[0]["type"], answer[0]["notification_type"]) == ("Notification", "mention")


async def test_a_state_that_there_is_not_is_refused(client, admin, film):
    row = {"id": str(uuid4()), "task_id": str(film.task.id), "name": "v001", "status": "splendid"}
    answer = await send(client, admin, "preview-files", [row], 400)
    assert "status" in answer["message"]


async def test_events_of_comments_name_the_task_and_reach_its_production(client, admin, film, make, session):
    person = await make(factories.person())
    row = {
        "id": str(uuid4()),
        "object_id": str(film.task.id),
        "object_type": "Task",
        "text": "Taken over",
        "person_id": str(person.id),
        "acknowledgements": [str(person.id)],
    }
    await send(client, admin, "comments", [row])
    assert (await session.get(Comment, row["id"])).text == "Taken over"
    told = (await events(session, "comment:new"))[0]
    assert (told.data["task_id"], told.project_id) == (str(film.task.id), film.project.id)


async def test_the_number_of_statements_does_not_grow_with_the_rows(client, admin, film, count_statements):
    await send(client, admin, "milestones", [milestone(film)])

    async def cost(rows: int) -> int:
        sent = [milestone(film) for _ in range(rows)]
        await send(client, admin, "milestones", sent)
        with count_statements() as counted:
            await send(client, admin, "milestones", sent)
        return counted.count

    assert await cost(3) == await cost(60)
