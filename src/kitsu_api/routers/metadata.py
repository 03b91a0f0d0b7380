"""The columns that productions add to what they keep."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.metadata import DESCRIPTOR, MetadataRepository, known_to
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.places import ManagedProject, OpenProject
from kitsu_api.permissions.policies.projects import runs_a_production
from kitsu_api.permissions.policies.roles import anyone
from kitsu_api.permissions.viewers import viewer_of
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas import metadata as s
from kitsu_api.schemas.base import Text
from kitsu_api.services import metadata as service
from kitsu_api.unit_of_work import UnitOfWork, Uow

router = APIRouter(tags=["Metadata"], responses=errors(Unauthorized, Forbidden))
OF_PROJECT = "/data/projects/{project_id}/metadata-descriptors"
Reader = Annotated[Actor, allow(anyone)]
Manager = Annotated[Actor, allow(runs_a_production)]
FieldName = Annotated[Text, Path(description="The key under which values are kept.")]


async def _one(uow: UnitOfWork, id: UUID, status: int = 200) -> Response:
    row = await MetadataRepository(uow.session).one_json(DESCRIPTOR.id == id)
    assert row is not None
    return json_response(row, status)


@router.get(
    OF_PROJECT,
    response_model=list[s.MetadataDescriptorRead],
    responses=errors(NotFound),
    operation_id="list_metadata_descriptors_of_project",
    summary="List metadata descriptors of a project",
)
async def list_descriptors(project_id: OpenProject, actor: Reader, session: Session) -> Response:
    """The metadata columns of the production that the caller may know of, in their order."""
    where = (DESCRIPTOR.project_id == project_id, known_to(viewer_of(actor)))
    return json_response(await MetadataRepository(session).list_json(*where))


@router.post(
    OF_PROJECT,
    status_code=201,
    response_model=s.MetadataDescriptorRead,
    responses=errors(BadRequest, NotFound),
    operation_id="add_metadata_descriptor_to_project",
    summary="Add a metadata descriptor to a project",
)
async def add_descriptor(project_id: ManagedProject, payload: s.NewDescriptor, uow: Uow) -> Response:
    """Give the production a metadata column."""
    added = await service.add(uow, [project_id], payload)
    return await _one(uow, added[0].id, 201)


@router.post(
    OF_PROJECT + "/reorder",
    response_model=list[s.MetadataDescriptorRead],
    responses=errors(BadRequest, NotFound),
    operation_id="reorder_metadata_descriptors_of_project",
    summary="Reorder metadata descriptors of a project",
)
async def reorder_descriptors(project_id: ManagedProject, payload: s.DescriptorOrder, uow: Uow) -> Response:
    """Number metadata columns of one kind from 1, in this order."""
    await service.reorder(uow, project_id, payload)
    chosen = DESCRIPTOR.id.in_(payload.descriptor_ids)
    return json_response(await MetadataRepository(uow.session).list_json(chosen))


@router.get(
    OF_PROJECT + "/{metadata_descriptor_id}",
    response_model=s.MetadataDescriptorRead,
    responses=errors(NotFound),
    operation_id="get_metadata_descriptor_of_project",
    summary="Get a metadata descriptor of a project",
)
async def get_descriptor(
    project_id: OpenProject, metadata_descriptor_id: UUID, actor: Reader, session: Session
) -> Response:
    """One metadata column of the production."""
    row = await MetadataRepository(session).one_json(
        DESCRIPTOR.id == metadata_descriptor_id,
        DESCRIPTOR.project_id == project_id,
        known_to(viewer_of(actor)),
    )
    if row is None:
        raise NotFound
    return json_response(row)


@router.put(
    OF_PROJECT + "/{metadata_descriptor_id}",
    response_model=s.MetadataDescriptorRead,
    responses=errors(BadRequest, NotFound),
    operation_id="update_metadata_descriptor_of_project",
    summary="Update a metadata descriptor of a project",
)
async def update_descriptor(
    project_id: ManagedProject, metadata_descriptor_id: UUID, payload: s.DescriptorChange, uow: Uow
) -> Response:
    """Change a metadata column; under a new name, the values in it move along."""
    await service.change(uow, project_id, metadata_descriptor_id, payload)
    return await _one(uow, metadata_descriptor_id)


@router.delete(
    OF_PROJECT + "/{metadata_descriptor_id}",
    status_code=204,
    responses=errors(NotFound),
    operation_id="delete_metadata_descriptor_of_project",
    summary="Delete a metadata descriptor of a project",
)
async def delete_descriptor(project_id: ManagedProject, metadata_descriptor_id: UUID, uow: Uow) -> Response:
    """Delete a metadata column and the values in it."""
    await service.remove(uow, project_id, metadata_descriptor_id)
    return Response(status_code=204)


@router.post(
    "/data/metadata-descriptors/all-projects",
    status_code=201,
    response_model=list[s.MetadataDescriptorRead],
    responses=errors(BadRequest),
    operation_id="add_metadata_descriptor_to_all_projects",
    summary="Add a metadata descriptor to all projects",
)
async def add_to_all(actor: Manager, payload: s.NewSharedDescriptor, uow: Uow) -> Response:
    """Give a metadata column to all running productions that the caller runs; some may have it already."""
    added = await service.add(uow, await service.projects_of(uow, actor), payload)
    ids = [descriptor.id for descriptor in added]
    return json_response(await MetadataRepository(uow.session).named_json(ids), 201)


@router.put(
    "/data/metadata-descriptors/all-projects/{field_name}",
    response_model=list[s.MetadataDescriptorRead],
    responses=errors(BadRequest),
    operation_id="update_metadata_descriptor_of_all_projects",
    summary="Update a metadata descriptor of all projects",
)
async def update_in_all(
    actor: Manager, field_name: FieldName, payload: s.SharedDescriptorChange, uow: Uow
) -> Response:
    """Change a metadata column in all running productions that the caller runs."""
    ids = await service.change_shared(uow, actor, field_name, payload)
    return json_response(await MetadataRepository(uow.session).named_json(ids))


@router.delete(
    "/data/metadata-descriptors/all-projects/{field_name}",
    response_model=s.DeletedDescriptors,
    responses=errors(BadRequest),
    operation_id="delete_metadata_descriptor_of_all_projects",
    summary="Delete a metadata descriptor of all projects",
)
async def delete_in_all(
    actor: Manager, field_name: FieldName, entity_type: Annotated[s.DescribedType, Query()], uow: Uow
) -> s.DeletedDescriptors:
    """Delete a metadata column in all running productions that the caller runs; the ids of what went."""
    return s.DeletedDescriptors(await service.remove_shared(uow, actor, field_name, entity_type))


@router.post(
    "/actions/metadata-descriptors/all-projects/reorder",
    response_model=list[s.MetadataDescriptorRead],
    responses=errors(BadRequest),
    operation_id="reorder_metadata_descriptors_of_all_projects",
    summary="Reorder metadata descriptors of all projects",
)
async def reorder_in_all(actor: Manager, payload: s.SharedDescriptorOrder, uow: Uow) -> Response:
    """Number metadata columns from 1, alike in all running productions that the caller runs."""
    ids = await service.reorder_shared(uow, actor, payload)
    return json_response(await MetadataRepository(uow.session).named_json(ids))
