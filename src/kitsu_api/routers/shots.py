"""Shots and sequences."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from sqlalchemy import ColumnElement, Text, case, literal

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Entity
from kitsu_api.db.projections import ENTITY, kind_of_entity
from kitsu_api.db.repositories.entity_lists import EntityLists, of_kind
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.entity_scopes import (
    masked_entities,
    open_departments,
    seen_entities,
    seen_sequences,
    seen_tasks,
)
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.places import ManagedProject, NamedProject, OpenProject, OpenSequence, OpenShot
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.entity_filters import FILTERS, sequence_filters, shot_filters
from kitsu_api.schemas.assets import ListedShot, NamedTask
from kitsu_api.schemas.entities import EntityRead
from kitsu_api.schemas.shots import NewSequence, NewShot, ShotWithTasks
from kitsu_api.services import shots as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Entities"], responses=errors(Unauthorized, Forbidden))
Reader = Annotated[Actor, allow(anyone)]
NAMES = ("project", "sequence")


async def _list_shots(
    session: Session, actor: Actor, where: list[ColumnElement[bool]], names: tuple[str, ...] = ()
) -> Response:
    rows = await EntityLists(session).list_json(
        [of_kind("Shot"), seen_entities(actor), *where],
        names=names,
        masked_where=masked_entities(actor),
        departments=actor.departments,
    )
    return json_response(rows)


async def _list_sequences(session: Session, actor: Actor, where: list[ColumnElement[bool]]) -> Response:
    masked = masked_entities(actor)
    rows = await EntityLists(session).list_json(
        [seen_sequences(actor), *where],
        masked_where=masked,
        departments=actor.departments,
        type_name=None if masked is None else _vendors_type(masked),
    )
    return json_response(rows)


def _vendors_type(masked: ColumnElement[bool]) -> ColumnElement[str]:
    """What vendors work under is told to them without its kind."""
    kind: ColumnElement[str] = case((masked, literal("Entity", Text)), else_=kind_of_entity(Entity))
    return kind


@router.get(
    "/data/shots/all",
    response_model=list[ListedShot],
    responses=errors(BadRequest),
    openapi_extra=FILTERS,
    operation_id="list_all_shots",
    summary="List shots",
)
async def list_all_shots(
    request: Request, session: Session, actor: Reader, project_id: NamedProject
) -> Response:
    """The shots that the caller sees, of one production or of all, or of a `sequence_id` or `episode_id`."""
    return await _list_shots(session, actor, shot_filters(request), NAMES)


@router.get(
    "/data/projects/{project_id}/shots",
    response_model=list[EntityRead],
    responses=errors(BadRequest, NotFound),
    openapi_extra=FILTERS,
    operation_id="list_shots_of_project",
    summary="List shots of a project",
)
async def list_shots_of_project(
    project_id: OpenProject, request: Request, session: Session, actor: CurrentActor
) -> Response:
    """The shots of a production that the caller sees."""
    return await _list_shots(session, actor, [Entity.project_id == project_id, *shot_filters(request)])


@router.get(
    "/data/sequences/{sequence_id}/shots",
    response_model=list[ListedShot],
    responses=errors(BadRequest, NotFound),
    openapi_extra=FILTERS,
    operation_id="list_shots_of_sequence",
    summary="List shots of a sequence",
)
async def list_shots_of_sequence(
    place: OpenSequence, request: Request, session: Session, actor: CurrentActor
) -> Response:
    """The shots of a sequence that the caller sees."""
    return await _list_shots(session, actor, [Entity.parent_id == place.id, *shot_filters(request)], NAMES)


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


@router.get(
    "/data/shots/{shot_id}/tasks",
    response_model=list[NamedTask],
    responses=errors(NotFound),
    operation_id="list_tasks_of_shot",
    summary="List tasks of a shot",
)
async def list_tasks_of_shot(place: OpenShot, session: Session, actor: CurrentActor) -> Response:
    """The tasks on a shot; vendors see those that they are assigned to."""
    return json_response(await EntityLists(session).tasks_json(place.id, seen_tasks(actor, place.project_id)))


@router.get(
    "/data/sequences",
    response_model=list[EntityRead],
    responses=errors(BadRequest),
    openapi_extra=FILTERS,
    operation_id="list_sequences",
    summary="List sequences",
)
async def list_sequences(
    request: Request, session: Session, actor: Reader, project_id: NamedProject
) -> Response:
    """The sequences that the caller sees, of one production or of all, or of an `episode_id`; vendors see
    what holds the entities that they have tasks on."""
    return await _list_sequences(session, actor, sequence_filters(request))


@router.get(
    "/data/projects/{project_id}/sequences",
    response_model=list[EntityRead],
    responses=errors(BadRequest, NotFound),
    openapi_extra=FILTERS,
    operation_id="list_sequences_of_project",
    summary="List sequences of a project",
)
async def list_sequences_of_project(
    project_id: OpenProject, request: Request, session: Session, actor: CurrentActor
) -> Response:
    """The sequences of a production that the caller sees."""
    where = [Entity.project_id == project_id, *sequence_filters(request)]
    return await _list_sequences(session, actor, where)


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
