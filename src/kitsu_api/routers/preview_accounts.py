"""The account with which those who run a production see it as its client does."""

from __future__ import annotations

from fastapi import APIRouter, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.preview_accounts import PreviewAccounts
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.places import ManagedProject
from kitsu_api.schemas.preview_accounts import PreviewAccountCreated, PreviewAccountRead, PreviewAccountState
from kitsu_api.services import preview_accounts as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(
    prefix="/data/projects/{project_id}/preview-account",
    tags=["Projects"],
    responses=errors(Unauthorized, Forbidden, NotFound),
)


@router.get(
    "",
    response_model=PreviewAccountRead | None,
    operation_id="get_preview_account_of_project",
    summary="Get the preview account of a project",
)
async def get_preview_account(project_id: ManagedProject, session: Session) -> PreviewAccountRead | None:
    """The client's account that the production is previewed with; null when it has none."""
    return await service.find(PreviewAccounts(session), project_id)


@router.post(
    "",
    status_code=201,
    response_model=PreviewAccountCreated,
    operation_id="create_preview_account_of_project",
    summary="Create the preview account of a project",
)
async def create_preview_account(project_id: ManagedProject, uow: Uow) -> PreviewAccountCreated:
    """Make the account, or give the one that exists a new password, which is shown this once."""
    return await service.create(uow, project_id)


@router.put(
    "",
    response_model=PreviewAccountRead,
    responses=errors(BadRequest),
    operation_id="open_preview_account_of_project",
    summary="Open or close the preview account of a project",
)
async def open_preview_account(
    project_id: ManagedProject, payload: PreviewAccountState, uow: Uow
) -> PreviewAccountRead:
    """Open the account for an hour, or close it at once."""
    return await service.set_open(uow, project_id, payload.is_open)


@router.delete(
    "",
    status_code=204,
    operation_id="delete_preview_account_of_project",
    summary="Delete the preview account of a project",
)
async def delete_preview_account(project_id: ManagedProject, uow: Uow) -> Response:
    """Delete the account."""
    await service.remove(uow, project_id)
    return Response(status_code=204)
