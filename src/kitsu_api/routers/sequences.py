"""Sequences."""

from __future__ import annotations

from typing import Annotated

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
from kitsu_api.permissions.entity_scopes import open_departments, seen_sequences, seen_tasks
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import ManagedProject, NamedProject, OpenProject, OpenSequence
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.permissions.shot_places import ManagedSequence, WorkedSequence
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.entity_filters import FILTERS, held_filters, shot_filters
from kitsu_api.routers.held_lists import NAMES, list_held, list_holders
from kitsu_api.routers.named_answers import NAMED
from kitsu_api.routers.row_versions import IfMatch, check_row
from kitsu_api.schemas.assets import ListedShot, NamedTask
from kitsu_api.schemas.entities import EntityRead
from kitsu_api.schemas.sequences import SequenceRead
from kitsu_api.schemas.shots import NewSequence
from kitsu_api.schemas.tasks import TaskTypeRead
from kitsu_api.services import shots as service
from kitsu_api.services.entity_removal import remove_entity
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Entities"], responses=errors(Unauthorized, Forbidden))
Reader = Annotated[Actor, allow(anyone)]
Relations = Annotated[bool, Query(description="Add the ids of related rows.")]


@router.get(
    "/data/sequences",
    response_model=list[EntityRead],
    responses=NAMED | errors(BadRequest),
    openapi_extra=FILTERS,
    operation_id="list_sequences",
    summary="List sequences",
)
async def list_sequences(
    request: Request, actor: Reader, project_id: NamedProject, session: Listing
) -> Response:
    """The sequences that the caller sees, of one production or of all, or of an `episode_id`; vendors see
    what holds the entities that they have tasks on."""
    return await list_holders(request, session, actor, [seen_sequences(actor), *held_filters(request)])


@router.get(
    "/data/projects/{project_id}/sequences",
    response_model=list[EntityRead],
    responses=NAMED | errors(BadRequest, NotFound),
    openapi_extra=FILTERS,
    operation_id="list_sequences_of_project",
    summary="List sequences of a project",
)
async def list_sequences_of_project(
    project_id: OpenProject, request: Request, actor: CurrentActor, session: Listing
) -> Response:
    """The sequences of a production that the caller sees."""
    where = [Entity.project_id == project_id, seen_sequences(actor), *held_filters(request)]
    return await list_holders(request, session, actor, where)


@router.post(
    "/data/projects/{project_id}/sequences",
    status_code=201,
    response_model=EntityRead,
    responses=errors(BadRequest, NotFound),
    operation_id="create_sequence",
    summary="Create a sequence",
)
async def create_sequence(
    project_id: ManagedProject, payload: NewSequence, uow: Uow, actor: CurrentActor
) -> Response:
    """Add a sequence to a production."""
    sequence_id = await service.create_sequence(uow, actor, project_id, payload)
    row = await Records(uow.session, Entity).one_json(ENTITY, sequence_id)
    assert row is not None
    return json_response(row, 201)


@router.get(
    "/data/sequences/{sequence_id}",
    response_model=SequenceRead,
    responses=errors(NotFound),
    operation_id="get_sequence",
    summary="Get a sequence",
)
async def get_sequence(
    place: WorkedSequence, session: Session, actor: CurrentActor, relations: Relations = False
) -> Response:
    """A sequence with the name of its episode; vendors see those that hold their work."""
    departments = open_departments(actor, place.project_id)
    row = await shot_lists.sequence_json(session, place.id, departments, relations=relations)
    if row is None:
        raise NotFound
    return json_response(row)


@router.delete(
    "/data/sequences/{sequence_id}",
    status_code=204,
    responses=errors(BadRequest, NotFound, PreconditionFailed),
    operation_id="delete_sequence",
    summary="Delete a sequence",
)
async def delete_sequence(
    place: ManagedSequence,
    uow: Uow,
    actor: CurrentActor,
    force: Annotated[bool, Query(description="Delete it with the shots in it.")] = False,
    if_match: IfMatch = None,
) -> Response:
    """Delete a sequence that is empty; by `force` with all that is in it."""
    await check_row(uow.session, Entity, place.id, if_match)
    await remove_entity(uow, actor, place.id, "Sequence", force=force)
    return Response(status_code=204)


@router.get(
    "/data/sequences/{sequence_id}/shots",
    response_model=list[ListedShot],
    responses=NAMED | errors(BadRequest, NotFound),
    openapi_extra=FILTERS,
    operation_id="list_shots_of_sequence",
    summary="List shots of a sequence",
)
async def list_shots_of_sequence(
    place: OpenSequence, request: Request, actor: CurrentActor, session: Listing
) -> Response:
    """The shots of a sequence that the caller sees."""
    where = [Entity.parent_id == place.id, *shot_filters(request)]
    return await list_held(request, session, actor, "Shot", where, NAMES)


@router.get(
    "/data/sequences/{sequence_id}/scenes",
    response_model=list[EntityRead],
    responses=NAMED | errors(BadRequest, NotFound),
    openapi_extra=FILTERS,
    operation_id="list_scenes_of_sequence",
    summary="List scenes of a sequence",
)
async def list_scenes_of_sequence(
    place: OpenSequence, request: Request, actor: CurrentActor, session: Listing
) -> Response:
    """The scenes of a sequence that the caller sees."""
    where = [Entity.parent_id == place.id, *shot_filters(request)]
    return await list_held(request, session, actor, "Scene", where)


@router.get(
    "/data/sequences/{sequence_id}/tasks",
    response_model=list[NamedTask],
    responses=errors(NotFound),
    operation_id="list_tasks_of_sequence",
    summary="List tasks of a sequence",
)
async def list_tasks_of_sequence(
    place: WorkedSequence, actor: CurrentActor, session: Listing, relations: Relations = False
) -> Response:
    """The tasks on a sequence itself; vendors see those that they are assigned to."""
    where = (Task.entity_id == place.id, seen_tasks(actor, place.project_id))
    return json_response(await EntityLists(session).named_tasks_json(*where, relations=relations))


@router.get(
    "/data/sequences/{sequence_id}/task-types",
    response_model=list[TaskTypeRead],
    responses=errors(NotFound),
    operation_id="list_task_types_of_sequence",
    summary="List task types of a sequence",
)
async def list_task_types_of_sequence(
    place: WorkedSequence, actor: CurrentActor, session: Listing
) -> Response:
    """The types of the tasks on a sequence; vendors see those of the tasks that they are assigned to."""
    seen = seen_tasks(actor, place.project_id)
    return json_response(await EntityReads(session).task_types_json(place.id, seen))


@router.get(
    "/data/sequences/{sequence_id}/shot-tasks",
    response_model=list[NamedTask],
    responses=errors(NotFound),
    operation_id="list_shot_tasks_of_sequence",
    summary="List shot tasks of a sequence",
)
async def list_shot_tasks_of_sequence(
    place: OpenSequence, actor: CurrentActor, session: Listing, relations: Relations = False
) -> Response:
    """The tasks on the shots of a sequence; vendors see those that they are assigned to."""
    where = (shot_lists.tasks_on_shots_of_sequence(place.id), seen_tasks(actor, place.project_id))
    return json_response(await EntityLists(session).named_tasks_json(*where, relations=relations))
