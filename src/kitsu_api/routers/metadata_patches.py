"""Changes of single metadata columns: two people who edit two of them keep both."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Response

from kitsu_api.errors import BadRequest, Forbidden, NotFound, PreconditionFailed, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.explaining import note_changes
from kitsu_api.permissions.guard import allow
from kitsu_api.routers.crud import Resource
from kitsu_api.routers.data import persons, projects, work
from kitsu_api.routers.row_versions import IfMatch, check_match, row_response, writable
from kitsu_api.schemas.metadata_patches import MetadataPatch
from kitsu_api.services.merge_patches import merge
from kitsu_api.unit_of_work import UnitOfWork, Uow

MERGE_PATCH = "application/merge-patch+json"
PATCHED = ("entities", "tasks", "persons", "projects")
"""Resources with metadata."""

Patch = Annotated[MetadataPatch, Body(media_type=MERGE_PATCH)]

router = APIRouter()


async def patch_data(
    resource: Resource[Any], uow: UnitOfWork, actor: Actor, id: UUID, patch: dict[str, Any], match: str | None
) -> Response:
    """Merge a patch into the metadata of a row, which is locked meanwhile.

    The rules of an update don't apply: that of metadata would merge the keys back that the patch takes away.
    """
    records = resource.records(uow.session)
    record = await writable(records, id, (resource.own or resource.scope)(actor))
    await check_match(records, id, match)
    await records.change(record, {"data": merge(record.data, patch)})
    await resource.updated(uow, actor, record)
    await resource.tell(uow, record, "update")
    row = await records.one_versioned(
        resource.projection, id, relations=resource.update_relations, masked=resource.masked(actor)
    )
    assert row is not None
    return row_response(row)


def add_patch(resource: Resource[Any]) -> None:
    """Add the route of a resource."""
    updater = allow(resource.updaters or resource.creators)

    async def patch_one(
        id: UUID, patch: Patch, uow: Uow, if_match: IfMatch = None, actor: Actor = updater
    ) -> Response:
        """Set and take away keys of `data` (JSON Merge Patch, RFC 7396); all other keys stay as they are,
        whoever changes them at the same time."""
        return await patch_data(resource, uow, actor, id, patch.root, if_match)

    note_changes(resource, patch_one)
    router.add_api_route(
        f"/data/{resource.path}/{{id}}/data",
        patch_one,
        methods=["PATCH"],
        tags=[resource.tag],
        response_model=resource.read,
        responses=errors(BadRequest, Unauthorized, Forbidden, NotFound, PreconditionFailed),
        operation_id=f"patch_{resource.name}_data",
        summary=f"Change metadata of {resource.name}",
    )


for resource in (*persons.RESOURCES, *projects.RESOURCES, *work.RESOURCES):
    if resource.path in PATCHED:
        add_patch(resource)
