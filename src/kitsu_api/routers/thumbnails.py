"""Pictures of people, productions and the studio, and small ones of attached files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from kitsu_api.db.models import Organisation, Person, Project
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import (
    BadRequest,
    Forbidden,
    InsufficientStorage,
    MethodNotAllowed,
    NotFound,
    RangeNotSatisfiable,
    TooLarge,
    Unauthorized,
    Unavailable,
    errors,
)
from kitsu_api.permissions.attachment_places import SeenAttachment
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.picture_places import OwnPicture, RunStudio, SeenPerson, SeenStudio
from kitsu_api.permissions.places import ManagedProject, OpenProject
from kitsu_api.routers.media_slots import media_turn
from kitsu_api.routers.picture_forms import AVATAR_SIZE, FORM_ANSWERS, Desk, Pictured, answer_form
from kitsu_api.routers.preview_uploads import UPLOAD
from kitsu_api.routers.received_files import received_file
from kitsu_api.routers.storage import Storage
from kitsu_api.routers.stored_files import FILE_ANSWERS, answer_file
from kitsu_api.schemas.preview_actions import ThumbnailPath
from kitsu_api.services import thumbnails as service
from kitsu_api.services.picture_forms import AVATARS, AvatarWidth
from kitsu_api.services.preview_storage import THUMBNAIL
from kitsu_api.storage.files import FileStorage
from kitsu_api.unit_of_work import UnitOfWork, Uow

router = APIRouter(tags=["Previews"], responses=errors(Unauthorized, Forbidden, NotFound))

WRITING = errors(BadRequest, TooLarge, Unavailable, InsufficientStorage)
READING = {**FILE_ANSWERS, **errors(RangeNotSatisfiable)}
READING_FORMS = {**READING, **FORM_ANSWERS}
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
PATHS = {Person: "persons", Project: "projects", Organisation: "organisations"}


async def answer_picture(
    request: Request,
    storage: FileStorage,
    uow: UnitOfWork,
    model: type[service.Pictured],
    id: UUID,
    width: int | None = None,
) -> Response:
    """The picture of a person, a production or the studio; whoever calls has made sure that it may be seen.

    Raises:
        NotFound: it has none.
    """
    row = await Records(uow.session, model).find(id)
    if row is None or not row.has_avatar:
        raise NotFound("There is no picture.")
    return await answer_form(
        Desk(request, uow, storage),
        Pictured(AVATARS, id, str(id)),
        width,
        lambda: answer_file(request, storage, (*THUMBNAIL, id), name=f"{id}.png", kind=service.PNG),
    )


async def _receive(
    request: Request, uow: UnitOfWork, storage: FileStorage, model: type[service.Pictured], id: UUID
) -> ThumbnailPath:
    await uow.pause()
    async with received_file(request) as received:
        async with media_turn(request):
            picture = await service.make_avatar(uow, received)
        await service.set_picture(uow, storage, model, id, picture)
    return ThumbnailPath(thumbnail_path=f"pictures/thumbnails/{PATHS[model]}/{id}.png")


def _paths(kind: str, operation_id: str, summary: str, *, as_png: bool) -> list[tuple[str, str, str]]:
    """Path, operation id and summary of the routes to a picture: by the id, and by the name of its file.

    The one with the extension comes first, since the other would fit it too.
    """
    path = f"/pictures/thumbnails/{kind}s/{{{kind}_id}}"
    named = [(f"{path}.png", f"{operation_id}_as_png", f"{summary} by its path")] if as_png else []
    return [*named, (path, operation_id, summary)]


def _uploads(kind: str, summary: str, *, as_png: bool = True) -> Callable[[Endpoint], Endpoint]:
    """Routes that take a picture of a kind of rows."""

    def register(endpoint: Endpoint) -> Endpoint:
        for path, operation_id, text in _paths(kind, f"upload_{kind}_picture", summary, as_png=as_png):
            router.add_api_route(
                path,
                endpoint,
                methods=["POST"],
                status_code=201,
                response_model=ThumbnailPath,
                responses=WRITING,
                openapi_extra=UPLOAD,
                operation_id=operation_id,
                summary=text,
            )
        return endpoint

    return register


def _reads(kind: str, summary: str) -> Callable[[Endpoint], Endpoint]:
    """Routes that give a picture of a kind of rows."""

    def register(endpoint: Endpoint) -> Endpoint:
        for path, operation_id, text in _paths(kind, f"read_{kind}_picture", summary, as_png=True):
            router.add_api_route(
                path,
                endpoint,
                methods=["GET"],
                response_model=None,
                response_class=StreamingResponse,
                responses=READING_FORMS,
                operation_id=operation_id,
                summary=text,
            )
        return endpoint

    return register


# --- people -------------------------------------------------------------------------------------------


@_uploads("person", "Upload the picture of a person")
async def upload_person_picture(
    person_id: OwnPicture, request: Request, uow: Uow, storage: Storage, actor: CurrentActor
) -> ThumbnailPath:
    """A picture of oneself, or, for admins, of anybody; it is cut to a square."""
    await service.check_protected(uow, actor, person_id)
    return await _receive(request, uow, storage, Person, person_id)


@_reads("person", "Read the picture of a person")
async def read_person_picture(
    person: SeenPerson,
    request: Request,
    uow: Uow,
    storage: Storage,
    size: Annotated[AvatarWidth | None, AVATAR_SIZE] = None,
) -> Response:
    """A PNG of 400 x 400 pixels, or AVIF or WebP as `Accept` says. Clients and vendors see those who
    work on their productions."""
    return await answer_picture(request, storage, uow, Person, person[0], size)


# --- the studio ---------------------------------------------------------------------------------------


@_uploads("organisation", "Upload the logo of the studio")
async def upload_organisation_picture(
    organisation_id: RunStudio, request: Request, uow: Uow, storage: Storage
) -> ThumbnailPath:
    """The logo of the studio; it is cut to a square."""
    return await _receive(request, uow, storage, Organisation, organisation_id)


@_reads("organisation", "Read the logo of the studio")
async def read_organisation_picture(
    organisation_id: SeenStudio,
    request: Request,
    uow: Uow,
    storage: Storage,
    size: Annotated[AvatarWidth | None, AVATAR_SIZE] = None,
) -> Response:
    """A PNG of 400 x 400 pixels, or AVIF or WebP as `Accept` says."""
    return await answer_picture(request, storage, uow, Organisation, organisation_id, size)


# --- productions --------------------------------------------------------------------------------------


@router.post(
    "/pictures/thumbnails/projects/{project_id}.png",
    status_code=405,
    response_model=None,
    include_in_schema=False,
    operation_id="refuse_project_picture",
    summary="Refuse a picture of a project by its path",
)
async def refuse_project_picture(project_id: ManagedProject) -> Response:
    """Pictures of productions are uploaded without an extension in the path."""
    raise MethodNotAllowed("Upload pictures of projects to /pictures/thumbnails/projects/{project_id}.")


@_uploads("project", "Upload the picture of a project", as_png=False)
async def upload_project_picture(
    project_id: ManagedProject, request: Request, uow: Uow, storage: Storage
) -> ThumbnailPath:
    """A picture of a production, by those who run it; it is cut to a square."""
    return await _receive(request, uow, storage, Project, project_id)


@_reads("project", "Read the picture of a project")
async def read_project_picture(
    project_id: OpenProject,
    request: Request,
    uow: Uow,
    storage: Storage,
    size: Annotated[AvatarWidth | None, AVATAR_SIZE] = None,
) -> Response:
    """A PNG of 400 x 400 pixels, or AVIF or WebP as `Accept` says, for the team."""
    return await answer_picture(request, storage, uow, Project, project_id, size)


# --- attached files -----------------------------------------------------------------------------------


@router.get(
    "/pictures/thumbnails/attachment-files/{attachment_file_id}.png",
    response_class=StreamingResponse,
    responses={**READING, **errors(Unavailable)},
    operation_id="read_attachment_thumbnail",
    summary="Read the thumbnail of an attached picture",
)
async def read_attachment_thumbnail(
    attachment: SeenAttachment, request: Request, uow: Uow, storage: Storage
) -> Response:
    """A PNG of 150 x 100 pixels, made when it is first asked for."""
    async with media_turn(request):
        await service.attachment_thumbnail(uow, storage, attachment)
    name = f"{attachment.id}.png"
    return await answer_file(request, storage, (*THUMBNAIL, attachment.id), name=name, kind=service.PNG)
