"""Backgrounds of models under review: pictures of surroundings in high dynamic range."""

from __future__ import annotations

import asyncio
from pathlib import Path, PurePosixPath
from typing import Final
from uuid import UUID

from kitsu_api.db.models import PreviewBackgroundFile
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.stored_files import note_removed, register_all
from kitsu_api.errors import BadRequest, NotFound
from kitsu_api.events import record_event
from kitsu_api.media.errors import BrokenMedia
from kitsu_api.media.pictures import make_hdr_thumbnail
from kitsu_api.media.sniffing import sniff
from kitsu_api.services.attachments import safe_name
from kitsu_api.services.preview_making import ReceivedFile, size_of
from kitsu_api.services.preview_storage import FILE_TYPES, THUMBNAIL, Place, extension_of
from kitsu_api.storage.files import FileStorage
from kitsu_api.unit_of_work import UnitOfWork

BACKGROUND: Final[Place] = ("pictures", "preview-backgrounds")
EXTENSIONS: Final = ("hdr", "exr")


def type_of(file: PreviewBackgroundFile) -> str:
    """The media type of a background."""
    return FILE_TYPES.get(file.extension or "", "application/octet-stream")


async def make_thumbnail(uow: UnitOfWork, received: ReceivedFile) -> Path:
    """A small picture of an upload, beside it.

    Raises:
        BadRequest: it is no picture of high dynamic range, damaged, or has more pixels than may be.
    """
    extension = extension_of(received.name)
    target = received.path.with_name("thumbnail.png")
    if extension not in EXTENSIONS:
        raise BadRequest(f"Wrong file format, extension: {extension[:20]}")
    if await asyncio.to_thread(sniff, received.path, extension) != "hdr":
        raise BadRequest("The file is no picture of high dynamic range.")
    pixels = uow.settings.max_image_pixels
    try:
        await asyncio.to_thread(make_hdr_thumbnail, received.path, target, max_pixels=pixels)
    except BrokenMedia as error:
        raise BadRequest(str(error)) from error
    return target


async def refuse(uow: UnitOfWork, storage: FileStorage, id: UUID) -> None:
    """Delete a background whose upload was of no use, with the files that it had; one that productions use
    stays as it is."""
    records = Records(uow.session, PreviewBackgroundFile)
    file = await records.find(id)
    if file is None or not await records.delete_unless_used(file):
        return
    await note_removed(uow.session, id, [BACKGROUND, THUMBNAIL])
    for place in (BACKGROUND, THUMBNAIL):
        await storage.delete(*place, id)


async def publish(
    uow: UnitOfWork, storage: FileStorage, id: UUID, received: ReceivedFile, thumbnail: Path
) -> None:
    """Give a background its file; it takes the place of an earlier one.

    Raises:
        NotFound: the background is gone.
    """
    records = Records(uow.session, PreviewBackgroundFile)
    file = await records.find(id)
    if file is None:
        raise NotFound
    values = {
        "extension": extension_of(received.name),
        "original_name": PurePosixPath(safe_name(received.name)).stem,
        "file_size": received.size,
    }
    await records.change(file, values)
    await storage.put(*BACKGROUND, id, received.path, type_of(file))
    await storage.put(*THUMBNAIL, id, thumbnail, "image/png")
    sizes: dict[tuple[str, str], int] = {BACKGROUND: received.size, THUMBNAIL: await size_of(thumbnail)}
    await register_all(uow.session, id, sizes)
    uow.emit(record_event("preview-background-file", "add-file", id, extension=file.extension))
    uow.emit(record_event("preview-background-file", "update", id))
