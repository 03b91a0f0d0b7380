"""Pictures of people, productions and the studio, and small ones of attached files."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final
from uuid import UUID

from kitsu_api.db.base import Record
from kitsu_api.db.models import AttachmentFile, Organisation, Person, Project
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.stored_files import register
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.events import Event, record_event
from kitsu_api.media.errors import BrokenMedia
from kitsu_api.media.pictures import make_thumbnail
from kitsu_api.permissions.actor import Actor
from kitsu_api.services import attachments
from kitsu_api.services.persons import refuse_protected
from kitsu_api.services.preview_making import ReceivedFile, size_of
from kitsu_api.services.preview_storage import PICTURE_EXTENSIONS, THUMBNAIL, extension_of
from kitsu_api.storage.files import FileStorage, MissingFile
from kitsu_api.storage.temporary import temporary_folder
from kitsu_api.unit_of_work import UnitOfWork

AVATAR: Final = (400, 400)
SMALL: Final = (150, 100)
PNG: Final = "image/png"

Pictured = Person | Project | Organisation
"""What has a picture of its own."""

THINGS: Final[dict[type[Record], str]] = {Person: "person", Project: "project", Organisation: "organisation"}


async def make_avatar(uow: UnitOfWork, received: ReceivedFile) -> Path:
    """A square picture of an upload, beside it.

    Raises:
        BadRequest: it is no picture, damaged, or has more pixels than may be.
    """
    extension = extension_of(received.name)
    if extension not in PICTURE_EXTENSIONS:
        raise BadRequest(f"Wrong file format, extension: {extension[:20]}")
    return await _small(uow, received.path, received.path.with_name("avatar.png"), AVATAR)


async def _small(uow: UnitOfWork, source: Path, target: Path, size: tuple[int, int]) -> Path:
    pixels = uow.settings.max_image_pixels
    try:
        await asyncio.to_thread(make_thumbnail, source, target, size, max_pixels=pixels)
    except BrokenMedia as error:
        raise BadRequest(str(error)) from error
    return target


async def check_protected(uow: UnitOfWork, actor: Actor, person_id: UUID) -> None:
    """Pictures of accounts that the operator protects are changed by their owner alone.

    Raises:
        NotFound: there is no such person.
        Forbidden: it is such an account, and somebody else's.
    """
    person = await Records(uow.session, Person).find(person_id)
    if person is None:
        raise NotFound
    refuse_protected(uow, actor, person)


async def set_picture(
    uow: UnitOfWork, storage: FileStorage, model: type[Pictured], id: UUID, picture: Path
) -> None:
    """Give a person, a production or the studio a picture.

    Raises:
        NotFound: it is gone.
    """
    records: Records[Pictured] = Records(uow.session, model)
    row = await records.find(id)
    if row is None:
        raise NotFound
    await storage.put(*THUMBNAIL, id, picture, PNG)
    await register(uow.session, *THUMBNAIL, id, await size_of(picture))
    await records.change(row, {"has_avatar": True})
    thing, project_id = THINGS[model], id if model is Project else None
    uow.emit(record_event(thing, "update", id, project_id))
    uow.emit(Event(f"{thing}:set-thumbnail", {f"{thing}_id": str(id)}, audience=project_id))


async def attachment_thumbnail(uow: UnitOfWork, storage: FileStorage, attachment: AttachmentFile) -> None:
    """Make sure that an attached picture has its small one: it is made when it is first looked at.

    Raises:
        NotFound: the attachment is no picture, or isn't in storage.
    """
    if (attachment.extension or "").lower() not in PICTURE_EXTENSIONS:
        raise NotFound("The attachment is no picture.")
    try:
        await storage.stat(*THUMBNAIL, attachment.id)
        return
    except MissingFile:
        pass
    with temporary_folder(uow.settings) as folder:
        try:
            place = (attachments.BUCKET, attachments.PREFIX, attachment.id)
            source = await storage.borrow(*place, folder / "attachment")
            small = await _small(uow, source, folder / "small.png", SMALL)
        except (MissingFile, BadRequest) as error:
            raise NotFound("The attachment is no picture that can be read.") from error
        await storage.put(*THUMBNAIL, attachment.id, small, PNG)
        await register(uow.session, *THUMBNAIL, attachment.id, await size_of(small))
