"""Clients who are told that a playlist is ready for them."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from kitsu_api.db.models import Person, Playlist
from kitsu_api.db.repositories.notifications import add_notifications
from kitsu_api.db.repositories.playlists import PlaylistRepository
from kitsu_api.db.repositories.records import Records
from kitsu_api.permissions.actor import Actor
from kitsu_api.services.mail_texts import Reader, playlist_ready
from kitsu_api.services.notifications import ring
from kitsu_api.unit_of_work import UnitOfWork


def link_to(web_url: str, playlist: Playlist) -> str:
    """Where the web client shows a playlist."""
    episode = "" if playlist.episode_id is None else f"/episodes/{playlist.episode_id}"
    return f"{web_url}/productions/{playlist.project_id}{episode}/playlists/{playlist.id}"


async def notify_clients(
    uow: UnitOfWork, actor: Actor, playlist: Playlist, studio_id: UUID | None, department_id: UUID | None
) -> None:
    """Tell the clients of the production, in the web client and, if they want mails, by mail.

    With a studio or a department, only its people are told.
    """
    playlists = PlaylistRepository(uow.session)
    clients = await playlists.clients_of(playlist.project_id, studio_id, department_id)
    people = {client.id for client in clients if client.id != actor.id}
    about = {"author_id": actor.id, "playlist_id": playlist.id, "change": False}
    made = await add_notifications(uow.session, people, None, "playlist-ready", **about)
    ring(uow, playlist.project_id, made)
    readers = [client for client in clients if client.id in people and client.wants_mail and client.email]
    if not readers:
        return
    production, studio = await playlists.production_and_studio(playlist.project_id)
    author = await Records(uow.session, Person).find(actor.id)
    author_name = studio if author is None else f"{author.first_name} {author.last_name}".strip()
    title = f"{production} - {playlist.name}"
    link = link_to(uow.settings.web_url, playlist)
    for client in readers:
        to = Reader(client.email or "", client.name, client.locale)
        mail = playlist_ready(studio, to, author_name, title, link)
        uow.enqueue("send_mail", **asdict(mail))
