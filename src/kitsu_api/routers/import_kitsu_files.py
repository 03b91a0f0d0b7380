"""Files of another instance of the same kind, taken over for rows that are here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from kitsu_api.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    Locked,
    NotFound,
    TooLarge,
    Unauthorized,
    Unavailable,
    errors,
)
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.policies.roles import admins
from kitsu_api.routers.storage import Storage
from kitsu_api.schemas.instance_files import FileQuestions, HeldFile, SentFile
from kitsu_api.services import instance_files as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(
    prefix="/import/kitsu/files",
    tags=["Import and export"],
    responses=errors(BadRequest, Unauthorized, Forbidden),
)
Admin = Annotated[Actor, allow(admins)]


@router.post("/states", operation_id="look_at_instance_files", summary="Ask which files are here")
async def look_at_instance_files(
    questions: FileQuestions, _actor: Admin, uow: Uow, storage: Storage
) -> list[HeldFile]:
    """What is here of the files of another instance, in the order in which they are asked for, so that only
    what is missing is sent."""
    return await service.look_at(uow, storage, questions.files, checksums=questions.checksums)


@router.post(
    "",
    status_code=201,
    responses=errors(NotFound, Conflict, Locked, TooLarge, Unavailable),
    operation_id="import_instance_file",
    summary="Take a file of another instance over",
)
async def import_instance_file(file: SentFile, actor: Admin, uow: Uow, storage: Storage) -> HeldFile:
    """Make a finished upload (`/uploads`) the file of a row that is here, as it is: nothing is made of it. It
    takes the place of an earlier one, and the upload is gone then. Nobody is told."""
    return await service.take_over(uow, storage, actor, file)
