"""The log of what happened."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import TypeAdapter, ValidationError

from kitsu_api.db.engine import Session
from kitsu_api.db.repositories.event_log import EventFilter, EventLog
from kitsu_api.errors import BadRequest, Forbidden, Gone, Unauthorized, errors
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import AppSettings, CurrentActor
from kitsu_api.permissions.guard import allow, guard
from kitsu_api.permissions.listings import Listing
from kitsu_api.permissions.policies.events import EventPlace, open_projects, reads_events
from kitsu_api.permissions.policies.roles import admins
from kitsu_api.routers.crud import json_response
from kitsu_api.routers.id_lists import read_ids
from kitsu_api.schemas.base import Moment
from kitsu_api.schemas.events import EventNames, LastEvent
from kitsu_api.services.event_log import check_position, read_sequence
from kitsu_api.unit_of_work import open_unit_of_work

router = APIRouter(tags=["Events"], responses=errors(BadRequest, Unauthorized, Forbidden))
MOMENT: TypeAdapter[dt.datetime] = TypeAdapter(Moment)

NAME_PART = re.compile(r"[a-z0-9-]+")


def _parts(name: str, texts: Sequence[str] | None) -> list[str]:
    """Parts of event names; they are compared as they are, so wildcards are refused.

    Raises:
        BadRequest: one of them can be no part of a name.
    """
    found = [part.strip() for text in texts or () for part in text.split(",") if part.strip()]
    if not all(NAME_PART.fullmatch(part) for part in found):
        raise BadRequest(f"The {name} parameter contains an invalid value")
    return found


def _read_after(after: str | None) -> tuple[dt.datetime | None, int | None]:
    """A moment, or the number of an event.

    Raises:
        BadRequest: it is neither.
    """
    if not after:
        return None, None
    if after.isdecimal():
        return None, read_sequence("after", after)
    try:
        return MOMENT.validate_python(after), None
    except ValidationError as error:
        raise BadRequest("after: expected a moment such as 2026-11-23T19:16:59, or a number.") from error


async def _place(
    project_id: Annotated[UUID | None, Query(description="Only those of this production.")] = None,
) -> EventPlace:
    return EventPlace(project_id)


Place = Annotated[EventPlace, guard(_place, reads_events)]


def _projects(actor: Actor, place: EventPlace) -> Collection[UUID] | None:
    return [place.project_id] if place.project_id is not None else open_projects(actor)


@router.get(
    "/data/events/last",
    response_model=list[LastEvent],
    responses=errors(Gone),
    operation_id="list_last_events",
    summary="List the last events",
)
async def list_last(
    request: Request,
    settings: AppSettings,
    place: Place,
    actor: CurrentActor,
    session: Session,
    listing: Listing,
    after: Annotated[
        str | None,
        Query(
            description="Only later ones: a moment, UTC; or the number of an event, and then they come in"
            " their order, the oldest first, each with its `sequence`."
        ),
    ] = None,
    before: Annotated[Moment | None, Query(description="Only earlier ones, UTC.")] = None,
    only_files: Annotated[bool, Query(description="Only those after which a new file is there.")] = False,
    cursor_event_id: Annotated[str | None, Query(description="Only what is older than this event.")] = None,
    limit: Annotated[int, Query(ge=1, description="How many at most.")] = 100,
    name: Annotated[str | None, Query(description="Only events of this name.")] = None,
    name_prefixes: Annotated[list[str] | None, Query(description="What they are about: `task`, …")] = None,
    name_suffixes: Annotated[list[str] | None, Query(description="What was done: `new`, …")] = None,
    person_ids: Annotated[list[str] | None, Query(description="Only by these people.")] = None,
) -> Response:
    """The newest events first; go on with the id of the last one as cursor. With a number as `after` the
    next events in the order in which they were committed: nothing is missed by going on with the last one's.

    Admins see all, managers those of their productions; the manager of one production asks for that one.
    """
    moment, sequence = _read_after(after)
    cursors = read_ids("cursor_event_id", [cursor_event_id] if cursor_event_id else [])
    wanted = EventFilter(
        projects=_projects(actor, place),
        before=before,
        after=moment,
        after_sequence=sequence,
        name=name or None,
        prefixes=_parts("name_prefixes", name_prefixes),
        suffixes=_parts("name_suffixes", name_suffixes),
        person_ids=read_ids("person_ids", person_ids),
        only_files=only_files,
        older_than=cursors[0] if cursors else None,
    )
    most = min(limit, settings.max_records_per_page)
    if sequence is None:
        return json_response(await EventLog(listing).last_json(wanted, most))
    # what is numbered just now is not committed yet when it is read
    async with asynccontextmanager(open_unit_of_work)(request, session) as uow:
        await check_position(uow, sequence)
        return json_response(await EventLog(uow.session).last_json(wanted, most))


@router.get(
    "/data/events/names",
    response_model=EventNames,
    operation_id="list_event_names",
    summary="List the names of events",
)
async def list_names(actor: Annotated[Actor, allow(admins)], session: Listing) -> Response:
    """The names of all events in the log."""
    return json_response(await EventLog(session).names_json())
