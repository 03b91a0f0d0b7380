"""Sheets of what a studio keeps, in a form that spreadsheets open and imports take back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator
from sqlalchemy import ColumnElement, Select

from kitsu_api.db import scopes
from kitsu_api.db.base import now
from kitsu_api.db.engine import Session
from kitsu_api.db.models import Entity, Project
from kitsu_api.db.replica import Opener
from kitsu_api.db.repositories import board_fields as boards
from kitsu_api.db.repositories import export_csv as rows
from kitsu_api.db.repositories.export_csv import Row
from kitsu_api.db.repositories.export_csv_entities import EntitySheet
from kitsu_api.db.repositories.export_csv_playlists import playlist_head, playlist_rows, timezone_of
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, Unauthorized, errors
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.board_scopes import board_scope
from kitsu_api.permissions.entity_scopes import seen_entities
from kitsu_api.permissions.export_places import ProductionManager, StudioManager, TimeOverseer
from kitsu_api.permissions.listings import Listing, opener_of
from kitsu_api.permissions.places import OpenProject, place_of
from kitsu_api.permissions.playlist_places import SeenPlaylist
from kitsu_api.permissions.policies.person_time_spents import visible_time
from kitsu_api.permissions.policies.persons import visible_people
from kitsu_api.permissions.scopes import managed, own_projects, seen_comments
from kitsu_api.permissions.viewers import viewer_of
from kitsu_api.routers.answer_parts import Parts
from kitsu_api.routers.stored_answers import StreamedAnswer, accepted_encoding
from kitsu_api.services import export_csv as service
from kitsu_api.services.csv_cells import Cell, sheet

Rows = Iterable[Sequence[Cell]]
Build = Callable[[Iterable[Row]], Rows]
Conditions = Sequence[ColumnElement[bool]]

CSV = "text/csv"
BOARDS = {"Asset": boards.ASSETS, "Shot": boards.SHOTS, "Edit": boards.EDITS}


class CsvAnswer(Response):
    """What the document says of a sheet; it is sent as a `StreamedAnswer`."""

    media_type = CSV


ANSWER: Mapping[int | str, dict[str, Any]] = {
    200: {
        "description": (
            "UTF-8, cells parted by semicolons. A text that a spreadsheet would take for a formula has an"
            " apostrophe before it, and one more where it has some already; imports take one off."
        ),
        "headers": {"Content-Disposition": {"description": "A file name.", "schema": {"type": "string"}}},
    }
}

router = APIRouter(
    prefix="/export/csv",
    tags=["Import and export"],
    default_response_class=CsvAnswer,
    responses={**errors(Unauthorized, Forbidden, BadRequest), **ANSWER},
)


async def _parts(
    opened: Opener, head: Sequence[Sequence[Cell]], query: Select[Any], build: Build
) -> AsyncIterator[bytes]:
    """A sheet, piece by piece, on a session of its own: that of the request is given back by then."""
    part = sheet(head)
    async with opened() as session:
        async for batch in rows.batches(session, query):
            yield part + sheet(build(batch))
            part = b""
    yield part


def _answer(
    request: Request,
    session: Session,
    name: str,
    columns: Sequence[str],
    query: Select[Any],
    build: Build = iter,
    head: Sequence[Sequence[Cell]] | None = None,
) -> Response:
    """A sheet with these columns, or with another head than a row of their names."""
    parts = _parts(opener_of(request, session), [columns] if head is None else head, query, build)
    headers = {"content-disposition": f"attachment; filename={name}", "vary": "Accept-Encoding"}
    coding = accepted_encoding(request.headers.get("accept-encoding", ""))
    return StreamedAnswer(Parts(lambda: parts), CSV, headers, coding=coding)


async def _project_name(session: Session, project_id: UUID) -> str:
    project = await Records(session, Project).find(project_id)
    return "" if project is None else project.name


@router.get("/persons.csv", operation_id="export_persons", summary="Export people")
async def export_persons(request: Request, actor: StudioManager, session: Listing) -> Response:
    """All people but bots and guests, by name."""
    query = rows.persons(visible_people(actor))
    name = service.file_name("people", "export")
    return _answer(request, session, name, service.PERSONS, query, service.person_rows)


@router.get("/projects.csv", operation_id="export_projects", summary="Export projects")
async def export_projects(request: Request, actor: ProductionManager, session: Listing) -> Response:
    """The caller's productions, those that are over as well."""
    query = rows.projects(own_projects(Project.id)(actor))
    return _answer(request, session, service.file_name("export"), service.PROJECTS, query)


@router.get("/task-types.csv", operation_id="export_task_types", summary="Export task types")
async def export_task_types(request: Request, actor: ProductionManager, session: Listing) -> Response:
    """The task types of each department."""
    return _answer(request, session, service.file_name("export"), service.TASK_TYPES, rows.task_types())


@router.get("/tasks.csv", operation_id="export_tasks", summary="Export tasks")
async def export_tasks(request: Request, actor: ProductionManager, session: Listing) -> Response:
    """The tasks of the running productions that the caller runs; durations are minutes."""
    query = rows.tasks(managed(scopes.tasks)(actor))
    build = partial(service.task_rows, people=await rows.names_of_people(session))
    return _answer(request, session, service.file_name("tasks", "export"), service.TASKS, query, build)


@router.get("/time-spents.csv", operation_id="export_time_spents", summary="Export time spent")
async def export_time_spents(request: Request, actor: TimeOverseer, session: Listing) -> Response:
    """Minutes spent on running productions, as far as the caller oversees them; and their own."""
    query = rows.time_spents(visible_time(actor))
    name = service.file_name(now().date().isoformat(), "open projects time spents export")
    return _answer(request, session, name, service.TIME_SPENTS, query)


async def _entities(
    request: Request, session: Session, actor: CurrentActor, project_id: UUID, kind: str
) -> Response:
    """The entities of a kind that the caller sees, with what they may read of them."""
    scope = board_scope(BOARDS[kind], actor, project_id, [])
    entities = EntitySheet(session, project_id, kind, scope)
    lookups = await entities.lookups(viewer_of(actor))

    build = partial(service.entity_rows, kind, lookups=lookups)
    name = service.file_name(lookups.project_name, f"{kind}s")
    return _answer(request, session, name, service.entity_head(kind, lookups), entities.query(), build)


@router.get(
    "/projects/{project_id}/assets.csv",
    responses=errors(NotFound),
    operation_id="export_assets",
    summary="Export assets",
)
async def export_assets(
    request: Request, project_id: OpenProject, actor: CurrentActor, session: Listing
) -> Response:
    """The assets of a production by type, with their metadata, statuses and assignations. Time is in days."""
    return await _entities(request, session, actor, project_id, "Asset")


@router.get(
    "/projects/{project_id}/shots.csv",
    responses=errors(NotFound),
    operation_id="export_shots",
    summary="Export shots",
)
async def export_shots(
    request: Request, project_id: OpenProject, actor: CurrentActor, session: Listing
) -> Response:
    """The shots of a production by episode and sequence, with their metadata, statuses and assignations.
    Time is in days."""
    return await _entities(request, session, actor, project_id, "Shot")


@router.get(
    "/projects/{project_id}/edits.csv",
    responses=errors(NotFound),
    operation_id="export_edits",
    summary="Export edits",
)
async def export_edits(
    request: Request, project_id: OpenProject, actor: CurrentActor, session: Listing
) -> Response:
    """The edits of a production by episode, with their metadata, statuses and assignations. Time is in
    days."""
    return await _entities(request, session, actor, project_id, "Edit")


def _no_text(value: Any) -> Any:
    return None if value == "" else value


Episode = Annotated[
    UUID | Literal["all", "main"] | None,
    BeforeValidator(_no_text),
    Query(description="Only what is in this episode; `main`: in none; `all`: what episodes themselves cast."),
]
OfShots = Annotated[bool, Query(description="What shots cast, and not what assets do.")]


def _castings(episode_id: Any, of_shots: bool, *where: ColumnElement[bool]) -> Select[Any]:
    """The castings that are asked for."""
    named = episode_id if isinstance(episode_id, UUID) else None
    if of_shots:
        return rows.castings_of_shots(*where, episode_id=named, alone=episode_id == "main")
    if episode_id == "all":
        return rows.castings_of_episodes(*where)
    if episode_id == "main":
        where = (*where, Entity.source_id.is_(None))
    elif named is not None:
        where = (*where, Entity.source_id == named)
    return rows.castings_of_assets(*where, main_pack=service.MAIN_PACK)


@router.get(
    "/projects/{project_id}/casting.csv",
    responses=errors(NotFound),
    operation_id="export_casting",
    summary="Export castings",
)
async def export_casting(
    request: Request,
    project_id: OpenProject,
    actor: CurrentActor,
    session: Listing,
    episode_id: Episode = None,
    is_shot_casting: OfShots = False,
) -> Response:
    """Which assets the assets of a production cast, or its shots, or its episodes."""
    if isinstance(episode_id, UUID):
        place = await place_of(session, actor, episode_id)
        if place.project_id != project_id or place.kind != "Episode":
            raise NotFound
    episodes = episode_id != "all" or is_shot_casting
    query = _castings(episode_id, is_shot_casting, Entity.project_id == project_id, seen_entities(actor))

    build = partial(service.casting_rows, episodes=episodes)
    columns = ["Episode", *service.CASTING] if episodes else service.CASTING
    name = service.file_name(await _project_name(session, project_id), "casting")
    return _answer(request, session, name, columns, query, build)


@router.get(
    "/playlists/{playlist_id}",
    responses=errors(NotFound),
    operation_id="export_playlist",
    summary="Export a playlist",
)
async def export_playlist(
    request: Request, place: SeenPlaylist, actor: CurrentActor, session: Listing
) -> Response:
    """What a playlist shows, with the last comments that the caller sees; moments in their time zone."""
    head = await playlist_head(session, place.playlist.id)
    zone = service.zone_of(await timezone_of(session, actor.id))
    query = playlist_rows(service.shown_in(head.shots), seen_entities(actor), seen_comments(actor))

    build = partial(service.playlist_rows, zone=zone)
    name = service.file_name(head.project_name, "playlist", head.name)
    return _answer(request, session, name, service.PLAYLIST, query, build, service.playlist_head(head, zone))
