"""What hangs on an entity of any kind, and entities that go in bulk."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from kitsu_api.db.repositories.entities import EntityReads
from kitsu_api.db.repositories.records import Page
from kitsu_api.db.repositories.task_creation import TaskCreation
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.entity_places import ManagedEntity, WorkedEntity
from kitsu_api.permissions.entity_scopes import seen_tasks
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import ManagedProject, OpenEntity
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.entity_pages import page_response
from kitsu_api.schemas.entities import EntityIds, EntityNewsPage, EntityPreviewFile, NewTasks
from kitsu_api.schemas.task_creation import NewTaskRead
from kitsu_api.schemas.time_spents import TimeSpentRead
from kitsu_api.services import entity_removal
from kitsu_api.services import entity_tasks as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Entities"], responses=errors(Unauthorized, Forbidden))
NEWS_OF_A_PAGE = 2000


@router.get(
    "/data/entities/{entity_id}/news",
    response_model=EntityNewsPage,
    responses=errors(BadRequest, NotFound),
    operation_id="list_news_of_entity",
    summary="List news of an entity",
)
async def list_news_of_entity(
    place: OpenEntity,
    actor: CurrentActor,
    session: Listing,
    page: Annotated[int, Query(ge=1, le=2**31, description="Number of the page, from 1.")] = 1,
    limit: Annotated[int, Query(ge=1, description="News of a page; at most 2000.")] = NEWS_OF_A_PAGE,
) -> Response:
    """What happened on the tasks of an entity, newest first; vendors see that of their tasks."""
    seen = seen_tasks(actor, place.project_id)
    reads, cut = EntityReads(session), Page(page, min(limit, NEWS_OF_A_PAGE))
    total = await reads.count_news(place.id, seen)
    rows = await reads.news_json(place.id, seen, cut)
    return page_response(rows, total, cut)


@router.get(
    "/data/entities/{entity_id}/preview-files",
    response_model=list[EntityPreviewFile],
    responses=errors(NotFound),
    operation_id="list_preview_files_of_entity",
    summary="List preview files of an entity",
)
async def list_preview_files_of_entity(place: OpenEntity, actor: CurrentActor, session: Listing) -> Response:
    """The previews on the tasks of an entity, newest first; vendors see those of their tasks."""
    seen = seen_tasks(actor, place.project_id)
    return json_response(await EntityReads(session).preview_files_json(place.id, seen))


@router.get(
    "/data/entities/{entity_id}/time-spents",
    response_model=list[TimeSpentRead],
    responses=errors(NotFound),
    operation_id="list_time_spents_of_entity",
    summary="List time spents of an entity",
)
async def list_time_spents_of_entity(place: WorkedEntity, actor: CurrentActor, session: Listing) -> Response:
    """The time spent on the tasks of an entity, day by day; vendors see that of their tasks."""
    seen = seen_tasks(actor, place.project_id)
    return json_response(await EntityReads(session).time_spents_json(place.id, seen))


@router.post(
    "/data/entities/{entity_id}/tasks",
    status_code=201,
    response_model=list[NewTaskRead],
    responses=errors(BadRequest, NotFound),
    operation_id="create_tasks_of_entity",
    summary="Create tasks of an entity",
)
async def create_tasks_of_entity(
    place: ManagedEntity, payload: NewTasks, uow: Uow, actor: CurrentActor
) -> Response:
    """Add a task of each of the task types, or of all that the production and the workflow provide for.
    Task types that the entity has a task of are skipped; the answer holds the new tasks."""
    made = await service.create_tasks_of_entity(uow, actor, place.id, place.kind, payload.task_type_ids)
    return json_response(await TaskCreation(uow.session).tasks_json(made), 201)


@router.post(
    "/actions/projects/{project_id}/delete-entities",
    response_model=EntityIds,
    responses=errors(BadRequest, NotFound),
    operation_id="delete_entities_of_project",
    summary="Delete entities of a project",
)
async def delete_entities_of_project(
    project_id: ManagedProject,
    entity_ids: EntityIds,
    uow: Uow,
    actor: CurrentActor,
    force: Annotated[bool, Query(description="Delete also what has tasks.")] = False,
) -> list[UUID]:
    """Cancel the assets, shots, edits and concepts that have tasks, delete the others. Ids of anything else
    are ignored; the answer holds those that were canceled or deleted."""
    return await entity_removal.delete_many(uow, actor, project_id, entity_ids.root, force=force)
