"""Edits of a production, as editing programs write them: they make its sequences and shots."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from kitsu_api.errors import BadRequest, Forbidden, NotFound, TooLarge, Unauthorized, errors
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.edit_import_places import EpisodeToFill
from kitsu_api.permissions.places import ManagedProject
from kitsu_api.routers.comment_bodies import read_body, uploads, validated
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas.bodies import reference
from kitsu_api.schemas.import_otio import (
    CONVENTION,
    CONVENTION_OF_EPISODES,
    EditForm,
    EditOptions,
    ImportedShots,
)
from kitsu_api.services.import_otio import import_edit
from kitsu_api.unit_of_work import UnitOfWork, Uow

router = APIRouter(
    prefix="/import/otio/projects/{project_id}",
    tags=["Import and export"],
    responses=errors(BadRequest, Unauthorized, Forbidden, NotFound, TooLarge),
)

FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"multipart/form-data": {"schema": reference(EditForm)}},
    }
}
MatchCase = Annotated[
    bool | None, Query(description="Whether `SH010` and `sh010` are two names; they are unless told.")
]


def _convention(default: str) -> Any:
    return Query(max_length=500, description=f"How clips are named; `{default}` unless told.")


@router.post(
    "",
    status_code=201,
    response_model=ImportedShots,
    openapi_extra=FORM,
    operation_id="import_otio",
    summary="Import an edit",
)
async def import_otio(
    project_id: ManagedProject,
    request: Request,
    uow: Uow,
    actor: CurrentActor,
    naming_convention: Annotated[str | None, _convention(CONVENTION)] = None,
    match_case: MatchCase = None,
) -> Response:
    """Make the sequences and shots of an edit (EDL, OTIO, OTIOZ, FCP 7 XML), and set the frames of those that
    are there. Frames count from the beginning of the edit. Clips that aren't named like the convention
    are left out."""
    told = {"naming_convention": naming_convention, "match_case": match_case}
    return await _import(request, uow, actor.id, project_id, None, told)


@router.post(
    "/episodes/{episode_id}",
    status_code=201,
    response_model=ImportedShots,
    openapi_extra=FORM,
    operation_id="import_otio_into_episode",
    summary="Import an edit of an episode",
)
async def import_otio_into_episode(
    episode: EpisodeToFill,
    request: Request,
    uow: Uow,
    actor: CurrentActor,
    naming_convention: Annotated[str | None, _convention(CONVENTION_OF_EPISODES)] = None,
    match_case: MatchCase = None,
) -> Response:
    """The same, with the sequences in an episode."""
    told = {"naming_convention": naming_convention, "match_case": match_case}
    return await _import(request, uow, actor.id, episode.project_id, episode.id, told)


async def _import(
    request: Request,
    uow: UnitOfWork,
    actor_id: UUID,
    project_id: UUID,
    episode_id: UUID | None,
    told: dict[str, Any],
) -> Response:
    values, files = await read_body(request)
    sent = uploads(files)
    if len(sent) != 1:
        raise BadRequest("Send one file that isn't empty, as a form.")
    known = {name: value for name, value in told.items() if value is not None}
    known |= {name: value for name, value in values.items() if name in EditOptions.model_fields and value}
    options = validated(EditOptions, known)
    uow.actor_id = actor_id
    file = sent[0]
    return json_response(await import_edit(uow, project_id, episode_id, file.name, file.file, options), 201)
