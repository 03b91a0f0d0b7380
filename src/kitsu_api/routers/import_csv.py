"""Sheets that are taken in: rows become people, entities, castings and estimations."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Annotated, Any, TypedDict, TypeVar, Unpack
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.responses import StreamingResponse

from kitsu_api.db.engine import Sessions
from kitsu_api.db.repositories.import_csv_answers import ANSWERS_OF, rows_json
from kitsu_api.db.repositories.job_lists import JobLists
from kitsu_api.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    TooLarge,
    Unauthorized,
    Unavailable,
    errors,
)
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.import_places import EstimatedEpisode, EstimatedTaskType
from kitsu_api.permissions.places import ManagedProject
from kitsu_api.permissions.policies.roles import admins
from kitsu_api.routers.comment_bodies import limited
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.storage import Storage
from kitsu_api.schemas.bodies import reference
from kitsu_api.schemas.entities import EntityRead
from kitsu_api.schemas.import_csv import ImportPlan, NothingOfRows, SheetForm
from kitsu_api.schemas.jobs import JobRead
from kitsu_api.schemas.persons import PersonRead
from kitsu_api.services.import_csv import submission
from kitsu_api.services.import_csv.plans import Kind, Wish
from kitsu_api.unit_of_work import UnitOfWork, Uow

SHEET_MEGABYTES = 256
"""What a sheet may have."""

LONGEST_WAIT = 600
"""Seconds that a request waits for its import; after that the answer is the job, and the import goes on."""

SLICE = 1000
"""Rows of an answer that are read at a time."""

Prefer = Annotated[
    str,
    Header(
        description=(
            "`respond-async`: answer at once with the job; `wait=10`: after so many seconds (RFC 7240)."
        )
    ),
]
Update = Annotated[bool, Query(description="Rows of what is there already change it.")]
DryRun = Annotated[bool, Query(description="Say what the import would do, and do nothing.")]
CreateColumns = Annotated[
    bool, Query(description="Columns that nothing is known of become metadata columns of the production.")
]

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class About(TypedDict, total=False):
    """What a wish says beside its kind, its production and whether it is tried only."""

    episode_id: UUID
    task_type_id: UUID
    update: bool
    create_columns: bool


ANSWERS: Mapping[int | str, dict[str, Any]] = {
    200: {"model": ImportPlan, "description": "What the import would do (`dry_run`)."},
    202: {
        "model": JobRead,
        "description": (
            "The import goes on without the request. Steps of the job are rows, its result is a plan."
        ),
        "headers": {"Location": {"description": "Where its job is.", "schema": {"type": "string"}}},
    },
}
FORM = {
    "requestBody": {
        "required": True,
        "content": {"multipart/form-data": {"schema": reference(SheetForm)}},
    }
}

router = APIRouter(
    prefix="/import/csv",
    tags=["Import and export"],
    responses={
        **errors(Unauthorized, Forbidden, BadRequest, NotFound, Conflict, TooLarge, Unavailable),
        **ANSWERS,
    },
)


async def received_sheet(request: Request) -> UploadFile:
    """The file of a form.

    Raises:
        BadRequest: there is none, or not one alone.
        TooLarge: it is larger than a sheet may be.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise BadRequest("Send the sheet as multipart/form-data, in a field named file.")
    try:
        form = await limited(request, SHEET_MEGABYTES).form(max_files=1, max_fields=20)
    except (MultiPartException, HTTPException, ValueError, KeyError) as error:
        raise BadRequest("The form can't be read.") from error
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise BadRequest("The form holds no file in a field named file.")
    return file


def _patience(prefer: str) -> float:
    """How many seconds a client waits, as its `Prefer` header says."""
    wishes = {wish.strip().lower() for wish in re.split("[,;]", prefer)}
    if "respond-async" in wishes:
        return 0
    told = [wish.removeprefix("wait=") for wish in wishes if wish.startswith("wait=")]
    if told and told[0].isascii() and told[0].isdigit() and len(told[0]) < 9:
        return min(int(told[0]), LONGEST_WAIT)
    return LONGEST_WAIT


async def _job_answer(uow: UnitOfWork, job_id: UUID) -> Response:
    """The job of an import that goes on."""
    answer = json_response(await JobLists(uow.session).one_json(job_id), 202)
    answer.headers["location"] = f"/data/jobs/{job_id}"
    answer.headers["preference-applied"] = "respond-async"
    return answer


async def _rows(sessions: Sessions, wish: Wish, ids: list[UUID]) -> AsyncIterator[bytes]:
    """What the rows of a sheet are about, as a JSON array, a slice at a time."""
    yield b"["
    for start in range(0, len(ids), SLICE):
        async with sessions() as session:
            part = await rows_json(session, wish.kind, ids[start : start + SLICE])
        if part != b"[]":
            yield (b"," if start else b"") + part[1:-1]
    yield b"]"


class Counter:
    """Where a sheet is handed in."""

    def __init__(
        self, request: Request, uow: Uow, storage: Storage, dry_run: DryRun = False, prefer: Prefer = ""
    ) -> None:
        self._request, self._uow, self._storage = request, uow, storage
        self._dry_run, self._prefer = dry_run, prefer

    async def take(
        self, actor: Actor, kind: Kind, project_id: UUID | None = None, **about: Unpack[About]
    ) -> Response:
        """Store the sheet, have a job take it in, and wait for that as long as the client does."""
        wish = Wish(kind, project_id, dry_run=self._dry_run, **about)
        sheet = await received_sheet(self._request)
        job_id = await submission.submit(self._uow, self._storage, actor, wish, sheet.file)
        await sheet.close()
        state = self._request.app.state
        patience = submission.Patience(_patience(self._prefer), self._request.is_disconnected)
        job = await submission.wait_for(state.sessions, job_id, patience)
        if job.ended_at is None or patience.seconds == 0:
            return await _job_answer(self._uow, job_id)
        answers = submission.Answers(state.valkey)
        await submission.check_success(job, answers)
        if wish.dry_run:
            return json_response(ImportPlan.model_validate(job.result).model_dump_json().encode())
        if wish.kind not in ANSWERS_OF:
            return json_response(b"[" + b",".join([b"null"] * int(job.result["rows"])) + b"]", 201)
        ids = await answers.ids(job_id)
        if len(ids) <= SLICE:
            return json_response(await rows_json(self._uow.session, wish.kind, ids), 201)
        return StreamingResponse(_rows(state.sessions, wish, ids), 201, media_type="application/json")


Sheets = Annotated[Counter, Depends(Counter)]


def _takes(path: str, answer: Any, operation_id: str, summary: str) -> Callable[[Endpoint], Endpoint]:
    """A route that takes a sheet in."""
    return router.post(
        path,
        status_code=201,
        response_model=answer,
        openapi_extra=FORM,
        operation_id=operation_id,
        summary=summary,
    )


@_takes("/persons", list[PersonRead], "import_persons", "Import people")
async def import_persons(
    sheets: Sheets,
    actor: Actor = allow(admins),
    update: Update = False,
) -> Response:
    """People by e-mail: new ones are added, others changed with `update`. Columns are those of the export.

    Answers the people of the rows, in their order.
    """
    return await sheets.take(actor, "persons", update=update)


@_takes("/projects/{project_id}/assets", list[EntityRead], "import_assets", "Import assets")
async def import_assets(
    sheets: Sheets,
    project_id: ManagedProject,
    actor: CurrentActor,
    update: Update = False,
    create_columns: CreateColumns = False,
) -> Response:
    """Assets by type and name, with metadata, and with the statuses and people of their tasks.

    Asset types and episodes that are missing are made. Assets get the tasks that their production and
    workflow provide for. Answers the assets of the rows, in their order.
    """
    return await sheets.take(actor, "assets", project_id, update=update, create_columns=create_columns)


@_takes("/projects/{project_id}/shots", list[EntityRead], "import_shots", "Import shots")
async def import_shots(
    sheets: Sheets,
    project_id: ManagedProject,
    actor: CurrentActor,
    update: Update = False,
    create_columns: CreateColumns = False,
) -> Response:
    """Shots by episode, sequence and name, with frames, metadata, and the statuses and people of their tasks.

    Episodes and sequences that are missing are made. Answers the shots of the rows, in their order.
    """
    return await sheets.take(actor, "shots", project_id, update=update, create_columns=create_columns)


@_takes("/projects/{project_id}/edits", list[EntityRead], "import_edits", "Import edits")
async def import_edits(
    sheets: Sheets,
    project_id: ManagedProject,
    actor: CurrentActor,
    update: Update = False,
    create_columns: CreateColumns = False,
) -> Response:
    """Edits by episode and name, with metadata, and with the statuses and people of their tasks.

    Episodes that are missing are made. Answers the edits of the rows, in their order.
    """
    return await sheets.take(actor, "edits", project_id, update=update, create_columns=create_columns)


@_takes("/projects/{project_id}/casting", NothingOfRows, "import_casting", "Import castings")
async def import_casting(
    sheets: Sheets,
    project_id: ManagedProject,
    actor: CurrentActor,
    update: Update = False,
) -> Response:
    """Which assets the assets, shots and episodes of a production cast. What is cast already gets the number
    and the label of its row, whatever `update` says; rows about what is not there are passed over.

    Answers null for each row.
    """
    return await sheets.take(actor, "casting", project_id, update=update)


@_takes(
    "/projects/{project_id}/task-types/{task_type_id}/estimations",
    NothingOfRows,
    "import_estimations",
    "Import estimations",
)
async def import_estimations(
    sheets: Sheets,
    project_id: ManagedProject,
    task_type_id: EstimatedTaskType,
    actor: CurrentActor,
) -> Response:
    """Dates, estimations (in minutes) and metadata of the tasks of a type, by sequence or asset type, and
    name. Rows about what is not there are passed over.

    Answers null for each row.
    """
    return await sheets.take(actor, "estimations", project_id, task_type_id=task_type_id)


@_takes(
    "/projects/{project_id}/episodes/{episode_id}/task-types/{task_type_id}/estimations",
    NothingOfRows,
    "import_estimations_of_episode",
    "Import estimations of an episode",
)
async def import_estimations_of_episode(
    sheets: Sheets,
    project_id: ManagedProject,
    episode_id: EstimatedEpisode,
    task_type_id: EstimatedTaskType,
    actor: CurrentActor,
) -> Response:
    """The same for what lies in one episode."""
    about = About(episode_id=episode_id, task_type_id=task_type_id)
    return await sheets.take(actor, "estimations", project_id, **about)
