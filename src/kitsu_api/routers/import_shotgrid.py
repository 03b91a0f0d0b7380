"""Rows of ShotGrid, taken over by the numbers that it gives them: for admins, and idempotent."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.shotgrid import Shotgrid
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.roles import admins
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas import shotgrid as s
from kitsu_api.schemas.comments import CommentRead
from kitsu_api.schemas.entities import EntityRead
from kitsu_api.schemas.persons import PersonRead
from kitsu_api.schemas.previews import PreviewFileRead
from kitsu_api.schemas.projects import ProjectRead
from kitsu_api.schemas.tasks import TaskRead, TaskStatusRead, TaskTypeRead
from kitsu_api.services import shotgrid_entities, shotgrid_removal, shotgrid_studio, shotgrid_work
from kitsu_api.unit_of_work import Uow

router = APIRouter(
    prefix="/import/shotgun",
    tags=["Import and export"],
    responses=errors(BadRequest, Unauthorized, Forbidden),
)

Importer = Callable[..., Awaitable[bytes]]

IMPORTS: tuple[tuple[str, Importer, type[BaseModel], type[BaseModel]], ...] = (
    ("assets", shotgrid_entities.import_assets, s.ShotgridAsset, EntityRead),
    ("episodes", shotgrid_entities.import_episodes, s.ShotgridEpisode, EntityRead),
    ("notes", shotgrid_work.import_notes, s.ShotgridNote, CommentRead),
    ("persons", shotgrid_studio.import_persons, s.ShotgridPerson, PersonRead),
    ("project-connections", shotgrid_studio.import_connections, s.ShotgridConnection, ProjectRead),
    ("projectconnections", shotgrid_studio.import_connections, s.ShotgridConnection, ProjectRead),
    ("projects", shotgrid_studio.import_projects, s.ShotgridProject, ProjectRead),
    ("scenes", shotgrid_entities.import_scenes, s.ShotgridScene, EntityRead),
    ("sequences", shotgrid_entities.import_sequences, s.ShotgridSequence, EntityRead),
    ("shots", shotgrid_entities.import_shots, s.ShotgridShot, EntityRead),
    ("status", shotgrid_studio.import_statuses, s.ShotgridStatus, TaskStatusRead),
    ("steps", shotgrid_studio.import_steps, s.ShotgridStep, TaskTypeRead),
    ("tasks", shotgrid_work.import_tasks, s.ShotgridTask, TaskRead),
    ("versions", shotgrid_work.import_versions, s.ShotgridVersion, PreviewFileRead),
)
"""What can be taken over: the path, by what, from which rows, and what the answer holds."""

REMOVALS = (
    "asset",
    "episode",
    "note",
    "person",
    "project",
    "project-connection",
    "projectconnection",
    "scene",
    "sequence",
    "shot",
    "status",
    "step",
    "task",
    "version",
)


def add_import(path: str, importer: Importer, schema: type[BaseModel], read: type[BaseModel]) -> None:
    """Add the route that takes rows of a kind over."""

    async def import_all(rows: list[Any], uow: Uow, actor: Actor = allow(admins)) -> Response:
        return json_response(await importer(uow, actor, rows))

    # FastAPI reads the types at run time, when the schemas are known.
    import_all.__annotations__["rows"] = s.rows_of(schema)
    answer: Any = list[read]  # type: ignore[valid-type]  # a schema known at run time only
    router.add_api_route(
        f"/{path}",
        import_all,
        methods=["POST"],
        response_model=answer,
        operation_id=f"import_shotgun_{path.replace('-', '_')}",
        summary=f"Import {path.replace('-', ' ')} of ShotGrid",
        description="Rows as ShotGrid hands them out; those that it has sent before are changed.",
    )


def add_removal(kind: str) -> None:
    """Add the route that deletes a row which ShotGrid has no more."""

    async def remove_one(row: s.ShotgridId, uow: Uow, actor: Actor = allow(admins)) -> s.ShotgridRemoval:
        if "connection" in kind:
            return await shotgrid_removal.remove_connection(uow, row.id)
        return await shotgrid_removal.remove(uow, actor, kind, row.id)

    router.add_api_route(
        f"/remove/{kind}",
        remove_one,
        methods=["POST"],
        response_model=s.ShotgridRemoval,
        response_model_exclude_none=True,
        operation_id=f"remove_shotgun_{kind.replace('-', '_')}",
        summary=f"Remove a {kind.replace('-', ' ')} that ShotGrid has no more",
        description="What other rows still need stays, and `success` is false.",
    )


for _path, _importer, _schema, _read in IMPORTS:
    add_import(_path, _importer, _schema, _read)
for _kind in REMOVALS:
    add_removal(_kind)


@router.get(
    "/errors",
    response_model=list[s.ImportErrorRead],
    operation_id="list_shotgun_errors",
    summary="List events of ShotGrid that could not be followed",
)
async def list_errors(session: Session, actor: Actor = allow(admins)) -> Response:
    """What the script that follows ShotGrid's events has left for somebody to look at, oldest first."""
    return json_response(await Shotgrid(session).errors_json())


@router.post(
    "/errors",
    response_model=s.ImportErrorRead,
    status_code=201,
    operation_id="create_shotgun_error",
    summary="Keep an event of ShotGrid that could not be followed",
)
async def create_error(event: s.ShotgridEvent, uow: Uow, actor: Actor = allow(admins)) -> Response:
    """Keep the event as ShotGrid told it."""
    return json_response(await shotgrid_work.add_error(uow, event.model_dump()), 201)


@router.delete(
    "/errors/{error_id}",
    status_code=204,
    responses=errors(NotFound),
    operation_id="delete_shotgun_error",
    summary="Forget an event of ShotGrid that could not be followed",
)
async def delete_error(error_id: UUID, uow: Uow, actor: Actor = allow(admins)) -> None:
    """Somebody has looked at it."""
    await shotgrid_work.delete_error(uow, error_id)
