"""Rows that the database takes, with unique names; keywords replace any column. None of them is stored.

project, task = await make(factories.project(status), factories.task(...))
rows = factories.production(); await make(*rows); rows.task
"""

from __future__ import annotations

import itertools
from datetime import date
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import bcrypt

from kitsu_api.db.models import (
    AccessGroup,
    ApiEvent,
    Comment,
    Department,
    Entity,
    EntityType,
    FileStatus,
    MetadataDescriptor,
    Milestone,
    News,
    Notification,
    Organisation,
    OutputType,
    Person,
    Playlist,
    PreviewFile,
    Project,
    ProjectStatus,
    Report,
    SearchFilter,
    SheetImport,
    Software,
    Studio,
    Subscription,
    Task,
    TaskPersonLink,
    TaskStatus,
    TaskType,
    TimeSpent,
    TrackedJob,
    Webhook,
    WebhookDelivery,
    WorkingFile,
)

PASSWORD = "mysecretpassword"
"""The password of every person made here."""

_numbers = itertools.count(1)


def unique(word: str) -> str:
    """The word with a number that no other has in this process."""
    return f"{word} {next(_numbers)}"


@cache
def hashed(password: str) -> bytes:
    """A cheap bcrypt hash (2^4 rounds)."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4))


# --- people -------------------------------------------------------------------------------------------


def person(password: str = PASSWORD, **values: Any) -> Person:
    number = next(_numbers)
    defaults = {
        "first_name": "Alicia",
        "last_name": f"Cooper {number}",
        "email": f"alicia.{number}@example.com",
        "password": hashed(password),
        "role": "user",
        "active": True,
    }
    return Person(id=values.pop("id", uuid4()), **{**defaults, **values})


def bot(**values: Any) -> Person:
    """A bot; `sign_in(bot)` uses its `jti`."""
    return person(**{"is_bot": True, "jti": str(uuid4()), "last_name": "", **values})


def guest(**values: Any) -> Person:
    return person(**{"is_guest": True, **values})


def department(**values: Any) -> Department:
    return _row(Department, values, name=unique("Modeling"), color="#AAAAAA")


def studio(**values: Any) -> Studio:
    return _row(Studio, values, name=unique("Studio"), color="#AAAAAA")


def organisation(**values: Any) -> Organisation:
    return _row(Organisation, values, name=unique("Kitsu"))


def software(**values: Any) -> Software:
    return _row(Software, values, name=unique("Blender"), short_name="bld", file_extension="blend")


# --- productions and what is made in them ----------------------------------------------------------


def project_status(**values: Any) -> ProjectStatus:
    return _row(ProjectStatus, values, name="Open", color="#00FF00")


def project(status: ProjectStatus | None = None, **values: Any) -> Project:
    return _row(Project, values, name=unique("Caminandes"), project_status_id=status and status.id)


def entity_type(**values: Any) -> EntityType:
    return _row(EntityType, values, name=unique("Props"))


def entity(project: Project, entity_type: EntityType, **values: Any) -> Entity:
    return _row(Entity, values, name=unique("Tree"), project_id=project.id, entity_type_id=entity_type.id)


def metadata_descriptor(project: Project, **values: Any) -> MetadataDescriptor:
    name = unique("Contractor")
    return _row(
        MetadataDescriptor,
        values,
        project_id=project.id,
        entity_type="Asset",
        name=name,
        field_name=name.lower().replace(" ", "_"),
        data_type="string",
        choices=[],
    )


def milestone(project: Project, task_type: TaskType, **values: Any) -> Milestone:
    return _row(
        Milestone,
        values,
        name=unique("Delivery"),
        date=date(2026, 3, 1),
        project_id=project.id,
        task_type_id=task_type.id,
    )


def playlist(project: Project, **values: Any) -> Playlist:
    return _row(Playlist, values, name=unique("Dailies"), project_id=project.id, shots=[])


def search_filter(person: Person, **values: Any) -> SearchFilter:
    return _row(
        SearchFilter,
        values,
        name=unique("Mine"),
        list_type="asset",
        search_query="mine",
        person_id=person.id,
    )


# --- tasks and what is said of them -----------------------------------------------------------------


def task_type(**values: Any) -> TaskType:
    return _row(TaskType, values, name=unique("Shading"), short_name="shd", color="#FFFFFF")


def task_status(**values: Any) -> TaskStatus:
    number = next(_numbers)
    return _row(TaskStatus, values, name=f"Work {number}", short_name=f"w{number}", color="#3273DC")


def task(entity: Entity, task_type: TaskType, task_status: TaskStatus, **values: Any) -> Task:
    return _row(
        Task,
        values,
        name="main",
        project_id=entity.project_id,
        entity_id=entity.id,
        task_type_id=task_type.id,
        task_status_id=task_status.id,
    )


def assignation(task: Task, person: Person) -> TaskPersonLink:
    return TaskPersonLink(task_id=task.id, person_id=person.id)


def comment(task: Task, person: Person, **values: Any) -> Comment:
    return _row(
        Comment,
        values,
        object_id=task.id,
        object_type="Task",
        text="Looks good.",
        task_status_id=task.task_status_id,
        person_id=person.id,
    )


def preview_file(task: Task, person: Person, **values: Any) -> PreviewFile:
    return _row(
        PreviewFile,
        values,
        name=unique("preview"),
        task_id=task.id,
        person_id=person.id,
        extension="png",
        status="ready",
    )


def news(task: Task, author: Person, **values: Any) -> News:
    return _row(News, values, task_id=task.id, author_id=author.id)


def notification(person: Person, task: Task, **values: Any) -> Notification:
    """A notification to somebody, of their own doing unless `author_id` says otherwise."""
    return _row(
        Notification,
        values,
        person_id=person.id,
        author_id=person.id,
        task_id=task.id,
        type="comment",
    )


def subscription(person: Person, task: Task, **values: Any) -> Subscription:
    return _row(Subscription, values, person_id=person.id, task_id=task.id)


def time_spent(task: Task, person: Person, **values: Any) -> TimeSpent:
    """A day's work on a task; the duration is in minutes."""
    return _row(TimeSpent, values, task_id=task.id, person_id=person.id, date=date(2026, 3, 2), duration=480)


# --- files ------------------------------------------------------------------------------------------


def working_file(task: Task, person: Person, **values: Any) -> WorkingFile:
    return _row(
        WorkingFile,
        values,
        name="main",
        revision=1,
        task_id=task.id,
        entity_id=task.entity_id,
        person_id=person.id,
    )


def output_type(**values: Any) -> OutputType:
    return _row(OutputType, values, name=unique("Cache"), short_name="cch")


def file_status(**values: Any) -> FileStatus:
    return _row(FileStatus, values, name=unique("To review"), color="#FFFFFF")


def api_event(name: str = "asset:new", **values: Any) -> ApiEvent:
    return _row(ApiEvent, values, name=name, data={})


def job(**values: Any) -> TrackedJob:
    return _row(TrackedJob, values, kind="probe", queue="quick", arguments={})


# --- a whole production -----------------------------------------------------------------------------


class Production(NamedTuple):
    """A production with one asset that has one task assigned to one person, in the order to store them."""

    project_status: ProjectStatus
    project: Project
    entity_type: EntityType
    entity: Entity
    task_type: TaskType
    task_status: TaskStatus
    person: Person
    task: Task
    assignation: TaskPersonLink


def production(**project_values: Any) -> Production:
    """Rows of a small production: `await make(*rows)`."""
    status = project_status()
    film = project(status, **project_values)
    kind = entity_type()
    tree = entity(film, kind)
    shading, work, artist = task_type(), task_status(), person()
    job = task(tree, shading, work, assigner_id=artist.id)
    return Production(status, film, kind, tree, shading, work, artist, job, assignation(job, artist))


def _row(model: Any, values: dict[str, Any], **defaults: Any) -> Any:
    """A row with an id, so that others can refer to it before it is stored."""
    identity: UUID = values.pop("id", None) or uuid4()
    return model(id=identity, **{**defaults, **values})


def webhook(owner: Person, project: Project | None = None, **values: Any) -> Webhook:
    return _row(
        Webhook,
        values,
        name=unique("Farm"),
        url="https://hooks.example/in",
        event_names=[],
        project_id=project.id if project else None,
        owner_id=owner.id,
        secret="whsec_" + "QUJD" * 10,
        since_sequence=0,
    )


def access_group(project: Project | None = None, *capabilities: str, **values: Any) -> AccessGroup:
    """A group of a production, or for all; without members."""
    return _row(
        AccessGroup,
        values,
        name=unique("Dailies"),
        project_id=project.id if project else None,
        capabilities=list(capabilities or ("playlists.edit",)),
    )


def webhook_delivery(webhook: Webhook, **values: Any) -> WebhookDelivery:
    return _row(
        WebhookDelivery,
        values,
        webhook_id=webhook.id,
        sequence=next(_numbers),
        event_name="task:new",
        audience_id=webhook.project_id,
        for_managers=False,
        payload={"type": "task:new"},
    )


def report(owner: Person, project: Project, **values: Any) -> Report:
    return _row(
        Report,
        values,
        name=unique("Weekly"),
        kind="burndown",
        project_id=project.id,
        owner_id=owner.id,
        filters={},
    )


def sheet_import(owner: Person, project: Project, **values: Any) -> SheetImport:
    """A sheet of shots that is read; its file is in no storage."""
    return _row(
        SheetImport,
        values,
        kind="shots",
        name="list.csv",
        project_id=project.id,
        owner_id=owner.id,
        status="ready",
    )
