"""What belongs to an instance of an asset."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from kitsu_api.db import projections, scopes
from kitsu_api.db.engine import Session
from kitsu_api.db.models import AssetInstance, OutputFile
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.scopes import visible
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas.files import OutputFileRead

router = APIRouter(tags=["Files"], responses=errors(Unauthorized, Forbidden))


async def load_instance(asset_instance_id: UUID, session: Session, actor: CurrentActor) -> tuple[UUID, bool]:
    """The instance's id, and whether it lies in the caller's scope.

    Raises:
        NotFound: there is no such instance.
    """
    scope = visible(scopes.asset_instances)(actor)
    seen = await Records(session, AssetInstance).visible(asset_instance_id, scope)
    if seen is None:
        raise NotFound
    return asset_instance_id, seen


def is_seen(actor: Actor, instance: tuple[UUID, bool]) -> bool:
    """Whether the instance lies in the caller's scope."""
    return instance[1]


SeenInstance = Annotated[tuple[UUID, bool], guard(load_instance, is_seen)]


@router.get(
    "/data/asset-instances/{asset_instance_id}/output-files",
    response_model=list[OutputFileRead],
    responses=errors(NotFound),
    operation_id="list_output_files_of_asset_instance",
    summary="List output files of an asset instance",
)
async def list_output_files(instance: SeenInstance, session: Session) -> Response:
    """All output files of an instance of an asset, whatever scene it stands in."""
    where = [OutputFile.asset_instance_id == instance[0]]
    return json_response(await Records(session, OutputFile).list_json(projections.OUTPUT_FILE, where))
