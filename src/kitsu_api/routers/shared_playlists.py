"""Playlists that people without an account review by a link."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Person, Playlist, Project
from kitsu_api.db.projections import PERSON, PLAYLIST
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.shared_playlists import SharedPlaylists
from kitsu_api.errors import BadRequest, NotFound, TooManyRequests, errors
from kitsu_api.permissions.authentication import AppSettings
from kitsu_api.permissions.rate_limits import NEW_GUESTS, NEW_GUESTS_OF_LINK, Limits
from kitsu_api.permissions.share_tickets import keep_guest, keep_opened
from kitsu_api.permissions.shared_links import OpenLink, guest_named
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas import shared_playlists as s
from kitsu_api.services import playlist_sharing as service
from kitsu_api.services.shared_playlists import entries
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Shared playlists"], responses=errors(NotFound, TooManyRequests))


@router.get(
    "/shared/playlists/{token}",
    response_model=s.SharedPlaylistRead,
    operation_id="get_shared_playlist",
    summary="Get a shared playlist",
)
async def get_shared_playlist(shared: OpenLink, session: Session, settings: AppSettings) -> Response:
    """The playlist with what its entries show. A browser that knows the password need not repeat it."""
    row = await Records(session, Playlist).one_json(PLAYLIST, shared.playlist.id)
    project = await Records(session, Project).find(shared.project_id)
    assert row is not None
    assert project is not None
    found: dict[str, Any] = orjson.loads(row)
    found |= {
        "shots": await entries(SharedPlaylists(session, shared.things)),
        "build_jobs": [],  # guests don't download builds
        "project_name": project.name,
        "project_fps": project.fps,
    }
    response = json_response(orjson.dumps(found, default=str))
    if shared.link.password:
        keep_opened(response, settings, shared.link)
    return response


@router.get(
    "/shared/playlists/{token}/context",
    response_model=s.SharedContext,
    operation_id="get_shared_playlist_context",
    summary="Get what a shared playlist refers to",
)
async def get_shared_context(shared: OpenLink, session: Session) -> Response:
    """The production, with the task types and statuses that it uses."""
    row = await SharedPlaylists(session, shared.things).context_json()
    if row is None:
        raise NotFound
    return json_response(row)


@router.post(
    "/shared/playlists/{token}/guest",
    status_code=201,
    response_model=s.GuestRead,
    responses={**errors(BadRequest), 200: {"model": s.GuestRead, "description": "The guest of before."}},
    operation_id="enter_shared_playlist",
    summary="Come to a shared playlist as a guest",
)
async def enter_shared_playlist(
    shared: OpenLink, wish: s.GuestName, request: Request, uow: Uow, settings: AppSettings, limits: Limits
) -> Response:
    """Make a guest with a name, or find the one that the caller was before.

    The answer sets a cookie that proves who the guest is: `guest_id` in later requests counts with it.
    """
    guest, status = None, 200
    if wish.guest_id is not None:
        guest = await guest_named(shared, wish.guest_id, request, settings)
    if guest is None:
        await limits.by_both(NEW_GUESTS, str(shared.link.id))
        await limits.by_account(NEW_GUESTS_OF_LINK, str(shared.link.id))
        guest, status = await service.welcome(uow, shared, wish), 201
    row = await Records(uow.session, Person).one_json(PERSON, guest.id)
    assert row is not None
    response = json_response(orjson.dumps({**s.NO_SECRETS, **orjson.loads(row)}), status)
    keep_guest(response, settings, shared.link, guest.id)
    return response
