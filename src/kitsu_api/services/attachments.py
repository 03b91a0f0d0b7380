"""Files that people attach to comments."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO
from uuid import UUID

from kitsu_api.db.models import AttachmentFile
from kitsu_api.db.repositories.attachments import delete_attachments, files_of_message
from kitsu_api.db.repositories.records import Records
from kitsu_api.db.repositories.stored_files import forget, forget_known, register
from kitsu_api.services.storage_quota import check_room
from kitsu_api.storage.files import Bucket, FileStorage
from kitsu_api.unit_of_work import UnitOfWork

BUCKET: Bucket = "files"
PREFIX = "attachments"
THUMBNAILS: tuple[Bucket, str] = ("pictures", "thumbnails")
"""Where the small picture of an attached one lies, once it was looked at."""

LONGEST_NAME = 250
LONGEST_EXTENSION = 6


@dataclass(frozen=True)
class Upload:
    """A file that somebody sent."""

    name: str
    file: BinaryIO
    size: int
    kind: str | None = None
    """Media type, where the content told it; by the name otherwise."""


def safe_name(name: str) -> str:
    """The name of a file without its folders and control characters, as long as the column takes."""
    plain = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(letter for letter in plain if letter.isprintable()).strip()
    if len(plain) > LONGEST_NAME:
        suffix = PurePosixPath(plain).suffix[:20]
        plain = plain[: LONGEST_NAME - len(suffix)] + suffix
    return plain or "file"


async def attach(
    uow: UnitOfWork,
    storage: FileStorage,
    comment_id: UUID | None,
    uploads: Sequence[Upload],
    reply_id: UUID | None = None,
    chat_message_id: UUID | None = None,
) -> list[UUID]:
    """Attach files to a comment, to a reply of it, or to a message of a chat; their ids.

    When one of them can't be stored, none stays in storage.

    Raises:
        QuotaExceeded: the author, or the production, has no room for them.
    """
    ids: list[UUID] = []
    for upload in uploads:
        name = safe_name(upload.name)
        row = await Records(uow.session, AttachmentFile).add(
            {
                "name": name,
                "extension": PurePosixPath(name).suffix.removeprefix(".")[:LONGEST_EXTENSION].lower(),
                "mimetype": upload.kind or mimetypes.guess_type(name)[0] or "application/octet-stream",
                "size": upload.size,
                "comment_id": comment_id,
                "reply_id": reply_id,
                "chat_message_id": chat_message_id,
            }
        )
        upload.file.seek(0)
        try:
            await storage.put(BUCKET, PREFIX, row.id, upload.file)
        except Exception:
            for id in ids:
                await storage.delete(BUCKET, PREFIX, id)
            raise
        await register(uow.session, BUCKET, PREFIX, row.id, upload.size)
        ids.append(row.id)
    try:
        await check_room(uow, ids)
    except BaseException:
        for id in ids:
            await storage.delete(BUCKET, PREFIX, id)
        raise
    return ids


async def detach(uow: UnitOfWork, attachment: AttachmentFile) -> None:
    """Take a file away; the purge removes it from storage."""
    await forget(uow.session, BUCKET, PREFIX, [attachment.id])
    await forget_known(uow.session, *THUMBNAILS, [attachment.id])
    await Records(uow.session, AttachmentFile).delete(attachment)


async def detach_all(uow: UnitOfWork, comment_id: UUID, reply_id: UUID | None = None) -> None:
    """Take away the files of a comment, or of one reply to it."""
    where = [AttachmentFile.comment_id == comment_id]
    if reply_id is not None:
        where.append(AttachmentFile.reply_id == reply_id)
    gone = await delete_attachments(uow.session, *where)
    await forget(uow.session, BUCKET, PREFIX, gone)
    await forget_known(uow.session, *THUMBNAILS, gone)


async def attachments_of_message(uow: UnitOfWork, message_id: UUID) -> list[AttachmentFile]:
    """The files of a message of a chat."""
    return await files_of_message(uow.session, message_id)
