"""Playlists whose share links a path names, and who may make such links, list and revoke them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Playlist, PlaylistShareLink
from kitsu_api.db.repositories.playlist_sharing import ShareLinks
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.authentication import CurrentActor
from kitsu_api.permissions.guard import guard
from kitsu_api.permissions.scopes import sharable_playlists


@dataclass(frozen=True)
class _Found:
    playlist: Playlist
    owned: bool


async def _playlist(playlist_id: UUID, session: Session, actor: CurrentActor) -> _Found:
    playlists = Records(session, Playlist)
    playlist = await playlists.find(playlist_id)
    if playlist is None:
        raise NotFound
    return _Found(playlist, bool(await playlists.visible(playlist_id, sharable_playlists(actor))))


def _shares(actor: Actor, found: _Found) -> bool:
    """Whoever may change a playlist by their role may share it: a link opens it to strangers."""
    return found.owned


_OwnFound = Annotated[_Found, guard(_playlist, _shares)]


async def own_playlist(found: _OwnFound) -> Playlist:
    """A playlist that the caller may share."""
    return found.playlist


OwnPlaylist = Annotated[Playlist, Depends(own_playlist, scope="function")]


async def link_of_playlist(playlist: OwnPlaylist, token: str, session: Session) -> PlaylistShareLink:
    """A link of the playlist, locked; it may be revoked.

    Raises:
        NotFound: the playlist has no such link.
    """
    link = await ShareLinks(session).of_playlist(playlist.id, token) if token.isprintable() else None
    if link is None:
        raise NotFound
    return link


OwnLink = Annotated[PlaylistShareLink, Depends(link_of_playlist, scope="function")]
