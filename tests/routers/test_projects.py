"""Productions that are deleted with everything that was made in them."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from kitsu_api.db import models as m
from kitsu_api.db.base import Base
from tests import factories

KEPT = {"api_event", "kitsu_api_event_log", "kitsu_api_history", "outbox_message"}
"""Tables that keep a log of what was."""


class Show(NamedTuple):
    """A production that is over, and what its rows need of the studio."""

    project: Any
    entity: Any


class Library(NamedTuple):
    """Rows of the studio that productions use."""

    closed: Any
    kind: Any
    shots: Any
    task_type: Any
    status: Any
    person: Any
    department: Any
    software: Any
    output_type: Any
    file_status: Any


@pytest.fixture
async def library(make) -> Library:
    rows = Library(
        factories.project_status(name="Closed"),
        factories.entity_type(name="Props"),
        factories.entity_type(name="Shot"),
        factories.task_type(),
        factories.task_status(),
        factories.person(),
        factories.department(),
        factories.software(),
        factories.output_type(),
        factories.file_status(),
    )
    await make(*rows)
    return rows


async def full_production(make, x: Library) -> Show:
    """A production with a row in each table that hangs on one."""
    project = await make(factories.project(x.closed))
    asset, shot = await make(factories.entity(project, x.kind), factories.entity(project, x.shots))
    shot.parent_id = shot.source_id = asset.id
    task = await make(factories.task(asset, x.task_type, x.status))
    comment, preview = await make(factories.comment(task, x.person), factories.preview_file(task, x.person))
    asset.preview_file_id = comment.preview_file_id = preview.id
    await make(asset, shot, comment)
    await fill_tasks(make, x, task, comment, preview)
    await fill_entities(make, x, asset, shot, task, preview)
    await fill_plans(make, x, project, asset, task)
    await fill_settings(make, x, project)
    return Show(project, asset)


async def fill_tasks(make, x, task, comment, preview):
    await make(
        factories.assignation(task, x.person),
        factories.news(task, x.person, comment_id=comment.id, preview_file_id=preview.id),
        factories.notification(x.person, task, comment_id=comment.id),
        factories.subscription(x.person, task),
        factories.time_spent(task, x.person),
        m.CommentMentions(comment=comment.id, person=x.person.id),
        m.CommentDepartmentMentions(comment=comment.id, department=x.department.id),
        m.CommentAcknoledgments(comment=comment.id, person=x.person.id),
        m.CommentPreviewLink(comment=comment.id, preview_file=preview.id),
        m.AttachmentFile(name="a", extension="png", comment_id=comment.id),
    )


async def fill_entities(make, x, asset, shot, task, preview):
    chat, instance = await make(
        m.Chat(object_id=asset.id), m.AssetInstance(asset_id=asset.id, target_asset_id=asset.id, number=1)
    )
    message, working = await make(
        m.ChatMessage(chat_id=chat.id, person_id=x.person.id, text="Hi"),
        factories.working_file(task, x.person, entity_id=asset.id),
    )
    output = await make(
        m.OutputFile(
            name="main",
            revision=1,
            entity_id=asset.id,
            temporal_entity_id=shot.id,
            asset_instance_id=instance.id,
            source_file_id=working.id,
            file_status_id=x.file_status.id,
            output_type_id=x.output_type.id,
        )
    )
    preview.source_file_id = output.id
    await make(
        preview,
        m.ChatParticipant(chat_id=chat.id, person_id=x.person.id),
        m.AttachmentFile(name="b", extension="png", chat_message_id=message.id),
        m.AssetInstanceLink(entity_id=shot.id, asset_instance_id=instance.id),
        m.EntityLink(entity_in_id=shot.id, entity_out_id=asset.id),
        m.EntityConceptLink(entity_in_id=shot.id, entity_out_id=asset.id),
        m.EntityVersion(name="1", entity_id=asset.id),
    )


async def fill_plans(make, x, project, asset, task):
    playlist, budget, version = await make(
        factories.playlist(project, episode_id=asset.id),
        m.Budget(project_id=project.id, name="First", currency="EUR"),
        m.ProductionScheduleVersion(project_id=project.id, name="First"),
    )
    project.from_schedule_version_id = version.id
    link = await make(
        m.ProductionScheduleVersionTaskLink(production_schedule_version_id=version.id, task_id=task.id)
    )
    await make(
        project,
        m.ProductionScheduleVersionTaskLinkPersonLink(
            production_schedule_version_task_link_id=link.id, person_id=x.person.id
        ),
        m.BuildJob(playlist_id=playlist.id),
        m.PlaylistShareLink(playlist_id=playlist.id, token=uuid4().hex, created_by=x.person.id),
        m.Notification(
            person_id=x.person.id, author_id=x.person.id, type="playlist-ready", playlist_id=playlist.id
        ),
        m.BudgetEntry(
            budget_id=budget.id,
            department_id=x.department.id,
            start_date=date(2026, 1, 1),
            months_duration=1,
            daily_salary=1,
        ),
        m.ScheduleItem(project_id=project.id, task_type_id=x.task_type.id),
        factories.milestone(project, x.task_type),
    )


async def fill_settings(make, x, project):
    own = {"project_id": project.id}
    descriptor, group, automation, background = await make(
        factories.metadata_descriptor(project),
        m.SearchFilterGroup(list_type="asset", name="g", color="#000000", person_id=x.person.id, **own),
        m.StatusAutomation(),
        m.PreviewBackgroundFile(name=factories.unique("Forest")),
    )
    await make(
        m.DepartmentMetadataDescriptorLink(
            metadata_descriptor_id=descriptor.id, department_id=x.department.id
        ),
        factories.search_filter(x.person, search_filter_group_id=group.id, **own),
        m.ProjectPersonLink(person_id=x.person.id, **own),
        m.ProjectAssetTypeLink(asset_type_id=x.kind.id, **own),
        m.ProjectTaskTypeLink(task_type_id=x.task_type.id, **own),
        m.ProjectTaskStatusLink(task_status_id=x.status.id, **own),
        m.ProjectStatusAutomationLink(status_automation_id=automation.id, **own),
        m.ProjectPreviewBackgroundFileLink(preview_background_file_id=background.id, **own),
        m.ProjectTaskTypeSoftwareLink(task_type_id=x.task_type.id, software_id=x.software.id, **own),
        factories.person(preview_project_id=project.id, role="client"),
        factories.api_event(**own),
    )


async def sizes(session) -> dict[str, int]:
    """How many rows each table has."""
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name not in KEPT:
            found[table.name] = await session.scalar(select(func.count()).select_from(table))
    return {name: count for name, count in found.items() if count}


async def test_by_force_a_production_goes_with_everything_in_it(client, as_role, make, library, session):
    headers = await as_role("admin")
    other = await full_production(make, library)
    before = await sizes(session)
    show = await full_production(make, library)
    # the library stays, and the register holds the movie of a build until it is purged
    of_studio = {"status_automation": 1, "preview_background_file": 1, "stored_file": 1}
    path = f"/data/projects/{show.project.id}"
    assert (await client.delete(path, headers=headers)).status_code == 400
    answer = await client.delete(f"{path}?force=true", headers=headers)
    assert answer.status_code == 204, answer.text
    expected = {name: before.get(name, 0) + of_studio.get(name, 0) for name in before | of_studio}
    assert await sizes(session) == expected
    assert await session.scalar(select(m.Project.id).where(m.Project.id == other.project.id))


async def test_what_others_took_from_it_is_freed(client, as_role, make, library, session):
    headers = await as_role("admin")
    show = await full_production(make, library)
    elsewhere = await make(factories.project())
    shot = await make(factories.entity(elsewhere, library.shots, nb_entities_out=2))
    own = await make(factories.entity(elsewhere, library.kind, source_id=show.entity.id))
    await make(
        m.EntityLink(entity_in_id=shot.id, entity_out_id=show.entity.id),
        m.EntityLink(entity_in_id=shot.id, entity_out_id=own.id),
    )
    answer = await client.delete(f"/data/projects/{show.project.id}?force=true", headers=headers)
    assert answer.status_code == 204, answer.text
    assert await session.scalar(select(m.Entity.nb_entities_out).where(m.Entity.id == shot.id)) == 1
    assert await session.scalar(select(m.Entity.source_id).where(m.Entity.id == own.id)) is None


async def test_it_takes_as_many_statements_for_a_big_one(client, as_role, make, library, count_statements):
    headers = await as_role("admin")
    counts = []
    for size in (1, 6):
        show = await full_production(make, library)
        for _ in range(size):
            entity = await make(factories.entity(show.project, library.kind))
            task = await make(factories.task(entity, library.task_type, library.status))
            await make(factories.comment(task, library.person))
        with count_statements() as statements:
            await client.delete(f"/data/projects/{show.project.id}?force=true", headers=headers)
        counts.append(statements.count)
    assert counts[0] == counts[1]


async def test_a_production_that_runs_does_not_go_by_force(client, as_role, make):
    project = await make(factories.project(await make(factories.project_status())))
    answer = await client.delete(f"/data/projects/{project.id}?force=true", headers=await as_role("admin"))
    assert (answer.status_code, answer.json()["message"]) == (400, "Only closed projects can be deleted")


@pytest.mark.parametrize("role", ["manager", "supervisor", "user", "client", "vendor"])
async def test_force_is_for_admins(client, as_role, make, library, role):
    project = await make(factories.project(library.closed))
    headers = await as_role(role, on=project)
    assert (
        await client.delete(f"/data/projects/{project.id}?force=true", headers=headers)
    ).status_code == 403


async def test_force_is_yes_or_no(client, as_role, make, library):
    project = await make(factories.project(library.closed))
    headers = await as_role("admin")
    assert (await client.delete(f"/data/projects/{project.id}?force=x", headers=headers)).status_code == 400
    assert (await client.delete(f"/data/projects/{uuid4()}?force=true", headers=headers)).status_code == 404


async def test_a_preview_account_does_not_keep_a_production(client, as_role, make, library):
    project = await make(factories.project(library.closed))
    headers = await as_role("admin")
    await client.post(f"/data/projects/{project.id}/preview-account", headers=headers)
    assert (await client.delete(f"/data/projects/{project.id}", headers=headers)).status_code == 204
