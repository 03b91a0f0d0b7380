"""Working files: what artists work on, revision by revision, and their content."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import OutputFile, WorkingFile
from kitsu_api.db.projections import OUTPUT_FILE
from kitsu_api.db.projections import WORKING_FILE as WITH_OUTPUTS
from kitsu_api.db.repositories.production_files import WORKING_FILE, WorkingFiles
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import (
    BadRequest,
    Forbidden,
    NotFound,
    RangeNotSatisfiable,
    TooLarge,
    Unauthorized,
    errors,
)
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.file_places import (
    OpenWork,
    OwnWork,
    OwnWorkingFile,
    SeenFile,
    SeenWorkingFile,
)
from kitsu_api.permissions.in_loop import in_loop
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.places import OpenEntity
from kitsu_api.routers.comment_bodies import read_body, uploads
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.storage import Storage
from kitsu_api.routers.stored_files import FILE_ANSWERS, answer_file
from kitsu_api.schemas import production_files as s
from kitsu_api.schemas.bodies import reference
from kitsu_api.schemas.files import OutputFileRead, WorkingFileRead
from kitsu_api.schemas.working_file_lists import FileForm, LastWorkingFiles, WorkingFileFilters
from kitsu_api.services import production_files as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Files"], responses=errors(Unauthorized, Forbidden, NotFound))

FORM = {
    "requestBody": {
        "required": True,
        "content": {"multipart/form-data": {"schema": reference(FileForm)}},
    }
}

Filters = Annotated[WorkingFileFilters, Depends(in_loop(WorkingFileFilters))]


async def _answer(
    session: Session, file: WorkingFile, *, outputs: bool = False, status: int = 200
) -> Response:
    projection = WITH_OUTPUTS if outputs else WORKING_FILE
    row = await Records(session, WorkingFile).one_json(projection, file.id, relations=outputs)
    assert row is not None
    return json_response(row, status)


@router.post(
    "/data/tasks/{task_id}/working-file-path",
    responses=errors(BadRequest),
    operation_id="get_working_file_path",
    summary="Tell where a working file of a task goes",
)
async def get_working_file_path(place: OwnWork, request: s.WorkingPathRequest, uow: Uow) -> s.WorkingPath:
    """Folder and name by the production's file tree; the extension is the caller's."""
    path = await service.working_path(uow, place.task.id, request)
    return s.WorkingPath(path=path.folder, name=path.name)


@router.get(
    "/data/tasks/{task_id}/working-files",
    response_model=list[WorkingFileRead],
    operation_id="list_working_files_of_task",
    summary="List working files of a task",
)
async def list_working_files_of_task(place: OpenWork, session: Listing) -> Response:
    """All revisions of a task's working files, oldest first."""
    where = WorkingFile.task_id == place.task.id
    return json_response(await WorkingFiles(session).list_json(where))


@router.get(
    "/data/tasks/{task_id}/working-files/last-revisions",
    response_model=LastWorkingFiles,
    operation_id="get_last_working_files_of_task",
    summary="Get the last revisions of the working files of a task",
)
async def get_last_working_files(place: OpenWork, session: Session) -> Response:
    """The last revision of each of a task's working files, by name."""
    return json_response(await WorkingFiles(session).last_json(place.task.id))


@router.post(
    "/data/tasks/{task_id}/working-files/new",
    status_code=201,
    response_model=WorkingFileRead,
    responses=errors(BadRequest),
    operation_id="create_working_file_of_task",
    summary="Create the next revision of a working file",
)
async def create_working_file_of_task(
    place: OwnWork, wish: s.NewWorkingFile, uow: Uow, actor: CurrentActor
) -> Response:
    """Make the next revision, or the one named; whose it is gets assigned to the task."""
    file = await service.add_working_file(uow, actor, place, wish)
    return await _answer(uow.session, file, status=201)


@router.get(
    "/data/entities/{entity_id}/working-files",
    response_model=list[WorkingFileRead],
    responses=errors(BadRequest),
    operation_id="list_working_files_of_entity",
    summary="List working files of an entity",
)
async def list_working_files_of_entity(
    place: OpenEntity,
    filters: Annotated[WorkingFileFilters, Depends(in_loop(WorkingFileFilters))],
    session: Listing,
) -> Response:
    """All revisions of the working files of an entity, oldest first."""
    where = [WorkingFile.entity_id == place.id]
    if filters.task_id is not None:
        where.append(WorkingFile.task_id == filters.task_id)
    if filters.name is not None:
        where.append(WorkingFile.name == filters.name)
    return json_response(await WorkingFiles(session).list_json(*where))


@router.put(
    "/actions/working-files/{working_file_id}/comment",
    response_model=WorkingFileRead,
    responses=errors(BadRequest),
    operation_id="comment_working_file",
    summary="Comment a working file",
)
async def comment_working_file(place: OwnWorkingFile, payload: s.FileComment, uow: Uow) -> Response:
    """Say something about a working file, in place of what was said before."""
    await Records(uow.session, WorkingFile).change(place.file, {"comment": payload.comment})
    uow.emit(service.changed_event(place.file.id, place.project_id))
    return await _answer(uow.session, place.file)


@router.put(
    "/actions/working-files/{working_file_id}/modified",
    response_model=WorkingFileRead,
    operation_id="touch_working_file",
    summary="Note that a working file has changed",
)
async def touch_working_file(place: OwnWorkingFile, uow: Uow) -> Response:
    """Note that the file was saved just now."""
    await Records(uow.session, WorkingFile).change(place.file, {})
    return await _answer(uow.session, place.file)


@router.get(
    "/data/working-files/{working_file_id}/file",
    response_class=Response,
    responses={**FILE_ANSWERS, **errors(RangeNotSatisfiable)},
    operation_id="download_working_file",
    summary="Download a working file",
)
async def download_working_file(place: SeenWorkingFile, request: Request, storage: Storage) -> Response:
    """The content that was uploaded, as a download."""
    name = place.file.name or "file"
    where = (service.BUCKET, service.PREFIX, place.file.id)
    return await answer_file(request, storage, where, name=name, kind=None, download=True, max_age=0)


@router.post(
    "/data/working-files/{working_file_id}/file",
    status_code=201,
    response_model=WorkingFileRead,
    responses=errors(BadRequest, TooLarge),
    openapi_extra=FORM,
    operation_id="upload_working_file",
    summary="Upload a working file",
)
async def upload_working_file(
    place: OwnWorkingFile, request: Request, uow: Uow, storage: Storage
) -> Response:
    """Store the content of a working file; it takes the place of an earlier one."""
    _, files = await read_body(request)
    sent = uploads([(name, file) for name, file in files if name == "file"])
    if not sent:
        raise BadRequest("Send the file in a form, as its field 'file'.")
    await service.store_working_file(uow, storage, place.file, place.project_id, sent[0])
    return await _answer(uow.session, place.file, outputs=True, status=201)


@router.get(
    "/data/files/{file_id}",
    response_model=WorkingFileRead | OutputFileRead,
    operation_id="get_file",
    summary="Get a working file or an output file",
)
async def get_file(file: SeenFile, session: Session) -> Response:
    """The file of this id, whichever of the two it is."""
    if file[1] == "working":
        row = await Records(session, WorkingFile).one_json(WITH_OUTPUTS, file[0], relations=True)
    else:
        row = await Records(session, OutputFile).one_json(OUTPUT_FILE, file[0])
    assert row is not None
    return json_response(row)
