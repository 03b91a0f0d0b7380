"""Concepts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import ColumnElement

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Entity, Task
from kitsu_api.db.repositories.concepts import ConceptRepository, concept_links
from kitsu_api.db.repositories.entities import EntityReads
from kitsu_api.db.repositories.entity_lists import EntityLists, of_kind
from kitsu_api.errors import BadRequest, Forbidden, NotFound, PreconditionFailed, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.entity_places import ConceptProject, KeptConcept, OpenConcept
from kitsu_api.permissions.entity_scopes import masked_entities, open_departments, seen_entities, seen_tasks
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import NamedProject, OpenProject
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.entity_filters import FILTERS, entity_filters
from kitsu_api.routers.row_versions import IfMatch, check_row
from kitsu_api.schemas.assets import NamedTask
from kitsu_api.schemas.concepts import ConceptRead, ConceptWithTasks, ListedConcept, NewConcept
from kitsu_api.schemas.entities import ShownRevisionsByTaskType
from kitsu_api.schemas.tasks import TaskTypeRead
from kitsu_api.services import concepts as service
from kitsu_api.services.entity_removal import remove_entity
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Entities"], responses=errors(Unauthorized, Forbidden))
Reader = Annotated[Actor, allow(anyone)]
Relations = Annotated[bool, Query(description="Add the ids of related rows.")]


async def _concepts(
    session: Session, actor: Actor, where: list[ColumnElement[bool]], names: tuple[str, ...] = ()
) -> bytes:
    return await EntityLists(session).list_json(
        [of_kind("Concept"), seen_entities(actor), *where],
        names=names,
        masked_where=masked_entities(actor),
        departments=actor.departments,
        more={"entity_concept_links": concept_links()},
    )


@router.get(
    "/data/concepts",
    response_model=list[ListedConcept],
    responses=errors(BadRequest),
    openapi_extra=FILTERS,
    operation_id="list_concepts",
    summary="List concepts",
)
async def list_concepts(
    request: Request, actor: Reader, project_id: NamedProject, session: Listing
) -> Response:
    """The concepts that the caller sees, of one production or of all; `parent_id`: those of a folder."""
    return json_response(await _concepts(session, actor, entity_filters(request), ("project",)))


@router.get(
    "/data/projects/{project_id}/concepts",
    response_model=list[ConceptRead],
    responses=errors(BadRequest, NotFound),
    openapi_extra=FILTERS,
    operation_id="list_concepts_of_project",
    summary="List concepts of a project",
)
async def list_concepts_of_project(
    project_id: OpenProject, request: Request, actor: CurrentActor, session: Listing
) -> Response:
    """The concepts of a production that the caller sees."""
    where = [Entity.project_id == project_id, *entity_filters(request)]
    return json_response(await _concepts(session, actor, where))


@router.post(
    "/data/projects/{project_id}/concepts",
    status_code=201,
    response_model=ConceptRead,
    responses=errors(BadRequest, NotFound),
    operation_id="create_concept",
    summary="Create a concept",
)
async def create_concept(
    project_id: ConceptProject, payload: NewConcept, uow: Uow, actor: CurrentActor
) -> Response:
    """Add a concept to a production, drawn for entities of it."""
    concept_id = await service.create(uow, actor, project_id, payload)
    rows = await _concepts(uow.session, actor, [Entity.id == concept_id])
    return json_response(rows[1:-1], 201)


@router.get(
    "/data/concepts/{concept_id}",
    response_model=ConceptWithTasks,
    responses=errors(NotFound),
    operation_id="get_concept",
    summary="Get a concept",
)
async def get_concept(place: OpenConcept, session: Session, actor: CurrentActor) -> Response:
    """A concept with its tasks; vendors see those that they are assigned to."""
    seen, departments = seen_tasks(actor, place.project_id), open_departments(actor, place.project_id)
    row = await ConceptRepository(session).one_json(place.id, actor.id, seen, departments)
    if row is None:
        raise NotFound
    return json_response(row)


@router.delete(
    "/data/concepts/{concept_id}",
    status_code=204,
    responses=errors(BadRequest, NotFound, PreconditionFailed),
    operation_id="delete_concept",
    summary="Delete a concept",
)
async def delete_concept(
    place: KeptConcept,
    uow: Uow,
    actor: CurrentActor,
    force: Annotated[bool, Query(description="Delete it also when it has tasks.")] = False,
    if_match: IfMatch = None,
) -> Response:
    """Cancel a concept that has tasks; delete it when it has none, is canceled already, or by `force`."""
    await check_row(uow.session, Entity, place.id, if_match)
    await remove_entity(uow, actor, place.id, "Concept", force=force)
    return Response(status_code=204)


@router.get(
    "/data/concepts/{concept_id}/task-types",
    response_model=list[TaskTypeRead],
    responses=errors(NotFound),
    operation_id="list_task_types_of_concept",
    summary="List task types of a concept",
)
async def list_task_types_of_concept(place: OpenConcept, actor: CurrentActor, session: Listing) -> Response:
    """The types of the tasks on a concept; vendors see those of the tasks that they are assigned to."""
    seen = seen_tasks(actor, place.project_id)
    return json_response(await EntityReads(session).task_types_json(place.id, seen))


@router.get(
    "/data/concepts/{concept_id}/tasks",
    response_model=list[NamedTask],
    responses=errors(NotFound),
    operation_id="list_tasks_of_concept",
    summary="List tasks of a concept",
)
async def list_tasks_of_concept(
    place: OpenConcept, actor: CurrentActor, session: Listing, relations: Relations = False
) -> Response:
    """The tasks on a concept; vendors see those that they are assigned to."""
    where = (Task.entity_id == place.id, seen_tasks(actor, place.project_id))
    return json_response(await EntityLists(session).named_tasks_json(*where, relations=relations))


@router.get(
    "/data/concepts/{concept_id}/preview-files",
    response_model=ShownRevisionsByTaskType,
    responses=errors(NotFound),
    operation_id="list_preview_files_of_concept",
    summary="List preview files of a concept",
)
async def list_preview_files_of_concept(
    place: OpenConcept, actor: CurrentActor, session: Listing
) -> Response:
    """The revisions of a concept by task type, newest first; vendors see those of their tasks."""
    seen = seen_tasks(actor, place.project_id)
    return json_response(await EntityReads(session).previews_by_task_type_json(place.id, seen))
