"""The trash: what was deleted, and how it comes back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.trash import TrashRecords
from kitsu_api.errors import BadRequest, Conflict, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.trash_places import ManagedDeletion, TrashReader
from kitsu_api.schemas.trash import TrashRead
from kitsu_api.services import trash as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(
    prefix="/data/trash",
    tags=["Trash"],
    responses=errors(BadRequest, Unauthorized, Forbidden, NotFound),
)


@router.get("", operation_id="list_trash", summary="List what can be restored")
async def list_trash(
    actor: TrashReader,
    session: Session,
    project_id: Annotated[UUID | None, Query(description="Only of this production.")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> list[TrashRead]:
    """Admins see all deletions, managers those of the productions that they run; newest first."""
    seen = None if actor.is_admin else [id for id in actor.project_roles if actor.manages(id)]
    found = await TrashRecords(session).of_projects(seen, project_id, limit, (page - 1) * limit)
    return [TrashRead.model_validate(record) for record in found]


@router.post(
    "/{trash_id}/restore",
    operation_id="restore_trash",
    summary="Restore what was deleted",
    responses=errors(Conflict),
)
async def restore_trash(record: ManagedDeletion, actor: CurrentActor, uow: Uow) -> TrashRead:
    """Bring back all that went in one deletion, under its old ids: entities, tasks, comments, previews,
    castings, and places in playlists. It is in the trash no more."""
    restored = TrashRead.model_validate(record)
    await service.restore(uow, actor, record)
    return restored


@router.delete("/{trash_id}", status_code=204, operation_id="delete_trash", summary="Delete for good")
async def delete_trash(record: ManagedDeletion, uow: Uow) -> Response:
    """It can't be restored any more, and its files are removed from storage after the usual days."""
    await service.discard(uow, record)
    return Response(status_code=204)
