"""Shots."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Entity
from kitsu_api.db.projections import ENTITY
from kitsu_api.db.repositories.entities import EntityReads
from kitsu_api.db.repositories.entity_lists import EntityLists
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.shot_lists import bare_json
from kitsu_api.errors import BadRequest, Forbidden, NotFound, PreconditionFailed, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.entity_scopes import open_departments, seen_tasks
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import ManagedProject, NamedProject, OpenProject, OpenShot
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.permissions.shot_places import FramedShots, ManagedShot, NamedSequence
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.entity_filters import FILTERS, shot_filters
from kitsu_api.routers.held_lists import NAMES, list_held
from kitsu_api.routers.named_answers import NAMED
from kitsu_api.routers.row_versions import IfMatch, check_row
from kitsu_api.schemas.assets import ListedShot, NamedTask
from kitsu_api.schemas.edits import EntityVersionRead
from kitsu_api.schemas.entities import EntityRead, ShownRevisionsByTaskType
from kitsu_api.schemas.shots import NewShot, ShotFrames, ShotUpdate, ShotWithTasks
from kitsu_api.schemas.tasks import TaskTypeRead
from kitsu_api.services import shots as service
from kitsu_api.services.entity_removal import remove_entity
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Entities"], responses=errors(Unauthorized, Forbidden))
Reader = Annotated[Actor, allow(anyone)]


@router.get(
    "/data/shots",
    response_model=list[ListedShot],
    responses=NAMED | errors(BadRequest),
    openapi_extra=FILTERS,
    operation_id="list_shots",
    summary="List shots",
)
async def list_shots(
    request: Request, actor: Reader, project_id: NamedProject, sequence_id: NamedSequence, session: Listing
) -> Response:
    """The shots that the caller sees, of one production or of all, or of a `sequence_id` or `episode_id`."""
    where = shot_filters(request)
    return await list_held(request, session, actor, "Shot", where, NAMES, whole=True, project_id=project_id)


@router.get(
    "/data/shots/all",
    response_model=list[ListedShot],
    responses=NAMED | errors(BadRequest),
    openapi_extra=FILTERS,
    operation_id="list_all_shots",
    summary="List all shots",
)
async def list_all_shots(
    request: Request, actor: Reader, project_id: NamedProject, sequence_id: NamedSequence, session: Listing
) -> Response:
    """The same as `/data/shots`."""
    where = shot_filters(request)
    return await list_held(request, session, actor, "Shot", where, NAMES, whole=True, project_id=project_id)


@router.get(
    "/data/projects/{project_id}/shots",
    response_model=list[EntityRead],
    responses=NAMED | errors(BadRequest, NotFound),
    openapi_extra=FILTERS,
    operation_id="list_shots_of_project",
    summary="List shots of a project",
)
async def list_shots_of_project(
    project_id: OpenProject, request: Request, actor: CurrentActor, session: Listing
) -> Response:
    """The shots of a production that the caller sees."""
    where = [Entity.project_id == project_id, *shot_filters(request)]
    return await list_held(request, session, actor, "Shot", where, whole=True, project_id=project_id)


@router.post(
    "/data/projects/{project_id}/shots",
    status_code=201,
    response_model=EntityRead,
    responses=errors(BadRequest, NotFound),
    operation_id="create_shot",
    summary="Create a shot",
)
async def create_shot(
    project_id: ManagedProject, payload: NewShot, uow: Uow, actor: CurrentActor
) -> Response:
    """Add a shot to a production."""
    shot_id = await service.create_shot(uow, actor, project_id, payload)
    row = await Records(uow.session, Entity).one_json(ENTITY, shot_id)
    assert row is not None
    return json_response(row, 201)


@router.get(
    "/data/shots/{shot_id}",
    response_model=ShotWithTasks,
    responses=errors(NotFound),
    operation_id="get_shot",
    summary="Get a shot",
)
async def get_shot(place: OpenShot, session: Session, actor: CurrentActor) -> Response:
    """A shot with its tasks; vendors see those that they are assigned to."""
    row = await EntityLists(session).shot_json(
        place.id, actor.id, seen_tasks(actor, place.project_id), open_departments(actor, place.project_id)
    )
    if row is None:
        raise NotFound
    return json_response(row)


@router.put(
    "/data/shots/{shot_id}",
    response_model=EntityRead,
    responses=errors(BadRequest, NotFound, PreconditionFailed),
    operation_id="update_shot",
    summary="Update a shot",
)
async def update_shot(
    place: ManagedShot, payload: ShotUpdate, uow: Uow, if_match: IfMatch = None
) -> Response:
    """Change a shot: what is absent stays, metadata is replaced as a whole."""
    await check_row(uow.session, Entity, place.id, if_match)
    await service.update_shot(uow, place.id, place.project_id, payload)
    row = await bare_json(uow.session, place.id)
    assert row is not None
    return json_response(row)


@router.delete(
    "/data/shots/{shot_id}",
    status_code=204,
    responses=errors(BadRequest, NotFound, PreconditionFailed),
    operation_id="delete_shot",
    summary="Delete a shot",
)
async def delete_shot(
    place: ManagedShot,
    uow: Uow,
    actor: CurrentActor,
    force: Annotated[bool, Query(description="Delete it also when it has tasks.")] = False,
    if_match: IfMatch = None,
) -> Response:
    """Cancel a shot that has tasks; delete it when it has none, is canceled already, or by `force`."""
    await check_row(uow.session, Entity, place.id, if_match)
    await remove_entity(uow, actor, place.id, "Shot", force=force)
    return Response(status_code=204)


@router.get(
    "/data/shots/{shot_id}/tasks",
    response_model=list[NamedTask],
    responses=errors(NotFound),
    operation_id="list_tasks_of_shot",
    summary="List tasks of a shot",
)
async def list_tasks_of_shot(place: OpenShot, actor: CurrentActor, session: Listing) -> Response:
    """The tasks on a shot; vendors see those that they are assigned to."""
    return json_response(await EntityLists(session).tasks_json(place.id, seen_tasks(actor, place.project_id)))


@router.get(
    "/data/shots/{shot_id}/task-types",
    response_model=list[TaskTypeRead],
    responses=errors(NotFound),
    operation_id="list_task_types_of_shot",
    summary="List task types of a shot",
)
async def list_task_types_of_shot(place: OpenShot, actor: CurrentActor, session: Listing) -> Response:
    """The types of the tasks on a shot; vendors see those of the tasks that they are assigned to."""
    seen = seen_tasks(actor, place.project_id)
    return json_response(await EntityReads(session).task_types_json(place.id, seen))


@router.get(
    "/data/shots/{shot_id}/preview-files",
    response_model=ShownRevisionsByTaskType,
    responses=errors(NotFound),
    operation_id="list_preview_files_of_shot",
    summary="List preview files of a shot",
)
async def list_preview_files_of_shot(place: OpenShot, actor: CurrentActor, session: Listing) -> Response:
    """The revisions of a shot by task type, newest first; vendors see those of their tasks."""
    seen = seen_tasks(actor, place.project_id)
    return json_response(await EntityReads(session).previews_by_task_type_json(place.id, seen))


@router.get(
    "/data/shots/{shot_id}/versions",
    response_model=list[EntityVersionRead],
    responses=errors(NotFound),
    operation_id="list_versions_of_shot",
    summary="List versions of a shot",
)
async def list_versions_of_shot(place: OpenShot, actor: CurrentActor, session: Listing) -> Response:
    """What a shot was before its metadata changed, newest first; vendors see no former metadata."""
    hidden = open_departments(actor, place.project_id) is not None
    return json_response(await EntityReads(session).versions_json(place.id, hidden=hidden))


@router.post(
    "/actions/projects/{project_id}/task-types/{task_type_id}/set-shot-nb-frames",
    response_model=list[ShotFrames],
    responses=errors(BadRequest),
    operation_id="set_shot_frames_from_previews",
    summary="Set the frames of shots from their previews",
)
async def set_shot_frames_from_previews(shots: FramedShots, uow: Uow) -> Response:
    """Set how many frames shots have to what the newest movie on their task of a type shows, at the frame
    rate of the production; the shots that have such a movie."""
    rows = await service.set_frames_from_previews(uow, shots.project_id, shots.task_type_id, shots.episode_id)
    return json_response(rows)
