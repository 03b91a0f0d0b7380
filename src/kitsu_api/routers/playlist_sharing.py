"""Share links of playlists, for those who may change the playlist."""

from __future__ import annotations

from fastapi import APIRouter, Response

from kitsu_api.db.engine import Session
from kitsu_api.db.models import PlaylistShareLink
from kitsu_api.db.repositories.playlist_sharing import SHARE_LINK, ShareLinks
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Forbidden, NotFound, TooManyRequests, Unauthorized, errors
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.rate_limits import SHARE_INVITATIONS, Limits
from kitsu_api.permissions.share_link_places import OwnLink, OwnPlaylist
from kitsu_api.routers.crud import json_response
from kitsu_api.schemas import playlist_sharing as s
from kitsu_api.services import playlist_sharing as service
from kitsu_api.unit_of_work import Uow

router = APIRouter(tags=["Playlists"], responses=errors(Unauthorized, Forbidden, NotFound))


async def _answer(session: Session, link: PlaylistShareLink, status: int = 200) -> Response:
    row = await Records(session, PlaylistShareLink).one_json(SHARE_LINK, link.id)
    assert row is not None
    return json_response(row, status)


@router.get(
    "/data/playlists/{playlist_id}/share",
    response_model=list[s.ShareLinkRead],
    operation_id="list_share_links",
    summary="List share links of a playlist",
)
async def list_share_links(playlist: OwnPlaylist, session: Session) -> Response:
    """The links that are not revoked, those out of date among them."""
    return json_response(await ShareLinks(session).list_json(playlist.id))


@router.post(
    "/data/playlists/{playlist_id}/share",
    status_code=201,
    response_model=s.ShareLinkRead,
    responses=errors(BadRequest),
    operation_id="create_share_link",
    summary="Share a playlist by a link",
)
async def create_share_link(
    playlist: OwnPlaylist, wish: s.ShareLinkCreate, uow: Uow, actor: CurrentActor
) -> Response:
    """Make a link that shows the playlist to people without an account."""
    return await _answer(uow.session, await service.create(uow, actor, playlist, wish), 201)


@router.delete(
    "/data/playlists/{playlist_id}/share/{token}",
    response_model=s.ShareLinkRead,
    operation_id="revoke_share_link",
    summary="Revoke a share link",
)
async def revoke_share_link(link: OwnLink, uow: Uow) -> Response:
    """Close a link for good. What guests said stays."""
    await service.revoke(uow, link)
    return await _answer(uow.session, link)


@router.post(
    "/data/playlists/{playlist_id}/share/{token}/invite",
    responses=errors(BadRequest, TooManyRequests),
    operation_id="invite_to_share_link",
    summary="Mail a share link to reviewers",
)
async def invite_to_share_link(
    link: OwnLink, wish: s.ShareInvitation, uow: Uow, actor: CurrentActor, limits: Limits
) -> s.SentInvitations:
    """Mail the link to addresses and people, with a message. Its password, if it has one, is not mailed."""
    await limits.by_account(SHARE_INVITATIONS, str(actor.id))
    return s.SentInvitations(sent=await service.invite(uow, actor, link, wish))
