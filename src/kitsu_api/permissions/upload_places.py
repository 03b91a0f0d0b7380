"""Uploads that a path names: they are their owner's alone."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from kitsu_api.db.engine import Session
from kitsu_api.db.models import Upload
from kitsu_api.db.repositories.uploads import Uploads
from kitsu_api.errors import NotFound
from kitsu_api.permissions.actor import Actor
from kitsu_api.permissions.guard import guard


async def open_upload(upload_id: UUID, session: Session) -> Upload:
    """An upload that has not expired.

    Raises:
        NotFound: there is none.
    """
    upload = await Uploads(session).find(upload_id)
    if upload is None:
        raise NotFound("There is no such upload. It may have expired: begin anew.")
    return upload


def owns_upload(actor: Actor, upload: Upload) -> bool:
    """Whether the caller has begun the upload."""
    return upload.owner_id == actor.id


OwnUpload = Annotated[Upload, guard(open_upload, owns_upload)]
