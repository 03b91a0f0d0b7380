"""Edits."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import ColumnElement

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Entity, Task
from kitsu_api.db.projections import ENTITY
from kitsu_api.db.repositories.edits import edit_json, tasks_on_edits_of
from kitsu_api.db.repositories.entities import EntityReads
from kitsu_api.db.repositories.entity_lists import EntityLists, of_kind
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, PreconditionFailed, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.entity_places import EpisodeOfEdits, ManagedEdit, OpenEdit
from kitsu_api.permissions.entity_scopes import masked_entities, open_departments, seen_entities, seen_tasks
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import ManagedProject, NamedProject, OpenProject
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.entity_filters import FILTERS, held_filters
from kitsu_api.routers.named_answers import NAMED, small_list
from kitsu_api.routers.row_versions import IfMatch, check_row
from kitsu_api.schemas.assets import NamedTask
from kitsu_api.schemas.edits import EditWithTasks, EntityVersionRead, ListedEdit, NewEdit
from kitsu_api.schemas.entities import EntityRead, ShownRevisionsByTaskType
from kitsu_api.schemas.tasks import TaskTypeRead
from kitsu_api.services import edits as service
from kitsu_api.services.entity_removal import remove_entity
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Entities"], responses=errors(Unauthorized, Forbidden))
Reader = Annotated[Actor, allow(anyone)]
Relations = Annotated[bool, Query(description="Add the ids of related rows.")]
NAMES = ("project",)


async def _list(
    request: Request,
    session: Session,
    actor: Actor,
    where: list[ColumnElement[bool]],
    *,
    names: tuple[str, ...] = (),
    relations: bool = False,
) -> Response:
    async def make() -> bytes:
        return await EntityLists(session).list_json(
            [of_kind("Edit"), seen_entities(actor), *where],
            names=names,
            masked_where=masked_entities(actor),
            departments=actor.departments,
            relations=relations,
        )

    return await small_list(request, session, actor, make)


@router.get(
    "/data/edits",
    response_model=list[ListedEdit],
    responses=NAMED | errors(BadRequest),
    openapi_extra=FILTERS,
    operation_id="list_edits",
    summary="List edits",
)
async def list_edits(request: Request, actor: Reader, project_id: NamedProject, session: Listing) -> Response:
    """The edits that the caller sees, of one production or of all, or of an `episode_id`."""
    return await _list(request, session, actor, held_filters(request), names=NAMES)


@router.get(
    "/data/edits/all",
    response_model=list[ListedEdit],
    responses=NAMED | errors(BadRequest),
    openapi_extra=FILTERS,
    operation_id="list_all_edits",
    summary="List all edits",
)
async def list_all_edits(
    request: Request, actor: Reader, project_id: NamedProject, session: Listing
) -> Response:
    """The same as `/data/edits`."""
    return await _list(request, session, actor, held_filters(request), names=NAMES)


@router.get(
    "/data/projects/{project_id}/edits",
    response_model=list[EntityRead],
    responses=NAMED | errors(BadRequest, NotFound),
    openapi_extra=FILTERS,
    operation_id="list_edits_of_project",
    summary="List edits of a project",
)
async def list_edits_of_project(
    project_id: OpenProject, request: Request, actor: CurrentActor, session: Listing
) -> Response:
    """The edits of a production that the caller sees."""
    return await _list(request, session, actor, [Entity.project_id == project_id, *held_filters(request)])


@router.post(
    "/data/projects/{project_id}/edits",
    status_code=201,
    response_model=EntityRead,
    responses=errors(BadRequest, NotFound),
    operation_id="create_edit",
    summary="Create an edit",
)
async def create_edit(
    project_id: ManagedProject, payload: NewEdit, uow: Uow, actor: CurrentActor
) -> Response:
    """Add an edit to a production."""
    edit_id = await service.create(uow, actor, project_id, payload)
    row = await Records(uow.session, Entity).one_json(ENTITY, edit_id)
    assert row is not None
    return json_response(row, 201)


@router.get(
    "/data/episodes/{episode_id}/edits",
    response_model=list[EntityRead],
    responses=NAMED | errors(BadRequest, NotFound),
    openapi_extra=FILTERS,
    operation_id="list_edits_of_episode",
    summary="List edits of an episode",
)
async def list_edits_of_episode(
    place: EpisodeOfEdits,
    request: Request,
    actor: CurrentActor,
    session: Listing,
    relations: Relations = False,
) -> Response:
    """The edits of an episode that the caller sees."""
    where = [Entity.parent_id == place.id, *held_filters(request)]
    return await _list(request, session, actor, where, relations=relations)


@router.get(
    "/data/episodes/{episode_id}/edit-tasks",
    response_model=list[NamedTask],
    responses=errors(NotFound),
    operation_id="list_edit_tasks_of_episode",
    summary="List edit tasks of an episode",
)
async def list_edit_tasks_of_episode(
    place: EpisodeOfEdits, actor: CurrentActor, session: Listing, relations: Relations = False
) -> Response:
    """The tasks on the edits of an episode; vendors see those that they are assigned to."""
    where = (tasks_on_edits_of(place.id), seen_tasks(actor, place.project_id))
    return json_response(await EntityLists(session).named_tasks_json(*where, relations=relations))


@router.get(
    "/data/edits/{edit_id}",
    response_model=EditWithTasks,
    responses=errors(NotFound),
    operation_id="get_edit",
    summary="Get an edit",
)
async def get_edit(place: OpenEdit, session: Session, actor: CurrentActor) -> Response:
    """An edit with its tasks; vendors see those that they are assigned to."""
    seen, departments = seen_tasks(actor, place.project_id), open_departments(actor, place.project_id)
    row = await edit_json(session, place.id, actor.id, seen, departments)
    if row is None:
        raise NotFound
    return json_response(row)


@router.delete(
    "/data/edits/{edit_id}",
    status_code=204,
    responses=errors(BadRequest, NotFound, PreconditionFailed),
    operation_id="delete_edit",
    summary="Delete an edit",
)
async def delete_edit(
    place: ManagedEdit,
    uow: Uow,
    actor: CurrentActor,
    force: Annotated[bool, Query(description="Delete it also when it has tasks.")] = False,
    if_match: IfMatch = None,
) -> Response:
    """Cancel an edit that has tasks; delete it when it has none, is canceled already, or by `force`."""
    await check_row(uow.session, Entity, place.id, if_match)
    await remove_entity(uow, actor, place.id, "Edit", force=force)
    return Response(status_code=204)


@router.get(
    "/data/edits/{edit_id}/task-types",
    response_model=list[TaskTypeRead],
    responses=errors(NotFound),
    operation_id="list_task_types_of_edit",
    summary="List task types of an edit",
)
async def list_task_types_of_edit(place: OpenEdit, actor: CurrentActor, session: Listing) -> Response:
    """The types of the tasks on an edit; vendors see those of the tasks that they are assigned to."""
    seen = seen_tasks(actor, place.project_id)
    return json_response(await EntityReads(session).task_types_json(place.id, seen))


@router.get(
    "/data/edits/{edit_id}/tasks",
    response_model=list[NamedTask],
    responses=errors(NotFound),
    operation_id="list_tasks_of_edit",
    summary="List tasks of an edit",
)
async def list_tasks_of_edit(
    place: OpenEdit, actor: CurrentActor, session: Listing, relations: Relations = False
) -> Response:
    """The tasks on an edit; vendors see those that they are assigned to."""
    where = (Task.entity_id == place.id, seen_tasks(actor, place.project_id))
    return json_response(await EntityLists(session).named_tasks_json(*where, relations=relations))


@router.get(
    "/data/edits/{edit_id}/preview-files",
    response_model=ShownRevisionsByTaskType,
    responses=errors(NotFound),
    operation_id="list_preview_files_of_edit",
    summary="List preview files of an edit",
)
async def list_preview_files_of_edit(place: OpenEdit, actor: CurrentActor, session: Listing) -> Response:
    """The revisions of an edit by task type, newest first; vendors see those of their tasks."""
    seen = seen_tasks(actor, place.project_id)
    return json_response(await EntityReads(session).previews_by_task_type_json(place.id, seen))


@router.get(
    "/data/edits/{edit_id}/versions",
    response_model=list[EntityVersionRead],
    responses=errors(NotFound),
    operation_id="list_versions_of_edit",
    summary="List versions of an edit",
)
async def list_versions_of_edit(place: OpenEdit, actor: CurrentActor, session: Listing) -> Response:
    """What an edit was before its metadata changed, newest first; vendors see no former metadata."""
    hidden = open_departments(actor, place.project_id) is not None
    return json_response(await EntityReads(session).versions_json(place.id, hidden=hidden))
