"""Where the files of productions lie, and work that is handed in for a review."""

from __future__ import annotations

from fastapi import APIRouter, Response

from kitsu_api.db.models import Project
from kitsu_api.db.projections import PROJECT
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.task_reviews import review_json
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.comment_places import CommentableTask
from kitsu_api.permissions.entity_scopes import shown_metadata
from kitsu_api.permissions.places import ManagedProject
from kitsu_api.permissions.policies.persons import masked_of_people
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas import file_trees as s
from kitsu_api.schemas.projects import ProjectRead
from kitsu_api.services import file_trees, task_reviews
from kitsu_api.unit_of_work import Uow

router = APIRouter(responses=errors(BadRequest, Unauthorized, Forbidden, NotFound))


@router.post(
    "/actions/projects/{project_id}/set-file-tree",
    tags=["Files"],
    response_model=ProjectRead,
    operation_id="set_file_tree_of_project",
    summary="Give a project a file tree",
)
async def set_file_tree(project_id: ManagedProject, payload: s.TreeName, uow: Uow) -> Response:
    """Let the files of the production lie as one of the standard trees says."""
    await file_trees.set_tree(uow, project_id, payload.tree_name)
    row = await Records(uow.session, Project).one_json(PROJECT, project_id)
    assert row is not None
    return json_response(row)


@router.put(
    "/actions/tasks/{task_id}/to-review",
    tags=["Tasks"],
    response_model=s.ReviewedTask,
    operation_id="hand_in_task_for_review",
    summary="Hand in a task for a review",
)
async def hand_in_task(
    place: CommentableTask, payload: s.ReviewRequest, uow: Uow, actor: CurrentActor
) -> Response:
    """Say that a task waits for a review, and learn where its preview belongs."""
    person_id, said = await task_reviews.hand_in(uow, actor, place, payload)
    masked, metadata = masked_of_people(actor), shown_metadata(actor)
    row = await review_json(uow.session, place.task.id, person_id, masked, said, metadata)
    assert row is not None
    return json_response(row)
