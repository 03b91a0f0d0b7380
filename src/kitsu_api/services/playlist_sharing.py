"""Share links of playlists: made, revoked, mailed; and the guests who come by them."""

from __future__ import annotations

import hashlib
import secrets
from uuid import uuid4

from kitsu_api.db.models import Person, Playlist, PlaylistShareLink
from kitsu_api.db.repositories.persons import PersonRepository
from kitsu_api.db.repositories.playlist_sharing import LINK_OF_GUEST, ShareLinks
from kitsu_api.db.repositories.records import Records
from kitsu_api.errors import BadRequest, Unavailable
from kitsu_api.events import record_event
from kitsu_api.permissions import passwords
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.share_tickets import TICKETED
from kitsu_api.permissions.shared_links import SharedPlaylist
from kitsu_api.schemas.playlist_sharing import ShareInvitation, ShareLinkCreate
from kitsu_api.schemas.shared_playlists import GuestName
from kitsu_api.unit_of_work import UnitOfWork

GUEST_MAIL = "guest-{}@guest.kitsu"
"""The address of a guest: nobody reads it."""

TRIES = 8
"""How often a random address is drawn until one is free; of four billion the first nearly always is."""


async def create(
    uow: UnitOfWork, actor: Actor, playlist: Playlist, wish: ShareLinkCreate
) -> PlaylistShareLink:
    """Make a link that shows a playlist to whoever has it.

    Raises:
        BadRequest: the playlist is of no production, or the password is longer than 72 bytes.
    """
    if playlist.project_id is None:
        raise BadRequest("This playlist is of no production: it can't be shared.")
    password = wish.password.get_secret_value() if wish.password is not None else ""
    hashed = await passwords.hash_password(uow.settings, password) if password else None
    return await Records(uow.session, PlaylistShareLink).add(
        {
            "token": str(uuid4()),  # 122 random bits, from the operating system
            "playlist_id": playlist.id,
            "created_by": actor.id,
            "expiration_date": wish.expiration_date,
            "can_comment": wish.can_comment,
            "password": hashed.decode() if hashed else None,
        }
    )


async def revoke(uow: UnitOfWork, link: PlaylistShareLink) -> None:
    """Close a link for good: the next request by it is refused."""
    await Records(uow.session, PlaylistShareLink).change(link, {"is_active": False})


async def invite(uow: UnitOfWork, actor: Actor, link: PlaylistShareLink, wish: ShareInvitation) -> list[str]:
    """Mail a link to reviewers; the addresses, once each.

    Raises:
        BadRequest: nobody is named, one of the people can't be invited, or the link is closed.
    """
    links = ShareLinks(uow.session)
    if await links.to_mail(link.id) is None:
        raise BadRequest("This link is revoked or out of date: make a new one.")
    people = await links.reviewers(wish.person_ids)
    addresses = [people.get(id) for id in wish.person_ids]
    if None in addresses or "" in addresses:
        raise BadRequest("person_ids: one of them is nobody, has no e-mail, or a closed account.")
    to = list(dict.fromkeys([*wish.emails, *((address or "").lower() for address in addresses)]))
    if not to:
        raise BadRequest("Name e-mails or people to invite.")
    inviter = await Records(uow.session, Person).find(actor.id)
    sender = f"{inviter.first_name} {inviter.last_name}".strip() if inviter is not None else "Somebody"
    message = wish.message or ""
    for email in to:
        said = hashlib.sha256(f"{email}\n{message}".encode()).hexdigest()
        uow.enqueue(
            "send_share_invitation",
            key=f"share-{link.id}-{said}",
            link_id=str(link.id),
            email=email,
            sender=sender,
            message=message,
            locale=inviter.locale if inviter is not None else None,
        )
    return to


async def _free_address(people: PersonRepository) -> str:
    for _ in range(TRIES):
        address = GUEST_MAIL.format(secrets.token_hex(4))
        if not await people.email_taken(address, but=None):
            return address
    raise Unavailable


async def welcome(uow: UnitOfWork, shared: SharedPlaylist, wish: GuestName) -> Person:
    """Make a guest of a link: a client whom no licence counts, and who can't sign in."""
    guest = await Records(uow.session, Person).add(
        {
            "first_name": (wish.first_name or "").strip() or "Guest",
            "last_name": (wish.last_name or "").strip(),
            "email": await _free_address(PersonRepository(uow.session)),
            "role": Role.CLIENT.value,
            "is_guest": True,
            "locale": uow.settings.default_locale,
            "timezone": uow.settings.default_timezone,
            "data": {LINK_OF_GUEST: str(shared.link.id), TICKETED: True},
        }
    )
    uow.emit(record_event("person", "new", guest.id))
    return guest
