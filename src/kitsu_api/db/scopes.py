"""Which rows belong to a set of productions, or to the tasks of one person: conditions for queries.

`projects` is None for somebody who sees all productions. Lists, single reads and writes take the same
conditions, so that they can't differ.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal_column, not_, or_, select, true, union_all
from sqlalchemy.orm import aliased

from kitsu_api.db.models import (
    AssetInstance,
    AttachmentFile,
    Chat,
    ChatMessage,
    ChatParticipant,
    Comment,
    Entity,
    EntityLink,
    Notification,
    OutputFile,
    Person,
    Playlist,
    PreviewFile,
    ProductionScheduleVersion,
    ProductionScheduleVersionTaskLink,
    Project,
    ProjectPersonLink,
    Task,
    TaskPersonLink,
    TimeSpent,
    WorkingFile,
)

Condition = ColumnElement[bool]
Projects = Collection[UUID] | None


class Rows(Enum):
    """How many rows a condition is asked of, where that is worth to be written in another way."""

    FEW = "few"
    MANY = "many"


def in_projects(column: Any, projects: Projects) -> Condition:
    """Rows whose own column names one of the productions."""
    if projects is None:
        return true()
    condition: Condition = column.in_(list(projects))
    return condition


def tasks_of(person_id: UUID) -> Any:
    """The ids of the tasks that a person is assigned to."""
    return select(TaskPersonLink.task_id).where(TaskPersonLink.person_id == person_id)


def tasks(projects: Projects, only_of: UUID | None = None) -> Condition:
    """Tasks of the productions; with `only_of`, those assigned to this person."""
    condition = in_projects(Task.project_id, projects)
    return condition if only_of is None else and_(condition, Task.id.in_(tasks_of(only_of)))


def entities(projects: Projects, only_of: UUID | None = None) -> Condition:
    """Entities of the productions; with `only_of`, those that this person has a task on."""
    condition = in_projects(Entity.project_id, projects)
    if only_of is None:
        return condition
    own = select(Task.entity_id).where(Task.id.in_(tasks_of(only_of)))
    return and_(condition, Entity.id.in_(own))


def by_task(
    column: Any, projects: Projects, only_of: UUID | None = None, *, rows: Rows | None = None
) -> Condition:
    """Rows that hang on a task of the productions.

    For few rows, out of productions with many tasks, the task of each is looked up.
    """
    if projects is None and only_of is None:
        return true()
    task = aliased(Task)
    condition = in_projects(task.project_id, projects)
    if only_of is not None:
        condition = and_(condition, task.id.in_(tasks_of(only_of)))
    if rows is Rows.FEW:
        # with an OFFSET PostgreSQL does not make a join with all tasks of it
        own = select(task.id).where(task.id == column, condition).correlate(column.table)
        return own.offset(literal_column("0")).exists()
    found: Condition = column.in_(select(task.id).where(condition))
    return found


def by_entity(column: Any, projects: Projects, only_of: UUID | None = None) -> Condition:
    """Rows that hang on an entity of the productions."""
    if projects is None and only_of is None:
        return true()
    entity = aliased(Entity)
    condition = in_projects(entity.project_id, projects)
    if only_of is not None:
        condition = and_(
            condition, entity.id.in_(select(Task.entity_id).where(Task.id.in_(tasks_of(only_of))))
        )
    found: Condition = column.in_(select(entity.id).where(condition))
    return found


def comments(projects: Projects, only_of: UUID | None = None, *, rows: Rows | None = None) -> Condition:
    """Comments on tasks of the productions."""
    return by_task(Comment.object_id, projects, only_of, rows=rows)


def preview_files(projects: Projects, only_of: UUID | None = None) -> Condition:
    """Previews of tasks of the productions."""
    return by_task(PreviewFile.task_id, projects, only_of)


def working_files(projects: Projects, only_of: UUID | None = None) -> Condition:
    """Working files of tasks of the productions."""
    return by_task(WorkingFile.task_id, projects, only_of)


def time_spents(projects: Projects, only_of: UUID | None = None) -> Condition:
    """Time spent on tasks of the productions."""
    return by_task(TimeSpent.task_id, projects, only_of)


def notifications(projects: Projects) -> Condition:
    """Notifications about tasks and playlists of the productions."""
    if projects is None:
        return true()
    playlist = aliased(Playlist)
    of_playlists = select(playlist.id).where(in_projects(playlist.project_id, projects))
    return or_(by_task(Notification.task_id, projects), Notification.playlist_id.in_(of_playlists))


def output_files(projects: Projects, only_of: UUID | None = None) -> Condition:
    """Output files of entities of the productions, or of instances of their assets."""
    if projects is None and only_of is None:
        return true()
    instance = aliased(AssetInstance)
    of_asset = by_entity(instance.asset_id, projects, only_of)
    return or_(
        by_entity(OutputFile.entity_id, projects, only_of),
        OutputFile.asset_instance_id.in_(select(instance.id).where(of_asset)),
    )


def asset_instances(projects: Projects, only_of: UUID | None = None) -> Condition:
    """Instances of assets of the productions."""
    return by_entity(AssetInstance.asset_id, projects, only_of)


def entity_links(projects: Projects, only_of: UUID | None = None) -> Condition:
    """Castings into entities of the productions."""
    return by_entity(EntityLink.entity_in_id, projects, only_of)


def by_client(rows: Rows | None = None) -> Condition:
    """Comments whose author is a client of the production. Of many rows only those of people who are a client
    anywhere are looked at."""
    task, person, link = aliased(Task), aliased(Person), aliased(ProjectPersonLink)
    held = (
        select(link.role)
        .where(link.person_id == Comment.person_id, link.project_id == task.project_id)
        .correlate(Comment, task)
        .scalar_subquery()
    )
    found: Condition = (
        select(task.id)
        .join(person, person.id == Comment.person_id)
        .where(task.id == Comment.object_id, func.coalesce(held, person.role) == "client")
        .correlate(Comment)
        .exists()
    )
    if rows is not Rows.MANY:
        return found
    someone, anywhere = aliased(Person), aliased(ProjectPersonLink)
    clients = union_all(
        select(someone.id).where(someone.role == "client"),
        select(anywhere.person_id).where(anywhere.role == "client"),
    )
    return and_(Comment.person_id.in_(clients), found)


def comments_for_client(
    person_id: UUID, projects: Collection[UUID], *, rows: Rows | None = None
) -> Condition:
    """Comments that a client of these productions may read: those meant for clients, their own, and, unless
    the production keeps clients apart, those of clients of the same studio."""
    me, author, task, project = aliased(Person), aliased(Person), aliased(Task), aliased(Project)
    of_colleague = (
        select(task.id)
        .join(project, project.id == task.project_id)
        .join(author, author.id == Comment.person_id)
        .join(me, me.id == person_id)
        .where(
            task.id == Comment.object_id,
            project.is_clients_isolated.is_not(True),
            author.studio_id.is_not_distinct_from(me.studio_id),
        )
        .correlate(Comment)
        .exists()
    )
    return or_(
        not_(by_task(Comment.object_id, projects, rows=rows)),
        Comment.for_client.is_(True),
        Comment.person_id == person_id,
        and_(by_client(rows), of_colleague),
    )


def comments_of_studio(person_id: UUID, projects: Collection[UUID], *, rows: Rows | None = None) -> Condition:
    """Comments that those who make a production may read there: what clients say goes to those who run it."""
    return or_(
        not_(by_task(Comment.object_id, projects, rows=rows)),
        Comment.person_id == person_id,
        not_(by_client()),
    )


def attachment_files(person_id: UUID, seen: Condition, projects: Projects) -> Condition:
    """Attachments of the comments that meet a condition, and of the chats in the productions that the person
    takes part in: whoever has left a team is still noted as one who does."""
    entity = aliased(Entity)
    here = (
        select(Chat.id)
        .join(entity, entity.id == Chat.object_id)
        .where(in_projects(entity.project_id, projects))
    )
    chats = select(ChatParticipant.chat_id).where(ChatParticipant.person_id == person_id)
    own = select(ChatMessage.id).where(
        ChatMessage.chat_id.in_(here),
        or_(ChatMessage.person_id == person_id, ChatMessage.chat_id.in_(chats)),
    )
    return or_(
        AttachmentFile.comment_id.in_(select(Comment.id).where(seen)), AttachmentFile.chat_message_id.in_(own)
    )


def playlists(projects: Projects, as_client: Collection[UUID]) -> Condition:
    """Playlists of the productions; of those where the reader is a client, only the ones for clients."""
    condition = in_projects(Playlist.project_id, projects)
    if not as_client:
        return condition
    for_them = or_(Playlist.project_id.not_in(list(as_client)), Playlist.for_client.is_(True))
    return and_(condition, for_them)


def playlists_of(person_id: UUID, projects: Projects) -> Condition:
    """Playlists of the productions that this person made, or that nobody owns."""
    mine = or_(Playlist.created_by == person_id, Playlist.created_by.is_(None))
    return and_(in_projects(Playlist.project_id, projects), mine)


def schedule_version_tasks(projects: Projects) -> Condition:
    """Tasks of schedule versions of the productions."""
    if projects is None:
        return true()
    version = aliased(ProductionScheduleVersion)
    found: Condition = ProductionScheduleVersionTaskLink.production_schedule_version_id.in_(
        select(version.id).where(in_projects(version.project_id, projects))
    )
    return found
