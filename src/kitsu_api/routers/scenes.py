"""Scenes, and the shots that are made in them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Entity, Task
from kitsu_api.db.projections import ENTITY
from kitsu_api.db.repositories import shot_lists
from kitsu_api.db.repositories.entities import EntityReads
from kitsu_api.db.repositories.entity_lists import EntityLists
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, PreconditionFailed, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.entity_scopes import open_departments, seen_tasks
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import ManagedProject, NamedProject, OpenProject
from kitsu_api.permissions.policies.roles import without_vendors
from kitsu_api.permissions.shot_places import ManagedScene, OpenScene
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.entity_filters import FILTERS, shot_filters
from kitsu_api.routers.held_lists import NAMES, list_held
from kitsu_api.routers.named_answers import NAMED
from kitsu_api.routers.row_versions import IfMatch, check_row
from kitsu_api.schemas.assets import ListedShot, NamedTask
from kitsu_api.schemas.entities import EntityRead
from kitsu_api.schemas.scenes import NewScene, SceneRead, ShotOfScene
from kitsu_api.schemas.tasks import TaskTypeRead
from kitsu_api.services import scenes as service
from kitsu_api.services.entity_removal import remove_entity
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Entities"], responses=errors(Unauthorized, Forbidden))
Reader = Annotated[Actor, allow(without_vendors)]
Relations = Annotated[bool, Query(description="Add the ids of related rows.")]


@router.get(
    "/data/scenes/all",
    response_model=list[ListedShot],
    responses=NAMED | errors(BadRequest),
    openapi_extra=FILTERS,
    operation_id="list_all_scenes",
    summary="List all scenes",
)
async def list_all_scenes(
    request: Request, actor: Reader, project_id: NamedProject, session: Listing
) -> Response:
    """The scenes that the caller sees, of one production or of all, or of a `sequence_id` or `episode_id`;
    not for vendors."""
    where = shot_filters(request)
    return await list_held(request, session, actor, "Scene", where, NAMES, whole=True, project_id=project_id)


@router.get(
    "/data/projects/{project_id}/scenes",
    response_model=list[EntityRead],
    responses=NAMED | errors(BadRequest, NotFound),
    openapi_extra=FILTERS,
    operation_id="list_scenes_of_project",
    summary="List scenes of a project",
)
async def list_scenes_of_project(
    project_id: OpenProject, request: Request, actor: CurrentActor, session: Listing
) -> Response:
    """The scenes of a production that the caller sees."""
    where = [Entity.project_id == project_id, *shot_filters(request)]
    return await list_held(request, session, actor, "Scene", where, whole=True, project_id=project_id)


@router.post(
    "/data/projects/{project_id}/scenes",
    status_code=201,
    response_model=EntityRead,
    responses=errors(BadRequest, NotFound),
    operation_id="create_scene",
    summary="Create a scene",
)
async def create_scene(
    project_id: ManagedProject, payload: NewScene, uow: Uow, actor: CurrentActor
) -> Response:
    """Add a scene to a sequence of a production."""
    scene_id = await service.create(uow, actor, project_id, payload)
    row = await Records(uow.session, Entity).one_json(ENTITY, scene_id)
    assert row is not None
    return json_response(row, 201)


@router.get(
    "/data/scenes/{scene_id}",
    response_model=SceneRead,
    responses=errors(NotFound),
    operation_id="get_scene",
    summary="Get a scene",
)
async def get_scene(
    place: OpenScene, session: Session, actor: CurrentActor, relations: Relations = False
) -> Response:
    """A scene with the names of its sequence and episode."""
    departments = open_departments(actor, place.project_id)
    row = await shot_lists.scene_json(session, place.id, departments, relations=relations)
    if row is None:
        raise NotFound
    return json_response(row)


@router.delete(
    "/data/scenes/{scene_id}",
    status_code=204,
    responses=errors(BadRequest, NotFound, PreconditionFailed),
    operation_id="delete_scene",
    summary="Delete a scene",
)
async def delete_scene(
    place: ManagedScene,
    uow: Uow,
    actor: CurrentActor,
    force: Annotated[bool, Query(description="Delete it also when it has tasks.")] = False,
    if_match: IfMatch = None,
) -> Response:
    """Cancel a scene that has tasks; delete it when it has none, is canceled already, or by `force`."""
    await check_row(uow.session, Entity, place.id, if_match)
    await remove_entity(uow, actor, place.id, "Scene", force=force)
    return Response(status_code=204)


@router.get(
    "/data/scenes/{scene_id}/tasks",
    response_model=list[NamedTask],
    responses=errors(NotFound),
    operation_id="list_tasks_of_scene",
    summary="List tasks of a scene",
)
async def list_tasks_of_scene(
    place: OpenScene, actor: CurrentActor, session: Listing, relations: Relations = False
) -> Response:
    """The tasks on a scene; vendors see those that they are assigned to."""
    where = (Task.entity_id == place.id, seen_tasks(actor, place.project_id))
    return json_response(await EntityLists(session).named_tasks_json(*where, relations=relations))


@router.get(
    "/data/scenes/{scene_id}/task-types",
    response_model=list[TaskTypeRead],
    responses=errors(NotFound),
    operation_id="list_task_types_of_scene",
    summary="List task types of a scene",
)
async def list_task_types_of_scene(place: OpenScene, actor: CurrentActor, session: Listing) -> Response:
    """The types of the tasks on a scene; vendors see those of the tasks that they are assigned to."""
    seen = seen_tasks(actor, place.project_id)
    return json_response(await EntityReads(session).task_types_json(place.id, seen))


@router.get(
    "/data/scenes/{scene_id}/shots",
    response_model=list[ListedShot],
    responses=NAMED | errors(NotFound),
    operation_id="list_shots_of_scene",
    summary="List shots of a scene",
)
async def list_shots_of_scene(
    place: OpenScene, request: Request, actor: CurrentActor, session: Listing
) -> Response:
    """The shots that are made in a scene, as far as the caller sees them."""
    return await list_held(request, session, actor, "Shot", [Entity.source_id == place.id], NAMES)


@router.post(
    "/data/scenes/{scene_id}/shots",
    status_code=201,
    response_model=EntityRead,
    responses=errors(BadRequest, NotFound),
    operation_id="add_shot_to_scene",
    summary="Add a shot to a scene",
)
async def add_shot_to_scene(place: ManagedScene, payload: ShotOfScene, uow: Uow) -> Response:
    """Make a shot in a scene; one that was made in another moves."""
    await service.add_shot(uow, place.project_id, place.id, payload.shot_id)
    row = await shot_lists.bare_json(uow.session, payload.shot_id)
    assert row is not None
    return json_response(row, 201)


@router.delete(
    "/data/scenes/{scene_id}/shots/{shot_id}",
    status_code=204,
    responses=errors(NotFound),
    operation_id="remove_shot_from_scene",
    summary="Remove a shot from a scene",
)
async def remove_shot_from_scene(place: ManagedScene, shot_id: UUID, uow: Uow) -> Response:
    """Take a shot out of a scene; the shot stays."""
    await service.remove_shot(uow, place.project_id, place.id, shot_id)
    return Response(status_code=204)
