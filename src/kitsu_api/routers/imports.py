"""Imports step by step: any sheet is sent, its columns are mapped, and it is planned, applied and undone."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import ImportMapping, SheetImport
from kitsu_api.db.repositories.import_wizard import SheetImports
from kitsu_api.db.repositories.job_lists import JobLists
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Conflict, Forbidden, NotFound, TooLarge, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.import_wizard_places import ChangedImport, ChangedMapping, Importing, SeenImport
from kitsu_api.permissions.scopes import managed_by
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.import_csv import received_sheet
from kitsu_api.routers.storage import Storage
from kitsu_api.schemas import imports as s
from kitsu_api.schemas.bodies import reference
from kitsu_api.schemas.import_csv import SheetForm
from kitsu_api.schemas.jobs import JobRead
from kitsu_api.services.import_csv.submission import Patience, wait_for
from kitsu_api.services.import_wizard import steps, undoing
from kitsu_api.unit_of_work import UnitOfWork, Uow

WAIT = 10
"""Seconds that a request waits for its file to be read; after that the answer says that it is being read."""

FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"multipart/form-data": {"schema": reference(SheetForm)}},
    }
}

router = APIRouter(
    prefix="/data/imports",
    tags=["Import and export"],
    responses=errors(BadRequest, Unauthorized, Forbidden, NotFound),
)


async def _details(uow: UnitOfWork, found: SheetImport) -> s.SheetImportDetails:
    fields = [
        s.ImportField(id=field.id, name=field.head, required=field.required)
        for field in await steps.fields_for(uow, found)
    ]
    return s.SheetImportDetails(**s.SheetImportRead.model_validate(found).model_dump(), fields=fields)


async def _job(
    uow: UnitOfWork, actor: Actor, found: SheetImport, step: steps.Step, *, update: bool = False
) -> Response:
    """Have a job do a step, and say which."""
    job_id = await steps.start(uow, actor, found, step, update=update)
    answer = json_response(await JobLists(uow.session).one_json(job_id), 202)
    answer.headers["location"] = f"/data/jobs/{job_id}"
    return answer


@router.get("", operation_id="list_imports", summary="List imports")
async def list_imports(
    actor: Importing,
    session: Session,
    project_id: Annotated[UUID | None, Query(description="Only those into this production.")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50,
) -> list[s.SheetImportRead]:
    """Imports into the productions that the caller runs, the newest first; admins see those of people, too.
    They are kept for 30 days."""
    found = await SheetImports(session).seen(managed_by(actor), project_id, limit)
    return [s.SheetImportRead.model_validate(each) for each in found]


@router.post(
    "",
    status_code=201,
    responses=errors(TooLarge),
    openapi_extra=FORM,
    operation_id="begin_import",
    summary="Send a sheet to import",
)
async def begin_import(
    request: Request,
    actor: Importing,
    uow: Uow,
    storage: Storage,
    kind: Annotated[s.SheetKind, Query(description="What its rows are about.")],
    project_id: Annotated[UUID | None, Query(description="The production; people have none.")] = None,
    task_type_id: Annotated[UUID | None, Query(description="Of estimations: the task type.")] = None,
    episode_id: Annotated[UUID | None, Query(description="Of estimations: only of this episode.")] = None,
    worksheet: Annotated[
        str | None, Query(max_length=255, description="Of a spreadsheet; absent: the first that has rows.")
    ] = None,
) -> s.SheetImportDetails:
    """A CSV file of any encoding and delimiter, or a spreadsheet (xlsx); nothing is imported yet. Its first
    row names the columns. The answer guesses what they stand for; a long file is still being read by then:
    `status` tells."""
    sheet = await received_sheet(request)
    values = {
        "kind": kind,
        "name": sheet.filename or "sheet",
        "project_id": project_id,
        "task_type_id": task_type_id,
        "episode_id": episode_id,
        "worksheet": worksheet,
    }
    import_id, job_id = await steps.begin(uow, storage, actor, sheet.file, values)
    await sheet.close()
    await wait_for(request.app.state.sessions, job_id, Patience(WAIT, request.is_disconnected))
    found = await SheetImports(uow.session).locked(import_id)
    if found is None:
        raise NotFound
    return await _details(uow, found)


@router.get("/mappings", operation_id="list_import_mappings", summary="List kept mappings")
async def list_mappings(actor: Importing, session: Session) -> list[s.ImportMappingRead]:
    """What was said of columns, for each production and kind of sheets."""
    found = await SheetImports(session).mappings(managed_by(actor))
    return [s.ImportMappingRead.model_validate(each) for each in found]


@router.delete(
    "/mappings/{mapping_id}",
    status_code=204,
    operation_id="delete_import_mapping",
    summary="Forget a kept mapping",
)
async def delete_mapping(mapping: ChangedMapping, uow: Uow) -> Response:
    """Guess the columns of such sheets anew from now on."""
    await Records(uow.session, ImportMapping).delete(mapping)
    return Response(status_code=204)


@router.get("/{import_id}", operation_id="get_import", summary="Get an import")
async def get_import(found: SeenImport, uow: Uow) -> s.SheetImportDetails:
    """How far it is, what its columns hold, and all that they may stand for."""
    return await _details(uow, found)


@router.put(
    "/{import_id}/mapping",
    responses=errors(Conflict),
    operation_id="map_import",
    summary="Say what columns stand for",
)
async def map_import(found: ChangedImport, wish: s.MappingWish, uow: Uow) -> s.SheetImportDetails:
    """A field for each column. It is kept for later sheets of this kind and production, unless `keep` is
    false."""
    return await _details(uow, await steps.map_columns(uow, found, wish))


@router.post(
    "/{import_id}/plan",
    status_code=202,
    response_model=JobRead,
    responses=errors(Conflict),
    operation_id="plan_import",
    summary="Plan an import",
)
async def plan_import(found: ChangedImport, wish: s.ImportOptions, actor: CurrentActor, uow: Uow) -> Response:
    """Have a job find out what the import would do, in rows; nothing is changed. The plan is the result of
    the job; its error tells the line and column that is to be mended."""
    steps.check_ready(found)
    steps.check_complete(found, await steps.fields_for(uow, found))
    return await _job(uow, actor, found, "plan", update=wish.update)


@router.post(
    "/{import_id}/apply",
    status_code=202,
    response_model=JobRead,
    responses=errors(Conflict),
    operation_id="apply_import",
    summary="Apply an import",
)
async def apply_import(
    found: ChangedImport, wish: s.ImportOptions, actor: CurrentActor, uow: Uow
) -> Response:
    """Have a job take in all rows, or none of them. Others can't change the production's entities and tasks
    meanwhile: they wait."""
    steps.check_ready(found)
    steps.check_complete(found, await steps.fields_for(uow, found))
    return await _job(uow, actor, found, "apply", update=wish.update)


@router.post(
    "/{import_id}/undo",
    status_code=202,
    response_model=JobRead,
    responses=errors(Conflict),
    operation_id="undo_import",
    summary="Undo an import",
)
async def undo_import(found: ChangedImport, actor: CurrentActor, uow: Uow) -> Response:
    """Have a job delete what the import made and give back what it changed. Where others have touched any of
    it since, nothing is done, and `undoing` of the import lists what stands in the way."""
    undoing.check_applied(found)
    return await _job(uow, actor, found, "undo")


@router.delete("/{import_id}", status_code=204, operation_id="delete_import", summary="Forget an import")
async def delete_import(found: ChangedImport, uow: Uow) -> Response:
    """Forget the sheet; what it did stays, and can't be undone any more."""
    await steps.remove(uow, found)
    return Response(status_code=204)
