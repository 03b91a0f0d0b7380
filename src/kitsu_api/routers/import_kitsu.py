"""Rows of another instance of the same kind, taken over under their own ids, idempotent.

Only admins import: of the rows that others send, none is taken over, and the answer is empty,
as scripts know it.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from kitsu_api.db import models as m
from kitsu_api.db import projections as p
from kitsu_api.db.projection import Projection
from kitsu_api.errors import BadRequest, Forbidden, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas import (
    comments,
    entities,
    imported_builds,
    metadata,
    news,
    playlists,
    previews,
    projects,
    schedule,
)
from kitsu_api.schemas import tasks as task_schemas
from kitsu_api.schemas import time_spents as time_schemas
from kitsu_api.schemas.base import Payload
from kitsu_api.schemas.instance_rows import row_schema, rows_of
from kitsu_api.services.instance_import import Kind, import_rows
from kitsu_api.unit_of_work import Uow

router = APIRouter(
    prefix="/import/kitsu", tags=["Import and export"], responses=errors(BadRequest, Unauthorized, Forbidden)
)

BUILD_JOB = Projection(m.BuildJob, "BuildJob")
ENTITY = Projection(m.Entity, "Entity")
DESCRIPTOR = p.plain(m.MetadataDescriptor)
COMMENT = p.plain(m.Comment)

KINDS: tuple[tuple[Kind[Any], type[Payload], type[BaseModel]], ...] = (
    (
        Kind(
            path="attachment-files",
            model=m.AttachmentFile,
            projection=p.ATTACHMENT_FILE,
            thing="attachment-file",
        ),
        comments.AttachmentFileCreate,
        comments.AttachmentFileRead,
    ),
    (
        Kind(path="build-jobs", model=m.BuildJob, projection=BUILD_JOB, thing="build-job"),
        imported_builds.BuildRow,
        imported_builds.BuildRead,
    ),
    (
        Kind(
            path="comments",
            model=m.Comment,
            projection=COMMENT,
            thing="comment",
            links=p.COMMENT_LINKS,
        ),
        comments.CommentCreate,
        comments.CommentRead,
    ),
    (
        Kind(path="entities", model=m.Entity, projection=ENTITY, thing="entity", typed=True),
        entities.EntityCreate,
        entities.EntityRead,
    ),
    (
        Kind(
            path="entity-links",
            model=m.EntityLink,
            projection=p.ENTITY_LINK,
            thing="entity-link",
            names_row=False,
        ),
        entities.EntityLinkCreate,
        entities.EntityLinkRead,
    ),
    (
        Kind(
            path="metadata-descriptors",
            model=m.MetadataDescriptor,
            projection=DESCRIPTOR,
            thing="metadata-descriptor",
            links=p.DESCRIPTOR_LINKS,
        ),
        metadata.MetadataDescriptorCreate,
        metadata.MetadataDescriptorRead,
    ),
    (
        Kind(path="milestones", model=m.Milestone, projection=p.MILESTONE, thing="milestone"),
        schedule.MilestoneCreate,
        schedule.MilestoneRead,
    ),
    (Kind(path="news", model=m.News, projection=p.NEWS, thing="news"), news.NewsCreate, news.NewsRead),
    (
        Kind(
            path="notifications",
            model=m.Notification,
            projection=p.NOTIFICATION,
            thing="notification",
            renamed={"type": "notification_type"},
        ),
        news.NotificationCreate,
        news.NotificationRead,
    ),
    (
        Kind(path="playlists", model=m.Playlist, projection=p.PLAYLIST, thing="playlist"),
        playlists.PlaylistCreate,
        playlists.PlaylistRead,
    ),
    (
        Kind(
            path="preview-files",
            model=m.PreviewFile,
            projection=p.PREVIEW_FILE,
            thing="preview-file",
            added={"imported_only": True},
        ),
        previews.PreviewFileCreate,
        previews.PreviewFileRead,
    ),
    (
        Kind(
            path="projects",
            model=m.Project,
            projection=p.PROJECT,
            thing="project",
            links={"team": p.PROJECT_LINKS["team"]},
        ),
        projects.ProjectCreate,
        projects.ProjectRead,
    ),
    (
        Kind(path="schedule-items", model=m.ScheduleItem, projection=p.SCHEDULE_ITEM, thing="schedule-item"),
        schedule.ScheduleItemCreate,
        schedule.ScheduleItemRead,
    ),
    (
        Kind(path="subscriptions", model=m.Subscription, projection=p.SUBSCRIPTION, thing="subscription"),
        news.SubscriptionCreate,
        news.SubscriptionRead,
    ),
    (
        Kind(
            path="tasks",
            model=m.Task,
            projection=p.TASK,
            thing="task",
            links=p.TASK_LINKS,
            names_row=False,
        ),
        task_schemas.TaskCreate,
        task_schemas.TaskRead,
    ),
    (
        Kind(path="time-spents", model=m.TimeSpent, projection=p.TIME_SPENT, thing="time-spent"),
        time_schemas.TimeSpentCreate,
        time_schemas.TimeSpentRead,
    ),
)
"""Every table, what its own route knows of a row, and what the answer looks like."""

Silently = Annotated[bool, Query(description="Tell nobody: no events.")]


def add_import(kind: Kind[Any], known: type[Payload], read: type[BaseModel]) -> None:
    """Add the route that takes rows of a table over."""
    words = kind.path.replace("-", " ")
    name, table = f"Imported{kind.model.__name__}", kind.model.__table__
    schema: Any = row_schema(name, table, known, (*kind.links,), dict(kind.renamed), kind.typed)

    async def import_all(
        rows: list[Payload], uow: Uow, silent: Silently = False, actor: Actor = allow(anyone)
    ) -> Response:
        if not actor.is_admin:
            return json_response(b"[]")
        sent = [row.model_dump(exclude_unset=True) for row in rows]
        return json_response(await import_rows(uow, kind, sent, silent=silent))

    # FastAPI reads the types at run time, when the schemas are known.
    import_all.__annotations__["rows"] = rows_of(schema)
    answer: Any = list[read]  # type: ignore[valid-type]  # a schema known at run time only
    router.add_api_route(
        f"/{kind.path}",
        import_all,
        methods=["POST"],
        response_model=answer,
        operation_id=f"import_kitsu_{kind.path.replace('-', '_')}",
        summary=f"Import {words} of another instance",
        description=(
            f"The {words} with their ids, as a list. Those that are here already are changed; all are taken"
            " over or, when one is refused, none. Only admins import: of what others send, nothing is taken."
        ),
    )


for _kind, _known, _read in KINDS:
    add_import(_kind, _known, _read)
