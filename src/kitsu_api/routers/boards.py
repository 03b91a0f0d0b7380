"""Boards: the entities of a production with their tasks, in one answer, whole or as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import ColumnElement

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Entity
from kitsu_api.db.replica import Opener
from kitsu_api.db.repositories import board_fields as fields
from kitsu_api.db.repositories import boards
from kitsu_api.db.repositories.board_fields import Board
from kitsu_api.db.repositories.board_versions import board_rows
from kitsu_api.db.repositories.boards import Scope
from kitsu_api.db.repositories.concept_links import linked_to_concept
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.board_scopes import board_scope, is_limited, shown_projects
from kitsu_api.permissions.guard import allow
from kitsu_api.permissions.listings import Listing, opener_of
from kitsu_api.permissions.places import NamedProject, OpenEntity
from kitsu_api.permissions.policies.roles import anyone, without_vendors
from kitsu_api.routers.entity_filters import (
    FILTERS,
    asset_filters,
    entity_filters,
    held_filters,
    shot_filters,
)
from kitsu_api.routers.named_answers import JSON, by_content, by_state
from kitsu_api.schemas import boards as s

router = APIRouter(tags=["Entities"], responses=errors(Unauthorized, Forbidden, BadRequest))
Reader = Annotated[Actor, allow(anyone)]
StaffReader = Annotated[Actor, allow(without_vendors)]
Compact = Annotated[bool, Query(description="Rows as arrays, with the names of their columns once.")]
Stream = Annotated[bool, Query(description="NDJSON: a line that says how to read, then a line a row.")]

NDJSON = "application/x-ndjson"

STREAMED: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {NDJSON: {"schema": {"type": "string"}}},
        "headers": {
            "ETag": {
                "description": "Names the state of the board; send it as `If-None-Match`.",
                "schema": {"type": "string"},
            }
        },
    },
    304: {"description": "The board is as it was when the client last read it."},
}
ORDER = -1
"""`with-tasks` is no id of an entity."""


def _head(board: Board, *, compact: bool, stream: bool) -> bytes:
    """What comes before the first row."""
    if not compact:
        return b'{"compact":false}\n' if stream else b"["
    names = {
        "compact": True,
        f"{board.kind.lower()}_fields": board.field_names,
        "task_fields": board.task_names,
    }
    told = orjson.dumps(names)
    return told + b"\n" if stream else told[:-1] + b',"rows":['


async def _parts(
    opened: Opener, board: Board, scope: Scope, *, compact: bool, stream: bool
) -> AsyncIterator[bytes]:
    """The answer, piece by piece, on a session of its own: that of the request is given back by then."""
    separator = "\n" if stream else ","
    part = _head(board, compact=compact, stream=stream)
    async with opened() as session:
        first = True
        async for lines in boards.lines(session, board, scope, compact=compact):
            if not stream and not first:
                part += b","
            part += separator.join(lines).encode()
            if stream:
                part += b"\n"
            first = False
            yield part
            part = b""
    if not stream:
        part += b"]}" if compact else b"]"
    yield part


async def _small(request: Request, parts: AsyncIterator[bytes], media_type: str) -> Response:
    """A board of somebody who sees little: nobody else's."""
    return await by_content(request, b"".join([part async for part in parts]), media_type)


async def _board(
    request: Request,
    session: Session,
    actor: Actor,
    board: Board,
    project_id: UUID | None,
    filters: list[ColumnElement[bool]],
    *,
    compact: bool = False,
    stream: bool = False,
) -> Response:
    """A board as the caller sees it: nothing when they have it already, else a kept or a new answer."""
    scope = board_scope(board, actor, project_id, filters)
    media_type = NDJSON if stream else JSON
    opened = opener_of(request, session)

    def make() -> AsyncIterator[bytes]:
        return _parts(opened, board, scope, compact=compact, stream=stream)

    if is_limited(actor, project_id):
        return await _small(request, make(), media_type)
    projects = shown_projects(actor, project_id)
    state = {
        "board": board.kind,
        "form": [compact, stream],
        "filters": sorted(request.query_params.multi_items()),
        "projects": sorted(map(str, projects)) if projects is not None else None,
    }
    rows = board_rows(board, projects, actor.id)
    return await by_state(request, session, state, rows, make, media_type)


@router.get(
    "/data/assets/with-tasks",
    response_model=list[s.BoardAsset] | s.CompactAssets,
    responses=STREAMED,
    openapi_extra=FILTERS,
    operation_id="list_assets_with_tasks",
    summary="List assets with their tasks",
)
async def list_assets_with_tasks(
    request: Request,
    actor: Reader,
    project_id: NamedProject,
    session: Listing,
    compact: Compact = False,
    stream: Stream = False,
) -> Response:
    """The assets that the caller sees, of one production or of all, with their tasks."""
    filters = asset_filters(request)
    return await _board(
        request, session, actor, fields.ASSETS, project_id, filters, compact=compact, stream=stream
    )


@router.get(
    "/data/shots/with-tasks",
    response_model=list[s.BoardShot] | s.CompactShots,
    responses=STREAMED,
    openapi_extra=FILTERS,
    operation_id="list_shots_with_tasks",
    summary="List shots with their tasks",
)
async def list_shots_with_tasks(
    request: Request,
    actor: Reader,
    project_id: NamedProject,
    session: Listing,
    compact: Compact = False,
    stream: Stream = False,
) -> Response:
    """The shots that the caller sees, of one production or of all, with their tasks."""
    filters = shot_filters(request)
    return await _board(
        request, session, actor, fields.SHOTS, project_id, filters, compact=compact, stream=stream
    )


@router.get(
    "/data/sequences/with-tasks",
    response_model=list[s.BoardParent],
    openapi_extra=FILTERS,
    operation_id="list_sequences_with_tasks",
    summary="List sequences with their tasks",
)
async def list_sequences_with_tasks(
    request: Request, actor: Reader, project_id: NamedProject, session: Listing
) -> Response:
    """The sequences that the caller sees, with their tasks; a vendor's hold something of theirs."""
    return await _board(request, session, actor, fields.SEQUENCES, project_id, held_filters(request))


@router.get(
    "/data/episodes/with-tasks",
    response_model=list[s.BoardParent],
    openapi_extra=FILTERS,
    operation_id="list_episodes_with_tasks",
    summary="List episodes with their tasks",
)
async def list_episodes_with_tasks(
    request: Request, actor: Reader, project_id: NamedProject, session: Listing
) -> Response:
    """The episodes that the caller sees, with their tasks; a vendor's hold something of theirs."""
    return await _board(request, session, actor, fields.EPISODES, project_id, entity_filters(request))


@router.get(
    "/data/scenes/with-tasks",
    response_model=list[s.BoardParent],
    openapi_extra=FILTERS,
    operation_id="list_scenes_with_tasks",
    summary="List scenes with their tasks",
)
async def list_scenes_with_tasks(
    request: Request, actor: StaffReader, project_id: NamedProject, session: Listing
) -> Response:
    """The scenes of the caller's productions, with their tasks; vendors have no business with scenes."""
    return await _board(request, session, actor, fields.SCENES, project_id, shot_filters(request))


@router.get(
    "/data/edits/with-tasks",
    response_model=list[s.BoardEdit],
    openapi_extra=FILTERS,
    operation_id="list_edits_with_tasks",
    summary="List edits with their tasks",
)
async def list_edits_with_tasks(
    request: Request, actor: Reader, project_id: NamedProject, session: Listing
) -> Response:
    """The edits that the caller sees, of one production or of all, with their tasks."""
    return await _board(request, session, actor, fields.EDITS, project_id, held_filters(request))


@router.get(
    "/data/concepts/with-tasks",
    response_model=list[s.BoardConcept],
    openapi_extra=FILTERS,
    operation_id="list_concepts_with_tasks",
    summary="List concepts with their tasks",
)
async def list_concepts_with_tasks(
    request: Request, actor: Reader, project_id: NamedProject, session: Listing
) -> Response:
    """The concepts that the caller sees, of one production or of all, with their tasks."""
    return await _board(request, session, actor, fields.CONCEPTS, project_id, entity_filters(request))


@router.get(
    "/data/entities/{entity_id}/entities-linked/with-tasks",
    response_model=list[s.LinkedEntity],
    responses=errors(NotFound),
    operation_id="list_linked_entities_with_tasks",
    summary="List entities linked to a concept, with their tasks",
)
async def list_linked_entities_with_tasks(
    place: OpenEntity, request: Request, actor: Reader, session: Listing
) -> Response:
    """The entities that refer to this concept and that the caller sees, with their tasks."""
    filters = [Entity.id.in_(linked_to_concept(place.id))]
    scope = board_scope(fields.LINKED, actor, None, filters)
    parts = _parts(opener_of(request, session), fields.LINKED, scope, compact=False, stream=False)
    return await _small(request, parts, JSON)
