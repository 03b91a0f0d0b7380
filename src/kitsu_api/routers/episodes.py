"""Episodes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Entity, Task
from kitsu_api.db.projections import ENTITY
from kitsu_api.db.repositories import shot_lists
from kitsu_api.db.repositories.entities import EntityReads
from kitsu_api.db.repositories.entity_lists import EntityLists, in_episode
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, PreconditionFailed, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.entity_scopes import open_departments, seen_sequences, seen_tasks
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import ManagedProject, NamedProject, OpenProject
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.permissions.shot_places import ManagedEpisode, OpenEpisode, WorkedEpisode
from kitsu_api.permissions.shot_scopes import seen_episodes
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.entity_filters import FILTERS, entity_filters, held_filters, shot_filters
from kitsu_api.routers.held_lists import list_held, list_holders
from kitsu_api.routers.named_answers import NAMED
from kitsu_api.routers.row_versions import IfMatch, check_row
from kitsu_api.schemas.assets import NamedTask
from kitsu_api.schemas.entities import EntityRead
from kitsu_api.schemas.episodes import EpisodeRead, NewEpisode
from kitsu_api.schemas.tasks import TaskTypeRead
from kitsu_api.services import episodes as service
from kitsu_api.services.entity_removal import remove_entity
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Entities"], responses=errors(Unauthorized, Forbidden))
Reader = Annotated[Actor, allow(anyone)]
Relations = Annotated[bool, Query(description="Add the ids of related rows.")]


@router.get(
    "/data/episodes",
    response_model=list[EntityRead],
    responses=NAMED | errors(BadRequest),
    openapi_extra=FILTERS,
    operation_id="list_episodes",
    summary="List episodes",
)
async def list_episodes(
    request: Request, actor: Reader, project_id: NamedProject, session: Listing
) -> Response:
    """The episodes that the caller sees, of one production or of all; vendors see those that hold their
    work."""
    return await list_holders(request, session, actor, [seen_episodes(actor), *entity_filters(request)])


@router.get(
    "/data/projects/{project_id}/episodes",
    response_model=list[EntityRead],
    responses=NAMED | errors(BadRequest, NotFound),
    openapi_extra=FILTERS,
    operation_id="list_episodes_of_project",
    summary="List episodes of a project",
)
async def list_episodes_of_project(
    project_id: OpenProject, request: Request, actor: CurrentActor, session: Listing
) -> Response:
    """The episodes of a production that the caller sees."""
    where = [Entity.project_id == project_id, seen_episodes(actor), *entity_filters(request)]
    return await list_holders(request, session, actor, where)


@router.post(
    "/data/projects/{project_id}/episodes",
    status_code=201,
    response_model=EntityRead,
    responses=errors(BadRequest, NotFound),
    operation_id="create_episode",
    summary="Create an episode",
)
async def create_episode(
    project_id: ManagedProject, payload: NewEpisode, uow: Uow, actor: CurrentActor
) -> Response:
    """Add an episode to a production."""
    episode_id = await service.create(uow, actor, project_id, payload)
    row = await Records(uow.session, Entity).one_json(ENTITY, episode_id)
    assert row is not None
    return json_response(row, 201)


@router.get(
    "/data/episodes/{episode_id}",
    response_model=EpisodeRead,
    responses=errors(NotFound),
    operation_id="get_episode",
    summary="Get an episode",
)
async def get_episode(
    place: WorkedEpisode, session: Session, actor: CurrentActor, relations: Relations = False
) -> Response:
    """An episode; vendors see those that hold their work."""
    departments = open_departments(actor, place.project_id)
    row = await shot_lists.episode_json(session, place.id, departments, relations=relations)
    if row is None:
        raise NotFound
    return json_response(row)


@router.delete(
    "/data/episodes/{episode_id}",
    status_code=204,
    responses=errors(BadRequest, NotFound, PreconditionFailed),
    operation_id="delete_episode",
    summary="Delete an episode",
)
async def delete_episode(
    place: ManagedEpisode,
    uow: Uow,
    actor: CurrentActor,
    force: Annotated[bool, Query(description="Delete it with the sequences and shots in it.")] = False,
    if_match: IfMatch = None,
) -> Response:
    """Delete an episode that is empty; by `force` with all that is in it."""
    await check_row(uow.session, Entity, place.id, if_match)
    await remove_entity(uow, actor, place.id, "Episode", force=force)
    return Response(status_code=204)


@router.get(
    "/data/episodes/{episode_id}/sequences",
    response_model=list[EntityRead],
    responses=NAMED | errors(BadRequest, NotFound),
    openapi_extra=FILTERS,
    operation_id="list_sequences_of_episode",
    summary="List sequences of an episode",
)
async def list_sequences_of_episode(
    place: OpenEpisode, request: Request, actor: CurrentActor, session: Listing
) -> Response:
    """The sequences of an episode that the caller sees."""
    where = [Entity.parent_id == place.id, seen_sequences(actor), *held_filters(request)]
    return await list_holders(request, session, actor, where)


@router.get(
    "/data/episodes/{episode_id}/shots",
    response_model=list[EntityRead],
    responses=NAMED | errors(BadRequest, NotFound),
    openapi_extra=FILTERS,
    operation_id="list_shots_of_episode",
    summary="List shots of an episode",
)
async def list_shots_of_episode(
    place: OpenEpisode, request: Request, actor: CurrentActor, session: Listing
) -> Response:
    """The shots of the sequences of an episode that the caller sees."""
    return await list_held(request, session, actor, "Shot", [in_episode(place.id), *shot_filters(request)])


@router.get(
    "/data/episodes/{episode_id}/tasks",
    response_model=list[NamedTask],
    responses=errors(NotFound),
    operation_id="list_tasks_of_episode",
    summary="List tasks of an episode",
)
async def list_tasks_of_episode(
    place: WorkedEpisode, actor: CurrentActor, session: Listing, relations: Relations = False
) -> Response:
    """The tasks on an episode itself; vendors see those that they are assigned to."""
    where = (Task.entity_id == place.id, seen_tasks(actor, place.project_id))
    return json_response(await EntityLists(session).named_tasks_json(*where, relations=relations))


@router.get(
    "/data/episodes/{episode_id}/task-types",
    response_model=list[TaskTypeRead],
    responses=errors(NotFound),
    operation_id="list_task_types_of_episode",
    summary="List task types of an episode",
)
async def list_task_types_of_episode(place: WorkedEpisode, actor: CurrentActor, session: Listing) -> Response:
    """The types of the tasks on an episode; vendors see those of the tasks that they are assigned to."""
    seen = seen_tasks(actor, place.project_id)
    return json_response(await EntityReads(session).task_types_json(place.id, seen))


@router.get(
    "/data/episodes/{episode_id}/shot-tasks",
    response_model=list[NamedTask],
    responses=errors(NotFound),
    operation_id="list_shot_tasks_of_episode",
    summary="List shot tasks of an episode",
)
async def list_shot_tasks_of_episode(
    place: OpenEpisode, actor: CurrentActor, session: Listing, relations: Relations = False
) -> Response:
    """The tasks on the shots of an episode; vendors see those that they are assigned to."""
    where = (shot_lists.tasks_on_shots_of_episode(place.id), seen_tasks(actor, place.project_id))
    return json_response(await EntityLists(session).named_tasks_json(*where, relations=relations))


@router.get(
    "/data/episodes/{episode_id}/asset-tasks",
    response_model=list[NamedTask],
    responses=errors(NotFound),
    operation_id="list_asset_tasks_of_episode",
    summary="List asset tasks of an episode",
)
async def list_asset_tasks_of_episode(
    place: OpenEpisode, actor: CurrentActor, session: Listing, relations: Relations = False
) -> Response:
    """The tasks on the assets that an episode casts, or that were made for it; vendors see those that
    they are assigned to."""
    where = (
        shot_lists.tasks_on_assets_of_episode(place.id),
        Task.project_id == place.project_id,
        seen_tasks(actor, place.project_id),
    )
    return json_response(await EntityLists(session).named_tasks_json(*where, relations=relations))
