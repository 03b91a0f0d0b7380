"""What was deleted and can be restored."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from kitsu_api.schemas.base import Instant, Schema


class TrashedEntity(Schema):
    """An entity in the trash."""

    id: UUID = Field(description="The id that it has again once it is restored.")
    name: str
    type: str = Field(description="Name of its entity type.")


class TrashRead(Schema):
    """One deletion: it is restored as a whole."""

    id: UUID
    project_id: UUID
    entities: list[TrashedEntity]
    deleted_by: UUID | None = None
    created_at: Instant = Field(description="When they were deleted; UTC.")
    expires_at: Instant = Field(description="Until when they can be restored; UTC.")
