"""What the token of a share link opens: link, playlist, and what lies in that playlist.

Nobody is signed in here. A token leads to its link, the link to its playlist, and each thing that a path
names is looked for within that playlist; a token of an account gives nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Path, Query, Request

from kitsu_api.db.attribution import Author, tell
from kitsu_api.db.engine import Session
from kitsu_api.db.models import (
    AttachmentFile,
    Comment,
    Person,
    Playlist,
    PlaylistShareLink,
    PreviewFile,
    Task,
)
from kitsu_api.db.repositories.playlist_sharing import SharedThings, ShareLinks
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.status_changes import StatusChanges
from kitsu_api.db.repositories.task_comments import TaskComments
from kitsu_api.errors import BadRequest, Forbidden, NotFound
from kitsu_api.permissions import idempotency, passwords
from kitsu_api.permissions.actor import Actor, Role
from kitsu_api.permissions.authentication import AppSettings, valkey_of
from kitsu_api.permissions.guard import GUARDS
from kitsu_api.permissions.rate_limits import (
    SHARE_PASSWORD,
    SHARE_PASSWORD_OF_LINK,
    WRITES_OF_GUESTS,
    Limits,
    RateLimiter,
)
from kitsu_api.permissions.share_tickets import is_guest, is_opened
from kitsu_api.schemas.shared_playlists import ByGuest, GuestAnnotations, GuestComment
from kitsu_api.settings import Settings
from kitsu_api.unit_of_work import Uow


@dataclass(frozen=True)
class SharedPlaylist:
    """A share link that is open, and its playlist."""

    link: PlaylistShareLink
    playlist: Playlist
    project_id: UUID
    things: SharedThings

    def actor(self, guest: Person) -> Actor:
        """A guest as a client of the playlist's production, and of nothing else."""
        roles = {self.project_id: Role.CLIENT}
        return Actor(guest.id, Role.CLIENT, guest.email, project_roles=roles, is_guest=True)


async def _knows_password(
    settings: Settings, limits: RateLimiter, link: PlaylistShareLink, password: str | None
) -> bool:
    """Whether a password is the link's. Only wrong ones are counted: they are not given back."""
    if not password or not link.password:
        return False
    subject = str(link.id)
    await limits.by_both(SHARE_PASSWORD, subject)
    await limits.by_account(SHARE_PASSWORD_OF_LINK, subject)
    try:
        right = await passwords.verify(settings, password, link.password.encode())
    except BadRequest:  # longer than any that a link can have
        right = False
    if right:
        await limits.give_back_both(SHARE_PASSWORD, subject)
        await limits.give_back(SHARE_PASSWORD_OF_LINK, subject)
    return right


async def open_link(
    token: Annotated[str, Path(description="The token of a share link.")],
    request: Request,
    session: Session,
    settings: AppSettings,
    limits: Limits,
    password: Annotated[str | None, Query(description="The link's password, if it has one.")] = None,
    x_share_password: Annotated[
        str | None, Header(description="The same, where it shall not stand in addresses and logs.")
    ] = None,
) -> SharedPlaylist:
    """The playlist that a token shares.

    Raises:
        NotFound: there is no such link, it is revoked or out of date, or the password is missing or wrong.
        TooManyRequests: wrong passwords were tried too often.
    """
    found = await ShareLinks(session).open(token) if token.isprintable() else None
    if found is None:
        raise NotFound
    link, playlist = found
    if link.password and not is_opened(request, settings, link):
        shown = x_share_password or password
        if not await _knows_password(settings, limits, link, shown):
            raise NotFound
    assert playlist.project_id is not None
    return SharedPlaylist(link, playlist, playlist.project_id, SharedThings(session, playlist, link.id))


GUARDS.add(open_link)
OpenLink = Annotated[SharedPlaylist, Depends(open_link, scope="function")]


async def commentable_link(shared: OpenLink, limits: Limits) -> SharedPlaylist:
    """A shared playlist that guests may say something about.

    Raises:
        Forbidden: they may look only.
        TooManyRequests: too much was said from this address.
    """
    if not shared.link.can_comment:
        raise Forbidden("Comments and annotations are disabled for this link.")
    await limits.by_both(WRITES_OF_GUESTS, str(shared.link.id))
    return shared


CommentableLink = Annotated[SharedPlaylist, Depends(commentable_link, scope="function")]


async def guest_named(
    shared: SharedPlaylist, guest_id: UUID, request: Request, settings: Settings
) -> Person | None:
    """The guest of this link who has an id, if it is the caller."""
    person = await Records(shared.things.session, Person).find(guest_id)
    if person is None or not is_guest(request, settings, shared.link, person):
        return None
    return person


async def speaking_guest(
    shared: CommentableLink, payload: ByGuest, request: Request, settings: AppSettings
) -> Person:
    """The guest whom a body names; with an `Idempotency-Key`, what they say is said once.

    Raises:
        Forbidden: it is none of this link, or somebody else.
    """
    guest = await guest_named(shared, payload.guest_id, request, settings)
    if guest is None:
        raise Forbidden("guest_id: this is no guest of the link, or not you.")
    if idempotency.HEADER in request.headers:
        session, valkey = shared.things.session, valkey_of(request)
        request.state.once = await idempotency.begin(request, session, valkey, settings, guest.id)
    await tell(shared.things.session, Author(guest.id, "share link"))
    return guest


SpeakingGuest = Annotated[Person, Depends(speaking_guest, scope="function")]


async def shared_task(shared: CommentableLink, guest: SpeakingGuest, payload: GuestComment, uow: Uow) -> Task:
    """The task that a guest comments on, locked.

    Raises:
        Forbidden: it is not part of the playlist.
    """
    task = None
    if await shared.things.has_task(payload.task_id):
        task = await StatusChanges(uow.session).lock_task(payload.task_id)
    if task is None:
        raise Forbidden("This task is not part of the shared playlist.")
    return task


@dataclass(frozen=True)
class GuestsComment:
    """A comment on a task of a shared playlist, both locked, and the guest who wrote it."""

    shared: SharedPlaylist
    guest: Person
    task: Task
    comment: Comment


async def comment_of(shared: SharedPlaylist, guest: Person, comment_id: UUID, uow: Uow) -> GuestsComment:
    """A comment of the playlist that a guest wrote.

    Raises:
        NotFound: the playlist has no such comment that guests may read.
        Forbidden: somebody else wrote it.
    """
    task_id = await shared.things.comment_task(comment_id)
    task = None if task_id is None else await StatusChanges(uow.session).lock_task(task_id)
    comment = None if task is None else await TaskComments(uow.session).find(task.id, comment_id)
    if task is None or comment is None:
        raise NotFound
    if comment.person_id != guest.id:
        raise Forbidden("This comment is somebody else's.")
    return GuestsComment(shared, guest, task, comment)


async def own_shared_comment(
    shared: CommentableLink, guest: SpeakingGuest, comment_id: UUID, uow: Uow
) -> GuestsComment:
    """The comment that a path names, of the guest whom the body names.

    Raises:
        NotFound: the playlist has no such comment that guests may read.
        Forbidden: somebody else wrote it.
    """
    return await comment_of(shared, guest, comment_id, uow)


OwnSharedComment = Annotated[GuestsComment, Depends(own_shared_comment, scope="function")]


async def own_shared_attachment(place: OwnSharedComment, attachment_file_id: UUID) -> AttachmentFile:
    """A file of the comment that a path names.

    Raises:
        NotFound: the comment has no such file.
    """
    found = await Records(place.shared.things.session, AttachmentFile).find(attachment_file_id)
    if found is None or found.comment_id != place.comment.id:
        raise NotFound
    return found


async def shared_attachment(shared: OpenLink, attachment_file_id: UUID) -> AttachmentFile:
    """A file of a comment that guests may read.

    Raises:
        NotFound: there is none.
    """
    found = await shared.things.attachment(attachment_file_id)
    if found is None:
        raise NotFound
    return found


async def shared_preview(shared: OpenLink, preview_file_id: UUID) -> PreviewFile:
    """A preview of the playlist.

    Raises:
        Forbidden: the playlist does not show it, whether there is one or not.
    """
    found = await shared.things.preview(preview_file_id)
    if found is None:
        raise Forbidden
    return found


async def drawable_preview(
    shared: CommentableLink, guest: SpeakingGuest, payload: GuestAnnotations
) -> PreviewFile:
    """The preview that a guest draws on.

    Raises:
        Forbidden: the playlist does not show it, whether there is one or not.
    """
    return await shared_preview(shared, payload.preview_file_id)


async def shared_person(shared: OpenLink, person_id: UUID) -> UUID:
    """Somebody whom guests see in the comments of the playlist.

    Raises:
        NotFound: there is nobody.
    """
    if not await shared.things.shows_person(person_id):
        raise NotFound
    return person_id


SharedTask = Annotated[Task, Depends(shared_task, scope="function")]
OwnSharedAttachment = Annotated[AttachmentFile, Depends(own_shared_attachment, scope="function")]
ReadAttachment = Annotated[AttachmentFile, Depends(shared_attachment, scope="function")]
ShownPreview = Annotated[PreviewFile, Depends(shared_preview, scope="function")]
DrawablePreview = Annotated[PreviewFile, Depends(drawable_preview, scope="function")]
ShownPerson = Annotated[UUID, Depends(shared_person, scope="function")]
